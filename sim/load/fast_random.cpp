#include "sim/load/fast_random.h"

#include <cmath>

#include "sim/core/assert.h"
#include "sim/core/math.h"

namespace plimsoll::load {

namespace {
// Right edge of the last layer and area of each for exp(-x) in 256 layers (Marsaglia, Tsang 2000).
constexpr double kEdge = 7.69711747013104972;
constexpr double kArea = 3.9496598225815571993e-3;
}  // namespace

FastRandom::Tables::Tables() {
  x[0] = kArea / math::exp(-kEdge);
  x[1] = kEdge;
  for (std::size_t i = 2; i < 256; ++i) x[i] = -math::log(math::exp(-x[i - 1]) + kArea / x[i - 1]);
  x[256] = 0;
  f[0] = 0;
  for (std::size_t i = 1; i < 257; ++i) f[i] = math::exp(-x[i]);
}

const FastRandom::Tables FastRandom::kTables;

double FastRandom::exponential_edge(std::size_t layer, double x) {
  while (true) {
    if (layer == 0) return kEdge + exponential();
    const double y = kTables.f[layer] + uniform() * (kTables.f[layer + 1] - kTables.f[layer]);
    if (y < math::exp(-x)) return x;
    const std::uint64_t b = bits();
    layer = b & 255;
    x = static_cast<double>(b >> 11) * 0x1.0p-53 * kTables.x[layer];
    if (x < kTables.x[layer + 1]) return x;
  }
}

double FastRandom::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  double u = 0;
  double v = 0;
  double s = 0;
  do {
    u = 2 * uniform() - 1;
    v = 2 * uniform() - 1;
    s = u * u + v * v;
  } while (s >= 1 || s == 0);
  const double factor = std::sqrt(-2 * math::log(s) / s);
  spare_ = v * factor;
  has_spare_ = true;
  return u * factor;
}

SizeSampler::SizeSampler(const SizeLaw& law) : kind_(law.kind), a_(law.mean) {
  PLIMSOLL_ASSERT(law.mean > 0);
  switch (kind_) {
    case SizeLaw::Kind::exponential:
    case SizeLaw::Kind::deterministic:
      break;
    case SizeLaw::Kind::lognormal: {
      const double variance = math::log1p(law.scv);
      a_ = math::log(law.mean) - variance / 2;
      b_ = std::sqrt(variance);
      break;
    }
    case SizeLaw::Kind::erlang:
      phases_ = static_cast<int>(std::floor(1 / law.scv + 0.5));
      a_ = law.mean / phases_;
      break;
    case SizeLaw::Kind::hyperexponential:
      PLIMSOLL_ASSERT(law.scv >= 1);
      c_ = (1 + std::sqrt((law.scv - 1) / (law.scv + 1))) / 2;
      a_ = law.mean / (2 * c_);
      b_ = law.mean / (2 * (1 - c_));
      break;
  }
}

double SizeSampler::operator()(FastRandom& random) const {
  switch (kind_) {
    case SizeLaw::Kind::exponential:
      return a_ * random.exponential();
    case SizeLaw::Kind::deterministic:
      return a_;
    case SizeLaw::Kind::lognormal:
      return math::exp(a_ + b_ * random.normal());
    case SizeLaw::Kind::erlang: {
      double sum = 0;
      for (int i = 0; i < phases_; ++i) sum += random.exponential();
      return a_ * sum;
    }
    case SizeLaw::Kind::hyperexponential:
      return (random.uniform() < c_ ? a_ : b_) * random.exponential();
  }
  return a_;
}

}  // namespace plimsoll::load
