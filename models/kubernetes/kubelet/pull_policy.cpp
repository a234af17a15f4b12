#include "models/kubernetes/kubelet/pull_policy.h"

#include <algorithm>

#include "models/kubernetes/api/manifest_reader.h"

namespace plimsoll::kubernetes {

void fill_pull_policies(const WorkloadSpec& spec, Names& names, PodPreparation& out) {
  const auto* file = dynamic_cast<const api::ManifestPod*>(spec.kubernetes_pod.get());
  if (file == nullptr || file->workload.pod.containers.empty()) return;
  const api::PodTemplate& pod = file->workload.pod;
  const std::string& main = pod.containers[0].image;
  const auto runs = [&](const std::string& image, auto&& test) {
    const auto does = [&](const api::Container& c) { return c.image == image && test(c.pull); };
    return std::any_of(pod.init_containers.begin(), pod.init_containers.end(), does) ||
           std::any_of(pod.containers.begin(), pod.containers.end(), does);
  };
  const auto add = [&](const api::Container& c) {
    const NameId image = names.intern(c.image != main           ? c.image
                                      : spec.image_name.empty() ? spec.name
                                                                : spec.image_name);
    for (const std::vector<NameId>* list : {&out.rechecked, &out.never_pulled}) {
      if (std::find(list->begin(), list->end(), image) != list->end()) return;
    }
    const auto is_always = [](api::ImagePullPolicy p) { return p == api::ImagePullPolicy::always; };
    const auto may_pull = [](api::ImagePullPolicy p) { return p != api::ImagePullPolicy::never; };
    if (runs(c.image, is_always)) {
      out.rechecked.push_back(image);
    } else if (!runs(c.image, may_pull)) {
      out.never_pulled.push_back(image);
    }
  };
  for (const api::Container& c : pod.init_containers) add(c);
  for (const api::Container& c : pod.containers) add(c);
}

}  // namespace plimsoll::kubernetes
