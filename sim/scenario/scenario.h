#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/document/diagnostics.h"
#include "sim/document/effective.h"
#include "sim/document/schema.h"
#include "sim/policy/registry.h"

namespace plimsoll::scenario {

/// The load block.
struct Load {
  std::shared_ptr<const ArrivalProcess> arrivals;  ///< over [0, warmup + span)
  std::string description;                         ///< "trace web_wc98_1min.csv.gz from 47d for 24h, x2"
  Duration warmup{}, span{};
  Duration step = seconds(15);
  Duration timeout = seconds(2);
  double extra_scv = 0;
};

/// One promise: `metric` `comparison` `limit`, in at least `share` of the windows of five minutes (latency), or over
/// the whole span (the others). SOURCE of the idea: k6 thresholds.
struct Expectation {
  enum class Metric : std::uint8_t { latency_p50, latency_p95, latency_p99, requests_lost, pending_p50, pending_p99 };
  std::string text;  ///< as written: "ui.latency.p99 < 500ms in 99% of 5min"
  Metric metric = Metric::latency_p99;
  bool less = true;  ///< `<` or `<=`; false: `>` or `>=`
  bool inclusive = false;
  std::int64_t limit = 0;  ///< us for times, millionths for shares
  Ppm share = percent(100);
};

/// One column.
struct Column {
  std::string name;  ///< as the user called it
  std::string type;  ///< "ecs", "eks"
  std::shared_ptr<const PlatformPlan> plan;
};

struct Scenario {
  std::string name;  ///< file stem
  std::string file;
  std::uint64_t seed = 1;
  std::int64_t replications = 10;
  Load load;
  Setting setting;
  std::vector<Column> columns;
  std::vector<Expectation> expectations;
  bool sizes_matched = true;
  std::vector<std::string> assumed;  ///< "apps.ui.work = 6ms": inputs that no file gives
  std::vector<std::string> remarks;  ///< overrides, differing sizes: said once, above the result
  std::string resolved;              ///< the scenario with every `from` and --set applied, as YAML
};

struct ReadOptions {
  std::vector<std::string> sets;  ///< --set path=value
  /// The same with values out of a file (a sweep's axes), applied after `sets`; faults point to where they stand.
  std::vector<std::pair<std::string, document::Node>> overrides;
  std::vector<std::string> platforms;  ///< --platform: keep only these; empty = all
  std::string catalogue_dir;
  document::Effective* effective = nullptr;
};

/// Reads and validates a scenario. Every fault is reported to `diagnostics`; the result is absent when there was an
/// error.
std::optional<Scenario> read_scenario(const std::string& path, const Registry& registry, const ReadOptions& options,
                                      document::Diagnostics& diagnostics);

/// The JSON Schema of scenario files, for editors.
std::string scenario_schema(const Registry& registry);

}  // namespace plimsoll::scenario
