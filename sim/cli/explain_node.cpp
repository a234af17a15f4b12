// One node: why it was launched, what the autoscaler said of it, what doing without it would take, why it went.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/cli/explain.h"
#include "sim/cli/explain_launch.h"
#include "sim/cli/explain_log.h"
#include "sim/cli/explain_managed_instances.h"
#include "sim/cli/explain_node_end.h"
#include "sim/core/text.h"
#include "sim/policy/group_updates.h"
#include "sim/report/text_table.h"
#include "sim/results/summary.h"

namespace plimsoll::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostVerdicts = 24;

/// "i-00012" and "i-12" are node 12.
NodeId read_node(const std::string& text) {
  const auto dash = text.rfind('-');
  const std::string number = dash == text.npos ? "" : text.substr(dash + 1);
  if (number.empty() || number.size() > 9 || number.find_first_not_of("0123456789") != number.npos)
    throw ExplainError("'" + text + "' names no node", "a node is called i-00012, or i-12 for short");
  return NodeId{static_cast<std::uint32_t>(std::stoul(number))};
}

std::string trial_text(const Subject& s, const NodeTrial& t, std::size_t width) {
  std::string out;
  for (const auto& [pod, place] : t.pods) out += folded("  " + s.name(pod) + ": " + place, width, 4) + "\n";
  out += folded("  " + t.conclusion, width, 2) + "\n";
  if (!t.replacement.empty()) {
    const std::string own = t.usd_per_hour < 0 ? "an unknown price" : usd_text(t.usd_per_hour);
    const std::string price = usd_text(t.replacement_usd_per_hour);
    std::string line;
    if (t.replacement_group.empty()) {
      line =
          t.replacement_nodes == 1
              ? fmt::format("  The cheapest node that would replace it is {} at {} an hour; it costs {} itself.",
                            t.replacement, price, own)
              : fmt::format("  It would take {} to replace it, at best {} at {} an hour together; it costs {} itself.",
                            counted(t.replacement_nodes, "node"), t.replacement, price, own);
    } else {
      const bool all = t.replacement_pods == t.pods.size();
      line = fmt::format("  The cheapest that the groups have for {}: {} of {} ({}) at {} an hour; it costs {} itself.",
                         all ? "all its pods" : counted(static_cast<std::int64_t>(t.replacement_pods), "such pod"),
                         counted(t.replacement_nodes, "node"), t.replacement_group, t.replacement, price, own);
    }
    out += folded(line, width, 2) + "\n";
  } else if (t.usd_per_hour >= 0) {
    out += fmt::format("  It costs {} an hour.\n", usd_text(t.usd_per_hour));
  }
  return out;
}

std::string verdict_line(const Subject& s, const NodeVerdictRow& v) {
  std::string what = v.verdict.empty() ? "nothing against it" : v.verdict;
  if (!v.detail.empty()) what += ": " + v.detail;
  if (v.utilization > 0) what += fmt::format(" (utilisation {:.0f} %)", 100 * v.utilization);
  const std::string from = s.clock(v.from), to = s.clock(v.to);
  return fmt::format("  {:<10} {:<13}  {}", from, from == to ? "" : "to " + to, what);
}

/// For how long and how dear it was, by its meters.
std::pair<Duration, double> paid(Subject& s, const Node& n) {
  const World& w = s.world();
  if (n.running == kTimeNever || n.host != HostKind::ec2) return {};
  const Time from = std::max(n.running, w.window_start), to = std::min(n.terminating, w.end);
  if (to <= from) return {};
  const auto& bill = dynamic_cast<const billing::Bill&>(s.world().component(s.run().bill));
  const std::string key = "ec2/" + s.instance_type(n.id) + "/";
  for (const auto& line : bill.lines()) {
    const bool spot = line.what.item.find("spot") != std::string::npos;
    if (line.what.item.starts_with(key) && spot == (n.purchase == PurchaseOption::spot))
      return {to - from, to_seconds(to - from) / 3600 * static_cast<double>(line.what.rate.raw()) * 1e-12};
  }
  return {to - from, -1};
}

using Life = std::vector<std::pair<Time, std::string>>;

