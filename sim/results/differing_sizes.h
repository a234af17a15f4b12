#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::results {

/// What opens the remarks on applications whose files give them another size on either side. One remark follows for
/// each: "ui: 1000m/2Gi, 250m/1536Mi", the ECS side first.
inline constexpr std::string_view kDifferingSizes =
    "The two sides run with different sizes, as their files say: app, ECS, Kubernetes.";

struct DifferingSize {
  std::string app, ecs, kubernetes;
};

/// Takes these remarks out of `remarks`; none when there are none.
std::vector<DifferingSize> take_differing_sizes(std::vector<std::string>& remarks);

}  // namespace plimsoll::results
