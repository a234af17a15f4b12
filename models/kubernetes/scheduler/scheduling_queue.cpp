#include "models/kubernetes/scheduler/scheduling_queue.h"

#include <algorithm>

namespace plimsoll::kubernetes {

namespace {

bool after_in_active(const QueuedPod& a, const QueuedPod& b) { return PrioritySort::before(b, a); }

/// The first tick of a loop at or after `at`.
Time tick_from(Time at, Duration offset, Duration period) {
  const Duration since = at - (kTimeZero + offset);
  if (since.count() <= 0) return kTimeZero + offset;
  const std::int64_t ticks = (since.count() + period.count() - 1) / period.count();
  return kTimeZero + offset + period * ticks;
}

}  // namespace

QueueRules queue_rules(KubernetesVersion version) {
  QueueRules rules;
  if (version == KubernetesVersion::v1_20) rules.unschedulable_limit = seconds(60);
  rules.whole_seconds = rules.pop_from_backoff = version == KubernetesVersion::current;
  return rules;
}

bool SchedulingQueue::ends_later(const BackedOff& a, const BackedOff& b) {
  if (a.pod.backoff_until != b.pod.backoff_until) return a.pod.backoff_until > b.pod.backoff_until;
  return after_in_active(a.pod, b.pod);
}

void SchedulingQueue::add(QueuedPod pod, Time now) {
  pod.since = now;
  push_active(pod);
}

void SchedulingQueue::push_active(const QueuedPod& pod) {
  active_.push_back(pod);
  std::push_heap(active_.begin(), active_.end(), after_in_active);
}

std::optional<QueuedPod> SchedulingQueue::pop() {
  if (active_.empty() && rules_.pop_from_backoff && poppable_ > 0) {
    // The first to end that did not meet an error.
    if (backoff_.front().error) {
      const auto at = std::min_element(backoff_.begin(), backoff_.end(), [](const BackedOff& a, const BackedOff& b) {
        return a.error != b.error ? b.error : ends_later(b, a);
      });
      push_active(at->pod);
      backoff_.erase(at);
      std::make_heap(backoff_.begin(), backoff_.end(), ends_later);
    } else {
      std::pop_heap(backoff_.begin(), backoff_.end(), ends_later);
      push_active(backoff_.back().pod);
      backoff_.pop_back();
    }
    --poppable_;
  }
  if (active_.empty()) return std::nullopt;
  std::pop_heap(active_.begin(), active_.end(), after_in_active);
  QueuedPod next = active_.back();
  active_.pop_back();
  ++next.attempts;
  return next;
}

Duration SchedulingQueue::backoff_of(std::uint32_t attempts) const {
  Duration backoff = rules_.initial_backoff;
  for (std::uint32_t i = 1; i < attempts && backoff < rules_.maximum_backoff; ++i) backoff *= 2;
  return std::min(backoff, rules_.maximum_backoff);
}

void SchedulingQueue::push_backoff(BackedOff entry) {
  poppable_ += entry.error ? 0 : 1;
  backoff_.push_back(entry);
  std::push_heap(backoff_.begin(), backoff_.end(), ends_later);
}

void SchedulingQueue::add_unschedulable(QueuedPod pod, Time now, bool error) {
  pod.since = now;
  pod.backoff_until = now + backoff_of(pod.attempts);
  if (rules_.whole_seconds) {
    pod.backoff_until -= Duration{(pod.backoff_until - kTimeZero).count() % Duration{seconds(1)}.count()};
  }
  if (error) {
    push_backoff({pod, true});
  } else {
    pool_.push_back(pod);
  }
}

void SchedulingQueue::requeue(QueuedPod pod, Time now) {
  if (pod.backoff_until <= now) {
    push_active(pod);
  } else {
    push_backoff({pod, false});
  }
}

void SchedulingQueue::activate(PodId id) {
  const auto same = [id](const QueuedPod& p) { return p.pod == id; };
  if (const auto at = std::find_if(pool_.begin(), pool_.end(), same); at != pool_.end()) {
    const QueuedPod pod = *at;
    pool_.erase(at);
    push_active(pod);
    return;
  }
  const auto at = std::find_if(backoff_.begin(), backoff_.end(), [&](const BackedOff& b) { return same(b.pod); });
  if (at == backoff_.end()) return;
  const BackedOff entry = *at;
  backoff_.erase(at);
  std::make_heap(backoff_.begin(), backoff_.end(), ends_later);
  poppable_ -= entry.error ? 0 : 1;
  push_active(entry.pod);
}

void SchedulingQueue::flush_backoff(Time now) {
  while (!backoff_.empty() && backoff_.front().pod.backoff_until <= now) {
    std::pop_heap(backoff_.begin(), backoff_.end(), ends_later);
    const BackedOff entry = backoff_.back();
    backoff_.pop_back();
    poppable_ -= entry.error ? 0 : 1;
    push_active(entry.pod);
  }
}

void SchedulingQueue::flush_unschedulable(Time now) {
  move(now, [&](const QueuedPod& pod) { return now - pod.since > rules_.unschedulable_limit; });
}

Time SchedulingQueue::next_backoff_flush() const {
  if (backoff_.empty()) return kTimeNever;
  return tick_from(backoff_.front().pod.backoff_until, rules_.backoff_offset, rules_.backoff_flush);
}

Time SchedulingQueue::next_unschedulable_flush() const {
  if (pool_.empty()) return kTimeNever;
  // The pool is in the order of failing, so its first is the first to have waited too long.
  return tick_from(pool_.front().since + rules_.unschedulable_limit + Duration{1}, rules_.unschedulable_offset,
                   rules_.unschedulable_flush);
}

}  // namespace plimsoll::kubernetes
