#include "sim/cli/explain_node_end.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "models/eks/controllers/karpenter.h"
#include "models/kubernetes/controllers/node_drain.h"
#include "sim/cli/explain_group.h"
#include "sim/cli/explain_managed_instances.h"

namespace plimsoll::cli {

namespace {

/// A drain that took less needs no word.
constexpr Duration kShortDrain = minutes(1);

const FactRecord* first_fact(const Subject& s, const Node& n, Fact fact) {
  for (const FactRecord& f : s.world().log) {
    if (f.fact == fact && f.node == n.id) return &f;
  }
  return nullptr;
}

/// When it was told to go.
Time told_to_go(const Node& n) { return std::min(n.draining, n.terminating); }

using EndJson = nlohmann::ordered_json;

struct ToldEnd {
  std::string text;
  EndJson json;
};

/// The word of Cluster Autoscaler by which the node went; what it or Karpenter said while the node stayed, or was on
/// its way out, is none.
const NodeVerdictRow* removal_word(const DecisionLog& log) {
  const auto removed = std::find_if(log.verdicts.rbegin(), log.verdicts.rend(),
                                    [](const NodeVerdictRow& v) { return v.verdict == "Removed"; });
  return removed == log.verdicts.rend() ? nullptr : &*removed;
}

/// The budgets of a pod's workload, or nothing: " (PodDisruptionBudget default/web)".
std::string budgets_text(Subject& s, PodId pod) {
  std::string out;
  s.world().each_component<kubernetes::NodeDrain>([&](const kubernetes::NodeDrain& drain) {
    for (const std::string& name : drain.budgets().names_of(s.world(), s.world().pod(pod).workload))
      out += (out.empty() ? " (PodDisruptionBudget " : ", ") + name;
  });
  return out.empty() ? "" : out + ")";
}

/// The pods that were still on it when it was shut down, when it had been drained for a while before.
std::string ended_with_text(Subject& s, const Node& n) {
  if (n.draining == kTimeNever || n.terminating == kTimeNever || n.terminating - n.draining < kShortDrain) return "";
  std::vector<std::string> names;
  for (const FactRecord& f : s.world().log) {
    if (f.fact != Fact::pod_ended || f.node != n.id || f.at != n.terminating || s.world().pod(f.pod).daemon) continue;
    names.push_back(s.name(f.pod) + budgets_text(s, f.pod));
  }
  const std::string took = "It was drained for " + span_text(n.terminating - n.draining);
  if (names.empty()) return took + " until its last " + s.pod_word() + " was gone.";
  return took + "; then it ended although " + s.pod_word() + "s were left on it: " + listed(names) + ".";
}

ToldEnd disruption_cause(const Subject& s, const Node& n, const DisruptionRow& command, std::size_t width) {
  std::vector<std::string> nodes;
  for (const NodeId x : command.nodes) nodes.push_back(s.name(x));
  std::string line = fmt::format("  Karpenter at {}: {} ({}), {} an hour", s.clock(command.at),
                                 method_text(command.method), listed(nodes), usd_text(command.usd_per_hour));
  line += command.replacements.empty()
              ? ", no replacement."
              : fmt::format(", replaced by {} at {} an hour at best.", counted_names(command.replacements),
                            usd_text(command.replacement_usd_per_hour));
  ToldEnd out{folded(line, width, 2) + "\n", {{"reason", reason_key(n.end_reason)}}};
  if (const std::string drift = drift_cause(s, n); !drift.empty()) {
    out.text += folded("  " + drift, width, 2) + "\n";
    out.json["drift"] = drift;
  }
  out.json["by"] = "karpenter";
  out.json["method"] = command.method;
  out.json["nodes"] = nodes;
  out.json["usd_per_hour"] = command.usd_per_hour;
  out.json["replacement"] = command.replacements.empty() ? EndJson(nullptr) : EndJson(command.replacements.front());
  out.json["replacements"] = command.replacements;
  out.json["replacement_usd_per_hour"] = command.replacement_usd_per_hour;
  return out;
}

}  // namespace

std::string fate_of(const Subject& s, const Node& n) {
  const FactRecord* notice = first_fact(s, n, Fact::spot_notice);
  switch (n.end_reason) {
    case Reason::node_lost:
    case Reason::zone_lost: {
      const FactRecord* lost = first_fact(s, n, Fact::node_lost);
      if (lost == nullptr) return "It was lost.";
      return "It was lost at " + s.clock(lost->at) +
             (lost->reason == Reason::zone_lost ? " with its zone, " + s.zone(n.id) + "." : ".");
    }
    case Reason::spot_interruption:
      return "EC2 took it back: a Spot interruption" +
             (notice == nullptr ? std::string(".") : ", notice at " + s.clock(notice->at) + ".");
    case Reason::node_drain:
      // Emptied ahead of the end that the notice had set: no interruption to the bill, but nothing else made it go.
      if (notice == nullptr || notice->at > told_to_go(n)) return "";
      return "EC2 wanted it back: a Spot interruption, notice at " + s.clock(notice->at) +
             "; it was drained and ended before its two minutes were over.";
    case Reason::expired:
      return "Its lifetime was over: it was told to go " + span_text(told_to_go(n) - n.requested) +
             " after it was asked for, as expireAfter says.";
    case Reason::node_repair: {
      const FactRecord* unreachable = first_fact(s, n, Fact::node_unreachable);
      return "Node repair: it stayed NotReady for longer than is tolerated" +
             (unreachable == nullptr ? std::string(".") : ", since " + s.clock(unreachable->at) + ".");
    }
    case Reason::launch_failed:
      return "Its launch failed.";
    case Reason::host_ended:
      return "Its " + s.pod_word() + " had ended, and a microVM goes with it.";
    case Reason::unschedulable:
      return "Its " + s.pod_word() + " was given up before it ran.";
    case Reason::warm_pool:
      return "The warm pool of its group had one too many.";
    case Reason::rollback:
      return "It was replaced by a node of the older machine image: its group's refresh was rolled back.";
    case Reason::retired:
      return "The release of the platform beneath it was retired.";
    case Reason::rebalance:
      return "It was moved away from capacity at risk, or from a zone that had too many.";
    case Reason::rollout:
      return "It was replaced by a node of a newer machine image or launch template.";
    case Reason::user_initiated:
      return "Somebody ended it.";
    default:
      return "";
  }
}

std::string group_end_of(Subject& s, const DecisionLog& log, const Node& n, std::string& by) {
  using Why = GroupHistory::Cause;
  if (n.group.is_none() || is_managed_instances(s, n.group)) return "";
  const GroupHistory history(s.world(), n.group);
  const auto why = history.end_of(n.id);
  const std::string group = s.name(n.group);
  if (!why || why->cause == Why::alone || why->cause == Why::replacement || why->cause == Why::first) return "";
  if (why->cause == Why::ahead) {
    const Node& fresh = s.world().node(why->other);
    const std::string ahead = s.name(fresh.id) + ", launched at " + s.clock(fresh.requested) + ",";
    if (n.end_reason == Reason::rollout || n.end_reason == Reason::rollback) {
      by = "instance-refresh";
      return fmt::format("An instance refresh of {} replaced it: {} was in service.", group, ahead);
    }
    if (n.end_reason == Reason::rebalance) {
      by = "capacity-rebalancing";
      return fmt::format("Capacity rebalancing of {}: EC2 had warned of it, and {} was in service in its place.", group,
                         ahead);
    }
    if (n.end_reason != Reason::node_drain && n.end_reason != Reason::scale_down && n.end_reason != Reason::scale_in)
      return "";
    if (n.zone == fresh.zone) {
      by = "launch-before-terminate";
      return fmt::format("{} had one too many with {} and the termination policies chose this one.", group, ahead);
    }
    by = "az-rebalance";
    return fmt::format(
        "AZ rebalancing: {} had {} of the nodes of {} and {} {}; {} was in service there, so the "
        "termination policies chose one of {} to end.",
        s.zone(n.id), history.members_in(n.zone, fresh.requested), group, s.zone(fresh.id),
        history.members_in(fresh.zone, fresh.requested), ahead, s.zone(n.id));
  }
  const Time gone = std::min(n.draining, n.terminating);
  const GroupUpdates::Surge* surge = surge_at(s, n.group, gone);
  if (surge != nullptr && removal_word(log) == nullptr && why->resize->at >= surge->from) {
    by = "node-group-update";
    return fmt::format(
        "The update of {} that began at {} was done with the old nodes and took back the {} that it had "
        "started ahead, one after the other; this one had the fewest pods.",
        group, s.clock(surge->from), counted(surge->nodes, "node"));
  }
  return "";
}

NodeCause end_cause(Subject& s, const DecisionLog& log, const Node& n, const report::TerminalStyle& style) {
  if (n.end_reason == Reason::none) return {};
  const auto width = static_cast<std::size_t>(style.width);
  const bool managed = is_managed_instances(s, n.group);
  const DisruptionRow* command = nullptr;
  for (const DisruptionRow& d : log.disruptions) {
    if (d.stage == "executed" && std::find(d.nodes.begin(), d.nodes.end(), n.id) != d.nodes.end()) command = &d;
  }
  ToldEnd out{"", {{"reason", reason_key(n.end_reason)}}};
  const auto tell = [&](const std::string& what) {
    out.text += folded("  " + what, width, 2) + "\n";
    out.json["cause"] = what;
  };
  const bool removed = n.end_reason == Reason::scale_down && removal_word(log) != nullptr;
  std::string by;
  if (const std::string ended = managed ? managed_end_text(s, n) : ""; !ended.empty()) {
    tell(ended);
    out.json["by"] = "managed-instances";
  } else if (const std::string grouped = removed ? "" : group_end_of(s, log, n, by); !grouped.empty()) {
    tell(grouped);
    out.json["by"] = by;
  } else if (const std::string fate = fate_of(s, n); !fate.empty()) {
    tell(fate);
  } else if (command != nullptr) {
    out = disruption_cause(s, n, *command, width);
  } else if (const NodeVerdictRow* word = removal_word(log); word != nullptr) {
    tell(fmt::format("Cluster Autoscaler at {}: it was unneeded; removed{}.", s.clock(word->from),
                     word->detail.empty() ? "" : ", " + word->detail));
    out.json["verdict"] = word->verdict;
    out.json["detail"] = word->detail;
  } else if (const auto why = n.group.is_none() ? std::nullopt : GroupHistory(s.world(), n.group).end_of(n.id);
             why && why->resize != nullptr) {
    const NodeCause resized = resize_cause(s, log, *why->resize, why->before, style);
    out.text += resized.text + folded("  Of its nodes the termination policies chose this one.", width, 2) + "\n";
    out.json["cause"] = EndJson::parse(resized.json);
  } else {
    tell("It was ended: " + reason_key(n.end_reason) + ".");
  }
  if (const std::string held = ended_with_text(s, n); !held.empty()) {
    out.text += folded("  " + held, width, 2) + "\n";
    out.json["drain"] = held;
  }
  return {out.text, out.json.dump()};
}

std::vector<std::pair<PodId, std::string>> pods_holding(Subject& s, const Node& n) {
  std::vector<std::pair<PodId, std::string>> out;
  const auto add = [&](std::vector<std::pair<PodId, std::string>> held) {
    out.insert(out.end(), held.begin(), held.end());
  };
  s.world().each_component<eks::Karpenter>([&](const eks::Karpenter& k) { add(k.held_pods(s.world(), n.id)); });
  s.world().each_component<kubernetes::NodeDrain>(
      [&](const kubernetes::NodeDrain& drain) { add(drain.held_pods(s.world(), n.id)); });
  return out;
}

std::string drift_cause(const Subject& s, const Node& n) {
  if (n.end_reason != Reason::drifted) return "";
  const FactRecord* newest = nullptr;
  for (const FactRecord& f : s.world().log) {
    const bool images = f.fact == Fact::control_plane_updated || f.fact == Fact::image_changed;
    if (images && f.at > n.requested && f.at <= n.draining) newest = &f;
  }
  if (newest == nullptr) return "It had drifted from its NodePool, which was edited.";
  const std::string since = s.clock(newest->at);
  return newest->fact == Fact::image_changed
             ? "It had drifted: a newer machine image was out since " + since + "."
             : fmt::format("It had drifted: the control plane ran 1.{} since {}, which has images of its own.",
                           newest->value, since);
}

}  // namespace plimsoll::cli
