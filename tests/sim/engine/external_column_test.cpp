// A whole column of ECS Anywhere.

#include <doctest/doctest.h>

#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

const std::string kMachines = R"(apiVersion: plimsoll/v1
seed: 3
load: {constant: 20/s, for: 1h, warmup: 10m}
apps: {web: {size: 500m/1Gi, work: 5ms, image: 120MB, replicas: 4}}
around: {nat: 1, reply: 10KB}
platforms:
  machines: {type: ecs, capacity: {external: {cpu: 4000m, memory: 8Gi, instances: 3}}}
  tasks: {type: ecs, capacity: fargate}
)";

TEST_CASE("a column of external instances has no balancer, no address of one and no capacity units") {
  const scenario::Scenario s = read_text(kMachines);
  for (const std::size_t column : {0u, 1u}) {
    CAPTURE(column);
    Run run = build(s, column, 0, {true, true});
    run.world.run();
    const results::RunResult r = summarise(run, s, column, 0);
    const auto quantity = [&](const std::string& item) {
      for (const auto& line : r.lines) {
        if (line.item == item) return std::stod(line.quantity);
      }
      return 0.0;
    };
    const double balancers = column == 1 ? 1 : 0;
    CHECK(quantity("alb/hours") == doctest::Approx(balancers));
    CHECK((quantity("alb/lcu") > 0) == (column == 1));
    // The address of the gateway, and one in each of three zones for the balancer: an hour.
    CHECK(quantity("ipv4/hours") == doctest::Approx(1 + 3 * balancers));
    CHECK(quantity("nat/hours") == doctest::Approx(1));
    CHECK(count(run.world, Fact::pod_serving) >= 4);
    CHECK(r.workloads[0].served > 0);
  }
}

}  // namespace
}  // namespace plimsoll::engine
