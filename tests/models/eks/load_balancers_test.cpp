#include "models/eks/load_balancers.h"

#include <doctest/doctest.h>

#include "models/kubernetes/api/manifest_reader.h"
#include "sim/document/loader.h"

namespace plimsoll::eks {
namespace {

std::vector<WorkloadSpec> specs_of(const std::string& text) {
  document::Diagnostics diagnostics;
  std::vector<ManifestFacts> facts;
  kubernetes::api::kubernetes_manifest_reader()->read_all(document::load_text(text, "app.yaml", diagnostics),
                                                          diagnostics, facts);
  INFO(diagnostics.text());
  REQUIRE_FALSE(diagnostics.has_errors());
  std::vector<WorkloadSpec> out;
  for (const ManifestFacts& f : facts) {
    if (!f.pod) continue;
    out.emplace_back();
    out.back().name = f.name;
    out.back().kubernetes_pod = f.pod;
  }
  return out;
}

std::string app(const std::string& name, bool load_balancer = false) {
  return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " + name +
         "}\nspec:\n  selector: {matchLabels: {app: " + name + "}}\n  template:\n    metadata: {labels: {app: " + name +
         "}}\n    spec: {containers: [{name: c, image: 'i:1'}]}\n" +
         "---\napiVersion: v1\nkind: Service\nmetadata: {name: " + name + "}\nspec: {selector: {app: " + name + "}" +
         (load_balancer ? ", type: LoadBalancer" : "") + ", ports: [{port: 80}]}\n---\n";
}

std::string ingress(const std::string& name, const std::string& service, const std::string& group = {}) {
  return "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: " + name + "\n" +
         (group.empty() ? "" : "  annotations: {alb.ingress.kubernetes.io/group.name: " + group + "}\n") +
         "spec:\n  ingressClassName: alb\n  rules:\n  - http:\n      paths:\n      - {path: /, pathType: Prefix, "
         "backend: {service: {name: " +
         service + ", port: {number: 80}}}}\n---\n";
}

TEST_CASE("Ingresses of a group share a balancer, others and Services have their own") {
  struct Row {
    std::string files;
    std::int64_t application, network;
  };
  const Row rows[] = {
      {app("web"), 0, 0},
      {app("web") + ingress("i", "web"), 1, 0},
      {app("web") + app("api") + ingress("i", "web") + ingress("j", "api"), 2, 0},
      {app("web") + app("api") + ingress("i", "web", "front") + ingress("j", "api", "front"), 1, 0},
      {app("web") + app("api") + ingress("i", "web", "front") + ingress("j", "api", "back"), 2, 0},
      {app("web", true), 0, 1},
      {app("web", true) + app("api", true) + ingress("i", "api"), 1, 2},
  };
  for (const Row& row : rows) {
    CAPTURE(&row - rows);
    const LoadBalancers found = load_balancers_of(specs_of(row.files));
    CHECK(found.application == row.application);
    CHECK(found.network == row.network);
  }
}

std::string service_of(const std::string& name, const std::string& balancer, const std::string& annotations = "{}") {
  return app(name) + "apiVersion: v1\nkind: Service\nmetadata: {name: " + name + "-lb, annotations: " + annotations +
         "}\nspec: {selector: {app: " + name + "}, type: LoadBalancer, " + balancer + "ports: [{port: 80}]}\n---\n";
}

TEST_CASE("without the webhook a Service that names neither class nor type gets a Classic Load Balancer") {
  struct Row {
    std::string files;
    std::int64_t network, network_without, classic_without;
  };
  const std::string type = "service.beta.kubernetes.io/aws-load-balancer-type: ";
  const Row rows[] = {
      {service_of("web", ""), 1, 0, 1},
      {service_of("web", "loadBalancerClass: service.k8s.aws/nlb, "), 1, 1, 0},
      {service_of("web", "loadBalancerClass: tailscale, "), 0, 0, 0},
      {service_of("web", "", "{" + type + "external}"), 1, 1, 0},
      {service_of("web", "", "{" + type + "nlb}"), 1, 1, 0},
      {service_of("web", "") + service_of("api", "", "{" + type + "nlb-ip}"), 2, 1, 1},
  };
  for (const Row& row : rows) {
    CAPTURE(&row - rows);
    const auto specs = specs_of(row.files);
    const LoadBalancers with = load_balancers_of(specs), without = load_balancers_of(specs, false);
    CHECK(with.network == row.network);
    CHECK(with.classic == 0);
    CHECK(without.network == row.network_without);
    CHECK(without.classic == row.classic_without);
  }
  Surroundings around;
  CHECK(
      replace_load_balancers({0, 1, 1}, around) ==
      "0 Application, 1 Network and 1 Classic Load Balancers of the Ingresses and Services replace 1 Application and 0 "
      "Network Load Balancers of the scenario");
  CHECK(around.classic_load_balancers == 1);
  CHECK(replace_load_balancers({0, 1, 1}, around).empty());
}

TEST_CASE("the files' balancers take the place of the scenario's, and that is said") {
  Surroundings around;
  CHECK(replace_load_balancers({}, around).empty());
  CHECK(around.load_balancers == 1);
  CHECK(replace_load_balancers({1, 0}, around).empty());  // the same
  CHECK(replace_load_balancers({0, 2}, around) ==
        "0 Application and 2 Network Load Balancers of the Ingresses and Services replace 1 Application and 0 Network "
        "Load Balancers of the scenario");
  CHECK(around.load_balancers == 0);
  CHECK(around.network_load_balancers == 2);
}

TEST_CASE("a Service of type LoadBalancer that leads to no pod of the files has its balancer all the same") {
  const auto lonely = [](const std::string& selector) {
    return "apiVersion: v1\nkind: Service\nmetadata: {name: lone}\nspec: {type: LoadBalancer, " + selector +
           "ports: [{port: 80}]}\n---\n";
  };
  CHECK(load_balancers_of(specs_of(app("web") + lonely(""))).network == 1);
  CHECK(load_balancers_of(specs_of(app("web") + lonely("selector: {app: elsewhere}, "))).network == 1);
  // Once, however many applications the files have.
  CHECK(load_balancers_of(specs_of(app("web", true) + app("api") + lonely(""))).network == 2);
  CHECK(load_balancers_of(specs_of(app("web") + lonely("")), false).classic == 1);
}

TEST_CASE("each balancer has a DNS name by its controller's rules, always the same") {
  const auto specs = specs_of(app("web", true) + app("a-rather-long-name", true) + ingress("front", "web") +
                              ingress("shared", "web", "all-of-the-shop"));
  const auto names = balancer_dns_names(specs, true, "eu-west-1");
  REQUIRE(names.size() == 4);
  CHECK(names == balancer_dns_names(specs, true, "eu-west-1"));
  CHECK(names[0].first == "Ingress default/front");
  // k8s-NAMESPACE-NAME-HASH: 8 characters at most, 10 of hash; ALBs of the controller are internal unless they say so.
  CHECK(names[0].second.starts_with("internal-k8s-default-front-"));
  CHECK(names[0].second.ends_with(".eu-west-1.elb.amazonaws.com"));
  CHECK(names[1].first == "Ingress group all-of-the-shop");
  CHECK(names[1].second.starts_with("internal-k8s-alloftheshop-"));
  CHECK(names[2].first == "Service default/a-rather-long-name");
  CHECK(names[2].second.starts_with("k8s-default-aratherl-"));
  CHECK(names[2].second.ends_with(".elb.eu-west-1.amazonaws.com"));
  // "k8s-default-aratherl-", 10, "-", 16, and the rest.
  CHECK(names[2].second.size() == 21 + 10 + 1 + 16 + std::string(".elb.eu-west-1.amazonaws.com").size());
  CHECK(names[2].second != names[3].second);
  const auto classic = balancer_dns_names(specs, false, "eu-west-1");
  CHECK(classic[2].second.starts_with("a"));
  CHECK(classic[2].second.ends_with(".eu-west-1.elb.amazonaws.com"));
}

}  // namespace
}  // namespace plimsoll::eks
