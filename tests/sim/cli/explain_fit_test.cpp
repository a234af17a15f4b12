// Also tests: explain_fit_volumes
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

/// A Deployment of one pod with a claim; `access`: its mode.
std::string with_claim(const std::string& access) {
  return R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: c, image: 'web:1', resources: {requests: {cpu: 1, memory: 256Mi}}}]
      volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [)" +
         access + R"(], storageClassName: gp3, resources: {requests: {storage: 5Gi}}}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: gp3}
provisioner: ebs.csi.aws.com
volumeBindingMode: WaitForFirstConsumer
)";
}

/// What is told of one more pod with this claim on six nodes of two CPU, two of a zone. The instance of a node that
/// the run has bound the claim to holds its pod of one CPU.
std::string fit_of_claim(const std::string& access, const std::string& claim, const std::string& more = "") {
  const Folder folder;
  folder.put("web.yaml", with_claim(access));
  ExplainArguments a;
  a.subject = folder.put("s.yaml",
                         "apiVersion: plimsoll/v1\nload: {constant: 10/s, for: 10m, warmup: 5m, to: web}\n"
                         "replications: 1\nfiles: {kubernetes: [web.yaml]}\n"
                         "apps: {web: {work: 1ms, image: 50MB}}\n"
                         "platforms:\n  only: {type: eks, addons: none, capacity: {nodeGroup: {type: m5.large, min: "
                         "6, max: 6}}}\n");
  a.fit = folder.put("fit.yaml",
                     "apiVersion: v1\nkind: Pod\nmetadata: {name: f}\n"
                     "spec: {containers: [{name: c, image: x, resources: {requests: {cpu: 600m, memory: 64Mi}}}], "
                     "volumes: [{name: d, persistentVolumeClaim: {claimName: " +
                         claim + "}}]}\n" + more);
  Subject subject(registry(), a);
  return explain_fit(subject, a, {200, false}).text;
}

TEST_CASE("a pod of a claim that the run has bound fits in its zone, and starts where its volume is attached") {
  // 1930m a node less some 150m of agents: one more of 600m beside the pod that has the claim, two on the other node of
  // the zone.
  const std::string told = fit_of_claim("ReadWriteOnce", "data");
  CAPTURE(told);
  CHECK(told.find("3 more fit on the nodes that are there.\n") != std::string::npos);
  CHECK(told.find("4 node(s) didn't match PersistentVolume's node affinity") != std::string::npos);
  CHECK(told.find("2 of them would stay ContainerCreating: Multi-Attach error for volume \"data\", which is "
                  "ReadWriteOnce and attached to ") != std::string::npos);
}

TEST_CASE("a ReadWriteOncePod claim in use takes no further pod, an unknown one none at all") {
  const std::string used = fit_of_claim("ReadWriteOncePod", "data");
  CAPTURE(used);
  CHECK(used.find("0 more fit on the nodes that are there.\n") != std::string::npos);
  CHECK(used.find("ReadWriteOncePod access mode") != std::string::npos);
  const std::string unknown = fit_of_claim("ReadWriteOnce", "other");
  CAPTURE(unknown);
  CHECK(unknown.find("0 more fit on the nodes that are there.\n") != std::string::npos);
  CHECK(unknown.find("persistentvolumeclaim \"other\" not found") != std::string::npos);
}

TEST_CASE("a claim of the file itself is bound by the first of its pods, where the class of the run allows it") {
  const std::string claim =
      "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: own}\nspec: {accessModes: "
      "[ReadWriteMany], storageClassName: ";
  const std::string size = ", resources: {requests: {storage: 1Gi}}}\n";
  std::string once = claim + "gp3" + size;
  once.replace(once.find("ReadWriteMany"), 13, "ReadWriteOnce");
  // Two empty nodes hold two each, or one of them one beside the run's own pod: four or three in a zone, not eleven.
  const std::string told = fit_of_claim("ReadWriteOnce", "own", once);
  CAPTURE(told);
  CHECK((told.find("4 more fit") != std::string::npos || told.find("3 more fit") != std::string::npos));
  CHECK(told.find("4 node(s) didn't match PersistentVolume's node affinity") != std::string::npos);
  // A file system ties nobody: two on five nodes and one beside the pod of the run.
  const std::string shared = fit_of_claim("ReadWriteOnce", "own", claim + "gp3" + size);
  CAPTURE(shared);
  CHECK(shared.find("11 more fit") != std::string::npos);
  CHECK(shared.find("Multi-Attach") == std::string::npos);
}

}  // namespace
