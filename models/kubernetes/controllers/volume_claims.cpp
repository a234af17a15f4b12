#include "models/kubernetes/controllers/volume_claims.h"

#include <algorithm>
#include <utility>

namespace plimsoll::kubernetes {

void VolumeClaims::manage(WorkloadId workload, const ClaimTemplates& claims) {
  if (sets_.size() <= workload.index()) sets_.resize(workload.index() + 1);
  sets_[workload.index()].managed = true;
  sets_[workload.index()].claims = claims;
}

void VolumeClaims::share(const SharedClaim& claim) {
  const bool known =
      std::any_of(shared_.begin(), shared_.end(), [&](const Shared& s) { return s.claim.name == claim.name; });
  if (!known) shared_.push_back({claim, std::nullopt});
}

void VolumeClaims::give_each(WorkloadId workload, const SharedClaim& volumes) { own_.push_back({workload, volumes}); }

std::optional<std::size_t> VolumeClaims::ordinal_of(PodId pod) const {
  if (pod.index() >= ordinals_.size() || ordinals_[pod.index()] == 0) return std::nullopt;
  return ordinals_[pod.index()] - 1;
}

/// Claims of classes that bind at once have their volumes from the start.
void VolumeClaims::start(World& world) {
  for (Shared& s : shared_) {
    if (!s.claim.zone.is_none() && !s.claim.line.is_none())
      s.meter = bill(world).open(s.claim.line, s.claim.gib, world.now());
  }
}

void VolumeClaims::bind_shared(World& world, const FactRecord& f) {
  for (const PodVolume& v : world.shapes[world.pod(f.pod).shape].volumes) {
    const auto at = std::find_if(shared_.begin(), shared_.end(), [&](const Shared& s) {
      return !v.claim.is_none() && s.claim.name == v.claim && s.claim.zone.is_none();
    });
    if (at == shared_.end()) continue;
    at->claim.zone = world.zones()[world.node(f.node).zone.index()];
    if (!at->claim.line.is_none()) at->meter = bill(world).open(at->claim.line, at->claim.gib, f.at);
  }
  for (const Own& own : own_) {
    if (own.workload == f.workload) open_.push_back({f.pod, bill(world).open(own.volumes.line, own.volumes.gib, f.at)});
  }
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
  if (f.fact == Fact::pod_ended && !open_.empty()) {
    const auto at = std::find_if(open_.begin(), open_.end(), [&](const OwnMeter& o) { return o.pod == f.pod; });
    if (at != open_.end()) {
      bill(world).close(at->meter, f.at);
      open_.erase(at);
    }
  }
  if (f.fact != Fact::pod_bound) return;
  if (!shared_.empty() || !own_.empty()) bind_shared(world, f);
  if (!manages(f.workload) || !ordinal_of(f.pod)) return;
  Set& set = sets_[f.workload.index()];
  const std::size_t ordinal = *ordinal_of(f.pod);
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
