#include "models/ecs/managed_instances.h"

#include <doctest/doctest.h>

#include "sim/document/loader.h"

namespace plimsoll::ecs {
namespace {

ResourceVector size(std::int64_t vcpu_milli, std::int64_t gib) {
  ResourceVector v;
  v.set_cpu(cpu_millis(vcpu_milli));
  v.set_memory(gibibytes(gib));
  v[Resource::enis] = 1;
  return v;
}

ManagedType type(std::int64_t vcpu, std::int64_t gib, std::int64_t price, std::int64_t enis = 20) {
  ManagedType t;
  t.price = Rate{price};
  t.registered = size(vcpu * 1000, gib);
  t.registered[Resource::enis] = enis;
  return t;
}

TEST_CASE("the cheapest way to hold all that waits") {
  const std::vector<ManagedType> types = {type(2, 8, 100), type(4, 16, 190), type(8, 32, 400)};
  // Four tasks of 1 vCPU: two small ones cost 200, one middle one 190.
  const auto four = plan_managed_launch(types, {4, size(1000, 2)});
  REQUIRE(four);
  CHECK(four->type == 1);
  CHECK(four->count == 1);
  // One task: the small one.
  CHECK(plan_managed_launch(types, {size(1000, 2)})->type == 0);
  // Eight: 4 x 100, 2 x 190, 1 x 400.
  const auto eight = plan_managed_launch(types, {8, size(1000, 2)});
  CHECK(eight->type == 1);
  CHECK(eight->count == 2);
}

TEST_CASE("equal in all: fewer instances") {
  const std::vector<ManagedType> types = {type(2, 8, 100), type(4, 16, 200)};
  const auto p = plan_managed_launch(types, {4, size(1000, 2)});
  CHECK(p->type == 1);
  CHECK(p->count == 1);
}

TEST_CASE("network interfaces bind as CPU and memory do") {
  const std::vector<ManagedType> types = {type(8, 32, 100, 2)};
  CHECK(plan_managed_launch(types, {6, size(100, 1)})->count == 3);
}

TEST_CASE("what no type holds is left out; nothing left is no launch") {
  const std::vector<ManagedType> types = {type(2, 8, 100)};
  CHECK_FALSE(plan_managed_launch(types, {size(4000, 4)}).has_value());
  const auto p = plan_managed_launch(types, {size(4000, 4), size(1000, 1)});
  REQUIRE(p);
  CHECK(p->count == 1);
}

TEST_CASE("packing takes the room it uses") {
  std::vector<ResourceVector> free = {type(2, 8, 0).registered};
  CHECK(pack_into(free, {size(1000, 4)}));
  CHECK(pack_into(free, {size(1000, 4)}));
  CHECK_FALSE(pack_into(free, {size(1000, 1)}));
}

TEST_CASE("instance requirements") {
  const auto read = [](const std::string& text, std::string& complaints) {
    document::Diagnostics diagnostics;
    const document::Node root = document::load_text(text, "s.yaml", diagnostics).front();
    InstanceRequirements r;
    {
      document::Fields f(root, diagnostics, "instanceRequirements");
      r = InstanceRequirements::read(f);
    }
    complaints = diagnostics.text();
    return r;
  };
  std::string complaints;
  const aws::Catalogue& all = aws::Catalogue::built_in();
  const InstanceRequirements r =
      read("{vCpuCountMin: 2, vCpuCountMax: 8, memoryMin: 4 GiB, excludedInstanceTypes: [c7i*]}\n", complaints);
  CHECK(complaints == "");
  CHECK(r.admits(*all.find_type("m7i.large")));
  CHECK_FALSE(r.admits(*all.find_type("c7i.large")));
  CHECK_FALSE(r.admits(*all.find_type("m7i.4xlarge")));
  CHECK_FALSE(r.admits(*all.find_type("m7g.large")));
  CHECK_FALSE(r.admits(*all.find_type("t3.large")));
  CHECK_FALSE(r.admits(*all.find_type("m5.large")));  // a previous generation
  // Types that are named are admitted whatever their generation.
  CHECK(read("{allowedInstanceTypes: [m5.large]}\n", complaints).admits(*all.find_type("m5.large")));
  read("{allowedInstanceTypes: [m5.large], excludedInstanceTypes: [m4.large]}\n", complaints);
  CHECK(complaints.find("cannot be given together") != std::string::npos);
  // As CreateCapacityProvider has them.
  const InstanceRequirements api = read(
      "{vCpuCount: {min: 2, max: 4}, memoryMiB: {min: 8192}, memoryGiBPerVCpu: {max: 4}, cpuManufacturers: [intel], "
      "instanceGenerations: [current, previous], burstablePerformance: included, localStorage: excluded}\n",
      complaints);
  CHECK(complaints == "");
  CHECK(api.admits(*all.find_type("m5.large")));
  CHECK(api.admits(*all.find_type("t3.large")));
  CHECK_FALSE(api.admits(*all.find_type("m5a.large")));   // of AMD
  CHECK_FALSE(api.admits(*all.find_type("c5.large")));    // 4 GiB
  CHECK_FALSE(api.admits(*all.find_type("r5.large")));    // 8 GiB a vCPU
  CHECK_FALSE(api.admits(*all.find_type("m5.2xlarge")));  // 8 vCPUs
  CHECK_FALSE(api.admits(*all.find_type("m5d.large")));   // a disk of its own
  const InstanceRequirements old = read("{instanceGenerations: [previous]}\n", complaints);
  CHECK(old.admits(*all.find_type("m5.large")));
  CHECK_FALSE(old.admits(*all.find_type("m7i.large")));
  CHECK(read("{burstablePerformance: required}\n", complaints).admits(*all.find_type("t3.large")));
  CHECK_FALSE(read("{burstablePerformance: required}\n", complaints).admits(*all.find_type("m7i.large")));
  CHECK(read("{instanceGenerations: any}\n", complaints).admits(*all.find_type("m5.large")));
  // What is written holds for named types, too.
  CHECK(read("{allowedInstanceTypes: [t3.*]}\n", complaints).admits(*all.find_type("t3.large")));
  CHECK_FALSE(read("{allowedInstanceTypes: [t3.*], burstablePerformance: excluded}\n", complaints)
                  .admits(*all.find_type("t3.large")));
  read("{vCpuCount: {min: 4, max: 2}, vCpuCountMin: 2, cpuManufacturers: [intle]}\n", complaints);
  CHECK(complaints.find("max is below min") != std::string::npos);
  CHECK(complaints.find("vCpuCount says it already") != std::string::npos);
  CHECK(complaints.find("did you mean 'intel'?") != std::string::npos);
  read("{acceleratorCount: {max: 0}, requireHibernateSupport: true}\n", complaints);
  CHECK(complaints.find("warning: acceleratorCount, requireHibernateSupport of instanceRequirements is not modelled") !=
        std::string::npos);
  CHECK(complaints.find("error") == std::string::npos);
}

}  // namespace
}  // namespace plimsoll::ecs
