#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "models/eks/karpenter/disruption.h"
#include "tests/models/eks/fixture.h"

namespace plimsoll::eks::test {

/// Two zones and a ladder of types: s (2 CPU), m (4), l (8), xl (16), each with 2 GiB a core; on-demand 0.05 $ a core,
/// spot 0.02 $.
struct KarpenterBed : Bed {
  KarpenterBed() : Bed(true), known(names) {
    types.zones = {name("z1"), name("z2")};
    std::int64_t cores = 2;
    for (const char* text : {"a.s", "b.m", "c.l", "d.xl"}) {
      eks::karpenter::InstanceType t;
      t.name = name(text);
      t.capacity = room(cores * 1000, cores * 2048);
      t.allocatable = room(cores * 1000 - 100, cores * 2048 - 500);
      for (std::uint8_t z = 0; z < 2; ++z) {
        t.offerings.push_back({z, eks::karpenter::CapacityType::spot, Rate{cores * 20'000'000'000}, true});
        t.offerings.push_back({z, eks::karpenter::CapacityType::on_demand, Rate{cores * 50'000'000'000}, true});
      }
      const auto in = [&](NameId key, std::vector<NameId> values) {
        t.labels.add(eks::karpenter::KeyRequirement::in(key, std::move(values)), names);
      };
      in(known.instance_type, {t.name});
      in(known.arch, {name("amd64")});
      in(known.os, {name("linux")});
      in(known.zone, types.zones);
      in(known.capacity_type, {known.spot, known.on_demand});
      types.types.push_back(std::move(t));
      cores *= 2;
    }
    add_pool("default", {known.on_demand});
  }

  eks::karpenter::NodePool& add_pool(std::string_view text, std::vector<NameId> kinds) {
    eks::karpenter::NodePool p;
    p.name = text;
    p.name_id = name(text);
    p.requirements.add(eks::karpenter::KeyRequirement::in(known.capacity_type, std::move(kinds)), names);
    eks::karpenter::Budget all;
    all.nodes = 100;
    p.budgets = {all};
    pools.push_back(std::move(p));
    return pools.back();
  }
  Row add_claimed(std::uint32_t type, std::uint8_t zone = 0,
                  eks::karpenter::CapacityType kind = eks::karpenter::CapacityType::on_demand) {
    eks::karpenter::ClusterNode n;
    n.id = NodeId{nodes.size()};
    n.name = name("n" + std::to_string(nodes.size()));
    n.pool = 0;
    n.type = type;
    n.zone = zone;
    n.capacity_type = kind;
    n.row = snapshot.add_node(eks::karpenter::node_of(view(), 0, type, zone, kind, n.id, n.name));
    nodes.push_back(n);
    return n.row;
  }
  std::vector<eks::karpenter::SchedulingPod> pending_pods(const PodShape& shape, int count) {
    std::vector<eks::karpenter::SchedulingPod> out;
    for (int i = 0; i < count; ++i) out.push_back({new_pod(), shapes.intern(shape), kTimeZero});
    return out;
  }
  eks::karpenter::Cluster view() { return {sim, types, pools, known, nodes, daemons}; }

  eks::karpenter::WellKnownLabels known;
  eks::karpenter::InstanceTypes types;
  std::vector<eks::karpenter::NodePool> pools;
  std::vector<eks::karpenter::ClusterNode> nodes;
  std::vector<ShapeId> daemons;
};

}  // namespace plimsoll::eks::test
