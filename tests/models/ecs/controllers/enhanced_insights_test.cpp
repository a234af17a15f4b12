// Also tests: insight_metrics
#include "models/ecs/controllers/enhanced_insights.h"

#include <doctest/doctest.h>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::ecs {
namespace {

using namespace plimsoll::testing;

TEST_CASE("metrics are counted from the published table of names and dimension sets") {
  // One container, bridge network, EC2: 13 + 7 = 20 of a family; 25 of a service; 40 of a task of it; of the cluster
  // 13 + 7 + ServiceCount, TaskCount, ContainerInstanceCount.
  const InsightCounts plain = enhanced_insight_metrics({}, false, true);
  CHECK(plain.family == 20);
  CHECK(plain.service == 25);
  CHECK(plain.task == 40);
  CHECK(plain.cluster == 23);
  // Ephemeral storage on Fargate; no instances there.
  const InsightCounts fargate = enhanced_insight_metrics({}, true, true);
  CHECK(fargate.family == 23);
  CHECK(fargate.cluster == 25);
  CHECK(enhanced_insight_metrics({}, true, true, true).cluster == 26);  // beside instances: their count too
  // Alone it appears under its family only; without a network of its own the four of the network are missing.
  const InsightCounts alone = enhanced_insight_metrics({.network = false}, false, false);
  CHECK(alone.service == 0);
  CHECK(alone.family == 16);
  CHECK(alone.task == 16);
  // Three containers, one checked, two with a restart policy: 13 + 21 + 1 + 2 + 1 = 38, and 157 of a service with one
  // task, as an operator has counted.
  const InsightCounts three =
      enhanced_insight_metrics({.containers = 3, .checked = 1, .restarting = 2, .network = true}, false, true);
  CHECK(three.family == 38);
  CHECK(three.service + three.family + three.task == 157);
}

TEST_CASE("a task's metrics are paid for every hour that it has begun") {
  World world = small_world(hours(10));
  auto bill = std::make_unique<billing::Bill>(kTimeZero, world.end);
  billing::Bill& b = *bill;
  world.attach(std::move(bill));
  const WorkloadId web = add_workload(world, "web", 100, 64);
  billing::LineItem item;
  item.item = "tasks";
  item.rate = Rate{730'000'000};  // pico-dollars a metric-month
  item.scale = 730;
  item.granularity = item.minimum = hours(1);
  world.attach(std::make_unique<EnhancedInsights>(b.handler, b.line(item),
                                                  std::vector<std::pair<WorkloadId, std::int64_t>>{{web, 40}}));
  auto script = std::make_unique<Script>();
  script->at(at_s(10), [web](World& w) {
    const NodeId node = ready_node(w, 4000, 8192);
    for (int i = 0; i < 2; ++i) {
      const PodId pod = w.create_pod(web);
      w.bind_pod(pod, node);
      w.pod_pulling(pod);
      w.pod_started(pod);
    }
  });
  script->at(at_s(310), [](World& w) { w.pod_ended(PodId{0}, Reason::completed); });
  script->at(at_s(3700), [](World& w) { w.pod_ended(PodId{1}, Reason::completed); });
  world.attach(std::move(script));
  world.run();
  // One hour of 40 metrics, and two: 120 metric-hours at 10^6 pico-dollars.
  const auto& total = dynamic_cast<const billing::Bill&>(world.component(b.handler));
  REQUIRE(total.lines().size() == 1);
  CHECK(total.amount(total.lines().front()) == Money{120'000});
}

}  // namespace
}  // namespace plimsoll::ecs
