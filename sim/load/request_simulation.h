#pragma once

#include <cstdint>
#include <vector>

#include "sim/load/fast_random.h"
#include "sim/load/replications.h"

/// Small simulations in which every request is its own event: one service at a time, one replication a call. They check
/// the closed forms and approximations that the fluid load rests on. Times in seconds, rates per second. Each run
/// starts empty; what happens before `warm_up` requests have arrived is not counted.
namespace plimsoll::load {

struct RunLength {
  std::int64_t warm_up = 0;
  std::int64_t counted = 100'000;
};

/// Poisson arrivals, c equal servers, one first-come-first-served queue; M/M/c, M/G/1, M/G/c, with finite room or with
/// clients that give up.
struct QueueParameters {
  double arrival_rate = 1;
  SizeLaw service;
  std::int64_t servers = 1;
  std::int64_t system_limit = 0;  ///< an arrival that finds so many is refused; 0 = no limit
  double abandon_rate = 0;        ///< patience while waiting is exponential with this rate; 0 = endless
};

struct QueueResult {
  double utilization = 0;    ///< busy time per server and time
  double mean_wait = 0;      ///< of those admitted, also of those who gave up
  double mean_response = 0;  ///< of those admitted; equals wait for those who gave up
  double prob_wait = 0;      ///< part of those admitted that found no free server
  double blocking = 0;       ///< part of the arrivals that was refused
  double abandoned = 0;      ///< part of the arrivals that gave up
  double throughput = 0;     ///< admitted per second
  double mean_in_queue = 0, mean_in_system = 0;
  ValueHistogram waits, responses;
};

QueueResult simulate_queue(const QueueParameters& parameters, const RunLength& length, FastRandom& random);

/// M/M/c again, for many servers: as services have no memory, the next end of one is drawn afresh at every event
/// instead of keeping every server's end in order, and a response is a wait plus a service of its own. Answers
/// utilization, waits, responses and their means; @pre service exponential, no limit, no abandonment.
QueueResult simulate_memoryless_queue(const QueueParameters& parameters, const RunLength& length, FastRandom& random);

/// lim n Var(mean of n successive waits) of M/M/1 = 2 sum over n >= 0 of Cov(W_0, W_n) - Var(W_0). Two waits w and 0
/// under the same arrivals and services stay (w - L_n)+ apart, where L_n is the idle time since the start, so a path
/// from empty gives D(w) = sum of (w - L_n)+ for every w at once, and the sum of covariances is Cov(W, D(W)) over the
/// stationary wait W. The law of W comes from paths of the random walk of which it is the maximum, under exchanged
/// rates (importance sampling, Siegmund 1976), because plain averages of its third power would need 1e9 requests. One
/// value, from `paths` paths of each kind. @pre arrival_rate < service_rate.
double simulate_wait_variance(double arrival_rate, double service_rate, std::int64_t paths, FastRandom& random);

/// Processor sharing with a cap: classes with Poisson arrivals and per-request weights; n in progress together run at
/// min(n * cores_per_request, cap), each at its weight's share (discriminatory sharing; equal weights: plain sharing).
struct SharingClass {
  double arrival_rate = 1;
  SizeLaw demand;  ///< CPU-seconds
  double weight = 1;
};
struct SharingRun {
  std::vector<SharingClass> classes;
  double cap_cores = 1;
  double cores_per_request = 1;
  std::int64_t max_concurrency = 0;
};
struct SharingResult {
  std::vector<double> mean_response;  ///< by class
  std::vector<double> response_variance;
  double mean_response_all = 0;
  ValueHistogram responses;  ///< of all classes
  double blocking = 0;
  double cpu_used_cores = 0;
  LevelShares in_system;  ///< shares of time
};
SharingResult simulate_sharing(const SharingRun& run, const RunLength& length, FastRandom& random);

/// M/G/infinity, looked at `samples` times, `spacing` apart, after `warm_up` seconds.
LevelShares simulate_unlimited(double arrival_rate, const SizeLaw& service, double warm_up, double spacing,
                               std::int64_t samples, FastRandom& random);

/// Arrival rate mean * (1 + beta sin(2 pi t / period)) into unlimited servers: the mean number in the system and its
/// first harmonic, m0 + s sin + c cos, over whole periods. The system is linear, so its mean number has no other one.
struct Harmonic {
  double mean = 0, sine = 0, cosine = 0;
};
Harmonic simulate_unlimited_periodic(double mean_rate, double beta, double period, const SizeLaw& service,
                                     double warm_up, std::int64_t periods, FastRandom& random);

}  // namespace plimsoll::load
