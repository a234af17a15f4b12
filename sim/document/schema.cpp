#include "sim/document/schema.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace plimsoll::document {

namespace {

/// The keys of one level, gathered from the flat paths.
struct Level {
  std::string name;
  const SchemaEntry* entry = nullptr;
  std::vector<std::unique_ptr<Level>> children;

  Level& at(const std::string& key) {
    for (const auto& child : children) {
      if (child->name == key) return *child;
    }
    children.push_back(std::make_unique<Level>());
    children.back()->name = key;
    return *children.back();
  }
  const Level* find(std::string_view key) const {
    for (const auto& child : children) {
      if (child->name == key) return child.get();
    }
    return nullptr;
  }
};

/// apps.*.calls[]."a.b" to its steps: apps, *, calls, [], a.b.
std::vector<std::string> steps_of(std::string_view path) {
  std::vector<std::string> steps;
  std::string step;
  bool quoted = false;
  const auto end_step = [&] {
    if (!step.empty()) steps.push_back(std::exchange(step, {}));
  };
  for (std::size_t i = 0; i < path.size(); ++i) {
    const char c = path[i];
    if (quoted && c == '\\' && i + 1 < path.size()) {
      step += path[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && c == '.') {
      end_step();
    } else if (!quoted && path.substr(i, 2) == "[]") {
      end_step();
      steps.emplace_back("[]");
      ++i;
    } else {
      step += c;
    }
  }
  end_step();
  return steps;
}

/// Builds one mapping key by key.
class Object {
 public:
  Object& set(std::string key, Node value) {
    entries_.push_back({std::move(key), {}, std::move(value)});
    return *this;
  }
  Object& set(std::string key, const std::string& text) { return set(std::move(key), Node::string(text)); }
  Object& set(std::string key, const char* text) { return set(std::move(key), Node::string(text)); }
  Node done() { return Node::mapping(std::move(entries_)); }

 private:
  std::vector<Entry> entries_;
};

Node schema_of(const Level& level, bool deferred);

constexpr std::string_view kInherits = "from";

Node texts(const std::vector<std::string>& all) {
  std::vector<Node> items;
  for (const std::string& text : all) items.push_back(Node::string(text));
  return Node::sequence(std::move(items));
}

bool is_named(const Level& level) { return level.name != "*" && level.name != "[]"; }

std::vector<std::string> required_of(const Level& level) {
  std::vector<std::string> out;
  for (const auto& child : level.children) {
    if (is_named(*child) && child->entry != nullptr && child->entry->required) out.push_back(child->name);
  }
  return out;
}

Node no_constraint() { return Object().done(); }

/// What a mapping that inherits nothing must have, it and the mappings in it; nothing when it may be empty. Items of
/// lists do not inherit, so they say it themselves.
std::optional<Node> demands(const Level& level) {
  const std::string kind = level.entry != nullptr ? level.entry->kind : "object";
  if (kind != "object" && kind != "map") return std::nullopt;
  Object inner, properties;
  bool any = false, any_property = false;
  if (const std::vector<std::string> required = required_of(level); !required.empty()) {
    inner.set("required", texts(required));
    any = true;
  }
  const Level* each = level.find("*");
  const std::optional<Node> of_each = each != nullptr ? demands(*each) : std::nullopt;
  for (const auto& child : level.children) {
    if (!is_named(*child)) continue;
    const std::optional<Node> of_child = demands(*child);
    if (!of_child && !of_each) continue;  // with of_each: named ones are exempt from it
    properties.set(child->name, of_child.value_or(no_constraint()));
    any_property = true;
  }
  if (any_property) inner.set("properties", properties.done());
  if (of_each) {
    inner.set("patternProperties", Object().set("^x-", no_constraint()).done());
    inner.set("additionalProperties", *of_each);
  }
  if (!any && !any_property && !of_each) return std::nullopt;
  if (level.find(kInherits) == nullptr) return inner.done();
  return Object()
      .set("if", Object().set("required", texts({std::string(kInherits)})).done())
      .set("else", inner.done())
      .done();
}

/// `deferred`: an outer mapping that may inherit demands the required keys.
void add_properties(const Level& level, Object& out, bool deferred) {
  const bool inherits = level.find(kInherits) != nullptr;
  Object properties;
  bool any = false;
  for (const auto& child : level.children) {
    if (!is_named(*child)) continue;
    properties.set(child->name, schema_of(*child, deferred || inherits));
    any = true;
  }
  const Level* each = level.find("*");
  out.set("type", "object");
  if (any) out.set("properties", properties.done());
  if (inherits && !deferred) {
    if (const std::optional<Node> all = demands(level)) {
      for (const Entry& entry : all->entries()) out.set(entry.key, entry.value);
    }
  } else if (const std::vector<std::string> required = required_of(level); !required.empty() && !deferred) {
    out.set("required", texts(required));
  }
  out.set("patternProperties", Object().set("^x-", Object().done()).done());
  out.set("additionalProperties", each != nullptr ? schema_of(*each, deferred || inherits) : Node::boolean(false));
}

/// A pattern that every spelling of the unit passes; the exact rules stay with the reader.
std::string pattern_of(std::string_view kind) {
  if (kind == "cpu") return R"(^[0-9.]+ ?(m|vCPU|cores?|units)$)";
  if (kind == "bytes") return R"(^[0-9.]+ ?[kKMGTPE]?i?B?$)";
  if (kind == "duration") return R"(^([0-9.]+ ?(us|ms|s|m|h|d) ?)+$)";
  if (kind == "ratio") return R"(^[0-9.]+ ?%$)";
  if (kind == "delay") return R"(^(([0-9.]+ ?(us|ms|s|m|h|d) ?)+|(lognormal|uniform|exponential)\(.*\))$)";
  return R"(^\$?[0-9.]+ ?(USD)?(/.*)?$)";
}

Node number_of(const std::string& text) { return Node::plain(text); }

void add_scalar(const SchemaEntry& entry, Object& out) {
  if (entry.kind == "choice") {
    out.set("enum", texts(entry.choices));
  } else if (entry.kind == "boolean") {
    out.set("type", "boolean");
  } else if (entry.kind == "integer" || entry.kind == "number") {
    out.set("type", entry.kind);
    if (!entry.min.empty()) out.set("minimum", number_of(entry.min));
    if (!entry.max.empty()) out.set("maximum", number_of(entry.max));
  } else if (entry.kind == "text") {
    out.set("type", texts({"string", "number", "boolean"}));
  } else {
    out.set("anyOf", Node::sequence({Object().set("type", "string").set("pattern", pattern_of(entry.kind)).done(),
                                     Object().set("const", Node::integer(0)).done()}));
  }
}

std::string description_of(const SchemaEntry& entry) {
  std::string out = entry.doc;
  const auto add = [&out](const std::string& text) { out += (out.empty() ? "" : "; ") + text; };
  if (!entry.unit.empty()) add(entry.kind == "any" ? entry.unit : "such as " + entry.unit);
  const bool numeric = entry.kind == "integer" || entry.kind == "number";
  if (!numeric && !entry.min.empty()) add("at least " + entry.min);
  if (!numeric && !entry.max.empty()) add("at most " + entry.max);
  if (!entry.source.empty()) add("default from: " + entry.source);
  return out;
}

/// Also null, where a key or an entry that was inherited may be taken away again.
Node or_null(Node schema, bool allowed) {
  if (!allowed) return schema;
  return Object().set("anyOf", Node::sequence({std::move(schema), Object().set("type", "null").done()})).done();
}

Node plain_schema_of(const Level& level, bool deferred) {
  Object out;
  const std::string kind = level.entry != nullptr ? level.entry->kind : "object";
  if (level.entry != nullptr) {
    const std::string description = description_of(*level.entry);
    if (!description.empty()) out.set("description", description);
    if (!level.entry->fallback.empty()) {
      const bool typed = kind == "integer" || kind == "number" || kind == "boolean";
      out.set("default", typed ? Node::plain(level.entry->fallback) : Node::string(level.entry->fallback));
    }
  }
  if (kind == "object" || kind == "map") {
    add_properties(level, out, deferred);
  } else if (kind == "list") {
    const Level* item = level.find("[]");
    Node items = item != nullptr ? schema_of(*item, false) : Object().done();
    const bool of_texts = item != nullptr && item->entry != nullptr && item->entry->kind == "text";
    if (of_texts) {
      out.set("anyOf", Node::sequence({Object().set("type", "array").set("items", items).done(),
                                       Object().set("type", "string").done()}));
    } else {
      out.set("type", "array").set("items", std::move(items));
    }
  } else if (kind == "any") {
    if (!level.children.empty()) {
      Object object;
      add_properties(level, object, false);
      out.set("anyOf", Node::sequence({object.done(),
                                       Object().set("type", texts({"string", "number", "boolean", "array"})).done()}));
    }
  } else {
    add_scalar(*level.entry, out);
  }
  return out.done();
}

Node schema_of(const Level& level, bool deferred) { return or_null(plain_schema_of(level, deferred), deferred); }

}  // namespace

void SchemaSink::add(SchemaEntry entry) {
  const auto [at, is_new] = index_.emplace(entry.path, entries_.size());
  if (is_new) {
    entries_.push_back(std::move(entry));
    return;
  }
  SchemaEntry& known = entries_[at->second];
  for (std::string& choice : entry.choices) {
    if (std::find(known.choices.begin(), known.choices.end(), choice) == known.choices.end()) {
      known.choices.push_back(std::move(choice));
    }
  }
}

Node SchemaSink::json_schema(std::string_view title) const {
  Level root;
  for (const SchemaEntry& entry : entries_) {
    Level* level = &root;
    for (const std::string& step : steps_of(entry.path)) level = &level->at(step);
    level->entry = &entry;
  }
  Object out;
  out.set("$schema", "http://json-schema.org/draft-07/schema#").set("title", std::string(title));
  add_properties(root, out, false);
  return out.done();
}

}  // namespace plimsoll::document
