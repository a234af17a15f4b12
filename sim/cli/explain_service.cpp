// What scales a service or a capacity provider: datapoints, alarms, decisions, minute by minute.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "models/aws/controllers/fargate_launcher.h"
#include "models/ecs/capacity_provider_reservation.h"
#include "models/ecs/controllers/cluster_reservation_scaling.h"
#include "models/ecs/controllers/managed_scaling.h"
#include "models/ecs/controllers/service_scheduler.h"
#include "models/kubernetes/api/manifest_reader.h"
#include "models/kubernetes/vpa/vertical_pod_autoscaler.h"
#include "sim/cli/explain.h"
#include "sim/cli/explain_launch_types.h"
#include "sim/cli/explain_log.h"
#include "sim/cli/explain_managed_instances.h"
#include "sim/cli/explain_service_events.h"
#include "sim/core/text.h"
#include "sim/policy/creation_refusals.h"
#include "sim/policy/inactive_scalers.h"
#include "sim/report/text_table.h"
#include "sim/results/summary.h"

namespace plimsoll::cli {

namespace {

using Json = nlohmann::ordered_json;

/// With an instant: this much before and after. Without: only where something changes.
constexpr Duration kAround = minutes(15);
constexpr std::size_t kMostRows = 60;

struct Span {
  Time from = kTimeZero, to = kTimeNever;
  bool all = false;  ///< every row in it
  bool has(Time t) const { return t >= from && t <= to; }
};

Span span_of(const Subject& s, const ExplainArguments& a) {
  if (a.at.empty()) return {kTimeZero, s.world().end, false};
  const Time at = s.instant(a.at);
  return {std::max(kTimeZero, at - kAround), std::min(s.world().end, at + kAround), true};
}

void run(Subject& s, const Span& span) {
  if (span.to >= s.world().end) {
    s.run_to_end();
  } else {
    s.run_until(span.to);
  }
}

std::string tail_text(std::size_t shown, std::size_t all, const char* what) {
  return all > shown ? fmt::format("  ... {} of {} {}; give an instant with --at for others\n", shown, all, what) : "";
}

/// What the API server said last to the controller that wants more pods of the workload; null when it takes them.
const CreationRefusals::Refusal* refusal_of(Subject& s, WorkloadId id) {
  const CreationRefusals::Refusal* out = nullptr;
  s.world().each_component<CreationRefusals>([&](const CreationRefusals& c) {
    if (out == nullptr) out = c.refused(id);
  });
  return out;
}

std::string finish(const Subject& s, const report::TerminalStyle& style) {
  return "\n" + folded(s.check_text(), static_cast<std::size_t>(style.width), 0) + "\n";
}

Json head(const Subject& s) {
  return {{"format_version", results::kFormatVersion},
          {"platform", s.platform()},
          {"window_start_us", to_microseconds(s.world().window_start)}};
}

Json row_json(const Subject& s, const ScalingRow& r) {
  return {{"at_us", to_microseconds(r.at)},
          {"why", r.why},
          {"value", r.value < 0 ? Json(nullptr) : Json(r.value)},
          {"target", r.target},
          {s.is_ecs() ? "running" : "current", r.running},
          {"before", r.before},
          {"wanted", r.wanted},
          {"changed", r.changed},
          {"action", r.action}};
}

Json alarm_json(const aws::CloudWatch& cw, const AlarmRow& r) {
  return {{"at_us", to_microseconds(r.at)},
          {"alarm", cw.name(r.alarm)},
          {"value", r.value ? Json(static_cast<double>(*r.value) * 1e-6) : Json(nullptr)},
          {"breaching", r.breaching},
          {"state", aws::to_string(r.state)}};
}

std::string rule_text(const aws::CloudWatch& cw, aws::AlarmId id) {
  constexpr std::string_view kSigns[] = {">", ">=", "<", "<="};
  if (cw.source(id).name == aws::MetricName::alarm_rule) return "in ALARM while " + cw.source(id).label;
  const aws::AlarmDefinition& d = cw.definition(id);
  return fmt::format("{} {} {} for {} of {} periods of {}", metric_name(cw.source(id)),
                     kSigns[static_cast<std::size_t>(d.comparison)], metric_text(cw.source(id), d.threshold),
                     d.datapoints_to_alarm.value_or(d.evaluation_periods), d.evaluation_periods, span_text(d.period));
}

/// What a scaling evaluation of the same instant did.
const ScalingRow* decision_at(const DecisionLog& log, WorkloadId service, Time at) {
  for (const ScalingRow& r : log.scalings) {
    if (r.workload == service && r.at == at) return &r;
  }
  return nullptr;
}

/// The size that the group was given at this instant.
const ResizeRow* resize_at(const DecisionLog& log, NodeGroupId group, Time at) {
  for (const ResizeRow& r : log.resizes) {
    if (r.group == group && r.at == at) return &r;
  }
  return nullptr;
}

std::string step_text(const ScalingRow* r) {
  return r == nullptr ? "" : r->changed ? fmt::format("{} -> {}", r->before, r->wanted) : "no change";
}

/// The evaluations of one alarm, and what they did to the service or the group whose policy it sets off.
std::string alarm_rows(Subject& s, const DecisionLog& log, const aws::CloudWatch& cw, aws::AlarmId id, const Span& span,
                       const report::TerminalStyle& style, Json& rows) {
  WorkloadId service;
  NodeGroupId group;
  const auto* scaling = s.world().find_component<aws::ServiceAutoScaling>();
  for (const Workload& w : s.world().workloads()) {
    if (scaling == nullptr) break;
    for (const aws::AlarmPolicy& p : scaling->policies_of(w.id)) {
      if (p.high == id || p.low == id) service = w.id;
    }
  }
  s.world().each_component<ecs::ClusterReservationScaling>([&](const ecs::ClusterReservationScaling& c) {
    for (const aws::AlarmId alarm : c.alarms()) group = alarm == id ? c.group() : group;
  });
  s.world().each_component<ecs::ManagedScaling>(
      [&](const ecs::ManagedScaling& m) { group = m.owns(id) ? m.group() : group; });
  report::TextTable table;
  table.heads = {{"seen at"}, {metric_name(cw.source(id))}, {"beyond"}, {"state"}, {"action"}};
  std::size_t matching = 0;
  const std::int64_t n = cw.definition(id).evaluation_periods;
  for (const AlarmRow& r : log.alarms) {
    if (r.alarm != id || !span.has(r.at)) continue;
    const bool alarm = r.state == aws::AlarmState::alarm;
    const ScalingRow* decision = service.is_none() || !alarm ? nullptr : decision_at(log, service, r.at);
    const ResizeRow* resize = group.is_none() || !alarm ? nullptr : resize_at(log, group, r.at);
    const std::string back = alarm ? rollback_text(s, log, id, r.at) : "";
    const bool acts = (decision != nullptr && decision->changed) || resize != nullptr || !back.empty();
    if (!span.all && r.before == r.state && !acts) continue;
    ++matching;
    Json j = alarm_json(cw, r);
    j["action"] = decision == nullptr ? Json(nullptr) : row_json(s, *decision);
    if (!back.empty()) j["deployment"] = back;
    if (resize != nullptr) j["group"] = {{"name", s.name(group)}, {"wanted", resize->desired}};
    rows.push_back(std::move(j));
    if (table.rows.size() >= kMostRows) continue;
    table.rows.push_back({{s.clock(r.at), r.value ? metric_text(cw.source(id), *r.value) : "none",
                           fmt::format("{}/{}", r.breaching, n), std::string(aws::to_string(r.state)),
                           !back.empty()         ? back
                           : decision != nullptr ? s.name(service) + " " + step_text(decision)
                           : resize != nullptr   ? fmt::format("{} is to have {}", s.name(group), resize->desired)
                                                 : ""},
                          alarm ? report::Paint::bold : report::Paint::plain});
  }
  const std::string text = table.rows.empty() ? "No datapoint in this span.\n"
                                              : table.render(static_cast<std::size_t>(style.width), style.colour);
  return text + tail_text(table.rows.size(), matching, "rows");
}

/// Whether the change may be told as what this policy, whose alarm (of target tracking: the high one) was evaluated,
/// did. A change is one policy's. Without a change the reason names a policy whose alarm was in ALARM; there is none
/// when an OK action set off a policy.
bool is_decision_of(const ScalingRow& decision, const aws::AlarmPolicy& p, const AlarmRow& alarm) {
  if (decision.changed) return decision.policy == p.name;
  if (p.tracking) return !decision.why.starts_with("step scaling ");
  if (decision.why.empty()) return alarm.state != aws::AlarmState::alarm;
  return decision.why.starts_with("step scaling " + p.name + ": ");
}

/// One policy: its datapoints against its alarms.
std::string policy_text(const Subject& s, const DecisionLog& log, const aws::CloudWatch& cw, WorkloadId service,
                        const aws::AlarmPolicy& p, const Span& span, const report::TerminalStyle& style, Json& rows) {
  const auto width = static_cast<std::size_t>(style.width);
  std::string out =
      folded(fmt::format("{} {}", p.tracking ? "Target tracking" : "Step scaling", p.name), width, 0) + "\n";
  // A step policy may add or remove at either side of its alarm's threshold.
  out +=
      folded((p.tracking ? "  out: " : "  alarm " + cw.name(p.high) + ": ") + rule_text(cw, p.high), width, 4) + "\n";
  if (!p.low.is_none()) out += folded("  in:  " + rule_text(cw, p.low), width, 4) + "\n";
  report::TextTable table;
  table.heads = {{"seen at"}, {metric_name(cw.source(p.high))}, {"beyond", "high"}, {"high", "alarm"}};
  if (!p.tracking) table.heads = {{"seen at"}, {metric_name(cw.source(p.high))}, {"beyond"}, {"alarm"}};
  if (!p.low.is_none()) {
    table.heads.push_back({"beyond", "low"});
    table.heads.push_back({"low", "alarm"});
  }
  table.heads.push_back({s.pod_word() + "s", "wanted"});
  std::size_t matching = 0;
  const auto low_at = [&](Time at) -> const AlarmRow* {
    for (const AlarmRow& r : log.alarms) {
      if (r.at == at && r.alarm == p.low) return &r;
    }
    return nullptr;
  };
  for (const AlarmRow& r : log.alarms) {
    if (r.alarm != p.high || !span.has(r.at)) continue;
    const ScalingRow* decision = decision_at(log, service, r.at);
    if (decision != nullptr && !is_decision_of(*decision, p, r)) decision = nullptr;
    if (!span.all && (decision == nullptr || !decision->changed)) continue;
    ++matching;
    const AlarmRow* low = p.low.is_none() ? nullptr : low_at(r.at);
    Json j = alarm_json(cw, r);
    j["policy"] = p.name;
    if (low != nullptr) j["low"] = alarm_json(cw, *low);
    if (decision != nullptr) j["decision"] = row_json(s, *decision);
    rows.push_back(std::move(j));
    if (table.rows.size() >= kMostRows) continue;
    const std::int64_t high_n = cw.definition(p.high).evaluation_periods;
    report::TextTable::Row row{{s.clock(r.at), r.value ? metric_text(cw.source(p.high), *r.value) : "none",
                                fmt::format("{}/{}", r.breaching, high_n), std::string(aws::to_string(r.state))},
                               decision != nullptr && decision->changed ? report::Paint::bold : report::Paint::plain};
    if (!p.low.is_none()) {
      row.cells.push_back(
          low == nullptr ? "" : fmt::format("{}/{}", low->breaching, cw.definition(p.low).evaluation_periods));
      row.cells.push_back(low == nullptr ? "" : std::string(aws::to_string(low->state)));
    }
    row.cells.push_back(step_text(decision));
    table.rows.push_back(std::move(row));
  }
  if (table.rows.empty()) return out + (span.all ? "  No datapoint in this span.\n" : "  It never changed a thing.\n");
  return out + table.render(width, style.colour) +
         tail_text(table.rows.size(), matching, span.all ? "rows" : "changes");
}

/// Names that look like the one given, for services and alarms.
std::string suggestion(const std::string& word, const std::vector<std::string>& known) {
  const std::vector<std::string_view> views(known.begin(), known.end());
  const std::string near = nearest(word, views);
  if (!near.empty()) return "did you mean '" + near + "'?";
  std::string text;
  for (std::size_t i = 0; i < known.size() && i < 8; ++i) text += (i == 0 ? "there are " : ", ") + known[i];
  return known.empty() ? "there are none" : text;
}

/// What leads to the workload from outside: its balancers of the manifests, by the names that clients use.
std::string balancers_text(Subject& s, WorkloadId id, Json& rows) {
  std::string text;
  for (const WorkloadSpec& spec : s.scenario().setting.workloads) {
    if (spec.name != s.world().names.text(s.world().workload(id).name)) continue;
    const auto* file = dynamic_cast<const kubernetes::api::ManifestPod*>(spec.kubernetes_pod.get());
    if (file == nullptr) continue;
    std::vector<std::string> own;
    for (const std::string& name : file->ingress_balancers) own.push_back("Ingress " + name);
    for (const std::string& name : file->service_balancers) own.push_back("Service " + name);
    for (const scenario::Column& column : s.scenario().columns) {
      if (column.name != s.platform()) continue;
      for (const auto& [what, name] : column.plan->notes().dns_names) {
        if (std::find(own.begin(), own.end(), what) == own.end()) continue;
        text += "  " + what + ": " + name + "\n";
        rows.push_back({{"balancer", what}, {"dns_name", name}});
      }
    }
  }
  return text.empty() ? text : text + "\n";
}

/// What a VerticalPodAutoscaler recommends for its pods at the instant that the run has come to, whatever its mode.
std::string vertical_text(Subject& s, WorkloadId id, Json& out) {
  const auto* vertical = s.world().find_component<kubernetes::VerticalPodAutoscalers>();
  const auto found = vertical == nullptr ? std::nullopt : vertical->recommendation(id);
  if (!found) return {};
  std::string text;
  for (const auto& [name, size] : {std::pair{"target", found->target}, std::pair{"lower bound", found->lower},
                                   std::pair{"upper bound", found->upper}}) {
    text += (text.empty() ? "" : ", ") + fmt::format("{} {} / {}", name, to_string(size.cpu),
                                                     to_string(mebibytes(div_ceil(size.memory.raw(), kMiB))));
    out[name] = {{"cpu_millis", to_millis_ceil(size.cpu)}, {"memory_bytes", size.memory.raw()}};
  }
  return "VerticalPodAutoscaler: " + text + " a pod.";
}

}  // namespace

Explanation explain_service(Subject& s, const ExplainArguments& a, const report::TerminalStyle& terminal) {
  const report::TerminalStyle style{std::max(terminal.width, 60), terminal.colour};
  const auto width = static_cast<std::size_t>(style.width);
  const WorkloadId id = s.workload(a.service);
  const Span span = span_of(s, a);
  const DecisionLog& log = DecisionLog::attach(s.world(), {});
  run(s, span);
  const Workload& w = s.world().workload(id);
  std::string text =
      fmt::format("{} {} on {}: least {}, most {} {}s of {}\n\n", s.is_ecs() ? "service" : "workload", s.name(id),
                  s.platform(), w.minimum, w.maximum, s.pod_word(), requests_text(s.world().shapes[w.shape].requests));
  Json datapoints = Json::array(), decisions = Json::array(), balancers = Json::array();
  text += balancers_text(s, id, balancers);
  Json vertical = Json::object();
  if (const std::string recommended = vertical_text(s, id, vertical); !recommended.empty())
    text += folded(recommended, width, 2) + "\n\n";
  std::size_t any = 0;
  for (const ScalingRow& r : log.scalings) {
    if (r.workload != id) continue;
    ++any;
    if (span.has(r.at) && (span.all || r.changed)) decisions.push_back(row_json(s, r));
  }
  const auto* cw = s.world().find_component<aws::CloudWatch>();
  const auto* scaling = s.world().find_component<aws::ServiceAutoScaling>();
  const auto policies = scaling != nullptr ? scaling->policies_of(id) : std::vector<aws::AlarmPolicy>{};
  if (cw != nullptr) {
    for (const aws::AlarmPolicy& p : policies) text += policy_text(s, log, *cw, id, p, span, style, datapoints);
  }
  // What no alarm set off: schedules and forecasts, HPAs.
  report::TextTable table;
  table.heads = {{s.is_ecs() ? "at" : "synced at"}, {s.pod_word() + "s", "wanted"}, {"why"}};
  std::size_t matching = 0;
  for (const ScalingRow& r : log.scalings) {
    const bool told =
        s.is_ecs() && r.why.find("scaling") != r.why.npos && !policies.empty() && !r.why.starts_with("predictive");
    if (r.workload != id || told || (s.is_ecs() && r.why.starts_with("target tracking"))) continue;
    if (!span.has(r.at) || (!span.all && !r.changed)) continue;
    ++matching;
    if (table.rows.size() >= kMostRows) continue;
    // That it succeeded is in the counts.
    const bool plain = r.action.empty() || (r.changed && r.action == "SucceededRescale");
    std::string why = r.why + (plain ? "" : ", " + r.action);
    if (why.starts_with("HorizontalPodAutoscaler: ")) why = why.substr(25);
    table.rows.push_back(
        {{s.clock(r.at), r.changed ? fmt::format("{} -> {}", r.before, r.wanted) : std::to_string(r.before),
          report::shortened(why, width > 40 ? width - 30 : 10)},
         r.changed ? report::Paint::bold : report::Paint::plain});
  }
  if (!table.rows.empty()) {
    text += table.render(width, style.colour) + tail_text(table.rows.size(), matching, span.all ? "rows" : "changes");
  } else if (policies.empty()) {
    text += any == 0   ? fmt::format("Nothing scales it: {} {}s all along.\n", w.desired, s.pod_word())
            : span.all ? "No evaluation in this span.\n"
                       : "Its wanted count never changed.\n";
  }
  for (const std::string& why : inactive_scalers_of(s.run().world, w.id)) text += folded("  " + why, width, 2) + "\n";
  if (cw != nullptr && !policies.empty())
    text +=
        folded("  A datapoint is seen " + span_text(cw->publication_delay()) + " after its period ended.", width, 2) +
        "\n";
  const auto held = [&](std::string_view condition) {
    return std::any_of(log.scalings.begin(), log.scalings.end(), [&](const ScalingRow& r) {
      return r.workload == id && !r.changed && span.all && span.has(r.at) && r.action == condition;
    });
  };
  if (held("ReadyForNewScale"))
    text += folded(
                "  ReadyForNewScale without a change: use and target are within the tolerance of each other, 10 % "
                "unless its behavior says otherwise, or ask for the same number of pods.",
                width, 2) +
            "\n";
  if (held("ScaleDownStabilized"))
    text += folded("  ScaleDownStabilized: a higher wish of its stabilization window stands.", width, 2) + "\n";
  const bool idle = std::any_of(log.scalings.begin(), log.scalings.end(), [&](const ScalingRow& r) {
    return r.workload == id && !r.changed && span.all && span.has(r.at);
  });
  if (idle && !policies.empty())
    text += folded(
                "  No change: out, target tracking reckons from the tasks that run, which asks for no more than is "
                "wanted already; in, a cooldown or a deployment holds it back, or another policy does not want it.",
                width, 2) +
            "\n";
  if (!span.all) text += "  Only changes; with --at everything around an instant.\n";
  std::string hook_rows, rule_rows;
  if (const std::string hooks = hooks_text(s, id, {span.from, span.to}, style, hook_rows); !hooks.empty())
    text += "\n" + hooks;
  if (const std::string rules = rules_text(s, log, id, {span.from, span.to}, style, rule_rows); !rules.empty())
    text += "\n" + rules;
  const CreationRefusals::Refusal* refused = refusal_of(s, id);
  if (refused != nullptr) {
    text += folded(fmt::format("FailedCreate (x{} since {})  Error creating: {}", refused->count,
                               s.clock(refused->first), refused->message),
                   width, 2) +
            "\n";
  }
  text += finish(s, style);
  Json j = head(s);
  if (refused != nullptr) j["creations_refused"] = {{"count", refused->count}, {"message", refused->message}};
  j["service"] = s.name(id);
  if (!vertical.empty()) j["vertical_pod_autoscaler"] = std::move(vertical);
  if (!balancers.empty()) j["balancers"] = std::move(balancers);
  j["minimum"] = w.minimum;
  j["maximum"] = w.maximum;
  j["datapoints"] = std::move(datapoints);
  j["decisions"] = std::move(decisions);
  if (!rule_rows.empty()) j["rules"] = Json::parse(rule_rows);
  if (!hook_rows.empty()) j["hooks"] = Json::parse(hook_rows);
  j["check"] = s.check_text();
  return {text, j.dump(1) + "\n"};
}

Explanation explain_alarm(Subject& s, const ExplainArguments& a, const report::TerminalStyle& terminal) {
  const report::TerminalStyle style{std::max(terminal.width, 60), terminal.colour};
  const auto width = static_cast<std::size_t>(style.width);
  if (!s.is_ecs())
    throw ExplainError(s.platform() + " is an EKS column: no alarms scale it",
                       "--service NAME shows its HorizontalPodAutoscaler");
  const auto* cw = s.world().find_component<aws::CloudWatch>();
  std::vector<std::string> known;
  aws::AlarmId id;
  std::size_t ends = 0;
  for (std::size_t i = 0; cw != nullptr && i < cw->alarm_count(); ++i) {
    known.push_back(cw->name(aws::AlarmId{i}));
    const bool exact = known.back() == a.alarm;
    // A unique end of a name will do: "web-cpu-AlarmHigh".
    if (exact || (known.back().ends_with(a.alarm) && ends == 0)) id = aws::AlarmId{i};
    ends += known.back().ends_with(a.alarm) ? 1 : 0;
    if (exact) break;
  }
  const bool exact = !id.is_none() && cw->name(id) == a.alarm;
  if (id.is_none() || (!exact && ends != 1))
    throw ExplainError("no alarm '" + a.alarm + "' on " + s.platform(), suggestion(a.alarm, known));
  const Span span = span_of(s, a);
  const DecisionLog& log = DecisionLog::attach(s.world(), {});
  run(s, span);
  cw = s.world().find_component<aws::CloudWatch>();
  std::string text = folded("alarm " + cw->name(id) + " on " + s.platform(), width, 0) + "\n" +
                     folded(rule_text(*cw, id), width, 0) + "\n\n";
  Json rows = Json::array();
  text += alarm_rows(s, log, *cw, id, span, style, rows);
  if (!span.all) text += "  Only changes of state and actions; with --at all around an instant.\n";
  text += finish(s, style);
  Json j = head(s);
  j["alarm"] = cw->name(id);
  j["rule"] = rule_text(*cw, id);
  j["datapoints"] = std::move(rows);
  j["check"] = s.check_text();
  return {text, j.dump(1) + "\n"};
}

/// A group without managed scaling: the sizes that its own policies, schedules and forecasts gave it.
std::string explain_group_policies(Subject& s, NodeGroupId id, const Span& span, const DecisionLog& log,
                                   const report::TerminalStyle& style, Json& rows, Json& alarms) {
  report::TextTable table;
  table.heads = {{"at"}, {"desired size"}};
  std::size_t matching = 0;
  for (const ResizeRow& r : log.resizes) {
    if (r.group != id || !span.has(r.at)) continue;
    ++matching;
    rows.push_back({{"at_us", to_microseconds(r.at)}, {"wanted", r.desired}});
    if (table.rows.size() < kMostRows)
      table.rows.push_back({{s.clock(r.at), std::to_string(r.desired)}, report::Paint::plain});
  }
  std::string text = "ECS does not scale this group: it has the size that its own policies give it.\n";
  const auto* cw = s.world().find_component<aws::CloudWatch>();
  s.world().each_component<ecs::ClusterReservationScaling>([&](const ecs::ClusterReservationScaling& c) {
    for (const aws::AlarmId alarm : c.group() == id ? c.alarms() : std::vector<aws::AlarmId>{}) {
      const auto width = static_cast<std::size_t>(style.width);
      text += "\n" + folded("alarm " + cw->name(alarm) + ": " + rule_text(*cw, alarm), width, 2) + "\n";
      text += alarm_rows(s, log, *cw, alarm, span, style, alarms);
    }
  });
  if (table.rows.empty())
    return text + (span.all ? "It kept its size in this span.\n" : "It never changed its size.\n");
  return text + table.render(static_cast<std::size_t>(style.width), style.colour) +
         tail_text(table.rows.size(), matching, "changes");
}

/// What came and went of a Managed Instances provider.
std::string explain_instances(const Subject& s, NodeGroupId id, const Span& span, const report::TerminalStyle& style,
                              Json& rows) {
  report::TextTable table;
  table.heads = {{"at"}, {"instance"}, {"type"}, {"event"}};
  const std::vector<InstanceStep> steps = instance_steps(s, id, span.from, span.to);
  for (const InstanceStep& step : steps) {
    rows.push_back({{"at_us", to_microseconds(step.at)},
                    {"node", s.name(step.node)},
                    {"instance_type", s.instance_type(step.node)},
                    {"event", step.what}});
    if (table.rows.size() < kMostRows)
      table.rows.push_back(
          {{s.clock(step.at), s.name(step.node), s.instance_type(step.node), step.what}, report::Paint::plain});
  }
  const std::string text = folded(
      "Managed Instances: AWS launches instances for tasks that wait and ends those that are idle or underused; there "
      "is no group or alarm. --node NAME shows why.",
      static_cast<std::size_t>(style.width), 0);
  if (table.rows.empty()) return text + "\nNo instance came or went.\n";
  return text + "\n" + table.render(static_cast<std::size_t>(style.width), style.colour) +
         tail_text(table.rows.size(), steps.size(), "events");
}

Explanation explain_capacity_provider(Subject& s, const ExplainArguments& a, const report::TerminalStyle& terminal) {
  const report::TerminalStyle style{std::max(terminal.width, 60), terminal.colour};
  if (!s.is_ecs())
    throw ExplainError(s.platform() + " is an EKS column and has no capacity provider",
                       "--scale-up AT shows its autoscaler");
  if (auto fargate = explain_fargate_provider(s, a, terminal)) return std::move(*fargate);
  const Span span = span_of(s, a);
  const DecisionLog& log = DecisionLog::attach(s.world(), {});
  run(s, span);
  std::vector<std::string> known;
  NodeGroupId id;
  for (const NodeGroup& g : s.world().groups()) {
    known.push_back(s.name(g.id));
    if (known.back() == a.capacity_provider) id = g.id;
  }
  s.world().each_component<aws::FargateLauncher>([&](const aws::FargateLauncher& launcher) {
    known.emplace_back(launcher.parameters().spot ? "FARGATE_SPOT" : "FARGATE");
  });
  if (id.is_none())
    throw ExplainError("no capacity provider '" + a.capacity_provider + "' on " + s.platform(),
                       suggestion(a.capacity_provider, known));
  const NodeGroup& g = s.world().group(id);
  const bool by_aws = is_managed_instances(s, id);
  std::string text = fmt::format("capacity provider {} on {}", s.name(id), s.platform());
  text += by_aws ? "\n\n" : fmt::format(": least {}, most {} instances\n\n", g.minimum, g.maximum);
  Json rows = Json::array();
  report::TextTable table;
  table.heads = {{"seen at"},     {"M", "needed"},        {"N", "running"}, {"metric", "%"},
                 {"target", "%"}, {"below,", "in a row"}, {"wanted"},       {"decision"}};
  std::size_t matching = 0;
  for (const ProviderRow& r : log.providers) {
    if (r.group != id || !span.has(r.at)) continue;
    using Action = ecs::ManagedScalingAction;
    const bool did = r.action == Action::scaled_out || r.action == Action::scaled_in;
    constexpr std::string_view kActions[] = {
        "", "scaled out", "scaled in", "waits: instances warm up", "at its bound", "waits: 15 min after out"};
    const std::string action(kActions[static_cast<std::size_t>(r.action)]);
    if (!span.all && !did) continue;
    ++matching;
    const double metric = ecs::capacity_provider_reservation(r.running, r.needed).percent();
    rows.push_back({{"at_us", to_microseconds(r.at)},
                    {"m", r.needed},
                    {"n", r.running},
                    {"metric_percent", metric},
                    {"target_percent", r.target},
                    {"below", r.below},
                    {"low_periods", r.low_periods},
                    {"before", r.before},
                    {"wanted", r.wanted},
                    {"decision", action}});
    if (table.rows.size() >= kMostRows) continue;
    table.rows.push_back(
        {{s.clock(r.at), std::to_string(r.needed), std::to_string(r.running), fmt::format("{:.0f}", metric),
          std::to_string(r.target), fmt::format("{}/{}", std::min(r.below, r.low_periods), r.low_periods),
          did ? fmt::format("{} -> {}", r.before, r.wanted) : std::to_string(r.before), action},
         did ? report::Paint::bold : report::Paint::plain});
  }
  Json alarms = Json::array(), instances = Json::array();
  const bool managed =
      std::any_of(log.providers.begin(), log.providers.end(), [id](const ProviderRow& r) { return r.group == id; });
  if (by_aws) {
    text += explain_instances(s, id, span, style, instances);
  } else if (!managed) {
    text += explain_group_policies(s, id, span, log, style, rows, alarms);
  } else if (table.rows.empty()) {
    text += span.all ? "No datapoint in this span.\n" : "It never changed its size.\n";
  } else {
    text += table.render(static_cast<std::size_t>(style.width), style.colour);
    text += tail_text(table.rows.size(), matching, span.all ? "minutes" : "changes");
    if (!span.all) text += "  Only changes; with --at every minute around an instant.\n";
  }
  if (const std::string unseen = managed ? unseen_tasks_text(s, id) : ""; !unseen.empty())
    text += folded(unseen, static_cast<std::size_t>(style.width), 2) + "\n";
  text += finish(s, style);
  Json j = head(s);
  j["capacity_provider"] = s.name(id);
  j["minutes"] = std::move(rows);
  if (by_aws) j["instances"] = std::move(instances);
  if (!alarms.empty()) j["alarms"] = std::move(alarms);
  j["check"] = s.check_text();
  return {text, j.dump(1) + "\n"};
}

}  // namespace plimsoll::cli
