// Also tests: task_definition_rules
#include "models/ecs/api/task_definition.h"

#include <doctest/doctest.h>

#include "tests/models/ecs/api/fixture.h"

using namespace plimsoll;
using namespace plimsoll::ecs;
using namespace plimsoll::ecs::api;

namespace {

TaskDefinition definition(const std::string& file, document::Diagnostics& d) {
  auto out = read_task_definition(manifest(file, d), d);
  REQUIRE(out.has_value());
  return *out;
}

/// Diagnostics of a definition with one container `web` of image `i`, and more parameters of container and task.
document::Diagnostics check(const std::string& container, const std::string& task = "",
                            std::optional<LaunchType> launch = {}) {
  document::Diagnostics d;
  const auto node =
      json("{'family': 'f', 'containerDefinitions': [{'name': 'web', 'image': 'i'" + container + "}]" + task + "}");
  const auto read = read_task_definition(node, d);
  REQUIRE(read.has_value());
  check_task_definition(*read, d, launch);
  return d;
}

}  // namespace

TEST_CASE("the task definitions of the retail store") {
  for (const char* app : {"ui", "carts", "catalog", "checkout", "orders"}) {
    document::Diagnostics d;
    const TaskDefinition t = definition("retail-" + std::string(app) + ".taskdef.json", d);
    check_task_definition(t, d, LaunchType::fargate);
    CAPTURE(d.text());
    CHECK(d.empty());
    CHECK(t.family == "retail-store-ecs-" + std::string(app));
    CHECK(t.reservation().cpu == 1024);
    CHECK(t.reservation().memory == 2048);
    CHECK(t.cpu_limit() == 1024);
    CHECK(t.memory_limit() == 2048);
    CHECK(t.enis() == 1);
    CHECK(t.host_ports().empty());
    REQUIRE(t.containers.size() == 1);
    CHECK(t.containers[0].size.name == std::string(app) + "-service");
    CHECK(t.containers[0].ports.at(0).name == std::string(app) + "-service");
    CHECK(t.containers[0].ports.at(0).container_port == 8080);
    REQUIRE(t.containers[0].health_check.has_value());
    CHECK(t.containers[0].health_check->interval == seconds(10));
    CHECK(t.containers[0].health_check->timeout == seconds(5));
    CHECK(t.containers[0].health_check->start_period == seconds(60));
    CHECK(t.containers[0].health_check->retries == 3);
    CHECK(t.stop_timeout() == seconds(30));
  }
}

TEST_CASE("a task on the host network reserves its soft limit and no port without mappings") {
  document::Diagnostics d;
  const TaskDefinition t = definition("ConsulServer.json", d);
  check_task_definition(t, d);
  CHECK(d.empty());
  CHECK(t.effective_network_mode() == NetworkMode::host);
  CHECK(t.reservation().cpu == 128);
  CHECK(t.reservation().memory == 64);
  CHECK(t.memory_limit() == 256);
  CHECK_FALSE(t.cpu_limit().has_value());
  CHECK(t.enis() == 0);
}

TEST_CASE("ports on the bridge are dynamic unless a host port is named") {
  document::Diagnostics d;
  CHECK(definition("nginx_ec2.json", d).host_ports().empty());
  const auto fixed = definition("awsdocs-getting-started-ecs-ec2-v2-0.taskdef.json", d).host_ports();
  CHECK(fixed == std::vector<PortKey>{port_key(80, PortProtocol::tcp)});
}

TEST_CASE("graphics processors are counted") {
  document::Diagnostics d;
  const TaskDefinition t = definition("awsdocs-ecs-gpu-3.taskdef.json", d);
  CHECK(t.gpus() == 2);
  CHECK(t.reservation().memory == 80);
  CHECK(d.empty());
}

TEST_CASE("a log router is a container like the others") {
  document::Diagnostics d;
  const TaskDefinition t = definition("awsdocs-firelens-example-taskdefs-0.taskdef.json", d);
  check_task_definition(t, d);
  CHECK(d.empty());
  CHECK(t.reservation().memory == 150);
  CHECK(t.reservation().cpu == 0);
  CHECK(t.containers.at(0).log_router);
  CHECK(t.containers.at(0).log_driver == "awslogs");
  CHECK(t.containers.at(1).log_driver == "awsfirelens");
  CHECK_FALSE(t.memory_limit().has_value());
}

TEST_CASE("Windows on Fargate") {
  document::Diagnostics d;
  const TaskDefinition t = definition("awsdocs-example_task_definitions-1.taskdef.json", d);
  check_task_definition(t, d, LaunchType::fargate);
  CHECK(d.empty());
  CHECK(t.windows());
  CHECK(t.operating_system == "WINDOWS_SERVER_2019_CORE");
}

