#include "models/kubernetes/workloads/completion_indexes.h"

#include <algorithm>

#include "models/kubernetes/workloads/job.h"

namespace plimsoll::kubernetes {

CompletionIndexes::CompletionIndexes(std::int64_t completions, std::optional<std::int64_t> limit)
    : limit_(limit),
      all_(static_cast<std::size_t>(completions)),
      succeeded_(static_cast<std::size_t>(completions), false) {}

void CompletionIndexes::succeed(std::int64_t index) {
  const auto i = static_cast<std::size_t>(index);
  if (!succeeded_[i]) ++succeeded_count_;
  succeeded_[i] = true;
  while (lowest_ < all_.size() && (succeeded_[lowest_] || all_[lowest_].failed)) ++lowest_;
}

bool CompletionIndexes::fail(std::int64_t index, bool counts, bool gives_up, Time when) {
  Index& i = at(index);
  const bool over = limit_ && !i.failed && (gives_up || (counts && i.failures >= *limit_));
  ++(counts ? i.failures : i.ignored);
  i.last_failure = when;
  if (!over) return false;
  i.failed = true;
  ++failed_count_;
  while (lowest_ < all_.size() && (succeeded_[lowest_] || all_[lowest_].failed)) ++lowest_;
  return true;
}

IndexesToCreate CompletionIndexes::to_create(std::int64_t count, bool replaces_terminating, Time now,
                                             KubernetesVersion version) const {
  IndexesToCreate out;
  std::int64_t seen = 0;
  for (std::size_t k = lowest_; k < all_.size() && seen < count; ++k) {
    const Index& i = all_[k];
    if (succeeded_[k] || i.failed || i.active > 0 || (i.terminating > 0 && !replaces_terminating)) continue;
    ++seen;
    const std::int64_t failures = i.failures + i.ignored;
    const Time ready = limit_ && failures > 0 ? i.last_failure + job_backoff(failures, version) : now;
    if (ready <= now) {
      out.indexes.push_back(static_cast<std::int64_t>(k));
    } else {
      out.wait_until = std::min(out.wait_until, ready);
    }
  }
  if (!out.indexes.empty()) out.wait_until = kTimeNever;
  return out;
}

}  // namespace plimsoll::kubernetes
