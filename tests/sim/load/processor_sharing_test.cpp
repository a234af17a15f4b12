#include "sim/load/processor_sharing.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>
#include <span>
#include <vector>

#include "sim/load/sharing_batch.h"

using namespace plimsoll;
using namespace plimsoll::load;

TEST_CASE("one core gives M/M/1 numbers, four cores M/M/4 numbers") {
  const SharingLaw one({0.7, 1, 1, 1, 0});
  CHECK(one.mean_response() == doctest::Approx(1 / 0.3));
  CHECK(one.probability_empty() == doctest::Approx(0.3));
  CHECK(one.probability(5) == doctest::Approx(0.3 * std::pow(0.7, 5)));
  CHECK(one.quantile(0.99) == 12);  // 0.7^13 = 0.0097
  const SharingLaw four({3.2, 1, 4, 1, 0});
  CHECK(four.mean_response() == doctest::Approx(1 + 0.7455405897));  // Erlang C wait
  CHECK(four.probability_empty() == doctest::Approx(0.02730251183));
}

TEST_CASE("a fractional cap slows even a lone request, and the limit refuses") {
  const SharingLaw half({0.4, 1, 0.5, 1, 0});
  CHECK(half.mean_response() == doctest::Approx(10));  // (1 / 0.5) / (1 - 0.8)
  const SharingLaw one_and_half({1.2, 1, 1.5, 1, 0});
  CHECK(one_and_half.mean_in_system() == doctest::Approx(30.0 / 7));
  const SharingLaw limited({1.3, 1, 1, 1, 50});
  CHECK(limited.blocking() == doctest::Approx(0.2307695873));
  CHECK(limited.mean_in_system() == doctest::Approx(46.66674545));
  CHECK(limited.quantile(0.99) == 50);
  const SharingLaw two_threads({0.8, 1, 2, 2, 0});  // each request can use both cores: one lane of speed 2
  CHECK(two_threads.mean_response() == doctest::Approx(0.5 / (1 - 0.4)));
  const SharingLaw crowded({30'000, 1, 1'000, 1, 5'000});  // far beyond the cap: no overflow
  CHECK(crowded.cpu_used_cores() == doctest::Approx(1'000));
}

TEST_CASE("the table of slow-downs is within 1 % of the law") {
  for (const double lanes :
       {0.25, 0.5, 1.0, 1.1, 1.3, 1.5, 2.0, 2.6, 3.0, 4.0, 5.1, 7.9, 8.0, 11.0, 16.0, 30.0, 100.0, 256.0}) {
    for (const double rho : {0.01, 0.1, 0.303, 0.5, 0.7, 0.81, 0.9, 0.95, 0.979}) {
      const SharingLaw law({rho * lanes, 1, lanes, 1, 0});
      const double exact = law.mean_response() / std::max(1.0, 1 / lanes);
      CAPTURE(lanes);
      CAPTURE(rho);
      CHECK(sharing_slowdown(rho, lanes) == doctest::Approx(exact).epsilon(0.01));
    }
  }
  CHECK(sharing_slowdown(3, 1) == doctest::Approx(50));  // cut at 0.98
  CHECK(sharing_slowdown(-1, 4) == 1);
  CHECK(sharing_slowdown(0.5, 1e6) == doctest::Approx(1).epsilon(1e-6));
}

TEST_CASE("latency has the mean of the law and the variance of Coffman, Muntz and Trotter") {
  RequestShape shape;
  shape.cpu_per_request = 6'000 * kCpuTicksPerVcpu;  // 6 ms of a core
  const LatencyMoments one = sharing_latency(shape, cpu_cores(1), 0.6);
  CHECK(one.mean_us == doctest::Approx(15'000));
  CHECK(one.variance_us2 == doctest::Approx(15'000.0 * 15'000 * 2.6 / 1.4));
  const LatencyMoments half = sharing_latency(shape, cpu_millis(500), 0.6);
  CHECK(half.mean_us == doctest::Approx(30'000));
  shape.wait = milliseconds(20);
  shape.demand_scv = 0;
  const LatencyMoments waiting = sharing_latency(shape, cpu_cores(1), 0);
  CHECK(waiting.mean_us == doctest::Approx(26'000));
  CHECK(waiting.variance_us2 == doctest::Approx(0));
}

TEST_CASE("bins keep the mean, add up to the weight and carry the percentiles") {
  CHECK(std::accumulate(kLatencyBinWeights.begin(), kLatencyBinWeights.end(), std::int64_t{0}) == 2'048);
  for (const double cv : {0.0, 0.3, 1.0, 1.5, 3.0}) {
    CAPTURE(cv);
    const LatencyMoments moments{50'000, cv * cv * 2.5e9};
    LogLinearHistogram histogram;
    add_latency(histogram, moments, 1'000'000'007);
    CHECK(histogram.count() == 1'000'000'007);
    CHECK(histogram.mean() == doctest::Approx(50'000).epsilon(0.001));
    if (cv > 0 && cv < 2) {
      for (const double p : {0.5, 0.9, 0.95, 0.99, 0.999}) {
        CAPTURE(p);
        const auto exact = static_cast<double>(latency_quantile(moments, p).count());
        CHECK(static_cast<double>(histogram.quantile(p)) == doctest::Approx(exact).epsilon(0.08));
      }
    }
  }
  LogLinearHistogram small;
  add_latency(small, {1'000, 1e6}, 3);
  CHECK(small.count() == 3);
}

TEST_CASE("the times of many replicas at once are those of each alone, to the bit") {
  RequestShape steady, bursty;
  steady.cpu_per_request = milliseconds(7).count() * kCpuTicksPerVcpu;
  bursty = steady;
  bursty.demand_scv = 4;
  bursty.wait = milliseconds(3);
  bursty.cores_per_request = cpu_millis(500);
  std::vector<SharingCase> cases;
  // Less than a core to more lanes than the table has; idle to beyond the highest utilisation that is looked up.
  for (const std::int64_t millis : {100, 500, 999, 1'000, 1'001, 3'700, 64'000, 256'000, 900'000}) {
    for (const double utilization : {0.0, 0.31, 0.5, 0.979, 0.98, 1.7}) {
      cases.push_back({&steady, cpu_millis(millis), utilization});
      cases.push_back({&bursty, cpu_millis(millis), utilization});
    }
  }
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{31}, std::size_t{33}, cases.size()}) {
    std::vector<LatencyMoments> out(count);
    sharing_latencies(std::span(cases).first(count), out);
    for (std::size_t i = 0; i < count; ++i)
      CHECK(out[i] == sharing_latency(*cases[i].shape, cases[i].cap, cases[i].utilization));
  }
}

TEST_CASE("quantiles of the fitted lognormal") {
  // scv 1: sigma^2 = ln 2, median = mean / sqrt 2
  CHECK(latency_quantile({1'000'000, 1e12}, 0.5).count() == 707'107);
  CHECK(latency_quantile({0, 0}, 0.5).count() == 0);
}
