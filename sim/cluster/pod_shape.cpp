#include "sim/cluster/pod_shape.h"

namespace plimsoll {

ShapeId ShapeTable::intern(PodShape shape) {
  for (std::size_t i = 0; i < shapes_.size(); ++i) {
    if (shapes_[i] == shape) return ShapeId{i};
  }
  shapes_.push_back(std::move(shape));
  return ShapeId{shapes_.size() - 1};
}

}  // namespace plimsoll
