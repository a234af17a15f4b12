#pragma once

#include "models/kubernetes/hpa/behavior.h"
#include "models/kubernetes/version.h"

namespace plimsoll::kubernetes {

/// Without `behavior`: the largest recommendation of the window, `desired` included, which is recorded. The controller
/// keeps all of them; here only those that can still be the largest of a later call stay in `recent`.
/// Source: pkg/controller/podautoscaler/horizontal.go stabilizeRecommendation (1.20.2 .. current).
/// @pre `now` never goes back between calls.
std::int64_t stabilize_without_behavior(std::int64_t desired, Duration window, std::vector<Recommendation>& recent,
                                        Time now);

/// With `behavior`. 1.20: the window of the direction that `desired` points to. Newer: the current size is brought
/// between the least of the up window and the greatest of the down window. Records `desired`.
/// Source: horizontal.go stabilizeRecommendationWithBehaviors (1.20.2, current).
std::int64_t stabilize_with_behavior(std::int64_t current, std::int64_t desired, Duration up_window,
                                     Duration down_window, std::vector<Recommendation>& recent, Time now,
                                     KubernetesVersion version);

}  // namespace plimsoll::kubernetes
