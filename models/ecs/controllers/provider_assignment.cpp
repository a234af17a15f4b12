#include "models/ecs/controllers/provider_assignment.h"

#include <utility>

namespace plimsoll::ecs {

void ProviderAssignment::assign(WorkloadId service, std::vector<ProviderShare> own) {
  if (assigned_.size() <= service.index()) {
    assigned_.resize(service.index() + 1);
    own_.resize(service.index() + 1);
  }
  assigned_[service.index()].assign(strategy_.size(), 0);
  own_[service.index()] = std::move(own);
}

void ProviderAssignment::on_fact(World& world, const FactRecord& fact) {
  if (fact.fact != Fact::pod_created && fact.fact != Fact::pod_stopping && fact.fact != Fact::pod_ended) return;
  if (fact.workload.index() >= assigned_.size() || assigned_[fact.workload.index()].empty()) return;
  std::vector<std::int64_t>& assigned = assigned_[fact.workload.index()];
  const Pod& pod = world.pod(fact.pod);
  if (fact.fact == Fact::pod_created) {
    const std::vector<ProviderShare>& own = own_[fact.workload.index()];
    const std::size_t lane = next_provider(own.empty() ? strategy_ : own, assigned, rule_);
    world.edit_pod(fact.pod).lane = static_cast<std::uint8_t>(lane);
    ++assigned[lane];
  } else if (fact.fact == Fact::pod_stopping || pod.stopping == kTimeNever) {
    --assigned[pod.lane];
  }
}

}  // namespace plimsoll::ecs
