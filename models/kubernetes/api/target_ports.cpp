#include "models/kubernetes/api/target_ports.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "models/kubernetes/api/service_routes.h"

namespace plimsoll::kubernetes::api {

namespace {

std::string field_of(const document::Node& node, std::string_view key) {
  const document::Node* value = node.find(key);
  return value != nullptr && value->is_scalar() && !value->is_null() ? value->text() : std::string();
}

bool has_port(const PodTemplate& pod, const std::string& name, const std::string& protocol) {
  const auto of = [&](const Container& c) {
    return std::any_of(c.ports.begin(), c.ports.end(),
                       [&](const ContainerPort& p) { return p.name == name && p.protocol == protocol; });
  };
  return std::any_of(pod.containers.begin(), pod.containers.end(), of) ||
         std::any_of(pod.init_containers.begin(), pod.init_containers.end(),
                     [&](const Container& c) { return c.sidecar && of(c); });
}

/// The Service of a document among those that were read; null for other kinds.
const Service* service_in(const document::Node& document, const Objects& objects) {
  if (!document.is_mapping() || field_of(document, "kind") != "Service") return nullptr;
  const document::Mark& mark = document.mark();
  const auto at = std::find_if(objects.services.begin(), objects.services.end(), [&](const Service& s) {
    return s.mark.line == mark.line && s.mark.column == mark.column && s.mark.path() == mark.path();
  });
  return at == objects.services.end() ? nullptr : &*at;
}

}  // namespace

void check_target_ports(document::Diagnostics& diagnostics, const std::vector<document::Node>& documents,
                        const Objects& objects) {
  for (const document::Node& document : documents) {
    const Service* service = service_in(document, objects);
    const document::Node* spec = service == nullptr ? nullptr : document.find("spec");
    const document::Node* ports = spec == nullptr || !spec->is_mapping() ? nullptr : spec->find("ports");
    if (ports == nullptr || !ports->is_sequence() || !leads_to_pods(*service, objects)) continue;
    for (const document::Node& port : ports->items()) {
      const document::Node* target = port.is_mapping() ? port.find("targetPort") : nullptr;
      if (target == nullptr || !target->is_string()) continue;
      std::string protocol = field_of(port, "protocol");
      if (protocol.empty()) protocol = "TCP";
      const bool found = std::any_of(objects.workloads.begin(), objects.workloads.end(), [&](const Workload& w) {
        return is_endpoint(*service, w) && has_port(w.pod, target->text(), protocol);
      });
      if (found) continue;
      diagnostics.warning(*target,
                          "Service '" + service->name + "': no pod that it selects has a port named '" +
                              target->text() + "' (" + protocol +
                              "): what comes by it would find no endpoint; here it reaches the pods all the same",
                          "name the containerPort so, or write its number", "spec.ports[].targetPort");
    }
  }
}

}  // namespace plimsoll::kubernetes::api
