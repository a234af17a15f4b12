#include "sim/document/loader.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

using namespace plimsoll::document;

namespace {

Node load_one(std::string_view text, std::string_view name = "a.yaml") {
  Diagnostics diagnostics;
  const auto documents = load_text(text, name, diagnostics);
  INFO(diagnostics.text());
  REQUIRE_FALSE(diagnostics.has_errors());
  REQUIRE(documents.size() == 1);
  return documents[0];
}

std::string faults(std::string_view text, std::string_view name = "a.yaml") {
  Diagnostics diagnostics;
  load_text(text, name, diagnostics);
  return diagnostics.text();
}

std::string repeated(std::string_view part, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += part;
  return out;
}

/// a0 holds nine values; each next holds nine of the one before.
std::string alias_bomb() {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + repeated(", " + before, 8) + "]\n";
  }
  return text;
}

}  // namespace

TEST_CASE("every node and key knows its line and column, counted from one in characters") {
  const Node root = load_one("# head\napps:\n  ui:   {work: 6ms, naïve: [1, two]}\n  größe: \"x\"\n");
  const Entry& apps = *root.find_entry("apps");
  CHECK(to_string(apps.key_mark) == "a.yaml:2:1");
  CHECK(to_string(apps.value.mark()) == "a.yaml:3:3");
  const Node& ui = *apps.value.find("ui");
  CHECK(to_string(ui.mark()) == "a.yaml:3:9");
  CHECK(to_string(ui.find("work")->mark()) == "a.yaml:3:16");
  CHECK(to_string(ui.find_entry("naïve")->key_mark) == "a.yaml:3:21");
  CHECK(to_string(ui.find("naïve")->at(1).mark()) == "a.yaml:3:32");
  CHECK(to_string(apps.value.find("größe")->mark()) == "a.yaml:4:10");
  CHECK(apps.value.find("größe")->style() == Style::quoted);
}

TEST_CASE("scalars follow the core schema of YAML 1.2 and nothing more") {
  struct Row {
    const char* text;
    Kind kind;
  };
  const Row rows[] = {
      {"~", Kind::null},
      {"null", Kind::null},
      {"Null", Kind::null},
      {"nULL", Kind::string},
      {"true", Kind::boolean},
      {"TRUE", Kind::boolean},
      {"False", Kind::boolean},
      {"tRue", Kind::string},
      {"yes", Kind::string},
      {"no", Kind::string},
      {"on", Kind::string},
      {"NO", Kind::string},
      {"0", Kind::integer},
      {"-12", Kind::integer},
      {"+7", Kind::integer},
      {"010", Kind::integer},
      {"0x1F", Kind::integer},
      {"0o17", Kind::integer},
      {"0o19", Kind::string},
      {"0b11", Kind::string},
      {"1_000", Kind::string},
      {"1:30", Kind::string},
      {"1.5", Kind::number},
      {".5", Kind::number},
      {"5.", Kind::number},
      {"1e3", Kind::number},
      {"1e", Kind::string},
      {".", Kind::string},
      {"-", Kind::string},
      {"+", Kind::string},
      {".inf", Kind::number},
      {"-.Inf", Kind::number},
      {".nan", Kind::number},
      {"inf", Kind::string},
      {"nan", Kind::string},
      {"2024-01-01", Kind::string},
      {"99999999999999999999", Kind::number},
      {"9223372036854775807", Kind::integer},
      {"-9223372036854775808", Kind::integer},
      {"9223372036854775808", Kind::number},
      {"0xFFFFFFFFFFFFFFFFFF", Kind::number},
      {"1e999", Kind::number},
      {"<<", Kind::string},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(Node::plain(row.text).kind() == row.kind);
    CHECK(Node::plain(row.text).text() == row.text);
  }
  CHECK(Node::plain("010").as_integer() == 10);
  CHECK(Node::plain("0x1F").as_integer() == 31);
  CHECK(Node::plain("0o17").as_integer() == 15);
  CHECK(Node::plain("+7").as_integer() == 7);
  CHECK(Node::plain("-.5e1").as_number() == -5.0);
  CHECK(std::isinf(Node::plain("1e999").as_number()));
  CHECK(Node::plain("1e-999").as_number() == 0.0);
  CHECK(std::isnan(Node::plain(".NaN").as_number()));
  CHECK(Node::plain("9223372036854775808").as_number() == 9223372036854775808.0);
}

TEST_CASE("quoted scalars are texts whatever they look like") {
  const Node root = load_one("a: '1'\nb: \"true\"\nc: |\n  2\nd: >\n  null\ne: !!str 3\nf: !!float 4\n");
  for (const char* key : {"a", "b", "c", "d", "e"}) CHECK(root.find(key)->is_string());
  CHECK(root.find("c")->text() == "2\n");
  CHECK(root.find("f")->as_number() == 4.0);
}

