// Queueing vectors of servers that are shared: processor sharing with caps and weights, unlimited servers, CFS quota.
#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <string>
#include <vector>

#include "sim/load/cpu_quota.h"
#include "tests/conformance/queueing_topics.h"

namespace plimsoll::conformance::queueing {

namespace {

Json level_quantile(const std::vector<LevelShares>& runs, double p) {
  const auto edge = [&](std::int64_t level, double sign) {
    Replications r;
    for (const LevelShares& run : runs) r.add({run.at_most(level)});
    return r.mean(0) + sign * r.half_width(0, kJoint);
  };
  std::int64_t low = 0;
  while (edge(low, 1) < p) ++low;
  std::int64_t high = low;
  while (edge(high, -1) < p && high < 2 * low + 10) ++high;
  const bool wide = high - low > std::max(2.0, 0.1 * static_cast<double>(low));
  return {{"low", low}, {"high", high}, {"wide", wide}};
}

/// A level's interval is not wide up to a tenth of it, which the joint interval spans with 3.89 deviations to each side
/// where this one has 2.58.
constexpr double kLevelLimit = 0.035;

double own_quantile(const LevelShares& run, double p) {
  std::int64_t level = 0;
  while (run.at_most(level) < p) ++level;
  return static_cast<double>(level);
}

}  // namespace

Json mg_ps_capped(const Json& input, const Json& expected) {
  SharingRun run;
  const double rate = number(input, "arrival_rate");
  const double demand = number(input, "mean_cpu_demand");
  const SizeLaw law = size_law(input.value("distribution", "exponential"), demand, input.value("scv", 1.0));
  run.classes = {{rate, law, 1}};
  run.cap_cores = number(input, "cpu_cap_cores");
  run.cores_per_request = input.value("max_cores_per_request", 1.0);
  run.max_concurrency = input.value("max_concurrency", std::int64_t{0});
  const double rho = rate * demand / run.cap_cores;
  const double limit = run.max_concurrency > 0 ? 0.02 : limit_at(rho);
  RunLength length = run_length(rho, std::max(1.0, law.scv), run.cap_cores);
  if (run.max_concurrency > 0) {
    const auto room = static_cast<double>(run.max_concurrency);
    length.warm_up = static_cast<std::int64_t>(1'000 + 4 * room * room);
    length.counted = 15 * length.warm_up;
  }
  const Draws draws("mg_ps_capped", input);
  std::vector<LevelShares> levels;
  auto answers = measured(
      {{"mean_in_system", limit},
       {"mean_response", limit},
       {"slowdown", limit},
       {"cpu_used_cores", limit, true},
       {"utilization_of_cap", limit, true},
       {"prob_empty", limit, true},
       {"blocking", limit, true},
       {"own_p99", kLevelLimit}},
      [&](std::uint64_t i) {
        FastRandom random = draws.replication(i);
        SharingResult r = simulate_sharing(run, length, random);
        levels.push_back(r.in_system);
        const double response = r.mean_response_all;
        return std::vector{r.in_system.mean(),
                           response,
                           response / demand,
                           r.cpu_used_cores,
                           r.cpu_used_cores / run.cap_cores,
                           r.in_system.share(0),
                           r.blocking,
                           own_quantile(r.in_system, 0.99)};
      },
      64, most_replications(length, 160e6));
  answers["in_system_p99"] = level_quantile(levels, 0.99);
  return select(expected, answers);
}

Json dps(const Json& input, const Json& expected) {
  SharingRun run;
  double rho = 0;
  for (const char* key : {"class1", "class2"}) {
    const Json& c = input.at(key);
    run.classes.push_back({number(c, "arrival_rate"), exponential(number(c, "service_rate")), number(c, "weight")});
    rho += number(c, "arrival_rate") / number(c, "service_rate");
  }
  const double limit = limit_at(rho);
  const RunLength length = run_length(rho, 1, 1);
  const auto responses = [&](const char* what) {
    const Draws draws(what, input);
    return measured(
        {{"mean_response_1", limit}, {"mean_response_2", limit}},
        [&](std::uint64_t i) {
          FastRandom random = draws.replication(i);
          return simulate_sharing(run, length, random).mean_response;
        },
        64, most_replications(length, 160e6));
  };
  auto answers = responses("dps");
  if (expected.contains("mean_response_equal_weights")) {
    for (SharingClass& c : run.classes) c.weight = 1;
    const auto equal = responses("equal");
    answers["mean_response_equal_weights"] = {equal.at("mean_response_1"), equal.at("mean_response_2")};
  }
  return select(expected, answers);
}

namespace {

Json mginf_periodic(const Json& input, const Json& expected, const SizeLaw& law) {
  const double rate = number(input, "mean_arrival_rate");
  const double beta = number(input, "relative_amplitude");
  const double period = number(input, "period");
  const auto periods = std::max<std::int64_t>(8, static_cast<std::int64_t>(400'000 / (rate * period)));
  const double warm_up = law.scv > 1.5 ? 200 * law.mean : 40 * law.mean;
  const Draws draws("mginf", input);
  return select(expected,
                measured(
                    {{"mean_at_t0"}, {"mean_at_quarter"}, {"mean_at_half"}, {"peak_mean"}, {"peak_lag_s"}},
                    [&](std::uint64_t i) {
                      FastRandom random = draws.replication(i);
                      const Harmonic h = simulate_unlimited_periodic(rate, beta, period, law, warm_up, periods, random);
                      // m(t) = mean + sine sin(wt) + cosine cos(wt); the rate peaks a quarter period after t = 0
                      const double lag = std::atan2(-h.cosine, h.sine) * period / (2 * std::numbers::pi);
                      return std::vector{h.mean + h.cosine, h.mean + h.sine, h.mean - h.cosine,
                                         h.mean + std::hypot(h.sine, h.cosine), lag};
                    },
                    32,
                    std::max<std::uint64_t>(
                        64, static_cast<std::uint64_t>(320e6 / (rate * period * static_cast<double>(periods))))));
}

}  // namespace

Json mginf(const Json& input, const Json& expected) {
  const SizeLaw law =
      size_law(input.at("distribution").get<std::string>(), number(input, "mean_service"), input.value("scv", 1.0));
  if (input.contains("period")) return mginf_periodic(input, expected, law);
  const double rate = number(input, "arrival_rate");
  const double warm_up = law.scv > 1.5 ? 200 * law.mean : (law.scv == 0 ? 2 : 40) * law.mean;
  const std::int64_t samples = 2'000;
  const Draws draws("mginf", input);
  std::vector<LevelShares> levels;
  auto answers = measured(
      {{"mean_in_system"}, {"variance_in_system"}, {"prob_empty", 0.02, true}},
      [&](std::uint64_t i) {
        FastRandom random = draws.replication(i);
        levels.push_back(simulate_unlimited(rate, law, warm_up, law.mean, samples, random));
        const LevelShares& s = levels.back();
        return std::vector{s.mean(), s.variance(), s.share(0)};
      },
      64,
      std::max<std::uint64_t>(64,
                              static_cast<std::uint64_t>(240e6 / (rate * law.mean * static_cast<double>(samples)))));
  if (expected.contains("p95_in_system")) answers["p95_in_system"] = level_quantile(levels, 0.95);
  if (expected.contains("p99_in_system")) answers["p99_in_system"] = level_quantile(levels, 0.99);
  return select(expected, answers);
}

Json cfs_quota(const Json& input, const Json& expected) {
  const auto nanoseconds = [&](const char* key) { return std::llround(number(input, key) * 1e6); };
  const QuotaResult r = simulate_quota({nanoseconds("cpu_demand_ms"), whole(input, "parallel_threads"),
                                        nanoseconds("quota_ms"), nanoseconds("period_ms"), whole(input, "node_cores")});
  return select(
      expected,
      {{"completion_ms", r.end_ms()}, {"throttled_periods", r.throttled_periods}, {"periods_used", r.periods_used}});
}

}  // namespace plimsoll::conformance::queueing
