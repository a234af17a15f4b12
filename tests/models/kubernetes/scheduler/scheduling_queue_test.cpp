#include "models/kubernetes/scheduler/scheduling_queue.h"

#include <doctest/doctest.h>

namespace plimsoll::kubernetes {
namespace {

Time at_ms(std::int64_t ms) { return kTimeZero + milliseconds(ms); }

QueuedPod pod(std::uint32_t id, std::int32_t priority = 0) {
  QueuedPod p;
  p.pod = PodId{id};
  p.priority = priority;
  return p;
}

std::vector<std::uint32_t> drain(SchedulingQueue& queue) {
  std::vector<std::uint32_t> out;
  while (const auto p = queue.pop()) out.push_back(p->pod.value());
  return out;
}

using Ids = std::vector<std::uint32_t>;

TEST_CASE("priority first, then the time in the queue") {
  SchedulingQueue queue(queue_rules(KubernetesVersion::current));
  queue.add(pod(1), at_ms(10));
  queue.add(pod(2, 5), at_ms(20));
  queue.add(pod(3), at_ms(5));
  queue.add(pod(4, 5), at_ms(15));
  CHECK(drain(queue) == Ids{4, 2, 3, 1});
}

TEST_CASE("backoffs double to ten seconds, counted from the failure") {
  SchedulingQueue queue(queue_rules(KubernetesVersion::v1_20));
  queue.add(pod(1), at_ms(0));
  const std::int64_t expected[] = {1000, 2000, 4000, 8000, 10'000, 10'000};
  Time now = at_ms(500);
  for (const std::int64_t backoff : expected) {
    const auto p = queue.pop();
    REQUIRE(p.has_value());
    queue.add_unschedulable(*p, now);
    CHECK(queue.move(now, [](const QueuedPod&) { return true; }) == 1);
    queue.flush_backoff(now + milliseconds(backoff) - milliseconds(1));
    CHECK_FALSE(queue.pop().has_value());
    // Ticks once a second from zero: the first at or after the end.
    const Time tick = queue.next_backoff_flush();
    CHECK(tick >= now + milliseconds(backoff));
    CHECK(tick < now + milliseconds(backoff) + seconds(1));
    queue.flush_backoff(tick);
    now = tick;
  }
}

TEST_CASE("the newest release cuts the end to a whole second and lets an idle scheduler take it early") {
  SchedulingQueue queue(queue_rules(KubernetesVersion::current));
  queue.add(pod(1), at_ms(0));
  queue.add(pod(2), at_ms(1));
  auto first = *queue.pop();
  auto second = *queue.pop();
  queue.add_unschedulable(second, at_ms(1'700));
  queue.add_unschedulable(first, at_ms(1'700), true);
  queue.move(at_ms(1'800), [](const QueuedPod&) { return true; });
  CHECK(queue.backoff() == 2);
  CHECK(queue.next_backoff_flush() == at_ms(2'000));  // 2.7 s, cut
  // The one after an error must wait.
  CHECK(drain(queue) == Ids{2});
  CHECK_FALSE(queue.has_next());
  queue.flush_backoff(at_ms(2'000));
  CHECK(drain(queue) == Ids{1});
}

TEST_CASE("a pod that is moved keeps its place by the instant of its failure") {
  for (const KubernetesVersion version :
       {KubernetesVersion::v1_20, KubernetesVersion::v1_26, KubernetesVersion::current}) {
    SchedulingQueue queue(queue_rules(version));
    queue.add(pod(1), at_ms(0));
    queue.add(pod(2), at_ms(1));
    const QueuedPod first = *queue.pop(), second = *queue.pop();
    // The younger pod fails at 5 s, the older one at 10 s; a new one arrives at 20 s, an event moves both at 30 s.
    queue.add_unschedulable(second, at_ms(5'000));
    queue.add_unschedulable(first, at_ms(10'000));
    queue.add(pod(3), at_ms(20'000));
    CHECK(queue.move(at_ms(30'000), [](const QueuedPod&) { return true; }) == 2);
    CHECK(drain(queue) == Ids{2, 1, 3});
  }
}

TEST_CASE("the pool is flushed at the first tick after the limit") {
  SchedulingQueue queue(queue_rules(KubernetesVersion::v1_20));
  queue.add(pod(1), at_ms(0));
  queue.add_unschedulable(*queue.pop(), at_ms(0));
  // At 60 s it has not been there for longer than 60 s; ticks come every 30 s.
  CHECK(queue.next_unschedulable_flush() == at_ms(90'000));
  queue.flush_unschedulable(at_ms(60'000));
  CHECK(queue.unschedulable() == 1);
  queue.flush_unschedulable(at_ms(90'000));
  CHECK(drain(queue) == Ids{1});
}

TEST_CASE("a pod is activated from wherever it waits") {
  SchedulingQueue queue(queue_rules(KubernetesVersion::v1_26));
  for (std::uint32_t i = 1; i <= 3; ++i) queue.add(pod(i), at_ms(i));
  for (std::uint32_t i = 1; i <= 3; ++i) queue.add_unschedulable(*queue.pop(), at_ms(10));
  queue.move(at_ms(20), [](const QueuedPod& p) { return p.pod == PodId{2}; });
  queue.activate(PodId{2});
  queue.activate(PodId{3});
  queue.activate(PodId{7});
  CHECK(drain(queue) == Ids{2, 3});
  CHECK(queue.unschedulable() == 1);
  CHECK(queue.backoff() == 0);
}

}  // namespace
}  // namespace plimsoll::kubernetes
