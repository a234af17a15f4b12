#include "models/kubernetes/kubelet/configuration.h"

namespace plimsoll::kubernetes {

KubeletConfiguration read_kubelet(document::Fields& column) {
  KubeletConfiguration out;
  document::Fields f = column.child("kubelet", "KubeletConfiguration of EC2 nodes");
  out.serialize_image_pulls =
      f.boolean("serializeImagePulls", out.serialize_image_pulls, "amazon-eks-ami nodeadm: false (upstream: true)",
                "one image at a time on a node");
  out.max_parallel_image_pulls =
      f.integer("maxParallelImagePulls", 0, "KubeletConfiguration: no limit; a node's cores unpack one image each",
                "most images pulled side by side; 0 is one for each core", {0, 1000});
  if (out.serialize_image_pulls && out.max_parallel_image_pulls > 1) {
    // The kubelet does not start with such a configuration.
    f.error("maxParallelImagePulls", "images that are pulled one by one allow no more than 1",
            "set serializeImagePulls: false, or leave the limit out");
  }
  constexpr const char* kSource = "KubeletConfiguration";
  out.status_images.most = f.integer("nodeStatusMaxImages", out.status_images.most, kSource,
                                     "most images that a node tells of, the largest; -1: all", {-1, 100'000});
  out.status_images.status_period =
      f.duration("nodeStatusUpdateFrequency", out.status_images.status_period, kSource,
                 "how often a node's status is made; one that changed is posted", {seconds(1), hours(1)});
  ImageGcPolicy& images = out.disk.images;
  images.high_percent = f.integer("imageGCHighThresholdPercent", images.high_percent, kSource,
                                  "use of the disk at which unused images are removed, %", {0, 100});
  images.low_percent = f.integer("imageGCLowThresholdPercent", images.low_percent, kSource,
                                 "use of the disk down to which they are removed, %", {0, 100});
  if (images.low_percent >= images.high_percent)
    f.error("imageGCLowThresholdPercent",
            "must be less than imageGCHighThresholdPercent, which is " + std::to_string(images.high_percent));
  images.minimum_age = f.duration("imageMinimumGCAge", images.minimum_age, kSource,
                                  "age below which an unused image stays", {Duration{}, hours(24 * 365)});
  out.disk.transition =
      f.duration("evictionPressureTransitionPeriod", out.disk.transition, kSource,
                 "from the last sign of pressure until the node's taint goes", {seconds(1), hours(24)});
  document::Fields hard = f.child("evictionHard", "what must be available on a node, or pods are evicted");
  out.disk.nodefs_percent = hard.integer("nodefs.available", out.disk.nodefs_percent,
                                         "amazon-eks-ami nodeadm and upstream: 10 %", "of the root disk, %", {0, 100});
  out.disk.imagefs_percent =
      hard.integer("imagefs.available", out.disk.imagefs_percent, "amazon-eks-ami nodeadm: none (upstream: 15 %)",
                   "of the disk of the images, the same one, %", {0, 100});
  return out;
}

}  // namespace plimsoll::kubernetes
