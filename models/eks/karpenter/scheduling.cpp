#include "models/eks/karpenter/scheduling.h"

#include <algorithm>
#include <array>
#include <deque>
#include <limits>
#include <string>

#include "models/eks/karpenter/relaxation.h"
#include "models/eks/karpenter/slice_sort.h"
#include "models/kubernetes/scheduler/match.h"
#include "models/kubernetes/scheduler/node_ports.h"

namespace plimsoll::eks::karpenter {

namespace {

bool fits_type(const ResourceVector& requests, const ExtendedResources& extended, const InstanceType& type) {
  if (!requests.fits_in(type.allocatable)) return false;
  return std::all_of(extended.begin(), extended.end(), [&](const auto& need) {
    const auto at =
        std::find_if(type.extended.begin(), type.extended.end(), [&](const auto& e) { return e.first == need.first; });
    return at != type.extended.end() && at->second >= need.second;
  });
}

bool tolerates_all(const std::vector<Taint>& taints, const PodShape& shape) {
  return std::all_of(taints.begin(), taints.end(),
                     [&](const Taint& t) { return kubernetes::tolerated(shape.tolerations, t); });
}

bool ports_conflict(const std::vector<HostPort>& a, const std::vector<HostPort>& b, const kubernetes::WellKnown& keys) {
  return std::any_of(a.begin(), a.end(), [&](const HostPort& x) {
    return std::any_of(b.begin(), b.end(), [&](const HostPort& y) { return kubernetes::host_ports_clash(x, y, keys); });
  });
}

std::int64_t amount_of(const ExtendedResources& extended, NameId name) {
  const auto at = std::find_if(extended.begin(), extended.end(), [name](const auto& e) { return e.first == name; });
  return at == extended.end() ? 0 : at->second;
}

/// What a pool may still add; an absent limit is unlimited.
struct Remaining {
  std::array<std::optional<std::int64_t>, kResourceCount> left;
  std::optional<std::int64_t> nodes;
  ExtendedResources extended;

  bool allows(const InstanceType& t) const {
    for (std::size_t r = 0; r < kResourceCount; ++r) {
      if (left[r] && t.capacity.v[r] > *left[r]) return false;
    }
    if (nodes && *nodes < 1) return false;
    return std::all_of(extended.begin(), extended.end(),
                       [&](const auto& e) { return amount_of(t.extended, e.first) <= e.second; });
  }
  void take(const ResourceVector& capacity, const ExtendedResources& devices) {
    for (std::size_t r = 0; r < kResourceCount; ++r) {
      if (left[r]) *left[r] -= capacity.v[r];
    }
    if (nodes) --*nodes;
    for (auto& e : extended) e.second -= amount_of(devices, e.first);
  }
  bool any() const {
    return nodes || !extended.empty() ||
           std::any_of(left.begin(), left.end(), [](const auto& l) { return l.has_value(); });
  }
};

Remaining limits_of(const NodePool& pool) {
  Remaining r;
  const auto at = [&](Resource resource) -> std::optional<std::int64_t>& {
    return r.left[static_cast<std::size_t>(resource)];
  };
  if (pool.cpu_limit) at(Resource::cpu) = pool.cpu_limit->raw();
  if (pool.memory_limit) at(Resource::memory) = pool.memory_limit->raw();
  if (pool.storage_limit) at(Resource::ephemeral_storage) = pool.storage_limit->raw();
  at(Resource::pods) = pool.pods_limit;
  at(Resource::gpus) = pool.gpu_limit;
  r.nodes = pool.node_limit;
  r.extended = pool.extended_limits;
  return r;
}

/// A planned node while pods are added to it.
struct Claim {
  PlannedClaim plan;
  const PoolTemplates::Template* pool = nullptr;
  NameId hostname;
  ExtendedResources extended;
  std::vector<HostPort> ports;
  ResourceVector largest;  // over the types left, by resource
};

class Run {
 public:
  Run(const Cluster& cluster, const PoolTemplates& templates, std::span<const NodeId> without, SolveTime* time)
      : cluster_(cluster), sim_(cluster.sim), names_(cluster.sim.names), templates_(templates), time_(time) {
    gather_nodes(without);
    topology_.emplace(sim_, templates.domains());
  }

