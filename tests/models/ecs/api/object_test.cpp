#include "models/ecs/api/object.h"

#include <doctest/doctest.h>

#include "tests/models/ecs/api/fixture.h"

using namespace plimsoll::ecs::api;
namespace document = plimsoll::document;

TEST_CASE("types are those of the API") {
  document::Diagnostics d;
  {
    Object o(json("{'a': 1, 'b': '1', 'c': true, 'd': [1], 'e': null}"), d, "");
    CHECK_FALSE(o.text("a").has_value());
    CHECK_FALSE(o.integer("b").has_value());
    CHECK(o.boolean("c") == true);
    CHECK(o.list("d").size() == 1);
    CHECK_FALSE(o.text("e").has_value());
  }
  CHECK(d.error_count() == 2);
  CHECK(says(d, "takes a string here, got an integer"));
  CHECK(says(d, "write \"1\""));
  CHECK(says(d, "write it without quotes"));
}

TEST_CASE("unknown parameters are errors with the nearest one") {
  document::Diagnostics d;
  {
    Object o(json("{'desiredCuont': 1}"), d, "x");
    o.ignore({"desiredCount"});
  }
  CHECK(d.error_count() == 1);
  CHECK(says(d, "did you mean desiredCount?"));
  CHECK(says(d, "x.desiredCuont"));
}

TEST_CASE("what is not modelled warns only when it says something") {
  document::Diagnostics d;
  {
    Object o(json("{'a': [], 'b': false, 'c': '', 'd': null, 'e': [1]}"), d, "");
    for (const char* key : {"a", "b", "c", "d", "e"}) o.not_modelled(key, "it is not counted");
  }
  CHECK(d.warning_count() == 1);
  CHECK(says(d, "e is not modelled: it is not counted"));
}

TEST_CASE("ranges and choices") {
  document::Diagnostics d;
  {
    Object o(json("{'n': 700, 'mode': 'awsvcp'}"), d, "");
    CHECK_FALSE(o.integer("n", 1, 65).has_value());
    CHECK_FALSE(o.choice<int>("mode", {{"awsvpc", 1}, {"host", 2}}).has_value());
  }
  CHECK(says(d, "n must be between 1 and 65, got 700"));
  CHECK(says(d, "did you mean awsvpc?"));
}

TEST_CASE("something else than an object is one error") {
  document::Diagnostics d;
  {
    Object o(json("[1]"), d, "");
    CHECK_FALSE(o.text("a").has_value());
    o.missing("a", "never reported");
  }
  CHECK(d.error_count() == 1);
}
