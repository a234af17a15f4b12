#include "models/eks/node_groups.h"

#include <doctest/doctest.h>

#include "sim/document/loader.h"

namespace plimsoll::eks {
namespace {

struct Reading {
  explicit Reading(const std::string& text, NodeDefaults defaults = {}) {
    setting.region = "us-east-1";
    setting.zones = {"us-east-1a", "us-east-1b", "us-east-1c"};
    setting.as_of = "today";
    const auto nodes = document::load_text(text, "group.yaml", diagnostics);
    REQUIRE(nodes.size() == 1);
    document::Fields f(nodes.front(), diagnostics, "g");
    std::shared_ptr<aws::PriceBook> prices = aws::PriceBook::open(f, setting);
    REQUIRE(prices != nullptr);
    group = read_node_group(f, "workers", setting, *prices, defaults);
    f.finish();
  }
  bool says(const std::string& text) const { return diagnostics.text().find(text) != std::string::npos; }

  Setting setting;
  document::Diagnostics diagnostics;
  NodeGroupPlan group;
  Names names;
};

TEST_CASE("a group has its sizes, types, zones, labels and taints") {
  Reading r(R"(types: [m5.large, m5a.large]
min: 2
max: 9
desired: 4
spot: true
zones: [us-east-1b, us-east-1c]
labels: {team: web}
taints: [{key: dedicated, value: web, effect: NoSchedule}]
)");
  CHECK(r.diagnostics.text() == "");
  REQUIRE(r.group.types.size() == 2);
  CHECK(r.group.minimum == 2);
  CHECK(r.group.desired == 4);
  // 2 vCPU: 70m kept; 8192 MiB - 2.5 % (204.8) - 11 x 29 + 255 - 100.
  CHECK(r.group.types[0].allocatable.cpu() == cpu_millis(1930));
  CHECK(r.group.types[0].allocatable[Resource::pods] == 29);
  const NodeSpec spec = node_spec_of(r.group, r.group.types[0], "us-east-1", r.names);
  CHECK(spec.purchase == PurchaseOption::spot);
  CHECK(spec.labels.find(r.names.intern("team")) == r.names.intern("web"));
  CHECK(spec.labels.find(r.names.intern("eks.amazonaws.com/capacityType")) == r.names.intern("SPOT"));
  CHECK(spec.taints.size() == 1);
}

TEST_CASE("EKS's capacityType is told as what it is here") {
  const std::string group = "type: m5.large\ncapacityType: ";
  CHECK(Reading(group + "SPOT\n").diagnostics.text() ==
        "group.yaml:2:15: error: unknown key 'capacityType' (at g.capacityType)\n  hint: write spot: true\n");
  CHECK(Reading(group + "ON_DEMAND\n").says("leave it out: a group is on demand without spot: true"));
}

TEST_CASE("keys of the EKS API and of eksctl are told by what they are here") {
  const auto hint = [](const std::string& key, const std::string& ours) {
    CAPTURE(key);
    const Reading r("type: m5.large\n" + key + ": 1\n");
    CHECK(r.says("error: unknown key '" + key + "'"));
    CHECK(r.says("hint: did you mean '" + ours + "'?"));
    CHECK_FALSE(r.says("valid keys"));
  };
  hint("minSize", "min");
  hint("maxSize", "max");
  hint("desiredSize", "desired");
  hint("desiredCapacity", "desired");
  hint("diskSize", "volumeGiB");
  CHECK(Reading("type: m5.large\nscalingConfig: {minSize: 1}\n").says("hint: write min, max and desired"));
}

TEST_CASE("an amiType is one of the types' architecture, and AL2023 starts on no a1") {
  CHECK(Reading("type: m5.large\namiType: BOTTLEROCKET_ARM_64\n")
            .says("BOTTLEROCKET_ARM_64 is an image for arm64, and m5.large is x86_64"));
  CHECK(Reading("type: m6g.large\nami: AL2023_x86_64_STANDARD\n").says("m6g.large is arm64"));
  CHECK(Reading("type: m6g.large\namiType: AL2023_ARM_64_STANDARD\n").diagnostics.text() == "");
  CHECK(Reading("type: m5.large\namiType: CUSTOM\n").diagnostics.text() == "");
  CHECK(Reading("type: a1.large\n").says("AL2023 does not start on a1.large"));
  CHECK(Reading("type: a1.large\nami: AL2\n").diagnostics.text() == "");
}

TEST_CASE("what EKS refuses of a managed group's warm pool") {
  const auto told = [](const std::string& lines) { return Reading("type: m5.large\n" + lines).diagnostics.text(); };
  CHECK(told("warmPool: {poolState: Hibernated, reuseOnScaleIn: true}\n") == "");
  CHECK(told("ami: Bottlerocket\nwarmPool: {minSize: 1}\n") == "");
  CHECK(told("ami: Bottlerocket\nwarmPool: {poolState: Hibernated}\n").find("Bottlerocket does not hibernate") !=
        std::string::npos);
  CHECK(told("ami: Bottlerocket\nwarmPool: {reuseOnScaleIn: true}\n").find("do not go back to the warm pool") !=
        std::string::npos);
  CHECK(told("amiType: CUSTOM\nwarmPool: {minSize: 1}\n").find("has no warm pool") != std::string::npos);
  CHECK(told("selfManaged: true\nami: Bottlerocket\nwarmPool: {reuseOnScaleIn: true}\n") == "");
}

TEST_CASE("EKS updates no group of one's own") {
  CHECK(Reading("type: m5.large\nselfManaged: true\nupdateConfig: {maxUnavailable: 2}\n")
            .says("EKS updates no self-managed node group"));
  CHECK(Reading("type: m5.large\nupdateConfig: {maxUnavailable: 2}\n").diagnostics.text() == "");
}

TEST_CASE("labels and taints of a group are as the API server takes them") {
  CHECK(Reading("type: m5.large\nlabels: {\"bad label\": x}\n").says("(at g.labels.\"bad label\")"));
  CHECK(Reading("type: m5.large\nlabels: {team: \"a b\"}\n").says("(at g.labels.team)"));
  CHECK(Reading("type: m5.large\ntaints: [{key: \"a b\", effect: NoSchedule}]\n").says("(at g.taints[0].key)"));
}

TEST_CASE("an empty group's template knows labels of a managed group from 1.24 and tags always") {
  Reading r(R"(type: m5.large
labels: {team: web}
zones: [us-east-1c]
tags:
  Name: anything
  k8s.io/cluster-autoscaler/node-template/label/disk: ssd
  k8s.io/cluster-autoscaler/node-template/taint/dedicated: "web:NoSchedule"
  k8s.io/cluster-autoscaler/node-template/resources/cpu: "1500m"
  k8s.io/cluster-autoscaler/node-template/resources/example.com/card: "2"
  k8s.io/cluster-autoscaler/node-template/autoscaling-options/scaledownunneededtime: 3m
  k8s.io/cluster-autoscaler/node-template/autoscaling-options/scaledownutilizationthreshold: "0.7"
)");
  CHECK(r.diagnostics.text() == "");
  const SnapshotNode node = group_template(r.group, r.setting, 35, r.names);
  CHECK(node.labels.find(r.names.intern("team")) == r.names.intern("web"));
  CHECK(node.labels.find(r.names.intern("disk")) == r.names.intern("ssd"));
  CHECK(node.labels.find(r.names.intern("topology.kubernetes.io/zone")) == r.names.intern("us-east-1c"));
  CHECK(node.allocatable.cpu() == cpu_millis(1500));
  CHECK(node.allocatable.memory() == gibibytes(8));
  CHECK(node.extended.size() == 1);
  CHECK(node.taints.size() == 1);
  const SnapshotNode old = group_template(r.group, r.setting, 23, r.names);
  CHECK(old.labels.find(r.names.intern("team")).is_none());
  CHECK(r.group.options.scale_down_unneeded_time == minutes(3));
  CHECK(r.group.options.scale_down_utilization_threshold == 0.7);
}

TEST_CASE("prefixes give 110 pods to a small node, Bottlerocket then keeps memory for all of them") {
  NodeDefaults dense;
  dense.cni.mode = IpMode::prefix_delegation;
  Reading plain("{type: m5.large}", dense), rocket("{type: m5.large, ami: Bottlerocket}", dense);
  CHECK(plain.group.types[0].allocatable[Resource::pods] == 110);
  CHECK(rocket.group.types[0].allocatable[Resource::pods] == 110);
  const Bytes difference = plain.group.types[0].allocatable.memory() - rocket.group.types[0].allocatable.memory();
  CHECK(difference == mebibytes(11 * (110 - 29)));
}

TEST_CASE("faults are named") {
  CHECK(Reading("{type: m5.large, min: 9, max: 3}").says("min 9 is above max 3"));
  CHECK(Reading("{type: m5.large, min: 1, max: 3, desired: 5}").says("desired 5 is not between"));
  CHECK(Reading("{type: m5.lage}").says("m5.large"));
  CHECK(Reading("{types: [m5.large, m6g.large]}").says("one image cannot run on"));
  CHECK(Reading("{type: m5.large, types: [m5.large]}").says("exclude each other"));
  CHECK(Reading("{min: 1}").says("which EC2 instance type?"));
  CHECK(Reading("{type: m5.large, zones: [us-east-1d]}").says("has no zone 'us-east-1d'"));
  CHECK(Reading("{type: m5.large, ami: Windows}").says("Linux pods"));
  CHECK(Reading("{type: m5.large, taints: [{key: a, effect: NoShedule}]}").says("NoShedule"));
  CHECK(Reading("{type: m5.large, instanceRefresh: [{at: 1h, alarms: [a]}]}").says("no CloudWatch alarms"));
  const std::string tag = "{type: m5.large, tags: {k8s.io/cluster-autoscaler/node-template/";
  CHECK(Reading(tag + "autoscaling-options/scaledownunneedtime: 3m}}").says("did you mean 'scaledownunneededtime'"));
  CHECK(Reading(tag + "taint/x: NoSchedule}}").says("VALUE:EFFECT"));
  CHECK(Reading(tag + "labels/x: y}}").says("not 'labels'"));
  for (const std::string amount : {"nan", "1e300", "-1", "inf"}) {
    CAPTURE(amount);
    CHECK(Reading(tag + "resources/pods: '" + amount + "'}}").says("is no amount of pods"));
    CHECK(Reading(tag + "resources/cpu: '" + amount + "'}}").says("is no amount of CPU"));
    CHECK(Reading(tag + "resources/memory: '" + amount + "'}}").says("is no number of bytes"));
    if (amount == "1e300") continue;
    CHECK(Reading(tag + "autoscaling-options/scaledownutilizationthreshold: '" + amount + "'}}").says("finite number"));
  }
}

TEST_CASE("a node offers the GPUs of its type") {
  const aws::Catalogue& c = aws::Catalogue::built_in();
  const auto of = [&](std::string_view name) {
    return node_allocatable(*c.find_type(name), NodeImage{}, VpcCni{}, 0, 20)[Resource::gpus];
  };
  CHECK(of("g4dn.12xlarge") == 4);
  CHECK(of("m5.large") == 0);
}

}  // namespace
}  // namespace plimsoll::eks
