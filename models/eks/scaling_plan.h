#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/kubernetes/controllers/disruption.h"
#include "models/kubernetes/controllers/horizontal_pod_autoscaler.h"
#include "models/kubernetes/keda/keda_operator.h"
#include "models/kubernetes/vpa/vertical_pod_autoscaler.h"
#include "sim/policy/platform.h"

namespace plimsoll::eks {

/// A Prometheus query before the world exists.
struct PlannedQuery {
  std::shared_ptr<const MetricExpression> expression;
  Duration range{};  ///< 0: the default
};

struct PlannedHpaMetric {
  kubernetes::HpaMetric metric;  ///< without its query
  PlannedQuery query;            ///< without an expression: none
};

/// What KEDA does beside the HPA.
struct PlannedKeda {
  kubernetes::KedaTarget target;      ///< without workload and queries
  std::vector<PlannedQuery> queries;  ///< by trigger of the target
};

/// How one Deployment is scaled.
struct PodScaling {
  std::size_t app = 0;
  std::optional<std::int64_t> minimum, maximum;  ///< of a real file; else the application's
  std::vector<PlannedHpaMetric> metrics;         ///< empty: no HPA
  std::optional<kubernetes::ScalingBehavior> behavior;
  std::optional<PlannedKeda> keda;
  std::vector<kubernetes::BoundsPatch> patches;
  std::optional<kubernetes::VerticalPodAutoscaler> vertical;
};

/// Requests of the Prometheus pod. SOURCE: assumed, of the size that the community chart's users set for some hundred
/// thousand series.
struct PrometheusPod {
  Cpu cpu = cpu_millis(500);
  Bytes memory = gibibytes(2);
  Bytes memory_limit{};  ///< 0: none
};

/// Pod autoscaling of one column, and the pipeline that feeds it.
struct ScalingPlan {
  kubernetes::MetricsPipeline metrics;
  kubernetes::HpaParameters hpa;  ///< flags of the controller manager
  kubernetes::PrometheusParameters prometheus;
  PrometheusPod prometheus_pod;
  bool prometheus_asked = false;
  Duration patch_delay = seconds(15);
  std::vector<PodScaling> apps;

  bool uses_prometheus() const;
  bool uses_metrics_server() const;
  bool uses_keda() const;
  bool uses_vertical() const;
  std::int64_t autoscalers() const;
  std::int64_t scaled_objects() const;
  std::int64_t vertical_autoscalers() const;
  std::int64_t patches() const;

  /// Sets the bounds of the workloads and attaches the controllers. ids: of Setting::workloads; `prometheus_workload`:
  /// its pod, none when the column runs none.
  void build(BuildContext& context, const std::vector<WorkloadId>& ids, WorkloadId prometheus_workload,
             const kubernetes::DisruptionBudgets& budgets) const;
};

/// Reads the column's keys about pod autoscaling and joins them with the application's own block and the real files. Of
/// one Deployment the first of these that speaks of it counts, whole: the column's files, the scenario's `scale` block,
/// the real files under `files`, what the other side's files say in neutral words.
/// `minor`: the release whose feature gates the column has. @pre plan.hpa.version is set.
void read_scaling(document::Fields& column, const Setting& setting, bool fargate, int minor, ScalingPlan& plan);

}  // namespace plimsoll::eks
