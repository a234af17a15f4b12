#include "sim/load/request_simulation.h"

#include <doctest/doctest.h>

#include <cmath>

#include "sim/core/random.h"
#include "sim/load/arrivals.h"
#include "sim/load/fluid.h"
#include "sim/load/rate_series.h"

using namespace plimsoll;
using namespace plimsoll::load;

namespace {

FastRandom numbers(std::uint64_t item = 0) { return {Stream(11, "requests", Purpose::work), item}; }
constexpr RunLength kRun{5'000, 200'000};

}  // namespace

TEST_CASE("one queue: M/M/1, M/D/1 and a full house") {
  FastRandom random = numbers();
  const QueueResult mm1 = simulate_queue({0.5, {}, 1}, kRun, random);
  CHECK(mm1.mean_wait == doctest::Approx(1).epsilon(0.05));
  CHECK(mm1.prob_wait == doctest::Approx(0.5).epsilon(0.02));
  CHECK(mm1.responses.quantile(0.95) == doctest::Approx(5.99).epsilon(0.04));
  CHECK(mm1.mean_in_system == doctest::Approx(1).epsilon(0.05));
  const QueueResult md1 = simulate_queue({0.5, {SizeLaw::Kind::deterministic, 1, 0}, 1}, kRun, random);
  CHECK(md1.mean_wait == doctest::Approx(0.5).epsilon(0.05));
  const QueueResult full = simulate_queue({2, {}, 2, 2}, kRun, random);
  CHECK(full.blocking == doctest::Approx(0.4).epsilon(0.02));
  CHECK(full.mean_wait == 0);
  const QueueResult patience = simulate_queue({1.2, {}, 1, 0, 0.5}, kRun, random);
  CHECK(patience.abandoned == doctest::Approx(0.3662).epsilon(0.03));
}

TEST_CASE("servers in order and servers without memory tell the same") {
  FastRandom random = numbers(1);
  const QueueParameters p{14.4, {}, 16};
  const QueueResult a = simulate_queue(p, kRun, random);
  const QueueResult b = simulate_memoryless_queue(p, kRun, random);
  CHECK(a.utilization == doctest::Approx(b.utilization).epsilon(0.02));
  CHECK(a.prob_wait == doctest::Approx(b.prob_wait).epsilon(0.1));
  CHECK(a.responses.quantile(0.95) == doctest::Approx(b.responses.quantile(0.95)).epsilon(0.05));
}

