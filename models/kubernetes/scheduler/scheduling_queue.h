#pragma once

#include <optional>
#include <vector>

#include "models/kubernetes/scheduler/priority_sort.h"

namespace plimsoll::kubernetes {

/// Times and habits of the queue.
struct QueueRules {
  Duration initial_backoff = seconds(1), maximum_backoff = seconds(10);
  Duration unschedulable_limit = minutes(5);  ///< longer than this in the pool: tried again without an event
  Duration backoff_flush = seconds(1), unschedulable_flush = seconds(30);  ///< periods of the two loops
  Duration backoff_offset{}, unschedulable_offset{};                       ///< of their ticks
  bool whole_seconds = true;     ///< the end of a backoff is cut down to a whole second
  bool pop_from_backoff = true;  ///< an idle scheduler does not wait for the end of a backoff
};

/// Limit 60 s in 1.20, 5 minutes later; whole seconds and popping from the backoff queue came with 1.33, which the
/// caller sees to within `current`.
/// Source: pkg/scheduler/internal/queue/scheduling_queue.go (1.20.2, 1.26.15), backend/queue (1.34).
QueueRules queue_rules(KubernetesVersion version);

/// The three queues of kube-scheduler, without a clock of its own: active (PrioritySort), backoff (by its end, then as
/// in active), and the pool of unschedulable pods. A plain value; pods that have gone meanwhile are for the caller to
/// skip. A pod's time in the queue is that of its arrival or of its last failure: being moved from one queue to another
/// does not change it. Source: as for queue_rules (AddUnschedulableIfNotPresent alone refreshes the timestamp).
class SchedulingQueue {
 public:
  explicit SchedulingQueue(QueueRules rules) : rules_(rules) {}

  void add(QueuedPod pod, Time now);
  /// The next to schedule, its attempt counted; none when nothing is to be tried now.
  std::optional<QueuedPod> pop();
  bool has_next() const { return !active_.empty() || (rules_.pop_from_backoff && poppable_ > 0); }

  /// After a failed cycle: to the pool, to wait for an event. `error`: not for lack of a node; to the backoff queue,
  /// whose end it must wait for.
  void add_unschedulable(QueuedPod pod, Time now, bool error = false);
  /// An event that may help: pods of the pool that `helps(pod)` go to the active queue, or to the backoff queue while
  /// their backoff lasts. Tells how many.
  template <class Helps>
  std::size_t move(Time now, Helps&& helps) {
    std::size_t kept = 0, moved = 0;
    for (std::size_t i = 0; i < pool_.size(); ++i) {
      if (helps(static_cast<const QueuedPod&>(pool_[i]))) {
        requeue(pool_[i], now);
        ++moved;
      } else {
        pool_[kept++] = pool_[i];
      }
    }
    pool_.resize(kept);
    return moved;
  }
  /// Straight to the active queue, wherever the pod waits (its nomination was taken from it).
  void activate(PodId pod);

  /// The two periodic loops, at their ticks.
  void flush_backoff(Time now);
  void flush_unschedulable(Time now);
  /// The next tick at which the loop has something to do; kTimeNever when nothing waits.
  Time next_backoff_flush() const;
  Time next_unschedulable_flush() const;

  std::size_t active() const { return active_.size(); }
  std::size_t backoff() const { return backoff_.size(); }
  std::size_t unschedulable() const { return pool_.size(); }

 private:
  struct BackedOff {
    QueuedPod pod;
    bool error = false;
  };
  static bool ends_later(const BackedOff& a, const BackedOff& b);
  void push_active(const QueuedPod& pod);
  void requeue(QueuedPod pod, Time now);
  void push_backoff(BackedOff entry);
  Duration backoff_of(std::uint32_t attempts) const;

  QueueRules rules_;
  std::vector<QueuedPod> active_;   // heap
  std::vector<BackedOff> backoff_;  // heap
  std::size_t poppable_ = 0;        // of the backoff queue: not after an error
  std::vector<QueuedPod> pool_;     // in the order of failing
};

}  // namespace plimsoll::kubernetes
