#include "models/kubernetes/api/target_ports.h"

#include <doctest/doctest.h>

#include <string>

#include "models/kubernetes/api/manifest_reader.h"
#include "sim/document/loader.h"

namespace plimsoll::kubernetes::api {
namespace {

/// A Service of one port before a pod; what is said of them.
std::string said_of_port(const std::string& port, const std::string& pod, const std::string& app = "web") {
  document::Diagnostics d;
  std::vector<ManifestFacts> facts;
  kubernetes_manifest_reader()->read_all(
      document::load_text(
          "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: " + app +
              "}, ports: [{port: 80, " + port +
              "}]}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: web}}\nspec: " + pod + "\n",
          "w.yaml", d),
      d, facts);
  CHECK_MESSAGE(!d.has_errors(), d.text());
  return d.text();
}

TEST_CASE("a targetPort by name is looked for among the ports of the pods") {
  const auto pod = [](const std::string& ports) {
    return "{containers: [{name: c, image: 'i:1', ports: [" + ports + "]}]}";
  };
  struct Row {
    std::string port, pod;
    bool missing;
  };
  const std::string http = "{name: http, containerPort: 8080}";
  const Row rows[] = {
      {"targetPort: http", pod(http), false},
      {"targetPort: web", pod(http), true},
      {"targetPort: http", pod(""), true},
      {"targetPort: 9999", pod(http), false},  // a number need not be declared
      {"protocol: TCP", pod(http), false},     // the port itself
      {"targetPort: http, protocol: UDP", pod(http), true},
      {"targetPort: http",
       "{initContainers: [{name: p, image: 'p:1', restartPolicy: Always, ports: [" + http +
           "]}], containers: [{name: c, image: 'i:1'}]}",
       false},
      {"targetPort: http",
       "{initContainers: [{name: p, image: 'p:1', ports: [" + http + "]}], containers: [{name: c, image: 'i:1'}]}",
       true},
  };
  for (const Row& row : rows) {
    CAPTURE(&row - rows);
    const std::string text = said_of_port(row.port, row.pod);
    CAPTURE(text);
    CHECK((text.find("no pod that it selects has a port named") != std::string::npos) == row.missing);
  }
  // Without pods there is nothing to look in.
  CHECK(said_of_port("targetPort: web", pod(http), "other").find("has a port named") == std::string::npos);
}

}  // namespace
}  // namespace plimsoll::kubernetes::api
