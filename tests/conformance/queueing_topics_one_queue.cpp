// Queueing vectors of one queue: M/M/1, M/M/c, M/G/1, with a limit, with impatience, without a queue.
#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <string>
#include <vector>

#include "tests/conformance/queueing_topics.h"

namespace plimsoll::conformance::queueing {

namespace {

Json open_queue(const Json& input, const Json& expected, const QueueParameters& p, const char* what) {
  const double rho = p.arrival_rate * p.service.mean / static_cast<double>(p.servers);
  const double limit = limit_at(rho);
  const RunLength length = run_length(rho, p.service.scv, static_cast<double>(p.servers));
  const bool many = p.servers >= 8 && p.service.kind == SizeLaw::Kind::exponential;
  const Draws draws(what, input);
  std::vector<Measure> measures = {{"utilization", limit, true},
                                   {"prob_wait", limit, true},
                                   {"mean_wait", limit, false, kWaitFloor * p.service.mean},
                                   {"mean_response", limit},
                                   {"mean_in_queue", limit, false, kWaitFloor * rho},
                                   {"mean_in_system", limit}};
  const std::vector<std::pair<std::string, double>> quantiles = {{"p50", 0.50}, {"p95", 0.95}, {"p99", 0.99}};
  std::vector<std::string> asked;  // quantiles cost time: only those that are asked for
  for (const char* of : {"wait_", "response_"}) {
    for (const auto& [name, p_of] : quantiles) {
      if (expected.contains(of + name)) {
        measures.push_back({of + name, 0.05});
        asked.push_back(of + name);
      }
    }
  }
  const bool lengths = expected.contains("asymptotic_variance_of_wait");
  auto answers = measured(
      measures,
      [&](std::uint64_t i) {
        FastRandom random = draws.replication(i);
        const QueueResult r = many ? simulate_memoryless_queue(p, length, random) : simulate_queue(p, length, random);
        std::vector<double> values = {r.utilization,   r.prob_wait,     r.mean_wait,
                                      r.mean_response, r.mean_in_queue, r.mean_in_system};
        for (const std::string& name : asked) {
          const double at = std::stod(name.substr(name.size() - 2)) / 100;
          values.push_back((name[0] == 'w' ? r.waits : r.responses).quantile(at));
        }
        return values;
      },
      64, most_replications(length, 800e6));
  if (lengths) {
    const Draws runs("runs", input);
    const auto variance = measured(
        {{"variance", limit}},
        [&](std::uint64_t i) {
          FastRandom random = runs.replication(i);
          return std::vector{simulate_wait_variance(p.arrival_rate, 1 / p.service.mean, 150, random)};
        },
        32, 2'048);
    const Json& v = variance.at("variance");
    const Json& w = answers.at("mean_wait");
    answers["asymptotic_variance_of_wait"] = v;
    // customers for a half width of 1 % of the mean wait at 95 %: (1.96 / (0.01 W))^2 x variance
    const double customers = std::pow(1.96 / (0.01 * number(w, "mean")), 2) * number(v, "mean");
    const auto relative = [&](const char* key) {
      return std::hypot(number(v, key) / number(v, "mean"), 2 * number(w, key) / number(w, "mean"));
    };
    answers["customers_for_1pct_halfwidth_95"] =
        interval(customers, relative("half_width") * customers, relative("joint_half_width") * customers, 0.05);
  }
  return select(expected, answers);
}

}  // namespace

Json mm1(const Json& input, const Json& expected) {
  return open_queue(input, expected, {number(input, "arrival_rate"), exponential(number(input, "service_rate"))},
                    "mm1");
}

Json mmc(const Json& input, const Json& expected) {
  return open_queue(
      input, expected,
      {number(input, "arrival_rate"), exponential(number(input, "service_rate")), whole(input, "servers")}, "mmc");
}

Json mg1_fcfs(const Json& input, const Json& expected) {
  const SizeLaw law =
      size_law(input.at("distribution").get<std::string>(), number(input, "mean_service"), number(input, "scv"));
  return open_queue(input, expected, {number(input, "arrival_rate"), law}, "mg1_fcfs");
}

Json mmck(const Json& input, const Json& expected) {
  QueueParameters p{number(input, "arrival_rate"), exponential(number(input, "service_rate")), whole(input, "servers"),
                    whole(input, "system_limit")};
  const Draws draws("mmck", input);
  const auto room = static_cast<double>(p.system_limit);
  RunLength length;
  length.warm_up = static_cast<std::int64_t>(1'000 + 4 * room * room);
  length.counted = 20 * length.warm_up;
  return select(expected,
                measured(
                    {{"blocking", 0.02, true},
                     {"throughput"},
                     {"mean_in_system"},
                     {"mean_response_of_admitted"},
                     {"utilization", 0.02, true}},
                    [&](std::uint64_t i) {
                      FastRandom random = draws.replication(i);
                      const QueueResult r = simulate_queue(p, length, random);
                      return std::vector{r.blocking, r.throughput, r.mean_in_system, r.mean_response, r.utilization};
                    },
                    64, most_replications(length, 160e6)));
}

Json erlang_a(const Json& input, const Json& expected) {
  QueueParameters p{number(input, "arrival_rate"), exponential(number(input, "service_rate")), whole(input, "servers"),
                    0, number(input, "abandon_rate")};
  const Draws draws("erlang_a", input);
  RunLength length;
  // The queue forgets within some patiences and services.
  length.warm_up = static_cast<std::int64_t>(
      1'000 + 40 * p.arrival_rate * (1 / p.abandon_rate + p.service.mean * static_cast<double>(p.servers) / 4));
  length.counted = 20 * length.warm_up;
  return select(expected,
                measured(
                    {{"prob_abandon", 0.02, true},
                     {"prob_wait", 0.02, true},
                     {"mean_in_queue"},
                     {"mean_wait_all"},
                     {"utilization", 0.02, true}},
                    [&](std::uint64_t i) {
                      FastRandom random = draws.replication(i);
                      const QueueResult r = simulate_queue(p, length, random);
                      return std::vector{r.abandoned, r.prob_wait, r.mean_in_queue, r.mean_wait, r.utilization};
                    },
                    64, most_replications(length, 160e6)));
}

Json erlang_b(const Json& input, const Json& expected) {
  std::map<std::string, Json> every;
  for (const char* name : {"exponential", "deterministic", "lognormal"}) {
    QueueParameters p{number(input, "arrival_rate"), size_law(name, number(input, "mean_service"), 4),
                      whole(input, "servers"), whole(input, "servers")};
    const auto servers = static_cast<double>(p.servers);
    const Draws draws(name, input);
    RunLength length;
    length.warm_up = static_cast<std::int64_t>(1'000 + 40 * p.arrival_rate * p.service.mean);
    length.counted = 20 * length.warm_up;
    const auto one = measured(
        {{"blocking", 0.02, true}, {"mean_busy"}, {"utilization", 0.02, true}},
        [&](std::uint64_t i) {
          FastRandom random = draws.replication(i);
          const QueueResult r = simulate_queue(p, length, random);
          return std::vector{r.blocking, r.utilization * servers, r.utilization};
        },
        64, most_replications(length, 160e6));
    for (const auto& [key, value] : one) every[key]["every"].push_back(value);
  }
  return select(expected, every);
}

}  // namespace plimsoll::conformance::queueing
