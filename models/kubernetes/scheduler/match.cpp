#include "models/kubernetes/scheduler/match.h"

#include <algorithm>
#include <charconv>

namespace plimsoll::kubernetes {

namespace {

/// At most 63 of letters, digits, '-', '_' and '.', beginning and ending with a letter or digit; or empty.
bool is_label_value(std::string_view text) {
  const auto alphanumeric = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  if (text.empty()) return true;
  if (text.size() > 63 || !alphanumeric(text.front()) || !alphanumeric(text.back())) return false;
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

/// Whether the API machinery accepts the requirement of a node selector; one that it does not makes its term match
/// nothing. Source: apimachinery pkg/labels NewRequirement (1.20 .. 1.34).
bool is_valid(const Requirement& r, const Names& names) {
  switch (r.op) {
    case SelectorOp::in:
    case SelectorOp::not_in:
      return !r.values.empty() && std::all_of(r.values.begin(), r.values.end(),
                                              [&](NameId value) { return is_label_value(names.text(value)); });
    case SelectorOp::exists:
    case SelectorOp::does_not_exist:
      return r.values.empty();
    case SelectorOp::gt:
    case SelectorOp::lt:
      return true;  // one number, which the readers have seen to
  }
  return true;
}

}  // namespace

bool tolerates(const Toleration& toleration, const Taint& taint) {
  if (toleration.effect && *toleration.effect != taint.effect) return false;
  if (!toleration.key.is_none() && toleration.key != taint.key) return false;
  return toleration.exists || toleration.value == taint.value;
}

bool tolerated(std::span<const Toleration> tolerations, const Taint& taint) {
  return std::any_of(tolerations.begin(), tolerations.end(), [&](const Toleration& t) { return tolerates(t, taint); });
}

const Taint* first_untolerated(std::span<const Taint> taints, std::span<const Toleration> tolerations) {
  for (const Taint& taint : taints) {
    if (taint.effect != TaintEffect::prefer_no_schedule && !tolerated(tolerations, taint)) return &taint;
  }
  return nullptr;
}

bool matches(const Requirement& requirement, const Labels& labels, const Names& names) {
  const NameId value = labels.find(requirement.key);
  switch (requirement.op) {
    case SelectorOp::in:
      return !value.is_none() &&
             std::find(requirement.values.begin(), requirement.values.end(), value) != requirement.values.end();
    case SelectorOp::not_in:
      return value.is_none() ||
             std::find(requirement.values.begin(), requirement.values.end(), value) == requirement.values.end();
    case SelectorOp::exists:
      return !value.is_none();
    case SelectorOp::does_not_exist:
      return value.is_none();
    case SelectorOp::gt:
    case SelectorOp::lt: {
      if (value.is_none()) return false;
      const std::string_view text = names.text(value);
      std::int64_t number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error != std::errc{} || end != text.data() + text.size()) return false;
      return requirement.op == SelectorOp::gt ? number > requirement.number : number < requirement.number;
    }
  }
  return false;
}

bool matches(const LabelSelector& selector, const Labels& labels, const Names& names) {
  return selector.present && std::all_of(selector.requirements.begin(), selector.requirements.end(),
                                         [&](const Requirement& r) { return matches(r, labels, names); });
}

bool matches(const NodeSelectorTerm& term, const SnapshotNode& node, const Names& names) {
  if (term.expressions.empty() && term.fields.empty()) return false;
  for (const Requirement& r : term.expressions) {
    if (!matches(r, node.labels, names) || !is_valid(r, names)) return false;
  }
  for (const Requirement& r : term.fields) {
    if (r.values.size() != 1 || (r.op != SelectorOp::in && r.op != SelectorOp::not_in)) return false;
    if ((r.values.front() == node.name) != (r.op == SelectorOp::in)) return false;
  }
  return true;
}

bool matches_required(const PodShape& pod, const SnapshotNode& node, const Names& names) {
  for (const auto& [key, value] : pod.node_selector) {
    if (node.labels.find(key) != value) return false;
  }
  return !pod.node_required || std::any_of(pod.node_required->begin(), pod.node_required->end(),
                                           [&](const NodeSelectorTerm& t) { return matches(t, node, names); });
}

bool speaks_of(const PodAffinityTerm& term, const PodShape& owner, NameId namespace_name) {
  if (term.namespaces.empty() && !term.namespace_selector.present) return namespace_name == owner.namespace_name;
  return std::find(term.namespaces.begin(), term.namespaces.end(), namespace_name) != term.namespaces.end();
}

LabelSelector selector_of(const PodAffinityTerm& term, const PodShape& owner) {
  LabelSelector out = term.selector;
  if (!out.present) return out;
  const auto merge = [&](const std::vector<NameId>& keys, SelectorOp op) {
    for (const NameId key : keys) {
      if (const NameId value = owner.labels.find(key); !value.is_none())
        out.requirements.push_back({key, op, {value}, 0});
    }
  };
  merge(term.match_label_keys, SelectorOp::in);
  merge(term.mismatch_label_keys, SelectorOp::not_in);
  return out;
}

bool matches(const PodAffinityTerm& term, const PodShape& owner, const PodShape& other, const Names& names) {
  if (!speaks_of(term, owner, other.namespace_name)) return false;
  if (term.match_label_keys.empty() && term.mismatch_label_keys.empty())
    return matches(term.selector, other.labels, names);
  return matches(selector_of(term, owner), other.labels, names);
}

}  // namespace plimsoll::kubernetes
