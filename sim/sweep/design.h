#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/document/diagnostics.h"
#include "sim/document/node.h"

namespace plimsoll::sweep {

/// One parameter of a sweep: a path of the scenario (wildcards allowed) and the values that it takes.
struct Axis {
  std::string path;
  std::vector<document::Node> values;
  std::vector<std::string> texts;  ///< the values as people read them
};

/// How the points of a sweep are judged.
enum class Winner : std::uint8_t { cheapest_keeping_expect, cheapest };

/// A sweep file: a base scenario and a grid of values. Points are numbered from 0, the last axis runs fastest.
struct Design {
  std::string name;  ///< file stem
  std::string base;  ///< path of the base scenario
  std::optional<document::Node> replications;
  std::vector<Axis> axes;
  std::vector<std::string> metrics;  ///< shown in the table, names of metrics()
  Winner winner = Winner::cheapest_keeping_expect;
  std::optional<std::size_t> flips;  ///< the axis along which changes of the winner are told

  /// Number of points; 1 without axes.
  std::size_t size() const;
  /// Index into each axis.
  std::vector<std::size_t> coordinates(std::size_t point) const;
  /// What the point changes in the base scenario.
  std::vector<std::pair<std::string, document::Node>> overrides(std::size_t point) const;
};

inline constexpr std::size_t kMostPoints = 1'000'000;

/// Reads `{apiVersion, base, design: grid, replications, vary: {path: [values]}, report: {y, winner, flips}}`. Every
/// fault is reported; nothing when there was an error.
std::optional<Design> read_design(const std::string& path, document::Diagnostics& diagnostics);

}  // namespace plimsoll::sweep
