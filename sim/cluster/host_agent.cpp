#include "sim/cluster/host_agent.h"

#include <algorithm>

#include "sim/core/assert.h"

namespace plimsoll {

namespace {

// payload: pod id | epoch (24 bits) | step (8 bits)
std::uint64_t pack(PodId pod, std::uint32_t epoch, std::uint8_t step) {
  return (static_cast<std::uint64_t>(pod.value()) << 32) | (static_cast<std::uint64_t>(epoch & 0xffffffu) << 8) | step;
}

const HostProfile& profile_of(const World& world, const Pod& pod) {
  return world.host_profiles[static_cast<std::size_t>(world.node(pod.node).host)];
}

}  // namespace

void HostAgent::schedule(World& world, const Pod& pod, Step step, Time at) {
  world.wake(handler, std::max(at, world.now()), Phase::facts,
             pack(pod.id, pod.epoch, static_cast<std::uint8_t>(step)));
}

void HostAgent::on_fact(World& world, const FactRecord& fact) {
  if (fact.fact == Fact::node_lost) {
    for (const PodId id : world.pods_on(fact.node)) {
      const PodState state = world.pod(id).state;
      if (state == PodState::ready || state == PodState::serving)
        schedule_target_removal(world, world.pod(id), world.now());
    }
    return;
  }
  if (fact.fact == Fact::pod_ended) {
    const Pod& pod = world.pod(fact.pod);
    if (pod.serving == kTimeNever || pod.stopping != kTimeNever || !is_host_loss(pod.end_reason)) return;
    schedule_target_removal(world, pod, std::min(world.now(), world.node(pod.node).lost));
    return;
  }
  // On a lost node nobody does anything, whatever the control plane asks for.
  if (!fact.node.is_none() && world.node(fact.node).is_lost()) return;
  if (fact.fact == Fact::pod_bound) {
    const Pod& pod = world.pod(fact.pod);
    const Stream stream = world.stream(world.entity(pod), Purpose::registration);
    schedule(world, pod, Step::pull, world.now() + profile_of(world, pod).prepare.sample(stream, 0));
  } else if (fact.fact == Fact::pod_stopping) {
    const Pod& pod = world.pod(fact.pod);
    schedule(world, pod, Step::end, world.now() + pod.stop_after);
  }
}

void HostAgent::schedule_target_removal(World& world, const Pod& pod, Time lost) {
  const HostProfile& profile = profile_of(world, pod);
  const Delay& delay =
      world.workload(pod.workload).behind_balancer ? profile.lost_target_balanced : profile.lost_target_plain;
  const Stream stream = world.stream(world.entity(pod), Purpose::probe_phase);
  schedule(world, pod, Step::target_removed, lost + delay.sample(stream, 1));
}

void HostAgent::handle(World& world, const Event& event) {
  const PodId id{static_cast<std::uint32_t>(event.payload >> 32)};
  const Pod& pod = world.pod(id);
  if ((pod.epoch & 0xffffffu) != ((event.payload >> 8) & 0xffffffu)) return;
  switch (static_cast<Step>(event.payload & 0xffu)) {
    case Step::pull:
      begin_pull(world, id);
      break;
    case Step::start:
      world.pod_started(id);
      begin_init(world, id);
      break;
    case Step::init_done: {
      const HostProfile& profile = profile_of(world, pod);
      Time at = world.now();
      if (profile.probe_period.count() > 0) {
        // Probes tick from the container's start with a phase; the first tick at or after now sees it ready.
        const auto period = static_cast<std::uint64_t>(profile.probe_period.count());
        const std::uint64_t phase =
            profile.probe_phase_random ? world.stream(world.entity(pod), Purpose::probe_phase).below(period, 0) : 0;
        const Time first = pod.started + Duration{static_cast<std::int64_t>(phase)};
        if (first >= at) {
          at = first;
        } else {
          const std::int64_t ticks = div_ceil((at - first).count(), profile.probe_period.count());
          at = first + Duration{ticks * profile.probe_period.count()};
        }
      }
      schedule(world, pod, Step::probe, at);
      break;
    }
    case Step::probe: {
      world.pod_ready(id);
      const HostProfile& profile = profile_of(world, pod);
      const Workload& workload = world.workload(pod.workload);
      const Stream stream = world.stream(world.entity(pod), Purpose::registration);
      Duration delay = profile.endpoint_propagation.sample(stream, 1);
      if (workload.behind_balancer) delay = profile.balancer_registration.sample(stream, 2) + profile.slow_start / 2;
      schedule(world, pod, Step::serve, world.now() + delay);
      break;
    }
    case Step::serve:
      world.pod_serving(id);
      break;
    case Step::end:
      world.pod_ended(id, Reason::none);
      break;
    case Step::target_removed:
      // One that still exists is found not to answer; one that went with its host is taken out of the lists.
      if (pod.state == PodState::ended) {
        world.target_removed(id);
      } else {
        world.pod_unready(id, Reason::node_lost);
      }
      break;
  }
}

void HostAgent::begin_pull(World& world, PodId id) {
  world.pod_pulling(id);
  const Pod& pod = world.pod(id);
  const HostProfile& profile = profile_of(world, pod);
  Node& node = world.edit_node(pod.node);
  const Stream stream = world.stream(world.entity(pod), Purpose::image_pull);
  Time done = world.now();
  for (const auto& [image, size] : world.template_of(pod).images) {
    const auto cached = std::find_if(node.image_cache.begin(), node.image_cache.end(),
                                     [name = image](const auto& entry) { return entry.first == name; });
    if (profile.image_cache && cached != node.image_cache.end()) {
      done = std::max(done, cached->second);  // perhaps still on its way for another pod
      continue;
    }
    const Duration transfer{
        static_cast<std::int64_t>(static_cast<__int128>(size.raw()) * 1'000'000 / profile.pull_bytes_per_s)};
    const Time begin = profile.serial_pulls ? std::max(done, node.pull_free) : done;
    done = begin + profile.pull_overhead + transfer;
    if (profile.serial_pulls) node.pull_free = done;
    if (profile.image_cache) node.image_cache.emplace_back(image, done);
  }
  schedule(world, pod, Step::start, done + profile.container_start.sample(stream, 0));
}

void HostAgent::begin_init(World& world, PodId id) {
  const Pod& pod = world.pod(id);
  const PodTemplate& made_of = world.template_of(pod);
  Duration cpu_part{};
  if (made_of.start_cpu_seconds > 0) {
    ServiceModel* service = world.service();
    const double cores = service != nullptr ? service->start_cores(world, id) : made_of.start_cores;
    PLIMSOLL_ASSERT(cores > 0);
    cpu_part = from_seconds(made_of.start_cpu_seconds / cores);
  }
  schedule(world, world.pod(id), Step::init_done, world.now() + cpu_part + made_of.start_wait);
}

}  // namespace plimsoll
