#include "sim/cli/explain_fit_volumes.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/eks/application_shape.h"
#include "models/eks/persistent_volumes.h"
#include "models/kubernetes/controllers/volume_attachments.h"
#include "models/kubernetes/controllers/volume_claims.h"

namespace plimsoll::cli {

namespace {

namespace api = kubernetes::api;

template <class T, class Same>
void add_missing(std::vector<T>& to, const std::vector<T>& from, Same&& same) {
  for (const T& one : from) {
    if (std::none_of(to.begin(), to.end(), [&](const T& other) { return same(one, other); })) to.push_back(one);
  }
}

}  // namespace

void add_volumes_of_run(const Setting& setting, api::ManifestPod& file) {
  const auto add = [&](const VendorPod* pod) {
    const auto* of_run = dynamic_cast<const api::ManifestPod*>(pod);
    if (of_run == nullptr) return;
    add_missing(file.claims, of_run->claims, [](const api::VolumeClaim& a, const api::VolumeClaim& b) {
      return a.name == b.name && a.namespace_name == b.namespace_name;
    });
    add_missing(file.storage_classes, of_run->storage_classes,
                [](const api::StorageClass& a, const api::StorageClass& b) { return a.name == b.name; });
    add_missing(file.volumes, of_run->volumes,
                [](const api::PersistentVolume& a, const api::PersistentVolume& b) { return a.name == b.name; });
  };
  for (const WorkloadSpec& w : setting.workloads) add(w.kubernetes_pod.get());
  for (const WorkloadSpec& w : setting.daemon_sets) add(w.kubernetes_pod.get());
  for (const JobSpec& j : setting.jobs) add(j.kubernetes_pod.get());
}

FitVolumes::FitVolumes(World& world, const api::ManifestPod& file, PodShape& shape) {
  const auto* claims = world.find_component<kubernetes::VolumeClaims>();
  const auto* attachments = world.find_component<kubernetes::VolumeAttachments>();
  for (PodVolume& v : shape.volumes) {
    if (v.claim.is_none() || v.missing) continue;
    const std::string name(world.names.text(v.claim));
    const api::VolumeClaim* claim = eks::claim_named(file, name);
    if (claim == nullptr) continue;
    const NameId bound = claims == nullptr ? NameId{} : claims->zone_of(world, v.claim);
    if (!bound.is_none()) {
      v.zone = bound;
      v.allowed.clear();
    } else {
      eks::tie_to_volume(world, file, *claim, v);
    }
    if (claim->once && !claim->once_pod)
      once_.push_back({claim->name, attachments == nullptr ? NodeId{} : attachments->user_of(world, v.claim)});
  }
}

bool FitVolumes::placed(World& world, NodeId node, PodShape& shape) {
  for (Once& o : once_) {
    if (o.node.is_none()) o.node = node;
  }
  bool changed = false;
  for (PodVolume& v : shape.volumes) {
    if (v.claim.is_none() || !v.zone.is_none() || v.missing) continue;
    v.zone = world.zones()[world.node(node).zone.index()];
    v.allowed.clear();
    changed = true;
  }
  return changed;
}

std::string FitVolumes::waiting(const World& world, const std::vector<std::pair<NodeId, std::int64_t>>& by_node,
                                std::int64_t& starting) const {
  starting = 0;
  std::int64_t all = 0;
  const Once* blocking = nullptr;
  for (const auto& [node, count] : by_node) {
    all += count;
    const auto other = std::find_if(once_.begin(), once_.end(), [id = node](const Once& o) { return o.node != id; });
    if (other == once_.end()) {
      starting += count;
    } else if (blocking == nullptr) {
      blocking = &*other;
    }
  }
  if (blocking == nullptr) return {};
  return fmt::format(
      "{} of them would stay ContainerCreating: Multi-Attach error for volume \"{}\", which is ReadWriteOnce and "
      "attached to {}",
      all - starting, blocking->claim, world.names.text(world.node(blocking->node).name));
}

}  // namespace plimsoll::cli
