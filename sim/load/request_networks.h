#pragma once

#include <cstdint>
#include <vector>

#include "sim/load/request_simulation.h"

/// Small simulations of several services: chains, fan-outs, balancers, retries. As in request_simulation.h.
namespace plimsoll::load {

/// Requests visit the stages in order; each stage has its own servers and first-come-first-served queue.
struct Stage {
  SizeLaw service;
  std::int64_t servers = 1;
};
struct ChainResult {
  std::vector<double> stage_mean_response;
  double mean_end_to_end = 0;
};
ChainResult simulate_chain(double arrival_rate, const std::vector<Stage>& stages, const RunLength& length,
                           FastRandom& random);

/// Each request goes to every branch at once and ends with the last one. Branches are single servers with queues, or
/// never make anyone wait (`unlimited`).
struct ForkJoinResult {
  double mean_response = 0;
  double branch_mean_response = 0;
  ValueHistogram responses;
};
ForkJoinResult simulate_fork_join(double arrival_rate, const SizeLaw& service, std::int64_t branches, bool unlimited,
                                  const RunLength& length, FastRandom& random);

/// How a balancer picks a replica.
enum class Balancing : std::uint8_t {
  random,
  round_robin,
  power_of_two,    ///< the shorter of two picked at random, with replacement
  shortest_queue,  ///< fewest outstanding requests; ties at random
};
struct BalancingResult {
  double mean_response = 0;
  double prob_wait = 0;
  double utilization = 0;
};
/// Poisson arrivals to single-server first-come-first-served replicas.
BalancingResult simulate_balancing(Balancing policy, double arrival_rate, const SizeLaw& service, std::int64_t replicas,
                                   const RunLength& length, FastRandom& random);

/// Many replicas with exponential service of rate 1, arrivals `utilization` per replica; each goes to the one of
/// `choices` (drawn with replacement) with the fewest requests. The chain is simulated by uniformisation: every event
/// is an arrival or the chance of a departure. Times count in mean service times.
struct ChoicesResult {
  /// Mean part of replicas with at least 1, 2, ... requests. From 2 on it is measured through the flow into the level:
  /// an arrival makes a replica with k when all its choices have k - 1 or more, and leaves at rate 1, so the mean part
  /// with k is utilization x mean of (part with k - 1)^choices; where too few replicas are that long to tell the mean
  /// of a power, the power of the mean is taken, as for endlessly many replicas.
  std::vector<double> fraction_with_at_least;
  double mean_in_system = 0;  ///< per replica
  double mean_response = 0;
};
ChoicesResult simulate_choices(double utilization, std::int64_t replicas, std::int64_t choices, std::size_t levels,
                               double warm_up, double counted, FastRandom& random);

/// Calls whose attempts fail independently, retried up to max_retries times. Each round is sampled with the same number
/// of requests (those that reached it), so that rare last rounds are seen as well as the first.
struct RetryResult {
  double mean_attempts = 0;
  double prob_final_failure = 0;
};
RetryResult simulate_retries(double failure_probability, std::int64_t max_retries, std::int64_t requests_per_round,
                             FastRandom& random);

}  // namespace plimsoll::load
