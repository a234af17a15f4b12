#include "models/eks/namespaces.h"

#include <algorithm>
#include <string_view>

#include "models/eks/admission_of.h"
#include "models/eks/node/system_pods.h"
#include "models/kubernetes/api/manifest_reader.h"

namespace plimsoll::eks {

std::vector<kubernetes::NamespaceView> cluster_namespaces(const Setting& setting, Names& names) {
  std::vector<kubernetes::NamespaceView> out;
  const NameId own = names.intern("kubernetes.io/metadata.name");
  const auto find = [&](std::string_view text) -> kubernetes::NamespaceView& {
    const NameId name = names.intern(text);
    const auto at =
        std::find_if(out.begin(), out.end(), [name](const kubernetes::NamespaceView& n) { return n.name == name; });
    if (at != out.end()) return *at;
    kubernetes::NamespaceView& made = out.emplace_back();
    made.name = name;
    made.labels.set(own, name);
    return made;
  };
  for (const char* name : {"default", "kube-node-lease", "kube-public", "kube-system"}) find(name);
  for (const kubernetes::api::NamespaceLabels& n : admission_of(setting).labels) {
    kubernetes::NamespaceView& view = find(n.name);
    for (const auto& [key, value] : n.labels) view.labels.set(names.intern(key), names.intern(value));
    view.labels.set(own, view.name);  // the API server lets nobody set another value
  }
  const auto add_file = [&](const VendorPod* pod) {
    if (const auto* file = dynamic_cast<const kubernetes::api::ManifestPod*>(pod)) find(file->workload.namespace_name);
  };
  for (const WorkloadSpec& w : setting.workloads) add_file(w.kubernetes_pod.get());
  for (const WorkloadSpec& w : setting.daemon_sets) add_file(w.kubernetes_pod.get());
  for (const JobSpec& j : setting.jobs) add_file(j.kubernetes_pod.get());
  for (const SystemPod& pod : system_pods()) find(pod.namespace_name);
  return out;
}

std::vector<kubernetes::ServiceSelector> cluster_services(const Setting& setting, Names& names) {
  std::vector<kubernetes::ServiceSelector> out;
  const auto add_file = [&](const VendorPod* pod) {
    const auto* file = dynamic_cast<const kubernetes::api::ManifestPod*>(pod);
    if (file == nullptr) return;
    for (const kubernetes::api::Service& s : file->services) {
      kubernetes::ServiceSelector service;
      service.namespace_name = names.intern(s.namespace_name);
      for (const auto& [key, value] : s.selector) service.selector.emplace_back(names.intern(key), names.intern(value));
      if (std::find(out.begin(), out.end(), service) == out.end()) out.push_back(std::move(service));
    }
  };
  for (const WorkloadSpec& w : setting.workloads) add_file(w.kubernetes_pod.get());
  for (const WorkloadSpec& w : setting.daemon_sets) add_file(w.kubernetes_pod.get());
  for (const JobSpec& j : setting.jobs) add_file(j.kubernetes_pod.get());
  return out;
}

}  // namespace plimsoll::eks
