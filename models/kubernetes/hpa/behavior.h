#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/core/time.h"

namespace plimsoll::kubernetes {

enum class SelectPolicy : std::uint8_t { max, min, disabled };

/// At most `value` pods, or percent of the size, within `period`.
struct ScalingPolicy {
  enum class Type : std::uint8_t { pods, percent } type = Type::percent;
  std::int64_t value = 100;
  Duration period = seconds(15);
};

/// spec.behavior.scaleUp or scaleDown.
struct ScalingRules {
  std::vector<ScalingPolicy> policies;
  SelectPolicy select = SelectPolicy::max;
  std::optional<Duration> stabilization;  // absent (scale down only): the controller's downscale stabilisation
  std::optional<double> tolerance;
};

struct ScalingBehavior {
  ScalingRules up, down;
};

/// What an absent direction means when the other is given: up 4 pods or 100 % in 15 s, at once; down 100 % in 15 s,
/// stabilised. Source: pkg/apis/autoscaling/v2beta2/defaults.go (1.20.2).
inline ScalingRules default_scale_up() {
  return {{{ScalingPolicy::Type::pods, 4, seconds(15)}, {ScalingPolicy::Type::percent, 100, seconds(15)}},
          SelectPolicy::max,
          Duration{},
          {}};
}
inline ScalingRules default_scale_down() {
  return {{{ScalingPolicy::Type::percent, 100, seconds(15)}}, SelectPolicy::max, {}, {}};
}

/// A recommendation of the metrics, before stabilisation.
struct Recommendation {
  std::int64_t replicas = 0;
  Time at{};
};

/// A change of size that was made: how many replicas, always positive.
struct ScaleEvent {
  std::int64_t change = 0;
  Time at{};
};

}  // namespace plimsoll::kubernetes
