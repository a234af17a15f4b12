#include "models/kubernetes/api/service_routes.h"

#include <doctest/doctest.h>

#include <string>

#include "sim/document/loader.h"

namespace plimsoll::kubernetes::api {
namespace {

std::string deployed(const std::string& name, const std::string& space = "default") {
  return "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " + name + ", namespace: " + space +
         "}\nspec: {selector: {matchLabels: {app: " + name + "}}, template: {metadata: {labels: {app: " + name +
         "}}, spec: {containers: [{name: c, image: 'i:1'}]}}}\n";
}

std::string service_to(const std::string& name, const std::string& app, const std::string& more = "") {
  return "---\napiVersion: v1\nkind: Service\nmetadata: {name: " + name + "}\nspec: {selector: {app: " + app + "}, " +
         more + "ports: [{port: 80, name: http}, {port: 81, name: admin}]}\n";
}

std::string ingress_to(const std::string& name, const std::string& service, const std::string& port = "number: 80",
                       const std::string& group = "") {
  return "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: " + name +
         (group.empty() ? "" : ", annotations: {alb.ingress.kubernetes.io/group.name: " + group + "}") +
         "}\nspec: {ingressClassName: alb, defaultBackend: {service: {name: " + service + ", port: {" + port + "}}}}\n";
}

struct RoutesRead {
  document::Diagnostics diagnostics;
  std::vector<ManifestFacts> facts;
  explicit RoutesRead(const std::string& text) {
    kubernetes_manifest_reader()->read_all(document::load_text(text, "w.yaml", diagnostics), diagnostics, facts);
    CHECK_MESSAGE(!diagnostics.has_errors(), diagnostics.text());
  }
  const ManifestPod& pod(std::size_t i = 0) const { return dynamic_cast<const ManifestPod&>(*facts.at(i).pod); }
};

TEST_CASE("whether requests from outside and calls find the pods of web") {
  struct Row {
    std::string files;
    bool outside, inside;
  };
  const std::string lb = "type: LoadBalancer, ";
  const Row rows[] = {
      {deployed("web"), true, true},  // nothing is said: the scenario's
      {deployed("web") + service_to("web", "web"), true, true},
      {deployed("web") + service_to("web", "web") + ingress_to("i", "web"), true, true},
      {deployed("web") + service_to("web", "wrong") + ingress_to("i", "web"), false, false},
      {deployed("web") + service_to("web", "wrong", lb), false, false},
      {deployed("web") + service_to("web", "wrong"), false, false},
      // A Service of another name: from outside it counts when it can be meant for nobody else.
      {deployed("web") + service_to("front", "wrong", lb), false, true},
      {deployed("web") + deployed("api") + service_to("front", "wrong", lb), true, true},
      {deployed("web") + deployed("api") + service_to("front", "web2") + ingress_to("web", "front"), false, true},
      {deployed("web") + service_to("front", "wrong"), true, true},  // nothing comes by it from outside
      // Another way leads in.
      {deployed("web") + service_to("web", "wrong", lb) + service_to("front", "web", lb), true, true},
      {deployed("web") + service_to("web", "wrong", lb) + service_to("inner", "web"), false, true},
      {deployed("web", "shop") + service_to("web", "wrong", lb), true, true},  // of another namespace
      // A port that the Service has not: no balancer.
      {deployed("web") + service_to("web", "web") + ingress_to("i", "web", "number: 8080"), false, true},
      {deployed("web") + service_to("web", "web") + ingress_to("i", "web", "name: https"), false, true},
      {deployed("web") + service_to("web", "web") + ingress_to("i", "web", "name: admin"), true, true},
      {deployed("web") + service_to("web", "web") + ingress_to("i", "web", "name: use-annotation"), true, true},
      {deployed("web") + service_to("web", "web") + ingress_to("i", "web", "number: 8080") + ingress_to("j", "web"),
       true, true},
      {deployed("web") + service_to("web", "web") + ingress_to("i", "web", "number: 80", "g") +
           ingress_to("j", "web", "number: 8080", "g"),
       false, true},
  };
  for (const Row& row : rows) {
    CAPTURE(&row - rows);
    const RoutesRead r(row.files);
    CAPTURE(r.diagnostics.text());
    CHECK(r.pod().no_way_from_outside.empty() == row.outside);
    CHECK(r.pod().no_way_inside.empty() == row.inside);
  }
}

TEST_CASE("an Ingress that names no port of its Service makes no balancer, nor does its group, and says why") {
  const RoutesRead r(deployed("web") + deployed("api") + service_to("web", "web") + service_to("api", "api") +
                     ingress_to("i", "web", "number: 8080", "g") + ingress_to("j", "api", "number: 80", "g"));
  CHECK(r.diagnostics.text().find("Ingress 'i': unable to find port 8080 on service default/web: the AWS Load Balancer "
                                  "Controller makes no load balancer of its group 'g' (FailedBuildModel)") !=
        std::string::npos);
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
    CHECK(r.pod(i).ingress_balancers.empty());
    CHECK(r.pod(i).refused_balancers == std::vector<std::string>{"group g"});
    CHECK(r.pod(i).no_way_from_outside ==
          std::string("the Ingress '") + (i == 0 ? "i" : "j") +
              "' has no load balancer: unable to find port 8080 on service default/web");
  }
}

TEST_CASE("a Service of some other controller's class has no balancer, and is told") {
  const RoutesRead r(deployed("web") + service_to("web", "web", "type: LoadBalancer, loadBalancerClass: foo.com/x, "));
  CHECK(r.pod().service_balancers.empty());
  CHECK(r.diagnostics.text().find("Service 'web' is of the load balancer class 'foo.com/x', which no controller of AWS "
                                  "has: it gets no load balancer") != std::string::npos);
  CHECK(RoutesRead(deployed("web") +
                   service_to("web", "web", "type: LoadBalancer, loadBalancerClass: service.k8s.aws/nlb, "))
            .diagnostics.empty());
}

TEST_CASE("a Service that misses the workload of its name is no entry of its own") {
  const RoutesRead r(deployed("web") + service_to("web", "wrong", "type: LoadBalancer, "));
  CHECK(r.facts.size() == 1);
  CHECK(r.pod().no_way_inside == "the Service 'web' selects no pod (app=wrong)");
}

TEST_CASE("a Service selects pods of its own namespace only, and says where they are") {
  const std::string front =
      "---\napiVersion: v1\nkind: Service\nmetadata: {name: front, namespace: edge}\n"
      "spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}\n";
  const RoutesRead r(deployed("web", "shop") + front);
  CHECK(r.pod().no_way_from_outside ==
        "the Service 'front' of the namespace 'edge' selects no pod of the namespace 'shop'");
  CHECK(r.pod().no_way_inside == r.pod().no_way_from_outside);
  CHECK(r.diagnostics.text().find("a Service selects those of its own namespace 'edge', and Deployment 'web' is in "
                                  "'shop'") != std::string::npos);
  // Another way, or pods of the Service's own: nothing is lost.
  const RoutesRead own(deployed("web", "shop") + deployed("web", "edge") + front);
  CHECK(own.pod().no_way_inside.empty());
  const RoutesRead same(deployed("web", "edge") + front);
  CHECK(same.pod().no_way_from_outside.empty());
  CHECK_MESSAGE(same.diagnostics.empty(), same.diagnostics.text());
}

TEST_CASE("a Service of two applications, or of one pod of a StatefulSet, is told") {
  const auto tracked = [](const std::string& name) {
    return "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " + name +
           "}\nspec: {selector: {matchLabels: {track: " + name +
           "}}, template: {metadata: {labels: {app: web, track: " + name +
           "}}, spec: {containers: [{name: c, image: 'i:1'}]}}}\n";
  };
  const RoutesRead both(tracked("stable") + tracked("canary") + service_to("web", "web"));
  CHECK(both.diagnostics.text().find("Service 'web' selects the pods of Deployment 'stable', Deployment 'canary': ") !=
        std::string::npos);
  const auto db = [](const std::string& replicas, const std::string& pod) {
    return "---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec: {replicas: " + replicas +
           ", serviceName: db, selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: "
           "{containers: [{name: c, image: 'i:1'}]}}}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: db}\n"
           "spec: {selector: {statefulset.kubernetes.io/pod-name: " +
           pod + "}, ports: [{port: 80}]}\n";
  };
  const RoutesRead one(db("3", "db-0"));
  CHECK(one.pod().no_way_inside.empty());
  CHECK(one.diagnostics.text().find("Service 'db' selects one pod of StatefulSet 'db' "
                                    "(statefulset.kubernetes.io/pod-name=db-0): ") != std::string::npos);
  CHECK(RoutesRead(db("1", "db-0")).diagnostics.text().find("selects one pod") == std::string::npos);
  CHECK_FALSE(RoutesRead(db("3", "dc-0")).pod().no_way_inside.empty());
}

}  // namespace
}  // namespace plimsoll::kubernetes::api
