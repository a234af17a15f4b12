// One instant: how everything stands, and what was decided around it.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "models/aws/controllers/fargate_launcher.h"
#include "models/ecs/controllers/task_placer.h"
#include "models/eks/controllers/vpc_addresses.h"
#include "models/kubernetes/scheduler/explanation.h"
#include "sim/cli/explain.h"
#include "sim/cli/explain_launch.h"
#include "sim/cli/explain_log.h"
#include "sim/core/text.h"
#include "sim/report/text_table.h"
#include "sim/results/summary.h"

namespace plimsoll::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr Duration kAround = minutes(2);
constexpr std::size_t kMostNodes = 20;
constexpr std::size_t kMostPending = 12;

struct Line {
  Time at{};
  std::string text;
};

/// Why the pods that wait have no place: by workload, in the orchestrator's words.
struct Waiting {
  WorkloadId workload;
  std::int64_t count = 0;
  Time since{};
  std::string message;
};

std::string pending_message(Subject& s, PodId id) {
  World& w = s.world();
  const Pod& pod = w.pod(id);
  if (auto* scheduler = w.find_component<kubernetes::KubeScheduler>()) {
    if (s.is_ecs()) return "";
    Snapshot snapshot = w.placement;
    kubernetes::Scratch scratch;
    const auto e = kubernetes::explain(scheduler->framework(), snapshot, w.shapes, w.names, pod.shape, {}, scratch);
    return e.feasible > 0
               ? fmt::format("{} of {} nodes would do; it is in the scheduler's queue", e.feasible, e.nodes.size())
               : e.message;
  }
  ecs::InstanceView view;
  const auto* placer = w.find_component<ecs::TaskPlacer>();
  view.refresh(w, pod.workload, placer != nullptr ? placer->groups_of(pod) : std::span<const NodeGroupId>{});
  ecs::TaskNeed need;
  const ResourceVector& r = w.workload(pod.workload).requests;
  need.cpu = r.cpu();
  need.memory = r.memory();
  need.enis = r[Resource::enis];
  std::map<std::string, std::size_t> reasons;
  for (std::size_t i = 0; i < view.columns().size(); ++i) {
    const auto reason = ecs::first_failure(view.columns(), need, i);
    ++reasons[reason ? std::string(ecs::to_string(*reason)) : "valid"];
  }
  if (view.columns().size() == 0) return "no container instance";
  std::string text = fmt::format("{} instances:", view.columns().size());
  for (const auto& [reason, count] : reasons) text += fmt::format(" {} {},", count, reason);
  text.pop_back();
  return text;
}

/// What the autoscalers of the column say of pods that they launch nothing for, by the last word on each.
std::string launch_refusals_text(const Subject& s, const DecisionLog& log, Time at, std::size_t width) {
  std::string out;
  const auto add = [&](const std::string& who, std::vector<PodId> pods, const std::string& why) {
    std::erase_if(pods, [&](PodId id) { return s.world().pod(id).state != PodState::pending; });
    if (pods.empty()) return;
    out +=
        folded(fmt::format("  {} launches nothing for {}: {}", who, listed(pod_names(s, pods)), why), width, 4) + "\n";
  };
  for (const RefusalRow& r : log.refusals) {
    if (r.from > at || r.to + seconds(15) < at) continue;
    std::string why;
    for (const auto& [pool, text] : r.why) why += (why.empty() ? "" : "; ") + ("NodePool " + pool + ": " + text);
    add("Karpenter", r.pods, why.empty() ? "no NodePool had room for them in this run" : why);
  }
  if (log.scale_ups.empty()) return out;
  for (const auto& o : log.scale_ups.back().options) {
    for (const auto& [pods, why] : o.refusals) add("Cluster Autoscaler, " + o.group + ",", pods, why);
  }
  return out;
}

std::vector<Waiting> waiting_at(Subject& s) {
  std::vector<Waiting> out;
  for (const PodId id : s.world().pending_pods()) {
    const Pod& p = s.world().pod(id);
    auto at = std::find_if(out.begin(), out.end(), [&](const Waiting& w) { return w.workload == p.workload; });
    if (at == out.end()) {
      at = out.insert(out.end(), {p.workload, 0, p.created, ""});
      s.world().each_component<aws::FargateLauncher>([&](aws::FargateLauncher& launcher) {
        if (at->message.empty()) at->message = launcher.why_pending(s.world(), id);
      });
      if (at->message.empty()) at->message = pending_message(s, id);
    }
    ++at->count;
  }
  return out;
}

std::string percent_of(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? fmt::format("{:.0f}", 100.0 * static_cast<double>(part) / static_cast<double>(whole)) : "-";
}

