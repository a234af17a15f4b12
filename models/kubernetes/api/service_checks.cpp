#include "models/kubernetes/api/service_checks.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "models/kubernetes/api/container_checks.h"
#include "models/kubernetes/api/name_rules.h"
#include "sim/core/text.h"

namespace plimsoll::kubernetes::api {

namespace {

using document::Diagnostics;
using document::Entry;
using document::join_path;
using document::Node;

std::string word_at(const Node& node, std::string_view key) {
  const Node* value = node.find(key);
  return value != nullptr && value->is_scalar() && !value->is_null() ? value->text() : std::string();
}

std::string unsupported(std::string_view value, std::string_view supported) {
  return "Unsupported value: \"" + std::string(value) + "\": supported values: " + std::string(supported);
}

/// SOURCE: pkg/apis/core/validation ValidateService; the port allocator's range is --service-node-port-range.
void check_node_port(const Node& port, const std::string& path, std::string_view type, Diagnostics& diagnostics) {
  const std::string text = word_at(port, "nodePort");
  if (text.empty() || text == "0") return;
  const Node& at = *port.find("nodePort");
  const std::string where = join_path(path, "nodePort");
  if (type == "ClusterIP" || type.empty()) {
    diagnostics.error(at, "Forbidden: may not be used when `type` is 'ClusterIP'", {}, where);
    return;
  }
  const bool whole = text.find_first_not_of("0123456789") == text.npos && text.size() <= 5;
  if (!whole || std::stoi(text) < 30'000 || std::stoi(text) > 32'767)
    diagnostics.error(
        at,
        "Invalid value: " + text + ": provided port is not in the valid range. The range of valid ports is 30000-32767",
        {}, where);
}

void check_service_port(const Node& port, const std::string& path, bool several, std::vector<std::string>& names,
                        std::vector<std::string>& numbers, Diagnostics& diagnostics) {
  const std::string name = word_at(port, "name"), number = word_at(port, "port");
  std::string protocol = word_at(port, "protocol");
  if (protocol.empty()) protocol = "TCP";
  if (name.empty()) {
    if (several) diagnostics.error(port, "Required value", {}, join_path(path, "name"));
  } else {
    std::string fault = label_name_fault(name);
    if (fault.empty() && std::find(names.begin(), names.end(), name) != names.end())
      fault = "Duplicate value: \"" + name + "\"";
    if (!fault.empty()) diagnostics.error(port, std::move(fault), {}, join_path(path, "name"));
    names.push_back(name);
  }
  if (number.empty()) diagnostics.error(port, "Required value", {}, join_path(path, "port"));
  if (protocol != "TCP" && protocol != "UDP" && protocol != "SCTP")
    diagnostics.error(port, unsupported(protocol, "\"SCTP\", \"TCP\", \"UDP\""), {}, join_path(path, "protocol"));
  // 0 is the port itself.
  const Node* target = port.find("targetPort");
  const std::string target_text = word_at(port, "targetPort");
  if (target != nullptr && !target->is_string() && !target_text.empty()) {
    const bool digits = target_text.find_first_not_of("0123456789") == target_text.npos && target_text.size() <= 5;
    if (!digits || std::stoi(target_text) > 65'535)
      diagnostics.error(*target, "Invalid value: " + target_text + ": must be between 1 and 65535, inclusive", {},
                        join_path(path, "targetPort"));
  }
  if (target != nullptr && target->is_string()) {
    if (std::string fault = port_name_fault(target_text); !fault.empty())
      diagnostics.error(*target, std::move(fault), {}, join_path(path, "targetPort"));
  }
  const std::string whole = protocol + "/" + number;
  if (!number.empty() && std::find(numbers.begin(), numbers.end(), whole) != numbers.end())
    diagnostics.error(port, "Duplicate value: {port: " + number + ", protocol: " + protocol + "}", {}, path);
  numbers.push_back(whole);
}

void check_backend(const Node* backend, const std::string& path, const Node& owner, Diagnostics& diagnostics) {
  if (backend == nullptr) {
    diagnostics.error(owner, "Required value: cannot have empty service backend", {}, path);
    return;
  }
  const Node* service = backend->find("service");
  if (backend->find("resource") != nullptr) {
    if (service != nullptr)
      diagnostics.error(*backend, "Invalid value: cannot set both resource and service backends", {}, path);
    return;
  }
  if (service == nullptr) {
    diagnostics.error(*backend, "Required value: cannot have empty service backend", {}, path);
    return;
  }
  const std::string at = join_path(path, "service");
  const std::string name = word_at(*service, "name");
  if (name.empty()) {
    diagnostics.error(*service, "Required value", {}, join_path(at, "name"));
  } else if (std::string fault = service_name_fault(name); !fault.empty()) {
    diagnostics.error(*service, std::move(fault), {}, join_path(at, "name"));
  }
  const Node* port = service->find("port");
  const bool named = port != nullptr && !word_at(*port, "name").empty();
  const bool numbered = port != nullptr && !word_at(*port, "number").empty();
  if (!named && !numbered)
    diagnostics.error(*service, "Required value: port name or number is required", {}, join_path(at, "port"));
  if (numbered) {
    const std::string number = word_at(*port, "number");
    const bool digits = number.find_first_not_of("0123456789") == number.npos && number.size() <= 5;
    if (!digits || std::stoi(number) < 1 || std::stoi(number) > 65'535)
      diagnostics.error(*port, "Invalid value: " + number + ": must be between 1 and 65535, inclusive", {},
                        join_path(join_path(at, "port"), "number"));
  }
  if (named && numbered)
    diagnostics.error(*service, "Invalid value: cannot set both port name & port number", {}, join_path(at, "port"));
}

/// Of v1beta1: serviceName and servicePort.
void check_beta_backend(const Node* backend, const std::string& path, const Node& owner, Diagnostics& diagnostics) {
  if (backend != nullptr && backend->find("resource") != nullptr) return;
  if (backend == nullptr || word_at(*backend, "serviceName").empty()) {
    diagnostics.error(backend == nullptr ? owner : *backend, "Required value", {}, join_path(path, "serviceName"));
  } else if (std::string fault = service_name_fault(word_at(*backend, "serviceName")); !fault.empty()) {
    diagnostics.error(*backend, std::move(fault), {}, join_path(path, "serviceName"));
  }
  if (backend != nullptr && word_at(*backend, "servicePort").empty())
    diagnostics.error(*backend, "Required value: port name or number is required", {}, join_path(path, "servicePort"));
}

/// SOURCE: pkg/apis/networking/validation (invalidPathSequences, invalidPathSuffixes).
void check_path_text(const Node& entry, const std::string& text, const std::string& path, Diagnostics& diagnostics) {
  for (const char* sequence : {"//", "/./", "/../", "%2f", "%2F"}) {
    if (text.find(sequence) != text.npos)
      diagnostics.error(entry, "Invalid value: \"" + text + "\": must not contain '" + sequence + "'", {},
                        join_path(path, "path"));
  }
  for (const char* suffix : {"/..", "/."}) {
    if (text.ends_with(suffix))
      diagnostics.error(entry, "Invalid value: \"" + text + "\": cannot end with '" + suffix + "'", {},
                        join_path(path, "path"));
  }
}

/// SOURCE: pkg/apis/networking/validation validateIngressRules, ValidateIngressTLS.
void check_host(const Node& at, const std::string& host, const std::string& path, Diagnostics& diagnostics) {
  if (host.empty()) return;
  if (is_ip_address(host)) {
    diagnostics.error(at, "Invalid value: \"" + host + "\": must be a DNS name, not an IP address", {}, path);
    return;
  }
  const bool wildcard = host.find('*') != host.npos;
  std::string fault = subdomain_name_fault(wildcard && host.starts_with("*.") ? host.substr(2) : host);
  if (wildcard && !fault.empty())
    fault = "Invalid value: \"" + host +
            "\": a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain";
  if (!fault.empty()) diagnostics.error(at, std::move(fault), {}, path);
}

void check_ingress_path(const Node& entry, const std::string& path, bool beta, Diagnostics& diagnostics) {
  const std::string type = word_at(entry, "pathType"), text = word_at(entry, "path");
  if (type.empty() && beta) {
    // ImplementationSpecific
  } else if (type.empty()) {
    diagnostics.error(entry, "Required value: pathType must be specified", {}, join_path(path, "pathType"));
  } else if (type != "Exact" && type != "Prefix" && type != "ImplementationSpecific") {
    diagnostics.error(entry, unsupported(type, "\"Exact\", \"ImplementationSpecific\", \"Prefix\""), {},
                      join_path(path, "pathType"));
  }
  const bool absolute = text.starts_with("/");
  if ((type == "Exact" || type == "Prefix" || !text.empty()) && !absolute)
    diagnostics.error(entry, "Invalid value: \"" + text + "\": must be an absolute path", {}, join_path(path, "path"));
  if (absolute && (type == "Exact" || type == "Prefix")) check_path_text(entry, text, path, diagnostics);
  (beta ? check_beta_backend : check_backend)(entry.find("backend"), join_path(path, "backend"), entry, diagnostics);
}

/// Fields that only some types of Service may have, and addresses. SOURCE: pkg/apis/core/validation ValidateService,
/// ValidateServiceClusterIPsRelatedFields, validateServiceExternalTrafficPolicy, validateSessionAffinityConfig.
void check_fields_of_type(const Node& spec, const std::string& path, std::string_view type, Diagnostics& diagnostics) {
  constexpr std::string_view kAddress = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
  const auto refuse = [&](std::string_view key, std::string message) {
    diagnostics.error(*spec.find(key), std::move(message), {}, join_path(path, key));
  };
  const std::string own = word_at(spec, "clusterIP");
  if (!own.empty() && own != "None" && !is_ip_address(own))
    diagnostics.error(*spec.find("clusterIP"), "Invalid value: \"" + own + "\": " + std::string(kAddress), {},
                      join_path(join_path(path, "clusterIPs"), std::size_t{0}));
  const Node* external = spec.find("externalIPs");
  const bool has_external = external != nullptr && !external->items().empty();
  if (has_external) {
    std::size_t index = 0;
    for (const Node& ip : external->items()) {
      const std::string at = join_path(join_path(path, "externalIPs"), index++);
      if (ip.is_scalar() && !is_ip_address(ip.text()))
        diagnostics.error(ip, "Invalid value: \"" + ip.text() + "\": " + std::string(kAddress), {}, at);
    }
  }
  const std::string policy = word_at(spec, "externalTrafficPolicy");
  if (!policy.empty() && type != "NodePort" && type != "LoadBalancer" && !has_external)
    refuse("externalTrafficPolicy",
           "Invalid value: \"" + policy + "\": may only be set for externally-accessible services");
  const std::string health = word_at(spec, "healthCheckNodePort");
  if (!health.empty() && health != "0" && (type != "LoadBalancer" || policy != "Local"))
    refuse("healthCheckNodePort", "Invalid value: " + health +
                                      ": may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is "
                                      "'Local'");
  for (const char* key : {"allocateLoadBalancerNodePorts", "loadBalancerSourceRanges"}) {
    const Node* value = spec.find(key);
    if (value != nullptr && !value->is_null() && type != "LoadBalancer" && (value->is_scalar() || value->size() > 0))
      refuse(key, "Forbidden: may only be used when `type` is 'LoadBalancer'");
  }
  if (const Node* ranges = spec.find("loadBalancerSourceRanges"); ranges != nullptr && type == "LoadBalancer") {
    for (const Node& range : ranges->items()) {
      // Blanks around a range are cut off. SOURCE: pkg/apis/core/validation ValidateService, validateSourceRanges.
      const std::string text(trim(range.is_scalar() ? std::string_view(range.text()) : std::string_view()));
      if (text.find('/') == text.npos || !is_ip_address(text.substr(0, text.find('/'))))
        refuse(
            "loadBalancerSourceRanges",
            "Invalid value: \"" + text + "\": must be a list of IP ranges. For example, 10.240.0.0/24,10.250.0.0/24");
    }
  }
  const std::string families = word_at(spec, "ipFamilyPolicy");
  if (!families.empty() && families != "SingleStack" && families != "PreferDualStack" && families != "RequireDualStack")
    refuse("ipFamilyPolicy", unsupported(families, "\"PreferDualStack\", \"RequireDualStack\", \"SingleStack\""));
  const std::string name = word_at(spec, "externalName");
  if (type == "ExternalName" && !name.empty()) {
    if (std::string fault = subdomain_name_fault(name.ends_with(".") ? name.substr(0, name.size() - 1) : name);
        !fault.empty())
      refuse("externalName", std::move(fault));
  }
  const Node* affinity = spec.find("sessionAffinityConfig");
  const Node* client = affinity == nullptr ? nullptr : affinity->find("clientIP");
  const Node* timeout = client == nullptr ? nullptr : client->find("timeoutSeconds");
  if (timeout != nullptr && timeout->kind() == document::Kind::integer &&
      (timeout->as_integer() < 1 || timeout->as_integer() > 86'400))
    diagnostics.error(*timeout, "Invalid value: " + timeout->text() + ": must be greater than 0 and less than 86400",
                      {}, join_path(join_path(join_path(path, "sessionAffinityConfig"), "clientIP"), "timeoutSeconds"));
}

void check_routing(const Node& spec, const std::string& path, Diagnostics& diagnostics) {
  struct Field {
    std::string_view key, usual, what;
    std::vector<std::string_view> values;
  };
  const Field fields[] = {
      {"internalTrafficPolicy", "Cluster", "which node a request stays on", {"Cluster", "Local"}},
      {"externalTrafficPolicy", "Cluster", "which node a request stays on", {"Cluster", "Local"}},
      {"sessionAffinity", "None", "a client that stays with its pod", {"ClientIP", "None"}},
      {"trafficDistribution", "", "a preference for near pods", {"PreferClose", "PreferSameNode", "PreferSameZone"}},
  };
  for (const Field& f : fields) {
    const std::string value = word_at(spec, f.key);
    if (value.empty() || value == f.usual) continue;
    const Node& at = *spec.find(f.key);
    if (std::find(f.values.begin(), f.values.end(), value) != f.values.end()) {
      diagnostics.warning(at, std::string(f.what) + " is not modelled: requests go evenly to the pods", {},
                          join_path(path, f.key));
      continue;
    }
    std::string supported;
    for (const std::string_view v : f.values) supported += (supported.empty() ? "\"" : ", \"") + std::string(v) + "\"";
    diagnostics.error(at, unsupported(value, supported), {}, join_path(path, f.key));
  }
}

}  // namespace

void check_label_map(const Node& parent, std::string_view key, const std::string& path, Diagnostics& diagnostics) {
  const Node* labels = parent.find(key);
  if (labels == nullptr || !labels->is_mapping()) return;
  for (const Entry& e : labels->entries()) {
    const std::string at = join_path(join_path(path, key), e.key);
    if (std::string fault = label_key_fault(e.key); !fault.empty())
      diagnostics.error(e.key_mark, std::move(fault), {}, at);
    if (!e.value.is_string()) continue;
    if (std::string fault = label_value_fault(e.value.text()); !fault.empty())
      diagnostics.error(e.value, std::move(fault), {}, at);
  }
}

void check_service(const Node& spec, const std::string& path, Diagnostics& diagnostics) {
  const std::string type = word_at(spec, "type");
  constexpr std::string_view kTypes[] = {"", "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"};
  if (std::find(std::begin(kTypes), std::end(kTypes), type) == std::end(kTypes))
    diagnostics.error(*spec.find("type"),
                      unsupported(type, "\"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\""), {},
                      join_path(path, "type"));
  if (type == "ExternalName" && word_at(spec, "externalName").empty())
    diagnostics.error(spec, "Required value", {}, join_path(path, "externalName"));
  if ((type == "NodePort" || type == "LoadBalancer") && word_at(spec, "clusterIP") == "None")
    diagnostics.error(*spec.find("clusterIP"),
                      "Invalid value: \"None\": may not be set to 'None' for " + type + " services", {},
                      join_path(join_path(path, "clusterIPs"), std::size_t{0}));
  check_label_map(spec, "selector", path, diagnostics);
  const Node* ports = spec.find("ports");
  const std::size_t count = ports == nullptr ? 0 : ports->items().size();
  if (count == 0 && type != "ExternalName" && word_at(spec, "clusterIP") != "None")
    diagnostics.error(spec, "Required value", {}, join_path(path, "ports"));
  std::vector<std::string> names, numbers;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string at = join_path(join_path(path, "ports"), i);
    check_service_port(ports->at(i), at, count > 1, names, numbers, diagnostics);
    check_node_port(ports->at(i), at, type, diagnostics);
  }
  if (!word_at(spec, "loadBalancerClass").empty() && type != "LoadBalancer")
    diagnostics.error(*spec.find("loadBalancerClass"), "Forbidden: may only be used when `type` is 'LoadBalancer'", {},
                      join_path(path, "loadBalancerClass"));
  check_fields_of_type(spec, path, type, diagnostics);
  check_routing(spec, path, diagnostics);
}

void check_ingress(const Node& spec, const std::string& path, bool beta, Diagnostics& diagnostics) {
  const std::string_view fallback_key = beta ? "backend" : "defaultBackend";
  const Node* fallback = spec.find(fallback_key);
  const Node* rules = spec.find("rules");
  if (fallback == nullptr && (rules == nullptr || rules->items().empty()))
    diagnostics.error(spec, "Invalid value: either `" + std::string(fallback_key) + "` or `rules` must be specified",
                      {}, path);
  if (fallback != nullptr)
    (beta ? check_beta_backend : check_backend)(fallback, join_path(path, fallback_key), spec, diagnostics);
  const std::string class_name = word_at(spec, "ingressClassName");
  if (std::string fault = class_name.empty() ? std::string() : subdomain_name_fault(class_name); !fault.empty())
    diagnostics.error(*spec.find("ingressClassName"), std::move(fault), {}, join_path(path, "ingressClassName"));
  if (const Node* tls = spec.find("tls"); tls != nullptr) {
    for (std::size_t i = 0; i < tls->items().size(); ++i) {
      const Node* hosts = tls->at(i).find("hosts");
      for (std::size_t j = 0; hosts != nullptr && j < hosts->items().size(); ++j) {
        const Node& host = hosts->at(j);
        if (host.is_scalar() && !is_ip_address(host.text()))
          check_host(host, host.text(), join_path(join_path(join_path(join_path(path, "tls"), i), "hosts"), j),
                     diagnostics);
      }
    }
  }
  if (rules == nullptr) return;
  std::size_t index = 0;
  for (const Node& rule : rules->items()) {
    const std::string at = join_path(join_path(path, "rules"), index++);
    check_host(rule, word_at(rule, "host"), join_path(at, "host"), diagnostics);
    const Node* http = rule.find("http");
    if (http == nullptr) continue;
    const Node* paths = http->find("paths");
    const std::string list = join_path(join_path(at, "http"), "paths");
    if (paths == nullptr || paths->items().empty()) {
      diagnostics.error(*http, "Required value", {}, list);
      continue;
    }
    for (std::size_t i = 0; i < paths->items().size(); ++i)
      check_ingress_path(paths->at(i), join_path(list, i), beta, diagnostics);
  }
}

}  // namespace plimsoll::kubernetes::api
