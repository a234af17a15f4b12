#include "sim/document/object_list.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace plimsoll::document {

namespace {

std::string_view text_at(const Node& node, std::string_view key) {
  const Node* value = node.find(key);
  return value != nullptr && value->is_string() ? std::string_view(value->text()) : std::string_view();
}

}  // namespace

bool is_object_list(const Node& node) {
  if (text_at(node, "apiVersion").empty() || !text_at(node, "kind").ends_with("List")) return false;
  const Node* items = node.find("items");
  if (items == nullptr || items->is_null()) return text_at(node, "kind") == "List";
  return items->is_sequence() &&
         std::all_of(items->items().begin(), items->items().end(), [](const Node& item) { return item.is_mapping(); });
}

std::vector<Node> listed_objects(const Node& list) {
  std::vector<Node> out;
  const Node* items = list.find("items");
  if (items == nullptr) return out;
  const std::string_view kind = text_at(list, "kind").substr(0, text_at(list, "kind").size() - 4);
  for (const Node& item : items->items()) {
    std::vector<Entry> entries;
    const auto give = [&](std::string_view key, std::string_view value) {
      if (item.find(key) == nullptr && !kind.empty())
        entries.push_back({std::string(key), item.mark(), Node::string(std::string(value), item.mark())});
    };
    give("apiVersion", text_at(list, "apiVersion"));
    give("kind", kind);
    if (entries.empty()) {
      out.push_back(item);
      continue;
    }
    entries.insert(entries.end(), item.entries().begin(), item.entries().end());
    out.push_back(Node::mapping(std::move(entries), item.mark()));
  }
  return without_lists(out);
}

std::vector<Node> without_lists(const std::vector<Node>& documents) {
  std::vector<Node> out;
  for (const Node& document : documents) {
    if (!is_object_list(document)) {
      out.push_back(document);
      continue;
    }
    for (Node& object : listed_objects(document)) out.push_back(std::move(object));
  }
  return out;
}

}  // namespace plimsoll::document