std::string_view state_text(NodeState s) {
  constexpr std::string_view kNames[] = {"requested", "running", "ready", "draining", "terminating", "terminated"};
  return kNames[static_cast<std::size_t>(s)];
}

std::string workloads_text(const Subject& s, const report::TerminalStyle& style, Json& json) {
  report::TextTable table;
  table.heads = {{"workload"}, {"min"}, {"wanted"}, {"max"}, {"pending"}, {"starting"}, {"serving"}, {"stopping"}};
  json = Json::array();
  for (const bool system : {false, true}) {
    for (const Workload& w : s.world().workloads()) {
      if (w.system != system) continue;
      std::int64_t pending = 0;
      for (const PodId id : w.pods) pending += s.world().pod(id).state == PodState::pending ? 1 : 0;
      const std::int64_t starting = static_cast<std::int64_t>(w.bound) - w.serving;
      json.push_back({{"workload", s.name(w.id)},
                      {"system", w.system},
                      {"minimum", w.minimum},
                      {"wanted", w.desired},
                      {"maximum", w.maximum},
                      {"pending", pending},
                      {"starting", starting},
                      {"serving", w.serving},
                      {"stopping", w.stopping}});
      if (w.system && pending == 0) continue;  // the platform's own only while they wait
      const std::string name = s.name(w.id) + (w.system ? " (system)" : "");
      if (w.daemon) continue;
      table.rows.push_back(
          {{name, std::to_string(w.minimum), std::to_string(w.desired), std::to_string(w.maximum),
            std::to_string(pending), std::to_string(starting), std::to_string(w.serving), std::to_string(w.stopping)},
           pending > 0 ? report::Paint::bad : report::Paint::plain});
    }
  }
  return table.render(static_cast<std::size_t>(style.width), style.colour);
}

std::string nodes_text(const Subject& s, const DecisionLog& log, const report::TerminalStyle& style, Json& json) {
  report::TextTable table;
  table.heads = {
      {"node"}, {"type"}, {"zone"}, {"state"}, {s.pod_word() + "s"}, {"CPU", "asked %"}, {"memory", "asked %"}};
  const bool wide = style.width >= 120;
  if (wide) table.heads.push_back({"autoscaler's last word"});
  json = Json::array();
  std::size_t microvms = 0, shown = 0, hidden = 0;
  for (const NodeId id : s.world().live_nodes()) {
    const Node& n = s.world().node(id);
    if (n.host == HostKind::fargate) {
      ++microvms;
      continue;
    }
    const Snapshot& p = s.world().placement;
    const auto asked = [&](Resource r) {
      return n.row == kNoRow ? std::string("-") : percent_of(p.requested(r)[n.row], p.allocatable(r)[n.row]);
    };
    const std::string word = id.index() < log.last_verdict.size() ? log.last_verdict[id.index()] : "";
    json.push_back({{"node", s.name(id)},
                    {"instance_type", s.instance_type(id)},
                    {"zone", s.zone(id)},
                    {"state", state_text(n.state)},
                    {"pods", n.app_pod_count},
                    {"cpu_requested_percent", asked(Resource::cpu)},
                    {"memory_requested_percent", asked(Resource::memory)},
                    {"autoscaler", word.empty() ? Json(nullptr) : Json(word)}});
    if (shown == kMostNodes) {
      ++hidden;
      continue;
    }
    ++shown;
    report::TextTable::Row row{{s.name(id), s.instance_type(id), s.zone(id), std::string(state_text(n.state)),
                                std::to_string(n.app_pod_count), asked(Resource::cpu), asked(Resource::memory)},
                               report::Paint::plain};
    if (wide) row.cells.push_back(report::shortened(word, 50));
    table.rows.push_back(std::move(row));
  }
  std::string out;
  if (!table.rows.empty()) out += table.render(static_cast<std::size_t>(style.width), style.colour);
  if (hidden > 0) out += fmt::format("  ... and {} more nodes\n", hidden);
  if (microvms > 0) out += fmt::format("  {}\n", counted(static_cast<std::int64_t>(microvms), "microVM"));
  if (out.empty()) out = "  none\n";
  for (const NodeGroup& g : s.world().groups())
    out += fmt::format("  group {}: {} wanted, least {}, most {}\n", s.name(g.id), g.desired, g.minimum, g.maximum);
  return out;
}

