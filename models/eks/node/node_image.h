#pragma once

#include <cstdint>
#include <string_view>

#include "sim/document/fields.h"

namespace plimsoll::eks {

/// The EKS-optimised image families. SOURCE: EKS user guide, "Create nodes with optimized Amazon Linux images",
/// "Bottlerocket AMIs"; Karpenter's amiFamily.
enum class NodeImage : std::uint8_t { al2023, al2, bottlerocket };

/// Reads `ami`: AL2023, AL2 or Bottlerocket, or an amiType of the EKS API ("AL2023_x86_64_STANDARD"), which may stand
/// under `amiType` as well. Windows is refused with the reason.
NodeImage read_node_image(document::Fields& f);

/// By Karpenter's name of the family; Windows families are none.
bool find_node_image(std::string_view family, NodeImage& out);

/// Why a column cannot have Windows nodes.
inline constexpr std::string_view kNoWindows =
    "Windows nodes are not simulated: the applications of a scenario are Linux pods, which cannot run on them";

}  // namespace plimsoll::eks
