#include "models/eks/cluster_autoscaler/limiter.h"

#include <algorithm>

namespace plimsoll::eks::ca {

Limiter::Limiter(std::span<const std::int64_t> thresholds, Duration longest) : longest_(longest) {
  for (const std::int64_t t : thresholds) {
    if (t < 0) {
      limit_ = -1;
      return;
    }
    if (t > 0) limit_ = limit_ == 0 ? t : std::min(limit_, t);
  }
}

}  // namespace plimsoll::eks::ca
