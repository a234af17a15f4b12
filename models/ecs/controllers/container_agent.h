#pragma once

#include <utility>
#include <vector>

#include "models/ecs/image_cleanup.h"
#include "sim/cluster/world.h"

namespace plimsoll::ecs {

struct ContainerAgentParameters {
  /// The agent looks for an interruption notice every second. SOURCE: aws/amazon-ecs-agent agent/app (spot poll).
  Duration spot_poll = seconds(1);
  /// A dead agent's connection is dropped after 1 to 2 minutes without a heartbeat. SOURCE: aws/amazon-ecs-agent
  /// ecs-agent/acs/session (1 min + U(0, 1 min)).
  Delay disconnected = Delay::uniform(minutes(1), minutes(2));
  /// From a failed health check of a task behind a balancer to its replacement; our reading, as of the scheduler.
  Delay replace_unhealthy = Delay::uniform(seconds(1), seconds(5));
  ImageCleanupPolicy cleanup;
  Bytes system = gibibytes(4);          ///< of a disk, used by the operating system; assumed
  std::int64_t unpacked_percent = 250;  ///< size of an image on disk, of its compressed size; assumed
};

/// What the container agents tell ECS of their instances when these go away, and how they clean up.
///
/// On a Spot interruption notice an instance is set to DRAINING when its agent was told to
/// (ECS_ENABLE_SPOT_INSTANCE_DRAINING, false by default) or its provider has managed draining; the service scheduler
/// then replaces its tasks within the two minutes that are left. An agent that is silent is disconnected: no task is
/// placed on its instance, those on it are kept until a balancer's health checks fail them, or the instance is
/// terminated. SOURCE: ECS developer guide, "Container instance draining", "Safely stop Amazon ECS workloads running on
/// EC2 instances"; aws/amazon-ecs-agent README.
///
/// The containers of a stopped task are removed when task_wait is over; from then on its images may go. Every
/// `interval` of an instance's life a cycle removes what images_to_clean says, whatever room there is; layers go with
/// the last image that has them. What is removed has to be pulled again. Cycles that find nothing are no events.
/// An instance's disk (`set_disk`) holds the system and the unpacked images: a task whose images do not fit fails with
/// CannotPullContainerError (no space left on device) and is replaced by its service as any that cannot start. Our
/// reading: at once, though its pull would end where the disk does. Images that ECS did not pull are not on these
/// instances, so ECS_ENABLE_UNTRACKED_IMAGE_CLEANUP has nothing to do.
///
/// A task's own change of state is sent at once and takes along the changes of its containers; the batches every 10 to
/// 30 s carry only what changed in a container without its task (agent/eventhandler/task_handler.go), which no rule
/// here waits for. Left out: what containers write to disk.
class ContainerAgents : public ComponentOf<ContainerAgents> {
 public:
  explicit ContainerAgents(ContainerAgentParameters parameters) : parameters_(std::move(parameters)) {}
  /// Instances of this group are drained on a Spot notice.
  void drain_on_notice(NodeGroupId group) { draining_.push_back(group); }
  /// This image of a template is a layer that images share: it is no image of its own to the agent.
  void add_layer(NameId layer) { layers_.push_back(layer); }
  /// Size of the root volume of the group's instances; without it no disk fills.
  void set_disk(NodeGroupId group, Bytes size) { disk_sizes_.emplace_back(group, size); }

  bool watches() const override { return true; }
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  enum : std::uint64_t { kDrain = 0, kDisconnected = 1, kUnhealthy = 2, kClean = 3, kNoSpace = 4 };
  /// A task that has stopped and whose containers are still there.
  struct Stopped {
    WorkloadId workload;
    std::uint32_t revision = 0;
    Time removed{};  ///< its containers will be
  };
  struct Disk {
    std::vector<Stopped> stopped;
    std::vector<std::pair<NameId, Time>> last_used;  ///< by image: when a task that had it was last cleaned up
    std::vector<NameId> unstored;                    ///< images that did not fit, while the world has them
    Time cycle = kTimeNever;                         ///< the next one that is planned
  };
  struct Image {
    NameId name;
    Bytes size;
    std::vector<NameId> layers;
  };
  bool is_layer(NameId image) const;
  Disk& disk_of(NodeId node);
  void learn(const PodTemplate& made_of);
  const Image* image_of(NameId name) const;
  Bytes size_of(NameId image) const;
  bool fits(const Node& node, const PodTemplate& made_of);
  void refuse_pull(World& world, PodId task);
  void drop_unstored(World& world, NodeId node, Disk& disk);
  void plan_cycle(World& world, NodeId node, Time earliest);
  void clean(World& world, NodeId node);
  static void drop_layers(World& world, NodeId node, const std::vector<Image>& images,
                          const std::vector<NameId>& layers);

  ContainerAgentParameters parameters_;
  std::vector<NodeGroupId> draining_;
  std::vector<NameId> layers_;
  std::vector<std::pair<NodeGroupId, Bytes>> disk_sizes_;
  std::vector<Image> images_;            ///< all that were ever asked for, layers too
  std::vector<std::uint32_t> image_at_;  ///< by name: where in images_, from 1; 0 for others
  std::int64_t all_images_ = 0;          ///< bytes of them together, unpacked
  std::vector<Disk> disks_;              ///< by node
};

}  // namespace plimsoll::ecs
