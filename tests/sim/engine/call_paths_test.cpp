// What the calls of a scenario come to: order, rings, critical path.
#include "sim/engine/call_paths.h"

#include <doctest/doctest.h>

#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

std::string calls_of(const std::string& apps) {
  return describe_calls(
      testing::read_text("apiVersion: plimsoll/v1\nload: {constant: 10/s, for: 30m, to: front}\napps:\n" + apps +
                         "platforms: {only: {type: ecs, capacity: fargate}}\n"));
}

TEST_CASE("applications that call nobody have no path to tell of") {
  CHECK(calls_of("  front: {size: 1/2Gi, work: 1ms}\n") == "");
}

TEST_CASE("the critical path follows the calls that cost most, as often as they are made") {
  // far costs 0.1 x 50 = 5 ms a request of front, near 2 x 2 = 4 ms; far's own callee adds 0.1 x 3 x 1 = 0.3 ms.
  // The path: 1 + 5 + 0.3 = 6.3 of the whole 10.3 ms.
  CHECK(calls_of("  deep: {size: 1/2Gi, work: 1ms}\n"
                 "  far: {size: 1/2Gi, work: 50ms, calls: {deep: 3}}\n"
                 "  front: {size: 1/2Gi, work: 1ms, calls: {near: 2, far: 0.1}}\n"
                 "  near: {size: 1/2Gi, work: 2ms}\n") ==
        "call order: front, far, deep, near\n"
        "critical path of front: front > far > deep (6.3 of 10.3 ms of work)\n");
}

TEST_CASE("a ring is told, and the path ends before a service comes twice") {
  // front = 1 + back, back = 2 + 0.5 front: back = 5 ms, front = 6 ms; the path counts each once: 1 + 2.
  CHECK(calls_of("  front: {size: 1/2Gi, work: 1ms, calls: {back: 1}}\n"
                 "  back: {size: 1/2Gi, work: 2ms, calls: {front: 0.5}}\n") ==
        "call order: front, back\n"
        "ring: front -> back -> front\n"
        "critical path of front: front > back (3 of 6 ms of work)\n");
}

}  // namespace
}  // namespace plimsoll::engine
