#pragma once

#include <memory>
#include <utility>

#include "models/aws/catalogue.h"
#include "models/aws/price_book.h"
#include "sim/cluster/image_pulls.h"

namespace plimsoll::aws {

/// Networks by the catalogue: baseline and burst bandwidth of an instance type.
/// SOURCE: EC2 DescribeInstanceTypes (NetworkInfo), Karpenter's bandwidth table (models/aws/data/SOURCES.md).
class InstanceNetworks : public NetworkRates {
 public:
  explicit InstanceNetworks(std::shared_ptr<const Catalogue> catalogue) : catalogue_(std::move(catalogue)) {}
  NetworkRate of(std::string_view instance_type) const override;

 private:
  std::shared_ptr<const Catalogue> catalogue_;
};

std::shared_ptr<const NetworkRates> networks_of(const std::shared_ptr<const PriceBook>& prices);

}  // namespace plimsoll::aws