TEST_CASE("documents are separated and empty ones are left out") {
  Diagnostics diagnostics;
  const auto documents = load_text("---\na: 1\n---\n# nothing\n---\nb: 2\n...\n---\n", "m.yaml", diagnostics);
  CHECK_FALSE(diagnostics.has_errors());
  REQUIRE(documents.size() == 2);
  CHECK(to_string(documents[1].find("b")->mark()) == "m.yaml:6:4");
  CHECK(load_text("", "m.yaml", diagnostics).empty());
  CHECK(load_text("# only a comment\n", "m.yaml", diagnostics).empty());
  CHECK(load_text("", "m.json", diagnostics).empty());
  CHECK_FALSE(diagnostics.has_errors());
}

TEST_CASE("anchors stand for their value and merge keys fill in what is not given") {
  const Node root = load_one(
      "base: &base {cpu: 1, mem: 2}\nother: &other {mem: 5, disk: 6}\nlist: [*base, *base]\n"
      "one: {<<: *base, mem: 3}\nmany: {<<: [*base, *other], z: 9}\nliteral: {\"<<\": 1}\n");
  CHECK(root.find("list")->at(1).find("cpu")->as_integer() == 1);
  CHECK(root.find("one")->find("mem")->as_integer() == 3);
  CHECK(root.find("one")->find("cpu")->as_integer() == 1);
  const Node& many = *root.find("many");
  CHECK(many.find("mem")->as_integer() == 2);  // the earlier source wins
  CHECK(many.find("disk")->as_integer() == 6);
  CHECK(many.entries()[0].key == "z");
  CHECK(root.find("literal")->find("<<")->as_integer() == 1);
}

TEST_CASE("a byte order mark, carriage returns and tabs between tokens do no harm") {
  const Node root = load_one(
      "\xEF\xBB\xBF"
      "a: 1\r\nb:\t2\r\nc: [1,\t2]\r\n");
  CHECK(root.find("b")->as_integer() == 2);
  CHECK(to_string(root.find("c")->mark()) == "a.yaml:3:4");
  const Node json = load_one("\xEF\xBB\xBF{\r\n\t\"a\": [1,\r\n 2]}", "a.json");
  CHECK(to_string(json.find("a")->at(1).mark()) == "a.json:3:2");
}

