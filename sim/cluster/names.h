#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sim/core/id.h"

namespace plimsoll {

/// Strings seen by one world, each stored once. Ids are given in order of first sight, so they depend on the input
/// only. Copyable; texts stay valid as long as the table they came from.
class Names {
 public:
  NameId intern(std::string_view text);
  /// None when the text was never interned.
  NameId find(std::string_view text) const;
  std::string_view text(NameId id) const { return texts_[id.index()]; }
  std::size_t size() const { return texts_.size(); }

  Names() = default;
  Names(const Names& other);
  Names& operator=(const Names& other);
  Names(Names&&) = default;
  Names& operator=(Names&&) = default;

 private:
  std::deque<std::string> texts_;
  std::unordered_map<std::string_view, NameId> index_;  // looked up, never iterated
};

}  // namespace plimsoll
