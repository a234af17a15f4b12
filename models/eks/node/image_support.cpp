#include "models/eks/node/image_support.h"

#include <optional>

namespace plimsoll::eks {

bool starts_on(NodeImage image, const aws::InstanceType& type) {
  return image != NodeImage::al2023 || !type.name.starts_with("a1.");
}

std::string ami_type_fault(std::string_view ami_type, const aws::InstanceType& type) {
  std::optional<aws::Architecture> of;
  if (ami_type.find("_ARM_64") != std::string_view::npos) of = aws::Architecture::arm64;
  if (ami_type.find("_x86_64") != std::string_view::npos) of = aws::Architecture::x86_64;
  if (!of || *of == type.arch) return {};
  return std::string(ami_type) + " is an image for " + std::string(to_string(*of)) + ", and " + std::string(type.name) +
         " is " + std::string(to_string(type.arch));
}

}  // namespace plimsoll::eks
