#include "models/eks/scaling_plan.h"

#include <algorithm>

namespace plimsoll::eks {

namespace {

template <class F>
std::int64_t sum_over(const std::vector<PodScaling>& apps, F of) {
  std::int64_t n = 0;
  for (const PodScaling& a : apps) n += static_cast<std::int64_t>(of(a));
  return n;
}

}  // namespace

bool ScalingPlan::uses_prometheus() const {
  return prometheus_asked || std::any_of(apps.begin(), apps.end(), [](const PodScaling& a) {
           const bool metric = std::any_of(a.metrics.begin(), a.metrics.end(),
                                           [](const PlannedHpaMetric& m) { return m.query.expression != nullptr; });
           return metric || (a.keda && std::any_of(a.keda->queries.begin(), a.keda->queries.end(),
                                                   [](const PlannedQuery& q) { return q.expression != nullptr; }));
         });
}

bool ScalingPlan::uses_metrics_server() const {
  return std::any_of(apps.begin(), apps.end(), [](const PodScaling& a) { return !a.metrics.empty() || a.vertical; });
}

bool ScalingPlan::uses_keda() const { return scaled_objects() > 0; }
bool ScalingPlan::uses_vertical() const { return vertical_autoscalers() > 0; }

std::int64_t ScalingPlan::autoscalers() const {
  return sum_over(apps, [](const PodScaling& a) { return a.metrics.empty() ? 0 : 1; });
}
std::int64_t ScalingPlan::scaled_objects() const {
  return sum_over(apps, [](const PodScaling& a) { return a.keda ? 1 : 0; });
}
std::int64_t ScalingPlan::vertical_autoscalers() const {
  return sum_over(apps, [](const PodScaling& a) { return a.vertical ? 1 : 0; });
}
std::int64_t ScalingPlan::patches() const {
  return sum_over(apps, [](const PodScaling& a) { return a.patches.size(); });
}

void ScalingPlan::build(BuildContext& context, const std::vector<WorkloadId>& ids, WorkloadId prometheus_workload,
                        const kubernetes::DisruptionBudgets& budgets) const {
  World& world = context.world;
  const std::int64_t calendar = context.setting.calendar;
  auto server = std::make_unique<kubernetes::Prometheus>(prometheus);
  kubernetes::Prometheus& queries = *server;
  if (!prometheus_workload.is_none()) server->runs_as(prometheus_workload);
  const HandlerId handler = uses_prometheus() ? world.attach(std::move(server)) : HandlerId{};
  const auto query = [&](const PlannedQuery& q) {
    return q.expression == nullptr ? kubernetes::QueryId{} : queries.add_query(q.expression, ids, q.range);
  };
  auto hpas = std::make_unique<kubernetes::HorizontalPodAutoscalers>(metrics, handler, calendar);
  auto keda = std::make_unique<kubernetes::KedaOperator>(handler, calendar);
  auto vertical = std::make_unique<kubernetes::VerticalPodAutoscalers>(kubernetes::UpdaterParameters{},
                                                                       kubernetes::RecommenderParameters{}, budgets);
  for (const PodScaling& a : apps) {
    const WorkloadId id = ids[a.app];
    Workload& w = world.edit_workload(id);
    if (a.minimum) w.minimum = *a.minimum;
    if (a.maximum) w.maximum = *a.maximum;
    // At a size of 0 an HPA is off (ScalingDisabled), whatever its bounds.
    if ((a.minimum || a.maximum) && w.desired > 0)
      w.desired = std::clamp(w.desired, w.minimum, std::max(w.minimum, w.maximum));
    if (!a.metrics.empty()) {
      kubernetes::HpaParameters p = hpa;
      p.behavior = a.behavior;
      p.metrics.clear();
      for (const PlannedHpaMetric& m : a.metrics) {
        p.metrics.push_back(m.metric);
        p.metrics.back().query = query(m.query);
      }
      hpas->autoscale(id, p);
    }
    for (const kubernetes::BoundsPatch& patch : a.patches) hpas->patch(id, patch, patch_delay);
    if (a.keda) {
      kubernetes::KedaTarget target = a.keda->target;
      target.workload = id;
      for (std::size_t i = 0; i < target.triggers.size(); ++i) target.triggers[i].query = query(a.keda->queries[i]);
      keda->manage(std::move(target));
    }
    if (a.vertical) vertical->manage(id, *a.vertical, context.setting.workloads[a.app].kubernetes_containers);
  }
  world.attach(std::move(hpas));
  if (uses_keda()) world.attach(std::move(keda));
  if (uses_vertical()) world.attach(std::move(vertical));
}

}  // namespace plimsoll::eks
