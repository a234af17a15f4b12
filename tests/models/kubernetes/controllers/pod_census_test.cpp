#include "models/kubernetes/controllers/pod_census.h"

#include <doctest/doctest.h>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::kubernetes {
namespace {

using namespace plimsoll::testing;

bool same(const ReplicaProposal& a, const ReplicaProposal& b) {
  return a.error == b.error && a.replicas == b.replicas && a.utilization == b.utilization &&
         a.raw_average_milli == b.raw_average_milli;
}

/// Hands the facts of one workload to a census.
class Listener : public ComponentOf<Listener> {
 public:
  explicit Listener(WorkloadId id) : workload(id) {}
  bool watches() const override { return true; }
  void start(World& world) override { census.start(world, workload); }
  void handle(World&, const Event&) override {}
  void on_fact(World& world, const FactRecord& f) override {
    if (f.workload == workload) census.on_fact(world, f);
  }
  WorkloadId workload;
  PodCensus census;
};

TEST_CASE("sizes from the census equal sizes from every pod, whatever pods go through") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    World world = small_world(hours(3), 3, seed);
    const WorkloadId web = add_workload(world, "web", 500, 64, 2);
    const NodeId node = ready_node(world, 1'000'000, 1'000'000);
    const HandlerId listener = world.attach(std::make_unique<Listener>(web));
    const Stream random = world.stream(hash_text("census"), Purpose::tie_break);
    std::uint64_t item = 0;
    const auto below = [&](std::uint64_t n) { return random.below(n, item++); };
    Sampling sampling;
    sampling.request_milli = 500;
    sampling.cpu_initialization = seconds(120);
    std::int64_t settled_syncs = 0;
    for (std::int64_t s = 0; s < 1500; ++s) {
      world.wake(listener, at_s(s), Phase::facts);  // time passes with events only
      world.run_until(at_s(s));
      const auto pods = world.workload(web).pods;
      if (pods.size() < 3 || (pods.size() < 60 && below(4) == 0)) world.create_pod(web);
      for (const PodId id : pods) {
        if (below(30) != 0) continue;
        switch (world.pod(id).state) {
          case PodState::pending:
            if (below(10) == 0) {
              world.stop_pod(id, plimsoll::Reason::scale_in);
            } else {
              CHECK(world.bind_pod(id, node) == Applied::yes);
            }
            break;
          case PodState::preparing:
            world.pod_started(id);
            break;
          case PodState::starting:
            world.pod_ready(id);
            break;
          case PodState::ready:
            world.pod_serving(id);
            break;
          case PodState::backoff:
            world.pod_restarted(id);
            break;
          case PodState::serving:
            if (below(8) != 0) break;
            if (below(10) == 0) {
              world.pod_unready(id, plimsoll::Reason::unhealthy);
              break;
            }
            if (below(10) == 0) {
              world.pod_failed(id, plimsoll::Reason::unhealthy, 1);
              break;
            }
            if (below(8) == 0) world.stop_pod(id, plimsoll::Reason::scale_in);
            if (below(40) == 0) world.pod_ended(id, plimsoll::Reason::node_lost);
            break;
          case PodState::stopping:
            world.pod_ended(id, plimsoll::Reason::none);
            break;
          case PodState::ended:
            break;
        }
      }
      if (s % 15 != 7) continue;
      sampling.sample.reset();
      if (below(12) != 0) {
        sampling.sample = MetricSample{static_cast<std::int64_t>(below(900)), at_s(s - 7), seconds(15)};
      }
      sampling.started_by = at_s(std::max<std::int64_t>(0, s - 22));
      std::vector<MeasuredPod> each, grouped;
      for (const PodId id : world.workload(web).pods) each.push_back(measure(world.pod(id), sampling));
      PodCensus& census = dynamic_cast<Listener&>(world.component(listener)).census;
      const std::int64_t alike = census.alike();
      census.measure_all(world, sampling, grouped);
      if (alike > 0) CHECK(alike == static_cast<std::int64_t>(each.size()));
      std::int64_t all = 0;
      for (const MeasuredPod& m : grouped) all += m.count;
      REQUIRE(all == static_cast<std::int64_t>(each.size()));
      if (grouped.size() + 5 < each.size()) ++settled_syncs;
      for (const KubernetesVersion version : {KubernetesVersion::v1_20, KubernetesVersion::current}) {
        CalculatorSettings settings;
        settings.version = version;
        settings.cpu_initialization = sampling.cpu_initialization;
        const ReplicaCalculator calculator(settings);
        const std::int64_t n = static_cast<std::int64_t>(each.size());
        for (const std::int64_t target : {30, 60, 110}) {
          CHECK(same(calculator.utilization(n, target, true, each, {}, world.now()),
                     calculator.utilization(n, target, true, grouped, {}, world.now())));
          CHECK(same(calculator.average_value(n, target * 5, true, each, {}, world.now()),
                     calculator.average_value(n, target * 5, true, grouped, {}, world.now())));
          CHECK(same(calculator.value(n, target, 45, each), calculator.value(n, target, 45, grouped)));
        }
      }
    }
    CHECK(settled_syncs > 20);  // the short way was taken
    // Left alone, all of them are alike in the end.
    for (std::int64_t s = 1500; s < 1800; ++s) {
      world.wake(listener, at_s(s), Phase::facts);
      world.run_until(at_s(s));
      const auto pods = world.workload(web).pods;
      for (const PodId id : pods) {
        const PodState state = world.pod(id).state;
        if (state == PodState::pending) CHECK(world.bind_pod(id, node) == Applied::yes);
        if (state == PodState::preparing) world.pod_started(id);
        if (state == PodState::starting) world.pod_ready(id);
        if (state == PodState::ready) world.pod_serving(id);
        if (state == PodState::backoff) world.pod_restarted(id);
        if (state == PodState::stopping) world.pod_ended(id, plimsoll::Reason::none);
      }
    }
    sampling.sample = MetricSample{300, world.now(), seconds(15)};
    sampling.started_by = world.now();
    std::vector<MeasuredPod> grouped;
    PodCensus& census = dynamic_cast<Listener&>(world.component(listener)).census;
    census.measure_all(world, sampling, grouped);
    CHECK(grouped.size() == 1);
    CHECK(census.alike() == static_cast<std::int64_t>(world.workload(web).pods.size()));
    CHECK(census.alike() > 0);
    world.create_pod(web);
    CHECK(census.alike() == 0);
  }
}

}  // namespace
}  // namespace plimsoll::kubernetes
