#include "models/kubernetes/scheduler/shape_cache.h"

namespace plimsoll::kubernetes {

bool alike_on_nodes(const PodShape& a, const PodShape& b) {
  return a.requests == b.requests && a.extended == b.extended && a.nonzero_cpu == b.nonzero_cpu &&
         a.nonzero_memory == b.nonzero_memory && a.overhead_cpu == b.overhead_cpu &&
         a.requests_anything == b.requests_anything && a.priority == b.priority && a.node_selector == b.node_selector &&
         a.node_required == b.node_required && a.node_preferred == b.node_preferred && a.tolerations == b.tolerations &&
         a.host_ports == b.host_ports && a.volumes == b.volumes && a.node_name == b.node_name;
}

ShapeCache::ShapeCache(const ShapeCache& other) { *this = other; }

ShapeCache& ShapeCache::operator=(const ShapeCache& other) {
  if (this == &other) return *this;
  built = other.built;
  seen = other.seen;
  services = other.services;
  table = other.table;
  listens = other.listens;
  news = other.news;
  image = other.image;
  image_key = other.image_key;
  image_stale = other.image_stale;
  held = other.held;
  for (std::size_t i = 0; i < kPluginCount; ++i) {
    states[i] = other.states[i] ? other.states[i]->clone() : nullptr;
  }
  heeded = other.heeded;
  classes_built = other.classes_built;
  by_value = other.by_value;
  class_names = other.class_names;
  class_meaning = other.class_meaning;
  class_seen = other.class_seen;
  too_many = other.too_many;
  classes = other.classes;
  return *this;
}

}  // namespace plimsoll::kubernetes
