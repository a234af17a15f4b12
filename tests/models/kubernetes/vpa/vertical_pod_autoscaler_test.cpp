#include "models/kubernetes/vpa/vertical_pod_autoscaler.h"

#include <doctest/doctest.h>

#include "sim/document/loader.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::kubernetes {
namespace {

using namespace plimsoll::testing;

/// Four pods of 1 vCPU and 1 GiB that use 100m and 300 MiB each; a ReplicaSet's work is done at once by the script.
struct Bench {
  explicit Bench(UpdateMode mode, Ppm budget = percent(100), const VerticalPodAutoscaler& said = {},
                 const std::vector<ContainerUsage>& containers = {})
      : world(small_world(hours(3))) {
    web = add_workload(world, "web", 1000, 1024, 4);
    world.edit_workload(web).memory_used = mebibytes(300);
    const NodeId node = ready_node(world, 32'000, 65'536);
    DisruptionBudgets budgets;
    budgets.set(web, budget);
    auto v = std::make_unique<VerticalPodAutoscalers>(UpdaterParameters{}, RecommenderParameters{}, budgets);
    vpa = v.get();
    VerticalPodAutoscaler a = said;
    a.mode = mode;
    v->manage(web, a, containers);
    world.attach(std::move(v));
    auto script = std::make_unique<Script>();
    for (std::int64_t s = 0; s < 3 * 3600; s += 10) {
      script->at(
          at_s(s),
          [this, node](World& w) {
            for (const PodId id : std::vector<PodId>(w.workload(web).pods)) {
              if (w.pod(id).state == PodState::stopping) w.pod_ended(id, w.pod(id).end_reason);
            }
            while (static_cast<std::int64_t>(w.workload(web).pods.size()) < w.workload(web).desired) {
              const PodId pod = w.create_pod(web);
              REQUIRE(w.bind_pod(pod, node) == Applied::yes);
              w.pod_started(pod);
              w.pod_ready(pod);
              w.pod_serving(pod);
            }
            Usage& u = w.usage[web.index()];
            u.cpu_serving += static_cast<__int128>(4) * cpu_millis(100).raw() * 10'000'000;
            u.started_time += 4 * 10'000'000;
          },
          Phase::load);
    }
    world.attach(std::move(script));
  }
  std::int64_t millis(PodId id) const { return to_millis_ceil(world.shapes[world.pod(id).shape].requests.cpu()); }

