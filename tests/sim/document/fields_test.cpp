#include "sim/document/fields.h"

#include <doctest/doctest.h>

#include <array>
#include <string>

#include "sim/document/emit.h"
#include "sim/document/loader.h"

using namespace plimsoll;
using namespace plimsoll::document;

namespace {

Node load_one(std::string_view text) {
  Diagnostics diagnostics;
  const auto documents = load_text(text, "s.yaml", diagnostics);
  REQUIRE_FALSE(diagnostics.has_errors());
  return documents.at(0);
}

enum class Spread { zone, host, none };

struct App {
  Duration work{};
  Cpu cpu{};
  Bytes image{};
  Ppm target{};
  std::int64_t min = 0;
  double weight = 0;
  bool trunking = false;
  Rate price{};
  Delay boot{};
  Spread spread = Spread::none;
  std::string name;
};

App read_app(const Node& node, const Reader& reader, std::string path = "app") {
  Fields f(node, reader, std::move(path));
  App app;
  app.work = f.required_duration("work", "CPU time of one request");
  app.cpu = f.cpu("cpu", cpu_millis(250), "house default", "CPU asked");
  app.image = f.bytes("image", mebibytes(300), "assumed", "image size", {{}, gibibytes(10)});
  app.target = f.ratio("target", percent(60), "house default", "", {percent(1), percent(100)});
  app.min = f.integer("min", 2, "house default", "", {0, 1000});
  app.weight = f.number("weight", 0.5, "house default");
  app.trunking = f.boolean("eniTrunking", false, "ECS default");
  app.price = f.rate("price", "h", Rate{100'000'000'000}, "EKS price list");
  app.boot = f.delay("boot", Delay::constant(seconds(45)), "measured");
  app.spread = f.choice<Spread>("spread", {{"zone", Spread::zone}, {"host", Spread::host}, {"none", Spread::none}},
                                Spread::zone, "ECS default");
  app.name = f.text("name", "x", "house default");
  return app;
}

}  // namespace

TEST_CASE("every kind of value is read with its unit") {
  Diagnostics diagnostics;
  const App app =
      read_app(load_one("{work: 6ms, cpu: 0.5 vCPU, image: 60MB, target: 75%, min: 3, weight: 2, eniTrunking: "
                        "true, price: $0.0416/h, boot: 'uniform(1s, 3s)', spread: host, name: 12, x-mine: 1}"),
               diagnostics);
  INFO(diagnostics.text());
  CHECK(diagnostics.empty());
  CHECK(app.work == milliseconds(6));
  CHECK(app.cpu == cpu_millis(500));
  CHECK(app.image == Bytes{60'000'000});
  CHECK(app.target == percent(75));
  CHECK(app.min == 3);
  CHECK(app.weight == 2.0);
  CHECK(app.trunking);
  CHECK(app.price == Rate{41'600'000'000});
  CHECK(app.boot == Delay::uniform(seconds(1), seconds(3)));
  CHECK(app.spread == Spread::host);
  CHECK(app.name == "12");
}

TEST_CASE("absent keys and nulls take the default") {
  Diagnostics diagnostics;
  const App app = read_app(load_one("{work: 1s, cpu: null, image: ~}"), diagnostics);
  CHECK(diagnostics.empty());
  CHECK(app.cpu == cpu_millis(250));
  CHECK(app.image == mebibytes(300));
  CHECK(app.spread == Spread::zone);
  CHECK(app.price == Rate{100'000'000'000});
}

TEST_CASE("all that is wrong is told at once, in order, and reading goes on with the defaults") {
  Diagnostics diagnostics;
  const App app = read_app(load_one("work: 6\n"
                                    "cpu: 512Mi\n"
                                    "image: 20Gi\n"
                                    "target: 60\n"
                                    "min: 2.5\n"
                                    "weight: .inf\n"
                                    "eniTrunking: yes\n"
                                    "price: $1/GB\n"
                                    "spread: zon\n"
                                    "boots: 3s\n"
                                    "unlike: 1\n"),
                           diagnostics);
  CHECK(app.work == Duration{});
  CHECK(app.cpu == cpu_millis(250));
  CHECK(app.image == mebibytes(300));
  CHECK(app.min == 2);
  CHECK_FALSE(app.trunking);
  const auto all = diagnostics.sorted();
  REQUIRE(all.size() == 11);
  for (std::size_t i = 0; i < all.size(); ++i) CHECK(all[i].line == static_cast<int>(i) + 1);
  CHECK(to_string(all[0]) ==
        "s.yaml:1:7: error: '6' has no unit (at app.work)\n  hint: write a duration such as 90s, 1h30m or 250ms");
  CHECK(all[1].message.find("'512Mi' is not a CPU quantity") == 0);
  CHECK(all[2].message == "must be at most 10Gi, not '20Gi'");
  CHECK(to_string(all[3]) ==
        "s.yaml:4:9: error: '60' has no unit (at app.target)\n  hint: write a percentage such as 60% or 0.5%");
  CHECK(all[4].message == "must be a whole number, not '2.5'");
  CHECK(all[5].message == "must be a finite number, not '.inf'");
  CHECK(all[6].hint == "YAML 1.2 writes true");
  CHECK(all[7].message.find("'$1/GB' is not a price: the price is per h") == 0);
  CHECK(to_string(all[8]) ==
        "s.yaml:9:9: error: must be zone, host or none, not 'zon' (at app.spread)\n"
        "  hint: did you mean 'zone'?");
  CHECK(to_string(all[9]) == "s.yaml:10:1: error: unknown key 'boots' (at app.boots)\n  hint: did you mean 'boot'?");
  CHECK(all[10].hint.find("valid keys: boot, cpu, eniTrunking,") == 0);
}

TEST_CASE("the hint of an unknown key lists every valid one") {
  Diagnostics diagnostics;
  std::string all = "valid keys:";
  {
    Fields f(load_one("somethingElseAltogether: 1\n"), diagnostics, "app");
    for (char c = 'a'; c <= 'z'; ++c) {
      const std::string key = std::string("key-") + c + c;
      f.text(key, "", "none");
      all += (c == 'a' ? " " : ", ") + key;
    }
  }
  REQUIRE(diagnostics.sorted().size() == 1);
  CHECK(diagnostics.sorted().front().hint == all);
}

TEST_CASE("zero needs no unit, quotes do not hide a missing one") {
  Diagnostics diagnostics;
  Fields f(load_one("{a: 0, b: '0', c: '5', d: 0.0}"), diagnostics, "p");
  CHECK(f.required_duration("a") == Duration{});
  CHECK(f.required_bytes("b") == Bytes{});
  f.required_cpu("c");
  CHECK(f.required_ratio("d") == Ppm{});
  CHECK(diagnostics.text().find("s.yaml:1:19: error: '5' has no unit (at p.c)") == 0);
  CHECK(diagnostics.error_count() == 1);
}

TEST_CASE("integers and booleans are not taken from quotes, nor beyond 64 bits") {
  Diagnostics diagnostics;
  {
    Fields f(load_one("{a: '5', b: 'true', c: 99999999999999999999, d: -1, e: [1], f: {}}"), diagnostics);
    f.integer("a", 0, "");
    f.boolean("b", false, "");
    f.integer("c", 0, "");
    f.integer("d", 0, "", "", {0, {}});
    f.number("e", 0, "");
    f.text("f", "", "");
  }
  const auto all = diagnostics.sorted();
  REQUIRE(all.size() == 6);
  CHECK(all[0].hint == "remove the quotes");
  CHECK(all[1].hint == "remove the quotes");
  CHECK(all[2].message == "'99999999999999999999' does not fit in 64 bits");
  CHECK(all[3].message == "must be at least 0, not '-1'");
  CHECK(all[4].message == "must be a number, not a list");
  CHECK(all[5].message == "must be a text, not a mapping");
}

TEST_CASE("what is missing is told where it belongs, and not again for all that is in it") {
  Diagnostics diagnostics;
  {
    Fields f(load_one("a: {b: 1}\n"), diagnostics);
    Fields a = f.required_child("a");
    a.integer("b", 0, "");
    a.required_duration("every");
    Fields gone = f.required_child("gone");
    gone.required_text("inner");
    Fields deeper = gone.child("deeper");
    deeper.required_text("too");
    f.required_list("items");
    f.required_choice<int>("kind", {{"one", 1}, {"two", 2}});
  }
  CHECK(diagnostics.text() ==
        "s.yaml:1:1: error: 'gone' is missing\n  hint: add 'gone: ...' (a mapping)\n"
        "s.yaml:1:1: error: 'items' is missing\n  hint: add 'items: ...' (a list)\n"
        "s.yaml:1:1: error: 'kind' is missing\n  hint: add 'kind: ...' (one or two)\n"
        "s.yaml:1:4: error: 'every' is missing (at a)\n  hint: add 'every: ...' (90s, 1h30m or 250ms)\n");
}

TEST_CASE("a mapping of the wrong kind is one error") {
  Diagnostics diagnostics;
  read_app(load_one("[1, 2]"), diagnostics);
  CHECK(diagnostics.text() == "s.yaml:1:1: error: must be a mapping, not a list (at app)\n");
}

TEST_CASE("lists and maps hand out their items with paths and marks") {
  Diagnostics diagnostics;
  Fields f(load_one("zones: [a, b]\ncalls: {cart: 0.8, x-note: 1, \"a.b\": 2}\nfiles: one\nbad: 5\n"), diagnostics,
           "p");
  const auto zones = f.list("zones");
  REQUIRE(zones.size() == 2);
  CHECK(zones[1].path == "p.zones[1]");
  const auto calls = f.map("calls");
  REQUIRE(calls.size() == 2);
  CHECK(calls[0].name == "cart");
  CHECK(read_value<double>(calls[0].node, diagnostics, calls[0].path) == 0.8);
  CHECK(calls[1].path == "p.calls.\"a.b\"");
  CHECK(to_string(calls[0].mark) == "s.yaml:2:9");
  CHECK(f.texts("files") == std::vector<std::string>{"one"});
  CHECK(f.texts("none").empty());
  CHECK(f.list("bad").empty());
  CHECK(f.map("bad").empty());
  CHECK(diagnostics.error_count() == 2);
  CHECK(f.any("zones", "a list")->is_sequence());
  CHECK_FALSE(f.any("nothing", "a list").has_value());
}

TEST_CASE("a map that is a list is told") {
  Diagnostics diagnostics;
  Fields f(load_one("{m: [1], l: {a: 1}}"), diagnostics);
  f.map("m");
  f.list("l");
  CHECK(diagnostics.text().find("must be a mapping, not a list (at m)") != std::string::npos);
  CHECK(diagnostics.text().find("must be a list, not a mapping (at l)") != std::string::npos);
}

TEST_CASE("optional values tell absence from presence") {
  Diagnostics diagnostics;
  Fields f(load_one("{a: 5s, sub: {b: 1}}"), diagnostics);
  CHECK(f.optional_duration("a") == seconds(5));
  CHECK_FALSE(f.optional_duration("b").has_value());
  CHECK_FALSE(f.optional_rate("r", "h").has_value());
  const std::array<std::string_view, 2> names = {"x", "y"};
  CHECK_FALSE(f.optional_one_of("c", names).has_value());
  CHECK_FALSE(f.optional_child("none").has_value());
  auto sub = f.optional_child("sub");
  REQUIRE(sub.has_value());
  CHECK(sub->integer("b", 0, "") == 1);
  sub->finish();
  f.finish();
  CHECK(diagnostics.empty());
}

TEST_CASE("every effective value tells where it comes from") {
  Diagnostics diagnostics;
  Effective effective;
  read_app(load_one("work: 6ms\n\nmin: 4\n"), {diagnostics, &effective});
  CHECK(effective.find("app.work")->source == "s.yaml:1");
  CHECK(effective.find("app.min")->value == "4");
  CHECK(effective.find("app.min")->source == "s.yaml:3");
  const EffectiveValue& cpu = *effective.find("app.cpu");
  CHECK(cpu.is_default);
  CHECK(cpu.value == "250m");
  CHECK(cpu.source == "house default");
  CHECK(effective.find("app.price")->value == "$0.10/h");
  CHECK(effective.find("app.spread")->value == "zone");
  CHECK(effective.find("app.nothing") == nullptr);
  CHECK(effective.text().find("app.work: 6ms") == 0);
  CHECK(effective.text().find("# default: EKS price list\n") != std::string::npos);
}

TEST_CASE("the same reading code describes its keys as a JSON schema") {
  Diagnostics ignored;
  SchemaSink sink;
  const Reader reader(ignored, nullptr, &sink);
  {
    Fields f(Node(), reader);
    f.required_text("apiVersion", "plimsoll/v1");
    for (const Item& app : f.map("apps", "applications by name")) {
      read_app(app.node, reader, app.path);
      Fields more(app.node, reader, app.path);
      for (const Item& call : more.map("calls", "requests to others")) {
        read_value<double>(call.node, reader, call.path, "per request", {0.0, {}});
      }
    }
    for (const Item& place : f.list("place", "placement")) {
      Fields p(place.node, reader, place.path);
      p.integer("priority", 1, "house", "lower first", {0, 9});
    }
    f.texts("files", "file names or patterns");
    f.any("capacity", "fargate, or a mapping", "where pods run");
    Fields capacity = f.child("capacity");
    capacity.text("type", "m5.large", "house");
  }
  const Node schema = sink.json_schema("Plimsoll scenario");
  const Node& properties = *schema.find("properties");
  CHECK(schema.find("required")->at(0).text() == "apiVersion");
  CHECK_FALSE(schema.find("additionalProperties")->as_boolean());
  CHECK(schema.find("patternProperties")->find("^x-") != nullptr);
  const Node& app = *properties.find("apps")->find("additionalProperties");
  CHECK(app.find("required")->at(0).text() == "work");
  CHECK(app.find("properties")->find("spread")->find("enum")->size() == 3);
  CHECK(app.find("properties")->find("min")->find("maximum")->as_integer() == 1000);
  CHECK(app.find("properties")->find("cpu")->find("default")->text() == "250m");
  CHECK(app.find("properties")->find("calls")->find("additionalProperties")->find("type")->text() == "number");
  CHECK(properties.find("place")->find("items")->find("properties")->find("priority")->find("type")->text() ==
        "integer");
  CHECK(properties.find("files")->find("anyOf")->size() == 2);
  CHECK(properties.find("capacity")->find("anyOf")->at(0).find("properties")->find("type") != nullptr);
  Diagnostics diagnostics;
  CHECK(load_text(to_json(schema), "schema.json", diagnostics).size() == 1);
  CHECK_FALSE(diagnostics.has_errors());
}