TEST_CASE("hostile and broken YAML is one clear error with its place") {
  struct Row {
    std::string text;
    const char* begins;    ///< of the first line
    const char* contains;  ///< anywhere
  };
  const Row rows[] = {
      {alias_bomb(), "a.yaml:6:", "aliases expand to more than 100,000 values"},
      {"a: &x [1, *x]", "a.yaml:1:11: error:", "the alias '*x' stands inside the value that it names"},
      {"a: &x {b: {c: *x}}", "a.yaml:1:15: error:", "stands inside"},
      {"a: *nope", "a.yaml:1:4: error:", "the alias '*nope' has no anchor before it"},
      {"a: &node 1\nb: *nod", "a.yaml:2:4: error:", "hint: did you mean '*node'?"},
      {"a: &x 1\n---\nb: *x", "a.yaml:3:4: error:", "has no anchor before it"},
      {repeated("[", 10000), "a.yaml:1:65: error:", "nested deeper than 64 levels"},
      {repeated("{a: ", 10000), "a.yaml:1:257: error:", "nested deeper than 64 levels"},
      {repeated("- ", 10000), "a.yaml:1:129: error:", "nested deeper than 64 levels"},
      {repeated("? ", 10000), "a.yaml:1:3: error:", "a key must be a plain text"},
      {"a: &x " + repeated("[", 40) + repeated("]", 40) + "\nb: " + repeated("[", 40) + "*x" + repeated("]", 40),
       "a.yaml:2:44: error:", "nested deeper than 64 levels by the alias"},
      {"a: 1\nb: 2\na: 3\n", "a.yaml:3:1: error: duplicate key 'a'", "hint: it was first given at a.yaml:1:1"},
      {"1: a\n\"1\": b\n", "a.yaml:2:1: error: duplicate key '1'", "a.yaml:1:1"},
      {"{<<: {a: 1}, <<: {b: 1}}", "a.yaml:1:14: error: duplicate key '<<'", "<<: [*a, *b]"},
      {"<<: 5\n", "a.yaml:1:1: error:", "'<<' merges a mapping or a list of mappings, not an integer"},
      {"{[1, 2]: x}", "a.yaml:1:2: error: a key must be a plain text, not a list", ""},
      {"name: {{ .Values.name }}\n", "a.yaml:1:8: error: a key must be", "render it first"},
      {"a: !Ref b\n", "a.yaml:1:4: error: the tag '!Ref' is not supported", "must be resolved first"},
      {"a: !!int x\n", "a.yaml:1:4: error: 'x' is not what its tag !!int says", ""},
      {"a: !!binary aGk=\n", "a.yaml:1:4: error: the tag", "is not supported"},
      {"a:\n\t- b\n", "a.yaml:2:1: error: not valid YAML", "never with tabs"},
      {"a: b: c\n", "a.yaml:1:5: error: not valid YAML", "quotes"},
      {"a: [1, 2\nb: 3\n", "a.yaml:2:2: error: not valid YAML", "that began at line 1"},
      {"a: \"never closed\n", "a.yaml:2:1: error: not valid YAML", "quoted scalar"},
      {"a: @b\n", "a.yaml:1:4: error: not valid YAML", "quotes"},
      {std::string("a: 1\nb: \0 2\n", 12), "a.yaml:2:4: error: NUL byte", ""},
      {"a: \"x\\0y\"\n", "a.yaml:1:4: error: a text may not contain NUL", ""},
      {"a: \x01\n", "a.yaml:1:4: error: control character 0x01", ""},
      {"a: 1\nb: \xff\xfe\n", "a.yaml:2:4: error: invalid UTF-8: byte 0xFF", "save the file as UTF-8"},
      {"a: \xc0\xaf\n", "a.yaml:1:4: error: invalid UTF-8", ""},
      {"a: \xed\xa0\x80\n", "a.yaml:1:4: error: invalid UTF-8", ""},
      {"a: \xf4\x90\x80\x80\n", "a.yaml:1:4: error: invalid UTF-8", ""},
      {"a: \xe2\x82", "a.yaml:1:4: error: invalid UTF-8", ""},
      {"a: \xc2\x81\n", "a.yaml:1:4: error: not valid YAML: control characters", ""},
      {std::string("\xff\xfe"
                   "a\0",
                   4),
       "a.yaml:1:1: error: the file is UTF-16", ""},
      {repeated("%TAG !a! tag:x,2000:\n", 40) + "--- 1\n", "a.yaml:17:1: error:", "%TAG"},
      {"%YAML 3.0\n--- 1\n", "a.yaml:1:1: error: not valid YAML", ""},
  };
  for (const Row& row : rows) {
    const std::string text = faults(row.text);
    CAPTURE(row.text.substr(0, 60));
    CAPTURE(text);
    CHECK(text.substr(0, std::string_view(row.begins).size()) == row.begins);
    CHECK(text.find(row.contains) != std::string::npos);
  }
}

TEST_CASE("one file may hold so many bytes and values and no more") {
  Limits limits;
  limits.bytes = 100;
  Diagnostics diagnostics;
  CHECK(load_text(std::string(101, ' '), "a.yaml", diagnostics, limits).empty());
  CHECK(diagnostics.text() == "a.yaml: error: the file is larger than 100\n");
  limits = {};
  limits.nodes = 10;
  for (const char* name : {"b.yaml", "b.json"}) {
    Diagnostics more;
    load_text("[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]", name, more, limits);
    CHECK(more.text().find("more than 10 values in one file") != std::string::npos);
  }
}

TEST_CASE("sixty-four levels are read and their aliases count as expanded") {
  const std::string deep = repeated("[", 64) + repeated("]", 64);
  CHECK(load_one(deep).height() == 64);
  CHECK(load_one(deep, "a.json").height() == 64);
  CHECK(faults("[" + deep + "]", "a.json").substr(0, 22) == "a.json:1:65: error: ne");
  const Node root = load_one("a: &x [1, 2]\nb: [*x, *x]\n");
  // root + a + 1 + 2 + b + two copies of [1, 2] with three values each
  CHECK(root.count() == 11);
}

TEST_CASE("strict JSON is read with its escapes and numbers") {
  const Node root = load_one(
      R"({"a": "q\"\\\/\b\f\n\r\té😀", "b": [0, -1.5e+3, 12345678901], "c": {"d": null, "e": true}, "f": {}, "g": []})",
      "a.json");
  CHECK(root.find("a")->text() == "q\"\\/\b\f\n\r\t\xC3\xA9\xF0\x9F\x98\x80");
  CHECK(root.find("b")->at(1).as_number() == -1500.0);
  CHECK(root.find("b")->at(2).as_integer() == 12345678901);
  CHECK(root.find("c")->find("d")->is_null());
  CHECK(root.find("f")->is_mapping());
  CHECK(root.find("g")->is_sequence());
}

