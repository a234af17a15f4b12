#include "sim/cluster/names.h"

namespace plimsoll {

Names::Names(const Names& other) : texts_(other.texts_) {
  for (std::size_t i = 0; i < texts_.size(); ++i) index_.emplace(texts_[i], NameId{i});
}

Names& Names::operator=(const Names& other) {
  if (this != &other) {
    Names copy(other);
    *this = std::move(copy);
  }
  return *this;
}

NameId Names::intern(std::string_view text) {
  if (const auto it = index_.find(text); it != index_.end()) return it->second;
  const NameId id{texts_.size()};
  texts_.emplace_back(text);
  index_.emplace(texts_.back(), id);
  return id;
}

NameId Names::find(std::string_view text) const {
  const auto it = index_.find(text);
  return it == index_.end() ? NameId{} : it->second;
}

}  // namespace plimsoll
