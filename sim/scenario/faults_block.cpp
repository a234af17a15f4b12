#include "sim/scenario/faults_block.h"

#include <algorithm>

#include "sim/core/text.h"

namespace plimsoll::scenario {

namespace {

using document::Fields;

constexpr std::string_view kTypeDoc = "instance types: a name or the start of one and *; FARGATE_SPOT";

/// A zone of the scenario, or a pattern that means one.
std::string read_zone(Fields& f, const std::vector<std::string>& zones) {
  const std::string zone = f.text("zone", "*", "every zone", "zone, or the start of its name and *");
  if (zone.empty() || f.describing()) return zone;
  const bool known =
      std::any_of(zones.begin(), zones.end(), [&](const std::string& z) { return matches_pattern(zone, z); });
  if (!known) {
    std::vector<std::string_view> names(zones.begin(), zones.end());
    const std::string near = nearest(zone, names);
    f.error("zone", "no zone '" + zone + "' in this scenario",
            near.empty() ? "see `zones`" : "did you mean '" + near + "'?");
  }
  return zone;
}

PoolFaults read_pool(Fields& f, const std::vector<std::string>& zones) {
  PoolFaults p;
  p.type = f.text("type", "*", "every type", kTypeDoc);
  p.zone = read_zone(f, zones);
  p.interruptions =
      f.optional_ratio("interruptions", "share of Spot instances interrupted in a month", {Ppm{}, Ppm{999'999}});
  p.batch = f.optional_ratio("batch", "mean share of a pool that one event takes", {percent(1), percent(100)});
  p.dry = f.optional_duration("dry", "mean time without capacity after an event", {Duration{}, std::nullopt});
  p.on_demand_dry = f.optional_boolean("onDemandDry", "on-demand launches fail too while the pool is dry");
  p.limit = f.optional_integer("limit", "most instances at once", {0, 1'000'000});
  return p;
}

Reclaim read_reclaim(Fields& f, const std::vector<std::string>& zones) {
  Reclaim r;
  r.at = f.required_duration("at", "after the start of the counted window", {Duration{}, std::nullopt});
  r.type = f.text("type", "*", "every type", kTypeDoc);
  r.zone = read_zone(f, zones);
  r.share = f.ratio("share", r.share, "all", "of each pool's Spot instances", {Ppm{}, percent(100)});
  r.dry = f.duration("dry", r.dry, "assumed", "the pool has no capacity for so long", {Duration{}, std::nullopt});
  r.on_demand_dry = f.boolean("onDemandDry", false, "Spot only", "on-demand launches fail too");
  return r;
}

AccountQuotas read_quotas(Fields& scenario) {
  AccountQuotas out;
  Fields f = scenario.child("quotas", "vCPUs that the account may run at once in the region; the same on every column");
  const auto read = [&](std::string_view key, std::string_view doc, std::string source) {
    const auto vcpus = f.optional_integer(key, doc, {0, 10'000'000});
    if (!vcpus && !f.has(key)) f.record(key, "unlimited", "raised as needed; " + std::move(source));
    return vcpus;
  };
  for (const InstanceQuotaName& q : kInstanceQuotaNames) {
    auto& of_kind = (q.spot ? out.spot : out.on_demand)[static_cast<std::size_t>(q.kind)];
    of_kind = read(q.key, q.name, "a new account has " + std::string(q.new_account));
  }
  out.fargate_on_demand =
      read("fargateOnDemand", "Fargate On-Demand vCPU resource count: Fargate quota L-3032A538", "a new account has 6");
  out.fargate_spot =
      read("fargateSpot", "Fargate Spot vCPU resource count: Fargate quota L-36FBB829", "a new account has 6");
  return out;
}

}  // namespace

Faults read_faults(Fields& scenario, const std::vector<std::string>& zones, std::vector<std::string>& assumed) {
  Faults out;
  Fields f = scenario.child("faults", "what capacity pools and instances suffer; the same on every column");
  for (const document::Item& item :
       f.list("pools", "laws of capacity pools (type, zone); the first that fits counts")) {
    Fields p(item.node, f.reader(), item.path);
    out.pools.push_back(read_pool(p, zones));
  }
  for (const document::Item& item : f.list("reclaims", "Spot capacity taken back at a given time")) {
    Fields r(item.node, f.reader(), item.path);
    out.reclaims.push_back(read_reclaim(r, zones));
  }
  out.node_failures =
      f.ratio("nodeFailures", Ppm{}, "none", "share of instances that break in a year", {Ppm{}, Ppm{999'999}});
  out.quotas = read_quotas(scenario);
  if (f.describing()) return out;
  for (const char* key : {"pools", "reclaims", "nodeFailures"}) {
    const document::Node* node = f.node().find(key);
    if (node == nullptr) continue;
    const std::string what =
        node->is_scalar() ? " = " + node->text() : " (" + std::to_string(node->items().size()) + ")";
    assumed.push_back(f.path_of(key) + what);
  }
  return out;
}

}  // namespace plimsoll::scenario
