#include "models/kubernetes/api/runtime_class_reader.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "models/kubernetes/api/manifest_reader.h"
#include "sim/document/loader.h"

namespace plimsoll::kubernetes::api {
namespace {

constexpr const char* kKataClass =
    "apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: kata}\nhandler: kata\n"
    "overhead: {podFixed: {cpu: 250m, memory: 120Mi}}\n"
    "scheduling: {nodeSelector: {kata: 'yes'}, tolerations: [{key: kata, operator: Exists, effect: "
    "NoSchedule}]}\n---\n";

std::string pod_of_class(const std::string& name, const std::string& more) {
  return "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  runtimeClassName: " + name + "\n" + more +
         "  containers: [{name: c, image: i, resources: {requests: {cpu: 100m}}}]\n";
}

struct ClassRead {
  document::Diagnostics diagnostics;
  std::vector<ManifestFacts> facts;
  explicit ClassRead(const std::string& text) {
    kubernetes_manifest_reader()->read_all(document::load_text(text, "test.yaml", diagnostics), diagnostics, facts);
  }
  const PodTemplate& pod() const { return dynamic_cast<const ManifestPod&>(*facts.at(0).pod).workload.pod; }
};

TEST_CASE("a pod of a runtime class has its overhead, node selector and tolerations") {
  const ClassRead r(kKataClass + pod_of_class("kata", "  nodeSelector: {disk: ssd}\n"));
  CHECK_MESSAGE(r.diagnostics.empty(), r.diagnostics.text());
  CHECK(r.pod().overhead.cpu == cpu_millis(250));
  CHECK(r.pod().overhead.memory == mebibytes(120));
  CHECK(r.pod().node_selector == TextMap{{"disk", "ssd"}, {"kata", "yes"}});
  REQUIRE(r.pod().tolerations.size() == 1);
  CHECK(r.pod().tolerations[0].effect == TaintEffect::no_schedule);
}

TEST_CASE("a pod that says otherwise is refused, a class that is not there is a warning") {
  const ClassRead conflict(kKataClass + pod_of_class("kata", "  nodeSelector: {kata: 'no'}\n"));
  CHECK(conflict.diagnostics.text().find("runtimeClass.scheduling.nodeSelector[kata] = yes; "
                                         "pod.spec.nodeSelector[kata] = no") != std::string::npos);
  const ClassRead other(kKataClass + pod_of_class("kata", "  overhead: {cpu: 1}\n"));
  CHECK(other.diagnostics.has_errors());
  CHECK(other.diagnostics.text().find("Overhead doesn't match") != std::string::npos);
  const ClassRead same(kKataClass + pod_of_class("kata", "  overhead: {cpu: 250m, memory: 120Mi}\n"));
  CHECK_FALSE(same.diagnostics.has_errors());
  const ClassRead absent(pod_of_class("gvisor", ""));
  CHECK_FALSE(absent.diagnostics.has_errors());
  CHECK(absent.diagnostics.text().find("RuntimeClass 'gvisor' of Pod 'p' is not among the files") != std::string::npos);
  CHECK(absent.pod().rejected == "pod rejected: RuntimeClass \"gvisor\" not found");
  CHECK(same.pod().rejected.empty());
  const ClassRead bare(pod_of_class("", "  overhead: {cpu: 250m}\n"));
  CHECK(bare.diagnostics.text().find("pod rejected: Pod Overhead set without corresponding RuntimeClass defined "
                                     "Overhead") != std::string::npos);
  CHECK(bare.diagnostics.has_errors());
}

TEST_CASE("a class without a handler is refused") {
  for (const char* handler : {"", "handler: A_b\n"}) {
    CAPTURE(handler);
    const ClassRead r("apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: kata}\n" +
                      std::string(handler) + "---\n" + pod_of_class("kata", ""));
    CHECK(r.diagnostics.text().find("(at handler)") != std::string::npos);
    CHECK(r.diagnostics.has_errors());
  }
}

}  // namespace
}  // namespace plimsoll::kubernetes::api
