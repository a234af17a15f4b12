#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "models/eks/karpenter/scheduling.h"
#include "models/eks/node/pod_facts.h"
#include "models/eks/node/simulation.h"
#include "models/kubernetes/scheduler/framework.h"
#include "models/kubernetes/scheduler/profile.h"

namespace plimsoll::eks::test {

inline PodShape shape_of(std::int64_t cpu_m, std::int64_t memory_mib) {
  PodShape s;
  s.requests.set_cpu(cpu_millis(cpu_m));
  s.requests.set_memory(mebibytes(memory_mib));
  s.requests[Resource::pods] = 1;
  s.nonzero_cpu = s.requests[Resource::cpu];
  s.nonzero_memory = s.requests[Resource::memory];
  s.requests_anything = true;
  return s;
}

inline ResourceVector room(std::int64_t cpu_m, std::int64_t memory_mib, std::int64_t pods = 110) {
  ResourceVector r;
  r.set_cpu(cpu_millis(cpu_m));
  r.set_memory(mebibytes(memory_mib));
  r[Resource::pods] = pods;
  return r;
}

/// Facts of every pod, by id.
class Facts final : public PodDirectory {
 public:
  const PodFacts& facts(PodId pod) const override { return list.at(pod.index()); }
  std::vector<PodFacts> list;
};

/// A small cluster to simulate on.
struct Bed {
  explicit Bed(bool karpenter = false)
      : framework(karpenter ? eks::karpenter::karpenter_profile(kubernetes::KubernetesVersion::current)
                            : simulation_profile(kubernetes::KubernetesVersion::current),
                  names) {}

  Names names;
  ShapeTable shapes;
  Snapshot snapshot;
  kubernetes::Framework framework;
  kubernetes::Scratch scratch;
  std::uint64_t simulated = 0;
  Simulation sim{snapshot, framework, scratch, shapes, names, simulated};
  Facts facts;

  NameId name(std::string_view text) { return names.intern(text); }
  LabelSelector select(std::string_view key, std::string_view value) {
    LabelSelector s;
    s.present = true;
    s.requirements.push_back({name(key), SelectorOp::in, {name(value)}, 0});
    return s;
  }
  SnapshotNode node(std::string_view text, const ResourceVector& size, NodeId id = {}) {
    SnapshotNode n;
    n.id = id;
    n.name = name(text);
    n.capacity = size;
    n.allocatable = size;
    n.labels.set(name("kubernetes.io/hostname"), n.name);
    return n;
  }
  Row add_node(std::string_view text, const ResourceVector& size, std::size_t id) {
    return snapshot.add_node(node(text, size, NodeId{id}));
  }
  /// A new pod that facts know.
  PodId new_pod(PodFacts f = {}) {
    facts.list.push_back(std::move(f));
    return PodId{facts.list.size() - 1};
  }
  PodId place(Row row, const PodShape& shape, PodFacts f = {}) {
    const PodId id = new_pod(std::move(f));
    sim.place(row, id, shapes.intern(shape));
    return id;
  }
};

}  // namespace plimsoll::eks::test
