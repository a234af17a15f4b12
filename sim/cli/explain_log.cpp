#include "sim/cli/explain_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "models/kubernetes/controllers/daemon_set_controller.h"
#include "models/kubernetes/scheduler/explanation.h"

namespace plimsoll::cli {

DecisionLog& DecisionLog::attach(World& world, Focus focus) {
  const HandlerId id = world.attach(std::make_unique<DecisionLog>(focus));
  world.explain_to(id);
  return dynamic_cast<DecisionLog&>(world.component(id));
}

void DecisionLog::handle(World& world, const Event& event) {
  static_cast<void>(world);
  static_cast<void>(event);
}

void DecisionLog::on_fact(World& world, const FactRecord& f) {
  if (f.fact == Fact::group_resized) resizes.push_back({world.now(), f.group, f.value});
  if (f.fact == Fact::pod_created && focus_.pod && f.workload == focus_.pod->first &&
      world.pod(f.pod).ordinal == focus_.pod->second)
    pod = f.pod;
}

void DecisionLog::on_detail(World& world, const Detail& detail) {
  if (const auto* d = dynamic_cast<const kubernetes::SchedulingDetail*>(&detail)) return hear(world, *d);
  if (const auto* d = dynamic_cast<const ecs::PlacementDetail*>(&detail)) return hear(world, *d);
  if (const auto* d = dynamic_cast<const kubernetes::HpaDetail*>(&detail)) return hear(world, *d);
  if (const auto* d = dynamic_cast<const kubernetes::KedaDetail*>(&detail)) return hear(world, *d);
  if (const auto* d = dynamic_cast<const aws::AlarmDetail*>(&detail)) return hear(world, *d);
  if (const auto* d = dynamic_cast<const aws::ServiceScalingDetail*>(&detail)) return hear(world, *d);
  if (const auto* d = dynamic_cast<const ecs::RuleActionDetail*>(&detail))
    return rules.push_back({world.now(), d->rule, d->action, d->function, d->workload, d->before, d->after, d->tasks});
  if (const auto* d = dynamic_cast<const ecs::ManagedScalingDetail*>(&detail)) return hear(world, *d);
  if (const auto* d = dynamic_cast<const eks::ScaleUpDetail*>(&detail)) return hear(world, *d);
  if (const auto* d = dynamic_cast<const eks::ScaleDownDetail*>(&detail)) return hear(world, *d);
  if (const auto* d = dynamic_cast<const eks::ProvisioningDetail*>(&detail)) return hear(world, *d);
  if (const auto* d = dynamic_cast<const eks::LaunchDetail*>(&detail)) return hear(world, *d);
  if (const auto* d = dynamic_cast<const eks::DisruptionDetail*>(&detail)) return hear(world, *d);
}

void DecisionLog::hear(World& world, const kubernetes::SchedulingDetail& d) {
  if (d.pod != pod) return;
  Attempt attempt;
  attempt.at = world.now();
  attempt.placed = d.decision->placed();
  Snapshot snapshot = world.placement;
  kubernetes::Scratch scratch;
  const auto* scheduler = world.find_component<kubernetes::KubeScheduler>();
  std::vector<kubernetes::PreemptionBudget> budgets;
  if (scheduler != nullptr) budgets = scheduler->preemption_budgets(world);
  // A daemon pod that was bound at once is of its node's shape too.
  ShapeTable shapes = world.shapes;
  ShapeId shape = world.pod(pod).shape;
  if (world.pod(pod).daemon && attempt.placed) {
    const NameId node = world.placement.node(d.decision->row).name;
    shape = shapes.intern(kubernetes::tied_to_node(shapes[shape], node, world.names));
  }
  const auto e = kubernetes::explain(*d.framework, snapshot, shapes, world.names, shape, budgets, scratch);
  attempt.message = e.message;
  attempts.push_back(attempt);
  PlacementTable table;
  table.at = world.now();
  for (const auto& node : e.nodes) {
    PlacementTable::Row row;
    row.node = node.id;
    for (const std::string& r : node.reasons) row.verdict += (row.verdict.empty() ? "" : ", ") + r;
    if (!node.verdict.ok()) row.plugin = kubernetes::plugin_name(node.verdict.plugin);
    for (const auto& s : node.scores) row.scores.push_back({s.raw, s.normalized, s.weighted});
    if (table.plugins.empty()) {
      for (const auto& s : node.scores)
        table.plugins.emplace_back(std::string(kubernetes::plugin_name(s.plugin)), s.weight);
    }
    row.total = node.total;
    table.rows.push_back(std::move(row));
  }
  if (attempt.placed) {
    table.chosen = world.placement.node(d.decision->row).id;
    if (d.decision->runner_up != kNoRow) table.runner_up = world.placement.node(d.decision->runner_up).id;
    table.equal = e.best.size();
    table.by_name = d.framework->profile().tie == kubernetes::Tie::first;
    table.nominated = scheduler != nullptr && scheduler->nominated_node(pod) == table.chosen &&
                      d.framework->profile().version != kubernetes::KubernetesVersion::v1_20;
  }
  placement = std::move(table);
}

void DecisionLog::hear(World& world, const ecs::PlacementDetail& d) {
  if (d.task != pod) return;
  const ecs::InstanceColumns& columns = d.view->columns();
  PlacementTable table;
  table.at = world.now();
  table.fact_names = {"CPU free", "memory free", "ENIs free", "own tasks"};
  const bool has_enis = !columns.free_enis.empty() && d.need->enis > 0;
  std::map<std::string, std::size_t> reasons;
  for (std::uint32_t i = 0; i < columns.size(); ++i) {
    PlacementTable::Row row;
    row.node = d.view->node(i);
    row.facts = {to_string(Cpu{columns.free_cpu[i]}), to_string(Bytes{columns.free_memory[i]}),
                 has_enis ? std::to_string(columns.free_enis[i]) : "-", std::to_string(columns.group_tasks[i])};
    if (const auto reason = ecs::first_failure(columns, *d.need, i)) {
      row.verdict = ecs::to_string(*reason);
      ++reasons[row.verdict];
    }
    table.rows.push_back(std::move(row));
  }
  // The chain again, step by step, to see whom each strategy left.
  ecs::PlacementScratch scratch;
  ecs::find_feasible(columns, *d.need, scratch);
  for (const auto& strategy : *d.strategies) {
    if (scratch.candidates.empty()) break;  // no instance is registered yet, or none fits
    const ecs::ChainStep step = strategy->narrow_start(columns, *d.need, scratch);
    table.strategies.emplace_back(strategy->type());
    for (const std::uint32_t i : scratch.candidates) table.rows[i].steps = table.strategies.size();
    if (step == ecs::ChainStep::stop || scratch.candidates.size() <= 1) break;
  }
  table.chosen = d.chosen;
  table.equal = d.equal;
  Attempt attempt;
  attempt.at = world.now();
  attempt.placed = !d.chosen.is_none();
  if (!attempt.placed) {
    attempt.message = columns.size() == 0 ? "NO_ACTIVE_INSTANCES" : "";
    for (const auto& [reason, count] : reasons)
      attempt.message += (attempt.message.empty() ? "" : ", ") + fmt::format("{} {}", count, reason);
    if (columns.size() > 0) attempt.message = fmt::format("{} instances: {}", columns.size(), attempt.message);
  }
  attempts.push_back(std::move(attempt));
  placement = std::move(table);
}

void DecisionLog::hear(World& world, const aws::AlarmDetail& d) {
  alarms.push_back({world.now(), d.alarm, d.value, d.breaching, d.before, d.state});
}

void DecisionLog::hear(World& world, const aws::ServiceScalingDetail& d) {
  using Cause = aws::ServiceScalingDetail::Cause;
  ScalingRow row;
  row.at = world.now();
  row.workload = d.service;
  row.running = d.running;
  row.before = d.before;
  row.wanted = d.after;
  row.changed = d.before != d.after;
  if (d.cause == Cause::forecast && !row.changed) return;
  if (d.cause == Cause::scheduled_action) row.why = "scheduled action " + d.name;
  if (d.cause == Cause::forecast) row.why = "predictive scaling";
  for (std::size_t i = 0; i < d.policies.size(); ++i) {
    const aws::AlarmPolicy& p = d.policies[i];
    if (d.cause != Cause::alarm || !row.why.empty()) break;
    // The policy whose wish the change is; without a change any whose alarm is in ALARM.
    if (row.changed && d.decider != i) continue;
    if (row.changed) row.policy = p.name;
    for (const aws::AlarmId alarm : {p.high, p.low}) {
      if (alarm.is_none()) continue;
      if (row.changed ? alarm != d.decided_by : d.cloudwatch->state(alarm) != aws::AlarmState::alarm) continue;
      const aws::MetricSource& source = d.cloudwatch->source(alarm);
      const auto value = d.cloudwatch->latest(alarm);
      row.value = value ? static_cast<double>(*value) * 1e-6 : -1;
      row.target = static_cast<double>(p.tracking ? p.target : d.cloudwatch->definition(alarm).threshold) * 1e-6;
      row.why = fmt::format("{} {}: {} {} against {}", p.tracking ? "target tracking" : "step scaling", p.name,
                            metric_name(source), value ? metric_text(source, *value) : "without data",
                            metric_text(source, p.tracking ? p.target : d.cloudwatch->definition(alarm).threshold));
      break;
    }
  }
  scalings.push_back(std::move(row));
}

void DecisionLog::hear(World& world, const ecs::ManagedScalingDetail& d) {
  ProviderRow row;
  row.at = world.now();
  row.group = d.group;
  row.running = d.running;
  row.needed = d.needed;
  row.target = d.target;
  row.below = d.below;
  row.low_periods = d.low_periods;
  row.before = d.before;
  row.wanted = d.wanted;
  row.action = d.action;
  providers.push_back(row);
}

std::string metric_name(const aws::MetricSource& source) {
  using aws::MetricName;
  if (source.percentile >= 0) {
    aws::MetricSource plain = source;
    plain.percentile = -1;
    return fmt::format("p{:g} of {}", static_cast<double>(source.percentile) / 1e4, metric_name(plain));
  }
  switch (source.name) {
    case MetricName::service_cpu:
    case MetricName::cluster_cpu:
      return "CPUUtilization";
    case MetricName::service_memory:
    case MetricName::cluster_memory:
      return "MemoryUtilization";
    case MetricName::cluster_cpu_reservation:
      return "CPUReservation";
    case MetricName::cluster_memory_reservation:
      return "MemoryReservation";
    case MetricName::cluster_gpu_reservation:
      return "GPUReservation";
    case MetricName::request_count:
      return "RequestCount";
    case MetricName::healthy_hosts:
      return "HealthyHostCount";
    case MetricName::unhealthy_hosts:
      return "UnHealthyHostCount";
    case MetricName::target_2xx_count:
      return "HTTPCode_Target_2XX_Count";
    case MetricName::target_5xx_count:
      return "HTTPCode_Target_5XX_Count";
    case MetricName::elb_5xx_count:
      return "HTTPCode_ELB_5XX_Count";
    case MetricName::target_response_time:
      return "TargetResponseTime";
    case MetricName::request_count_per_target:
      return "RequestCountPerTarget";
    case MetricName::running_tasks:
      return "RunningTaskCount";
    case MetricName::pending_tasks:
      return "PendingTaskCount";
    case MetricName::desired_tasks:
      return "DesiredTaskCount";
    case MetricName::cpu_utilized:
      return "CpuUtilized";
    case MetricName::cpu_reserved:
      return "CpuReserved";
    case MetricName::memory_utilized:
      return "MemoryUtilized";
    case MetricName::memory_reserved:
      return "MemoryReserved";
    case MetricName::alarm_rule:
      return "rule holds";
    default:
      return source.label.empty() ? "metric" : source.label;
  }
}

std::string metric_text(const aws::MetricSource& source, std::int64_t millionths) {
  using aws::MetricName;
  const double v = static_cast<double>(millionths) * 1e-6;
  const bool percent = source.name <= MetricName::cluster_gpu_reservation;
  return percent ? fmt::format("{:.1f} %", v) : fmt::format("{:.6g}", v);
}

}  // namespace plimsoll::cli
