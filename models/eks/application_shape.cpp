#include "models/eks/application_shape.h"

#include <algorithm>

#include "models/kubernetes/api/manifest_reader.h"
#include "models/kubernetes/api/pod_shape.h"
#include "models/kubernetes/scheduler/pod_requests.h"

namespace plimsoll::eks {

namespace {

LabelSelector app_selector(const WorkloadSpec& spec, Names& names) {
  Requirement r;
  r.key = names.intern("app");
  r.values = {names.intern(spec.name)};
  return {true, {r}};
}

bool speaks_of_zones(const PodShape& shape, NameId zone) {
  const auto term = [zone](const PodAffinityTerm& t) { return t.topology_key == zone; };
  const auto weighted = [&](const WeightedPodAffinityTerm& t) { return term(t.term); };
  return std::any_of(shape.spread.begin(), shape.spread.end(),
                     [zone](const TopologySpreadConstraint& c) { return c.topology_key == zone; }) ||
         std::any_of(shape.anti_required.begin(), shape.anti_required.end(), term) ||
         std::any_of(shape.anti_preferred.begin(), shape.anti_preferred.end(), weighted);
}

}  // namespace

PodShape application_shape(const WorkloadSpec& spec, Names& names) {
  PodShape shape;
  if (const auto* file = dynamic_cast<const kubernetes::api::ManifestPod*>(spec.kubernetes_pod.get())) {
    shape = kubernetes::api::make_shape(file->workload, file->classes, names);
    shape.node_name = {};  // a pod that names its node is not scheduled at all
  } else {
    shape.namespace_name = names.intern("default");
    shape.labels.set(names.intern("app"), names.intern(spec.name));
    shape.owner_selector = app_selector(spec, names);
  }
  shape.extended.clear();
  shape.requests = {};
  shape.requests.set_cpu(spec.kubernetes.cpu);
  shape.requests.set_memory(spec.kubernetes.memory);
  shape.requests[Resource::pods] = 1;
  shape.requests_anything = spec.kubernetes.cpu.raw() > 0 || spec.kubernetes.memory.raw() > 0;
  shape.nonzero_cpu = spec.kubernetes.cpu.raw() > 0 ? spec.kubernetes.cpu.raw() : kubernetes::kDefaultNonzeroCpu.raw();
  shape.nonzero_memory =
      spec.kubernetes.memory.raw() > 0 ? spec.kubernetes.memory.raw() : kubernetes::kDefaultNonzeroMemory.raw();
  shape.overhead_cpu = 0;
  const NameId zone = names.intern("topology.kubernetes.io/zone");
  if (spec.spread_zones && !speaks_of_zones(shape, zone)) {
    TopologySpreadConstraint c;
    c.topology_key = zone;
    c.when = WhenUnsatisfiable::schedule_anyway;
    c.selector = shape.owner_selector.present ? shape.owner_selector : app_selector(spec, names);
    shape.spread.push_back(std::move(c));
  }
  return shape;
}

}  // namespace plimsoll::eks
