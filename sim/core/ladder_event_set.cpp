#include "sim/core/ladder_event_set.h"

#include <bit>

namespace plimsoll {

namespace {

constexpr std::uint32_t kSortLimit = 24;   ///< a bucket of at most so many is sorted, a larger one split
constexpr std::size_t kBucketEvents = 4;   ///< aimed at per bucket of a new rung
constexpr std::size_t kMaxBuckets = 1024;  ///< per rung: their ends together stay in the second-level cache
constexpr std::size_t kMaxSkew = 4;        ///< at most so many times more buckets for a skewed spread
constexpr std::size_t kSpillEvents = 64;   ///< early arrivals at which their heap becomes a rung

}  // namespace

std::size_t LadderEventSet::memory_bytes() const {
  std::size_t bytes = chunks_.capacity() * sizeof(Chunk) + next_chunk_.capacity() * sizeof(std::uint32_t) +
                      (run_.capacity() + near_.capacity()) * sizeof(Event);
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

void LadderEventSet::sort_few_into_run(Bucket& bucket) {
  // Each event's place is the number of smaller ones: more comparisons than a clever sort, but no branch to mispredict.
  using Key = unsigned __int128;
  Key keys[kSortLimit];
  Event events[kSortLimit];
  std::uint32_t places[kSortLimit];
  std::uint32_t count = 0;
  consume(bucket, [&](const Event& event) {
    const Key key = (static_cast<Key>(static_cast<std::uint64_t>(event.when)) << 64) | event.order;
    std::uint32_t place = count;
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t later = key < keys[i] ? 1 : 0;
      places[i] += later;
      place -= later;
    }
    keys[count] = key;
    places[count] = place;
    events[count++] = event;
  });
  if (run_.size() < kSortLimit) run_.resize(kSortLimit);
  Event* const run = run_.data();
  for (std::uint32_t i = 0; i < count; ++i) run[places[i]] = events[i];
  run_head_ = 0;
  run_end_ = count;
}

void LadderEventSet::sort_into_run(Bucket& bucket) {
  const std::size_t count = bucket.count;
  if (run_.size() < count) run_.resize(count);
  run_head_ = 0;
  run_end_ = 0;
  bool sorted = true;
  consume(bucket, [&](const Event& event) {
    sorted = sorted && (run_end_ == 0 || run_[run_end_ - 1] < event);
    run_[run_end_++] = event;
  });
  if (!sorted) std::sort(run_.begin(), run_.begin() + static_cast<std::ptrdiff_t>(run_end_));
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
  for (std::size_t i = run_head_; i < run_end_; ++i) spread.add(run_[i]);
  if (spread.min == spread.max) {
    spill_at_ = near_.size() * 2;
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
  spill_at_ = kSpillEvents;
}

}  // namespace plimsoll
