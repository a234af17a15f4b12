#include "models/aws/capacity/vcpu_quota.h"

#include <algorithm>
#include <iterator>

namespace plimsoll::aws {

std::optional<InstanceKind> quota_kind(std::string_view family) {
  const std::string_view kind = family.substr(0, family.find_first_of("0123456789-"));
  constexpr std::string_view kStandard[] = {"a", "c", "d", "h", "i", "im", "is", "m", "r", "t", "z"};
  if (std::find(std::begin(kStandard), std::end(kStandard), kind) != std::end(kStandard)) return InstanceKind::standard;
  if (kind == "p")
    return family.starts_with("p2") || family.starts_with("p3") || family.starts_with("p4") ? InstanceKind::p
                                                                                            : InstanceKind::p5;
  constexpr std::pair<std::string_view, InstanceKind> kOthers[] = {
      {"g", InstanceKind::g_vt},  {"gr", InstanceKind::g_vt}, {"vt", InstanceKind::g_vt},
      {"x", InstanceKind::x},     {"f", InstanceKind::f},     {"inf", InstanceKind::inf},
      {"trn", InstanceKind::trn}, {"dl", InstanceKind::dl},   {"u", InstanceKind::high_memory},
      {"hpc", InstanceKind::hpc}};
  for (const auto& [name, of] : kOthers) {
    if (kind == name) return of;
  }
  return std::nullopt;
}

std::string_view to_string(InstanceKind kind) {
  constexpr std::string_view kNames[] = {"Standard", "G and VT", "P",  "P5",          "X",  "F",
                                         "Inf",      "Trn",      "DL", "High Memory", "HPC"};
  return kNames[static_cast<std::size_t>(kind)];
}

VcpuQuota::VcpuQuota(const AccountQuotas& quotas) {
  for (std::size_t k = 0; k < kInstanceKinds; ++k) {
    on_demand_[k].vcpus = quotas.on_demand[k];
    spot_[k].vcpus = quotas.spot[k];
  }
}

void VcpuQuota::note(const World& world, NodeGroupId asker, PurchaseOption purchase, InstanceKind kind, bool waits) {
  Sides& all = purchase == PurchaseOption::spot ? spot_ : on_demand_;
  Side& s = all[static_cast<std::size_t>(counted_as(purchase, kind))];
  if (!s.vcpus) return;
  const auto at = std::find(s.waiting.begin(), s.waiting.end(), asker);
  if (waits == (at != s.waiting.end())) return;
  waits ? s.waiting.push_back(asker) : (void)s.waiting.erase(at);
  if (s.clock.binds() == s.waiting.empty()) s.clock.set(world, !s.waiting.empty());
}

std::vector<BindingLimits::Limit> VcpuQuota::binding_limits(const World& world) const {
  std::vector<BindingLimits::Limit> out;
  for (const PurchaseOption purchase : {PurchaseOption::on_demand, PurchaseOption::spot}) {
    for (std::size_t k = 0; k < kInstanceKinds; ++k) {
      const Side& s = sides(purchase)[k];
      const double share = s.clock.share(world);
      if (share > 0)
        out.push_back({"the account's quota of " + std::to_string(*s.vcpus) + " " +
                           std::string(to_string(static_cast<InstanceKind>(k))) + " vCPUs " +
                           (purchase == PurchaseOption::spot ? "on Spot" : "on demand"),
                       share});
    }
  }
  return out;
}

}  // namespace plimsoll::aws
