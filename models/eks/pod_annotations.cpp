#include "models/eks/pod_annotations.h"

#include "models/kubernetes/api/manifest_reader.h"
#include "models/kubernetes/api/pod_shape.h"

namespace plimsoll::eks {

namespace {

RestartPolicy restart_policy_of(kubernetes::api::RestartPolicy policy) {
  switch (policy) {
    case kubernetes::api::RestartPolicy::always:
      return RestartPolicy::always;
    case kubernetes::api::RestartPolicy::on_failure:
      return RestartPolicy::on_failure;
    case kubernetes::api::RestartPolicy::never:
      return RestartPolicy::never;
  }
  return RestartPolicy::always;
}

/// The kind that owns the pods; a Pod of its own has none.
ControllerKind owner_kind_of(kubernetes::api::WorkloadKind kind) {
  using Kind = kubernetes::api::WorkloadKind;
  switch (kind) {
    case Kind::stateful_set:
      return ControllerKind::stateful_set;
    case Kind::daemon_set:
      return ControllerKind::daemon_set;
    case Kind::job:
    case Kind::cron_job:
      return ControllerKind::job;
    case Kind::pod:
      return ControllerKind::none;
    case Kind::deployment:
    case Kind::replica_set:
      break;
  }
  return ControllerKind::replica_set;
}

/// Whether its owner has a scale subresource.
bool has_scale(kubernetes::api::WorkloadKind kind) {
  using Kind = kubernetes::api::WorkloadKind;
  return kind == Kind::deployment || kind == Kind::replica_set || kind == Kind::stateful_set;
}

void read_pod_file(const kubernetes::api::ManifestPod& file, Names& names, PodAnnotations& out) {
  const kubernetes::api::PodTemplate& pod = file.workload.pod;
  out.controller = owner_kind_of(file.workload.kind);
  out.restart_policy = restart_policy_of(pod.restart);
  out.grace = pod.termination_grace;
  for (const auto& annotation : pod.annotations) {
    PodAnnotations said = out;
    if (read_annotations({annotation}, names, said).empty()) out = said;
  }
  using Kind = kubernetes::api::Volume::Kind;
  for (const kubernetes::api::Volume& v : pod.volumes) {
    const NameId name = names.intern(v.name);
    if (v.kind == Kind::host_path) {
      out.volumes.push_back({LocalVolume::host_path, name});
    } else if (v.kind == Kind::empty_dir) {
      out.volumes.push_back({LocalVolume::empty_dir, name});
    } else if (v.kind == Kind::memory) {
      out.volumes.push_back({LocalVolume::empty_dir_memory, name});
    }
  }
}

}  // namespace

PodAnnotations pod_annotations(const WorkloadSpec& spec, Names& names) {
  PodAnnotations out;
  if (const auto* file = dynamic_cast<const kubernetes::api::ManifestPod*>(spec.kubernetes_pod.get())) {
    read_pod_file(*file, names, out);
  } else if (spec.kubernetes_rollout.kind == "StatefulSet") {
    out.controller = ControllerKind::stateful_set;
  }
  if (spec.kubernetes_stop_grace) out.grace = *spec.kubernetes_stop_grace;
  read_annotations(spec.annotations, names, out);  // its faults were told when the scenario was read
  return out;
}

bool has_budget(const WorkloadSpec& spec) {
  const auto* file = dynamic_cast<const kubernetes::api::ManifestPod*>(spec.kubernetes_pod.get());
  return file != nullptr && !file->budgets.empty();
}

void set_budget(kubernetes::DisruptionBudgets& budgets, WorkloadId workload, const WorkloadSpec& spec, Names& names) {
  const auto* file = dynamic_cast<const kubernetes::api::ManifestPod*>(spec.kubernetes_pod.get());
  if (file == nullptr || file->budgets.empty()) {
    if (spec.max_disruption) budgets.set(workload, *spec.max_disruption);
    return;
  }
  for (const kubernetes::api::SelectingBudget& b : file->budgets) {
    budgets.cover(b.namespace_name + "/" + b.name, b.spec, names.intern(b.namespace_name),
                  kubernetes::api::to_label_selector(b.selector, names), workload, has_scale(file->workload.kind));
  }
}

}  // namespace plimsoll::eks
