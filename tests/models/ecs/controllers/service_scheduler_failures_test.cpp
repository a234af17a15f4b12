#include <doctest/doctest.h>

#include "tests/models/ecs/controllers/service_bench.h"

namespace plimsoll::ecs {
namespace {

/// One task of the first revision that is not stopping ends at `s`.
void lose_old_task(RolloutBench& r, std::int64_t s) {
  r.b.script->at(at_s(s), [web = r.b.web](World& w) {
    for (const PodId pod : std::vector<PodId>(w.workload(web).pods)) {
      if (w.pod(pod).revision != 1 || w.pod(pod).state == PodState::stopping) continue;
      w.pod_ended(pod, Reason::container_exit);
      return;
    }
  });
}

/// What waits of the first revision is in traffic five seconds later; of the second nothing gets so far until `until`.
void serve_old_only(RolloutBench& r, std::int64_t until, std::int64_t end) {
  for (std::int64_t s = 105; s < end; s += 5) {
    r.b.script->at(at_s(s), [s, until, node = r.node](World& w) {
      for (const PodId pod : std::vector<PodId>(w.pending_pods().begin(), w.pending_pods().end())) {
        if (w.pod(pod).revision != 1 && s < until) continue;
        REQUIRE(w.bind_pod(pod, node) == Applied::yes);
        w.pod_started(pod);
        w.pod_ready(pod);
        w.pod_serving(pod);
      }
    });
    r.b.end_stopping_at(s);
  }
}

TEST_CASE("tasks of the old revision that fail in a rolling update are replaced by their own, whatever the new does") {
  struct Row {
    std::int64_t minimum, maximum;
    std::int64_t old_tasks;  ///< that the update leaves while no new one is ready
  };
  // Of four: none may go; two may; two may, and the two new ones fill the upper bound: nothing is left for old ones.
  for (const Row row : {Row{100, 200, 4}, Row{50, 200, 2}, Row{50, 100, 2}}) {
    CAPTURE(row.minimum);
    CAPTURE(row.maximum);
    RolloutBench r(row.minimum, row.maximum);
    serve_old_only(r, 600, 1000);
    lose_old_task(r, 300);
    r.b.world.run_until(at_s(299));
    CHECK(r.of_revision(1) == row.old_tasks);
    r.b.world.run_until(at_s(400));
    CHECK(r.of_revision(1) == (row.maximum == 100 ? row.old_tasks - 1 : row.old_tasks));
    r.b.world.run_until(at_s(1000));
    CHECK(r.of_revision(1) == 0);
    CHECK(r.of_revision(2) == 4);
    CHECK(count_facts(r.b.world, Fact::rollout_completed) == 1);
  }
}

TEST_CASE("a scale-out during a rolling update holds for both revisions") {
  RolloutBench r(100, 200);
  serve_old_only(r, 600, 1000);
  r.b.want_at(300, 6);
  r.b.world.run_until(at_s(400));
  CHECK(r.of_revision(1) == 6);
  CHECK(r.of_revision(2) == 6);
  r.b.world.run_until(at_s(1000));
  CHECK(r.of_revision(1) == 0);
  CHECK(r.of_revision(2) == 6);
}

}  // namespace
}  // namespace plimsoll::ecs
