#include "models/kubernetes/admission/resource_quota.h"

#include <doctest/doctest.h>

namespace plimsoll::kubernetes {
namespace {

using api::QuotaResource;

constexpr std::int64_t kGiB = std::int64_t{1} << 30;

api::Workload workload(std::int64_t cpu, std::int64_t memory) {
  api::Workload w;
  api::Container c;
  c.name = "app";
  c.requests.cpu = cpu_millis(cpu);
  c.requests.memory = Bytes{memory};
  w.pod.containers.push_back(c);
  return w;
}

TEST_CASE("each resource that would be exceeded is told, in the order of their names") {
  api::ResourceQuota quota;
  quota.name = "compute";
  quota.hard = {{"pods", QuotaResource::pods, 10},
                {"requests.cpu", QuotaResource::requests_cpu, 4000},
                {"requests.memory", QuotaResource::requests_memory, 8 * kGiB}};
  const QuotaPod pod = quota_pod(workload(500, kGiB));
  CHECK(quota_fault(quota, {3500, 7 * kGiB, 0, 0, 9}, pod).empty());
  CHECK(quota_fault(quota, {3501, 7 * kGiB, 0, 0, 9}, pod) ==
        "exceeded quota: compute, requested: requests.cpu=500m, used: requests.cpu=3501m, limited: requests.cpu=4");
  CHECK(quota_fault(quota, {3750, 8 * kGiB, 0, 0, 10}, pod) ==
        "exceeded quota: compute, requested: pods=1,requests.cpu=500m,requests.memory=1Gi, used: "
        "pods=10,requests.cpu=3750m,requests.memory=8Gi, limited: pods=10,requests.cpu=4,requests.memory=8Gi");
}

TEST_CASE("a quota of a resource wants every container to name it") {
  api::ResourceQuota quota;
  quota.name = "limits";
  quota.hard = {{"limits.cpu", QuotaResource::limits_cpu, 4000}, {"limits.memory", QuotaResource::limits_memory, kGiB}};
  api::Workload w = workload(100, kGiB);
  w.pod.containers.push_back(w.pod.containers[0]);
  w.pod.containers[1].name = "proxy";
  w.pod.containers[1].limits.cpu = cpu_millis(100);
  CHECK(quota_fault(quota, {}, quota_pod(w)) ==
        "failed quota: limits: must specify limits.cpu for: app; limits.memory for: app,proxy");
}

TEST_CASE("an init container counts when it is larger than the containers with the sidecars") {
  api::Workload w = workload(500, kGiB);
  api::Container sidecar = w.pod.containers[0], setup = w.pod.containers[0];
  sidecar.sidecar = true;
  sidecar.requests.cpu = cpu_millis(100);
  setup.requests.cpu = cpu_millis(700);
  w.pod.init_containers = {sidecar, setup};
  // Containers and sidecar: 600m; the sidecar and the setup after it: 800m.
  CHECK(quota_pod(w).amounts[0] == 800);
}

TEST_CASE("scopes") {
  const auto matches = [](const api::ScopeRule& rule, const QuotaPod& pod) {
    api::ResourceQuota quota;
    quota.scopes = {rule};
    return quota_matches(quota, pod);
  };
  using api::QuotaScope;
  QuotaPod pod = quota_pod(workload(100, kGiB));
  pod.priority_class = "high";
  CHECK(matches({QuotaScope::not_terminating, {}, {}}, pod));
  CHECK_FALSE(matches({QuotaScope::terminating, {}, {}}, pod));
  CHECK(matches({QuotaScope::not_best_effort, {}, {}}, pod));
  CHECK_FALSE(matches({QuotaScope::best_effort, {}, {}}, pod));
  CHECK(matches({QuotaScope::priority_class, SelectorOp::in, {"low", "high"}}, pod));
  CHECK_FALSE(matches({QuotaScope::priority_class, SelectorOp::not_in, {"high"}}, pod));
  CHECK(matches({QuotaScope::priority_class, SelectorOp::exists, {}}, pod));
  CHECK_FALSE(matches({QuotaScope::priority_class, SelectorOp::does_not_exist, {}}, pod));
  pod.namespace_name = "elsewhere";
  CHECK_FALSE(quota_matches({}, pod));
}

}  // namespace
}  // namespace plimsoll::kubernetes
