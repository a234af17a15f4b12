// Also tests: tasks, ecs_documents, kubernetes_documents
#include "models/compose/translator.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "models/ecs/api/documents.h"
#include "models/kubernetes/api/objects.h"
#include "sim/document/loader.h"

using namespace plimsoll;

namespace {

struct Both {
  document::Diagnostics d;
  std::vector<document::Node> ecs_files, kubernetes_files;
  std::vector<std::string> ecs_lossy, kubernetes_lossy;
  ecs::api::Documents ecs;
  kubernetes::api::Objects kubernetes;

  explicit Both(const std::string& text) {
    const auto translator = compose::compose_translator();
    for (const document::Node& doc : document::load_text(text, "compose.yaml", d)) {
      REQUIRE(translator->accepts(doc));
      ecs_files = translator->translate(doc, Side::ecs, d, ecs_lossy);
      kubernetes_files = translator->translate(doc, Side::kubernetes, d, kubernetes_lossy);
    }
    for (const document::Node& n : ecs_files) ecs::api::read_document(n, d, ecs);
    for (const ecs::api::TaskDefinition& t : ecs.task_definitions) ecs::api::check_task_definition(t, d);
    for (const ecs::api::Service& s : ecs.services) ecs::api::check_service(s, *ecs.definition_of(s), d);
    for (const document::Node& n : kubernetes_files) kubernetes::api::read_object(n, d, kubernetes);
  }
};

bool says(const std::vector<std::string>& lossy, const std::string& what) {
  return std::any_of(lossy.begin(), lossy.end(), [&](const auto& s) { return s.find(what) != std::string::npos; });
}

}  // namespace

TEST_CASE("a service is a service and its task definition, or a Deployment, with one size") {
  const Both b(R"(
services:
  web:
    image: nginx
    ports: ["8080:80"]
    deploy:
      replicas: 4
      resources: {limits: {cpus: "0.5", memory: 300M}, reservations: {memory: 200M}}
      update_config: {parallelism: 1, order: stop-first, failure_action: rollback}
    healthcheck: {test: [CMD, curl, -f, localhost], interval: 2s, timeout: 1s, start_period: 25s, retries: 12}
    stop_grace_period: 3m
)");
  CHECK(b.d.text() == "");
  REQUIRE(b.ecs.task_definitions.size() == 1);
  const auto& t = b.ecs.task_definitions[0];
  CHECK(t.family == "web");
  CHECK(t.cpu == 512);  // 0.5 vCPU, a cap of the task
  REQUIRE(t.containers.size() == 1);
  const auto& c = t.containers[0];
  CHECK(c.size.cpu == 512);
  CHECK(c.size.memory == 300);
  CHECK(c.size.memory_reservation == 200);
  // ECS takes an interval of 5 s and a timeout of 2 s at least, 10 retries at most.
  REQUIRE(c.health_check);
  CHECK(c.health_check->interval == seconds(5));
  CHECK(c.health_check->timeout == seconds(2));
  CHECK(c.health_check->retries == 10);
  CHECK(c.health_check->start_period == seconds(25));
  CHECK(c.stop_timeout == seconds(120));
  REQUIRE(b.ecs.services.size() == 1);
  const auto& s = b.ecs.services[0];
  CHECK(s.desired_count == 4);
  CHECK(s.minimum_healthy_percent == 75);  // one of four at a time
  CHECK(s.maximum_percent == 100);
  CHECK(s.breaker.rollback);
  REQUIRE(s.load_balancers.size() == 1);
  CHECK(s.load_balancers[0].container_port == 80);
  REQUIRE(b.kubernetes.workloads.size() == 1);
  const auto& w = b.kubernetes.workloads[0];
  CHECK(w.kind == kubernetes::api::WorkloadKind::deployment);
  CHECK(w.replicas == 4);
  const auto& k = w.pod.containers.at(0);
  CHECK(k.requests.cpu == cpu_millis(500));
  CHECK(k.limits.cpu == cpu_millis(500));
  CHECK(k.requests.memory == mebibytes(200));
  CHECK(k.limits.memory == mebibytes(300));
  REQUIRE(k.startup);
  CHECK(k.startup->failure_threshold == 13 + 12);  // 25 s in periods of 2 s, and its own retries
  REQUIRE(k.readiness);
  CHECK(k.readiness->period == seconds(2));
  CHECK(w.pod.termination_grace == seconds(180));
  CHECK(w.max_unavailable.value == 1);
  CHECK(says(b.ecs_lossy, "healthcheck.interval 2 becomes 5"));
  CHECK(says(b.ecs_lossy, "stop_grace_period 180 becomes 120"));
  CHECK(says(b.kubernetes_lossy, "failure_action rollback"));
  // Where it comes from can be said.
  CHECK(to_string(s.node.mark()) == "compose.yaml:3:3");
  CHECK(to_string(t.node.mark()) == "compose.yaml:4:5");
}

