#include "sim/load/request_networks.h"

#include <doctest/doctest.h>

using namespace plimsoll;
using namespace plimsoll::load;

namespace {
FastRandom numbers(std::uint64_t item = 0) { return {Stream(12, "networks", Purpose::work), item}; }
constexpr RunLength kRun{5'000, 200'000};
}  // namespace

TEST_CASE("a chain of M/M/1 is a Jackson network: stages add up") {
  FastRandom random = numbers();
  const ChainResult r = simulate_chain(
      0.5, {{{SizeLaw::Kind::exponential, 1, 1}, 1}, {{SizeLaw::Kind::exponential, 2, 1}, 4}}, kRun, random);
  CHECK(r.stage_mean_response[0] == doctest::Approx(2).epsilon(0.05));
  CHECK(r.mean_end_to_end == doctest::Approx(r.stage_mean_response[0] + r.stage_mean_response[1]).epsilon(1e-9));
}

TEST_CASE("a fan-out waits for its slowest branch") {
  FastRandom random = numbers(1);
  // Flatto, Hahn: (12 - 0.5) / 8 * 2
  CHECK(simulate_fork_join(0.5, {}, 2, false, kRun, random).mean_response == doctest::Approx(2.875).epsilon(0.05));
  // ten exponentials: H_10
  CHECK(simulate_fork_join(1, {}, 10, true, {0, 50'000}, random).mean_response == doctest::Approx(2.929).epsilon(0.02));
}

TEST_CASE("balancers rank as they should at load 0.8 on ten replicas") {
  FastRandom random = numbers(2);
  const auto mean = [&](Balancing policy) {
    return simulate_balancing(policy, 8, {}, 10, {20'000, 300'000}, random).mean_response;
  };
  const double shortest = mean(Balancing::shortest_queue);
  const double two = mean(Balancing::power_of_two);
  const double in_turn = mean(Balancing::round_robin);
  const double any = mean(Balancing::random);
  CHECK(shortest == doctest::Approx(1.36).epsilon(0.05));
  CHECK(two == doctest::Approx(2.08).epsilon(0.05));
  CHECK(in_turn == doctest::Approx(2.92).epsilon(0.06));
  CHECK(any == doctest::Approx(5.0).epsilon(0.1));
}

TEST_CASE("two choices leave few long queues") {
  FastRandom random = numbers(3);
  const ChoicesResult r = simulate_choices(0.7, 5'000, 2, 4, 20, 20, random);
  CHECK(r.mean_response == doctest::Approx(1.6145).epsilon(0.03));
  CHECK(r.fraction_with_at_least[1] == doctest::Approx(0.343).epsilon(0.03));
}

TEST_CASE("retries multiply attempts and thin out failures") {
  FastRandom random = numbers(4);
  const RetryResult r = simulate_retries(0.5, 3, 200'000, random);
  CHECK(r.mean_attempts == doctest::Approx(1.875).epsilon(0.01));
  CHECK(r.prob_final_failure == doctest::Approx(0.0625).epsilon(0.03));
}

TEST_CASE("levels that hardly any replica reaches follow from the ones below") {
  FastRandom random = numbers(5);
  // limit: 0.5^(2^k - 1); of 50 000 replicas 1.5 have four requests, and none has five
  const ChoicesResult r = simulate_choices(0.5, 50'000, 2, 5, 12, 100, random);
  CHECK(r.fraction_with_at_least[2] == doctest::Approx(0.0078125).epsilon(0.01));
  CHECK(r.fraction_with_at_least[3] == doctest::Approx(3.0517578e-5).epsilon(0.02));
  CHECK(r.fraction_with_at_least[4] == doctest::Approx(4.656612873e-10).epsilon(0.04));
}
