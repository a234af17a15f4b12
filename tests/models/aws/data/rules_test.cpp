#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "models/aws/billing/commitments.h"
#include "models/aws/billing/ebs.h"
#include "models/aws/billing/elb.h"
#include "models/aws/billing/fargate.h"
#include "models/aws/billing/focus_row.h"
#include "models/aws/billing/meter.h"
#include "models/aws/billing/scad.h"
#include "models/aws/fargate/task_size.h"
#include "tests/source_dir.h"

using namespace plimsoll;
using namespace plimsoll::aws;
using namespace plimsoll::aws::charges;
using nlohmann::json;

namespace {

json read(const char* name) {
  std::ifstream in(std::string(PLIMSOLL_SOURCE_DIR) + "/models/aws/data/" + name);
  REQUIRE(in.good());
  return json::parse(in);
}

}  // namespace

TEST_CASE("constants in the code are those of billing_rules.json") {
  const json rules = read("billing_rules.json");
  CHECK(rules["hours_per_month"] == kHoursPerMonth);
  CHECK(rules["ec2_linux"]["minimum_s"] == kMinimumSeconds);
  CHECK(rules["fargate"]["minimum_s"]["linux"] == kMinimumSeconds);
  CHECK(rules["fargate"]["minimum_s"]["windows"] == kWindowsFargateMinimumSeconds);
  CHECK(rules["ebs"]["minimum_s"] == kMinimumSeconds);
  CHECK(gibibytes(rules["fargate"]["included_ephemeral_gb"]) == kFargateIncludedStorage);
  CHECK(mebibytes(rules["fargate"]["eks_pod_overhead_mib"]) == kEksFargateOverhead);
  CHECK(rules["ebs"]["gp3_included_iops"] == kGp3IncludedIops);
  CHECK(rules["ebs"]["gp3_included_mbps"] == kGp3IncludedMbps);
  CHECK(rules["scad"]["cpu_weight_per_vcpu"] == kScadVcpuWeight);
  CHECK(rules["scad"]["mem_weight_per_gb"] == kScadGbWeight);
  for (const auto& [size, units] : rules["normalization_units"].items()) {
    if (size != "Nxlarge") CHECK(normalised_units(size)->to_double() == units.get<double>());
  }
}

TEST_CASE("one unit of each load-balancer dimension is one capacity unit") {
  const json rules = read("billing_rules.json");
  const json& alb = rules["alb_lcu"];
  AlbTraffic t;
  t.new_connections_per_s = Ratio{alb["new_connections_per_s"].get<std::int64_t>()};
  t.active_connections = Ratio{alb["active_connections_per_min"].get<std::int64_t>()};
  t.gb_per_hour = Ratio{alb["gb_per_hour_ec2_ip_container"].get<std::int64_t>()};
  t.requests_per_s = Ratio{alb["rule_evaluations_per_s"].get<std::int64_t>()};
  t.rules = alb["free_rules"].get<std::int64_t>() + 1;
  for (const Ratio& r : alb_units(t).by_dimension) CHECK(r == Ratio{1});
  const json& nlb = rules["nlb_nlcu"];
  for (const auto& [name, protocol] :
       {std::pair{"tcp", NlbProtocol::tcp}, std::pair{"udp", NlbProtocol::udp}, std::pair{"tls", NlbProtocol::tls}}) {
    const json& p = nlb[name];
    CHECK(nlb_units(protocol, {Ratio{p["new_per_s"].get<std::int64_t>()}, {}, {}}) == Ratio{1});
    CHECK(nlb_units(protocol, {{}, Ratio{p["active"].get<std::int64_t>()}, {}}) == Ratio{1});
    CHECK(nlb_units(protocol, {{}, {}, Ratio{p["gb_per_hour"].get<std::int64_t>()}}) == Ratio{1});
  }
}

TEST_CASE("the list of Fargate sizes up to 16 vCPU is the one of billing_rules.json") {
  const json rules = read("billing_rules.json");
  REQUIRE(rules["fargate"]["configs"].size() == 7);
  for (const json& c : rules["fargate"]["configs"]) {
    const Cpu cpu = cpu_millis(std::llround(c["vcpu"].get<double>() * 1000));
    std::vector<double> allowed;
    if (c.contains("mem_gb")) {
      allowed = c["mem_gb"].get<std::vector<double>>();
    } else {
      for (int gb = c["mem_gb_min"]; gb <= c["mem_gb_max"]; gb += c["step"].get<int>()) allowed.push_back(gb);
    }
    for (int half_gb = 1; half_gb <= 260; ++half_gb) {
      const bool is_allowed = std::find(allowed.begin(), allowed.end(), half_gb / 2.0) != allowed.end();
      REQUIRE(is_fargate_size(cpu, mebibytes(half_gb * 512)) == is_allowed);
    }
  }
}

TEST_CASE("the FOCUS columns in the code are those of the shipped list") {
  std::vector<std::string> listed;
  const json file = read("focus_1.2_columns.json");
  for (const json& c : file["columns"]) listed.push_back(c["id"]);
  const auto known = focus_columns();
  CHECK(listed == std::vector<std::string>(known.begin(), known.end()));
}