Life life_of_node(Subject& s, const Node& n) {
  Life life;
  const auto step = [&](Time t, std::string what) {
    if (t != kTimeNever) life.emplace_back(t, std::move(what));
  };
  step(n.requested, "asked for");
  step(n.running, n.host == HostKind::ec2 ? "runs, paid from here" : "runs");
  step(n.ready, "ready for " + s.pod_word() + "s");
  for (const FactRecord& f : s.world().log) {
    if (f.fact == Fact::images_removed && f.node == n.id)
      step(f.at, "its agent removed " + counted(f.value, "image") + " that no " + s.pod_word() + " uses");
  }
  s.world().each_component<GroupUpdates>([&](const GroupUpdates& updates) {
    for (const GroupUpdates::Failure& f : updates.failed_updates()) {
      if (std::find(f.left.begin(), f.left.end(), n.id) != f.left.end())
        step(f.at, "stays on its image, the update of its group failed: " + f.message);
    }
  });
  step(n.draining, "draining: " + reason_key(n.end_reason));
  step(n.terminating, "shut down: " + reason_key(n.end_reason));
  step(n.terminated, "gone");
  std::stable_sort(life.begin(), life.end(), [](const auto& x, const auto& y) { return x.first < y.first; });
  return life;
}

std::string life_text(const Subject& s, const Life& life, std::size_t width) {
  std::string text;
  for (std::size_t i = 0; i < life.size(); ++i) {
    const std::string after = i == 0 ? "" : "+" + span_text(life[i].first - life[i - 1].first);
    text += folded(fmt::format("  {:<13}{:>12}  {}", s.clock(life[i].first), after, life[i].second), width, 29) + "\n";
  }
  return text;
}

/// `around`: only what was said within ten minutes of it.
std::string verdicts_text(const Subject& s, std::vector<NodeVerdictRow>& said, std::optional<Time> around,
                          std::size_t width) {
  if (around)
    std::erase_if(
        said, [&](const NodeVerdictRow& v) { return v.to + minutes(10) < *around || v.from > *around + minutes(10); });
  if (said.empty()) return "";
  const std::size_t first = said.size() > kMostVerdicts ? said.size() - kMostVerdicts : 0;
  std::string text = around ? "\nWhat the autoscaler said of it around " + s.clock(*around) + "\n"
                            : "\nWhat the autoscaler said of it\n";
  if (first > 0) text += fmt::format("  ... {} earlier changes of mind\n", first);
  for (std::size_t i = first; i < said.size(); ++i) text += folded(verdict_line(s, said[i]), width, 28) + "\n";
  return text;
}

Json verdicts_json(const std::vector<NodeVerdictRow>& said) {
  Json out = Json::array();
  for (const NodeVerdictRow& v : said) {
    out.push_back({{"from_us", to_microseconds(v.from)},
                   {"to_us", to_microseconds(v.to)},
                   {"verdict", v.verdict},
                   {"detail", v.detail},
                   {"utilization", v.utilization <= 0 ? Json(nullptr) : Json(v.utilization)}});
  }
  return out;
}

Json trial_json(const Subject& s, const NodeTrial& t) {
  Json pods = Json::array();
  for (const auto& [pod, place] : t.pods) pods.push_back({{"pod", s.name(pod)}, {"place", place}});
  const auto price = [](double v) { return v < 0 ? Json(nullptr) : Json(v); };
  return {{"at_us", to_microseconds(t.at)},
          {"pods", std::move(pods)},
          {"conclusion", t.conclusion},
          {"usd_per_hour", price(t.usd_per_hour)},
          {"replacement", t.replacement.empty() ? Json(nullptr) : Json(t.replacement)},
          {"replacement_group", t.replacement_group.empty() ? Json(nullptr) : Json(t.replacement_group)},
          {"replacement_nodes", t.replacement.empty() ? 0 : t.replacement_nodes},
          {"replacement_usd_per_hour", price(t.replacement_usd_per_hour)}};
}

}  // namespace

