#include "tests/conformance/node_autoscaling_fixture.h"

namespace plimsoll::conformance {

void register_karpenter(std::vector<Topic>&) {}

}  // namespace plimsoll::conformance
