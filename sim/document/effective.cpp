#include "sim/document/effective.h"

#include <algorithm>
#include <utility>

namespace plimsoll::document {

void Effective::add(EffectiveValue value) {
  const auto [at, is_new] = index_.emplace(value.path, values_.size());
  if (is_new) {
    values_.push_back(std::move(value));
  } else {
    values_[at->second] = std::move(value);
  }
}

const EffectiveValue* Effective::find(std::string_view path) const {
  const auto at = index_.find(path);
  return at != index_.end() ? &values_[at->second] : nullptr;
}

std::string Effective::text() const {
  constexpr std::size_t kWidest = 56;
  std::size_t width = 0;
  for (const EffectiveValue& value : values_) {
    const std::size_t length = value.path.size() + 2 + value.value.size();
    if (length <= kWidest) width = std::max(width, length);
  }
  std::string out;
  for (const EffectiveValue& value : values_) {
    std::string line = value.path + ": " + value.value;
    if (line.size() < width) line.resize(width, ' ');
    out += line + "  # " + (value.is_default ? "default: " : "") + value.source + "\n";
  }
  return out;
}

}  // namespace plimsoll::document
