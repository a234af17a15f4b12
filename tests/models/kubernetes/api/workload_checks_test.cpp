#include "models/kubernetes/api/workload_checks.h"

#include <doctest/doctest.h>

#include <string>

#include "models/kubernetes/api/manifest_reader.h"
#include "sim/document/loader.h"

namespace plimsoll::kubernetes::api {
namespace {

std::string said_of_set(const std::string& text) {
  document::Diagnostics diagnostics;
  std::vector<ManifestFacts> facts;
  kubernetes_manifest_reader()->read_all(document::load_text(text, "web.yaml", diagnostics), diagnostics, facts);
  return diagnostics.text();
}

std::string of_kind(const std::string& kind, const std::string& selector) {
  return "apiVersion: apps/v1\nkind: " + kind + "\nmetadata: {name: web}\nspec: {selector: " + selector +
         ", template: {metadata: {labels: {app: web, tier: front}}, spec: {containers: [{name: c, image: 'i:1'}]}}}\n";
}

/// One error with these words, at this path; nothing when `message` is empty.
void told(const std::string& text, const std::string& message, const std::string& path) {
  const std::string said = said_of_set(text);
  CAPTURE(said);
  if (message.empty()) {
    CHECK(said.find("error: ") == std::string::npos);
    return;
  }
  CHECK(said.find("error: ") == said.rfind("error: "));
  CHECK(said.find(message) != std::string::npos);
  CHECK(said.find("(at " + path + ")") != std::string::npos);
}

TEST_CASE("a selector is there, not empty, and of the labels of its template, whatever its operators") {
  told(of_kind("Deployment", "{}"), "empty selector is invalid for deployment", "spec.selector");
  told(of_kind("ReplicaSet", "{}"), "empty selector is invalid for deployment", "spec.selector");
  told(of_kind("StatefulSet", "{}"), "empty selector is invalid for statefulset", "spec.selector");
  told(of_kind("DaemonSet", "{matchLabels: {}}"), "empty selector is invalid for daemonset", "spec.selector");
  struct Row {
    const char* expression;
    bool fits;
  };
  const Row rows[] = {
      {"{key: app, operator: In, values: [web, api]}", true},
      {"{key: app, operator: In, values: [api]}", false},
      {"{key: app, operator: NotIn, values: [api]}", true},
      {"{key: app, operator: NotIn, values: [web]}", false},
      {"{key: zone, operator: NotIn, values: [web]}", true},
      {"{key: tier, operator: Exists}", true},
      {"{key: zone, operator: Exists}", false},
      {"{key: zone, operator: DoesNotExist}", true},
      {"{key: tier, operator: DoesNotExist}", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.expression);
    told(of_kind("Deployment", "{matchExpressions: [" + std::string(row.expression) + "]}"),
         row.fits ? "" : "`selector` does not match template `labels`", "spec.template.metadata.labels");
  }
}

TEST_CASE("a Job makes its own selector") {
  const auto job = [](const std::string& fields) {
    return "apiVersion: batch/v1\nkind: Job\nmetadata: {name: work}\nspec: {" + fields +
           "template: {metadata: {labels: {app: work}}, spec: {restartPolicy: Never, containers: [{name: c, image: "
           "'i:1'}]}}}\n";
  };
  told(job(""), "", "");
  told(job("selector: {}, "), "", "");  // filled in
  told(job("selector: {matchLabels: {app: work}}, "), "`selector` not auto-generated", "spec.selector");
  told(job("selector: {matchLabels: {job-name: work}}, "), "", "");
  told(job("manualSelector: true, "), "Required value", "spec.selector");
  told(job("manualSelector: true, selector: {matchLabels: {app: work}}, "), "", "");
  told(job("manualSelector: true, selector: {matchLabels: {app: rest}}, "), "does not match template",
       "spec.template.metadata.labels");
}

TEST_CASE("limits of indexed Jobs") {
  const auto job = [](const std::string& fields) {
    return "apiVersion: batch/v1\nkind: Job\nmetadata: {name: work}\nspec: {completionMode: Indexed, " + fields +
           ", template: {spec: {restartPolicy: Never, containers: [{name: c, image: 'i:1'}]}}}\n";
  };
  told(job("completions: 200000, parallelism: 100000"), "", "");
  told(job("completions: 200000, parallelism: 100001"),
       "must be less than or equal to 100000 when completion mode is Indexed", "spec.parallelism");
  told(job("completions: 200000, parallelism: 10001, backoffLimitPerIndex: 1, maxFailedIndexes: 10"),
       "must be less than or equal to 10000 when completions are above 100000", "spec.parallelism");
  told(job("completions: 200000, parallelism: 10, backoffLimitPerIndex: 1"),
       "must be specified when completions is above 100000", "spec.maxFailedIndexes");
}

TEST_CASE("an extended resource is not negative") {
  const auto pod = [](const std::string& amount) {
    return "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: 'i:1', resources: "
           "{limits: {vendor.com/x: " +
           amount + "}}}]}\n";
  };
  told(pod("2"), "", "");
  told(pod("'-2'"), "must be greater than or equal to 0", "spec.containers[0].resources.limits.\"vendor.com/x\"");
}

std::string hpa_of(const std::string& metadata, const std::string& kind, const std::string& more = "") {
  return "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {" + metadata +
         "}\nspec: {scaleTargetRef: {apiVersion: apps/v1, kind: " + kind + ", name: web}, minReplicas: 2, " +
         "maxReplicas: 9" + more + "}\n";
}

TEST_CASE("an autoscaler is refused by its own rules") {
  const auto metric = [](const std::string& target) {
    return hpa_of("name: h", "Deployment",
                  ", metrics: [{type: Resource, resource: {name: cpu, target: {" + target + "}}}]");
  };
  const std::string path = "spec.metrics[0].resource.target.";
  told(metric("type: Utilization, averageUtilization: 50"), "", "");
  told(metric("type: Utilization, averageUtilization: 50, averageValue: 50m"),
       "may not set both a target raw value and a target utilization", path + "averageValue");
  told(metric("type: Utilization"), "must set either a target raw value or a target utilization",
       path + "averageUtilization");
  told(metric("averageUtilization: 50"), "must specify a metric target type", path + "type");
  const auto policy = [](const std::string& fields) {
    return hpa_of("name: h", "Deployment", ", behavior: {scaleUp: {policies: [{" + fields + "}]}}");
  };
  const std::string at = "spec.behavior.scaleUp.policies[0].";
  told(policy("type: Pods, value: 4, periodSeconds: 60"), "", "");
  told(policy("type: Pods, periodSeconds: 60"), "Invalid value: 0: must be greater than zero", at + "value");
  told(policy("type: Pods, value: 4"), "Invalid value: 0: must be greater than zero", at + "periodSeconds");
  told(policy("type: Pods, value: 4, periodSeconds: 1801"), "must be less than or equal to 1800", at + "periodSeconds");
  told(policy("value: 4, periodSeconds: 60"), "Unsupported value: \"\"", at + "type");
  told(hpa_of("name: Web_1", "Deployment"), "must be a lowercase RFC 1123 subdomain", "metadata.name");
  told(hpa_of("name: h, namespace: A", "Deployment"), "must be a lowercase RFC 1123 label", "metadata.namespace");
  told(hpa_of("labels: {a: b}", "Deployment"), "name or generateName is required", "metadata.name");
}

TEST_CASE("an autoscaler scales the kind and name of its own namespace, else nothing, which is said once") {
  const auto workload = [](const std::string& kind, const std::string& metadata) {
    return "---\napiVersion: " + std::string(kind == "Pod" ? "v1" : "apps/v1") + "\nkind: " + kind + "\nmetadata: {" +
           metadata + "}\nspec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, " +
           "spec: {containers: [{name: c, image: 'i:1'}]}}}\n";
  };
  struct Row {
    std::string workload, hpa, warning;
    bool scaled;
  };
  const Row rows[] = {
      {workload("Deployment", "name: web"), hpa_of("name: h", "Deployment"), "", true},
      {workload("StatefulSet", "name: web"), hpa_of("name: h", "Deployment"),
       "no Deployment 'web' is in the namespace 'default'; the files have a StatefulSet of the namespace 'default'",
       false},
      {workload("Deployment", "name: web, namespace: a"), hpa_of("name: h, namespace: b", "Deployment"),
       "no Deployment 'web' is in the namespace 'b'", false},
      // kubectl apply -n a: the files may leave the namespace to it.
      {workload("Deployment", "name: web"), hpa_of("name: h, namespace: a", "Deployment"), "", true},
      {workload("Deployment", "name: web, namespace: a") + workload("Deployment", "name: web, namespace: b"),
       hpa_of("name: h, namespace: b", "Deployment"), "", true},
      {workload("DaemonSet", "name: web"), hpa_of("name: h", "DaemonSet"), "a DaemonSet has no scale subresource",
       false},
  };
  for (const Row& row : rows) {
    CAPTURE(&row - rows);
    document::Diagnostics diagnostics;
    std::vector<ManifestFacts> facts;
    kubernetes_manifest_reader()->read_all(document::load_text(row.workload + row.hpa, "web.yaml", diagnostics),
                                           diagnostics, facts);
    CAPTURE(diagnostics.text());
    CHECK_FALSE(diagnostics.has_errors());
    CHECK(diagnostics.warning_count() == (row.warning.empty() ? 0 : 1));
    CHECK(diagnostics.text().find(row.warning) != std::string::npos);
    const ManifestFacts& last = facts.back();
    CHECK((last.kind == "HorizontalPodAutoscaler") == row.scaled);
  }
}

}  // namespace
}  // namespace plimsoll::kubernetes::api
