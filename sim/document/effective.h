#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/document/node.h"

namespace plimsoll::document {

/// One value that a run uses, and where it comes from.
struct EffectiveValue {
  std::string path;
  std::string value;   ///< text as a scenario would write it; "unset" for an optional key that is absent
  std::string source;  ///< "file:line", "--set ...", or the source of the default
  bool is_default = false;
};

/// Every value that was read, for --print-effective; in order of first reading, the last reading counts.
class Effective {
 public:
  void add(EffectiveValue value);
  const std::vector<EffectiveValue>& values() const { return values_; }
  /// nullptr when the path was not read.
  const EffectiveValue* find(std::string_view path) const;
  /// One line each: "path: value  # source", columns aligned.
  std::string text() const;

 private:
  std::vector<EffectiveValue> values_;
  std::map<std::string, std::size_t, std::less<>> index_;
};

}  // namespace plimsoll::document
