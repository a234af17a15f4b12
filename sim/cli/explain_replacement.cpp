#include "sim/cli/explain_replacement.h"

#include "models/eks/cluster_autoscaler/equivalence.h"
#include "models/eks/cluster_autoscaler/estimator.h"
#include "sim/billing/bill.h"

namespace plimsoll::cli {

double hourly_price(World& world, std::string_view instance_type, bool spot) {
  const auto* bill = world.find_component<billing::Bill>();
  if (bill == nullptr) return -1;
  const std::string item = "ec2/" + std::string(instance_type) + (spot ? "/spot" : "/on-demand");
  for (const auto& line : bill->lines()) {
    if (line.what.item == item) return static_cast<double>(line.what.rate.raw()) * 1e-12;
  }
  return -1;
}

namespace {

/// Copies to try things out on: a look must leave no trace, and names of nodes that are only imagined stay out of the
/// world's.
struct Bench {
  Bench(const World& world, NodeId node) : names(world.names), snapshot(world.placement) {
    snapshot.remove_node(world.node(node).row);
  }
  eks::Simulation simulation(World& world, const eks::ScaleDownDetail& pass) {
    return {snapshot, pass.sim->framework, scratch, world.shapes, names, simulated};
  }
  Names names;
  Snapshot snapshot;
  kubernetes::Scratch scratch;
  std::uint64_t simulated = 0;
};

}  // namespace

std::vector<PodId> without_place(World& world, const eks::ScaleDownDetail& pass, NodeId node,
                                 std::span<const PodId> pods) {
  Bench bench(world, node);
  const eks::Simulation sim = bench.simulation(world, pass);
  std::vector<PodId> out;
  for (const PodId id : pods) {
    const ShapeId shape = world.pod(id).shape;
    Row row = 0;
    while (row < bench.snapshot.rows() && !(bench.snapshot.alive(row) && sim.fits(shape, row))) ++row;
    if (row < bench.snapshot.rows()) {
      sim.place(row, id, shape);
    } else {
      out.push_back(id);
    }
  }
  return out;
}

std::optional<GroupReplacement> cheapest_group(World& world, const eks::ScaleDownDetail& pass, NodeId node,
                                               std::span<const PodId> pods) {
  namespace ca = eks::ca;
  Bench bench(world, node);
  const eks::Simulation sim = bench.simulation(world, pass);
  const Names& names = bench.names;
  std::vector<ca::PendingPod> pending;
  for (const PodId id : pods) {
    const Pod& pod = world.pod(id);
    pending.push_back({id, pod.shape, pod.workload, pod.created, {}});
  }
  const std::vector<ca::PodGroup> alike = ca::equivalence_groups(pending);
  std::optional<GroupReplacement> best;
  for (const ca::NodeGroup& group : pass.groups) {
    const auto label = [&](std::string_view key) -> std::string_view {
      const NameId name = names.find(key), value = name.is_none() ? NameId{} : group.node.labels.find(name);
      return value.is_none() ? std::string_view{} : names.text(value);
    };
    const std::string type(label("node.kubernetes.io/instance-type"));
    const double price = hourly_price(world, type, label("eks.amazonaws.com/capacityType") == "SPOT");
    if (price < 0) continue;
    const ca::Estimate e =
        ca::estimate(sim, group, alike, ca::Limiter{}, ca::estimator_rules(pass.input->options->minor));
    if (e.pods < static_cast<std::int64_t>(pods.size())) continue;
    const double all = price * static_cast<double>(e.nodes);
    if (!best || all < best->usd_per_hour) best = {group.name, type, e.nodes, all};
  }
  return best;
}

}  // namespace plimsoll::cli
