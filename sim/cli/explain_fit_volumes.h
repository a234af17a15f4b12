#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "models/kubernetes/api/manifest_reader.h"
#include "sim/policy/workload_spec.h"

namespace plimsoll::cli {

/// Adds what the files of a run know of volumes to the set of a file that leaves it out: claims, those that its
/// StatefulSets make among them, classes and volumes that exist. A claim of neither is missing, as in a cluster.
void add_volumes_of_run(const Setting& setting, kubernetes::api::ManifestPod& file);

/// The claims of a pod that is tried on a cluster at an instant.
class FitVolumes {
 public:
  /// Ties the volumes of `shape` to where they are, or would be made: by `file`, and by what `world` has bound so far.
  FitVolumes(World& world, const kubernetes::api::ManifestPod& file, PodShape& shape);

  /// One of the pods was placed on this node: claims that waited for their first consumer are bound in its zone.
  /// True when that changed the shape.
  bool placed(World& world, NodeId node, PodShape& shape);

  /// How many of the pods placed by node could mount their volumes, and why the others wait; empty when all could.
  /// The volume of a claim that is ReadWriteOnce is attached to one node at a time.
  /// SOURCE: pkg/controller/volume/attachdetach/reconciler (isMultiAttachForbidden), volume_attachments.h.
  std::string waiting(const World& world, const std::vector<std::pair<NodeId, std::int64_t>>& by_node,
                      std::int64_t& starting) const;

 private:
  struct Once {
    std::string claim;
    NodeId node;  ///< that has it attached, or will
  };
  std::vector<Once> once_;
};

}  // namespace plimsoll::cli
