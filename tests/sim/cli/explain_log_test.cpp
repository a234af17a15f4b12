// Also tests: explain_subject
#include "sim/cli/explain_log.h"

#include "sim/cli/explain.h"
#include "tests/sim/engine/columns.h"

using namespace plimsoll;
using namespace plimsoll::cli;
using namespace plimsoll::engine::testing;

TEST_CASE("listening changes nothing: facts and hash are those of a run that nobody listens to") {
  const scenario::Scenario s = read_text(kTwoApps);
  for (std::size_t column = 0; column < s.columns.size(); ++column) {
    engine::Run quiet = engine::build(s, column, 0, {.keep_series = true, .keep_events = true});
    quiet.world.run();
    engine::Run heard = engine::build(s, column, 0, {.keep_series = true, .keep_events = true});
    DecisionLog::Focus focus;
    focus.pod = std::pair(WorkloadId{0}, std::uint32_t{5});
    focus.node = NodeId{2};
    focus.at = heard.world.window_start + minutes(70);
    const DecisionLog& log = DecisionLog::attach(heard.world, focus);
    heard.world.run();
    CHECK(common_prefix(quiet.world.log, heard.world.log) == quiet.world.log.size());
    CHECK(quiet.world.log.size() == heard.world.log.size());
    CHECK(engine::summarise(quiet, s, column, 0).trace_hash == engine::summarise(heard, s, column, 0).trace_hash);
    CHECK_FALSE(log.scalings.empty());
  }
}

TEST_CASE("every change of a desired count has an evaluation of the same instant that made it") {
  const scenario::Scenario s = read_text(kTwoApps);
  for (std::size_t column = 0; column < s.columns.size(); ++column) {
    engine::Run run = engine::build(s, column, 0, {.keep_series = true, .keep_events = true});
    const DecisionLog& log = DecisionLog::attach(run.world, {});
    run.world.run();
    std::size_t changes = 0;
    for (const FactRecord& f : run.world.log) {
      if (f.fact != Fact::desired_changed || run.world.workload(f.workload).system) continue;
      ++changes;
      const bool told = std::any_of(log.scalings.begin(), log.scalings.end(), [&](const ScalingRow& r) {
        return r.at == f.at && r.workload == f.workload && r.changed && r.wanted == f.value;
      });
      CHECK(told);
    }
    CHECK(changes > 0);
    CHECK(changes == static_cast<std::size_t>(std::count_if(log.scalings.begin(), log.scalings.end(),
                                                            [](const ScalingRow& r) { return r.changed; })));
  }
}

TEST_CASE("the pod asked about is found, its attempts end with its place") {
  const scenario::Scenario s = read_text(kTwoApps);
  for (const std::size_t column : {1u, 2u}) {
    engine::Run run = engine::build(s, column, 0, {.keep_series = true, .keep_events = true});
    DecisionLog::Focus focus;
    focus.pod = std::pair(WorkloadId{0}, std::uint32_t{7});
    const DecisionLog& log = DecisionLog::attach(run.world, focus);
    run.world.run();
    REQUIRE_FALSE(log.pod.is_none());
    const Pod& pod = run.world.pod(log.pod);
    CHECK(pod.ordinal == 7);
    REQUIRE_FALSE(log.attempts.empty());
    CHECK(log.attempts.back().placed);
    CHECK(log.attempts.back().at == pod.bound);
    for (std::size_t i = 0; i + 1 < log.attempts.size(); ++i) {
      CHECK_FALSE(log.attempts[i].placed);
      CHECK_FALSE(log.attempts[i].message.empty());
    }
    REQUIRE(log.placement);
    CHECK(log.placement->chosen == pod.node);
  }
}

TEST_CASE("words") {
  CHECK(span_text(milliseconds(850)) == "850 ms");
  CHECK(span_text(milliseconds(2'340)) == "2.3 s");
  CHECK(span_text(seconds(137)) == "2 min 17 s");
  CHECK(span_text(minutes(65)) == "1 h 5 min");
  CHECK(usd_text(0.01234) == "$0.0123");
  CHECK(usd_text(12.345) == "$12.35");
  CHECK(counted(1, "pod") == "1 pod");
  CHECK(folded("  ab cd ef", 7, 4) == "  ab cd\n    ef");
  CHECK(folded("a    b", 10, 0) == "a    b");
}
