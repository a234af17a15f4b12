#include "sim/load/processor_sharing.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <memory>

#include "sim/core/assert.h"
#include "sim/core/math.h"
#include "sim/load/sharing_batch.h"

namespace plimsoll::load {

SharingLaw::SharingLaw(const SharingParameters& p) : cap_(p.cap_cores) {
  PLIMSOLL_ASSERT(p.arrival_rate > 0 && p.cpu_demand > 0 && p.cap_cores > 0 && p.cores_per_request > 0);
  const double offered = p.arrival_rate * p.cpu_demand;
  PLIMSOLL_ASSERT(p.max_concurrency > 0 || offered < p.cap_cores);
  const bool limited = p.max_concurrency > 0;
  // From `full` requests on, the whole cap is used and the law goes on geometrically.
  const auto full = static_cast<std::int64_t>(std::ceil(p.cap_cores / p.cores_per_request));
  const std::int64_t last = limited ? p.max_concurrency : std::max<std::int64_t>(full, 1);
  double weight = 1;
  double sum = 1;
  probability_.push_back(1);
  for (std::int64_t n = 1; n <= last; ++n) {
    weight *= offered / std::min(static_cast<double>(n) * p.cores_per_request, p.cap_cores);
    if (weight > 1e200) {
      for (double& q : probability_) q *= 1e-200;
      weight *= 1e-200;
      sum *= 1e-200;
    }
    probability_.push_back(weight);
    sum += weight;
  }
  if (!limited) {
    tail_ratio_ = offered / p.cap_cores;
    sum += weight * tail_ratio_ / (1 - tail_ratio_);
  }
  for (double& q : probability_) q /= sum;
  for (std::size_t n = 0; n < probability_.size(); ++n) mean_in_system_ += static_cast<double>(n) * probability_[n];
  if (limited) {
    blocking_ = probability_.back();
  } else {
    const double r = tail_ratio_;
    mean_in_system_ += probability_.back() * (static_cast<double>(last) * r / (1 - r) + r / ((1 - r) * (1 - r)));
  }
  const double admitted = p.arrival_rate * (1 - blocking_);
  mean_response_ = mean_in_system_ / admitted;
  cpu_used_ = admitted * p.cpu_demand;
}

double SharingLaw::probability(std::int64_t n) const {
  const auto stored = static_cast<std::int64_t>(probability_.size());
  if (n < 0) return 0;
  if (n < stored) return probability_[static_cast<std::size_t>(n)];
  return probability_.back() * math::pow(tail_ratio_, static_cast<double>(n - stored + 1));
}

std::int64_t SharingLaw::quantile(double p) const {
  PLIMSOLL_ASSERT(p >= 0 && p < 1);
  double sum = 0;
  const auto stored = static_cast<std::int64_t>(probability_.size());
  for (std::int64_t n = 0; n < stored; ++n) {
    sum += probability_[static_cast<std::size_t>(n)];
    if (sum >= p) return n;
  }
  if (tail_ratio_ == 0) return stored - 1;
  double term = probability_.back();
  std::int64_t n = stored - 1;
  while (sum < p && term > 1e-300) {
    term *= tail_ratio_;
    sum += term;
    ++n;
  }
  return n;
}

namespace {

constexpr std::size_t kUtilizationSteps = 128;
constexpr std::size_t kUtilizationRows = kUtilizationSteps;  // 0 .. 127/128
constexpr std::size_t kLaneSteps = 8;                        // columns in each power of two
constexpr std::size_t kLaneColumns = 8 * kLaneSteps + 2;     // 1, 1.125, .. 256, and one to interpolate to

double lanes_of_column(std::size_t column) {
  const auto power = static_cast<double>(std::size_t{1} << (column / kLaneSteps));
  return power * (1 + static_cast<double>(column % kLaneSteps) / static_cast<double>(kLaneSteps));
}

/// (slow-down - 1) * (1 - utilisation) for a replica of this many lanes: smooth and bounded up to utilisation 1.
double bounded_slowdown(double utilization, double lanes) {
  if (utilization == 0) return 0;
  const double offered = utilization * lanes;
  const auto full = static_cast<std::int64_t>(std::ceil(lanes));
  double weight = 1;
  double sum = 1;
  double in_system = 0;
  for (std::int64_t n = 1; n < full; ++n) {
    weight *= offered / static_cast<double>(n);
    sum += weight;
    in_system += static_cast<double>(n) * weight;
  }
  weight *= offered / lanes;  // n = full: from here on a geometric tail
  const double idle = 1 - utilization;
  sum += weight / idle;
  in_system += weight * (static_cast<double>(full) / idle + utilization / (idle * idle));
  return (in_system / (sum * offered) - 1) * idle;
}

/// Parts of a table that are made when they are first asked for: a run needs few of them. Threads that ask at once make
/// the same part, and one of them is kept.
template <class Part, std::size_t kCount>
class PartsOnDemand {
 public:
  constexpr PartsOnDemand() = default;
  PartsOnDemand(const PartsOnDemand&) = delete;
  PartsOnDemand& operator=(const PartsOnDemand&) = delete;
  ~PartsOnDemand() {
    for (auto& part : parts_) delete part.load(std::memory_order_relaxed);
  }
  template <class Make>
  const Part& get(std::size_t number, Make make) {
    const Part* known = parts_[number].load(std::memory_order_acquire);
    if (known != nullptr) [[likely]]
      return *known;
    return add(number, make);
  }

