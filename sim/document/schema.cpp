#include "sim/document/schema.h"

#include <algorithm>
#include <cstdint>
#include <memory>
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

Node schema_of(const Level& level);

Node texts(const std::vector<std::string>& all) {
  std::vector<Node> items;
  for (const std::string& text : all) items.push_back(Node::string(text));
  return Node::sequence(std::move(items));
}

void add_properties(const Level& level, Object& out) {
  std::vector<std::string> required;
  Object properties;
  bool any = false;
  for (const auto& child : level.children) {
    if (child->name == "*" || child->name == "[]") continue;
    properties.set(child->name, schema_of(*child));
    any = true;
    if (child->entry != nullptr && child->entry->required) required.push_back(child->name);
  }
  const Level* each = level.find("*");
  out.set("type", "object");
  if (any) out.set("properties", properties.done());
  if (!required.empty()) out.set("required", texts(required));
  out.set("patternProperties", Object().set("^x-", Object().done()).done());
  out.set("additionalProperties", each != nullptr ? schema_of(*each) : Node::boolean(false));
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

Node schema_of(const Level& level) {
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
    add_properties(level, out);
  } else if (kind == "list") {
    const Level* item = level.find("[]");
    Node items = item != nullptr ? schema_of(*item) : Object().done();
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
      add_properties(level, object);
      out.set("anyOf", Node::sequence({object.done(),
                                       Object().set("type", texts({"string", "number", "boolean", "array"})).done()}));
    }
  } else {
    add_scalar(*level.entry, out);
  }
  return out.done();
}

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
  add_properties(root, out);
  return out.done();
}

}  // namespace plimsoll::document
