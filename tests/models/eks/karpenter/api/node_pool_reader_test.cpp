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
  explicit Read(const std::string& text, const Release& release = {}) {
    const auto documents = document::load_text(text, "pool.yaml", diagnostics);
    REQUIRE(documents.size() == 1);
    CHECK(is_node_pool(documents[0]));
    pool = read_node_pool(documents[0], diagnostics, names, release);
  }
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("labels, taints and requirements have keys and values as the API server takes them") {
  const auto says = [](const std::string& from, const std::string& to, std::string_view what) {
    const std::string told = Read(replaced(kPool, from, to)).diagnostics.text();
    CAPTURE(told);
    CHECK(told.find(what) != std::string::npos);
  };
  says("key: kubernetes.io/arch", "key: \"bad key!\"", "(at spec.template.spec.requirements[0].key)");
  says("values: [amd64]", "values: [\"not a value\"]", "(at spec.template.spec.requirements[0].values)");
  says("labels: {team: web}", "labels: {\"bad label\": web}", "label bad label: ");
  says("labels: {team: web}", "labels: {team: \"a b\"}", "label team: ");
  says("{key: team, value", "{key: \"te am\", value", "(at spec.template.spec.taints[0].key)");
}

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

TEST_CASE("limits on disks, pods and devices") {
  const Read r(replaced(kPool, "limits: {cpu: 1000",
                        "limits: {ephemeral-storage: 100Gi, pods: 50, "
                        "aws.amazon.com/neuron: 3, nvidia.com/gpu: 2, nodes: 7, cpu: 1000"));
  CHECK(r.diagnostics.text() == "");
  CHECK(r.pool.storage_limit == gibibytes(100));
  CHECK(r.pool.pods_limit == 50);
  CHECK(r.pool.gpu_limit == 2);
  CHECK(r.pool.node_limit == 7);
  CHECK(r.pool.extended_limits == ExtendedResources{{r.names.find("aws.amazon.com/neuron"), 3}});
  const Read wrong(replaced(kPool, "limits: {cpu: 1000", "limits: {aws.amazon.com/neuron: few, cpu: 1000"));
  CHECK(wrong.diagnostics.text().find("\"few\" must be a quantity") != std::string::npos);
}

TEST_CASE("every limit is a quantity of Kubernetes") {
  const auto with = [](const std::string& limits) {
    Read r(replaced(kPool, "limits: {cpu: 1000, memory: 4000Gi}", "limits: {" + limits + "}"));
    CAPTURE(limits);
    CHECK(r.diagnostics.text() == "");
    return r.pool;
  };
  CHECK(with("cpu: 1k").cpu_limit == cpu_cores(1000));
  CHECK(with("cpu: 1500m").cpu_limit == cpu_millis(1500));
  CHECK(with("cpu: 1M").cpu_limit == cpu_cores(1'000'000));
  CHECK(with("cpu: 2e3").cpu_limit == cpu_cores(2000));
  CHECK(with("memory: 1.5Ti").memory_limit == gibibytes(1536));
  CHECK(with("memory: 1e12").memory_limit == Bytes{1'000'000'000'000});
  CHECK(with("nodes: 1k").node_limit == 1000);
  CHECK(with("nvidia.com/gpu: \"8\"").gpu_limit == 8);
  CHECK(with("pods: 1Ki").pods_limit == 1024);
  for (const char* wrong : {"cpu: 2 cores", "memory: 4GB", "nodes: -1", "cpu: [1]"}) {
    CAPTURE(wrong);
    CHECK(Read(replaced(kPool, "limits: {cpu: 1000, memory: 4000Gi}", "limits: {" + std::string(wrong) + "}"))
              .diagnostics.has_errors());
  }
}

TEST_CASE("durations are as the schema of the resource has them") {
  const auto told = [](const std::string& from, const std::string& to) {
    return Read(replaced(kPool, from, to)).diagnostics.text();
  };
  for (const char* right : {"8h", "90m", "1h30m", "8h0s", "1h30m0s"})
    CHECK(told("duration: 8h", "duration: " + std::string(right)) == "");
  for (const char* wrong : {"30s", "1h30s", "30m1h", "1d", "1.5h"}) {
    CAPTURE(wrong);
    CHECK(told("duration: 8h", "duration: " + std::string(wrong)) != "");
  }
  CHECK(told("duration: 8h", "duration: 30s").find("hours and minutes only") != std::string::npos);
  CHECK(told("expireAfter: 336h", "expireAfter: 1h30m10s") == "");
  CHECK(told("expireAfter: 336h", "expireAfter: 14d").find("'14d' does not match") != std::string::npos);
  CHECK(told("consolidateAfter: 1m", "consolidateAfter: 1.5m").find("does not match") != std::string::npos);
  CHECK(told("terminationGracePeriod: 1h", "terminationGracePeriod: 1d").find("terminationGracePeriod") !=
        std::string::npos);
}

