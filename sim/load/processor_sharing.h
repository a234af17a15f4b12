#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/core/statistics.h"
#include "sim/core/time.h"
#include "sim/core/units.h"

namespace plimsoll::load {

/// One replica: Poisson arrivals, requests in progress share its CPU equally, n of them together run at
/// min(n * cores_per_request, cap_cores). The law of the number in progress depends on the demand only through its
/// mean. Source: Kelly, "Reversibility and Stochastic Networks" (1979); Cohen (1979).
struct SharingParameters {
  double arrival_rate = 0;           ///< requests/s, > 0
  double cpu_demand = 0;             ///< CPU-seconds a request, > 0
  double cap_cores = 1;              ///< > 0, may be fractional
  double cores_per_request = 1;      ///< most cores that one request can use, > 0
  std::int64_t max_concurrency = 0;  ///< an arrival that finds so many is refused; 0 = no limit
};

/// The stationary law of one replica.
class SharingLaw {
 public:
  /// @pre the parameters are in range and, without max_concurrency, arrival_rate * cpu_demand < cap_cores.
  explicit SharingLaw(const SharingParameters& parameters);

  double mean_in_system() const { return mean_in_system_; }
  /// Of those admitted, seconds (Little's law).
  double mean_response() const { return mean_response_; }
  double probability_empty() const { return probability_.front(); }
  double blocking() const { return blocking_; }
  double cpu_used_cores() const { return cpu_used_; }
  double utilization_of_cap() const { return cpu_used_ / cap_; }
  /// Probability of n in progress.
  double probability(std::int64_t n) const;
  /// Smallest n with P(N <= n) >= p. @pre 0 <= p < 1.
  std::int64_t quantile(double p) const;

 private:
  std::vector<double> probability_;  ///< up to the level above which the law is geometric, or to the limit
  double tail_ratio_ = 0;            ///< P(n + 1) / P(n) beyond the stored part; 0 when there is a limit
  double cap_;
  double mean_in_system_ = 0, mean_response_ = 0, blocking_ = 0, cpu_used_ = 0;
};

/// Mean and variance of a time, in microseconds. Independent parts add.
struct LatencyMoments {
  double mean_us = 0;
  double variance_us2 = 0;

  LatencyMoments& operator+=(const LatencyMoments& other) {
    mean_us += other.mean_us;
    variance_us2 += other.variance_us2;
    return *this;
  }
  friend LatencyMoments operator+(LatencyMoments a, const LatencyMoments& b) { return a += b; }
  friend bool operator==(const LatencyMoments&, const LatencyMoments&) = default;
};

/// What the time in one replica depends on, apart from its load.
struct RequestShape {
  std::int64_t cpu_per_request = 0;      ///< CPU ticks x microseconds: 1 ms of a vCPU is 1,024,000,000
  Cpu cores_per_request = cpu_cores(1);  ///< most that one request can use
  double demand_scv = 1;                 ///< squared coefficient of variation of the demand (1 = exponential)
  Duration wait{};                       ///< waiting without CPU (disk, data store), added to every request
};

/// Highest utilisation at which the stationary law is used; above it the fluid backlog tells the rest.
inline constexpr double kMaxLawUtilization = 0.98;

/// Mean slow-down by sharing, E[T] / time alone on a free replica, where `lanes` = cap / cores_per_request: a table
/// over utilisation (steps of 1/128) and lanes (eight in each power of two, up to 256), read with linear interpolation
/// of (slow-down - 1) * (1 - utilisation): within 1 % of SharingLaw. The utilisation is cut to [0, kMaxLawUtilization].
/// For lanes <= 1 it is 1 / (1 - utilisation), exactly.
double sharing_slowdown(double utilization, double lanes);

/// Time of a request in a replica that is granted `cap` and used to `utilization` of it. Variance: that of M/M/1
/// processor sharing, (2 + rho) / (2 - rho) E[T]^2 (Coffman, Muntz, Trotter 1970), generalised: the demand's own scv in
/// place of its 1, rho = the utilisation at which one lane has the same slow-down, and the part that sharing adds times
/// a factor of the demand's scv that was fitted to simulation. Exact for one lane and exponential demand; elsewhere the
/// deviation is within 12 % of that of simulated requests where the slow-down matters (above 1.1). @pre cap > 0.
LatencyMoments sharing_latency(const RequestShape& shape, Cpu cap, double utilization);

/// A fixed cut of a lognormal law into bins: eight equal ones below the 87.5th percentile and eight that shrink by
/// halves above it, so that p50, p90, p95, p99 and p99.9 all fall near the middle of a bin. Weights are in 1/2048.
inline constexpr std::size_t kLatencyBins = 16;
inline constexpr std::array<std::int64_t, kLatencyBins> kLatencyBinWeights = {224, 224, 224, 224, 224, 224, 224, 224,
                                                                              128, 64,  32,  16,  8,   4,   3,   1};

/// Mean of each bin of the lognormal with these moments, microseconds; the weighted mean is that of the law. The
/// coefficient of variation is quantised to 1/64 and cut at 8.
void lognormal_bins(const LatencyMoments& moments, std::span<double, kLatencyBins> out);

/// Adds `weight` observations that follow the lognormal with these moments, as kLatencyBins whole-microsecond values
/// whose weights add up to `weight` exactly.
void add_latency(LogLinearHistogram& histogram, const LatencyMoments& moments, std::int64_t weight);

/// Quantile of the lognormal with these moments, whole microseconds. @pre 0 < p < 1.
Duration latency_quantile(const LatencyMoments& moments, double p);

}  // namespace plimsoll::load
