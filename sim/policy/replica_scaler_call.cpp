#include "sim/policy/replica_scaler_call.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "sim/core/assert.h"

namespace plimsoll {

ReplicaScalerCall::ReplicaScalerCall(CustomPolicyPtr policy, WorkloadId workload, Ppm target_cpu,
                                     std::uint64_t draws_of)
    : policy_(std::move(policy)), workload_(workload), target_cpu_(target_cpu), draws_of_(draws_of) {
  PLIMSOLL_ASSERT(policy_ != nullptr && policy_->kind() == CustomPolicy::Kind::replica_scaler);
  state_.size = sizeof state_;
}

std::int64_t ReplicaScalerCall::ask(World& world) {
  if (world.service() != nullptr) world.service()->settle(world);
  const Workload& w = world.workload(workload_);
  const Usage& usage = world.usage[workload_.index()];
  const std::string name(world.names.text(w.name));
  const Duration span = std::max(world.now() - at_, Duration{1});
  const __int128 serving = usage.serving_time - serving_;

  plimsoll_replicas seen{};
  seen.size = sizeof seen;
  seen.workload = name.c_str();
  seen.now_s = world.now().time_since_epoch().count() / 1'000'000;
  seen.desired = w.desired;
  seen.ready = w.serving;
  seen.minimum = w.minimum;
  seen.maximum = w.maximum;
  seen.cpu_used_milli =
      serving > 0 ? static_cast<std::int64_t>((usage.cpu_serving - cpu_) / serving / kCpuTicksPerMilli) : -1;
  seen.cpu_request_milli = to_millis_ceil(w.requests.cpu());
  // Arrivals are counted in millionths of a request, spans in microseconds.
  seen.requests_per_s_milli =
      static_cast<std::int64_t>(static_cast<__int128>(usage.arrived - arrived_) * 1000 / span.count());
  seen.target_cpu_percent = target_cpu_.raw() / 10'000;

  const Stream stream = world.stream(hash_text(name, draws_of_), Purpose::custom_policy);
  std::array<std::uint64_t, 4> values{};
  for (std::uint32_t i = 0; i < values.size(); ++i) values[i] = stream.bits(calls_, i);
  const plimsoll_draws draws{sizeof draws, static_cast<std::uint32_t>(values.size()), values.data()};
  const std::int64_t wanted = policy_->replicas(seen, draws, state_);

  ++calls_;
  at_ = world.now();
  cpu_ = usage.cpu_serving;
  serving_ = usage.serving_time;
  arrived_ = usage.arrived;
  return std::clamp(wanted, w.minimum, std::max(w.minimum, w.maximum));
}

}  // namespace plimsoll