Explanation explain_node(Subject& s, const ExplainArguments& a, const report::TerminalStyle& terminal) {
  const report::TerminalStyle style{std::max(terminal.width, 60), terminal.colour};
  const auto width = static_cast<std::size_t>(style.width);
  const NodeId id = read_node(a.node);
  DecisionLog::Focus focus;
  focus.node = id;
  const std::optional<Time> at = a.at.empty() ? std::nullopt : std::optional(s.instant(a.at));
  focus.at = at.value_or(s.world().end);
  focus.last_look = !at;
  const DecisionLog& log = DecisionLog::attach(s.world(), focus);
  s.run_to_end();
  if (id.index() >= s.world().nodes().size()) {
    const auto count = s.world().nodes().size();
    throw ExplainError("there was no node " + a.node + " on " + s.platform(),
                       count == 0 ? "there was none at all"
                                  : "the nodes were " + s.name(NodeId{0}) + " to " + s.name(NodeId{count - 1}));
  }
  const Node& n = s.world().node(id);
  const Life life = life_of_node(s, n);
  std::string text = fmt::format("node {} on {}: {}\n\n", s.name(id), s.platform(), s.described(id));
  text += life_text(s, life, width);
  const auto [span, usd] = paid(s, n);
  if (span > Duration{})
    text += "\nPaid for " + span_text(span) + " of the window" +
            (usd >= 0 ? ": " + usd_text(usd) + " without its disk" : "") + ".\n";
  const NodeCause cause =
      is_managed_instances(s, n.group)
          ? NodeCause{folded("  " + managed_launch_text(), width, 2) + "\n", "{\"by\":\"managed-instances\"}"}
          : launch_cause(s, log, n, style);
  text += "\nWhy it was launched\n" + cause.text;

  std::vector<NodeVerdictRow> said = log.verdicts;
  text += verdicts_text(s, said, at, width);
  if (at && (*at < n.requested || (n.terminated != kTimeNever && *at > n.terminated)))
    text += "\nAt " + s.clock(*at) + " it was not there.\n";
  if (log.trial) text += "\nWithout it, at " + s.clock(log.trial->at) + "\n" + trial_text(s, *log.trial, width);
  if (at && !log.trial && !s.is_ecs() && n.state != NodeState::terminated)
    text += folded("\nNo autoscaler weighed its removal in the minute before " + s.clock(*at) + ".", width, 0) + "\n";

  const NodeCause end = end_cause(s, log, n, style);
  const bool leaves = n.terminating == kTimeNever;
  if (!end.text.empty()) text += (leaves ? "\nWhy it is going\n" : "\nWhy it went\n") + end.text;
  const std::vector<std::pair<PodId, std::string>> held_by = pods_holding(s, n);
  if (!held_by.empty()) text += "\nWhat holds it at " + s.clock(s.world().now()) + "\n";
  Json held = Json::array();
  for (const auto& [pod, why] : held_by) {
    text += folded("  " + s.name(pod) + ": " + why, width, 4) + "\n";
    held.push_back({{"pod", s.name(pod)}, {"why", why}});
  }
  text += "\n" + folded(s.check_text(), width, 0) + "\n";

  Json j = {{"format_version", results::kFormatVersion},
            {"platform", s.platform()},
            {"node", s.name(id)},
            {"instance_type", s.instance_type(id)},
            {"zone", s.zone(id)},
            {"purchase", n.purchase == PurchaseOption::spot ? "spot" : "on-demand"},
            {"window_start_us", to_microseconds(s.world().window_start)}};
  Json steps = Json::array();
  for (const auto& [t, what] : life) steps.push_back({{"at_us", to_microseconds(t)}, {"text", what}});
  j["life"] = std::move(steps);
  j["paid_us"] = span.count();
  j["usd"] = usd < 0 ? Json(nullptr) : Json(fmt::format("{:.9f}", usd));
  j["launch"] = Json::parse(cause.json);
  j["verdicts"] = verdicts_json(said);
  j["without_it"] = log.trial ? trial_json(s, *log.trial) : Json(nullptr);
  j["removal"] = end.json.empty() ? Json(nullptr) : Json::parse(end.json);
  if (!held.empty()) j["held_by"] = std::move(held);
  j["check"] = s.check_text();
  return {text, j.dump(1) + "\n"};
}

}  // namespace plimsoll::cli
