// A pod that finds no place is told at the end of the run, with the scheduler's reasons.
#include "sim/engine/pending.h"

#include <doctest/doctest.h>

#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

std::string column(const std::string& replicas, const std::string& platform) {
  return "apiVersion: plimsoll/v1\nload: {constant: 10/s, for: 30m, warmup: 10m, to: web}\napps: {web: {size: 1/1Gi, "
         "work: 1ms, replicas: " +
         replicas + "}}\nplatforms:\n  only: {" + platform + "}\n";
}

constexpr const char* kTwoNodes = "type: eks, addons: none, capacity: {nodeGroup: {type: m5.large, min: 2, max: 2}}";

results::Comparison compared(const std::string& text) {
  const scenario::Scenario s = read_text(text);
  CompareOptions options;
  options.replications = 1;
  return compare(s, options);
}

TEST_CASE("pods beyond the room of the nodes are listed once, with what kubectl would show") {
  // m5.large: two vCPU less the kubelet's share hold one pod of 1 CPU each.
  const auto c = compared(column("5", kTwoNodes));
  REQUIRE(c.columns[0].remarks.size() >= 1);
  const std::string& text = c.columns[0].remarks.back();
  CHECK(text.find("web: 3 pods wait for a place at the end, the oldest for ") == 0);
  CHECK(text.find("0/2 nodes are available: 2 Insufficient cpu") != std::string::npos);
}

TEST_CASE("in a run of four minutes too, once no instance is on its way") {
  std::string text = column("5", kTwoNodes);
  text.replace(text.find("for: 30m, warmup: 10m"), 21, "for: 3m, warmup: 1m");
  const auto c = compared(text);
  bool told = false;
  for (const std::string& remark : c.columns[0].remarks) {
    told = told || (remark.find("web: 3 pods wait for a place at the end, the oldest for ") == 0 &&
                    remark.find("0/2 nodes are available: 2 Insufficient cpu") != std::string::npos);
  }
  CHECK(told);
}

TEST_CASE("nothing is said where every pod has its place") {
  for (const std::string& remark : compared(column("2", kTwoNodes)).columns[0].remarks)
    CHECK(remark.find("wait") == std::string::npos);
}

TEST_CASE("an update of a node group whose new nodes find no capacity fails, and is told") {
  // One m5.large a zone: the three nodes take them all, and the surge of six finds none.
  const auto c = compared(
      "apiVersion: plimsoll/v1\nload: {constant: 10/s, for: 90m, warmup: 0s, to: web}\napps: {web: {size: 500m/1Gi, "
      "work: 1ms, replicas: 4}}\nfaults: {pools: [{type: m5.large, limit: 1}]}\nevents: [{at: 10m, upgrade: nodes}]\n"
      "platforms:\n  only: {type: eks, addons: none, capacity: {nodeGroup: {type: m5.large, min: 3, max: 6}, "
      "autoscaler: none}}\n");
  bool told = false;
  for (const std::string& remark : c.columns[0].remarks)
    told = told || remark ==
                       "the update of node group default failed: NodeCreationFailure: the new nodes did not all "
                       "join within 15 minutes; 3 nodes were left on the older image";
  CHECK(told);
}

TEST_CASE("a task without room is told in the words of a service's events") {
  // Two m5.large of 2 vCPU hold two tasks of 1 vCPU each. Of the five others some wait at the end; for those that were
  // given up, the service starts new ones ever more slowly.
  const auto c = compared(column("9", "type: ecs, capacity: {asg: {type: m5.large, min: 2, max: 2}}"));
  CHECK(c.columns[0].replications[0].unfinished > 0);
  CHECK(c.columns[0].replications[0].unfinished <= 5);
  bool told = false;
  for (const std::string& remark : c.columns[0].remarks) {
    told = told || (remark.find("for a place at the end") != std::string::npos &&
                    remark.find("service web was unable to place a task because no container instance met all of its "
                                "requirements. The closest matching (container-instance ") != std::string::npos &&
                    remark.find("2 RESOURCE:CPU)") != std::string::npos);
  }
  CHECK(told);
}

TEST_CASE("a pod that no zone of Fargate takes is told so") {
  const auto c = compared(
      "apiVersion: plimsoll/v1\nzones: [us-east-1a]\nload: {constant: 10/s, for: 30m, warmup: 10m, to: web}\n"
      "apps: {web: {size: 1/2Gi, work: 1ms, replicas: 2}}\nevents: [{at: 5m, fail: {zone: us-east-1a}}]\n"
      "platforms:\n  only: {type: eks, capacity: fargate}\n");
  bool told = false;
  for (const std::string& remark : c.columns[0].remarks)
    told =
        told || (remark.find("web: ") == 0 && remark.find("Capacity is unavailable at this time") != std::string::npos);
  CHECK(told);
}

constexpr const char* kQuota =
    "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: compute}\nspec: {hard: {requests.cpu: 2500m}}\n";

TEST_CASE("pods beyond the quota of their namespace are told with the API server's words") {
  const Folder folder;
  folder.put("quota.yaml", kQuota);
  const std::string file = folder.put(
      "s.yaml",
      "apiVersion: plimsoll/v1\nfiles: {kubernetes: quota.yaml}\nload: {constant: 10/s, for: 30m, warmup: 10m, to: "
      "web}\n"
      "apps: {web: {size: 1/1Gi, work: 1ms, replicas: 4}}\n"
      "platforms:\n  only: {type: eks, addons: none, capacity: {nodeGroup: {type: m5.xlarge, min: 4, max: 4}}}\n");
  const scenario::Scenario s = read_file(file);
  CompareOptions options;
  options.replications = 1;
  const auto c = compare(s, options);
  REQUIRE(c.columns[0].remarks.size() >= 1);
  const std::string& text = c.columns[0].remarks.back();
  CHECK(text.find("web: its controller wants more pods at the end than it gets, refused ") == 0);
  CHECK(text.find("is forbidden: exceeded quota: compute, requested: requests.cpu=1, used: requests.cpu=2, limited: "
                  "requests.cpu=2500m") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::engine
