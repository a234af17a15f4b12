#include "models/kubernetes/scheduler/volume_restrictions.h"

#include <algorithm>

namespace plimsoll::kubernetes {

namespace {

class ClaimUse final : public PluginState {
 public:
  std::unique_ptr<PluginState> clone() const override { return std::make_unique<ClaimUse>(*this); }
  std::int64_t pods = 0;  // placed pods that use one of the incoming pod's exclusive claims
};

bool shares_exclusive_claim(const PodShape& pod, const PodShape& other) {
  return std::any_of(pod.volumes.begin(), pod.volumes.end(), [&](const PodVolume& v) {
    return v.once_pod && !v.claim.is_none() &&
           std::any_of(other.volumes.begin(), other.volumes.end(),
                       [&](const PodVolume& o) { return o.claim == v.claim; });
  });
}

const PodVolume* missing_claim(const PodShape& pod) {
  const auto at = std::find_if(pod.volumes.begin(), pod.volumes.end(), [](const PodVolume& v) { return v.missing; });
  return at == pod.volumes.end() ? nullptr : &*at;
}

bool has_exclusive_claim(const Cycle& cycle) {
  return std::any_of(cycle.pod.volumes.begin(), cycle.pod.volumes.end(), [](const PodVolume& v) { return v.once_pod; });
}

}  // namespace

std::unique_ptr<PluginState> VolumeRestrictions::make_state() const { return std::make_unique<ClaimUse>(); }

void VolumeRestrictions::rebuild(const Cycle& cycle, PluginState& state) const {
  auto& use = static_cast<ClaimUse&>(state);
  use.pods = 0;
  if (!has_exclusive_claim(cycle)) return;
  for (Row row = 0; row < cycle.snapshot().rows(); ++row) {
    for (const PodOnNode& there : cycle.snapshot().pods(row)) {
      use.pods += shares_exclusive_claim(cycle.pod, cycle.view.shapes[there.shape]) ? 1 : 0;
    }
  }
}

void VolumeRestrictions::update(const Cycle& cycle, PluginState& state, const RowChange& change) const {
  if (change.shape.is_none() || change.pods == 0 || !has_exclusive_claim(cycle)) return;
  if (shares_exclusive_claim(cycle.pod, cycle.view.shapes[change.shape])) {
    static_cast<ClaimUse&>(state).pods += change.pods;
  }
}

bool VolumeRestrictions::heeds(const Cycle& cycle, PluginState&, ShapeId other) const {
  return has_exclusive_claim(cycle) && shares_exclusive_claim(cycle.pod, cycle.view.shapes[other]);
}

bool VolumeRestrictions::filters(const Cycle& cycle) const {
  return missing_claim(cycle.pod) != nullptr || static_cast<ClaimUse&>(*cycle.state).pods > 0;
}

void VolumeRestrictions::filter(const Cycle& cycle, std::span<const Row>, std::span<Verdict> verdicts) const {
  const PodVolume* missing = missing_claim(cycle.pod);
  for (Verdict& verdict : verdicts) {
    if (!verdict.ok()) continue;
    if (missing != nullptr) {
      verdict.fail(Code::unresolvable, id(), Reason::missing_claim, missing->claim);
    } else {
      verdict.fail(Code::unschedulable, id(), Reason::exclusive_claim);
    }
  }
}

}  // namespace plimsoll::kubernetes
