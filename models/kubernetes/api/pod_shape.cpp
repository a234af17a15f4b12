#include "models/kubernetes/api/pod_shape.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "models/kubernetes/api/quantity.h"
#include "models/kubernetes/scheduler/image_locality.h"
#include "models/kubernetes/scheduler/pod_requests.h"

namespace plimsoll::kubernetes::api {

namespace {

NameId or_none(const std::string& text, Names& names) { return text.empty() ? NameId{} : names.intern(text); }

std::vector<Requirement> to_requirements(const std::vector<MatchExpression>& expressions, Names& names) {
  std::vector<Requirement> out;
  for (const MatchExpression& e : expressions) {
    Requirement r;
    r.key = names.intern(e.key);
    r.op = e.op;
    for (const std::string& v : e.values) r.values.push_back(names.intern(v));
    if ((e.op == SelectorOp::gt || e.op == SelectorOp::lt) && !e.values.empty()) {
      // A bound that is no integer makes its term match nothing: as an In without values does.
      const std::string& text = e.values[0];
      const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), r.number);
      if (fault != std::errc{} || end != text.data() + text.size()) {
        r.op = SelectorOp::in;
        r.values.clear();
      }
    }
    out.push_back(std::move(r));
  }
  return out;
}

NodeSelectorTerm to_node_term(const NodeTerm& t, Names& names) {
  return {to_requirements(t.expressions, names), to_requirements(t.fields, names)};
}

PodAffinityTerm to_pod_term(const PodTerm& t, Names& names) {
  PodAffinityTerm out;
  out.selector = to_label_selector(t.selector, names);
  out.topology_key = names.intern(t.topology_key);
  for (const std::string& n : t.namespaces) out.namespaces.push_back(names.intern(n));
  out.namespace_selector = to_label_selector(t.namespace_selector, names);
  for (const std::string& key : t.match_label_keys) out.match_label_keys.push_back(names.intern(key));
  for (const std::string& key : t.mismatch_label_keys) out.mismatch_label_keys.push_back(names.intern(key));
  return out;
}

ContainerRequests to_requests(const ResourceAmountsSpec& amounts, bool sidecar, Names& names) {
  ContainerRequests out;
  out.cpu = amounts.cpu;
  out.memory = amounts.memory;
  out.ephemeral_storage = amounts.ephemeral_storage;
  for (const auto& [name, amount] : amounts.extended) out.extended.emplace_back(names.intern(name), amount);
  out.sidecar = sidecar;
  return out;
}

void resolve_priority(const PodTemplate& pod, const std::vector<PriorityClass>& classes, PodShape& shape) {
  shape.preempts = pod.preempts;
  if (pod.priority) {
    shape.priority = *pod.priority;
    return;
  }
  if (pod.priority_class == "system-node-critical") {
    shape.priority = 2'000'001'000;
  } else if (pod.priority_class == "system-cluster-critical") {
    shape.priority = 2'000'000'000;
  } else {
    for (const PriorityClass& c : classes) {
      if (pod.priority_class.empty() ? !c.global_default : c.name != pod.priority_class) continue;
      shape.priority = c.value;
      shape.preempts = shape.preempts && c.preempts;
    }
  }
}

}  // namespace

LabelSelector to_label_selector(const Selector& selector, Names& names) {
  return {selector.present, to_requirements(selector.expressions, names)};
}

std::vector<NodeSelectorTerm> to_topology_terms(const std::vector<NodeTerm>& terms, Names& names) {
  std::vector<NodeSelectorTerm> out;
  for (const NodeTerm& t : terms) out.push_back(to_node_term(t, names));
  return out;
}

