#include "models/kubernetes/api/service_routes.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace plimsoll::kubernetes::api {

namespace {

std::string quoted(const std::string& name) { return "'" + name + "'"; }

const Service* find_service(const Objects& objects, const std::string& space, const std::string& name) {
  const auto at = std::find_if(objects.services.begin(), objects.services.end(),
                               [&](const Service& s) { return s.name == name && s.namespace_name == space; });
  return at == objects.services.end() ? nullptr : &*at;
}

/// The port of a backend that its Service does not have, as the controller writes it; empty: it has it, or nobody
/// knows.
std::string missing_port(const IngressBackend& backend, const Service& service) {
  if (service.ports.empty() || backend.port_name == "use-annotation") return {};
  if (backend.port) {
    const bool has = std::find(service.ports.begin(), service.ports.end(), *backend.port) != service.ports.end();
    return has ? std::string() : std::to_string(*backend.port);
  }
  if (backend.port_name.empty()) return {};
  const bool has =
      std::find(service.port_names.begin(), service.port_names.end(), backend.port_name) != service.port_names.end();
  return has ? std::string() : backend.port_name;
}

/// A backend of the Ingress itself whose port is not there; null without one.
const IngressBackend* faulty_backend(const Ingress& ingress, const Objects& objects) {
  for (const IngressBackend& b : ingress.backends) {
    const Service* service = find_service(objects, ingress.namespace_name, b.service);
    if (service != nullptr && !missing_port(b, *service).empty()) return &b;
  }
  return nullptr;
}

std::string port_fault(const IngressBackend& backend, const std::string& space, const Objects& objects) {
  const Service* service = find_service(objects, space, backend.service);
  return "unable to find port " + missing_port(backend, *service) + " on service " + space + "/" + service->name;
}

bool leads_to(const Ingress& ingress, const Service& service) {
  return ingress.namespace_name == service.namespace_name &&
         std::find(ingress.services.begin(), ingress.services.end(), service.name) != ingress.services.end();
}

const Ingress* ingress_of(const Service& service, const Objects& objects) {
  const auto at = std::find_if(objects.ingresses.begin(), objects.ingresses.end(),
                               [&](const Ingress& i) { return leads_to(i, service); });
  return at == objects.ingresses.end() ? nullptr : &*at;
}

bool is_application(const Workload& w) { return !w.job && w.kind != WorkloadKind::daemon_set; }

/// A Service that selects pods by labels which no workload of the files has.
bool is_void(const Service& service, const Objects& objects) {
  return !service.selector.empty() && !leads_to_pods(service, objects);
}

/// A pair of a selector that one pod of the StatefulSet has by its ordinal.
bool is_of_one_pod(const Workload& w, const std::string& key, const std::string& value) {
  if (w.kind != WorkloadKind::stateful_set) return false;
  const bool by_name = key == "statefulset.kubernetes.io/pod-name";
  if (!by_name && key != "apps.kubernetes.io/pod-index") return false;
  std::string_view ordinal = value;
  if (by_name) {
    if (!ordinal.starts_with(w.name + "-")) return false;
    ordinal.remove_prefix(w.name.size() + 1);
  }
  return !ordinal.empty() && ordinal.find_first_not_of("0123456789") == ordinal.npos &&
         (ordinal == "0" || ordinal[0] != '0');
}

/// Whether pods of the workload have every label of the selector, of whatever namespace they are.
bool agrees(const Service& service, const Workload& workload) {
  const TextMap& labels = workload.pod.labels;
  return !service.selector.empty() &&
         std::all_of(service.selector.begin(), service.selector.end(), [&](const auto& pair) {
           return std::find(labels.begin(), labels.end(), pair) != labels.end() ||
                  is_of_one_pod(workload, pair.first, pair.second);
         });
}

/// A Service for pods of the workload that stands in another namespace; both files say theirs.
bool misses_namespace(const Service& service, const Workload& workload) {
  return service.namespace_said && workload.namespace_said && service.namespace_name != workload.namespace_name &&
         agrees(service, workload);
}

std::string namespace_text(const Service& service, const Workload& workload) {
  return "the Service '" + service.name + "' of the namespace '" + service.namespace_name +
         "' selects no pod of the namespace '" + workload.namespace_name + "'";
}

std::string void_text(const Service& service) {
  std::string labels;
  for (const auto& [key, value] : service.selector) labels += (labels.empty() ? "" : ",") + key + "=" + value;
  return "the Service '" + service.name + "' selects no pod (" + labels + ")";
}

}  // namespace

