#include "models/eks/application_shape.h"

#include <algorithm>
#include <iterator>

#include "models/kubernetes/api/pod_shape.h"
#include "models/kubernetes/api/volume_claim_reader.h"
#include "models/kubernetes/kubelet/eviction.h"
#include "models/kubernetes/scheduler/image_locality.h"
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

/// The scheduler keeps room for whichever is larger: the containers that stay, or an init container with the sidecars
/// before it. The scenario's size stands for the former.
void raise_to_init(const kubernetes::api::Workload& workload, Names& names, PodShape& shape) {
  if (workload.pod.init_containers.empty()) return;
  const PodShape peak = kubernetes::api::init_peak(workload, names);
  for (const Resource r : {Resource::cpu, Resource::memory})
    shape.requests[r] = std::max(shape.requests[r], peak.requests[r]);
  shape.nonzero_cpu = std::max(shape.nonzero_cpu, peak.nonzero_cpu);
  shape.nonzero_memory = std::max(shape.nonzero_memory, peak.nonzero_memory);
}

/// What its runtime takes beside the containers. SOURCE: Kubernetes, "Pod Overhead".
void add_overhead(const kubernetes::api::ResourceAmountsSpec& overhead, PodShape& shape) {
  const Cpu cpu = overhead.cpu.value_or(Cpu{});
  const Bytes memory = overhead.memory.value_or(Bytes{});
  shape.requests.set_cpu(shape.requests.cpu() + cpu);
  shape.requests.set_memory(shape.requests.memory() + memory);
  shape.nonzero_cpu += cpu.raw();
  shape.nonzero_memory += memory.raw();
  shape.overhead_cpu = cpu.raw();
}

/// Whether nobody makes the volume of a claim, its class being one of volumes that stand already, and the files have
/// none that is free or meant for it.
/// SOURCE: pkg/scheduler/framework/plugins/volumebinding/binder.go (checkVolumeProvisions: NotSupportedProvisioner).
bool is_never_bound(const kubernetes::api::ManifestPod& file, const kubernetes::api::VolumeClaim& claim) {
  namespace api = kubernetes::api;
  const api::StorageClass* of = api::class_of(claim, file.storage_classes);
  return of != nullptr && of->provisioner == "kubernetes.io/no-provisioner" &&
         std::none_of(file.volumes.begin(), file.volumes.end(), [&](const api::PersistentVolume& pv) {
           return pv.claim.empty() || pv.name == claim.volume_name || pv.claim == claim.name;
         });
}

/// What the pod's claims are: those that do not exist keep it off every node, those of file systems are no business of
/// the scheduler, and one whose volume is yet to be made may be bound to some zones only. The order is that of
/// make_shape: the volumes of the pod, then the templates of its set.
void resolve_claims(const kubernetes::api::ManifestPod& file, Names& names, PodShape& shape) {
  namespace api = kubernetes::api;
  std::vector<const api::VolumeClaim*> own;
  for (const api::Volume& v : file.workload.pod.volumes) {
    if (v.kind == api::Volume::Kind::ephemeral) own.push_back(&v.made);
  }
  for (const api::VolumeClaim& c : file.workload.claims) own.push_back(&c);
  std::vector<PodVolume> kept;
  std::size_t of_own = 0;
  for (PodVolume v : shape.volumes) {
    const api::VolumeClaim* claim = v.claim.is_none() ? own[of_own++] : claim_named(file, names.text(v.claim));
    v.missing = claim == nullptr;
    if (claim != nullptr) {
      const bool never = is_never_bound(file, *claim);
      if (!never && !api::is_block_volume(*claim, file.storage_classes)) continue;
      if (never) {
        v.unbound = api::binds_at_once(*claim, file.storage_classes);
        v.allowed = {NodeSelectorTerm{}};  // no node will do
      }
      if (!v.claim.is_none()) v.claim = names.intern(claim->namespace_name + "/" + claim->name);
      v.once_pod = claim->once_pod;
      if (const api::StorageClass* of = api::class_of(*claim, file.storage_classes); of != nullptr && !never)
        v.allowed = api::to_topology_terms(of->allowed_topologies, names);
    }
    kept.push_back(std::move(v));
  }
  shape.volumes = std::move(kept);
}

