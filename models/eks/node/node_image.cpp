#include "models/eks/node/node_image.h"

#include <optional>
#include <string>
#include <utility>

#include "sim/core/text.h"

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

/// `amiType`, the key of the EKS API, where it stands instead of `ami`.
std::optional<NodeImage> read_ami_type(document::Fields& f) {
  // SOURCE: Amazon EKS API reference, Nodegroup (amiType). CUSTOM stands for an image of one's own.
  constexpr std::string_view kTypes[] = {"AL2_x86_64",
                                         "AL2_x86_64_GPU",
                                         "AL2_ARM_64",
                                         "AL2023_x86_64_STANDARD",
                                         "AL2023_ARM_64_STANDARD",
                                         "AL2023_x86_64_NVIDIA",
                                         "AL2023_ARM_64_NVIDIA",
                                         "AL2023_x86_64_NEURON",
                                         "BOTTLEROCKET_ARM_64",
                                         "BOTTLEROCKET_x86_64",
                                         "BOTTLEROCKET_ARM_64_NVIDIA",
                                         "BOTTLEROCKET_x86_64_NVIDIA",
                                         "BOTTLEROCKET_ARM_64_FIPS",
                                         "BOTTLEROCKET_x86_64_FIPS",
                                         "CUSTOM"};
  const auto type = f.optional_text("amiType", "the image as the EKS API has it, instead of ami");
  if (!type || f.describing()) return std::nullopt;
  if (f.has("ami")) f.error("amiType", "ami and amiType exclude each other", "write one of them");
  NodeImage out = NodeImage::al2023;
  const std::string_view family = family_of(*type);
  if (family == "Windows") {
    f.error("amiType", std::string(kNoWindows), "take AL2023_x86_64_STANDARD or another Linux image");
  } else if (family.empty() && *type != "CUSTOM") {
    const std::string near = nearest(*type, kTypes);
    f.error("amiType", "EKS has no amiType '" + *type + "'", near.empty() ? "" : "did you mean '" + near + "'?");
  } else if (!family.empty()) {
    find_node_image(family, out);
  }
  return out;
}

}  // namespace

NodeImage read_node_image(document::Fields& f) {
  const std::optional<NodeImage> by_type = read_ami_type(f);
  if (by_type && !f.has("ami")) return *by_type;
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
