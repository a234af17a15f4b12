#include "sim/policy/custom_replica_scaler.h"

#include <algorithm>
#include <array>
#include <string>

namespace plimsoll {

void CustomReplicaScalers::scale(WorkloadId workload, CustomPolicyPtr policy, Ppm target_cpu, Duration period) {
  Target t;
  t.workload = workload;
  t.policy = std::move(policy);
  t.target_cpu = target_cpu;
  t.period = period;
  t.state.size = sizeof t.state;
  targets_.push_back(std::move(t));
}

void CustomReplicaScalers::start(World& world) {
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    const std::string_view name = world.names.text(world.workload(targets_[i].workload).name);
    const Stream stream = world.stream(hash_text(name, hash_text("custom-scaler")), Purpose::loop_offset);
    const std::uint64_t offset = stream.below(static_cast<std::uint64_t>(targets_[i].period.count()), 0);
    world.wake(handler, world.now() + Duration{static_cast<std::int64_t>(offset) + 1}, Phase::controllers, i);
  }
}

void CustomReplicaScalers::handle(World& world, const Event& event) {
  Target& t = targets_[event.payload];
  if (world.service() != nullptr) world.service()->settle(world);
  const Workload& w = world.workload(t.workload);
  const Usage& usage = world.usage[t.workload.index()];
  const std::string name(world.names.text(w.name));
  const Duration span = world.now() - t.at;
  const __int128 serving = usage.serving_time - t.serving;

  plimsoll_replicas seen{};
  seen.size = sizeof seen;
  seen.workload = name.c_str();
  seen.now_s = world.now().time_since_epoch().count() / 1'000'000;
  seen.desired = w.desired;
  seen.ready = w.serving;
  seen.minimum = w.minimum;
  seen.maximum = w.maximum;
  seen.cpu_used_milli =
      serving > 0 ? static_cast<std::int64_t>((usage.cpu_serving - t.cpu) / serving / kCpuTicksPerMilli) : -1;
  seen.cpu_request_milli = to_millis_ceil(w.requests.cpu());
  // Arrivals are counted in millionths of a request, spans in microseconds.
  seen.requests_per_s_milli =
      static_cast<std::int64_t>(static_cast<__int128>(usage.arrived - t.arrived) * 1000 / span.count());
  seen.target_cpu_percent = t.target_cpu.raw() / 10'000;

  const Stream stream = world.stream(hash_text(name, hash_text("workload")), Purpose::custom_policy);
  std::array<std::uint64_t, 4> values{};
  for (std::uint32_t i = 0; i < values.size(); ++i) values[i] = stream.bits(t.calls, i);
  const plimsoll_draws draws{sizeof draws, static_cast<std::uint32_t>(values.size()), values.data()};
  const std::int64_t wanted = t.policy->replicas(seen, draws, t.state);

  ++t.calls;
  t.at = world.now();
  t.cpu = usage.cpu_serving;
  t.serving = usage.serving_time;
  t.arrived = usage.arrived;
  world.set_desired(t.workload, std::clamp(wanted, w.minimum, std::max(w.minimum, w.maximum)));
  world.wake(handler, world.now() + t.period, Phase::controllers, event.payload);
}

}  // namespace plimsoll
