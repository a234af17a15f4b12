#include "models/compose/ecs_params.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "models/compose/translator.h"
#include "models/ecs/api/documents.h"
#include "sim/document/loader.h"

namespace plimsoll::compose {
namespace {

const std::string kCompose = R"(services:
  web:
    image: nginx
    ports: ["80:80"]
    mem_limit: 512m
    depends_on: {migrate: {condition: service_completed_successfully}}
  migrate: {image: "migrate:1", mem_limit: 128m}
)";

/// What becomes of a Compose file with an ecs-params.yml beside it.
struct Companion {
  document::Diagnostics d;
  std::vector<std::string> lossy;
  ecs::api::Documents ecs;
  std::size_t kubernetes = 0;

  Companion(const std::string& compose, const std::string& params) {
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("plimsoll-ecs-params-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "docker-compose.yml") << compose;
    std::ofstream(folder / "ecs-params.yml") << params;
    const auto translator = compose_translator();
    for (const char* name : {"docker-compose.yml", "ecs-params.yml"}) {
      for (const document::Node& doc : document::load_file((folder / name).string(), d)) {
        REQUIRE(translator->accepts(doc));
        for (const document::Node& n : translator->translate(doc, Side::ecs, d, lossy)) {
          ecs::api::read_document(n, d, ecs);
        }
        std::vector<std::string> ignored;
        kubernetes += translator->translate(doc, Side::kubernetes, d, ignored).size();
      }
    }
    std::filesystem::remove_all(folder);
  }
  bool loses(const std::string& what) const {
    return std::any_of(lossy.begin(), lossy.end(), [&](const auto& s) { return s.find(what) != std::string::npos; });
  }
};

TEST_CASE("an ecs-params.yml beside a Compose file says what Compose has no words for") {
  const Companion c(kCompose, R"(version: 1
task_definition:
  ecs_network_mode: awsvpc
  task_execution_role: ecsTaskExecutionRole
  task_size: {cpu_limit: 1024, mem_limit: 2GB}
  services:
    web:
      cpu_shares: 512
      mem_limit: 1g
      healthcheck: {test: curl -f localhost, interval: 10s, retries: 5}
      depends_on: [{container_name: migrate, condition: SUCCESS}]
    migrate: {essential: false, mem_reservation: 64m}
run_params:
  network_configuration:
    awsvpc_configuration: {subnets: [subnet-1, subnet-2], security_groups: [sg-1], assign_public_ip: ENABLED}
  task_placement:
    strategy: [{type: spread, field: "attribute:ecs.availability-zone"}]
    constraints: [{type: distinctInstance}]
)");
  CHECK(c.d.text() == "");
  REQUIRE(c.ecs.task_definitions.size() == 1);
  const ecs::api::TaskDefinition& t = c.ecs.task_definitions[0];
  CHECK(t.network_mode == ecs::api::NetworkMode::awsvpc);
  CHECK(t.cpu == 1024);
  CHECK(t.memory == 2048);
  CHECK(t.node.find("executionRoleArn")->text() == "ecsTaskExecutionRole");
  const auto* web = t.find("web");
  const auto* migrate = t.find("migrate");
  REQUIRE(web != nullptr);
  REQUIRE(migrate != nullptr);
  CHECK(web->size.cpu == 512);
  CHECK(web->size.memory == 1024);
  CHECK(web->health_check->interval == seconds(10));
  CHECK(web->health_check->retries == 5);
  REQUIRE(web->depends_on.size() == 1);
  CHECK(web->depends_on[0].condition == ecs::api::DependencyCondition::success);
  CHECK_FALSE(migrate->size.essential);
  CHECK(migrate->size.memory_reservation == 64);
  REQUIRE(c.ecs.services.size() == 1);
  const ecs::api::Service& s = c.ecs.services[0];
  CHECK(s.network->subnets == std::vector<std::string>{"subnet-1", "subnet-2"});
  CHECK(s.network->public_ip);
  CHECK(s.placement.size() == 1);
  CHECK(s.constraints.size() == 1);
  CHECK(c.kubernetes > 0);  // which has no use for it
}

TEST_CASE("the size of the task and flags of main containers are lost where each service is a task of its own") {
  const Companion c(kCompose + "  db: {image: postgres, mem_limit: 1g}\n", R"(version: 1
task_definition:
  ecs_network_mode: bridge
  task_size: {cpu_limit: 1024, mem_limit: 2GB}
  services:
    db: {essential: false}
    web: {depends_on: [{container_name: db, condition: START}]}
run_params: {service_discovery: {container_name: web}}
)");
  CHECK(c.d.text() == "");
  CHECK(c.ecs.task_definitions.size() == 2);
  for (const ecs::api::TaskDefinition& t : c.ecs.task_definitions) {
    CHECK_FALSE(t.memory.has_value());
    CHECK(t.network_mode == ecs::api::NetworkMode::bridge);
  }
  for (const ecs::api::Service& s : c.ecs.services) CHECK_FALSE(s.network.has_value());
  CHECK(c.loses("task_size is that of one task"));
  CHECK(c.loses("db: ecs-params.yml: essential: false is left out"));
  CHECK(c.loses("web: depends_on does not reach across tasks"));
  CHECK(c.loses("service_discovery is left out"));
}

TEST_CASE("each field of an ecs-params.yml is passed on, or said to be left out with what it would do") {
  const Companion c("services:\n  web: {image: nginx, mem_limit: 512m}\n", R"(version: 1
task_definition:
  ecs_network_mode: awsvpc
  task_size: {cpu_limit: 1024, mem_limit: 2GB}
  ephemeral_storage: {size: 30}
  services:
    web:
      secrets: [{value_from: "arn:a", name: TOKEN}]
      repository_credentials: {credentials_parameter: "arn:b"}
      init_process_enabled: true
      logging: {secret_options: [{value_from: x, name: y}]}
      firelens_configuration: {type: fluentbit}
  docker_volumes: [{name: v, scope: shared}]
  efs_volumes: [{name: e, filesystem_id: fs-1}]
)");
  CHECK(c.d.text() == "");
  REQUIRE(c.ecs.task_definitions.size() == 1);
  const ecs::api::TaskDefinition& t = c.ecs.task_definitions[0];
  CHECK(t.ephemeral_gib == 30);
  CHECK(t.requires_launch(ecs::api::LaunchType::fargate));
  const document::Node& web = t.node.find("containerDefinitions")->at(0);
  REQUIRE(web.find("secrets") != nullptr);
  CHECK(web.find("secrets")->at(0).find("valueFrom")->text() == "arn:a");
  CHECK(web.find("repositoryCredentials")->find("credentialsParameter")->text() == "arn:b");
  CHECK(web.find("linuxParameters")->find("initProcessEnabled")->as_boolean());
  CHECK(c.loses("web: ecs-params.yml: logging is left out: the log driver"));
  CHECK(c.loses("web: ecs-params.yml: firelens_configuration is left out: no log router"));
  CHECK(c.loses("docker_volumes is left out: where volumes lie"));
  CHECK(c.loses("efs_volumes is left out: the file system"));
}

TEST_CASE("disk of tasks without a size is no fault, as Fargate alone has it, and is left out") {
  const Companion c(kCompose + "  db: {image: postgres, mem_limit: 1g}\n", R"(version: 1
task_definition: {ecs_network_mode: bridge, ephemeral_storage: {size: 30}}
run_params: {network_configuration: {awsvpc_configuration: {subnets: [subnet-1]}}}
)");
  CHECK(c.d.text() == "");
  CHECK(c.loses("ephemeral_storage is left out: it is for tasks on Fargate"));
  CHECK(c.loses("network_configuration is left out: it is for network mode awsvpc"));
}

TEST_CASE("a fault of an ecs-params.yml is told in its file") {
  const Companion c(kCompose,
                    "version: 1\ntask_definition:\n  services:\n    wbe: {mem_limit: much}\n  netwrk: host\n");
  CHECK(c.d.text().find("ecs-params.yml:4:") != std::string::npos);
  CHECK(c.d.text().find("no service 'wbe' is in the Compose file") != std::string::npos);
  CHECK(c.d.text().find("netwrk") != std::string::npos);
  CHECK(c.ecs.services.empty());
}

}  // namespace
}  // namespace plimsoll::compose
