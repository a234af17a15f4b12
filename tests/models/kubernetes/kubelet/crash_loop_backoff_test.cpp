// Also tests: pod_template
#include "models/kubernetes/kubelet/crash_loop_backoff.h"

#include <doctest/doctest.h>

#include "models/kubernetes/api/manifest_reader.h"
#include "models/kubernetes/kubelet/pod_template.h"
#include "sim/cluster/host_agent.h"

namespace plimsoll::kubernetes {
namespace {

TEST_CASE("the first restart is at once, the others wait 10 s, doubling up to five minutes") {
  const RestartRule rule = crash_loop_backoff();
  const std::int64_t wanted[] = {0, 10, 20, 40, 80, 160, 300, 300, 300};
  for (std::uint32_t failures = 0; failures < 9; ++failures) {
    CHECK(restart_delay(rule, failures) == seconds(wanted[failures]));
  }
  CHECK(rule.kind == RestartRule::Kind::backoff);
  CHECK(rule.reset_after == minutes(10));
}

TEST_CASE("the probes of a manifest become those of the pod") {
  WorkloadSpec spec;
  spec.kubernetes_probes = {{"liveness", seconds(45), seconds(20), seconds(1), 3, 1},
                            {"readiness", seconds(5), seconds(4), seconds(1), 2, 3}};
  spec.kubernetes_stop_grace = seconds(60);
  spec.pre_stop = seconds(15);
  plimsoll::PodTemplate out;
  fill_template(spec, out);
  CHECK(!out.startup);
  REQUIRE(out.liveness);
  CHECK(out.liveness->initial_delay == seconds(45));
  CHECK(out.liveness->period == seconds(20));
  REQUIRE(out.readiness);
  CHECK(out.readiness->failures == 2);
  CHECK(out.readiness->successes == 3);
  CHECK(out.stop_grace == seconds(60));
  CHECK(out.pre_stop == seconds(15));
}

TEST_CASE("a manifest without a readiness probe: ready at the next relist, and ready for good") {
  WorkloadSpec spec;
  plimsoll::PodTemplate plain;
  fill_template(spec, plain);
  CHECK_FALSE(plain.readiness);  // no manifest: the host's period
  spec.kubernetes_pod = std::make_shared<api::ManifestPod>();
  plimsoll::PodTemplate out;
  fill_template(spec, out);
  REQUIRE(out.readiness);
  CHECK(out.readiness->period == seconds(1));
  CHECK(out.readiness->failures > 1'000'000);
  spec.entry = true;  // the balancer's checks: 2 x 15 s
  fill_template(spec, out = {});
  CHECK(out.readiness->period * out.readiness->failures == seconds(30));
}

TEST_CASE("a rollout's own words reach its controller") {
  KubernetesRollout r;
  r.recreate = true;
  r.max_surge = {3, false};
  r.min_ready = seconds(7);
  r.partition = 2;
  CHECK(deployment_strategy(r).recreate);
  CHECK(deployment_strategy(r).max_surge == IntOrPercent{3, false});
  CHECK(deployment_strategy(r).max_unavailable == IntOrPercent{25, true});
  CHECK(stateful_set_strategy(r).partition == 2);
  CHECK(stateful_set_strategy(r).min_ready == seconds(7));
}

}  // namespace
}  // namespace plimsoll::kubernetes
