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

/// Orders keys[A] and keys[B], A < B < Count.
template <std::size_t A, std::size_t B, std::size_t Count>
inline void order_pair(std::uint64_t* keys) {
  if constexpr (B < Count) {
    const std::uint64_t a = keys[A], b = keys[B];
    keys[A] = b < a ? b : a;
    keys[B] = b < a ? a : b;
  }
}

/// Batcher's odd-even merge sort of N = a power of two, all comparisons known when compiled; those with what would lie
/// at and behind Count, and be largest, are left out.
template <std::size_t From, std::size_t N, std::size_t Step, std::size_t Count>
inline void merge_halves(std::uint64_t* keys) {
  if constexpr (2 * Step < N) {
    merge_halves<From, N, 2 * Step, Count>(keys);
    merge_halves<From + Step, N, 2 * Step, Count>(keys);
    [keys]<std::size_t... I>(std::index_sequence<I...>) {
      (order_pair<From + Step + 2 * Step * I, From + 2 * Step + 2 * Step * I, Count>(keys), ...);
    }(std::make_index_sequence<(N - Step - 1) / (2 * Step)>{});
  } else {
    order_pair<From, From + Step, Count>(keys);
  }
}
template <std::size_t From, std::size_t N, std::size_t Count>
inline void sort_network(std::uint64_t* keys) {
  if constexpr (N > 1 && From + 1 < Count) {
    sort_network<From, N / 2, Count>(keys);
    sort_network<From + N / 2, N / 2, Count>(keys);
    merge_halves<From, N, 1, Count>(keys);
  }
}

constexpr std::uint32_t kNumberBits = 5;
static_assert(kSortLimit < 1u << kNumberBits && kSortLimit % 8 == 0);

/// Events that wait to be sorted: of each its instant and number in one key, and where it is.
struct ToSort {
  std::uint64_t keys[1u << kNumberBits];
  const Event* events[1u << kNumberBits];
};

/// Sorts `count` events, more than N - 4 and at most N, into run[0, N); what lies behind the count there means nothing.
/// The work depends on N alone: no branch to mispredict. True when there are several at one instant.
template <std::size_t N>
inline bool sort_padded(ToSort& in, std::uint32_t count, Event* run) {
  constexpr std::uint64_t kNumberMask = (1u << kNumberBits) - 1;
  for (std::uint64_t i = count; i < N; ++i) in.keys[i] = (1ull << 63) | (i << kNumberBits);
  sort_network<0, std::bit_ceil(N), N>(in.keys);
  bool ties = false;
  for (std::size_t i = 0; i < N; ++i) {
    run[i] = *in.events[in.keys[i] & kNumberMask];
    if (i > 0) ties |= (in.keys[i] ^ in.keys[i - 1]) <= kNumberMask;
  }
  return ties;
}

}  // namespace

std::size_t LadderEventSet::memory_bytes() const {
  std::size_t bytes = pool_.capacity() * sizeof(Place) + next_chunk_.capacity() * sizeof(std::uint32_t) +
                      (run_.capacity() + near_.capacity()) * sizeof(Event);
  for (const Rung& rung : rungs_) bytes += sizeof(Rung) + rung.buckets.capacity() * sizeof(Bucket);
  return bytes;
}

std::uint32_t LadderEventSet::grow_pool() {
  const std::size_t old_size = next_chunk_.size();
  const std::size_t new_size = old_size + std::max<std::size_t>(8, old_size / 2);
  pool_.resize(new_size * kChunkPlaces);
  next_chunk_.resize(new_size);
  for (std::size_t i = old_size; i < new_size; ++i) {
    next_chunk_[i] = i + 1 < new_size ? static_cast<std::uint32_t>(i + 1) : kNone;
  }
  return static_cast<std::uint32_t>(old_size);
}

void LadderEventSet::push_near(const Event& event) {
  if (near_heaped_) {
    near_.push_back(event);
    std::push_heap(near_.begin(), near_.end(), Later{});
  } else {
    if (near_head_ == near_.size() || near_head_ >= kSpillEvents) forget_taken();
    near_.push_back(event);
    // Mostly it is among the latest: what is scheduled last comes last.
    std::size_t at = near_.size() - 1;
    for (; at > near_head_ && event < near_[at - 1]; --at) near_[at] = near_[at - 1];
    near_[at] = event;
  }
  if (near_.size() - near_head_ >= spill_at_) spill();
}

void LadderEventSet::drop_top() {
  std::pop_heap(near_.begin(), near_.end(), Later{});
  near_.pop_back();
  near_heaped_ = !near_.empty();
  if (!near_heaped_) spill_at_ = kSpillEvents;
}

/// A sorted list is a heap; from now on it is kept as one.
void LadderEventSet::keep_as_heap() {
  forget_taken();
  near_heaped_ = true;
}

