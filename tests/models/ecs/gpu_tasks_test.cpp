#include "models/ecs/gpu_tasks.h"

#include <doctest/doctest.h>

#include "sim/policy/machine_needs.h"
#include "tests/models/ecs/column_text.h"

namespace plimsoll::ecs {
namespace {

struct Read {
  std::int64_t gpus = 0;
  std::string complaints;
  std::vector<Unholdable> unholdable;
};

/// `definition`: of the task definition; `pod`: of a Kubernetes file, without an ECS file.
Read read(const std::string& capacity, std::int64_t definition, std::int64_t pod = 0, const std::string& other = "") {
  testing::ColumnText column(cpu_cores(1), gibibytes(2));
  auto file = std::make_shared<PodWithNeeds>();
  file->needs.gpus = pod;
  if (!other.empty()) file->needs.others.emplace_back(other, 1);
  column.web().kubernetes_pod = file;
  Read out;
  out.complaints = column.read(capacity, [&](document::Fields& f, aws::PriceBook& prices, const CapacityPlan& plan) {
    std::vector<ContainerLifecycle> lifecycles(1);
    lifecycles[0].gpus = definition;
    const GpuTasks read = GpuTasks::read(f, column.setting, prices, plan, lifecycles);
    testing::ColumnText::tell(f, read.unholdable);
    out.gpus = read.gpus.at(0);
    out.unholdable = read.unholdable;
  });
  return out;
}

TEST_CASE("a task's GPUs are those of its definition, or of the only file there is") {
  const std::string capacity = "capacity: {asg: {type: g4dn.12xlarge}}\n";
  CHECK(read(capacity, 0).gpus == 0);
  CHECK(read(capacity, 2, 1).gpus == 2);
  const Read pod = read(capacity, 0, 4);
  CHECK(pod.gpus == 4);
  CHECK(pod.complaints == "");
}

TEST_CASE("a column without an instance type that has them refuses the task") {
  const auto says = [](const Read& r, std::string_view what) { return r.complaints.find(what) != std::string::npos; };
  CHECK(says(read("capacity: fargate\n", 2), "web asks for 2 GPUs: Fargate does not support GPUs"));
  CHECK(says(read("capacity: {asg: {type: m5.xlarge}}\n", 0, 1), "web asks for 1 GPU: m5.xlarge has none"));
  CHECK(says(read("capacity: {asg: {type: g4dn.xlarge}}\n", 2), "web asks for 2 GPUs: g4dn.xlarge has 1"));
  CHECK(says(read("capacity: {managedInstances: {}}\n", 1), "Managed Instances are modelled without GPU types"));
  CHECK(read("capacity: {asg: {types: [g4dn.xlarge, g4dn.12xlarge]}}\n", 2).complaints == "");
  CHECK(says(read("capacity: {asg: {type: m5.xlarge}}\n", 0, 0, "amd.com/gpu"),
             "web asks for 1 amd.com/gpu, which no instance type of the column offers"));
  CHECK(read("capacity: {asg: {type: m5.xlarge}}\n", 0, 0, "example.com/licence").complaints == "");
}

TEST_CASE("Fargate refuses GPUs as it refuses sizes, and a group that lacks them lets the task wait") {
  const Read fargate = read("capacity: fargate\n", 2);
  REQUIRE(fargate.unholdable.size() == 1);
  CHECK(fargate.unholdable[0].refused);
  CHECK(fargate.unholdable[0].workload == "web");
  const Read group = read("capacity: {asg: {type: m5.xlarge}}\n", 2);
  REQUIRE(group.unholdable.size() == 1);
  CHECK_FALSE(group.unholdable[0].refused);
}

}  // namespace
}  // namespace plimsoll::ecs
