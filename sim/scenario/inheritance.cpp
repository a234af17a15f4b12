#include "sim/scenario/inheritance.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "sim/core/text.h"
#include "sim/document/files.h"
#include "sim/document/loader.h"
#include "sim/document/overrides.h"

namespace plimsoll::scenario {

namespace {

using document::Diagnostics;
using document::Entry;
using document::Mark;
using document::Node;

constexpr std::array<std::string_view, 2> kWhole = {"capacity", "place"};
constexpr std::size_t kMostAncestors = 16;

Node without(const Node& mapping, const std::vector<std::string_view>& keys) {
  std::vector<Entry> entries;
  for (const Entry& e : mapping.entries()) {
    if (std::find(keys.begin(), keys.end(), e.key) == keys.end()) entries.push_back(e);
  }
  return Node::mapping(std::move(entries), mapping.mark());
}

Node with(const Node& mapping, std::string_view key, const Node& value) {
  std::vector<Entry> entries = mapping.entries();
  for (Entry& e : entries) {
    if (e.key == key) e.value = value;
  }
  return Node::mapping(std::move(entries), mapping.mark());
}

Node load_file(const std::string& path, const std::vector<std::string_view>& load_kinds,
               std::vector<std::string>& ancestors, Diagnostics& diagnostics) {
  const Node root = document::load_single(path, diagnostics);
  if (root.is_null()) return root;
  if (!root.is_mapping()) {
    diagnostics.error(root, "a scenario must be a mapping, not " + std::string(document::kind_name(root.kind())));
    return {};
  }
  const Node* from = root.find("from");
  if (from == nullptr || from->is_null()) return root;
  ancestors.push_back(std::filesystem::path(path).lexically_normal().string());
  const std::vector<std::string> found = document::find_files(*from, diagnostics, "from");
  if (found.empty()) return {};
  if (found.size() > 1) {
    diagnostics.error(*from, "a scenario inherits one file, " + std::to_string(found.size()) + " match", {}, "from");
    return {};
  }
  const std::string base_path = std::filesystem::path(found[0]).lexically_normal().string();
  if (std::find(ancestors.begin(), ancestors.end(), base_path) != ancestors.end() ||
      ancestors.size() > kMostAncestors) {
    diagnostics.error(*from, "'" + base_path + "' inherits itself", "remove one of the `from` lines", "from");
    return {};
  }
  Node base = load_file(base_path, load_kinds, ancestors, diagnostics);
  if (base.is_null()) return {};
  const Node overlay = without(root, {"from"});
  const Node* load = overlay.find("load");
  const Node* base_load = base.find("load");
  if (load != nullptr && base_load != nullptr && load->is_mapping() && base_load->is_mapping()) {
    for (const std::string_view kind : load_kinds) {
      if (load->find(kind) == nullptr) continue;
      base = with(base, "load", without(*base_load, load_kinds));
      break;
    }
  }
  return document::merge(base, overlay, kWhole);
}

/// Columns in the order written, each resolved once.
class Columns {
 public:
  Columns(const Node& platforms, Diagnostics& diagnostics) : platforms_(platforms), diagnostics_(diagnostics) {}

  Node run() {
    std::vector<Entry> out;
    for (const Entry& e : platforms_.entries()) {
      std::vector<std::string> way;
      out.push_back({e.key, e.key_mark, resolve(e, way)});
    }
    return Node::mapping(std::move(out), platforms_.mark());
  }

 private:
  Node resolve(const Entry& column, std::vector<std::string>& way) {
    const Node* from = column.value.find("from");
    if (from == nullptr) return column.value;
    const Node own = without(column.value, {"from"});
    const std::string at = document::join_path(document::join_path("platforms", column.key), "from");
    if (!from->is_scalar()) {
      diagnostics_.error(*from, "must be the name of another platform", {}, at);
      return orphan(own);
    }
    way.push_back(column.key);
    const Entry* base = platforms_.find_entry(from->text());
    if (base == nullptr) {
      std::vector<std::string_view> names;
      for (const Entry& e : platforms_.entries()) {
        if (e.key != column.key) names.push_back(e.key);
      }
      const std::string near = nearest(from->text(), names);
      std::string known = names.empty() ? "there is no other platform" : "the others are ";
      for (std::size_t i = 0; i < names.size(); ++i) known += (i > 0 ? ", " : "") + std::string(names[i]);
      diagnostics_.error(*from, "no platform '" + from->text() + "'",
                         near.empty() ? known : "did you mean '" + near + "'?", at);
      return orphan(own);
    }
    if (std::find(way.begin(), way.end(), base->key) != way.end()) {
      diagnostics_.error(*from, "platform '" + base->key + "' inherits itself", {}, at);
      return orphan(own);
    }
    return document::merge(resolve(*base, way), own, kWhole);
  }

  /// A column whose `from` failed: without a type of its own it says nothing more that could be checked.
  static Node orphan(const Node& own) { return own.find("type") != nullptr ? own : Node::null(own.mark()); }

  const Node& platforms_;
  Diagnostics& diagnostics_;
};

}  // namespace

Node load_tree(const std::string& path, const std::vector<std::string_view>& load_kinds, Diagnostics& diagnostics) {
  std::vector<std::string> ancestors;
  return load_file(path, load_kinds, ancestors, diagnostics);
}

Node resolve_columns(const Node& root, Diagnostics& diagnostics) {
  const Node* platforms = root.find("platforms");
  if (platforms == nullptr || !platforms->is_mapping()) return root;
  return with(root, "platforms", Columns(*platforms, diagnostics).run());
}

}  // namespace plimsoll::scenario
