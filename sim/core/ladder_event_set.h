#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/core/event.h"

namespace plimsoll {

/// A pending-event set with constant cost per event: a ladder queue (Tang, Goh, Thng, "Ladder queue: an O(1) priority
/// queue structure for large-scale discrete event simulation", ACM TOMACS 15(3), 2005), changed in four ways.
/// Bucket widths are powers of two and bucket numbers integer shifts, so that no rounding can put an event out of
/// order. The last bucket of a rung is open up to the rung's limit, so a far outlier costs one more rung and not a
/// useless partition. Early arrivals below the sorted run go to a short sorted list; when it grows, it turns into a
/// rung or, where that is no use, into a heap, so the worst case is a heap's. Events live in chunks of a pool, by
/// index: copying the set copies plain vectors, and nothing is allocated once the pool has grown. The earliest bucket
/// is sorted by instant and place, and its events are copied once, into the run that they leave by. Events come out in
/// the total order (when, order).
class LadderEventSet {
 public:
  /// @pre event.when >= 0, and not below the event dropped last.
  void push(const Event& event) {
    const std::uint64_t when = static_cast<std::uint64_t>(event.when);
    if (when >= top_start_) {
      append(top_, event);
    } else if (when >= bottom_end_) {
      push_rung(event, when);
    } else {
      const Event copy = event;  // so that the address of `event` stays unused and its fields stay in registers
      push_near(copy);
    }
  }

  /// Takes out the earliest event, when it is not after `end`; else nullptr. Valid until the next call of another
  /// member.
  const Event* pop_until(std::int64_t end) {
    if (any_near()) return pop_merged(end);
    if (run_head_ == run_end_ && !refill()) return nullptr;
    const Event& next = run_[run_head_];
    if (next.when > end) return nullptr;
    ++run_head_;
    return &next;
  }

  /// The earliest event, or nullptr. Valid until the next call of another member.
  const Event* peek() {
    if (!any_near()) return run_head_ == run_end_ && !refill() ? nullptr : &run_[run_head_];
    return near_is_next() ? &near_[near_head_] : &run_[run_head_];
  }

  /// Removes what peek() shows. @pre peek() != nullptr, and nothing was pushed since.
  void drop() {
    if (any_near() && near_is_next()) {
      drop_near();
    } else {
      ++run_head_;
    }
  }

  std::size_t memory_bytes() const;

  /// Removes every event for which `dead(event)` is true.
  template <class Predicate>
  void purge(Predicate dead) {
    purge_list(top_, dead);
    for (std::size_t d = 0; d < depth_; ++d) {
      for (Bucket& bucket : rungs_[d].buckets) purge_list(bucket, dead);
    }
    std::size_t kept = run_head_;
    for (std::size_t i = run_head_; i < run_end_; ++i) {
      if (!dead(run_[i])) run_[kept++] = run_[i];
    }
    run_end_ = kept;
    forget_taken();
    std::erase_if(near_, dead);
    if (near_heaped_) std::make_heap(near_.begin(), near_.end(), Later{});
    near_heaped_ = near_heaped_ && !near_.empty();
  }

 private:
  static constexpr std::uint32_t kChunkPlaces = 8;
  static constexpr std::uint32_t kNone = 0xffffffffu;  ///< no chunk, no place

  /// One event in the pool, never across two cache lines. A chunk is kChunkPlaces of them, from a multiple of that.
  struct alignas(sizeof(Event)) Place {
    Event event;
  };
  /// A list in chunks; all but the last are full. They form a ring: next_chunk_ of the last is the first.
  struct Bucket {
    std::uint32_t last = kNone;  ///< the place of the event appended last
    std::uint32_t count = 0;
  };
  /// Covers [start, limit): bucket i has [start + (i << shift), start + ((i + 1) << shift)), the last one up to limit.
  struct alignas(64) Rung {
    std::uint64_t start = 0;
    std::uint64_t limit = 0;
    int shift = 0;
    std::uint32_t next = 0;  ///< the first bucket not taken yet
    std::uint32_t last = 0;
    std::vector<Bucket> buckets;  ///< those taken, and those after `last`, are empty
  };
  using Total = unsigned __int128;
  /// Where the events of one list lie.
  struct Spread {
    std::uint64_t min = ~0ull;
    std::uint64_t max = 0;
    Total total = 0;
    std::uint32_t count = 0;
    void add(const Event& event) {
      const std::uint64_t when = static_cast<std::uint64_t>(event.when);
      min = std::min(min, when);
      max = std::max(max, when);
      total += when;
      ++count;
    }
  };
  struct Later {
    bool operator()(const Event& a, const Event& b) const { return b < a; }
  };

