#include "sim/scenario/containers_block.h"

#include <doctest/doctest.h>

#include "sim/document/loader.h"

namespace plimsoll::scenario {
namespace {

ManifestFacts pod_of_two(Side side = Side::kubernetes) {
  ManifestFacts fact;
  fact.side = side;
  fact.kind = "Deployment";
  fact.name = "web";
  fact.size = PodSize{cpu_millis(400), mebibytes(600), {}, {}};
  fact.containers.resize(3);
  fact.containers[0] = {"web", "web", cpu_millis(300), {}, mebibytes(500), mebibytes(512), {}, false};
  fact.containers[1] = {"proxy", "proxy", cpu_millis(100), cpu_millis(200), mebibytes(100), {}, {}, false};
  fact.containers[2] = {"migrate", "migrate", cpu_millis(900), {}, {}, {}, {}, true};  // an init container
  return fact;
}

WorkloadSpec read_app(const std::string& text, document::Diagnostics& diagnostics, bool matched = false,
                      WorkloadSpec w = {}) {
  const ManifestFacts fact = pod_of_two();
  const document::Node root = document::load_text(text, "s.yaml", diagnostics).front();
  document::Fields f(root, diagnostics, "apps.web");
  f.allow_unknown();
  w.name = "web";
  w.kubernetes = w.ecs = {cpu_millis(400), mebibytes(600), {}, mebibytes(600)};
  read_containers(f, {&fact}, matched, w);
  return w;
}

TEST_CASE("without a word the containers share by their requests") {
  document::Diagnostics d;
  const WorkloadSpec w = read_app("x: 1", d);
  CHECK(d.text() == "");
  CHECK_FALSE(w.containers_said);
  REQUIRE(w.kubernetes_containers.size() == 2);  // the init container does not stay
  CHECK(w.kubernetes_containers[0].name == "web");
  CHECK(w.kubernetes_containers[0].cpu == percent(75));
  CHECK(w.kubernetes_containers[1].cpu == percent(25));
  CHECK(w.kubernetes_containers[0].memory == mebibytes(400));  // 80 % of its request
  CHECK(w.kubernetes_containers[1].memory == mebibytes(80));
  CHECK(w.ecs_containers.size() == 2);  // no file of its own
}

TEST_CASE("what is said holds, and the others have the rest") {
  document::Diagnostics d;
  WorkloadSpec base;
  base.resident = mebibytes(450);
  base.per_request = mebibytes(2);
  const WorkloadSpec w = read_app("containers: {proxy: {cpu: 40%, memory: 150Mi}}", d, false, base);
  CHECK(d.text() == "");
  CHECK(w.containers_said);
  CHECK(w.kubernetes_containers[0].cpu == percent(60));
  CHECK(w.kubernetes_containers[1].cpu == percent(40));
  CHECK(w.kubernetes_containers[0].memory == mebibytes(300));
  CHECK(w.kubernetes_containers[1].memory == mebibytes(150));
  CHECK(w.kubernetes_containers[0].per_request == mebibytes(2));
  CHECK(w.kubernetes_containers[1].per_request == Bytes{});
}

TEST_CASE("one size on every column: the main container has what the others leave, and no CPU limit holds") {
  document::Diagnostics d;
  WorkloadSpec base;
  const WorkloadSpec w = read_app("containers: {web: {cpu: 100%}}", d, true, base);
  CHECK(w.kubernetes_containers[0].size.cpu == cpu_millis(300));
  CHECK(w.kubernetes_containers[0].size.memory_limit == mebibytes(500));
  CHECK_FALSE(w.kubernetes_containers[1].size.cpu_limit.has_value());
  CHECK(w.kubernetes_containers[1].size.memory_limit == mebibytes(100));
  CHECK(w.kubernetes_containers[1].cpu == Ppm{});
}

TEST_CASE("faults are told") {
  struct ContainersCase {
    const char* text;
    const char* message;
  };
  const ContainersCase cases[] = {
      {"containers: {prox: {cpu: 10%}}", "did you mean 'proxy'?"},
      {"containers: {migrate: {cpu: 10%}}", "no file of web has a container 'migrate'"},
      {"containers: {web: {cpu: 80%}, proxy: {cpu: 30%}}", "make 110% together"},
      {"containers: {web: {cpu: 30%}, proxy: {cpu: 30%}}", "make 60% together"},
      {"containers: {web: {cpu: 120%}}", "error"},
      {"containers: {web: {memry: 1Gi}}", "memory"},
  };
  for (const ContainersCase& c : cases) {
    document::Diagnostics d;
    read_app(c.text, d);
    INFO(d.text());
    CHECK(d.has_errors());
    CHECK(d.text().find(c.message) != std::string::npos);
  }
}

}  // namespace
}  // namespace plimsoll::scenario
