#include "models/kubernetes/api/yaml_booleans.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace plimsoll::kubernetes::api {

namespace {

using document::Entry;
using document::Node;

std::optional<bool> boolean_word(const Node& node) {
  constexpr std::array<std::string_view, 8> kTrue = {"y", "Y", "yes", "Yes", "YES", "on", "On", "ON"};
  constexpr std::array<std::string_view, 8> kFalse = {"n", "N", "no", "No", "NO", "off", "Off", "OFF"};
  if (!node.is_string() || node.style() != document::Style::plain) return std::nullopt;
  if (std::find(kTrue.begin(), kTrue.end(), node.text()) != kTrue.end()) return true;
  if (std::find(kFalse.begin(), kFalse.end(), node.text()) != kFalse.end()) return false;
  return std::nullopt;
}

bool has_boolean_word(const Node& node) {
  const auto& items = node.items();
  const auto& entries = node.entries();
  return boolean_word(node).has_value() || std::any_of(items.begin(), items.end(), has_boolean_word) ||
         std::any_of(entries.begin(), entries.end(), [](const Entry& e) { return has_boolean_word(e.value); });
}

}  // namespace

Node with_yaml_booleans(const Node& node) {
  if (const auto word = boolean_word(node)) return Node::boolean(*word, node.mark());
  if (!has_boolean_word(node)) return node;
  if (node.is_sequence()) {
    std::vector<Node> items;
    for (const Node& item : node.items()) items.push_back(with_yaml_booleans(item));
    return Node::sequence(std::move(items), node.mark());
  }
  std::vector<Entry> entries;
  for (const Entry& e : node.entries()) entries.push_back({e.key, e.key_mark, with_yaml_booleans(e.value)});
  return Node::mapping(std::move(entries), node.mark());
}

std::vector<Node> with_yaml_booleans(const std::vector<Node>& documents) {
  std::vector<Node> out;
  for (const Node& document : documents) out.push_back(with_yaml_booleans(document));
  return out;
}

}  // namespace plimsoll::kubernetes::api
