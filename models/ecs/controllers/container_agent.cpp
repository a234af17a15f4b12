#include "models/ecs/controllers/container_agent.h"

#include <algorithm>

#include "sim/core/payload.h"

namespace plimsoll::ecs {

namespace {

bool has_agent(const Node& node) { return node.host == HostKind::ec2 && node.row != kNoRow && !node.is_lost(); }

bool is_among(const std::vector<NameId>& names, NameId name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

bool ContainerAgents::is_layer(NameId image) const { return is_among(layers_, image); }

ContainerAgents::Disk& ContainerAgents::disk_of(NodeId node) {
  if (disks_.size() <= node.index()) disks_.resize(node.index() + 1);
  return disks_[node.index()];
}

void ContainerAgents::on_fact(World& world, const FactRecord& fact) {
  switch (fact.fact) {
    case Fact::spot_notice:
      if (std::find(draining_.begin(), draining_.end(), fact.group) != draining_.end())
        world.wake(handler, world.now() + parameters_.spot_poll, Phase::controllers,
                   packed_step(fact.node.value(), kDrain));
      break;
    case Fact::node_lost: {
      const Node& node = world.node(fact.node);
      if (node.host != HostKind::ec2) break;
      const Stream stream = world.stream(hash_text(world.names.text(node.name)), Purpose::host_failure);
      world.wake(handler, world.now() + parameters_.disconnected.sample(stream, 2), Phase::controllers,
                 packed_step(fact.node.value(), kDisconnected));
      break;
    }
    case Fact::pod_unready: {
      const Pod& pod = world.pod(fact.pod);
      if (!world.workload(fact.workload).behind_balancer || !world.node(fact.node).is_lost()) break;
      const Stream stream = world.stream(world.entity(pod), Purpose::host_failure);
      world.wake(handler, world.now() + parameters_.replace_unhealthy.sample(stream, 0), Phase::controllers,
                 packed_step(fact.pod.value(), kUnhealthy));
      break;
    }
    case Fact::pod_pulling: {
      if (!has_agent(world.node(fact.node))) break;
      const PodTemplate& made_of = world.template_of(world.pod(fact.pod));
      learn(made_of);
      if (!fits(world.node(fact.node), made_of))
        world.wake(handler, world.now(), Phase::facts, packed_step(fact.pod.value(), kNoSpace));
      break;
    }
    case Fact::pod_ended: {
      if (!parameters_.cleanup.enabled || fact.node.is_none() || !has_agent(world.node(fact.node))) break;
      const Pod& pod = world.pod(fact.pod);
      if (pod.pulling == kTimeNever) break;
      Duration wait = parameters_.cleanup.task_wait;
      if (parameters_.cleanup.task_jitter > Duration{}) {
        const Stream stream = world.stream(world.entity(pod), Purpose::registration);
        wait += Delay::uniform(Duration{}, parameters_.cleanup.task_jitter).sample(stream, 1);
      }
      disk_of(fact.node).stopped.push_back({fact.workload, pod.revision, world.now() + wait});
      plan_cycle(world, fact.node, world.now() + wait);
      break;
    }
    default:
      break;
  }
}

void ContainerAgents::handle(World& world, const Event& event) {
  const auto id = static_cast<std::uint32_t>(event.payload >> 8);
  switch (event.payload & 0xffu) {
    case kDrain:
      world.drain_node(NodeId{id}, Reason::spot_interruption);
      break;
    case kDisconnected:
      world.mark_unreachable(NodeId{id});
      break;
    case kClean:
      // A cycle that was planned earlier has taken the place of this one.
      if (disk_of(NodeId{id}).cycle == world.now()) clean(world, NodeId{id});
      break;
    case kNoSpace:
      refuse_pull(world, PodId{id});
      break;
    default:
      world.stop_pod(PodId{id}, Reason::unhealthy);
      break;
  }
}

void ContainerAgents::learn(const PodTemplate& made_of) {
  for (const auto& [image, size] : made_of.images) {
    if (image_of(image) != nullptr) continue;
    Image& fresh = images_.emplace_back(Image{image, size, {}});
    if (!is_layer(image)) {
      for (const auto& [other, unused] : made_of.images) {
        if (is_layer(other)) fresh.layers.push_back(other);
      }
    }
    if (image_at_.size() <= image.index()) image_at_.resize(image.index() + 1, 0);
    image_at_[image.index()] = static_cast<std::uint32_t>(images_.size());
    all_images_ += size_of(image).raw();
  }
}

const ContainerAgents::Image* ContainerAgents::image_of(NameId name) const {
  const std::uint32_t at = name.index() < image_at_.size() ? image_at_[name.index()] : 0;
  return at == 0 ? nullptr : &images_[at - 1];
}

Bytes ContainerAgents::size_of(NameId image) const {
  const Image* const known = image_of(image);
  return known == nullptr ? Bytes{} : Bytes{known->size.raw() / 100 * parameters_.unpacked_percent};
}

/// Whether the disk holds the images of a task beside what is there; notes those that it does not.
bool ContainerAgents::fits(const Node& node, const PodTemplate& made_of) {
  const auto disk = std::find_if(disk_sizes_.begin(), disk_sizes_.end(),
                                 [&](const auto& entry) { return entry.first == node.group; });
  if (disk == disk_sizes_.end()) return true;
  std::vector<NameId>& unstored = disk_of(node.id).unstored;
  if (unstored.empty() && parameters_.system.raw() + all_images_ <= disk->second.raw()) return true;
  std::int64_t used = parameters_.system.raw();
  std::vector<NameId> there, missing;
  for (const auto& [image, since] : node.image_cache) {
    there.push_back(image);
    if (!is_among(unstored, image)) used += size_of(image).raw();
  }
  bool refused = false;
  for (const auto& [image, size] : made_of.images) {
    refused = refused || is_among(unstored, image);
    if (is_among(there, image)) continue;
    missing.push_back(image);
    used += size_of(image).raw();
  }
  if (!refused && (missing.empty() || used <= disk->second.raw())) return true;
  unstored.insert(unstored.end(), missing.begin(), missing.end());
  return false;
}

void ContainerAgents::refuse_pull(World& world, PodId id) {
  const Pod& task = world.pod(id);
  if (task.state != PodState::preparing) return;
  world.record({.at = world.now(),
                .fact = Fact::pod_failed,
                .reason = Reason::image_pull,
                .node = task.node,
                .pod = id,
                .workload = task.workload});
  const NodeId node = task.node;
  world.pod_ended(id, Reason::image_pull);
  drop_unstored(world, node, disk_of(node));
}

/// What did not fit is no image of the instance; a pull of it that still goes on is waited for.
void ContainerAgents::drop_unstored(World& world, NodeId node, Disk& disk) {
  if (disk.unstored.empty()) return;
  std::erase_if(world.edit_node(node).image_cache,
                [&](const auto& entry) { return entry.second != kTimeNever && is_among(disk.unstored, entry.first); });
  std::erase_if(disk.unstored, [&](NameId image) {
    const auto& cache = world.node(node).image_cache;
    return std::none_of(cache.begin(), cache.end(), [&](const auto& entry) { return entry.first == image; });
  });
}

/// Plans the first cycle of an instance at or after an instant; cycles are counted from its registration.
void ContainerAgents::plan_cycle(World& world, NodeId id, Time earliest) {
  Disk& disk = disk_of(id);
  const Time from = world.node(id).ready;
  const Duration interval = parameters_.cleanup.interval;
  const Time after = std::max(earliest, world.now() + Duration{1});
  const Time at = from + interval * div_ceil((after - from).count(), interval.count());
  if (at >= disk.cycle || at > world.end) return;
  disk.cycle = at;
  world.wake(handler, at, Phase::controllers, packed_step(id.value(), kClean));
}

void ContainerAgents::clean(World& world, NodeId id) {
  Disk& disk = disk_of(id);
  disk.cycle = kTimeNever;
  if (!has_agent(world.node(id))) {
    disk = {};
    return;
  }
  const Time now = world.now();
  drop_unstored(world, id, disk);
  std::vector<NameId> used;
  Time next = kTimeNever;
  std::erase_if(disk.stopped, [&](const Stopped& s) {
    const PodTemplate& made_of = world.workload(s.workload).template_of(s.revision);
    for (const auto& [image, size] : made_of.images) {
      if (s.removed > now) {
        used.push_back(image);
        continue;
      }
      const auto at = std::find_if(disk.last_used.begin(), disk.last_used.end(),
                                   [name = image](const auto& entry) { return entry.first == name; });
      if (at == disk.last_used.end()) {
        disk.last_used.emplace_back(image, s.removed);
      } else {
        at->second = std::max(at->second, s.removed);
      }
    }
    if (s.removed > now) next = std::min(next, s.removed);
    return s.removed <= now;
  });
  for (const PodId task : world.pods_on(id)) {
    for (const auto& [image, size] : world.template_of(world.pod(task)).images) used.push_back(image);
  }
  std::vector<CachedImage> images;
  for (const auto& [image, since] : world.node(id).image_cache) {
    if (is_layer(image)) continue;
    const std::string_view name = world.names.text(image);
    const auto& exclude = parameters_.cleanup.exclude;
    if (std::find(exclude.begin(), exclude.end(), name) != exclude.end()) continue;
    const auto at = std::find_if(disk.last_used.begin(), disk.last_used.end(),
                                 [key = image](const auto& entry) { return entry.first == key; });
    CachedImage& c = images.emplace_back();
    c.image = image;
    c.pulled = since;
    c.last_used = at == disk.last_used.end() ? since : at->second;
    c.in_use = since == kTimeNever || is_among(used, image);
  }
  const std::vector<std::size_t> which = images_to_clean(parameters_.cleanup, images, now);
  for (const std::size_t i : which) {
    std::erase_if(world.edit_node(id).image_cache, [&](const auto& entry) { return entry.first == images[i].image; });
    std::erase_if(disk.last_used, [&](const auto& entry) { return entry.first == images[i].image; });
    images[i].in_use = true;  // done with
  }
  if (!which.empty()) {
    drop_layers(world, id, images_, layers_);
    const Node& node = world.node(id);
    world.record({.at = now,
                  .fact = Fact::images_removed,
                  .node = id,
                  .group = node.group,
                  .value = static_cast<std::int64_t>(which.size())});
  }
  // One that is too young by now, or was one too many for this cycle.
  for (const CachedImage& c : images) {
    if (!c.in_use) next = std::min(next, c.pulled + parameters_.cleanup.minimum_age + Duration{1});
  }
  if (next != kTimeNever) plan_cycle(world, id, next);
}

/// Takes away the layers that no image on the instance has any more.
void ContainerAgents::drop_layers(World& world, NodeId id, const std::vector<Image>& images,
                                  const std::vector<NameId>& layers) {
  if (layers.empty()) return;
  std::vector<NameId> kept;
  for (const auto& [image, since] : world.node(id).image_cache) {
    const auto at =
        std::find_if(images.begin(), images.end(), [name = image](const Image& i) { return i.name == name; });
    if (at != images.end()) kept.insert(kept.end(), at->layers.begin(), at->layers.end());
  }
  std::erase_if(world.edit_node(id).image_cache, [&](const auto& entry) {
    return entry.second != kTimeNever && is_among(layers, entry.first) && !is_among(kept, entry.first);
  });
}

}  // namespace plimsoll::ecs
