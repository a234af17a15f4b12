#include "models/ecs/task_architecture.h"

#include <doctest/doctest.h>

#include "tests/models/ecs/api/fixture.h"
#include "tests/models/ecs/column_text.h"

namespace plimsoll::ecs {
namespace {

using aws::Architecture;

struct ArchitecturesRead {
  explicit ArchitecturesRead(const std::string& column, const std::string& platform = {}, bool has_file = false) {
    testing::ColumnText text(cpu_millis(500), gibibytes(1));
    if (has_file) {
      text.setting.scaling.push_back({Side::ecs, "f.json",
                                      api::json("{'family':'web'," + platform +
                                                "'memory':'512','containerDefinitions':[{'name':'a','image':'i'}]}")});
    }
    complaints = text.read(column, [&](document::Fields& f, aws::PriceBook&, const CapacityPlan& plan) {
      capacity = plan;
      architectures = TaskArchitectures::read(f, text.setting, plan);
    });
  }
  CapacityPlan capacity;
  TaskArchitectures architectures;
  std::string complaints;
};

const std::string kArm = "'runtimePlatform':{'cpuArchitecture':'ARM64'},";
const std::string kX86 = "'runtimePlatform':{'cpuArchitecture':'X86_64'},";
const std::string kGravitonGroup = "capacity: {asg: {type: m7g.large}}\n";
const std::string kIntelGroup = "capacity: {asg: {type: m7i.large}}\n";

TEST_CASE("an app without a definition follows the instances of its column") {
  const ArchitecturesRead arm(kGravitonGroup);
  CHECK(arm.complaints == "");
  CHECK(arm.architectures.of == std::vector{Architecture::arm64});
  CHECK_FALSE(arm.architectures.instances_differ);
  CHECK(ArchitecturesRead(kIntelGroup).architectures.of == std::vector{Architecture::x86_64});
  CHECK(ArchitecturesRead("capacity: fargate\n").architectures.of == std::vector{Architecture::x86_64});
  CHECK(ArchitecturesRead("capacity: fargate\ncpuArchitecture: ARM64\n").architectures.of ==
        std::vector{Architecture::arm64});
  // Of both kinds: X86_64, and an instance of Graviton does not do.
  const ArchitecturesRead both("capacity: {asg: {types: [m7g.large, m7i.large]}}\n");
  CHECK(both.architectures.of == std::vector{Architecture::x86_64});
  CHECK(both.architectures.instances_differ);
}

TEST_CASE("what the definition says counts; one that does not say it is X86_64 unless the column says more") {
  CHECK(ArchitecturesRead(kGravitonGroup, kArm, true).complaints == "");
  CHECK(ArchitecturesRead(kIntelGroup, kX86, true).complaints == "");
  const ArchitecturesRead silent(kGravitonGroup, "", true);
  CHECK(silent.complaints.find("web is an X86_64 task, as its definition does not say cpuArchitecture: the container "
                               "instances of this column are arm64") != std::string::npos);
  CHECK(silent.complaints.find("cpuArchitecture: ARM64 here") != std::string::npos);
  const ArchitecturesRead said(kGravitonGroup + "cpuArchitecture: ARM64\n", "", true);
  CHECK(said.complaints == "");
  CHECK(said.architectures.of == std::vector{Architecture::arm64});
  CHECK(ArchitecturesRead(kGravitonGroup + "cpuArchitecture: ARM64\n", kX86, true)
            .complaints.find("web is an X86_64 task: the container instances") != std::string::npos);
  CHECK(ArchitecturesRead(kIntelGroup, kArm, true).complaints.find("choose a Graviton type") != std::string::npos);
}

TEST_CASE("a group without the architecture, beside one that has it, is a warning") {
  const ArchitecturesRead r(
      "capacity: {capacityProviders: {a: {asg: {type: m7g.large}}, b: {asg: {type: m7i.large}}}, "
      "capacityProviderStrategy: [{capacityProvider: a, weight: 1}, {capacityProvider: b, weight: 1}]}\n",
      kArm, true);
  CHECK(r.complaints.find("error") == std::string::npos);
  CHECK(r.complaints.find("what the strategy gives to the provider 'b' waits for ever") != std::string::npos);
  CHECK(r.architectures.instances_differ);
}

TEST_CASE("Managed Instances are chosen for the architecture of the tasks") {
  const ArchitecturesRead arm("capacity: {managedInstances: {}}\n", kArm, true);
  CHECK(arm.complaints == "");
  REQUIRE(arm.capacity.providers.size() == 1);
  REQUIRE_FALSE(arm.capacity.providers[0].managed->types.empty());
  for (const ManagedType& t : arm.capacity.providers[0].managed->types) CHECK(t.type->arch == Architecture::arm64);
  const ArchitecturesRead x86("capacity: {managedInstances: {}}\n");
  for (const ManagedType& t : x86.capacity.providers[0].managed->types) CHECK(t.type->arch == Architecture::x86_64);
}

}  // namespace
}  // namespace plimsoll::ecs
