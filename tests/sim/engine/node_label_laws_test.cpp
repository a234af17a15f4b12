// Whole columns: a Deployment for each label that a node can be chosen by, and one for a value of it that none has.
// What can be served is, on nodes that serve; for what cannot be no node is bought. Old names of labels, Auto Mode's
// own, node groups; what a NodePool may ask for and how it is told otherwise.
#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

struct LabelWish {
  std::string key, value;
};

/// Every key of the table with a value that some type has.
std::vector<LabelWish> instance_wishes(const std::string& domain) {
  std::vector<LabelWish> out;
  for (const auto& [name, value] :
       std::vector<std::pair<const char*, const char*>>{{"instance-hypervisor", "nitro"},
                                                        {"instance-encryption-in-transit-supported", "true"},
                                                        {"instance-category", "c"},
                                                        {"instance-capability-flex", "true"},
                                                        {"instance-family", "c6a"},
                                                        {"instance-generation", "7"},
                                                        {"instance-size", "large"},
                                                        {"instance-local-nvme", "75"},
                                                        {"instance-cpu", "4"},
                                                        {"instance-cpu-manufacturer", "amd"},
                                                        {"instance-cpu-sustained-clock-speed-mhz", "3600"},
                                                        {"instance-memory", "16384"},
                                                        {"instance-ebs-bandwidth", "4750"},
                                                        {"instance-network-bandwidth", "750"},
                                                        {"instance-gpu-name", "t4"},
                                                        {"instance-gpu-manufacturer", "nvidia"},
                                                        {"instance-gpu-count", "1"},
                                                        {"instance-gpu-memory", "16384"},
                                                        {"instance-accelerator-name", "inferentia"},
                                                        {"instance-accelerator-manufacturer", "aws"},
                                                        {"instance-accelerator-count", "1"}}) {
    out.push_back({domain + name, value});
  }
  return out;
}

std::vector<LabelWish> common_wishes() {
  return {{"topology.kubernetes.io/zone", "us-east-1a"},
          {"topology.kubernetes.io/region", "us-east-1"},
          {"topology.k8s.aws/zone-id", "use1-az2"},
          {"topology.ebs.csi.aws.com/zone", "us-east-1b"},
          {"failure-domain.beta.kubernetes.io/zone", "us-east-1b"},
          {"failure-domain.beta.kubernetes.io/region", "us-east-1"},
          {"node.kubernetes.io/instance-type", "m6a.large"},
          {"beta.kubernetes.io/instance-type", "m5.xlarge"},
          {"kubernetes.io/arch", "arm64"},
          {"beta.kubernetes.io/arch", "amd64"},
          {"kubernetes.io/os", "linux"},
          {"beta.kubernetes.io/os", "linux"},
          {"karpenter.sh/nodepool", "default"},
          {"karpenter.sh/capacity-type", "on-demand"}};
}

std::string deployment(const std::string& name, const LabelWish& wish) {
  return "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " + name +
         "}\nspec:\n  replicas: 1\n  selector: {matchLabels: {app: " + name +
         "}}\n  template:\n    metadata: {labels: {app: " + name + "}}\n    spec:\n      nodeSelector: {\"" + wish.key +
         "\": \"" + wish.value +
         "\"}\n      containers: [{name: c, image: busybox, resources: {requests: {cpu: 300m, memory: 200Mi}}}]\n";
}

const std::string kAnyPool = R"(apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: default}
spec:
  template:
    spec:
      requirements:
        - {key: karpenter.sh/capacity-type, operator: In, values: [on-demand]}
      nodeClassRef: {name: default}
  disruption: {consolidationPolicy: WhenEmpty, consolidateAfter: 1m}
)";

/// Counts launches, and the nodes that went without ever having an application's pod.
class ServingLaw : public ComponentOf<ServingLaw> {
 public:
  bool watches() const override { return true; }
  void start(World&) override {}
  void handle(World&, const Event&) override {}
  void on_fact(World& world, const FactRecord& f) override {
    if (f.fact == Fact::pod_bound && !world.workload(f.workload).daemon && !world.workload(f.workload).system)
      served_.insert(f.node.value());
    if (f.fact == Fact::node_requested) ++requested;
  }
  bool served(NodeId node) const { return served_.count(node.value()) > 0; }
  std::int64_t requested = 0;

 private:
  std::set<std::uint32_t> served_;
};

