#include "models/kubernetes/scheduler/row_classes.h"

#include <algorithm>
#include <bit>

namespace plimsoll::kubernetes {

void RowClasses::reset(std::size_t positions) {
  words_ = (positions + 63) / 64;
  classes_.clear();
  sorted_.clear();
  active_.clear();
  buckets_.clear();
  free_.clear();
  placed_in_.assign(words_ * 64, kNone);
  class_at_.assign(words_ * 64, kNone);
}

void RowClasses::grow(std::size_t positions) {
  words_ = std::max(words_, (positions + 63) / 64);
  for (Bucket& bucket : buckets_) bucket.bits.resize(words_, 0);
  placed_in_.resize(words_ * 64, kNone);
  class_at_.resize(words_ * 64, kNone);
}

std::uint32_t RowClasses::class_of(const RowClass& key) {
  const auto at = std::lower_bound(sorted_.begin(), sorted_.end(), key, [&](std::uint32_t id, const RowClass& k) {
    return classes_[id].key.compare(k) < 0;
  });
  if (at != sorted_.end() && classes_[*at].key.compare(key) == 0) return *at;
  if (classes_.size() >= kMost) return kNone;
  const auto id = static_cast<std::uint32_t>(classes_.size());
  sorted_.insert(at, id);
  classes_.push_back({});
  classes_.back().key = key;
  return id;
}

std::uint32_t RowClasses::bucket_of(std::uint32_t class_id, std::int32_t value) {
  auto& list = classes_[class_id].buckets;
  const auto at = std::lower_bound(list.begin(), list.end(), value,
                                   [&](std::uint32_t id, std::int32_t v) { return buckets_[id].value > v; });
  if (at != list.end() && buckets_[*at].value == value) return *at;
  std::uint32_t id = 0;
  if (free_.empty()) {
    id = static_cast<std::uint32_t>(buckets_.size());
    buckets_.push_back({});
    buckets_.back().bits.assign(words_, 0);
  } else {
    id = free_.back();
    free_.pop_back();
  }
  buckets_[id].value = value;
  buckets_[id].owner = class_id;
  buckets_[id].low = words_;
  list.insert(at, id);
  return id;
}

bool RowClasses::put(std::size_t position, const RowClass& row_class, std::int32_t value) {
  // Mostly it stays in its class.
  const std::uint32_t here = class_at_[position];
  const bool stays = here != kNone && classes_[here].key.compare(row_class) == 0;
  const std::uint32_t class_id = stays ? here : class_of(row_class);
  if (class_id == kNone) return false;
  if (stays && buckets_[placed_in_[position]].value == value) return true;
  if (stays) {
    leave_bucket(position);
  } else {
    remove(position);
  }
  const std::uint32_t id = bucket_of(class_id, value);
  Bucket& bucket = buckets_[id];
  bucket.bits[position / 64] |= std::uint64_t{1} << (position % 64);
  bucket.low = std::min(bucket.low, position / 64);
  ++bucket.count;
  placed_in_[position] = id;
  if (stays) return true;
  class_at_[position] = class_id;
  Class& owner = classes_[class_id];
  if (owner.count++ == 0) {
    owner.at = static_cast<std::uint32_t>(active_.size());
    active_.push_back(class_id);
  }
  return true;
}

void RowClasses::leave_bucket(std::size_t position) {
  const std::uint32_t id = placed_in_[position];
  placed_in_[position] = kNone;
  Bucket& bucket = buckets_[id];
  bucket.bits[position / 64] &= ~(std::uint64_t{1} << (position % 64));
  if (--bucket.count > 0) return;
  auto& list = classes_[bucket.owner].buckets;
  list.erase(std::find(list.begin(), list.end(), id));
  free_.push_back(id);
}

void RowClasses::remove(std::size_t position) {
  const std::uint32_t class_id = class_at_[position];
  if (class_id == kNone) return;
  leave_bucket(position);
  class_at_[position] = kNone;
  Class& owner = classes_[class_id];
  if (--owner.count == 0) {
    classes_[active_.back()].at = owner.at;
    active_[owner.at] = active_.back();
    active_.pop_back();
    owner.at = kNone;
  }
}

std::size_t RowClasses::first(std::uint32_t id) const {
  const Bucket& bucket = buckets_[id];
  while (bucket.bits[bucket.low] == 0) ++bucket.low;
  return bucket.low * 64 + static_cast<std::size_t>(std::countr_zero(bucket.bits[bucket.low]));
}

std::size_t RowClasses::kth(std::span<const std::uint32_t> buckets, std::size_t k) const {
  std::size_t word = words_;
  for (const std::uint32_t id : buckets) word = std::min(word, buckets_[id].low);
  for (;; ++word) {
    // A position is in one bucket only, so that the words can be laid over each other.
    std::uint64_t bits = 0;
    for (const std::uint32_t id : buckets) bits |= buckets_[id].bits[word];
    const auto here = static_cast<std::size_t>(std::popcount(bits));
    if (k < here) {
      for (; k > 0; --k) bits &= bits - 1;
      return word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
    }
    k -= here;
  }
}

}  // namespace plimsoll::kubernetes
