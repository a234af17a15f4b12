#include "models/kubernetes/controllers/volume_attachments.h"

#include <algorithm>

#include "sim/core/payload.h"

namespace plimsoll::kubernetes {

namespace {

// Of the draws of a pod's containers.
constexpr std::uint64_t kAttachItem = 3'000'000, kDetachItem = 3'000'001;

}  // namespace

std::size_t VolumeAttachments::volume_of(NameId claim, WorkloadId set, std::size_t ordinal) {
  const auto at = std::find_if(volumes_.begin(), volumes_.end(), [&](const Volume& v) {
    return v.claim == claim && v.set == set && v.ordinal == ordinal;
  });
  if (at != volumes_.end()) return static_cast<std::size_t>(at - volumes_.begin());
  volumes_.push_back({claim, set, ordinal, {}, 0, {}});
  return volumes_.size() - 1;
}

std::vector<std::size_t> VolumeAttachments::volumes_of(World& world, PodId id, bool& own) {
  std::vector<std::size_t> out;
  const Pod& pod = world.pod(id);
  const auto& claims = dynamic_cast<const VolumeClaims&>(world.component(claims_));
  const auto ordinal = claims.manages(pod.workload) ? claims.ordinal_of(id) : std::nullopt;
  for (const PodVolume& v : world.shapes[pod.shape].volumes) {
    std::size_t volume = 0;
    if (!v.claim.is_none()) {
      volume = volume_of(v.claim, {}, 0);
    } else if (ordinal) {
      volume = volume_of({}, pod.workload, *ordinal);
    } else {
      own = true;
      continue;
    }
    if (std::find(out.begin(), out.end(), volume) == out.end()) out.push_back(volume);
  }
  return out;
}

bool VolumeAttachments::mounts(World& world, PodId id) {
  bool attaches = false;
  const std::vector<std::size_t> wanted = volumes_of(world, id, attaches);
  if (wanted.empty() && !attaches) return true;
  const Pod& pod = world.pod(id);
  const auto waits = std::find(waiting_.begin(), waiting_.end(), id);
  for (const std::size_t i : wanted) {
    const Volume& v = volumes_[i];
    if (v.node.is_none() || v.node == pod.node || (v.pods == 0 && v.free_at <= world.now())) continue;
    if (waits == waiting_.end()) {
      waiting_.push_back(id);
      world.record({.at = world.now(),
                    .fact = Fact::volume_in_use,
                    .node = pod.node,
                    .pod = id,
                    .workload = pod.workload,
                    .value = static_cast<std::int64_t>(v.node.value())});
    }
    return false;
  }
  if (waits != waiting_.end()) waiting_.erase(waits);
  for (const std::size_t i : wanted) {
    Volume& v = volumes_[i];
    attaches = attaches || v.node != pod.node;
    v.node = pod.node;
    ++v.pods;
    uses_.push_back({id, i});
  }
  if (!attaches) return true;
  const Stream stream = world.stream(world.entity(pod), Purpose::container);
  world.wake(handler, world.now() + parameters_.attach.sample(stream, kAttachItem), Phase::facts,
             packed_step(id.value(), kMounted));
  return false;
}

NodeId VolumeAttachments::user_of(World& world, NameId claim) const {
  const auto made = dynamic_cast<const VolumeClaims&>(world.component(claims_)).ordinal_of(world, claim);
  for (const Volume& v : volumes_) {
    const bool this_one = v.claim == claim || (made && v.set == made->first && v.ordinal == made->second);
    if (this_one && v.pods > 0) return v.node;
  }
  return {};
}

std::string VolumeAttachments::why_pending(World& world, PodId id) {
  if (std::find(waiting_.begin(), waiting_.end(), id) == waiting_.end()) return {};
  bool own = false;
  for (const std::size_t i : volumes_of(world, id, own)) {
    const Volume& v = volumes_[i];
    if (v.node.is_none() || v.node == world.pod(id).node) continue;
    std::string name = v.claim.is_none() ? std::string("of its ordinal") : std::string(world.names.text(v.claim));
    name = name.substr(name.rfind('/') + 1);
    if (v.pods == 0) return "Multi-Attach error for volume \"" + name + "\": it is being detached from another node";
    std::string users;
    for (const Use& use : uses_) {
      if (use.volume != i) continue;
      const Pod& p = world.pod(use.pod);
      users += (users.empty() ? "" : ", ") + std::string(world.names.text(world.workload(p.workload).name)) + "-" +
               std::to_string(p.ordinal);
    }
    return "Multi-Attach error for volume \"" + name + "\" Volume is already used by pod(s) " + users;
  }
  return {};
}

void VolumeAttachments::on_fact(World& world, const FactRecord& f) {
  if (f.fact != Fact::pod_ended) return;
  std::erase(waiting_, f.pod);
  const Pod& pod = world.pod(f.pod);
  for (const Use& use : uses_) {
    if (use.pod != f.pod) continue;
    Volume& v = volumes_[use.volume];
    if (--v.pods > 0) continue;
    const bool died = is_host_loss(pod.end_reason) && pod.stopping == kTimeNever;
    const Stream stream = world.stream(world.entity(pod), Purpose::container);
    v.free_at = world.now() + (died ? parameters_.force_detach : parameters_.detach.sample(stream, kDetachItem));
    world.wake(handler, v.free_at, Phase::facts, packed_step(0, kFree));
  }
  std::erase_if(uses_, [&](const Use& use) { return use.pod == f.pod; });
}

void VolumeAttachments::handle(World& world, const Event& event) {
  auto& agent = dynamic_cast<HostAgent&>(world.component(agent_));
  if ((event.payload & 0xffu) == kMounted) {
    const PodId pod{static_cast<std::uint32_t>(event.payload >> 8)};
    if (!world.node(world.pod(pod).node).is_lost()) agent.mounted(world, pod);
    return;
  }
  const std::vector<PodId> there = waiting_;
  for (const PodId pod : there) {
    const Pod& p = world.pod(pod);
    if (p.state == PodState::preparing && !world.node(p.node).is_lost() && mounts(world, pod))
      agent.mounted(world, pod);
  }
}

}  // namespace plimsoll::kubernetes
