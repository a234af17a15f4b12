// What scales a service or a capacity provider: datapoints, alarms, decisions, minute by minute.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "models/ecs/capacity_provider_reservation.h"
#include "sim/cli/explain.h"
#include "sim/cli/explain_log.h"
#include "sim/core/text.h"
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

std::string percent(std::int64_t ppm) {
  return ppm < 0 ? "none" : fmt::format("{:.1f}", static_cast<double>(ppm) / 1e4);
}

const char* high_state(const ScalingRow& r) {
  return r.value < 0 ? "INSUFFICIENT_DATA" : r.above >= r.high_periods ? "ALARM" : "OK";
}
const char* low_state(const ScalingRow& r) {
  return r.value < 0 ? "INSUFFICIENT_DATA" : r.below >= r.low_periods ? "ALARM" : "OK";
}

std::string tail_text(std::size_t shown, std::size_t all, const char* what) {
  return all > shown ? fmt::format("  ... {} of {} {}; give an instant with --at for others\n", shown, all, what) : "";
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
  Json j = {{"at_us", to_microseconds(r.at)},
            {"value_percent", r.value < 0 ? Json(nullptr) : Json(static_cast<double>(r.value) / 1e4)},
            {"target_percent", static_cast<double>(r.target) / 1e4}};
  if (s.is_ecs()) {
    j["low_percent"] = static_cast<double>(r.low) / 1e4;
    j["above"] = r.above;
    j["below"] = r.below;
    j["running"] = r.running;
    j["minute_ended_us"] = to_microseconds(r.at - r.delay);
  }
  j["before"] = r.before;
  j["wanted"] = r.wanted;
  j["action"] = r.action;
  return j;
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

}  // namespace

Explanation explain_service(Subject& s, const ExplainArguments& a, const report::TerminalStyle& terminal) {
  const report::TerminalStyle style{std::max(terminal.width, 60), terminal.colour};
  const WorkloadId id = s.workload(a.service);
  const Span span = span_of(s, a);
  const DecisionLog& log = DecisionLog::attach(s.world(), {});
  run(s, span);
  const Workload& w = s.world().workload(id);
  std::string text = fmt::format("{} {} on {}: least {}, most {} {}s of {} / {}\n\n",
                                 s.is_ecs() ? "service" : "workload", s.name(id), s.platform(), w.minimum, w.maximum,
                                 s.pod_word(), to_string(w.requests.cpu()), to_string(w.requests.memory()));
  Json rows = Json::array();
  report::TextTable table;
  if (s.is_ecs()) {
    table.heads = {{"seen at"},     {"CPU", "%"},     {"high", "> %"}, {"in a", "row"}, {"low", "< %"},
                   {"in a", "row"}, {"run-", "ning"}, {"wanted"},      {"action"}};
  } else {
    table.heads = {{"synced at"}, {"CPU of", "request %"}, {"target", "%"}, {"wanted"}, {"action"}};
  }
  std::size_t matching = 0;
  bool any = false;
  for (const ScalingRow& r : log.scalings) {
    if (r.workload != id) continue;
    any = true;
    if (!span.has(r.at) || (!span.all && !r.changed)) continue;
    ++matching;
    rows.push_back(row_json(s, r));
    if (table.rows.size() >= kMostRows) continue;
    const std::string wanted = r.changed ? fmt::format("{} -> {}", r.before, r.wanted) : std::to_string(r.before);
    report::TextTable::Row row{{s.clock(r.at), percent(r.value), percent(r.target)},
                               r.changed ? report::Paint::bold : report::Paint::plain};
    if (s.is_ecs()) {
      for (std::string cell :
           {fmt::format("{}/{}", std::min(r.above, r.high_periods), r.high_periods), percent(r.low),
            fmt::format("{}/{}", std::min(r.below, r.low_periods), r.low_periods), std::to_string(r.running)})
        row.cells.push_back(std::move(cell));
    }
    row.cells.push_back(wanted);
    row.cells.push_back(r.action == "none" ? "" : r.action);
    table.rows.push_back(std::move(row));
  }
  if (!any) {
    text += fmt::format("Nothing scales it: {} {}s all along.\n", w.desired, s.pod_word());
  } else if (table.rows.empty()) {
    text += span.all ? "No datapoint in this span.\n" : "Its wanted count never changed.\n";
  } else {
    text += table.render(static_cast<std::size_t>(style.width), style.colour);
    text += tail_text(table.rows.size(), matching, span.all ? "rows" : "changes");
    if (s.is_ecs() && any) {
      Duration delay{};
      for (const ScalingRow& r : log.scalings) delay = r.workload == id ? r.delay : delay;
      text += folded("  A row is seen " + span_text(delay) +
                         " after its minute ended. Out when the high alarm has its run "
                         "of minutes, in when the low one has.",
                     static_cast<std::size_t>(style.width), 2) +
              "\n";
    }
    if (!span.all) text += "  Only changes; with --at every datapoint around an instant.\n";
  }
  Json j = head(s);
  j["service"] = s.name(id);
  j["minimum"] = w.minimum;
  j["maximum"] = w.maximum;
  j["datapoints"] = std::move(rows);
  text += finish(s, style);
  j["check"] = s.check_text();
  return {text, j.dump(1) + "\n"};
}

