#include "models/kubernetes/api/pod_checks.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "models/kubernetes/api/manifest_reader.h"
#include "models/kubernetes/api/pod_shape.h"
#include "sim/document/loader.h"

namespace plimsoll::kubernetes::api {
namespace {

/// What is said of a Deployment with these fields of its pod and of its only container, and of further documents.
std::string said_of(const std::string& pod, const std::string& container = "", const std::string& more = "") {
  document::Diagnostics diagnostics;
  const document::Reader reader(diagnostics);
  std::vector<ManifestFacts> facts;
  const std::string text =
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n"
      "  template:\n    metadata: {labels: {app: web}}\n    spec: {" +
      (pod.empty() ? "" : pod + ", ") + "containers: [{name: c, image: i" +
      (container.empty() ? "" : ", " + container) + "}]}\n" + more;
  kubernetes_manifest_reader()->read_all(document::load_text(text, "web.yaml", diagnostics), reader, facts);
  return diagnostics.text();
}

TEST_CASE("what the API server refuses of a pod is told with its rule and path") {
  struct Refused {
    const char* pod;
    const char* container;
    const char* message;
    const char* path;
  };
  const Refused all[] = {
      {"nodeSelector: {'a b': x}", "", "Invalid value: \"a b\"", "spec.template.spec.nodeSelector"},
      {"nodeSelector: {disk: 's s d'}", "", "Invalid value: \"s s d\"", "spec.template.spec.nodeSelector.disk"},
      {"tolerations: [{key: a, operator: Exists, tolerationSeconds: 3, effect: NoSchedule}]", "",
       "effect must be 'NoExecute' when `tolerationSeconds` is set", "spec.template.spec.tolerations[0].effect"},
      {"tolerations: [{key: 'b c', operator: Exists}]", "", "Invalid value: \"b c\"",
       "spec.template.spec.tolerations[0].key"},
      {"topologySpreadConstraints: [{maxSkew: 1, topologyKey: 'a b', whenUnsatisfiable: DoNotSchedule}]", "",
       "Invalid value: \"a b\"", "spec.template.spec.topologySpreadConstraints[0].topologyKey"},
      {"topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule, matchLabelKeys: "
       "[app]}]",
       "", "must not be specified when labelSelector is not set",
       "spec.template.spec.topologySpreadConstraints[0].matchLabelKeys"},
      {"affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: z, labelSelector: {}, "
       "matchLabelKeys: [app], mismatchLabelKeys: [app]}]}}",
       "", "exists in both matchLabelKeys and mismatchLabelKeys", "[0].matchLabelKeys[0]"},
      {"affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: z, namespaces: "
       "[A_B]}]}}",
       "", "lowercase RFC 1123 label", "[0].namespaces[0]"},
      {"affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchFields: "
       "[{key: metadata.uid, operator: In, values: [a]}]}]}}}",
       "", "not a valid field selector key", "nodeSelectorTerms[0].matchFields[0].key"},
      {"schedulingGates: [{name: x/y}, {name: x/y}]", "", "Duplicate value: \"x/y\"",
       "spec.template.spec.schedulingGates[1].name"},
      {"schedulingGates: [{name: x/y}], nodeName: n1", "", "cannot be set until all schedulingGates have been cleared",
       "spec.template.spec.nodeName"},
      {"volumes: [{name: v, emptyDir: {}}, {name: v, emptyDir: {}}]", "", "Duplicate value: \"v\"",
       "spec.template.spec.volumes[1].name"},
      {"", "volumeMounts: [{name: absent, mountPath: /x}]", "Not found: \"absent\"",
       "spec.template.spec.containers[0].volumeMounts[0].name"},
      {"", "ports: [{containerPort: 80, hostPort: 8080}, {containerPort: 81, hostPort: 8080}]",
       "Duplicate value: \"TCP//8080\"", "spec.template.spec.containers[0].ports[1].hostPort"},
      {"hostNetwork: true", "ports: [{containerPort: 80, hostPort: 81}]",
       "must match `hostPort` when `hostNetwork` is true", "spec.template.spec.containers[0].ports[0].containerPort"},
      {"", "resources: {requests: {widgets: 2}}", "must be a standard resource for containers",
       "resources.requests.widgets"},
      {"", "resources: {limits: {example.com/widget: 1500m}}", "must be an integer", "example.com/widget"},
      {"", "resources: {requests: {example.com/widget: 2}}", "Limit must be set for non overcommitable resources",
       "spec.template.spec.containers[0].resources.limits"},
      {"", "lifecycle: {preStop: {}}", "must specify a handler type",
       "spec.template.spec.containers[0].lifecycle.preStop"},
      {"nodeName: Foo_Bar", "", "lowercase RFC 1123 subdomain", "spec.template.spec.nodeName"},
      {"dnsPolicy: Nope", "", "supported values: \"ClusterFirst\", \"ClusterFirstWithHostNet\", \"Default\", \"None\"",
       "spec.template.spec.dnsPolicy"},
      {"dnsPolicy: None", "", "must provide at least one DNS nameserver", "spec.template.spec.dnsConfig.nameservers"},
      {"os: {name: mac}", "", "Unsupported value: \"mac\": supported values: \"linux\", \"windows\"",
       "spec.template.spec.os.name"},
      {"os: {}", "", "Required value", "spec.template.spec.os.name"},
      {"activeDeadlineSeconds: 5", "", "Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported",
       "spec.template.spec.activeDeadlineSeconds"},
      {"initContainers: [{name: i, image: x, readinessProbe: {httpGet: {port: 1}}}]", "",
       "may not be set for init containers without restartPolicy=Always",
       "spec.template.spec.initContainers[0].readinessProbe"},
      {"initContainers: [{name: i, image: x, lifecycle: {preStop: {sleep: {seconds: 1}}}}]", "",
       "may not be set for init containers without restartPolicy=Always",
       "spec.template.spec.initContainers[0].lifecycle"},
      {"initContainers: [{name: i, image: ' x'}]", "", "must not have leading or trailing whitespace",
       "spec.template.spec.initContainers[0].image"},
      {"", "readinessProbe: {httpGet: {port: 80}, terminationGracePeriodSeconds: 3}",
       "Invalid value: 3: must not be set for readinessProbes",
       "spec.template.spec.containers[0].readinessProbe.terminationGracePeriodSeconds"},
      {"", "resources: {claims: [{name: g}]}", "Not found: \"g\"",
       "spec.template.spec.containers[0].resources.claims[0]"},
      {"", "lifecycle: {preStop: {exec: {command: [sleep, '5']}, sleep: {seconds: 5}}}",
       "may not specify more than 1 handler type", "spec.template.spec.containers[0].lifecycle.preStop"},
      {"terminationGracePeriodSeconds: 20", "lifecycle: {preStop: {sleep: {seconds: 21}}}",
       "must be greater than 0 and less than terminationGracePeriodSeconds (20)",
       "spec.template.spec.containers[0].lifecycle.preStop.sleep"},
      {"volumes: [{name: v, emptyDir: {}, hostPath: {path: /x}}]", "", "may not specify more than 1 volume type",
       "spec.template.spec.volumes[0].hostPath"},
      {"", "env: [{name: 'A=B', value: x}]", "printable ASCII characters other than '='",
       "spec.template.spec.containers[0].env[0].name"},
      {"", "env: [{value: x}]", "Required value", "spec.template.spec.containers[0].env[0].name"},
      {"", "env: [{name: A, value: x, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]",
       "may not be specified when `value` is not empty", "spec.template.spec.containers[0].env[0].valueFrom"},
      {"", "livenessProbe: {httpGet: {port: 0}}", "Invalid value: 0: must be between 1 and 65535, inclusive",
       "spec.template.spec.containers[0].livenessProbe.httpGet.port"},
      {"", "readinessProbe: {tcpSocket: {port: 70000}}", "must be between 1 and 65535, inclusive",
       "spec.template.spec.containers[0].readinessProbe.tcpSocket.port"},
      {"", "startupProbe: {grpc: {service: s}}", "must be between 1 and 65535, inclusive",
       "spec.template.spec.containers[0].startupProbe.grpc.port"},
      {"priority: 5", "", "priority admission controller computed 0", "spec.priority"},
  };
  for (const Refused& refused : all) {
    const std::string text = said_of(refused.pod, refused.container);
    CAPTURE(text);
    CHECK(text.find(": error: ") != std::string::npos);
    CHECK(text.find(": error: ") == text.rfind(": error: "));  // one fault, one message
    CHECK(text.find(refused.message) != std::string::npos);
    CHECK(text.find(refused.path) != std::string::npos);
  }
}

TEST_CASE("a controller's object of a missing PriorityClass is taken, and none of its pods; a Pod is refused") {
  const auto read = [](const std::string& text, std::string& said) {
    document::Diagnostics diagnostics;
    const document::Reader reader(diagnostics);
    std::vector<ManifestFacts> facts;
    kubernetes_manifest_reader()->read_all(document::load_text(text, "web.yaml", diagnostics), reader, facts);
    said = diagnostics.text();
    const auto* pod = facts.empty() ? nullptr : dynamic_cast<const ManifestPod*>(facts.front().pod.get());
    return pod == nullptr ? std::string("nothing was read") : pod->workload.pod.rejected;
  };
  const std::string spec = "{priorityClassName: nonesuch, containers: [{name: c, image: i}]}";
  std::string said;
  CHECK(read("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: "
             "web}}\n  template: {metadata: {labels: {app: web}}, spec: " +
                 spec + "}\n",
             said) == "no PriorityClass with name nonesuch was found");
  CHECK(said.find("warning: ") != std::string::npos);
  CHECK(said.find("error: ") == std::string::npos);
  read("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: " + spec + "\n", said);
  CHECK(said.find("error: pods \"web\" is forbidden: no PriorityClass with name nonesuch was found") !=
        std::string::npos);
}

TEST_CASE("what it takes is not complained of") {
  CHECK(said_of("priorityClassName: system-cluster-critical, priority: 2000000000, nodeSelector: {disk: ssd}, volumes: "
                "[{name: v, emptyDir: {}}], tolerations: [{key: a, operator: Exists, effect: NoExecute, "
                "tolerationSeconds: 3}], schedulingGates: [{name: x/y}]",
                "volumeMounts: [{name: v, mountPath: /x}], resources: {limits: {example.com/widget: 2}}, lifecycle: "
                "{preStop: {sleep: {seconds: 2}}}, ports: [{containerPort: 80, hostPort: 80}, {containerPort: 80, "
                "hostPort: 80, protocol: UDP}]")
            .empty());
  CHECK(
      said_of("terminationGracePeriodSeconds: 20",
              "lifecycle: {preStop: {sleep: {seconds: 20}}}, ports: [{name: http, containerPort: 80}], readinessProbe: "
              "{httpGet: {port: http}}, livenessProbe: {grpc: {port: 65535}}, env: [{name: a.b, value: ''}, {name: C, "
              "valueFrom: {fieldRef: {fieldPath: "
              "metadata.name}}}]")
          .empty());
  CHECK(said_of("nodeName: ip-10-0-0-1.ec2.internal, dnsPolicy: None, dnsConfig: {nameservers: [10.0.0.2]}, os: {name: "
                "linux}, initContainers: [{name: s, image: x, restartPolicy: Always, lifecycle: {preStop: {sleep: "
                "{seconds: 1}}}, startupProbe: {httpGet: {port: 1}}}]",
                "livenessProbe: {httpGet: {port: 80}, terminationGracePeriodSeconds: 3}")
            .empty());
}

TEST_CASE("a deadline of its own is refused of every template but a Job's") {
  const auto said = [](const std::string& kind, const std::string& spec) {
    document::Diagnostics diagnostics;
    Objects objects;
    const bool job = kind == "Job";
    const std::string text = std::string(job ? "apiVersion: batch/v1" : "apiVersion: apps/v1") + "\nkind: " + kind +
                             "\nmetadata: {name: w}\nspec:\n  " + spec +
                             "\n  template:\n    metadata: {labels: {app: w}}\n    spec: {activeDeadlineSeconds: 9, " +
                             (job ? "restartPolicy: Never, " : "") + "containers: [{name: c, image: 'i:1'}]}\n";
    for (const document::Node& node : document::load_text(text, "w.yaml", diagnostics))
      read_object(node, diagnostics, objects);
    return diagnostics.text();
  };
  const std::string selector = "selector: {matchLabels: {app: w}}";
  CHECK(said("StatefulSet", selector).find("activeDeadlineSeconds in StatefulSet is not Supported") !=
        std::string::npos);
  CHECK(said("DaemonSet", selector).find("activeDeadlineSeconds in DaemonSet is not Supported") != std::string::npos);
  CHECK(said("ReplicaSet", selector).find("activeDeadlineSeconds in ReplicaSet is not Supported") != std::string::npos);
  CHECK(said("Job", "backoffLimit: 1").empty());
}

TEST_CASE("priority classes and budgets across a set of files") {
  const auto priority_class = [](const std::string& name, const std::string& rest) {
    return "---\napiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: " + name + "}\n" + rest;
  };
  CHECK(said_of("priorityClassName: high, priority: 7", "", priority_class("high", "value: 7\n")).empty());
  const std::string near = said_of("priorityClassName: hihg", "", priority_class("high", "value: 7\n"));
  CHECK(near.find("did you mean high?") != std::string::npos);
  CHECK(said_of("", "",
                priority_class("a", "value: 1\nglobalDefault: true\n") +
                    priority_class("b", "value: 2\nglobalDefault: true\n"))
            .find("PriorityClass a is already marked as default") != std::string::npos);
  const std::string reserved = said_of("", "", priority_class("system-mine", "value: 1\nglobalDefault: true\n"));
  CHECK(reserved.find("web.yaml:10:") != std::string::npos);
  CHECK(reserved.find("reserved for system use only") != std::string::npos);
  CHECK(said_of("", "", priority_class("big", "value: 1000000001\nglobalDefault: true\n"))
            .find("maximum allowed value of a user defined priority") != std::string::npos);
  CHECK(said_of("", "",
                "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: p}\n"
                "spec: {minAvailable: 150%, selector: {matchLabels: {app: web}}}\n")
            .find("must not be greater than 100% (at spec.minAvailable)") != std::string::npos);
}

TEST_CASE("resources of the pod as a whole stand for its containers' sums, and may not be less") {
  const auto size = [](const std::string& resources) {
    document::Diagnostics diagnostics;
    const document::Reader reader(diagnostics);
    std::vector<ManifestFacts> facts;
    kubernetes_manifest_reader()->read_all(
        document::load_text("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  resources: " + resources +
                                "\n  containers: [{name: c, image: i, resources: {requests: {cpu: 500m}}}, {name: d, "
                                "image: i}]\n",
                            "p.yaml", diagnostics),
        reader, facts);
    REQUIRE_MESSAGE(facts.size() == 1, diagnostics.text());
    return *facts[0].size;
  };
  CHECK(size("{requests: {cpu: 1, memory: 1Gi}}").cpu == cpu_millis(1000));
  CHECK(size("{requests: {cpu: 1, memory: 1Gi}}").memory == gibibytes(1));
  CHECK(size("{limits: {cpu: 2, memory: 1Gi}}").cpu == cpu_millis(500));  // what the containers ask for
  CHECK(size("{limits: {cpu: 2, memory: 1Gi}}").memory == gibibytes(1));  // none of them does
  CHECK(size("{limits: {cpu: 2, memory: 1Gi}}").cpu_limit == cpu_millis(2000));
  CHECK(said_of("resources: {requests: {cpu: 100m}}", "resources: {requests: {cpu: 500m}}")
            .find("must be greater than or equal to aggregate container requests of cpu (at "
                  "spec.template.spec.resources.requests)") != std::string::npos);
  CHECK(said_of("resources: {requests: {example.com/widget: 1}}").find("supported values: \"cpu\"") !=
        std::string::npos);
}

TEST_CASE("a bound that is no integer makes its term match nothing") {
  document::Diagnostics diagnostics;
  const document::Reader reader(diagnostics);
  std::vector<ManifestFacts> facts;
  kubernetes_manifest_reader()->read_all(
      document::load_text("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  affinity: {nodeAffinity: "
                          "{requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: "
                          "[{key: cores, operator: Gt, values: ['4']}, {key: disk, operator: Lt, values: [big]}]}]}}}\n"
                          "  containers: [{name: c, image: i}]\n",
                          "p.yaml", diagnostics),
      reader, facts);
  REQUIRE_MESSAGE(facts.size() == 1, diagnostics.text());
  Names names;
  const auto& file = dynamic_cast<const ManifestPod&>(*facts[0].pod);
  const PodShape shape = make_shape(file.workload, {}, names);
  const auto& expressions = shape.node_required->at(0).expressions;
  CHECK(expressions[0].op == SelectorOp::gt);
  CHECK(expressions[0].number == 4);
  CHECK(expressions[1].op == SelectorOp::in);
  CHECK(expressions[1].values.empty());
}

}  // namespace
}  // namespace plimsoll::kubernetes::api
