// Same input, same facts: threads, names and neighbours of a column change nothing in it, and what first differs at an
// instant changes nothing before it.
#include <doctest/doctest.h>

#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

TEST_CASE("one thread and several give the same comparison") {
  const scenario::Scenario s = read_file(retail_store(), {"load.for=1h", "load.warmup=30m"});
  CompareOptions options;
  options.replications = 3;
  const results::Comparison one = compare(s, options);
  for (const int jobs : {2, 5}) {
    options.jobs = jobs;
    const results::Comparison many = compare(s, options);
    CHECK(many.hash == one.hash);
    REQUIRE(many.columns.size() == one.columns.size());
    for (std::size_t c = 0; c < one.columns.size(); ++c) {
      CHECK(many.columns[c].name == one.columns[c].name);
      REQUIRE(many.columns[c].replications.size() == 3);
      for (std::size_t r = 0; r < 3; ++r) {
        CHECK(many.columns[c].replications[r].trace_hash == one.columns[c].replications[r].trace_hash);
        CHECK(many.columns[c].replications[r].total == one.columns[c].replications[r].total);
      }
    }
  }
  // Replications differ from one another, and so do seeds.
  CHECK(one.columns[0].replications[0].trace_hash != one.columns[0].replications[1].trace_hash);
  scenario::Scenario other = read_file(retail_store(), {"load.for=1h", "load.warmup=30m"});
  other.seed += 1;
  options.jobs = 1;
  CHECK(compare(other, options).hash != one.hash);
}

TEST_CASE("an interrupted comparison counts the replications that every column has finished") {
  const scenario::Scenario s = read_text(kTwoApps);
  const std::size_t n = s.columns.size();
  CompareOptions options;
  options.replications = 2;
  const results::Comparison whole = compare(s, options);
  options.replications = 5;
  const auto stopped_after = [&](std::size_t runs) {
    std::atomic<bool> stop = false;
    options.stop = &stop;
    options.progress = [&](std::size_t done, std::size_t) { stop = done >= runs; };
    return compare(s, options);
  };
  // Two of each column, and a third of the first: that one has no counterpart.
  const results::Comparison part = stopped_after(2 * n + 1);
  CHECK(part.interrupted);
  CHECK(part.replications_wanted == 5);
  CHECK(part.hash == whole.hash);
  for (const results::ColumnResult& c : part.columns) CHECK(c.replications.size() == 2);
  // Before the first replication is whole there is nothing to compare: what there is stays.
  const results::Comparison begun = stopped_after(1);
  CHECK(begun.interrupted);
  CHECK(begun.columns[0].replications.size() == 1);
  CHECK(begun.columns[n - 1].replications.empty());
}

TEST_CASE("two columns that differ in their name alone have equal hashes") {
  const scenario::Scenario s = read_text(kTwoApps + R"(
  other-tasks: {from: tasks}
  other-instances: {from: instances}
  other-nodes: {from: nodes}
  other-pods: {from: pods}
)");
  REQUIRE(s.columns.size() == 8);
  for (std::size_t c = 0; c < 4; ++c) {
    CAPTURE(s.columns[c].name);
    const results::RunResult a = run_one(s, c, 0, {}), b = run_one(s, c + 4, 0, {});
    CHECK(a.platform != b.platform);
    CHECK(a.trace_hash == b.trace_hash);
    CHECK(a.total == b.total);
  }
}

TEST_CASE("adding a column changes no other") {
  const scenario::Scenario all = read_text(kTwoApps);
  for (std::size_t c = 0; c < all.columns.size(); ++c) {
    CAPTURE(all.columns[c].name);
    const scenario::Scenario alone = read_text(kTwoApps, {}, {all.columns[c].name});
    REQUIRE(alone.columns.size() == 1);
    CHECK(run_one(alone, 0, 1, {}).trace_hash == run_one(all, c, 1, {}).trace_hash);
  }
}

TEST_CASE("keeping series and events changes nothing that happens") {
  const scenario::Scenario s = read_text(kTwoApps);
  for (std::size_t c = 0; c < s.columns.size(); ++c) {
    CHECK(run_one(s, c, 0, {true, true}).trace_hash == run_one(s, c, 0, {false, false}).trace_hash);
  }
}

/// Runs one column under two settings; the logs agree up to the first record that `first` names.
void check_prefix(const std::string& column, const std::string& set, Fact first) {
  CAPTURE(column);
  CAPTURE(set);
  const scenario::Scenario plain = read_text(kTwoApps, {}, {column}), changed = read_text(kTwoApps, {set}, {column});
  Run a = build(plain, 0, 0, {false, true}), b = build(changed, 0, 0, {false, true});
  a.world.run();
  b.world.run();
  const std::size_t n = common_prefix(a.world.log, b.world.log);
  REQUIRE(n < a.world.log.size());
  REQUIRE(n < b.world.log.size());
  // The records differ at one instant that is well inside the run, and one of the two is of the kind that was changed.
  CHECK(n > 100);
  CHECK((a.world.log[n].fact == first || b.world.log[n].fact == first));
  const Time t = std::min(a.world.log[n].at, b.world.log[n].at);
  CHECK(t > kTimeZero + minutes(5));
}

TEST_CASE("a parameter that first matters at an instant leaves everything before it as it was") {
  check_prefix("nodes", "platforms.nodes.capacity.flags.scale-down-unneeded-time=3m", Fact::node_draining);
  check_prefix("nodes", "platforms.nodes.capacity.nodeGroup.max=4", Fact::group_resized);
  check_prefix("instances", "apps.web.scale.max=9", Fact::desired_changed);
  check_prefix("tasks", "apps.web.scale.max=9", Fact::desired_changed);
  check_prefix("pods", "apps.web.scale.max=9", Fact::desired_changed);
}

TEST_CASE("a longer span begins like a shorter one") {
  for (const char* column : {"tasks", "instances", "nodes", "pods"}) {
    CAPTURE(column);
    const scenario::Scenario shorter = read_text(kTwoApps, {"load.for=1h"}, {column});
    const scenario::Scenario longer = read_text(kTwoApps, {}, {column});
    Run a = build(shorter, 0, 0, {false, true}), b = build(longer, 0, 0, {false, true});
    a.world.run();
    b.world.run();
    CHECK(common_prefix(a.world.log, b.world.log) == a.world.log.size());
    CHECK(b.world.log.size() > a.world.log.size());
    const auto bill_a = summarise(a, shorter, 0, 0), bill_b = summarise(b, longer, 0, 0);
    CHECK(bill_b.total > bill_a.total);
    CHECK(bill_b.arrived > bill_a.arrived);
  }
}

}  // namespace
}  // namespace plimsoll::engine
