#pragma once

#include "models/aws/controllers/auto_scaling_group.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::aws::testing {

/// A world with one Auto Scaling group of at most ten instances in three zones: 2 s to react, 10 s to run, 30 s more to
/// join, 20 s to shut down. A test attaches what it needs beside it, then the group by `finish`.
struct GroupBench {
  explicit GroupBench(Duration span = hours(1)) : world(plimsoll::testing::small_world(span)) {}

  AutoScalingGroupConfig add_group(std::int64_t desired) {
    NodeGroup g;
    g.name = world.names.intern("group");
    g.maximum = 10;
    g.desired = desired;
    group = world.add_group(g);
    AutoScalingGroupConfig config;
    config.group = group;
    config.node = plimsoll::testing::node_spec(world, 2000, 8192);
    for (int z = 0; z < 3; ++z) config.zones.emplace_back(z);
    config.delays = {Delay::constant(seconds(2)), Delay::constant(seconds(10)), Delay::constant(seconds(30)),
                     Delay::constant(seconds(20))};
    return config;
  }
  void finish(AutoScalingGroupConfig config) {
    auto asg = std::make_unique<AutoScalingGroups>();
    groups = asg.get();
    asg->add(std::move(config));
    world.attach(std::move(asg));
    auto s = std::make_unique<plimsoll::testing::Script>();
    script = s.get();
    world.attach(std::move(s));
  }
  void want_at(std::int64_t s, std::int64_t desired) {
    script->at(plimsoll::testing::at_s(s), [desired, g = group](World& w) { w.set_group_desired(g, desired); });
  }
  const Node& node(std::uint32_t i) const { return world.node(NodeId{i}); }

  World world;
  AutoScalingGroups* groups = nullptr;
  plimsoll::testing::Script* script = nullptr;
  NodeGroupId group;
};

}  // namespace plimsoll::aws::testing
