// Whole columns of the retail store, so that it covers the parts that put a column together.
// Also tests: platform, register, plan, karpenter_plan, platform_karpenter, platform_autoscaler
// A column that is copied at any instant runs on to the same hash, bill, series and log.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/sim/engine/columns.h"
#include "tests/source_dir.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

void check_equal(const results::RunResult& a, const results::RunResult& b) {
  CHECK(a.trace_hash == b.trace_hash);
  CHECK(a.total == b.total);
  REQUIRE(a.lines.size() == b.lines.size());
  for (std::size_t i = 0; i < a.lines.size(); ++i) {
    CHECK(a.lines[i].item == b.lines[i].item);
    CHECK(a.lines[i].amount == b.lines[i].amount);
    CHECK(a.lines[i].hourly == b.lines[i].hourly);
  }
  REQUIRE(a.series.size() == b.series.size());
  for (std::size_t i = 0; i < a.series.size(); ++i) CHECK(a.series[i].values == b.series[i].values);
  CHECK(a.events.size() == b.events.size());
  CHECK(a.latency_p99_us == b.latency_p99_us);
  CHECK(a.pending_p99_us == b.pending_p99_us);
  CHECK(a.evictions == b.evictions);
}

void check_copies(const scenario::Scenario& s) {
  const RunOptions full{true, true};
  for (std::size_t c = 0; c < s.columns.size(); ++c) {
    CAPTURE(s.columns[c].name);
    Run run = build(s, c, 0, full);
    std::vector<Run> copies;
    copies.push_back(run);  // before anything has happened
    const Time end = run.world.end;
    const Stream stream{17, c, Purpose::tie_break};
    Time at = kTimeZero;
    for (std::uint64_t k = 0; k < 5; ++k) {
      const auto room = static_cast<std::uint64_t>((end - at).count() / 2);
      at += Duration{static_cast<std::int64_t>(stream.below(room, k)) + 1};
      run.world.run_until(at);
      copies.push_back(run);
    }
    run.world.run();
    const results::RunResult original = summarise(run, s, c, 0);
    CHECK(count(run.world, Fact::pod_serving) > 0);
    for (Run& copy : copies) {
      copy.world.run();
      check_equal(summarise(copy, s, c, 0), original);
    }
    // What the copies did left nothing behind in what they came from.
    check_equal(summarise(run, s, c, 0), original);
    check_equal(run_one(s, c, 0, full), original);
  }
}

/// Scenarios that run as they stand: neither sweeps nor curves nor real files, and no plug-in of their own.
std::vector<std::string> shipped_scenarios() {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(PLIMSOLL_SOURCE_DIR "/scenarios")) {
    const std::string path = entry.path();
    if (!path.ends_with(".yaml") || path.find("/custom-policy/") != path.npos) continue;
    std::ifstream file(path);
    bool ours = false, platforms = false, other = false;
    for (std::string line; std::getline(file, line);) {
      ours = ours || line.starts_with("apiVersion: plimsoll/");
      platforms = platforms || line.starts_with("platforms:") || line.starts_with("from:");
      other = other || line.starts_with("base:") || line.starts_with("vary:") || line.starts_with("curves:");
    }
    if (ours && platforms && !other) found.push_back(path);
  }
  std::sort(found.begin(), found.end());
  return found;
}

TEST_CASE("each column of the retail store, three hours") { check_copies(read_file(retail_store(), {"load.for=3h"})); }

/// Every third of the other scenarios, from `first` on: the large ones, which are neighbours, part.
void check_a_third(std::size_t first) {
  const std::vector<std::string> files = shipped_scenarios();
  CHECK(files.size() >= 5);
  for (std::size_t i = first; i < files.size(); i += 3) {
    CAPTURE(files[i]);
    if (files[i] != retail_store()) check_copies(read_file(files[i], {"load.for=2h"}));
  }
}

TEST_CASE("each column of every other scenario that is shipped, two hours: first third") { check_a_third(0); }
TEST_CASE("each column of every other scenario that is shipped, two hours: second third") { check_a_third(1); }
TEST_CASE("each column of every other scenario that is shipped, two hours: last third") { check_a_third(2); }

TEST_CASE("two applications under a wave, with nodes that come and go") { check_copies(read_text(kTwoApps)); }

TEST_CASE("a copy can be given another future without touching the original") {
  const scenario::Scenario s = read_text(kTwoApps, {}, {"nodes"});
  Run run = build(s, 0, 0, {false, true});
  run.world.run_until(kTimeZero + hours(1));
  Run other = run;
  other.world.set_desired(other.world.workloads()[run.entries.front()].id, 40);
  other.world.run();
  run.world.run();
  CHECK(other.world.hash.value() != run.world.hash.value());
  CHECK(summarise(run, s, 0, 0).trace_hash == run_one(s, 0, 0, {}).trace_hash);
}

}  // namespace
}  // namespace plimsoll::engine
