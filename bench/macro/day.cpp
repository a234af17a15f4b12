#include "bench/macro/day.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace plimsoll::bench {

namespace {

constexpr std::array<DaySize, 4> kDays{{{"s", 10, 10, 100, 725, 0.06, 0},
                                        {"m", 60, 100, 2'000, 365, 0.3, 0},
                                        {"l", 150, 1'000, 30'000, 240, 3, 0},
                                        {"xl", 300, 5'000, 150'000, 240, 20, 600}}};

constexpr double kTarget = 0.6;             ///< CPU use over the request that the policies hold
constexpr double kWorkSeconds = 0.01;       ///< CPU time of one request to an application of middle size
constexpr std::int64_t kMostNodes = 5'000;  ///< of one group, as the platforms allow

}  // namespace

const DaySize* find_day(std::string_view name) {
  const auto* at = std::find_if(kDays.begin(), kDays.end(), [&](const DaySize& d) { return d.name == name; });
  return at == kDays.end() ? nullptr : at;
}

std::string day_scenario(const DaySize& size) {
  const double pods_each = static_cast<double>(size.pods) / static_cast<double>(size.workloads);
  const double rate = pods_each * static_cast<double>(size.pod_millis) * 1e-3 * kTarget / kWorkSeconds;
  std::string out;
  const auto add = [&out]<class... Args>(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
  };
  add("# A synthetic day, size {}: {} applications, {} nodes and {} pods at its peak.\n", size.name, size.workloads,
      size.nodes, size.pods);
  add("apiVersion: plimsoll/v1\nregion: us-east-1\nzones: 3\nseed: 7\nreplications: 1\n");
  add("load: {{diurnal: {{peak: {:.0f}/s, peakAt: 12h}}, for: 24h, warmup: 1h, to: app-000}}\n", rate);
  add("each: {{spread: zone, maxDisruption: 25%, size: {}m/512Mi, start: {{cpu: 2s}}, image: 100MB}}\n",
      size.pod_millis);
  add("apps:\n");
  for (std::int64_t i = 0; i < size.workloads; ++i) {
    // From half to one and a half of the middle size, evenly.
    const double factor = 0.5 + static_cast<double>(i * 7 % size.workloads) /
                                    static_cast<double>(std::max<std::int64_t>(1, size.workloads - 1));
    const double pods = pods_each * factor;
    add("  app-{:03}:\n    work: {:.0f}us\n", i, kWorkSeconds * factor * 1e6);
    add("    scale: {{cpu: {:.0f}%, min: {}, max: {}}}\n", kTarget * 100,
        std::max<std::int64_t>(2, static_cast<std::int64_t>(pods * 0.35)),
        std::max<std::int64_t>(4, static_cast<std::int64_t>(pods * 1.5)));
    if (i > 0) continue;
    add("    calls: {{");
    for (std::int64_t k = 1; k < size.workloads; ++k) add("{}app-{:03}: 1", k > 1 ? ", " : "", k);
    add("}}\n");
  }
  const std::int64_t least = std::max<std::int64_t>(3, size.nodes * 35 / 100);
  const std::int64_t most = std::min(kMostNodes, size.nodes * 3 / 2);
  add("platforms:\n");
  add("  ecs-ec2: {{type: ecs, eniTrunking: true, place: [spread(zone), binpack(cpu)], "
      "capacity: {{asg: {{type: m5.2xlarge, min: {0}, max: {1}}}, target: 100%}}}}\n",
      least, most);
  add("  eks-cluster-autoscaler: {{type: eks, capacity: {{nodeGroup: {{type: m5.2xlarge, min: {0}, max: {1}}}, "
      "autoscaler: cluster-autoscaler}}}}\n",
      least, most);
  return out;
}

}  // namespace plimsoll::bench
