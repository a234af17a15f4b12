#pragma once

#include <compare>
#include <cstddef>

namespace plimsoll::eks::karpenter {

/// A release of Karpenter, 0.36 to 1.14.
struct Release {
  int major = 1, minor = 14;
  friend constexpr auto operator<=>(const Release&, const Release&) = default;
};

/// Instance types that the scheduler keeps of a claim, cheapest first.
/// SOURCE: kubernetes-sigs/karpenter MaxInstanceTypes: 60 up to v1.4, 600 from v1.8 (the releases between: 60 here).
constexpr std::size_t max_instance_types(Release release) { return release < Release{1, 8} ? 60 : 600; }

/// Instance types that one CreateFleet call names. SOURCE: aws/karpenter-provider-aws pkg/providers/instance.
inline constexpr std::size_t kMaxFleetTypes = 60;

}  // namespace plimsoll::eks::karpenter
