#include "sim/document/object_list.h"

#include <doctest/doctest.h>

#include <string>

#include "sim/document/loader.h"

namespace plimsoll::document {
namespace {

std::string kinds_of(const std::string& text) {
  Diagnostics diagnostics;
  std::string out;
  for (const Node& node : without_lists(load_text(text, "list.yaml", diagnostics))) {
    const Node* version = node.find("apiVersion");
    const Node* kind = node.find("kind");
    out += (version == nullptr ? "-" : version->text()) + " " + (kind == nullptr ? "-" : kind->text()) + ";";
  }
  CHECK_FALSE(diagnostics.has_errors());
  return out;
}

TEST_CASE("lists of objects, of any kind or of one, give their objects") {
  CHECK(kinds_of("{apiVersion: v1, kind: Pod}") == "v1 Pod;");
  CHECK(kinds_of("{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod}, {apiVersion: apps/v1, kind: "
                 "Deployment}]}") == "v1 Pod;apps/v1 Deployment;");
  // The API leaves kind and version out of the items of a typed list.
  CHECK(
      kinds_of("{apiVersion: apps/v1, kind: DeploymentList, items: [{metadata: {name: a}}, {metadata: {name: b}}]}") ==
      "apps/v1 Deployment;apps/v1 Deployment;");
  CHECK(kinds_of("{apiVersion: v1, kind: List, items: [{apiVersion: batch/v1, kind: JobList, items: [{}]}]}") ==
        "batch/v1 Job;");
  CHECK(kinds_of("{apiVersion: v1, kind: List}") == "");
  // What is no object stays where it is, for the API's reader to refuse.
  CHECK(kinds_of("{apiVersion: v1, kind: List, items: 3}") == "v1 List;");
  CHECK(kinds_of("{apiVersion: v1, kind: List, items: [3]}") == "v1 List;");
  // No list: a kind of somebody's own that is named so.
  CHECK(kinds_of("{apiVersion: example.com/v1, kind: AllowList, spec: {}}") == "example.com/v1 AllowList;");
}

TEST_CASE("an object of a typed list keeps its place and fields") {
  Diagnostics diagnostics;
  const auto all = without_lists(
      load_text("apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: a}\n", "list.yaml", diagnostics));
  REQUIRE(all.size() == 1);
  CHECK(to_string(all[0].mark()) == "list.yaml:4:3");
  CHECK(all[0].find("metadata")->find("name")->text() == "a");
}

}  // namespace
}  // namespace plimsoll::document
