#include "sim/load/host_pairs.h"

#include <algorithm>
#include <limits>

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace plimsoll::load {

namespace {

/// More than the rounding of doubles takes.
constexpr double kMargin = 1e-9;
/// A look at one place on a host costs as much as so many pairs.
constexpr std::size_t kPairsOfPlace = 8;

constexpr double kNoBound = std::numeric_limits<double>::infinity();

/// Sum of a[i] * b[i], in whole numbers: the same however many of them one instruction takes.
std::uint64_t sum_plainly(const std::uint32_t* a, const std::uint32_t* b, std::size_t count) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += std::uint64_t{a[i]} * b[i];
  return sum;
}
using SumOfProducts = std::uint64_t (*)(const std::uint32_t*, const std::uint32_t*, std::size_t);
#ifdef __x86_64__
[[gnu::target("avx2")]] std::uint64_t sum_widely(const std::uint32_t* a, const std::uint32_t* b, std::size_t count) {
  // Four products at a time: of the numbers at even places, then of those at odd ones.
  __m256i even = _mm256_setzero_si256(), odd = _mm256_setzero_si256();
  const std::size_t whole = count / 8 * 8;
  for (std::size_t i = 0; i < whole; i += 8) {
    const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(a + i));
    const __m256i y = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b + i));
    even = _mm256_add_epi64(even, _mm256_mul_epu32(x, y));
    odd = _mm256_add_epi64(odd, _mm256_mul_epu32(_mm256_srli_epi64(x, 32), _mm256_srli_epi64(y, 32)));
  }
  const __m256i both = _mm256_add_epi64(even, odd);
  const __m128i half = _mm_add_epi64(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1));
  const auto sum = static_cast<std::uint64_t>(_mm_cvtsi128_si64(half) + _mm_extract_epi64(half, 1));
  return sum + sum_plainly(a + whole, b + whole, count - whole);
}
SumOfProducts fastest_sum() { return __builtin_cpu_supports("avx2") ? sum_widely : sum_plainly; }
#else
SumOfProducts fastest_sum() { return sum_plainly; }
#endif

double ratio_of(std::int64_t room, std::int64_t wants) {
  if (wants <= 0) return room < 0 ? 0 : kNoBound;
  return static_cast<double>(room) / static_cast<double>(wants);
}

}  // namespace

void HostPairs::start(std::size_t sets) {
  sets_ = sets;
  pairs_.assign(sets * sets, 0);
  serving_.assign(sets, 0);
  room_.assign(sets, 0);
  reference_.assign(sets, 0);
  want_.assign(sets, 0);
}

void HostPairs::add_pairs(std::size_t i, std::size_t j, std::int64_t by) {
  std::uint32_t& pairs = pairs_[i * sets_ + j];
  const std::int64_t now = std::int64_t{pairs} + by;
  broken_ = broken_ || now < 0 || now > UINT32_MAX;
  pairs = static_cast<std::uint32_t>(now);
}

double HostPairs::move(std::span<const SetOnHost> there, std::uint32_t index, std::int32_t delta, std::int64_t room) {
  std::int64_t before = 0, wants = 0;
  for (const SetOnHost& s : there) {
    wants += reference_[s.index] * s.serving;
    if (s.index == index) {
      before = s.serving;
      continue;
    }
    const std::int64_t by = std::int64_t{delta} * s.serving;
    add_pairs(index, s.index, by);
    add_pairs(s.index, index, by);
  }
  const std::int64_t after = before + delta;
  add_pairs(index, index, after * after - before * before);
  if (before == 0) ++places_;
  if (after == 0) --places_;
  serving_[index] += delta;
  room_[index] += delta * room;
  if (delta < 0) return kNoBound;
  return ratio_of(room, wants + reference_[index] * delta);
}

double HostPairs::change_room(std::span<const SetOnHost> there, std::int64_t change, std::int64_t room) {
  for (const SetOnHost& s : there) room_[s.index] += s.serving * change;
  return change < 0 ? room_over_wants(there, room) : kNoBound;
}

void HostPairs::count_host(std::span<const SetOnHost> there, std::int64_t room, std::int32_t sign) {
  for (const SetOnHost& a : there) {
    for (const SetOnHost& b : there) add_pairs(a.index, b.index, std::int64_t{sign} * a.serving * b.serving);
    serving_[a.index] += sign * a.serving;
    room_[a.index] += sign * a.serving * room;
    places_ += static_cast<std::size_t>(sign);
  }
}

double HostPairs::room_over_wants(std::span<const SetOnHost> there, std::int64_t room) const {
  std::int64_t wants = 0;
  for (const SetOnHost& s : there) wants += reference_[s.index] * s.serving;
  return there.empty() ? kNoBound : ratio_of(room, wants);
}

void HostPairs::looked(std::span<const std::int64_t> want, double least) {
  std::copy(want.begin(), want.begin() + static_cast<std::ptrdiff_t>(sets_), reference_.begin());
  least_ = least;
}

bool HostPairs::follows(std::span<const std::int64_t> want) {
  if (broken_ || least_ <= 0 || sets_ * sets_ > kPairsOfPlace * places_) return false;
  for (std::size_t i = 0; i < sets_; ++i) {
    want_[i] = 0;
    if (serving_[i] == 0) continue;
    if (want[i] < 0 || want[i] > UINT32_MAX) return false;
    const double most = static_cast<double>(reference_[i]) * least_;
    if (want[i] > 0 && (reference_[i] == 0 || static_cast<double>(want[i]) * (1 + kMargin) >= most)) return false;
    want_[i] = static_cast<std::uint32_t>(want[i]);
  }
  return true;
}

void HostPairs::add_capacities(std::span<const std::int64_t> want, std::span<std::int64_t> capacity) const {
  static const SumOfProducts sum = fastest_sum();
  for (std::size_t i = 0; i < sets_; ++i) {
    if (serving_[i] == 0) continue;
    // Of all pods beside its own: at most the room of their hosts.
    const std::uint64_t wants = sum(pairs_.data() + i * sets_, want_.data(), sets_);
    capacity[i] += want[i] * serving_[i] + room_[i] - static_cast<std::int64_t>(wants);
  }
}

bool HostPairs::capacities(std::span<const std::int64_t> want, std::span<std::int64_t> capacity) {
  if (!follows(want)) return false;
  std::fill(capacity.begin(), capacity.end(), 0);
  add_capacities(want, capacity);
  return true;
}

}  // namespace plimsoll::load
