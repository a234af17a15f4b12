#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/eks/cluster_autoscaler/backoff.h"
#include "models/eks/cluster_autoscaler/node_group.h"
#include "models/eks/cluster_autoscaler/options.h"

namespace plimsoll::eks::ca {

/// An instance of an Auto Scaling group as the autoscaler knows it: from the cloud, and once it registered from the
/// cluster.
struct RegistryInstance {
  NodeId node;
  std::size_t group = 0;
  Time seen{};                   ///< since when the cloud lists it
  Time registered = kTimeNever;  ///< its Node object was created
  bool ready = false;
  bool to_be_deleted = false;  ///< carries the autoscaler's taint
};

/// Instances of a group by state. `unready` are nodes that were ready, or are not within max-node-startup-time.
struct Readiness {
  std::int64_t ready = 0, unready = 0, not_started = 0, unregistered = 0, long_unregistered = 0;
  std::int64_t registered() const { return ready + unready + not_started; }
};

/// What the registry says of the cluster at one instant.
struct RegistryView {
  std::vector<Readiness> readiness;    ///< by group
  std::vector<std::int64_t> upcoming;  ///< by group: nodes that stand-ins are put in the snapshot for
  std::vector<std::uint8_t> healthy;   ///< by group
  bool cluster_healthy = true;
  std::vector<NodeGroupId> timed_out;     ///< scale-ups that were given up now: the group is backed off
  std::vector<NodeId> long_unregistered;  ///< instances to delete, as far as their group's minimum allows
};

/// The cluster state registry: open scale-ups with their deadlines, which instances are missing, and who is healthy.
/// Copyable. SOURCE: kubernetes/autoscaler 1.28 and 1.37 cluster-autoscaler/clusterstate/clusterstate.go. Left out:
/// node groups made by autoprovisioning, scale-down requests in the acceptable range.
class Registry {
 public:
  /// A group was told to grow. More growth of the same group moves the deadline.
  void scale_up(NodeGroupId group, std::int64_t increase, Time now, Duration provision_time);
  /// The provider reported that instances of the group cannot be had: the open scale-up ends and the group is backed
  /// off. SOURCE: handleInstanceCreationErrors.
  void creation_failed(NodeGroupId group, Time now, Backoff& backoff);
  bool has_open_scale_up(NodeGroupId group) const;

  /// Brings the requests up to date and answers how things stand.
  RegistryView update(std::span<const NodeGroup> groups, std::span<const RegistryInstance> instances, Time now,
                      const Options& options, Backoff& backoff);

 private:
  struct Request {
    NodeGroupId group;
    std::int64_t increase = 0;
    Time expected{};
  };
  const Request* request_of(NodeGroupId group) const;
  bool is_healthy(const NodeGroup& group, const Readiness& r, const Options& options) const;

  std::vector<Request> requests_;
};

}  // namespace plimsoll::eks::ca