/// Facts and decisions in a span, neighbours of one kind counted together.
std::vector<Line> told_between(const Subject& s, const DecisionLog& log, Time from, Time to) {
  std::vector<Line> out;
  const auto within = [&](Time t) { return t >= from && t <= to; };
  for (const ScalingRow& r : log.scalings) {
    if (!r.changed || !within(r.at)) continue;
    out.push_back(
        {r.at, fmt::format("{}: {}: {} to {} {}s", s.name(r.workload), r.why, r.before, r.wanted, s.pod_word())});
  }
  for (const ScaleUpRow& r : log.scale_ups) {
    if (!within(r.at)) continue;
    std::string text = fmt::format("Cluster Autoscaler: {} pending, {}", r.pending, r.outcome);
    for (const auto& [group, size] : r.resized)
      text += fmt::format(", {} {} to {}", s.name(group), size.first, size.second);
    out.push_back({r.at, std::move(text)});
  }
  for (const LaunchRow& r : log.launches) {
    if (!within(r.at)) continue;
    std::string type;
    for (const auto& o : r.offers) {
      if (o.chosen) type = o.type + " in " + o.zone + " at " + usd_text(o.usd_per_hour) + " an hour";
    }
    out.push_back({r.at, fmt::format("Karpenter launches {}, {}, for {}", s.name(r.node), type,
                                     counted(static_cast<std::int64_t>(r.pods.size()), "pod"))});
  }
  for (const DisruptionRow& r : log.disruptions) {
    if (!within(r.at)) continue;
    std::string nodes;
    for (const NodeId n : r.nodes) nodes += (nodes.empty() ? "" : ", ") + s.name(n);
    out.push_back({r.at, fmt::format("Karpenter disruption {} ({}): {}{}", r.stage, method_text(r.method), nodes,
                                     r.replacements.empty() ? "" : ", for " + counted_names(r.replacements))});
  }
  for (const ProviderRow& r : log.providers) {
    if (!within(r.at) || r.before == r.wanted) continue;
    const bool did =
        r.action == ecs::ManagedScalingAction::scaled_out || r.action == ecs::ManagedScalingAction::scaled_in;
    if (did)
      out.push_back({r.at, fmt::format("managed scaling: M {} / N {} against {} %: {} {} to {}", r.needed, r.running,
                                       r.target, s.name(r.group), r.before, r.wanted)});
  }
  struct Run {
    Time first{};
    Fact fact{};
    Reason reason = Reason::none;
    WorkloadId workload;
    std::int64_t count = 0;
    std::string one;
  };
  std::vector<Run> runs;
  for (const FactRecord& f : s.world().log) {
    if (!within(f.at)) continue;
    const bool pod_fact = f.fact == Fact::pod_created || f.fact == Fact::pod_bound || f.fact == Fact::pod_stopping;
    const bool node_fact = f.fact == Fact::node_requested || f.fact == Fact::node_ready ||
                           f.fact == Fact::node_draining || f.fact == Fact::node_terminating;
    if (f.fact == Fact::desired_changed || f.fact == Fact::group_resized || f.fact == Fact::launch_refused) {
      runs.push_back(
          {f.at, f.fact, f.reason, f.workload, 1,
           f.fact == Fact::group_resized ? fmt::format("{} is to have {}", s.name(f.group), counted(f.value, "node"))
           : f.fact == Fact::launch_refused && !f.workload.is_none()
               ? fmt::format("no room for {} of {}", counted(f.value, s.pod_word()), s.name(f.workload))
           : f.fact == Fact::launch_refused ? fmt::format("no capacity for {}", counted(f.value, "instance"))
                                            : fmt::format("{} is to have {} replicas", s.name(f.workload), f.value)});
    } else if (pod_fact) {
      const bool goes_on = !runs.empty() && runs.back().fact == f.fact && runs.back().workload == f.workload &&
                           runs.back().reason == f.reason && f.at - runs.back().first <= seconds(2);
      if (goes_on) {
        ++runs.back().count;
      } else {
        std::string one = s.name(f.pod);
        if (f.fact == Fact::pod_bound) one += " on " + s.name(f.node);
        runs.push_back({f.at, f.fact, f.reason, f.workload, 1, std::move(one)});
      }
    } else if (f.fact >= Fact::control_plane_update && f.fact <= Fact::control_plane_resized) {
      runs.push_back({f.at,
                      f.fact,
                      f.reason,
                      {},
                      1,
                      f.fact == Fact::control_plane_resized ? counted(f.value, "seat") : fmt::format("1.{}", f.value)});
    } else if (f.fact > Fact::decision) {
      // Rare ones, each by itself: lost nodes and zones, rollouts, probes, restarts.
      const results::EventRow row = engine::event_row(s.world(), f);
      const std::string& who = !row.pod.empty()        ? row.pod
                               : !row.node.empty()     ? row.node
                               : !row.workload.empty() ? row.workload
                               : !row.group.empty()    ? row.group
                                                       : row.zone;
      runs.push_back({f.at, f.fact, f.reason, {}, 1, who});
    } else if (node_fact && s.world().node(f.node).host == HostKind::ec2) {
      runs.push_back({f.at, f.fact, f.reason, {}, 1, s.name(f.node) + ", " + s.described(f.node)});
    }
  }
  for (const Run& r : runs) {
    std::string text(engine::event_row(s.world(), {.at = r.first, .fact = r.fact}).fact);
    if (r.fact == Fact::desired_changed || r.fact == Fact::group_resized || r.fact == Fact::launch_refused) {
      text = r.one;
    } else if (r.count > 1) {
      text += fmt::format(" {} of {}", counted(r.count, s.pod_word()), s.name(r.workload));
    } else {
      text += " " + r.one;
    }
    if (r.reason != Reason::none) text += " (" + reason_key(r.reason) + ")";
    out.push_back({r.first, std::move(text)});
  }
  std::stable_sort(out.begin(), out.end(), [](const Line& x, const Line& y) { return x.at < y.at; });
  return out;
}

}  // namespace

