#include "models/eks/karpenter/api/manifest_reader.h"

#include <doctest/doctest.h>

#include "sim/document/loader.h"

namespace plimsoll::eks::karpenter {
namespace {

TEST_CASE("a NodePool among the files of the applications earns one warning, and its own faults") {
  document::Diagnostics diagnostics;
  const document::Reader reader(diagnostics);
  const auto of_files = karpenter_manifest_reader();
  CHECK(of_files->side() == Side::kubernetes);
  const auto documents = document::load_text(R"(apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: default}
spec:
  template:
    spec:
      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
      requirements: [{key: karpenter.sh/capacity-type, operator: Inn, values: [spot]}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
)",
                                             "pool.yaml", diagnostics);
  REQUIRE(documents.size() == 2);
  CHECK(of_files->accepts(documents[0]));
  CHECK_FALSE(of_files->accepts(documents[1]));
  std::vector<ManifestFacts> facts;
  of_files->read(documents[0], reader, facts);
  CHECK(facts.empty());
  const std::string text = diagnostics.text();
  CAPTURE(text);
  CHECK(text.find("pool.yaml:1:1: warning: NodePool has no effect among the files") == 0);
  CHECK(text.find("a column reads its own: capacity: {bootstrap: {...}, nodePools: [FILE]}") != std::string::npos);
  CHECK(diagnostics.warning_count() == 1);
  CHECK(text.find("pool.yaml:8:") != std::string::npos);  // the operator
  CHECK(diagnostics.has_errors());
}

}  // namespace
}  // namespace plimsoll::eks::karpenter