/// Runs a column with a Deployment "yes-N" for each wish and "no-N" for a value of its key that none has.
void check_wishes(const std::vector<LabelWish>& wishes, const std::string& capacity, bool bootstrap) {
  const Folder folder;
  std::string manifests, apps;
  const auto add = [&](const std::string& name, const LabelWish& wish) {
    manifests += deployment(name, wish);
    apps += "  " + name + ": {work: 1ms, image: 50MB}\n";
  };
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    add("yes-" + std::to_string(i), wishes[i]);
    add("no-" + std::to_string(i), {wishes[i].key, "none-has-this"});
  }
  folder.put("pool.yaml", kAnyPool);
  folder.put("all.deployment.yaml", manifests);
  const std::string text =
      "apiVersion: plimsoll/v1\nload: {constant: 0/s, to: yes-0, for: 40m, warmup: 0s}\nsizes: as-written\nfiles: "
      "{kubernetes: "
      "[all.deployment.yaml]}\napps:\n" +
      apps + "platforms:\n  k:\n    type: eks\n    capacity: " + capacity + "\n";
  const scenario::Scenario s = read_file(folder.put("s.yaml", text));
  Run run = build(s, 0, 0, {false, true});
  const HandlerId law = run.world.attach(std::make_unique<ServingLaw>());
  run.world.run();
  World& world = run.world;
  const ServingLaw& seen = dynamic_cast<const ServingLaw&>(world.component(law));
  std::set<std::string> waiting;
  for (const PodId id : world.pending_pods()) {
    const Workload& w = world.workload(world.pod(id).workload);
    if (!w.system) waiting.insert(std::string(world.names.text(w.name)));
  }
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    CAPTURE(wishes[i].key);
    CHECK(waiting.count("yes-" + std::to_string(i)) == 0);
    CHECK(waiting.count("no-" + std::to_string(i)) == 1);
  }
  // At worst a node for each wish; nothing for the others.
  CHECK(seen.requested <= static_cast<std::int64_t>(wishes.size()) + (bootstrap ? 2 : 3));
  CHECK(seen.requested > 5);
  for (const NodeId id : world.live_nodes()) {
    const Node& node = world.node(id);
    if (!node.group.is_none()) continue;
    CAPTURE(world.names.text(node.instance_type));
    CHECK(seen.served(id));
  }
}

std::string errors_of(const std::string& pool, const std::string& capacity) {
  const Folder folder;
  folder.put("pool.yaml", pool);
  const std::string file = folder.put(
      "s.yaml",
      "apiVersion: plimsoll/v1\nload: {constant: 1/s, for: 30m, warmup: 0s}\napps:\n  web: {size: 500m/1Gi, work: "
      "1ms, image: 50MB}\nplatforms:\n  k:\n    type: eks\n    capacity: " +
          capacity + "\n");
  document::Diagnostics diagnostics;
  scenario::read_scenario(file, registry(), {}, diagnostics);
  return diagnostics.text();
}

std::string with_requirement(const std::string& requirement) {
  std::string text = kAnyPool;
  const std::string after = "values: [on-demand]}\n";
  return text.insert(text.find(after) + after.size(), "        - " + requirement + "\n");
}

const std::string kKarpenter = "{bootstrap: {type: m5.large, count: 2}, nodePools: [pool.yaml]}";
const std::string kAutoMode = "{autoMode: {builtIn: [], nodePools: [pool.yaml]}}";

TEST_CASE("Karpenter launches for each label that a node can have, and for none that it cannot") {
  std::vector<LabelWish> wishes = common_wishes();
  for (const LabelWish& w : instance_wishes("karpenter.k8s.aws/")) wishes.push_back(w);
  wishes.push_back({"karpenter.k8s.aws/instance-tenancy", "default"});
  wishes.push_back({"karpenter.k8s.aws/ec2nodeclass", "default"});
  check_wishes(wishes, kKarpenter, true);
}

TEST_CASE("EKS Auto Mode launches for its own labels") {
  std::vector<LabelWish> wishes = common_wishes();
  for (const LabelWish& w : instance_wishes("eks.amazonaws.com/")) wishes.push_back(w);
  wishes.push_back({"eks.amazonaws.com/compute-type", "auto"});
  wishes.push_back({"eks.amazonaws.com/nodeclass", "default"});
  check_wishes(wishes, kAutoMode, false);
}

TEST_CASE("nodes of a group have the old names of their labels and the id of their zone") {
  const Folder folder;
  const std::vector<LabelWish> wishes = {{"beta.kubernetes.io/arch", "amd64"},
                                         {"beta.kubernetes.io/os", "linux"},
                                         {"beta.kubernetes.io/instance-type", "m5.large"},
                                         {"failure-domain.beta.kubernetes.io/region", "us-east-1"},
                                         {"failure-domain.beta.kubernetes.io/zone", "us-east-1b"},
                                         {"topology.ebs.csi.aws.com/zone", "us-east-1a"},
                                         {"topology.k8s.aws/zone-id", "use1-az1"}};
  std::string manifests, apps;
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    manifests += deployment("app-" + std::to_string(i), wishes[i]);
    apps += "  app-" + std::to_string(i) + ": {work: 1ms, image: 50MB}\n";
  }
  folder.put("all.deployment.yaml", manifests);
  const scenario::Scenario s = read_file(folder.put(
      "s.yaml",
      "apiVersion: plimsoll/v1\nload: {constant: 0/s, to: app-0, for: 20m, warmup: 0s}\nsizes: as-written\nfiles: "
      "{kubernetes: "
      "[all.deployment.yaml]}\napps:\n" +
          apps +
          "platforms:\n  k:\n    type: eks\n    capacity: {nodeGroups: {g: {type: m5.large, min: 3, max: 3}}}\n"));
  Run run = build(s, 0, 0, {false, true});
  run.world.run();
  for (const PodId id : run.world.pending_pods()) {
    const Workload& w = run.world.workload(run.world.pod(id).workload);
    CAPTURE(run.world.names.text(w.name));
    CHECK(w.system);
  }
}

