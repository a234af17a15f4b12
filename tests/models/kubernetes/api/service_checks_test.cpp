// Also tests: kind_hint
#include "models/kubernetes/api/service_checks.h"

#include <doctest/doctest.h>

#include <string>

#include "models/kubernetes/api/objects.h"
#include "sim/document/loader.h"

namespace plimsoll::kubernetes::api {
namespace {

std::string said_of_object(const std::string& head, const std::string& spec) {
  document::Diagnostics diagnostics;
  Objects objects;
  for (const document::Node& node :
       document::load_text(head + "\nmetadata: {name: web}\nspec: {" + spec + "}\n", "web.yaml", diagnostics))
    read_object(node, diagnostics, objects);
  return diagnostics.text();
}

std::string service(const std::string& spec) { return said_of_object("apiVersion: v1\nkind: Service", spec); }
std::string ingress(const std::string& spec) {
  return said_of_object("apiVersion: networking.k8s.io/v1\nkind: Ingress", spec);
}

/// One fault, one message, with its path.
void refused(const std::string& text, const std::string& message, const std::string& path) {
  CAPTURE(text);
  CHECK(text.find(": error: ") != std::string::npos);
  CHECK(text.find(": error: ") == text.rfind(": error: "));
  CHECK(text.find(message) != std::string::npos);
  CHECK(text.find("(at " + path + ")") != std::string::npos);
}

TEST_CASE("Services are refused by the rules of the API server") {
  refused(service("type: LoadBalancr, ports: [{port: 80}]"), "Unsupported value: \"LoadBalancr\"", "spec.type");
  refused(service("selector: {app: web}"), "Required value", "spec.ports");
  refused(service("ports: [{port: 80, name: a}, {port: 99999, name: b}]"), "must be less than or equal to 65535",
          "spec.ports[1].port");
  refused(service("ports: [{port: 80, name: a}, {port: 80, name: b}]"), "Duplicate value", "spec.ports[1]");
  refused(service("ports: [{port: 80, name: a}, {port: 81}]"), "Required value", "spec.ports[1].name");
  refused(service("ports: [{port: 80, name: a}, {port: 81, name: a}]"), "Duplicate value: \"a\"", "spec.ports[1].name");
  refused(service("ports: [{port: 80, protocol: ICMP}]"), "Unsupported value: \"ICMP\"", "spec.ports[0].protocol");
  refused(service("selector: {app: 'a b'}, ports: [{port: 80}]"), "Invalid value: \"a b\"", "spec.selector.app");
  refused(service("loadBalancerClass: service.k8s.aws/nlb, ports: [{port: 80}]"),
          "may only be used when `type` is 'LoadBalancer'", "spec.loadBalancerClass");
  refused(service("type: NodePort, ports: [{port: 80, nodePort: 80}]"),
          "Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767",
          "spec.ports[0].nodePort");
  refused(service("ports: [{port: 80, nodePort: 30080}]"), "may not be used when `type` is 'ClusterIP'",
          "spec.ports[0].nodePort");
  CHECK(service("type: NodePort, ports: [{port: 80, name: a, nodePort: 30000}, {port: 81, name: b, nodePort: 32767}]")
            .empty());
  refused(service("ports: [{port: 80, targetPort: 70000}]"), "Invalid value: 70000: must be between 1 and 65535",
          "spec.ports[0].targetPort");
  refused(service("type: ExternalName"), "Required value", "spec.externalName");
  refused(service("type: NodePort, clusterIP: None, ports: [{port: 80}]"),
          "may not be set to 'None' for NodePort services", "spec.clusterIPs[0]");
  CHECK(service("type: ExternalName, externalName: db.example.com").empty());
  CHECK(service("ports: [{port: 80, name: a, targetPort: 0}, {port: 81, name: b, targetPort: http}]").empty());
  refused(service("sessionAffinity: Client, ports: [{port: 80}]"), "supported values: \"ClientIP\", \"None\"",
          "spec.sessionAffinity");
  refused(service("trafficDistribution: Near, ports: [{port: 80}]"), "Unsupported value: \"Near\"",
          "spec.trafficDistribution");
  CHECK(service("sessionAffinity: None, internalTrafficPolicy: Cluster, ports: [{port: 80}]").empty());
  const std::string local = service("internalTrafficPolicy: Local, ports: [{port: 80}]");
  CHECK(local.find("warning: which node a request stays on is not modelled") != std::string::npos);
  CHECK(service("clusterIP: None, selector: {app: web}").empty());
  CHECK(service("type: LoadBalancer, ports: [{port: 80, name: a}, {port: 80, protocol: UDP, name: b}]").empty());
}

TEST_CASE("Ingresses are refused by the rules of the API server") {
  const std::string backend = "backend: {service: {name: web, port: {number: 80}}}";
  const auto path = [](const std::string& fields) { return "rules: [{http: {paths: [{" + fields + "}]}}]"; };
  refused(ingress("ingressClassName: alb"), "either `defaultBackend` or `rules` must be specified", "spec");
  refused(ingress(path("path: /, " + backend)), "pathType must be specified", "spec.rules[0].http.paths[0].pathType");
  refused(ingress(path("path: x, pathType: Prefix, " + backend)), "must be an absolute path",
          "spec.rules[0].http.paths[0].path");
  refused(ingress(path("path: /, pathType: Prefix, backend: {service: {name: web}}")),
          "port name or number is required", "spec.rules[0].http.paths[0].backend.service.port");
  refused(ingress("rules: [{http: {}}]"), "Required value", "spec.rules[0].http.paths");
  CHECK(ingress(path("path: /, pathType: Prefix, " + backend)).empty());
  CHECK(ingress("defaultBackend: {service: {name: web, port: {name: http}}}").empty());
}

TEST_CASE("an Ingress of v1beta1 has the fields of its version") {
  for (const char* version : {"extensions/v1beta1", "networking.k8s.io/v1beta1"}) {
    const auto old = [&](const std::string& spec) {
      return said_of_object("apiVersion: " + std::string(version) + "\nkind: Ingress", spec);
    };
    const std::string text = old("rules: [{http: {paths: [{path: /, backend: {serviceName: web, servicePort: 80}}]}}]");
    CHECK(text.find("error") == std::string::npos);
    CHECK(text.find("served up to Kubernetes 1.21 only") != std::string::npos);
    refused(old("rules: [{http: {paths: [{path: /, backend: {servicePort: 80}}]}}]"), "Required value",
            "spec.rules[0].http.paths[0].backend.serviceName");
    refused(old("backend: {serviceName: web}"), "port name or number is required", "spec.backend.servicePort");
    refused(old("tls: []"), "either `backend` or `rules` must be specified", "spec");
  }
  document::Diagnostics diagnostics;
  Objects objects;
  for (const document::Node& node : document::load_text(
           "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: web}\nspec: {backend: {serviceName: all, "
           "servicePort: http}, rules: [{http: {paths: [{backend: {serviceName: web, servicePort: 80}}]}}]}\n",
           "web.yaml", diagnostics))
    read_object(node, diagnostics, objects);
  REQUIRE(objects.ingresses.size() == 1);
  CHECK(objects.ingresses[0].services == std::vector<std::string>{"all", "web"});
}

TEST_CASE("an API version that is served no more is told with its kind and the last release that had it") {
  struct Row {
    const char* version;
    const char* kind;
    int last;
    bool error;
  };
  const Row rows[] = {{"extensions/v1beta1", "Deployment", 15, true},
                      {"apps/v1beta2", "DaemonSet", 15, true},
                      {"apps/v1beta1", "StatefulSet", 15, true},
                      {"scheduling.k8s.io/v1beta1", "PriorityClass", 21, false},
                      {"storage.k8s.io/v1beta1", "StorageClass", 21, false},
                      {"policy/v1beta1", "PodDisruptionBudget", 24, false},
                      {"batch/v1beta1", "CronJob", 24, false},
                      {"autoscaling/v2beta2", "HorizontalPodAutoscaler", 25, false}};
  for (const Row& row : rows) {
    const std::string text =
        said_of_object("apiVersion: " + std::string(row.version) + "\nkind: " + std::string(row.kind), "");
    CAPTURE(text);
    const auto at = text.find("no matches for kind \"" + std::string(row.kind) + "\" in version \"" + row.version +
                              "\": Kubernetes serves it up to 1." + std::to_string(row.last) + " only");
    REQUIRE(at != std::string::npos);
    CHECK(text.substr(0, at).ends_with(row.error ? ": error: " : ": warning: "));
  }
  CHECK(said_of_object("apiVersion: policy/v1\nkind: PodDisruptionBudget", "minAvailable: 1").find("no matches") ==
        std::string::npos);
}

TEST_CASE("selectors have keys and values of labels") {
  const std::string text =
      said_of_object("apiVersion: policy/v1\nkind: PodDisruptionBudget",
                     "minAvailable: 1, selector: {matchLabels: {app: 'x y'}, matchExpressions: [{key: 'a b', operator: "
                     "Exists}]}");
  CHECK(text.find("(at spec.selector.matchLabels.app)") != std::string::npos);
  CHECK(text.find("(at spec.selector.matchExpressions[0].key)") != std::string::npos);
}

TEST_CASE("fields that only some types of Service have, and addresses, are refused elsewhere") {
  const std::string ports = ", ports: [{port: 80}]";
  refused(service("clusterIP: foo" + ports), "Invalid value: \"foo\": must be a valid IP address",
          "spec.clusterIPs[0]");
  refused(service("externalTrafficPolicy: Cluster" + ports), "may only be set for externally-accessible services",
          "spec.externalTrafficPolicy");
  refused(service("type: LoadBalancer, healthCheckNodePort: 31000" + ports),
          "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
          "spec.healthCheckNodePort");
  refused(service("allocateLoadBalancerNodePorts: false" + ports), "may only be used when `type` is 'LoadBalancer'",
          "spec.allocateLoadBalancerNodePorts");
  refused(service("type: LoadBalancer, loadBalancerSourceRanges: [foo]" + ports), "must be a list of IP ranges",
          "spec.loadBalancerSourceRanges");
  refused(service("ipFamilyPolicy: Triple" + ports), "Unsupported value: \"Triple\"", "spec.ipFamilyPolicy");
  refused(service("externalIPs: [foo]" + ports), "must be a valid IP address", "spec.externalIPs[0]");
  refused(service("type: ExternalName, externalName: 'a b'"), "Invalid value: \"a b\"", "spec.externalName");
  refused(service("ports: [{port: 80, targetPort: Http_}]"), "Invalid value: \"Http_\"", "spec.ports[0].targetPort");
  CHECK(service("clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1]" + ports) == "");
  CHECK(service("type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8, ' 10.1.0.0/16 '], "
                "allocateLoadBalancerNodePorts: false" +
                ports) == "");
}

TEST_CASE("hosts and paths of an Ingress are refused by the rules of the API server") {
  const std::string http =
      "http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: s, port: {number: 80}}}}]}";
  refused(ingress("rules: [{host: 1.2.3.4, " + http + "}]"), "must be a DNS name, not an IP address",
          "spec.rules[0].host");
  refused(ingress("rules: [{host: a_b, " + http + "}]"), "Invalid value: \"a_b\"", "spec.rules[0].host");
  refused(ingress("rules: [{host: '*a.com', " + http + "}]"), "must start with '*.'", "spec.rules[0].host");
  refused(ingress("tls: [{hosts: [a_b]}], rules: [{" + http + "}]"), "Invalid value: \"a_b\"", "spec.tls[0].hosts[0]");
  refused(ingress("ingressClassName: Al_B, rules: [{" + http + "}]"), "Invalid value: \"Al_B\"",
          "spec.ingressClassName");
  refused(ingress("defaultBackend: {service: {name: s, port: {number: 80}}, resource: {kind: A, name: b}}"),
          "cannot set both resource and service backends", "spec.defaultBackend");
  refused(ingress("defaultBackend: {service: {name: s, port: {number: 70000}}}"), "must be between 1 and 65535",
          "spec.defaultBackend.service.port.number");
  const auto path = [&](const std::string& text) {
    std::string rule = http;
    return ingress("rules: [{" + rule.replace(rule.find("/, "), 1, text) + "}]");
  };
  refused(path("/a//b"), "must not contain '//'", "spec.rules[0].http.paths[0].path");
  refused(path("/a/../b"), "must not contain '/../'", "spec.rules[0].http.paths[0].path");
  refused(path("/a/.."), "cannot end with '/..'", "spec.rules[0].http.paths[0].path");
  CHECK(ingress("rules: [{host: '*.shop.example', " + http + "}]") == "");
}

}  // namespace
}  // namespace plimsoll::kubernetes::api
