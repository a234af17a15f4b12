#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "models/aws/as_of.h"
#include "models/aws/catalogue.h"
#include "sim/document/fields.h"
#include "sim/policy/platform.h"

namespace plimsoll::aws {

/// Prices of one column's region and date, with a note of every weak row that was used.
class PriceBook {
 public:
  /// Reports an unknown region, date or catalogue to the fields. Null then.
  static std::shared_ptr<PriceBook> open(document::Fields& fields, const Setting& setting);

  const Catalogue& catalogue() const { return *catalogue_; }
  const AsOf& as_of() const { return as_of_; }
  const std::string& region() const { return region_; }

  /// The price of a service item there, the user's own before the list's; an absent one is an error with a way out.
  Rate service(document::Fields& fields, std::string_view service, std::string_view item);
  /// On-demand and spot price of an instance type; spot falls back to on-demand when the type has no spot market there.
  /// An absent on-demand price is an error.
  Rate on_demand(document::Fields& fields, std::string_view key, const InstanceType& type);
  Rate spot(const InstanceType& type) const;
  /// The type, or null after an error that names the nearest.
  const InstanceType* type(document::Fields& fields, std::string_view key, std::string_view name) const;

  const std::vector<std::string>& weak_rows() const { return weak_; }

 private:
  std::shared_ptr<const Catalogue> owned_;
  const Catalogue* catalogue_ = nullptr;
  AsOf as_of_;
  std::string region_;
  std::vector<std::string> weak_;
};

}  // namespace plimsoll::aws
