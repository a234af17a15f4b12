#include "models/kubernetes/controllers/volume_claims.h"

#include <utility>

namespace plimsoll::kubernetes {

void VolumeClaims::manage(WorkloadId workload, const ClaimTemplates& claims) {
  if (sets_.size() <= workload.index()) sets_.resize(workload.index() + 1);
  sets_[workload.index()].managed = true;
  sets_[workload.index()].claims = claims;
}

NameId VolumeClaims::zone_of(WorkloadId workload, std::size_t ordinal) const {
  const std::vector<Volumes>& volumes = sets_[workload.index()].volumes;
  return ordinal < volumes.size() ? volumes[ordinal].zone : NameId{};
}

ShapeId VolumeClaims::shape_of(World& world, WorkloadId workload, std::size_t ordinal) const {
  const ShapeId plain = world.workload(workload).shape;
  const NameId zone = zone_of(workload, ordinal);
  if (zone.is_none()) return plain;
  PodShape bound = world.shapes[plain];
  for (PodVolume& v : bound.volumes) {
    if (v.claim.is_none()) v.zone = zone;
  }
  return world.shapes.intern(std::move(bound));
}

void VolumeClaims::created(PodId pod, std::size_t ordinal) {
  if (ordinals_.size() <= pod.index()) ordinals_.resize(pod.index() + 1, 0);
  ordinals_[pod.index()] = static_cast<std::uint32_t>(ordinal) + 1;
}

void VolumeClaims::on_fact(World& world, const FactRecord& f) {
  if (f.fact != Fact::pod_bound || !manages(f.workload)) return;
  if (f.pod.index() >= ordinals_.size() || ordinals_[f.pod.index()] == 0) return;
  Set& set = sets_[f.workload.index()];
  const std::size_t ordinal = ordinals_[f.pod.index()] - 1;
  if (set.volumes.size() <= ordinal) set.volumes.resize(ordinal + 1);
  Volumes& volumes = set.volumes[ordinal];
  if (!volumes.zone.is_none()) return;
  volumes.zone = world.zones()[world.node(f.node).zone.index()];
  volumes.meter = bill(world).open(set.claims.line, set.claims.gib, f.at);
}

void VolumeClaims::scaled_away(World& world, WorkloadId workload, std::size_t ordinal) {
  Set& set = sets_[workload.index()];
  if (!set.claims.deleted_when_scaled || ordinal >= set.volumes.size()) return;
  Volumes& volumes = set.volumes[ordinal];
  if (volumes.meter) bill(world).close(*volumes.meter, world.now());
  volumes = {};
}

}  // namespace plimsoll::kubernetes
