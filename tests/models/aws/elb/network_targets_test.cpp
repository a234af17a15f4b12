#include "models/aws/elb/network_targets.h"

#include <doctest/doctest.h>

namespace plimsoll::aws {
namespace {

TEST_CASE("capacity units follow whichever dimension binds") {
  // A request on a connection of its own, 60 s long, as bytes: ALB new 2^30 / (3600 x 25) = 11,930; active
  // 2^30 x 60 / (3600 x 3000) = 5,965. Ten requests a connection: a tenth.
  struct Row {
    std::int64_t reply, per_connection;
    Duration lifetime;
    bool network;
    std::int64_t bytes;
  };
  for (const Row row : {Row{8'192, 10, seconds(60), false, 8'192}, Row{8'192, 1, seconds(60), false, 11'930},
                        Row{0, 10, seconds(60), false, 1'193}, Row{0, 1, seconds(600), false, 59'652},
                        // NLB: new 2^30 / (3600 x 800) = 372, active 2^30 x 600 / (3600 x 100,000) = 1,789.
                        Row{0, 1, seconds(60), true, 372}, Row{0, 1, seconds(600), true, 1'789},
                        Row{8'192, 1, seconds(60), true, 8'192}}) {
    CAPTURE(row.bytes);
    CHECK(capacity_bytes(row.reply, row.per_connection, row.lifetime, row.network) == row.bytes);
  }
}

TEST_CASE("a task cannot leave a Network Load Balancer faster than that lets go of it") {
  CHECK(NetworkTargets::draining(seconds(300)) == seconds(300));
  CHECK(NetworkTargets::draining(seconds(30)) == seconds(120));
}

}  // namespace
}  // namespace plimsoll::aws
