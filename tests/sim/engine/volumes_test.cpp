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
    if (p.created < world.window_start + minutes(30)) continue;
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

}  // namespace
}  // namespace plimsoll::engine