PodShape make_shape(const Workload& workload, const std::vector<PriorityClass>& priority_classes, Names& names) {
  const PodTemplate& pod = workload.pod;
  PodShape s;
  s.namespace_name = names.intern(workload.namespace_name);
  for (const auto& [key, value] : pod.labels) s.labels.set(names.intern(key), names.intern(value));
  std::vector<ContainerRequests> containers, init;
  const auto add_ports = [&](const Container& c) {
    for (const ContainerPort& p : c.ports) {
      if (p.host_port == 0) continue;
      s.host_ports.push_back(
          {static_cast<std::int32_t>(p.host_port), names.intern(p.protocol), or_none(p.host_ip, names)});
    }
  };
  for (const Container& c : pod.containers) {
    containers.push_back(to_requests(c.requests, false, names));
    s.images.push_back(names.intern(normalized_image_name(c.image)));
    add_ports(c);
  }
  for (const Container& c : pod.init_containers) {
    if (c.sidecar) add_ports(c);  // it runs as long as the pod does
    init.push_back(to_requests(c.requests, c.sidecar, names));
    s.images.push_back(names.intern(normalized_image_name(c.image)));  // after those of the containers
  }
  set_requests(s, containers, init, to_requests(pod.overhead, false, names));
  if (pod.requests.cpu) {
    s.requests.set_cpu(*pod.requests.cpu + pod.overhead.cpu.value_or(Cpu{}));
    s.nonzero_cpu = s.requests[Resource::cpu];
  }
  if (pod.requests.memory) {
    s.requests.set_memory(*pod.requests.memory + pod.overhead.memory.value_or(Bytes{}));
    s.nonzero_memory = s.requests[Resource::memory];
  }
  s.requests_anything = s.requests_anything || s.requests[Resource::cpu] > 0 || s.requests[Resource::memory] > 0;
  // Claims are taken for EBS volumes of a class that waits for the first consumer, as EKS's default class does.
  const NameId driver = names.intern("ebs.csi.aws.com");
  for (const Volume& v : pod.volumes) {
    if (v.kind != Volume::Kind::claim && v.kind != Volume::Kind::ephemeral) continue;
    PodVolume volume;
    if (v.kind == Volume::Kind::claim) volume.claim = names.intern(workload.namespace_name + "/" + v.claim);
    volume.driver = driver;
    s.volumes.push_back(volume);
  }
  for (std::size_t i = 0; i < workload.claims.size(); ++i) {
    PodVolume volume;
    volume.driver = driver;
    s.volumes.push_back(volume);
  }
  if (pod.scheduler_name != "default-scheduler") s.scheduler_name = names.intern(pod.scheduler_name);
  s.scheduling_gates = pod.scheduling_gates;
  resolve_priority(pod, priority_classes, s);
  for (const auto& [key, value] : pod.node_selector)
    s.node_selector.emplace_back(names.intern(key), names.intern(value));
  if (pod.node_required) {
    s.node_required.emplace();
    for (const NodeTerm& t : *pod.node_required) s.node_required->push_back(to_node_term(t, names));
  }
  for (const PreferredTerm& t : pod.node_preferred) s.node_preferred.push_back({t.weight, to_node_term(t.term, names)});
  for (const PodTerm& t : pod.pod_required) s.pod_required.push_back(to_pod_term(t, names));
  for (const PodTerm& t : pod.anti_required) s.anti_required.push_back(to_pod_term(t, names));
  for (const WeightedPodTerm& t : pod.pod_preferred) s.pod_preferred.push_back({t.weight, to_pod_term(t.term, names)});
  for (const WeightedPodTerm& t : pod.anti_preferred)
    s.anti_preferred.push_back({t.weight, to_pod_term(t.term, names)});
  for (const SpreadConstraint& c : pod.spread) {
    TopologySpreadConstraint out;
    out.max_skew = c.max_skew;
    out.topology_key = names.intern(c.topology_key);
    out.when = c.when;
    out.selector = to_label_selector(c.selector, names);
    out.min_domains = c.min_domains;
    out.node_affinity_policy = c.node_affinity_policy;
    out.node_taints_policy = c.node_taints_policy;
    for (const std::string& key : c.match_label_keys) out.match_label_keys.push_back(names.intern(key));
    s.spread.push_back(std::move(out));
  }
  for (const TolerationSpec& t : pod.tolerations) {
    s.tolerations.push_back({or_none(t.key, names), or_none(t.value, names), t.exists, t.effect, t.seconds});
  }
  s.is_daemon = workload.kind == WorkloadKind::daemon_set;
  const auto tolerate = [&](const char* key, TaintEffect effect, std::optional<Duration> time) {
    const NameId id = names.intern(key);
    const bool named = std::any_of(s.tolerations.begin(), s.tolerations.end(), [&](const Toleration& t) {
      return (t.key.is_none() || t.key == id) && (!t.effect || *t.effect == effect);
    });
    if (!named || s.is_daemon) s.tolerations.push_back({id, {}, true, effect, time});
  };
  if (s.is_daemon) {
    for (const char* key : {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}) {
      tolerate(key, TaintEffect::no_execute, {});
    }
    for (const char* key : {"node.kubernetes.io/disk-pressure", "node.kubernetes.io/memory-pressure",
                            "node.kubernetes.io/pid-pressure", "node.kubernetes.io/unschedulable"}) {
      tolerate(key, TaintEffect::no_schedule, {});
    }
    if (pod.host_network) tolerate("node.kubernetes.io/network-unavailable", TaintEffect::no_schedule, {});
  } else {
    tolerate("node.kubernetes.io/not-ready", TaintEffect::no_execute, seconds(300));
    tolerate("node.kubernetes.io/unreachable", TaintEffect::no_execute, seconds(300));
  }
  s.node_name = or_none(pod.node_name, names);
  // A Deployment's pods are owned by a ReplicaSet with the same selector (and the template's hash).
  const bool owned = workload.kind == WorkloadKind::deployment || workload.kind == WorkloadKind::replica_set ||
                     workload.kind == WorkloadKind::stateful_set;
  if (owned && workload.selector.present) s.owner_selector = to_label_selector(workload.selector, names);
  return s;
}

PodShape init_peak(const Workload& workload, Names& names) {
  std::vector<ContainerRequests> init;
  for (const Container& c : workload.pod.init_containers) init.push_back(to_requests(c.requests, c.sidecar, names));
  PodShape peak;
  set_requests(peak, {}, init, {});
  return peak;
}

}  // namespace plimsoll::kubernetes::api
