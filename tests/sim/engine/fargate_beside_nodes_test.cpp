// Fargate profiles beside nodes: who runs where, what is paid for it, and that no node is added for the others' pods.
#include <doctest/doctest.h>

#include <string>

#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

const std::string kBeside = R"(apiVersion: plimsoll/v1
seed: 3
load: {trace: wave.csv, start: 30m, for: 90m, warmup: 30m, to: web}
apps:
  web: {size: 500m/1Gi, work: 5ms, start: {cpu: 2s}, image: 60MB, scale: {cpu: 60%, min: 2, max: 40}, calls: {api: 0.5}}
  api: {size: 250m/512Mi, work: 4ms, start: {cpu: 2s}, image: 60MB, scale: {cpu: 60%, min: 2, max: 40}}
around: {nat: 1}
platforms:
  groups:
    type: eks
    capacity:
      nodeGroup: {type: m5.large, min: 2, max: 30}
      autoscaler: cluster-autoscaler
      fargateProfiles: [{name: api, selectors: [{namespace: default, labels: {app: api}}]}]
  pools:
    type: eks
    capacity:
      bootstrap: {type: m5.large, count: 2}
      nodePools: [pool.yaml]
      fargateProfiles: [{name: api, selectors: [{namespace: default, labels: {app: api}}]}]
)";

TEST_CASE("pods that a profile selects run on Fargate, the others on nodes") {
  const Folder folder;
  std::string wave = "t_s,rate_rps\n";
  for (int minute = 0; minute < 180; ++minute)
    wave += std::to_string(minute * 60) + "," + std::to_string(minute % 60 < 30 ? 100 : 900) + "\n";
  folder.put("wave.csv", wave);
  folder.put("pool.yaml", R"(apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: default}
spec:
  template:
    spec:
      requirements: [{key: node.kubernetes.io/instance-type, operator: In, values: [m5.large, m5.xlarge]}]
      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
)");
  const scenario::Scenario s = read_file(folder.put("s.yaml", kBeside));
  for (std::size_t c = 0; c < 2; ++c) {
    CAPTURE(c);
    Run run = build(s, c, 0, {true, true});
    run.world.run();
    std::size_t on_fargate = 0, on_nodes = 0;
    for (const FactRecord& f : run.world.log) {
      if (f.fact != Fact::pod_bound) continue;
      const std::string_view app = run.world.names.text(run.world.workload(f.workload).name);
      const HostKind host = run.world.node(f.node).host;
      CAPTURE(app);
      CHECK((host == HostKind::fargate) == (app == "api"));
      (host == HostKind::fargate ? on_fargate : on_nodes) += 1;
    }
    CHECK(on_fargate > 4);
    CHECK(on_nodes > 4);
    const results::RunResult r = summarise(run, s, c, 0);
    std::int64_t fargate = 0, instances = 0;
    for (const auto& line : r.lines) {
      if (line.item.starts_with("fargate/")) fargate += line.amount.raw();
      if (line.item.starts_with("ec2/m5.")) instances += line.amount.raw();
    }
    CHECK(fargate > 0);
    CHECK(instances > 0);
  }
}

}  // namespace
}  // namespace plimsoll::engine
