// What the pod autoscalers of EKS say of their decisions.
#include <fmt/format.h>

#include "models/kubernetes/controllers/horizontal_pod_autoscaler.h"
#include "models/kubernetes/keda/keda_operator.h"
#include "sim/cli/explain_log.h"

namespace plimsoll::cli {

namespace {

/// "CPU 124 %, target 50 %" of a utilisation, else "rps at 124 % of its target, 20 a pod".
std::string metric_reading(const kubernetes::HpaDetail& d, bool known) {
  using kubernetes::MetricKind;
  using kubernetes::TargetType;
  if (d.metric == nullptr) return "no metric was read";
  const kubernetes::HpaMetric& m = *d.metric;
  const bool resource = m.kind == MetricKind::resource || m.kind == MetricKind::container_resource;
  std::string what = !resource ? m.name : m.memory ? "memory" : "CPU";
  if (m.kind == MetricKind::container_resource) what += " of container " + m.name;
  if (what.empty()) what = "its metric";
  const std::int64_t percent = d.proposal->proposal.utilization;
  if (m.type == TargetType::utilization)
    return fmt::format("{} {}, target {} %", what, known ? fmt::format("{} %", percent) : "unknown", d.target_percent);
  const std::string target = !resource  ? fmt::format("{:g}", static_cast<double>(m.target) / 1000)
                             : m.memory ? to_string(Bytes{m.target / 1000})
                                        : fmt::format("{}m", m.target);
  const bool each = resource || m.kind == MetricKind::pods || m.type == TargetType::average_value;
  return fmt::format("{} {} its target, {}{}", what, known ? fmt::format("at {} % of", percent) : "unknown against",
                     target, each ? " a pod" : "");
}

}  // namespace

void DecisionLog::hear(World& world, const kubernetes::HpaDetail& d) {
  ScalingRow row;
  row.at = world.now();
  row.workload = d.workload;
  const bool known = d.proposal->proposal.ok();
  row.value = known ? static_cast<double>(d.proposal->proposal.utilization) : -1;
  row.target = static_cast<double>(d.target_percent);
  row.why = "HorizontalPodAutoscaler: " + metric_reading(d, known);
  row.running = d.current;
  row.before = d.current;
  row.wanted = d.decision->desired;
  row.changed = d.decision->rescale;
  row.action = kubernetes::reason_text(d.decision->able);
  if (d.decision->active != kubernetes::ActiveReason::valid_metric_found &&
      d.decision->active != kubernetes::ActiveReason::none)
    row.action = kubernetes::reason_text(d.decision->active);
  const std::string limit(kubernetes::reason_text(d.decision->limited));
  if (!limit.empty() && d.decision->limited != kubernetes::LimitReason::desired_within_range) {
    // Where it changes something the limit says more than that it did.
    row.action = row.changed ? limit : row.action + ", " + limit;
  }
  scalings.push_back(std::move(row));
}

void DecisionLog::hear(World& world, const kubernetes::KedaDetail& d) {
  ScalingRow row;
  row.at = world.now();
  row.workload = d.workload;
  row.value = -1;
  row.why = "KEDA: " + std::string(d.why);
  row.running = row.before = d.current;
  row.wanted = d.wanted;
  row.changed = d.current != d.wanted;
  scalings.push_back(std::move(row));
}

}  // namespace plimsoll::cli
