// Also tests: capacity_build
// One cluster with Fargate, an Auto Scaling group and Managed Instances, and services of launch type EC2, in whole
// columns.
#include <doctest/doctest.h>

#include <cstdlib>
#include <map>

#include "models/aws/cloudwatch/cloudwatch.h"
#include "models/ecs/controllers/task_placer.h"
#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

std::string mixed_definition(const std::string& family, const std::string& network) {
  return "{\"family\":\"" + family + "\",\"networkMode\":\"" + network +
         "\",\"cpu\":\"512\",\"memory\":\"1024\",\"containerDefinitions\":[{\"name\":\"a\",\"image\":\"i\"}]}";
}

std::string mixed_service(const std::string& name, int count, const std::string& more) {
  return "{\"serviceName\":\"" + name + "\",\"taskDefinition\":\"" + name +
         "\",\"desiredCount\":" + std::to_string(count) + more + "}";
}

const std::string kMixedSubnets = ",\"networkConfiguration\":{\"awsvpcConfiguration\":{\"subnets\":[\"s\"]}}";

std::string mixed_strategy(const std::string& provider) {
  return ",\"capacityProviderStrategy\":[{\"capacityProvider\":\"" + provider + "\",\"weight\":1}]";
}

/// web by the cluster's default on the group, api on Fargate, batch on Managed Instances of the same type, old of
/// launch type EC2.
scenario::Scenario mixed_cluster(const Folder& folder, const std::string& more = "") {
  for (const char* name : {"web", "api", "batch", "old"})
    folder.put(std::string(name) + ".td.json", mixed_definition(name, name[0] == 'a' ? "awsvpc" : "bridge"));
  folder.put("web.s.json", mixed_service("web", 6, ""));
  folder.put("api.s.json", mixed_service("api", 4, mixed_strategy("FARGATE") + kMixedSubnets));
  folder.put("batch.s.json", mixed_service("batch", 5, mixed_strategy("mi")));
  folder.put("old.s.json", mixed_service("old", 3, ",\"launchType\":\"EC2\""));
  return read_file(folder.put(
      "s.yaml",
      "apiVersion: plimsoll/v1\nload: {constant: 8/s, for: 2h, warmup: 30m, to: web}\n"
      "files: {ecs: ['*.json']}\nsizes: as-written\napps: {web: {work: 1ms}, api: {work: 1ms}, batch: {work: 1ms}, "
      "old: {work: 1ms}}\n" +
          more +
          "platforms:\n  a:\n    type: ecs\n    capacity:\n      capacityProviders:\n"
          "        od: {asg: {type: m5.large, min: 1, max: 8}}\n"
          "        mi: {managedInstances: {instanceRequirements: {allowedInstanceTypes: [m5.large]}}}\n"
          "        FARGATE: {}\n"
          "      capacityProviderStrategy: [{capacityProvider: od, weight: 1}]\n"));
}

/// On which groups or microVMs the tasks of an app are at the end.
std::map<std::string, std::int64_t> hosts_of(const World& world, std::size_t app) {
  std::map<std::string, std::int64_t> out;
  for (const PodId id : world.workload(WorkloadId{app}).pods) {
    const Pod& pod = world.pod(id);
    if (pod.node.is_none()) {
      ++out["none"];
      continue;
    }
    const Node& node = world.node(pod.node);
    ++out[node.host == HostKind::fargate ? "FARGATE" : std::string(world.names.text(world.group(node.group).name))];
  }
  return out;
}

std::size_t app_named(const World& world, std::string_view name) {
  for (const Workload& w : world.workloads()) {
    if (world.names.text(w.name) == name) return w.id.index();
  }
  FAIL("no such app");
  return 0;
}

using Hosts = std::map<std::string, std::int64_t>;

TEST_CASE("each service of a mixed cluster runs on the capacity that it names, and each is billed as what it is") {
  const Folder folder;
  const scenario::Scenario s = mixed_cluster(folder);
  Run run = build(s, 0, 0, {true, true});
  run.world.run();
  const World& world = run.world;
  CHECK(hosts_of(world, app_named(world, "web")) == Hosts{{"od", 6}});
  CHECK(hosts_of(world, app_named(world, "api")) == Hosts{{"FARGATE", 4}});
  CHECK(hosts_of(world, app_named(world, "batch")) == Hosts{{"mi", 5}});
  CHECK(hosts_of(world, app_named(world, "old")) == Hosts{{"od", 3}});
  std::map<std::string, double> lines;
  for (const results::BillLine& line : summarise(run, s, 0, 0).lines) lines[line.item] = std::stod(line.quantity);
  // Four tasks of half a vCPU on Fargate for the two counted hours; nothing else is there.
  CHECK(lines.at("fargate/vcpu") == doctest::Approx(4 * 0.5 * 2).epsilon(0.01));
  CHECK(lines.at("fargate/memory") == doctest::Approx(4 * 1.0 * 2).epsilon(0.01));
  // The management fee is paid for instances of the Managed Instances provider alone, though the type is the same.
  double managed_hours = 0, hours_of_all = 0;
  for (const Node& n : world.nodes()) {
    if (n.host != HostKind::ec2 || n.running == kTimeNever) continue;
    const Time from = std::max(n.running, world.window_start);
    const Time to = n.terminating == kTimeNever ? world.end : n.terminating;
    if (to <= from) continue;
    const double h = to_seconds(to - from) / 3600;
    hours_of_all += h;
    if (world.names.text(world.group(n.group).name) == "mi") managed_hours += h;
  }
  CHECK(managed_hours > 2);
  CHECK(managed_hours < hours_of_all);
  double fee_hours = 0;
  for (const auto& [item, quantity] : lines) {
    if (item.find("managed-instances") != std::string::npos || item.find("management") != std::string::npos)
      fee_hours += quantity;
  }
  CHECK(fee_hours == doctest::Approx(managed_hours).epsilon(0.01));
  CHECK(lines.at("ec2/m5.large/on-demand") == doctest::Approx(hours_of_all).epsilon(0.01));
}

