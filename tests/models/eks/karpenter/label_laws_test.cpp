// Laws of labels: drawn pods and NodePools with every well-known key, old names and the user's own. Also tests:
// scheduling, provisioning
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "models/eks/karpenter/drift.h"
#include "models/eks/karpenter/instance_types.h"
#include "models/eks/karpenter/provisioning.h"
#include "sim/core/random.h"
#include "tests/models/eks/fixture.h"

namespace plimsoll::eks::karpenter {
namespace {

constexpr std::string_view kOwnLabel = "example.com/team";

/// A cluster over some eighty real types, with everything that a requirement can be about.
struct LabelBed : test::Bed {
  LabelBed(std::uint64_t seed, bool auto_mode)
      : Bed(true), known(names, auto_mode), draw(seed, seed, Purpose::tie_break) {
    const std::vector<std::string> zones{"us-east-1a", "us-east-1b", "us-east-1c"};
    InstanceTypes all = make_instance_types(aws::Catalogue::built_in(), "us-east-1", zones, {}, known, names);
    types.zones = all.zones;
    types.zone_ids = all.zone_ids;
    for (std::size_t i = 0; i < all.types.size(); ++i) {
      const std::string_view text = names.text(all[i].name);
      const bool special = text == "g5.xlarge" || text == "g4ad.xlarge" || text == "inf2.xlarge" ||
                           text == "c7i-flex.large" || text == "m5d.large" || text == "m5.metal";
      if (special || i % 23 == 5) types.types.push_back(std::move(all.types[i]));
    }
    for (const NameId key : known.keys()) keys.push_back(key);
    keys.push_back(known.node_class);
    for (const char* old : {"beta.kubernetes.io/arch", "beta.kubernetes.io/os", "beta.kubernetes.io/instance-type",
                            "failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region",
                            "topology.ebs.csi.aws.com/zone"}) {
      keys.push_back(name(old));
    }
    keys.push_back(name(kOwnLabel));
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(draw.below(n, drawn++)); }

  /// A value that some type has, or (one in six) that none has.
  NameId value_of(NameId key) {
    const NameId meant = known.normalized(key);
    if (below(6) == 0) return name("none-has-this");
    if (meant == known.nodepool) return name(below(2) == 0 ? "first" : "second");
    if (meant == known.node_class) return name("default");
    if (meant == name(kOwnLabel)) return name(below(2) == 0 ? "red" : "7");
    const KeyRequirement* r = types[below(types.types.size())].labels.find(meant);
    if (r == nullptr || r->values.empty()) return name("4");
    return r->values[below(r->values.size())];
  }
  Requirement requirement(NameId key) {
    Requirement r;
    r.key = key;
    r.op = static_cast<SelectorOp>(below(6));
    if (r.op == SelectorOp::in || r.op == SelectorOp::not_in) {
      for (std::size_t i = 0, n = 1 + below(3); i < n; ++i) r.values.push_back(value_of(key));
    }
    r.number = static_cast<std::int64_t>(below(10));
    return r;
  }
  NodePool pool(std::string_view text) {
    NodePool p;
    p.name = text;
    p.name_id = name(text);
    p.node_class = "default";
    p.node_class_id = name("default");
    for (std::size_t i = 0, n = below(3); i < n; ++i) {
      Requirement r = requirement(keys[below(keys.size())]);
      r.key = known.normalized(r.key);
      p.requirements.add(KeyRequirement::of(r), names);
    }
    if (below(4) == 0) p.labels.set(name(kOwnLabel), name("red"));
    return p;
  }
  PodShape pod(NameId key, bool& own) {
    PodShape s = test::shape_of(100, 100);
    own = key == name(kOwnLabel);
    if (below(3) == 0) {
      s.node_selector.emplace_back(key, value_of(key));
    } else {
      NodeSelectorTerm term;
      term.expressions.push_back(requirement(key));
      s.node_required.emplace().push_back(term);
    }
    return s;
  }
  Cluster view() { return {sim, types, pools, known, {}, {}}; }

