// Also tests: configuration
#include "models/kubernetes/kubelet/init_containers.h"

#include <doctest/doctest.h>

#include "models/kubernetes/api/manifest_reader.h"
#include "models/kubernetes/kubelet/configuration.h"
#include "sim/document/loader.h"

namespace plimsoll::kubernetes {
namespace {

template <class F>
auto read_yaml(const std::string& text, document::Diagnostics& diagnostics, F&& read) {
  const auto documents = document::load_text(text, "column.yaml", diagnostics);
  document::Fields f(documents.empty() ? document::Node::null() : documents[0], diagnostics, "");
  return read(f);
}

WorkloadSpec spec_of(const std::string& text) {
  document::Diagnostics diagnostics;
  std::vector<ManifestFacts> facts;
  api::kubernetes_manifest_reader()->read_all(document::load_text(text, "app.yaml", diagnostics), diagnostics, facts);
  REQUIRE_FALSE(diagnostics.has_errors());
  WorkloadSpec spec;
  spec.name = "web";
  spec.kubernetes_pod = facts.at(0).pod;
  return spec;
}

constexpr const char* kFile = R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      initContainers:
      - {name: wait, image: "busybox:1.36"}
      - {name: proxy, image: "envoy:1.30", restartPolicy: Always}
      - {name: migrate, image: "web:1"}
      - {name: warm, image: "busybox:1.36"}
      containers:
      - {name: web, image: "web:1"}
)";

TEST_CASE("containers before the application, in order, with the times of the column") {
  document::Diagnostics diagnostics;
  const InitContainerTimes times = read_yaml(
      "initContainers: {run: 4s, started: 2s, image: 5MB, containers: {migrate: {run: 30s}, proxy: {image: 60MB}}}",
      diagnostics, [](document::Fields& f) { return read_init_containers(f); });
  INFO(diagnostics.text());
  REQUIRE_FALSE(diagnostics.has_errors());
  const PodPreparation p = preparation_of(spec_of(kFile), times);
  REQUIRE(p.before.size() == 4);
  CHECK(p.before[0].mean() == seconds(4));
  CHECK(p.before[1].mean() == seconds(4));  // named without a time of its own: that of init containers
  CHECK(p.before[2].mean() == seconds(30));
  CHECK(p.before[3].mean() == seconds(4));
  // busybox once, the sidecar's own; migrate runs the application's image.
  const auto images = further_images(spec_of(kFile), times);
  REQUIRE(images.size() == 2);
  CHECK(images[0] == std::pair<std::string, Bytes>{"busybox:1.36", Bytes{5'000'000}});
  CHECK(images[1] == std::pair<std::string, Bytes>{"envoy:1.30", Bytes{60'000'000}});
}

TEST_CASE("images of further containers are pulled too, each once, of the size that somebody says") {
  const std::string more =
      "      - {name: log, image: 'fluent:2'}\n      - {name: twin, image: 'web:1'}\n      - {name: box, image: "
      "'busybox:1.36'}\n";
  WorkloadSpec spec = spec_of(std::string(kFile) + more);
  InitContainerTimes times;
  times.image = Bytes{5'000'000};
  auto images = further_images(spec, times);
  REQUIRE(images.size() == 3);
  CHECK(images[2] == std::pair<std::string, Bytes>{"fluent:2", Bytes{5'000'000}});
  ContainerUsage log;
  log.name = "log";
  log.image = Bytes{90'000'000};
  spec.kubernetes_containers = {log};
  CHECK(further_images(spec, times)[2].second == Bytes{90'000'000});
}

TEST_CASE("a sidecar that nobody names takes the time of sidecars, and an app without a file none") {
  document::Diagnostics diagnostics;
  const InitContainerTimes times = read_yaml("initContainers: {run: 4s, started: 2s}", diagnostics,
                                             [](document::Fields& f) { return read_init_containers(f); });
  CHECK(preparation_of(spec_of(kFile), times).before[1].mean() == seconds(2));
  CHECK(preparation_of(WorkloadSpec{}, times).before.empty());
  CHECK(further_images(WorkloadSpec{}, times).empty());
}

TEST_CASE("the kubelet of EKS nodes pulls side by side unless the column says otherwise") {
  document::Diagnostics diagnostics;
  const auto read = [&](const std::string& text) {
    return read_yaml(text, diagnostics, [](document::Fields& f) { return read_kubelet(f); });
  };
  CHECK_FALSE(read("{}").serialize_image_pulls);
  CHECK(read("kubelet: {serializeImagePulls: true}").serialize_image_pulls);
  CHECK(read("kubelet: {maxParallelImagePulls: 4}").max_parallel_image_pulls == 4);
  CHECK_FALSE(diagnostics.has_errors());
  read("kubelet: {serializeImagePulls: true, maxParallelImagePulls: 2}");
  CHECK(diagnostics.text().find("allow no more than 1") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::kubernetes
