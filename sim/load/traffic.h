#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "sim/cluster/run_to_completion.h"
#include "sim/cluster/world.h"
#include "sim/core/sliding_vector.h"
#include "sim/load/call_graph.h"
#include "sim/load/fluid.h"
#include "sim/load/host_pairs.h"
#include "sim/load/share.h"
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
/// Requests are spread evenly over the pods in traffic (a round-robin balancer). On a node, pods take what they want
/// while there is room (they burst above their requests); when there is none, they share by request (water-filling),
/// and the pods of a workload on such a crowded node have a backlog, losses and a latency of their own. Pods elsewhere
/// keep up and are one cohort. Which nodes are crowded is decided anew for each grid step. A microVM caps its pod at
/// its size. A pod whose host was lost takes its share of the requests, which are lost, until its callers notice
/// (Fact::target_removed) or it is asked to stop. Where callers learn of a deletion only after a while
/// (HostProfile::stop_leaves_after), a pod that is told to end before that has closed its doors: its share of the
/// requests is lost from then on until they know; its preStop hook covers as much of that time as it takes. Requests
/// that a caller lost make no calls: the share that it served in the last step passes on. A request whose call is lost,
/// or answered with an error, is answered with an error itself: Usage::failed, a step at a time. Work that runs to
/// completion is granted cores when it begins and keeps them: what the traffic of its node leaves, at least its
/// request.
///
/// Under traffic weights (World::weight_traffic) the pods of one revision get their part of the requests together,
/// those of the others the rest, each evenly; a part without a pod in traffic loses its requests, as a target group
/// without targets does. What each revision served, lost and took is kept (revisions()).
///
/// Left out: balancers that look at load (least outstanding requests), which would send less to a crowded node; pods
/// that come to or leave a crowded node share its present grant until the next step.
class Traffic : public ComponentOf<Traffic>, public ServiceModel, public WorkGrants {
 public:
  static constexpr Duration kLatencyWindow = minutes(5);

  explicit Traffic(std::shared_ptr<const TrafficPlan> plan);

  bool watches() const override { return true; }
  ServiceModel* service_model() override { return this; }
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;
  void finish(World& world) override;
  void settle(World& world) override;
  double start_cores(World& world, PodId pod) override;
  double run_cores(World& world, PodId pod, double most, double core_seconds) override;

  std::span<const RevisionUsage> revisions() const override { return revisions_; }
  /// In the pods of that revision, calls left out. @pre index < revisions().size().
  const LogLinearHistogram& revision_latency(std::size_t index) const { return revision_latency_[index]; }
  /// End-to-end, in the window, weights in micro-requests, microseconds.
  const LogLinearHistogram& latency() const { return latency_; }
  const std::vector<LatencyWindow>& windows() const { return windows_; }
  void keep_response_times() override { keeps_times_ = true; }
  LogLinearHistogram take_response_times() override { return std::exchange(kept_times_, {}); }

 private:
  /// The pods of one workload on a crowded node.
  struct Crowded {
    NodeId node;
    std::int64_t serving = 0;
    Cpu capacity;
    FluidWorkload fluid;
  };
  /// Sums over served requests within the present grid step.
  struct StepLatency {
    std::int64_t served = 0;
    double mean = 0, variance = 0, square = 0;  ///< weighted by served; square: of the mean
    void add(const LatencyMoments& latency, std::int64_t requests);
    void merge(const StepLatency& other);
    LatencyMoments moments() const;
    /// With the spread between the parts that were added.
    LatencyMoments mixture() const;
  };
  /// One set of pods of a workload: those of the revision that has a traffic weight, or all others.
  struct State {
    FluidWorkload fluid;                               ///< of the pods that are not on crowded nodes
    Time at{};                                         ///< settled up to here
    std::int64_t step_total = 0;                       ///< arrivals of the present grid step
    std::int64_t step_expected = 0;                    ///< of these, before the draw
    std::int64_t step_arrived = 0, step_foreseen = 0;  ///< of step_total and step_expected, up to `at`
    std::int64_t serving = 0;
    std::int64_t work_scale = 0, errors = 0;  ///< sums over the serving pods of what their revisions say, ppm
    std::int64_t reported = 0;                ///< backlog as World::usage has it
    // Of all pods of the workload; in the first set only:
    std::int64_t dead = 0;            ///< sent requests that nothing answers: on hosts that are gone, or published
    std::int64_t started = 0;         ///< containers run and deletion has not been asked for
    std::int64_t starting_ticks = 0;  ///< CPU granted to start-up work
    Cpu capacity;                     ///< of all its pods in traffic, those on crowded nodes left out
    std::vector<Crowded> crowded;
    std::int64_t crowded_serving = 0;  ///< pods in `crowded`
    // Within the present grid step:
    StepLatency plain, slow;                       ///< pods elsewhere, pods on crowded nodes
    std::int64_t served = 0, lost = 0, wrong = 0;  ///< wrong: of those served, by the revision's own errors

