#include "models/eks/karpenter/topology.h"

#include <algorithm>

#include "models/kubernetes/scheduler/match.h"

namespace plimsoll::eks::karpenter {

namespace {

std::vector<NameId> namespaces_of(const PodAffinityTerm& term, const PodShape& owner) {
  if (term.namespaces.empty() && !term.namespace_selector.present) return {owner.namespace_name};
  return term.namespaces;
}

bool allows_value(const KeyRequirement* r, NameId value, const Names& names) {
  return r == nullptr || r->has(value, names);
}

}  // namespace

Topology::Topology(const Simulation& sim, const DomainUniverse& universe)
    : sim_(sim), universe_(universe), hostname_(sim.framework.keys().hostname) {
  // Pods that are there keep others away.
  std::vector<std::uint8_t> seen(sim_.shapes.size(), 0);
  for (Row row = 0; row < sim_.snapshot.rows(); ++row) {
    if (!sim_.snapshot.alive(row)) continue;
    for (const PodOnNode& pod : sim_.snapshot.pods(row)) {
      if (seen[pod.shape.index()] != 0) continue;
      seen[pod.shape.index()] = 1;
      const PodShape& shape = sim_.shapes[pod.shape];
      for (const PodAffinityTerm& term : shape.anti_required) {
        group_of({.kind = Kind::inverse,
                  .key = term.topology_key,
                  .selector = kubernetes::selector_of(term, shape),
                  .namespaces = namespaces_of(term, shape),
                  .min_domains = {},
                  .filter = {},
                  .domains = {},
                  .owners = {},
                  .selected = {}},
                 pod.shape);
      }
    }
  }
}

void Topology::announce(ShapeId id) {
  if (announced_.size() <= id.index()) announced_.resize(id.index() + 1, 0);
  if (announced_[id.index()] != 0) return;
  announced_[id.index()] = 1;
  concerned_.clear();
  const PodShape& shape = sim_.shapes[id];
  for (const TopologySpreadConstraint& c : shape.spread) {
    Group g;
    g.kind = Kind::spread;
    g.key = c.topology_key;
    g.selector = c.selector;
    for (const NameId key : c.match_label_keys) {
      if (const NameId value = shape.labels.find(key); !value.is_none()) {
        g.selector.requirements.push_back({key, SelectorOp::in, {value}, 0});
      }
    }
    g.namespaces = {shape.namespace_name};
    g.max_skew = c.max_skew;
    g.min_domains = c.min_domains;
    if (c.node_affinity_policy == InclusionPolicy::honor && (!shape.node_selector.empty() || shape.node_required))
      g.filter = id;
    group_of(std::move(g), id);
  }
  const auto add_term = [&](const PodAffinityTerm& term, Kind kind) {
    Group g;
    g.kind = kind;
    g.key = term.topology_key;
    g.selector = kubernetes::selector_of(term, shape);
    g.namespaces = namespaces_of(term, shape);
    group_of(std::move(g), id);
  };
  for (const PodAffinityTerm& t : shape.pod_required) add_term(t, Kind::affinity);
  for (const WeightedPodAffinityTerm& t : shape.pod_preferred) add_term(t.term, Kind::affinity);
  for (const PodAffinityTerm& t : shape.anti_required) {
    add_term(t, Kind::anti_affinity);
    add_term(t, Kind::inverse);
  }
  for (const WeightedPodAffinityTerm& t : shape.anti_preferred) add_term(t.term, Kind::anti_affinity);
}

Topology::Group& Topology::group_of(Group wanted, ShapeId owner) {
  const auto same_filter = [&](ShapeId a, ShapeId b) {
    if (a == b) return true;
    if (a.is_none() || b.is_none()) return false;
    return sim_.shapes[a].node_selector == sim_.shapes[b].node_selector &&
           sim_.shapes[a].node_required == sim_.shapes[b].node_required;
  };
  for (Group& g : groups_) {
    if (g.kind == wanted.kind && g.key == wanted.key && g.selector == wanted.selector &&
        g.namespaces == wanted.namespaces && g.max_skew == wanted.max_skew && g.min_domains == wanted.min_domains &&
        same_filter(g.filter, wanted.filter)) {
      if (!owned(g, owner)) {
        g.owners.push_back(owner);
        // What the new owner's pods already occupy.
        if (g.kind == Kind::inverse) count_existing(g);
      }
      return g;
    }
  }
  wanted.owners = {owner};
  groups_.push_back(std::move(wanted));
  Group& g = groups_.back();
  for (const auto& [key, values] : universe_) {
    if (key != g.key) continue;
    for (const NameId v : values) domain(g, v);
  }
  count_existing(g);
  return g;
}

/// Recounts from the snapshot.
void Topology::count_existing(Group& group) {
  for (Domain& d : group.domains) d.count = 0;
  if (group.selected.size() < sim_.shapes.size()) group.selected.resize(sim_.shapes.size(), -1);
  const auto counts = [&](ShapeId shape) {
    if (group.kind == Kind::inverse) return owned(group, shape);
    const std::int8_t known = group.selected[shape.index()];
    return known >= 0 ? known != 0 : selects(group, shape);
  };
  for (Row row = 0; row < sim_.snapshot.rows(); ++row) {
    if (!sim_.snapshot.alive(row)) continue;
    const SnapshotNode& node = sim_.snapshot.node(row);
    const NameId value = node.labels.find(group.key);
    if (value.is_none()) continue;
    if (group.key == hostname_) domain(group, value);
    if (!node_counts(group, node)) continue;
    std::int32_t count = 0;
    for (const PodOnNode& pod : sim_.snapshot.pods(row)) {
      if (!pod.terminating && counts(pod.shape)) ++count;
    }
    if (count > 0) domain(group, value).count += count;
  }
}

bool Topology::node_counts(const Group& group, const SnapshotNode& node) const {
  return group.filter.is_none() || kubernetes::matches_required(sim_.shapes[group.filter], node, sim_.names);
}

bool Topology::selects(Group& group, ShapeId shape) {
  if (group.selected.size() <= shape.index()) group.selected.resize(sim_.shapes.size(), -1);
  std::int8_t& known = group.selected[shape.index()];
  if (known < 0) {
    const PodShape& s = sim_.shapes[shape];
    const bool here =
        std::find(group.namespaces.begin(), group.namespaces.end(), s.namespace_name) != group.namespaces.end();
    known = here && kubernetes::matches(group.selector, s.labels, sim_.names) ? 1 : 0;
  }
  return known != 0;
}

bool Topology::owned(const Group& group, ShapeId shape) {
  return std::find(group.owners.begin(), group.owners.end(), shape) != group.owners.end();
}

/// Whether a pod of the shape raises the group's counts.
bool Topology::takes_part(Group& group, ShapeId shape) {
  return group.kind == Kind::inverse ? owned(group, shape) : selects(group, shape);
}

bool Topology::matches(Group& group, ShapeId shape) {
  return group.kind == Kind::inverse ? selects(group, shape) : owned(group, shape);
}

Topology::Domain& Topology::domain(Group& group, NameId value) {
  const auto at =
      std::find_if(group.domains.begin(), group.domains.end(), [&](const Domain& d) { return d.value == value; });
  if (at != group.domains.end()) return *at;
  const std::string_view text = sim_.names.text(value);
  const auto before =
      std::upper_bound(group.domains.begin(), group.domains.end(), text,
                       [&](std::string_view t, const Domain& d) { return t < sim_.names.text(d.value); });
  return *group.domains.insert(before, {value, 0});
}

bool Topology::concerns(ShapeId shape) {
  if (concerned_.size() <= shape.index()) concerned_.resize(sim_.shapes.size(), -1);
  std::int8_t& known = concerned_[shape.index()];
  if (known < 0) {
    known = 0;
    for (Group& g : groups_) {
      if (matches(g, shape) || takes_part(g, shape)) known = 1;
    }
  }
  return known != 0;
}

void Topology::add_hostname(NameId hostname) {
  for (Group& g : groups_) {
    if (g.key == hostname_) domain(g, hostname);
  }
}

/// The least count over the domains that the pod may use; a new host can always be made, so hosts start at zero.
std::int32_t Topology::minimum(const Group& group, const KeyRequirement* pod_domains) const {
  if (group.key == hostname_) return 0;
  std::int32_t least = INT32_MAX;
  std::int32_t supported = 0;
  for (const Domain& d : group.domains) {
    if (!allows_value(pod_domains, d.value, sim_.names)) continue;
    ++supported;
    least = std::min(least, d.count);
  }
  if (group.min_domains && supported < *group.min_domains) return 0;
  return least == INT32_MAX ? 0 : least;
}

/// A pod that its own affinity selects may be the first of its kind.
bool Topology::bootstraps(Group& group, ShapeId shape, const KeyRequirement* pod_domains) {
  return selects(group, shape) && std::none_of(group.domains.begin(), group.domains.end(), [&](const Domain& d) {
           return d.count > 0 && allows_value(pod_domains, d.value, sim_.names);
         });
}

bool Topology::allows(ShapeId shape, const Requirements& pod, const Labels& node) {
  for (Group& g : groups_) {
    if (!matches(g, shape)) continue;
    const NameId value = node.find(g.key);
    if (value.is_none()) {
      if (g.kind == Kind::inverse) continue;
      return false;
    }
    const KeyRequirement* pod_domains = pod.find(g.key);
    const auto at = std::find_if(g.domains.begin(), g.domains.end(), [&](const Domain& d) { return d.value == value; });
    const std::int32_t count = at == g.domains.end() ? 0 : at->count;
    switch (g.kind) {
      case Kind::spread:
        if (at == g.domains.end() || count + (selects(g, shape) ? 1 : 0) - minimum(g, pod_domains) > g.max_skew)
          return false;
        break;
      case Kind::affinity:
        if (count == 0 && !bootstraps(g, shape, pod_domains)) return false;
        break;
      case Kind::anti_affinity:
      case Kind::inverse:
        if (count > 0) return false;
        break;
    }
  }
  return true;
}

std::optional<KeyRequirement> Topology::next_domains(Group& g, ShapeId shape, const Requirements& pod,
                                                     const Requirements& node) {
  const KeyRequirement* pod_domains = pod.find(g.key);
  const KeyRequirement* node_domains = node.find(g.key);
  std::vector<NameId> options;
  switch (g.kind) {
    case Kind::spread: {
      const std::int32_t least = minimum(g, pod_domains);
      const std::int32_t own = selects(g, shape) ? 1 : 0;
      const Domain* best = nullptr;
      for (const Domain& d : g.domains) {
        if (!allows_value(node_domains, d.value, sim_.names) || d.count + own - least > g.max_skew) continue;
        if (best == nullptr || d.count < best->count) best = &d;
      }
      if (best != nullptr) options.push_back(best->value);
      break;
    }
    case Kind::affinity: {
      for (const Domain& d : g.domains) {
        if (d.count > 0 && allows_value(pod_domains, d.value, sim_.names)) options.push_back(d.value);
      }
      if (options.empty() && selects(g, shape)) {
        for (const bool on_node : {true, false}) {
          for (const Domain& d : g.domains) {
            if (!options.empty()) break;
            if (allows_value(pod_domains, d.value, sim_.names) &&
                (!on_node || allows_value(node_domains, d.value, sim_.names))) {
              options.push_back(d.value);
            }
          }
        }
      }
      break;
    }
    case Kind::anti_affinity:
    case Kind::inverse: {
      for (const Domain& d : g.domains) {
        if (d.count == 0 && allows_value(pod_domains, d.value, sim_.names)) options.push_back(d.value);
      }
      break;
    }
  }
  if (options.empty()) return std::nullopt;
  return KeyRequirement::in(g.key, std::move(options));
}

bool Topology::narrow(ShapeId shape, const Requirements& pod, Requirements& node) {
  std::vector<KeyRequirement> found;
  for (Group& g : groups_) {
    if (!matches(g, shape)) continue;
    std::optional<KeyRequirement> domains = next_domains(g, shape, pod, node);
    if (!domains) return false;
    found.push_back(std::move(*domains));
  }
  for (const KeyRequirement& r : found) {
    node.add(r, sim_.names);
    if (node.find(r.key)->is_empty()) return false;
  }
  return true;
}

void Topology::record(ShapeId shape, const Labels& node) {
  for (Group& g : groups_) {
    if (!takes_part(g, shape)) continue;
    if (const NameId value = node.find(g.key); !value.is_none()) ++domain(g, value).count;
  }
}

void Topology::record(ShapeId shape, const Requirements& node) {
  for (Group& g : groups_) {
    if (!takes_part(g, shape)) continue;
    const KeyRequirement* r = node.find(g.key);
    if (r == nullptr || r->complement) continue;
    // Anti-affinity blocks every domain in which the pod could end up; the others count once the domain is certain.
    if (g.kind == Kind::anti_affinity || g.kind == Kind::inverse || r->is_single()) {
      for (const NameId v : r->values) ++domain(g, v).count;
    }
  }
}

}  // namespace plimsoll::eks::karpenter
