#pragma once

#include <cstdint>

namespace plimsoll::kubernetes {

/// Which release's rules are followed: 1.20 (checked against 1.20.2), 1.26 (checked against 1.26.15), or the newest
/// that this project knows (scheduler 1.34).
enum class KubernetesVersion : std::uint8_t { v1_20, v1_26, current };

}  // namespace plimsoll::kubernetes