  WellKnownLabels known;
  InstanceTypes types;
  std::vector<NodePool> pools;
  std::vector<NameId> keys;
  Stream draw;
  std::uint64_t drawn = 0;
};

/// Whether a node of any type, zone and purchase option that the pool allows would take the shape.
bool some_node_takes(LabelBed& bed, const Cluster& cluster, std::size_t pool, ShapeId shape) {
  for (std::uint32_t t = 0; t < bed.types.types.size(); ++t) {
    for (const Offering& o : bed.types[t].offerings) {
      const Trial trial(bed.sim);
      SnapshotNode node = node_of(cluster, pool, t, o.zone, o.capacity_type, NodeId{1}, bed.name("n-1"));
      if (!satisfies(bed.pools[pool], node.labels, bed.names)) continue;
      const Row row = bed.snapshot.add_node(std::move(node));
      if (bed.sim.fits(shape, row)) return true;
    }
  }
  return false;
}

/// As in Karpenter, Exists and NotIn of one key together are NotIn, which a node without the label meets: then a node
/// can come that the pod with Exists refuses, for which the next batch launches anew. SOURCE:
/// pkg/scheduling/requirement.go (Intersection, Operator).
bool forgets_existence(const LabelBed& bed, NameId key, const std::vector<PodShape>& shapes) {
  bool exists = false, not_in = false;
  for (const PodShape& s : shapes) {
    if (!s.node_required) continue;
    exists = exists || s.node_required->front().expressions.front().op == SelectorOp::exists;
    not_in = not_in || s.node_required->front().expressions.front().op == SelectorOp::not_in;
  }
  for (const NodePool& p : bed.pools) {
    const KeyRequirement* r = p.requirements.find(bed.known.normalized(key));
    if (r == nullptr || !r->complement || r->greater_than || r->less_than) continue;
    (r->values.empty() ? exists : not_in) = true;
  }
  return exists && not_in;
}

}  // namespace

TEST_CASE("a node that is launched takes the pods that it is launched for, and no pod is refused that one would take") {
  std::int64_t nodes = 0, refused = 0, taken = 0;
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    LabelBed bed(seed, seed % 2 == 0);
    bed.pools = {bed.pool("first"), bed.pool("second")};
    const Cluster cluster = bed.view();
    const PoolTemplates templates(cluster);
    for (const NameId key : bed.keys) {
      bool own = false;
      const std::vector<PodShape> shapes = {bed.pod(key, own), bed.pod(key, own)};
      if (forgets_existence(bed, key, shapes)) continue;
      std::vector<SchedulingPod> pods;
      for (const PodShape& s : shapes) pods.push_back({bed.new_pod(), bed.shapes.intern(s), kTimeZero});
      const ProvisioningPlan plan =
          plan_provisioning(cluster, {.pending = pods, .pods = nullptr, .templates = &templates, .release = {}});
      CAPTURE(seed);
      CAPTURE(bed.names.text(key));
      for (const PlannedClaim& claim : plan.claims) {
        const LaunchRequest request = launch_request(claim, cluster);
        REQUIRE_FALSE(request.overrides.empty());
        for (std::size_t i = 0; i < request.overrides.size(); i += 1 + request.overrides.size() / 5) {
          const LaunchOverride& o = request.overrides[i];
          const Trial trial(bed.sim);
          SnapshotNode node = node_of(cluster, claim.pool, o.type, o.zone, request.capacity_type, NodeId{1},
                                      bed.name("n-1"), &claim.requirements);
          CAPTURE(bed.names.text(bed.types[o.type].name));
          REQUIRE(satisfies(bed.pools[claim.pool], node.labels, bed.names));
          const Row row = bed.snapshot.add_node(std::move(node));
          for (const PodId id : claim.pods) {
            const auto at = std::find_if(pods.begin(), pods.end(), [id](const SchedulingPod& p) { return p.id == id; });
            REQUIRE(bed.sim.fits(at->shape, row));
            ++taken;
          }
          ++nodes;
        }
      }
      // Values of the user's own labels are chosen for the pods, so no node can be shown in advance.
      if (own) continue;
      for (const PodId id : plan.unschedulable) {
        const auto at = std::find_if(pods.begin(), pods.end(), [id](const SchedulingPod& p) { return p.id == id; });
        for (std::size_t pool = 0; pool < bed.pools.size(); ++pool)
          REQUIRE_FALSE(some_node_takes(bed, cluster, pool, at->shape));
        ++refused;
      }
    }
  }
  // Enough to judge by.
  CHECK(nodes > 600);
  CHECK(taken > 600);
  CHECK(refused > 300);
}

}  // namespace plimsoll::eks::karpenter
