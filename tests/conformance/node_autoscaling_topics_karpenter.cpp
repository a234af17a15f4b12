// compiled alone: names of EKS that Kubernetes has too
#include <algorithm>
#include <chrono>
#include <cmath>

#include "models/eks/karpenter/budgets.h"
#include "models/eks/karpenter/disruption.h"
#include "models/eks/karpenter/eviction_cost.h"
#include "models/eks/karpenter/provisioning.h"
#include "tests/conformance/node_autoscaling_fixture.h"

namespace plimsoll::conformance {

namespace {

using namespace plimsoll::eks;  // NOLINT(google-build-using-namespace)

constexpr karpenter::Release kVectorsRelease{0, 36};

Json eviction(const Json& input, const Json&) {
  return {{"cost", karpenter::eviction_cost(whole(input, "pod_deletion_cost"), whole(input, "priority"))}};
}

std::int64_t unix_time(const std::string& text) {
  const auto part = [&](std::size_t at, std::size_t length) { return std::stoi(text.substr(at, length)); };
  const std::chrono::sys_days day = std::chrono::year{part(0, 4)} / part(5, 2) / part(8, 2);
  return std::int64_t{day.time_since_epoch().count()} * 86'400 + part(11, 2) * 3600 + part(14, 2) * 60 + part(17, 2);
}

Json budgets(const Json& input, const Json&) {
  std::vector<karpenter::Budget> list;
  for (const Json& b : input.at("budgets")) {
    karpenter::Budget budget;
    const std::string nodes = word(b, "nodes");
    budget.percent = nodes.ends_with('%');
    budget.nodes = std::stoll(nodes);
    if (b.contains("schedule")) {
      const auto schedule =
          kubernetes::CronSchedule::parse(word(b, "schedule"), kubernetes::KubernetesVersion::current);
      if (!schedule) throw std::runtime_error(schedule.error);
      budget.schedule = *schedule.value;
      budget.duration = minutes(whole(b, "duration_min"));
    }
    list.push_back(std::move(budget));
  }
  const std::int64_t allowed = karpenter::allowed_disruptions(
      list, whole(input, "num_nodes"), unix_time(word(input, "now_utc")), karpenter::DisruptionReason::underutilized);
  return {{"allowed", allowed == karpenter::kUnbounded ? Json("unbounded") : Json(allowed)}};
}

/// A cluster with Karpenter's view of it.
struct KarpenterCase {
  Names names;
  ShapeTable shapes;
  Snapshot snapshot;
  karpenter::WellKnownLabels known{names};
  kubernetes::Framework framework{karpenter::karpenter_profile(kubernetes::KubernetesVersion::v1_26), names};
  kubernetes::Scratch scratch;
  std::uint64_t simulated = 0;
  Simulation sim{snapshot, framework, scratch, shapes, names, simulated};
  karpenter::InstanceTypes types;
  std::vector<karpenter::NodePool> pools;
  std::vector<karpenter::ClusterNode> nodes;

  KarpenterCase() {
    for (const char* zone : {"z1", "z2", "z3"}) types.zones.push_back(names.intern(zone));
    Json list = companion("karpenter_catalog").at("instance_types");  // the made-up one that both sets use
    std::sort(list.begin(), list.end(), [](const Json& a, const Json& b) { return word(a, "name") < word(b, "name"); });
    for (const Json& t : list) types.types.push_back(type_of(t));
  }

  karpenter::InstanceType type_of(const Json& t) {
    karpenter::InstanceType type;
    type.name = names.intern(word(t, "name"));
    type.capacity = resources_of(whole(t, "capacity_cpu_m"), whole(t, "capacity_mem_b"), whole(t, "max_pods"));
    type.allocatable = resources_of(whole(t, "alloc_cpu_m"), whole(t, "alloc_mem_b"), whole(t, "max_pods"));
    std::vector<NameId> kinds;
    std::vector<NameId> zones;
    for (const Json& o : t.at("offerings")) {
      karpenter::Offering offering;
      offering.zone = static_cast<std::uint8_t>(word(o, "zone").at(1) - '1');
      offering.capacity_type =
          word(o, "capacity_type") == "spot" ? karpenter::CapacityType::spot : karpenter::CapacityType::on_demand;
      offering.price = Rate{std::llround(o.at("price").get<double>() * 1e12)};
      offering.available = o.at("available");
      type.offerings.push_back(offering);
      kinds.push_back(names.intern(word(o, "capacity_type")));
      zones.push_back(names.intern(word(o, "zone")));
    }
    const auto in = [&](NameId key, std::vector<NameId> values) {
      type.labels.add(karpenter::KeyRequirement::in(key, std::move(values)), names);
    };
    in(known.instance_type, {type.name});
    in(known.arch, {names.intern(word(t, "arch"))});
    in(known.os, {names.intern("linux")});
    in(known.capacity_type, kinds);
    in(known.zone, zones);
    return type;
  }