  World world;
  WorkloadId web;
  VerticalPodAutoscalers* vpa = nullptr;
};

TEST_CASE("off only recommends") {
  Bench b(UpdateMode::off);
  b.world.run();
  const auto r = b.vpa->recommendation(b.web);
  REQUIRE(r.has_value());
  CHECK(to_millis_ceil(r->target.cpu) > 100);
  CHECK(to_millis_ceil(r->target.cpu) < 130);
  CHECK(b.world.workload(b.web).requests.cpu() == cpu_millis(1000));
  CHECK(b.world.pods().size() == 4);
}

TEST_CASE("initial sizes new pods and leaves the others") {
  Bench b(UpdateMode::initial);
  b.world.run_until(at_s(3600));
  CHECK(b.world.pods().size() == 4);
  b.world.stop_pod(PodId{0}, plimsoll::Reason::node_drain);
  b.world.run_until(at_s(3700));
  REQUIRE(b.world.pods().size() == 5);
  CHECK(b.millis(PodId{1}) == 1000);
  CHECK(b.millis(PodId{4}) < 130);
}

TEST_CASE("recreate evicts what lies outside the bounds, half of the pods at a time") {
  Bench b(UpdateMode::recreate);
  // Until the upper bound has come down to 1 vCPU nothing happens: it takes some hours of history. 0.12 x (1 + 1/days)
  // is below 1000m once days > 0.14, which is 3.3 h; memory: 0.33 GiB x (1 + 1/days) below 1 GiB needs half a day.
  b.world.run();
  CHECK(b.world.pods().size() == 4);
}

TEST_CASE("evictions stop at the budget and at the tolerance") {
  const auto most_away = [](Ppm budget) {
    Bench b(UpdateMode::recreate, budget);
    VerticalPodAutoscaler a;
    a.policy.most_cpu = cpu_millis(200);  // the upper bound is below the request at once
    DisruptionBudgets budgets;
    budgets.set(b.web, budget);
    World world = b.world;
    auto v = std::make_unique<VerticalPodAutoscalers>(UpdaterParameters{}, RecommenderParameters{}, budgets);
    v->manage(b.web, a);
    world.attach(std::move(v));
    world.run_until(at_s(600));
    std::int64_t most = 0, away = 0;
    Time at{};
    for (const FactRecord& f : world.log) {
      if (f.fact != Fact::pod_stopping) continue;
      CHECK(f.reason == plimsoll::Reason::resized);
      away = f.at == at ? away + 1 : 1;
      at = f.at;
      most = std::max(most, away);
    }
    for (const PodId id : world.workload(b.web).pods) {
      CHECK(to_millis_ceil(world.shapes[world.pod(id).shape].requests.cpu()) <= 200);
    }
    return most;
  };
  CHECK(most_away(percent(100)) == 2);
  CHECK(most_away(percent(25)) == 1);
}

TEST_CASE("a container killed for its memory gets a fifth more, and its limit keeps its proportion") {
  Bench b(UpdateMode::initial);
  b.world.edit_workload(b.web).memory_limit = mebibytes(2048);  // twice the request
  b.world.run_until(at_s(1800));
  const Bytes before = b.vpa->recommendation(b.web)->target.memory;
  CHECK(before < mebibytes(400));  // 300 MiB and the margin of 15 %
  CHECK(b.world.workload(b.web).memory_limit >= Bytes{2 * before.raw() - 1});
  CHECK(b.world.workload(b.web).memory_limit <= Bytes{2 * before.raw()});
  b.world.pod_failed(PodId{0}, plimsoll::Reason::out_of_memory, 137);
  b.world.run_until(at_s(1900));
  // It had its request of 1 GiB; a fifth more, and the margin, within a bucket of the histogram (5 %).
  const double wanted = 1024.0 * 1.2 * 1.15;
  const auto after = static_cast<double>(b.vpa->recommendation(b.web)->target.memory.raw()) / (1024 * 1024);
  CHECK(after > wanted * 0.95);
  CHECK(after < wanted * 1.06);
}

TEST_CASE("the policy of the container stands above that of all") {
  VerticalPodAutoscaler v;
  v.policies.resize(2);
  v.policies[0].container = "*";
  v.policies[0].off = true;
  v.policies[1].container = "web";
  v.policies[1].policy.requests_only = true;
  v.choose_policy("web");
  CHECK_FALSE(v.left_alone);
  CHECK(v.policy.requests_only);
  v.choose_policy("proxy");
  CHECK(v.left_alone);
}

TEST_CASE("objects are read with their policies") {
  document::Diagnostics d;
  const auto nodes = document::load_text(R"(apiVersion: autoscaling.k8s.io/v1
kind: VerticalPodAutoscaler
metadata: {name: v}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  updatePolicy: {updateMode: Initial, minReplicas: 1}
  resourcePolicy:
    containerPolicies:
    - containerName: '*'
      minAllowed: {cpu: 100m, memory: 50Mi}
      maxAllowed: {cpu: 1, memory: 500Mi}
      controlledResources: [cpu]
)",
                                         "v.yaml", d);
  REQUIRE(is_vertical_pod_autoscaler(nodes.at(0)));
  const auto v = read_vertical_pod_autoscaler(nodes[0], d);
  CHECK_MESSAGE(d.empty(), d.text());
  REQUIRE(v.has_value());
  CHECK(v->target_name == "web");
  CHECK(v->mode == UpdateMode::initial);
  CHECK(v->min_replicas == 1);
  CHECK(v->policy.least_cpu == cpu_millis(100));
  CHECK(v->policy.most_memory == mebibytes(500));
  CHECK(v->policy.controls_cpu);
  CHECK_FALSE(v->policy.controls_memory);
  document::Diagnostics bad;
  CHECK_FALSE(read_vertical_pod_autoscaler(
                  document::load_text("apiVersion: autoscaling.k8s.io/v1\nkind: VerticalPodAutoscaler\nspec: "
                                      "{updatePolicy: {updateMode: Sometimes}}\n",
                                      "v.yaml", bad)
                      .at(0),
                  bad)
                  .has_value());
  CHECK(bad.text().find("Unsupported value") != std::string::npos);
}

