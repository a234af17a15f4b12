#include "models/aws/capacity/vcpu_quota.h"

#include <algorithm>
#include <iterator>

namespace plimsoll::aws {

bool is_standard_family(std::string_view family) {
  const std::string_view kind = family.substr(0, family.find_first_of("0123456789"));
  constexpr std::string_view kStandard[] = {"a", "c", "d", "h", "i", "im", "is", "m", "r", "t", "z"};
  return std::find(std::begin(kStandard), std::end(kStandard), kind) != std::end(kStandard);
}

void VcpuQuota::note(const World& world, NodeGroupId asker, PurchaseOption purchase, bool waits) {
  Side& s = purchase == PurchaseOption::spot ? spot_ : on_demand_;
  if (!s.vcpus) return;
  const auto at = std::find(s.waiting.begin(), s.waiting.end(), asker);
  if (waits == (at != s.waiting.end())) return;
  waits ? s.waiting.push_back(asker) : (void)s.waiting.erase(at);
  if (s.clock.binds() == s.waiting.empty()) s.clock.set(world, !s.waiting.empty());
}

std::vector<BindingLimits::Limit> VcpuQuota::binding_limits(const World& world) const {
  std::vector<BindingLimits::Limit> out;
  for (const Side* s : {&on_demand_, &spot_}) {
    const double share = s->clock.share(world);
    if (share > 0)
      out.push_back({"the account's quota of " + std::to_string(*s->vcpus) + " Standard vCPUs " +
                         (s == &spot_ ? "on Spot" : "on demand"),
                     share});
  }
  return out;
}

}  // namespace plimsoll::aws