  void append(Bucket& bucket, const Event& event) {
    ++bucket.count;
    std::uint32_t at = bucket.last + 1;
    if (at % kChunkPlaces == 0) at = extend(bucket);  // kNone + 1 is 0
    bucket.last = at;
    // Field by field: a copy through memory of an event just built would wait for its narrower stores.
    Event& place = pool_[at].event;
    place.when = event.when;
    place.order = event.order;
    place.handler = event.handler;
    place.slot = event.slot;
    place.payload = event.payload;
  }
  /// The first place of a new chunk at the end of the list.
  std::uint32_t extend(const Bucket& bucket) {
    const std::uint32_t chunk = free_chunks_ == kNone ? grow_pool() : free_chunks_;
    free_chunks_ = next_chunk_[chunk];
    std::uint32_t& before = next_chunk_[bucket.last == kNone ? chunk : bucket.last / kChunkPlaces];
    next_chunk_[chunk] = bucket.last == kNone ? chunk : before;
    before = chunk;
    return chunk * kChunkPlaces;
  }
  void push_rung(const Event& event, std::uint64_t when) {
    std::size_t d = depth_ - 1;
    while (when >= rungs_[d].limit) --d;
    Rung& rung = rungs_[d];
    const std::uint64_t index = (when - rung.start) >> rung.shift;
    append(rung.buckets[std::min<std::uint64_t>(index, rung.last)], event);
  }
  /// The first chunk of a list that is not empty.
  std::uint32_t first_chunk(const Bucket& bucket) const { return next_chunk_[bucket.last / kChunkPlaces]; }
  /// Calls visit(event) for each event in order. `visit` may not append.
  template <class Visit>
  void for_each(const Bucket& bucket, Visit visit) const {
    if (bucket.count == 0) return;
    std::uint32_t chunk = first_chunk(bucket);
    for (std::uint32_t left = bucket.count; left > 0; chunk = next_chunk_[chunk]) {
      const std::uint32_t here = std::min(left, kChunkPlaces);
      for (std::uint32_t i = 0; i < here; ++i) visit(pool_[chunk * kChunkPlaces + i].event);
      left -= here;
    }
  }
  /// Calls visit(event) for each event in order, gives the chunks back and leaves the list empty. `visit` may append.
  template <class Visit>
  void consume(Bucket& bucket, Visit visit) {
    if (bucket.count == 0) return;
    std::uint32_t chunk = first_chunk(bucket);
    std::uint32_t left = bucket.count;
    bucket = Bucket{};
    while (left > 0) {
      const std::uint32_t here = std::min(left, kChunkPlaces);
      for (std::uint32_t i = 0; i < here; ++i) {
        const Event event = pool_[chunk * kChunkPlaces + i].event;
        visit(event);
      }
      left -= here;
      const std::uint32_t following = next_chunk_[chunk];
      next_chunk_[chunk] = free_chunks_;
      free_chunks_ = chunk;
      chunk = following;
    }
  }
  template <class Predicate>
  void purge_list(Bucket& bucket, Predicate& dead) {
    Bucket kept;
    consume(bucket, [&](const Event& event) {
      if (!dead(event)) append(kept, event);
    });
    bucket = kept;
  }
  /// Gives back the chunks of a list whose events have been copied. @pre it is not empty.
  void release(const Bucket& bucket) {
    std::uint32_t& after_last = next_chunk_[bucket.last / kChunkPlaces];
    const std::uint32_t first = after_last;
    after_last = free_chunks_;
    free_chunks_ = first;
  }

  bool any_near() const { return near_head_ != near_.size(); }
  bool near_is_next() const { return run_head_ == run_end_ || near_[near_head_] < run_[run_head_]; }
  const Event* pop_merged(std::int64_t end);
  void push_near(const Event& event);
  void drop_near() {
    if (near_heaped_) {
      drop_top();
    } else {
      ++near_head_;
    }
  }
  void drop_top();
  /// Removes those of near_ that have been taken.
  void forget_taken() {
    near_.erase(near_.begin(), near_.begin() + static_cast<std::ptrdiff_t>(near_head_));
    near_head_ = 0;
  }
  void keep_as_heap();
  bool refill();
  void spill();
  std::uint32_t grow_pool();
  /// Makes the bucket's events the run, sorted, and gives its chunks back.
  void sort_into_run(const Bucket& bucket);
  void sort_few_into_run(const Bucket& bucket);
  /// A new deepest rung for events of this spread; it takes over the range up to `limit`.
  Rung& add_rung(const Spread& spread, std::uint64_t limit);

  std::vector<Event> run_;  ///< [run_head_, run_end_) is sorted: the earliest events
  std::size_t run_head_ = 0;
  std::size_t run_end_ = 0;
  std::vector<Event> near_;    ///< later arrivals below bottom_end_: sorted from near_head_ on, or a heap
  std::size_t near_head_ = 0;  ///< those before have been taken; 0 while it is a heap
  bool near_heaped_ = false;   ///< only when it is not empty
  std::size_t spill_at_ = 0;
  Event taken_{};                 ///< what pop_merged shows of a heap
  std::uint64_t bottom_end_ = 0;  ///< run_ and near_ are below; the deepest rung starts here
  std::vector<Rung> rungs_;       ///< rungs_[0] is the latest; the first depth_ are in use
  std::size_t depth_ = 0;
  Bucket top_;  ///< unsorted, at and above top_start_
  std::uint64_t top_start_ = 0;
  std::vector<Place> pool_;
  std::vector<std::uint32_t> next_chunk_;
  std::uint32_t free_chunks_ = kNone;
};

}  // namespace plimsoll
