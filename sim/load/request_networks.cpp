#include "sim/load/request_networks.h"

#include <algorithm>
#include <functional>
#include <queue>

#include "sim/core/assert.h"

namespace plimsoll::load {

ChainResult simulate_chain(double arrival_rate, const std::vector<Stage>& stages, const RunLength& length,
                           FastRandom& random) {
  struct Visit {
    double at;
    double entered;
    std::uint32_t stage;
    bool counted;
    bool operator>(const Visit& other) const { return at > other.at; }
  };
  std::vector<SizeSampler> service;
  std::vector<std::priority_queue<double, std::vector<double>, std::greater<>>> free_at(stages.size());
  for (std::size_t s = 0; s < stages.size(); ++s) {
    service.emplace_back(stages[s].service);
    for (std::int64_t i = 0; i < stages[s].servers; ++i) free_at[s].push(0);
  }
  std::priority_queue<Visit, std::vector<Visit>, std::greater<>> visits;  // to stages after the first
  std::vector<Welford> response(stages.size());
  Welford end_to_end;
  double next_arrival = random.exponential() / arrival_rate;
  std::int64_t arrivals = 0;
  const std::int64_t last = length.warm_up + length.counted;
  while (arrivals < last || !visits.empty()) {
    Visit visit{};
    if (arrivals < last && (visits.empty() || next_arrival < visits.top().at)) {
      visit = {next_arrival, next_arrival, 0, arrivals >= length.warm_up};
      ++arrivals;
      next_arrival += random.exponential() / arrival_rate;
    } else {
      visit = visits.top();
      visits.pop();
    }
    const double start = std::max(visit.at, free_at[visit.stage].top());
    const double end = start + service[visit.stage](random);
    free_at[visit.stage].pop();
    free_at[visit.stage].push(end);
    if (visit.counted) response[visit.stage].add(end - visit.at);
    if (visit.stage + 1 < stages.size()) {
      visits.push({end, visit.entered, visit.stage + 1, visit.counted});
    } else if (visit.counted) {
      end_to_end.add(end - visit.entered);
    }
  }
  ChainResult result;
  for (const Welford& r : response) result.stage_mean_response.push_back(r.mean());
  result.mean_end_to_end = end_to_end.mean();
  return result;
}

ForkJoinResult simulate_fork_join(double arrival_rate, const SizeLaw& law, std::int64_t branches, bool unlimited,
                                  const RunLength& length, FastRandom& random) {
  const SizeSampler service(law);
  std::vector<double> wait(static_cast<std::size_t>(branches), 0.0);
  ForkJoinResult result;
  double branch_sum = 0;
  double sum = 0;
  for (std::int64_t i = 0; i < length.warm_up + length.counted; ++i) {
    double longest = 0;
    double all = 0;
    const double gap = unlimited ? 0 : random.exponential() / arrival_rate;
    for (double& w : wait) {
      const double response = w + service(random);
      longest = std::max(longest, response);
      all += response;
      w = unlimited ? 0 : std::max(0.0, response - gap);
    }
    if (i < length.warm_up) continue;
    sum += longest;
    branch_sum += all / static_cast<double>(branches);
    result.responses.add(longest);
  }
  result.mean_response = sum / static_cast<double>(length.counted);
  result.branch_mean_response = branch_sum / static_cast<double>(length.counted);
  return result;
}

BalancingResult simulate_balancing(Balancing policy, double arrival_rate, const SizeLaw& law, std::int64_t replicas,
                                   const RunLength& length, FastRandom& random) {
  const SizeSampler service(law);
  const auto n = static_cast<std::size_t>(replicas);
  const bool counts_needed = policy == Balancing::power_of_two || policy == Balancing::shortest_queue;
  std::vector<double> free_at(n, 0.0);
  std::vector<std::int32_t> outstanding(n, 0);
  using Departure = std::pair<double, std::uint32_t>;
  std::priority_queue<Departure, std::vector<Departure>, std::greater<>> departures;
  double now = 0;
  double from = 0;
  double busy = 0;
  double sum = 0;
  std::int64_t waited = 0;
  std::size_t turn = 0;
  for (std::int64_t i = 0; i < length.warm_up + length.counted; ++i) {
    now += random.exponential() / arrival_rate;
    if (i + 1 == length.warm_up) from = now;
    std::size_t to = 0;
    if (counts_needed) {
      while (!departures.empty() && departures.top().first <= now) {
        --outstanding[departures.top().second];
        departures.pop();
      }
    }
    switch (policy) {
      case Balancing::random:
        to = random.below(n);
        break;
      case Balancing::round_robin:
        to = turn;
        turn = turn + 1 == n ? 0 : turn + 1;
        break;
      case Balancing::power_of_two: {
        to = random.below(n);
        const std::size_t other = random.below(n);
        if (outstanding[other] < outstanding[to]) to = other;
        break;
      }
      case Balancing::shortest_queue: {
        const std::int32_t least = *std::min_element(outstanding.begin(), outstanding.end());
        std::uint64_t pick =
            random.below(static_cast<std::uint64_t>(std::count(outstanding.begin(), outstanding.end(), least)));
        while (outstanding[to] != least || pick-- > 0) ++to;
        break;
      }
    }
    const double work = service(random);
    const double start = std::max(now, free_at[to]);
    free_at[to] = start + work;
    if (counts_needed) {
      ++outstanding[to];
      departures.emplace(start + work, static_cast<std::uint32_t>(to));
    }
    if (i < length.warm_up) continue;
    sum += start + work - now;
    busy += work;
    if (start > now) ++waited;
  }
  BalancingResult result;
  const auto counted = static_cast<double>(length.counted);
  result.mean_response = sum / counted;
  result.prob_wait = static_cast<double>(waited) / counted;
  result.utilization = busy / ((now - from) * static_cast<double>(replicas));
  return result;
}

ChoicesResult simulate_choices(double utilization, std::int64_t replicas, std::int64_t choices, std::size_t levels,
                               double warm_up, double counted, FastRandom& random) {
  constexpr std::size_t kMost = 250;
  constexpr double kFewReplicas = 3'000;  // of fewer the mean of a power says less than the power of the mean
  PLIMSOLL_ASSERT(replicas > 0 && choices > 0 && utilization > 0 && utilization < 1 && levels < kMost);
  const auto n = static_cast<std::uint64_t>(replicas);
  std::vector<std::uint8_t> length(n, 0);
  std::vector<std::int64_t> at_least(kMost + 2, 0);  // replicas with k or more
  at_least[0] = replicas;
  const double total_rate = static_cast<double>(n) * (1 + utilization);
  const auto arrival_below = static_cast<std::uint64_t>(utilization / (1 + utilization) * 0x1.0p32);
  const auto event = [&] {
    const bool arrival = (random.bits() >> 32) < arrival_below;
    std::uint64_t at = random.below(n);
    if (arrival) {
      for (std::int64_t c = 1; c < choices; ++c) {
        const std::uint64_t other = random.below(n);
        if (length[other] < length[at]) at = other;
      }
      PLIMSOLL_ASSERT(length[at] < kMost);
      ++at_least[++length[at]];
    } else if (length[at] > 0) {
      --at_least[length[at]--];
    }
  };
  for (auto i = static_cast<std::int64_t>(warm_up * total_rate); i > 0; --i) event();
  std::vector<double> part(levels + 2, 0.0);
  std::vector<double> power(levels + 2, 0.0);
  double in_system = 0;
  std::int64_t looks = 0;
  const auto apart = std::max<std::int64_t>(1, static_cast<std::int64_t>(0.05 * total_rate));
  for (auto left = static_cast<std::int64_t>(counted * total_rate); left > 0; left -= apart) {
    for (std::int64_t i = 0; i < apart; ++i) event();
    ++looks;
    for (std::size_t k = 1; k <= kMost && at_least[k] > 0; ++k) {
      const double s = static_cast<double>(at_least[k]) / static_cast<double>(n);
      in_system += s;
      if (k > levels) continue;
      part[k] += s;
      double p = s;
      for (std::int64_t c = 1; c < choices; ++c) p *= s;
      power[k] += p;
    }
  }
  ChoicesResult result;
  const auto number = static_cast<double>(looks);
  result.mean_in_system = in_system / number;
  result.mean_response = result.mean_in_system / utilization;
  for (std::size_t k = 1; k <= levels; ++k) {
    if (k == 1) {
      result.fraction_with_at_least.push_back(part[1] / number);
      continue;
    }
    const double before = result.fraction_with_at_least.back();
    double flow = power[k - 1] / number;
    if (before * static_cast<double>(n) < kFewReplicas) {
      flow = before;
      for (std::int64_t c = 1; c < choices; ++c) flow *= before;
    }
    result.fraction_with_at_least.push_back(utilization * flow);
  }
  return result;
}

RetryResult simulate_retries(double failure_probability, std::int64_t max_retries, std::int64_t requests_per_round,
                             FastRandom& random) {
  RetryResult result;
  double reached = 1;  // part of the requests that come to this round
  for (std::int64_t round = 0; round <= max_retries; ++round) {
    result.mean_attempts += reached;
    std::int64_t failed = 0;
    for (std::int64_t i = 0; i < requests_per_round; ++i) failed += random.uniform() < failure_probability ? 1 : 0;
    reached *= static_cast<double>(failed) / static_cast<double>(requests_per_round);
  }
  result.prob_final_failure = reached;
  return result;
}

}  // namespace plimsoll::load