TEST_CASE("managed scaling sees the tasks of its provider alone, and launch type EC2 waits for nobody") {
  const Folder folder;
  // An m5.large registers 2 vCPU: four tasks. Six of web and three of old are there by then; 30 of old would need
  // eight instances, 30 of api are none of the group's business.
  const scenario::Scenario s =
      mixed_cluster(folder, "events: [{at: 30m, scale: old, replicas: 30}, {at: 30m, scale: api, replicas: 30}]\n");
  Run run = build(s, 0, 0, {true, true});
  World& world = run.world;
  world.run_until(world.window_start + minutes(25));
  const std::int64_t before = world.group(NodeGroupId{0}).desired;
  CHECK(world.names.text(world.group(NodeGroupId{0}).name) == "od");
  world.run_until(world.window_start + minutes(100));
  CHECK(world.group(NodeGroupId{0}).desired == before);
  CHECK(hosts_of(world, app_named(world, "api")) == Hosts{{"FARGATE", 30}});
  const WorkloadId old{app_named(world, "old")};
  const Hosts placed = hosts_of(world, old.index());
  REQUIRE(placed.contains("none"));
  CHECK(placed.at("none") + placed.at("od") == 30);
  // Nothing stopped them, as PROVISIONING would after ten to thirty minutes; the service fails to place them again and
  // again, and says so.
  std::int64_t refused = 0, timeouts = 0;
  for (const FactRecord& f : world.log) {
    if (f.workload != old) continue;
    refused += f.fact == Fact::launch_refused ? 1 : 0;
    timeouts += f.fact == Fact::pod_ended && f.reason == Reason::start_timeout ? 1 : 0;
  }
  CHECK(refused > 10);  // three in the first minute, then one each five of seventy
  CHECK(timeouts == 0);
  for (const PodId id : world.workload(old).pods) {
    if (world.pod(id).state != PodState::pending) continue;
    const std::string why = world.find_component<ecs::TaskPlacer>()->why_pending(world, id);
    CHECK(why.find("service old was unable to place a task because no container instance met all") == 0);
    break;
  }
}

TEST_CASE("a group grows for its own tasks beside those of a launch type") {
  const Folder folder;
  const scenario::Scenario s = mixed_cluster(folder, "events: [{at: 30m, scale: web, replicas: 22}]\n");
  Run run = build(s, 0, 0, {true, true});
  run.world.run();
  // 22 of web and 3 of old, four an instance: seven hold them.
  CHECK(run.world.group(NodeGroupId{0}).desired >= 7);
  CHECK(hosts_of(run.world, app_named(run.world, "web")) == Hosts{{"od", 22}});
}

TEST_CASE("launch type EC2 alone on a group with managed scaling: the group stays as it is") {
  const Folder folder;
  folder.put("t.json", mixed_definition("web", "bridge"));
  const auto desired_with = [&](const std::string& more) {
    folder.put("s.json", mixed_service("web", 3, more));
    const scenario::Scenario s = read_file(folder.put(
        "s.yaml",
        "apiVersion: plimsoll/v1\nload: {constant: 8/s, for: 1h, warmup: 10m}\nfiles: {ecs: [t.json, s.json]}\n"
        "sizes: as-written\napps: {web: {work: 1ms}}\nevents: [{at: 10m, scale: web, replicas: 30}]\n"
        "platforms:\n  a: {type: ecs, capacity: {asg: {type: m5.large, min: 1, max: 8}}}\n"));
    Run run = build(s, 0, 0, {true, true});
    run.world.run();
    return run.world.group(NodeGroupId{0}).desired;
  };
  CHECK(desired_with(",\"launchType\":\"EC2\"") == 1);
  CHECK(desired_with("") == 8);  // 30 tasks, four an instance: all that there may be
}

TEST_CASE("what is reserved of a cluster's instances is not what runs on Fargate beside them") {
  const Folder folder;
  const scenario::Scenario s = mixed_cluster(folder, "events: [{at: 20m, scale: api, replicas: 40}]\n");
  Run run = build(s, 0, 0, {true, true});
  World& world = run.world;
  auto* cloudwatch = world.find_component<aws::CloudWatch>();
  REQUIRE(cloudwatch != nullptr);
  const aws::MetricId metric = cloudwatch->metric({.name = aws::MetricName::cluster_cpu_reservation, .workload = {}});
  cloudwatch->keep_for(metric, minutes(1));
  cloudwatch->measure_always(world);
  world.run_until(world.window_start + minutes(60));
  std::int64_t registered = 0, reserved = 0;
  for (const NodeId id : world.live_nodes()) {
    const Node& n = world.node(id);
    if (n.host == HostKind::ec2 && n.state == NodeState::ready) registered += n.allocatable.cpu().raw();
  }
  for (const char* name : {"web", "batch", "old"}) {
    const Workload& w = world.workload(WorkloadId{app_named(world, name)});
    reserved += w.started * w.requests.cpu().raw();
  }
  const auto value = cloudwatch->value_over(metric, aws::Statistic::average, minutes(1));
  REQUIRE(value.has_value());
  CHECK(static_cast<double>(*value) / 1e6 ==
        doctest::Approx(100.0 * static_cast<double>(reserved) / static_cast<double>(registered)).epsilon(0.001));
}

}  // namespace
}  // namespace plimsoll::engine
