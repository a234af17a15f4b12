#include "sim/cluster/termination.h"

#include <doctest/doctest.h>

namespace plimsoll {
namespace {

TEST_CASE("hook and application share the grace period, and after a hook there are two seconds at least") {
  struct Row {
    std::int64_t hook_ms, stop_ms, grace_ms;  ///< grace below 0: none
    std::int64_t all_ms;
  };
  const Row rows[] = {
      {0, 5'000, 30'000, 5'000},       {0, 40'000, 30'000, 30'000},
      {10'000, 5'000, 30'000, 15'000}, {10'000, 60'000, 30'000, 30'000},
      {29'000, 5'000, 30'000, 31'000},                                   // one second would be left
      {40'000, 5'000, 30'000, 32'000}, {40'000, 1'000, 30'000, 31'000},  // it ends by itself
      {27'900, 5'000, 30'000, 30'900},                                   // 27 whole seconds count: 3 are left
      {10'000, 5'000, 0, 0},           {10'000, 5'000, -1, 15'000},
  };
  for (const Row& r : rows) {
    CAPTURE(r.hook_ms);
    CAPTURE(r.grace_ms);
    std::optional<Duration> grace;
    if (r.grace_ms >= 0) grace = milliseconds(r.grace_ms);
    CHECK(termination_time(milliseconds(r.hook_ms), milliseconds(r.stop_ms), grace) == milliseconds(r.all_ms));
  }
}

}  // namespace
}  // namespace plimsoll