TEST_CASE("an awsvpc task whose host port differs is refused with the rule of ECS") {
  for (const auto& [file, host, container] : {std::tuple{"tomcat_ec2.json", "hostPort 80", "containerPort 8080"},
                                              std::tuple{"kibana_ec2.json", "hostPort 80", "containerPort 5601"}}) {
    document::Diagnostics d;
    TaskDefinition t = definition(file, d);
    CHECK(d.empty());
    check_task_definition(t, d);
    CHECK(d.error_count() == 1);
    CHECK(says(d, "When networkMode=awsvpc, the host ports and container ports in port mappings must match"));
    CHECK(says(d, host));
    CHECK(says(d, container));
    TaskDefinitionOverrides overrides;
    overrides.network_mode = NetworkMode::bridge;
    CHECK(apply_overrides(t, overrides) == std::vector<std::string>{t.family + ": networkMode awsvpc -> bridge"});
    document::Diagnostics after;
    check_task_definition(t, after);
    CHECK(after.empty());
    CHECK(t.host_ports() == std::vector<PortKey>{port_key(80, PortProtocol::tcp)});
  }
}

TEST_CASE("a task without any memory is refused, its proxy earns one warning") {
  document::Diagnostics d;
  const TaskDefinition t = definition("awsdocs-example_task_definitions-7.taskdef.json", d);
  CHECK(d.warning_count() == 1);
  CHECK(says(d, "proxyConfiguration is not modelled"));
  check_task_definition(t, d);
  CHECK(d.error_count() == 2);  // app and envoy
  REQUIRE(t.find("app") != nullptr);
  CHECK(t.find("app")->depends_on.at(0).condition == DependencyCondition::healthy);
  CHECK(t.find("envoy")->health_check->interval == seconds(5));
}

TEST_CASE("a CPU that is no size is one fault, an absent one another") {
  const auto one =
      check("", ",'cpu':'lots','memory':'512','networkMode':'awsvpc','requiresCompatibilities':['FARGATE']");
  CHECK(one.error_count() == 1);
  CHECK(says(one, "'lots' is not a size"));
  const auto none = check("", ",'memory':'512','networkMode':'awsvpc','requiresCompatibilities':['FARGATE']");
  CHECK(none.error_count() == 1);
  CHECK(says(none, "Fargate requires that 'cpu' be defined at the task level."));
}

TEST_CASE("sizes that Fargate has not come with the nearest ones") {
  const auto d = check("", ",'cpu':'512','memory':'512','networkMode':'awsvpc','requiresCompatibilities':['FARGATE']");
  CHECK(d.error_count() == 1);
  CHECK(says(d, "No Fargate configuration exists for given values: 512 CPU, 512 memory."));
  CHECK(says(d, "the nearest valid sizes are 512/1024"));
  CHECK(says(check("", ",'cpu':'256','memory':'3000','networkMode':'awsvpc'", LaunchType::fargate),
             "the nearest valid sizes are 512/3072, 256/2048"));
  CHECK(says(check("", ",'cpu':'65536','memory':'900000000','networkMode':'awsvpc'", LaunchType::fargate),
             "32768/249856"));
  CHECK(says(check("",
                   ",'cpu':'256','memory':'512','networkMode':'awsvpc','runtimePlatform':{'operatingSystemFamily':"
                   "'WINDOWS_SERVER_2022_CORE'}",
                   LaunchType::fargate),
             "the nearest valid sizes are 1024/2048"));
  CHECK(check("", ",'cpu':'1 vCPU','memory':'3 GB','networkMode':'awsvpc'", LaunchType::fargate).empty());
}

TEST_CASE("what Fargate asks for") {
  CHECK(says(check(",'memory':128", "", LaunchType::fargate), "Fargate only supports network mode 'awsvpc'."));
  CHECK(says(check(",'memory':128", "", LaunchType::fargate), "'cpu' be defined at the task level"));
  CHECK(says(check(",'memory':128", "", LaunchType::fargate), "'memory' be defined at the task level"));
  const std::string fargate = ",'cpu':'256','memory':'512','networkMode':'awsvpc'";
  CHECK(says(check(",'stopTimeout':121", fargate, LaunchType::fargate), "at most 120 s"));
  CHECK(says(check(",'startTimeout':1", fargate, LaunchType::fargate), "between 2 and 120 s"));
  CHECK(says(check(",'resourceRequirements':[{'type':'GPU','value':'1'}]", fargate, LaunchType::fargate), "GPUs"));
  CHECK(says(check("", fargate + ",'placementConstraints':[{'type':'memberOf','expression':'attribute:a exists'}]",
                   LaunchType::fargate),
             "does not support task placement constraints"));
  CHECK(says(check("", fargate + ",'ephemeralStorage':{'sizeInGiB':20}", LaunchType::fargate), "between 21 and 200"));
  CHECK(check("", fargate + ",'ephemeralStorage':{'sizeInGiB':21}", LaunchType::fargate).empty());
  CHECK(says(check("", fargate + ",'requiresCompatibilities':['EC2']", LaunchType::fargate),
             "does not support launch_type FARGATE"));
}

