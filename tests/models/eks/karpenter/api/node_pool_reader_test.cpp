#include "models/eks/karpenter/api/node_pool_reader.h"

#include <doctest/doctest.h>

#include "sim/document/loader.h"
#include "tests/models/eks/karpenter/karpenter_bed.h"

namespace plimsoll::eks::karpenter {

namespace {

constexpr const char* kPool = R"(
apiVersion: karpenter.sh/v1
kind: NodePool
metadata:
  name: default
spec:
  weight: 10
  template:
    metadata:
      labels: {team: web}
    spec:
      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
      expireAfter: 336h
      terminationGracePeriod: 1h
      requirements:
        - key: kubernetes.io/arch
          operator: In
          values: [amd64]
        - key: karpenter.k8s.aws/instance-generation
          operator: Gt
          values: ["4"]
        - {key: node.kubernetes.io/instance-type, operator: Exists, minValues: 5}
      taints:
        - {key: team, value: web, effect: NoSchedule}
  disruption:
    consolidationPolicy: WhenEmptyOrUnderutilized
    consolidateAfter: 1m
    budgets:
      - nodes: "20%"
      - {nodes: "0", schedule: "0 9 * * mon-fri", duration: 8h, reasons: [Drifted]}
  limits: {cpu: 1000, memory: 4000Gi}
)";

struct Read {
  Names names;
  document::Diagnostics diagnostics;
  NodePool pool;
  explicit Read(const std::string& text) {
    const auto documents = document::load_text(text, "pool.yaml", diagnostics);
    REQUIRE(documents.size() == 1);
    CHECK(is_node_pool(documents[0]));
    pool = read_node_pool(documents[0], diagnostics, names);
  }
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a NodePool is read as it stands") {
  Read r(kPool);
  CAPTURE(r.diagnostics.text());
  CHECK(r.diagnostics.empty());
  CHECK(r.pool.name == "default");
  CHECK(r.pool.weight == 10);
  CHECK(r.pool.expire_after == hours(336));
  CHECK(r.pool.termination_grace_period == hours(1));
  CHECK(r.pool.consolidate_after == minutes(1));
  CHECK(r.pool.cpu_limit == cpu_cores(1000));
  CHECK(r.pool.memory_limit == gibibytes(4000));
  CHECK(r.pool.taints.size() == 1);
  CHECK(r.pool.requirements.find(r.names.find("karpenter.k8s.aws/instance-generation"))->greater_than == 4);
  CHECK(r.pool.requirements.find(r.names.find("node.kubernetes.io/instance-type"))->min_values == 5);
  REQUIRE(r.pool.budgets.size() == 2);
  CHECK((r.pool.budgets[0].percent && r.pool.budgets[0].nodes == 20));
  CHECK(r.pool.budgets[1].schedule.has_value());
}

TEST_CASE("the older form and Never are understood") {
  std::string text = replaced(kPool, "karpenter.sh/v1", "karpenter.sh/v1beta1");
  text = replaced(text, "      expireAfter: 336h\n", "");
  text = replaced(text, "WhenEmptyOrUnderutilized", "WhenUnderutilized");
  text = replaced(text, "consolidateAfter: 1m", "consolidateAfter: Never\n    expireAfter: Never");
  Read r(text);
  CAPTURE(r.diagnostics.text());
  CHECK(r.diagnostics.empty());
  CHECK_FALSE(r.pool.expire_after.has_value());
  CHECK_FALSE(r.pool.consolidate_after.has_value());
}

TEST_CASE("v1beta1 has the kubelet's settings in the pool, v1 in the node class") {
  std::string text = replaced(kPool, "karpenter.sh/v1", "karpenter.sh/v1beta1");
  text = replaced(text, "      expireAfter: 336h\n", "      kubelet: {maxPods: 20, systemReserved: {cpu: 100m}}\n");
  text = replaced(text, "WhenEmptyOrUnderutilized", "WhenUnderutilized");
  text = replaced(text, "consolidateAfter: 1m", "expireAfter: 720h");
  const Read r(text);
  CHECK(r.diagnostics.text() == "");
  REQUIRE(r.pool.kubelet.has_value());
  CHECK(r.pool.kubelet->first == 20);
  CHECK(r.pool.kubelet->second.system_cpu == cpu_millis(100));
  CHECK_FALSE(Read(kPool).pool.kubelet.has_value());
}

TEST_CASE("a limit on a resource that no node has is a mistake") {
  const Read wrong(replaced(kPool, "limits: {cpu: 1000", "limits: {cpus: 1000"));
  CHECK(wrong.diagnostics.text().find("no node has a resource 'cpus'") != std::string::npos);
  CHECK(wrong.diagnostics.text().find("did you mean 'cpu'?") != std::string::npos);
  const Read right(replaced(kPool, "limits: {cpu: 1000", "limits: {vpc.amazonaws.com/efa: 2, pods: 50, cpu: 1000"));
  CHECK(right.diagnostics.text() == "");
}

TEST_CASE("mistakes are reported where they stand") {
  for (const auto& [from, to, message] :
       std::vector<std::array<std::string, 3>>{{"operator: Gt", "operator: Bigger", "Bigger"},
                                               {"values: [\"4\"]", "values: [\"four\"]", "whole number"},
                                               {"nodes: \"20%\"", "nodes: \"120%\"", "120%"},
                                               {", duration: 8h", "", "together"},
                                               {"weight: 10", "weight: 200", "weight"},
                                               {"reasons: [Drifted]", "reasons: [Bored]", "Bored"},
                                               {"consolidateAfter: 1m", "consolidateFater: 1m", "consolidateAfter"}}) {
    Read r(replaced(kPool, from, to));
    CAPTURE(from);
    CAPTURE(r.diagnostics.text());
    CHECK(r.diagnostics.has_errors());
    CHECK(r.diagnostics.text().find(message) != std::string::npos);
  }
}

TEST_CASE("an EC2NodeClass gives volume, density and image family") {
  document::Diagnostics diagnostics;
  const auto documents = document::load_text(R"(
apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {name: default}
spec:
  role: KarpenterNodeRole
  amiSelectorTerms: [{alias: bottlerocket@latest}]
  kubelet: {maxPods: 42, podsPerCore: 8, kubeReserved: {memory: 1Gi}}
  blockDeviceMappings:
    - deviceName: /dev/xvda
      ebs: {volumeSize: 4Gi}
    - deviceName: /dev/xvdb
      ebs: {volumeSize: 80Gi, volumeType: gp3, iops: 5000, throughput: 250}
)",
                                             "class.yaml", diagnostics);
  REQUIRE(documents.size() == 1);
  CHECK(is_node_class(documents[0]));
  const NodeClass c = read_node_class(documents[0], diagnostics);
  CAPTURE(diagnostics.text());
  CHECK(diagnostics.empty());
  CHECK(c.ami_family == "Bottlerocket");
  CHECK(c.max_pods == 42);
  CHECK(c.kubelet.pods_per_core == 8);
  CHECK(c.kubelet.kube_memory == gibibytes(1));
  CHECK(c.root_volume == gibibytes(80));  // Bottlerocket keeps pods and images on its second disk
  REQUIRE(c.volumes.size() == 2);
  CHECK(c.volumes[0].gib == 4);
  CHECK(c.volumes[0].paid_iops() == 0);
  CHECK(c.volumes[1].gib == 80);
  CHECK(c.volumes[1].paid_iops() == 2000);
  CHECK(c.volumes[1].paid_mibps() == 125);
}

