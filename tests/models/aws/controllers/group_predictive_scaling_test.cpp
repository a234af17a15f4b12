#include "models/aws/controllers/group_predictive_scaling.h"

#include <doctest/doctest.h>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::aws {
namespace {

using namespace plimsoll::testing;

/// A group of two instances of 2 vCPU each with one task of "web", which use 0.8 cores together and 3.6 cores between
/// six and seven o'clock, as does the number of requests: 400 and 1,800 a minute. The run begins at midnight.
struct PredictedGroup {
  explicit PredictedGroup(const GroupPrediction& policy, std::int64_t maximum = 10) : world(small_world(hours(34))) {
    NodeGroup g;
    g.name = world.names.intern("asg");
    g.minimum = 2;
    g.maximum = maximum;
    g.desired = 2;
    group = world.add_group(g);
    web = add_workload(world, "web", 1000, 512);
    world.edit_workload(web).behind_balancer = true;
    world.attach(std::make_unique<GroupPredictiveScaling>(group, std::vector{policy}, 0));
    auto s = std::make_unique<Script>();
    for (std::int64_t h = 0; h < 34; ++h) {
      s->at(kTimeZero + hours(h) + minutes(30), [id = web, h](World& w) {
        const std::int64_t percent = h % 24 == 6 ? 360 : 80;  // of a core, for an hour
        Usage& u = w.usage[id.index()];
        u.cpu_serving += static_cast<__int128>(kCpuTicksPerVcpu) * percent / 100 * 3'600'000'000;
        u.arrived += percent * 5 * 60 * 1'000'000;
      });
    }
    for (std::int64_t h = 24; h < 34; ++h) {
      s->at(kTimeZero + hours(h) + minutes(45),
            [this](World& w) { floors.push_back(GroupPredictiveScaling::floor_of(w, group)); });
    }
    world.attach(std::move(s));
    for (int i = 0; i < 2; ++i) {
      NodeSpec spec = node_spec(world, 2000, 8192);
      spec.group = group;
      const NodeId node = world.request_node(spec);
      world.node_running(node);
      world.node_ready(node);
      const PodId pod = world.create_pod(web);
      REQUIRE(world.bind_pod(pod, node) == Applied::yes);
      world.pod_started(pod);
    }
  }
  std::vector<std::pair<Time, std::int64_t>> resizes() {
    world.run();
    std::vector<std::pair<Time, std::int64_t>> out;
    for (const FactRecord& f : world.log) {
      if (f.fact == Fact::group_resized) out.emplace_back(f.at, f.value);
    }
    return out;
  }
  World world;
  NodeGroupId group;
  WorkloadId web;
  std::vector<std::int64_t> floors;  // from 24:45 on, each hour
};

using GroupResizes = std::vector<std::pair<Time, std::int64_t>>;
constexpr Time kBeforeSix = kTimeZero + hours(30) - seconds(300);

GroupPrediction half_busy(PredictivePolicy::Mode mode = PredictivePolicy::Mode::forecast_and_scale) {
  GroupPrediction p;
  p.policy.target = 50'000'000;
  p.policy.mode = mode;
  return p;
}

TEST_CASE("instances come five minutes before the hour that needed them the day before") {
  // 3.6 of 2 vCPU are 180 % of an instance; at 50 % that takes 3.6 instances: 4.
  PredictedGroup b(half_busy());
  CHECK(b.resizes() == GroupResizes{{kBeforeSix, 4}});
  // The floor of the hours 24 to 33; 40 % of an instance take one, the minimum is two.
  CHECK(b.floors == std::vector<std::int64_t>{0, 2, 2, 2, 2, 2, 4, 2, 2, 2});
}

TEST_CASE("a forecast only changes nothing") {
  PredictedGroup b(half_busy(PredictivePolicy::Mode::forecast_only));
  CHECK(b.resizes().empty());
}

TEST_CASE("without a buffer the instances are asked for when the hour begins") {
  GroupPrediction p = half_busy();
  p.policy.buffer = Duration{};
  PredictedGroup b(p);
  CHECK(b.resizes() == GroupResizes{{kTimeZero + hours(30), 4}});
}

TEST_CASE("the maximum of the group holds, unless the policy may raise it; then it stays raised") {
  PredictedGroup honours(half_busy(), 3);
  CHECK(honours.resizes() == GroupResizes{{kBeforeSix, 3}});
  GroupPrediction raises = half_busy();
  raises.policy.increase_maximum = true;
  raises.policy.maximum_buffer = 50;
  PredictedGroup b(raises, 3);
  CHECK(b.resizes() == GroupResizes{{kBeforeSix, 4}});
  CHECK(b.world.group(b.group).maximum == 6);  // 4 and half as many again
}

TEST_CASE("requests a minute and instance") {
  GroupPrediction p = half_busy();
  p.load = GroupLoad::requests;
  p.policy.target = 250'000'000;  // 1,800 a minute take 7.2
  PredictedGroup b(p);
  CHECK(b.resizes() == GroupResizes{{kBeforeSix, 8}});
}

}  // namespace
}  // namespace plimsoll::aws