  SchedulingResult solve(std::span<const SchedulingPod> pods) {
    struct Waiting {
      SchedulingPod pod;
      std::size_t last_length = std::numeric_limits<std::size_t>::max();
      std::uint64_t round = 0;
    };
    std::vector<SchedulingPod> sorted(pods.begin(), pods.end());
    std::stable_sort(sorted.begin(), sorted.end(), [&](const SchedulingPod& a, const SchedulingPod& b) {
      const ResourceVector& x = sim_.shapes[a.shape].requests;
      const ResourceVector& y = sim_.shapes[b.shape].requests;
      if (x[Resource::cpu] != y[Resource::cpu]) return x[Resource::cpu] > y[Resource::cpu];
      if (x[Resource::memory] != y[Resource::memory]) return x[Resource::memory] > y[Resource::memory];
      if (a.created != b.created) return a.created < b.created;
      return a.id < b.id;
    });
    std::deque<Waiting> queue;
    for (const SchedulingPod& p : sorted) {
      topology_->announce(p.shape);
      queue.push_back({p});
    }
    std::uint64_t round = 0;  // grows when a relaxation gives every pod another chance
    while (!queue.empty()) {
      Waiting next = queue.front();
      // It has come round with nothing placed since it was put back.
      if (next.round == round && next.last_length == queue.size()) break;
      if (time_ != nullptr && time_->is_over()) break;
      queue.pop_front();
      if (add(next.pod)) continue;
      const std::optional<PodShape> looser = relaxed(sim_.shapes[next.pod.shape], templates_.has_soft_taint());
      if (looser) {
        next.pod.shape = sim_.shapes.intern(*looser);
        topology_->announce(next.pod.shape);
        ++round;
        next.last_length = std::numeric_limits<std::size_t>::max();
      } else {
        next.last_length = queue.size() + 1;
        next.round = round;
      }
      queue.push_back(next);
    }
    for (const Waiting& w : queue) {
      result_.unschedulable.push_back(w.pod.id);
      for (const std::size_t pool : notes(w.pod.shape).limited) {
        std::vector<std::size_t>& all = result_.limited_pools;
        if (std::find(all.begin(), all.end(), pool) == all.end()) all.push_back(pool);
      }
    }
    for (Claim& c : claims_) {
      c.plan.requirements.erase(cluster_.known.hostname);
      result_.claims.push_back(std::move(c.plan));
    }
    return std::move(result_);
  }

 private:
  struct Existing {
    Row row = kNoRow;
    NodeId id;
    bool initialized = true;
  };
  /// What is known of a shape in this run.
  struct ShapeNotes {
    Requirements all, strict;
    bool plain = false;                 // a node that refused it will always refuse it
    std::size_t first_existing = 0;     // plain: nodes before this one refused
    std::vector<std::uint8_t> refused;  // plain: by claim
    std::uint64_t opened = 0;           // plain: claims and limits seen when no pool could open a node
    bool cannot_open = false;
    std::vector<std::size_t> limited;  // pools with a type that would hold it and that their limits rule out
  };

  void gather_nodes(std::span<const NodeId> without) {
    for (const NodePool& pool : cluster_.pools) remaining_.push_back(limits_of(pool));
    std::vector<std::uint8_t> taken(sim_.snapshot.rows(), 0);
    for (const ClusterNode& node : cluster_.nodes) {
      const bool out = node.deleting || std::find(without.begin(), without.end(), node.id) != without.end();
      if (node.row != kNoRow) taken[node.row] = 1;
      if (out) continue;
      if (node.pool) take_from(*node.pool, node.type);
      Existing e{node.row, node.id, node.initialized};
      if (node.row == kNoRow) {
        if (!node.pool) continue;
        SnapshotNode planned =
            node_of(cluster_, *node.pool, node.type, node.zone, node.capacity_type, node.id, node.name);
        if (!node.labels.pairs().empty()) planned.labels = node.labels;
        e.row = sim_.snapshot.add_node(std::move(planned));
        for (const ShapeId daemon : templates_.of(*node.pool).daemons) sim_.place(e.row, PodId{}, daemon);
      } else if (!node.initialized) {
        // SOURCE: kubernetes-sigs/karpenter pkg/controllers/state/statenode.go (Taints).
        for (const NameId key : node.startup_taints) sim_.snapshot.remove_taint(node.row, key);
      }
      existing_.push_back(e);
    }
    for (Row row = 0; row < taken.size(); ++row) {
      if (taken[row] == 0 && sim_.snapshot.alive(row)) existing_.push_back({row, sim_.snapshot.node(row).id, true});
    }
    std::stable_sort(existing_.begin(), existing_.end(), [&](const Existing& a, const Existing& b) {
      if (a.initialized != b.initialized) return a.initialized;
      return names_.text(sim_.snapshot.node(a.row).name) < names_.text(sim_.snapshot.node(b.row).name);
    });
  }

