// Also tests: explain_service, explain_subject
#include "sim/cli/explain.h"
#include "tests/sim/engine/columns.h"

using namespace plimsoll;
using namespace plimsoll::cli;
using namespace plimsoll::engine::testing;

namespace {

constexpr const char* kWithInitContainer = R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      initContainers:
        - {name: migrate, image: 'tool:1', resources: {requests: {cpu: 1200m, memory: 128Mi}}}
      containers:
        - {name: web, image: 'web:1', resources: {requests: {cpu: 200m, memory: 512Mi}}}
)";

TEST_CASE("a pod is told to ask for what its scheduler counts: an init container where it asks for more") {
  const Folder folder;
  folder.put("web.yaml", kWithInitContainer);
  ExplainArguments a;
  a.subject = folder.put("s.yaml",
                         "apiVersion: plimsoll/v1\nload: {constant: 10/s, for: 10m, warmup: 5m, to: web}\n"
                         "replications: 1\nfiles: {kubernetes: [web.yaml]}\n"
                         "apps: {web: {work: 1ms, image: 50MB}}\n"
                         "platforms:\n  only: {type: eks, addons: none, capacity: {nodeGroup: {type: m5.large, min: 3, "
                         "max: 3}}}\n");
  // max(1200m, 200m) and max(128Mi, 512Mi).
  {
    ExplainArguments of_pod = a;
    of_pod.pod = "web-0";
    Subject subject(registry(), of_pod);
    const std::string told = explain_pod(subject, of_pod, {80, false}).text;
    CAPTURE(told);
    CHECK(told.find("pod web-0 on only: asks for 1200m / 512Mi\n") == 0);
  }
  ExplainArguments of_service = a;
  of_service.service = "web";
  Subject subject(registry(), of_service);
  const std::string told = explain_service(subject, of_service, {80, false}).text;
  CAPTURE(told);
  CHECK(told.find("pods of 1200m / 512Mi\n") != std::string::npos);
}

TEST_CASE("memory that is no round binary figure is told in MiB") {
  ResourceVector v;
  v.set_cpu(cpu_millis(110));
  v.set_memory(Bytes{2'048'373'351});  // 1953.48 MiB
  CHECK(requests_text(v) == "110m / 1954Mi");
  v.set_memory(mebibytes(1536));
  CHECK(requests_text(v) == "110m / 1536Mi");
}

}  // namespace
