#include "sim/document/node.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace plimsoll::document;

TEST_CASE("keys are found in small and large mappings, in the order written") {
  for (const int size : {0, 1, 11, 12, 13, 500}) {
    std::vector<Entry> entries;
    for (int i = 0; i < size; ++i) entries.push_back({"k" + std::to_string(size - i), {}, Node::integer(i)});
    const Node node = Node::mapping(std::move(entries));
    CHECK(node.size() == static_cast<std::size_t>(size));
    for (int i = 0; i < size; ++i) CHECK(node.find("k" + std::to_string(size - i))->as_integer() == i);
    CHECK(node.find("none") == nullptr);
    if (size > 0) CHECK(node.entries()[0].key == "k" + std::to_string(size));
  }
  CHECK(Node::integer(3).find("a") == nullptr);
}

TEST_CASE("count and height follow the tree, and the count saturates") {
  Node node = Node::sequence({Node::integer(1), Node::string("a")});
  CHECK(node.count() == 3);
  CHECK(node.height() == 1);
  for (int i = 0; i < 40; ++i) node = Node::sequence({node, node, node});
  CHECK(node.count() == 0xffffffffu);
  CHECK(node.height() == 41);
}

TEST_CASE("paths quote what is not a simple key") {
  CHECK(join_path("", "apps") == "apps");
  CHECK(join_path("apps", "ui-2") == "apps.ui-2");
  CHECK(join_path("expect", "ui.latency.p99") == "expect.\"ui.latency.p99\"");
  CHECK(join_path("a", "say \"x\"") == "a.\"say \\\"x\\\"\"");
  CHECK(join_path("a", std::size_t{2}) == "a[2]");
  CHECK(join_path("", "") == "\"\"");
}
