#include "models/kubernetes/api/feature_gates.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace plimsoll::kubernetes::api {
namespace {

ManifestPod everything_gated(WorkloadKind kind) {
  ManifestPod pod;
  Workload& w = pod.workload;
  w.kind = kind;
  w.min_ready = seconds(10);
  w.claims_deleted_when_scaled = kind == WorkloadKind::stateful_set;
  SpreadConstraint spread;
  spread.min_domains = 3;
  w.pod.spread = {spread};
  Container proxy;
  proxy.name = "proxy";
  proxy.sidecar = true;
  w.pod.init_containers = {proxy};
  w.pod.requests.cpu = cpu_millis(500);
  SelectingBudget budget;
  budget.spec.unready_always_allowed = true;
  pod.budgets = {budget};
  return pod;
}

std::vector<std::string> names_of(const std::vector<DroppedField>& fields) {
  std::vector<std::string> out;
  for (const DroppedField& f : fields) out.emplace_back(f.name);
  return out;
}

TEST_CASE("each release drops what is not on by default there") {
  using Names = std::vector<std::string>;
  const auto dropped = [](int minor) {
    ManifestPod pod = everything_gated(WorkloadKind::stateful_set);
    return names_of(drop_disabled_fields(pod, minor));
  };
  CHECK(dropped(20) == Names{"minDomains", "restartPolicy", "spec.resources", "minReadySeconds",
                             "persistentVolumeClaimRetentionPolicy", "unhealthyPodEvictionPolicy"});
  CHECK(dropped(26) == Names{"minDomains", "restartPolicy", "spec.resources", "persistentVolumeClaimRetentionPolicy",
                             "unhealthyPodEvictionPolicy"});
  CHECK(dropped(27) == Names{"restartPolicy", "spec.resources"});
  CHECK(dropped(29) == Names{"spec.resources"});
  CHECK(dropped(34).empty());
}

TEST_CASE("what is dropped is gone, what is kept stays") {
  ManifestPod old = everything_gated(WorkloadKind::stateful_set);
  const auto fields = drop_disabled_fields(old, 20);
  CHECK(fields[1].containers == "proxy");
  CHECK_FALSE(old.workload.pod.spread[0].min_domains);
  CHECK_FALSE(old.workload.pod.init_containers[0].sidecar);
  CHECK_FALSE(old.workload.pod.requests.cpu);
  CHECK(old.workload.min_ready == Duration{});
  CHECK_FALSE(old.workload.claims_deleted_when_scaled);
  CHECK_FALSE(old.budgets[0].spec.unready_always_allowed);
  ManifestPod now = everything_gated(WorkloadKind::stateful_set);
  drop_disabled_fields(now, 34);
  CHECK(now.workload.pod.spread[0].min_domains == 3);
  CHECK(now.workload.min_ready == seconds(10));
  // minReadySeconds of a Deployment is older than all of them.
  ManifestPod deployment = everything_gated(WorkloadKind::deployment);
  drop_disabled_fields(deployment, 20);
  CHECK(deployment.workload.min_ready == seconds(10));
}

}  // namespace
}  // namespace plimsoll::kubernetes::api
