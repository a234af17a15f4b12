#include "sim/load/water_filling.h"

#include <algorithm>

#include "sim/core/assert.h"

namespace plimsoll::load {

void share_cpu(Cpu capacity, std::span<const CpuClaim> claims, std::span<Cpu> grants) {
  PLIMSOLL_ASSERT(claims.size() == grants.size() && capacity.raw() >= 0);
  constexpr Cpu kOpen{-1};
  std::int64_t demand = 0;
  std::int64_t weight = 0;
  for (const CpuClaim& claim : claims) {
    demand += claim.demand.raw();
    weight += claim.weight;
  }
  std::int64_t left = capacity.raw();
  if (demand <= left) {
    for (std::size_t i = 0; i < claims.size(); ++i) grants[i] = claims[i].demand;
    return;
  }
  std::fill(grants.begin(), grants.end(), kOpen);
  // Whoever wants no more than its share of what is left is satisfied and leaves the rest to the others. A claim that
  // fits a lower share fits every later one, because each leaver takes at most its share.
  bool changed = true;
  while (changed) {
    changed = false;
    std::int64_t taken = 0;
    std::int64_t gone = 0;
    for (std::size_t i = 0; i < claims.size(); ++i) {
      if (grants[i] != kOpen) continue;
      const CpuClaim& claim = claims[i];
      if (static_cast<__int128>(claim.demand.raw()) * weight <= static_cast<__int128>(claim.weight) * left) {
        grants[i] = claim.demand;
        taken += claim.demand.raw();
        gone += claim.weight;
        changed = true;
      }
    }
    left -= taken;
    weight -= gone;
  }
  for (std::size_t i = 0; i < claims.size(); ++i) {
    if (grants[i] != kOpen) continue;
    const auto part = static_cast<std::int64_t>(static_cast<__int128>(left) * claims[i].weight / weight);
    grants[i] = Cpu{part};
    left -= part;
    weight -= claims[i].weight;
  }
}

std::int64_t cpu_shares(Cpu request) {
  if (request.raw() <= 0) return 2;
  return std::clamp<std::int64_t>(to_millis_ceil(request) * 1024 / 1000, 2, 262'144);
}

}  // namespace plimsoll::load
