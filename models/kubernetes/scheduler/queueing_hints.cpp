#include "models/kubernetes/scheduler/queueing_hints.h"

#include <algorithm>
#include <bit>

#include "models/kubernetes/scheduler/match.h"

namespace plimsoll::kubernetes {

namespace {

using Kind = ClusterEvent::Kind;

PluginId filter_of(Reason reason) {
  switch (reason) {
    case Reason::unschedulable:
      return PluginId::node_unschedulable;
    case Reason::node_name:
      return PluginId::node_name;
    case Reason::taint:
      return PluginId::taint_toleration;
    case Reason::node_affinity:
    case Reason::added_node_affinity:
      return PluginId::node_affinity;
    case Reason::host_ports:
      return PluginId::node_ports;
    case Reason::spread_missing_label:
    case Reason::spread_skew:
      return PluginId::pod_topology_spread;
    case Reason::pod_affinity:
    case Reason::pod_anti_affinity:
    case Reason::existing_anti_affinity:
      return PluginId::inter_pod_affinity;
    case Reason::exclusive_claim:
      return PluginId::volume_restrictions;
    case Reason::too_many_volumes:
      return PluginId::node_volume_limits;
    case Reason::unbound_claim:
    case Reason::volume_node_affinity:
    case Reason::no_volume_to_bind:
      return PluginId::volume_binding;
    case Reason::missing_claim:
      return PluginId::volume_restrictions;
    case Reason::volume_zone:
      return PluginId::volume_zone;
    default:
      return PluginId::node_resources_fit;
  }
}

bool is_node_event(Kind kind) { return kind == Kind::node_added || kind == Kind::node_uncordoned; }

/// Which events a filter has registered for.
bool registered(PluginId plugin, Kind kind) {
  switch (plugin) {
    case PluginId::pod_topology_spread:
      return true;
    case PluginId::inter_pod_affinity:
      return kind != Kind::node_deleted;
    case PluginId::node_resources_fit:
    case PluginId::node_ports:
    case PluginId::node_volume_limits:
      return is_node_event(kind) || kind == Kind::pod_deleted;
    case PluginId::volume_restrictions:
      return kind == Kind::pod_deleted;
    default:
      return is_node_event(kind);
  }
}

/// The node's room without any pod on it.
bool empty_node_holds(const ClusterView& view, const PodShape& pod, Row row) {
  for (std::size_t r = 0; r < kResourceCount; ++r) {
    const auto resource = static_cast<Resource>(r);
    if (pod.requests[resource] > view.snapshot.allocatable(resource)[row]) return false;
  }
  return std::all_of(pod.extended.begin(), pod.extended.end(),
                     [&](const auto& e) { return e.second <= view.snapshot.allocatable_extended(row, e.first); });
}

bool spread_hint(const ClusterView& view, const PodShape& pod, const ClusterEvent& event) {
  const auto hard = [&](auto&& test) {
    return std::any_of(pod.spread.begin(), pod.spread.end(), [&](const TopologySpreadConstraint& c) {
      return c.when == WhenUnsatisfiable::do_not_schedule && test(c);
    });
  };
  if (event.kind == Kind::node_deleted) return true;
  if (is_node_event(event.kind)) {
    return !hard(
        [&](const TopologySpreadConstraint& c) { return !view.snapshot.node(event.row).labels.has(c.topology_key); });
  }
  const PodShape& other = view.shapes[event.shape];
  const auto same_values = [&](const TopologySpreadConstraint& c) {
    return std::all_of(c.match_label_keys.begin(), c.match_label_keys.end(), [&](NameId key) {
      const NameId value = pod.labels.find(key);
      return value.is_none() || other.labels.find(key) == value;
    });
  };
  return other.namespace_name == pod.namespace_name && hard([&](const TopologySpreadConstraint& c) {
           return same_values(c) && matches(c.selector, other.labels, view.names);
         });
}

bool affinity_hint(const ClusterView& view, const PodShape& pod, const ClusterEvent& event) {
  const auto any = [](const std::vector<PodAffinityTerm>& terms, auto&& test) {
    return std::any_of(terms.begin(), terms.end(), test);
  };
  if (is_node_event(event.kind)) {
    const Labels& labels = view.snapshot.node(event.row).labels;
    const auto has_key = [&](const PodAffinityTerm& t) { return labels.has(t.topology_key); };
    // A pod without terms of its own was kept off by those of others.
    return std::all_of(pod.pod_required.begin(), pod.pod_required.end(), has_key);
  }
  const PodShape& other = view.shapes[event.shape];
  if (event.kind == Kind::pod_assigned) {
    return any(pod.pod_required, [&](const PodAffinityTerm& t) { return matches(t, pod, other, view.names); });
  }
  return any(pod.anti_required, [&](const PodAffinityTerm& t) { return matches(t, pod, other, view.names); }) ||
         any(other.anti_required, [&](const PodAffinityTerm& t) { return matches(t, other, pod, view.names); });
}

bool ports_hint(const ClusterView& view, const PodShape& pod, const ClusterEvent& event) {
  if (is_node_event(event.kind)) return true;
  const auto& used = view.shapes[event.shape].host_ports;
  return std::any_of(pod.host_ports.begin(), pod.host_ports.end(), [&](const HostPort& wanted) {
    return std::any_of(used.begin(), used.end(), [&](const HostPort& u) { return u.port == wanted.port; });
  });
}

bool hint(const ClusterView& view, PluginId plugin, const PodShape& pod, const ClusterEvent& event) {
  const auto node = [&]() -> const SnapshotNode& { return view.snapshot.node(event.row); };
  switch (plugin) {
    case PluginId::node_resources_fit:
      return event.kind == Kind::pod_deleted || empty_node_holds(view, pod, event.row);
    case PluginId::taint_toleration:
      return first_untolerated(node().taints, pod.tolerations) == nullptr;
    case PluginId::node_affinity:
      return matches_required(pod, node(), view.names);
    case PluginId::node_unschedulable:
      return !node().unschedulable;
    case PluginId::node_name:
      return pod.node_name == node().name;
    case PluginId::pod_topology_spread:
      return spread_hint(view, pod, event);
    case PluginId::inter_pod_affinity:
      return affinity_hint(view, pod, event);
    case PluginId::node_ports:
      return ports_hint(view, pod, event);
    default:
      return true;
  }
}

}  // namespace

std::uint32_t rejecting_plugins(const Decision& decision) {
  std::uint32_t plugins = 0;
  for (std::size_t i = 0; i < kReasonCount; ++i) {
    if (decision.failed[i] > 0) plugins |= 1u << static_cast<unsigned>(filter_of(static_cast<Reason>(i)));
  }
  return plugins;
}

bool may_help(const Framework& framework, const ClusterView& view, const QueuedPod& queued, const ClusterEvent& event) {
  const KubernetesVersion version = framework.profile().version;
  const PodShape& pod = view.shapes[queued.shape];
  if (version != KubernetesVersion::current && event.kind == Kind::pod_assigned) {
    const PodShape& other = view.shapes[event.shape];
    return std::any_of(pod.pod_required.begin(), pod.pod_required.end(),
                       [&](const PodAffinityTerm& t) { return matches(t, pod, other, view.names); });
  }
  if (version == KubernetesVersion::v1_20) return event.kind != Kind::node_deleted;
  if (queued.rejected == 0) return true;
  // The node may have gone again before its event was seen.
  if (is_node_event(event.kind) && (event.row >= view.snapshot.rows() || !view.snapshot.alive(event.row))) return false;
  for (std::uint32_t bits = queued.rejected; bits != 0; bits &= bits - 1) {
    const auto plugin = static_cast<PluginId>(std::countr_zero(bits));
    if (!registered(plugin, event.kind)) continue;
    if (version != KubernetesVersion::current || hint(view, plugin, pod, event)) return true;
  }
  return false;
}

}  // namespace plimsoll::kubernetes
