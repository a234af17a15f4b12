// Also tests: service_reader
#include "models/compose/project.h"

#include <doctest/doctest.h>

#include "sim/document/loader.h"

using namespace plimsoll;
using namespace plimsoll::compose;

namespace {

std::optional<Project> read(const std::string& text, document::Diagnostics& d) {
  const auto docs = document::load_text(text, "compose.yaml", d);
  REQUIRE(docs.size() == 1);
  REQUIRE(is_compose_file(docs[0]));
  return read_project(docs[0], d);
}

}  // namespace

TEST_CASE("a service in all its fields") {
  document::Diagnostics d;
  const auto p = read(R"(
name: shop
services:
  web:
    image: shop/web:${TAG:-1}
    command: serve --port 80
    environment: {MODE: fast, LEVEL: 3, EMPTY: }
    ports: ["8080:80", {target: 9000, published: "9001", protocol: udp}]
    expose: [7000]
    depends_on:
      db: {condition: service_healthy}
      migrate: {condition: service_completed_successfully}
    restart: on-failure:5
    stop_grace_period: 1m30s
    cpus: 0.5
    x-anything: {a: 1}
    x-aws-pull_credentials: arn
    deploy:
      replicas: "3"
      resources:
        limits: {cpus: "0.5", memory: 512M}
        reservations: {memory: 256M, devices: [{capabilities: [gpu], count: 2}]}
      update_config: {parallelism: 2, order: start-first, failure_action: rollback}
  db:
    image: postgres
    environment: [A=1, B=x=y]
    healthcheck: {test: pg_isready, interval: 10s, start_period: 20s}
    volumes: [data:/var/lib, ./init:/init:ro]
  migrate: {build: ./migrate}
  debug: {image: busybox, profiles: [tools]}
volumes: {data: }
)",
                      d);
  CHECK(d.text() == "");
  REQUIRE(p);
  REQUIRE(p->services.size() == 3);
  CHECK(p->profiled == std::vector<std::string>{"debug"});
  const Service& web = p->services[0];
  CHECK(web.image == "shop/web:1");
  CHECK(web.command == std::vector<std::string>{"serve", "--port", "80"});
  CHECK(web.environment.size() == 2);  // without a value it comes from the shell
  REQUIRE(web.ports.size() == 2);
  CHECK(web.ports[1].udp);
  CHECK(web.ports[1].published == 9001);
  CHECK(web.exposed == std::vector<std::int64_t>{7000});
  CHECK(web.depends_on.at(0).condition == Condition::healthy);
  CHECK(web.depends_on.at(1).condition == Condition::completed);
  CHECK(web.restart == Restart::on_failure);
  CHECK(web.most_restarts == 5);
  CHECK(web.stop_grace == seconds(90));
  CHECK(web.replicas == 3);
  CHECK(web.cpu_limit == cpu_millis(500));
  CHECK(web.memory_limit == mebibytes(512));
  CHECK(web.memory_reservation == mebibytes(256));
  CHECK(web.gpus == 2);
  REQUIRE(web.update);
  CHECK(web.update->parallelism == 2);
  CHECK(web.update->start_first);
  CHECK(web.update->rollback);
  CHECK(web.vendor == std::vector<std::string>{"x-aws-pull_credentials"});
  const Service& db = p->services[1];
  CHECK(db.environment.at(1) == std::pair<std::string, std::string>{"B", "x=y"});
  REQUIRE(db.health);
  CHECK(db.health->test == std::vector<std::string>{"CMD-SHELL", "pg_isready"});
  CHECK(db.health->timeout == seconds(30));
  CHECK(db.health->retries == 3);
  CHECK(db.stop_grace == seconds(10));
  CHECK(p->services[2].built);
}

TEST_CASE("what Compose refuses is refused at its place") {
  struct Row {
    const char* text;
    const char* said;
  };
  const std::string head = "services:\n  web:\n    image: a\n";
  for (const Row& r : {
           Row{"    imagee: b\n", "compose.yaml:4:5: error: unknown key 'imagee'"},
           Row{"    depends_on: [bd]\n  db: {image: b}\n",
               "compose.yaml:4:18: error: service \"web\" depends on undefined service bd"},
           Row{"    depends_on: {db: {condition: service_ok}}\n  db: {image: b}\n", "compose.yaml:4:34: error:"},
           Row{"    depends_on: [db]\n  db: {image: b, depends_on: [web]}\n",
               "dependency cycle detected: web -> db -> web"},
           Row{"    ports: [\"80:http\"]\n", "compose.yaml:4:13: error: invalid containerPort: http"},
           Row{"    restart: alway\n", "invalid restart policy 'alway'"},
           Row{"    restart: always:3\n", "invalid restart policy 'always:3'"},
           Row{"    healthcheck: {test: [curl, x]}\n", "its first item must be NONE, CMD or CMD-SHELL"},
           Row{"    healthcheck: {test: x, interval: 10}\n", "'10' is no duration"},
           Row{"    mem_limit: lots\n", "'lots' is no size"},
           Row{"    cpus: 1\n    deploy: {resources: {limits: {cpus: '2'}}}\n",
               "can't set distinct values on 'cpus' and 'deploy.resources.limits.cpus'"},
           Row{"    scale: 2\n    deploy: {replicas: 3}\n",
               "can't set distinct values on 'scale' and 'deploy.replicas'"},
           Row{"    container_name: w\n    scale: 2\n", "can't set container_name and scale"},
           Row{"    mem_limit: 1m\n    mem_reservation: 2m\n", "reserves more memory than its limit"},
           Row{"    network_mode: host\n    networks: [front]\nnetworks: {front: }\n", "mutually exclusive"},
           Row{"    networks: [frnt]\nnetworks: {front: }\n",
               "compose.yaml:4:16: error: service \"web\" refers to undefined network frnt"},
           Row{"    volumes: [data:/x]\n", "refers to undefined volume data"},
           Row{"    secrets: [pw]\n", "refers to undefined secret pw"},
           Row{"    network_mode: service:wbe\n", "service \"wbe\" not found for network_mode"},
           Row{"secrets: {pw: {}}\n", "secrets.pw: one of file|environment must be set"},
           Row{"    extends: {service: base}\n", "extends service \"base\", which is not there"},
           Row{"    deploy: {mode: globl}\n", "unknown deploy mode 'globl'"},
           Row{"    deploy: {mode: global, replicas: 2}\n", "mode global has no replicas"},
           Row{"    deploy: {replicas: few}\n", "'few' is no whole number"},
           Row{"    environment: [[A]]\n", "must be NAME=VALUE"},
           Row{"  api: {command: x}\n", "service \"api\" has neither an image nor a build context specified"},
           Row{"  'a b': {image: x}\n", "'a b' is no name of a service"},
           Row{"include: [other.yaml]\n", "there is no file other.yaml"},
       }) {
    CAPTURE(r.text);
    document::Diagnostics d;
    CHECK_FALSE(read(head + r.text, d));
    CHECK(d.error_count() == 1);
    CHECK_MESSAGE(d.text().find(r.said) != std::string::npos, d.text());
  }
}

TEST_CASE("other files are not taken for Compose's") {
  document::Diagnostics d;
  for (const char* text : {"{\"services\": [{\"serviceName\": \"a\"}]}", "apiVersion: plimsoll/v1\nservices: {a: 1}",
                           "kind: Service", "[1]"}) {
    for (const document::Node& doc : document::load_text(text, "x.yaml", d)) CHECK_FALSE(is_compose_file(doc));
  }
}