 private:
  /// Apart, so that the look at one that is there stays short.
  template <class Make>
  [[gnu::noinline]] const Part& add(std::size_t number, Make make) {
    const Part* known = nullptr;
    auto made = std::make_unique<const Part>(make(number));
    return parts_[number].compare_exchange_strong(known, made.get(), std::memory_order_acq_rel) ? *made.release()
                                                                                                : *known;
  }

  std::array<std::atomic<const Part*>, kCount> parts_{};
};

using SlowdownColumn = std::array<float, kUtilizationRows>;

constinit PartsOnDemand<SlowdownColumn, kLaneColumns> slowdown_columns;  // not in the function: no guard to look at

// By lanes, then utilisation: a workload keeps its lanes from step to step.
const SlowdownColumn& slowdown_column(std::size_t number) {
  return slowdown_columns.get(number, [](std::size_t column) {
    SlowdownColumn value{};
    for (std::size_t row = 0; row < kUtilizationRows; ++row) {
      value[row] = static_cast<float>(
          bounded_slowdown(static_cast<double>(row) / static_cast<double>(kUtilizationSteps), lanes_of_column(column)));
    }
    return value;
  });
}

constexpr std::size_t kCvSteps = 64;
constexpr std::size_t kCvRows = 8 * kCvSteps + 1;

using BinEdges = std::array<double, kLatencyBins - 1>;
using BinRow = std::array<float, kLatencyBins>;

const BinEdges& bin_edges() {
  static const BinEdges edges = [] {
    BinEdges edge{};
    std::int64_t below = 0;
    for (std::size_t bin = 0; bin + 1 < kLatencyBins; ++bin) {
      below += kLatencyBinWeights[bin];
      edge[bin] = math::normal_quantile(static_cast<double>(below) / 2048.0);
    }
    return edge;
  }();
  return edges;
}

/// The means of the bins in parts of the law's mean.
const BinRow& bin_row(std::size_t number) {
  static PartsOnDemand<BinRow, kCvRows> rows;
  return rows.get(number, [](std::size_t row) {
    BinRow factor{};
    const double cv = static_cast<double>(row) / static_cast<double>(kCvSteps);
    const double sigma = std::sqrt(math::log1p(cv * cv));
    double before = 0;
    for (std::size_t bin = 0; bin < kLatencyBins; ++bin) {
      const double until = bin + 1 < kLatencyBins ? math::normal_cdf(bin_edges()[bin] - sigma) : 1.0;
      factor[bin] = static_cast<float>((until - before) * 2048.0 / static_cast<double>(kLatencyBinWeights[bin]));
      before = until;
    }
    return factor;
  });
}

/// Where the table is read for some utilisation and lanes: two neighbours in each of two columns.
struct TablePlace {
  const float *low, *high;
  double between_columns, between_rows;
};

/// @pre 0 <= rho <= kMaxLawUtilization, lanes >= 1.
inline TablePlace find_place(double rho, double lanes) {
  const double wide = std::min(lanes, 256.0);
  const auto bits = std::bit_cast<std::uint64_t>(wide);
  const auto exponent = static_cast<std::int64_t>(bits >> 52) - 1023;
  const double fraction = std::bit_cast<double>((bits & 0x000fffffffffffffull) | 0x3ff0000000000000ull);  // [1, 2)
  const double column_at = (static_cast<double>(exponent) + (fraction - 1)) * static_cast<double>(kLaneSteps);
  const double row_at = rho * static_cast<double>(kUtilizationSteps);
  const auto column = static_cast<std::size_t>(column_at);
  const auto row = static_cast<std::size_t>(row_at);
  return {&slowdown_column(column)[row], &slowdown_column(column + 1)[row], column_at - static_cast<double>(column),
          row_at - static_cast<double>(row)};
}

inline double slowdown_at(const TablePlace& at, double rho) {
  const auto of_column = [&](const float* cell) {
    return static_cast<double>(cell[0]) +
           (static_cast<double>(cell[1]) - static_cast<double>(cell[0])) * at.between_rows;
  };
  const double a = of_column(at.low), b = of_column(at.high);
  return 1 + (a + (b - a) * at.between_columns) / (1 - rho);
}

inline LatencyMoments moments_of(const RequestShape& shape, double cap_ticks, double slowdown) {
  const auto request_ticks = static_cast<double>(shape.cores_per_request.raw());
  const double alone_us = static_cast<double>(shape.cpu_per_request) / std::min(cap_ticks, request_ticks);
  const double mean = alone_us * slowdown;
  const double rho = 1 - 1 / slowdown;
  // The part that sharing adds grows with the demand's variability: 0.57, 1 and 1.8 times that of exponential demand
  // were measured by simulation at scv 0, 1 and 4.
  constexpr double kOfExponential = (0.57 + 0.583) / (1 + 0.153);  // the usual case, without the division
  const double sharing =
      shape.demand_scv == 1 ? kOfExponential : (0.57 + 0.583 * shape.demand_scv) / (1 + 0.153 * shape.demand_scv);
  const double scv = shape.demand_scv + sharing * 2 * rho / (2 - rho);
  return {mean + static_cast<double>(shape.wait.count()), scv * mean * mean};
}

}  // namespace

double sharing_slowdown(double utilization, double lanes) {
  const double rho = std::clamp(utilization, 0.0, kMaxLawUtilization);
  return lanes <= 1 ? 1 / (1 - rho) : slowdown_at(find_place(rho, lanes), rho);
}

LatencyMoments sharing_latency(const RequestShape& shape, Cpu cap, double utilization) {
  const auto cap_ticks = static_cast<double>(cap.raw());
  const double lanes = cap_ticks / static_cast<double>(shape.cores_per_request.raw());
  return moments_of(shape, cap_ticks, sharing_slowdown(utilization, lanes));
}

void sharing_latencies(std::span<const SharingCase> cases, std::span<LatencyMoments> out) {
  PLIMSOLL_ASSERT(cases.size() == out.size());
  constexpr std::size_t kAtOnce = 32;
  // Not cleared: of each only what has been written is read.
  std::array<double, kAtOnce> lanes, rho, slowdown;
  std::array<TablePlace, kAtOnce> place;
  for (std::size_t first = 0; first < cases.size(); first += kAtOnce) {
    const std::size_t count = std::min(kAtOnce, cases.size() - first);
    for (std::size_t i = 0; i < count; ++i) {
      const SharingCase& c = cases[first + i];
      lanes[i] = static_cast<double>(c.cap.raw()) / static_cast<double>(c.shape->cores_per_request.raw());
      rho[i] = std::clamp(c.utilization, 0.0, kMaxLawUtilization);
    }
    for (std::size_t i = 0; i < count; ++i) place[i] = find_place(rho[i], std::max(lanes[i], 1.0));
    for (std::size_t i = 0; i < count; ++i)
      slowdown[i] = lanes[i] <= 1 ? 1 / (1 - rho[i]) : slowdown_at(place[i], rho[i]);
    for (std::size_t i = 0; i < count; ++i) {
      const SharingCase& c = cases[first + i];
      out[first + i] = moments_of(*c.shape, static_cast<double>(c.cap.raw()), slowdown[i]);
    }
  }
}

void lognormal_bins(const LatencyMoments& moments, std::span<double, kLatencyBins> out) {
  std::size_t row = 0;
  if (moments.mean_us > 0 && moments.variance_us2 > 0) {
    const double cv = std::sqrt(moments.variance_us2) / moments.mean_us;
    row = static_cast<std::size_t>(std::min(cv, 8.0) * static_cast<double>(kCvSteps) + 0.5);
  }
  const BinRow& factor = bin_row(row);
  for (std::size_t bin = 0; bin < kLatencyBins; ++bin) out[bin] = moments.mean_us * static_cast<double>(factor[bin]);
}

void add_latency(LogLinearHistogram& histogram, const LatencyMoments& moments, std::int64_t weight) {
  if (weight <= 0) return;
  std::array<double, kLatencyBins> bins{};
  lognormal_bins(moments, bins);
  std::int64_t running = 2048;
  std::int64_t until = weight;
  const std::int64_t whole = weight / 2048;
  const std::int64_t rest = weight % 2048;
  // From the longest down, so that the histogram grows once.
  for (std::size_t bin = kLatencyBins; bin-- > 0;) {
    running -= kLatencyBinWeights[bin];
    const std::int64_t before = whole * running + rest * running / 2048;
    if (until > before) histogram.add(static_cast<std::int64_t>(bins[bin] + 0.5), until - before);
    until = before;
  }
}

Duration latency_quantile(const LatencyMoments& moments, double p) {
  if (moments.mean_us <= 0) return Duration::zero();
  const double sigma2 = math::log1p(moments.variance_us2 / (moments.mean_us * moments.mean_us));
  const double value = moments.mean_us * math::exp(std::sqrt(sigma2) * math::normal_quantile(p) - 0.5 * sigma2);
  return Duration{static_cast<std::int64_t>(value + 0.5)};
}

}  // namespace plimsoll::load
