#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/results/estimate.h"
#include "sim/sweep/design.h"
#include "sim/sweep/metrics.h"

namespace plimsoll::sweep {

/// One platform at one point, over its replications.
struct Cell {
  std::string platform;
  std::vector<results::Estimate> estimates;  ///< one for each metric of metrics()
  bool broken = false;                       ///< some promise was broken in more than half of the replications
  bool idle = false;                         ///< served no request in more than half of them: never wins
};

/// One point, judged. The winner is the cheapest by cost.choice of those that may win. Replications share their worlds,
/// so differences are paired; rivals whose difference to the cheapest is within its half width are tied with it.
struct Point {
  std::size_t index = 0;
  std::vector<Cell> cells;          ///< in the order of the scenario
  std::optional<std::size_t> best;  ///< cell; none when no platform may win
  std::vector<std::size_t> tied;    ///< cells tied with the best; empty: it wins
};

/// @pre rows are in order of points.
std::vector<Point> summarise(const Design& design, const std::vector<Row>& rows);

/// What `plimsoll sweep` prints: means with half widths (each platform for up to 40 points, else the best of each),
/// then where the winner changes along the axis asked for. Newline at the end.
std::string table(const Design& design, const std::vector<Point>& points);

/// means.csv: one line for each point and platform, every metric with its half width.
std::string means_csv(const Design& design, const std::vector<Point>& points);

/// Over the lines of sweep.csv.
std::uint64_t content_hash(const Design& design, const std::vector<Row>& rows);

}  // namespace plimsoll::sweep
