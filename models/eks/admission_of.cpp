#include "models/eks/admission_of.h"

#include <algorithm>
#include <utility>

#include "models/kubernetes/admission/limit_ranger.h"
#include "models/kubernetes/api/manifest_reader.h"

namespace plimsoll::eks {

namespace api = kubernetes::api;

kubernetes::api::AdmissionObjects admission_of(const Setting& setting) {
  api::AdmissionObjects out;
  document::Diagnostics told_before;
  for (const ScalingDocument& d : setting.admission) {
    if (d.side == Side::kubernetes && api::is_admission_object(d.node)) api::read_admission(d.node, told_before, out);
  }
  return out;
}

void admit(kubernetes::Admission& admission, const kubernetes::api::AdmissionObjects& objects, WorkloadId id,
           const WorkloadSpec& spec) {
  api::Workload workload;
  const auto* file = dynamic_cast<const api::ManifestPod*>(spec.kubernetes_pod.get());
  if (file != nullptr) {
    workload = file->workload;
  } else {
    api::Container c;
    c.name = spec.name;
    c.requests.cpu = spec.kubernetes.cpu;
    c.requests.memory = spec.kubernetes.memory;
    c.limits.cpu = spec.kubernetes.cpu_limit;
    c.limits.memory = spec.kubernetes.memory_limit;
    workload.pod.containers.push_back(std::move(c));
    kubernetes::apply_defaults(objects.ranges, workload.namespace_name, workload.pod);
  }
  std::string fault = kubernetes::range_fault(objects.ranges, workload.namespace_name, workload.pod);
  admission.manage(id, kubernetes::quota_pod(workload), std::move(fault), workload.pod.rejected);
}

bool rejects_pods(const Setting& setting) {
  const auto rejected = [](const std::shared_ptr<const VendorPod>& pod) {
    const auto* file = dynamic_cast<const api::ManifestPod*>(pod.get());
    return file != nullptr && !file->workload.pod.rejected.empty();
  };
  const auto any = [&](const auto& all) {
    return std::any_of(all.begin(), all.end(), [&](const auto& w) { return rejected(w.kubernetes_pod); });
  };
  return any(setting.workloads) || any(setting.daemon_sets) || any(setting.jobs);
}

}  // namespace plimsoll::eks
