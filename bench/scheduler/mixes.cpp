#include "bench/scheduler/mixes.h"

#include <fmt/format.h>

namespace plimsoll::bench {

namespace {

constexpr std::string_view kZone = "topology.kubernetes.io/zone";
constexpr std::string_view kHost = "kubernetes.io/hostname";

LabelSelector app_selector(World& world, std::string_view app) {
  Requirement r;
  r.key = world.names.intern("app");
  r.values = {world.names.intern(app)};
  return {true, {r}};
}

/// Pods of 100m and 500 MiB unless asked otherwise, labelled with the workload's name.
PodShape pod(World& world, std::string_view app, std::int64_t millis = 100, std::int64_t mib = 500) {
  PodShape s;
  s.namespace_name = world.names.intern("default");
  s.labels.set(world.names.intern("app"), world.names.intern(app));
  s.requests.set_cpu(cpu_millis(millis));
  s.requests.set_memory(mebibytes(mib));
  s.requests[Resource::pods] = 1;
  s.requests_anything = true;
  s.nonzero_cpu = s.requests.cpu().raw();
  s.nonzero_memory = s.requests.memory().raw();
  return s;
}

void add(World& world, std::string_view name, PodShape shape) {
  Workload w;
  w.name = world.names.intern(name);
  w.requests = shape.requests;
  w.shape = world.shapes.intern(std::move(shape));
  world.add_workload(std::move(w));
}

void add_spread(World& world, std::string_view name, WhenUnsatisfiable when) {
  PodShape s = pod(world, name);
  TopologySpreadConstraint c;
  c.max_skew = 5;
  c.topology_key = world.names.intern(kZone);
  c.when = when;
  c.selector = app_selector(world, name);
  s.spread = {c};
  add(world, name, std::move(s));
}

void add_affinity(World& world) {
  const auto term = [&](std::string_view app, std::string_view key) {
    return PodAffinityTerm{app_selector(world, app), world.names.intern(key), {}};
  };
  PodShape together = pod(world, "hard-affinity");
  together.pod_required = {term("hard-affinity", kZone)};
  add(world, "hard-affinity", std::move(together));
  PodShape near = pod(world, "soft-affinity");
  near.pod_preferred = {{10, term("soft-affinity", kHost)}};
  add(world, "soft-affinity", std::move(near));
  PodShape apart = pod(world, "soft-anti-affinity");
  apart.anti_preferred = {{10, term("soft-anti-affinity", kHost)}};
  add(world, "soft-anti-affinity", std::move(apart));
  PodShape alone = pod(world, "hard-anti-affinity");
  alone.anti_required = {term("hard-anti-affinity", kHost)};
  add(world, "hard-anti-affinity", std::move(alone));
}

void add_shapes(World& world) {
  for (int i = 0; i < 10; ++i) {
    const std::string name = fmt::format("shape-{}", i);
    PodShape s = pod(world, name, 50 + 25 * (i % 4), 200 + 100 * (i % 5));
    if (i % 3 == 0) {
      Toleration t;
      t.key = world.names.intern("dedicated");
      t.exists = true;
      s.tolerations = {t};
    }
    if (i % 4 == 1) s.node_selector = {{world.names.intern("disk"), world.names.intern("ssd")}};
    if (i % 2 == 0) {
      Requirement r;
      r.key = world.names.intern("family");
      r.values = {world.names.intern(i % 4 == 0 ? "m" : "c")};
      s.node_preferred = {{20, {{r}, {}}}};
    }
    add(world, name, std::move(s));
  }
}

}  // namespace

std::vector<Mix> scheduler_mixes() {
  return {{"basic", "one shape without rules"},
          {"spread", "zone spread, maxSkew 5: DoNotSchedule and ScheduleAnyway in turn"},
          {"affinity", "required zone affinity, preferred host affinity and anti-affinity, required anti-affinity"},
          {"shapes", "ten shapes with tolerations, node selectors and preferred node affinity"}};
}

World scheduler_world(std::string_view mix, std::size_t nodes) {
  World world(1, kTimeZero, kTimeZero + hours(24));
  for (const char* zone : {"zone-a", "zone-b", "zone-c"}) world.add_zone(zone);
  for (std::size_t i = 0; i < nodes; ++i) {
    NodeSpec spec;
    spec.name_prefix = "node";
    spec.zone = ZoneId{i % 3};
    spec.capacity.set_cpu(cpu_cores(16));
    spec.capacity.set_memory(gibibytes(64));
    spec.capacity[Resource::pods] = 110;
    spec.allocatable = spec.capacity;
    spec.labels.set(world.names.intern(kZone), world.zones()[i % 3]);
    if (mix == "shapes") {
      spec.labels.set(world.names.intern("disk"), world.names.intern(i % 4 < 2 ? "ssd" : "hdd"));
      spec.labels.set(world.names.intern("family"), world.names.intern(i % 5 < 2 ? "m" : i % 5 < 4 ? "c" : "r"));
      if (i % 10 == 3) spec.taints.push_back({world.names.intern("dedicated"), {}, TaintEffect::no_schedule});
      if (i % 10 == 7) spec.taints.push_back({world.names.intern("old"), {}, TaintEffect::prefer_no_schedule});
    }
    const NodeId id = world.request_node(spec);
    Node& node = world.edit_node(id);
    node.labels.set(world.names.intern(kHost), node.name);
    world.node_running(id);
    world.node_ready(id);
  }
  if (mix == "basic") {
    add(world, "basic", pod(world, "basic"));
  } else if (mix == "spread") {
    add_spread(world, "hard-spread", WhenUnsatisfiable::do_not_schedule);
    add_spread(world, "soft-spread", WhenUnsatisfiable::schedule_anyway);
  } else if (mix == "affinity") {
    add_affinity(world);
  } else {
    add_shapes(world);
  }
  return world;
}

std::vector<WorkloadId> scheduler_arrivals(const World& world, std::string_view mix, std::size_t nodes,
                                           std::size_t pods) {
  std::vector<WorkloadId> out;
  out.reserve(pods);
  std::size_t alone = 0;
  for (std::size_t i = 0; i < pods; ++i) {
    std::size_t which = i % world.workloads().size();
    if (mix == "affinity") {
      // One pod in ten wants a host without its like, as long as there may be one.
      which = i % 3;
      if (i % 10 == 9 && alone < nodes) {
        which = 3;
        ++alone;
      }
    }
    out.emplace_back(which);
  }
  return out;
}

}  // namespace plimsoll::bench
