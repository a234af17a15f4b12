// Whole EKS columns: the volumes of a StatefulSet stay in their zones and are paid for.
// Also tests: persistent_volumes
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

constexpr const char* kDatabase = R"(apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  replicas: 3
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: 'db:1'}]}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 20Gi}}}
)";

scenario::Scenario database(const std::string& more, const std::string& capacity) {
  const Folder folder;
  folder.put("db.yaml", kDatabase);
  return read_file(folder.put("s.yaml",
                              "apiVersion: plimsoll/v1\nseed: 3\nload: {constant: 50/s, for: 2h, warmup: 30m}\n"
                              "files: {kubernetes: db.yaml}\n"
                              "apps: {db: {size: 500m/1Gi, work: 5ms, image: 120MB, replicas: 3}}\n" +
                                  more + "platforms:\n  only: {type: eks, capacity: " + capacity + "}\n"));
}

constexpr const char* kNodes = "{nodeGroup: {type: m5.large, min: 6, max: 6}}";

TEST_CASE("each pod's 20 GiB are on the bill for the whole window") {
  const scenario::Scenario s = database("", kNodes);
  CompareOptions options;
  options.replications = 1;
  const results::Comparison c = compare(s, options);
  bool told = false;
  for (const results::BillLine& line : c.columns[0].replications[0].lines) {
    if (line.item != "ebs/claims") continue;
    told = true;
    CHECK(std::stod(line.quantity) == doctest::Approx(60.0 * 2 / 730).epsilon(0.001));
  }
  CHECK(told);
}

TEST_CASE("pods of a failed zone wait for it, since their volumes are there") {
  const scenario::Scenario s = database("events: [{at: 30m, fail: {zone: us-east-1a}, for: 50m}]\n", kNodes);
  Run run = build(s, 0, 0, {.keep_events = true});
  run.world.run();
  const World& world = run.world;
  WorkloadId db;
  for (const Workload& w : world.workloads()) {
    if (world.names.text(w.name) == "db") db = w.id;
  }
  const Time back = world.window_start + minutes(80);
  std::int64_t in_zone = 0, late = 0;
  for (const Pod& p : world.pods()) {
    if (p.workload != db || p.node.is_none()) continue;
    const bool here = world.names.text(world.zones()[world.node(p.node).zone.index()]) == "us-east-1a";
    in_zone += here ? 1 : 0;
    // Later ones are moved when the group evens out its zones again.
    if (p.created < world.window_start + minutes(30) || p.created >= back) continue;
    // Whoever replaces a pod of the zone is placed there, after the zone has come back.
    CHECK(here);
    CHECK(p.bound >= back);
    ++late;
  }
  CHECK(in_zone >= 1);
  CHECK(late >= 1);
}

TEST_CASE("a Fargate column says that it leaves the volumes out") {
  const scenario::Scenario s = database("", "fargate");
  bool told = false;
  for (const std::string& remark : s.columns[0].plan->notes().overrides)
    told = told || remark.find("the volume claims of db are left out") != std::string::npos;
  CHECK(told);
}

TEST_CASE("claims without a class are told where EKS has no default one") {
  const auto told = [](const std::string& version, const std::string& file) {
    const Folder folder;
    folder.put("db.yaml", kDatabase + file);
    const scenario::Scenario s =
        read_file(folder.put("s.yaml",
                             "apiVersion: plimsoll/v1\nload: {constant: 50/s, for: 10m}\nfiles: {kubernetes: db.yaml}\n"
                             "asOf: 2026-01-05\n"
                             "apps: {db: {size: 500m/1Gi, work: 5ms}}\nplatforms:\n  only: {type: eks, eksVersion: '" +
                                 version + "', capacity: " + kNodes + "}\n"));
    for (const std::string& remark : s.columns[0].plan->notes().overrides) {
      if (remark.find("the volume claims of db name no StorageClass") == 0) return true;
    }
    return false;
  };
  CHECK(told("1.33", ""));
  CHECK_FALSE(told("1.29", ""));
  for (const char* mark : {"storageclass.kubernetes.io", "storageclass.beta.kubernetes.io"}) {
    CHECK_FALSE(told("1.33",
                     "---\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: gp3, "
                     "annotations: {" +
                         std::string(mark) +
                         "/is-default-class: 'true'}}\nprovisioner: ebs.csi.aws.com\nvolumeBindingMode: "
                         "WaitForFirstConsumer\n"));
  }
}

