#include "sim/sweep/sweep.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "sim/sweep/design.h"
#include "tests/sim/scenario/fakes.h"
#include "tests/source_dir.h"

namespace plimsoll::sweep {
namespace {

using scenario::testing::fake_registry;
using scenario::testing::Folder;

constexpr const char* kBase =
    "apiVersion: plimsoll/v1\n"
    "replications: 4\n"
    "load: {constant: 100/s, for: 24h, warmup: 0s}\n"
    "apps: {web: {size: 1 vCPU/1Gi, work: 2ms}}\n"
    "platforms: {ecs: {type: ecs}, eks: {type: eks}}\n"
    "expect: {requests.lost: \"< 1%\"}\n";

constexpr const char* kSweep =
    "apiVersion: plimsoll/v1\n"
    "base: base.yaml\n"
    "vary: {load.scale: [1, 2, 4], \"apps.*.work\": [x0.5, x1]}\n"
    "report: {y: [cost.choice], flips: load.scale}\n";

/// ECS costs 2 $ for each unit of scale; EKS 3 $ and 1 $ for each unit: they are even at 3. A replication adds noise
/// that is the same for both, so that pairs differ exactly.
results::RunResult made_up(const scenario::Scenario& s, std::size_t column, std::int64_t replication) {
  const double scale = s.load.arrivals->mean_rate(kTimeZero, kTimeZero + hours(1)) / 100;
  results::RunResult r;
  r.platform = s.columns[column].name;
  r.replication = replication;
  r.window_us = hours(24).count();
  const double usd = (column == 0 ? 2 * scale : 3 + scale) + static_cast<double>(replication % 2);
  r.choice = r.total = Money{static_cast<std::int64_t>(usd * 1e9)};
  r.arrived = 1'000'000;
  r.trace_hash = static_cast<std::uint64_t>(s.setting.workloads[0].work.count());
  r.expectations.push_back({"requests.lost < 1%", true, 1, ""});
  return r;
}

Options options(const std::string& out, int jobs) {
  Options o;
  o.out = out;
  o.jobs = jobs;
  o.version = "1";
  o.run = made_up;
  return o;
}

std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string last_line(const std::string& text) {
  const std::size_t at = text.rfind('\n', text.size() - 2);
  return text.substr(at + 1);
}

Design design_in(const Folder& folder, const std::string& text = kSweep) {
  folder.put("base.yaml", kBase);
  document::Diagnostics diagnostics;
  auto d = read_design(folder.put("sweep.yaml", text), diagnostics);
  CHECK(diagnostics.text() == "");
  REQUIRE(d);
  return *std::move(d);
}

TEST_CASE("the shipped sweep reads, and its first axis runs slowest") {
  document::Diagnostics diagnostics;
  const auto d = read_design(std::string(PLIMSOLL_SOURCE_DIR) + "/scenarios/sweeps/who-wins-when.yaml", diagnostics);
  CHECK(diagnostics.text() == "");
  REQUIRE(d);
  CHECK(d->size() == 180);  // 5 x 4 x 3 x 3
  CHECK(d->coordinates(0) == std::vector<std::size_t>{0, 0, 0, 0});
  CHECK(d->coordinates(1) == std::vector<std::size_t>{0, 0, 0, 1});
  CHECK(d->coordinates(179) == std::vector<std::size_t>{4, 3, 2, 2});
  CHECK(d->flips == 0);
  CHECK(d->metrics == std::vector<std::string>{"cost.choice", "requests.lost"});
  const Registry registry = fake_registry();
  CHECK(check(*d, registry, {}, diagnostics));
  CHECK(diagnostics.text() == "");
}

TEST_CASE("one and two threads give the same bytes and the same hash") {
  const Folder folder;
  const Design d = design_in(folder);
  const Registry registry = fake_registry();
  const Outcome one = run(d, registry, options(folder.at("one"), 1));
  const Outcome two = run(d, registry, options(folder.at("two"), 2));
  CHECK(one.finished == 6);
  CHECK(one.text == two.text);
  CHECK(slurp(folder.at("one/sweep.csv")) == slurp(folder.at("two/sweep.csv")));
  CHECK(slurp(folder.at("one/means.csv")) == slurp(folder.at("two/means.csv")));
  CHECK(last_line(one.text).starts_with("content hash "));
  CHECK(last_line(one.text).size() == 13 + 16 + 1);
}

TEST_CASE("means, half widths and the place where the winner changes") {
  const Folder folder;
  const Design d = design_in(folder);
  const Outcome o = run(d, fake_registry(), options(folder.at("out"), 1));
  // Noise 0, 1, 0, 1: mean 0.5, s = 1/sqrt(3), half width 3.182 * 0.5774 / 2 = 0.92. At scale 2: ECS 4.5, EKS 5.5.
  CHECK(o.text.find("load.scale=2  apps.*.work=x1\n"
                    "  ecs                 4.50 ±0.92  cheapest\n"
                    "  eks                 5.50 ±0.92\n") != std::string::npos);
  CHECK(o.text.find("Who wins along load.scale:\n  apps.*.work=x0.5\n    ecs from 1, eks from 4\n") !=
        std::string::npos);
  const std::string csv = slurp(folder.at("out/sweep.csv"));
  CHECK(csv.starts_with("point,load.scale,apps.*.work,platform,replication,window_us,total_nano_usd,"));
  CHECK(csv.find("\n1,1,x1,eks,3,86400000000,5000000000,5000000000,") != std::string::npos);
  // 6 points x 2 platforms x 4 replications and the header.
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 49);
  CHECK(csv.find(",00000000000003e8\n") != std::string::npos);  // x0.5: 1 ms of work
}

TEST_CASE("a sweep that was stopped goes on where it was and ends with the same bytes") {
  const Folder folder;
  const Design d = design_in(folder);
  const Registry registry = fake_registry();
  const Outcome whole = run(d, registry, options(folder.at("whole"), 1));
  for (const int jobs : {1, 2}) {
    CAPTURE(jobs);
    const std::string out = folder.at("part" + std::to_string(jobs));
    std::atomic<bool> stop{false};
    Options first = options(out, jobs);
    first.stop = &stop;
    // Stopped as the 20th of 48 runs begins: with two threads at most 2 x 7 of the 19 before it are of unfinished
    // points.
    std::atomic<int> begun{0};
    first.run = [&](const scenario::Scenario& sc, std::size_t c, std::int64_t r) {
      if (++begun >= 20) stop.store(true);
      return made_up(sc, c, r);
    };
    const Outcome part = run(d, registry, first);
    CHECK(part.interrupted);
    CHECK(part.finished >= 1);
    CHECK(part.finished < 6);
    CHECK(part.text.find("of 6 points; the same command goes on.") != std::string::npos);
    std::atomic<int> runs{0};
    Options rest = options(out, jobs);
    rest.run = [&](const scenario::Scenario& s, std::size_t c, std::int64_t r) {
      ++runs;
      return made_up(s, c, r);
    };
    const Outcome done = run(d, registry, rest);
    CHECK(done.found == part.finished);
    CHECK(runs == static_cast<int>(6 - part.finished) * 8);
    CHECK(done.text == whole.text);
    CHECK(slurp(out + "/sweep.csv") == slurp(folder.at("whole/sweep.csv")));
    runs = 0;
    CHECK(run(d, registry, rest).text == whole.text);
    CHECK(runs == 0);
  }
}

TEST_CASE("an empty database, as a kill at the very begin leaves it, is begun anew") {
  const Folder folder;
  const Design d = design_in(folder);
  folder.put("out/sweep.sqlite", "");
  CHECK(run(d, fake_registry(), options(folder.at("out"), 1)).finished == 6);
  folder.put("not/sweep.sqlite", "this is not a database, however long it may be, and it stays as it is");
  CHECK_THROWS_AS(run(d, fake_registry(), options(folder.at("not"), 1)), std::runtime_error);
}

TEST_CASE("a directory with another sweep, or with something else, is left alone") {
  const Folder folder;
  const Design d = design_in(folder);
  const Registry registry = fake_registry();
  run(d, registry, options(folder.at("out"), 1));
  Options other = options(folder.at("out"), 1);
  other.sets = {"load.for=1h"};
  CHECK_THROWS_WITH(
      run(d, registry, other),
      (folder.at("out") + " holds another sweep, or one of a changed scenario or version; name another directory")
          .c_str());
  folder.put("mine/diary.txt", "dear diary");
  CHECK_THROWS_WITH(run(d, registry, options(folder.at("mine"), 1)),
                    ("cannot write " + folder.at("mine") + ": it holds something that is not a sweep").c_str());
}

TEST_CASE("a broken promise never wins, and equal bills have no winner") {
  const Folder folder;
  const Design d = design_in(folder, "apiVersion: plimsoll/v1\nbase: base.yaml\nvary: {load.scale: [1, 3]}\n");
  Options o = options(folder.at("out"), 1);
  o.run = [](const scenario::Scenario& s, std::size_t c, std::int64_t r) {
    results::RunResult result = made_up(s, c, r);
    // ECS is cheaper at 1, but breaks its promise in three of four replications.
    if (c == 0 && r > 0 && result.choice < dollars(4)) result.expectations[0].kept = false;
    return result;
  };
  const Outcome out = run(d, fake_registry(), o);
  CHECK(out.text.find("  breaks a promise\n") != std::string::npos);
  const std::string means = slurp(folder.at("out/means.csv"));
  CHECK(means.find("\n0,1,ecs,4,breaks a promise,") != std::string::npos);
  CHECK(means.find("\n0,1,eks,4,wins,") != std::string::npos);
  CHECK(means.find("\n1,3,ecs,4,tied,") != std::string::npos);
}

TEST_CASE("what serves nothing never wins, whatever is asked of the winner") {
  const Folder folder;
  const Design d = design_in(folder,
                             "apiVersion: plimsoll/v1\nbase: base.yaml\nvary: {load.scale: [1, 2]}\n"
                             "report: {winner: cheapest}\n");
  Options o = options(folder.at("out"), 1);
  o.run = [](const scenario::Scenario& s, std::size_t c, std::int64_t r) {
    results::RunResult result = made_up(s, c, r);
    result.served = result.arrived;
    // ECS is the cheaper one at both, and at 1 loses every request in three of four replications.
    if (c == 0 && r > 0 && result.choice < dollars(4)) {
      result.served = 0;
      result.lost = result.arrived;
    }
    return result;
  };
  const Outcome out = run(d, fake_registry(), o);
  CHECK(out.text.find("  serves nothing\n") != std::string::npos);
  const std::string means = slurp(folder.at("out/means.csv"));
  CHECK(means.find("\n0,1,eks,4,wins,") != std::string::npos);
  CHECK(means.find("\n0,1,ecs,4,serves nothing,") != std::string::npos);
  CHECK(means.find("\n1,2,ecs,4,wins,") != std::string::npos);
}

TEST_CASE("faults of the sweep file and of its values are told where they stand") {
  const Folder folder;
  folder.put("base.yaml", kBase);
  const auto complaints = [&](const std::string& text) {
    document::Diagnostics diagnostics;
    const auto d = read_design(folder.put("s.yaml", text), diagnostics);
    if (d) check(*d, fake_registry(), {}, diagnostics);
    std::string out = diagnostics.text();
    const std::string directory = folder.at("");
    for (std::size_t at = out.find(directory); at != std::string::npos; at = out.find(directory, at))
      out.erase(at, directory.size());
    return out;
  };
  CHECK(complaints("apiVersion: plimsoll/v1\nbase: bse.yaml\nvary: {load.scale: 3}\nreport: {y: [cost.choise], flips: "
                   "load.scael}\n") ==
        "s.yaml:2:7: error: no file 'bse.yaml' (at base)\n  hint: did you mean 'base.yaml'?\n"
        "s.yaml:3:20: error: must be a list of values (at vary.\"load.scale\")\n  hint: write load.scale: [a, b]\n"
        "s.yaml:4:13: error: unknown metric 'cost.choise' (at report.y)\n  hint: did you mean 'cost.choice'?\n"
        "s.yaml:4:35: error: 'load.scael' does not vary (at report.flips)\n  hint: name a path of vary\n");
  CHECK(
      complaints("apiVersion: plimsoll/v1\nbase: base.yaml\nvary: {load.scale: [1, -1], apps.web.wrok: [x2], "
                 "load.timeout: [1s, 2]}\n") ==
      "s.yaml:3:24: error: must be between 0.0 and 10000.0, not '-1' (at load.scale)\n"
      "s.yaml:3:45: error: there is nothing to multiply here (at apps.web.wrok)\n  hint: the file does not set it; "
      "give the value itself\n"
      "s.yaml:3:69: error: '2' has no unit (at load.timeout)\n  hint: write a duration such as 90s, 1h30m or 250ms\n");
  // One cell of the grid, twice.
  CHECK(complaints("apiVersion: plimsoll/v1\nbase: base.yaml\nvary: {load.scale: [1, 2, 1]}\n") ==
        "s.yaml:3:27: error: the value 1 stands twice: its points would run twice (at vary.\"load.scale\")\n"
        "  hint: remove it, or ask for more replications\n");
  // A path to an app that is not there would make one of which all else is missing; told once, not for each value.
  CHECK(complaints("apiVersion: plimsoll/v1\nbase: base.yaml\nvary: {apps.wbe.work: [1ms, 2ms]}\n") ==
        "s.yaml:3:24: error: the base has no 'wbe' under apps (at vary.\"apps.wbe.work\")\n  hint: did you mean "
        "'apps.web.work'?\n");
  // What every app says itself does not vary: told once, as a warning.
  folder.put("own.yaml", std::string(kBase).replace(std::string(kBase).find("work: 2ms"), 9, "work: 2ms, threads: 1"));
  CHECK(complaints("apiVersion: plimsoll/v1\nbase: own.yaml\nvary: {each.threads: [1, 2]}\n")
            .find("warning: each.threads has no effect: every app has a threads of its own") != std::string::npos);
  CHECK(complaints("apiVersion: plimsoll/v1\nbase: base.yaml\nvary: {apps.web.wrok: [1ms, 2ms]}\n") ==
        "s.yaml:3:24: error: unknown key 'wrok' (at apps.web.wrok)\n  hint: did you mean 'work'?\n");
}

}  // namespace
}  // namespace plimsoll::sweep
