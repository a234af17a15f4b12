#include "models/kubernetes/controllers/volume_claims.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>
#include <utility>

#include "models/kubernetes/controllers/volume_provisioner.h"

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

NameId VolumeClaims::zone_of(const World& world, NameId claim) const {
  if (const auto made = ordinal_of(world, claim)) return zone_of(made->first, made->second);
  const auto at =
      std::find_if(shared_.begin(), shared_.end(), [claim](const Shared& s) { return s.claim.name == claim; });
  return at == shared_.end() ? NameId{} : at->claim.zone;
}

std::optional<std::pair<WorkloadId, std::size_t>> VolumeClaims::ordinal_of(const World& world, NameId claim) const {
  const std::string_view name = world.names.text(claim);
  for (std::size_t set = 0; set < sets_.size(); ++set) {
    for (const ClaimTemplate& t : sets_[set].claims.each) {
      if (name.size() <= t.name.size() + 1 || !name.starts_with(t.name) || name[t.name.size()] != '-') continue;
      const std::string_view digits = name.substr(t.name.size() + 1);
      std::size_t ordinal = 0;
      const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), ordinal);
      if (fault == std::errc{} && end == digits.data() + digits.size()) return std::pair{WorkloadId{set}, ordinal};
    }
  }
  return std::nullopt;
}

NameId VolumeClaims::zone_at_once(const ClaimTemplate& claim, std::size_t ordinal) {
  if (claim.zones.empty()) return {};
  return claim.zones[topology_of_claim(claim.name + "-" + std::to_string(ordinal), claim.zones.size())];
}

ShapeId VolumeClaims::shape_of(World& world, WorkloadId workload, std::size_t ordinal) const {
  const ShapeId plain = world.workload(workload).shape;
  const NameId zone = zone_of(workload, ordinal);
  const std::vector<ClaimTemplate>& templates = sets_[workload.index()].claims.each;
  const bool at_once =
      std::any_of(templates.begin(), templates.end(), [](const ClaimTemplate& t) { return !t.zones.empty(); });
  if (zone.is_none() && !at_once) return plain;
  PodShape bound = world.shapes[plain];
  const std::size_t others = bound.volumes.size() - std::min(templates.size(), bound.volumes.size());
  for (std::size_t i = 0; i < bound.volumes.size(); ++i) {
    PodVolume& v = bound.volumes[i];
    if (!v.claim.is_none()) continue;
    const NameId made = i < others ? NameId{} : zone_at_once(templates[i - others], ordinal);
    v.zone = made.is_none() ? zone : made;
    if (!v.zone.is_none()) v.allowed.clear();
  }
  return world.shapes.intern(std::move(bound));
}

void VolumeClaims::created(World& world, PodId pod, std::size_t ordinal) {
  if (ordinals_.size() <= pod.index()) ordinals_.resize(pod.index() + 1, 0);
  ordinals_[pod.index()] = static_cast<std::uint32_t>(ordinal) + 1;
  const WorkloadId workload = world.pod(pod).workload;
  for (const ClaimTemplate& t : sets_[workload.index()].claims.each) {
    if (!t.zones.empty()) return bind(world, workload, ordinal, zone_at_once(t, ordinal));
  }
}

void VolumeClaims::bind(World& world, WorkloadId workload, std::size_t ordinal, NameId zone) {
  Set& set = sets_[workload.index()];
  if (set.volumes.size() <= ordinal) set.volumes.resize(ordinal + 1);
  Volumes& volumes = set.volumes[ordinal];
  if (!volumes.zone.is_none()) return;
  volumes.zone = zone;
  volumes.meter = bill(world).open(set.claims.line, set.claims.gib, world.now());
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
  bind(world, f.workload, *ordinal_of(f.pod), world.zones()[world.node(f.node).zone.index()]);
}

void VolumeClaims::scaled_away(World& world, WorkloadId workload, std::size_t ordinal) {
  Set& set = sets_[workload.index()];
  if (!set.claims.deleted_when_scaled || ordinal >= set.volumes.size()) return;
  Volumes& volumes = set.volumes[ordinal];
  if (volumes.meter) bill(world).close(*volumes.meter, world.now());
  volumes = {};
}

void tie_own_volumes(World& world, PodId id, NameId zone) {
  const auto waits = [](const PodVolume& v) { return v.claim.is_none() && v.zone.is_none(); };
  const std::vector<PodVolume>& volumes = world.shapes[world.pod(id).shape].volumes;
  if (zone.is_none() || std::none_of(volumes.begin(), volumes.end(), waits)) return;
  const auto* claims = world.find_component<VolumeClaims>();
  if (claims == nullptr || !claims->ordinal_of(id)) return;
  PodShape tied = world.shapes[world.pod(id).shape];
  for (PodVolume& v : tied.volumes) {
    if (!waits(v)) continue;
    v.zone = zone;
    v.allowed.clear();
  }
  world.edit_pod(id).shape = world.shapes.intern(std::move(tied));
}

}  // namespace plimsoll::kubernetes
