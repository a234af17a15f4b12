#include "sim/cluster/image_pulls.h"

#include <algorithm>

#include "sim/core/assert.h"

namespace plimsoll {

namespace {

constexpr std::int64_t kMillionths = 1'000'000;

/// a x b, which may be beyond what the type holds, at most `most`.
std::int64_t product(std::int64_t a, std::int64_t b, std::int64_t most) {
  const __int128 p = static_cast<__int128>(a) * b;
  return p > most ? most : static_cast<std::int64_t>(p);
}

}  // namespace

ImagePulls::ImagePulls(const Limits& limits, Time now) : limits_(limits), updated_(now) {
  PLIMSOLL_ASSERT(limits.slots > 0 && limits.each > 0);
  NetworkRate& network = limits_.network;
  if (network.baseline <= 0) network.baseline = network.burst > 0 ? network.burst : limits.each;
  network.burst = std::max(network.burst, network.baseline);
  most_credits_ = credits_ = product(network.burst - network.baseline, kBurst.count(), INT64_MAX / 2);
}

bool ImagePulls::has(NameId image) const {
  return std::any_of(pulls_.begin(), pulls_.end(), [&](const Pull& p) { return p.image == image; });
}

void ImagePulls::add(NameId image, Bytes size, Duration overhead, NameId after) {
  pulls_.push_back({image, after, size.raw() * kMillionths, overhead, kTimeNever});
}

ImagePulls::Share ImagePulls::share() const {
  const auto n = std::count_if(pulls_.begin(), pulls_.end(), [&](const Pull& p) { return transfers(p); });
  const NetworkRate& network = limits_.network;
  if (n == 0) return {0, -network.baseline};
  const std::int64_t bursting = std::max<std::int64_t>(1, std::min(limits_.each, network.burst / n));
  const std::int64_t drain = bursting * n - network.baseline;
  if (drain <= credits_) return {bursting, drain};
  return {std::max<std::int64_t>(1, std::min(limits_.each, network.baseline / n)), 0};
}

void ImagePulls::run_to(Time t) {
  const Share s = share();
  const std::int64_t spent = (t - updated_).count();
  if (spent <= 0) return;
  for (Pull& p : pulls_) {
    if (transfers(p)) p.left -= product(s.each, spent, p.left);
  }
  credits_ = s.drain > 0 ? credits_ - product(s.drain, spent, credits_)
                         : credits_ + product(-s.drain, spent, most_credits_ - credits_);
  updated_ = t;
}

void ImagePulls::finish(std::vector<NameId>& done) {
  const std::int64_t each = share().each;
  const std::size_t before = done.size();
  for (const Pull& p : pulls_) {
    if (transfers(p) && p.left < each) done.push_back(p.image);
  }
  if (done.size() == before) return;
  std::erase_if(pulls_, [&](const Pull& p) { return transfers(p) && p.left < each; });
}

void ImagePulls::start() {
  auto taken = std::count_if(pulls_.begin(), pulls_.end(), [](const Pull& p) { return p.begins != kTimeNever; });
  for (Pull& p : pulls_) {
    if (taken >= limits_.slots) return;
    if (p.begins != kTimeNever || (!p.after.is_none() && has(p.after))) continue;
    p.begins = updated_ + p.overhead;
    ++taken;
  }
}

std::vector<NameId> ImagePulls::advance(Time now) {
  std::vector<NameId> done;
  while (true) {
    start();
    // One that ends lets another begin, which may have nothing to do.
    std::size_t before = 0;
    do {
      before = done.size();
      finish(done);
      start();
    } while (done.size() != before);
    if (updated_ >= now) return done;
    run_to(std::min(now, next()));
  }
}

Time ImagePulls::next() const {
  const Share s = share();
  Time at = kTimeNever;
  for (const Pull& p : pulls_) {
    if (p.begins == kTimeNever) continue;
    at = std::min(at, transfers(p) ? updated_ + Duration{p.left / s.each} : p.begins);
  }
  if (s.drain > 0 && at != kTimeNever) at = std::min(at, updated_ + Duration{credits_ / s.drain});
  return at;
}

}  // namespace plimsoll
