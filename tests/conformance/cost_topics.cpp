#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "models/aws/billing/cloudwatch.h"
#include "models/aws/billing/commitments.h"
#include "models/aws/billing/cpu_credits.h"
#include "models/aws/billing/crossover.h"
#include "models/aws/billing/ebs.h"
#include "models/aws/billing/ec2.h"
#include "models/aws/billing/elb.h"
#include "models/aws/billing/fargate.h"
#include "models/aws/billing/focus_row.h"
#include "models/aws/billing/lambda.h"
#include "models/aws/billing/network.h"
#include "models/aws/billing/opencost.h"
#include "models/aws/billing/orchestrator_fee.h"
#include "models/aws/billing/scad.h"
#include "models/aws/billing/spot.h"
#include "models/aws/catalogue.h"
#include "models/aws/data/pack.h"
#include "models/aws/fargate/task_size.h"
#include "tests/conformance/conformance.h"

namespace plimsoll::conformance {
namespace {

using namespace plimsoll::aws;
using namespace plimsoll::aws::charges;

// --- reading: decimals become exact rationals in 1e-12ths

constexpr std::int64_t kPico = 1'000'000'000'000;

Ratio ratio(const Json& v) {
  if (v.is_string()) {
    std::int64_t pico = 0;
    if (!data::parse_fixed(v.get_ref<const std::string&>(), 12, pico)) throw Unsupported("not a decimal: " + v.dump());
    return {pico, kPico};
  }
  if (v.is_number_integer()) return Ratio{v.get<std::int64_t>()};
  if (!v.is_number()) throw Unsupported("not a number: " + v.dump());
  const double x = v.get<double>(), whole = std::floor(x);
  return Ratio{static_cast<std::int64_t>(whole)} + Ratio{std::llround((x - whole) * 1e12), kPico};
}

/// The first of the names that is there.
const Json* find(const Json& object, std::initializer_list<const char*> names) {
  for (const char* n : names) {
    if (object.contains(n)) return &object.at(n);
  }
  return nullptr;
}

Ratio ratio(const Json& object, std::initializer_list<const char*> names) {
  const Json* v = find(object, names);
  if (v == nullptr) throw Unsupported(std::string("no field ") + *names.begin());
  return ratio(*v);
}
/// The only field that prices something (its name tells), whatever the rest of its name.
const Json& the_rate(const Json& object) {
  const Json* found = nullptr;
  for (const auto& [name, value] : object.items()) {
    if (name.find("rate") == std::string::npos && name.find("usd") == std::string::npos) continue;
    if (found != nullptr) throw Unsupported("several rates");
    found = &value;
  }
  if (found == nullptr) throw Unsupported("no rate");
  return *found;
}

/// The first of the names that is there, else the only number that neither prices anything nor is a length of time.
const Json& the_amount(const Json& object, std::initializer_list<const char*> names) {
  const Json* found = find(object, names);
  if (found != nullptr) return *found;
  for (const auto& [name, value] : object.items()) {
    if (!value.is_number() || name == "hours" || name == "months") continue;
    if (name.find("rate") != std::string::npos || name.find("usd") != std::string::npos) continue;
    if (found != nullptr) throw Unsupported("several amounts");
    found = &value;
  }
  if (found == nullptr) throw Unsupported("no amount");
  return *found;
}

Ratio ratio(const Json& object, const char* name, std::int64_t fallback) {
  return object.contains(name) ? ratio(object.at(name)) : Ratio{fallback};
}

std::int64_t whole(Ratio r) { return static_cast<std::int64_t>(r.rounded()); }
Rate rate(const Json& object, std::initializer_list<const char*> names) { return round_rate(ratio(object, names)); }
Rate rate_or_zero(const Json& object, const char* name) { return round_rate(ratio(object, name, 0)); }
Duration span_of(Ratio seconds_count) { return Duration{whole(seconds_count * Ratio{1'000'000})}; }
Duration in_hours_field(const Json& object, const char* name) { return span_of(ratio(object, {name}) * Ratio{3600}); }
Bytes gb(Ratio r) { return Bytes{whole(r * Ratio{kGiB})}; }
Cpu vcpus(Ratio r) { return Cpu{whole(r * Ratio{kCpuTicksPerVcpu})}; }

// --- writing

double usd(Money m) { return in_dollars(m).to_double(); }
double usd(Ratio r) { return r.to_double(); }

/// The keys that are asked for.
Json asked(const Json& expected, Json answer) {
  Json out = Json::object();
  for (const auto& [key, value] : answer.items()) {
    if (expected.contains(key)) out[key] = value;
  }
  return out;
}

// --- compute

Json fargate_run(const Json& in, const Json& expected) {
  const Json& r = in.at("rates");
  const FargateRates rates{rate(r, {"vcpu_hour"}), rate(r, {"gb_hour"}), rate_or_zero(r, "ephemeral_gb_hour")};
  const Ratio discount = ratio(in, "spot_discount", 0);
  const FargateCharge c =
      fargate_charge(vcpus(ratio(in, {"vcpu"})), gb(ratio(in, {"memory_gb"})), gb(ratio(in, "ephemeral_gb", 20)),
                     span_of(ratio(in, {"seconds_each"})), whole(ratio(in, "tasks", 1) * ratio(in, "runs", 1)), rates,
                     Ppm{whole(discount * Ratio{1'000'000})}, whole(ratio(in, "minimum_seconds", kMinimumSeconds)));
  return asked(expected, {{"billed_seconds_each", c.billed_seconds_each},
                          {"vcpu_usd", usd(c.vcpu)},
                          {"memory_usd", usd(c.memory)},
                          {"storage_usd", usd(c.storage)},
                          {"total_usd", usd(c.total())}});
}

Json eks_fargate_pod_size_kind(const Json& in, const Json& expected) {
  Cpu cpu{}, init_cpu{};
  Bytes memory{}, init_memory{};
  for (const Json& c : in.at("containers")) {
    cpu += cpu_millis(whole(ratio(c, "cpu_m", 0)));
    memory += mebibytes(whole(ratio(c, "memory_mib", 0)));
  }
  for (const Json& c : in.value("init_containers", Json::array())) {
    init_cpu = std::max(init_cpu, cpu_millis(whole(ratio(c, "cpu_m", 0))));
    init_memory = std::max(init_memory, mebibytes(whole(ratio(c, "memory_mib", 0))));
  }
  const auto size =
      eks_fargate_pod_size(cpu, memory, init_cpu, init_memory, mebibytes(whole(ratio(in, "overhead_mib", 256))));
  if (!size) {
    return asked(expected,
                 {{"schedulable", false}, {"vcpu", nullptr}, {"memory_gb", nullptr}, {"usd_per_hour", nullptr}});
  }
  const FargateRates rates{rate(in.at("rates"), {"vcpu_hour"}), rate(in.at("rates"), {"gb_hour"}), {}};
  return asked(expected, {{"schedulable", true},
                          {"vcpu", usd(in_vcpus(size->cpu))},
                          {"memory_gb", usd(in_gb(size->memory))},
                          {"usd_per_hour", usd(in_dollars(fargate_hour(size->cpu, size->memory, rates)))}});
}

Json eks_control_plane(const Json& in, const Json& expected) {
  const Money m = eks_control_plane_charge(in_hours_field(in, "standard_hours"), in_hours_field(in, "extended_hours"),
                                           rate(in, {"rate_standard"}), rate(in, {"rate_extended"}));
  return asked(expected, {{"total_usd", usd(m)}});
}

/// EKS Auto Mode and ECS Managed Instances.
Json managed_nodes(const Json& in, const Json& expected) {
  const Rate on_demand = rate(in, {"on_demand_usd_hour", "usd_per_hour"});
  const Rate paid = find(in, {"paid_usd_hour"}) != nullptr ? rate(in, {"paid_usd_hour"}) : on_demand;
  const Json* nodes = find(in, {"nodes", "instances", "count"});
  const ManagedNodeCharge c =
      managed_node_charge(nodes == nullptr ? 1 : whole(ratio(*nodes)), in_hours_field(in, "hours"), on_demand, paid,
                          ratio(in, {"fee_fraction"}));
  return asked(expected, {{"ec2_usd", usd(c.ec2)}, {"fee_usd", usd(c.fee)}, {"total_usd", usd(c.total())}});
}

Json ec2_on_demand_linux(const Json& in, const Json& expected) {
  std::vector<Duration> segments;
  for (const Json& s : in.at("running_segments_s")) segments.push_back(span_of(ratio(s)));
  const InstanceCharge c = ec2_on_demand_charge(rate(in, {"usd_per_hour"}), segments);
  return asked(expected, {{"billed_seconds", c.billed_seconds}, {"total_usd", usd(c.total)}});
}

Json ec2_cpu_credits_surplus(const Json& in, const Json& expected) {
  return asked(expected, {{"total_usd", usd(surplus_credit_charge(rate(in, {"rate"}), ratio(in, {"vcpu_hours"})))}});
}

Json ec2_spot_linux(const Json& in, const Json& expected) {
  const std::string ended_by = in.value("ended_by", "user");
  const SpotEnd end = ended_by == "user" ? SpotEnd::by_user : SpotEnd::interrupted;
  const InstanceCharge c = spot_charge(rate(in, {"usd_per_hour"}), span_of(ratio(in, {"running_s"})), end);
  return asked(expected, {{"billed_seconds", c.billed_seconds}, {"total_usd", usd(c.total)}});
}

Json spot_price_estimate_kind(const Json& in, const Json& expected) {
  const Ppm savings{whole(ratio(in, {"savings_pct"}) * Ratio{10'000})};
  return asked(expected,
               {{"usd_per_hour", usd(in_dollars(spot_price_estimate(rate(in, {"on_demand_usd_hour"}), savings)))}});
}

Json spot_price_history_integral(const Json& in, const Json& expected) {
  if (in.at("data_file") != "spot_price_history_m5.large_us-east-1_2021.csv")
    throw Unsupported("another price history");
  std::int64_t start = 0, end = 0;
  if (!data::parse_instant(in.at("start").get<std::string>(), start) ||
      !data::parse_instant(in.at("end").get<std::string>(), end)) {
    throw Unsupported("a time in another format");
  }
  const auto steps =
      steps_of_zone(Catalogue::built_in().spot_history(), in.at("availability_zone").get_ref<const std::string&>());
  const auto cost = spot_history_cost(steps, start, end);
  if (!cost) throw Unsupported("a zone without prices");
  return asked(expected, {{"total_usd", usd(*cost)}});
}

// --- disks, balancers, networks, observability

Json ebs_volume(const Json& in, const Json& expected) {
  const std::map<std::string, VolumeKind> kinds = {
      {"gp3", VolumeKind::gp3}, {"gp2", VolumeKind::gp2}, {"io1", VolumeKind::io1},          {"io2", VolumeKind::io2},
      {"st1", VolumeKind::st1}, {"sc1", VolumeKind::sc1}, {"standard", VolumeKind::standard}};
  const auto kind = kinds.find(in.at("type").get<std::string>());
  if (kind == kinds.end()) throw Unsupported("volume type " + in.at("type").dump());
  const Json& r = in.at("rates");
  const EbsCharge c =
      ebs_charge(kind->second, gb(ratio(in, {"size_gb"})), whole(ratio(in, "iops", 0)),
                 whole(ratio(in, "throughput_mbps", 0)), span_of(ratio(in, {"provisioned_s"})),
                 whole(ratio(in, {"month_s"})), {rate(r, {"gb"}), rate_or_zero(r, "iops"), rate_or_zero(r, "mbps")});
  return asked(expected, {{"storage_usd", usd(c.storage)},
                          {"iops_usd", usd(c.iops)},
                          {"throughput_usd", usd(c.throughput)},
                          {"total_usd", usd(c.total())}});
}

Json alb(const Json& in, const Json& expected) {
  AlbTraffic t;
  t.new_connections_per_s = ratio(in, "new_connections_per_s", 0);
  t.active_connections = ratio(in, "active_connections", 0);
  t.gb_per_hour = ratio(in, "gb_per_hour", 0);
  t.requests_per_s = ratio(in, "requests_per_s", 0);
  t.rules = whole(ratio(in, "rules", 0));
  t.lambda_targets = in.value("lambda_targets", false);
  t.mutual_tls = in.value("mutual_tls", in.value("mtls", false));
  const AlbUnits units = alb_units(t);
  Json dimensions = Json::object();
  for (std::size_t i = 0; i < units.by_dimension.size(); ++i) {
    dimensions[std::string(to_string(static_cast<LcuDimension>(i)))] = units.by_dimension[i].to_double();
  }
  const LoadBalancerCharge c =
      alb_charge(in_hours_field(in, "hours"), units.lcu, rate(in, {"rate_hour"}), rate(in, {"rate_lcu"}));
  return asked(expected, {{"lcu_by_dimension", dimensions},
                          {"lcu", units.lcu.to_double()},
                          {"binding", std::string(to_string(units.binding))},
                          {"hour_usd", usd(c.hours)},
                          {"lcu_usd", usd(c.usage)},
                          {"total_usd", usd(c.total())}});
}

Json nlb(const Json& in, const Json& expected) {
  Json protocols = Json::object();
  Ratio sum;
  const std::pair<const char*, NlbProtocol> kinds[] = {
      {"tcp", NlbProtocol::tcp}, {"udp", NlbProtocol::udp}, {"tls", NlbProtocol::tls}};
  for (const auto& [name, protocol] : kinds) {
    const Json p = in.value(name, Json::object());
    const Ratio units =
        nlb_units(protocol, {ratio(p, "new_per_s", 0), ratio(p, "active", 0), ratio(p, "gb_per_hour", 0)});
    protocols[name] = units.to_double();
    sum += units;
  }
  const LoadBalancerCharge c =
      nlb_charge(in_hours_field(in, "hours"), sum, rate(in, {"rate_hour"}), rate(in, {"rate_nlcu"}));
  return asked(expected, {{"nlcu_by_protocol", protocols},
                          {"nlcu", sum.to_double()},
                          {"hour_usd", usd(c.hours)},
                          {"nlcu_usd", usd(c.usage)},
                          {"total_usd", usd(c.total())}});
}

Json clb(const Json& in, const Json& expected) {
  const LoadBalancerCharge c = clb_charge(in_hours_field(in, "hours"), gb(ratio(in, {"gb", "processed_gb"})),
                                          rate(in, {"rate_hour"}), rate(in, {"rate_gb"}));
  return asked(expected, {{"hour_usd", usd(c.hours)}, {"data_usd", usd(c.usage)}, {"total_usd", usd(c.total())}});
}

Json nat_gateway(const Json& in, const Json& expected) {
  const NatCharge c = nat_gateway_charge(in_hours_field(in, "hours") * whole(ratio(in, "gateways", 1)),
                                         gb(ratio(in, {"gb"})), rate(in, {"rate_hour"}), rate(in, {"rate_gb"}));
  return asked(expected, {{"hour_usd", usd(c.hours)}, {"data_usd", usd(c.data)}, {"total_usd", usd(c.total())}});
}

Json public_ipv4(const Json& in, const Json& expected) {
  const Money m = public_ipv4_charge(whole(ratio(the_amount(in, {"addresses", "count", "ips"}))),
                                     in_hours_field(in, "hours"), round_rate(ratio(the_rate(in))));
  return asked(expected, {{"total_usd", usd(m)}});
}

Json tiered_gb(const Json& in, const Json& expected) {
  std::vector<Tier> tiers;
  for (const Json& t : in.at("tiers")) {
    Tier tier{std::nullopt, rate(t, {"usd_per_gb"})};
    if (t.contains("gb") && !t.at("gb").is_null()) tier.gb = ratio(t.at("gb"));
    tiers.push_back(tier);
  }
  Json parts = Json::array();
  Money total{};
  for (const Money m : tiered_charge(ratio(in, {"gb"}), tiers)) {
    parts.push_back(usd(m));
    total += m;
  }
  return asked(expected, {{"tier_usd", parts}, {"total_usd", usd(total)}});
}

Json cross_az(const Json& in, const Json& expected) {
  const Money m = cross_zone_charge(ratio(the_amount(in, {"gb", "gb_moved"})), round_rate(ratio(the_rate(in))));
  return asked(expected, {{"total_usd", usd(m)}});
}

Json cloudwatch_logs(const Json& in, const Json& expected) {
  const Json& r = in.at("rates");
  const LogsCharge c =
      cloudwatch_logs_charge(ratio(in, "ingest_gb", 0), ratio(in, "stored_gb_month", 0), ratio(in, "scanned_gb", 0),
                             rate_or_zero(r, "ingest"), rate_or_zero(r, "store"), rate_or_zero(r, "scan"));
  return asked(expected, {{"ingest_usd", usd(c.ingest)},
                          {"store_usd", usd(c.store)},
                          {"scan_usd", usd(c.scan)},
                          {"total_usd", usd(c.total())}});
}

/// Counts of alarms by kind, each with its rate. The rate of an anomaly alarm is stated for the alarm, else it counts
/// three metrics of its resolution. What the names tell: "anomaly", "high" resolution, "rate" or "usd".
Json cloudwatch_alarms(const Json& in, const Json& expected) {
  const auto says = [](const std::string& name, const char* part) { return name.find(part) != std::string::npos; };
  // By anomaly (or not) and high resolution (or standard).
  std::map<std::pair<bool, bool>, Rate> rates;
  const auto read_rate = [&](const std::string& name, const Json& value) {
    rates[{says(name, "anomaly"), says(name, "high")}] = round_rate(ratio(value));
  };
  const Json stated = in.value("rates", Json::object());
  for (const auto& [name, value] : stated.items()) read_rate(name, value);
  for (const auto& [name, value] : in.items()) {
    if (value.is_number() && (says(name, "rate") || says(name, "usd"))) read_rate(name, value);
  }
  const auto charge = [&](Ratio metrics, bool anomaly, bool high) {
    if (const auto own = rates.find({anomaly, high}); own != rates.end()) {
      return cloudwatch_alarm_charge(metrics, own->second);
    }
    // One rate alone is of what is counted, whatever that is.
    const auto metric = rates.size() == 1 ? rates.begin() : rates.find({false, high});
    if (metric == rates.end()) throw Unsupported("an alarm without a rate");
    const bool times = anomaly && !metric->first.first;
    return cloudwatch_alarm_charge(times ? metrics * Ratio{kAnomalyAlarmMetrics} : metrics, metric->second);
  };
  const auto is_set = [&](const char* name) { return in.contains(name) && in.at(name) == true; };
  const bool anomaly = is_set("anomaly") || is_set("anomaly_detection");
  const bool high = is_set("high_resolution") || in.value("resolution", "") == "high";
  const Ratio times = ratio(in, "months", 1) * ratio(in, "metrics_per_alarm", 1);
  Json answer = Json::object();
  Money total{};
  bool any = false;
  for (const auto& [name, value] : in.items()) {
    if (!value.is_number() || says(name, "rate") || says(name, "usd") || says(name, "month") ||
        name == "metrics_per_alarm") {
      continue;
    }
    const Money m = charge(ratio(value) * times, anomaly || says(name, "anomaly"), high || says(name, "high"));
    answer[name + "_usd"] = usd(m);
    total += m;
    any = true;
  }
  if (!any) throw Unsupported("no alarms");
  answer["total_usd"] = usd(total);
  return asked(expected, answer);
}

Json lambda(const Json& in, const Json& expected) {
  const Json& r = in.at("rates");
  const LambdaCharge c =
      lambda_charge(whole(ratio(in, {"requests"})), ratio(in, {"duration_ms"}), whole(ratio(in, {"memory_mb"})),
                    rate(r, {"per_million"}), rate(r, {"gb_second"}), in.value("free_tier", false));
  return asked(expected, {{"gb_seconds", c.gb_seconds.to_double()},
                          {"request_usd", usd(c.requests)},
                          {"duration_usd", usd(c.duration)},
                          {"total_usd", usd(c.total())}});
}

// --- allocation, commitments, comparison

Json split_cost_allocation_kind(const Json& in, const Json& expected) {
  std::vector<ScadPod> pods;
  for (const Json& w : in.at("workloads")) {
    pods.push_back({w.at("name").get<std::string>(), ratio(w, "reserved_vcpu", 0), ratio(w, "used_vcpu", 0),
                    ratio(w, "reserved_gb", 0), ratio(w, "used_gb", 0)});
  }
  const ScadSplit split =
      split_cost_allocation(ratio(in, {"instance_usd"}), ratio(in, {"vcpu"}), ratio(in, {"memory_gb"}), pods,
                            whole(ratio(in, "cpu_weight", 9)), whole(ratio(in, "memory_weight", 1)));
  Json rows = Json::array();
  for (const ScadShare& p : split.pods) {
    rows.push_back({{"name", p.name},
                    {"vcpu_split_ratio", p.vcpu_split_ratio.to_double()},
                    {"memory_split_ratio", p.memory_split_ratio.to_double()},
                    {"vcpu_unused_ratio", p.vcpu_unused_ratio.to_double()},
                    {"memory_unused_ratio", p.memory_unused_ratio.to_double()},
                    {"split_usd", usd(p.split_usd)},
                    {"unused_usd", usd(p.unused_usd)},
                    {"total_usd", usd(p.total_usd())}});
  }
  return asked(expected, {{"usd_per_vcpu_hour", usd(split.usd_per_vcpu_hour)},
                          {"usd_per_gb_hour", usd(split.usd_per_gb_hour)},
                          {"unused_vcpu", split.unused_vcpu.to_double()},
                          {"unused_gb", split.unused_gb.to_double()},
                          {"pods", rows},
                          {"sum_total_usd", usd(split.sum())}});
}

OpenCostBase base_of(const Json& in) {
  OpenCostBase base;
  const Json b = in.value("base", Json::object());
  if (b.contains("cpu")) base.cpu = ratio(b.at("cpu"));
  if (b.contains("ram_gb")) base.ram_gb = ratio(b.at("ram_gb"));
  if (b.contains("gpu")) base.gpu = ratio(b.at("gpu"));
  return base;
}

Json opencost_node_price_split(const Json& in, const Json& expected) {
  const OpenCostPrices p = opencost_prices(ratio(in, {"node_price"}), ratio(in, {"cpu_cores"}), ratio(in, {"ram_gb"}),
                                           ratio(in, "gpus", 0), base_of(in));
  return asked(expected, {{"ram_gb_price", usd(p.ram_gb)}, {"cpu_price", usd(p.cpu)}, {"gpu_price", usd(p.gpu)}});
}

Json opencost_allocation_kind(const Json& in, const Json& expected) {
  std::vector<OpenCostPod> pods;
  for (const Json& w : in.at("workloads")) {
    pods.push_back({w.at("name").get<std::string>(), ratio(w, "cpu_request", 0), ratio(w, "cpu_usage", 0),
                    ratio(w, "ram_request_gb", 0), ratio(w, "ram_usage_gb", 0)});
  }
  const OpenCostSplit split = opencost_allocation(ratio(in, {"node_usd"}), ratio(in, {"cpu_cores"}),
                                                  ratio(in, {"ram_gb"}), ratio(in, "gpus", 0), ratio(in, "hours", 1),
                                                  base_of(in), pods, in.value("share_idle", false));
  const Json wanted = expected.contains("workloads") && !expected.at("workloads").empty()
                          ? expected.at("workloads").front()
                          : Json::object();
  // Where the share of the idle cost is asked for by itself, the cost of a workload is its own.
  const bool apart = std::any_of(wanted.items().begin(), wanted.items().end(),
                                 [](const auto& entry) { return entry.key().find("idle") != std::string::npos; });
  const OpenCostSplit own =
      opencost_allocation(ratio(in, {"node_usd"}), ratio(in, {"cpu_cores"}), ratio(in, {"ram_gb"}),
                          ratio(in, "gpus", 0), ratio(in, "hours", 1), base_of(in), pods, false);
  Json rows = Json::array();
  for (std::size_t i = 0; i < split.pods.size(); ++i) {
    const OpenCostShare& shared = split.pods[i];
    const OpenCostShare& p = apart ? own.pods[i] : shared;
    const Ratio idle = shared.idle_cpu_usd + shared.idle_ram_usd;
    rows.push_back(asked(wanted, {{"name", p.name},
                                  {"cpu_usd", usd(p.cpu_usd)},
                                  {"ram_usd", usd(p.ram_usd)},
                                  {"idle_cpu_usd", usd(shared.idle_cpu_usd)},
                                  {"idle_ram_usd", usd(shared.idle_ram_usd)},
                                  {"idle_usd", usd(idle)},
                                  {"idle_share_usd", usd(idle)},
                                  {"shared_idle_usd", usd(idle)},
                                  {"total_usd", usd(shared.cpu_usd + shared.ram_usd)},
                                  {"cpu_efficiency", p.cpu_efficiency.to_double()},
                                  {"ram_efficiency", p.ram_efficiency.to_double()},
                                  {"total_efficiency", p.total_efficiency.to_double()}}));
  }
  return asked(expected, {{"idle_cpu_usd", usd(split.idle_cpu_usd)},
                          {"idle_ram_usd", usd(split.idle_ram_usd)},
                          {"idle_usd", usd(split.idle_usd)},
                          {"idle_pct", split.idle_fraction.to_double()},
                          {"over_allocated", split.over_allocated},
                          {"workloads", rows}});
}

Json regional_ri(const Json& in, const Json& expected) {
  const Json& r = in.at("ri");
  const ReservedInstances reserved{r.at("type").get<std::string>(), whole(ratio(r, "count", 1)),
                                   rate(r, {"effective_usd_hour"})};
  std::vector<TypeUsage> usage;
  for (const Json& u : in.at("usage")) {
    usage.push_back({u.at("type").get<std::string>(), whole(ratio(u, {"count"})), rate(u, {"on_demand"})});
  }
  const ReservedCoverage c = apply_regional_reservation(reserved, usage, ratio(in, "hours", 1));
  return asked(expected, {{"covered_units", c.covered_units.to_double()},
                          {"uncovered_units", c.uncovered_units.to_double()},
                          {"total_usd", usd(c.total)}});
}

Json compute_savings_plan_hour(const Json& in, const Json& expected) {
  std::vector<SavingsPlanUsage> usage;
  for (const Json& u : in.at("usage")) {
    usage.push_back(
        {u.at("name").get<std::string>(), ratio(u, {"quantity"}), rate(u, {"on_demand"}), rate(u, {"sp_rate"})});
  }
  const SavingsPlanHour hour = apply_savings_plan(round_money(ratio(in, {"commitment_usd_hour"})), usage);
  Json order = Json::array(), lines = Json::array();
  for (const SavingsPlanLine& l : hour.lines) {
    order.push_back(l.name);
    lines.push_back({{"name", l.name},
                     {"covered_fraction", l.covered_fraction.to_double()},
                     {"sp_usd", usd(l.plan)},
                     {"on_demand_usd", usd(l.on_demand)}});
  }
  return asked(expected, {{"order", order},
                          {"lines", lines},
                          {"unused_commitment_usd", usd(hour.unused)},
                          {"total_usd", usd(hour.total)}});
}

Json crossover(const Json& in, const Json& expected) {
  const Crossover c = crossover_utilisation(rate(in, {"ec2_usd_hour"}), ratio(in, {"ec2_vcpu"}), ratio(in, {"ec2_gb"}),
                                            rate(in, {"fargate_vcpu_hour"}), rate(in, {"fargate_gb_hour"}));
  return asked(expected, {{"ec2_bundle", usd(c.ec2_bundle)},
                          {"fargate_bundle", usd(c.fargate_bundle)},
                          {"utilisation", c.utilisation.to_double()}});
}

Json focus_row_check(const Json& in, const Json& expected) {
  if (in.value("focus_version", "1.2") != "1.2") throw Unsupported("another version of FOCUS");
  FocusRow row;
  for (const auto& [name, value] : in.at("row").items()) {
    if (value.is_null()) {
      row.emplace(name, std::nullopt);
    } else {
      row.emplace(name, value.is_string() ? value.get<std::string>() : value.dump());
    }
  }
  const std::vector<std::string> violations = focus_violations(row);
  return asked(expected, {{"valid", violations.empty()}, {"violations", violations}});
}

bool same_violations(const Json& expected, const Json& actual) {
  Json a = expected, b = actual;
  for (Json* x : {&a, &b}) {
    if (x->contains("violations") && x->at("violations").is_array()) {
      std::sort(x->at("violations").begin(), x->at("violations").end());
    }
  }
  return a == b;
}

}  // namespace

void register_cost(std::vector<Topic>& topics) {
  const auto add = [&](std::string_view kind, Json (*evaluate)(const Json&, const Json&)) {
    topics.push_back({"cost", kind, evaluate, nullptr});
  };
  add("fargate_run", fargate_run);
  add("eks_fargate_pod_size", eks_fargate_pod_size_kind);
  add("eks_control_plane", eks_control_plane);
  add("eks_auto_mode", managed_nodes);
  add("ecs_managed_instances", managed_nodes);
  add("ec2_on_demand_linux", ec2_on_demand_linux);
  add("ec2_cpu_credits_surplus", ec2_cpu_credits_surplus);
  add("ec2_spot_linux", ec2_spot_linux);
  add("spot_price_estimate", spot_price_estimate_kind);
  add("spot_price_history_integral", spot_price_history_integral);
  add("ebs_volume", ebs_volume);
  add("alb", alb);
  add("nlb", nlb);
  add("clb", clb);
  add("nat_gateway", nat_gateway);
  add("public_ipv4", public_ipv4);
  add("tiered_gb", tiered_gb);
  add("cross_az", cross_az);
  add("cloudwatch_logs", cloudwatch_logs);
  add("cloudwatch_alarms", cloudwatch_alarms);
  add("lambda", lambda);
  add("split_cost_allocation", split_cost_allocation_kind);
  add("opencost_node_price_split", opencost_node_price_split);
  add("opencost_allocation", opencost_allocation_kind);
  add("regional_ri", regional_ri);
  add("compute_savings_plan_hour", compute_savings_plan_hour);
  add("crossover_utilisation", crossover);
  topics.push_back({"cost", "focus_row_check", focus_row_check, same_violations});
}

}  // namespace plimsoll::conformance
