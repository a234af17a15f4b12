#include "sim/results/perfetto.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "tests/sim/report/sample_comparison.h"

using namespace plimsoll;

namespace {

results::EventRow perfetto_fact(std::int64_t at, const char* fact, const char* node, const char* pod,
                                const char* reason = "", const char* host = "ec2") {
  results::EventRow e;
  e.at_us = at;
  e.fact = fact;
  e.node = node;
  e.pod = pod;
  e.reason = reason;
  e.host = host;
  e.zone = "us-east-1a";
  return e;
}

/// A node with two pods one after the other and one beside them, over a window of [0, 1 min).
results::Comparison perfetto_sample() {
  results::Comparison c = sample::comparison(1);
  c.columns.resize(1);
  results::RunResult& run = c.columns.front().replications.front();
  run.window_start_us = 0;
  run.window_us = 60'000'000;
  run.series = {{"pending", "pods", {1, 1, 0}}};
  run.events = {
      perfetto_fact(0, "pod_created", "", "web-0"),    perfetto_fact(10, "node_requested", "i-1", ""),
      perfetto_fact(20, "node_running", "i-1", ""),    perfetto_fact(30, "node_ready", "i-1", ""),
      perfetto_fact(40, "pod_bound", "i-1", "web-0"),  perfetto_fact(50, "pod_pulling", "i-1", "web-0"),
      perfetto_fact(60, "pod_created", "", "we\"b-1"), perfetto_fact(70, "pod_bound", "i-1", "we\"b-1"),
      perfetto_fact(80, "desired_changed", "", ""),    perfetto_fact(90, "pod_stopping", "i-1", "web-0", "scale_in"),
      perfetto_fact(100, "pod_ended", "i-1", "web-0"), perfetto_fact(100, "pod_created", "", "web-2"),
      perfetto_fact(110, "pod_bound", "i-1", "web-2")};
  return c;
}

using Span = std::pair<std::int64_t, std::int64_t>;

std::vector<nlohmann::json> perfetto_events(const nlohmann::json& trace, const std::string& phase) {
  std::vector<nlohmann::json> out;
  for (const nlohmann::json& e : trace["traceEvents"]) {
    if (e["ph"] == phase) out.push_back(e);
  }
  return out;
}

}  // namespace

TEST_CASE("a pod is a slice of its name on its node's process, with its phases inside") {
  const nlohmann::json trace = nlohmann::json::parse(results::perfetto_json(perfetto_sample()));
  std::map<int, std::string> processes;
  for (const nlohmann::json& e : perfetto_events(trace, "M")) {
    if (e["name"] == "process_name") processes[e["pid"]] = e["args"]["name"];
  }
  CHECK(processes == std::map<int, std::string>{{1, "ecs-fargate"}, {2, "ecs-fargate i-1"}});

  std::map<std::string, std::vector<std::pair<int, Span>>> named;
  for (const nlohmann::json& e : perfetto_events(trace, "X")) {
    const std::int64_t begin = e["ts"];
    named[e["name"]].push_back({e["pid"], {begin, begin + e["dur"].get<std::int64_t>()}});
  }
  // The wait on the column's process, then the life on the node's.
  CHECK(named["web-0"] == std::vector<std::pair<int, Span>>{{1, {0, 40}}, {2, {40, 100}}});
  CHECK(named["bound"][0] == std::pair<int, Span>{2, {40, 50}});
  CHECK(named["pulling"] == std::vector<std::pair<int, Span>>{{2, {50, 90}}});
  CHECK(named["stopping"] == std::vector<std::pair<int, Span>>{{2, {90, 100}}});
  // What has not ended by then ends with the window.
  CHECK(named["i-1"] == std::vector<std::pair<int, Span>>{{2, {10, 60'000'000}}});
  CHECK(named["we\"b-1"].back() == std::pair<int, Span>{2, {70, 60'000'000}});
}

TEST_CASE("tracks never hold two lives at once and are reused once they are free") {
  const nlohmann::json trace = nlohmann::json::parse(results::perfetto_json(perfetto_sample()));
  std::map<std::pair<int, int>, std::vector<Span>> tracks;
  for (const nlohmann::json& e : perfetto_events(trace, "X")) {
    if (!e.contains("args")) continue;  // a phase
    const std::int64_t begin = e["ts"];
    tracks[{e["pid"], e["tid"]}].push_back({begin, begin + e["dur"].get<std::int64_t>()});
  }
  for (auto& [track, spans] : tracks) {
    std::sort(spans.begin(), spans.end());
    for (std::size_t k = 1; k < spans.size(); ++k) CHECK(spans[k - 1].second <= spans[k].first);
  }
  CHECK(tracks.at({2, 1}).size() == 1);  // the node
  CHECK(tracks.at({2, 2}).size() == 2);  // web-0, then web-2
  CHECK(tracks.at({2, 3}).size() == 1);
  CHECK(tracks.size() == 4);  // and one of pods that wait
}

TEST_CASE("counters keep changes only, and facts of no life are instants") {
  const nlohmann::json trace = nlohmann::json::parse(results::perfetto_json(perfetto_sample()));
  const auto counters = perfetto_events(trace, "C");
  REQUIRE(counters.size() == 2);
  CHECK(counters[0]["args"]["pods"] == 1);
  CHECK(counters[1]["ts"] == 120'000'000);
  const auto instants = perfetto_events(trace, "i");
  REQUIRE(instants.size() == 1);
  CHECK(instants[0]["name"] == "desired_changed");
}
