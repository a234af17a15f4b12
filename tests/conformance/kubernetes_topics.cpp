#include "tests/conformance/kubernetes_topics.h"

#include <charconv>

#include "models/kubernetes/scheduler/image_locality.h"
#include "models/kubernetes/scheduler/pod_requests.h"

namespace plimsoll::conformance {

using namespace plimsoll::kubernetes;

namespace {

Json list(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at == object.end() || at->is_null() ? Json::array() : *at;
}

std::string text(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at == object.end() || at->is_null() ? std::string() : at->get<std::string>();
}

ContainerRequests requests(VectorCluster& cluster, const Json& object) {
  ContainerRequests out;
  for (const auto& [key, value] : object.items()) {
    const std::int64_t amount = value.get<std::int64_t>();
    if (key == "cpu_m") {
      out.cpu = cpu_millis(amount);
    } else if (key == "memory") {
      out.memory = Bytes{amount};
    } else if (key == "ephemeral_storage") {
      out.ephemeral_storage = Bytes{amount};
    } else if (key != "pods") {
      out.extended.emplace_back(cluster.name(key), amount);
    }
  }
  return out;
}

TaintEffect effect(const std::string& word) {
  return word == "NoSchedule"         ? TaintEffect::no_schedule
         : word == "PreferNoSchedule" ? TaintEffect::prefer_no_schedule
                                      : TaintEffect::no_execute;
}

}  // namespace

std::vector<Requirement> VectorCluster::requirements(const Json& exprs) {
  std::vector<Requirement> out;
  for (const Json& e : exprs) {
    Requirement r;
    r.key = name(e.at("key"));
    const std::string op = e.at("op");
    r.op = op == "In"             ? SelectorOp::in
           : op == "NotIn"        ? SelectorOp::not_in
           : op == "Exists"       ? SelectorOp::exists
           : op == "DoesNotExist" ? SelectorOp::does_not_exist
           : op == "Gt"           ? SelectorOp::gt
                                  : SelectorOp::lt;
    for (const Json& v : list(e, "values")) r.values.push_back(name(v));
    if (r.op == SelectorOp::gt || r.op == SelectorOp::lt) {
      const std::string number = list(e, "values").size() == 1 ? list(e, "values")[0].get<std::string>() : "";
      const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), r.number);
      if (error != std::errc{} || end != number.data() + number.size()) {
        r.op = SelectorOp::in;  // not a requirement: In without values is none either
        r.values.clear();
      }
    }
    out.push_back(std::move(r));
  }
  return out;
}

LabelSelector VectorCluster::selector(const Json& object) {
  LabelSelector out;
  if (object.is_null()) return out;
  out.present = true;
  out.requirements = requirements(list(object, "exprs"));
  if (object.contains("match_labels")) {
    for (const auto& [key, v] : object.at("match_labels").items()) {
      out.requirements.push_back({name(key), SelectorOp::in, {name(v)}, 0});
    }
  }
  return out;
}

NodeSelectorTerm VectorCluster::node_term(const Json& term) {
  return {requirements(list(term, "exprs")), requirements(list(term, "fields"))};
}

std::vector<NodeSelectorTerm> VectorCluster::node_terms(const Json& terms) {
  std::vector<NodeSelectorTerm> out;
  for (const Json& t : terms) out.push_back(node_term(t));
  return out;
}

std::vector<PreferredNodeTerm> VectorCluster::preferred_terms(const Json& terms) {
  std::vector<PreferredNodeTerm> out;
  for (const Json& t : terms) out.push_back({t.at("weight").get<std::int32_t>(), node_term(t.at("term"))});
  return out;
}

PodAffinityTerm VectorCluster::pod_term(const Json& term) {
  PodAffinityTerm out;
  out.selector = selector(term.contains("selector") ? term.at("selector") : Json());
  out.topology_key = name(text(term, "topology_key"));
  for (const Json& n : list(term, "namespaces")) out.namespaces.push_back(value(n));
  return out;
}

