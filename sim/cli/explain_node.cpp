// One node: why it was launched, what the autoscaler said of it, what doing without it would take, why it went.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "models/ecs/capacity_provider_reservation.h"
#include "sim/cli/explain.h"
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
constexpr std::size_t kMostNames = 10;

/// "i-00012" and "i-12" are node 12.
NodeId read_node(const std::string& text) {
  const auto dash = text.rfind('-');
  const std::string number = dash == text.npos ? "" : text.substr(dash + 1);
  if (number.empty() || number.size() > 9 || number.find_first_not_of("0123456789") != number.npos)
    throw ExplainError("'" + text + "' names no node", "a node is called i-00012, or i-12 for short");
  return NodeId{static_cast<std::uint32_t>(std::stoul(number))};
}

template <class Names>
std::string listed(const Names& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < kMostNames; ++i) out += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kMostNames) out += fmt::format(" and {} more", names.size() - kMostNames);
  return out;
}

std::vector<std::string> pod_names(const Subject& s, const std::vector<PodId>& pods) {
  std::vector<std::string> out;
  for (const PodId id : pods) out.push_back(s.name(id));
  return out;
}

struct Cause {
  std::string text;  ///< whole lines
  Json json;
};

/// Why a pass of Cluster Autoscaler added nothing.
std::string outcome_text(const ScaleUpRow& r) {
  if (r.outcome == "waiting_for_pods") return "All of them are younger than 2 s: it waits a loop for more.";
  if (r.outcome == "max_nodes_reached") return "The cluster has max-nodes-total nodes: none is added.";
  if (r.outcome == "no_options") return "No group could help: none is added.";
  return "Nothing is added (" + r.outcome + ").";
}

/// What the column of scores means.
std::string score_text(const std::string& expanders) {
  const std::string first = expanders.substr(0, expanders.find(','));
  if (first == "random") return "Among the groups that help one is drawn; Cluster Autoscaler on AWS knows no prices.";
  const char* what = first == "least-waste"   ? "CPU and memory that would stay unrequested, as shares, added up"
                     : first == "least-nodes" ? "nodes to add"
                     : first == "most-pods"   ? "pods helped, as a negative number"
                     : first == "priority"    ? "priority of the ConfigMap, as a negative number"
                                              : "of the first expander";
  return "The smallest score wins (" + first + ": " + what + "); Cluster Autoscaler on AWS knows no prices.";
}

std::string scale_up_text(const Subject& s, const ScaleUpRow& r, const report::TerminalStyle& style) {
  std::string out =
      folded(fmt::format("  Cluster Autoscaler at {}: {} pending, of which {} fit existing or upcoming nodes; "
                         "expander {}.",
                         s.clock(r.at), counted(static_cast<std::int64_t>(r.pending), "pod"), r.fitting, r.expanders),
             static_cast<std::size_t>(style.width), 2) +
      "\n";
  report::TextTable table;
  table.heads = {{"group"},
                 {"type"},
                 {"size", "now"},
                 {"size", "max"},
                 {"nodes", "to add"},
                 {"pods", "helped"},
                 {"$/hour", "more"},
                 {"score"},
                 {""}};
  for (const auto& o : r.options) {
    const bool offered = o.skipped.empty();
    const double more = static_cast<double>(o.nodes) * o.usd_per_hour;
    table.rows.push_back(
        {{(o.chosen ? "> " : "  ") + o.group, o.type, std::to_string(o.target), std::to_string(o.maximum),
          offered ? std::to_string(o.nodes) : "-", offered ? std::to_string(o.pods) : "-",
          offered && o.usd_per_hour >= 0 ? fmt::format("{:.4f}", more) : "-",
          offered ? fmt::format("{:.4g}", o.score) : "-", o.skipped},
         o.chosen ? report::Paint::bold : report::Paint::plain});
  }
  if (!table.rows.empty()) out += table.render(static_cast<std::size_t>(style.width), style.colour);
  if (table.rows.size() > 1)
    out += folded("  " + score_text(r.expanders), static_cast<std::size_t>(style.width), 2) + "\n";
  for (const auto& [group, size] : r.resized)
    out += fmt::format("  {}: {} to {}\n", s.name(group), size.first, size.second);
  if (!r.helped.empty())
    out += folded("  for " + listed(pod_names(s, r.helped)), static_cast<std::size_t>(style.width), 4) + "\n";
  if (r.outcome != "scale_up") out += "  " + outcome_text(r) + "\n";
  return out;
}

