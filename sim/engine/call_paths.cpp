#include "sim/engine/call_paths.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/core/assert.h"
#include "sim/engine/engine.h"
#include "sim/load/call_graph.h"

namespace plimsoll::engine {

namespace {

std::string chain(const load::CallGraph& graph, const std::vector<std::uint32_t>& services, std::string_view between) {
  std::string text;
  for (const std::uint32_t service : services) {
    if (!text.empty()) text += between;
    text += graph.names()[service];
  }
  return text;
}

/// Time of the services of the path, each as often as the one before it calls it.
double along(const load::CallGraph& graph, const std::vector<std::uint32_t>& path,
             const std::vector<load::LatencyMoments>& own) {
  double sum = own[path.front()].mean_us, times = 1;
  for (std::size_t i = 1; i < path.size(); ++i) {
    const auto call = std::find_if(graph.calls().begin(), graph.calls().end(),
                                   [&](const load::Call& c) { return c.from == path[i - 1] && c.to == path[i]; });
    PLIMSOLL_ASSERT(call != graph.calls().end());
    times *= call->per_request * call->attempts();
    sum += times * own[path[i]].mean_us;
  }
  return sum;
}

}  // namespace

std::string describe_calls(const scenario::Scenario& scenario) {
  const auto& specs = scenario.setting.workloads;
  const Parsed<load::CallGraph> graph = call_graph(scenario);
  PLIMSOLL_ASSERT(graph);
  if (graph.value->calls().empty()) return "";
  std::vector<load::LatencyMoments> own, total(specs.size());
  for (const WorkloadSpec& w : specs) {
    own.push_back({static_cast<double>(to_microseconds(w.work)) / w.cores_per_request, 0});
  }
  graph.value->end_to_end(own, total);
  std::string text = "call order: " + chain(*graph.value, graph.value->order(), ", ") + "\n";
  for (const load::Cycle& ring : graph.value->cycles()) text += "ring: " + graph.value->describe(ring) + "\n";
  for (std::uint32_t i = 0; i < specs.size(); ++i) {
    if (!specs[i].entry) continue;
    const std::vector<std::uint32_t> path = graph.value->critical_path(i, own);
    text +=
        fmt::format("critical path of {}: {} ({:.4g} of {:.4g} ms of work)\n", specs[i].name,
                    chain(*graph.value, path, " > "), along(*graph.value, path, own) / 1000, total[i].mean_us / 1000);
  }
  return text;
}

}  // namespace plimsoll::engine