  void add_pool(const Json& p) {
    karpenter::NodePool pool;
    pool.name = word(p, "name");
    pool.name_id = names.intern(pool.name);
    pool.weight = static_cast<std::int32_t>(whole(p, "weight"));
    const auto in = [&](NameId key, const Json& values) {
      std::vector<NameId> ids;
      for (const Json& v : values) ids.push_back(names.intern(v.get<std::string>()));
      pool.requirements.add(karpenter::KeyRequirement::in(key, ids), names);
    };
    in(known.arch, p.at("archs"));
    in(known.capacity_type, p.at("capacity_types"));
    in(known.zone, p.at("zones"));
    if (!p.at("instance_types").is_null()) in(known.instance_type, p.at("instance_types"));
    if (const std::int64_t least = whole(p, "min_values_instance_types"); least > 0) {
      karpenter::KeyRequirement r = karpenter::KeyRequirement::exists(known.instance_type);
      r.min_values = least;
      pool.requirements.add(r, names);
    }
    if (const std::int64_t limit = whole(p, "cpu_limit_m"); limit > 0) pool.cpu_limit = cpu_millis(limit);
    pools.push_back(std::move(pool));
  }

  karpenter::Cluster view() { return {sim, types, pools, known, nodes, {}}; }

  Json values(const karpenter::PlannedClaim& claim, NameId key) const {
    std::vector<std::string> out;
    if (const karpenter::KeyRequirement* r = claim.requirements.find(key)) {
      for (const NameId v : r->values) out.emplace_back(names.text(v));
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  Json type_names(const karpenter::PlannedClaim& claim) const {
    std::vector<std::string> out;
    for (const std::uint32_t t : claim.types) out.emplace_back(names.text(types[t].name));
    std::sort(out.begin(), out.end());
    return out;
  }
};

Json provision(const Json& input, const Json&) {
  KarpenterCase c;
  for (const Json& p : input.at("nodepools")) c.add_pool(p);
  std::vector<karpenter::SchedulingPod> pending;
  std::vector<std::string> group_of;
  for (const Json& g : input.at("pod_groups")) {
    PodShape s = shape_of(whole(g, "cpu_m"), whole(g, "mem_b"));
    s.namespace_name = c.names.intern("default");
    const NameId app = c.names.intern("app");
    const NameId name = c.names.intern(word(g, "name"));
    s.labels.set(app, name);
    for (const auto& [key, value] : g.at("node_selector").items()) {
      s.node_selector.emplace_back(c.names.intern(key), c.names.intern(value.get<std::string>()));
    }
    if (g.at("hostname_anti_affinity").get<bool>()) {
      LabelSelector selector;
      selector.present = true;
      selector.requirements.push_back({app, SelectorOp::in, {name}, 0});
      s.anti_required.push_back({selector, c.known.hostname, {}});
    }
    const ShapeId shape = c.shapes.intern(s);
    for (std::int64_t i = 0; i < whole(g, "count"); ++i) {
      pending.push_back({PodId{pending.size()}, shape, kTimeZero});
      group_of.push_back(word(g, "name"));
    }
  }
  const karpenter::ProvisioningPlan plan = karpenter::plan_provisioning(
      c.view(), {.pending = pending, .pods = nullptr, .templates = nullptr, .release = kVectorsRelease});
  Json claims = Json::array();
  for (const karpenter::PlannedClaim& claim : plan.claims) {
    const karpenter::OfferingMask mask = c.types.mask(claim.requirements, c.known, c.names);
    Json pods = Json::object();
    for (const PodId id : claim.pods) {
      const std::string& group = group_of.at(id.index());
      pods[group] = pods.value(group, 0) + 1;
    }
    claims.push_back({{"nodepool", c.pools[claim.pool].name},
                      {"pods", pods},
                      {"instance_types", c.type_names(claim)},
                      {"capacity_types", c.values(claim, c.known.capacity_type)},
                      {"zones", c.values(claim, c.known.zone)},
                      {"cheapest_type", c.names.text(c.types[claim.types.front()].name)},
                      {"cheapest_price", c.types.cheapest(claim.types.front(), mask)},
                      {"requests_cpu_m", claim.requests[Resource::cpu] / kCpuTicksPerMilli},
                      {"requests_mem_b", claim.requests[Resource::memory]}});
  }
  Json unschedulable = Json::object();
  for (const PodId id : plan.unschedulable) {
    const std::string& group = group_of.at(id.index());
    unschedulable[group] = unschedulable.value(group, 0) + 1;
  }
  return {{"node_claims", claims}, {"unschedulable", unschedulable}};
}

/// The claims of a run have no order of their own.
bool same_claims(const Json& expected, const Json& actual) {
  const auto sorted = [](Json value) {
    if (value.contains("node_claims") && value.at("node_claims").is_array()) {
      Json& list = value["node_claims"];
      std::sort(list.begin(), list.end(), [](const Json& a, const Json& b) { return a.dump() < b.dump(); });
    }
    return value;
  };
  return equal_within(sorted(expected), sorted(actual));
}

Json consolidation(const Json& input, const Json&) {
  KarpenterCase c;
  c.add_pool(input.at("nodepool"));
  const Time now = kTimeZero + hours(24 * 365);
  const std::int64_t expire = whole(input, "expire_after_h");
  c.pools[0].expire_after = expire > 0 ? std::optional(hours(expire)) : std::nullopt;
  karpenter::Budget all;
  all.nodes = 100;
  if (word(input, "budget") != "100%") throw Unsupported("budget " + word(input, "budget"));
  c.pools[0].budgets = {all};
  Facts facts;
  std::map<std::string, Row> rows;
  for (const Json& n : input.at("nodes")) {
    karpenter::ClusterNode node;
    node.id = NodeId{c.nodes.size()};
    node.name = c.names.intern(word(n, "name"));
    node.pool = 0;
    node.type = static_cast<std::uint32_t>(c.types.find(c.names.intern(word(n, "instance_type"))).value());
    node.zone = static_cast<std::uint8_t>(word(n, "zone").at(1) - '1');
    node.capacity_type =
        word(n, "capacity_type") == "spot" ? karpenter::CapacityType::spot : karpenter::CapacityType::on_demand;
    node.do_not_disrupt = n.at("do_not_disrupt");
    node.created = now - hours(whole(n, "age_h"));
    node.row = c.snapshot.add_node(
        karpenter::node_of(c.view(), 0, node.type, node.zone, node.capacity_type, node.id, node.name));
    rows[word(n, "name")] = node.row;
    c.nodes.push_back(node);
  }
  for (const Json& p : input.at("pods")) {
    PodShape s = shape_of(whole(p, "cpu_m"), whole(p, "mem_b"));
    s.namespace_name = c.names.intern("default");
    s.priority = static_cast<std::int32_t>(whole(p, "priority"));
    const ShapeId shape = c.shapes.intern(s);
    PodFacts f;
    f.do_not_disrupt = p.value("do_not_disrupt", false);
    f.deletion_cost = whole(p, "pod_deletion_cost");
    const PodId id = facts.add(f);
    c.snapshot.add_pod(rows.at(word(p, "node")),
                       {.id = id, .shape = shape, .priority = s.priority, .terminating = false, .start = {}}, s);
  }
  karpenter::DisruptionInput in;
  in.pods = &facts;
  in.now = now;
  in.release = kVectorsRelease;
  in.spot_to_spot_consolidation = input.at("spot_to_spot_consolidation");
  karpenter::DisruptionState state;
  const karpenter::DisruptionDecision d = karpenter::plan_disruption(c.view(), in, state);
  if (!d.command) return {{"decision", "no-op"}};
  std::vector<std::string> candidates;
  for (const NodeId id : d.command->nodes) candidates.emplace_back(c.names.text(c.nodes[id.index()].name));
  std::sort(candidates.begin(), candidates.end());
  Json replacements = Json::array();
  for (const karpenter::PlannedClaim& claim : d.command->replacements) {
    replacements.push_back({{"instance_types", c.type_names(claim)},
                            {"capacity_types", c.values(claim, c.known.capacity_type)},
                            {"zones", c.values(claim, c.known.zone)},
                            {"pods", claim.pods.size()}});
  }
  return {{"decision", d.command->is_delete() ? "delete" : "replace"},
          {"method", karpenter::to_string(d.command->method)},
          {"candidates", candidates},
          {"replacements", replacements}};
}

}  // namespace

void register_karpenter(std::vector<Topic>& topics) {
  const std::string_view folder = "node-autoscaling";
  topics.push_back({folder, "karpenter_eviction_cost", eviction, nullptr});
  topics.push_back({folder, "karpenter_budgets", budgets, nullptr});
  topics.push_back({folder, "karpenter_provision", provision, same_claims});
  topics.push_back({folder, "karpenter_consolidation", consolidation, nullptr});
}

}  // namespace plimsoll::conformance
