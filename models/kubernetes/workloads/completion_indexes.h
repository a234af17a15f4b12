#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/kubernetes/version.h"
#include "sim/core/time.h"

namespace plimsoll::kubernetes {

/// Which indexes get a pod now. None, and `wait_until` said: those that are missing wait for their back-off.
struct IndexesToCreate {
  std::vector<std::int64_t> indexes;
  Time wait_until = kTimeNever;
};

/// The completion indexes 0, 1, ... of one Indexed Job: which have succeeded, which were given up, which have pods, and
/// how often each has failed. The lowest that is missing comes first. With a limit for each index, an index waits for
/// itself: 10 s x 2^(failures - 1) after its last failure, ignored ones included.
/// SOURCE: kubernetes/kubernetes pkg/controller/job/indexed_job_utils.go (firstPendingIndexes, isIndexFailed,
/// getNewIndexFailureCounts), backoff_utils.go getRemainingTimePerIndex, job_controller.go
/// getPodCreationInfoForIndependentIndexes (1.34).
class CompletionIndexes {
 public:
  CompletionIndexes() = default;
  /// `limit`: backoffLimitPerIndex.
  CompletionIndexes(std::int64_t completions, std::optional<std::int64_t> limit);

  void pod_created(std::int64_t index) { ++at(index).active; }
  /// The pod is asked to stop, or is gone.
  void pod_terminating(std::int64_t index) {
    --at(index).active;
    ++at(index).terminating;
  }
  void pod_gone(std::int64_t index, bool was_terminating) {
    --(was_terminating ? at(index).terminating : at(index).active);
  }

  void succeed(std::int64_t index);
  /// A pod of the index has failed. `counts`: towards its limit; `gives_up`: FailIndex. True when this ends the index.
  bool fail(std::int64_t index, bool counts, bool gives_up, Time when);

  std::int64_t succeeded() const { return succeeded_count_; }
  std::int64_t failed() const { return failed_count_; }
  const std::vector<bool>& which_succeeded() const { return succeeded_; }

  /// Of the lowest `count` indexes that miss a pod, those whose back-off is over. `replaces_terminating`: a pod that
  /// is asked to stop is missed already.
  IndexesToCreate to_create(std::int64_t count, bool replaces_terminating, Time now, KubernetesVersion version) const;

 private:
  struct Index {
    std::int32_t active = 0, terminating = 0;
    std::int32_t failures = 0, ignored = 0;
    Time last_failure{};
    bool failed = false;
  };
  Index& at(std::int64_t index) { return all_[static_cast<std::size_t>(index)]; }

  std::optional<std::int64_t> limit_;
  std::vector<Index> all_;
  std::vector<bool> succeeded_;
  std::int64_t succeeded_count_ = 0, failed_count_ = 0;
  std::size_t lowest_ = 0;  ///< all below have succeeded or were given up
};

}  // namespace plimsoll::kubernetes
