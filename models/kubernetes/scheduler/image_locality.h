#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/kubernetes/scheduler/plugin.h"

namespace plimsoll::kubernetes {

/// Prefers nodes that hold the pod's images, weighed by size and by how many nodes hold them. Images of shapes and
/// nodes carry normalised names; those of init containers, which the newest releases count, come last in a shape.
/// Nodes hold what their kubelets have told (models/kubernetes/kubelet/node_images.h).
/// Source: pkg/scheduler/framework/plugins/imagelocality (1.20.2, 1.26.15, 1.34).
class ImageLocality final : public Plugin {
 public:
  PluginId id() const override { return PluginId::image_locality; }
  Scope scope() const override { return Scope::node; }
  bool scores(const Cycle& cycle) const override;
  void score(const Cycle& cycle, std::span<const Row> rows, std::span<std::int64_t> scores) const override;
  std::uint64_t cluster_key(const Cycle& cycle) const override;

  /// The sizes of the pod's counted images on the node, -1 for one that it does not hold, into `sizes`; false when it
  /// holds none. A node's score is a matter of these and of the cluster: `score_of`.
  bool held_sizes(const Cycle& cycle, Row row, std::vector<std::int64_t>& sizes) const;
  std::int64_t score_of(const Cycle& cycle, std::span<const std::int64_t> sizes) const;
};

/// The name with ":latest" when it has neither tag nor digest.
std::string normalized_image_name(std::string_view image);

}  // namespace plimsoll::kubernetes
