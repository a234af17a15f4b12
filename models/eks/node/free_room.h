#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "models/eks/node/block_search.h"
#include "models/eks/node/simulation.h"

namespace plimsoll::eks {

/// What is free on every row of a snapshot, in columns of its own, for simulations that only place pods and take them
/// back: a step is a subtraction, no change of the snapshot. It knows shapes for which a node's free resources and the
/// node's own rules (taints, labels) decide, and answers for them as `Simulation::fits` would after the same placing;
/// other shapes are of no kind and need the snapshot. Follows the snapshot by its changes and belongs to its history.
class FreeRoom {
 public:
  /// Shapes of one kind get the same answer everywhere.
  using Kind = std::uint32_t;
  static constexpr Kind kNoKind = 0xffffffffu;

  /// Brings all rows up to the snapshot. @pre no open level, and nothing placed, closed or added.
  void follow(const Simulation& sim);
  /// kNoKind: other pods, ports, volumes, extended resources or the node's name have a say. @pre `follow` came before.
  Kind kind_of(const Simulation& sim, ShapeId shape);
  std::size_t kinds() const { return kinds_.size(); }

  std::size_t rows() const { return open_.size(); }
  /// Alive, schedulable and not closed.
  bool is_open(Row row) const { return open_[row] != 0; }
  /// The first open row at or after `at` and before `last` with the CPU that the kind requests; `last` when there is
  /// none.
  std::size_t next(std::size_t at, std::size_t last, Kind kind) const;
  /// @pre the row is open.
  bool fits(const Simulation& sim, Kind kind, Row row);

  void place(Kind kind, Row row);
  /// Takes no pods until this is undone.
  void close(Row row);
  /// A row that the snapshot does not have, after the others: what is free on it, and whether its own rules admit each
  /// of the kinds.
  void add_row(const ResourceVector& free, std::span<const std::uint8_t> admitted);
  /// Whether the row's own rules admit the kind, whatever is free on it. @pre the row is the snapshot's.
  bool admits(const Simulation& sim, Kind kind, Row row) const;

  /// Steps so far; `undo(mark)` takes back all after it, the last first.
  std::size_t mark() const { return steps_.size(); }
  void undo(std::size_t mark);

 private:
  static constexpr std::size_t kBlock = kSearchBlock;
  static constexpr Kind kClosing = kNoKind, kAdding = kNoKind - 1;
  struct KindOfPods {
    ShapeId shape;                                            // one of them
    std::vector<std::pair<std::size_t, std::int64_t>> needs;  // resource, least free amount
    std::vector<std::pair<std::size_t, std::int64_t>> takes;
    std::int64_t cpu = 0;
    /// By row: twice the row's stamp when it was asked, and one more when its own rules admit the kind.
    std::vector<std::uint32_t> asked;
  };
  struct Step {
    Row row = kNoRow;
    Kind kind = kNoKind;
  };

  void read(const Snapshot& snapshot, Row row);
  void resize(std::size_t rows);
  void set_search(Row row, std::int64_t cpu);

  bool built_ = false, orderly_ = false;
  std::uint64_t seen_ = 0;
  std::vector<std::int64_t> free_[kResourceCount];  // by row
  std::vector<std::uint8_t> open_;
  std::vector<std::int64_t> search_, most_;  // free CPU of open rows, else least; the most of each block of rows
  std::vector<std::uint32_t> stamp_;         // by row: grows with each change of the node itself
  std::vector<KindOfPods> kinds_;
  std::vector<Kind> kind_of_;  // by shape
  std::vector<std::uint8_t> known_;
  std::vector<Step> steps_;
};

}  // namespace plimsoll::eks
