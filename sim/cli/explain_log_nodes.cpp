// What a replay's log keeps of the nodes of EKS: scale-ups, launches, removals, and why nothing happened.
#include <fmt/format.h>

#include <algorithm>

#include "models/eks/controllers/pod_directory.h"
#include "models/eks/karpenter/candidates.h"
#include "models/eks/karpenter/consolidation.h"
#include "models/eks/karpenter/refusal.h"
#include "models/kubernetes/scheduler/reason_text.h"
#include "sim/cli/explain_log.h"
#include "sim/cli/explain_refusal.h"
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

/// The cheapest type of each node to be launched; their prices are added up.
std::vector<std::string> cheapest_types(const World& world, const eks::karpenter::Cluster& cluster,
                                        std::span<const eks::karpenter::PlannedClaim> claims, double& usd_per_hour) {
  std::vector<std::string> out;
  for (const auto& claim : claims) {
    const eks::karpenter::LaunchRequest request = eks::karpenter::launch_request(claim, cluster);
    if (request.overrides.empty()) continue;
    out.push_back(text_of(world, cluster.types[request.overrides.front().type].name));
    usd_per_hour += static_cast<double>(request.overrides.front().price.raw()) * 1e-12;
  }
  return out;
}

}  // namespace

std::string counted_names(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  std::string out;
  for (std::size_t i = 0; i < names.size();) {
    std::size_t n = i;
    while (n < names.size() && names[n] == names[i]) ++n;
    out += (out.empty() ? "" : ", ") + (n - i > 1 ? fmt::format("{} {}", n - i, names[i]) : names[i]);
    i = n;
  }
  return out;
}

std::string method_text(std::string_view method) {
  if (method == eks::karpenter::to_string(eks::karpenter::Method::multi_node)) return "multi-node consolidation";
  if (method == eks::karpenter::to_string(eks::karpenter::Method::single_node)) return "single-node consolidation";
  if (method == eks::karpenter::to_string(eks::karpenter::Method::emptiness)) return "emptiness";
  return std::string(method);
}

