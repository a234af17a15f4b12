#pragma once

#include <string>
#include <vector>

#include "models/kubernetes/scheduler/framework.h"
#include "models/kubernetes/scheduler/pod_requests.h"

namespace plimsoll::kubernetes {

/// A small cluster for one plugin at a time.
struct PluginFixture {
  Names names;
  ShapeTable shapes;
  Snapshot snapshot;
  std::uint32_t next = 0;

  NameId name(const std::string& text) { return names.intern(text); }

  SnapshotNode node(const std::string& zone = "", std::int64_t millis = 4000, std::int64_t memory = 8 * kGiB) {
    SnapshotNode n;
    n.name = name("n" + std::to_string(snapshot.rows()));
    n.labels.set(name("kubernetes.io/hostname"), n.name);
    if (!zone.empty()) n.labels.set(name("topology.kubernetes.io/zone"), name(zone));
    n.allocatable.v = {millis * kCpuTicksPerMilli, memory, 0, 100, 0, 0};
    return n;
  }
  PodShape pod(const std::string& app = "a", std::int64_t millis = 0, std::int64_t memory = 0) {
    PodShape s;
    s.labels.set(name("app"), name(app));
    ContainerRequests r;
    r.cpu = cpu_millis(millis);
    r.memory = Bytes{memory};
    set_requests(s, {&r, 1}, {}, {});
    return s;
  }
  LabelSelector app(const std::string& value) { return {true, {{name("app"), SelectorOp::in, {name(value)}, 0}}}; }
  PodAffinityTerm near(const std::string& value, const std::string& key) { return {app(value), name(key), {}}; }
  void put(Row row, PodShape shape, bool terminating = false) {
    const ShapeId id = shapes.intern(std::move(shape));
    snapshot.add_pod(row, {PodId{next++}, id, 0, terminating, Time{}}, shapes[id]);
  }
  Profile only(PluginId plugin, KubernetesVersion version = KubernetesVersion::current, bool filter = true) {
    Profile p = default_profile(version);
    p.filters.clear();
    if (filter) p.filters = {plugin};
    p.scores = {{plugin, 1}};
    return p;
  }
  Grid ask(const Profile& profile, PodShape shape, std::vector<ServiceSelector> services = {}) {
    const ShapeId id = shapes.intern(std::move(shape));
    Framework framework(profile, names);
    framework.set_services(std::move(services));
    Scratch scratch;
    return framework.explain({snapshot, shapes, names}, id, scratch);
  }
};

}  // namespace plimsoll::kubernetes
