#include "models/eks/karpenter_plan.h"

#include <doctest/doctest.h>

#include <map>

#include "sim/document/loader.h"

namespace plimsoll::eks {
namespace {

/// A pool with lines at its template's specification and at its disruption.
std::string pool_text(const std::string& name, const std::string& version, const std::string& claim,
                      const std::string& disruption) {
  return "apiVersion: karpenter.sh/" + version + "\nkind: NodePool\nmetadata: {name: " + name +
         "}\nspec:\n  disruption: {" + disruption + "}\n  template:\n    spec:\n" + claim +
         "      nodeClassRef: {name: default}\n"
         "      requirements: [{key: node.kubernetes.io/instance-type, operator: In, values: [m5.xlarge]}]\n";
}

struct PlanReading {
  PlanReading(const std::vector<std::string>& documents, bool auto_mode) {
    setting.region = "us-east-1";
    setting.zones = {"us-east-1a"};
    setting.as_of = "today";
    const auto none = document::load_text("{}", "s.yaml", diagnostics);
    document::Fields f(none.front(), diagnostics, "column");
    plan.prices = aws::PriceBook::open(f, setting);
    REQUIRE(plan.prices != nullptr);
    KarpenterPlan karpenter_plan;
    karpenter_plan.auto_mode = auto_mode;
    for (const std::string& text : documents) {
      for (document::Node& d : document::load_text(text, "pool.yaml", diagnostics))
        karpenter_plan.documents.push_back(std::move(d));
    }
    const karpenter::WellKnownLabels known(names);
    world = read_karpenter(karpenter_plan, karpenter_plan.documents, plan, setting, document::Reader(diagnostics),
                           known, names);
    CHECK(diagnostics.text() == "");
  }
  std::optional<Duration> lifetime(std::string_view pool) const {
    for (const karpenter::NodePool& p : world.pools) {
      if (p.name == pool) return p.expire_after;
    }
    FAIL("no such pool");
    return {};
  }
  /// The m5.xlarge of a pool's node class.
  const karpenter::InstanceType& type_of(std::size_t pool) {
    for (const karpenter::InstanceType& t : world.types.types) {
      if (t.class_index == world.pools[pool].class_index && names.text(t.name) == "m5.xlarge") return t;
    }
    FAIL("no m5.xlarge");
    return world.types.types.front();
  }
  Setting setting;
  document::Diagnostics diagnostics;
  EksPlan plan;
  Names names;
  KarpenterWorld world;
};

TEST_CASE("a node of Auto Mode lives for 14 days, and for 21 at most whatever its pool says") {
  const std::vector<std::string> pools = {std::string(built_in_pool("general-purpose")),
                                          pool_text("never", "v1", "      expireAfter: Never\n", ""),
                                          pool_text("month", "v1", "      expireAfter: 720h\n", ""),
                                          pool_text("day", "v1", "      expireAfter: 24h\n", "")};
  const PlanReading by_eks(pools, true), own({pools.begin() + 1, pools.end()}, false);
  CHECK(by_eks.lifetime("general-purpose") == hours(14 * 24));
  CHECK(by_eks.lifetime("never") == hours(21 * 24));
  CHECK(by_eks.lifetime("month") == hours(21 * 24));
  CHECK(by_eks.lifetime("day") == hours(24));
  CHECK_FALSE(own.lifetime("never").has_value());
  CHECK(own.lifetime("month") == hours(720));
}

TEST_CASE("a v1beta1 pool's kubelet is its own, a node class's that of all its pools") {
  PlanReading r({pool_text("plain", "v1beta1", "", "expireAfter: 720h"),
                 pool_text("dense", "v1beta1", "      kubelet: {maxPods: 20, systemReserved: {cpu: 100m}}\n",
                           "expireAfter: 720h")},
                false);
  const karpenter::InstanceType &plain = r.type_of(0), &dense = r.type_of(1);
  CHECK(plain.allocatable[Resource::pods] == 58);
  CHECK(dense.allocatable[Resource::pods] == 20);
  CHECK(plain.allocatable.cpu() - dense.allocatable.cpu() == cpu_millis(100));
  CHECK(plain.allocatable.memory() == dense.allocatable.memory());  // by the table's 58 pods in both
  PlanReading v1({pool_text("one", "v1", "", ""), pool_text("two", "v1", "", ""),
                  "apiVersion: karpenter.k8s.aws/v1\nkind: EC2NodeClass\nmetadata: {name: default}\n"
                  "spec: {kubelet: {podsPerCore: 4, kubeReserved: {memory: 1Gi}}}\n"},
                 false);
  for (const std::size_t pool : {0u, 1u}) {
    CHECK(v1.type_of(pool).allocatable[Resource::pods] == 16);
    // 16 GiB less 7.5 %, rounded up to a MiB: 15,155 MiB; less 1 GiB and the threshold of 100 MiB.
    CHECK(v1.type_of(pool).allocatable.memory() == mebibytes(15'155 - 1'024 - 100));
  }
}

TEST_CASE("Auto Mode keeps its own node class beside those of the files") {
  const std::string own =
      "apiVersion: eks.amazonaws.com/v1\nkind: NodeClass\nmetadata: {name: mine}\n"
      "spec: {role: r, ephemeralStorage: {size: 200Gi}}\n";
  PlanReading r({own}, true);
  REQUIRE(r.world.classes.size() == 2);
  CHECK(r.world.classes[0].name == "mine");
  CHECK(r.world.classes[0].root_volume == gibibytes(200));
  CHECK(r.world.classes[1].name == "default");
  CHECK(r.world.classes[1].root_volume == gibibytes(80));
  CHECK(PlanReading({own}, false).world.classes.size() == 1);
}

TEST_CASE("the types of a cluster know the ids of its zones") {
  PlanReading r({pool_text("one", "v1", "", "")}, false);
  REQUIRE(r.world.types.zones.size() == 1);
  REQUIRE(r.world.types.zone_ids.size() == 1);
  CHECK(r.names.text(r.world.types.zone_ids[0]) == "use1-az1");
}

}  // namespace
}  // namespace plimsoll::eks
