#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "models/kubernetes/scheduler/plugin.h"
#include "models/kubernetes/scheduler/profile.h"
#include "models/kubernetes/scheduler/scratch.h"
#include "sim/core/random.h"

namespace plimsoll::kubernetes {

/// How the answers are computed. Both give the same decisions: `fast` keeps results per shape and redoes only what
/// changed, `plain` asks every plugin about every node each time.
enum class Path : std::uint8_t { fast, plain };

/// The scheduler's memory between decisions (part of the world, not a cache): where the next search begins.
struct SearchState {
  std::size_t next_start = 0;
};

/// Draws of one decision: `below(count)` is draw `item` of the stream.
struct TieDraw {
  Stream stream{0, std::uint64_t{0}, Purpose::tie_break};
  std::uint64_t item = 0;
  std::size_t below(std::size_t count) const { return static_cast<std::size_t>(stream.below(count, item)); }
};

/// The outcome of one cycle, with its reasons as data.
struct Decision {
  Row row = kNoRow;  // none: no node is feasible
  std::int64_t total = -1;
  Row runner_up = kNoRow;  // the best of the others; among equals the first in row order (`tie: first`: name order)
  std::int64_t runner_up_total = -1;
  std::uint32_t looked_at = 0, feasible = 0;
  /// Nodes by reason; a node that lacks two resources counts under both, as in the message of kubectl describe.
  std::array<std::uint32_t, kReasonCount> failed{};
  bool placed() const { return row != kNoRow; }
  friend bool operator==(const Decision&, const Decision&) = default;
};

/// A node by plugin table of one decision, for explain and for checks.
struct Grid {
  struct Column {
    PluginId plugin = PluginId::none;
    std::int64_t weight = 1;
    std::vector<std::int64_t> raw, normalized;  // by feasible node
  };
  std::vector<Row> rows;          // all live rows, in row order
  std::vector<Verdict> verdicts;  // by rows
  std::vector<Row> feasible;
  std::vector<Column> columns;
  std::vector<std::int64_t> totals;  // by feasible node
};

/// The predicates and priorities of kube-scheduler on a snapshot. Cluster Autoscaler and Karpenter simulate on
/// `filter_row`; the scheduler calls `schedule_one`. Never changes the snapshot. Copies share the (immutable) plugins.
///
/// A Scratch belongs to one Snapshot object and its history (copy both together, or `clear()` the scratch); results
/// never depend on what it holds.
class Framework {
 public:
  Framework(Profile profile, Names& names);

  const Profile& profile() const { return profile_; }
  const WellKnown& keys() const { return keys_; }

  /// Services whose selectors feed the default spreading constraints.
  void set_services(std::vector<ServiceSelector> services);
  std::span<const ServiceSelector> services() const { return services_; }

  /// Would the pod fit on this node as the snapshot stands: all filters of the profile, spread and inter-pod affinity
  /// included. @pre the row is alive.
  Verdict filter_row(const ClusterView& view, ShapeId shape, Row row, Scratch& scratch) const;
  /// The same without the filters that look at other nodes (spread, inter-pod affinity), and without keeping anything:
  /// for simulations that ask few times about many states of one row.
  Verdict filter_alone(const ClusterView& view, ShapeId shape, Row row) const;
  /// The same for one plugin's opinion of every live row, row order.
  void filter_all(const ClusterView& view, ShapeId shape, Scratch& scratch, std::vector<Row>& rows,
                  std::vector<Verdict>& verdicts, Path path = Path::fast) const;

  /// The first nodes that pass, at most `num_feasible_nodes(live, percentage)`, visited round the node list from
  /// `search.next_start`, which moves on. The span lives in the scratch until its next use. `failed` counts by reason.
  std::span<const Row> find_feasible(const ClusterView& view, ShapeId shape, SearchState& search, Scratch& scratch,
                                     Decision& counts, Path path = Path::fast) const;

  /// One whole cycle without preemption. Among equal totals the draw k in [0, count) takes the k-th in row order.
  Decision schedule_one(const ClusterView& view, ShapeId shape, SearchState& search, const TieDraw& draw,
                        Scratch& scratch, Path path = Path::fast) const;

  /// Every node by every plugin, without sampling.
  Grid explain(const ClusterView& view, ShapeId shape, Scratch& scratch) const;
  /// Scores of the given nodes as if they were the feasible ones (they are, or the profile has no filters).
  Grid score_rows(const ClusterView& view, ShapeId shape, std::span<const Row> rows, Scratch& scratch) const;

 private:
  friend class CycleRunner;

  Profile profile_;
  WellKnown keys_;
  std::vector<ServiceSelector> services_;
  std::uint64_t services_version_ = 1;
  std::vector<std::shared_ptr<const Plugin>> filters_;
  std::vector<std::shared_ptr<const Plugin>> cluster_;  // those of cluster scope, each once
  struct Scorer {
    std::shared_ptr<const Plugin> plugin;
    std::int64_t weight = 1;
  };
  std::vector<Scorer> scorers_;
};

}  // namespace plimsoll::kubernetes
