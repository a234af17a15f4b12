#include "sim/cli/explain.h"
#include "tests/sim/engine/columns.h"

using namespace plimsoll;
using namespace plimsoll::cli;
using namespace plimsoll::engine::testing;

namespace {

constexpr const char* kBoundedNamespace = R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: t}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: 'web:1', resources: {requests: {cpu: 200m, memory: 256Mi}}}]}
---
apiVersion: v1
kind: LimitRange
metadata: {name: l, namespace: t}
spec: {limits: [{type: Container, default: {cpu: 2, memory: 2Gi}, defaultRequest: {cpu: 2, memory: 2Gi}}]}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: q, namespace: t}
spec: {hard: {requests.cpu: '5'}}
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: hi}
value: 1000
)";

TEST_CASE("what fits is bounded by the objects of the run: LimitRange, ResourceQuota and PriorityClass") {
  const Folder folder;
  folder.put("web.yaml", kBoundedNamespace);
  ExplainArguments a;
  a.subject = folder.put("s.yaml",
                         "apiVersion: plimsoll/v1\nload: {constant: 10/s, for: 10m, warmup: 5m, to: web}\n"
                         "replications: 1\nfiles: {kubernetes: [web.yaml]}\n"
                         "apps: {web: {work: 1ms, image: 50MB}}\n"
                         "platforms:\n  only: {type: eks, addons: none, capacity: {nodeGroup: {type: m5.2xlarge, min: "
                         "3, max: 3}}}\n");
  a.fit = folder.put("fit.yaml",
                     "apiVersion: v1\nkind: Pod\nmetadata: {name: f, namespace: t}\n"
                     "spec: {priorityClassName: hi, containers: [{name: c, image: x}]}\n");
  Subject subject(registry(), a);
  std::string told = explain_fit(subject, a, {200, false}).text;
  CAPTURE(told);
  // The range's default of two CPU; the quota has 5 - 2 x 0.2 left: two of them.
  CHECK(told.find("f of 2 / 2Gi on only at ") == 0);
  CHECK(told.find("2 more fit on the nodes that are there.\n") != std::string::npos);
  CHECK(told.find("The next one: pods \"f\" is forbidden: exceeded quota: q") != std::string::npos);
}

}  // namespace
