#include "models/kubernetes/api/ingress_class.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "models/kubernetes/api/name_rules.h"
#include "models/kubernetes/api/pod_template.h"
#include "models/kubernetes/api/workload_checks.h"

namespace plimsoll::kubernetes::api {

namespace {

bool is_managed(const IngressClass& c) {
  return c.controller == "ingress.k8s.aws/alb" || c.controller == "eks.amazonaws.com/alb";
}

template <class Named>
const Named* named(const std::vector<Named>& all, const std::string& name) {
  const auto at = std::find_if(all.rbegin(), all.rend(), [&](const Named& n) { return n.name == name; });
  return at == all.rend() ? nullptr : &*at;
}

const IngressClass* default_class(const std::vector<IngressClass>& all) {
  const IngressClass* first = nullptr;
  for (const IngressClass& c : all) {
    if (c.is_default && (first == nullptr || c.name < first->name)) first = &c;
  }
  return first;
}

/// With the label that the API server gives every namespace.
TextMap labels_of_namespace(const Objects& objects, const std::string& name) {
  TextMap labels;
  for (const document::Node& node : objects.admission) {
    const document::Node* kind = node.find("kind");
    const document::Node* metadata = node.find("metadata");
    const document::Node* own = metadata == nullptr ? nullptr : metadata->find("name");
    const document::Node* listed = metadata == nullptr ? nullptr : metadata->find("labels");
    if (kind == nullptr || kind->text() != "Namespace" || own == nullptr || own->text() != name) continue;
    if (listed == nullptr || !listed->is_mapping()) continue;
    for (const document::Entry& e : listed->entries()) {
      if (e.value.is_scalar()) labels.emplace_back(e.key, e.value.text());
    }
  }
  labels.emplace_back("kubernetes.io/metadata.name", name);
  return labels;
}

/// Why an Ingress makes no balancer, and what to do about it; the group and scheme of its class go into it.
struct Verdict {
  std::string why, hint;
};

Verdict judge(const Objects& objects, Ingress& ingress) {
  if (ingress.class_annotation) {
    if (*ingress.class_annotation == "alb") return {};
    return {"of the class '" + *ingress.class_annotation +
                "' (annotation kubernetes.io/ingress.class), which is not the AWS Load Balancer Controller's",
            ""};
  }
  const IngressClass* of = nullptr;
  if (ingress.class_name) {
    of = named(objects.ingress_classes, *ingress.class_name);
    if (of == nullptr && *ingress.class_name == "alb") return {};
    if (of == nullptr)
      return {"of the class '" + *ingress.class_name + "', whose IngressClass is not among the files",
              "add its file when its controller is ingress.k8s.aws/alb"};
  } else {
    of = default_class(objects.ingress_classes);
    if (of == nullptr)
      return {"of no class and no IngressClass is the default: the AWS Load Balancer Controller leaves that alone",
              "spec.ingressClassName: alb"};
  }
  if (!is_managed(*of)) return {"of the class '" + of->name + "', whose controller is " + of->controller, ""};
  const IngressClassParams* params =
      of->parameters.empty() ? nullptr : named(objects.ingress_class_params, of->parameters);
  if (params == nullptr) return {};
  if (params->namespaces.present && !matches(params->namespaces, labels_of_namespace(objects, ingress.namespace_name)))
    return {"of the class '" + of->name + "', whose namespaceSelector leaves out the namespace '" +
                ingress.namespace_name + "'",
            ""};
  if (!params->group.empty()) ingress.group = params->group;
  if (!params->scheme.empty()) ingress.scheme = params->scheme;
  return {};
}

}  // namespace

std::optional<IngressBackend> read_ingress_backend(const document::Node& backend, bool beta) {
  const document::Node* service = beta ? &backend : backend.find("service");
  const document::Node* name = service == nullptr ? nullptr : service->find(beta ? "serviceName" : "name");
  if (name == nullptr || !name->is_string()) return std::nullopt;
  IngressBackend out;
  out.service = name->text();
  out.mark = service->mark();
  const document::Node* port = service->find(beta ? "servicePort" : "port");
  const document::Node* number = beta || port == nullptr ? port : port->find("number");
  const document::Node* called = beta || port == nullptr ? port : port->find("name");
  if (number != nullptr && number->kind() == document::Kind::integer) {
    out.port = number->as_integer();
  } else if (called != nullptr && called->is_string()) {
    out.port_name = called->text();
  }
  return out;
}

IngressClass read_ingress_class(Object& object, const std::string& name, const TextMap& annotations) {
  IngressClass out;
  out.name = name;
  for (const auto& [key, value] : annotations)
    out.is_default = out.is_default || (key == "ingressclass.kubernetes.io/is-default-class" && value == "true");
  const document::Node* node = object.get("spec");
  if (node == nullptr) {
    object.error("spec", "Required value: controller");
    return out;
  }
  Object spec(*node, object.diagnostics(), object.path_of("spec"));
  out.controller = spec.text_or("controller", "");
  const std::size_t slash = out.controller.find('/');
  if (out.controller.empty()) {
    spec.error("controller", "Required value");
  } else if (slash == 0 || slash == std::string::npos || slash + 1 == out.controller.size()) {
    spec.error("controller",
               "Invalid value: \"" + out.controller + "\": must be a domain-prefixed path (such as \"acme.io/foo\")");
  } else if (const std::string fault = subdomain_name_fault(out.controller.substr(0, slash)); !fault.empty()) {
    spec.error("controller", fault);
  }
  if (const document::Node* parameters = spec.get("parameters")) {
    Object p(*parameters, object.diagnostics(), spec.path_of("parameters"));
    p.ignore({"apiGroup", "scope", "namespace"});
    const std::string kind = p.text_or("kind", ""), of = p.text_or("name", "");
    if (kind.empty()) p.error("kind", "Required value: kind is required");
    if (of.empty()) p.error("name", "Required value: name is required");
    if (kind == "IngressClassParams") out.parameters = of;
  }
  return out;
}

bool is_ingress_class_params(const document::Node& node) {
  const document::Node* version = node.find("apiVersion");
  const document::Node* kind = node.find("kind");
  if (version == nullptr || kind == nullptr || !version->is_string() || !kind->is_string()) return false;
  return kind->text() == "IngressClassParams" &&
         (version->text().starts_with("elbv2.k8s.aws/") || version->text().starts_with("eks.amazonaws.com/"));
}

IngressClassParams read_ingress_class_params(Object& object, const std::string& name) {
  IngressClassParams out;
  out.name = name;
  const document::Node* node = object.get("spec");
  if (node == nullptr) return out;
  Object spec(*node, object.diagnostics(), object.path_of("spec"));
  spec.allow_unknown();
  out.scheme = spec.text_or("scheme", "");
  if (!out.scheme.empty() && out.scheme != "internal" && out.scheme != "internet-facing")
    spec.error("scheme",
               "Unsupported value: \"" + out.scheme + "\": supported values: \"internal\", \"internet-facing\"");
  if (const document::Node* group = spec.get("group")) {
    Object g(*group, object.diagnostics(), spec.path_of("group"));
    out.group = g.text_or("name", "");
    if (out.group.empty()) g.error("name", "Required value");
  }
  out.namespaces =
      read_selector(spec.get("namespaceSelector"), object.diagnostics(), spec.path_of("namespaceSelector"));
  return out;
}

void keep_managed_ingresses(Objects& objects, document::Diagnostics& diagnostics) {
  std::vector<Ingress> kept;
  std::vector<std::pair<Verdict, std::vector<const Ingress*>>> left;  // by reason
  for (Ingress& ingress : objects.ingresses) {
    const Verdict verdict = judge(objects, ingress);
    if (verdict.why.empty()) {
      kept.push_back(ingress);
      continue;
    }
    auto at = std::find_if(left.begin(), left.end(), [&](const auto& l) { return l.first.why == verdict.why; });
    if (at == left.end()) at = left.insert(left.end(), {verdict, {}});
    at->second.push_back(&ingress);
  }
  for (const auto& [verdict, ingresses] : left) {
    std::string names;
    for (const Ingress* i : ingresses) names += (names.empty() ? "'" : ", '") + i->name + "'";
    const bool one = ingresses.size() == 1;
    diagnostics.warning(ingresses.front()->mark,
                        (one ? "Ingress " : "Ingresses ") + names + (one ? " is " : " are ") + verdict.why +
                            (one ? ": it makes" : ": they make") + " no load balancer",
                        verdict.hint, "spec.ingressClassName");
  }
  objects.ingresses = std::move(kept);
}

}  // namespace plimsoll::kubernetes::api