Json scale_up_json(const Subject& s, const ScaleUpRow& r) {
  Json options = Json::array(), resized = Json::array();
  for (const auto& o : r.options) {
    options.push_back({{"group", o.group},
                       {"instance_type", o.type},
                       {"usd_per_hour_of_a_node", o.usd_per_hour < 0 ? Json(nullptr) : Json(o.usd_per_hour)},
                       {"size", o.target},
                       {"maximum", o.maximum},
                       {"skipped", o.skipped.empty() ? Json(nullptr) : Json(o.skipped)},
                       {"nodes", o.nodes},
                       {"pods", o.pods},
                       {"score", o.score},
                       {"chosen", o.chosen}});
  }
  for (const auto& [group, size] : r.resized)
    resized.push_back({{"group", s.name(group)}, {"from", size.first}, {"to", size.second}});
  return {{"by", "cluster-autoscaler"}, {"at_us", to_microseconds(r.at)},
          {"outcome", r.outcome},       {"expander", r.expanders},
          {"pending", r.pending},       {"fitting", r.fitting},
          {"unhelped", r.unhelped},     {"options", options},
          {"resized", resized},         {"pods", pod_names(s, r.helped)}};
}

std::string launch_text(const Subject& s, const LaunchRow& r, const report::TerminalStyle& style) {
  const auto width = static_cast<std::size_t>(style.width);
  std::string out =
      folded(
          fmt::format("  Karpenter at {}: NodePool {}, a node for {} ({} / {} with its daemons); {} would do, {} ({}), "
                      "cheapest first:",
                      s.clock(r.at), r.pool, counted(static_cast<std::int64_t>(r.pods.size()), "pod"), to_string(r.cpu),
                      to_string(r.memory), counted(static_cast<std::int64_t>(r.types), "type"),
                      counted(static_cast<std::int64_t>(r.offers_in_all), "offer"), r.capacity_type),
          width, 2) +
      "\n";
  report::TextTable table;
  table.heads = {{"type"}, {"zone"}, {"$/hour"}};
  for (const auto& o : r.offers) {
    table.rows.push_back({{(o.chosen ? "> " : "  ") + o.type, o.zone, fmt::format("{:.4f}", o.usd_per_hour)},
                          o.chosen ? report::Paint::bold : report::Paint::plain});
  }
  out += table.render(width, style.colour);
  if (r.offers_in_all > r.offers.size())
    out += fmt::format("  ... and {} dearer ones\n", r.offers_in_all - r.offers.size());
  if (!r.pods.empty()) out += folded("  for " + listed(pod_names(s, r.pods)), width, 4) + "\n";
  return out;
}

bool same_choice(const LaunchRow& a, const LaunchRow& b) {
  return a.pool == b.pool && a.capacity_type == b.capacity_type && a.cpu == b.cpu && a.memory == b.memory &&
         a.pods.size() == b.pods.size() && a.types == b.types && a.offers_in_all == b.offers_in_all;
}

/// Launches of one batch; of those with the same choice the first is shown.
std::string launches_text(const Subject& s, const std::vector<const LaunchRow*>& launches,
                          const report::TerminalStyle& style) {
  std::string out;
  std::vector<bool> told(launches.size(), false);
  for (std::size_t i = 0; i < launches.size(); ++i) {
    if (told[i]) continue;
    out += launch_text(s, *launches[i], style);
    std::vector<std::string> alike;
    for (std::size_t j = i + 1; j < launches.size(); ++j) {
      if (told[j] || !same_choice(*launches[i], *launches[j])) continue;
      told[j] = true;
      alike.push_back(s.name(launches[j]->node) + " (" + s.instance_type(launches[j]->node) + ")");
    }
    if (alike.empty()) continue;
    const auto more = static_cast<std::int64_t>(alike.size());
    out += folded("  " + counted(more, "more node") + " with the same choice: " + listed(alike),
                  static_cast<std::size_t>(style.width), 4) +
           "\n";
  }
  return out;
}

