#include "sim/scenario/faults_block.h"

#include <doctest/doctest.h>

#include "sim/document/loader.h"

namespace plimsoll::scenario {
namespace {

const std::vector<std::string> kZones = {"us-east-1a", "us-east-1b"};

Faults read(const std::string& text, document::Diagnostics& diagnostics, std::vector<std::string>& assumed) {
  const document::Node root = document::load_text(text, "s.yaml", diagnostics).front();
  document::Fields f(root, diagnostics, "");
  return read_faults(f, kZones, assumed);
}

TEST_CASE("pools, reclaims and node failures") {
  document::Diagnostics diagnostics;
  std::vector<std::string> assumed;
  const Faults f = read(R"(faults:
  pools:
    - {type: m5.*, zone: us-east-1a, interruptions: 60%, batch: 50%, dry: 30m, onDemandDry: true, limit: 12}
    - {type: FARGATE_SPOT, interruptions: 20%}
  reclaims:
    - {at: 9h, share: 40%}
  nodeFailures: 3%
)",
                        diagnostics, assumed);
  CHECK(diagnostics.text() == "");
  REQUIRE(f.pools.size() == 2);
  CHECK(f.pools[0].type == "m5.*");
  CHECK(f.pools[0].interruptions == percent(60));
  CHECK(f.pools[0].batch == percent(50));
  CHECK(f.pools[0].dry == minutes(30));
  CHECK(f.pools[0].on_demand_dry == true);
  CHECK(f.pools[0].limit == 12);
  CHECK(f.pools[1].zone == "*");
  CHECK_FALSE(f.pools[1].limit.has_value());
  REQUIRE(f.reclaims.size() == 1);
  CHECK(f.reclaims[0].at == hours(9));
  CHECK(f.reclaims[0].share == percent(40));
  CHECK(f.reclaims[0].dry == minutes(30));
  CHECK(f.node_failures == percent(3));
  CHECK(assumed == std::vector<std::string>{"faults.pools (2)", "faults.reclaims (1)", "faults.nodeFailures = 3%"});
}

TEST_CASE("nothing said is nothing suffered") {
  document::Diagnostics diagnostics;
  std::vector<std::string> assumed;
  const Faults f = read("seed: 1\n", diagnostics, assumed);
  CHECK(f.pools.empty());
  CHECK(f.node_failures.raw() == 0);
  CHECK(assumed.empty());
}

TEST_CASE("quotas of the account stand beside the faults; what is not said is unlimited") {
  document::Diagnostics diagnostics;
  std::vector<std::string> assumed;
  const Faults f = read("quotas: {onDemandStandard: 64, spotP5: 192, fargateSpot: 0}\n", diagnostics, assumed);
  CHECK(diagnostics.text() == "");
  CHECK(f.quotas.on_demand[0] == 64);
  CHECK(f.quotas.fargate_spot == 0);
  CHECK(f.quotas.spot[static_cast<std::size_t>(InstanceKind::p5)] == 192);
  CHECK_FALSE(f.quotas.on_demand[static_cast<std::size_t>(InstanceKind::p)].has_value());
  CHECK_FALSE(f.quotas.spot[0].has_value());
  CHECK_FALSE(f.quotas.fargate_on_demand.has_value());
  document::Diagnostics wrong;
  read("quotas: {onDemandStandart: 64, spotStandard: -1}\n", wrong, assumed);
  CHECK(wrong.text().find("did you mean 'onDemandStandard'?") != std::string::npos);
  CHECK(wrong.text().find("must be between 0 and 10000000, not '-1'") != std::string::npos);
}

TEST_CASE("a zone that the scenario does not have is told with the nearest") {
  document::Diagnostics diagnostics;
  std::vector<std::string> assumed;
  read("faults: {reclaims: [{zone: us-east-1c, at: 1h}]}\n", diagnostics, assumed);
  CHECK(diagnostics.text().find("no zone 'us-east-1c' in this scenario (at faults.reclaims[0].zone)") !=
        std::string::npos);
  CHECK(diagnostics.text().find("did you mean 'us-east-1") != std::string::npos);
}

TEST_CASE("patterns") {
  CHECK(matches_pattern("*", "m5.large"));
  CHECK(matches_pattern("m5.*", "m5.large"));
  CHECK_FALSE(matches_pattern("m5.*", "m5a.large"));
  CHECK(matches_pattern("m5.large", "m5.large"));
  CHECK_FALSE(matches_pattern("m5.large", "m5.xlarge"));
}

}  // namespace
}  // namespace plimsoll::scenario
