#include "models/kubernetes/workloads/revision_label.h"

#include <algorithm>
#include <string>

#include "models/kubernetes/scheduler/image_locality.h"

namespace plimsoll::kubernetes {

namespace {

/// Whether a spreading constraint or a term of pod affinity goes by the pod's own value of the label.
bool names_label(const PodShape& shape, NameId key) {
  const auto among = [key](const std::vector<NameId>& keys) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  const auto term = [&](const PodAffinityTerm& t) { return among(t.match_label_keys) || among(t.mismatch_label_keys); };
  const auto weighted = [&](const WeightedPodAffinityTerm& t) { return term(t.term); };
  return std::any_of(shape.spread.begin(), shape.spread.end(),
                     [&](const TopologySpreadConstraint& c) { return among(c.match_label_keys); }) ||
         std::any_of(shape.pod_required.begin(), shape.pod_required.end(), term) ||
         std::any_of(shape.anti_required.begin(), shape.anti_required.end(), term) ||
         std::any_of(shape.pod_preferred.begin(), shape.pod_preferred.end(), weighted) ||
         std::any_of(shape.anti_preferred.begin(), shape.anti_preferred.end(), weighted);
}

}  // namespace

ShapeId shape_of_revision(World& world, ShapeId shape, std::uint32_t revision, std::string_view label) {
  const NameId key = world.names.find(label);
  if (key.is_none()) return shape;
  if (!names_label(world.shapes[shape], key)) return shape;
  PodShape own = world.shapes[shape];
  own.labels.set(key, world.names.intern("revision-" + std::to_string(revision)));
  return world.shapes.intern(std::move(own));
}

ShapeId shape_of_revision(World& world, WorkloadId workload, ShapeId shape, std::uint32_t revision,
                          std::string_view label) {
  const Workload& w = world.workload(workload);
  const auto& first = w.images;
  const auto& own = w.template_of(revision).images;
  if (!first.empty() && !own.empty() && first.front().first != own.front().first) {
    const NameId before = world.names.intern(normalized_image_name(world.names.text(first.front().first)));
    PodShape changed = world.shapes[shape];
    const auto at = std::find(changed.images.begin(), changed.images.end(), before);
    if (at != changed.images.end()) {
      *at = world.names.intern(normalized_image_name(world.names.text(own.front().first)));
      shape = world.shapes.intern(std::move(changed));
    }
  }
  return shape_of_revision(world, shape, revision, label);
}

}  // namespace plimsoll::kubernetes
