// Whole columns under the account's quotas of vCPUs: no instant runs more, and the limit is told where it binds.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "sim/policy/binding_limits.h"
#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

const std::string kKarpenterColumn =
    "  karpenter: {type: eks, capacity: {bootstrap: {type: m5.large, count: 2}, nodePools: [pool.yaml]}}\n";
const std::string kPool = R"(apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: default}
spec:
  template:
    spec:
      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
      requirements:
        - {key: karpenter.sh/capacity-type, operator: In, values: [on-demand]}
        - {key: karpenter.k8s.aws/instance-family, operator: In, values: [m5]}
)";

scenario::Scenario two_apps(const std::vector<std::string>& sets) {
  const Folder folder;
  // As read_text's wave, in its own folder since a NodePool stands beside it.
  std::string wave = "t_s,rate_rps\n";
  for (int minute = 0; minute < 480; ++minute) {
    const int phase = minute % 180;
    wave +=
        std::to_string(minute * 60) + "," + std::to_string(100 + 800 * (phase < 90 ? phase : 180 - phase) / 90) + "\n";
  }
  folder.put("wave.csv", wave);
  folder.put("pool.yaml", kPool);
  return read_file(folder.put("s.yaml", kTwoApps + kKarpenterColumn), sets);
}

/// The most vCPUs of live hosts of a kind at any fact of the run.
std::int64_t peak_vcpus(const World& world, HostKind kind) {
  Cpu now{}, most{};
  for (const FactRecord& f : world.log) {
    if (f.node.is_none() || world.node(f.node).host != kind) continue;
    const Cpu one = world.node(f.node).capacity.cpu();
    if (f.fact == Fact::node_requested) now += one;
    if (f.fact == Fact::node_terminating) now -= one;
    most = std::max(most, now);
  }
  return most.raw() / kCpuTicksPerVcpu;
}

double bound(const World& world, const std::string& name) {
  double share = 0;
  const_cast<World&>(world).each_component<BindingLimits>([&](const BindingLimits& limits) {
    for (const BindingLimits::Limit& l : limits.binding_limits(world)) {
      if (l.name == name) share += l.share;
    }
  });
  return share;
}

TEST_CASE("no column runs more vCPUs than its account may, and each says that the quota binds") {
  const scenario::Scenario free = two_apps({});
  const scenario::Scenario few = two_apps({"quotas.onDemandStandard=10", "quotas.fargateOnDemand=6"});
  for (std::size_t c = 0; c < free.columns.size(); ++c) {
    CAPTURE(free.columns[c].name);
    const bool fargate = free.columns[c].name == "tasks" || free.columns[c].name == "pods";
    const HostKind kind = fargate ? HostKind::fargate : HostKind::ec2;
    const std::int64_t quota = fargate ? 6 : 10;
    const std::string name =
        fargate ? "the account's quota of 6 vCPUs on Fargate" : "the account's quota of 10 Standard vCPUs on demand";
    Run wide = build(free, c, 0, {true, true});
    wide.world.run();
    CHECK(peak_vcpus(wide.world, kind) > quota);
    CHECK(bound(wide.world, name) == 0);
    CHECK(std::none_of(wide.world.log.begin(), wide.world.log.end(),
                       [](const FactRecord& f) { return f.reason == Reason::vcpu_limit; }));
    Run narrow = build(few, c, 0, {true, true});
    narrow.world.run();
    CHECK(peak_vcpus(narrow.world, kind) <= quota);
    CHECK(bound(narrow.world, name) > 0.05);
    CHECK(bound(narrow.world, name) < 1);
  }
}

}  // namespace
}  // namespace plimsoll::engine
