#include "sim/load/startup.h"

#include <doctest/doctest.h>

using namespace plimsoll;
using namespace plimsoll::load;

namespace {
// 20 core-seconds on one core, then 3 s of waiting.
constexpr StartupWork kJava{20 * 1'000'000 * kCpuTicksPerVcpu, cpu_cores(1), seconds(3)};
}  // namespace

TEST_CASE("a start takes as long as its CPU allows, plus its wait") {
  CHECK(startup_time(kJava, cpu_cores(1)) == seconds(23));
  CHECK(startup_time(kJava, cpu_millis(500)) == seconds(43));
  CHECK(startup_time(kJava, cpu_cores(4)) == seconds(23));  // one thread
  CHECK(startup_time({0, cpu_cores(1), seconds(3)}, Cpu{0}) == seconds(3));
  CHECK(startup_time(kJava, Cpu{0}) == Duration::max());
}

TEST_CASE("a changing grant adds up") {
  Startup start(kJava);
  start.advance(seconds(10), cpu_millis(500));  // 5 of 20 done
  CHECK(start.remaining(cpu_cores(1)) == seconds(18));
  start.advance(seconds(16), cpu_cores(1));  // 15 of work, 1 of wait
  CHECK(start.cpu_left() == 0);
  CHECK(start.remaining(cpu_cores(1)) == seconds(2));
  start.advance(seconds(1), Cpu{0});
  CHECK(!start.done());
  start.advance(seconds(5), Cpu{0});
  CHECK(start.done());
}
