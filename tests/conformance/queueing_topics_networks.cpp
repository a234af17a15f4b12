// Queueing vectors of several services: in a row, in parallel, behind a balancer, with retries.
#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <string>
#include <vector>

#include "tests/conformance/queueing_topics.h"

namespace plimsoll::conformance::queueing {

Json tandem(const Json& input, const Json& expected) {
  const double rate = number(input, "arrival_rate");
  std::vector<Stage> stages;
  std::vector<Measure> measures = {{"mean_end_to_end"}};
  double rho = 0;
  double servers = 0;
  for (const Json& stage : input.at("stages")) {
    stages.push_back({exponential(number(stage, "service_rate")), whole(stage, "servers")});
    rho = std::max(rho, rate / (number(stage, "service_rate") * number(stage, "servers")));
    servers += number(stage, "servers");
    measures.push_back({"stage" + std::to_string(measures.size())});
  }
  for (Measure& m : measures) m.limit = limit_at(rho);
  const RunLength length = run_length(rho, 1, servers);
  const Draws draws("tandem", input);
  auto answers = measured(
      measures,
      [&](std::uint64_t i) {
        FastRandom random = draws.replication(i);
        const ChainResult r = simulate_chain(rate, stages, length, random);
        std::vector<double> values = {r.mean_end_to_end};
        values.insert(values.end(), r.stage_mean_response.begin(), r.stage_mean_response.end());
        return values;
      },
      64, most_replications(length, 100e6));
  Json& by_stage = answers["stage_mean_response"] = Json::array();
  for (std::size_t s = 1; s < measures.size(); ++s) by_stage.push_back(answers.at(measures[s].name));
  return select(expected, answers);
}

Json fork_join(const Json& input, const Json& expected) {
  const bool unlimited = !input.at("arrival_rate").is_number();
  const double rate = unlimited ? 1 : number(input, "arrival_rate");
  const double service_rate = number(input, "service_rate");
  const std::int64_t branches = whole(input, "branches");
  const double rho = unlimited ? 0 : rate / service_rate;
  const double limit = limit_at(rho);
  RunLength length = run_length(rho, 1, 1);
  if (unlimited) length = {0, 20'000};
  const Draws draws("fork_join", input);
  return select(
      expected,
      measured(
          {{"mean_response", limit}, {"branch_mean_response", limit}, {"response_p50", 0.05}, {"response_p99", 0.05}},
          [&](std::uint64_t i) {
            FastRandom random = draws.replication(i);
            const ForkJoinResult r =
                simulate_fork_join(rate, exponential(service_rate), branches, unlimited, length, random);
            return std::vector{r.mean_response, r.branch_mean_response, r.responses.quantile(0.5),
                               r.responses.quantile(0.99)};
          },
          32, most_replications(length, 160e6)));
}

Json load_balancing(const Json& input, const Json& expected) {
  const double rate = number(input, "arrival_rate");
  const SizeLaw law = exponential(number(input, "service_rate"));
  const std::int64_t replicas = whole(input, "replicas");
  const double rho = rate * law.mean / static_cast<double>(replicas);
  const double limit = limit_at(rho);
  RunLength length = run_length(rho, 1, static_cast<double>(replicas));
  // Replicas that do not pool relax each at its own pace, counted in requests of all of them.
  RunLength apart = length;
  apart.warm_up *= replicas;
  apart.counted = 15 * apart.warm_up;
  const auto balanced = [&](Balancing policy, const char* what, const RunLength& run, double wanted, double requests) {
    const Draws draws(what, input);
    return measured(
        {{"mean_response", wanted}, {"prob_wait", wanted, true}, {"utilization", wanted}},
        [&](std::uint64_t i) {
          FastRandom random = draws.replication(i);
          const BalancingResult r = simulate_balancing(policy, rate, law, replicas, run, random);
          return std::vector{r.mean_response, r.prob_wait, r.utilization};
        },
        16,
        std::max<std::uint64_t>(16,
                                static_cast<std::uint64_t>(requests / static_cast<double>(run.counted + run.warm_up))));
  };
  const auto random = balanced(Balancing::random, "random", apart, limit, 100e6);
  const auto in_turn = balanced(Balancing::round_robin, "round_robin", apart, limit, 100e6);
  const auto two = balanced(Balancing::power_of_two, "power_of_two", length, 0.05, 10e6);
  const auto shortest = balanced(Balancing::shortest_queue, "shortest_queue", length, 0.05, 10e6);
  const Draws draws("central", input);
  const auto central = measured(
      {{"mean_response", limit}},
      [&](std::uint64_t i) {
        FastRandom numbers = draws.replication(i);
        return std::vector{simulate_queue({rate, law, replicas}, length, numbers).mean_response};
      },
      32, most_replications(length, 60e6));
  // central <= shortest queue <= power of two <= round robin <= random, as far as the intervals can tell
  bool order_holds = true;
  const Json* before = &central.at("mean_response");
  for (const auto* next : {&shortest, &two, &in_turn, &random}) {
    const Json& after = next->at("mean_response");
    if (number(*before, "mean") - number(*before, "half_width") > number(after, "mean") + number(after, "half_width")) {
      order_holds = false;
    }
    before = &after;
  }
  Json result = select(expected, {{"utilization", random.at("utilization")},
                                  {"round_robin_mean_response", in_turn.at("mean_response")},
                                  {"round_robin_sigma", in_turn.at("prob_wait")},  // GI/M/1: sigma = P(wait)
                                  {"random_mean_response", random.at("mean_response")},
                                  {"central_queue_mean_response", central.at("mean_response")}});
  result["$order_holds"] = order_holds;
  return result;
}

namespace {

Json within(const Replications& r, std::size_t measure, double tolerance) {
  return {{"mean", r.mean(measure)}, {"half_width", r.half_width(measure, 0.99)}, {"tolerance", tolerance}};
}

/// Mean service times that are counted: levels that one replica in a million reaches are known to 2 % then.
constexpr double kChoicesLength = 100;

}  // namespace

Json power_of_two(const Json& input, const Json& expected) {
  const double rho = number(input, "utilization");
  const double service = 1 / number(input, "service_rate");
  // Ever more replicas approach the limit that the values are; fifty times the least number is close enough.
  const std::int64_t replicas = 50 * std::max<std::int64_t>(1'000, whole(input, "replicas"));
  const std::size_t levels = std::max<std::size_t>(1, expected.value("fraction_with_at_least", Json::array()).size());
  const double counted = std::max(kChoicesLength, 20 + 2 / (1 - rho));
  const Draws draws("power_of_two", input);
  Replications r;
  for (std::uint64_t i = 0; i < 16; ++i) {
    FastRandom random = draws.replication(i);
    const ChoicesResult one =
        simulate_choices(rho, replicas, whole(input, "d"), levels, 6 / (1 - rho), counted, random);
    std::vector<double> values = {one.mean_in_system, one.mean_response * service};
    values.insert(values.end(), one.fraction_with_at_least.begin(), one.fraction_with_at_least.end());
    r.add(values);
  }
  // Long queues are very sensitive to the load; the busy part (measure 2) has the known mean rho.
  const auto corrected = [&](std::size_t measure) -> Json {
    const auto c = r.controlled(measure, 2, rho, 0.99);
    return {{"mean", c.mean}, {"half_width", c.half_width}, {"tolerance", 0.02}};
  };
  std::map<std::string, Json> answers = {{"mean_in_system_per_replica", corrected(0)},
                                         {"mean_response", corrected(1)},
                                         {"fraction_with_at_least", Json::array()}};
  for (std::size_t k = 0; k < levels; ++k) {
    answers["fraction_with_at_least"].push_back(k == 0 ? within(r, 2, 0.02) : corrected(2 + k));
  }
  if (expected.contains("random_mean_response")) {
    const RunLength length = run_length(rho, 1, 1);
    const Draws single("random", input);
    const Replications alone = replicate(
        [&](std::uint64_t i) {
          FastRandom random = single.replication(i);
          return std::vector{simulate_queue({rho / service, exponential(1 / service)}, length, random).mean_response};
        },
        {{0.008, 0}}, 64, most_replications(length, 100e6));
    answers["random_mean_response"] = within(alone, 0, 0.02);
  }
  return select(expected, answers);
}

Json retries(const Json& input, const Json& expected) {
  const double p = number(input, "failure_prob");
  const Draws draws("retries", input);
  // Relative variance of a round's failures is (1 - p) / p over the number of requests; enough of them for 0.3 % in
  // all.
  const auto requests = static_cast<std::int64_t>(std::clamp(20'000 * (1 - p) / p, 20'000.0, 4e6));
  const Replications r = replicate(
      [&](std::uint64_t i) {
        FastRandom random = draws.replication(i);
        const RetryResult one = simulate_retries(p, whole(input, "max_retries"), requests, random);
        return std::vector{one.mean_attempts, one.prob_final_failure};
      },
      {{0.003, 0}, {0.003, 0}}, 32, 512);
  return select(expected, {{"mean_attempts", within(r, 0, 0.01)}, {"prob_final_failure", within(r, 1, 0.01)}});
}

}  // namespace plimsoll::conformance::queueing
