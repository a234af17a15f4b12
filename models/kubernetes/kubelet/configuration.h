#pragma once

#include <cstdint>

#include "models/kubernetes/kubelet/disk_pressure.h"
#include "models/kubernetes/kubelet/node_images.h"
#include "sim/document/fields.h"

namespace plimsoll::kubernetes {

/// The fields of a KubeletConfiguration that change what a run does. SOURCE of the upstream defaults: kubernetes
/// pkg/kubelet/apis/config/v1beta1/defaults.go. The EKS-optimised images deviate in serializeImagePulls, which they set
/// to false: awslabs/amazon-eks-ami nodeadm/internal/kubelet/config.go.
struct KubeletConfiguration {
  bool serialize_image_pulls = false;
  std::int64_t max_parallel_image_pulls = 0;  ///< 0: no limit but the node's cores
  NodeImagesParameters status_images;
  DiskPressureParameters disk;
};

/// Reads `kubelet: {serializeImagePulls: ..., maxParallelImagePulls: ..., imageGCHighThresholdPercent: ..., ...}` of a
/// column.
KubeletConfiguration read_kubelet(document::Fields& column);

}  // namespace plimsoll::kubernetes
