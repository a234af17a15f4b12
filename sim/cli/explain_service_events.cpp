// What rules, schedules, hooks and alarms of deployments did to a service.
#include "sim/cli/explain_service_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "models/ecs/controllers/service_scheduler.h"

namespace plimsoll::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostRows = 60;

std::string more_text(std::size_t shown, std::size_t all, const char* what) {
  return all > shown ? fmt::format("  ... {} of {} {}; give an instant with --at for others\n", shown, all, what) : "";
}

}  // namespace

std::string hooks_text(Subject& s, WorkloadId id, const ExplainSpan& span, const report::TerminalStyle& style,
                       std::string& json) {
  const auto* scheduler = s.world().find_component<ecs::ServiceScheduler>();
  if (scheduler == nullptr || scheduler->hooks_of(id).empty()) return "";
  Json rows = Json::array();
  report::TextTable table;
  table.heads = {{"at"}, {"deployment stage"}, {"hooks"}};
  std::size_t matching = 0;
  for (const FactRecord& f : s.world().log) {
    const bool failed = f.fact == Fact::rollout_failed && f.reason == Reason::lifecycle_hook;
    if (f.workload != id || !span.has(f.at) || (f.fact != Fact::hook_called && !failed)) continue;
    ++matching;
    std::string stage = "failed", hooks = "FAILED or out of time: rolled back";
    if (!failed) {
      const auto called = static_cast<DeploymentStage>(f.value);
      stage = kDeploymentStageNames[static_cast<std::size_t>(called)];
      hooks.clear();
      for (const DeploymentHook& h : scheduler->hooks_of(id)) {
        if (std::find(h.stages.begin(), h.stages.end(), called) == h.stages.end()) continue;
        if (h.pause && f.reason == Reason::rollback) continue;
        hooks += (hooks.empty() ? "" : ", ") + (h.pause ? "pause" : h.name.empty() ? "a function" : h.name);
      }
      if (f.reason == Reason::rollback) hooks += " (rollback: not waited for)";
    }
    rows.push_back({{"at_us", to_microseconds(f.at)}, {"stage", stage}, {"hooks", hooks}, {"failed", failed}});
    if (table.rows.size() < kMostRows)
      table.rows.push_back({{s.clock(f.at), stage, hooks}, failed ? report::Paint::bold : report::Paint::plain});
  }
  if (!rows.empty()) json = rows.dump();
  if (table.rows.empty()) return "No lifecycle hook of its deployments was called.\n";
  return "Lifecycle hooks of its deployments\n" + table.render(static_cast<std::size_t>(style.width), style.colour) +
         more_text(table.rows.size(), matching, "calls");
}

std::string rules_text(Subject& s, const DecisionLog& log, WorkloadId id, const ExplainSpan& span,
                       const report::TerminalStyle& style, std::string& json) {
  Json rows = Json::array();
  report::TextTable table;
  table.heads = {{"at"}, {"by"}, {"action"}};
  std::size_t matching = 0;
  for (const RuleRow& r : log.rules) {
    if (r.workload != id || !span.has(r.at)) continue;
    ++matching;
    rows.push_back({{"at_us", to_microseconds(r.at)},
                    {"by", r.rule},
                    {"action", r.action},
                    {"function", r.function},
                    {"before", r.before},
                    {"after", r.after},
                    {"stopped", r.tasks}});
    if (table.rows.size() >= kMostRows) continue;
    const std::string what = r.action == "run tasks"    ? r.action
                             : r.action == "stop tasks" ? "stopped " + counted(r.tasks, "task")
                             : r.before == r.after      ? fmt::format("{}: no change of {} wanted", r.action, r.before)
                                                   : fmt::format("{}: {} -> {} wanted", r.action, r.before, r.after);
    table.rows.push_back({{s.clock(r.at), r.rule + (r.function ? ", by a function" : ""), what}, report::Paint::plain});
  }
  if (!rows.empty()) json = rows.dump();
  if (table.rows.empty()) return "";
  return "What event rules and schedules did\n" + table.render(static_cast<std::size_t>(style.width), style.colour) +
         more_text(table.rows.size(), matching, "actions");
}

std::string rollback_text(Subject& s, const DecisionLog& log, aws::AlarmId alarm, Time at) {
  World& world = s.world();
  const auto* scheduler = world.find_component<ecs::ServiceScheduler>();
  const auto* cw = world.find_component<aws::CloudWatch>();
  if (scheduler == nullptr || cw == nullptr) return "";
  Time next = kTimeNever;
  for (const AlarmRow& r : log.alarms) {
    if (r.alarm == alarm && r.at > at) next = std::min(next, r.at);
  }
  for (const FactRecord& f : world.log) {
    if (f.fact != Fact::rollout_failed || f.reason != Reason::alarm || f.at < at || f.at >= next) continue;
    if (f.workload.is_none()) continue;
    const auto names = scheduler->alarms_of(f.workload);
    if (std::find(names.begin(), names.end(), cw->name(alarm)) == names.end()) continue;
    std::string text = fmt::format("{}: deployment of revision {} failed", s.name(f.workload), f.value);
    for (const FactRecord& g : world.log) {
      if (g.fact == Fact::revision_changed && g.reason == Reason::rollback && g.workload == f.workload && g.at == f.at)
        return text + fmt::format(", rolled back to {}", g.value);
    }
    return text;
  }
  return "";
}

}  // namespace plimsoll::cli
