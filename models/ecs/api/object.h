#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/document/object_reader.h"

namespace plimsoll::ecs::api {

/// Reads one JSON object of an AWS API with the strictness of the AWS command line: an unknown parameter is an error.
class Object final : public document::ObjectReader {
 public:
  /// `node` must be a mapping, else one error is reported and the object reads as empty.
  Object(const document::Node& node, document::Diagnostics& diagnostics, std::string path);
  ~Object();

  /// Warns once when the key has a value other than null, false, "" and empty collections.
  void not_modelled(std::string_view key, std::string_view what);
  void missing(std::string_view key, std::string_view what);
  /// Reports unknown keys; the destructor does it too.
  void finish();

 private:
  void wrong_type(std::string_view key, const document::Node& value, Wanted wanted) override;
  void out_of_range(std::string_view key, std::int64_t value, std::int64_t minimum, std::int64_t maximum) override;
  void no_such_choice(std::string_view key, const std::string& value,
                      const std::vector<std::string_view>& names) override;

  bool open_ = true;
};

}  // namespace plimsoll::ecs::api
