#include "models/kubernetes/api/container_checks.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "models/kubernetes/api/manifest_reader.h"
#include "models/kubernetes/api/pod_template.h"
#include "sim/document/loader.h"

namespace plimsoll::kubernetes::api {
namespace {

/// What is said of a Deployment with these fields of its pod and of its only container, and annotations of its pods.
std::string said_of_fields(const std::string& pod, const std::string& container, const std::string& annotations = "") {
  document::Diagnostics diagnostics;
  const document::Reader reader(diagnostics);
  std::vector<ManifestFacts> facts;
  const std::string text =
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n"
      "  template:\n    metadata: {labels: {app: web}, annotations: {" +
      annotations + "}}\n    spec: {" + (pod.empty() ? "" : pod + ", ") + "containers: [{name: c, image: i" +
      (container.empty() ? "" : ", " + container) + "}]}\n";
  kubernetes_manifest_reader()->read_all(document::load_text(text, "web.yaml", diagnostics), reader, facts);
  return diagnostics.text();
}

struct RefusedField {
  const char* fields;
  const char* message;
  const char* path;  ///< below spec.template.spec, or its containers[0]
};

void check_refused(const std::string& text, const RefusedField& row, const std::string& prefix) {
  CAPTURE(row.fields);
  CAPTURE(text);
  CHECK(text.find(": error: ") != std::string::npos);
  CHECK(text.find(": error: ") == text.rfind(": error: "));  // one fault, one message
  CHECK(text.find(row.message) != std::string::npos);
  CHECK(text.find("(at " + prefix + row.path + ")") != std::string::npos);
}

TEST_CASE("fields of a container are refused by the rules of the API server") {
  const RefusedField rows[] = {
      {"command: sleep 5", "must be a list of strings", "command"},
      {"args: [a, 5]", "must be a string (quote it)", "args[1]"},
      {"env: [{name: A, value: 5}]", "must be a string (quote it)", "env[0].value"},
      {"env: [{name: A, value: true}]", "must be a string (quote it)", "env[0].value"},
      {"env: [{name: A, valueFrom: {}}]", "must specify one of: `fieldRef`", "env[0].valueFrom"},
      {"env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.name}, secretKeyRef: {name: a, key: b}}}]",
       "may not have more than one field specified at a time", "env[0].valueFrom"},
      {"env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.foo}}}]",
       "error converting fieldPath: field label not supported: metadata.foo", "env[0].valueFrom.fieldRef.fieldPath"},
      {"env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.phase}}}]", "Unsupported value: \"status.phase\"",
       "env[0].valueFrom.fieldRef.fieldPath"},
      {"env: [{name: A, valueFrom: {fieldRef: {fieldPath: \"spec.nodeName['a']\"}}}]", "does not support subscript",
       "env[0].valueFrom.fieldRef"},
      {"env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.gpu}}}]", "Unsupported value: \"limits.gpu\"",
       "env[0].valueFrom.resourceFieldRef.resource"},
      {"env: [{name: A, valueFrom: {secretKeyRef: {name: a}}}]", "Required value", "env[0].valueFrom.secretKeyRef.key"},
      {"envFrom: [{prefix: a}]", "must specify one of: `configMapRef` or `secretRef`", "envFrom[0]"},
      {"livenessProbe: {httpGet: {port: 80, scheme: http}}", "Unsupported value: \"http\"",
       "livenessProbe.httpGet.scheme"},
      {"startupProbe: {exec: {}}", "Required value", "startupProbe.exec.command"},
      {"startupProbe: {exec: {command: ls}}", "must be a list of strings", "startupProbe.exec.command"},
      {"livenessProbe: {tcpSocket: {port: Http_Port}}", "Invalid value: \"Http_Port\"", "livenessProbe.tcpSocket.port"},
      {"lifecycle: {preStop: {httpGet: {path: /, port: 80, scheme: tcp}}}", "Unsupported value: \"tcp\"",
       "lifecycle.preStop.httpGet.scheme"},
      {"lifecycle: {preStop: {httpGet: {path: /}}}", "must be between 1 and 65535", "lifecycle.preStop.httpGet.port"},
      {"terminationMessagePolicy: X", "Unsupported value: \"X\": supported values: \"FallbackToLogsOnError\", \"File\"",
       "terminationMessagePolicy"},
      {"securityContext: {privileged: true, allowPrivilegeEscalation: false}",
       "cannot set `allowPrivilegeEscalation` to false and `privileged` to true", "securityContext"},
      {"securityContext: {allowPrivilegeEscalation: false, capabilities: {add: [CAP_SYS_ADMIN]}}",
       "`capabilities.Add` CAP_SYS_ADMIN", "securityContext"},
      {"securityContext: {runAsUser: -1}", "must be between 0 and 2147483647", "securityContext.runAsUser"},
      {"resizePolicy: [{resourceName: disk, restartPolicy: NotRequired}]", "Unsupported value: \"disk\"",
       "resizePolicy[0].resourceName"},
  };
  for (const RefusedField& row : rows)
    check_refused(said_of_fields("", row.fields), row, "spec.template.spec.containers[0].");
}

TEST_CASE("fields of a pod are refused by the rules of the API server") {
  const RefusedField rows[] = {
      {"hostname: Foo_Bar", "Invalid value: \"Foo_Bar\"", "hostname"},
      {"subdomain: a.b", "Invalid value: \"a.b\"", "subdomain"},
      {"hostAliases: [{ip: x, hostnames: [a]}]", "Invalid value: \"x\": must be a valid IP address",
       "hostAliases[0].ip"},
      {"hostAliases: [{ip: '2001:db8::1', hostnames: [A_b]}]", "Invalid value: \"A_b\"", "hostAliases[0].hostnames[0]"},
      {"hostPID: true, shareProcessNamespace: true", "ShareProcessNamespace and HostPID cannot both be enabled",
       "shareProcessNamespace"},
      {"hostUsers: false, hostIPC: true", "Forbidden: when `hostUsers` is false", "hostIPC"},
      {"securityContext: {runAsGroup: -1}", "must be between 0 and 2147483647", "securityContext.runAsGroup"},
      {"dnsConfig: {nameservers: [foo]}", "must be a valid IP address", "dnsConfig.nameservers[0]"},
      {"dnsConfig: {nameservers: [1.1.1.1, 1.1.1.2, 1.1.1.3, 1.1.1.4]}", "must not have more than 3 nameservers",
       "dnsConfig.nameservers"},
      {"tolerations: [{key: a, value: 'b c'}]", "Invalid value: \"b c\"", "tolerations[0].operator"},
      {"serviceAccountName: A_b", "Invalid value: \"A_b\"", "serviceAccountName"},
      {"readinessGates: [{conditionType: 'a b'}]", "Invalid value: \"a b\"", "readinessGates[0].conditionType"},
      {"volumes: [{name: v, emptyDir: {medium: Disk}}]", "Unsupported value: \"Disk\"", "volumes[0].emptyDir.medium"},
      {"volumes: [{name: v, hostPath: {}}]", "Required value", "volumes[0].hostPath.path"},
      {"volumes: [{name: v, hostPath: {path: /a, type: Dir}}]", "Unsupported value: \"Dir\"",
       "volumes[0].hostPath.type"},
      {"volumes: [{name: v, hostPath: {path: /a/../b}}]", "must not contain '..'", "volumes[0].hostPath.path"},
      {"volumes: [{name: v, configMap: {}}]", "Required value", "volumes[0].configMap.name"},
      {"volumes: [{name: v, secret: {}}]", "Required value", "volumes[0].secret.secretName"},
  };
  for (const RefusedField& row : rows) check_refused(said_of_fields(row.fields, ""), row, "spec.template.spec.");
  for (const char* cost : {"abc", "+5", "007", "99999999999", "1.5"}) {
    const RefusedField row{cost, "must be a 32bit integer",
                           "metadata.annotations.\"controller.kubernetes.io/pod-deletion-cost\""};
    check_refused(said_of_fields("", "", "controller.kubernetes.io/pod-deletion-cost: '" + std::string(cost) + "'"),
                  row, "spec.template.");
  }
}

TEST_CASE("what the API server takes passes") {
  const std::string pod =
      "hostname: foo-bar, hostPID: true, shareProcessNamespace: false, hostAliases: [{ip: 10.0.0.1, hostnames: "
      "[a.b]}], volumes: [{name: a, emptyDir: {medium: Memory}}, {name: b, hostPath: {path: /b, type: ''}}, {name: "
      "c, configMap: {name: c}}, {name: d, projected: {sources: []}}, {name: e, nfs: {server: s, path: /}}]";
  const std::string container =
      "command: [sh, -c], args: ['5'], env: [{name: A, value: '5'}, {name: B}, {name: C, valueFrom: {fieldRef: "
      "{fieldPath: \"metadata.labels['app']\"}}}, {name: D, valueFrom: {fieldRef: {fieldPath: status.podIP}}}, {name: "
      "E, valueFrom: {resourceFieldRef: {resource: limits.memory}}}], envFrom: [{configMapRef: {name: a}}], ports: "
      "[{name: http, containerPort: 80}], livenessProbe: {httpGet: {port: http, scheme: HTTPS}}, securityContext: "
      "{privileged: true, runAsUser: 0}";
  CHECK(said_of_fields(pod, container, "controller.kubernetes.io/pod-deletion-cost: '-5'") == "");
}

TEST_CASE("a probe of a port that the container does not have is warned of") {
  const std::string told = said_of_fields("", "readinessProbe: {httpGet: {port: web}}");
  CHECK(told.find("warning: the container has no port named 'web'") != std::string::npos);
  CHECK(told.find(": error: ") == std::string::npos);
}

TEST_CASE("a volume that names no type is an emptyDir, one of an unknown type is told") {
  CHECK(said_of_fields("volumes: [{name: v}]", "") == "");
  const std::string told = said_of_fields("volumes: [{name: v, configMaps: {name: a}}]", "");
  CHECK(told.find("warning: unknown field \"spec.template.spec.volumes[0].configMaps\", ignored") != std::string::npos);
  CHECK(told.find("did you mean configMap?") != std::string::npos);
  document::Diagnostics diagnostics;
  const auto kind = [&](const std::string& volume) {
    const document::Node node =
        document::load_text("spec: {containers: [{name: c, image: i}], volumes: [" + volume + "]}", "pod.yaml",
                            diagnostics)
            .at(0);
    return read_pod_template(node, diagnostics, "", false).volumes.at(0).kind;
  };
  CHECK(kind("{name: v}") == Volume::Kind::empty_dir);
  CHECK(kind("{name: v, emptyDir: null}") == Volume::Kind::empty_dir);
  CHECK(kind("{name: v, hostPath: {path: /a}}") == Volume::Kind::host_path);
  CHECK(kind("{name: v, configMap: {name: a}}") == Volume::Kind::other);
}

TEST_CASE("addresses of both versions of IP are told apart from names") {
  for (const char* text : {"10.9.8.7", "::1", "2001:db8::ffff"}) CHECK(is_ip_address(text));
  for (const char* text : {"", "a", "10.9.8", "10.9.8.256", "10.9.8.7/24", "1:2"}) CHECK_FALSE(is_ip_address(text));
}

}  // namespace
}  // namespace plimsoll::kubernetes::api
