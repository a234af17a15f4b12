// The part of Fields that is about the mapping itself: what it holds, what is unknown in it, where it stands.
#include <algorithm>

#include "sim/core/text.h"
#include "sim/document/fields_internal.h"

namespace plimsoll::document {

std::string shown(const Node& node) {
  return node.is_scalar() ? "'" + node.text() + "'" : std::string(kind_name(node.kind()));
}

void record_value(const Reader& reader, std::string path, const Node& node) {
  if (reader.effective == nullptr) return;
  const Mark& mark = node.mark();
  std::string source = mark.path();
  if (mark.line > 0) source += ":" + std::to_string(mark.line);
  reader.effective->add({std::move(path), node.text(), std::move(source), false});
}

void record_default(const Reader& reader, std::string path, std::string value, std::string_view source) {
  if (reader.effective != nullptr)
    reader.effective->add({std::move(path), std::move(value), std::string(source), true});
}

Fields Fields::nested(const Node* node, std::string_view key, bool muted) const {
  Fields fields(node != nullptr ? *node : Node::null(node_.mark()), reader_, path_of(key));
  fields.muted_ = fields.muted_ || muted;
  return fields;
}

Fields Fields::child(std::string_view key, std::string_view doc) {
  describe_plain(key, "object", doc, false);
  return nested(declare(key), key, muted_);
}

std::optional<Fields> Fields::optional_child(std::string_view key, std::string_view doc) {
  describe_plain(key, "object", doc, false);
  const Node* node = declare(key);
  if (node == nullptr && !describing()) return std::nullopt;
  return nested(node, key, muted_);
}

Fields Fields::required_child(std::string_view key, std::string_view doc) {
  describe_plain(key, "object", doc, true);
  const Node* node = declare(key);
  if (node == nullptr) missing(key, "a mapping");
  return nested(node, key, muted_ || node == nullptr);
}

std::vector<Item> Fields::list(std::string_view key, std::string_view doc) {
  describe_plain(key, "list", doc, false);
  const Node* node = declare(key);
  const std::string path = path_of(key);
  std::vector<Item> items;
  if (describing()) items.push_back({"", Node::null(node_.mark()), path + "[]", node_.mark()});
  if (node == nullptr) return items;
  if (!node->is_sequence()) {
    reader_.diagnostics->error(*node, "must be a list, not " + shown(*node),
                               "write [a, b], or one item a line after '- '", path);
    return items;
  }
  if (node->size() == 0 && reader_.effective != nullptr) record(key, "[]");
  for (std::size_t i = 0; i < node->size(); ++i) {
    items.push_back({"", node->at(i), join_path(path, i), node->at(i).mark()});
  }
  return items;
}

std::vector<Item> Fields::required_list(std::string_view key, std::string_view doc) {
  describe_plain(key, "list", doc, true);
  if (!has(key)) missing(key, "a list");
  return list(key, doc);
}

std::vector<Item> Fields::map(std::string_view key, std::string_view doc) {
  describe_plain(key, "map", doc, false);
  const Node* node = declare(key);
  const std::string path = path_of(key);
  std::vector<Item> items;
  if (describing()) items.push_back({"*", Node::null(node_.mark()), path + ".*", node_.mark()});
  if (node == nullptr) return items;
  if (!node->is_mapping()) {
    reader_.diagnostics->error(*node, "must be a mapping, not " + shown(*node), {}, path);
    return items;
  }
  for (const Entry& entry : node->entries()) {
    if (entry.key.starts_with("x-")) continue;
    items.push_back({entry.key, entry.value, join_path(path, entry.key), entry.key_mark});
  }
  return items;
}

std::vector<Item> Fields::required_map(std::string_view key, std::string_view doc) {
  describe_plain(key, "map", doc, true);
  if (!has(key)) missing(key, "a mapping");
  return map(key, doc);
}

std::vector<std::string> Fields::texts(std::string_view key, std::string_view doc) {
  if (describing()) {
    describe_plain(key, "list", doc, false);
    SchemaEntry item;
    item.path = path_of(key) + "[]";
    item.kind = "text";
    reader_.schema->add(std::move(item));
  }
  const Node* node = declare(key);
  std::vector<std::string> out;
  if (node == nullptr) return out;
  if (node->is_scalar()) {
    record_value(reader_, path_of(key), *node);
    out.push_back(node->text());
    return out;
  }
  for (const Item& item : list(key, doc)) {
    if (std::optional<std::string> text = read_value<std::string>(item.node, reader_, item.path)) {
      out.push_back(*std::move(text));
    }
  }
  return out;
}

std::optional<Node> Fields::any(std::string_view key, std::string_view forms, std::string_view doc) {
  if (describing()) {
    SchemaEntry entry;
    entry.path = path_of(key);
    entry.kind = "any";
    entry.unit = forms;
    entry.doc = doc;
    reader_.schema->add(std::move(entry));
  }
  const Node* node = declare(key);
  if (node == nullptr) return std::nullopt;
  if (node->is_scalar()) record_value(reader_, path_of(key), *node);
  return *node;
}

bool Fields::has(std::string_view key) const {
  const Node* value = node_.find(key);
  return value != nullptr && !value->is_null();
}

void Fields::ignore(std::string_view key) { known_.emplace_back(key); }

void Fields::allow_unknown() { open_ = false; }

void Fields::finish() {
  if (!open_) return;
  open_ = false;
  std::vector<std::string_view> names(known_.begin(), known_.end());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  for (const Entry& entry : node_.entries()) {
    if (entry.key.starts_with("x-") || std::binary_search(names.begin(), names.end(), entry.key)) continue;
    const std::string near = nearest(entry.key, names);
    std::string hint;
    if (!near.empty()) {
      hint = "did you mean '" + near + "'?";
    } else if (!names.empty()) {
      hint = "valid keys:";
      for (std::size_t i = 0; i < names.size(); ++i) hint += (i == 0 ? " " : ", ") + std::string(names[i]);
    }
    reader_.diagnostics->error(entry.key_mark, "unknown key '" + entry.key + "'", std::move(hint), path_of(entry.key));
  }
}

Mark Fields::mark_of(std::string_view key) const {
  const Node* value = node_.find(key);
  return value != nullptr ? value->mark() : node_.mark();
}

void Fields::error(std::string_view key, std::string message, std::string hint) {
  reader_.diagnostics->error(mark_of(key), std::move(message), std::move(hint), key.empty() ? path_ : path_of(key));
}

void Fields::warning(std::string_view key, std::string message, std::string hint) {
  reader_.diagnostics->warning(mark_of(key), std::move(message), std::move(hint), key.empty() ? path_ : path_of(key));
}

void Fields::record(std::string_view key, std::string value, std::string source_of_default) {
  if (reader_.effective == nullptr) return;
  const bool is_default = !source_of_default.empty();
  std::string source = std::move(source_of_default);
  if (!is_default) {
    const Mark mark = mark_of(key);
    source = mark.path();
    if (mark.line > 0) source += ":" + std::to_string(mark.line);
  }
  reader_.effective->add({path_of(key), std::move(value), std::move(source), is_default});
}

}  // namespace plimsoll::document
