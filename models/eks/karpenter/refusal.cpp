#include "models/eks/karpenter/refusal.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/eks/karpenter/relaxation.h"
#include "models/kubernetes/scheduler/match.h"
#include "sim/core/text.h"

namespace plimsoll::eks::karpenter {

namespace {

constexpr std::size_t kMostValues = 5;

/// The pool with what its nodes and the planned claims leave of its limits.
NodePool with_limits_left(const Cluster& cluster, std::size_t index, std::span<const PlannedClaim> planned) {
  NodePool pool = cluster.pools[index];
  const auto take = [&](const InstanceType& t) {
    if (pool.cpu_limit) *pool.cpu_limit = Cpu{pool.cpu_limit->raw() - t.capacity.cpu().raw()};
    if (pool.memory_limit) *pool.memory_limit = Bytes{pool.memory_limit->raw() - t.capacity.memory().raw()};
    if (pool.storage_limit)
      *pool.storage_limit = Bytes{pool.storage_limit->raw() - t.capacity[Resource::ephemeral_storage]};
    if (pool.pods_limit) *pool.pods_limit -= t.capacity[Resource::pods];
    if (pool.gpu_limit) *pool.gpu_limit -= t.capacity[Resource::gpus];
    if (pool.node_limit) --*pool.node_limit;
    for (auto& [name, left] : pool.extended_limits) {
      for (const auto& [device, amount] : t.extended) left -= device == name ? amount : 0;
    }
  };
  for (const ClusterNode& n : cluster.nodes) {
    if (n.pool == index && !n.deleting) take(cluster.types[n.type]);
  }
  for (const PlannedClaim& c : planned) {
    if (c.pool == index && !c.types.empty()) take(cluster.types[c.types.back()]);
  }
  return pool;
}

std::string taint_text(const Taint& t, const Names& names) {
  constexpr std::string_view kEffects[] = {"NoSchedule", "PreferNoSchedule", "NoExecute"};
  std::string out(names.text(t.key));
  if (!t.value.is_none() && !names.text(t.value).empty()) out += "=" + std::string(names.text(t.value));
  return out + ":" + std::string(kEffects[static_cast<std::size_t>(t.effect)]);
}

/// A well-known label of which the key is only the last part.
std::string typo_hint(const WellKnownLabels& known, std::string_view key, const Names& names) {
  std::string best;
  for (const NameId id : known.keys()) {
    const std::string text(names.text(known.normalized(id)));
    if (text.ends_with("/" + std::string(key)) && (best.empty() || text < best)) best = text;
  }
  return best.empty() ? "" : " (typo of \"" + best + "\"?)";
}

/// The first entry of the pod's requirements that the template's rule out; empty when none is.
std::string conflict(const Cluster& cluster, const Requirements& own, const Requirements& pod) {
  const Names& names = cluster.sim.names;
  for (const KeyRequirement& r : pod.entries()) {
    if (own.has(r.key) || cluster.known.contains(r.key) || r.allows_absence()) continue;
    const std::string key(names.text(r.key));
    return "label \"" + key + "\" does not have known values" + typo_hint(cluster.known, key, names);
  }
  for (const KeyRequirement& r : pod.entries()) {
    const KeyRequirement* mine = own.find(r.key);
    if (mine == nullptr) continue;
    Requirements one, other;
    one.add(*mine, names);
    other.add(r, names);
    if (one.intersects(other, names)) continue;
    return fmt::format("key {}, {} not in {}", names.text(r.key), requirement_text(r, names),
                       requirement_text(*mine, names));
  }
  return "";
}

std::string resources_text(const ResourceVector& r, const ExtendedResources& extended, const Names& names) {
  std::string out = fmt::format("{{\"cpu\":\"{}\",\"memory\":\"{}\",\"pods\":\"{}\"", to_string(r.cpu()),
                                to_string(r.memory()), std::max<std::int64_t>(r[Resource::pods], 1));
  if (r[Resource::gpus] > 0) out += fmt::format(",\"nvidia.com/gpu\":\"{}\"", r[Resource::gpus]);
  for (const auto& [name, amount] : extended) out += fmt::format(",\"{}\":\"{}\"", names.text(name), amount);
  return out + "}";
}

bool has_resources(const ResourceVector& requests, const ExtendedResources& extended, const InstanceType& type) {
  return requests.fits_in(type.allocatable) && std::all_of(extended.begin(), extended.end(), [&](const auto& need) {
           return std::any_of(type.extended.begin(), type.extended.end(),
                              [&](const auto& has) { return has.first == need.first && has.second >= need.second; });
         });
}

/// Which of the three tests no type passed, alone or together with another. SOURCE: nodeclaim.go
/// (InstanceTypeFilterError).
std::string types_failure(const Cluster& cluster, std::span<const std::uint32_t> types, const Requirements& wanted,
                          const ResourceVector& requests, const ExtendedResources& extended) {
  const OfferingMask mask = cluster.types.mask(wanted, cluster.known, cluster.sim.names);
  bool labels = false, room = false, offer = false, labels_room = false, labels_offer = false, room_offer = false;
  for (const std::uint32_t t : types) {
    const bool a = cluster.types[t].labels.intersects(wanted, cluster.sim.names);
    const bool b = has_resources(requests, extended, cluster.types[t]);
    const bool c = cluster.types.has_offering(t, mask);
    if (a && b && c) return "";
    labels = labels || a;
    room = room || b;
    offer = offer || c;
    labels_room = labels_room || (a && b);
    labels_offer = labels_offer || (a && c);
    room_offer = room_offer || (b && c);
  }
  if (!labels && !room) return "no instance type met the scheduling requirements or had enough resources";
  if (!labels && !offer) return "no instance type met the scheduling requirements or had a required offering";
  if (!room && !offer) return "no instance type had enough resources or had a required offering";
  if (!labels) return "no instance type met all requirements";
  if (!room) return "no instance type has enough resources";
  if (!offer) return "no instance type has the required offering";
  if (labels_room)
    return "no instance type which met the scheduling requirements and had enough resources, had a required offering";
  if (room_offer)
    return "no instance type which had enough resources and the required offering met the scheduling requirements";
  if (labels_offer)
    return "no instance type which met the scheduling requirements and the required offering had the required "
           "resources";
  return "no instance type met the requirements/resources/offering tuple";
}

std::string refusal_of(const Cluster& cluster, const PoolTemplates::Template& t, const PodShape& pod,
                       std::span<const PlannedClaim> planned) {
  const Names& names = cluster.sim.names;
  if (t.types.empty()) return "NodePool requirements filtered out all compatible available instance types";
  const NodePool pool = with_limits_left(cluster, t.pool, planned);
  if (pool.node_limit && *pool.node_limit < 1) return "node limits have been exhausted";
  std::vector<std::uint32_t> types;
  for (const std::uint32_t type : t.types) {
    if (within_limits(pool, cluster.types[type])) types.push_back(type);
  }
  if (types.empty()) return "all available instance types exceed limits";
  for (const Taint& taint : pool.taints) {
    if (!kubernetes::tolerated(pod.tolerations, taint))
      return "did not tolerate taint (taint=" + taint_text(taint, names) + ")";
  }
  const Requirements wanted = pod_requirements(pod, false, cluster.known, names);
  if (const std::string why = conflict(cluster, t.requirements, wanted); !why.empty())
    return "incompatible requirements, " + why;
  Requirements both = t.requirements;
  both.add(wanted, names);
  const ResourceVector requests = t.daemon_requests + pod.requests;
  const std::string failure = types_failure(cluster, types, both, requests, pod.extended);
  if (!failure.empty()) return failure + ", resources=" + resources_text(requests, pod.extended, names);
  if (both.has_min_values()) {
    std::vector<std::uint32_t> left;
    const OfferingMask mask = cluster.types.mask(both, cluster.known, cluster.sim.names);
    for (const std::uint32_t type : types) {
      if (cluster.types[type].labels.intersects(both, names) && cluster.types.has_offering(type, mask) &&
          has_resources(requests, pod.extended, cluster.types[type]))
        left.push_back(type);
    }
    if (!cluster.types.types_for_min_values(left, both)) return "minValues requirement is not met";
  }
  if (!pod.anti_required.empty()) return "unsatisfiable topology constraint for pod anti-affinity";
  if (!pod.pod_required.empty()) return "unsatisfiable topology constraint for pod affinity";
  return pod.spread.empty() ? "" : "unsatisfiable topology constraint for topology spread";
}

}  // namespace

std::string requirement_text(const KeyRequirement& r, const Names& names) {
  std::string out(names.text(r.key));
  std::vector<std::string> values;
  for (const NameId v : r.values) values.emplace_back(names.text(v));
  std::sort(values.begin(), values.end());
  if (values.empty()) {
    out += r.complement ? " Exists" : " DoesNotExist";
  } else {
    out += r.complement ? " NotIn [" : " In [";
    for (std::size_t i = 0; i < values.size() && i < kMostValues; ++i) out += (i == 0 ? "" : " ") + values[i];
    if (values.size() > kMostValues) out += fmt::format(" and {} others", values.size() - kMostValues);
    out += "]";
  }
  if (r.greater_than) out += fmt::format(" >{}", *r.greater_than);
  if (r.less_than) out += fmt::format(" <{}", *r.less_than);
  if (r.min_values) out += fmt::format(" minValues {}", *r.min_values);
  return out;
}

std::vector<PoolRefusal> pool_refusals(const Cluster& cluster, const PoolTemplates& templates, ShapeId shape,
                                       std::span<const PlannedClaim> planned) {
  PodShape pod = cluster.sim.shapes[shape];
  while (const std::optional<PodShape> looser = relaxed(pod, templates.has_soft_taint())) pod = *looser;
  std::vector<PoolRefusal> out;
  for (const PoolTemplates::Template& t : templates.by_weight()) {
    if (std::string why = refusal_of(cluster, t, pod, planned); !why.empty()) out.push_back({t.pool, std::move(why)});
  }
  return out;
}

}  // namespace plimsoll::eks::karpenter