Explanation explain_alarm(Subject& s, const ExplainArguments& a, const report::TerminalStyle& terminal) {
  const report::TerminalStyle style{std::max(terminal.width, 60), terminal.colour};
  if (!s.is_ecs())
    throw ExplainError(s.platform() + " is an EKS column: no alarms scale it",
                       "--service NAME shows its HorizontalPodAutoscaler");
  const Span span = span_of(s, a);
  const DecisionLog& log = DecisionLog::attach(s.world(), {});
  run(s, span);
  std::vector<std::string> known;
  const auto names_of = [&](const std::string& owner) {
    for (const char* end : {"-AlarmHigh", "-AlarmLow"}) known.push_back(owner + end);
  };
  for (const Workload& w : s.world().workloads()) {
    const bool scaled =
        std::any_of(log.scalings.begin(), log.scalings.end(), [&](const ScalingRow& r) { return r.workload == w.id; });
    if (scaled) names_of(s.name(w.id));
  }
  for (const NodeGroup& g : s.world().groups()) {
    const bool scaled =
        std::any_of(log.providers.begin(), log.providers.end(), [&](const ProviderRow& r) { return r.group == g.id; });
    if (scaled) names_of(s.name(g.id));
  }
  const auto found = std::find(known.begin(), known.end(), a.alarm);
  if (found == known.end())
    throw ExplainError("no alarm '" + a.alarm + "' on " + s.platform(), suggestion(a.alarm, known));
  const bool high = a.alarm.ends_with("-AlarmHigh");
  const std::string owner = a.alarm.substr(0, a.alarm.rfind("-Alarm"));

  struct Point {
    Time at{};
    std::string value, state, action;
    std::int64_t run = 0;
    Json json;
  };
  std::vector<Point> points;
  std::string what;
  for (const ScalingRow& r : log.scalings) {
    if (s.name(r.workload) != owner) continue;
    const std::int64_t periods = high ? r.high_periods : r.low_periods, threshold = high ? r.target : r.low;
    what = fmt::format("ECSServiceAverageCPUUtilization {} {} % for {} of {} datapoints of a minute", high ? ">" : "<",
                       percent(threshold), periods, periods);
    const bool acts = high ? r.above >= r.high_periods : r.below >= r.low_periods;
    const std::string action = !acts       ? ""
                               : r.changed ? fmt::format("{}: {} -> {}", r.action, r.before, r.wanted)
                                           : r.action;
    Point p{r.at, percent(r.value), high ? high_state(r) : low_state(r), action, high ? r.above : r.below, nullptr};
    p.json = row_json(s, r);
    points.push_back(std::move(p));
  }
  for (const ProviderRow& r : log.providers) {
    if (s.name(r.group) != owner) continue;
    const double metric = ecs::capacity_provider_reservation(r.running, r.needed).percent();
    const std::int64_t periods = high ? 1 : r.low_periods;
    what = fmt::format("CapacityProviderReservation {} {} % for {} of {} datapoints of a minute", high ? ">" : "<",
                       r.target, periods, periods);
    const bool above = metric > static_cast<double>(r.target);
    const bool acts = high ? above : r.below >= r.low_periods;
    const bool did =
        r.action == ecs::ManagedScalingAction::scaled_out || r.action == ecs::ManagedScalingAction::scaled_in;
    Point p{r.at,
            fmt::format("{:.1f}", metric),
            acts ? "ALARM" : "OK",
            acts && did ? fmt::format("{} -> {} instances", r.before, r.wanted) : "",
            high ? (above ? 1 : 0) : r.below,
            nullptr};
    p.json = {{"at_us", to_microseconds(r.at)}, {"value_percent", metric}, {"m", r.needed}, {"n", r.running}};
    points.push_back(std::move(p));
  }
  std::string text = "alarm " + a.alarm + " on " + s.platform() + "\n" +
                     folded(what, static_cast<std::size_t>(style.width), 0) + "\n\n";
  Json rows = Json::array();
  report::TextTable table;
  table.heads = {{"seen at"}, {"datapoint", "%"}, {"beyond,", "in a row"}, {"state"}, {"action"}};
  std::size_t matching = 0;
  std::string state;
  for (Point& p : points) {
    const bool turns = p.state != state;
    state = p.state;
    if (!span.has(p.at) || (!span.all && !turns && p.action.find("->") == p.action.npos)) continue;
    ++matching;
    p.json["state"] = p.state;
    p.json["in_a_row"] = p.run;
    p.json["alarm_action"] = p.action;
    rows.push_back(std::move(p.json));
    if (table.rows.size() >= kMostRows) continue;
    table.rows.push_back({{s.clock(p.at), p.value, std::to_string(p.run), p.state, p.action},
                          p.state == "ALARM" ? report::Paint::bold : report::Paint::plain});
  }
  text += table.rows.empty() ? "No datapoint in this span.\n"
                             : table.render(static_cast<std::size_t>(style.width), style.colour);
  text += tail_text(table.rows.size(), matching, "rows");
  if (!span.all) text += "  Only changes of state and actions; with --at every datapoint around an instant.\n";
  text += finish(s, style);
  Json j = head(s);
  j["alarm"] = a.alarm;
  j["rule"] = what;
  j["datapoints"] = std::move(rows);
  j["check"] = s.check_text();
  return {text, j.dump(1) + "\n"};
}

