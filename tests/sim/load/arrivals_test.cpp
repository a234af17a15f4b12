#include "sim/load/arrivals.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/core/statistics.h"
#include "sim/load/rate_series.h"

using namespace plimsoll;
using namespace plimsoll::load;

TEST_CASE("a step is drawn once and its parts add up exactly") {
  const Stream stream(7, "workload/cart", Purpose::arrivals);
  const std::int64_t total = draw_step_arrivals(stream, 312, 20'745'000'000);
  CHECK(total == draw_step_arrivals(stream, 312, 20'745'000'000));
  CHECK(total % kMicroRequests == 0);
  std::int64_t sum = 0;
  Duration last{};
  for (const std::int64_t us : {1'234'567, 2'000'000, 2'000'001, 14'999'999, 15'000'000}) {
    sum += arrived_by(total, microseconds(us), seconds(15)) - arrived_by(total, last, seconds(15));
    last = microseconds(us);
  }
  CHECK(sum == total);
}

TEST_CASE("counts have the mean and the variance of Poisson, and more with extra noise") {
  const Stream stream(1, "workload/ui", Purpose::arrivals);
  Welford plain;
  Welford noisy;
  for (std::uint64_t step = 0; step < 20'000; ++step) {
    plain.add(static_cast<double>(draw_step_arrivals(stream, step, 400'000'000)) * 1e-6);
    noisy.add(static_cast<double>(draw_step_arrivals(stream, step, 400'000'000, 0.01)) * 1e-6);
  }
  CHECK(plain.mean() == doctest::Approx(400).epsilon(0.002));
  CHECK(plain.variance() == doctest::Approx(400).epsilon(0.04));
  CHECK(noisy.mean() == doctest::Approx(400).epsilon(0.005));
  CHECK(noisy.variance() == doctest::Approx(400 + 0.01 * 160'000).epsilon(0.06));  // Poisson + scv * mean^2
  CHECK(draw_step_arrivals(stream, 1, 0) == 0);
}

TEST_CASE("the arrivals of many streams are those of each alone") {
  std::vector<Stream> streams;
  std::vector<std::int64_t> expected;
  for (std::uint64_t i = 0; i < 150; ++i) {
    streams.emplace_back(7, i, Purpose::arrivals);
    // Nothing, means that are searched for and means that are approximated.
    expected.push_back(i % 7 == 0 ? 0 : static_cast<std::int64_t>(1'000'000 * i * i / 50));
  }
  for (const double extra_scv : {0.0, 0.02}) {
    for (const std::uint64_t step : {0u, 1u, 5'999u}) {
      std::vector<std::int64_t> totals(streams.size(), -1);
      draw_step_arrivals(streams, step, expected, extra_scv, totals);
      for (std::size_t i = 0; i < streams.size(); ++i)
        CHECK(totals[i] == draw_step_arrivals(streams[i], step, expected[i], extra_scv));
    }
  }
}

TEST_CASE("what was drawn before changes no draw") {
  std::vector<Stream> streams, others;
  for (std::uint64_t i = 0; i < 70; ++i) {
    streams.emplace_back(7, i, Purpose::arrivals);
    others.emplace_back(8, i, Purpose::arrivals);
  }
  // One day after another in the same thread: the same again, with an expectation that parts at step 3, with other
  // noise, with other or fewer streams, from the middle on, and the first once more.
  struct Day {
    const std::vector<Stream>* streams;
    std::size_t count;
    std::uint64_t first;
    std::int64_t parted;  ///< added to one expectation from step 3 on
    double extra_scv;
  };
  const std::array<Day, 9> days = {{{&streams, 70, 0, 0, 0},
                                    {&streams, 70, 0, 0, 0},
                                    {&streams, 70, 0, 1'000'000, 0},
                                    {&streams, 70, 0, 0, 0.05},
                                    {&streams, 70, 2, 0, 0},
                                    {&others, 70, 0, 0, 0},
                                    {&others, 31, 0, 0, 0},
                                    {&streams, 70, 4, 0, 0},
                                    {&streams, 70, 0, 0, 0}}};
  for (const Day& day : days) {
    const std::span<const Stream> of = std::span(*day.streams).first(day.count);
    for (std::uint64_t step = day.first; step < 8; ++step) {
      std::vector<std::int64_t> expected(day.count), totals(day.count, -1);
      for (std::size_t i = 0; i < day.count; ++i)
        expected[i] = static_cast<std::int64_t>(i % 9 * 11'000'000 * (step + 1));
      if (step >= 3) expected[5] += day.parted;
      draw_step_arrivals(of, step, expected, day.extra_scv, totals);
      for (std::size_t i = 0; i < day.count; ++i)
        CHECK(totals[i] == draw_step_arrivals(of[i], step, expected[i], day.extra_scv));
    }
  }
}

TEST_CASE("a split by weight keeps the total") {
  const std::array<std::int64_t, 4> weights = {3, 0, 1, 3};
  std::array<std::int64_t, 4> parts{};
  split_by_weight(1'000'001, weights, parts);
  CHECK(parts[0] == 428'571);
  CHECK(parts[1] == 0);
  CHECK(parts[0] + parts[1] + parts[2] + parts[3] == 1'000'001);
  split_by_weight(5, std::array<std::int64_t, 2>{0, 0}, std::span(parts).first(2));
  CHECK(parts[0] == 0);
}
