#include "models/ecs/api/documents.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "tests/models/ecs/api/fixture.h"
#include "tests/source_dir.h"

using namespace plimsoll;
using namespace plimsoll::ecs;
using namespace plimsoll::ecs::api;

namespace {

struct Expected {
  std::int64_t cpu, memory, containers;
  int errors;  ///< of the rules of ECS
};

/// Read off the files by hand: CPU units and MiB that a task reserves, containers, and what ECS refuses.
const std::map<std::string, Expected> kDefinitions{
    {"ConsulServer.json", {128, 64, 1, 0}},
    {"awsdocs-ECS_AWSCLI_Fargate-2.taskdef.json", {256, 512, 1, 0}},
    {"awsdocs-create-service-connect-6.taskdef.json", {256, 512, 1, 0}},
    {"awsdocs-create-service-discovery-7.taskdef.json", {256, 512, 1, 0}},
    {"awsdocs-ecs-gpu-3.taskdef.json", {100, 80, 1, 0}},
    {"awsdocs-example_task_definitions-0.taskdef.json", {256, 512, 1, 0}},
    {"awsdocs-example_task_definitions-1.taskdef.json", {2048, 4096, 1, 0}},
    {"awsdocs-example_task_definitions-5.taskdef.json", {10, 200, 1, 0}},
    {"awsdocs-example_task_definitions-6.taskdef.json", {16, 32, 1, 0}},
    {"awsdocs-example_task_definitions-7.taskdef.json", {0, 0, 2, 2}},  // no memory anywhere
    {"awsdocs-example_task_definitions-8.taskdef.json", {1024, 1024, 1, 0}},
    {"awsdocs-firelens-example-taskdefs-0.taskdef.json", {0, 150, 2, 0}},
    {"awsdocs-firelens-example-taskdefs-1.taskdef.json", {0, 150, 2, 0}},
    {"awsdocs-firelens-example-taskdefs-2.taskdef.json", {0, 150, 2, 0}},
    {"awsdocs-firelens-example-taskdefs-6.taskdef.json", {0, 150, 2, 0}},
    {"awsdocs-getting-started-ecs-ec2-v2-0.taskdef.json", {10, 300, 1, 0}},
    {"gunicorn_fargate.json", {512, 1024, 1, 0}},
    {"jetty_fargate.json", {512, 1024, 1, 0}},
    {"kibana_ec2.json", {1024, 2048, 1, 1}},  // host port 80 of container port 5601
    {"nginx_ec2.json", {256, 256, 1, 0}},
    {"nginx_fargate.json", {256, 512, 1, 0}},
    {"retail-carts.taskdef.json", {1024, 2048, 1, 0}},
    {"retail-catalog.taskdef.json", {1024, 2048, 1, 0}},
    {"retail-checkout.taskdef.json", {1024, 2048, 1, 0}},
    {"retail-orders.taskdef.json", {1024, 2048, 1, 0}},
    {"retail-ui.taskdef.json", {1024, 2048, 1, 0}},
    {"tomcat_ec2.json", {1024, 2048, 1, 1}},  // host port 80 of container port 8080
    {"tomcat_fargate.json", {1024, 2048, 1, 0}},
    {"wildfly_ec2.json", {512, 1024, 1, 0}},
};

}  // namespace