/// The class with these volumes, and what is said of them.
std::pair<NodeClass, std::string> class_of(const std::string& spec) {
  document::Diagnostics diagnostics;
  const auto documents = document::load_text(
      "apiVersion: karpenter.k8s.aws/v1\nkind: EC2NodeClass\nmetadata: {name: default}\nspec: " + spec + "\n",
      "class.yaml", diagnostics);
  REQUIRE(documents.size() == 1);
  NodeClass c = read_node_class(documents[0], diagnostics);
  return {c, diagnostics.text()};
}

TEST_CASE("which of its volumes a node's pods are on, and what a volume may be") {
  const auto root = [](const std::string& spec) { return class_of(spec).first.root_volume; };
  CHECK(root("{}") == gibibytes(20));
  CHECK(default_volumes(class_of("{}").first).size() == 1);
  CHECK(default_volumes(class_of("{amiSelectorTerms: [{alias: bottlerocket@latest}]}").first).size() == 2);
  CHECK(root("{blockDeviceMappings: [{deviceName: /dev/xvda, ebs: {volumeSize: 50Gi}}]}") == gibibytes(50));
  // Another device is one more disk.
  CHECK(root("{blockDeviceMappings: [{deviceName: /dev/sdf, ebs: {volumeSize: 50Gi}}]}") == gibibytes(20));
  CHECK(root("{blockDeviceMappings: [{deviceName: /dev/xvda, ebs: {volumeSize: 8Gi}},"
             " {deviceName: /dev/sdf, rootVolume: true, ebs: {volumeSize: 70Gi}}]}") == gibibytes(70));
  CHECK(
      class_of("{blockDeviceMappings: [{deviceName: /dev/xvda, ebs: {volumeType: io2}}]}").second.find("gp3 or gp2") !=
      std::string::npos);
  CHECK(class_of("{blockDeviceMappings: [{deviceName: /dev/xvda, ebs: {volumeSize: 20Gi, iops: 20000}}]}")
            .second.find("500 IOPS for each GiB") != std::string::npos);
}

