#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "sim/cluster/host_agent.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::testing {

/// One node, the agent, and a script.
struct AgentBench {
  AgentBench() : world(small_world(minutes(30))) {
    world.host_profiles.assign(2, plain_host());
    world.attach(std::make_unique<HostAgent>());
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
    node = ready_node(world, 4000, 16384);
  }
  WorkloadId app(std::string_view name, std::int64_t image_mb) {
    const WorkloadId id = add_workload(world, name, 100, 64);
    if (image_mb > 0) {
      world.edit_workload(id).images.emplace_back(world.names.intern(std::string(name) + ":1"),
                                                  Bytes{image_mb * 1'000'000});
    }
    return id;
  }
  void place_at(std::int64_t s, WorkloadId workload) {
    script->at(at_s(s), [workload, n = node](World& w) { w.bind_pod(w.create_pod(workload), n); });
  }

  World world;
  Script* script = nullptr;
  NodeId node;
};

inline HostAgent& agent_of(AgentBench& b) { return *b.world.find_component<HostAgent>(); }

}  // namespace plimsoll::testing
