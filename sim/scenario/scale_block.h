#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/policy/platform.h"
#include "sim/scenario/input.h"

namespace plimsoll::scenario {

/// The `scale` block of an app or of `each`.
struct ScaleInputs {
  Input<Ppm> cpu{{}, "not scaled on CPU", false};
  Input<Ppm> memory{{}, "not scaled on memory", false};
  Input<double> requests{0, "not scaled on requests", false};
  Input<std::int64_t> minimum{1, "one replica", false};
  Input<std::int64_t> maximum{0, "no default", false};
  /// Name of a metric of the scenario, with its target for each replica.
  struct Metric {
    std::string name;
    double target = 0;
    document::Mark mark;
    std::string path;
  };
  Input<std::vector<Metric>> metrics{{}, "none", false};
  Input<std::vector<ScheduledBounds>> schedule{{}, "none", false};
  Input<std::string> policy{"", "the platform's own autoscaler", false};  ///< a replica scaler out of a library
  Input<Duration> period{seconds(15), "the period of an HPA", false};

  void inherit(const ScaleInputs& each);
  /// Whether a scenario file says a target or a schedule.
  bool says_how() const { return cpu.said || memory.said || requests.said || metrics.said || schedule.said; }
};

void read_scale(document::Fields& app, ScaleInputs& in);

/// Moves what was read into the spec, without the bounds; a metric that is not defined is an error.
void apply_scale(const ScaleInputs& in, const std::vector<CustomMetric>& metrics, document::Diagnostics& diagnostics,
                 WorkloadSpec& out);

/// The scenario's `metrics` block: name to expression over the apps.
std::vector<CustomMetric> read_metrics(document::Fields& scenario, const std::vector<std::string>& apps);

/// The scenario's `calendar`: Unix seconds at the beginning of the counted window.
std::int64_t read_calendar(document::Fields& scenario);

}  // namespace plimsoll::scenario
