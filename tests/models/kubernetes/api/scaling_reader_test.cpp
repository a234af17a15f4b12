#include "models/kubernetes/api/scaling_reader.h"

#include <doctest/doctest.h>

#include "sim/document/loader.h"

namespace plimsoll::kubernetes::api {
namespace {

std::vector<ManifestFacts> read(const std::string& text, document::Diagnostics& d) {
  std::vector<ManifestFacts> out;
  const auto reader = scaling_manifest_reader();
  for (const document::Node& node : document::load_text(text, "test.yaml", d)) {
    if (reader->accepts(node)) reader->read(node, d, out);
  }
  return out;
}

TEST_CASE("a ScaledObject in neutral words, and the document itself") {
  document::Diagnostics d;
  const auto facts = read(R"(apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: s}
spec:
  scaleTargetRef: {name: web}
  maxReplicaCount: 30
  triggers:
  - {type: cpu, metricType: Utilization, metadata: {value: "65"}}
  - {type: cron, metadata: {timezone: UTC, start: 0 8 * * *, end: 0 9 * * *, desiredReplicas: "3"}}
---
apiVersion: autoscaling.k8s.io/v1
kind: VerticalPodAutoscaler
metadata: {name: v}
spec: {targetRef: {kind: Deployment, name: api}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: other}
)",
                          d);
  CHECK_MESSAGE(d.empty(), d.text());
  REQUIRE(facts.size() == 2);
  CHECK(facts[0].kind == "ScaledObject");
  CHECK(facts[0].name == "web");
  CHECK(facts[0].scale_minimum == 1);
  CHECK(facts[0].scale_maximum == 30);
  CHECK(facts[0].scale_cpu == percent(65));
  CHECK(facts[0].scaling.has_value());
  CHECK(facts[1].name == "api");
  CHECK_FALSE(facts[1].scale_cpu.has_value());
}

TEST_CASE("a paused ScaledObject says nothing about scaling to the other side") {
  document::Diagnostics d;
  const auto facts = read(R"(apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: s, annotations: {autoscaling.keda.sh/paused: "true"}}
spec:
  scaleTargetRef: {name: web}
  minReplicaCount: 2
  triggers:
  - {type: cpu, metricType: Utilization, metadata: {value: "65"}}
)",
                          d);
  REQUIRE(facts.size() == 1);
  CHECK_FALSE(facts[0].scale_minimum.has_value());
  CHECK_FALSE(facts[0].scale_cpu.has_value());
  CHECK(facts[0].scaling.has_value());
}

}  // namespace
}  // namespace plimsoll::kubernetes::api
