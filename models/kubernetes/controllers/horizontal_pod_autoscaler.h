#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/kubernetes/controllers/control_plane_process.h"
#include "models/kubernetes/controllers/pod_census.h"
#include "models/kubernetes/hpa/decision.h"
#include "models/kubernetes/hpa/replica_calculator.h"
#include "models/kubernetes/keda/cron_trigger.h"
#include "models/kubernetes/metrics/metrics_server.h"
#include "models/kubernetes/metrics/prometheus.h"
#include "sim/cluster/world.h"
#include "sim/policy/inactive_scalers.h"

namespace plimsoll::kubernetes {

struct HpaMetric;

/// One sync of one autoscaler: of its metrics the one that asks for most; values of other kinds than a utilisation are
/// told in percent of their target.
struct HpaDetail : Detail {
  WorkloadId workload;
  const HpaMetric* metric = nullptr;  ///< null: none was read
  std::int64_t current = 0;           ///< replicas before
  std::int64_t target_percent = 0, minimum = 0, maximum = 0;
  const MetricProposal* proposal = nullptr;
  const HpaDecision* decision = nullptr;
};

enum class TargetType : std::uint8_t { utilization, value, average_value };

/// What one container has of its pod: of the CPU a share, of the memory its own resident set and a share of what
/// requests take on top. Its request is as large a part of the pod's as in the file.
struct PartOfPod {
  std::int64_t request = 1, of_request = 1;
  Ppm cpu = percent(100);
  std::int64_t memory_milli = 0;  ///< resident, thousandths of a byte
  Ppm memory_of_requests = percent(100);
};

/// One entry of spec.metrics and where its values come from: cpu and memory from metrics-server, all else from a
/// Prometheus query through its adapter, or from a cron trigger of KEDA.
struct HpaMetric {
  MetricKind kind = MetricKind::resource;
  bool memory = false;  ///< resource kinds: memory rather than CPU
  TargetType type = TargetType::utilization;
  std::int64_t target = 80;  ///< percent (utilization), else thousandths of the metric's unit
  QueryId query;
  std::optional<CronTrigger> cron;
  std::optional<PartOfPod> container{};  ///< ContainerResource: whose usage and request count; none: the pod's
  bool null_is_zero = false;             ///< KEDA: an answer without samples is 0
  /// KEDA: the metric asks for so many replicas once it has failed more often in a row than that; 0: never.
  std::int64_t fallback_replicas = 0, fallback_after = 0;
  bool fails = false;  ///< it has no value: a container has no request, or the version has no such metric
  std::string name{};  ///< of the metric, the container or the trigger, for explanations
  /// Why it fails, as the condition ScalingActive of its autoscaler says: "FailedGetResourceMetric: ...".
  std::string failure{};

  static HpaMetric cpu(std::int64_t percent) {
    return {MetricKind::resource, false, TargetType::utilization, percent, {}, {}, {}, false, 0, 0, false, {}, {}};
  }
};

struct HpaParameters {
  KubernetesVersion version = KubernetesVersion::current;
  std::vector<HpaMetric> metrics = {HpaMetric::cpu(60)};
  std::optional<ScalingBehavior> behavior;
  Duration sync_period = seconds(15);  ///< --horizontal-pod-autoscaler-sync-period
  double tolerance = 0.1;              ///< --horizontal-pod-autoscaler-tolerance
  Duration cpu_initialization = seconds(300);
  Duration initial_readiness_delay = seconds(30);
  Duration downscale_stabilization = seconds(300);
};

/// A change of an autoscaler's bounds at a time, as a CronJob that patches it makes.
struct BoundsPatch {
  CronSchedule schedule;
  TimeZone zone;
  std::optional<std::int64_t> minimum, maximum;
};

/// HorizontalPodAutoscalers, fed by cAdvisor and metrics-server with their real periods and by Prometheus with its
/// scrape interval and rate window, so that the lag between load and decision is the real one. The decision is
/// models/kubernetes/hpa; the bounds are the workload's. SOURCE: kubernetes/kubernetes
/// pkg/controller/podautoscaler/horizontal.go.
/// Left out: usage of pods that finish their start (they count as using nothing until they take traffic).
class HorizontalPodAutoscalers : public ComponentOf<HorizontalPodAutoscalers>,
                                 public ControlPlaneProcess,
                                 public InactiveScalers {
 public:
  /// `prometheus`: none when no metric needs it. `calendar`: Unix seconds at simulated time zero.
  explicit HorizontalPodAutoscalers(MetricsPipeline pipeline, HandlerId prometheus = {}, std::int64_t calendar = 0)
      : pipeline_(pipeline), prometheus_(prometheus), calendar_(calendar) {}
  void autoscale(WorkloadId workload, const HpaParameters& parameters);
  /// A patch takes effect `delay` after its minute: CronJob controller, pod start, API call.
  void patch(WorkloadId workload, BoundsPatch patch, Duration delay);

  /// Recommendations and scale events are in memory: the next process begins without a stabilization window.
  void replace(World& world, const ControlPlaneRelease& release) override;

  std::vector<InactiveScaler> inactive_scalers(const World& world) const override;

  bool watches() const override { return true; }
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  static constexpr std::uint32_t kNoTarget = 0xffffffffu;
  enum : std::uint64_t { kCounters = 0, kScrape = 1, kSync = 2, kPatch = 3 };
  struct Target {
    WorkloadId workload;
    HpaParameters parameters;
    HpaState state;
    PodCensus pods;
    std::vector<std::int64_t> failures;                  ///< in a row, by metric
    HpaSettings settings = {};                           ///< its bounds are read at each sync
    ReplicaCalculator calculator{CalculatorSettings{}};  ///< of `parameters`
    bool plain = false;                                  ///< its only metric is a utilisation of its pods
  };
  struct Patch {
    WorkloadId workload;
    BoundsPatch patch;
    Duration delay{};
  };
  void sync(World& world, Target& target);
  ReplicaProposal propose(World& world, Target& target, std::size_t index);
  std::optional<ReplicaProposal> propose_for_alike(const World& world, const Target& target) const;
  void explain(World& world, const Target& target, const HpaDecision& decision) const;
  void schedule_patch(World& world, std::size_t index, bool first);

  MetricsPipeline pipeline_;
  HandlerId prometheus_;
  std::int64_t calendar_ = 0;
  MetricsServer metrics_;
  std::vector<Target> targets_;
  std::vector<Patch> patches_;
  std::vector<std::uint32_t> target_of_;  ///< by workload
  std::vector<MeasuredPod> pods_;
  std::vector<MetricProposal> proposals_;
};

}  // namespace plimsoll::kubernetes
