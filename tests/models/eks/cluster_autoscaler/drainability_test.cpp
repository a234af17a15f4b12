#include "models/eks/cluster_autoscaler/drainability.h"

#include <doctest/doctest.h>

#include "tests/models/eks/fixture.h"

namespace plimsoll::eks::ca {

namespace {

/// One pod of a ReplicaSet, changed by the test.
struct Case {
  test::Bed bed;
  PodShape shape;
  PodFacts facts;
  DrainParams params;
  std::vector<DisruptionBudget> budgets;
  Time now = kTimeZero + hours(10);

  Case() {
    shape.namespace_name = bed.name("default");
    shape.labels.set(bed.name("app"), bed.name("a"));
    params.kube_system = bed.name("kube-system");
  }
  DrainVerdict verdict() {
    const DrainPod pod{PodId{0}, &shape, &facts, kTimeZero};
    return pods_to_move(std::span(&pod, 1), PdbTracker(budgets, bed.names), params, now);
  }
  BlockReason reason() { return verdict().reason; }
};

}  // namespace

TEST_CASE("a replicated pod moves, a daemon never blocks, a mirror pod is ignored") {
  Case c;
  CHECK(c.verdict().move.size() == 1);
  c.facts.controller = ControllerKind::daemon_set;
  CHECK(c.verdict().daemonset.size() == 1);
  c.facts.controller = ControllerKind::none;
  c.facts.mirror = true;
  CHECK((c.verdict().move.empty() && !c.verdict().blocked()));
}

TEST_CASE("pods without a known controller block unless they are safe to evict or finished") {
  Case c;
  c.facts.controller = ControllerKind::none;
  CHECK(c.reason() == BlockReason::not_replicated);
  c.facts.controller = ControllerKind::custom;
  CHECK(c.reason() == BlockReason::not_replicated);
  c.params.skip_nodes_with_custom_controller_pods = false;
  CHECK(c.reason() == BlockReason::none);
  c.params.skip_nodes_with_custom_controller_pods = true;
  c.facts.safe_to_evict = SafeToEvict::yes;
  CHECK(c.reason() == BlockReason::none);
  c.facts.safe_to_evict = SafeToEvict::unset;
  c.facts.phase = PodPhase::failed;
  CHECK(c.reason() == BlockReason::none);
  c.facts.phase = PodPhase::succeeded;
  CHECK(c.reason() == BlockReason::not_replicated);
  c.facts.restart_policy = RestartPolicy::never;
  CHECK(c.reason() == BlockReason::none);
}

TEST_CASE("owners are looked up only when custom controllers block") {
  Case c;
  c.facts.controller_exists = false;
  CHECK(c.reason() == BlockReason::controller_not_found);
  c.facts.controller_exists = true;
  c.params.min_replica_count = 2;
  CHECK(c.reason() == BlockReason::min_replicas_reached);
  c.params.skip_nodes_with_custom_controller_pods = false;
  CHECK(c.reason() == BlockReason::none);
}

TEST_CASE("a system pod needs a budget, from 1.33 for its first hour only") {
  Case c;
  c.shape.namespace_name = c.bed.name("kube-system");
  c.params.minor = 32;
  CHECK(c.reason() == BlockReason::unmovable_kube_system_pod);
  c.budgets.push_back({c.bed.name("kube-system"), c.bed.select("app", "a"), 1});
  CHECK(c.reason() == BlockReason::none);
  c.budgets.clear();
  c.params.minor = 33;
  CHECK(c.reason() == BlockReason::none);
  c.now = kTimeZero + minutes(59);
  CHECK(c.reason() == BlockReason::unmovable_kube_system_pod);
}

TEST_CASE("local volumes block unless they are in memory or listed, and 1.28 names them before the annotation") {
  Case c;
  c.facts.volumes.push_back({LocalVolume::empty_dir, c.bed.name("scratch")});
  CHECK(c.reason() == BlockReason::local_storage_requested);
  c.facts.safe_to_evict = SafeToEvict::no;
  CHECK(c.reason() == BlockReason::not_safe_to_evict_annotation);
  c.params.minor = 28;
  CHECK(c.reason() == BlockReason::local_storage_requested);
  c.facts.safe_to_evict = SafeToEvict::unset;
  c.facts.safe_local_volumes = {c.bed.name("scratch")};
  CHECK(c.reason() == BlockReason::none);
  c.facts.safe_local_volumes.clear();
  c.facts.volumes[0].kind = LocalVolume::empty_dir_memory;
  CHECK(c.reason() == BlockReason::none);
}

TEST_CASE("a budget without disruptions blocks, and one that is too small makes the drain slow") {
  Case c;
  c.budgets.push_back({c.bed.name("default"), c.bed.select("app", "a"), 0});
  CHECK(c.reason() == BlockReason::not_enough_pdb);
  c.budgets[0].disruptions_allowed = 1;
  const DrainPod pods[] = {{PodId{0}, &c.shape, &c.facts, kTimeZero}, {PodId{1}, &c.shape, &c.facts, kTimeZero}};
  PdbTracker tracker(c.budgets, c.bed.names);
  CHECK(tracker.can_remove(pods).allowed);
  CHECK_FALSE(tracker.can_remove(pods).at_once);
  tracker.remove(std::span(pods, 1));
  CHECK_FALSE(tracker.can_remove(pods).allowed);
}

TEST_CASE("a pod that has been terminating for longer than its grace and 30 s is ignored") {
  Case c;
  c.facts.controller = ControllerKind::none;
  c.facts.deleted_at = c.now - seconds(60);
  CHECK(c.reason() == BlockReason::not_replicated);
  c.facts.deleted_at = c.now - seconds(61);
  CHECK(c.reason() == BlockReason::none);
}

}  // namespace plimsoll::eks::ca
