#include "models/eks/admission_of.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "sim/document/loader.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::eks {
namespace {

constexpr const char* kQuota =
    "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: bounded}\nspec: {hard: {limits.memory: 1Gi}}\n";
constexpr const char* kDefaults =
    "apiVersion: v1\nkind: LimitRange\nmetadata: {name: usual}\n"
    "spec: {limits: [{type: Container, default: {memory: 256Mi}}]}\n";
constexpr const char* kAtMost =
    "apiVersion: v1\nkind: LimitRange\nmetadata: {name: small}\n"
    "spec: {limits: [{type: Container, max: {memory: 512Mi}}]}\n";

Setting setting_of(std::initializer_list<const char*> texts, Side side = Side::kubernetes) {
  Setting setting;
  for (const char* text : texts) {
    document::Diagnostics diagnostics;
    for (const document::Node& node : document::load_text(text, "bounds.yaml", diagnostics)) {
      setting.admission.push_back({side, "bounds.yaml", node});
    }
  }
  return setting;
}

/// Why a pod of an app of 250m and `memory`, without limits, is refused; empty when it is taken.
std::string refusal(const Setting& setting, Bytes memory) {
  World world = testing::small_world();
  const WorkloadId web = testing::add_workload(world, "web", 250, memory.raw() / kMiB);
  WorkloadSpec spec;
  spec.name = "web";
  spec.kubernetes.cpu = cpu_millis(250);
  spec.kubernetes.memory = memory;
  const kubernetes::api::AdmissionObjects objects = admission_of(setting);
  auto component = std::make_unique<kubernetes::Admission>(objects.quotas);
  kubernetes::Admission& admission = *component;
  world.attach(std::move(component));
  admit(admission, objects, web, spec);
  if (admission.admit(world, web)) return {};
  const auto* refused = admission.refused(web);
  REQUIRE(refused != nullptr);
  return refused->message;
}

}  // namespace

TEST_CASE("of the files that bound a namespace those of Kubernetes count, each as what it is") {
  const auto objects = admission_of(setting_of({kQuota, kDefaults, kAtMost}));
  CHECK(objects.quotas.size() == 1);
  CHECK(objects.ranges.size() == 2);
  CHECK(admission_of(setting_of({kQuota}, Side::ecs)).empty());
}

TEST_CASE("an app without files is one container: a LimitRange gives it limits, and a quota of limits wants them") {
  CHECK(refusal(setting_of({}), mebibytes(128)).empty());
  CHECK(refusal(setting_of({kQuota}), mebibytes(128)).find("must specify limits.memory") != std::string::npos);
  CHECK(refusal(setting_of({kQuota, kDefaults}), mebibytes(128)).empty());
}

TEST_CASE("an app above a LimitRange is refused at each creation") {
  CHECK(refusal(setting_of({kAtMost}), gibibytes(1)).find("512Mi") != std::string::npos);
}

}  // namespace plimsoll::eks
