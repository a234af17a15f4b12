#include "models/eks/node/node_image.h"

namespace plimsoll::eks {

NodeImage read_node_image(document::Fields& f) {
  const std::string_view names[] = {"AL2023", "AL2", "Bottlerocket", "Windows"};
  const std::size_t which =
      f.one_of("ami", names, 0, "EKS default since Kubernetes 1.30", "image family: kube-reserved and pod density");
  if (which == 3) f.error("ami", std::string(kNoWindows), "take AL2023, AL2 or Bottlerocket");
  return which == 1 ? NodeImage::al2 : which == 2 ? NodeImage::bottlerocket : NodeImage::al2023;
}

bool find_node_image(std::string_view family, NodeImage& out) {
  if (family == "AL2023" || family == "Custom" || family == "Ubuntu") {
    out = NodeImage::al2023;
  } else if (family == "AL2") {
    out = NodeImage::al2;
  } else if (family == "Bottlerocket") {
    out = NodeImage::bottlerocket;
  } else {
    return false;
  }
  return true;
}

}  // namespace plimsoll::eks
