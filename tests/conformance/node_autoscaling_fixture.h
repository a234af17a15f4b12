#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "models/eks/node/pod_facts.h"
#include "models/eks/node/simulation.h"
#include "models/kubernetes/scheduler/framework.h"
#include "models/kubernetes/scheduler/profile.h"
#include "sim/cluster/names.h"
#include "sim/cluster/pod_shape.h"
#include "sim/cluster/snapshot.h"
#include "tests/conformance/conformance.h"

namespace plimsoll::conformance {

/// A small cluster for one case.
struct Cluster {
  Names names;
  ShapeTable shapes;
  Snapshot snapshot;
  kubernetes::Framework framework{eks::simulation_profile(kubernetes::KubernetesVersion::v1_26), names};
  kubernetes::Scratch scratch;
  std::uint64_t simulated = 0;
  eks::Simulation simulation() { return {snapshot, framework, scratch, shapes, names, simulated}; }

  NameId name(std::string_view text) { return names.intern(text); }
  LabelSelector select(std::string_view key, std::string_view value) {
    LabelSelector s;
    s.present = true;
    s.requirements.push_back({name(key), SelectorOp::in, {name(value)}, 0});
    return s;
  }
};

class Facts final : public eks::PodDirectory {
 public:
  const eks::PodFacts& facts(PodId pod) const override { return list.at(pod.index()); }
  PodId add(eks::PodFacts facts) {
    list.push_back(std::move(facts));
    return PodId{list.size() - 1};
  }
  std::vector<eks::PodFacts> list;
};

inline PodShape shape_of(std::int64_t cpu_m, std::int64_t memory_b) {
  PodShape s;
  s.requests.set_cpu(cpu_millis(cpu_m));
  s.requests.set_memory(Bytes{memory_b});
  s.requests[Resource::pods] = 1;
  s.nonzero_cpu = s.requests[Resource::cpu];
  s.nonzero_memory = memory_b;
  s.requests_anything = cpu_m > 0 || memory_b > 0;
  return s;
}

inline ResourceVector resources_of(std::int64_t cpu_m, std::int64_t memory_b, std::int64_t pods) {
  ResourceVector r;
  r.set_cpu(cpu_millis(cpu_m));
  r.set_memory(Bytes{memory_b});
  r[Resource::pods] = pods;
  return r;
}

inline std::int64_t whole(const Json& object, const char* key, std::int64_t fallback = 0) {
  const auto at = object.find(key);
  return at == object.end() || at->is_null() ? fallback : at->get<std::int64_t>();
}
inline std::string word(const Json& object, const char* key, const char* fallback = "") {
  return object.value(key, std::string(fallback));
}

void register_karpenter(std::vector<Topic>& topics);

}  // namespace plimsoll::conformance