Explanation explain_instant(Subject& s, const ExplainArguments& a, const report::TerminalStyle& terminal) {
  const report::TerminalStyle style{std::max(terminal.width, 60), terminal.colour};
  const auto width = static_cast<std::size_t>(style.width);
  const Time at = s.instant(a.at);
  const DecisionLog& log = DecisionLog::attach(s.world(), {});
  s.run_until(at);
  std::string text = fmt::format("{} on {}\n\n", s.clock(at), s.platform());
  Json workloads, nodes, waiting = Json::array();
  text += workloads_text(s, style, workloads);
  const std::vector<Waiting> pending = waiting_at(s);
  if (!pending.empty()) text += "\nPending\n";
  for (std::size_t i = 0; i < pending.size(); ++i) {
    const Waiting& p = pending[i];
    waiting.push_back({{"workload", s.name(p.workload)},
                       {"count", p.count},
                       {"since_us", to_microseconds(p.since)},
                       {"message", p.message}});
    if (i >= kMostPending) continue;
    text += folded(fmt::format("  {} of {}, the first since {}: {}", p.count, s.name(p.workload), s.clock(p.since),
                               p.message),
                   width, 4) +
            "\n";
  }
  if (!pending.empty()) text += launch_refusals_text(s, log, at, width);
  text += "\nNodes\n" + nodes_text(s, log, style, nodes);
  Json addresses = nullptr;
  if (const auto* vpc = s.world().find_component<eks::VpcAddresses>()) {
    std::int64_t held = 0, used = 0;
    for (const NodeId id : s.world().live_nodes()) {
      const std::int64_t here = vpc->held(s.world(), id);
      held += here;
      if (here > 0) used += eks::VpcAddresses::pods_with_address(s.world(), id);
    }
    addresses = {{"held", held}, {"pods", used}};
    if (held > 0) text += fmt::format("  VPC addresses that nodes hold: {}, of which pods have {}\n", held, used);
  }
  const auto& bill = dynamic_cast<const billing::Bill&>(s.world().component(s.run().bill));
  const Money spent = bill.total_at(at);
  s.run_until(std::min(at + kAround, s.world().end));
  const std::vector<Line> told = told_between(s, log, at - kAround, at + kAround);
  text += fmt::format("\nFrom {} before to {} after\n", span_text(kAround), span_text(kAround));
  if (told.empty()) text += "  nothing was decided\n";
  bool passed = false;
  for (const Line& line : told) {
    if (!passed && line.at > at) text += fmt::format("  {:<13} --\n", s.clock(at));
    passed = passed || line.at > at;
    text += folded(fmt::format("  {:<13} {}", s.clock(line.at), line.text), width, 16) + "\n";
  }
  text += fmt::format("\nBilled since the window opened: {}.\n", usd_text(static_cast<double>(spent.raw()) * 1e-9));
  text += folded(s.check_text(), width, 0) + "\n";
  Json events = Json::array();
  for (const Line& line : told) events.push_back({{"at_us", to_microseconds(line.at)}, {"text", line.text}});
  const Json j = {{"format_version", results::kFormatVersion},
                  {"platform", s.platform()},
                  {"window_start_us", to_microseconds(s.world().window_start)},
                  {"at_us", to_microseconds(at)},
                  {"workloads", std::move(workloads)},
                  {"pending", std::move(waiting)},
                  {"nodes", std::move(nodes)},
                  {"vpc_addresses", std::move(addresses)},
                  {"around", std::move(events)},
                  {"spent_usd", to_string(spent)},
                  {"check", s.check_text()}};
  return {text, j.dump(1) + "\n"};
}

}  // namespace plimsoll::cli
