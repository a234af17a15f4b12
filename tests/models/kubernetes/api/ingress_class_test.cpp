#include "models/kubernetes/api/ingress_class.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "models/kubernetes/api/manifest_reader.h"
#include "sim/document/loader.h"

namespace plimsoll::kubernetes::api {
namespace {

std::string ingress_named(const std::string& name, const std::string& spec, const std::string& annotations = "",
                          const std::string& name_space = "default") {
  return "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: " + name + ", namespace: " + name_space +
         ", annotations: {" + annotations + "}}\nspec: {" + spec + (spec.empty() ? "" : ", ") +
         "defaultBackend: {service: {name: s, port: {number: 80}}}}\n---\n";
}

std::string ingress_class(const std::string& name, const std::string& controller, bool is_default = false,
                          const std::string& params = "") {
  return "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: " + name + ", annotations: {" +
         (is_default ? "ingressclass.kubernetes.io/is-default-class: 'true'" : "") +
         "}}\nspec: {controller: " + controller +
         (params.empty() ? ""
                         : ", parameters: {apiGroup: elbv2.k8s.aws, kind: IngressClassParams, name: " + params + "}") +
         "}\n---\n";
}

struct Kept {
  std::vector<Ingress> ingresses;
  std::string said;
};

Kept kept(const std::string& text) {
  document::Diagnostics diagnostics;
  Objects objects;
  for (const document::Node& node : document::load_text(text, "i.yaml", diagnostics))
    read_object(node, diagnostics, objects);
  keep_managed_ingresses(objects, diagnostics);
  return {objects.ingresses, diagnostics.text()};
}

TEST_CASE("the AWS Load Balancer Controller takes the Ingresses of its classes and no others") {
  const std::string alb = "ingress.k8s.aws/alb", nginx = "k8s.io/ingress-nginx";
  const std::string old = "kubernetes.io/ingress.class: ";
  struct Row {
    std::string text;
    bool taken;
    const char* said;  ///< why not
  };
  const Row rows[] = {
      {ingress_named("i", "ingressClassName: alb"), true, ""},
      {ingress_named("i", "ingressClassName: nginx"), false, "'nginx', whose IngressClass is not among the files"},
      {ingress_named("i", "", old + "alb"), true, ""},
      {ingress_named("i", "", old + "nginx"), false, "annotation kubernetes.io/ingress.class"},
      // The annotation names no IngressClass.
      {ingress_named("i", "", old + "mine") + ingress_class("mine", alb), false, "'mine' (annotation"},
      {ingress_named("i", "ingressClassName: mine") + ingress_class("mine", alb), true, ""},
      {ingress_named("i", "ingressClassName: mine") + ingress_class("mine", "eks.amazonaws.com/alb"), true, ""},
      {ingress_named("i", "ingressClassName: alb") + ingress_class("alb", nginx), false,
       "whose controller is k8s.io/ingress-nginx"},
      {ingress_named("i", ""), false, "no IngressClass is the default"},
      {ingress_named("i", "") + ingress_class("mine", alb), false, "no IngressClass is the default"},
      {ingress_named("i", "") + ingress_class("mine", alb, true), true, ""},
      {ingress_named("i", "") + ingress_class("mine", nginx, true), false, "whose controller is k8s.io/ingress-nginx"},
      // Two defaults: the first by name. An annotation keeps the default away.
      {ingress_named("i", "") + ingress_class("b", nginx, true) + ingress_class("a", alb, true), true, ""},
      {ingress_named("i", "", old + "nginx") + ingress_class("a", alb, true), false, "'nginx' (annotation"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const Kept k = kept(row.text);
    CAPTURE(k.said);
    CHECK(k.ingresses.size() == (row.taken ? 1 : 0));
    CHECK(k.said.empty() == row.taken);
    CHECK(k.said.find(row.said) != std::string::npos);
  }
}

TEST_CASE("Ingresses that are left alone for one reason are one warning") {
  const Kept k = kept(ingress_named("a", "ingressClassName: nginx") + ingress_named("b", "ingressClassName: alb") +
                      ingress_named("c", "ingressClassName: nginx") + ingress_named("d", ""));
  REQUIRE(k.ingresses.size() == 1);
  CHECK(k.ingresses[0].name == "b");
  CHECK(k.said.find("Ingresses 'a', 'c' are of the class 'nginx'") != std::string::npos);
  CHECK(k.said.find("they make no load balancer") != std::string::npos);
  CHECK(k.said.find("Ingress 'd' is of no class") != std::string::npos);
}

TEST_CASE("IngressClassParams give group and scheme, and may leave out namespaces") {
  const auto params = [](const std::string& spec) {
    return "apiVersion: elbv2.k8s.aws/v1beta1\nkind: IngressClassParams\nmetadata: {name: p}\nspec: {" + spec +
           "}\n---\n";
  };
  const std::string mine = ingress_class("mine", "ingress.k8s.aws/alb", false, "p");
  const std::string group = "alb.ingress.kubernetes.io/group.name: own, alb.ingress.kubernetes.io/scheme: internal";
  const Kept both =
      kept(ingress_named("a", "ingressClassName: mine", group) + ingress_named("b", "ingressClassName: mine") + mine +
           params("group: {name: shop}, scheme: internet-facing"));
  CHECK_MESSAGE(both.said.empty(), both.said);
  REQUIRE(both.ingresses.size() == 2);
  for (const Ingress& i : both.ingresses) {
    CHECK(i.group == "shop");
    CHECK(i.scheme == "internet-facing");
  }
  const Kept none = kept(ingress_named("a", "ingressClassName: mine", group) + mine);
  REQUIRE(none.ingresses.size() == 1);
  CHECK(none.ingresses[0].group == "own");
  const std::string only = params("namespaceSelector: {matchLabels: {team: a}}");
  const std::string space = "apiVersion: v1\nkind: Namespace\nmetadata: {name: prod, labels: {team: a}}\n---\n";
  CHECK(kept(ingress_named("a", "ingressClassName: mine", "", "prod") + mine + only + space).ingresses.size() == 1);
  const Kept out = kept(ingress_named("a", "ingressClassName: mine") + mine + only + space);
  CHECK(out.ingresses.empty());
  CHECK(out.said.find("leaves out the namespace 'default'") != std::string::npos);
}

TEST_CASE("classes that the API server refuses") {
  CHECK(kept(ingress_class("c", "nginx")).said.find("must be a domain-prefixed path") != std::string::npos);
  CHECK(kept(ingress_class("c", "''")).said.find("Required value (at spec.controller)") != std::string::npos);
  CHECK(kept(ingress_class("c", "A_B/alb")).said.find("lowercase RFC 1123 subdomain") != std::string::npos);
  const std::string both = kept(ingress_named("i", "ingressClassName: alb", "kubernetes.io/ingress.class: alb")).said;
  CHECK(both.find("can not be set when the class field is also set (at annotations.kubernetes.io/ingress.class)") !=
        std::string::npos);
}

TEST_CASE("an Ingress of another controller leads no balancer to the pods that it serves") {
  const auto read_app = [](const std::string& name) {
    document::Diagnostics diagnostics;
    const document::Reader reader(diagnostics);
    std::vector<ManifestFacts> facts;
    kubernetes_manifest_reader()->read_all(
        document::load_text(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: "
            "web}}\n"
            "  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: c, image: 'i:1'}]}\n---\n"
            "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n"
            "---\n" +
                ingress_named("i", "ingressClassName: " + name),
            "web.yaml", diagnostics),
        reader, facts);
    REQUIRE(facts.size() == 1);
    return facts[0];
  };
  CHECK(read_app("alb").behind_balancer);
  CHECK(dynamic_cast<const ManifestPod&>(*read_app("alb").pod).ingress_balancers.size() == 1);
  CHECK_FALSE(read_app("nginx").behind_balancer);
  CHECK(dynamic_cast<const ManifestPod&>(*read_app("nginx").pod).ingress_balancers.empty());
}

}  // namespace
}  // namespace plimsoll::kubernetes::api