  void take_from(std::size_t pool, std::uint32_t type) {
    remaining_[pool].take(cluster_.types[type].capacity, cluster_.types[type].extended);
  }

  ShapeNotes& notes(ShapeId shape) {
    if (noted_.size() <= shape.index()) noted_.resize(sim_.shapes.size(), 0);
    std::uint32_t& at = noted_[shape.index()];
    if (at == 0) {
      ShapeNotes& n = notes_.emplace_back();
      n.all = pod_requirements(sim_.shapes[shape], false, cluster_.known, names_);
      n.strict = pod_requirements(sim_.shapes[shape], true, cluster_.known, names_);
      n.plain = !topology_->concerns(shape);
      at = static_cast<std::uint32_t>(notes_.size());
    }
    return notes_[at - 1];
  }

  bool add(const SchedulingPod& pod) { return on_existing(pod) || on_claim(pod) || on_new_claim(pod); }

  void spend(std::size_t tries) {
    if (time_ != nullptr) time_->spent += Duration{time_->per_try.count() * static_cast<std::int64_t>(tries)};
  }

  bool on_existing(const SchedulingPod& pod) {
    ShapeNotes& n = notes(pod.shape);
    for (std::size_t i = n.plain ? n.first_existing : 0; i < existing_.size(); ++i) {
      if (takes(existing_[i], pod.shape, n)) {
        const Existing& e = existing_[i];
        sim_.place(e.row, pod.id, pod.shape);
        if (!n.plain) topology_->record(pod.shape, sim_.snapshot.node(e.row).labels);
        result_.existing.push_back({pod.id, e.id, e.row, e.initialized});
        n.first_existing = i;
        spend(i + 1);  // Karpenter itself begins with the first node for each pod
        return true;
      }
    }
    n.first_existing = existing_.size();
    spend(existing_.size());
    return false;
  }

  bool takes(const Existing& e, ShapeId shape, const ShapeNotes& n) {
    if (!sim_.fits(shape, e.row)) return false;
    const PodShape& s = sim_.shapes[shape];
    const SnapshotNode& node = sim_.snapshot.node(e.row);
    if (!tolerates_all(node.taints, s)) return false;
    if (!s.node_preferred.empty()) {
      const auto heaviest = std::max_element(s.node_preferred.begin(), s.node_preferred.end(),
                                             [](const auto& a, const auto& b) { return a.weight < b.weight; });
      if (!kubernetes::matches(heaviest->term, node, names_)) return false;
    }
    return n.plain || topology_->allows(shape, n.strict, node.labels);
  }

  bool on_claim(const SchedulingPod& pod) {
    settle_order();
    ShapeNotes& n = notes(pod.shape);
    n.refused.resize(claims_.size(), 0);
    for (std::size_t k = 0; k < order_.size(); ++k) {
      const std::size_t c = order_[k];
      if (n.plain && n.refused[c] != 0) continue;
      if (try_add(claims_[c], pod, n)) {
        unsettled_ = true;
        spend(k + 1);
        return true;
      }
      n.refused[c] = 1;
    }
    spend(order_.size());
    return false;
  }

  /// Fewest pods first; only the last claim that grew or was opened can be out of place. Where equals stand decides who
  /// takes the next pod, so it is the order of Go's sort.Slice: stable for a dozen, its own for more.
  void settle_order() {
    if (!unsettled_) return;
    unsettled_ = false;
    slice_sort(order_,
               [&](std::size_t a, std::size_t b) { return claims_[a].plan.pods.size() < claims_[b].plan.pods.size(); });
  }

