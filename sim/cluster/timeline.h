#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/cluster/world.h"

namespace plimsoll {

/// A new revision of an application: what is not said stays as it is in the revision wanted until then, but its faults
/// are its own.
struct DeployEvent {
  std::string workload;
  std::optional<Bytes> image;
  std::optional<Duration> start_cpu, start_wait;
  std::optional<double> start_cores;
  std::optional<Ppm> work_scale;  ///< CPU time of a request, of what the application says
  Ppm errors{};                   ///< of its answers
  Failure fails;
};

/// Back to an older revision; without a number to the one that the newest replaced. Nothing when it is wanted already
/// (an orchestrator may have rolled back by itself).
struct RollbackEvent {
  std::string workload;
  std::optional<std::int64_t> to;
};

/// New bounds of an application's replicas; a fixed number has both equal.
struct ScaleEvent {
  std::string workload;
  std::optional<std::int64_t> minimum, maximum;
};

/// Nodes that die at once.
struct NodeFailure {
  std::string node;  ///< name; empty: drawn among those that carry application pods
  std::int64_t count = 1;
};

/// An availability zone that fails: all that runs in it is lost, and nothing can be launched there meanwhile.
struct ZoneFailure {
  std::string zone;
  std::optional<Duration> lasts;  ///< absent: until the end of the run
};

/// A new machine image for nodes is out: managed node groups are updated to it, Karpenter's nodes drift.
struct ImageRelease {};

/// The managed control plane of a column is updated to another release; columns without one pass it over.
struct ControlPlaneUpdate {
  std::string version;  ///< "1.33"
};

/// Of the component that owns a column's managed control plane.
class ManagedControlPlane {
 public:
  virtual ~ManagedControlPlane() = default;
  /// Somebody asks for another release. It may be refused.
  virtual void update_version(World& world, const std::string& version) = 0;
};

/// Somebody removes the scheduling gates of an application's pods that are there at this instant (Kueue, a script);
/// pods that are made later have those of the template again. Columns without gates pass it over.
struct SchedulingGatesRemoval {
  std::string workload;
};

/// Of a component that keeps pods by what stands in their spec.
class WatchesPodUpdates {
 public:
  virtual ~WatchesPodUpdates() = default;
  /// A pod's spec has changed (its last scheduling gate was removed).
  virtual void pod_updated(World& world, PodId pod) = 0;
};

/// What happens at an instant, in neutral words: every column lives through the same. A new kind is one more struct
/// here, its key in sim/scenario/events and its case in Timeline::happen.
struct TimelineEvent {
  Duration at{};  ///< from the beginning of the counted window
  std::variant<ScaleEvent, NodeFailure, ZoneFailure, DeployEvent, RollbackEvent, ImageRelease, ControlPlaneUpdate,
               SchedulingGatesRemoval>
      what;
};

/// Makes the events of a scenario happen, by commands on the world. Names of workloads and zones are those of the
/// world; a workload that a column does not have, or a node that does not live, is passed over.
class Timeline : public ComponentOf<Timeline> {
 public:
  explicit Timeline(std::vector<TimelineEvent> events) : events_(std::move(events)) {}

  void start(World& world) override;
  void handle(World& world, const Event& event) override;

 private:
  enum : std::uint64_t { kBegin = 0, kEnd = 1 };
  void happen(World& world, const ScaleEvent& event, std::size_t index) const;
  void happen(World& world, const NodeFailure& event, std::size_t index) const;
  void happen(World& world, const ZoneFailure& event, std::size_t index) const;
  void happen(World& world, const DeployEvent& event, std::size_t index) const;
  void happen(World& world, const RollbackEvent& event, std::size_t index) const;
  void happen(World& world, const ImageRelease&, std::size_t /*index*/) const { world.release_image(); }
  void happen(World& world, const ControlPlaneUpdate& event, std::size_t index) const;
  void happen(World& world, const SchedulingGatesRemoval& event, std::size_t index) const;

  std::vector<TimelineEvent> events_;
};

}  // namespace plimsoll
