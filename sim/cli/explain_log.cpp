#include "sim/cli/explain_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "models/eks/controllers/pod_directory.h"
#include "models/eks/karpenter/candidates.h"
#include "models/eks/karpenter/consolidation.h"
#include "models/kubernetes/controllers/daemon_set_controller.h"
#include "models/kubernetes/scheduler/explanation.h"
#include "models/kubernetes/scheduler/reason_text.h"
#include "sim/cli/explain_replacement.h"

namespace plimsoll::cli {

namespace {

constexpr std::size_t kMostOffers = 12;
/// Without an instant a trial is made anew so often: each costs a copy of the snapshot.
constexpr Duration kBetweenTrials = minutes(10);

std::string text_of(const World& world, NameId name) { return std::string(world.names.text(name)); }

std::string_view to_string(eks::ca::ScaleUpOutcome o) {
  constexpr std::string_view kNames[] = {"nothing_pending",   "all_fit",    "waiting_for_pods",
                                         "max_nodes_reached", "no_options", "scale_up"};
  return kNames[static_cast<std::size_t>(o)];
}

std::string_view to_string(eks::ca::SkipReason r) {
  constexpr std::string_view kNames[] = {"",
                                         "unhealthy",
                                         "backed off",
                                         "at its maximum",
                                         "over a cluster limit",
                                         "no pod fits",
                                         "held back by a limit",
                                         "max-binpacking-time was over"};
  return kNames[static_cast<std::size_t>(r)];
}

std::string_view to_string(eks::ca::Cooldown c) {
  constexpr std::string_view kNames[] = {"",
                                         "scale-down-delay-after-add",
                                         "scale-down-delay-after-failure",
                                         "scale-down-delay-after-delete",
                                         "this loop scaled up or saw new pods",
                                         "scale-down-enabled=false"};
  return kNames[static_cast<std::size_t>(c)];
}

std::string_view to_string(eks::ca::WaitReason r) {
  constexpr std::string_view kNames[] = {"", "scale-down disabled by annotation", "scale-down-unneeded-time",
                                         "scale-down-unready-time", "the group is at its minimum"};
  return kNames[static_cast<std::size_t>(r)];
}

std::string pod_name(const World& world, PodId id) {
  const Pod& p = world.pod(id);
  return text_of(world, world.workload(p.workload).name) + "-" + std::to_string(p.ordinal);
}

/// Where a pod would go on the rows that `may` allows: a node's name, or the scheduler's words.
std::string place_for(const World& world, const Snapshot& snapshot, const kubernetes::Framework& framework, PodId pod,
                      Row from) {
  kubernetes::Scratch scratch;
  const kubernetes::ClusterView view{snapshot, world.shapes, world.names};
  std::vector<Row> rows;
  std::vector<kubernetes::Verdict> verdicts;
  framework.filter_all(view, world.pod(pod).shape, scratch, rows, verdicts);
  std::vector<std::string> reasons;
  std::size_t fits = 0;
  std::string first;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] == from) continue;
    if (verdicts[i].ok()) {
      if (fits++ == 0) first = world.names.text(snapshot.node(rows[i]).name);
      continue;
    }
    for (std::string& text : kubernetes::reason_texts(framework, view, world.pod(pod).shape, rows[i], verdicts[i]))
      reasons.push_back(std::move(text));
  }
  if (fits > 0) return "fits " + first + (fits > 1 ? fmt::format(" and {} more", fits - 1) : "");
  return kubernetes::fit_error(framework.profile().version, rows.size() - 1, reasons);
}

}  // namespace

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
  if (const auto* d = dynamic_cast<const ecs::ManagedScalingDetail*>(&detail)) return hear(world, *d);
  if (const auto* d = dynamic_cast<const eks::ScaleUpDetail*>(&detail)) return hear(world, *d);
  if (const auto* d = dynamic_cast<const eks::ScaleDownDetail*>(&detail)) return hear(world, *d);
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
  for (const aws::AlarmPolicy& p : d.policies) {
    if (d.cause != Cause::alarm || !row.why.empty()) break;
    // The policy whose alarm speaks for the direction that was taken; without a change any that is in ALARM.
    for (const aws::AlarmId alarm : {p.high, p.low}) {
      if (alarm.is_none() || d.cloudwatch->state(alarm) != aws::AlarmState::alarm) continue;
      if (p.tracking && row.changed && (alarm == p.high) != (d.after > d.before)) continue;
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

void DecisionLog::hear(World& world, const eks::ScaleUpDetail& d) {
  using eks::ca::ScaleUpOutcome;
  const auto& up = *d.decision;
  if (up.outcome == ScaleUpOutcome::nothing_pending || up.outcome == ScaleUpOutcome::all_fit || up.reused) return;
  ScaleUpRow row;
  row.at = world.now();
  row.outcome = to_string(up.outcome);
  for (const auto& e : d.expanders->expanders())
    row.expanders += (row.expanders.empty() ? "" : ",") + std::string(e->name());
  row.pending = up.pending;
  row.fitting = up.fitting;
  row.unhelped = up.unhelped;
  row.new_nodes = up.new_nodes;
  for (const auto& g : up.groups) {
    ScaleUpRow::Option o;
    const eks::ca::NodeGroup& group = d.groups[g.group];
    o.group = group.name;
    const auto label = [&](std::string_view key) {
      const NameId name = world.names.find(key), value = name.is_none() ? NameId{} : group.node.labels.find(name);
      return value.is_none() ? std::string() : text_of(world, value);
    };
    o.type = label("node.kubernetes.io/instance-type");
    o.usd_per_hour = hourly_price(world, o.type, label("eks.amazonaws.com/capacityType") == "SPOT");
    o.target = d.groups[g.group].target;
    o.maximum = d.groups[g.group].maximum;
    o.skipped = to_string(g.skipped);
    o.nodes = g.nodes;
    o.pods = g.pods;
    o.score = g.score;
    o.chosen = up.outcome == ScaleUpOutcome::scale_up && g.group == up.chosen;
    row.options.push_back(std::move(o));
  }
  for (const auto& r : up.resized)
    row.resized.emplace_back(d.groups[r.index].id, std::pair{d.groups[r.index].target, r.wanted});
  // Of pods that are only expected there is nothing to tell yet.
  std::copy_if(up.helped.begin(), up.helped.end(), std::back_inserter(row.helped),
               [&](PodId id) { return id.index() < world.pods().size(); });
  scale_ups.push_back(std::move(row));
}

void DecisionLog::verdict(World& world, NodeId node, std::string text, std::string detail, double utilization) {
  // "Found unremovable a moment ago" says that the word before it still stands.
  const bool stands = text == eks::ca::to_string(eks::ca::UnremovableReason::recently_unremovable);
  if (last_verdict.size() <= node.index()) last_verdict.resize(node.index() + 1);
  if (!stands || last_verdict[node.index()].empty())
    last_verdict[node.index()] = text + (detail.empty() ? "" : ": " + detail);
  if (focus_.node != node) return;
  if (stands && !verdicts.empty()) {
    verdicts.back().to = world.now();
    return;
  }
  if (verdicts.empty() || verdicts.back().verdict != text || verdicts.back().detail != detail)
    verdicts.push_back({world.now(), world.now(), std::move(text), std::move(detail), utilization});
  verdicts.back().to = world.now();
  if (utilization > 0) verdicts.back().utilization = utilization;
}

void DecisionLog::hear(World& world, const eks::ScaleDownDetail& d) {
  namespace ca = eks::ca;
  const ca::ScaleDownDecision& down = *d.decision;
  for (const ca::NodeVerdict& v : down.unremovable) {
    std::string detail;
    if (v.reason == ca::UnremovableReason::blocked_by_pod) {
      detail = (v.blocking_pod.is_none() ? "" : pod_name(world, v.blocking_pod) + ", ") +
               std::string(ca::to_string(v.block));
    }
    verdict(world, v.node, std::string(ca::to_string(v.reason)), std::move(detail), v.utilization);
  }
  for (const auto& entry : d.unneeded) {
    std::string detail;
    for (const auto& [node, reason] : down.waiting) {
      if (node == entry.node.node) detail = "waits for " + std::string(to_string(reason));
    }
    if (detail.empty() && down.cooldown != ca::Cooldown::none)
      detail = "held by " + std::string(to_string(down.cooldown));
    if (entry.node.risky)
      detail += (detail.empty() ? "" : ", ") + std::string("a disruption budget lets its pods go one by one");
    verdict(world, entry.node.node, "Unneeded", std::move(detail));
  }
  for (const ca::Removal& r : down.remove)
    verdict(world, r.node, "Removed", r.drain ? fmt::format("drained of {} pods", r.evict.size()) : "empty");
  const bool goes =
      std::any_of(down.remove.begin(), down.remove.end(), [&](const ca::Removal& r) { return r.node == focus_.node; });
  if (is_pass_of_trial(world, goes)) try_without(world, d);
}

bool DecisionLog::is_pass_of_trial(const World& world, bool goes) const {
  if (!focus_.node || focus_.node->index() >= world.nodes().size() || world.now() > focus_.at) return false;
  // On its way out it would only be said to be on its way out.
  if (focus_.last_look && world.node(*focus_.node).state != NodeState::ready) return false;
  if (focus_.at != kTimeNever && focus_.at - world.now() < seconds(60)) return true;
  return focus_.last_look && (goes || !trial || world.now() - trial->at >= kBetweenTrials);
}

void DecisionLog::try_without(World& world, const eks::ScaleDownDetail& d) {
  const Node& node = world.node(*focus_.node);
  if (node.row == kNoRow) return;
  NodeTrial t;
  t.at = world.now();
  t.usd_per_hour = hourly_price(world, text_of(world, node.instance_type), node.purchase == PurchaseOption::spot);
  std::vector<PodId> pods;
  for (const PodId id : world.pods_on(node.id)) {
    if (world.pod(id).daemon) continue;
    pods.push_back(id);
    t.pods.emplace_back(id, place_for(world, world.placement, d.sim->framework, id, node.row));
  }
  const std::vector<PodId> homeless = without_place(world, d, node.id, pods);
  t.conclusion = pods.empty()       ? "It holds no pod that would have to move."
                 : homeless.empty() ? "Its pods fit the other nodes, all of them together."
                                    : fmt::format(
                                          "{} of its {} pods would have nowhere to go once the others have "
                                          "moved, which keeps it: Cluster Autoscaler puts no node in another's "
                                          "place.",
                                          homeless.size(), pods.size());
  const std::vector<PodId>& wanting = homeless.empty() ? pods : homeless;
  if (!wanting.empty()) {
    if (const auto other = cheapest_group(world, d, node.id, wanting)) {
      t.replacement = other->type;
      t.replacement_group = other->group;
      t.replacement_nodes = other->nodes;
      t.replacement_usd_per_hour = other->usd_per_hour;
      t.replacement_pods = wanting.size();
    } else {
      t.conclusion += " No group's new nodes could take them either.";
    }
  }
  trial = std::move(t);
}

void DecisionLog::hear(World& world, const eks::LaunchDetail& d) {
  LaunchRow row;
  row.at = world.now();
  row.node = d.node;
  row.pool = d.config->pools[d.claim->pool].name;
  row.capacity_type = eks::karpenter::to_string(d.request->capacity_type);
  row.pods = d.claim->pods;
  row.cpu = d.claim->requests.cpu();
  row.memory = d.claim->requests.memory();
  row.types = d.claim->types.size();
  row.offers_in_all = d.request->overrides.size();
  for (const auto& o : d.request->overrides) {
    const bool chosen = &o == d.chosen || (o.type == d.chosen->type && o.zone == d.chosen->zone);
    if (row.offers.size() >= kMostOffers && !chosen) continue;
    row.offers.push_back({text_of(world, d.config->types[o.type].name), text_of(world, d.config->types.zones[o.zone]),
                          static_cast<double>(o.price.raw()) * 1e-12, chosen});
  }
  launches.push_back(std::move(row));
}

void DecisionLog::hear(World& world, const eks::DisruptionDetail& d) {
  using Stage = eks::DisruptionDetail::Stage;
  namespace k = eks::karpenter;
  if (d.decision != nullptr && !d.decision->reused) {
    for (const auto& [node, reason] : d.decision->kept) {
      std::string detail;
      if (node == focus_.node) {
        const auto at = std::find_if(d.cluster->nodes.begin(), d.cluster->nodes.end(),
                                     [n = node](const k::ClusterNode& c) { return c.id == n; });
        const auto index = static_cast<std::size_t>(at - d.cluster->nodes.begin());
        const PodId pod_at_fault =
            at == d.cluster->nodes.end() ? PodId{} : k::blocking_pod(*d.cluster, *d.input, index, reason);
        if (!pod_at_fault.is_none()) detail = pod_name(world, pod_at_fault);
      }
      verdict(world, node, std::string(k::to_string(reason)), std::move(detail));
    }
  }
  const auto goes = [&] {
    if (!d.decision->command || !focus_.node) return false;
    const std::vector<NodeId>& nodes = d.decision->command->nodes;
    return std::find(nodes.begin(), nodes.end(), *focus_.node) != nodes.end();
  };
  if (d.decision != nullptr && is_pass_of_trial(world, goes())) try_without(world, d);
  const k::DisruptionCommand* command = d.decision == nullptr             ? d.command
                                        : d.decision->command.has_value() ? &*d.decision->command
                                                                          : nullptr;
  if (command == nullptr) return;
  DisruptionRow row;
  row.at = world.now();
  row.stage = d.stage == Stage::decided ? "decided" : d.stage == Stage::executed ? "executed" : "refused";
  row.method = k::to_string(command->method);
  row.nodes = command->nodes;
  row.usd_per_hour = command->price;
  row.replacements = command->replacements.size();
  if (!command->replacements.empty()) {
    const k::LaunchRequest request = k::launch_request(command->replacements.front(), *d.cluster);
    if (!request.overrides.empty()) {
      row.replacement = text_of(world, d.cluster->types[request.overrides.front().type].name);
      row.replacement_usd_per_hour = static_cast<double>(request.overrides.front().price.raw()) * 1e-12;
    }
  }
  const std::string text = row.stage == "decided" ? "To be disrupted" : row.stage == "executed" ? "Disrupted" : "Kept";
  for (const NodeId node : row.nodes) {
    verdict(world, node, text,
            row.stage == "refused"    ? "the command did not stand after the 15 s wait"
            : row.replacement.empty() ? row.method + ", deleted"
                                      : row.method + ", replaced by " + row.replacement);
  }
  disruptions.push_back(std::move(row));
}

void DecisionLog::try_without(World& world, const eks::DisruptionDetail& d) {
  namespace k = eks::karpenter;
  const auto at = std::find_if(d.cluster->nodes.begin(), d.cluster->nodes.end(),
                               [&](const k::ClusterNode& n) { return n.id == *focus_.node; });
  if (at == d.cluster->nodes.end() || at->row == kNoRow) return;
  // On copies: a look must leave no trace in what the controllers remember.
  Snapshot snapshot = world.placement;
  kubernetes::Scratch scratch;
  std::uint64_t simulated = 0;
  const eks::Simulation sim{snapshot, d.cluster->sim.framework, scratch, world.shapes, world.names, simulated};
  const k::Cluster cluster{
      sim, d.cluster->types, d.cluster->pools, d.cluster->known, d.cluster->nodes, d.cluster->daemons};
  NodeTrial t;
  t.at = world.now();
  const std::vector<k::SchedulingPod> moving = k::reschedulable_pods(sim, *d.input->pods, at->row);
  for (const PodId id : world.pods_on(*focus_.node)) {
    if (world.pod(id).daemon) continue;
    const bool moves = std::any_of(moving.begin(), moving.end(), [id](const auto& p) { return p.id == id; });
    // Pods that end anyway are no concern of Karpenter's.
    t.pods.emplace_back(id, moves ? place_for(world, snapshot, sim.framework, id, at->row) : "is ending: needs none");
  }
  const k::InstanceType& type = d.cluster->types[at->type];
  for (const k::Offering& o : type.offerings) {
    if (o.zone == at->zone && o.capacity_type == at->capacity_type) t.usd_per_hour = o.usd();
  }
  k::KeepReason why = k::KeepReason::none;
  const auto index = static_cast<std::size_t>(at - d.cluster->nodes.begin());
  const auto candidate = k::make_candidate(cluster, *d.input, index, false, why);
  if (!candidate) {
    t.conclusion = "Not a candidate: " + std::string(k::to_string(why)) + ".";
    trial = std::move(t);
    return;
  }
  std::optional<k::PoolTemplates> own;
  if (d.input->templates == nullptr) own.emplace(cluster);
  const k::PoolTemplates& templates = own ? *own : *d.input->templates;
  const k::RemovalTrial removal = k::simulate_without(cluster, *d.input, templates, std::span(&*candidate, 1));
  if (!removal.result.claims.empty()) {
    const k::LaunchRequest request = k::launch_request(removal.result.claims.front(), cluster);
    if (!request.overrides.empty()) {
      t.replacement = text_of(world, d.cluster->types[request.overrides.front().type].name);
      t.replacement_usd_per_hour = static_cast<double>(request.overrides.front().price.raw()) * 1e-12;
    }
  }
  const k::ConsolidationAnswer answer = k::consolidate(cluster, *d.input, templates, std::span(&*candidate, 1));
  const bool alone = answer.ok() && answer.replacements.empty();
  t.conclusion = !answer.ok()     ? "It stays: " + std::string(k::to_string(answer.reason)) + "."
                 : !alone         ? "Not all of them fit the other nodes; a cheaper node in its place would do."
                 : moving.empty() ? "It holds no pod that would have to move: it could go."
                                  : "Its pods fit the other nodes, all of them together: it could go.";
  trial = std::move(t);
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
