#include "models/eks/node/node_image.h"

#include <utility>

namespace plimsoll::eks {

namespace {

/// The family of an amiType of the EKS API ("AL2023_ARM_64_STANDARD"); empty when it is none.
std::string_view family_of(std::string_view ami_type) {
  constexpr std::pair<std::string_view, std::string_view> kFamilies[] = {
      {"AL2023_", "AL2023"}, {"AL2_", "AL2"}, {"BOTTLEROCKET_", "Bottlerocket"}, {"WINDOWS_", "Windows"}};
  for (const auto& [prefix, family] : kFamilies) {
    if (ami_type.starts_with(prefix)) return family;
  }
  return {};
}

}  // namespace

NodeImage read_node_image(document::Fields& f) {
  const document::Node* said = f.node().find("ami");
  if (said != nullptr && said->is_scalar() && !f.describing()) {
    if (const std::string_view family = family_of(said->text()); !family.empty()) {
      f.text("ami", "AL2023", "EKS default since Kubernetes 1.30", "image family");
      NodeImage out = NodeImage::al2023;
      if (!find_node_image(family, out)) f.error("ami", std::string(kNoWindows), "take AL2023, AL2 or Bottlerocket");
      return out;
    }
  }
  const std::string_view names[] = {"AL2023", "AL2", "Bottlerocket", "Windows"};
  const std::size_t which = f.one_of("ami", names, 0, "EKS default since Kubernetes 1.30",
                                     "image family, or an amiType of the EKS API: kube-reserved and pod density");
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
