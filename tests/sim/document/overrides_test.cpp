#include "sim/document/overrides.h"

#include <doctest/doctest.h>

#include <array>
#include <string>

#include "sim/document/emit.h"
#include "sim/document/loader.h"

using namespace plimsoll::document;

namespace {

Node load_one(std::string_view text) {
  Diagnostics diagnostics;
  const auto documents = load_text(text, "s.yaml", diagnostics);
  REQUIRE_FALSE(diagnostics.has_errors());
  return documents.at(0);
}

const char* const kScenario =
    "load: {scale: 2, start: 47d}\n"
    "each: {scale: {cpu: 60%, min: 2}}\n"
    "apps:\n"
    "  ui: {size: 500m/2Gi, work: 6ms, grace: 60s}\n"
    "  carts: {work: 1.5ms}\n"
    "  x-note: {work: 1ms}\n"
    "place: [spread, binpack]\n"
    "expect: {ui.latency.p99: a}\n";

Node set(std::string_view assignment) {
  Diagnostics diagnostics;
  const Node changed = set_path(load_one(kScenario), assignment, diagnostics);
  INFO(diagnostics.text());
  REQUIRE_FALSE(diagnostics.has_errors());
  return changed;
}

std::string value_at(const Node& root, std::string_view path) {
  const auto places = find_path(root, path);
  return places.size() == 1 ? places[0].second.text() : "(" + std::to_string(places.size()) + " places)";
}

std::string fault(std::string_view assignment) {
  Diagnostics diagnostics;
  const Node root = load_one(kScenario);
  CHECK(same_value(set_path(root, assignment, diagnostics), root));
  CHECK(diagnostics.error_count() == 1);
  return diagnostics.text();
}

}  // namespace

TEST_CASE("a value is replaced, its origin is the command line, and the old tree stays") {
  const Node root = load_one(kScenario);
  Diagnostics diagnostics;
  const Node changed = set_path(root, "load.scale=5", diagnostics);
  CHECK(value_at(changed, "load.scale") == "5");
  CHECK(find_path(changed, "load.scale")[0].second.kind() == Kind::integer);
  CHECK(to_string(find_path(changed, "load.scale")[0].second.mark()) == "--set load.scale=5");
  CHECK(value_at(changed, "load.start") == "47d");
  CHECK(to_string(find_path(changed, "load.start")[0].second.mark()) == "s.yaml:1:25");
  CHECK(value_at(root, "load.scale") == "2");
}

TEST_CASE("paths name keys, quoted keys, items and wildcards") {
  CHECK(value_at(set("place[1]=random"), "place[1]") == "random");
  CHECK(value_at(set("place.0=random"), "place.0") == "random");
  CHECK(value_at(set("expect.\"ui.latency.p99\"=b"), "expect.'ui.latency.p99'") == "b");
  CHECK(value_at(set("expect.ui.latency.p99=b"), "expect.'ui.latency.p99'") == "b");  // it stands there already
  CHECK(value_at(set("expect.ui.latency.p50=b"), "expect.ui.latency.p50") == "b");
  CHECK(value_at(set("new.deep.key=7"), "new.deep.key") == "7");
  const Node changed = set("apps.*.grace=9s");
  CHECK(value_at(changed, "apps.ui.grace") == "9s");
  CHECK(value_at(changed, "apps.carts.grace") == "9s");
  CHECK(find_path(changed, "apps.x-note.grace").empty());
  CHECK(value_at(set("place.*=random"), "place[1]") == "random");
  CHECK(value_at(set("apps.c*.work=9ms"), "apps.ui.work") == "6ms");
  CHECK(find_path(load_one(kScenario), "apps.*.work").size() == 3);
}

TEST_CASE("values are texts as they stand, collections and quotes are YAML") {
  CHECK(value_at(set("load.trace=*.csv"), "load.trace") == "*.csv");
  CHECK(value_at(set("load.note=a: b, c = d"), "load.note") == "a: b, c = d");
  CHECK(set("place=[a, b, c]").find("place")->size() == 3);
  CHECK(value_at(set("each.scale={min: 4, max: 9}"), "each.scale.max") == "9");
  CHECK(find_path(set("load.scale=\"x2\""), "load.scale")[0].second.text() == "x2");
  CHECK(find_path(set("load.scale="), "load.scale")[0].second.is_null());
}