/// The earlier of the run and the early arrivals. @pre any_near().
const Event* LadderEventSet::pop_merged(std::int64_t end) {
  const bool from_near = near_is_next();
  const Event& next = from_near ? near_[near_head_] : run_[run_head_];
  if (next.when > end) return nullptr;
  if (!from_near) {
    ++run_head_;
    return &next;
  }
  if (!near_heaped_) {
    ++near_head_;
    return &next;
  }
  taken_ = next;
  drop_top();
  return &taken_;
}

void LadderEventSet::sort_few_into_run(const Bucket& bucket) {
  const std::uint32_t count = bucket.count;
  ToSort in;
  std::uint64_t highest = 0;
  std::uint32_t chunk = first_chunk(bucket);
  for (std::uint32_t number = 0; number < count; chunk = next_chunk_[chunk]) {
    // All places of the chunk: those behind the last event hold former ones, and are not looked at further.
    for (std::uint32_t i = 0; i < kChunkPlaces; ++i, ++number) {
      const Event& event = pool_[chunk * kChunkPlaces + i].event;
      const auto when = static_cast<std::uint64_t>(event.when);
      highest |= when;
      in.keys[number] = (when << kNumberBits) | number;
      in.events[number] = &event;
    }
  }
  if (highest >> (63 - kNumberBits) != 0) [[unlikely]] {
    sort_into_run(bucket);
    return;
  }
  if (run_.size() < kSortLimit) run_.resize(kSortLimit);
  Event* const run = run_.data();
  bool ties;
  switch ((count - 1) / 4) {
    case 0:
      ties = sort_padded<4>(in, count, run);
      break;
    case 1:
      ties = sort_padded<8>(in, count, run);
      break;
    case 2:
      ties = sort_padded<12>(in, count, run);
      break;
    case 3:
      ties = sort_padded<16>(in, count, run);
      break;
    default:
      ties = sort_padded<kSortLimit>(in, count, run);
      break;
  }
  // At one instant the list's order is nearly always the events' order; where it is not, that is mended here.
  if (ties) {
    for (std::uint32_t i = 1; i < count; ++i) {
      const Event event = run[i];
      std::uint32_t to = i;
      for (; to > 0 && event < run[to - 1]; --to) run[to] = run[to - 1];
      run[to] = event;
    }
  }
  run_head_ = 0;
  run_end_ = count;
  release(bucket);
}

void LadderEventSet::sort_into_run(const Bucket& bucket) {
  if (run_.size() < bucket.count) run_.resize(bucket.count);
  run_head_ = 0;
  run_end_ = 0;
  bool sorted = true;
  for_each(bucket, [&](const Event& event) {
    sorted = sorted && (run_end_ == 0 || run_[run_end_ - 1] < event);
    run_[run_end_++] = event;
  });
  if (!sorted) std::sort(run_.begin(), run_.begin() + static_cast<std::ptrdiff_t>(run_end_));
  release(bucket);
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
  for (;;) {
    Bucket taken;
    std::uint64_t limit = 0;
    const bool from_top = depth_ == 0;  // then the limit is the instant after its latest event
    if (from_top) {
      if (top_.count == 0) {
        // Nothing anywhere: the next pushes define the range anew.
        bottom_end_ = top_start_ = 0;
        return false;
      }
      std::swap(taken, top_);
    } else {
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
    }
    if (taken.count <= kSortLimit) {
      sort_few_into_run(taken);
      if (from_top) limit = top_start_ = static_cast<std::uint64_t>(run_[run_end_ - 1].when) + 1;
      bottom_end_ = limit;
      return true;
    }
    Spread spread;
    for_each(taken, [&spread](const Event& event) { spread.add(event); });
    if (from_top) limit = top_start_ = spread.max + 1;
    if (spread.min == spread.max) {
      sort_into_run(taken);
      bottom_end_ = limit;
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
  const std::size_t left = run_end_ - run_head_, early = near_.size() - near_head_;
  if (early * 4 < left) {
    spill_at_ = left / 4 + 1;
    keep_as_heap();
    return;
  }
  forget_taken();
  Spread spread;
  for (const Event& event : near_) spread.add(event);
  for (std::size_t i = run_head_; i < run_end_; ++i) spread.add(run_[i]);
  if (spread.min == spread.max) {
    spill_at_ = near_.size() * 2;
    keep_as_heap();
    return;
  }
  Rung& rung = add_rung(spread, bottom_end_);
  const auto place = [&](const Event& event) {
    append(rung.buckets[(static_cast<std::uint64_t>(event.when) - rung.start) >> rung.shift], event);
  };
  for (std::size_t i = run_head_; i < run_end_; ++i) place(run_[i]);
  for (const Event& event : near_) place(event);
  run_head_ = run_end_ = 0;
  near_.clear();
  near_heaped_ = false;
  spill_at_ = kSpillEvents;
}

}  // namespace plimsoll
