// Every shipped scenario against the JSON Schema that the program prints, read as an editor reads it.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>
#include <vector>

#include "sim/cli/verbs.h"
#include "sim/document/emit.h"
#include "sim/document/loader.h"
#include "sim/scenario/scenario.h"
#include "tests/source_dir.h"

using namespace plimsoll;
using Json = nlohmann::ordered_json;

namespace {

bool is_of(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  return value.is_null();
}

/// The part of draft 7 that the program uses.
void check(const Json& schema, const Json& value, const std::string& where, std::vector<std::string>& faults) {
  const auto holds = [&](const Json& other) {
    std::vector<std::string> found;
    check(other, value, where, found);
    return found.empty();
  };
  if (schema.contains("type")) {
    const Json& types = schema["type"];
    const bool fits = types.is_string() ? is_of(value, types.get<std::string>())
                                        : std::any_of(types.begin(), types.end(), [&](const Json& type) {
                                            return is_of(value, type.get<std::string>());
                                          });
    if (!fits) return faults.push_back(where + ": not " + types.dump());
  }
  if (schema.contains("if")) {
    const char* branch = holds(schema["if"]) ? "then" : "else";
    if (schema.contains(branch)) check(schema[branch], value, where, faults);
  }
  if (schema.contains("anyOf") && std::none_of(schema["anyOf"].begin(), schema["anyOf"].end(), holds))
    faults.push_back(where + ": none of the forms");
  if (schema.contains("const") && schema["const"] != value) faults.push_back(where + ": not the constant");
  if (schema.contains("enum") && std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
    faults.push_back(where + ": not in " + schema["enum"].dump());
  if (value.is_number()) {
    if (schema.contains("minimum") && value < schema["minimum"]) faults.push_back(where + ": too small");
    if (schema.contains("maximum") && value > schema["maximum"]) faults.push_back(where + ": too large");
  }
  if (value.is_string() && schema.contains("pattern") &&
      !std::regex_search(value.get<std::string>(), std::regex(schema["pattern"].get<std::string>())))
    faults.push_back(where + ": does not match " + schema["pattern"].dump());
  if (value.is_array() && schema.contains("items")) {
    for (std::size_t i = 0; i < value.size(); ++i)
      check(schema["items"], value[i], where + "[" + std::to_string(i) + "]", faults);
  }
  if (!value.is_object()) return;
  if (schema.contains("required")) {
    for (const Json& key : schema["required"]) {
      if (!value.contains(key.get<std::string>())) faults.push_back(where + ": no " + key.get<std::string>());
    }
  }
  for (const auto& [key, item] : value.items()) {
    const std::string at = where + "." + key;
    if (schema.contains("properties") && schema["properties"].contains(key)) {
      check(schema["properties"][key], item, at, faults);
    } else if (!key.starts_with("x-") && schema.contains("additionalProperties")) {
      const Json& rest = schema["additionalProperties"];
      if (rest.is_boolean() && !rest.get<bool>()) faults.push_back(where + ": unknown " + key);
      if (rest.is_object()) check(rest, item, at, faults);
    }
  }
}

Json as_json(const document::Node& node) { return Json::parse(document::to_json(node)); }

std::vector<std::string> faults_of(const Json& schema, const Json& value) {
  std::vector<std::string> out;
  check(schema, value, "", out);
  return out;
}

}  // namespace

TEST_CASE("the schema accepts every shipped scenario") {
  const Json schema = Json::parse(scenario::scenario_schema(cli::make_registry()));
  int checked = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(PLIMSOLL_SOURCE_DIR "/scenarios")) {
    if (entry.path().extension() != ".yaml") continue;
    document::Diagnostics faults;
    const std::vector<document::Node> documents = document::load_file(entry.path().string(), faults);
    if (documents.size() != 1 || !documents[0].is_mapping()) continue;
    const document::Node* version = documents[0].find("apiVersion");
    const bool other = documents[0].find("vary") != nullptr || documents[0].find("curves") != nullptr;
    if (version == nullptr || version->text() != "plimsoll/v1" || other) continue;
    CAPTURE(entry.path().string());
    CHECK(faults_of(schema, as_json(documents[0])) == std::vector<std::string>{});
    ++checked;
  }
  CHECK(checked > 10);
}

TEST_CASE("the schema refuses what the reader refuses, with and without inheritance") {
  const Json schema = Json::parse(scenario::scenario_schema(cli::make_registry()));
  document::Diagnostics faults;
  const auto parsed = [&](const std::string& text) {
    return as_json(document::load_text(text, "t.yaml", faults).at(0));
  };
  const std::string whole =
      "apiVersion: plimsoll/v1\nload: {constant: 1/s, for: 1h}\napps: {web: {size: 1/1Gi, work: 5ms}}\n"
      "platforms: {f: {type: ecs, capacity: fargate}, g: {from: f}}\n";
  CHECK(faults_of(schema, parsed(whole)) == std::vector<std::string>{});
  CHECK(faults_of(schema, parsed("from: base.yaml\nplatforms: {f: null}\nload: {scale: 2}\n")).empty());
  for (const char* text :
       {"apiVersion: plimsoll/v1\nload: {constant: 1/s, for: 1h}\nplatforms: {f: {type: ecs}}\n",  // no apps
        "apiVersion: plimsoll/v1\nload: {constant: 1/s}\napps: {web: {work: 5ms}}\nplatforms: {f: {type: ecs}}\n",
        "apiVersion: plimsoll/v1\nload: {constant: 1/s, for: 1h}\napps: {web: {work: 5ms}}\nplatforms: {f: {}}\n",
        "from: base.yaml\nplatfroms: {f: null}\n", "from: base.yaml\nevents: [{upgrade: nodes}]\n",
        "from: base.yaml\nload: {for: soon}\n"}) {
    CAPTURE(text);
    CHECK_FALSE(faults_of(schema, parsed(text)).empty());
  }
  CHECK_FALSE(faults.has_errors());
}
