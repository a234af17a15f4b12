#include "sim/core/event_queue.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <new>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "sim/core/random.h"

namespace {

std::size_t allocations = 0;

}  // namespace

// The replacements below pair malloc with free on both sides; GCC sees only one side when it inlines.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif
void* operator new(std::size_t size) {
  ++allocations;
  if (void* p = std::malloc(size)) return p;
  throw std::bad_alloc{};
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  ++allocations;
  const std::size_t step = static_cast<std::size_t>(alignment);
  if (void* p = std::aligned_alloc(step, (size + step - 1) / step * step)) return p;
  throw std::bad_alloc{};
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

namespace plimsoll {
namespace {

constexpr HandlerId kHandler{7};

/// The order that the agenda promises, spelled out: a sorted map keyed by (when, round, phase, sequence).
class Model {
 public:
  using Key = std::tuple<std::int64_t, std::uint32_t, std::uint32_t, std::uint64_t>;

  Key schedule(std::int64_t when, std::uint32_t phase, std::uint64_t payload) {
    const std::uint32_t round = when == now_ ? round_ + (phase < phase_ ? 1 : 0) : 0;
    const Key key{when, round, phase, sequence_++};
    events_[key] = payload;
    return key;
  }
  bool cancel(const Key& key) { return events_.erase(key) > 0; }
  bool pending(const Key& key) const { return events_.contains(key); }
  bool pop_until(std::int64_t end, std::int64_t& when, std::uint64_t& payload) {
    if (events_.empty()) return false;
    const auto first = events_.begin();
    if (std::get<0>(first->first) > end) return false;
    now_ = when = std::get<0>(first->first);
    round_ = std::get<1>(first->first);
    phase_ = std::get<2>(first->first);
    payload = first->second;
    events_.erase(first);
    return true;
  }
  std::size_t size() const { return events_.size(); }
  std::int64_t now() const { return now_; }

 private:
  std::map<Key, std::uint64_t> events_;
  std::int64_t now_ = 0;
  std::uint32_t round_ = 0;
  std::uint32_t phase_ = 0;
  std::uint64_t sequence_ = 0;
};

/// Random scheduling, cancelling and popping, the same for any queue. Odd steps are mixed: ties, constant steps,
/// clusters, far outliers.
template <class Queue>
struct Walk {
  explicit Walk(std::uint64_t seed) : stream(seed, "walk", Purpose::work) {}

  std::int64_t step(std::uint64_t n) const {
    switch (stream.below(8, n, 1)) {
      case 0:
        return 0;
      case 1:
        return 60'000'000;
      case 2:
        return static_cast<std::int64_t>(stream.below(4, n, 2));
      case 3:
        return 1'000'000 + static_cast<std::int64_t>(stream.below(100, n, 2));
      case 4:
        return static_cast<std::int64_t>(stream.below(1ull << (1 + stream.below(50, n, 3)), n, 2));
      case 5:
        return 15'000'000 - model.now() % 15'000'000;  // a grid shared by all: ties
      default:
        return static_cast<std::int64_t>(stream.below(2'000'000, n, 2));
    }
  }

  /// Returns the number of mismatches, which is what the caller checks.
  int run(std::uint64_t from, std::uint64_t to, std::uint64_t target) {
    int wrong = 0;
    for (std::uint64_t n = from; n < to; ++n) {
      const std::uint64_t choice = stream.below(100, n, 0);
      const bool grow = model.size() < target;
      if (choice < (grow ? 60u : 40u)) {
        const std::int64_t when = model.now() + step(n);
        const auto phase = static_cast<std::uint32_t>(stream.below(kPhaseCount, n, 4));
        if (stream.below(3, n, 5) == 0) {
          const EventHandle handle =
              queue.schedule_cancellable(Time{Duration{when}}, static_cast<Phase>(phase), kHandler, n);
          handles.push_back({handle, model.schedule(when, phase, n)});
        } else {
          queue.schedule(Time{Duration{when}}, static_cast<Phase>(phase), kHandler, n);
          model.schedule(when, phase, n);
        }
      } else if (choice < 65 && !handles.empty()) {
        const auto& [handle, key] = handles[stream.below(handles.size(), n, 6)];
        wrong += queue.is_pending(handle) != model.pending(key);
        wrong += queue.cancel(handle) != model.cancel(key);
      } else {
        Event event{};
        std::int64_t when = 0;
        std::uint64_t payload = 0;
        const std::int64_t end = stream.below(10, n, 7) == 0 ? model.now() + 1000 : INT64_MAX;
        const bool expected = model.pop_until(end, when, payload);
        const bool got = queue.pop_until(Time{Duration{end}}, event);
        wrong += expected != got;
        if (expected && got) wrong += event.when != when || event.payload != payload;
      }
      wrong += queue.size() != model.size();
      wrong += to_microseconds(queue.now()) != model.now();
      if (wrong != 0) return wrong;
    }
    return wrong;
  }

  Stream stream;
  Queue queue;
  Model model;
  std::vector<std::pair<EventHandle, Model::Key>> handles;
};

template <class Queue>
std::uint64_t drain(Queue queue) {
  TraceHash hash;
  Event event{};
  while (queue.pop_until(kTimeNever, event)) {
    hash.add(event.when);
    hash.add(event.payload);
  }
  return hash.value();
}

}  // namespace

TEST_CASE_TEMPLATE("random schedules, cancellations and pops come out as a sorted model says", Queue, EventQueue,
                   BasicEventQueue<HeapEventSet>) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    Walk<Queue> walk(seed);
    CAPTURE(seed);
    REQUIRE(walk.run(0, 6'000, 20ull << seed % 6) == 0);
    REQUIRE(walk.run(6'000, 12'000, 2) == 0);
  }
}

TEST_CASE("a large agenda keeps the order of the model") {
  Walk<EventQueue> walk(99);
  REQUIRE(walk.run(0, 150'000, 30'000) == 0);
  Walk<EventQueue> copy = walk;
  REQUIRE(walk.run(150'000, 200'000, 100) == 0);
  REQUIRE(copy.run(150'000, 200'000, 100) == 0);
}

TEST_CASE("a copy taken half-way runs on to the same events, and neither disturbs the other") {
  Walk<EventQueue> walk(5);
  REQUIRE(walk.run(0, 9'000, 500) == 0);
  const std::uint64_t expected = drain(walk.queue);
  EventQueue copy = walk.queue;
  REQUIRE(walk.run(9'000, 20'000, 500) == 0);
  CHECK(drain(copy) == expected);
  Walk<EventQueue> again(5);
  REQUIRE(again.run(0, 9'000, 500) == 0);
  CHECK(drain(again.queue) == expected);
}

TEST_CASE("the ladder and the heap give the same events for constant steps and ties") {
  for (const std::int64_t step : {1, 7, 1'000, 60'000'000}) {
    EventQueue ladder;
    BasicEventQueue<HeapEventSet> heap;
    for (std::uint64_t i = 0; i < 3'000; ++i) {
      const Time first{Duration{1 + static_cast<std::int64_t>(i / 3) % step}};
      ladder.schedule(first, Phase::facts, kHandler, i);
      heap.schedule(first, Phase::facts, kHandler, i);
    }
    int wrong = 0;
    for (int i = 0; i < 30'000; ++i) {
      Event a{};
      Event b{};
      REQUIRE(ladder.pop_until(kTimeNever, a));
      REQUIRE(heap.pop_until(kTimeNever, b));
      wrong += !(a == b);
      ladder.schedule(a.time() + Duration{step}, Phase::facts, kHandler, a.payload);
      heap.schedule(b.time() + Duration{step}, Phase::facts, kHandler, b.payload);
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("an instant runs by phase, then in the order of scheduling") {
  EventQueue queue;
  const Time t{Duration{100}};
  queue.schedule(t, Phase::scheduler, kHandler, 1);
  queue.schedule(t, Phase::facts, kHandler, 2);
  queue.schedule(t, Phase::controllers, kHandler, 3);
  queue.schedule(t, Phase::facts, kHandler, 4);
  Event event{};
  std::vector<std::uint64_t> order;
  while (queue.pop_until(kTimeNever, event)) {
    order.push_back(event.payload);
    CHECK(queue.now() == t);
    // The controller asks for the scheduler (same round, after 1) and for load (earlier phase: next round).
    if (event.payload == 3) {
      queue.schedule(t, Phase::scheduler, kHandler, 5);
      queue.schedule(t, Phase::load, kHandler, 6);
      queue.schedule(t, Phase::controllers, kHandler, 7);
    }
    CHECK(queue.round() == (event.payload == 6 ? 1 : 0));
  }
  CHECK(order == std::vector<std::uint64_t>{2, 4, 3, 7, 1, 5, 6});
  CHECK(queue.popped() == 7);
}

TEST_CASE("handlers that wake each other at one instant without end are an error that names handler and instant") {
  EventQueue queue;
  queue.schedule(Time{seconds(90)}, Phase::scheduler, HandlerId{42}, 0);
  Event event{};
  std::string message;
  std::uint64_t events = 0;
  try {
    while (queue.pop_until(kTimeNever, event)) {
      ++events;
      queue.schedule(queue.now(), event.phase() == Phase::load ? Phase::facts : Phase::load, HandlerId{42}, 0);
    }
  } catch (const std::runtime_error& error) {
    message = error.what();
  }
  CHECK(message.find("handler 42") != std::string::npos);
  CHECK(message.find("1m30s") != std::string::npos);
  CHECK(events >= 1000);
}

TEST_CASE("a cancelled event leaves without moving the clock, and its handle goes stale") {
  EventQueue queue;
  const EventHandle a = queue.schedule_cancellable(Time{Duration{10}}, Phase::facts, kHandler, 1);
  const EventHandle b = queue.schedule_cancellable(Time{Duration{20}}, Phase::facts, kHandler, 2);
  CHECK(queue.is_pending(a));
  CHECK(queue.cancel(a));
  CHECK_FALSE(queue.cancel(a));
  CHECK_FALSE(queue.is_pending(a));
  CHECK_FALSE(queue.cancel(EventHandle{}));
  CHECK(queue.size() == 1);
  Event event{};
  CHECK_FALSE(queue.pop_until(Time{Duration{15}}, event));
  CHECK(queue.now() == kTimeZero);
  CHECK(queue.pop_until(Time{Duration{20}}, event));
  CHECK(event.payload == 2);
  CHECK_FALSE(queue.is_pending(b));
  CHECK_FALSE(queue.cancel(b));
  // The slots are used again; the old handles stay stale.
  const EventHandle c = queue.schedule_cancellable(Time{Duration{30}}, Phase::facts, kHandler, 3);
  const EventHandle d = queue.schedule_cancellable(Time{Duration{30}}, Phase::facts, kHandler, 4);
  CHECK((c.slot == a.slot || d.slot == a.slot));
  CHECK_FALSE(queue.is_pending(a));
  CHECK_FALSE(queue.cancel(b));
  CHECK(queue.size() == 2);
}

TEST_CASE("timers that are cancelled and set again for ever do not pile up") {
  EventQueue queue;
  EventHandle timer = queue.schedule_cancellable(Time{hours(1)}, Phase::facts, kHandler, 0);
  for (int i = 0; i < 10; ++i) queue.schedule(Time{Duration{i + 1}}, Phase::facts, kHandler, 0);
  for (int i = 0; i < 200'000; ++i) {
    CHECK_MESSAGE(queue.cancel(timer), i);
    timer = queue.schedule_cancellable(Time{hours(1) + Duration{i}}, Phase::facts, kHandler, 0);
  }
  CHECK(queue.size() == 11);
  CHECK(queue.memory_bytes() < 1'000'000);
  Event event{};
  std::uint64_t left = 0;
  while (queue.pop_until(kTimeNever, event)) ++left;
  CHECK(left == 11);
}

TEST_CASE("events far away, at the last instant and in clusters keep their order") {
  EventQueue queue;
  BasicEventQueue<HeapEventSet> heap;
  const auto add = [&](Time when, std::uint64_t payload) {
    queue.schedule(when, Phase::facts, kHandler, payload);
    heap.schedule(when, Phase::facts, kHandler, payload);
  };
  std::uint64_t n = 0;
  add(kTimeNever, n++);
  for (int i = 0; i < 2'000; ++i) add(Time{seconds(3'600) + Duration{i * 7919 % 13}}, n++);
  for (int i = 0; i < 2'000; ++i) add(Time{Duration{1 + i}}, n++);
  for (int i = 0; i < 500; ++i) add(Time{hours(24 * 365 * 100) + hours(i)}, n++);
  Event a{};
  Event b{};
  int wrong = 0;
  std::uint64_t popped = 0;
  while (heap.pop_until(kTimeNever, b)) {
    REQUIRE(queue.pop_until(kTimeNever, a));
    wrong += !(a == b);
    if (++popped % 3 == 0 && popped < 3'000)
      add(a.time() + Duration{static_cast<std::int64_t>(popped) * 997 % 100'000}, n++);
  }
  CHECK(wrong == 0);
  CHECK_FALSE(queue.pop_until(kTimeNever, a));
}

TEST_CASE("arrivals before a great batch at one instant come out in order, few or many") {
  // 400 events at one instant are one sorted run. Those scheduled afterwards for earlier instants, or for the same one
  // in an earlier phase, wait beside it: first in a sorted list (fewer than 64), later in a heap, in the end in
  // neither.
  for (const std::uint64_t early : {1u, 20u, 63u, 64u, 99u, 200u}) {
    EventQueue queue;
    Model model;
    const Stream draws{11, early, Purpose::arrivals};
    const auto push = [&](std::int64_t when, std::uint32_t phase, std::uint64_t payload) {
      queue.schedule(Time{Duration{when}}, static_cast<Phase>(phase), kHandler, payload);
      model.schedule(when, phase, payload);
    };
    const auto pop = [&] {
      Event event;
      std::int64_t when = 0;
      std::uint64_t payload = 0;
      REQUIRE(model.pop_until(5000, when, payload));
      REQUIRE(queue.pop_until(Time{Duration{5000}}, event));
      CHECK(event.when == when);
      CHECK(event.payload == payload);
    };
    push(1010, 0, 0);
    for (std::uint64_t i = 1; i <= 400; ++i) push(2000, 3, i);
    pop();
    Event event;
    REQUIRE_FALSE(queue.pop_until(Time{Duration{1010}}, event));  // the batch is sorted now
    std::uint64_t number = 1000;
    for (std::uint64_t i = 0; i < early; ++i) {
      const auto when = 1011 + static_cast<std::int64_t>(draws.below(989, 2 * i));
      push(when, static_cast<std::uint32_t>(draws.below(6, 2 * i + 1)), ++number);
    }
    for (std::uint64_t i = 0; i < early / 2; ++i) {
      pop();
      push(model.now() + 1, 1, ++number);
    }
    while (model.size() > 0) pop();
    CHECK_FALSE(queue.pop_until(Time{Duration{5000}}, event));
  }
}

TEST_CASE("after warm-up the hold loop allocates nothing") {
  const Stream stream(3, "hold", Purpose::work);
  EventQueue queue;
  std::vector<EventHandle> timers(64);
  const auto hold = [&](std::uint64_t from, std::uint64_t to) {
    Event event{};
    for (std::uint64_t i = from; i < to; ++i) {
      if (!queue.pop_until(kTimeNever, event)) return;
      const auto step = static_cast<std::int64_t>(stream.below(2'000'000, i)) + (i % 16 == 0 ? 0 : 1);
      queue.schedule(event.time() + Duration{step}, i % 3 == 0 ? Phase::facts : Phase::controllers, kHandler, i);
      EventHandle& timer = timers[i % timers.size()];
      queue.cancel(timer);
      timer = queue.schedule_cancellable(event.time() + seconds(30), Phase::facts, kHandler, i);
      if (queue.size() > 5'200) queue.pop_until(kTimeNever, event);
    }
  };
  for (std::uint64_t i = 0; i < 5'000; ++i) {
    queue.schedule(Time{Duration{1 + static_cast<std::int64_t>(stream.below(2'000'000, i, 1))}}, Phase::facts, kHandler,
                   i);
  }
  hold(0, 400'000);
  const std::size_t before = allocations;
  hold(400'000, 600'000);
  CHECK(allocations == before);
  CHECK(queue.memory_bytes() / queue.size() <= 256);
}

}  // namespace plimsoll
