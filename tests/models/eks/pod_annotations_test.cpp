#include "models/eks/pod_annotations.h"

#include <doctest/doctest.h>

#include "models/kubernetes/api/manifest_reader.h"
#include "sim/document/loader.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::eks {
namespace {

constexpr const char* kAnnotatedFile = R"(apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store}
spec:
  replicas: 2
  serviceName: store
  selector: {matchLabels: {app: store}}
  template:
    metadata:
      labels: {app: store}
      annotations:
        cluster-autoscaler.kubernetes.io/safe-to-evict: "false"
        cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes: scratch,other
        cluster-autoscaler.kubernetes.io/pod-scale-up-delay: 90s
        controller.kubernetes.io/pod-deletion-cost: "7"
        karpenter.sh/do-not-disrupt: "true"
        prometheus.io/scrape: "true"
    spec:
      terminationGracePeriodSeconds: 120
      containers: [{name: store, image: store, resources: {requests: {cpu: 100m, memory: 128Mi}}}]
      volumes:
      - {name: scratch, emptyDir: {}}
      - {name: shared, emptyDir: {medium: Memory}}
      - {name: logs, hostPath: {path: /var/log}}
      - {name: settings, configMap: {name: settings}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: store}
spec:
  maxUnavailable: 1
  selector: {matchLabels: {app: store}}
)";

WorkloadSpec annotated_spec(const std::string& text) {
  document::Diagnostics diagnostics;
  const document::Reader reader(diagnostics);
  std::vector<ManifestFacts> facts;
  kubernetes::api::kubernetes_manifest_reader()->read_all(document::load_text(text, "store.yaml", diagnostics), reader,
                                                          facts);
  INFO(diagnostics.text());
  REQUIRE_FALSE(diagnostics.has_errors());
  WorkloadSpec spec;
  spec.name = "store";
  for (const ManifestFacts& f : facts) {
    if (f.pod) spec.kubernetes_pod = f.pod;
    if (f.max_unavailable) spec.max_disruption = *f.max_unavailable;
  }
  return spec;
}

TEST_CASE("the autoscalers hear what the pod template says") {
  Names names;
  const PodAnnotations said = pod_annotations(annotated_spec(kAnnotatedFile), names);
  CHECK(said.safe_to_evict == SafeToEvict::no);
  CHECK(said.do_not_disrupt);
  CHECK(said.deletion_cost == 7);
  CHECK(said.scale_up_delay == seconds(90));
  CHECK(said.grace == seconds(120));
  CHECK(said.controller == ControllerKind::stateful_set);
  REQUIRE(said.safe_local_volumes.size() == 2);
  CHECK(names.text(said.safe_local_volumes[1]) == "other");
  REQUIRE(said.volumes.size() == 3);
  CHECK(said.volumes[0].kind == LocalVolume::empty_dir);
  CHECK(said.volumes[0].name == said.safe_local_volumes[0]);
  CHECK(said.volumes[1].kind == LocalVolume::empty_dir_memory);
  CHECK(said.volumes[2].kind == LocalVolume::host_path);
}

TEST_CASE("the scenario's annotations go before those of the file") {
  Names names;
  WorkloadSpec spec = annotated_spec(kAnnotatedFile);
  spec.annotations = {{"cluster-autoscaler.kubernetes.io/safe-to-evict", "true"},
                      {"karpenter.sh/do-not-disrupt", "30m"},
                      {"cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes", "logs"}};
  const PodAnnotations said = pod_annotations(spec, names);
  CHECK(said.safe_to_evict == SafeToEvict::yes);
  REQUIRE(said.safe_local_volumes.size() == 1);
  CHECK(said.safe_local_volumes[0] == said.volumes[2].name);
  CHECK_FALSE(said.do_not_disrupt);
  CHECK(said.do_not_disrupt_for == minutes(30));
  CHECK(said.scale_up_delay == seconds(90));  // the file's stands
  spec.kubernetes_pod.reset();
  CHECK(pod_annotations(spec, names).controller == ControllerKind::replica_set);
}

TEST_CASE("a budget of a file holds at any size and whatever the scenario says, a share is for those without one") {
  using plimsoll::testing::add_workload;
  World world = plimsoll::testing::small_world();
  const WorkloadId store = add_workload(world, "store", 100, 64, 20);
  world.edit_workload(store).ready = 20;
  WorkloadSpec spec = annotated_spec(kAnnotatedFile);
  CHECK(spec.max_disruption == percent(50));  // one of the file's two
  kubernetes::DisruptionBudgets budgets;
  set_budget(budgets, store, spec, world.names);
  CHECK(budgets.allowed(world, store) == 1);
  spec.max_disruption = percent(25);  // the scenario's own
  kubernetes::DisruptionBudgets disagreeing;
  set_budget(disagreeing, store, spec, world.names);
  CHECK(disagreeing.allowed(world, store) == 1);
  spec.kubernetes_pod.reset();
  kubernetes::DisruptionBudgets without;
  set_budget(without, store, spec, world.names);
  CHECK(without.allowed(world, store) == 5);
  spec.max_disruption.reset();
  kubernetes::DisruptionBudgets unlimited;
  set_budget(unlimited, store, spec, world.names);
  CHECK_FALSE(unlimited.allowed(world, store).has_value());
}

TEST_CASE("two budgets of the files on one pod: the eviction API lets nothing go") {
  using plimsoll::testing::add_workload;
  World world = plimsoll::testing::small_world();
  const WorkloadId store = add_workload(world, "store", 100, 64, 4);
  for (int i = 0; i < 4; ++i) world.create_pod(store);
  world.edit_workload(store).ready = 4;
  const std::string second = R"(---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: everything}
spec:
  minAvailable: 1
  selector: {}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: elsewhere, namespace: other}
spec:
  minAvailable: 1
  selector: {matchLabels: {app: store}}
)";
  const WorkloadSpec spec = annotated_spec(kAnnotatedFile + second);
  const auto& file = dynamic_cast<const kubernetes::api::ManifestPod&>(*spec.kubernetes_pod);
  REQUIRE(file.budgets.size() == 2);  // that of the other namespace is none of its
  CHECK(file.budgets[1].name == "everything");
  kubernetes::DisruptionBudgets budgets;
  set_budget(budgets, store, spec, world.names);
  CHECK(budgets.allowed(world, store) == 0);
  std::vector<std::int64_t> allowed;
  budgets.each(world,
               [&](const kubernetes::DisruptionBudgets::Status& s) { allowed.push_back(s.disruptions_allowed); });
  CHECK(allowed == std::vector<std::int64_t>{1, 3});  // each for itself would
}

}  // namespace
}  // namespace plimsoll::eks
