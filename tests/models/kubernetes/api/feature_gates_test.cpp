#include "models/kubernetes/api/feature_gates.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "models/kubernetes/api/pod_shape.h"

namespace plimsoll::kubernetes::api {
namespace {

/// A workload that uses every field of pods, workloads and claims that some release does not know.
ManifestPod everything_gated(WorkloadKind kind) {
  ManifestPod pod;
  Workload& w = pod.workload;
  w.kind = kind;
  w.min_ready = seconds(10);
  w.claims_deleted_when_scaled = kind == WorkloadKind::stateful_set;
  w.max_unavailable = {3, false};
  SpreadConstraint spread;
  spread.min_domains = 3;
  spread.match_label_keys = {"pod-template-hash"};
  spread.node_affinity_policy = InclusionPolicy::ignore;
  spread.node_taints_policy = InclusionPolicy::honor;
  w.pod.spread = {spread};
  PodTerm term;
  term.namespace_selector.present = true;
  term.match_label_keys = {"pod-template-hash"};
  WeightedPodTerm weighted;
  weighted.term.mismatch_label_keys = {"tenant"};
  w.pod.anti_required = {term};
  w.pod.pod_preferred = {weighted};
  w.pod.scheduling_gates = 1;
  Container proxy;
  proxy.name = "proxy";
  proxy.sidecar = true;
  w.pod.init_containers = {proxy};
  Container main;
  main.name = "main";
  main.has_pre_stop = main.sleep_action = true;
  main.pre_stop_sleep = seconds(20);
  main.readiness.emplace().grpc = true;
  main.liveness.emplace().termination_grace = seconds(5);
  w.pod.containers = {main};
  w.pod.requests.cpu = cpu_millis(500);
  VolumeClaim claim;
  claim.name = "data";
  claim.once_pod = true;
  w.claims = {claim};
  SelectingBudget budget;
  budget.spec.unready_always_allowed = true;
  pod.budgets = {budget};
  JobFields& job = w.job.emplace();
  PodFailureRule index_fails;
  index_fails.action = PodFailureAction::fail_index;
  job.failure_rules = {PodFailureRule{}, index_fails};
  job.success_rules.emplace_back();
  job.managed_by = "example.com/other";
  return pod;
}

KubernetesJob gated_job() {
  KubernetesJob job;
  job.indexed = job.suspend = job.replace_when_failed = true;
  job.backoff_limit = INT32_MAX;
  job.backoff_limit_per_index = 1;
  job.max_failed_indexes = 2;
  return job;
}

KubernetesRollout surging(const char* kind) {
  KubernetesRollout rollout;
  rollout.kind = kind;
  rollout.max_surge = {1, false};
  rollout.max_unavailable = {0, false};
  return rollout;
}

/// What release 1.`minor` drops of all that.
std::vector<DroppedField> all_dropped(int minor) {
  ManifestPod pod = everything_gated(WorkloadKind::stateful_set);
  KubernetesJob job = gated_job();
  KubernetesRollout rollout = surging("DaemonSet");
  std::vector<DroppedField> out = drop_disabled_fields(pod, minor);
  for (const DroppedField& f : drop_disabled_fields(job, minor)) out.push_back(f);
  for (const DroppedField& f : drop_disabled_fields(rollout, minor)) out.push_back(f);
  return out;
}

TEST_CASE("each field is dropped up to the release before the one that has its gate on") {
  const std::vector<std::pair<std::string, int>> fields{
      {"namespaceSelector", 22},
      {"maxSurge", 22},
      {"suspend", 22},
      {"completionMode", 22},
      {"minReadySeconds", 23},
      {"the grpc probe", 24},
      {"terminationGracePeriodSeconds of a probe", 25},
      {"nodeAffinityPolicy", 26},
      {"nodeTaintsPolicy", 26},
      {"podFailurePolicy", 26},
      {"minDomains", 27},
      {"matchLabelKeys of topologySpreadConstraints", 27},
      {"schedulingGates", 27},
      {"the access mode ReadWriteOncePod", 27},
      {"persistentVolumeClaimRetentionPolicy", 27},
      {"unhealthyPodEvictionPolicy", 27},
      {"restartPolicy", 29},
      {"backoffLimitPerIndex", 29},
      {"maxFailedIndexes", 29},
      {"podReplacementPolicy", 29},
      {"preStop.sleep", 30},
      {"matchLabelKeys of pod affinity", 31},
      {"mismatchLabelKeys of pod affinity", 31},
      {"successPolicy", 31},
      {"managedBy", 32},
      {"spec.resources", 34},
      {"maxUnavailable", 35},
  };
  for (const auto& [name, since] : fields) {
    CAPTURE(name);
    for (int minor = 20; minor <= 35; ++minor) {
      CAPTURE(minor);
      const std::vector<DroppedField> dropped = all_dropped(minor);
      const auto found =
          std::count_if(dropped.begin(), dropped.end(), [n = name](const DroppedField& f) { return f.name == n; });
      CHECK(found == (minor < since ? 1 : 0));
    }
  }
  // Nothing else, but for the rules FailIndex of a policy that is kept (1.26 to 1.28).
  CHECK(all_dropped(20).size() == fields.size());
  CHECK(all_dropped(28).size() == 12);  // the 11 of the table from 29 on, and the action FailIndex
  CHECK(all_dropped(35).empty());
}

TEST_CASE("the table of gates is in the order of its enumeration and of the releases") {
  int last = 0;
  for (std::size_t i = 0; i < feature_gates().size(); ++i) {
    const FeatureGate& gate = feature_gates()[i];
    CHECK(static_cast<std::size_t>(gate.feature) == i);
    CHECK(gate.on_since >= last);
    last = gate.on_since;
    CHECK(is_on(gate.feature, gate.on_since));
    CHECK_FALSE(is_on(gate.feature, gate.on_since - 1));
  }
}

TEST_CASE("what is dropped is gone, what is kept stays") {
  ManifestPod old = everything_gated(WorkloadKind::stateful_set);
  const auto fields = drop_disabled_fields(old, 20);
  const auto of = [&](const char* name) {
    return std::find_if(fields.begin(), fields.end(), [&](const DroppedField& f) { return f.name == name; })
        ->containers;
  };
  CHECK(of("restartPolicy") == "proxy");
  CHECK(of("preStop.sleep") == "main");
  CHECK(of("the grpc probe") == "main");
  const PodTemplate& was = old.workload.pod;
  CHECK_FALSE(was.spread[0].min_domains);
  CHECK(was.spread[0].match_label_keys.empty());
  CHECK(was.spread[0].node_affinity_policy == InclusionPolicy::honor);
  CHECK(was.spread[0].node_taints_policy == InclusionPolicy::ignore);
  CHECK_FALSE(was.anti_required[0].namespace_selector.present);
  CHECK(was.anti_required[0].match_label_keys.empty());
  CHECK(was.pod_preferred[0].term.mismatch_label_keys.empty());
  CHECK(was.scheduling_gates == 0);
  CHECK_FALSE(was.init_containers[0].sidecar);
  CHECK(was.containers[0].pre_stop_sleep == Duration{});
  CHECK_FALSE(was.containers[0].readiness);
  CHECK(was.containers[0].liveness);  // not by gRPC
  CHECK_FALSE(was.requests.cpu);
  CHECK(old.workload.min_ready == Duration{});
  CHECK(old.workload.max_unavailable == IntOrPercent{1, false});
  CHECK_FALSE(old.workload.claims_deleted_when_scaled);
  CHECK_FALSE(old.workload.claims[0].once_pod);
  CHECK_FALSE(old.budgets[0].spec.unready_always_allowed);
  CHECK(old.workload.job->failure_rules.empty());
  CHECK(old.workload.job->success_rules.empty());
  CHECK(old.workload.job->managed_by.empty());

  ManifestPod now = everything_gated(WorkloadKind::stateful_set);
  drop_disabled_fields(now, 35);
  CHECK(now.workload.pod.spread[0].min_domains == 3);
  CHECK(now.workload.pod.scheduling_gates == 1);
  CHECK(now.workload.pod.containers[0].pre_stop_sleep == seconds(20));
  CHECK(now.workload.min_ready == seconds(10));
  CHECK(now.workload.job->failure_rules.size() == 2);
  // minReadySeconds and maxUnavailable of a Deployment are older than all of them.
  ManifestPod deployment = everything_gated(WorkloadKind::deployment);
  drop_disabled_fields(deployment, 20);
  CHECK(deployment.workload.min_ready == seconds(10));
  CHECK(deployment.workload.max_unavailable == IntOrPercent{3, false});
  // 1.28 has the policy without its action.
  ManifestPod between = everything_gated(WorkloadKind::job);
  drop_disabled_fields(between, 28);
  REQUIRE(between.workload.job->failure_rules.size() == 1);
  CHECK(between.workload.job->failure_rules[0].action == PodFailureAction::count);
}

TEST_CASE("a command that sleeps before the end is as old as hooks") {
  ManifestPod pod = everything_gated(WorkloadKind::deployment);
  pod.workload.pod.containers[0].sleep_action = false;
  drop_disabled_fields(pod, 20);
  CHECK(pod.workload.pod.containers[0].pre_stop_sleep == seconds(20));
}

TEST_CASE("only the claims that a pod mounts are looked at") {
  ManifestPod pod;
  VolumeClaim claim;
  claim.name = "elsewhere";
  claim.once_pod = true;
  pod.claims = {claim};
  CHECK(drop_disabled_fields(pod, 26).empty());
  Volume volume;
  volume.kind = Volume::Kind::claim;
  volume.claim = "elsewhere";
  pod.workload.pod.volumes = {volume};
  CHECK(drop_disabled_fields(pod, 26).size() == 1);
  CHECK_FALSE(pod.claims[0].once_pod);
}

TEST_CASE("without a limit for each index a Job has the usual one, and an update without surge goes on") {
  KubernetesJob job = gated_job();
  drop_disabled_fields(job, 28);
  CHECK(job.backoff_limit == 6);
  CHECK(job.indexed);
  job = gated_job();
  job.backoff_limit = 9;  // said
  drop_disabled_fields(job, 28);
  CHECK(job.backoff_limit == 9);
  KubernetesRollout rollout = surging("DaemonSet");
  drop_disabled_fields(rollout, 21);
  CHECK(rollout.max_surge.value == 0);
  CHECK(rollout.max_unavailable.value == 1);
  KubernetesRollout deployment = surging("Deployment");
  CHECK(drop_disabled_fields(deployment, 20).empty());
  CHECK(deployment.max_surge.value == 1);
}

TEST_CASE("the scheduler sees the host ports of sidecars from 1.34 on, those of other init containers never") {
  ManifestPod file;
  Container proxy, setup;
  proxy.name = "proxy";
  proxy.sidecar = true;
  proxy.ports.push_back({"", 9000, 9000, "TCP", ""});
  setup.name = "setup";
  setup.ports.push_back({"", 9001, 9001, "TCP", ""});
  file.workload.pod.init_containers = {proxy, setup};
  file.workload.pod.containers.emplace_back().name = "main";
  for (const int minor : {29, 33, 34, 35}) {
    CAPTURE(minor);
    ManifestPod pod = file;
    CHECK(drop_disabled_fields(pod, minor).empty());
    Names names;
    const PodShape shape = make_shape(pod.workload, {}, names);
    REQUIRE(shape.host_ports.size() == (minor < 34 ? 0u : 1u));
    if (minor >= 34) CHECK(shape.host_ports[0].port == 9000);
  }
}

}  // namespace
}  // namespace plimsoll::kubernetes::api
