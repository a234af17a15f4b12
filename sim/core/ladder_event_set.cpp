#include "sim/core/ladder_event_set.h"

#include <bit>
#include <utility>

namespace plimsoll {

namespace {

constexpr std::uint32_t kSortLimit = 24;   ///< a bucket of at most so many is sorted, a larger one split
constexpr std::size_t kBucketEvents = 4;   ///< aimed at per bucket of a new rung
constexpr std::size_t kMaxBuckets = 1024;  ///< per rung: their ends together stay in the second-level cache
constexpr std::size_t kMaxSkew = 4;        ///< at most so many times more buckets for a skewed spread
constexpr std::size_t kSpillEvents = 64;   ///< early arrivals at which their heap becomes a rung

inline void order_pair(std::uint64_t& a, std::uint64_t& b) {
  const std::uint64_t low = b < a ? b : a;
  b = b < a ? a : b;
  a = low;
}

/// Batcher's odd-even merge sort of N = a power of two, all comparisons known when compiled.
template <std::size_t From, std::size_t N, std::size_t Step>
inline void merge_halves(std::uint64_t* keys) {
  if constexpr (2 * Step < N) {
    merge_halves<From, N, 2 * Step>(keys);
    merge_halves<From + Step, N, 2 * Step>(keys);
    [keys]<std::size_t... I>(std::index_sequence<I...>) {
      (order_pair(keys[From + Step + 2 * Step * I], keys[From + 2 * Step + 2 * Step * I]), ...);
    }(std::make_index_sequence<(N - Step - 1) / (2 * Step)>{});
  } else {
    order_pair(keys[From], keys[From + Step]);
  }
}
template <std::size_t From, std::size_t N>
inline void sort_network(std::uint64_t* keys) {
  if constexpr (N > 1) {
    sort_network<From, N / 2>(keys);
    sort_network<From + N / 2, N / 2>(keys);
    merge_halves<From, N, 1>(keys);
  }
}
template <std::size_t N>
inline void sort_padded(std::uint64_t* keys, std::uint32_t count) {
  for (std::size_t i = count; i < N; ++i) keys[i] = ~0ull;
  sort_network<0, N>(keys);
}

}  // namespace

std::size_t LadderEventSet::memory_bytes() const {
  std::size_t bytes = chunks_.capacity() * sizeof(Chunk) + next_chunk_.capacity() * sizeof(std::uint32_t) +
                      run_.capacity() * sizeof(std::uint32_t) + near_.capacity() * sizeof(Event);
  for (const Rung& rung : rungs_) bytes += sizeof(Rung) + rung.buckets.capacity() * sizeof(Bucket);
  return bytes;
}

std::uint32_t LadderEventSet::grow_pool() {
  const std::size_t old_size = chunks_.size();
  const std::size_t new_size = old_size + std::max<std::size_t>(8, old_size / 2);
  chunks_.resize(new_size);
  next_chunk_.resize(new_size);
  for (std::size_t i = old_size; i < new_size; ++i) {
    next_chunk_[i] = i + 1 < new_size ? static_cast<std::uint32_t>(i + 1) : kNoChunk;
  }
  free_chunks_ = static_cast<std::uint32_t>(old_size);
  return free_chunks_;
}

void LadderEventSet::push_near(const Event& event) {
  near_.push_back(event);
  std::push_heap(near_.begin(), near_.end(), Later{});
  if (near_.size() >= spill_at_) spill();
}

void LadderEventSet::drop_near() {
  std::pop_heap(near_.begin(), near_.end(), Later{});
  near_.pop_back();
}

void LadderEventSet::sort_few_into_run(const Bucket& bucket) {
  // The instant and the place in the list in one number each, sorted by a network: no branch to mispredict. At one
  // instant the list's order is nearly always the events' order; where it is not, that is mended afterwards.
  constexpr std::uint32_t kPlaceBits = 5;
  static_assert(kSortLimit <= 1u << kPlaceBits);
  std::uint64_t keys[1u << kPlaceBits];
  std::uint32_t places[1u << kPlaceBits];
  const std::uint32_t count = bucket.count;
  std::uint64_t highest = 0;
  std::uint32_t filled = 0;
  for (std::uint32_t chunk = bucket.head; filled < count; chunk = next_chunk_[chunk]) {
    const std::uint32_t here = std::min(count - filled, kChunkEvents);
    const Event* const events = chunks_[chunk].events;
    for (std::uint32_t i = 0; i < here; ++i, ++filled) {
      const auto when = static_cast<std::uint64_t>(events[i].when);
      highest |= when;
      keys[filled] = (when << kPlaceBits) | filled;
      places[filled] = chunk * kChunkEvents + i;
    }
  }
  if (highest >> (63 - kPlaceBits) != 0) [[unlikely]] {
    sort_into_run(bucket);
    return;
  }
  if (count <= 4) {
    sort_padded<4>(keys, count);
  } else if (count <= 8) {
    sort_padded<8>(keys, count);
  } else if (count <= 16) {
    sort_padded<16>(keys, count);
  } else {
    sort_padded<32>(keys, count);
  }
  run_chunks_ = bucket;
  if (run_.size() < kSortLimit) run_.resize(kSortLimit);
  std::uint32_t* const run = run_.data();
  bool ties = false;
  for (std::uint32_t i = 0; i < count; ++i) {
    run[i] = places[keys[i] & ((1u << kPlaceBits) - 1)];
    ties |= i > 0 && (keys[i] ^ keys[i - 1]) >> kPlaceBits == 0;
  }
  if (ties) {
    for (std::uint32_t i = 1; i < count; ++i) {
      const std::uint32_t place = run[i];
      std::uint32_t to = i;
      for (; to > 0 && at(place) < at(run[to - 1]); --to) run[to] = run[to - 1];
      run[to] = place;
    }
  }
  run_head_ = 0;
  run_end_ = count;
}

void LadderEventSet::sort_into_run(const Bucket& bucket) {
  const std::size_t count = bucket.count;
  if (run_.size() < count) run_.resize(count);
  run_chunks_ = bucket;
  run_head_ = 0;
  run_end_ = 0;
  bool sorted = true;
  std::uint32_t chunk = bucket.head;
  for (std::size_t left = count; left > 0; chunk = next_chunk_[chunk]) {
    const std::size_t here = std::min<std::size_t>(left, kChunkEvents);
    for (std::uint32_t i = 0; i < here; ++i) {
      const std::uint32_t place = chunk * kChunkEvents + i;
      sorted = sorted && (run_end_ == 0 || at(run_[run_end_ - 1]) < at(place));
      run_[run_end_++] = place;
    }
    left -= here;
  }
  if (sorted) return;
  std::sort(run_.begin(), run_.begin() + static_cast<std::ptrdiff_t>(run_end_),
            [this](std::uint32_t a, std::uint32_t b) { return at(a) < at(b); });
}

LadderEventSet::Rung& LadderEventSet::add_rung(const Spread& spread, std::uint64_t limit) {
  while (depth_ > 0 && rungs_[depth_ - 1].next > rungs_[depth_ - 1].last) --depth_;
  if (depth_ == rungs_.size()) rungs_.emplace_back();
  Rung& rung = rungs_[depth_++];
  const std::uint64_t range = spread.max - spread.min;
  // Waiting times are often skewed: when the mean lies near the start, buckets must be finer to be small there.
  const Total twice_mean = 2 * ((spread.total - Total{spread.min} * spread.count) / spread.count) + 1;
  const Total skew = std::clamp<Total>(range / twice_mean, 1, kMaxSkew);
  const std::size_t wanted = std::clamp<std::size_t>(
      std::bit_ceil(spread.count * static_cast<std::size_t>(skew) / kBucketEvents), 2, kMaxBuckets);
  rung.start = spread.min;
  rung.limit = limit;
  rung.shift = std::max(0, static_cast<int>(std::bit_width(range)) - std::countr_zero(wanted));
  rung.next = 0;
  rung.last = static_cast<std::uint32_t>(range >> rung.shift);
  if (rung.buckets.size() <= rung.last) rung.buckets.resize(wanted);
  bottom_end_ = spread.min;
  return rung;
}

bool LadderEventSet::refill() {
  spill_at_ = kSpillEvents;
  release_run();
  for (;;) {
    Bucket taken;
    std::uint64_t limit;
    if (depth_ > 0) {
      Rung& rung = rungs_[depth_ - 1];
      while (rung.next <= rung.last && rung.buckets[rung.next].count == 0) ++rung.next;
      if (rung.next > rung.last) {
        bottom_end_ = rung.limit;
        --depth_;
        continue;
      }
      std::swap(taken, rung.buckets[rung.next]);
      limit = rung.next == rung.last ? rung.limit : rung.start + ((rung.next + 1ull) << rung.shift);
      ++rung.next;
    } else {
      if (top_.count == 0) {
        // Nothing anywhere: the next pushes define the range anew.
        bottom_end_ = top_start_ = 0;
        return false;
      }
      std::swap(taken, top_);
      limit = top_start_ = top_max_ + 1;
      top_max_ = 0;
    }
    if (taken.count <= kSortLimit) {
      bottom_end_ = limit;
      sort_few_into_run(taken);
      return true;
    }
    Spread spread;
    std::uint32_t chunk = taken.head;
    for (std::uint32_t left = taken.count; left > 0; chunk = next_chunk_[chunk]) {
      const std::uint32_t here = std::min(left, kChunkEvents);
      for (std::uint32_t i = 0; i < here; ++i) spread.add(chunks_[chunk].events[i]);
      left -= here;
    }
    if (spread.min == spread.max) {
      bottom_end_ = limit;
      sort_into_run(taken);
      return true;
    }
    Rung& rung = add_rung(spread, limit);
    consume(taken, [&](const Event& event) {
      const std::uint64_t index = (static_cast<std::uint64_t>(event.when) - rung.start) >> rung.shift;
      append(rung.buckets[index], event);
    });
  }
}

void LadderEventSet::spill() {
  const std::size_t left = run_end_ - run_head_;
  if (near_.size() * 4 < left) {
    spill_at_ = left / 4 + 1;
    return;
  }
  Spread spread;
  for (const Event& event : near_) spread.add(event);
  for (std::size_t i = run_head_; i < run_end_; ++i) spread.add(at(run_[i]));
  if (spread.min == spread.max) {
    spill_at_ = near_.size() * 2;
    return;
  }
  Rung& rung = add_rung(spread, bottom_end_);
  const auto place = [&](const Event event) {  // a copy: the pool may grow
    append(rung.buckets[(static_cast<std::uint64_t>(event.when) - rung.start) >> rung.shift], event);
  };
  for (std::size_t i = run_head_; i < run_end_; ++i) place(at(run_[i]));
  for (const Event& event : near_) place(event);
  run_head_ = run_end_ = 0;
  release_run();
  near_.clear();
  spill_at_ = kSpillEvents;
}

}  // namespace plimsoll
