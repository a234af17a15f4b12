#include "models/kubernetes/controllers/revision_history_limit.h"

#include <doctest/doctest.h>

#include <memory>

#include "sim/cluster/host_agent.h"
#include "sim/cluster/timeline.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::kubernetes {
namespace {

using namespace plimsoll::testing;

/// A workload whose rollouts are what the test says.
struct HistoryBench {
  explicit HistoryBench(std::int64_t limit) : world(small_world(hours(1))) {
    world.keep_log = true;
    web = add_workload(world, "web", 100, 64, 1);
    auto made = std::make_unique<RevisionHistoryLimit>();
    history = made.get();
    history->manage(web, limit);
    world.attach(std::move(made));
  }
  void deploy(bool completes = true) {
    world.deploy(web, world.workload(web).template_of(world.workload(web).revision));
    if (completes) world.set_rollout(web, Rollout::none);
  }
  bool keeps(std::uint32_t revision) { return history->can_roll_back(world, web, revision); }

  World world;
  WorkloadId web;
  RevisionHistoryLimit* history = nullptr;
};

TEST_CASE("the limit counts the old revisions, and the oldest go first") {
  HistoryBench b(2);
  for (int i = 0; i < 3; ++i) b.deploy();  // 1 2 3, and 4 wanted
  CHECK_FALSE(b.keeps(1));
  CHECK(b.keeps(2));
  CHECK(b.keeps(3));
  CHECK(b.keeps(4));
  // Rolled back to, 2 is the newest: the next one to go is 3.
  b.world.set_revision(b.web, 2);
  b.world.set_rollout(b.web, Rollout::none);
  b.deploy();  // 3 4 2, and 5 wanted: 3 goes
  CHECK_FALSE(b.keeps(3));
  CHECK(b.keeps(4));
  CHECK(b.keeps(2));
}

TEST_CASE("a rollout that hangs can be undone, whatever the limit; one that is complete cannot without history") {
  HistoryBench b(0);
  b.deploy(false);
  CHECK(b.keeps(1));
  b.world.set_rollout(b.web, Rollout::none);
  CHECK(b.history->refused_rollbacks(b.world).empty());
  CHECK_FALSE(b.keeps(1));
  REQUIRE(b.history->refused_rollbacks(b.world).size() == 1);
  CHECK(b.history->refused_rollbacks(b.world)[0].find(
            "does nothing: unable to find specified revision 1 in history (revisionHistoryLimit 0)") !=
        std::string::npos);
}

TEST_CASE("workloads of others have all their revisions") {
  HistoryBench b(0);
  const WorkloadId other = add_workload(b.world, "other", 100, 64, 1);
  CHECK(b.history->can_roll_back(b.world, other, 1));
}

TEST_CASE("a rollback to a revision that is gone is noted, and changes nothing") {
  for (const std::int64_t limit : {0, 1}) {
    HistoryBench b(limit);
    b.deploy();
    b.world.attach(std::make_unique<Timeline>(std::vector<TimelineEvent>{{minutes(10), RollbackEvent{"web", {}}}}));
    b.world.run();
    CHECK(b.world.workload(b.web).revision == (limit == 0 ? 2 : 1));
    CHECK(b.history->refused_rollbacks(b.world).size() == (limit == 0 ? 1 : 0));
    CHECK(count_facts(b.world, Fact::revision_changed) == (limit == 0 ? 1 : 2));
  }
}

}  // namespace
}  // namespace plimsoll::kubernetes