TEST_CASE("the variance of mean waits, M/M/1 at half load: 29") {
  FastRandom random = numbers(2);
  CHECK(simulate_wait_variance(0.5, 1, 4'000, random) == doctest::Approx(29).epsilon(0.06));
}

TEST_CASE("unlimited servers hold a Poisson number") {
  FastRandom random = numbers(3);
  const LevelShares shares = simulate_unlimited(10, {SizeLaw::Kind::lognormal, 2, 4}, 400, 2, 20'000, random);
  CHECK(shares.mean() == doctest::Approx(20).epsilon(0.02));
  CHECK(shares.variance() == doctest::Approx(20).epsilon(0.06));
}

TEST_CASE("a varying rate comes through smaller and later") {
  FastRandom random = numbers(4);
  // mean 10/s, amplitude 0.8, period 60 s, service 5 s: 50 + 40 (sin - 0.5236 cos) / (1 + 0.5236^2)
  const Harmonic h = simulate_unlimited_periodic(10, 0.8, 60, {SizeLaw::Kind::exponential, 5, 1}, 200, 1'000, random);
  CHECK(h.mean == doctest::Approx(50).epsilon(0.01));
  CHECK(h.sine == doctest::Approx(31.393).epsilon(0.03));
  CHECK(h.cosine == doctest::Approx(-16.4375).epsilon(0.04));
}

TEST_CASE("sharing: the number in progress does not depend on the law of the demand") {
  FastRandom random = numbers(5);
  for (const SizeLaw& law : {SizeLaw{SizeLaw::Kind::exponential, 1, 1}, SizeLaw{SizeLaw::Kind::deterministic, 1, 0},
                             SizeLaw{SizeLaw::Kind::lognormal, 1, 2}}) {
    SharingRun run;
    run.classes = {{0.9, law, 1}};
    run.cap_cores = 1.5;
    const SharingResult r = simulate_sharing(run, kRun, random);
    const SharingLaw exact({0.9, 1, 1.5, 1, 0});
    CHECK(r.in_system.mean() == doctest::Approx(exact.mean_in_system()).epsilon(0.04));
    CHECK(r.mean_response_all == doctest::Approx(exact.mean_response()).epsilon(0.04));
    CHECK(r.in_system.share(0) == doctest::Approx(exact.probability_empty()).epsilon(0.04));
    CHECK(r.cpu_used_cores == doctest::Approx(0.9).epsilon(0.02));
  }
}

TEST_CASE("weights: the favoured class is faster by the amount of Fayolle, Mitrani and Iasnogorodski") {
  FastRandom random = numbers(6);
  SharingRun run;
  run.classes = {{0.3, {}, 2}, {0.3, {}, 1}};
  const SharingResult r = simulate_sharing(run, {5'000, 400'000}, random);
  // Equal laws: the total is that of plain sharing, 1 / (1 - 0.6) = 2.5 on average
  CHECK(r.mean_response_all == doctest::Approx(2.5).epsilon(0.03));
  CHECK(r.mean_response[0] < 0.85 * r.mean_response[1]);
}

TEST_CASE("the fitted deviation of latency stays near that of simulated requests") {
  std::uint64_t item = 10;
  for (const double cap : {0.5, 1.0, 2.0}) {
    for (const SizeLaw& law : {SizeLaw{SizeLaw::Kind::exponential, 1, 1}, SizeLaw{SizeLaw::Kind::deterministic, 1, 0},
                               SizeLaw{SizeLaw::Kind::lognormal, 1, 4}}) {
      FastRandom random = numbers(++item);
      SharingRun run;
      run.classes = {{0.7 * cap, law, 1}};
      run.cap_cores = cap;
      const SharingResult r = simulate_sharing(run, kRun, random);
      RequestShape shape;
      shape.cpu_per_request = 1'000'000 * kCpuTicksPerVcpu;
      shape.demand_scv = law.scv;
      const LatencyMoments m = sharing_latency(shape, cpu_millis(static_cast<std::int64_t>(cap * 1'000)), 0.7);
      CAPTURE(cap);
      CAPTURE(law.scv);
      CHECK(m.mean_us * 1e-6 == doctest::Approx(r.mean_response_all).epsilon(0.05));
      CHECK(std::sqrt(m.variance_us2) * 1e-6 == doctest::Approx(std::sqrt(r.response_variance[0])).epsilon(0.15));
    }
  }
}

TEST_CASE("fluid load and single requests agree: CPU within 1 %, mean latency within 10 %, p99 within 15 %") {
  RequestShape shape;
  shape.cpu_per_request = 10'000 * kCpuTicksPerVcpu;  // 10 ms, exponential
  for (const double rho : {0.4, 0.7, 0.85}) {
    CAPTURE(rho);
    const double rate = 100 * rho;
    FastRandom random = numbers(30);
    SharingRun run;
    run.classes = {{rate, {SizeLaw::Kind::exponential, 0.01, 1}, 1}};
    const SharingResult requests = simulate_sharing(run, {5'000, 300'000}, random);
    const Stream stream(4, "workload/agree", Purpose::arrivals);
    FluidWorkload fluid;
    LogLinearHistogram latency;
    double used = 0;
    constexpr int kSteps = 400;
    for (std::uint64_t step = 0; step < kSteps; ++step) {
      FluidSegment s;
      s.duration = seconds(15);
      s.expected = static_cast<std::int64_t>(rate * 15e6);
      s.arrivals = draw_step_arrivals(stream, step, s.expected);
      s.capacity = cpu_cores(1);
      s.replicas = 1;
      s.timeout = seconds(5);
      const FluidOutcome out = fluid.advance(shape, s);
      used += static_cast<double>(out.cpu_used);
      add_latency(latency, out.latency, out.served);
    }
    CHECK(used / (kSteps * 15e6 * static_cast<double>(kCpuTicksPerVcpu)) ==
          doctest::Approx(requests.cpu_used_cores).epsilon(0.015));
    CHECK(latency.mean() * 1e-6 == doctest::Approx(requests.mean_response_all).epsilon(0.1));
    CHECK(static_cast<double>(latency.quantile(0.99)) * 1e-6 ==
          doctest::Approx(requests.responses.quantile(0.99)).epsilon(0.15));
  }
}
