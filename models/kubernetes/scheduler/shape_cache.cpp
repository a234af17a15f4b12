#include "models/kubernetes/scheduler/shape_cache.h"

namespace plimsoll::kubernetes {

ShapeCache::ShapeCache(const ShapeCache& other) { *this = other; }

ShapeCache& ShapeCache::operator=(const ShapeCache& other) {
  if (this == &other) return *this;
  built = other.built;
  seen = other.seen;
  services = other.services;
  node_verdict = other.node_verdict;
  verdict = other.verdict;
  raw = other.raw;
  cluster_keys = other.cluster_keys;
  stale = other.stale;
  held = other.held;
  for (std::size_t i = 0; i < kPluginCount; ++i) {
    states[i] = other.states[i] ? other.states[i]->clone() : nullptr;
  }
  heeded = other.heeded;
  failed = other.failed;
  passing = other.passing;
  local_built = other.local_built;
  local_scorers = other.local_scorers;
  local = other.local;
  classes_built = other.classes_built;
  class_names = other.class_names;
  class_meaning = other.class_meaning;
  too_many = other.too_many;
  classes = other.classes;
  return *this;
}

}  // namespace plimsoll::kubernetes