bool is_endpoint(const Service& service, const Workload& workload) {
  return service.namespace_name == workload.namespace_name && agrees(service, workload);
}

bool leads_to_pods(const Service& service, const Objects& objects) {
  return std::any_of(objects.workloads.begin(), objects.workloads.end(),
                     [&](const Workload& w) { return is_endpoint(service, w); });
}

bool has_own_balancer(const Service& service) {
  const std::string& of = service.load_balancer_class;
  return service.load_balancer && (of.empty() || of == "service.k8s.aws/nlb" || of == "eks.amazonaws.com/nlb");
}

std::string application_of(const TextMap& selector, const std::string& fallback) {
  for (const std::string_view key : {"app.kubernetes.io/name", "app", "k8s-app", "name"}) {
    for (const auto& [k, v] : selector) {
      if (k == key) return v;
    }
  }
  return fallback;
}

std::string balancer_of(const Ingress& ingress) {
  return ingress.group.empty() ? ingress.namespace_name + "/" + ingress.name : "group " + ingress.group;
}

std::string why_refused(const Ingress& ingress, const Objects& objects) {
  for (const Ingress& member : objects.ingresses) {
    const bool same = member.name == ingress.name && member.namespace_name == ingress.namespace_name;
    if (!same && (ingress.group.empty() || member.group != ingress.group)) continue;
    if (const IngressBackend* backend = faulty_backend(member, objects))
      return port_fault(*backend, member.namespace_name, objects);
  }
  return {};
}

namespace {

/// What a Service selects and the traffic of an application cannot follow here: one pod of several, or the pods of
/// several applications.
void check_selected(document::Diagnostics& diagnostics, const Service& service, const Objects& objects) {
  std::string names, single;
  std::size_t count = 0;
  for (const Workload& w : objects.workloads) {
    if (!is_application(w) || !is_endpoint(service, w)) continue;
    ++count;
    names += (names.empty() ? "" : ", ") + std::string(kind_text(w.kind)) + " " + quoted(w.name);
    for (const auto& [key, value] : service.selector) {
      const bool labelled = std::any_of(w.pod.labels.begin(), w.pod.labels.end(),
                                        [k = key](const auto& label) { return label.first == k; });
      if (!labelled && w.replicas > 1 && is_of_one_pod(w, key, value)) single = key + "=" + value;
    }
  }
  if (count > 1)
    diagnostics.warning(service.mark,
                        "Service '" + service.name + "' selects the pods of " + names +
                            ": what comes by it would be spread over all of them; here each application's load and "
                            "calls go to its own pods only",
                        "give each its own load, in the share of its pods", "spec.selector");
  if (!single.empty())
    diagnostics.warning(service.mark,
                        "Service '" + service.name + "' selects one pod of " + names + " (" + single +
                            "): what comes by it would go to that pod only; here it goes to every pod",
                        {}, "spec.selector");
}

}  // namespace

