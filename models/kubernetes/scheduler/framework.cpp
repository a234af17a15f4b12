#include "models/kubernetes/scheduler/framework.h"

#include <algorithm>

#include "models/kubernetes/scheduler/balanced_allocation.h"
#include "models/kubernetes/scheduler/custom_score.h"
#include "models/kubernetes/scheduler/cycle_runner.h"
#include "models/kubernetes/scheduler/image_locality.h"
#include "models/kubernetes/scheduler/inter_pod_affinity.h"
#include "models/kubernetes/scheduler/least_allocated.h"
#include "models/kubernetes/scheduler/most_allocated.h"
#include "models/kubernetes/scheduler/node_affinity.h"
#include "models/kubernetes/scheduler/node_name.h"
#include "models/kubernetes/scheduler/node_ports.h"
#include "models/kubernetes/scheduler/node_prefer_avoid_pods.h"
#include "models/kubernetes/scheduler/node_resources_fit.h"
#include "models/kubernetes/scheduler/node_unschedulable.h"
#include "models/kubernetes/scheduler/node_volume_limits.h"
#include "models/kubernetes/scheduler/pod_topology_spread.h"
#include "models/kubernetes/scheduler/requested_to_capacity_ratio.h"
#include "models/kubernetes/scheduler/taint_toleration.h"
#include "models/kubernetes/scheduler/volume_binding.h"
#include "models/kubernetes/scheduler/volume_restrictions.h"
#include "models/kubernetes/scheduler/volume_zone.h"
#include "sim/core/assert.h"

namespace plimsoll::kubernetes {

namespace {

std::shared_ptr<const Plugin> make_plugin(PluginId id, const Profile& p) {
  switch (id) {
    case PluginId::node_unschedulable:
      return std::make_shared<NodeUnschedulable>();
    case PluginId::node_name:
      return std::make_shared<NodeNamePlugin>();
    case PluginId::taint_toleration:
      return std::make_shared<TaintToleration>();
    case PluginId::node_affinity:
      return std::make_shared<NodeAffinity>(p.added_node_required, p.added_node_preferred);
    case PluginId::node_ports:
      return std::make_shared<NodePorts>();
    case PluginId::node_resources_fit:
      return std::make_shared<NodeResourcesFit>(p.fit_resources, p.ignored_resources, p.ignored_resource_groups);
    case PluginId::pod_topology_spread:
      return std::make_shared<PodTopologySpread>(p.default_spread, p.default_constraints);
    case PluginId::inter_pod_affinity:
      return std::make_shared<InterPodAffinity>(p.hard_pod_affinity_weight, p.ignore_preferred_terms_of_existing_pods);
    case PluginId::balanced_allocation:
      return std::make_shared<BalancedAllocation>(p.balanced_resources);
    case PluginId::least_allocated:
      return std::make_shared<LeastAllocated>(p.fit_resources);
    case PluginId::most_allocated:
      return std::make_shared<MostAllocated>(p.fit_resources);
    case PluginId::requested_to_capacity_ratio:
      return std::make_shared<RequestedToCapacityRatio>(p.fit_resources, p.capacity_shape);
    case PluginId::image_locality:
      return std::make_shared<ImageLocality>();
    case PluginId::volume_restrictions:
      return std::make_shared<VolumeRestrictions>();
    case PluginId::node_volume_limits:
      return std::make_shared<NodeVolumeLimits>();
    case PluginId::volume_binding:
      return std::make_shared<VolumeBinding>();
    case PluginId::volume_zone:
      return std::make_shared<VolumeZone>();
    case PluginId::node_prefer_avoid_pods:
      return std::make_shared<NodePreferAvoidPods>();
    case PluginId::custom:  // one object each, made by the framework
    case PluginId::none:
      break;
  }
  return nullptr;
}

}  // namespace

Framework::Framework(Profile profile, Names& names) : profile_(std::move(profile)), keys_(names) {
  // One object a plugin, so that its filter and its score share one state.
  std::array<std::shared_ptr<const Plugin>, kPluginCount> made;
  const auto get = [&](PluginId id) {
    auto& plugin = made[static_cast<std::size_t>(id)];
    if (!plugin) plugin = make_plugin(id, profile_);
    PLIMSOLL_ASSERT(plugin != nullptr);
    return plugin;
  };
  for (const PluginId id : profile_.filters) filters_.push_back(get(id));
  for (const Profile::Score& s : profile_.scores) scorers_.push_back({get(s.plugin), s.weight});
  for (const Profile::Custom& c : profile_.custom_scores)
    scorers_.push_back({std::make_shared<CustomScore>(c.policy), c.weight});
  for (const auto& plugin : made) {
    if (plugin && plugin->scope() == Scope::cluster) cluster_.push_back(plugin);
  }
}

void Framework::set_services(std::vector<ServiceSelector> services) {
  if (services == services_) return;
  services_ = std::move(services);
  ++services_version_;
}

Verdict Framework::filter_row(const ClusterView& view, ShapeId shape, Row row, Scratch& scratch) const {
  return CycleRunner(*this, view, shape, scratch, Path::fast).filter_row(row);
}

Verdict Framework::filter_alone(const ClusterView& view, ShapeId shape, Row row) const {
  const Cycle cycle{view, view.shapes[shape], shape, keys_, profile_.version, services_};
  Verdict verdict;
  for (const auto& plugin : filters_) {
    if (plugin->scope() == Scope::cluster || !plugin->filters(cycle)) continue;
    plugin->filter(cycle, {&row, 1}, {&verdict, 1});
    if (!verdict.ok()) break;
  }
  return verdict;
}

void Framework::filter_all(const ClusterView& view, ShapeId shape, Scratch& scratch, std::vector<Row>& rows,
                           std::vector<Verdict>& verdicts, Path path) const {
  CycleRunner(*this, view, shape, scratch, path).filter_all(rows, verdicts);
}

std::span<const Row> Framework::find_feasible(const ClusterView& view, ShapeId shape, SearchState& search,
                                              Scratch& scratch, Decision& counts, Path path) const {
  return CycleRunner(*this, view, shape, scratch, path).find_feasible(search, counts);
}

Decision Framework::schedule_one(const ClusterView& view, ShapeId shape, SearchState& search, const TieDraw& draw,
                                 Scratch& scratch, Path path) const {
  return CycleRunner(*this, view, shape, scratch, path).schedule_one(search, draw);
}

Grid Framework::explain(const ClusterView& view, ShapeId shape, Scratch& scratch) const {
  return CycleRunner(*this, view, shape, scratch, Path::fast).explain();
}

Grid Framework::score_rows(const ClusterView& view, ShapeId shape, std::span<const Row> rows, Scratch& scratch) const {
  return CycleRunner(*this, view, shape, scratch, Path::fast).score_rows(rows);
}

}  // namespace plimsoll::kubernetes