TEST_CASE("what is waited for runs before, what shares the network beside") {
  const Both b(R"(
services:
  app:
    image: app
    depends_on:
      migrate: {condition: service_completed_successfully}
      proxy: {condition: service_healthy}
      db: {condition: service_healthy}
  seed: {image: seed}
  migrate:
    image: migrate
    depends_on: {seed: {condition: service_completed_successfully}}
  proxy:
    image: proxy
    network_mode: service:app
    restart: always
    healthcheck: {test: check}
  db: {image: db}
)");
  CHECK(b.d.text() == "");
  REQUIRE(b.ecs.task_definitions.size() == 2);  // app and db
  REQUIRE(b.ecs.services.size() == 2);
  const auto& t = b.ecs.task_definitions[0];
  REQUIRE(t.containers.size() == 4);
  CHECK(t.containers[0].size.name == "seed");
  CHECK(t.containers[1].size.name == "migrate");
  CHECK_FALSE(t.containers[1].size.essential);
  REQUIRE(t.containers[1].depends_on.size() == 1);
  CHECK(t.containers[1].depends_on[0].condition == ecs::api::DependencyCondition::success);
  CHECK(t.containers[2].size.essential);
  REQUIRE(t.containers[2].depends_on.size() == 2);  // db is another task
  CHECK(t.containers[2].depends_on[1].condition == ecs::api::DependencyCondition::healthy);
  REQUIRE(t.containers[3].restart);
  CHECK(t.containers[3].restart->enabled);
  REQUIRE(b.kubernetes.workloads.size() == 2);
  const auto& pod = b.kubernetes.workloads[0].pod;
  REQUIRE(pod.init_containers.size() == 3);
  CHECK(pod.init_containers[0].name == "seed");
  CHECK(pod.init_containers[1].name == "migrate");
  CHECK(pod.init_containers[2].name == "proxy");
  CHECK(pod.init_containers[2].sidecar);
  for (const auto* lossy : {&b.ecs_lossy, &b.kubernetes_lossy}) {
    CHECK(says(*lossy, "seed, migrate: others wait for its completion"));
    CHECK(says(*lossy, "app: depends_on does not reach across tasks"));
    CHECK(says(*lossy, "it neither reserves nor limits memory"));
  }
}

TEST_CASE("global services are daemons, jobs run to completion") {
  const Both b(R"(
services:
  agent: {image: agent, deploy: {mode: global}}
  report: {image: report, restart: on-failure, deploy: {mode: replicated-job, replicas: 3}}
)");
  CHECK(b.d.text() == "");
  REQUIRE(b.ecs.services.size() == 1);
  CHECK(b.ecs.services[0].daemon);
  CHECK(b.ecs.task_definitions.size() == 2);
  REQUIRE(b.kubernetes.workloads.size() == 2);
  CHECK(b.kubernetes.workloads[0].kind == kubernetes::api::WorkloadKind::daemon_set);
  CHECK(b.kubernetes.workloads[1].kind == kubernetes::api::WorkloadKind::job);
  CHECK(says(b.ecs_lossy, "report: it runs to completion: run its task definition with run-task, 3 at once"));
}

TEST_CASE("each loss is one sentence") {
  const Both b(R"(
x-aws-cluster: main
services:
  a: {image: "a:${TAG}", x-aws-role: r, volumes: [v:/v], secrets: [s], env_file: e, hostname: h, cpus: 1, mem_limit: 1g}
  b: {image: b, x-aws-role: r, volumes: [v:/v], restart: "no", cpus: 1, mem_limit: 1g, dns: 1.1.1.1}
  c_d: {build: ., cpus: 1, mem_limit: 1g}
volumes: {v: }
secrets: {s: {file: f}}
)");
  CHECK(b.d.text() == "");
  for (const auto* lossy : {&b.ecs_lossy, &b.kubernetes_lossy}) {
    CHECK(says(*lossy, "a, b: volumes are left out"));
    CHECK(says(*lossy, "a, b: x-aws-role is ignored"));
    CHECK(says(*lossy, "x-aws-cluster is ignored"));
    CHECK(says(*lossy, "a: secrets are left out"));
    CHECK(says(*lossy, "a: env_file is not read"));
    CHECK(says(*lossy, "a: left out: hostname"));
    CHECK(says(*lossy, "b: left out: dns"));
    CHECK(says(*lossy, "b: restart: no is left out"));
    CHECK(says(*lossy, "c_d: its image is built"));
    CHECK(says(*lossy, "c_d: it is called c-d"));
    CHECK(says(*lossy, "TAG"));
    std::vector<std::string> sorted = *lossy;
    std::sort(sorted.begin(), sorted.end());
    CHECK(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end());
  }
}

TEST_CASE("names that fall together are an error") {
  const Both b("services:\n  a_b: {image: x}\n  a.b: {image: y}\n");
  CHECK(b.d.text().find("'a_b' and 'a.b' would both be called a-b") != std::string::npos);
  CHECK(b.ecs_files.empty());
}

TEST_CASE("a service has five target groups at most") {
  const Both b("services:\n  web: {image: n, mem_limit: 1g, ports: [\"8000-8006:8000-8006\"]}\n");
  REQUIRE(b.ecs.services.size() == 1);
  CHECK(b.ecs.services[0].load_balancers.size() == 5);
  CHECK(says(b.ecs_lossy, "web: a service has at most five target groups"));
}
