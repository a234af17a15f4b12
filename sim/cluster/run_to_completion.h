#pragma once

#include <vector>

#include "sim/cluster/run_failure.h"
#include "sim/cluster/world.h"

namespace plimsoll {

/// What one run of a pod that ends by itself is made of. Each run, also one in the same pod after a failure, draws anew
/// (stream of the pod, Purpose::work, item = restarts of its containers).
struct RunToCompletion {
  Delay work;                          ///< CPU time of one core
  Delay wait;                          ///< after it, time that no CPU shortens
  double cores = 1;                    ///< cores that it can use at once
  Ppm fails{};                         ///< share of runs that end with exit code 1, at an instant uniform in the run
  std::vector<RunFailure> failures{};  ///< further ways to fail, looked at in their order before `fails`
};

/// Of a load model that shares out the CPU of nodes: what work that ends gets beside the traffic.
class WorkGrants {
 public:
  virtual ~WorkGrants() = default;
  /// Cores that the pod is granted from now on, at most `most` cores and its limit, for work of `core_seconds`; they
  /// are free again when it is done, or when the pod stops or fails before.
  virtual double run_cores(World& world, PodId pod, double most, double core_seconds) = 0;
};

}  // namespace plimsoll
