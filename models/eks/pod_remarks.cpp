#include "models/eks/pod_remarks.h"

#include "models/eks/job_workloads.h"
#include "models/eks/pod_path.h"
#include "models/kubernetes/api/manifest_reader.h"
#include "models/kubernetes/kubelet/pod_template.h"

namespace plimsoll::eks {

std::vector<std::string> pod_remarks(const Setting& setting, bool fargate) {
  std::vector<std::string> out;
  const auto look = [&](const std::string& name, const VendorPod* vendor, bool behind_balancer) {
    const auto* file = dynamic_cast<const kubernetes::api::ManifestPod*>(vendor);
    if (file == nullptr) return;
    const kubernetes::api::PodTemplate& pod = file->workload.pod;
    if (!pod.node_name.empty()) {
      out.push_back(name + ": nodeName " + pod.node_name +
                    (fargate ? " has no effect: Fargate has no nodes to choose from"
                             : ": its pods wait until a node of this name is there; nodes have names of the "
                               "simulation's here (i-00000, i-00001, ...)"));
    }
    for (const std::string& gate : pod.readiness_gates) {
      if (behind_balancer && kubernetes::is_target_health(gate)) continue;
      out.push_back(name + ": nothing sets the readiness gate " + gate +
                    (kubernetes::is_target_health(gate) ? " of pods that are behind no balancer" : " here") +
                    ": its pods are ready without it");
    }
    if (file->workload.paused) {
      out.push_back(name +
                    ": its Deployment is paused: no ReplicaSet is made for it and it has no pods, since nothing "
                    "resumes it here; take spec.paused out to run it");
    }
  };
  for (const WorkloadSpec& w : setting.workloads) {
    look(w.name, w.kubernetes_pod.get(), w.entry);
    if (const std::string lost = lost_way(w); !lost.empty())
      out.push_back(w.name + ": no request reaches its pods, all are lost: " + lost);
  }
  for (const WorkloadSpec& w : setting.daemon_sets) look(w.name, w.kubernetes_pod.get(), w.entry);
  for (const JobSpec& job : setting.jobs) {
    look(job.name, job.kubernetes_pod.get(), false);
    if (const std::string other = managed_by(job); !other.empty())
      out.push_back(job.name + ": managedBy " + other +
                    ": the Job controller leaves it alone, and no other one runs here");
  }
  return out;
}

}  // namespace plimsoll::eks
