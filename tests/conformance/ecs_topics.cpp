#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "models/ecs/az_rebalance.h"
#include "models/ecs/capacity_provider_reservation.h"
#include "models/ecs/capacity_provider_strategy.h"
#include "models/ecs/cas_needed_instances.h"
#include "models/ecs/circuit_breaker.h"
#include "models/ecs/cluster_query_language.h"
#include "models/ecs/deployment_percent.h"
#include "models/ecs/ecs_metrics.h"
#include "models/ecs/placement.h"
#include "models/ecs/task_reservation.h"
#include "tests/conformance/conformance.h"

namespace plimsoll::conformance {

/// Topics of models/aws (alarms, scaling policies, cron, Fargate, Auto Scaling groups); in ecs_aws_topics.cpp.
void register_ecs_aws(std::vector<Topic>& topics);

namespace {

using namespace plimsoll::ecs;

/// As the vectors write percentages: four decimals, halves to even.
double four_decimals(double x) { return std::nearbyint(x * 1e4) / 1e4; }

std::int64_t integer(const Json& object, const char* key, std::int64_t fallback) {
  return object.contains(key) && !object.at(key).is_null() ? object.at(key).get<std::int64_t>() : fallback;
}

/// The keys that are asked for.
Json only_asked(const Json& expected, Json answer) {
  Json out = Json::object();
  for (const auto& [key, value] : answer.items()) {
    if (expected.contains(key)) out[key] = value;
  }
  return out;
}

Json rejected(const std::string& why) { return Json{{"error", why}}; }

/// An error is an error, in whatever words; everything else by the default comparison.
bool matches_or_rejects(const Json& expected, const Json& actual) {
  if (expected.contains("error")) {
    return actual.contains("error") && expected.size() == 1 && expected.at("error").is_string() &&
           !expected.at("error").get_ref<const std::string&>().empty();
  }
  return equal_within(expected, actual);
}

// --- capacity_provider_strategy

Json capacity_provider_strategy(const Json& input, const Json&) {
  std::vector<ProviderShare> strategy;
  for (const Json& item : input.at("strategy")) {
    strategy.push_back({item.value("capacityProvider", ""), integer(item, "weight", 0), integer(item, "base", 0)});
  }
  const auto errors = strategy_errors(strategy);
  if (!errors.empty()) return rejected(errors.front());
  std::vector<std::int64_t> current(strategy.size(), 0);
  if (input.contains("current")) {
    for (std::size_t i = 0; i < strategy.size(); ++i) {
      current[i] = integer(input.at("current"), strategy[i].provider.c_str(), 0);
    }
  }
  const auto tasks = split_tasks(strategy, input.at("desired").get<std::int64_t>(), current);
  Json answer = Json::object();
  for (std::size_t i = 0; i < strategy.size(); ++i) answer[strategy[i].provider] = tasks[i];
  return Json{{"tasks", answer}};
}

// --- deployment_percent

Json deployment_percent(const Json& input, const Json& expected) {
  const bool daemon = input.value("schedulingStrategy", "REPLICA") == "DAEMON";
  const DeploymentBounds b = deployment_bounds(input.at("desiredCount").get<std::int64_t>(),
                                               integer(input, "minimumHealthyPercent", daemon ? 0 : 100),
                                               integer(input, "maximumPercent", daemon ? 100 : 200));
  return only_asked(expected, Json{{"lower", b.lower},
                                   {"upper", b.upper},
                                   {"can_stop_first", b.can_stop_first},
                                   {"can_start_first", b.can_start_first},
                                   {"stuck", b.stuck}});
}

// --- circuit_breaker

Json circuit_breaker(const Json& input, const Json&) {
  CircuitBreaker breaker;
  breaker.minimum = integer(input, "minimumThreshold", breaker.minimum);
  breaker.maximum = integer(input, "maximumThreshold", breaker.maximum);
  breaker.value = integer(input, "percent", integer(input, "value", breaker.value));
  const std::string type = input.value("type", "");
  if (type == "UNBOUNDED_PERCENT") breaker.type = BreakerThreshold::unbounded_percent;
  if (type == "COUNT") breaker.type = BreakerThreshold::count;
  return Json{{"threshold", breaker_threshold(breaker, input.at("desiredCount").get<std::int64_t>())}};
}

// --- capacity_provider_reservation

Json reservation(const Json& input, const Json& expected) {
  const std::int64_t running = input.at("runningInstances").get<std::int64_t>();
  const std::int64_t needed = input.at("neededInstances").get<std::int64_t>();
  const ManagedScalingDecision d = managed_scaling_decision(running, needed, integer(input, "targetCapacity", 100));
  static constexpr const char* kNames[] = {"none", "out", "in"};
  return only_asked(expected, Json{{"metric", four_decimals(capacity_provider_reservation(running, needed).percent())},
                                   {"direction", kNames[static_cast<std::size_t>(d.direction)]},
                                   {"desired", d.desired}});
}

// --- cas_needed_instances

std::int64_t enis_of(const Json& group) {
  if (group.contains("eni")) return group.at("eni").get<std::int64_t>();
  if (group.contains("awsvpc")) return group.at("awsvpc").get<bool>() ? 1 : 0;
  return group.value("networkMode", "") == "awsvpc" ? 1 : 0;
}

/// Host port 0 is a dynamic one; several come as a list, or there is just word that there are any.
bool has_static_port(const Json& group) {
  for (const char* key : {"hostPort", "hostPorts", "port", "ports", "staticPort", "staticPorts"}) {
    if (!group.contains(key)) continue;
    const Json& v = group.at(key);
    if (v.is_boolean() ? v.get<bool>() : v.is_number() ? v.get<std::int64_t>() > 0 : v.is_array() && !v.empty()) {
      return true;
    }
  }
  return false;
}

InstanceRoom room_of(const Json& instance) {
  return {cpu_ecs_units(instance.at("cpu").get<std::int64_t>()), mebibytes(instance.at("memory").get<std::int64_t>()),
          integer(instance, "eni", 0), integer(instance, "gpu", 0)};
}

Json needed_instances(const Json& input, const Json& expected) {
  std::vector<InstanceRoom> types;
  if (input.contains("instance")) types.push_back(room_of(input.at("instance")));
  for (const char* key : {"instances", "instanceTypes"}) {
    if (!input.contains(key)) continue;
    for (const Json& i : input.at(key)) types.push_back(room_of(i));
  }
  std::vector<UnplacedGroup> groups;
  for (const Json& g : input.at("unplacedGroups")) {
    UnplacedGroup group;
    group.cpu = cpu_ecs_units(integer(g, "cpu", 0));
    group.memory = mebibytes(integer(g, "memory", 0));
    group.enis = enis_of(g);
    group.gpus = integer(g, "gpu", 0);
    group.static_ports = has_static_port(g);
    group.distinct_instance = g.value("distinct", false);
    group.tasks = g.at("unplaced").get<std::int64_t>();
    groups.push_back(group);
  }
  const std::int64_t running = integer(input, "runningInstances", 0);
  const NeededInstances n = cas_needed_instances(types, groups, running, integer(input, "busyInstances", running),
                                                 integer(input, "minimumScalingStepSize", 1),
                                                 integer(input, "maximumScalingStepSize", 10'000));
  return only_asked(expected, Json{{"additional", n.additional}, {"M", n.needed}});
}

// --- ecs_metrics

Json ecs_metrics(const Json& input, const Json& expected) {
  if (input.contains("memTotalBytes")) {
    const auto mib =
        registered_memory_mib(input.at("memTotalBytes").get<std::int64_t>(), integer(input, "reservedMiB", 0));
    return mib ? Json{{"registeredMiB", *mib}} : rejected("negative memory");
  }
  std::int64_t amount = 0;
  for (const char* key : {"used", "reserved"}) {
    if (input.contains(key)) amount = input.at(key).get<std::int64_t>();
  }
  std::int64_t base = 0;
  if (input.contains("perTask")) {
    base = input.at("perTask").get<std::int64_t>() * integer(input, "tasks", 1);
  } else {
    for (const Json& r : input.at("registered")) base += r.get<std::int64_t>();
  }
  const auto percent = metric_percent(amount, base);
  Json answer = Json::object();
  answer["percent"] = percent ? Json(four_decimals(*percent)) : Json(nullptr);
  answer["displayed"] = displayed_percent(amount, base);
  return only_asked(expected, answer);
}

// --- task_reservation

Json reservation_of_task(const Json& input, const Json& expected) {
  TaskSize size;
  const auto text_of = [](const Json& j) { return j.is_string() ? j.get<std::string>() : j.dump(); };
  if (input.contains("cpu") && !input.at("cpu").is_null()) {
    const auto cpu = parse_task_cpu(text_of(input.at("cpu")));
    if (!cpu) return rejected(cpu.error);
    size.cpu = cpu.value;
  }
  if (input.contains("memory") && !input.at("memory").is_null()) {
    const auto memory = parse_task_memory(text_of(input.at("memory")));
    if (!memory) return rejected(memory.error);
    size.memory = memory.value;
  }
  for (const Json& c : input.at("containers")) {
    ContainerSize container;
    container.cpu = integer(c, "cpu", 0);
    if (integer(c, "memory", 0) > 0) container.memory = c.at("memory").get<std::int64_t>();
    if (integer(c, "memoryReservation", 0) > 0)
      container.memory_reservation = c.at("memoryReservation").get<std::int64_t>();
    container.essential = c.value("essential", true);
    size.containers.push_back(container);
  }
  const auto errors = size_errors(size);
  if (!errors.empty()) return rejected(errors.front().message);
  const TaskReservation r = task_reservation(size);
  Json answer{{"cpu", r.cpu}, {"memory", r.memory}};
  return expected.contains("error") ? answer : only_asked(expected, answer);
}

// --- az_balance

bool spreads_zones(const Json& strategy) {
  return strategy.value("type", "") == "spread" && strategy.value("field", "") == "attribute:ecs.availability-zone";
}

Json az_balance(const Json& input, const Json&) {
  if (input.contains("desired")) {
    std::size_t zones = 0;
    if (input.at("zones").is_array()) {
      zones = input.at("zones").size();
    } else {
      zones = input.at("zones").get<std::size_t>();
    }
    auto targets = zone_targets(input.at("desired").get<std::int64_t>(), std::vector<std::int64_t>(zones, 0));
    std::sort(targets.begin(), targets.end());
    return Json{{"distribution_sorted", targets}};
  }
  const Json& service = input.at("service");
  RebalanceService s;
  s.enabled = service.value("availabilityZoneRebalancing", "ENABLED") == "ENABLED";
  s.daemon = service.value("schedulingStrategy", "") == "DAEMON";
  s.external = service.value("launchType", "") == "EXTERNAL";
  if (service.contains("deploymentController")) {
    const Json& controller = service.at("deploymentController");
    s.external = s.external ||
                 (controller.is_string() ? controller.get<std::string>() : controller.value("type", "")) == "EXTERNAL";
  }
  s.maximum_percent = integer(service, "maximumPercent", 200);
  if (service.contains("deploymentConfiguration")) {
    s.maximum_percent = integer(service.at("deploymentConfiguration"), "maximumPercent", s.maximum_percent);
  }
  s.classic_load_balancer = service.value("classicLoadBalancer", false);
  if (service.contains("loadBalancers")) {
    for (const Json& lb : service.at("loadBalancers")) {
      s.classic_load_balancer = s.classic_load_balancer || lb.contains("loadBalancerName");
    }
  }
  for (const char* key : {"placementConstraints", "constraints"}) {
    if (!service.contains(key)) continue;
    for (const Json& c : service.at(key)) {
      const std::string text = c.is_string() ? c.get<std::string>() : c.value("expression", c.value("attribute", ""));
      const auto query = ClusterQuery::parse(text).query;
      s.zone_constraint = s.zone_constraint || text == "attribute:ecs.availability-zone" ||
                          text == "ecs.availability-zone" ||
                          (query && query->mentions_attribute("ecs.availability-zone"));
    }
  }
  // Or there is just word that there is one on the zone.
  for (const auto& [key, value] : service.items()) {
    if (value != true || key.find("onstraint") == std::string::npos) continue;
    s.zone_constraint = s.zone_constraint || key.find("az") != std::string::npos ||
                        key.find("AZ") != std::string::npos || key.find("Zone") != std::string::npos ||
                        key.find("zone") != std::string::npos;
  }
  for (const char* key : {"placementStrategy", "placementStrategies", "strategy"}) {
    if (!service.contains(key) || service.at(key).empty()) continue;
    s.has_strategy = true;
    s.first_strategy_spreads_zones = spreads_zones(service.at(key).at(0));
  }
  return Json{{"eligible", rebalance_obstacle(s) == RebalanceObstacle::none}};
}

// --- placement, scale_in

/// Attributes as the query language and spread strategies see them: those listed, the zone among them.
std::map<std::string, std::string> attributes_of(const Json& instance) {
  std::map<std::string, std::string> out = instance.value("attributes", std::map<std::string, std::string>{});
  if (instance.contains("az")) out.emplace("ecs.availability-zone", instance.at("az").get<std::string>());
  return out;
}

/// TCP ports listed under one of the names; 0 is a dynamic one.
std::vector<PortKey> ports_of(const Json& object, std::initializer_list<const char*> names) {
  std::vector<PortKey> out;
  const auto add = [&](const Json& port) {
    if (port.is_number_unsigned() && port > 0) out.push_back(port_key(port.get<std::uint16_t>(), PortProtocol::tcp));
  };
  for (const char* name : names) {
    if (!object.contains(name)) continue;
    const Json& v = object.at(name);
    if (v.is_array()) {
      for (const Json& port : v) add(port);
    } else {
      add(v);
    }
  }
  return out;
}

struct Columns {
  std::vector<std::int64_t> cpu, memory, enis, gpus;
  std::vector<std::uint8_t> usable;
  std::vector<std::uint32_t> zone, tasks;
  std::vector<std::string> zones;
  std::vector<AttributeColumn> attributes;  ///< of the spread strategies, in their order
  std::vector<std::vector<std::uint32_t>> values;
  std::vector<std::vector<PortKey>> ports;

  Columns(const Json& instances, const Json& strategies) {
    for (const Json& s : strategies) {
      const std::string field = s.value("field", "");
      if (field.rfind("attribute:", 0) == 0) add_attribute(instances, field.substr(10));
    }
    for (std::size_t a = 0; a < values.size(); ++a) attributes[a].value = values[a];
    for (const Json& i : instances) {
      cpu.push_back(cpu_ecs_units(i.at("cpu").get<std::int64_t>()).raw());
      memory.push_back(mebibytes(i.at("memory").get<std::int64_t>()).raw());
      enis.push_back(integer(i, "eni", INT64_MAX));
      gpus.push_back(integer(i, "gpu", 0));
      usable.push_back(i.value("status", "ACTIVE") == "ACTIVE" && i.value("agentConnected", true) ? 1 : 0);
      tasks.push_back(static_cast<std::uint32_t>(integer(i, "serviceTasks", 0)));
      ports.push_back(ports_of(i, {"usedPorts", "reservedPorts", "ports"}));
      const std::string name = i.value("az", "");
      const auto at = std::find(zones.begin(), zones.end(), name);
      zone.push_back(static_cast<std::uint32_t>(at - zones.begin()));
      if (at == zones.end()) zones.push_back(name);
    }
  }
  void add_attribute(const Json& instances, const std::string& name) {
    std::map<std::string, std::uint32_t> numbers;
    std::vector<std::uint32_t> column;
    for (const Json& i : instances) {
      const auto held = attributes_of(i);
      const auto at = held.find(name);
      const auto next = static_cast<std::uint32_t>(numbers.size());
      column.push_back(at == held.end() ? UINT32_MAX : numbers.emplace(at->second, next).first->second);
    }
    attributes.push_back(
        {NameId{static_cast<std::uint32_t>(attributes.size())}, {}, static_cast<std::uint32_t>(numbers.size())});
    values.push_back(std::move(column));
  }
  InstanceColumns view() const {
    InstanceColumns v;
    v.free_cpu = cpu;
    v.free_memory = memory;
    v.free_enis = enis;
    v.free_gpus = gpus;
    v.attributes = attributes;
    v.usable = usable;
    v.zone = zone;
    v.zone_count = static_cast<std::uint32_t>(zones.size());
    v.group_tasks = tasks;
    v.used_ports = ports;
    return v;
  }
};

StrategyChain chain_of(const Json& input) {
  StrategyChain chain;
  std::uint32_t attribute = 0;  // as Columns numbers them
  for (const Json& s : input.value("strategy", Json::array())) {
    const std::string type = s.value("type", "");
    const std::string field = s.value("field", "");
    if (type == "random") {
      chain.push_back(random_strategy());
    } else if (type == "binpack") {
      chain.push_back(binpack_strategy(field == "cpu" || field == "CPU" ? BinpackField::cpu : BinpackField::memory));
    } else if (field == "attribute:ecs.availability-zone") {
      chain.push_back(spread_over_zones());
      ++attribute;
    } else if (field.rfind("attribute:", 0) == 0) {
      chain.push_back(spread_over_attribute(NameId{attribute++}));
    } else if (field == "instanceId" || field == "host") {
      chain.push_back(spread_over_instances());
    } else {
      throw Unsupported("spread over " + field);
    }
  }
  return chain.empty() ? default_service_strategies() : chain;
}

Json constraints_of(const Json& input) {
  Json all = Json::array();
  for (const char* key : {"constraints", "placementConstraints"}) {
    for (const Json& c : input.value(key, Json::array())) all.push_back(c);
  }
  return all;
}

TaskNeed need_of(const Json& input) {
  TaskNeed need;
  const Json task = input.value("task", Json::object());
  need.cpu = cpu_ecs_units(integer(task, "cpu", 0));
  need.memory = mebibytes(integer(task, "memory", 0));
  need.gpus = integer(task, "gpu", 0);
  need.enis = enis_of(task);
  need.distinct_instance = input.value("distinctInstance", input.value("distinct", false));
  for (const Json& c : constraints_of(input)) {
    need.distinct_instance = need.distinct_instance || c == "distinctInstance" ||
                             (c.is_object() && c.value("type", "") == "distinctInstance");
  }
  return need;
}

/// 1 where every memberOf expression holds.
std::vector<std::uint8_t> members_of(const Json& input) {
  std::vector<std::uint8_t> mask;
  for (const Json& i : input.at("instances")) {
    const auto held = attributes_of(i);
    const std::vector<std::pair<std::string_view, std::string_view>> attributes(held.begin(), held.end());
    QueryInstance instance;
    instance.attributes = attributes;
    instance.running_tasks = integer(i, "runningTasksCount", integer(i, "serviceTasks", 0));
    bool holds = true;
    for (const Json& c : constraints_of(input)) {
      if (!c.is_object() || c.value("type", "") != "memberOf") continue;
      const QueryParse parsed = ClusterQuery::parse(c.at("expression").get_ref<const std::string&>());
      if (!parsed.query) throw Unsupported("an expression that does not parse");
      holds = holds && parsed.query->matches(instance);
    }
    mask.push_back(holds ? 1 : 0);
  }
  return mask;
}

Json names_of(const Json& instances, std::span<const std::uint32_t> numbers) {
  Json names = Json::array();
  for (const std::uint32_t n : numbers) names.push_back(instances.at(n).at("id"));
  return names;
}

Json placement(const Json& input, const Json&) {
  const Columns columns(input.at("instances"), input.value("strategy", Json::array()));
  const auto members = members_of(input);
  const auto ports = ports_of(input.value("task", Json::object()), {"hostPort", "hostPorts", "port", "ports"});
  TaskNeed need = need_of(input);
  need.host_ports = ports;
  need.member_of = members;
  PlacementScratch scratch;
  const auto answer = place(columns.view(), need, chain_of(input), scratch);
  return Json{{"choices", names_of(input.at("instances"), answer.best)}};
}

Json scale_in(const Json& input, const Json&) {
  const Columns columns(input.at("instances"), input.value("strategy", Json::array()));
  PlacementScratch scratch;
  return Json{{"stop_on", names_of(input.at("instances"),
                                   choose_scale_in(columns.view(), need_of(input), chain_of(input), {}, scratch))}};
}

/// Any one of the listed instances is right: ours must be among them, and there must be one where one is listed.
bool chooses_among(const Json& expected, const Json& actual) {
  if (!expected.is_object() || expected.size() != 1 || !actual.contains(expected.begin().key())) return false;
  const Json& listed = expected.begin().value();
  const Json& ours = actual.begin().value();
  if (!listed.is_array() || listed.empty() != ours.empty()) return false;
  return std::all_of(ours.begin(), ours.end(),
                     [&](const Json& name) { return std::find(listed.begin(), listed.end(), name) != listed.end(); });
}

// --- cluster_query_language

Json cluster_query_language(const Json& input, const Json&) {
  const QueryParse parsed = ClusterQuery::parse(input.at("expression").get<std::string>());
  if (!parsed.query) return Json{{"valid", false}, {"reason", parsed.error.message}};
  Json answer{{"valid", true}};
  if (!input.contains("instances")) return answer;
  const Json& file = input.at("instances");
  const Json& instances = file.is_string() ? companion(file.get<std::string>()) : file;
  answer["matches"] = Json::array();
  for (const Json& i : instances) {
    std::vector<std::pair<std::string_view, std::string_view>> attributes;
    for (const auto& entry : i.at("attributes").items()) {
      attributes.emplace_back(entry.key(), entry.value().get_ref<const std::string&>());
    }
    std::vector<std::string_view> groups;
    for (const Json& g : i.at("taskGroups")) groups.push_back(g.get_ref<const std::string&>());
    QueryInstance q;
    q.attributes = attributes;
    q.agent_version = i.at("agentVersion").get_ref<const std::string&>();
    const Json& connected = i.at("agentConnected");
    q.agent_connected = connected.is_boolean() ? connected.get<bool>() : connected.get<std::string>() == "true";
    q.ec2_instance_id = i.at("ec2InstanceId").get_ref<const std::string&>();
    q.registered_at = parse_registered_at(i.at("registeredAt").get<std::string>()).value_or(0);
    q.running_tasks = i.at("runningTasksCount").get<std::int64_t>();
    q.task_groups = groups;
    if (parsed.query->matches(q)) answer["matches"].push_back(i.at("id"));
  }
  return answer;
}

/// The reason of a refusal is in our words, the rest must be equal.
bool same_verdict(const Json& expected, const Json& actual) {
  if (!expected.contains("valid") || expected.at("valid") != actual.at("valid")) return false;
  if (expected.at("valid") == false) {
    return actual.contains("reason") && (!expected.contains("reason") || expected.at("reason").is_string());
  }
  return equal_within(expected, actual);
}

}  // namespace

void register_ecs(std::vector<Topic>& topics) {
  topics.push_back({"ecs", "capacity_provider_strategy", capacity_provider_strategy, matches_or_rejects});
  topics.push_back({"ecs", "deployment_percent", deployment_percent, nullptr});
  topics.push_back({"ecs", "circuit_breaker", circuit_breaker, nullptr});
  topics.push_back({"ecs", "capacity_provider_reservation", reservation, nullptr});
  topics.push_back({"ecs", "cas_needed_instances", needed_instances, nullptr});
  topics.push_back({"ecs", "ecs_metrics", ecs_metrics, matches_or_rejects});
  topics.push_back({"ecs", "task_reservation", reservation_of_task, matches_or_rejects});
  topics.push_back({"ecs", "az_balance", az_balance, nullptr});
  topics.push_back({"ecs", "placement", placement, chooses_among});
  topics.push_back({"ecs", "scale_in", scale_in, chooses_among});
  topics.push_back({"ecs", "cluster_query_language", cluster_query_language, same_verdict});
  register_ecs_aws(topics);
}

}  // namespace plimsoll::conformance
