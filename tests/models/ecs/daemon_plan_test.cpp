#include "models/ecs/daemon_plan.h"

#include <doctest/doctest.h>

#include "models/ecs/controllers/daemon_scheduler.h"
#include "sim/document/loader.h"
#include "tests/models/ecs/column_text.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::ecs {
namespace {

constexpr const char* kInstances = "capacity: {asg: {type: m5.large}}\n";

/// A DAEMON service "agent" of 256 units and 128 MiB in network mode awsvpc, as real files have it.
std::vector<ScalingDocument> agent_files() {
  document::Diagnostics diagnostics;
  std::vector<ScalingDocument> out;
  for (const char* text : {R"({"family": "agent", "networkMode": "awsvpc", "containerDefinitions":
           [{"name": "agent", "image": "example/agent:1", "cpu": 256, "memory": 128}]})",
                           R"({"serviceName": "agent", "taskDefinition": "agent", "schedulingStrategy": "DAEMON",
           "deploymentConfiguration": {"minimumHealthyPercent": 50, "maximumPercent": 100}})"}) {
    out.push_back({Side::ecs, "agent.json", document::load_text(text, "agent.json", diagnostics).front()});
  }
  REQUIRE(diagnostics.text() == "");
  return out;
}

struct DaemonRead {
  DaemonPlan plan;
  std::string complaints;
};

DaemonRead read_daemons(const std::string& text, std::vector<ScalingDocument> files) {
  testing::ColumnText column(cpu_millis(500), gibibytes(1));
  column.setting.scaling = std::move(files);
  DaemonRead out;
  out.complaints = column.read(text, [&](document::Fields& f, aws::PriceBook&, const CapacityPlan& capacity) {
    out.plan = DaemonPlan::read(f, column.setting, capacity);
  });
  return out;
}

TEST_CASE("a DAEMON service of the real files is a daemon of the column") {
  const DaemonRead r = read_daemons(kInstances, agent_files());
  CHECK(r.complaints == "");
  REQUIRE(r.plan.services.size() == 1);
  const DaemonService& d = r.plan.services[0];
  CHECK(d.name == "agent");
  CHECK(d.cpu == cpu_ecs_units(256));
  CHECK(d.memory == mebibytes(128));
  CHECK(d.enis == 1);
  CHECK(d.image_name == "example/agent:1");
  CHECK(d.minimum_healthy_percent == 50);
}

TEST_CASE("what the column says of a daemon stands above its file") {
  const DaemonRead r =
      read_daemons(std::string(kInstances) + "daemons: {agent: {cpu: 100m, memory: 64Mi}}\n", agent_files());
  CHECK(r.complaints == "");
  REQUIRE(r.plan.services.size() == 1);
  CHECK(r.plan.services[0].cpu == cpu_millis(100));
  CHECK(r.plan.services[0].enis == 0);
}

TEST_CASE("a file's daemon is left out with a warning where the capacity takes none, a column's own is refused") {
  for (const char* capacity : {"capacity: fargate\n", "capacity: {managedInstances: {}}\n"}) {
    CAPTURE(capacity);
    const DaemonRead file = read_daemons(capacity, agent_files());
    CHECK(file.plan.services.empty());
    CHECK(file.complaints.find("warning: the DAEMON service agent is left out: ") != std::string::npos);
    CHECK(file.complaints.find("error: ") == std::string::npos);
  }
  const DaemonRead own = read_daemons("capacity: fargate\ndaemons: {agent: {cpu: 100m, memory: 64Mi}}\n", {});
  CHECK(own.plan.services.empty());
  CHECK(own.complaints.find("error: ") != std::string::npos);
}

TEST_CASE("beside Managed Instances the DAEMON services of files run on the groups, those of the column are managed") {
  const DaemonRead r = read_daemons(
      "capacity: {capacityProviders: {od: {asg: {type: m5.large}}, mi: {managedInstances: {}}}, "
      "capacityProviderStrategy: [{capacityProvider: od, weight: 1}]}\n"
      "daemons: {probe: {cpu: 100m, memory: 64Mi}}\n",
      agent_files());
  CHECK(r.complaints.find("left out") == std::string::npos);
  REQUIRE(r.plan.services.size() == 2);
  CHECK(r.plan.services[0].managed.has_value());
  CHECK(r.plan.services[0].providers == std::vector<std::string>{"mi"});
  CHECK_FALSE(r.plan.services[1].managed.has_value());
  CHECK(r.plan.services[1].providers == std::vector<std::string>{"od"});
  CHECK(r.plan.taken("mi").cpu() == cpu_millis(100));
  CHECK(r.plan.taken("od").cpu() == cpu_millis(250));
}

