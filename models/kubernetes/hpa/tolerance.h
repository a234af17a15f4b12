#pragma once

#include <cmath>

#include "models/kubernetes/version.h"

namespace plimsoll::kubernetes {

/// Whether a usage ratio is close enough to 1 to leave the size alone. 1.20: |1 - r| <= t in doubles, so that exactly
/// 1.1 is outside a tolerance of 0.1; later: 1 - down <= r <= 1 + up, where 1.1 is inside.
/// Source: pkg/controller/podautoscaler/replica_calculator.go (1.20.2, current).
struct Tolerance {
  double up = 0.1, down = 0.1;
  bool holds(double ratio, KubernetesVersion version) const {
    if (version == KubernetesVersion::current) return 1.0 - down <= ratio && ratio <= 1.0 + up;
    return std::fabs(1.0 - ratio) <= up;
  }
};

}  // namespace plimsoll::kubernetes
