#include "models/kubernetes/kubelet/pull_policy.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "models/kubernetes/api/manifest_reader.h"

namespace plimsoll::kubernetes {
namespace {

using api::ImagePullPolicy;

api::Container container_of(const std::string& image, ImagePullPolicy pull) {
  api::Container c;
  c.name = image;
  c.image = image;
  c.pull = pull;
  return c;
}

std::string texts(const Names& names, const std::vector<NameId>& list) {
  std::string out;
  for (const NameId id : list) out += (out.empty() ? "" : " ") + std::string(names.text(id));
  return out;
}

TEST_CASE("each container's policy counts for its own image; the main one's is the app's") {
  struct Row {
    std::vector<api::Container> init, containers;
    std::string rechecked, never;
  };
  const auto present = ImagePullPolicy::if_not_present, always = ImagePullPolicy::always,
             never = ImagePullPolicy::never;
  const Row rows[] = {
      {{}, {container_of("i", present)}, "", ""},
      {{}, {container_of("i", always)}, "web", ""},
      {{}, {container_of("i", never)}, "", "web"},
      {{container_of("a", always)}, {container_of("i", present), container_of("b", never)}, "a", "b"},
      {{container_of("i", never)}, {container_of("i", present)}, "", ""},  // the other container pulls it
      {{container_of("a", never)}, {container_of("i", never), container_of("a", always)}, "a", "web"},
      {{}, {container_of("i", present), container_of("a", always), container_of("a", always)}, "a", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(&row - rows);
    auto file = std::make_shared<api::ManifestPod>();
    file->workload.pod.init_containers = row.init;
    file->workload.pod.containers = row.containers;
    WorkloadSpec spec;
    spec.name = "web";
    spec.kubernetes_pod = file;
    Names names;
    PodPreparation out;
    fill_pull_policies(spec, names, out);
    CHECK(texts(names, out.rechecked) == row.rechecked);
    CHECK(texts(names, out.never_pulled) == row.never);
  }
  Names names;
  PodPreparation out;
  fill_pull_policies(WorkloadSpec{}, names, out);  // no manifest, nothing said
  CHECK(out.rechecked.empty());
}

}  // namespace
}  // namespace plimsoll::kubernetes
