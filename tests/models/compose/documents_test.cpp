// Also tests: ecs_documents, kubernetes_documents
#include "models/compose/documents.h"

#include <doctest/doctest.h>

#include "sim/document/emit.h"

namespace plimsoll::compose {
namespace {

document::Mark mark_in_file(std::int32_t line) {
  return {std::make_shared<const std::string>("compose.yaml"), line, 3};
}

/// A service with an image and nothing else, its key on line 2.
Service plain_service(const std::string& name) {
  Service s;
  s.name = name;
  s.image = "example/" + name;
  s.mark = mark_in_file(2);
  s.node = document::Node::mapping({}, mark_in_file(3));
  return s;
}

Project project_of(std::vector<Service> services) {
  Project p;
  p.services = std::move(services);
  return p;
}

Task lone_task(std::size_t service, const std::string& name) {
  Task t;
  t.main = service;
  t.name = name;
  t.members = {{service, Member::Part::main}};
  return t;
}

std::string at(const document::Node& node, std::initializer_list<const char*> keys) {
  const document::Node* n = &node;
  for (const char* key : keys) {
    n = n->is_sequence() ? &n->at(static_cast<std::size_t>(std::stoul(key))) : n->find(key);
    if (n == nullptr) return "(none)";
  }
  return n->is_scalar() ? n->text() : document::to_json(*n);
}

bool is_told(const Losses& losses, const std::string& what) {
  for (const std::string& s : losses.sentences()) {
    if (s.find(what) != std::string::npos) return true;
  }
  return false;
}

TEST_CASE("a plain service is a task definition and a service, or a Deployment alone") {
  const Project p = project_of({plain_service("web")});
  Losses losses;
  const auto ecs = ecs_documents(p, {lone_task(0, "web")}, losses);
  REQUIRE(ecs.size() == 2);
  CHECK(at(ecs[0], {"family"}) == "web");
  CHECK(at(ecs[0], {"networkMode"}) == "awsvpc");
  CHECK(at(ecs[0], {"cpu"}) == "(none)");  // no limit: no cap of the task
  CHECK(at(ecs[0], {"containerDefinitions", "0", "image"}) == "example/web");
  CHECK(at(ecs[0], {"containerDefinitions", "0", "essential"}) == "true");
  CHECK(at(ecs[0], {"containerDefinitions", "0", "environment"}) == "(none)");
  CHECK(at(ecs[1], {"desiredCount"}) == "1");
  CHECK(at(ecs[1], {"loadBalancers"}) == "(none)");
  // The service stands at its key, the definition at what stands under it.
  CHECK(ecs[1].mark().line == 2);
  CHECK(ecs[0].mark().line == 3);

  const auto kubernetes = kubernetes_documents(p, {lone_task(0, "web")}, losses);
  REQUIRE(kubernetes.size() == 1);
  CHECK(at(kubernetes[0], {"kind"}) == "Deployment");
  CHECK(at(kubernetes[0], {"spec", "template", "spec", "containers", "0", "image"}) == "example/web");
  CHECK(at(kubernetes[0], {"spec", "template", "spec", "initContainers"}) == "(none)");
}

TEST_CASE("both sides are told the environment in the same form") {
  Service s = plain_service("web");
  s.environment = {{"MODE", "fast"}, {"EMPTY", ""}};
  const Project p = project_of({s});
  Losses losses;
  const std::string ecs =
      at(ecs_documents(p, {lone_task(0, "web")}, losses)[0], {"containerDefinitions", "0", "environment"});
  CHECK(ecs == at(kubernetes_documents(p, {lone_task(0, "web")}, losses)[0],
                  {"spec", "template", "spec", "containers", "0", "env"}));
  CHECK(ecs.find("MODE") != std::string::npos);
  CHECK(ecs.find("EMPTY") != std::string::npos);
}

TEST_CASE("a limit of CPU caps the task when it is all that is reserved") {
  Service s = plain_service("web");
  s.cpu_limit = cpu_millis(500);
  s.memory_limit = mebibytes(300);
  Losses losses;
  const auto capped = ecs_documents(project_of({s}), {lone_task(0, "web")}, losses);
  CHECK(at(capped[0], {"cpu"}) == "512");
  CHECK(at(capped[0], {"containerDefinitions", "0", "memory"}) == "300");
  s.cpu_reservation = cpu_millis(250);
  Losses other;
  const auto share = ecs_documents(project_of({s}), {lone_task(0, "web")}, other);
  CHECK(at(share[0], {"cpu"}) == "(none)");
  CHECK(at(share[0], {"containerDefinitions", "0", "cpu"}) == "256");
  CHECK(is_told(other, "web: its CPU limit is left out"));
  const auto pod = kubernetes_documents(project_of({s}), {lone_task(0, "web")}, other);
  const std::string resources = at(pod[0], {"spec", "template", "spec", "containers", "0", "resources"});
  CHECK(resources.find("250m") != std::string::npos);
  CHECK(resources.find("500m") != std::string::npos);
}

TEST_CASE("what runs to completion is a task definition alone, or a Job") {
  Service s = plain_service("report");
  s.job = true;
  s.replicas = 3;
  Losses losses;
  CHECK(ecs_documents(project_of({s}), {lone_task(0, "report")}, losses).size() == 1);
  CHECK(is_told(losses, "run its task definition with run-task, 3 at once"));
  const auto job = kubernetes_documents(project_of({s}), {lone_task(0, "report")}, losses);
  REQUIRE(!job.empty());
  CHECK(at(job[0], {"kind"}) == "Job");
}

TEST_CASE("a member before the main container is an init container, or a container that must succeed") {
  Service web = plain_service("web");
  web.depends_on = {{"migrate", Condition::completed, {}}};
  const Project p = project_of({plain_service("migrate"), web});
  Task t;
  t.main = 1;
  t.name = "web";
  t.members = {{0, Member::Part::before}, {1, Member::Part::main}};
  Losses losses;
  const auto ecs = ecs_documents(p, {t}, losses);
  CHECK(at(ecs[0], {"containerDefinitions", "0", "name"}) == "migrate");
  CHECK(at(ecs[0], {"containerDefinitions", "0", "essential"}) == "false");
  CHECK(at(ecs[0], {"containerDefinitions", "0", "stopTimeout"}) == "(none)");
  CHECK(at(ecs[0], {"containerDefinitions", "1", "dependsOn", "0", "condition"}) == "SUCCESS");
  const auto kubernetes = kubernetes_documents(p, {t}, losses);
  CHECK(at(kubernetes[0], {"spec", "template", "spec", "initContainers", "0", "name"}) == "migrate");
  CHECK(at(kubernetes[0], {"spec", "template", "spec", "containers", "0", "name"}) == "web");
}

}  // namespace
}  // namespace plimsoll::compose
