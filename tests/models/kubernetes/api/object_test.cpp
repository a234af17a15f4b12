#include "models/kubernetes/api/object.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "sim/document/loader.h"

namespace plimsoll::kubernetes::api {
namespace {

/// What reading an object in this way complains of.
template <class Reading>
std::string complaints(const char* yaml, Reading&& reading) {
  document::Diagnostics d;
  const auto documents = document::load_text(yaml, "object.yaml", d);
  REQUIRE(documents.size() == 1);
  {
    Object o(documents[0], d, "spec");
    reading(o);
  }
  return d.text();
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST_CASE("types are those of the API, in the words of its server") {
  const std::string said = complaints("{a: 1, b: x, c: yes, d: {}, e: null, f: [1]}", [](Object& o) {
    CHECK_FALSE(o.text("a").has_value());
    CHECK_FALSE(o.integer("b").has_value());
    CHECK_FALSE(o.boolean("c").has_value());
    CHECK(o.list("d").empty());
    CHECK_FALSE(o.text("e").has_value());
    CHECK(o.texts("f").empty());
  });
  CHECK(holds(said, "object.yaml:1:5: error: must be a string, not an integer"));
  CHECK(holds(said, "must be an integer"));
  CHECK(holds(said, "must be true or false"));
  CHECK(holds(said, "must be a list"));
  CHECK(holds(said, "object.yaml:1:42: error: must be a string"));  // the item, not the list
  CHECK(holds(said, "(at spec.a)"));
}

TEST_CASE("ranges and choices of the Kubernetes API") {
  const std::string said = complaints("{low: 0, high: 9, word: Sometimes}", [](Object& o) {
    CHECK_FALSE(o.integer("low", 1, 5).has_value());
    CHECK_FALSE(o.integer("high", 1, 5).has_value());
    CHECK_FALSE(o.choice<int>("word", {{"Always", 1}, {"Never", 2}}).has_value());
  });
  CHECK(holds(said, "must be greater than or equal to 1"));
  CHECK(holds(said, "must be less than or equal to 5"));
  CHECK(holds(said, "Unsupported value: \"Sometimes\": supported values: \"Always\", \"Never\""));
}

TEST_CASE("an unknown field is a warning with the nearest name, unless all are welcome") {
  const char* yaml = "{replcias: 1}";
  const std::string said = complaints(yaml, [](Object& o) { o.ignore({"replicas"}); });
  CHECK(holds(said, "warning: unknown field \"spec.replcias\", ignored"));
  CHECK(holds(said, "did you mean replicas?"));
  CHECK(complaints(yaml, [](Object& o) { o.allow_unknown(); }).empty());
}

TEST_CASE("maps hold strings, scalars are read as they are written") {
  const std::string said = complaints("{labels: {a: b, n: 1}, cpu: 0.5, none: {}}", [](Object& o) {
    const TextMap labels = o.map("labels");
    REQUIRE(labels.size() == 1);
    CHECK(labels[0].second == "b");
    CHECK(o.scalar("cpu") == "0.5");
    o.not_modelled("none", "it");
    CHECK(o.text_or("missing", "else") == "else");
  });
  CHECK(holds(said, "must be a string (quote it)"));
  CHECK_FALSE(holds(said, "not modelled"));
}

}  // namespace
}  // namespace plimsoll::kubernetes::api
