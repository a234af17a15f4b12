#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/cluster/world.h"
#include "sim/load/call_graph.h"
#include "sim/load/fluid.h"
#include "sim/load/water_filling.h"
#include "sim/policy/interfaces.h"

namespace plimsoll::load {

/// One application as traffic sees it.
struct TrafficWorkload {
  WorkloadId workload;
  double visits = 1;  ///< per external request
  RequestShape shape;
  Duration timeout = seconds(2);
  Cpu pod_most{};      ///< most CPU one pod can use (threads or a limit); 0 = as much as the host has
  bool entry = false;  ///< takes the external requests; its end-to-end latency is the user's
};

/// Immutable description of the load of one scenario, shared by replications.
struct TrafficPlan {
  std::shared_ptr<const ArrivalProcess> arrivals;
  std::vector<TrafficWorkload> workloads;
  CallGraph graph;  ///< over `workloads`, by index
  Duration step = seconds(15);
  double extra_scv = 0;  ///< burstiness beyond Poisson, see draw_step_arrivals
};

/// Latency of the entry workload, calls included, over five minutes.
struct LatencyWindow {
  Time end;
  std::int64_t p50_us = 0, p95_us = 0, p99_us = 0;
  std::int64_t served = 0, lost = 0;  ///< micro-requests of the entry
};

/// Traffic to CPU use, served and lost requests, and latency: fluid, exact between changes. The rate and the noise are
/// fixed a grid step at a time; whatever changes the pods of a workload in traffic closes its segment at that instant.
/// On a node, pods take what they want while there is room (they burst above their requests); when there is none, they
/// share by request (water-filling). A microVM caps its pod at its size. A pod whose host was lost takes its share of
/// the requests, which are lost, until its callers notice (Fact::target_removed) or it is asked to stop.
///
/// Left out: pods of one workload pool their capacity, so a single crowded node does not yet slow its own share of the
/// requests more than the rest; calls that belong to requests already lost are still made.
class Traffic : public ComponentOf<Traffic>, public ServiceModel {
 public:
  static constexpr Duration kLatencyWindow = minutes(5);

  explicit Traffic(std::shared_ptr<const TrafficPlan> plan);

  bool watches() const override { return true; }
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;
  void finish(World& world) override;
  void settle(World& world) override;
  double start_cores(World& world, PodId pod) override;

  /// End-to-end, in the window, weights in micro-requests, microseconds.
  const LogLinearHistogram& latency() const { return latency_; }
  const std::vector<LatencyWindow>& windows() const { return windows_; }

 private:
  struct State {
    FluidWorkload fluid;
    Time at{};                       ///< settled up to here
    std::int64_t step_total = 0;     ///< arrivals of the present grid step
    std::int64_t step_expected = 0;  ///< of these, before the draw
    std::int64_t serving = 0;
    std::int64_t dead = 0;            ///< still sent requests, on hosts that are gone
    std::int64_t started = 0;         ///< containers run and deletion has not been asked for
    std::int64_t starting_ticks = 0;  ///< CPU granted to start-up work
    Cpu capacity;                     ///< of all its pods in traffic
    // Within the present grid step:
    double latency_mean = 0, latency_variance = 0;  ///< weighted by served
    std::int64_t served = 0, lost = 0;
  };
  struct Group {
    std::uint32_t index = 0;  ///< of the workload in the plan
    std::int32_t serving = 0;
  };
  struct Host {
    std::vector<Group> groups;
    std::int64_t system_ticks = 0, starting_ticks = 0;
    std::int64_t pods = 0;
    bool active = false;
  };

  enum : std::uint64_t { kStep = 0, kStartDone = 1 };

  void settle_one(World& world, std::uint32_t index);
  void begin_step(World& world);
  void close_step(World& world);
  void rebalance(World& world);
  std::int64_t want_ticks(std::uint32_t index) const;
  void move(World& world, NodeId node, std::uint32_t index, std::int32_t delta);
  Host& host(NodeId id);

  std::shared_ptr<const TrafficPlan> plan_;
  std::vector<State> states_;
  std::vector<std::uint32_t> index_of_;  // by workload id; none = kNone
  std::vector<Host> hosts_;              // by node id
  std::vector<NodeId> active_;
  std::uint64_t step_ = 0;
  Time step_start_{}, step_end_{};
  std::vector<std::int64_t> want_;
  std::vector<CpuClaim> claims_;
  std::vector<Cpu> grants_;
  std::vector<LatencyMoments> own_, total_;
  LogLinearHistogram latency_, window_latency_;
  std::vector<LatencyWindow> windows_;
  LatencyWindow window_;
};

}  // namespace plimsoll::load
