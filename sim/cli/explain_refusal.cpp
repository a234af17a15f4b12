#include "sim/cli/explain_refusal.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "models/eks/cluster_autoscaler/estimator.h"
#include "models/kubernetes/scheduler/reason_text.h"

namespace plimsoll::cli {

namespace {

using eks::ca::SkipReason;

/// More kinds of pods are not looked at.
constexpr std::size_t kMostShapes = 8;

/// A copy of the cluster to try nodes of groups on; names of nodes that are only imagined stay out of the world's.
struct ScaleUpBench {
  ScaleUpBench(World& world, const eks::ScaleUpDetail& pass)
      : names(world.names),
        snapshot(world.placement),
        sim(snapshot, pass.sim->framework, scratch, world.shapes, names, simulated) {}

  bool fits_now(ShapeId shape) const {
    for (Row row = 0; row < snapshot.rows(); ++row) {
      if (snapshot.alive(row) && sim.fits(shape, row)) return true;
    }
    return false;
  }
  /// The predicate's words of a pod on a new node of the group; empty when it fits.
  std::string why_not(const eks::ca::NodeGroup& group, ShapeId shape) {
    const eks::Trial trial(sim);
    const Row row = eks::ca::add_template_node(sim, group, 0);
    const kubernetes::Verdict verdict = sim.verdict(shape, row);
    if (verdict.ok()) return "";
    const kubernetes::ClusterView view{snapshot, sim.shapes, names};
    std::string out;
    for (const std::string& text : kubernetes::reason_texts(sim.framework, view, shape, row, verdict))
      out += (out.empty() ? "" : ", ") + text;
    return out;
  }

  Names names;
  Snapshot snapshot;
  kubernetes::Scratch scratch;
  std::uint64_t simulated = 0;
  eks::Simulation sim;
};

std::string_view skipped_text(SkipReason reason) {
  switch (reason) {
    case SkipReason::unhealthy:
      return "not ready for scale-up";
    case SkipReason::backed_off:
      return "in backoff after failed scale-up";
    case SkipReason::at_maximum:
      return "max node group size reached";
    case SkipReason::resource_limit:
      return "max cluster cpu, memory limit reached";
    default:
      return "";
  }
}

}  // namespace

PredicateRefusals group_refusals(World& world, const eks::ScaleUpDetail& pass, std::size_t group) {
  PredicateRefusals out;
  if (pass.sim == nullptr) return out;
  ScaleUpBench bench(world, pass);
  std::vector<std::pair<ShapeId, std::vector<PodId>>> kinds;
  for (const eks::ca::PendingPod& p : pass.pending) {
    if (p.id.index() >= world.pods().size()) continue;  // only expected yet
    auto at = std::find_if(kinds.begin(), kinds.end(), [&](const auto& k) { return k.first == p.shape; });
    if (at == kinds.end() && kinds.size() == kMostShapes) continue;
    if (at == kinds.end()) at = kinds.insert(kinds.end(), {p.shape, {}});
    at->second.push_back(p.id);
  }
  for (const auto& [shape, pods] : kinds) {
    if (bench.fits_now(shape)) continue;
    std::string why = bench.why_not(pass.groups[group], shape);
    if (why.empty()) continue;
    const auto same = std::find_if(out.begin(), out.end(), [&](const auto& r) { return r.second == why; });
    if (same == out.end()) {
      out.emplace_back(pods, std::move(why));
    } else {
      same->first.insert(same->first.end(), pods.begin(), pods.end());
    }
  }
  return out;
}

std::string not_triggered_text(World& world, const eks::ScaleUpDetail& pass, PodId pod) {
  const auto& up = *pass.decision;
  const ShapeId shape = world.pod(pod).shape;
  if (up.outcome == eks::ca::ScaleUpOutcome::max_nodes_reached)
    return "no group may grow: the cluster has what max-nodes-total, cores-total or memory-total allow";
  if (pass.sim == nullptr || up.groups.empty()) return "";
  ScaleUpBench bench(world, pass);
  if (bench.fits_now(shape)) return "";
  std::map<std::string, int> reasons;
  for (const eks::ca::GroupOption& g : up.groups) {
    std::string why(skipped_text(g.skipped));
    if (why.empty()) why = bench.why_not(pass.groups[g.group], shape);
    if (why.empty()) return "";
    ++reasons[why];
  }
  std::string out;
  for (const auto& [why, count] : reasons) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, why);
  return "pod didn't trigger scale-up: " + out;
}

}  // namespace plimsoll::cli
