#include "sim/document/emit.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

#include "sim/core/random.h"
#include "sim/document/loader.h"

using namespace plimsoll;
using namespace plimsoll::document;

namespace {

/// Random trees whose texts lean towards what confuses readers.
class Trees {
 public:
  explicit Trees(std::uint64_t seed) : stream_(seed, "trees", Purpose::work) {}

  Node tree(int depth) {
    const std::uint64_t kind = pick(depth > 0 ? 9 : 6);
    switch (kind) {
      case 0:
        return Node::null();
      case 1:
        return Node::boolean(pick(2) == 0);
      case 2:
        return Node::integer(static_cast<std::int64_t>(stream_.bits(++item_)));
      case 3:
        return Node::number(stream_.uniform(++item_) * 1e6 - 5e5);
      case 4:
      case 5:
        return Node::string(text());
      case 6: {
        std::vector<Node> items;
        for (std::uint64_t n = pick(5); n > 0; --n) items.push_back(tree(depth - 1));
        return Node::sequence(std::move(items));
      }
      default: {
        std::vector<Entry> entries;
        for (std::uint64_t n = pick(20); n > 0; --n) {
          std::string key = text();
          bool is_new = true;
          for (const Entry& entry : entries) is_new = is_new && entry.key != key;
          if (is_new) entries.push_back({key, {}, tree(depth - 1)});
        }
        return Node::mapping(std::move(entries));
      }
    }
  }

 private:
  std::uint64_t pick(std::uint64_t n) { return stream_.below(n, ++item_); }

  std::string text() {
    static const std::vector<std::string> traps = {"",
                                                   "~",
                                                   "null",
                                                   "true",
                                                   "yes",
                                                   "NO",
                                                   "010",
                                                   "1.0",
                                                   "1e3",
                                                   "-",
                                                   "- a",
                                                   "a: b",
                                                   "a #b",
                                                   "#",
                                                   "a:",
                                                   ":",
                                                   "'",
                                                   "\"",
                                                   "{a",
                                                   "[a",
                                                   "&a",
                                                   "*a",
                                                   "!a",
                                                   "|",
                                                   ">",
                                                   "%a",
                                                   "@a",
                                                   "`",
                                                   " a",
                                                   "a ",
                                                   "a\nb",
                                                   "a\n",
                                                   "\ta",
                                                   "<<",
                                                   "=",
                                                   "---",
                                                   "...",
                                                   "12:30",
                                                   "0x1f",
                                                   "\\",
                                                   "é",
                                                   "日本",
                                                   "😀",
                                                   "\xC2\x85",
                                                   "\xE2\x80\xA8",
                                                   "\xEF\xBB\xBF",
                                                   "\x7f",
                                                   "? a",
                                                   "2024-01-01",
                                                   "a,b",
                                                   "a]",
                                                   "x-y",
                                                   "500m/2Gi",
                                                   "60%",
                                                   "$0.10/h",
                                                   "\r",
                                                   "\x1b[0m",
                                                   ".inf",
                                                   "--- a",
                                                   "y"};
    if (pick(3) != 0) return traps[pick(traps.size())];
    std::string out;
    for (std::uint64_t n = pick(12); n > 0; --n) out += static_cast<char>(' ' + static_cast<int>(pick(95)));
    return out;
  }

  Stream stream_;
  std::uint64_t item_ = 0;
};

}  // namespace

TEST_CASE("what is written is read back as the same value, as YAML and as JSON") {
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    const Node tree = Trees(seed).tree(5);
    const std::string yaml = to_yaml(tree);
    const std::string json = to_json(tree);
    CAPTURE(seed);
    CAPTURE(yaml);
    Diagnostics diagnostics;
    const auto from_yaml = load_text(yaml, "t.yaml", diagnostics);
    const auto from_json = load_text(json, "t.json", diagnostics);
    INFO(diagnostics.text());
    REQUIRE_FALSE(diagnostics.has_errors());
    REQUIRE(from_yaml.size() == 1);
    REQUIRE(same_value(from_yaml[0], tree));
    REQUIRE(from_json.size() == 1);
    REQUIRE(same_value(load_text(to_yaml(from_json[0]), "u.yaml", diagnostics).at(0), from_json[0]));
    REQUIRE(to_yaml(from_yaml[0]) == yaml);
  }
}

TEST_CASE("block style reads as a person would write it") {
  Diagnostics diagnostics;
  const Node tree = load_text("{apps: {ui: {size: 500m/2Gi, on: 'yes', list: [1, {a: b, c: [d]}, []]}}, empty: {}}",
                              "t.yaml", diagnostics)
                        .at(0);
  CHECK(to_yaml(tree) ==
        "apps:\n"
        "  ui:\n"
        "    size: 500m/2Gi\n"
        "    \"on\": \"yes\"\n"
        "    list:\n"
        "      - 1\n"
        "      - a: b\n"
        "        c:\n"
        "          - d\n"
        "      - []\n"
        "empty: {}\n");
  const CommentOf comment = [](const std::string& path) {
    return path == "apps.ui.list[1].a" || path == "apps.ui" ? "at " + path : std::string();
  };
  const std::string with = to_yaml(tree, comment);
  CHECK(with.find("  ui:  # at apps.ui\n") != std::string::npos);
  CHECK(with.find("- a: b  # at apps.ui.list[1].a\n") != std::string::npos);
  CHECK(same_value(load_text(with, "w.yaml", diagnostics).at(0), tree));
  CHECK_FALSE(diagnostics.has_errors());
}

TEST_CASE("keys longer than a simple key may be are written in full form") {
  const Node tree = Node::mapping({{std::string(2000, 'k'), {}, Node::mapping({{"a", {}, Node::integer(1)}})},
                                   {std::string(1500, 'j'), {}, Node::string("v")}});
  Diagnostics diagnostics;
  const auto back = load_text(to_yaml(tree), "t.yaml", diagnostics);
  INFO(diagnostics.text());
  REQUIRE(back.size() == 1);
  CHECK(same_value(back[0], tree));
}

TEST_CASE("numbers keep their kind") {
  CHECK(Node::number(2).text() == "2.0");
  CHECK(Node::number(1e300).text() == "1e+300");
  CHECK(Node::number(std::numeric_limits<double>::infinity()).text() == ".inf");
  CHECK(to_json(Node::plain("010")) == "10\n");
  CHECK(to_json(Node::plain("0x10")) == "16\n");
}
