#include "models/aws/billing/scad.h"

namespace plimsoll::aws::charges {
namespace {

Ratio ratio_or_zero(Ratio a, Ratio b) { return b.is_zero() ? Ratio{0} : a / b; }

}  // namespace

Ratio ScadSplit::sum() const {
  Ratio total;
  for (const ScadShare& p : pods) total += p.total_usd();
  return total;
}

ScadSplit split_cost_allocation(Ratio instance_usd, Ratio vcpu, Ratio gb, std::span<const ScadPod> pods,
                                std::int64_t vcpu_weight, std::int64_t gb_weight) {
  ScadSplit out;
  const Ratio unit = instance_usd / (Ratio{vcpu_weight} * vcpu + Ratio{gb_weight} * gb);
  out.usd_per_vcpu_hour = unit * Ratio{vcpu_weight};
  out.usd_per_gb_hour = unit * Ratio{gb_weight};

  Ratio vcpu_sum, gb_sum;
  for (const ScadPod& p : pods) {
    vcpu_sum += max(p.reserved_vcpu, p.used_vcpu);
    gb_sum += max(p.reserved_gb, p.used_gb);
  }
  out.unused_vcpu = max(vcpu - vcpu_sum, Ratio{0});
  out.unused_gb = max(gb - gb_sum, Ratio{0});

  for (const ScadPod& p : pods) {
    const Ratio c = max(p.reserved_vcpu, p.used_vcpu), m = max(p.reserved_gb, p.used_gb);
    ScadShare s;
    s.name = p.name;
    s.vcpu_split_ratio = ratio_or_zero(c, max(vcpu, vcpu_sum));
    s.memory_split_ratio = ratio_or_zero(m, max(gb, gb_sum));
    // split ratio / (1 - unused share): the pod's part of what is allocated.
    if (!out.unused_vcpu.is_zero()) s.vcpu_unused_ratio = ratio_or_zero(c, vcpu_sum);
    if (!out.unused_gb.is_zero()) s.memory_unused_ratio = ratio_or_zero(m, gb_sum);
    s.split_usd = s.vcpu_split_ratio * vcpu * out.usd_per_vcpu_hour + s.memory_split_ratio * gb * out.usd_per_gb_hour;
    s.unused_usd = s.vcpu_unused_ratio * out.unused_vcpu * out.usd_per_vcpu_hour +
                   s.memory_unused_ratio * out.unused_gb * out.usd_per_gb_hour;
    out.pods.push_back(std::move(s));
  }
  return out;
}

}  // namespace plimsoll::aws::charges
