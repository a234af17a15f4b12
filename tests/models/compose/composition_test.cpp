#include "models/compose/composition.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "models/compose/project.h"
#include "sim/document/loader.h"

namespace plimsoll::compose {
namespace {

/// A folder of Compose files that goes when the test ends.
class ComposeFolder {
 public:
  ComposeFolder() : path_(std::filesystem::temp_directory_path() / ("plimsoll-compose-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_ / "base");
  }
  ComposeFolder(const ComposeFolder&) = delete;
  ComposeFolder& operator=(const ComposeFolder&) = delete;
  ~ComposeFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string put(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

document::Node one(const std::string& text) {
  document::Diagnostics d;
  return document::load_text(text, "c.yaml", d).front();
}

std::optional<Project> project_of(const std::string& file, document::Diagnostics& d) {
  return read_project(document::load_single(file, d), d);
}

TEST_CASE("a service that extends another has its keys, and its own above them") {
  const document::Node merged = merge_services(one(R"(image: web:1
command: [serve, --slow]
environment: [A=1, B=2]
ports: ["80:80", "443:443"]
volumes: [data:/var/lib, ./conf:/etc/web]
depends_on: [db]
healthcheck: {test: [CMD, check], interval: 10s}
deploy: {resources: {limits: {cpus: "1", memory: 512M}}}
)"),
                                               one(R"(command: serve
environment: {B: "3", C: "4"}
ports: ["443:443", "90:90"]
volumes: ["./other:/etc/web:ro"]
depends_on: {cache: {condition: service_healthy}}
healthcheck: {test: [CMD, ping]}
deploy: {replicas: 2, resources: {limits: {memory: 1G}}}
)"));
  const document::Node wanted = one(R"(image: web:1
command: serve
environment: {A: "1", B: "3", C: "4"}
ports: ["80:80", "443:443", "90:90"]
volumes: [data:/var/lib, "./other:/etc/web:ro"]
depends_on: {db: {condition: service_started}, cache: {condition: service_healthy}}
healthcheck: {test: [CMD, ping], interval: 10s}
deploy: {resources: {limits: {cpus: "1", memory: 1G}}, replicas: 2}
)");
  CHECK(same_value(merged, wanted));
}

TEST_CASE("files that a file includes, and services of other files that its services extend") {
  const ComposeFolder folder;
  folder.put("base/common.yaml", R"(services:
  plain: {image: "web:${TAG:-7}", cpus: 0.5, environment: {MODE: slow}}
  worker: {extends: plain, command: work}
)");
  folder.put("base/store.yaml", "services: {db: {image: postgres, volumes: [data:/var/lib]}}\nvolumes: {data: }\n");
  const std::string file = folder.put("compose.yaml", R"(include:
  - base/store.yaml
services:
  web:
    extends: {file: base/common.yaml, service: plain}
    environment: [MODE=fast]
    depends_on: [db]
  jobs:
    extends: {file: base/common.yaml, service: worker}
    cpus: 2
)");
  document::Diagnostics d;
  const auto p = project_of(file, d);
  CHECK_MESSAGE(d.empty(), d.text());
  REQUIRE(p);
  REQUIRE(p->services.size() == 3);
  const Service* web = p->find("web");
  const Service* jobs = p->find("jobs");
  REQUIRE(web != nullptr);
  REQUIRE(jobs != nullptr);
  REQUIRE(p->find("db") != nullptr);
  CHECK(web->image == "web:7");
  CHECK(web->cpu_limit == cpu_millis(500));
  CHECK(web->environment == std::vector<std::pair<std::string, std::string>>{{"MODE", "fast"}});
  REQUIRE(web->depends_on.size() == 1);
  CHECK(jobs->command == std::vector<std::string>{"work"});
  CHECK(jobs->cpu_limit == cpu_cores(2));
}

TEST_CASE("rings, missing files and services, and resources that differ are told at their places") {
  const ComposeFolder folder;
  folder.put("base/ring.yaml", "include: [../compose.yaml]\nservices: {x: {image: x}}\n");
  folder.put("base/db.yaml", "services: {db: {image: mysql}}\n");
  folder.put("base/same.yaml", "services: {db: {image: postgres}}\n");
  struct Row {
    std::string text, said;
  };
  for (const Row& row : {
           Row{"include: [base/ring.yaml]\n", "include cycle detected: "},
           Row{"include: [base/gone.yaml]\n", "compose.yaml:1:11: error: there is no file "},
           Row{"include: [base/db.yaml]\n", "services.db conflicts with imported resource"},
           Row{"include: [base/same.yaml]\n", ""},
           Row{"include: [{project_directory: x}]\n", "an include has a path"},
           Row{"  a: {extends: b}\n  b: {extends: a}\n", "extends cycle detected: "},
           Row{"  a: {extends: {service: d}}\n", "service \"a\" extends service \"d\", which is not there"},
           Row{"  a: {extends: {file: base/gone.yaml, service: d}}\n", "there is no file "},
           Row{"  a: {extends: {file: base/db.yaml}}\n", "extends names a service"},
       }) {
    CAPTURE(row.text);
    const bool service = row.text[0] == ' ';
    const std::string services = "services:\n  db: {image: postgres}\n";
    const std::string file = folder.put("compose.yaml", service ? services + row.text : row.text + services);
    document::Diagnostics d;
    const auto p = project_of(file, d);
    CHECK(p.has_value() == row.said.empty());
    CHECK_MESSAGE((row.said.empty() ? d.empty() : d.text().find(row.said) != std::string::npos), d.text());
  }
}

}  // namespace
}  // namespace plimsoll::compose
