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
/// useless partition. Early arrivals below the sorted run go to a small heap that turns into a rung when it grows, so
/// the worst case is a heap's. Events live in chunks of a pool, by index: copying the set copies plain vectors, and
/// nothing is allocated once the pool has grown. The earliest bucket is sorted by index and its events stay in their
/// chunks until they are popped. Events come out in the total order (when, order).
class LadderEventSet {
 public:
  /// @pre event.when >= 0, and not below the event dropped last.
  void push(const Event& event) {
    const std::uint64_t when = static_cast<std::uint64_t>(event.when);
    if (when >= top_start_) {
      top_max_ = std::max(top_max_, when);
      append(top_, event);
    } else if (when >= bottom_end_) {
      push_rung(event, when);
    } else {
      const Event copy = event;  // so that the address of `event` stays unused and its fields stay in registers
      push_near(copy);
    }
  }

  /// The earliest event, or nullptr. Valid until the next call of another member.
  const Event* peek() {
    if (near_.empty()) {
      if (run_head_ == run_end_ && !refill()) return nullptr;
      from_near_ = false;
      return &at(run_[run_head_]);
    }
    from_near_ = run_head_ == run_end_ || near_.front() < at(run_[run_head_]);
    return from_near_ ? &near_.front() : &at(run_[run_head_]);
  }

  /// Removes what peek() shows. @pre peek() != nullptr, and nothing was pushed since.
  void drop() {
    if (from_near_) {
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
      if (!dead(at(run_[i]))) run_[kept++] = run_[i];
    }
    run_end_ = kept;
    std::erase_if(near_, dead);
    std::make_heap(near_.begin(), near_.end(), Later{});
  }

 private:
  static constexpr std::uint32_t kChunkEvents = 8;
  static constexpr std::uint32_t kNoChunk = 0xffffffffu;

  struct alignas(64) Chunk {
    Event events[kChunkEvents];
  };
  /// A list of chunks; all but the last are full.
  struct Bucket {
    std::uint32_t head = kNoChunk;
    std::uint32_t tail = kNoChunk;
    std::uint32_t count = 0;
  };
  /// Covers [start, limit): bucket i has [start + (i << shift), start + ((i + 1) << shift)), the last one up to limit.
  struct Rung {
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

  /// The event at a place of the pool.
  const Event& at(std::uint32_t place) const { return chunks_[place / kChunkEvents].events[place % kChunkEvents]; }
  void append(Bucket& bucket, const Event& event) {
    const std::uint32_t at = bucket.count++ % kChunkEvents;
    if (at == 0) extend(bucket);
    // Field by field: a copy through memory of an event just built would wait for its narrower stores.
    Event& place = chunks_[bucket.tail].events[at];
    place.when = event.when;
    place.order = event.order;
    place.handler = event.handler;
    place.slot = event.slot;
    place.payload = event.payload;
  }
  void extend(Bucket& bucket) {
    const std::uint32_t chunk = free_chunks_ == kNoChunk ? grow_pool() : free_chunks_;
    free_chunks_ = next_chunk_[chunk];
    (bucket.count == 1 ? bucket.head : next_chunk_[bucket.tail]) = chunk;
    bucket.tail = chunk;
  }
  void push_rung(const Event& event, std::uint64_t when) {
    std::size_t d = depth_ - 1;
    while (when >= rungs_[d].limit) --d;
    Rung& rung = rungs_[d];
    const std::uint64_t index = (when - rung.start) >> rung.shift;
    append(rung.buckets[std::min<std::uint64_t>(index, rung.last)], event);
  }
  /// Calls visit(event) for each event in order, gives the chunks back and leaves the list empty. `visit` may append.
  template <class Visit>
  void consume(Bucket& bucket, Visit visit) {
    std::uint32_t chunk = bucket.head;
    std::uint32_t left = bucket.count;
    bucket = Bucket{};
    while (left > 0) {
      const std::uint32_t here = std::min(left, kChunkEvents);
      for (std::uint32_t i = 0; i < here; ++i) {
        const Event event = chunks_[chunk].events[i];
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
    if (bucket.count == 0) return;
    Bucket kept;
    consume(bucket, [&](const Event& event) {
      if (dead(event)) {
      } else {
        append(kept, event);
      }
    });
    bucket = kept;
  }

  void push_near(const Event& event);
  void drop_near();
  bool refill();
  void spill();
  std::uint32_t grow_pool();
  /// Makes the bucket's events the run, sorted; its chunks are the run's until `release_run`.
  void sort_into_run(const Bucket& bucket);
  void sort_few_into_run(const Bucket& bucket);
  /// Gives back the chunks of a run that is over.
  void release_run() {
    if (run_chunks_.count == 0) return;
    next_chunk_[run_chunks_.tail] = free_chunks_;
    free_chunks_ = run_chunks_.head;
    run_chunks_ = Bucket{};
  }
  /// A new deepest rung for events of this spread; it takes over the range up to `limit`.
  Rung& add_rung(const Spread& spread, std::uint64_t limit);

  std::vector<std::uint32_t> run_;  ///< places in the pool; [run_head_, run_end_) is sorted: the earliest events
  Bucket run_chunks_;               ///< where they lie
  std::size_t run_head_ = 0;
  std::size_t run_end_ = 0;
  std::vector<Event> near_;  ///< heap of later arrivals below bottom_end_
  std::size_t spill_at_ = 0;
  bool from_near_ = false;
  std::uint64_t bottom_end_ = 0;  ///< run_ and near_ are below; the deepest rung starts here
  std::vector<Rung> rungs_;       ///< rungs_[0] is the latest; the first depth_ are in use
  std::size_t depth_ = 0;
  Bucket top_;  ///< unsorted, at and above top_start_
  std::uint64_t top_start_ = 0;
  std::uint64_t top_max_ = 0;
  std::vector<Chunk> chunks_;
  std::vector<std::uint32_t> next_chunk_;
  std::uint32_t free_chunks_ = kNoChunk;
};

}  // namespace plimsoll
