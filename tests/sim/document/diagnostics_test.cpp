#include "sim/document/diagnostics.h"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

using namespace plimsoll::document;

namespace {

Mark at(const char* file, int line, int column) { return {std::make_shared<const std::string>(file), line, column}; }

}  // namespace

TEST_CASE("diagnostics come in order of file and place, doubles once") {
  Diagnostics d;
  d.error(at("b.yaml", 9, 1), "late");
  d.warning(at("b.yaml", 2, 5), "odd", "try this", "apps.ui");
  d.error(at("a.yaml", 1, 1), "other file");
  d.error(at("b.yaml", 2, 5), "second at the same place");
  d.error(at("b.yaml", 9, 1), "late");
  CHECK(d.text() ==
        "b.yaml:2:5: warning: odd (at apps.ui)\n  hint: try this\n"
        "b.yaml:2:5: error: second at the same place\n"
        "b.yaml:9:1: error: late\n"
        "a.yaml:1:1: error: other file\n");
  CHECK(d.summary() == "3 errors, 1 warning");  // as many as are told
  CHECK(d.has_errors());
  CHECK(d.text(1) == "b.yaml:2:5: warning: odd (at apps.ui)\n  hint: try this\n... and 3 more\n");
}

TEST_CASE("a key that is missing because it is misspelt is one fault") {
  Diagnostics d;
  d.error(at("a", 1, 1), "'work' is missing", "add 'work: ...'", "apps.web");
  d.error(at("a", 1, 9), "unknown key 'works'", "did you mean 'work'?", "apps.web.works");
  CHECK(d.text() == "a:1:9: error: unknown key 'works' (at apps.web.works)\n  hint: did you mean 'work'?\n");
  CHECK(d.summary() == "1 error");
  CHECK(d.has_errors());
  // Another mapping's, another key's, and a key that may be nothing like it: both are told.
  Diagnostics two;
  two.error(at("a", 1, 1), "'work' is missing", {}, "apps.api");
  two.error(at("a", 2, 9), "unknown key 'works'", "did you mean 'work'?", "apps.web.works");
  two.error(at("a", 3, 1), "'size' is missing", {}, "apps.web");
  two.error(at("a", 4, 1), "'work' is missing", {}, "apps.web");
  two.error(at("a", 5, 1), "unknown key 'xyz'", "valid keys: work", "apps.web.xyz");
  CHECK(two.sorted().size() == 4);  // only that of line 4 goes
  // The path of what is missing may be the key's own.
  Diagnostics own;
  own.error(at("a", 1, 1), "'type' is missing: which one?", {}, "p.b.group.type");
  own.error(at("a", 1, 2), "unknown key 'typ'", "did you mean 'type'?", "p.b.group.typ");
  CHECK(own.sorted().size() == 1);
  Diagnostics other;
  other.error(at("a", 1, 1), "'type' is missing: which one?", {}, "p.c.group.type");
  other.error(at("a", 1, 2), "unknown key 'typ'", "did you mean 'type'?", "p.b.group.typ");
  CHECK(other.sorted().size() == 2);
}

TEST_CASE("what only follows from another fault is not told") {
  const auto left = [](const std::vector<std::array<std::string, 3>>& faults) {
    Diagnostics d;
    for (const auto& [message, hint, path] : faults) d.error(at("a", 1, 1), message, hint, path);
    return d.sorted().size();
  };
  const std::string hint = "did you mean 'start'?";
  // A misspelt key: what is told about the key, or about its mapping by the key's name.
  CHECK(left({{"unknown key 'strt'", hint, "load.strt"}, {"nothing comes before it", "", "load.start"}}) == 1);
  CHECK(left({{"unknown key 'strt'", hint, "load.strt"}, {"it needs a start, or an end", "", "load"}}) == 1);
  CHECK(left({{"unknown key 'strt'", hint, "load.strt"}, {"it needs a restart", "", "load"}}) == 2);
  CHECK(left({{"unknown key 'strt'", hint, "load.strt"}, {"nothing comes before it", "", "jobs.start"}}) == 2);
  CHECK(left({{"unknown key 'strt'", hint, "each.a.strt"}, {"no start for web", "", "apps.web.a"}}) == 1);
  CHECK(left({{"unknown key 'strt'", hint, "each.a.strt"}, {"no start for web", "", "apps.web.b"}}) == 2);
  // A value that cannot be read: what is told about it and below it.
  CHECK(left({{"must be a mapping, not 'x'", "", "p.a.asg"}, {"'type' is missing", "", "p.a.asg.type"}}) == 1);
  CHECK(left({{"must be a mapping, not 'x'", "", "p.a.asg"}, {"'type' is missing", "", "p.a.asgs.type"}}) == 2);
  CHECK(left({{"'x' is not a duration: ...", "", "load.start"}, {"it is too early", "", "load.start"}}) == 1);
  CHECK(left({{"min 3 is above max 2", "", "a.scale"}, {"it is too early", "", "a.scale"}}) == 2);
  // A key that columns take over from each other is faulty once, other places are faults of their own.
  CHECK(left({{"unknown key 'x'", "", "platforms.a.x"}, {"unknown key 'x'", "", "platforms.b.x"}}) == 1);
  CHECK(left({{"unknown key 'x'", "", "platforms.a.x"}, {"unknown key 'x'", "", "platforms.b.c.x"}}) == 2);
  CHECK(left({{"unknown key 'x'", "", "apps.a.x"}, {"unknown key 'x'", "", "apps.b.x"}}) == 2);
}

TEST_CASE("places without lines are named by their source") {
  Diagnostics d;
  d.error(source_mark("--set load.scale=abc"), "must be a number", {}, "load.scale");
  d.error("nothing to do", "give a file");
  d.note(at("a", 1, 2), "just so");
  CHECK(d.text() ==
        "--set load.scale=abc: error: must be a number (at load.scale)\n"
        "error: nothing to do\n  hint: give a file\n"
        "a:1:2: note: just so\n");
  Diagnostics more;
  CHECK(more.summary().empty());
  more.add_all(d);
  CHECK(more.error_count() == 2);
}

TEST_CASE("texts from a file cannot break the line or steer the terminal") {
  Diagnostics d;
  d.error(at("a", 1, 1), "unknown key 'x\n\x1b[2J'");
  CHECK(d.text() == "a:1:1: error: unknown key 'x\\x0a\\x1b[2J'\n");
}

TEST_CASE("a list of faults told twice at one place is told once") {
  Diagnostics d;
  for (int column = 0; column < 2; ++column) {
    d.error("the file is empty", "fill it");
    d.error("column \"rate\" is missing");
    d.warning(at("a", 1, 1), "odd");
  }
  d.error(at("a", 1, 2), "odd");
  CHECK(d.text() ==
        "error: the file is empty\n  hint: fill it\n"
        "error: column \"rate\" is missing\n"
        "a:1:1: warning: odd\n"
        "a:1:2: error: odd\n");
}