TEST_CASE("what EC2 asks for") {
  CHECK(says(check(",'memory':128", ",'cpu':'64'"), "between 128 and 196608"));
  CHECK(says(check(",'memory':128", ",'ephemeralStorage':{'sizeInGiB':50}"), "Fargate only"));
  CHECK(says(check(",'memory':128,'portMappings':[{'containerPort':80,'hostPort':81}]", ",'networkMode':'host'"),
             "When networkMode=host"));
  CHECK(says(check(",'memory':128,'links':['db']", ",'networkMode':'awsvpc'"), "Links are not supported"));
  CHECK(says(
      check(",'memory':128,'portMappings':[{'containerPort':80,'hostPort':80},{'containerPort':81,'hostPort':80}]"),
      "port 80 is mapped twice"));
  CHECK(check(",'memory':128,'portMappings':[{'containerPort':80},{'containerPort':80,'hostPort':0,'protocol':'udp'}]")
            .empty());
}

TEST_CASE("a port that is written as text is refused like the API does") {
  const auto d = check(",'memory':128,'portMappings':[{'containerPort':'80'}]");
  CHECK(d.error_count() == 1);
  CHECK(says(d, "takes an integer here"));
}

TEST_CASE("dependencies must exist, be checkable and have an end") {
  const auto two = [](const std::string& first, const std::string& second) {
    document::Diagnostics d;
    const auto read =
        read_task_definition(json("{'family':'f','containerDefinitions':[{'name':'a','image':'i','memory':64" + first +
                                  "},{'name':'b','image':'i','memory':64" + second + "}]}"),
                             d);
    check_task_definition(*read, d);
    return d;
  };
  const auto on = [](const std::string& name, const std::string& condition) {
    return ",'dependsOn':[{'containerName':'" + name + "','condition':'" + condition + "'}]";
  };
  CHECK(two(on("b", "START"), "").empty());
  CHECK(says(two(on("c", "START"), ""), "which is not in the task"));
  CHECK(says(two(on("b", "HEALTHY"), ""), "needs a healthCheck"));
  CHECK(says(two(on("b", "SUCCESS"), ""), "essential container 'b'"));
  CHECK(two(on("b", "SUCCESS"), ",'essential':false").empty());
  CHECK(says(two(on("b", "START"), on("a", "START")), "form a cycle"));
  CHECK(says(two(on("b", "SOON"), ""), "is none of START"));
}

TEST_CASE("names are checked") {
  document::Diagnostics d;
  const auto read =
      read_task_definition(json("{'family':'a b','containerDefinitions':[{'name':'x','image':'i','memory':64},"
                                "{'name':'x','image':'i','memory':64}]}"),
                           d);
  check_task_definition(*read, d);
  CHECK(says(d, "letters, digits, hyphens and underscores"));
  CHECK(says(d, "container name 'x' is used twice"));
  CHECK(says(check(""), "at least one of 'memory' or 'memoryReservation'"));
}

TEST_CASE("parameters that matter and are not modelled warn once each") {
  document::Diagnostics d;
  read_task_definition(
      json("{'family':'f','containerDefinitions':[{'name':'x','image':'i','memory':64,'linuxParameters':{'tmpfs':[{'"
           "size':64}],"
           "'initProcessEnabled':true}}],'volumes':[{'name':'v','efsVolumeConfiguration':{'fileSystemId':'fs-1'}},"
           "{'name':'w','host':{'sourcePath':'/'}}]}"),
      d);
  CHECK(d.error_count() == 0);
  CHECK(d.warning_count() == 2);
}

TEST_CASE("overrides are said once each") {
  document::Diagnostics d;
  TaskDefinition t = definition("retail-ui.taskdef.json", d);
  TaskDefinitionOverrides o;
  o.cpu = 512;
  o.memory = 2048;  // as it is
  o.compatibilities = std::vector<LaunchType>{LaunchType::ec2};
  CHECK(apply_overrides(t, o) == std::vector<std::string>{"retail-store-ecs-ui: requiresCompatibilities FARGATE -> EC2",
                                                          "retail-store-ecs-ui: cpu 1024 -> 512"});
  CHECK(t.reservation().cpu == 512);
  CHECK(apply_overrides(t, o).empty());
}