TEST_CASE("a pool that can launch nothing is told") {
  test::KarpenterBed bed;
  CHECK(pool_problems(bed.view(), PoolTemplates(bed.view())).empty());
  bed.pools[0].cpu_limit = cpu_cores(1);
  CHECK(pool_problems(bed.view(), PoolTemplates(bed.view())).at(0).message.find("limits") != std::string::npos);
  bed.pools[0].requirements.add(KeyRequirement::in(bed.known.arch, bed.name("arm64")), bed.names);
  CHECK(pool_problems(bed.view(), PoolTemplates(bed.view())).at(0).message.find("no instance type") !=
        std::string::npos);
}

TEST_CASE("the requirement at fault is named, with what is near") {
  test::KarpenterBed bed;
  const std::string real(bed.names.text(bed.types[0].name));
  bed.pools[0].requirements.add(KeyRequirement::in(bed.known.instance_type, bed.name(real + "e")), bed.names);
  const auto one = pool_problems(bed.view(), PoolTemplates(bed.view()));
  REQUIRE(one.size() == 1);
  CHECK(one[0].message.find("node.kubernetes.io/instance-type in [" + real + "e]") != std::string::npos);
  CHECK(one[0].hint == "did you mean '" + real + "'?");
  bed.types.types[0].labels.add(KeyRequirement::in(bed.name("karpenter.k8s.aws/instance-family"), bed.name("a")),
                                bed.names);
  bed.pools[0].requirements = {};
  bed.pools[0].requirements.add(KeyRequirement::in(bed.name("karpenter.k8s.aws/instance-famly"), bed.name("a")),
                                bed.names);
  const auto other = pool_problems(bed.view(), PoolTemplates(bed.view()));
  REQUIRE(other.size() == 1);
  CHECK(other[0].message.find("karpenter.k8s.aws/instance-famly") != std::string::npos);
  CHECK(other[0].hint == "did you mean 'karpenter.k8s.aws/instance-family'?");
}

}  // namespace plimsoll::eks::karpenter
