#include "sim/document/schema.h"

#include <doctest/doctest.h>

#include "sim/document/emit.h"

using namespace plimsoll::document;

namespace {

SchemaEntry entry(const std::string& path, const std::string& kind, bool required = false) {
  SchemaEntry out;
  out.path = path;
  out.kind = kind;
  out.required = required;
  return out;
}

/// The node at a path of keys.
const Node* at(const Node& root, const std::vector<std::string>& path) {
  const Node* node = &root;
  for (const std::string& key : path) {
    node = node == nullptr ? nullptr : node->find(key);
  }
  return node;
}

}  // namespace

TEST_CASE("what inherits need not have what is required, nor do the mappings in it") {
  SchemaSink sink;
  sink.add(entry("from", "text"));
  sink.add(entry("load", "object", true));
  sink.add(entry("load.for", "duration", true));
  sink.add(entry("seed", "integer"));
  sink.add(entry("columns", "map", true));
  sink.add(entry("columns.*", "object"));
  sink.add(entry("columns.*.from", "text"));
  sink.add(entry("columns.*.type", "text", true));
  sink.add(entry("events", "list"));
  sink.add(entry("events[]", "object"));
  sink.add(entry("events[].at", "text", true));
  const Node schema = sink.json_schema("t");
  CHECK(schema.find("required") == nullptr);
  CHECK(at(schema, {"if", "required"})->at(0).text() == "from");
  // Without `from`: both keys, and `for` in the load; a column needs its type unless it takes over another.
  CHECK(at(schema, {"else", "required"})->size() == 2);
  CHECK(at(schema, {"else", "properties", "load", "required"})->at(0).text() == "for");
  const Node* column = at(schema, {"else", "properties", "columns", "additionalProperties"});
  REQUIRE(column != nullptr);
  CHECK(at(*column, {"if", "required"})->at(0).text() == "from");
  CHECK(at(*column, {"else", "required"})->at(0).text() == "type");
  // In place nothing is required, and null takes away.
  const Node* load = at(schema, {"properties", "load", "anyOf"});
  REQUIRE(load != nullptr);
  CHECK(load->at(0).find("required") == nullptr);
  CHECK(load->at(1).find("type")->text() == "null");
  // Items of a list inherit nothing.
  CHECK(at(schema, {"properties", "events", "anyOf"})->at(0).find("items")->find("required")->at(0).text() == "at");
}

TEST_CASE("without `from` the required keys stand in place") {
  SchemaSink sink;
  sink.add(entry("a", "object"));
  sink.add(entry("a.b", "integer", true));
  const Node schema = sink.json_schema("t");
  CHECK(at(schema, {"properties", "a", "required"})->at(0).text() == "b");
  CHECK(at(schema, {"properties", "a", "properties", "b", "type"})->text() == "integer");
  CHECK(schema.find("if") == nullptr);
}