Json launch_json(const Subject& s, const LaunchRow& r) {
  Json offers = Json::array();
  for (const auto& o : r.offers)
    offers.push_back({{"type", o.type},
                      {"zone", o.zone},
                      {"usd_per_hour", fmt::format("{:.6f}", o.usd_per_hour)},
                      {"chosen", o.chosen}});
  return {{"by", "karpenter"},
          {"at_us", to_microseconds(r.at)},
          {"node", s.name(r.node)},
          {"node_pool", r.pool},
          {"capacity_type", r.capacity_type},
          {"types", r.types},
          {"offers_in_all", r.offers_in_all},
          {"offers", offers},
          {"pods", pod_names(s, r.pods)}};
}

std::string action_text(ecs::ManagedScalingAction a) {
  switch (a) {
    case ecs::ManagedScalingAction::none:
      return "";
    case ecs::ManagedScalingAction::scaled_out:
      return "scaled out";
    case ecs::ManagedScalingAction::scaled_in:
      return "scaled in";
    case ecs::ManagedScalingAction::warming_up:
      return "instances are on their way or warming up";
    case ecs::ManagedScalingAction::at_bound:
      return "nothing beyond what it has or may have";
    case ecs::ManagedScalingAction::after_out:
      return "within 15 minutes of a scale-out";
  }
  return "";
}

/// The last resize of a group before an instant, and what asked for it.
Cause resize_cause(const Subject& s, const DecisionLog& log, NodeGroupId group, Time until, bool up,
                   const report::TerminalStyle& style) {
  const FactRecord* resize = nullptr;
  std::int64_t before = -1, last = s.world().group(group).minimum;
  for (const FactRecord& f : s.world().log) {
    if (f.at > until) break;
    if (f.fact != Fact::group_resized || f.group != group) continue;
    const bool grows = f.value > last;
    if (grows == up) {
      before = last;
      resize = &f;
    }
    last = f.value;
  }
  const auto width = static_cast<std::size_t>(style.width);
  if (resize == nullptr) {
    return {fmt::format("  It belongs to {} and was part of its least size, {}.\n", s.name(group),
                        s.world().group(group).minimum),
            {{"by", "minimum"}, {"group", s.name(group)}, {"minimum", s.world().group(group).minimum}}};
  }
  for (auto r = log.scale_ups.rbegin(); r != log.scale_ups.rend(); ++r) {
    if (r->at == resize->at) return {scale_up_text(s, *r, style), scale_up_json(s, *r)};
  }
  for (auto r = log.providers.rbegin(); r != log.providers.rend(); ++r) {
    if (r->at != resize->at || r->group != group) continue;
    const double metric = ecs::capacity_provider_reservation(r->running, r->needed).percent();
    return {folded(fmt::format(
                       "  Managed scaling at {}: M = {} needed, N = {} running, CapacityProviderReservation {:.0f} % "
                       "against a target of {} %: {} from {} to {} ({}).",
                       s.clock(r->at), r->needed, r->running, metric, r->target, s.name(group), r->before, r->wanted,
                       action_text(r->action)),
                   width, 2) +
                "\n",
            {{"by", "managed-scaling"},
             {"at_us", to_microseconds(r->at)},
             {"group", s.name(group)},
             {"m", r->needed},
             {"n", r->running},
             {"metric_percent", metric},
             {"target_percent", r->target},
             {"from", r->before},
             {"to", r->wanted}}};
  }
  const std::string change = fmt::format("{} to {}", before, resize->value);
  return {fmt::format("  {} was resized at {}: {}.\n", s.name(group), s.clock(resize->at), change),
          {{"by", "resize"}, {"at_us", to_microseconds(resize->at)}, {"group", s.name(group)}, {"to", resize->value}}};
}