TEST_CASE("broken JSON is one error with its place") {
  struct Row {
    const char* text;
    const char* expected;
  };
  const Row rows[] = {
      {"{\"a\": 1,}", "a.json:1:9: error: a comma before '}'\n  hint: JSON allows no trailing comma\n"},
      {"[1, 2,\n]", "a.json:2:1: error: a comma before ']'\n  hint: JSON allows no trailing comma\n"},
      {"{a: 1}", "a.json:1:2: error: expected a key in double quotes, found 'a'\n"},
      {"{'a': 1}",
       "a.json:1:2: error: expected a key in double quotes, found '''\n"
       "  hint: JSON strings stand in double quotes\n"},
      {"{\"a\" 1}", "a.json:1:6: error: expected ':' after the key, found '1'\n"},
      {"{\"a\": 1 \"b\": 2}", "a.json:1:9: error: expected ',' or '}', found '\"'\n"},
      {"// hi\n{}", "a.json:1:1: error: expected a value, found '/'\n  hint: JSON has no comments\n"},
      {"{\"a\":", "a.json:1:6: error: expected a value, found the end of the file\n"},
      {"{} {}", "a.json:1:4: error: text after the end of the JSON value\n"},
      {"{\"a\": NaN}", "a.json:1:7: error: JSON has no NaN\n"},
      {"{\"a\": 1, \"a\": 2}", "a.json:1:10: error: duplicate key 'a'\n  hint: it was first given at a.json:1:2\n"},
      {"\"abc", "a.json:1:1: error: this string does not end\n"},
      {"[\"\\ud83d\"]", "a.json:1:9: error: half of a surrogate pair\n"},
      {"[\"\\u00\"]", "a.json:1:7: error: \\u must be followed by four hexadecimal digits\n"},
      {"[\"\\x\"]", "a.json:1:4: error: unknown escape in a string: \\ before 'x'\n"},
      {"[\"\\u0000\"]", "a.json:1:9: error: a string may not contain NUL\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(faults(row.text, "a.json") == row.expected);
  }
  for (const char* word : {"010", "+1", ".5", "1.", "1e", "0x10", "tru", "-", "01.5"}) {
    CAPTURE(word);
    CHECK(faults(word, "a.json").find("a.json:1:1: error: not a JSON value") == 0);
  }
  CHECK(faults("[\"a\nb\"]", "a.json").find("a.json:1:4: error: a string may not hold a line break") == 0);
}

TEST_CASE("several duplicates are all told, and the first of each is kept") {
  Diagnostics diagnostics;
  const auto documents = load_text("a: 1\nb: {c: 1, c: 2}\na: 3\na: 4\n", "a.yaml", diagnostics);
  CHECK(diagnostics.error_count() == 3);
  REQUIRE(documents.size() == 1);
  CHECK(documents[0].find("a")->as_integer() == 1);
  CHECK(documents[0].size() == 2);
}

TEST_CASE("documents before a syntax error are kept") {
  Diagnostics diagnostics;
  const auto documents = load_text("a: 1\n---\nb: [\n", "a.yaml", diagnostics);
  CHECK(diagnostics.error_count() == 1);
  CHECK(documents.size() == 1);
}

TEST_CASE("files that cannot be read say why") {
  const auto folder = std::filesystem::temp_directory_path() / "plimsoll_loader_test";
  std::filesystem::create_directories(folder);
  const std::string path = (folder / "one.yaml").string();
  std::ofstream(path) << "a: 1\n---\nb: 2\n";
  Diagnostics diagnostics;
  CHECK(load_file(path, diagnostics).size() == 2);
  CHECK_FALSE(diagnostics.has_errors());
  CHECK(load_single(path, diagnostics).is_null());
  CHECK(load_file((folder / "none.yaml").string(), diagnostics).empty());
  CHECK(load_file(folder.string(), diagnostics).empty());
  std::ofstream((folder / "empty.yaml").string()) << "# nothing\n";
  CHECK(load_single((folder / "empty.yaml").string(), diagnostics).is_null());
  const std::string text = diagnostics.text();
  CHECK(text.find("one.yaml:3:1: error: a second document; this file may hold only one") != std::string::npos);
  CHECK(text.find("none.yaml: error: cannot read the file: No such file or directory") != std::string::npos);
  CHECK(text.find("cannot read the file: Is a directory") != std::string::npos);
  CHECK(text.find("empty.yaml: error: the file is empty") != std::string::npos);
  std::filesystem::remove_all(folder);
}
