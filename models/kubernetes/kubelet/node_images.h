#pragma once

#include <cstdint>
#include <vector>

#include "sim/cluster/world.h"

namespace plimsoll::kubernetes {

/// SOURCE: KubeletConfiguration, pkg/kubelet/apis/config/v1beta1/defaults.go (nodeStatusMaxImages,
/// nodeStatusUpdateFrequency); pkg/kubelet/images/image_gc_manager.go Start (the list of images is read every 30 s).
struct NodeImagesParameters {
  std::int64_t most = 50;                ///< nodeStatusMaxImages; -1: no limit
  Duration list_period = seconds(30);    ///< how often the kubelet lists the images of its runtime
  Duration status_period = seconds(10);  ///< nodeStatusUpdateFrequency: a changed status is posted at the next tick
};

/// status.images of the EC2 nodes of a cluster, which ImageLocality scores by: what HostAgent has on a node's disk, as
/// its kubelet tells it. The kubelet lists its images every 30 s and posts a status that has changed at the next of its
/// ticks every 10 s, so that an image is known up to 40 s after it came or went; both loops begin with the node, at
/// instants drawn for it. Of more than 50 images the largest are told. Sizes are those of the content as it was pulled,
/// which containerd tells; a layer that images share counts to each of them.
/// SOURCE: pkg/kubelet/nodestatus/setters.go Images, pkg/kubelet/kubelet_node_status.go (1.20 to 1.34); the order among
/// images of one size is left to chance there, here it is that of arrival. Left out: digests and further names of an
/// image, the pause image, images that come with the machine image.
class NodeImages : public ComponentOf<NodeImages> {
 public:
  explicit NodeImages(const NodeImagesParameters& parameters) : parameters_(parameters) {}

  /// The images of a node have changed otherwise than by a pull: wake this component so.
  static constexpr std::uint64_t kChanged = 0;
  static std::uint64_t changed(NodeId node) { return std::uint64_t{node.value()} << 8 | kChanged; }

  bool watches() const override { return true; }
  void on_fact(World& world, const FactRecord& fact) override;
  void handle(World& world, const Event& event) override;

 private:
  enum : std::uint64_t { kReport = 1 };
  struct Image {
    NameId name;  ///< as shapes have it; none: no image that was seen, or a layer of one
    std::int64_t size = 0;
  };

  void learn(World& world, const Pod& pod);
  void schedule(World& world, NodeId node);
  /// When an image that is on the disk from `since` on is in the node's status.
  Time told(const World& world, const Node& node, Time since) const;
  void report(World& world, NodeId node);

  NodeImagesParameters parameters_;
  std::vector<Image> images_;          ///< by name on the disk
  std::vector<std::uint8_t> pending_;  ///< by node: a report is under way
};

}  // namespace plimsoll::kubernetes