TEST_CASE("Gte and Lte are bounds with the number itself, from Karpenter 1.9 on") {
  const auto bound = [](const std::string& op, const Release& release) {
    return Read(replaced(kPool, "operator: Gt", "operator: " + op), release);
  };
  const auto generation = [](Read& r) {
    return *r.pool.requirements.find(r.names.find("karpenter.k8s.aws/instance-generation"));
  };
  Read from = bound("Gte", {1, 9}), to = bound("Lte", {1, 14}), above = bound("Gt", {1, 0});
  CHECK(from.diagnostics.text() == "");
  CHECK(generation(from).greater_than == 3);  // 4 and more
  CHECK(generation(to).less_than == 5);
  CHECK(generation(above).greater_than == 4);
  const std::string then = bound("Gte", {1, 8}).diagnostics.text();
  CHECK(then.find("Karpenter 1.8 has no operator Gte") != std::string::npos);
  CHECK(then.find("it came with 1.9") != std::string::npos);
}

TEST_CASE("old names of labels are read as the new ones") {
  Read r(replaced(kPool, "key: kubernetes.io/arch", "key: beta.kubernetes.io/arch"));
  CHECK(r.diagnostics.text() == "");
  CHECK(r.pool.requirements.has(r.names.find("kubernetes.io/arch")));
  CHECK(r.pool.requirements.entries().size() == 3);
}

TEST_CASE("each version of the API has its own names of the policies") {
  const Read now(replaced(kPool, "WhenEmptyOrUnderutilized", "WhenUnderutilized"));
  CHECK(now.diagnostics.text().find("must be WhenEmptyOrUnderutilized, WhenEmpty or Balanced") != std::string::npos);
  std::string text = replaced(kPool, "karpenter.sh/v1", "karpenter.sh/v1beta1");
  text = replaced(text, "      expireAfter: 336h\n", "");
  const Read then(text);
  CHECK(then.diagnostics.text().find("must be WhenUnderutilized or WhenEmpty") != std::string::npos);
  CHECK(Read(replaced(kPool, "WhenEmptyOrUnderutilized", "Balanced")).pool.consolidation ==
        ConsolidationPolicy::balanced);
}

TEST_CASE("an annotation of the template keeps its nodes; a static pool is refused") {
  const auto annotated = [](const std::string& value) {
    return Read(
        replaced(kPool, "labels: {team: web}",
                 "labels: {team: web}\n      annotations: {karpenter.sh/do-not-disrupt: \"" + value + "\", other: x}"));
  };
  CHECK(annotated("true").pool.do_not_disrupt);
  CHECK(annotated("true").diagnostics.text() == "");
  CHECK_FALSE(annotated("false").pool.do_not_disrupt);
  CHECK_FALSE(Read(kPool).pool.do_not_disrupt);
  const Read fixed(replaced(kPool, "  weight: 10", "  weight: 10\n  replicas: 3"));
  CHECK(fixed.diagnostics.text().find("static NodePools are not simulated") != std::string::npos);
}

TEST_CASE("mistakes are reported where they stand") {
  for (const auto& [from, to, message] :
       std::vector<std::array<std::string, 3>>{{"operator: Gt", "operator: Bigger", "Bigger"},
                                               {"values: [\"4\"]", "values: [\"four\"]", "whole number"},
                                               {"nodes: \"20%\"", "nodes: \"120%\"", "120%"},
                                               {", duration: 8h", "", "together"},
                                               {"weight: 10", "weight: 200", "weight"},
                                               {"reasons: [Drifted]", "reasons: [Bored]", "Bored"},
                                               {"labels: {team: web}", "lables: {team: web}", "'labels'"},
                                               {"kind: EC2NodeClass,", "kinds: EC2NodeClass,", "'kind'"},
                                               {"consolidateAfter: 1m", "consolidateFater: 1m", "consolidateAfter"}}) {
    Read r(replaced(kPool, from, to));
    CAPTURE(from);
    CAPTURE(r.diagnostics.text());
    CHECK(r.diagnostics.has_errors());
    CHECK(r.diagnostics.text().find(message) != std::string::npos);
  }
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

TEST_CASE("keys of restricted domains are neither labels of a template nor requirements") {
  const auto told = [](const std::string& label) {
    test::KarpenterBed bed;
    bed.pools[0].labels.set(bed.name(label), bed.name("x"));
    const auto problems = pool_problems(bed.view(), PoolTemplates(bed.view()));
    return problems.empty() ? std::string() : problems[0].message;
  };
  for (const char* key : {"kubernetes.io/role", "example.k8s.io/a", "karpenter.sh/nodepool", "karpenter.sh/mine",
                          "kubernetes.io/hostname", "karpenter.k8s.aws/mine"}) {
    CAPTURE(key);
    CHECK(told(key).find("which is restricted") != std::string::npos);
  }
  for (const char* key : {"team", "example.com/team", "node-restriction.kubernetes.io/team", "node.kubernetes.io/team",
                          "kops.k8s.io/instancegroup"}) {
    CAPTURE(key);
    CHECK(told(key).find("restricted") == std::string::npos);
  }
  test::KarpenterBed bed;
  bed.pools[0].requirements.add(KeyRequirement::in(bed.known.nodepool, bed.name("default")), bed.names);
  const auto problems = pool_problems(bed.view(), PoolTemplates(bed.view()));
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].message.find("'karpenter.sh/nodepool' is restricted") != std::string::npos);
}

}  // namespace plimsoll::eks::karpenter
