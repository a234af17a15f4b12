#include "models/eks/idle_parts.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace plimsoll::eks {
namespace {

Setting one_app(bool upgrade = false) {
  Setting setting;
  WorkloadSpec w;
  w.name = "web";
  setting.workloads.push_back(w);
  if (upgrade) {
    TimelineEvent e;
    e.what = ImageRelease{};
    setting.events.push_back(std::move(e));
  }
  return setting;
}

TEST_CASE("a Fargate profile that selects no pod is told") {
  EksPlan plan;
  plan.fargate_profiles = {{"shop", {{"default", {}}}}, {"prod", {{"prod-*", {}}}}, {"dns", {{"kube-system", {}}}}};
  const std::vector<std::string> told = idle_parts(plan, one_app());
  REQUIRE(told.size() == 1);
  CHECK(told[0] == "the Fargate profile prod selects no pod: nothing runs on it");
  // DaemonSets never run there.
  Setting daemon = one_app();
  daemon.workloads[0].kubernetes_rollout.kind = "DaemonSet";
  CHECK(idle_parts(plan, daemon).size() == 2);
}

TEST_CASE("upgrade: nodes is told where nothing follows it") {
  EksPlan plan;
  NodeGroupPlan own;
  own.managed = false;
  plan.groups.push_back(own);
  CHECK(idle_parts(plan, one_app()).empty());
  REQUIRE(idle_parts(plan, one_app(true)).size() == 1);
  CHECK(idle_parts(plan, one_app(true))[0].find("EKS updates no self-managed node group") != std::string::npos);
  plan.groups[0].managed = true;
  CHECK(idle_parts(plan, one_app(true)).empty());
  EksPlan microvms;
  microvms.fargate = true;
  REQUIRE(idle_parts(microvms, one_app(true)).size() == 1);
  CHECK(idle_parts(microvms, one_app(true))[0].find("on Fargate") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::eks
