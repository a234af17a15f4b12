#include "models/kubernetes/kubelet/init_containers.h"

#include <algorithm>

#include "models/kubernetes/api/manifest_reader.h"
#include "models/kubernetes/kubelet/pod_template.h"

namespace plimsoll::kubernetes {

namespace {

const api::PodTemplate* manifest_of(const WorkloadSpec& spec) {
  const auto* file = dynamic_cast<const api::ManifestPod*>(spec.kubernetes_pod.get());
  return file == nullptr ? nullptr : &file->workload.pod;
}

const InitContainerTimes::Named* find(const InitContainerTimes& times, const std::string& name) {
  const auto at = std::find_if(times.named.begin(), times.named.end(),
                               [&](const InitContainerTimes::Named& n) { return n.name == name; });
  return at == times.named.end() ? nullptr : &*at;
}

}  // namespace

InitContainerTimes read_init_containers(document::Fields& column) {
  InitContainerTimes out;
  document::Fields f = column.child("initContainers", "what containers that start before the application take");
  out.init = f.delay("run", Delay::constant(seconds(1)), "assumed: a short script",
                     "from the start of an init container until it exits");
  out.sidecar = f.delay("started", Delay::constant(seconds(1)), "assumed: a proxy that answers its startup probe soon",
                        "from the start of a sidecar until the next container may start");
  out.image = f.bytes("image", Bytes{20'000'000}, "assumed: a small tool image",
                      "compressed image of an init container, sidecar or further container with an image of its own");
  for (const document::Item& item : f.map("containers", "those that differ, by the container's name")) {
    document::Fields c(item.node, f.reader(), item.path);
    InitContainerTimes::Named named;
    named.name = item.name;
    named.run = c.delay("run", out.init, "the column's initContainers.run",
                        "until it exits; of a sidecar: until it has started");
    named.image = c.bytes("image", out.image, "the column's initContainers.image", "compressed size of its image");
    out.named.push_back(std::move(named));
  }
  return out;
}

PodPreparation preparation_of(const WorkloadSpec& spec, const InitContainerTimes& times) {
  PodPreparation out;
  const api::PodTemplate* pod = manifest_of(spec);
  if (pod == nullptr) return out;
  for (const api::Container& c : pod->init_containers) {
    const InitContainerTimes::Named* named = find(times, c.name);
    out.before.push_back(named != nullptr ? named->run : c.sidecar ? times.sidecar : times.init);
  }
  for (const std::string& gate : pod->readiness_gates)
    out.ready_with_target = out.ready_with_target || is_target_health(gate);
  return out;
}

std::vector<std::pair<std::string, Bytes>> further_images(const WorkloadSpec& spec, const InitContainerTimes& times) {
  std::vector<std::pair<std::string, Bytes>> out;
  const api::PodTemplate* pod = manifest_of(spec);
  if (pod == nullptr || pod->containers.empty()) return out;
  const auto size_of = [&](const std::string& container) {
    for (const ContainerUsage& c : spec.kubernetes_containers) {
      if (c.name == container && c.image) return *c.image;
    }
    const InitContainerTimes::Named* named = find(times, container);
    return named != nullptr ? named->image : times.image;
  };
  for (const std::vector<api::Container>* list : {&pod->init_containers, &pod->containers}) {
    for (const api::Container& c : *list) {
      const bool main = c.image == pod->containers[0].image;
      const bool listed = std::any_of(out.begin(), out.end(), [&](const auto& e) { return e.first == c.image; });
      if (!main && !listed && !c.image.empty()) out.emplace_back(c.image, size_of(c.name));
    }
  }
  return out;
}

}  // namespace plimsoll::kubernetes
