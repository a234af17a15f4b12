#include "sim/scenario/document_kind.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "sim/document/loader.h"

namespace plimsoll::scenario {
namespace {

document::Node document_of(const std::string& text) {
  document::Diagnostics diagnostics;
  const auto documents = document::load_text(text, "f.yaml", diagnostics);
  REQUIRE(documents.size() == 1);
  return documents.front();
}

TEST_CASE("a file is known by the keys of its root") {
  const std::vector<std::pair<std::string, DocumentKind>> cases = {
      {"{apiVersion: plimsoll/v1, apps: {}}", DocumentKind::scenario},
      {"{from: other.yaml}", DocumentKind::scenario},
      {"{apiVersion: plimsoll/v1, base: s.yaml}", DocumentKind::sweep},
      {"{apiVersion: plimsoll/v1, curves: {}}", DocumentKind::curves},
      {"{apiVersion: apps/v1, kind: Deployment}", DocumentKind::manifest},
      {"{family: web, containerDefinitions: []}", DocumentKind::task_definition},
      {"{serviceName: web, desiredCount: 2}", DocumentKind::service},
      {"{services: {web: {image: nginx}}}", DocumentKind::composition},
      {"{format_version: '1.0', plimsoll_version: 0.1.0, platforms: {}}", DocumentKind::result},
      {"{apiVersion: plimsoll/v1, kind: x}", DocumentKind::unknown},
      {"[1, 2]", DocumentKind::unknown},
  };
  for (const auto& [text, kind] : cases) CHECK_MESSAGE(kind_of(document_of(text)) == kind, text);
}

TEST_CASE("what is of another kind is one fault that names the way") {
  document::Diagnostics d;
  const document::Node scenario = document_of("{apiVersion: plimsoll/v1, load: {}, apps: {}, platforms: {}}");
  CHECK_FALSE(is_of_another_kind(scenario, DocumentKind::scenario, "f.yaml", d));
  CHECK_FALSE(d.has_errors());
  CHECK(is_of_another_kind(scenario, DocumentKind::sweep, "f.yaml", d));
  CHECK(d.text() == "f.yaml:1:1: error: this is a scenario, not a sweep\n  hint: plimsoll compare f.yaml\n");
  document::Diagnostics manifest;
  CHECK(is_of_another_kind(document_of("{apiVersion: v1, kind: Pod}"), DocumentKind::scenario, "f.yaml", manifest));
  CHECK(manifest.text() ==
        "f.yaml:1:1: error: this is a Kubernetes manifest, not a scenario\n"
        "  hint: name it under `files` of a scenario; plimsoll import f.yaml --to scenario writes one\n");
}

}  // namespace
}  // namespace plimsoll::scenario