void DecisionLog::hear(World& world, const eks::ScaleUpDetail& d) {
  using eks::ca::ScaleUpOutcome;
  const auto& up = *d.decision;
  if (up.outcome == ScaleUpOutcome::nothing_pending || up.outcome == ScaleUpOutcome::all_fit) return;
  if (up.reused) {
    if (!scale_ups.empty()) scale_ups.back().to = world.now();
    if (!pod_words.empty() && waits(world)) pod_words.back().to = world.now();
    return;
  }
  if (waits(world) && std::find(up.helped.begin(), up.helped.end(), pod) == up.helped.end())
    pod_word(world, not_triggered_text(world, d, pod));
  ScaleUpRow row;
  row.at = row.to = world.now();
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
    if (g.skipped == eks::ca::SkipReason::no_pod_fits) o.refusals = group_refusals(world, d, g.group);
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

bool DecisionLog::waits(const World& world) const {
  return !pod.is_none() && world.pod(pod).state == PodState::pending;
}

void DecisionLog::pod_word(World& world, std::string text) {
  if (text.empty()) return;
  if (pod_words.empty() || pod_words.back().text != text) pod_words.push_back({world.now(), {}, std::move(text)});
  pod_words.back().to = world.now();
}

void DecisionLog::hear(World& world, const eks::ProvisioningDetail& d) {
  // Pods of one shape share their fate, and those of several may share the words.
  std::vector<RefusalRow> now;
  std::vector<std::pair<ShapeId, std::vector<std::pair<std::string, std::string>>>> known;
  for (const PodId id : d.plan->unschedulable) {
    const auto asked = std::find_if(d.pending.begin(), d.pending.end(), [id](const auto& p) { return p.id == id; });
    if (asked == d.pending.end()) continue;  // on a node that is going
    auto at = std::find_if(known.begin(), known.end(), [&](const auto& k) { return k.first == asked->shape; });
    if (at == known.end()) {
      at = known.insert(known.end(), {asked->shape, {}});
      for (const auto& r : eks::karpenter::pool_refusals(*d.cluster, *d.templates, asked->shape, d.plan->claims))
        at->second.emplace_back(d.cluster->pools[r.pool].name, r.why);
    }
    const auto same = std::find_if(now.begin(), now.end(), [&](const RefusalRow& r) { return r.why == at->second; });
    if (same != now.end()) {
      same->pods.push_back(id);
    } else {
      now.push_back({world.now(), world.now(), {id}, at->second});
    }
    if (id != pod) continue;
    std::string text;
    for (const auto& [pool, why] : at->second) text += (text.empty() ? "" : "; ") + ("NodePool " + pool + ": " + why);
    pod_word(world, "Failed to schedule pod, " + (text.empty() ? "no NodePool had room for it in this run" : text));
  }
  for (RefusalRow& row : now) {
    std::sort(row.pods.begin(), row.pods.end());
    const auto before = std::find_if(refusals.rbegin(), refusals.rend(), [&](const RefusalRow& r) {
      return r.to == last_provisioning_ && r.pods == row.pods && r.why == row.why;
    });
    if (before != refusals.rend()) {
      before->to = world.now();
    } else {
      refusals.push_back(std::move(row));
    }
  }
  last_provisioning_ = world.now();
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
  for (const ca::Removal& r : down.remove) {
    // Pods of DaemonSets end with their node: they are none that it was drained of.
    const auto moved = std::count_if(r.evict.begin(), r.evict.end(), [&](PodId id) { return !world.pod(id).daemon; });
    const std::string pods = fmt::format("drained of {} pod{}", moved, moved == 1 ? "" : "s");
    verdict(world, r.node, "Removed", r.drain ? pods : "empty");
  }
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
      // An earlier method may have left a node that a later one takes.
      const auto& taken = d.decision->command;
      if (taken && std::find(taken->nodes.begin(), taken->nodes.end(), node) != taken->nodes.end()) continue;
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
  row.replacements = cheapest_types(world, *d.cluster, command->replacements, row.replacement_usd_per_hour);
  const std::string text = row.stage == "decided" ? "To be disrupted" : row.stage == "executed" ? "Disrupted" : "Kept";
  for (const NodeId node : row.nodes) {
    // Drift needs no validation: decision and execution are one.
    if (row.stage == "executed" && focus_.node == node && !verdicts.empty() &&
        world.now() - verdicts.back().from < seconds(1) && verdicts.back().verdict == "To be disrupted")
      verdicts.pop_back();
    verdict(world, node, text,
            row.stage == "refused"     ? "the command did not stand after the 15 s wait"
            : row.replacements.empty() ? method_text(row.method) + ", deleted"
                                       : method_text(row.method) + ", replaced by " + counted_names(row.replacements));
  }
  disruptions.push_back(std::move(row));
}

std::string DecisionLog::trial_conclusion(const World& world, const eks::DisruptionDetail& d,
                                          const eks::karpenter::ConsolidationAnswer& answer, bool is_empty) const {
  namespace k = eks::karpenter;
  const std::string alone = !answer.ok() ? std::string(k::to_string(answer.reason))
                            : !answer.replacements.empty()
                                ? "not all of its pods fit the other nodes, and a cheaper node in its place would do"
                            : is_empty ? "it holds no pod that would have to move"
                                       : "its pods fit the other nodes, all of them together";
  // What the pass itself decided comes first.
  const auto& command = d.decision->command;
  if (command && std::find(command->nodes.begin(), command->nodes.end(), *focus_.node) != command->nodes.end()) {
    double usd_per_hour = 0;
    const std::vector<std::string> types = cheapest_types(world, *d.cluster, command->replacements, usd_per_hour);
    std::string out = "It goes: " + method_text(k::to_string(command->method));
    if (command->nodes.size() > 1) out += fmt::format(" of {} nodes", command->nodes.size());
    out += types.empty() ? ", no replacement." : ", replaced by " + counted_names(types) + ".";
    if (!answer.ok()) out += " Consolidation of it alone would leave it: " + alone + ".";
    return out;
  }
  const auto kept = std::find_if(d.decision->kept.begin(), d.decision->kept.end(),
                                 [&](const auto& x) { return x.first == *focus_.node; });
  const bool other = !d.decision->reused && kept != d.decision->kept.end() && kept->second != answer.reason &&
                     kept->second != k::KeepReason::none;
  if (other)
    return fmt::format("It stays: {}. Without that: {}.", k::to_string(kept->second),
                       (answer.ok() ? "it could go, " : "it would stay, ") + alone);
  return answer.ok() ? "It could go: " + alone + "." : "It stays: " + alone + ".";
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
  double usd_per_hour = 0;
  const std::vector<std::string> types = cheapest_types(world, cluster, removal.result.claims, usd_per_hour);
  if (!types.empty()) {
    t.replacement = counted_names(types);
    t.replacement_nodes = static_cast<std::int64_t>(types.size());
    t.replacement_usd_per_hour = usd_per_hour;
  }
  const k::ConsolidationAnswer answer = k::consolidate(cluster, *d.input, templates, std::span(&*candidate, 1));
  t.conclusion = trial_conclusion(world, d, answer, moving.empty());
  trial = std::move(t);
}

}  // namespace plimsoll::cli