void check_routes(document::Diagnostics& diagnostics, const Objects& objects) {
  for (const Service& s : objects.services) {
    if (s.load_balancer && !has_own_balancer(s))
      diagnostics.warning(s.mark,
                          "Service '" + s.name + "' is of the load balancer class '" + s.load_balancer_class +
                              "', which no controller of AWS has: it gets no load balancer",
                          "service.k8s.aws/nlb is the AWS Load Balancer Controller's", "spec.loadBalancerClass");
    check_selected(diagnostics, s, objects);
    if (!is_void(s, objects)) continue;
    const auto elsewhere = std::find_if(objects.workloads.begin(), objects.workloads.end(),
                                        [&](const Workload& w) { return misses_namespace(s, w); });
    if (elsewhere != objects.workloads.end()) {
      diagnostics.warning(s.mark,
                          "Service '" + s.name + "' selects no pod: a Service selects those of its own namespace '" +
                              s.namespace_name + "', and " + std::string(kind_text(elsewhere->kind)) + " " +
                              quoted(elsewhere->name) + " is in '" + elsewhere->namespace_name + "'",
                          "write metadata.namespace: " + elsewhere->namespace_name, "metadata.namespace");
      continue;
    }
    const bool has_pods = std::any_of(objects.workloads.begin(), objects.workloads.end(),
                                      [&](const Workload& w) { return w.namespace_name == s.namespace_name; });
    const Ingress* ingress = ingress_of(s, objects);
    if (!has_pods || (!has_own_balancer(s) && ingress == nullptr)) continue;
    diagnostics.warning(s.mark,
                        "Service '" + s.name + "' selects no pod among the files: what comes by " +
                            (ingress == nullptr ? "its load balancer" : "the Ingress " + quoted(ingress->name)) +
                            " finds no endpoint (503)",
                        "make the selector agree with the labels of the pods", "spec.selector");
  }
  for (const Ingress& i : objects.ingresses) {
    const IngressBackend* backend = faulty_backend(i, objects);
    if (backend == nullptr) continue;
    diagnostics.warning(backend->mark,
                        "Ingress '" + i.name + "': " + port_fault(*backend, i.namespace_name, objects) +
                            ": the AWS Load Balancer Controller makes no load balancer " +
                            (i.group.empty() ? "of it" : "of its group '" + i.group + "'") + " (FailedBuildModel)",
                        "name a port of the Service", "spec.rules[].http.paths[].backend.service.port");
  }
}

void find_ways(const Workload& w, const Objects& objects, ManifestPod& pod) {
  bool inside = false, outside = false;
  std::string refused, lost_inside, lost_outside;
  const auto alone = std::count_if(objects.workloads.begin(), objects.workloads.end(), [&](const Workload& other) {
                       return other.namespace_name == w.namespace_name && is_application(other);
                     }) == 1;
  for (const Service& s : objects.services) {
    if (misses_namespace(s, w) && is_void(s, objects)) {
      if (lost_inside.empty()) lost_inside = namespace_text(s, w);
      if (lost_outside.empty() && (has_own_balancer(s) || ingress_of(s, objects) != nullptr))
        lost_outside = namespace_text(s, w);
    }
    if (s.namespace_name != w.namespace_name) continue;
    if (is_endpoint(s, w)) {
      inside = true;
      outside = outside || has_own_balancer(s);
      for (const Ingress& i : objects.ingresses) {
        if (!leads_to(i, s)) continue;
        const std::string why = why_refused(i, objects);
        outside = outside || why.empty();
        if (!why.empty() && refused.empty()) refused = "the Ingress '" + i.name + "' has no load balancer: " + why;
      }
      continue;
    }
    if (!is_void(s, objects)) continue;
    const Ingress* ingress = ingress_of(s, objects);
    const bool named = s.name == w.name || application_of(s.selector, s.name) == w.name;
    const bool published = has_own_balancer(s) || ingress != nullptr;
    if (named && lost_inside.empty()) lost_inside = void_text(s);
    const bool meant = named || (published && (alone || (ingress != nullptr && ingress->name == w.name)));
    if (meant && lost_outside.empty()) lost_outside = void_text(s);
  }
  if (!inside) pod.no_way_inside = lost_inside;
  if (outside) return;
  pod.no_way_from_outside = !refused.empty() ? refused : lost_outside;
}

}  // namespace plimsoll::kubernetes::api