  bool on_new_claim(const SchedulingPod& pod) {
    ShapeNotes& n = notes(pod.shape);
    spend(templates_.by_weight().size());
    // Room under the limits only shrinks.
    if (n.plain && n.cannot_open) return false;
    const PodShape& shape = sim_.shapes[pod.shape];
    n.limited.clear();
    for (const PoolTemplates::Template& t : templates_.by_weight()) {
      Remaining& left = remaining_[t.pool];
      Claim claim;
      claim.pool = &t;
      claim.plan.pool = t.pool;
      claim.plan.requirements = t.requirements;
      claim.plan.requests = t.daemon_requests;
      claim.plan.daemon_requests = t.daemon_requests;
      if (left.any()) {
        bool ruled_out = false;
        for (const std::uint32_t type : t.types) {
          if (left.allows(cluster_.types[type])) {
            claim.plan.types.push_back(type);
          } else {
            ruled_out =
                ruled_out || fits_type(t.daemon_requests + shape.requests, shape.extended, cluster_.types[type]);
          }
        }
        if (ruled_out && tolerates_all(cluster_.pools[t.pool].taints, shape)) n.limited.push_back(t.pool);
      } else {
        claim.plan.types = t.types;
      }
      if (claim.plan.types.empty()) continue;
      claim.largest = largest_of(claim.plan.types);
      claim.hostname = names_.intern("planned-node-" + std::to_string(claims_.size()));
      claim.plan.requirements.add(KeyRequirement::in(cluster_.known.hostname, claim.hostname), names_);
      topology_->add_hostname(claim.hostname);
      if (!try_add(claim, pod, n)) continue;
      ResourceVector most;
      ExtendedResources devices = left.extended;
      for (auto& e : devices) e.second = 0;
      for (const std::uint32_t type : claim.plan.types) {
        for (std::size_t r = 0; r < kResourceCount; ++r) {
          most.v[r] = std::max(most.v[r], cluster_.types[type].capacity.v[r]);
        }
        for (auto& e : devices) e.second = std::max(e.second, amount_of(cluster_.types[type].extended, e.first));
      }
      left.take(most, devices);
      order_.push_back(claims_.size());
      unsettled_ = true;
      claims_.push_back(std::move(claim));
      return true;
    }
    n.cannot_open = true;
    return false;
  }

  ResourceVector largest_of(const std::vector<std::uint32_t>& types) const {
    ResourceVector out;
    for (const std::uint32_t t : types) {
      for (std::size_t r = 0; r < kResourceCount; ++r)
        out.v[r] = std::max(out.v[r], cluster_.types[t].allocatable.v[r]);
    }
    return out;
  }

  bool try_add(Claim& claim, const SchedulingPod& pod, const ShapeNotes& n) {
    const PodShape& shape = sim_.shapes[pod.shape];
    const ResourceVector requests = claim.plan.requests + shape.requests;
    if (!requests.fits_in(claim.largest)) return false;
    if (!tolerates_all(cluster_.pools[claim.plan.pool].taints, shape)) return false;
    if (!shape.host_ports.empty() && ports_conflict(claim.ports, shape.host_ports, sim_.framework.keys())) return false;

    Requirements requirements = claim.plan.requirements;
    if (!n.all.entries().empty()) {
      if (!requirements.compatible(n.all, cluster_.known, names_)) return false;
      requirements.add(n.all, names_);
    }
    if (!n.plain && !topology_->narrow(pod.shape, n.strict, requirements)) return false;
    const bool changed = claim.plan.pods.empty() || requirements != claim.plan.requirements;

    ExtendedResources extended = claim.extended;
    for (const auto& [name, amount] : shape.extended) {
      const auto at = std::lower_bound(extended.begin(), extended.end(), name,
                                       [](const auto& e, NameId key) { return e.first < key; });
      if (at != extended.end() && at->first == name) {
        at->second += amount;
      } else {
        extended.insert(at, {name, amount});
      }
    }
    const OfferingMask mask = changed ? cluster_.types.mask(requirements, cluster_.known, names_) : 0;
    std::vector<std::uint32_t> left;
    left.reserve(claim.plan.types.size());
    for (const std::uint32_t t : claim.plan.types) {
      const InstanceType& type = cluster_.types[t];
      if (!fits_type(requests, extended, type)) continue;
      if (changed && (!type.labels.intersects(requirements, names_) || !cluster_.types.has_offering(t, mask))) continue;
      left.push_back(t);
    }
    if (left.empty()) return false;
    if (requirements.has_min_values() && !cluster_.types.types_for_min_values(left, requirements)) return false;

    if (left.size() != claim.plan.types.size()) claim.largest = largest_of(left);
    claim.plan.types = std::move(left);
    claim.plan.requirements = std::move(requirements);
    claim.plan.requests = requests;
    claim.plan.pods.push_back(pod.id);
    claim.extended = std::move(extended);
    claim.ports.insert(claim.ports.end(), shape.host_ports.begin(), shape.host_ports.end());
    if (!n.plain) topology_->record(pod.shape, claim.plan.requirements);
    return true;
  }

