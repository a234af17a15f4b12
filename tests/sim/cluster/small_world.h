#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/cluster/world.h"

/// Small worlds built by hand, and commands that run at chosen instants.
namespace plimsoll::testing {

/// Runs functions at instants, as world facts or in another phase.
class Script : public ComponentOf<Script> {
 public:
  using Act = std::function<void(World&)>;
  void at(Time when, Act act, Phase phase = Phase::facts) { acts_.push_back({when, phase, std::move(act)}); }
  void start(World& world) override {
    for (std::size_t i = 0; i < acts_.size(); ++i) world.wake(handler, acts_[i].when, acts_[i].phase, i);
  }
  void handle(World& world, const Event& event) override { acts_[event.payload].act(world); }

 private:
  struct Entry {
    Time when;
    Phase phase;
    Act act;
  };
  std::vector<Entry> acts_;
};

inline Time at_s(std::int64_t s) { return kTimeZero + seconds(s); }
inline Time at_ms(std::int64_t ms) { return kTimeZero + milliseconds(ms); }

inline World small_world(Duration span = hours(1), int zones = 3, std::uint64_t seed = 1) {
  World world(seed, kTimeZero, kTimeZero + span);
  world.keep_log = true;
  for (int z = 0; z < zones; ++z) world.add_zone(std::string("zone-") + static_cast<char>('a' + z));
  return world;
}

inline WorkloadId add_workload(World& world, std::string_view name, std::int64_t cpu_m, std::int64_t memory_mib,
                               std::int64_t desired = 0) {
  PodShape shape;
  shape.namespace_name = world.names.intern("default");
  shape.labels.set(world.names.intern("app"), world.names.intern(name));
  shape.requests.set_cpu(cpu_millis(cpu_m));
  shape.requests.set_memory(mebibytes(memory_mib));
  shape.requests[Resource::pods] = 1;
  shape.nonzero_cpu = shape.requests[Resource::cpu];
  shape.nonzero_memory = shape.requests[Resource::memory];
  shape.requests_anything = true;
  Workload w;
  w.name = world.names.intern(name);
  w.requests = shape.requests;
  w.shape = world.shapes.intern(std::move(shape));
  w.desired = w.minimum = desired;
  w.maximum = 1000;
  return world.add_workload(std::move(w));
}

inline NodeSpec node_spec(World& world, std::int64_t cpu_m, std::int64_t memory_mib, int zone = 0) {
  NodeSpec spec;
  spec.instance_type = world.names.intern("test.large");
  spec.zone = ZoneId{zone};
  spec.capacity.set_cpu(cpu_millis(cpu_m));
  spec.capacity.set_memory(mebibytes(memory_mib));
  spec.capacity[Resource::pods] = 110;
  spec.allocatable = spec.capacity;
  return spec;
}

/// A node that takes pods at once.
inline NodeId ready_node(World& world, std::int64_t cpu_m, std::int64_t memory_mib, int zone = 0) {
  const NodeId id = world.request_node(node_spec(world, cpu_m, memory_mib, zone));
  world.node_running(id);
  world.node_ready(id);
  return id;
}

/// Every delay a constant, no phase, so that instants can be said in the head.
inline HostProfile plain_host() {
  HostProfile host;
  host.prepare = Delay::constant(seconds(2));
  host.container_start = Delay::constant(milliseconds(500));
  host.pull_overhead = milliseconds(500);
  host.pull_bytes_per_s = 100'000'000;
  host.probe_period = seconds(10);
  host.probe_phase_random = false;
  host.endpoint_propagation = Delay::constant(seconds(1));
  host.balancer_registration = Delay::constant(seconds(10));
  host.stop_plain = seconds(5);
  host.stop_balanced = seconds(30);
  return host;
}

/// How often a fact was recorded up to an instant.
inline std::int64_t count_facts(const World& world, Fact fact, Time until = kTimeNever) {
  std::int64_t n = 0;
  for (const FactRecord& f : world.log) n += f.fact == fact && f.at <= until ? 1 : 0;
  return n;
}

/// When a fact was first recorded; kTimeNever when it was not.
inline Time first_fact(const World& world, Fact fact) {
  for (const FactRecord& f : world.log) {
    if (f.fact == fact) return f.at;
  }
  return kTimeNever;
}

}  // namespace plimsoll::testing
