#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/sweep/design.h"
#include "sim/sweep/metrics.h"

namespace plimsoll::sweep {

/// The header of sweep.csv: the point, one column an axis, and the fields of Row.
std::string csv_header(const Design& design);
/// One line of sweep.csv, without its end.
std::string csv_line(const Design& design, const Row& row);

/// DIR/sweep.sqlite and DIR/sweep.csv. A point is there as a whole or not at all; points are written in order, so both
/// files are the same bytes of content whatever the number of threads. Failures throw std::runtime_error "PATH:
/// reason".
///
/// Tables: meta(key, value); axes(position, path, item, value); points(point); runs: one row for each point, platform
/// and replication (fields of Row).
class Store {
 public:
  /// Makes the directory, or opens the sweep that is in it. `key` tells one sweep from another; a directory that holds
  /// another sweep, or something else, is refused.
  Store(const std::string& directory, const Design& design, const std::string& key);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// Points that were found finished: done[i].
  const std::vector<bool>& done() const { return done_; }
  /// Adds a finished point to both files.
  void append(std::size_t point, const std::vector<Row>& rows);
  /// Every row, by point, in the order in which they were added.
  std::vector<Row> rows();
  /// Writes sweep.csv anew, in the order of points.
  void rewrite_csv();

 private:
  struct Files;
  const Design& design_;
  std::string directory_;
  std::vector<bool> done_;
  std::unique_ptr<Files> files_;
};

}  // namespace plimsoll::sweep