TEST_CASE("a multiplier changes what stands there and keeps the unit") {
  const Node changed = set("apps.*.work=x0.5");
  CHECK(value_at(changed, "apps.ui.work") == "3ms");
  CHECK(value_at(changed, "apps.carts.work") == "0.75ms");
  CHECK(value_at(set("apps.*.grace=x2"), "apps.ui.grace") == "120s");  // only where it is set
  CHECK(value_at(set("load.scale=x0.25"), "load.scale") == "0.5");
  CHECK(value_at(set("each.scale.cpu=x1.1"), "each.scale.cpu") == "66%");
  CHECK(value_at(set("apps.ui.size=x0.5"), "apps.ui.size") == "250m/1Gi");
}

TEST_CASE("quantities are multiplied exactly or to the smallest step of their unit") {
  struct Row {
    const char* text;
    const char* factor;
    const char* expected;
  };
  const Row rows[] = {
      {"1.5ms", "2", "3ms"},
      {"1h30m", "0.5", "45m"},
      {"60%", "1.5", "90%"},
      {"$0.0416", "0.5", "$0.0208"},
      {"$0.10/h", "2", "$0.2/h"},
      {"512Mi", "0.5", "256Mi"},
      {"100", "0.1", "10"},
      {"-4", "0.5", "-2"},
      {"0.25 vCPU", "2", "0.5 vCPU"},
      {"3us", "0.5", "2us"},     // 1.5 us, halves away from zero
      {"1Ki", "0.3333", "341"},  // 341.2992 bytes
      {"500m/2Gi", "2", "1000m/4Gi"},
      {"uniform(1s, 3s)", "2", "uniform(2s, 6s)"},
      {"8KB", "0", "0KB"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(scale_quantity(row.text, row.factor).value_or("nothing") == row.expected);
  }
  for (const char* text : {"", "abc", "true", "m5.large", "/", "1e3", "99999999999999999999s"}) {
    CAPTURE(text);
    CHECK_FALSE(scale_quantity(text, "2").has_value());
  }
  CHECK_FALSE(multiplier("x").has_value());
  CHECK_FALSE(multiplier("xyz").has_value());
  CHECK_FALSE(multiplier("x86_64").has_value());
  CHECK(multiplier("x0.5") == "0.5");
}

TEST_CASE("an override that fits nowhere is one error and changes nothing") {
  CHECK(fault("load.scale").find("expected path=value") != std::string::npos);
  CHECK(fault("=5").find("the path is empty") != std::string::npos);
  CHECK(fault("load..scale=5").find("a step of the path is empty") != std::string::npos);
  CHECK(fault("load.=5").find("the path ends in '.'") != std::string::npos);
  CHECK(fault("load[x]=5").find("'[' must be followed by a number") != std::string::npos);
  CHECK(fault("place[2]=5").find("the list has only 2 items (at place[2])") != std::string::npos);
  CHECK(fault("place.first=5").find("this is a list") != std::string::npos);
  CHECK(fault("load[0]=5").find("this is a mapping, not a list (at load)") != std::string::npos);
  CHECK(fault("load.scale.deep=5").find("this is an integer ('2'), it has no 'deep' (at load.scale)") !=
        std::string::npos);
  CHECK(fault("apps.q*.work=5ms").find("nothing matches '*' (at apps.q*)") != std::string::npos);
  CHECK(fault("nowhere.*.work=5ms").find("nothing matches '*'") != std::string::npos);
  CHECK(fault("load.speed=x2").find("there is nothing to multiply here (at load.speed)") != std::string::npos);
  CHECK(fault("load=x2").find("cannot multiply a mapping by 2 (at load)") != std::string::npos);
  CHECK(fault("place[0]=x2").find("cannot multiply 'spread' by 2") != std::string::npos);
  CHECK(fault("load.a=[1").find("not valid YAML") != std::string::npos);
  std::string deep = "a";
  for (int i = 0; i < 100; ++i) deep += ".a";
  CHECK(fault(deep + "=1").find("more than 32 steps") != std::string::npos);
}

TEST_CASE("inheritance merges mappings and replaces the rest") {
  const Node base = load_one("{type: eks, addons: [a, b], capacity: {group: {min: 3, max: 40}, autoscaler: ca}}");
  const Node overlay = load_one("{addons: [c], capacity: {group: {max: 9}}, extra: 1}");
  CHECK(
      same_value(merge(base, overlay),
                 load_one("{type: eks, addons: [c], capacity: {group: {min: 3, max: 9}, autoscaler: ca}, extra: 1}")));
  const std::array<std::string_view, 1> whole = {"capacity"};
  CHECK(same_value(merge(base, overlay, whole),
                   load_one("{type: eks, addons: [c], capacity: {group: {max: 9}}, extra: 1}")));
  CHECK(same_value(merge(base, Node::integer(3)), Node::integer(3)));
}
