#include "sim/load/fluid.h"

#include <doctest/doctest.h>

#include <cmath>

#include "sim/core/random.h"
#include "sim/load/rate_series.h"

using namespace plimsoll;
using namespace plimsoll::load;

namespace {

// 10 ms of one core: a core serves 100 requests/s.
RequestShape ten_ms() {
  RequestShape shape;
  shape.cpu_per_request = 10'000 * kCpuTicksPerVcpu;
  return shape;
}

FluidSegment segment(Duration d, double requests, std::int64_t cores, Duration timeout = seconds(2)) {
  return {d, static_cast<std::int64_t>(requests * 1e6), cpu_cores(cores), cores, timeout, -1};
}

}  // namespace

TEST_CASE("below capacity everything is served and latency is that of the law") {
  FluidWorkload workload;
  const auto out = workload.advance(ten_ms(), segment(seconds(10), 600, 1));
  CHECK(out.served == 600 * kMicroRequests);
  CHECK(out.lost == 0);
  CHECK(out.backlog == 0);
  CHECK(out.cpu_used == 600 * ten_ms().cpu_per_request);
  CHECK(out.utilization == doctest::Approx(0.6));
  CHECK(out.latency.mean_us == doctest::Approx(25'000));
}

TEST_CASE("above capacity the backlog grows, is lost at the timeout and drains later") {
  FluidWorkload workload;
  // 150/s for 2 s on 100/s: 100 left, fluid delay 1 s
  auto out = workload.advance(ten_ms(), segment(seconds(2), 300, 1));
  CHECK(out.served == 200 * kMicroRequests);
  CHECK(out.backlog == 100 * kMicroRequests);
  CHECK(out.utilization == 1);
  // mean wait: integral of 0..100 over 2 s = 100 request-seconds over 200 served = 0.5 s; law at 0.98: 10 ms / 0.02
  CHECK(out.latency.mean_us == doctest::Approx(500'000 + 500'000));
  // 10 s more: at most 200 may wait (2 s), reached after 2 s; the excess of 50/s over the other 8 s is lost
  out = workload.advance(ten_ms(), segment(seconds(10), 1'500, 1));
  CHECK(out.served == 1'000 * kMicroRequests);
  CHECK(out.lost == 400 * kMicroRequests);
  CHECK(out.backlog == 200 * kMicroRequests);
  // waits: (100 + 200) / 2 * 2 s + 200 * 8 s = 1900 request-seconds over 1000 served
  CHECK(out.latency.mean_us == doctest::Approx(1'900'000 + 500'000));
  // 50/s for 8 s: drains 200 at 50/s in 4 s, then 50/s of use
  out = workload.advance(ten_ms(), segment(seconds(8), 400, 1));
  CHECK(out.served == 600 * kMicroRequests);
  CHECK(out.backlog == 0);
  CHECK(out.utilization == doctest::Approx(0.75));
  CHECK(out.latency.mean_us == doctest::Approx(400.0 / 600 * 1e6 + 20'000));
}

TEST_CASE("lost capacity loses what can no longer be served in time, all of it without any replica") {
  FluidWorkload workload;
  workload.advance(ten_ms(), segment(seconds(1), 600, 4));  // 200 left, delay 0.5 s at 400/s
  CHECK(workload.backlog() == 200 * kMicroRequests);
  auto out = workload.advance(ten_ms(), segment(seconds(1), 0, 1, seconds(1)));
  CHECK(out.lost == 100 * kMicroRequests);  // 100/s serve 100 within the timeout
  CHECK(out.served == 100 * kMicroRequests);
  workload.advance(ten_ms(), segment(seconds(1), 600, 4));
  out = workload.advance(ten_ms(), segment(seconds(1), 50, 0));
  CHECK(out.lost == 250 * kMicroRequests);
  CHECK(out.backlog == 0);
}

TEST_CASE("served, lost and backlog account for every micro-request, however time is cut") {
  const Stream stream(3, "fluid", Purpose::arrivals);
  std::uint64_t item = 0;
  for (int round = 0; round < 200; ++round) {
    FluidWorkload workload;
    std::int64_t arrived = 0;
    std::int64_t served = 0;
    std::int64_t lost = 0;
    for (int i = 0; i < 50; ++i) {
      FluidSegment s;
      s.duration = microseconds(1 + static_cast<std::int64_t>(stream.below(15'000'000, ++item)));
      s.arrivals = static_cast<std::int64_t>(stream.below(20'000'000'000, ++item));
      s.capacity = Cpu{static_cast<std::int64_t>(stream.below(8 * kCpuTicksPerVcpu, ++item))};
      s.replicas = static_cast<std::int64_t>(stream.below(4, ++item));
      s.timeout = milliseconds(static_cast<std::int64_t>(stream.below(3'000, ++item)));
      const auto out = workload.advance(ten_ms(), s);
      arrived += s.arrivals;
      served += out.served;
      lost += out.lost;
      CHECK(out.served >= 0);
      CHECK(out.lost >= 0);
      CHECK(out.backlog == workload.backlog());
      CHECK(served + lost + out.backlog == arrived);
      CHECK(std::isfinite(out.latency.mean_us));
      CHECK(out.latency.variance_us2 >= 0);
    }
  }
}

TEST_CASE("a segment may be cut anywhere without changing what is served") {
  const auto run = [](int parts) {
    FluidWorkload workload;
    std::int64_t served = 0;
    std::int64_t lost = 0;
    for (const double requests : {100.0, 480.0, 30.0}) {  // 10 s each on 1 core
      for (int i = 0; i < parts; ++i) {
        const auto out =
            workload.advance(ten_ms(), segment(seconds(10) / parts, requests * 10 / parts, 1, milliseconds(1'500)));
        served += out.served;
        lost += out.lost;
      }
    }
    return std::pair(served, lost);
  };
  CHECK(run(1) == run(2));
  CHECK(run(1) == run(10));
  CHECK(run(1) == run(1'000));
}

TEST_CASE("work handed over counts where it arrives") {
  FluidWorkload a;
  a.add_backlog(70);
  CHECK(a.take_backlog() == 70);
  CHECK(a.backlog() == 0);
}

TEST_CASE("the demand for CPU is arrivals times work, rounded up") {
  CHECK(cpu_demand(ten_ms(), 1'500 * kMicroRequests, seconds(10)) == cpu_millis(1'500));
  CHECK(cpu_demand(ten_ms(), 1, hours(1)).raw() == 1);
}