TEST_CASE("on Managed Instances a daemon of the column is a managed one, with the defaults of the API") {
  const std::string capacity = "capacity: {managedInstances: {}}\n";
  const DaemonRead r = read_daemons(capacity + "daemons: {agent: {cpu: 100m, memory: 64Mi}}\n", {});
  CHECK(r.complaints == "");
  REQUIRE(r.plan.services.size() == 1);
  REQUIRE(r.plan.services[0].managed);
  CHECK(r.plan.services[0].managed->drain == percent(25));
  CHECK(r.plan.services[0].managed->critical);
  CHECK(r.plan.taken("asg").cpu() == cpu_millis(100));
  const DaemonRead said = read_daemons(capacity +
                                           "daemons: {agent: {cpu: 100m, memory: 64Mi, drainPercent: 50%, "
                                           "bakeTimeInMinutes: 5, critical: false, deployments: [2h]}}\n",
                                       {});
  CHECK(said.complaints == "");
  CHECK(said.plan.services.at(0).managed->drain == percent(50));
  CHECK(said.plan.services.at(0).managed->bake == minutes(5));
  CHECK_FALSE(said.plan.services.at(0).managed->critical);
  CHECK(said.plan.services.at(0).deployments == std::vector<Duration>{hours(2)});
  // Container instances of a group have none of these.
  CHECK(read_daemons(std::string(kInstances) + "daemons: {agent: {cpu: 100m, memory: 64Mi, drainPercent: 50%}}\n", {})
            .complaints.find("drainPercent") != std::string::npos);
}

TEST_CASE("built, a daemon is a workload of the platform with a task on each instance") {
  const DaemonRead r = read_daemons(kInstances, agent_files());
  World world = plimsoll::testing::small_world();
  DaemonPlan{}.build(world);
  CHECK(world.workloads().empty());
  CHECK(world.find_component<DaemonScheduler>() == nullptr);
  r.plan.build(world);
  REQUIRE(world.workloads().size() == 1);
  const Workload& w = world.workloads()[0];
  CHECK(world.names.text(w.name) == "agent");
  CHECK(w.system);
  CHECK(w.daemon);
  CHECK(w.requests.cpu() == cpu_ecs_units(256));
  CHECK(w.requests[Resource::enis] == 1);
  CHECK(world.shapes[w.shape].is_daemon);
  CHECK(world.names.text(w.images.at(0).first) == "example/agent:1");
  auto script = std::make_unique<plimsoll::testing::Script>();
  script->at(plimsoll::testing::at_s(10), [](World& at) {
    for (int zone : {0, 1}) {
      NodeSpec spec = plimsoll::testing::node_spec(at, 2000, 8192, zone);
      spec.capacity[Resource::enis] = 3;
      spec.allocatable = spec.capacity;
      const NodeId node = at.request_node(spec);
      at.node_running(node);
      at.node_ready(node);
    }
  });
  world.attach(std::move(script));
  world.run_until(plimsoll::testing::at_s(120));
  CHECK(world.pods().size() == 2);
}

TEST_CASE("host ports of a daemon, and the architecture of its definition") {
  const DaemonRead r = read_daemons(
      std::string(kInstances) + "daemons: {a: {cpu: 100m, memory: 64Mi, hostPorts: [9100, 8125/udp]}}\n", {});
  CHECK(r.complaints == "");
  CHECK(r.plan.services[0].host_ports ==
        std::vector<PortKey>{port_key(9100, PortProtocol::tcp), port_key(8125, PortProtocol::udp)});
  for (const char* wrong : {"0", "70000", "x", "80/icmp"})
    CHECK(read_daemons(
              std::string(kInstances) + "daemons: {a: {cpu: 100m, memory: 64Mi, hostPorts: ['" + wrong + "']}}\n", {})
              .complaints.find("is no host port") != std::string::npos);
  World world = plimsoll::testing::small_world();
  const HeldPorts held = r.plan.build(world);
  REQUIRE(held.size() == 1);
  CHECK(held[0].second.size() == 2);
  document::Diagnostics diagnostics;
  std::vector<ScalingDocument> files = agent_files();
  files[0].node = document::load_text(R"({"family": "agent", "memory": "128", "networkMode": "host",
      "runtimePlatform": {"cpuArchitecture": "ARM64"}, "containerDefinitions":
      [{"name": "agent", "image": "i", "portMappings": [{"containerPort": 8126}]}]})",
                                      "agent.json", diagnostics)
                      .front();
  const DaemonRead arm = read_daemons("capacity: {asg: {types: [m7g.large, m5.large]}}\n", files);
  REQUIRE(arm.plan.services.size() == 1);
  CHECK(arm.plan.services[0].host_ports == std::vector<PortKey>{port_key(8126, PortProtocol::tcp)});
  REQUIRE(arm.plan.services[0].member_of.size() == 1);
  CHECK(arm.plan.services[0].member_of[0].text() == "attribute:ecs.cpu-architecture == arm64");
}

}  // namespace
}  // namespace plimsoll::ecs
