// Why nodes are launched: the options of a scale-up of Cluster Autoscaler, the offers of a launch by Karpenter, what
// resized a group; and why none is.
#include "sim/cli/explain_launch.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "models/ecs/capacity_provider_reservation.h"
#include "models/ecs/controllers/cluster_reservation_scaling.h"
#include "sim/cli/explain_group.h"
#include "sim/core/text.h"
#include "sim/policy/group_updates.h"
#include "sim/report/text_table.h"
#include "sim/results/summary.h"

namespace plimsoll::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostListed = 10;

struct ToldLaunch {
  std::string text;
  Json json;
  NodeCause cause() const { return {text, json.dump()}; }
};

}  // namespace

std::string listed(std::span<const std::string> names) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < kMostListed; ++i) out += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kMostListed) out += fmt::format(" and {} more", names.size() - kMostListed);
  return out;
}

std::vector<std::string> pod_names(const Subject& s, std::span<const PodId> pods) {
  std::vector<std::string> out;
  for (const PodId id : pods) out.push_back(s.name(id));
  return out;
}

namespace {

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
  for (const auto& o : r.options) {
    for (const auto& [pods, why] : o.refusals)
      out += folded(fmt::format("  {}: {}: {}", o.group, listed(pod_names(s, pods)), why),
                    static_cast<std::size_t>(style.width), 4) +
             "\n";
  }
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
    Json refusals = Json::array();
    for (const auto& [pods, why] : o.refusals) refusals.push_back({{"pods", pod_names(s, pods)}, {"message", why}});
    options.push_back({{"group", o.group},
                       {"instance_type", o.type},
                       {"usd_per_hour_of_a_node", o.usd_per_hour < 0 ? Json(nullptr) : Json(o.usd_per_hour)},
                       {"size", o.target},
                       {"maximum", o.maximum},
                       {"skipped", o.skipped.empty() ? Json(nullptr) : Json(o.skipped)},
                       {"refusals", std::move(refusals)},
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

/// Lines of what no group or pool could do for the pods.
std::string refusals_of(const Subject& s, const RefusalRow& r, const report::TerminalStyle& style) {
  const auto width = static_cast<std::size_t>(style.width);
  const std::string until = r.to > r.from ? " to " + s.clock(r.to) : "";
  std::string out =
      folded(fmt::format("  Karpenter, {}{}: nothing is launched for {} ({}):", s.clock(r.from), until,
                         counted(static_cast<std::int64_t>(r.pods.size()), "pod"), listed(pod_names(s, r.pods))),
             width, 2) +
      "\n";
  for (const auto& [pool, why] : r.why) out += folded("  NodePool " + pool + ": " + why, width, 4) + "\n";
  if (r.why.empty()) out += "  No NodePool refuses them by itself: the next run tries again.\n";
  return out;
}

Json refusals_json(const Subject& s, const RefusalRow& r) {
  Json why = Json::array();
  for (const auto& [pool, text] : r.why) why.push_back({{"node_pool", pool}, {"message", text}});
  return {{"by", "karpenter"},
          {"from_us", to_microseconds(r.from)},
          {"to_us", to_microseconds(r.to)},
          {"pods", pod_names(s, r.pods)},
          {"refusals", std::move(why)}};
}

/// How a node that another replaces had gone.
std::string gone_text(const Subject& s, const Node& n) {
  switch (n.end_reason) {
    case Reason::zone_lost:
    case Reason::node_lost: {
      const auto& facts = s.world().log;
      const bool zone = std::any_of(facts.begin(), facts.end(), [&](const FactRecord& f) {
        return f.fact == Fact::node_lost && f.node == n.id && f.reason == Reason::zone_lost;
      });
      return zone ? "which was lost with its zone, " + s.zone(n.id) : "which was lost";
    }
    case Reason::spot_interruption:
      return "which EC2 took back";
    case Reason::launch_failed:
      return "whose launch failed";
    case Reason::rollout:
      return "which an update to a newer image took out";
    case Reason::rollback:
      return "which the way back to the older image took out";
    case Reason::expired:
      return "whose lifetime was over";
    case Reason::scale_down:
      return "which was taken out as not needed";
    case Reason::node_repair:
      return "which node repair took out";
    case Reason::user_initiated:
      return "which somebody ended";
    default:
      return "which left the group";
  }
}

/// How the zones of a group stood when one was launched for another.
std::string zones_text(const Subject& s, const GroupHistory& history, const Node& fresh, const Node& old) {
  return fmt::format("AZ rebalancing: {} had {} of its nodes and {} {}", s.zone(fresh.id),
                     history.members_in(fresh.zone, fresh.requested), s.zone(old.id),
                     history.members_in(old.zone, fresh.requested));
}

ToldLaunch ahead_cause(const Subject& s, const GroupHistory& history, const Node& node, NodeId other) {
  const std::string group = s.name(node.group);
  if (other.is_none())
    return {fmt::format("{} launched it ahead of the end of another of its nodes (AZ rebalancing, capacity rebalancing "
                        "or an instance refresh); none had ended by the end of the run.",
                        group),
            {{"by", "launch-before-terminate"}, {"group", group}}};
  const Node& old = s.world().node(other);
  std::string text, by = "az-rebalance";
  if (old.end_reason == Reason::rollout || old.end_reason == Reason::rollback) {
    by = "instance-refresh";
    text = fmt::format("An instance refresh of {}: it was launched ahead of the end of {}.", group, s.name(other));
  } else if (old.end_reason == Reason::rebalance || old.end_reason == Reason::spot_interruption) {
    by = "capacity-rebalancing";
    text = fmt::format("Capacity rebalancing of {}: EC2 had warned of {}, and it was launched ahead of its end.", group,
                       s.name(other));
  } else if (old.end_reason != Reason::node_drain && old.end_reason != Reason::scale_down &&
             old.end_reason != Reason::scale_in) {
    by = "launch-before-terminate";
    text = fmt::format("{} launched it ahead of the end of another of its nodes, and it stayed in the place of {}, {}.",
                       group, s.name(other), gone_text(s, old));
  } else if (old.zone == node.zone) {
    by = "launch-before-terminate";
    text = fmt::format("{} launched it ahead of the end of another of its nodes, {}.", group, s.name(other));
  } else {
    text = fmt::format("{}. {} launched one in {} first; {} went when it was in service.",
                       zones_text(s, history, node, old), group, s.zone(node.id), s.name(other));
  }
  return {text, {{"by", by}, {"group", group}, {"for", s.name(other)}}};
}

/// Why its group launched it.
NodeCause group_cause(Subject& s, const DecisionLog& log, const Node& node, const report::TerminalStyle& style) {
  using Why = GroupHistory::Cause;
  const GroupHistory history(s.world(), node.group);
  const auto why = history.launch_of(node.id);
  const std::string group = s.name(node.group);
  ToldLaunch out;
  if (!why) {
    out = {group + " took it over from its warm pool, or another hand had launched it.",
           {{"by", "unknown"}, {"group", group}}};
  } else if (why->cause == Why::resized) {
    return resize_cause(s, log, *why->resize, why->before, style);
  } else if (why->cause == Why::replacement) {
    out = {fmt::format("{} launched it in the place of {}, {}.", group, s.name(why->other),
                       gone_text(s, s.world().node(why->other))),
           {{"by", "replacement"}, {"group", group}, {"for", s.name(why->other)}}};
  } else if (why->cause == Why::ahead) {
    out = ahead_cause(s, history, node, why->other);
  } else {
    const std::int64_t least = s.world().group(node.group).minimum;
    out = {fmt::format("It belongs to {} and was part of the size that it began with (minimum {}).", group, least),
           {{"by", "minimum"}, {"group", group}, {"minimum", least}}};
  }
  out.text = folded("  " + out.text, static_cast<std::size_t>(style.width), 2) + "\n";
  return out.cause();
}

}  // namespace

const GroupUpdates::Surge* surge_at(Subject& s, NodeGroupId group, Time at) {
  const GroupUpdates::Surge* out = nullptr;
  s.world().each_component<GroupUpdates>([&](const GroupUpdates& updates) {
    for (const GroupUpdates::Surge& x : updates.surges()) {
      if (x.group == group && x.from <= at && at <= x.to) out = &x;
    }
  });
  return out;
}

NodeCause resize_cause(Subject& s, const DecisionLog& log, const FactRecord& resize, std::int64_t before,
                       const report::TerminalStyle& style) {
  const NodeGroupId group = resize.group;
  for (auto r = log.scale_ups.rbegin(); r != log.scale_ups.rend(); ++r) {
    const bool of_group = std::any_of(r->resized.begin(), r->resized.end(), [&](const auto& x) {
      return x.first == group && x.second.second == resize.value;
    });
    if (r->at == resize.at && of_group) return ToldLaunch{scale_up_text(s, *r, style), scale_up_json(s, *r)}.cause();
  }
  const auto width = static_cast<std::size_t>(style.width);
  for (auto r = log.providers.rbegin(); r != log.providers.rend(); ++r) {
    if (r->at != resize.at || r->group != group) continue;
    const double metric = ecs::capacity_provider_reservation(r->running, r->needed).percent();
    return ToldLaunch{
        folded(
            fmt::format("  Managed scaling at {}: M = {} needed, N = {} running, CapacityProviderReservation {:.0f} % "
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
         {"to", r->wanted}}}
        .cause();
  }
  const std::string change = fmt::format("{} to {}", before, resize.value);
  const auto* cw = s.world().find_component<aws::CloudWatch>();
  for (const AlarmRow& r : log.alarms) {
    if (cw == nullptr || r.at != resize.at || r.state != aws::AlarmState::alarm || !r.value) continue;
    bool of_group = false;
    s.world().each_component<ecs::ClusterReservationScaling>([&](const ecs::ClusterReservationScaling& c) {
      for (const aws::AlarmId alarm : c.alarms()) of_group = of_group || (alarm == r.alarm && c.group() == group);
    });
    if (!of_group) continue;
    return ToldLaunch{folded(fmt::format("  Alarm {} at {}: {} {}: {} from {}.", cw->name(r.alarm), s.clock(r.at),
                                         metric_name(cw->source(r.alarm)), metric_text(cw->source(r.alarm), *r.value),
                                         s.name(group), change),
                             width, 2) +
                          "\n",
                      {{"by", "alarm"},
                       {"at_us", to_microseconds(r.at)},
                       {"alarm", cw->name(r.alarm)},
                       {"group", s.name(group)},
                       {"to", resize.value}}}
        .cause();
  }
  const GroupUpdates::Surge* surge = surge_at(s, group, resize.at);
  if (surge != nullptr && surge->from == resize.at && resize.value > before)
    return ToldLaunch{
        folded(fmt::format("  The update of {} to a newer machine image began at {} by starting {} ahead of those "
                           "that it takes out: {}.",
                           s.name(group), s.clock(resize.at), counted(surge->nodes, "node"), change),
               width, 2) +
            "\n",
        {{"by", "node-group-update"},
         {"at_us", to_microseconds(resize.at)},
         {"group", s.name(group)},
         {"surge", surge->nodes},
         {"to", resize.value}}}
        .cause();
  return ToldLaunch{
      folded(fmt::format("  {} was resized at {}: {}; by a scheduled action, a forecast, an event of the scenario "
                         "or a new minimum.",
                         s.name(group), s.clock(resize.at), change),
             width, 2) +
          "\n",
      {{"by", "resize"}, {"at_us", to_microseconds(resize.at)}, {"group", s.name(group)}, {"to", resize.value}}}
      .cause();
}

NodeCause launch_cause(Subject& s, const DecisionLog& log, const Node& node, const report::TerminalStyle& style) {
  for (const LaunchRow& r : log.launches) {
    if (r.node == node.id) return ToldLaunch{launch_text(s, r, style), launch_json(s, r)}.cause();
  }
  if (node.host == HostKind::fargate)
    return ToldLaunch{
        node.sole_pod.is_none() ? "  For a " + s.pod_word() + " that was given up.\n"
                                : "  For " + s.name(node.sole_pod) + " alone, at its size.\n",
        {{"by", "fargate"}, {"pod", node.sole_pod.is_none() ? Json(nullptr) : Json(s.name(node.sole_pod))}}}
        .cause();
  if (!node.group.is_none()) return group_cause(s, log, node, style);
  return ToldLaunch{"  Nothing recorded why.\n", {{"by", "unknown"}}}.cause();
}

Explanation explain_scale_up(Subject& s, const ExplainArguments& a, const report::TerminalStyle& terminal) {
  const report::TerminalStyle style{std::max(terminal.width, 60), terminal.colour};
  const Time at = s.instant(a.scale_up);
  if (s.is_ecs())
    throw ExplainError(s.platform() + " is an ECS column: its nodes are scaled by a capacity provider",
                       "--capacity-provider NAME --at " + a.scale_up);
  if (s.world().find_component<eks::Karpenter>() == nullptr &&
      s.world().find_component<eks::ClusterAutoscaler>() == nullptr)
    throw ExplainError(s.platform() + " has neither Cluster Autoscaler nor Karpenter: nothing launches nodes for pods",
                       "--at " + a.scale_up + " shows its nodes, --pod NAME what a pod waited for");
  const DecisionLog& log = DecisionLog::attach(s.world(), {});
  s.run_until(std::min(s.world().end, at + hours(1)));
  // The pass at or after the instant that had something to choose from; else any, or one whose answer still stood; when
  // there is none within the hour, the last one before it.
  Time when = kTimeNever, until = kTimeNever;
  for (const bool choice : {true, false}) {
    for (const ScaleUpRow& r : log.scale_ups) {
      if (when == kTimeNever && r.at >= at && (!choice || !r.options.empty())) when = r.at;
    }
  }
  for (const LaunchRow& r : log.launches) {
    if (r.at >= at) when = std::min(when, r.at);
  }
  if (when == kTimeNever) {
    for (const ScaleUpRow& r : log.scale_ups) {
      if (r.at <= at && r.to >= at) when = r.at, until = r.to;
    }
  }
  std::vector<const RefusalRow*> refused;
  for (const RefusalRow& r : log.refusals) {
    const bool covers = when != kTimeNever && r.from <= when && r.to >= when;
    if (covers || (when == kTimeNever && r.to >= at)) refused.push_back(&r);
  }
  const bool nothing = when == kTimeNever && !refused.empty();
  Time last = kTimeNever;
  for (const ScaleUpRow& r : log.scale_ups) last = r.at;
  for (const LaunchRow& r : log.launches) last = r.at;
  if (when == kTimeNever && !nothing) when = last;
  if (when == kTimeNever && !nothing)
    throw ExplainError("no pod asked for a node up to " + s.clock(s.world().now()), "try a later instant");
  std::string text;
  if (nothing) {
    text = fmt::format("no scale-up at {} or after on {}\n\n", s.clock(at), s.platform());
  } else {
    text = fmt::format("scale-up at {} on {}{}\n\n", s.clock(when), s.platform(),
                       until != kTimeNever ? ", and the same answer until " + s.clock(until)
                       : when < at         ? ", the last one before " + s.clock(at)
                                           : "");
  }
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
  for (const RefusalRow* r : refused) {
    text += (passes.empty() ? "" : "\n") + refusals_of(s, *r, style);
    passes.push_back(refusals_json(s, *r));
  }
  if (nothing && last != kTimeNever) text += "\nThe last scale-up was at " + s.clock(last) + ".\n";
  text += "\n" + folded(s.check_text(), static_cast<std::size_t>(style.width), 0) + "\n";
  const Json j = {{"format_version", results::kFormatVersion},
                  {"platform", s.platform()},
                  {"window_start_us", to_microseconds(s.world().window_start)},
                  {"at_us", nothing ? Json(nullptr) : Json(to_microseconds(when))},
                  {"decisions", std::move(passes)},
                  {"check", s.check_text()}};
  return {text, j.dump(1) + "\n"};
}

}  // namespace plimsoll::cli