constexpr const char* kShared = R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: db}
spec:
  replicas: 2
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers: [{name: db, image: 'db:1'}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
)";
constexpr const char* kData = R"(---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 50Gi}}}
)";

/// A Deployment of two pods with one claim, on nodes that hold one pod each; `claim`: of the files as well.
scenario::Scenario shared(bool claim) {
  const Folder folder;
  folder.put("db.yaml", std::string(kShared) + (claim ? kData : ""));
  return read_file(folder.put("s.yaml",
                              "apiVersion: plimsoll/v1\nseed: 3\nload: {constant: 20/s, for: 2h, warmup: 30m}\n"
                              "files: {kubernetes: db.yaml}\n"
                              "apps: {db: {size: 1200m/1Gi, work: 5ms, image: 120MB, replicas: 2}}\n"
                              "platforms:\n  only: {type: eks, capacity: " +
                                  std::string(kNodes) + "}\n"));
}

/// The remarks of the only run.
std::string remarks_of(const scenario::Scenario& s, const results::Comparison& c) {
  std::string out;
  for (const std::string& text : s.remarks) out += text + "\n";
  for (const std::string& text : c.columns[0].remarks) out += text + "\n";
  return out;
}

TEST_CASE("a claim that a Deployment names is one volume: its second pod waits on another node of the zone") {
  const scenario::Scenario s = shared(true);
  CompareOptions options;
  options.replications = 1;
  const results::Comparison c = compare(s, options);
  bool told = false;
  for (const results::BillLine& line : c.columns[0].replications[0].lines) {
    if (line.item != "ebs/claims") continue;
    told = true;
    CHECK(std::stod(line.quantity) == doctest::Approx(50.0 * 2 / 730).epsilon(0.001));
  }
  CHECK(told);
  INFO(remarks_of(s, c));
  CHECK(remarks_of(s, c).find("Multi-Attach error for volume \"data\" Volume is already used by pod(s) db-") !=
        std::string::npos);
}

TEST_CASE("a claim that does not exist keeps the pods off every node, in the scheduler's words") {
  const scenario::Scenario s = shared(false);
  CompareOptions options;
  options.replications = 1;
  const results::Comparison c = compare(s, options);
  INFO(remarks_of(s, c));
  CHECK(remarks_of(s, c).find("0/6 nodes are available: persistentvolumeclaim \"data\" not found.") !=
        std::string::npos);
}

TEST_CASE("a node takes no more volumes than its CSINode says") {
  const Folder folder;
  std::string db = kDatabase;
  db.replace(db.find("replicas: 3"), 11, "replicas: 60\n  podManagementPolicy: Parallel");
  folder.put("db.yaml", db);
  const scenario::Scenario s =
      read_file(folder.put("s.yaml",
                           "apiVersion: plimsoll/v1\nseed: 3\nload: {constant: 50/s, for: 1h, warmup: 30m}\n"
                           "files: {kubernetes: db.yaml}\n"
                           "apps: {db: {size: 20m/64Mi, work: 1ms, image: 120MB, replicas: 60}}\n"
                           "platforms:\n  only: {type: eks, capacity: {nodeGroup: {type: m5.4xlarge, min: 2, max: 2, "
                           "maxPods: 110, zones: [us-east-1a]}}}\n"));
  Run run = build(s, 0, 0, {.keep_events = true});
  run.world.run();
  const World& world = run.world;
  std::vector<std::int64_t> held(world.nodes().size(), 0);
  std::int64_t pending = 0;
  for (const Pod& p : world.pods()) {
    if (world.names.text(world.workload(p.workload).name) != "db" || p.state == PodState::ended) continue;
    p.node.is_none() ? ++pending : ++held[p.node.index()];
  }
  // 27 slots less the warm interface and the root volume, on each of two nodes: ten of the sixty find none.
  for (const std::int64_t n : held) CHECK((n == 25 || n == 0));
  CHECK(pending == 10);
}

}  // namespace
}  // namespace plimsoll::engine