/// Whatever NodeResourcesFit compares: with any of it asked for, the pod is held against all the node has. SOURCE:
/// pkg/scheduler/framework/plugins/noderesources/fit.go fitsRequest (CPU, memory, ephemeral storage, scalar resources).
bool asks_for_anything(const PodShape& shape) {
  constexpr Resource kCompared[] = {Resource::cpu, Resource::memory, Resource::ephemeral_storage, Resource::gpus};
  return !shape.extended.empty() ||
         std::any_of(std::begin(kCompared), std::end(kCompared), [&](Resource r) { return shape.requests[r] > 0; });
}

/// The control plane lets every pod that is not BestEffort tolerate memory pressure; CPU and memory alone make the
/// class. SOURCE: Kubernetes, "Taints and Tolerations", taint nodes by condition; "Pod Quality of Service Classes".
void tolerate_memory_pressure(const WorkloadSpec& spec, const kubernetes::api::ManifestPod* file, Names& names,
                              PodShape& shape) {
  if (spec.kubernetes.cpu.raw() == 0 && spec.kubernetes.memory.raw() == 0 &&
      (file == nullptr || kubernetes::qos_class(file->workload.pod) == kubernetes::QosClass::best_effort))
    return;
  Toleration t;
  t.key = names.intern("node.kubernetes.io/memory-pressure");
  t.exists = true;
  t.effect = TaintEffect::no_schedule;
  shape.tolerations.push_back(t);
}

}  // namespace

const kubernetes::api::VolumeClaim* claim_named(const kubernetes::api::ManifestPod& file, std::string_view name) {
  const std::size_t slash = name.find('/');
  return kubernetes::api::find_claim(file.claims, std::string(name.substr(0, slash)),
                                     std::string(name.substr(slash + 1)));
}

PodShape application_shape(const WorkloadSpec& spec, Names& names) {
  PodShape shape;
  const auto* file = dynamic_cast<const kubernetes::api::ManifestPod*>(spec.kubernetes_pod.get());
  if (file != nullptr) {
    shape = kubernetes::api::make_shape(file->workload, file->classes, names);
    resolve_claims(*file, names, shape);
  } else {
    shape.namespace_name = names.intern("default");
    shape.labels.set(names.intern("app"), names.intern(spec.name));
    shape.owner_selector = app_selector(spec, names);
    shape.images = {
        names.intern(kubernetes::normalized_image_name(spec.image_name.empty() ? spec.name : spec.image_name))};
  }
  // GPUs are a resource of their own here.
  const NameId gpu = names.intern("nvidia.com/gpu");
  std::erase_if(shape.extended, [gpu](const auto& e) { return e.first == gpu; });
  const std::int64_t disk = shape.requests[Resource::ephemeral_storage];
  shape.requests = {};
  shape.requests[Resource::ephemeral_storage] = disk;
  shape.requests.set_cpu(spec.kubernetes.cpu);
  shape.requests.set_memory(spec.kubernetes.memory);
  shape.requests[Resource::pods] = 1;
  shape.requests[Resource::gpus] = needs_of(spec.kubernetes_pod.get()).gpus;
  shape.nonzero_cpu = spec.kubernetes.cpu.raw() > 0 ? spec.kubernetes.cpu.raw() : kubernetes::kDefaultNonzeroCpu.raw();
  shape.nonzero_memory =
      spec.kubernetes.memory.raw() > 0 ? spec.kubernetes.memory.raw() : kubernetes::kDefaultNonzeroMemory.raw();
  if (file != nullptr) {
    raise_to_init(file->workload, names, shape);
    add_overhead(file->workload.pod.overhead, shape);
  }
  shape.requests_anything = asks_for_anything(shape);
  tolerate_memory_pressure(spec, file, names, shape);
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

ResourceVector scheduled_requests(const WorkloadSpec& spec) {
  Names names;
  return application_shape(spec, names).requests;
}

}  // namespace plimsoll::eks
