#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "models/eks/karpenter/well_known_labels.h"
#include "sim/cluster/constraints.h"
#include "sim/cluster/names.h"

namespace plimsoll::eks::karpenter {

/// The values that a label may have: those listed, or all but those listed, within open integer bounds.
/// SOURCE: kubernetes-sigs/karpenter v0.36.2 and v1.14.1 pkg/scheduling/requirement.go.
struct KeyRequirement {
  NameId key;
  bool complement = false;     ///< true: every value that is not listed
  std::vector<NameId> values;  ///< sorted, distinct
  std::optional<std::int64_t> greater_than, less_than;
  std::optional<std::int64_t> min_values;  ///< distinct values that must stay on offer

  static KeyRequirement in(NameId key, std::vector<NameId> values);
  static KeyRequirement in(NameId key, NameId value) { return in(key, std::vector{value}); }
  static KeyRequirement exists(NameId key);
  static KeyRequirement does_not_exist(NameId key) { return in(key, std::vector<NameId>{}); }
  static KeyRequirement of(const Requirement& r);

  bool has(NameId value, const Names& names) const;
  /// No value at all is left.
  bool is_empty() const { return !complement && values.empty(); }
  /// Operators NotIn and DoesNotExist: satisfied by a label that is absent.
  bool allows_absence() const { return complement ? !values.empty() && !greater_than && !less_than : values.empty(); }
  /// Exactly one value.
  bool is_single() const { return !complement && values.size() == 1; }
  /// A value that it allows: the first by text of those listed, else the least whole number that fits (Karpenter draws
  /// one). None when there is no value. SOURCE: requirement.go (Any).
  NameId any(Names& names) const;
  friend bool operator==(const KeyRequirement&, const KeyRequirement&) = default;
};

/// What both allow. Exists and NotIn together are NotIn, which an absent label meets, as in Karpenter.
KeyRequirement intersect(const KeyRequirement& a, const KeyRequirement& b, const Names& names);

/// A conjunction, one entry a key.
class Requirements {
 public:
  Requirements() = default;
  /// Intersects with what is there.
  void add(const KeyRequirement& r, const Names& names);
  void add(const Requirements& other, const Names& names);
  void erase(NameId key);
  /// Null when the key is not restricted.
  const KeyRequirement* find(NameId key) const;
  bool has(NameId key) const { return find(key) != nullptr; }
  /// Whether the value is allowed for the key.
  bool allows(NameId key, NameId value, const Names& names) const;
  std::span<const KeyRequirement> entries() const { return entries_; }
  bool has_min_values() const;

  /// Every key of both has a value in common (absence counts when both sides allow it).
  bool intersects(const Requirements& other, const Names& names) const;
  /// intersects, and a key that only `other` restricts is well known or may be absent.
  bool compatible(const Requirements& other, const WellKnownLabels& known, const Names& names) const;
  friend bool operator==(const Requirements&, const Requirements&) = default;

 private:
  std::vector<KeyRequirement> entries_;  // sorted by key
};

}  // namespace plimsoll::eks::karpenter