TEST_CASE("a requirement on a label acts, and one that no type meets is told") {
  for (const auto& [requirement, message] : std::vector<std::pair<std::string, std::string>>{
           {"{key: topology.k8s.aws/zone-id, operator: In, values: [use1-az9]}",
            "topology.k8s.aws/zone-id in [use1-az9]"},
           {"{key: karpenter.k8s.aws/instance-tenancy, operator: In, values: [dedicated]}", "there are default"},
           {"{key: karpenter.k8s.aws/instance-gpu-manufacturer, operator: In, values: [nvidea]}", "'nvidia'"},
           {"{key: karpenter.k8s.aws/instance-cpu-sustained-clock-speed-mhz, operator: Gt, values: [\"9000\"]}",
            "no instance type satisfies"},
           {"{key: node.kubernetes.io/windows-build, operator: Exists}", "no instance type satisfies"},
           {"{key: beta.kubernetes.io/instance-type, operator: In, values: [m5.largee]}", "'m5.large'"},
           {"{key: topology.kubernetes.io/rack, operator: Exists}", "its domain is restricted"},
           {"{key: kubernetes.io/hostname, operator: Exists}", "its domain is restricted"}}) {
    CAPTURE(requirement);
    const std::string errors = errors_of(with_requirement(requirement), kKarpenter);
    CAPTURE(errors);
    CHECK(errors.find(message) != std::string::npos);
  }
  for (const char* requirement : {"{key: topology.k8s.aws/zone-id, operator: In, values: [use1-az1]}",
                                  "{key: karpenter.k8s.aws/ec2nodeclass, operator: In, values: [default]}",
                                  "{key: eks.amazonaws.com/instance-famly, operator: Exists}",  // a label of one's own
                                  "{key: karpenter.k8s.aws/instance-generation, operator: Gte, values: [\"6\"]}"}) {
    CAPTURE(requirement);
    CHECK(errors_of(with_requirement(requirement), kKarpenter) == "");
  }
  CHECK(errors_of(with_requirement("{key: karpenter.k8s.aws/instance-cpu, operator: Lte, values: [\"8\"]}"),
                  "{bootstrap: {type: m5.large, count: 2}, nodePools: [pool.yaml], karpenterMinor: 8}")
            .find("Karpenter 1.8 has no operator Lte") != std::string::npos);
}

TEST_CASE("EKS Auto Mode knows its own labels only") {
  const auto told = [](const std::string& requirement) { return errors_of(with_requirement(requirement), kAutoMode); };
  CHECK(told("{key: eks.amazonaws.com/instance-famly, operator: In, values: [c6a]}")
            .find("did you mean 'eks.amazonaws.com/instance-family'?") != std::string::npos);
  CHECK(told("{key: karpenter.k8s.aws/instance-family, operator: In, values: [c6a]}")
            .find("did you mean 'eks.amazonaws.com/instance-family'?") != std::string::npos);
  CHECK(told("{key: eks.amazonaws.com/instance-family, operator: In, values: [c6a]}") == "");
  CHECK(told("{key: eks.amazonaws.com/instance-generation, operator: Gte, values: [\"6\"]}") == "");
}

TEST_CASE("a limit on any resource binds") {
  const auto limited = [](const std::string& limits) {
    std::string text = kAnyPool;
    return text.insert(text.find("  disruption:"), "  limits: " + limits + "\n");
  };
  for (const auto& [limits, message] :
       std::vector<std::pair<std::string, std::string>>{{"{pods: 1}", "limits.pods is 1"},
                                                        {"{ephemeral-storage: 1Gi}", "limits.ephemeral-storage is 1Gi"},
                                                        {"{cpu: 500m}", "limits.cpu is 500m"},
                                                        {"{memory: 1Mi}", "limits.memory is 1Mi"},
                                                        {"{nodes: 0}", "limits.nodes is 0"}}) {
    CAPTURE(limits);
    const std::string errors = errors_of(limited(limits), kKarpenter);
    CAPTURE(errors);
    CHECK(errors.find(message) != std::string::npos);
  }
  CHECK(errors_of(limited("{aws.amazon.com/neuron: 0}"), kKarpenter) == "");
}

}  // namespace
}  // namespace plimsoll::engine
