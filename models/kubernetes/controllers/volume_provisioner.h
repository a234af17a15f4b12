#pragma once

#include <cstddef>
#include <string_view>

namespace plimsoll::kubernetes {

/// Which of `count` topologies, sorted by name, the provisioner of a CSI driver makes the volume of a claim in when the
/// class binds at once: by the FNV-1 hash of the claim's name, 32 bits. Of a name that ends in "-<ordinal>" only what
/// stands before it counts, and of that the part after the last dash (the StatefulSet's name), plus the ordinal: the
/// volumes of a set go round the zones, those of one pod stay together. @pre count > 0.
/// SOURCE: kubernetes-csi/external-provisioner pkg/controller/topology.go (GenerateAccessibilityRequirements,
/// getPVCNameHashAndIndexOffset). Left out: topologies that a driver reports beside zones.
std::size_t topology_of_claim(std::string_view claim, std::size_t count);

}  // namespace plimsoll::kubernetes