ShapeId VectorCluster::shape(const Json& pod) {
  PodShape s;
  s.namespace_name = value(text(pod, "namespace"));
  if (pod.contains("labels")) {
    for (const auto& [key, v] : pod.at("labels").items()) s.labels.set(name(key), name(v));
  }
  std::vector<ContainerRequests> containers, init;
  const auto read_containers = [&](const char* key, std::vector<ContainerRequests>& out, bool regular) {
    for (const Json& c : list(pod, key)) {
      out.push_back(requests(*this, c.contains("req") && !c.at("req").is_null() ? c.at("req") : Json::object()));
      if (!regular) continue;
      if (!text(c, "image").empty()) s.images.push_back(name(normalized_image_name(text(c, "image"))));
      for (const Json& p : list(c, "host_ports")) {
        s.host_ports.push_back({p.at("port").get<std::int32_t>(), value(text(p, "protocol")), value(text(p, "ip"))});
      }
    }
  };
  read_containers("containers", containers, true);
  read_containers("init_containers", init, false);
  const Json overhead = pod.contains("overhead") && !pod.at("overhead").is_null() ? pod.at("overhead") : Json::object();
  set_requests(s, containers, init, requests(*this, overhead));
  s.priority = pod.value("priority", 0);
  s.preempts = text(pod, "preemption_policy") != "Never";
  if (pod.contains("node_selector")) {
    for (const auto& [key, v] : pod.at("node_selector").items()) s.node_selector.emplace_back(name(key), name(v));
  }
  if (pod.contains("node_required") && !pod.at("node_required").is_null()) {
    s.node_required = node_terms(pod.at("node_required"));
  }
  s.node_preferred = preferred_terms(list(pod, "node_preferred"));
  for (const Json& t : list(pod, "pod_required")) s.pod_required.push_back(pod_term(t));
  for (const Json& t : list(pod, "anti_required")) s.anti_required.push_back(pod_term(t));
  for (const Json& t : list(pod, "pod_preferred")) s.pod_preferred.push_back({t.at("weight"), pod_term(t.at("term"))});
  for (const Json& t : list(pod, "anti_preferred"))
    s.anti_preferred.push_back({t.at("weight"), pod_term(t.at("term"))});
  for (const Json& c : list(pod, "spread")) {
    TopologySpreadConstraint out;
    out.max_skew = c.at("max_skew");
    out.topology_key = name(c.at("topology_key"));
    out.when =
        c.at("when") == "DoNotSchedule" ? WhenUnsatisfiable::do_not_schedule : WhenUnsatisfiable::schedule_anyway;
    out.selector = selector(c.contains("selector") ? c.at("selector") : Json());
    if (c.contains("min_domains") && !c.at("min_domains").is_null()) out.min_domains = c.at("min_domains").get<int>();
    if (text(c, "node_affinity_policy") == "Ignore") out.node_affinity_policy = InclusionPolicy::ignore;
    if (text(c, "node_taints_policy") == "Honor") out.node_taints_policy = InclusionPolicy::honor;
    s.spread.push_back(std::move(out));
  }
  for (const Json& t : list(pod, "tolerations")) {
    Toleration out;
    out.key = value(text(t, "key"));
    out.value = value(text(t, "value"));
    out.exists = text(t, "op") == "Exists";
    if (!text(t, "effect").empty()) out.effect = effect(text(t, "effect"));
    s.tolerations.push_back(out);
  }
  return shapes.intern(std::move(s));
}

void VectorCluster::read(const Json& input) {
  for (const Json& n : list(input, "nodes")) {
    SnapshotNode node;
    node.id = NodeId{snapshot.rows()};
    node.name = name(n.at("name"));
    if (n.contains("labels")) {
      for (const auto& [key, v] : n.at("labels").items()) node.labels.set(name(key), name(v));
    }
    node.unschedulable = n.value("unschedulable", false);
    for (const Json& t : list(n, "taints")) {
      node.taints.push_back({name(text(t, "key")), value(text(t, "value")), effect(text(t, "effect"))});
    }
    if (n.contains("alloc")) {
      for (const auto& [key, v] : n.at("alloc").items()) {
        const std::int64_t amount = v.get<std::int64_t>();
        if (key == "cpu_m") {
          node.allocatable.set_cpu(cpu_millis(amount));
        } else if (key == "memory") {
          node.allocatable[Resource::memory] = amount;
        } else if (key == "ephemeral_storage") {
          node.allocatable[Resource::ephemeral_storage] = amount;
        } else if (key == "pods") {
          node.allocatable[Resource::pods] = amount;
        } else {
          node.extended.emplace_back(name(key), amount);
        }
      }
      std::sort(node.extended.begin(), node.extended.end());
    }
    for (const Json& image : list(n, "images")) {
      for (const Json& alias : image.at("names")) {
        node.images.push_back({name(alias), image.at("size").get<std::int64_t>()});
      }
    }
    snapshot.add_node(std::move(node));
  }
  for (const Json& p : list(input, "pods")) {
    const ShapeId id = shape(p);
    PodOnNode pod;
    pod.id = PodId{pod_names.size()};
    pod_names.push_back(text(p, "name"));
    pod.shape = id;
    pod.priority = shapes[id].priority;
    pod.terminating = p.value("deleting", false);
    // A pod that has not started yet counts as starting now.
    pod.start = p.contains("start_time") ? Time{seconds(p.at("start_time").get<std::int64_t>())} : kTimeNever;
    for (Row row = 0; row < snapshot.rows(); ++row) {
      if (node_name(row) == text(p, "node")) snapshot.add_pod(row, pod, shapes[id]);
    }
  }
  for (const Json& s : list(input, "services")) {
    ServiceSelector service;
    service.namespace_name = value(text(s, "namespace"));
    for (const auto& [key, v] : s.at("selector").items()) service.selector.emplace_back(name(key), name(v));
    services.push_back(std::move(service));
  }
}

Json by_version(const Json& expected, KubernetesVersion second,
                const std::function<Json(KubernetesVersion, const Json&)>& answer) {
  Json out = Json::object();
  for (const auto& [key, asked] : expected.items()) {
    if (key == "all") {
      const Json first = answer(KubernetesVersion::v1_20, asked);
      const Json other = answer(second, asked);
      out[key] = first == other ? first : Json{{"versions disagree", {first, other}}};
    } else if (key == "v1_20") {
      out[key] = answer(KubernetesVersion::v1_20, asked);
    } else if (key == "v1_26") {
      out[key] = answer(KubernetesVersion::v1_26, asked);
    } else if (key == "current") {
      out[key] = answer(KubernetesVersion::current, asked);
    } else {
      throw Unsupported("version " + key);
    }
  }
  return out;
}

void register_kubernetes(std::vector<Topic>& topics) {
  register_kubernetes_scheduler(topics);
  register_kubernetes_autoscaling(topics);
  register_kubernetes_workloads(topics);
}

}  // namespace plimsoll::conformance
