#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/load/rate_series.h"
#include "sim/load/traffic.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::load::testing {

using namespace plimsoll::testing;

inline std::shared_ptr<const ArrivalProcess> constant(double rate, Duration span) {
  return std::make_shared<SeriesArrivals>(
      RateSeries::regular(kTimeZero, span, {static_cast<std::int64_t>(rate * kMicroRequests)}));
}

/// One application under a rate; pods are put straight into traffic by the script.
struct TrafficStage {
  explicit TrafficStage(double rate, Duration span = minutes(30), std::uint64_t seed = 1)
      : world(small_world(span, 3, seed)) {
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
    plan = std::make_shared<TrafficPlan>();
    plan->arrivals = constant(rate, span);
  }
  std::uint32_t app(std::string_view name, std::int64_t cpu_m, std::int64_t work_ms, double visits = 1) {
    TrafficWorkload w;
    w.workload = add_workload(world, name, cpu_m, 64);
    w.shape.cpu_per_request = milliseconds(work_ms).count() * kCpuTicksPerVcpu;
    w.visits = visits;
    w.entry = plan->workloads.empty();
    plan->workloads.push_back(w);
    return static_cast<std::uint32_t>(plan->workloads.size() - 1);
  }
  void go() {
    std::vector<std::string> names;
    std::vector<double> entry;
    for (const TrafficWorkload& w : plan->workloads) {
      names.emplace_back(world.names.text(world.workload(w.workload).name));
      entry.push_back(w.entry ? 1 : 0);
    }
    auto graph = CallGraph::build(names, calls, entry);
    REQUIRE(graph);
    plan->graph = std::move(*graph.value);
    id = world.attach(std::make_unique<Traffic>(plan));
    world.set_service(id);
  }
  Traffic& traffic() { return dynamic_cast<Traffic&>(world.component(id)); }
  PodId serve(World& w, WorkloadId workload, NodeId node) const {
    const PodId pod = w.create_pod(workload);
    CHECK(w.bind_pod(pod, node) == Applied::yes);
    w.pod_started(pod);
    w.pod_ready(pod);
    w.pod_serving(pod);
    return pod;
  }
  void serve_at(std::int64_t s, std::uint32_t app_index, NodeId node, int pods = 1) {
    script->at(at_s(s), [this, app_index, node, pods](World& w) {
      for (int i = 0; i < pods; ++i) serve(w, plan->workloads[app_index].workload, node);
    });
  }
  const Usage& usage(std::uint32_t app_index = 0) { return world.usage[plan->workloads[app_index].workload.index()]; }

  World world;
  Script* script = nullptr;
  std::shared_ptr<TrafficPlan> plan;
  std::vector<Call> calls;
  HandlerId id;
};

inline void check_balance(const Usage& u) { CHECK(u.served + u.lost + u.backlog == u.arrived); }

}  // namespace plimsoll::load::testing
