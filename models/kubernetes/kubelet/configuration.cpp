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
  return out;
}

}  // namespace plimsoll::kubernetes