Explanation explain_capacity_provider(Subject& s, const ExplainArguments& a, const report::TerminalStyle& terminal) {
  const report::TerminalStyle style{std::max(terminal.width, 60), terminal.colour};
  if (!s.is_ecs())
    throw ExplainError(s.platform() + " is an EKS column and has no capacity provider",
                       "--scale-up AT shows its autoscaler");
  const Span span = span_of(s, a);
  const DecisionLog& log = DecisionLog::attach(s.world(), {});
  run(s, span);
  std::vector<std::string> known;
  NodeGroupId id;
  for (const NodeGroup& g : s.world().groups()) {
    known.push_back(s.name(g.id));
    if (known.back() == a.capacity_provider) id = g.id;
  }
  if (id.is_none())
    throw ExplainError("no capacity provider '" + a.capacity_provider + "' on " + s.platform(),
                       suggestion(a.capacity_provider, known));
  const NodeGroup& g = s.world().group(id);
  std::string text = fmt::format("capacity provider {} on {}: least {}, most {} instances\n\n", s.name(id),
                                 s.platform(), g.minimum, g.maximum);
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
  if (table.rows.empty()) {
    text += span.all ? "No datapoint in this span.\n" : "It never changed its size.\n";
  } else {
    text += table.render(static_cast<std::size_t>(style.width), style.colour);
    text += tail_text(table.rows.size(), matching, span.all ? "minutes" : "changes");
    if (!span.all) text += "  Only changes; with --at every minute around an instant.\n";
  }
  text += finish(s, style);
  Json j = head(s);
  j["capacity_provider"] = s.name(id);
  j["minutes"] = std::move(rows);
  j["check"] = s.check_text();
  return {text, j.dump(1) + "\n"};
}

}  // namespace plimsoll::cli