ContainerUsage usage_of(const char* name, std::int64_t millis, std::int64_t mib, std::int64_t cpu_percent,
                        std::int64_t used_mib) {
  ContainerUsage c;
  c.name = name;
  c.size.cpu = cpu_millis(millis);
  c.size.memory = mebibytes(mib);
  c.cpu = percent(cpu_percent);
  c.memory = mebibytes(used_mib);
  return c;
}

TEST_CASE("each container has its own recommendation, and one that is off keeps what it has") {
  // Of the 100m and 300 MiB of a pod the first container uses 75 % and 260 MiB.
  const std::vector<ContainerUsage> both = {usage_of("web", 600, 768, 75, 260), usage_of("proxy", 400, 256, 25, 40)};
  Bench b(UpdateMode::initial, percent(100), {}, both);
  b.world.run_until(at_s(3600));
  const auto r = b.vpa->recommendation(b.web);
  REQUIRE(r.has_value());
  // 75m and 25m with a margin of 15 %, each up to the end of its bucket (10m and 5 % of the value wide).
  CHECK(to_millis_ceil(r->target.cpu) >= 115);
  CHECK(to_millis_ceil(r->target.cpu) <= 144);
  // 260 MiB and its margin; 40 MiB are less than the least of half a pod, 125 MiB.
  CHECK(r->target.memory >= mebibytes(299 + 125));
  CHECK(r->target.memory <= mebibytes(330 + 125));
  VerticalPodAutoscaler said;
  said.policies.resize(1);
  said.policies[0].container = "proxy";
  said.policies[0].off = true;
  Bench off(UpdateMode::initial, percent(100), said, both);
  off.world.run_until(at_s(3600));
  const auto kept = off.vpa->recommendation(off.web);
  REQUIRE(kept.has_value());
  CHECK(to_millis_ceil(kept->target.cpu) >= 400 + 86);
  CHECK(to_millis_ceil(kept->target.cpu) <= 400 + 103);
}

TEST_CASE("what the admission webhook refuses of a policy") {
  const auto said = [](const std::string& policy) {
    document::Diagnostics d;
    read_vertical_pod_autoscaler(
        document::load_text(
            "apiVersion: autoscaling.k8s.io/v1\nkind: VerticalPodAutoscaler\nmetadata: {name: v}\nspec: "
            "{targetRef: {kind: Deployment, name: web}, resourcePolicy: {containerPolicies: [{" +
                policy + "}]}}\n",
            "v.yaml", d)
            .at(0),
        d);
    return d.text();
  };
  CHECK(said("containerName: web, mode: 'Off', controlledValues: RequestsAndLimits")
            .find("controlledValues shouldn't be specified if container scaling mode is off") != std::string::npos);
  CHECK(said("mode: 'Off'").find("containerPolicies.containerName is required") != std::string::npos);
  CHECK(said("containerName: web, mode: 'Off', controlledValues: RequestsOnly").empty());
}

TEST_CASE("maxAllowed below minAllowed is refused") {
  document::Diagnostics d;
  read_vertical_pod_autoscaler(
      document::load_text("apiVersion: autoscaling.k8s.io/v1\nkind: VerticalPodAutoscaler\nmetadata: {name: v}\nspec: "
                          "{targetRef: {kind: Deployment, name: web}, resourcePolicy: {containerPolicies: "
                          "[{containerName: web, minAllowed: {cpu: 2, memory: 1Gi}, maxAllowed: {cpu: 1, memory: "
                          "2Gi}}]}}\n",
                          "v.yaml", d)
          .at(0),
      d);
  CHECK(d.text().find("max resource for cpu is lower than min (at "
                      "spec.resourcePolicy.containerPolicies[0].maxAllowed)") != std::string::npos);
  CHECK(d.text().find("memory") == std::string::npos);
}

}  // namespace
}  // namespace plimsoll::kubernetes
