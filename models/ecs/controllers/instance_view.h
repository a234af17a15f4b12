#pragma once

#include <span>
#include <vector>

#include "models/ecs/placement.h"
#include "sim/cluster/world.h"

namespace plimsoll::ecs {

/// The container instances of a world as placement wants them: columns over ready and draining nodes in registration
/// order. What changed since the last call is taken from the snapshot's journal. A view belongs to one world and its
/// copies.
class InstanceView {
 public:
  /// Brings the columns up to date; `group_tasks` counts the pods of `workload` (terminating ones included, as ECS
  /// counts a stopping task's reservation until it has stopped). Attributes: the built-in zone and instance type.
  /// Usable are ready instances whose agent is connected, of `groups` only when some are given.
  void refresh(const World& world, WorkloadId workload, std::span<const NodeGroupId> groups = {});

  const InstanceColumns& columns() const { return columns_; }
  /// Adds to the columns until the next refresh.
  void show_attributes(std::span<const AttributeColumn> attributes) { columns_.attributes = attributes; }
  void show_ports(std::span<const std::vector<PortKey>> used) { columns_.used_ports = used; }
  NodeId node(std::uint32_t instance) const { return nodes_[instance]; }
  /// The instance in a row of the snapshot. @pre the row was alive at the last refresh.
  std::uint32_t instance_in(Row row) const { return instance_of_[row]; }

 private:
  static constexpr std::uint32_t kNoInstance = 0xffffffffu;
  static constexpr std::int64_t kStale = INT64_MAX;
  enum : std::uint8_t { kNode = 1, kPods = 2 };
  void rebuild(const World& world);
  bool take_changes(const World& world);
  void append(const World& world, Row row);
  void read(const World& world, std::uint32_t instance);
  void read_pods(const World& world, std::uint32_t instance);
  void drop_dead(const World& world);
  void count(WorkloadId workload, std::uint32_t instance, bool more);

  InstanceColumns columns_;
  std::uint64_t seen_ = 0;                  // version of the snapshot; 0: never read
  std::vector<Row> rows_;                   // by instance
  std::vector<std::uint32_t> instance_of_;  // by row; kNoInstance: none
  std::vector<Row> changed_;                // in take_changes
  std::vector<std::uint8_t> changes_;       // by row, kNode and kPods
  struct Counted {
    PodId pod;
    WorkloadId workload;
  };
  std::vector<std::vector<Counted>> pods_;  // by instance, in the row's order
  struct OnRow {
    Row row = 0;
    std::uint32_t tasks = 0;
  };
  std::vector<std::vector<OnRow>> counts_;  // by workload: where it has pods, ascending
  WorkloadId shown_;                        // whose pods group_tasks_ counts
  std::vector<std::uint32_t> group_tasks_;  // by instance
  std::vector<std::uint32_t> zone_counts_;  // by workload and zone: pods
  std::size_t zones_ = 0;
  std::vector<std::int64_t> block_free_cpu_;  // by block of instances; kStale: to be found again
  std::vector<NodeId> nodes_;
  std::vector<std::int64_t> free_cpu_, free_memory_, free_enis_, free_gpus_;
  std::vector<std::uint8_t> usable_, usable_of_groups_;
  std::vector<NoCandidate> no_candidate_, no_candidate_of_groups_;
  std::vector<NodeGroupId> group_;
  std::vector<std::uint32_t> zone_;
};

}  // namespace plimsoll::ecs