Cause launch_cause(const Subject& s, const DecisionLog& log, const Node& node, const report::TerminalStyle& style) {
  for (const LaunchRow& r : log.launches) {
    if (r.node == node.id) return {launch_text(s, r, style), launch_json(s, r)};
  }
  if (node.host == HostKind::fargate)
    return {node.sole_pod.is_none() ? "  For a " + s.pod_word() + " that was given up.\n"
                                    : "  For " + s.name(node.sole_pod) + " alone, at its size.\n",
            {{"by", "fargate"}, {"pod", node.sole_pod.is_none() ? Json(nullptr) : Json(s.name(node.sole_pod))}}};
  if (!node.group.is_none()) return resize_cause(s, log, node.group, node.requested, true, style);
  return {"  Nothing recorded why.\n", {{"by", "unknown"}}};
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
      line = fmt::format("  The cheapest node that would replace it is {} at {} an hour; it costs {} itself.",
                         t.replacement, price, own);
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

/// The word of Cluster Autoscaler by which the node went; what it or Karpenter said while the node stayed, or was on
/// its way out, is none.
const NodeVerdictRow* last_word(const DecisionLog& log) {
  const auto removed = std::find_if(log.verdicts.rbegin(), log.verdicts.rend(),
                                    [](const NodeVerdictRow& v) { return v.verdict == "Removed"; });
  return removed == log.verdicts.rend() ? nullptr : &*removed;
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

}  // namespace

Explanation explain_node(Subject& s, const ExplainArguments& a, const report::TerminalStyle& terminal) {
  const report::TerminalStyle style{std::max(terminal.width, 60), terminal.colour};
  const auto width = static_cast<std::size_t>(style.width);
  const NodeId id = read_node(a.node);
  DecisionLog::Focus focus;
  focus.node = id;
  const bool has_instant = !a.at.empty();
  const Time at = has_instant ? s.instant(a.at) : kTimeNever;
  focus.at = has_instant ? at : s.world().end;
  focus.last_look = !has_instant;
  const DecisionLog& log = DecisionLog::attach(s.world(), focus);
  s.run_to_end();
  if (id.index() >= s.world().nodes().size()) {
    const auto count = s.world().nodes().size();
    throw ExplainError("there was no node " + a.node + " on " + s.platform(),
                       count == 0 ? "there was none at all"
                                  : "the nodes were " + s.name(NodeId{0}) + " to " + s.name(NodeId{count - 1}));
  }
  const Node& n = s.world().node(id);
  std::vector<std::pair<Time, std::string>> life;
  const auto step = [&](Time t, std::string what) {
    if (t != kTimeNever) life.emplace_back(t, std::move(what));
  };
  step(n.requested, "asked for");
  step(n.running, n.host == HostKind::ec2 ? "runs, paid from here" : "runs");
  step(n.ready, "ready for " + s.pod_word() + "s");
  for (const FactRecord& f : s.world().log) {
    if (f.fact == Fact::images_removed && f.node == id)
      step(f.at, "its agent removed " + counted(f.value, "image") + " that no " + s.pod_word() + " uses");
  }
  s.world().each_component<GroupUpdates>([&](const GroupUpdates& updates) {
    for (const GroupUpdates::Failure& f : updates.failed_updates()) {
      if (std::find(f.left.begin(), f.left.end(), id) != f.left.end())
        step(f.at, "stays on its image, the update of its group failed: " + f.message);
    }
  });
  step(n.draining, "draining: " + reason_key(n.end_reason));
  step(n.terminating, "shut down: " + reason_key(n.end_reason));
  step(n.terminated, "gone");
  std::stable_sort(life.begin(), life.end(), [](const auto& x, const auto& y) { return x.first < y.first; });

  std::string text = fmt::format("node {} on {}: {}\n\n", s.name(id), s.platform(), s.described(id));
  for (std::size_t i = 0; i < life.size(); ++i) {
    const std::string after = i == 0 ? "" : "+" + span_text(life[i].first - life[i - 1].first);
    text += fmt::format("  {:<13}{:>12}  {}\n", s.clock(life[i].first), after, life[i].second);
  }
  const auto [span, usd] = paid(s, n);
  if (span > Duration{})
    text += "\nPaid for " + span_text(span) + " of the window" +
            (usd >= 0 ? ": " + usd_text(usd) + " without its disk" : "") + ".\n";
  const bool managed = is_managed_instances(s, n.group);
  const Cause cause = managed
                          ? Cause{folded("  " + managed_launch_text(), width, 2) + "\n", {{"by", "managed-instances"}}}
                          : launch_cause(s, log, n, style);
  text += "\nWhy it was launched\n" + cause.text;

  std::size_t first = 0;
  std::vector<NodeVerdictRow> said = log.verdicts;
  if (has_instant)
    std::erase_if(said, [&](const NodeVerdictRow& v) { return v.to + minutes(10) < at || v.from > at + minutes(10); });
  if (said.size() > kMostVerdicts) first = said.size() - kMostVerdicts;
  if (!said.empty()) {
    text += has_instant ? "\nWhat the autoscaler said of it around " + s.clock(at) + "\n"
                        : "\nWhat the autoscaler said of it\n";
    if (first > 0) text += fmt::format("  ... {} earlier changes of mind\n", first);
    for (std::size_t i = first; i < said.size(); ++i) text += folded(verdict_line(s, said[i]), width, 28) + "\n";
  }
  if (has_instant && (at < n.requested || (n.terminated != kTimeNever && at > n.terminated)))
    text += "\nAt " + s.clock(at) + " it was not there.\n";
  if (log.trial) text += "\nWithout it, at " + s.clock(log.trial->at) + "\n" + trial_text(s, *log.trial, width);

  if (has_instant && !log.trial && !s.is_ecs() && n.state != NodeState::terminated)
    text += folded("\nNo autoscaler weighed its removal in the minute before " + s.clock(at) + ".", width, 0) + "\n";

  Json removal = nullptr;
  if (n.end_reason != Reason::none) {
    text += "\nWhy it went\n";
    removal = {{"reason", reason_key(n.end_reason)}};
    const DisruptionRow* command = nullptr;
    for (const DisruptionRow& d : log.disruptions) {
      if (d.stage == "executed" && std::find(d.nodes.begin(), d.nodes.end(), id) != d.nodes.end()) command = &d;
    }
    if (const std::string ended = managed ? managed_end_text(s, n) : ""; !ended.empty()) {
      text += folded("  " + ended, width, 2) + "\n";
      removal["by"] = "managed-instances";
      removal["cause"] = ended;
    } else if (const std::string fate = fate_of(s, n); !fate.empty()) {
      text += folded("  " + fate, width, 2) + "\n";
      removal["cause"] = fate;
    } else if (command != nullptr) {
      std::vector<std::string> nodes;
      for (const NodeId x : command->nodes) nodes.push_back(s.name(x));
      std::string line = fmt::format("  Karpenter at {}: {} ({}), {} an hour", s.clock(command->at), command->method,
                                     listed(nodes), usd_text(command->usd_per_hour));
      line += command->replacements == 0 ? ", no replacement."
                                         : fmt::format(", replaced by {} at {} an hour at best.", command->replacement,
                                                       usd_text(command->replacement_usd_per_hour));
      text += folded(line, width, 2) + "\n";
      if (const std::string drift = drift_cause(s, n); !drift.empty()) {
        text += folded("  " + drift, width, 2) + "\n";
        removal["drift"] = drift;
      }
      removal["by"] = "karpenter";
      removal["method"] = command->method;
      removal["nodes"] = nodes;
      removal["usd_per_hour"] = command->usd_per_hour;
      removal["replacement"] = command->replacement.empty() ? Json(nullptr) : Json(command->replacement);
      removal["replacement_usd_per_hour"] = command->replacement_usd_per_hour;
    } else if (s.is_ecs() && !n.group.is_none() && !managed) {
      const Cause why = resize_cause(s, log, n.group, std::min(n.terminating, n.draining), false, style);
      text += why.text;
      removal["cause"] = why.json;
    } else if (const NodeVerdictRow* word = last_word(log); word != nullptr) {
      text += folded(verdict_line(s, *word), width, 28) + "\n";
      removal["verdict"] = word->verdict;
      removal["detail"] = word->detail;
    } else {
      text += "  " + reason_key(n.end_reason) + "\n";
    }
  }
  Json held = Json::array();
  s.world().each_component<eks::Karpenter>([&](const eks::Karpenter& controller) {
    for (const auto& [pod, why] : controller.held_pods(s.world(), id)) {
      if (held.empty()) text += "\nWhat holds it at " + s.clock(s.world().now()) + "\n";
      text += folded("  " + s.name(pod) + ": " + why, width, 4) + "\n";
      held.push_back({{"pod", s.name(pod)}, {"why", why}});
    }
  });
  text += "\n" + folded(s.check_text(), width, 0) + "\n";

  Json j = {{"format_version", results::kFormatVersion},
            {"platform", s.platform()},
            {"node", s.name(id)},
            {"instance_type", s.instance_type(id)},
            {"zone", s.zone(id)},
            {"purchase", n.purchase == PurchaseOption::spot ? "spot" : "on-demand"},
            {"window_start_us", to_microseconds(s.world().window_start)}};
  Json steps = Json::array(), verdicts = Json::array();
  for (const auto& [t, what] : life) steps.push_back({{"at_us", to_microseconds(t)}, {"text", what}});
  for (const NodeVerdictRow& v : said) {
    verdicts.push_back({{"from_us", to_microseconds(v.from)},
                        {"to_us", to_microseconds(v.to)},
                        {"verdict", v.verdict},
                        {"detail", v.detail},
                        {"utilization", v.utilization <= 0 ? Json(nullptr) : Json(v.utilization)}});
  }
  j["life"] = std::move(steps);
  j["paid_us"] = span.count();
  j["usd"] = usd < 0 ? Json(nullptr) : Json(fmt::format("{:.9f}", usd));
  j["launch"] = cause.json;
  j["verdicts"] = std::move(verdicts);
  j["without_it"] = nullptr;
  if (log.trial) {
    Json pods = Json::array();
    for (const auto& [pod, place] : log.trial->pods) pods.push_back({{"pod", s.name(pod)}, {"place", place}});
    const auto price = [](double v) { return v < 0 ? Json(nullptr) : Json(v); };
    j["without_it"] = {{"at_us", to_microseconds(log.trial->at)},
                       {"pods", std::move(pods)},
                       {"conclusion", log.trial->conclusion},
                       {"usd_per_hour", price(log.trial->usd_per_hour)},
                       {"replacement", log.trial->replacement.empty() ? Json(nullptr) : Json(log.trial->replacement)},
                       {"replacement_group",
                        log.trial->replacement_group.empty() ? Json(nullptr) : Json(log.trial->replacement_group)},
                       {"replacement_nodes", log.trial->replacement.empty() ? 0 : log.trial->replacement_nodes},
                       {"replacement_usd_per_hour", price(log.trial->replacement_usd_per_hour)}};
  }
  j["removal"] = std::move(removal);
  if (!held.empty()) j["held_by"] = std::move(held);
  j["check"] = s.check_text();
  return {text, j.dump(1) + "\n"};
}

Explanation explain_scale_up(Subject& s, const ExplainArguments& a, const report::TerminalStyle& terminal) {
  const report::TerminalStyle style{std::max(terminal.width, 60), terminal.colour};
  const Time at = s.instant(a.scale_up);
  if (s.is_ecs())
    throw ExplainError(s.platform() + " is an ECS column: its nodes are scaled by a capacity provider",
                       "--capacity-provider NAME --at " + a.scale_up);
  const DecisionLog& log = DecisionLog::attach(s.world(), {});
  s.run_until(std::min(s.world().end, at + hours(1)));
  // The pass at or after the instant that had something to choose from; else any; when there is none within the hour,
  // the last one before it.
  Time when = kTimeNever;
  for (const bool choice : {true, false}) {
    for (const ScaleUpRow& r : log.scale_ups) {
      if (r.at >= at && when == kTimeNever && (!choice || !r.options.empty())) when = r.at;
    }
  }
  for (const LaunchRow& r : log.launches) {
    if (r.at >= at) when = std::min(when, r.at);
  }
  if (when == kTimeNever) {
    for (const ScaleUpRow& r : log.scale_ups) when = r.at;
    for (const LaunchRow& r : log.launches) when = r.at;
  }
  if (when == kTimeNever)
    throw ExplainError("no pod asked for a node up to " + s.clock(s.world().now()), "try a later instant");
  std::string text = fmt::format("scale-up at {} on {}{}\n\n", s.clock(when), s.platform(),
                                 when < at ? ", the last one before " + s.clock(at) : "");
  Json passes = Json::array();
  for (const ScaleUpRow& r : log.scale_ups) {
    if (r.at != when) continue;
    text += scale_up_text(s, r, style);
    passes.push_back(scale_up_json(s, r));
  }
  std::vector<const LaunchRow*> launches;
  for (const LaunchRow& r : log.launches) {
    if (r.at != when) continue;
    launches.push_back(&r);
    passes.push_back(launch_json(s, r));
  }
  text += launches_text(s, launches, style);
  text += "\n" + folded(s.check_text(), static_cast<std::size_t>(style.width), 0) + "\n";
  const Json j = {{"format_version", results::kFormatVersion},
                  {"platform", s.platform()},
                  {"window_start_us", to_microseconds(s.world().window_start)},
                  {"at_us", to_microseconds(when)},
                  {"decisions", std::move(passes)},
                  {"check", s.check_text()}};
  return {text, j.dump(1) + "\n"};
}

}  // namespace plimsoll::cli
