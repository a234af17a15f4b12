#include "models/aws/controllers/external_instances.h"

namespace plimsoll::aws {

void ExternalInstances::start(World& world) {
  for (std::int64_t i = 0; i < count_; ++i) {
    const NodeId node = world.request_node(spec_);
    world.node_running(node);
    world.node_ready(node);
  }
}

}  // namespace plimsoll::aws
