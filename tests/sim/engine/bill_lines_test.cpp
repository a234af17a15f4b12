// Lines of whole columns' bills that files and the surroundings decide.
#include <cstdlib>
#include <map>

#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace plimsoll::engine::testing;

/// Quantity of each line of a column's bill.
std::map<std::string, double> billed_quantities(const scenario::Scenario& s, std::size_t column) {
  Run run = build(s, column, 0, {true, true});
  run.world.run();
  std::map<std::string, double> out;
  for (const results::BillLine& line : summarise(run, s, column, 0).lines) out[line.item] = std::stod(line.quantity);
  return out;
}

const std::string kBilled = R"(apiVersion: plimsoll/v1
seed: 2
load: {constant: 100/s, for: 2h, warmup: 10m, to: web}
around: {nat: 3, logs: 1KB, images: ecr-endpoint, metrics: detailed}
files: {ecs: [web.json], kubernetes: [web.yaml]}
sizes: matched
apps:
  web: {size: 500m/1Gi, work: 2ms, image: 500MB, replicas: 2, provenance: assumed}
platforms:
  tasks: {type: ecs, capacity: fargate}
  pods: {type: eks, capacity: fargate}
  nodes:
    type: eks
    containerInsights: enabled
    volumeGiB: 80
    capacity: {nodeGroup: {type: t3.medium, min: 3, max: 3}}
)";

scenario::Scenario read_billed(const Folder& folder) {
  folder.put("web.json", R"({"family": "web", "cpu": "512", "memory": "1024", "networkMode": "awsvpc",
    "requiresCompatibilities": ["FARGATE"], "runtimePlatform": {"cpuArchitecture": "ARM64"},
    "ephemeralStorage": {"sizeInGiB": 50}, "containerDefinitions": [{"name": "web", "image": "web:1"}]})");
  folder.put("web.yaml", R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: web:1
          resources: {requests: {cpu: 500m, memory: 1Gi, ephemeral-storage: 30Gi}}
)");
  return read_file(folder.put("s.yaml", kBilled));
}

TEST_CASE("a Fargate task is billed by its architecture and its storage") {
  const Folder folder;
  const scenario::Scenario s = read_billed(folder);
  auto quantity = billed_quantities(s, 0);
  // Two tasks for two hours: 2 x 2 x 0.5 vCPU, 1 GiB, and 30 of 50 GiB.
  CHECK(quantity["fargate/vcpu/arm64"] == doctest::Approx(2.0).epsilon(1e-6));
  CHECK(quantity["fargate/memory/arm64"] == doctest::Approx(4.0).epsilon(1e-6));
  CHECK(quantity["fargate/storage"] == doctest::Approx(120.0).epsilon(1e-6));
  CHECK(quantity["fargate/vcpu"] == 0);
  // A pod that asks for 30 GiB pays for ten.
  quantity = billed_quantities(s, 1);
  CHECK(quantity["fargate/storage"] == doctest::Approx(40.0).epsilon(1e-6));
  CHECK(quantity["fargate/vcpu"] > 2.0);
}

TEST_CASE("what stands around is billed as it is used") {
  const Folder folder;
  auto quantity = billed_quantities(read_billed(folder), 2);
  const double gib = 1 << 30;
  // 720,000 requests of 1,000 bytes, which pass the gateways too.
  CHECK(quantity["cloudwatch/logs"] == doctest::Approx(0.72e9 / gib).epsilon(0.01));
  CHECK(quantity["nat/logs"] == quantity["cloudwatch/logs"]);
  CHECK(quantity["vpc/endpoint-hours"] == doctest::Approx(12.0));
  CHECK(quantity["ecr/storage"] == doctest::Approx(500e6 / gib * 2 / 730).epsilon(1e-6));
  CHECK(quantity.count("nat/image-pulls") == 0);
  // Three nodes for two hours: seven metrics each. They earn 0.4 vCPU and use less.
  CHECK(quantity["cloudwatch/detailed-monitoring"] == doctest::Approx(42.0 / 730).epsilon(1e-6));
  CHECK(quantity["cloudwatch/container-insights"] > (24 + 6 + 9) * 2.0 / 730);
  CHECK(quantity["cpu-credits/t3"] == 0);
}

TEST_CASE("T3 nodes that work above their baseline borrow credits, and these are billed") {
  const Folder folder;
  read_billed(folder);
  std::string busy = kBilled;
  busy.replace(busy.find("100/s"), 5, "900/s");
  busy.replace(busy.find("replicas: 2, "), 13, "replicas: 3, ");
  auto quantity = billed_quantities(read_file(folder.put("busy.yaml", busy)), 2);
  // 1.8 cores of requests and what the system pods use, less 3 x 0.4 earned, for two hours, less ten minutes' savings.
  CHECK(quantity["cpu-credits/t3"] > 0.9);
  CHECK(quantity["cpu-credits/t3"] < 2.5);
}

}  // namespace
}  // namespace plimsoll::engine