  const Cluster& cluster_;
  const Simulation& sim_;
  Names& names_;
  const PoolTemplates& templates_;
  SolveTime* time_;
  std::optional<Topology> topology_;
  std::vector<Existing> existing_;
  std::vector<Remaining> remaining_;  // by pool
  std::vector<Claim> claims_;
  std::vector<std::size_t> order_;    // claims, fewest pods first
  bool unsettled_ = false;            // a claim has grown or was opened since
  std::deque<ShapeNotes> notes_;      // references stay valid as it grows
  std::vector<std::uint32_t> noted_;  // by shape: 1 + its place in notes_; 0 without
  SchedulingResult result_;
};

}  // namespace

bool within_limits(const NodePool& pool, const InstanceType& type) { return limits_of(pool).allows(type); }

kubernetes::Profile karpenter_profile(kubernetes::KubernetesVersion version) {
  kubernetes::Profile p = simulation_profile(version);
  std::erase_if(p.filters, [](kubernetes::PluginId id) {
    return id == kubernetes::PluginId::pod_topology_spread || id == kubernetes::PluginId::inter_pod_affinity;
  });
  return p;
}

Requirements pod_requirements(const PodShape& shape, bool strict, const WellKnownLabels& known, const Names& names) {
  Requirements out;
  const auto add = [&](const Requirement& r) {
    KeyRequirement k = KeyRequirement::of(r);
    k.key = known.normalized(k.key);
    out.add(k, names);
  };
  for (const auto& [key, value] : shape.node_selector) out.add(KeyRequirement::in(known.normalized(key), value), names);
  if (!strict && !shape.node_preferred.empty()) {
    const auto heaviest = std::max_element(shape.node_preferred.begin(), shape.node_preferred.end(),
                                           [](const auto& a, const auto& b) { return a.weight < b.weight; });
    for (const Requirement& r : heaviest->term.expressions) add(r);
  }
  // A bound volume ties its pod to a zone, one that is to be made to the first of the topologies that its class allows.
  // SOURCE: pkg/controllers/provisioning/scheduling/volumetopology.go ("only use the first term").
  for (const auto& volume : shape.volumes) {
    if (!volume.zone.is_none()) {
      out.add(KeyRequirement::in(known.zone, volume.zone), names);
    } else if (!volume.allowed.empty()) {
      for (const Requirement& r : volume.allowed.front().expressions) add(r);
    }
  }
  if (shape.node_required && !shape.node_required->empty()) {
    for (const Requirement& r : shape.node_required->front().expressions) add(r);
  }
  return out;
}

SnapshotNode node_of(const Cluster& cluster, std::size_t pool, std::uint32_t type, std::uint8_t zone,
                     CapacityType capacity_type, NodeId id, NameId name, const Requirements* claim) {
  const InstanceType& t = cluster.types[type];
  const WellKnownLabels& known = cluster.known;
  Names& names = cluster.sim.names;
  SnapshotNode node;
  node.id = id;
  node.name = name;
  node.capacity = t.capacity;
  node.allocatable = t.allocatable;
  node.extended = t.extended;
  for (const KeyRequirement& r : t.labels.entries()) {
    if (r.is_single()) node.labels.set(r.key, r.values.front());
  }
  const NodePool& p = cluster.pools[pool];
  for (const KeyRequirement& r : (claim != nullptr ? *claim : p.requirements).entries()) {
    if (known.contains(r.key) || is_restricted_label(names.text(r.key), known.auto_mode())) continue;
    if (const NameId value = r.any(names); !value.is_none()) node.labels.set(r.key, value);
  }
  for (const auto& [key, value] : p.labels.pairs()) node.labels.set(key, value);
  node.labels.set(known.nodepool, p.name_id);
  if (!p.node_class_id.is_none()) node.labels.set(known.node_class, p.node_class_id);
  node.labels.set(known.zone, cluster.types.zones[zone]);
  if (zone < cluster.types.zone_ids.size()) node.labels.set(known.zone_id, cluster.types.zone_ids[zone]);
  const NameId kinds[] = {known.reserved, known.spot, known.on_demand};
  node.labels.set(known.capacity_type, kinds[static_cast<std::size_t>(capacity_type)]);
  node.labels.set(known.hostname, name);
  known.aliases().add_old_names(node.labels);
  node.taints = p.taints;
  return node;
}

PoolTemplates::PoolTemplates(const Cluster& cluster) {
  Names& names = cluster.sim.names;
  for (const std::size_t index : pools_by_weight(cluster.pools)) {
    const NodePool& pool = cluster.pools[index];
    Template t;
    t.pool = index;
    t.requirements = pool.requirements;
    bool possible = true;  // what it requires allows what its nodes say in any case
    const auto always = [&](NameId key, NameId value) {
      possible = possible && t.requirements.allows(key, value, names);
      t.requirements.add(KeyRequirement::in(key, value), names);
    };
    for (const auto& [key, value] : pool.labels.pairs()) always(cluster.known.normalized(key), value);
    always(cluster.known.nodepool, pool.name_id);
    if (!pool.node_class_id.is_none()) always(cluster.known.node_class, pool.node_class_id);
    for (const Taint& taint : pool.taints)
      has_soft_taint_ = has_soft_taint_ || taint.effect == TaintEffect::prefer_no_schedule;
    for (const ShapeId id : cluster.daemons) {
      const PodShape& daemon = cluster.sim.shapes[id];
      if (!tolerates_all(pool.taints, daemon)) continue;
      if (!t.requirements.compatible(pod_requirements(daemon, true, cluster.known, names), cluster.known, names))
        continue;
      t.daemons.push_back(id);
      t.daemon_requests += daemon.requests;
    }
    const OfferingMask mask = cluster.types.mask(t.requirements, cluster.known, names);
    for (std::uint32_t i = 0; possible && i < cluster.types.types.size(); ++i) {
      const InstanceType& type = cluster.types[i];
      if (type.class_index != pool.class_index || !type.labels.intersects(t.requirements, names)) continue;
      // Domains come from what the pool and the type leave together.
      for (const KeyRequirement& own : type.labels.entries()) {
        const KeyRequirement* wanted = t.requirements.find(own.key);
        const KeyRequirement both = wanted != nullptr ? intersect(*wanted, own, names) : own;
        if (both.complement || both.values.empty()) continue;
        auto at = std::find_if(domains_.begin(), domains_.end(), [&](const auto& d) { return d.first == own.key; });
        if (at == domains_.end()) at = domains_.insert(domains_.end(), {own.key, {}});
        for (const NameId v : both.values) {
          const auto where = std::lower_bound(at->second.begin(), at->second.end(), v);
          if (where == at->second.end() || *where != v) at->second.insert(where, v);
        }
      }
      if (!cluster.types.has_offering(i, mask) || !t.daemon_requests.fits_in(type.allocatable)) continue;
      t.types.push_back(i);
    }
    for (const KeyRequirement& r : t.requirements.entries()) {
      if (r.complement) continue;
      const auto at = std::find_if(domains_.begin(), domains_.end(), [&](const auto& d) { return d.first == r.key; });
      if (at == domains_.end()) domains_.push_back({r.key, r.values});
    }
    templates_.push_back(std::move(t));
  }
}

const PoolTemplates::Template& PoolTemplates::of(std::size_t pool) const {
  return *std::find_if(templates_.begin(), templates_.end(), [pool](const Template& t) { return t.pool == pool; });
}

SchedulingResult schedule(const Cluster& cluster, const PoolTemplates& templates, std::span<const SchedulingPod> pods,
                          std::span<const NodeId> without, SolveTime* time) {
  return Run(cluster, templates, without, time).solve(pods);
}

}  // namespace plimsoll::eks::karpenter