    bool idle() const;  ///< nothing can change in it by itself
    std::int64_t plain_serving() const { return serving - crowded_serving; }
    std::int64_t backlog() const;
  };
  /// Time in a replica of a set at the expected rate of the present step, and what it was found from.
  struct Law {
    std::int64_t expected = -1, capacity = 0, pods = 0, cpu = 0;
    LatencyMoments latency;
    std::int64_t whole_us = 0;  ///< its mean, rounded down
  };
  using Group = SetOnHost;
  struct Host {
    std::vector<Group> groups;
    std::int64_t room = 0;  ///< CPU ticks of the node
    std::int64_t system_ticks = 0, starting_ticks = 0;
    bool active = false, crowded = false;
    bool tight = false;       ///< in tight_
    std::uint32_t order = 0;  ///< among the active ones
    std::int64_t room_for_traffic() const { return room - system_ticks - starting_ticks; }
  };
  /// Start-up work that is under way, or work that a pod without traffic runs to completion.
  struct Starting {
    PodId pod;
    NodeId node;
    std::uint32_t index = 0;
    std::uint32_t number = 0;  ///< of the start
    std::int64_t ticks = 0;
    Time at{};  ///< of a pod without traffic: its use is settled up to here
  };

  enum : std::uint64_t { kStep = 0, kStartDone = 1, kLeft = 2 };

  std::uint32_t apps() const { return static_cast<std::uint32_t>(plan_->workloads.size()); }
  std::uint32_t app_of(std::uint32_t set) const { return set < apps() ? set : set - apps(); }
  std::uint32_t set_of(const Pod& pod) const;
  RequestShape shape_of(std::uint32_t set) const;
  std::int64_t cpu_per_request(std::uint32_t set) const;
  const Law& law_of(std::uint32_t set);
  RevisionUsage& usage_of(const World& world, std::uint32_t set);
  static void begin_set(State& set, std::int64_t total, std::int64_t expected);
  void weigh(World& world, std::uint32_t app);
  void settle_one(World& world, std::uint32_t set);
  void settle_app(World& world, std::uint32_t app);
  bool settle_plain(World& world, std::uint32_t set, const Divisor& step);
  void begin_step(World& world);
  void close_step(World& world);
  void fail_requests(World& world);
  void rebalance(World& world);
  void find_wants();
  /// CPU ticks that a cohort of so many pods wants in this step.
  std::int64_t want_ticks(std::uint32_t index, std::int64_t backlog, std::int64_t pods) const;
  std::int64_t want_each(std::uint32_t index, std::int64_t backlog, std::int64_t pods) const;
  void share_hosts(World& world);
  void share_crowded(World& world, NodeId node, Host& host);
  bool share_few(World& world);
  void note_room(NodeId node, Host& host, double ratio);
  void move(World& world, const Pod& pod, std::int32_t delta);
  void end_start(World& world, PodId pod);
  void settle_work(World& world, Starting& work);
  void refuse_late(World& world, const Pod& pod, std::uint32_t index);
  Starting* start_of(PodId pod);
  Host& host(const World& world, NodeId id);
  /// CPU that a host's other work takes; below zero: gives back.
  void take_room(NodeId node, std::int64_t Host::*part, std::int64_t ticks);

  std::shared_ptr<const TrafficPlan> plan_;
  std::vector<State> states_;            // of the workloads, then of their weighted revisions
  std::vector<Law> laws_;                // by workload
  std::uint32_t sets_ = 0;               // those in use: none of the second half before the first weight
  std::vector<std::uint32_t> weighted_;  // by workload of the plan: the revision that has a weight; 0: none
  std::vector<RevisionUsage> revisions_;
  std::vector<LogLinearHistogram> revision_latency_;  // of the same index
  std::vector<std::uint32_t> index_of_;               // by workload id; none = kNone
  std::vector<Host> hosts_;                           // by node id
  std::vector<NodeId> active_;
  HostPairs pairs_;
  bool paired_ = false;  ///< pairs_ is kept, of the hosts that are not crowded: no pod is limited, no set had a weight
  std::vector<NodeId> tight_;    ///< hosts in pairs_ that are looked at in each step
  std::vector<NodeId> crowded_;  ///< hosts that are crowded, while paired_
  std::vector<NodeId> look_at_;  ///< in share_few
  std::uint32_t activations_ = 0;
  std::uint64_t step_ = 0;
  Time step_start_{}, step_end_{};
  std::vector<Stream> streams_;                  ///< of the draws, by workload
  std::vector<std::int64_t> expected_, totals_;  ///< arrivals of the step by workload: before and after the draw
  std::vector<std::int64_t> most_;               ///< ticks one pod may use, by workload
  bool limited_ = false;                         ///< some pod may use less than its host has
  std::vector<std::int64_t> want_;               ///< by workload: ticks a pod that is not on a crowded node wants
  std::vector<std::int64_t> want_all_;           ///< by workload: what all of those together want
  std::vector<std::int64_t> capacity_;           ///< by workload, while rebalancing
  SlidingVector<Starting> starting_;             ///< by pod id
  std::uint32_t starts_ = 0;
  std::vector<double> external_, passed_, visits_;
  std::vector<double> errors_, failed_;  ///< part of what each serves that fails: by itself; with its calls
  std::vector<CpuClaim> claims_;
  std::vector<Cpu> grants_;
  std::vector<LatencyMoments> own_, total_;
  LogLinearHistogram latency_, window_latency_;
  bool keeps_times_ = false;       ///< for take_response_times(), warm-up included
  LogLinearHistogram kept_times_;  ///< of the entry
  std::vector<LatencyWindow> windows_;
  LatencyWindow window_;
};

}  // namespace plimsoll::load
