// A GPU that a pod's file asks for is one that its node has: two nodes of one GPU each hold two of three pods, though
// CPU and memory would hold more.
#include <doctest/doctest.h>

#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

constexpr const char* kDeployment = R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: nginx, resources: {limits: {nvidia.com/gpu: 1, cpu: 500m, memory: 1Gi}}}]
)";

constexpr const char* kTask =
    R"({"family": "web", "containerDefinitions": [{"name": "web", "image": "nginx", "cpu": 512,
  "memory": 1024, "resourceRequirements": [{"type": "GPU", "value": "1"}]}]}
)";

/// The remark on pods without a place at the end, of a column under these files.
std::string waits(const std::string& files, const std::string& platform) {
  const Folder folder;
  folder.put("web.yaml", kDeployment);
  folder.put("web.json", kTask);
  const scenario::Scenario s = read_file(folder.put(
      "s.yaml", "apiVersion: plimsoll/v1\nload: {constant: 10/s, for: 30m, warmup: 10m, to: web}\nfiles: " + files +
                    "\napps: {web: {size: 500m/1Gi, work: 1ms, replicas: 3}}\nplatforms:\n  only: {" + platform +
                    "}\n"));
  CompareOptions options;
  options.replications = 1;
  const auto comparison = compare(s, options);
  for (const std::string& remark : comparison.columns[0].remarks) {
    if (remark.find("for a place at the end") != std::string::npos) return remark;
  }
  return "";
}

std::string eks(const std::string& type) {
  return "type: eks, addons: none, capacity: {nodeGroup: {type: " + type + ", min: 2, max: 2}}";
}
std::string ecs(const std::string& type) { return "type: ecs, capacity: {asg: {type: " + type + ", min: 2, max: 2}}"; }

TEST_CASE("a pod without a free GPU waits, and says so") {
  const std::string text = waits("{kubernetes: web.yaml}", eks("g4dn.xlarge"));
  CHECK(text.find("web: 1 pod waits for a place at the end") == 0);
  CHECK(text.find("2 Insufficient nvidia.com/gpu") != std::string::npos);
  CHECK(waits("{kubernetes: web.yaml}", eks("g4dn.12xlarge")) == "");  // four GPUs each
}

TEST_CASE("the files of one side speak for the columns of the other") {
  CHECK(waits("{ecs: web.json}", eks("g4dn.xlarge")).find("web: 1 pod") == 0);
  CHECK(waits("{ecs: web.json}", ecs("g4dn.12xlarge")) == "");
  CHECK(waits("{kubernetes: web.yaml}", ecs("g4dn.12xlarge")) == "");
}

}  // namespace
}  // namespace plimsoll::engine
