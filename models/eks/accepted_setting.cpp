#include "models/eks/accepted_setting.h"

#include <algorithm>
#include <memory>

namespace plimsoll::eks {

namespace api = kubernetes::api;

namespace {

struct Told {
  api::DroppedField field;
  std::string workloads;
};

std::string with_name(const std::string& list, const std::string& name) {
  return list.empty() ? name : list + ", " + name;
}

/// What came from the file follows the file; what the scenario said stays.
template <class T>
void follow(T& value, const T& before, const T& after) {
  if (value == before) value = after;
}

void follow(PodSize& size, const PodSize& before, const PodSize& after) {
  follow(size.cpu, before.cpu, after.cpu);
  follow(size.memory, before.memory, after.memory);
  follow(size.cpu_limit, before.cpu_limit, after.cpu_limit);
  follow(size.memory_limit, before.memory_limit, after.memory_limit);
}

void tell(const std::vector<api::DroppedField>& dropped, const std::string& name, std::vector<Told>& told) {
  for (const api::DroppedField& field : dropped) {
    const auto at = std::find_if(told.begin(), told.end(), [&](const Told& t) { return t.field.name == field.name; });
    const std::string who = field.containers.empty() ? name : field.containers + " in " + name;
    if (at == told.end()) {
      told.push_back({field, who});
    } else {
      at->workloads = with_name(at->workloads, who);
    }
  }
}

/// The file without what the release drops, null when it drops nothing; the size of its pod follows.
std::shared_ptr<const VendorPod> accepted(const std::shared_ptr<const VendorPod>& pod, int minor,
                                          const std::string& name, PodSize& size, std::vector<Told>& told) {
  const auto* file = dynamic_cast<const api::ManifestPod*>(pod.get());
  if (file == nullptr) return nullptr;
  auto kept = std::make_shared<api::ManifestPod>(*file);
  const std::vector<api::DroppedField> dropped = api::drop_disabled_fields(*kept, minor);
  if (dropped.empty()) return nullptr;
  tell(dropped, name, told);
  follow(size, api::pod_size(file->workload.pod), api::pod_size(kept->workload.pod));
  return kept;
}

/// The main container's hook and probes are the workload's.
void accept_container(WorkloadSpec& spec, const api::Workload& before, const api::Workload& after) {
  if (before.pod.containers.empty()) return;
  const api::Container& was = before.pod.containers[0];
  const api::Container& is = after.pod.containers[0];
  follow(spec.pre_stop, was.pre_stop_sleep, is.pre_stop_sleep);
  const auto gone = [&](const ProbeFacts& probe) {
    return (probe.kind == "startup" && was.startup && !is.startup) ||
           (probe.kind == "readiness" && was.readiness && !is.readiness) ||
           (probe.kind == "liveness" && was.liveness && !is.liveness);
  };
  std::erase_if(spec.kubernetes_probes, gone);
  for (ProbeFacts& probe : spec.kubernetes_probes) {
    if (probe.kind == "startup" && is.startup) probe.stop_grace = is.startup->termination_grace;
    if (probe.kind == "liveness" && is.liveness) probe.stop_grace = is.liveness->termination_grace;
  }
}

void accept(WorkloadSpec& spec, std::shared_ptr<const VendorPod> kept) {
  const auto& pod = dynamic_cast<const api::ManifestPod&>(*kept).workload;
  accept_container(spec, dynamic_cast<const api::ManifestPod&>(*spec.kubernetes_pod).workload, pod);
  spec.kubernetes_rollout.min_ready = pod.min_ready;
  std::erase_if(spec.kubernetes_containers, [&](const ContainerUsage& usage) {
    return std::any_of(pod.pod.init_containers.begin(), pod.pod.init_containers.end(),
                       [&](const api::Container& c) { return c.name == usage.name && !c.sidecar; });
  });
  spec.kubernetes_pod = std::move(kept);
}

}  // namespace

int gates_minor(const ControlPlane& plane, kubernetes::KubernetesVersion version) {
  using kubernetes::KubernetesVersion;
  if (plane.rules_follow && plane.minor != 0) return plane.minor;
  return version == KubernetesVersion::v1_20 ? 20 : version == KubernetesVersion::v1_26 ? 26 : 34;
}

std::string dropped_text(const api::DroppedField& field, const std::string& workloads, int minor) {
  std::string text = std::string(field.name) + " of " + workloads + " is dropped: Kubernetes " + version_name(minor) +
                     " does not have it on, " + version_name(field.since) + " does";
  if (field.name == "restartPolicy") text += "; it is an init container there, which is taken to exit";
  return text;
}

std::optional<Setting> accepted_by(const Setting& setting, int minor, std::vector<std::string>& remarks) {
  std::optional<Setting> out;
  std::vector<Told> told;
  for (const bool agents : {false, true}) {
    const auto& from = agents ? setting.daemon_sets : setting.workloads;
    for (std::size_t i = 0; i < from.size(); ++i) {
      PodSize size = from[i].kubernetes;
      KubernetesRollout rollout = from[i].kubernetes_rollout;
      auto kept = accepted(from[i].kubernetes_pod, minor, from[i].name, size, told);
      const std::vector<api::DroppedField> of_rollout = api::drop_disabled_fields(rollout, minor);
      if (kept == nullptr && of_rollout.empty()) continue;
      tell(of_rollout, from[i].name, told);
      if (!out) out = setting;
      WorkloadSpec& spec = (agents ? out->daemon_sets : out->workloads)[i];
      spec.kubernetes_rollout = rollout;
      if (kept == nullptr) continue;
      spec.kubernetes = size;
      accept(spec, std::move(kept));
    }
  }
  for (std::size_t i = 0; i < setting.jobs.size(); ++i) {
    PodSize size = setting.jobs[i].kubernetes;
    KubernetesJob job = setting.jobs[i].kubernetes_job;
    auto kept = accepted(setting.jobs[i].kubernetes_pod, minor, setting.jobs[i].name, size, told);
    const std::vector<api::DroppedField> of_job = api::drop_disabled_fields(job, minor);
    if (kept == nullptr && of_job.empty()) continue;
    tell(of_job, setting.jobs[i].name, told);
    if (!out) out = setting;
    out->jobs[i].kubernetes_job = job;
    if (kept == nullptr) continue;
    out->jobs[i].kubernetes = size;
    out->jobs[i].kubernetes_pod = std::move(kept);
  }
  for (const Told& t : told) remarks.push_back(dropped_text(t.field, t.workloads, minor));
  return out;
}

}  // namespace plimsoll::eks
