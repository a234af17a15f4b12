#include "models/eks/pod_path.h"

#include <doctest/doctest.h>

#include <memory>

#include "models/kubernetes/api/manifest_reader.h"

namespace plimsoll::eks {
namespace {

WorkloadSpec spec_with(const std::shared_ptr<kubernetes::api::ManifestPod>& file) {
  WorkloadSpec spec;
  spec.name = "web";
  spec.kubernetes_pod = file;
  return spec;
}

TEST_CASE("the way that counts is that of the load's entry from outside, and of calls for every other app") {
  auto file = std::make_shared<kubernetes::api::ManifestPod>();
  file->no_way_from_outside = "no endpoints";
  WorkloadSpec spec = spec_with(file);
  Names names;
  CHECK(lost_way(spec).empty());
  CHECK_FALSE(pod_path(spec, {}, names).without_endpoints);
  spec.entry = true;
  CHECK(lost_way(spec) == "no endpoints");
  CHECK(pod_path(spec, {}, names).without_endpoints);
  CHECK(lost_way(WorkloadSpec{}).empty());
}

TEST_CASE("a pod's own deadline goes with it") {
  auto file = std::make_shared<kubernetes::api::ManifestPod>();
  Names names;
  CHECK_FALSE(pod_path(spec_with(file), {}, names).active_deadline);
  file->workload.pod.active_deadline = seconds(90);
  CHECK(pod_path(spec_with(file), {}, names).active_deadline == seconds(90));
}

TEST_CASE("maxUnavailable of a StatefulSet counts from 1.35 on") {
  WorkloadSpec spec;
  spec.kubernetes_rollout.kind = "StatefulSet";
  spec.kubernetes_rollout.max_unavailable = {3, false};
  CHECK_FALSE(stateful_set_update(spec, 34).max_unavailable);
  CHECK(stateful_set_update(spec, 35).max_unavailable == kubernetes::IntOrPercent{3, false});
}

}  // namespace
}  // namespace plimsoll::eks
