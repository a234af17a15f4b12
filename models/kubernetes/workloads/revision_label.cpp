#include "models/kubernetes/workloads/revision_label.h"

#include <algorithm>
#include <string>

namespace plimsoll::kubernetes {

ShapeId shape_of_revision(World& world, ShapeId shape, std::uint32_t revision, std::string_view label) {
  const NameId key = world.names.find(label);
  if (key.is_none()) return shape;
  const auto names_it = [key](const TopologySpreadConstraint& c) {
    return std::find(c.match_label_keys.begin(), c.match_label_keys.end(), key) != c.match_label_keys.end();
  };
  const std::vector<TopologySpreadConstraint>& spread = world.shapes[shape].spread;
  if (std::none_of(spread.begin(), spread.end(), names_it)) return shape;
  PodShape own = world.shapes[shape];
  own.labels.set(key, world.names.intern("revision-" + std::to_string(revision)));
  return world.shapes.intern(std::move(own));
}

}  // namespace plimsoll::kubernetes
