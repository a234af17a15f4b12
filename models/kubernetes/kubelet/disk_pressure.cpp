#include "models/kubernetes/kubelet/disk_pressure.h"

#include <algorithm>

#include "models/kubernetes/kubelet/eviction.h"
#include "models/kubernetes/kubelet/node_images.h"
#include "sim/core/payload.h"

namespace plimsoll::kubernetes {

namespace {

constexpr std::int64_t kReserved = std::int64_t{1} << 30;

bool uses_disk(const Node& node) {
  return node.host == HostKind::ec2 && node.allocatable[Resource::ephemeral_storage] > 0;
}

bool answers(const Node& node) { return node.row != kNoRow && !node.is_lost(); }

Bytes capacity_of(const Node& node) {
  return Bytes{(node.allocatable[Resource::ephemeral_storage] + kReserved) / 9 * 10};
}

/// The next of the instants `from` + n x `period` after now.
Time next_tick(Time from, Duration period, Time now) { return from + period * ((now - from) / period + 1); }

}  // namespace

Bytes DiskPressure::size_of(NameId image) const {
  if (image.index() >= compressed_.size()) return {};
  return Bytes{compressed_[image.index()].raw() / 100 * parameters_.unpacked_percent};
}

Bytes DiskPressure::used(const Node& node) const {
  Bytes sum = parameters_.system;
  for (const auto& [image, since] : node.image_cache) sum += size_of(image);
  return sum;
}

bool DiskPressure::is_short(const Node& node, Bytes used) const {
  const std::int64_t percent = std::max(parameters_.nodefs_percent, parameters_.imagefs_percent);
  return (capacity_of(node) - used).raw() < capacity_of(node).raw() / 100 * percent;
}

bool DiskPressure::is_full(const Node& node, Bytes used) const {
  return is_short(node, used) || used.raw() >= capacity_of(node).raw() / 100 * parameters_.images.high_percent;
}

void DiskPressure::on_fact(World& world, const FactRecord& f) {
  if (f.fact != Fact::pod_pulling) return;
  const Node& node = world.node(f.node);
  if (!uses_disk(node)) return;
  Bytes sum = used(node);
  for (const auto& [image, size] : world.template_of(world.pod(f.pod)).images) {
    if (compressed_.size() <= image.index()) compressed_.resize(image.index() + 1);
    compressed_[image.index()] = size;
    const bool there = std::any_of(node.image_cache.begin(), node.image_cache.end(),
                                   [name = image](const auto& entry) { return entry.first == name; });
    if (!there) sum += size_of(image);
  }
  if (is_full(node, sum)) watch(world, f.node);
}

void DiskPressure::watch(World& world, NodeId id) {
  if (disks_.size() <= id.index()) disks_.resize(id.index() + 1);
  Disk& disk = disks_[id.index()];
  const Time from = world.node(id).ready;
  const auto wake = [&](bool& pending, Duration period, std::uint64_t step) {
    if (pending) return;
    pending = true;
    world.wake(handler, next_tick(from, period, world.now()), Phase::controllers, packed_step(id, step));
  };
  wake(disk.collecting, parameters_.images.period, kCollect);
  wake(disk.looking, parameters_.period, kLook);
}

std::vector<ImageRecord> DiskPressure::images_of(const World& world, NodeId id) const {
  const Node& node = world.node(id);
  std::vector<ImageRecord> out;
  for (const auto& [image, since] : node.image_cache) {
    ImageRecord& r = out.emplace_back();
    r.image = image;
    r.size = size_of(image);
    r.detected = since;
    r.in_use = since > world.now();  // on its way for a pod
  }
  // The kubelet notes at its rounds which images are in use.
  const auto seen_at = [&](Time t) {
    return node.ready + parameters_.images.period * ((t - node.ready) / parameters_.images.period);
  };
  for (const Pod& pod : world.pods()) {
    if (pod.node != id) continue;
    for (const auto& [image, size] : world.template_of(pod).images) {
      const auto at =
          std::find_if(out.begin(), out.end(), [name = image](const ImageRecord& r) { return r.image == name; });
      if (at == out.end()) continue;
      if (pod.ended == kTimeNever) {
        at->in_use = true;
      } else {
        at->last_used = std::max(at->last_used, seen_at(pod.ended));
      }
    }
  }
  return out;
}

void DiskPressure::remove(World& world, NodeId id, const std::vector<ImageRecord>& images,
                          const std::vector<std::size_t>& which) {
  auto& cache = world.edit_node(id).image_cache;
  for (const std::size_t i : which)
    std::erase_if(cache, [&](const auto& entry) { return entry.first == images[i].image; });
  if (!which.empty() && !node_images_.is_none())
    world.wake(node_images_, world.now(), Phase::controllers, NodeImages::changed(id));
}

void DiskPressure::handle(World& world, const Event& event) {
  const NodeId id{static_cast<std::uint32_t>(event.payload >> 8)};
  Disk& disk = disks_[id.index()];
  const bool collects = (event.payload & 0xffu) == kCollect;
  (collects ? disk.collecting : disk.looking) = false;
  if (!answers(world.node(id))) return;
  if (collects) {
    const Node& node = world.node(id);
    const std::vector<ImageRecord> images = images_of(world, id);
    const Bytes available = capacity_of(node) - used(node);
    remove(world, id, images, images_to_remove(parameters_.images, images, capacity_of(node), available, world.now()));
  } else {
    look_at(world, id);
  }
  const Node& node = world.node(id);
  if (is_full(node, used(node)) || disks_[id.index()].pressed != kTimeNever) watch(world, id);
}

void DiskPressure::look_at(World& world, NodeId id) {
  const Node& node = world.node(id);
  Disk& disk = disks_[id.index()];
  const NameId key = world.names.intern(parameters_.taint);
  if (!is_short(node, used(node))) {
    if (disk.pressed == kTimeNever || world.now() - disk.pressed < parameters_.transition) return;
    disk.pressed = kTimeNever;
    world.untaint_node(id, key);
    node_updated(world, id);
    return;
  }
  if (disk.pressed == kTimeNever) {
    Taint taint;
    taint.key = key;
    taint.effect = TaintEffect::no_schedule;
    world.taint_node(id, taint);
  }
  disk.pressed = world.now();
  const std::vector<ImageRecord> images = images_of(world, id);
  remove(world, id, images, unused_images(parameters_.images, images, world.now()));
  if (!is_short(world.node(id), used(world.node(id)))) return;
  std::vector<EvictionCandidate> candidates;
  for (const PodOnNode& on : world.placement.pods(world.node(id).row)) {
    const Pod& pod = world.pod(on.id);
    if (pod.state == PodState::stopping || pod.state == PodState::ended) continue;
    candidates.push_back({pod.id, on.priority, 0, 0});
  }
  const PodId victim = first_evicted(candidates);
  if (!victim.is_none()) world.pod_ended(victim, plimsoll::Reason::evicted);
}

}  // namespace plimsoll::kubernetes
