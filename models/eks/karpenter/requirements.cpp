#include "models/eks/karpenter/requirements.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string>

namespace plimsoll::eks::karpenter {

namespace {

const NameId* lower(const std::vector<NameId>& sorted, NameId value) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), value);
  return at != sorted.end() && *at == value ? &*at : nullptr;
}

bool within(NameId value, const std::optional<std::int64_t>& above, const std::optional<std::int64_t>& below,
            const Names& names) {
  if (!above && !below) return true;
  const std::string_view text = names.text(value);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return false;
  return (!above || number > *above) && (!below || number < *below);
}

template <class T, class Better>
std::optional<T> pick(const std::optional<T>& a, const std::optional<T>& b, Better better) {
  if (!a) return b;
  if (!b) return a;
  return better(*a, *b) ? a : b;
}

/// Intersection has a value, without building it.
bool overlap(const KeyRequirement& a, const KeyRequirement& b, const Names& names) {
  const bool plain = !a.greater_than && !a.less_than && !b.greater_than && !b.less_than;
  if (plain && !(a.complement && b.complement)) {
    const KeyRequirement& listed = a.complement ? b : a;
    const KeyRequirement& other = a.complement ? a : b;
    return std::any_of(listed.values.begin(), listed.values.end(),
                       [&](NameId v) { return (lower(other.values, v) != nullptr) != other.complement; });
  }
  return !intersect(a, b, names).is_empty();
}

}  // namespace

KeyRequirement KeyRequirement::in(NameId key, std::vector<NameId> values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  KeyRequirement r;
  r.key = key;
  r.values = std::move(values);
  return r;
}

KeyRequirement KeyRequirement::exists(NameId key) {
  KeyRequirement r;
  r.key = key;
  r.complement = true;
  return r;
}

KeyRequirement KeyRequirement::of(const Requirement& from) {
  switch (from.op) {
    case SelectorOp::in:
      return in(from.key, from.values);
    case SelectorOp::does_not_exist:
      return does_not_exist(from.key);
    case SelectorOp::not_in: {
      KeyRequirement r = in(from.key, from.values);
      r.complement = true;
      return r;
    }
    case SelectorOp::exists:
      return exists(from.key);
    case SelectorOp::gt: {
      KeyRequirement r = exists(from.key);
      r.greater_than = from.number;
      return r;
    }
    case SelectorOp::lt: {
      KeyRequirement r = exists(from.key);
      r.less_than = from.number;
      return r;
    }
  }
  return exists(from.key);
}

bool KeyRequirement::has(NameId value, const Names& names) const {
  return (lower(values, value) != nullptr) != complement && within(value, greater_than, less_than, names);
}

NameId KeyRequirement::any(Names& names) const {
  if (!complement) {
    const auto first = std::min_element(values.begin(), values.end(),
                                        [&](NameId a, NameId b) { return names.text(a) < names.text(b); });
    return first == values.end() ? NameId{} : *first;
  }
  std::int64_t number = greater_than ? std::max<std::int64_t>(0, *greater_than + 1) : 0;
  if (less_than && *less_than <= 0) number = *less_than - 1;
  while (true) {
    const NameId value = names.intern(std::to_string(number));
    if (less_than && number >= *less_than) return {};
    if (lower(values, value) == nullptr) return value;
    ++number;
  }
}

KeyRequirement intersect(const KeyRequirement& a, const KeyRequirement& b, const Names& names) {
  KeyRequirement out;
  out.key = a.key;
  out.complement = a.complement && b.complement;
  out.greater_than = pick(a.greater_than, b.greater_than, [](std::int64_t x, std::int64_t y) { return x > y; });
  out.less_than = pick(a.less_than, b.less_than, [](std::int64_t x, std::int64_t y) { return x < y; });
  out.min_values = pick(a.min_values, b.min_values, [](std::int64_t x, std::int64_t y) { return x > y; });
  if (out.greater_than && out.less_than && *out.greater_than + 1 >= *out.less_than) {  // no whole number between
    KeyRequirement none = KeyRequirement::does_not_exist(a.key);
    none.min_values = out.min_values;
    return none;
  }
  const auto into = std::back_inserter(out.values);
  if (a.complement && b.complement) {
    std::set_union(a.values.begin(), a.values.end(), b.values.begin(), b.values.end(), into);
  } else if (a.complement) {
    std::set_difference(b.values.begin(), b.values.end(), a.values.begin(), a.values.end(), into);
  } else if (b.complement) {
    std::set_difference(a.values.begin(), a.values.end(), b.values.begin(), b.values.end(), into);
  } else {
    std::set_intersection(a.values.begin(), a.values.end(), b.values.begin(), b.values.end(), into);
  }
  std::erase_if(out.values, [&](NameId v) { return !within(v, out.greater_than, out.less_than, names); });
  if (!out.complement) {
    out.greater_than.reset();
    out.less_than.reset();
  }
  return out;
}

void Requirements::add(const KeyRequirement& r, const Names& names) {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), r.key,
                                   [](const KeyRequirement& e, NameId key) { return e.key < key; });
  if (at != entries_.end() && at->key == r.key) {
    *at = intersect(*at, r, names);
  } else {
    entries_.insert(at, r);
  }
}

void Requirements::add(const Requirements& other, const Names& names) {
  for (const KeyRequirement& r : other.entries_) add(r, names);
}

void Requirements::erase(NameId key) {
  std::erase_if(entries_, [key](const KeyRequirement& r) { return r.key == key; });
}

const KeyRequirement* Requirements::find(NameId key) const {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), key,
                                   [](const KeyRequirement& e, NameId k) { return e.key < k; });
  return at != entries_.end() && at->key == key ? &*at : nullptr;
}

bool Requirements::allows(NameId key, NameId value, const Names& names) const {
  const KeyRequirement* r = find(key);
  return r == nullptr || r->has(value, names);
}

bool Requirements::has_min_values() const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const KeyRequirement& r) { return r.min_values.has_value(); });
}

bool Requirements::intersects(const Requirements& other, const Names& names) const {
  // The labels of a type are many, what is asked of it few.
  const bool larger = entries_.size() >= other.entries_.size();
  const std::vector<KeyRequirement>& few = larger ? other.entries_ : entries_;
  const std::vector<KeyRequirement>& many = larger ? entries_ : other.entries_;
  auto from = many.begin();
  for (const KeyRequirement& r : few) {
    from = std::lower_bound(from, many.end(), r.key, [](const KeyRequirement& e, NameId key) { return e.key < key; });
    if (from == many.end()) return true;
    if (from->key != r.key) continue;
    if (!overlap(r, *from, names) && !(r.allows_absence() && from->allows_absence())) return false;
  }
  return true;
}

bool Requirements::compatible(const Requirements& other, const WellKnownLabels& known, const Names& names) const {
  for (const KeyRequirement& r : other.entries_) {
    if (!has(r.key) && !known.contains(r.key) && !r.allows_absence()) return false;
  }
  return intersects(other, names);
}

}  // namespace plimsoll::eks::karpenter