TEST_CASE("every real file is read unmodified") {
  std::vector<std::string> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(PLIMSOLL_SOURCE_DIR) + "/tests/models/ecs/api/manifests")) {
    if (entry.path().extension() == ".json") files.push_back(entry.path().filename().string());
  }
  std::sort(files.begin(), files.end());
  CHECK(files.size() == 36);
  Documents all;
  for (const std::string& file : files) {
    CAPTURE(file);
    document::Diagnostics d;
    const std::size_t before = all.task_definitions.size();
    read_document(manifest(file, d), d, all);
    CAPTURE(d.text());
    CHECK(d.error_count() == 0);
    CHECK(d.warning_count() == (file == "awsdocs-example_task_definitions-7.taskdef.json" ? 1 : 0));
    if (file.find(".service.") != std::string::npos) continue;
    REQUIRE(all.task_definitions.size() == before + 1);
    const TaskDefinition& t = all.task_definitions.back();
    const auto expected = kDefinitions.find(file);
    REQUIRE(expected != kDefinitions.end());
    CHECK(t.reservation().cpu == expected->second.cpu);
    CHECK(t.reservation().memory == expected->second.memory);
    CHECK(t.containers.size() == static_cast<std::size_t>(expected->second.containers));
    document::Diagnostics rules;
    check_task_definition(t, rules);
    CHECK(rules.error_count() == static_cast<std::size_t>(expected->second.errors));
  }
  CHECK(all.task_definitions.size() == kDefinitions.size());
  CHECK(all.services.size() == 7);
  for (const Service& s : all.services) {
    const TaskDefinition* t = all.definition_of(s);
    REQUIRE(t != nullptr);
    document::Diagnostics rules;
    check_service(s, *t, rules);
    CAPTURE(rules.text());
    CHECK(rules.empty());
  }
}

TEST_CASE("documents are told apart by their parameters") {
  CHECK(detect(json("{'containerDefinitions':[]}")) == DocumentKind::task_definition);
  CHECK(detect(json("{'taskDefinition':{'containerDefinitions':[]}}")) == DocumentKind::task_definition);
  CHECK(detect(json("{'serviceName':'s','taskDefinition':'f'}")) == DocumentKind::service);
  CHECK(detect(json("{'services':[{'serviceName':'s'}],'failures':[]}")) == DocumentKind::service);
  CHECK(detect(json("{'taskDefinition':'f','count':2}")) == DocumentKind::run_task);
  CHECK(detect(json("{'ScalableDimension':'x','MinCapacity':1}")) == DocumentKind::scalable_target);
  CHECK(detect(json("{'PolicyName':'x','ScalableDimension':'x'}")) == DocumentKind::scaling_policy);
  CHECK(detect(json("{'TargetValue':60}")) == DocumentKind::scaling_policy);
  CHECK(detect(json("{'ScheduledActionName':'x'}")) == DocumentKind::scheduled_scaling);
  CHECK(detect(json("{'kind':'Deployment'}")) == DocumentKind::unknown);
  CHECK(detect(json("[1]")) == DocumentKind::unknown);
  CHECK(to_string(DocumentKind::run_task) == "run-task");
}

TEST_CASE("a call of update-service is none of RunTask, and has no time of its own") {
  CHECK(detect(json("{'service':'web','desiredCount':5}")) == DocumentKind::update_service);
  CHECK(detect(json("{'service':{'serviceName':'web'}}")) == DocumentKind::service);
  Documents all;
  document::Diagnostics d;
  read_document(json("{'service':'web','taskDefinition':'web:2','desiredCount':5,'forceNewDeployment':true}"), d, all);
  CHECK(all.run_tasks.empty());
  CHECK(d.error_count() == 0);
  CHECK(d.warning_count() == 1);
  CHECK(d.text().find("this call of update-service for 'web' says no time: it is left out") != std::string::npos);
}

TEST_CASE("answers of the command line are unwrapped") {
  Documents all;
  document::Diagnostics d;
  read_document(
      json("{'services':[{'serviceName':'a','taskDefinition':'f:2','desiredCount':1,'status':'ACTIVE','events':[]},"
           "{'serviceName':'b','taskDefinition':'f','desiredCount':1}],'failures':[]}"),
      d, all);
  for (const char* revision : {"2", "3"}) {
    read_document(json("{'taskDefinition':{'family':'f','revision':" + std::string(revision) +
                       ",'status':'ACTIVE','containerDefinitions':[{'name':'c','image':'i','memory':64}]}}"),
                  d, all);
  }
  CAPTURE(d.text());
  CHECK(d.empty());
  REQUIRE(all.services.size() == 2);
  CHECK(all.definition_of(all.services[0])->revision == 2);
  CHECK(all.definition_of(all.services[1])->revision == 3);  // without a revision the newest
}

TEST_CASE("something else is one error that names what can be read") {
  Documents all;
  document::Diagnostics d;
  read_document(json("{'kind':'Deployment'}"), d, all);
  CHECK(d.error_count() == 1);
  CHECK(says(d, "put-scaling-policy"));
}
