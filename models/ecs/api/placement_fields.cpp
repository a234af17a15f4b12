#include "models/ecs/api/placement_fields.h"

#include "sim/core/text.h"

namespace plimsoll::ecs::api {

using document::Node;

namespace {
constexpr std::string_view kZone = "attribute:ecs.availability-zone";
constexpr std::string_view kAttribute = "attribute:";
}  // namespace

std::string_view to_string(LaunchType type) {
  switch (type) {
    case LaunchType::ec2:
      return "EC2";
    case LaunchType::fargate:
      return "FARGATE";
    case LaunchType::external:
      return "EXTERNAL";
    case LaunchType::managed_instances:
      return "MANAGED_INSTANCES";
  }
  return "";
}

std::string to_string(const StrategySpec& spec) {
  switch (spec.type) {
    case StrategySpec::Type::random:
      return "random";
    case StrategySpec::Type::binpack:
      return "binpack(" + spec.field + ")";
    case StrategySpec::Type::spread:
      return "spread(" + spec.field + ")";
  }
  return "";
}

namespace {

/// The strategy of a type and a field, or why ECS refuses it.
Parsed<StrategySpec> make_strategy(std::string_view type, std::string field) {
  StrategySpec spec;
  if (type == "random") {
    if (!field.empty()) return {std::nullopt, "random takes no field"};
    spec.type = StrategySpec::Type::random;
  } else if (type == "binpack") {
    spec.type = StrategySpec::Type::binpack;
    field = to_lower(field);
    if (field != "cpu" && field != "memory") return {std::nullopt, "binpack takes the field cpu or memory"};
  } else if (type == "spread") {
    spec.type = StrategySpec::Type::spread;
    if (field == "host") field = "instanceId";
    const bool attribute = field.size() > kAttribute.size() && field.compare(0, kAttribute.size(), kAttribute) == 0;
    if (field != "instanceId" && !attribute) {
      return {std::nullopt, "spread takes the field instanceId or attribute:NAME, such as " + std::string(kZone)};
    }
  } else {
    return {std::nullopt, "'" + std::string(type) + "' is none of random, binpack, spread"};
  }
  spec.field = std::move(field);
  return {spec, {}};
}

}  // namespace

Parsed<StrategySpec> parse_strategy(std::string_view text) {
  text = trim(text);
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos) return make_strategy(text, "");
  if (text.back() != ')') return {std::nullopt, "'" + std::string(text) + "' lacks a closing )"};
  std::string field(trim(text.substr(open + 1, text.size() - open - 2)));
  if (field == "zone") field = kZone;
  return make_strategy(trim(text.substr(0, open)), std::move(field));
}

StrategyChain make_chain(const std::vector<StrategySpec>& specs, Names& names) {
  StrategyChain chain;
  for (const StrategySpec& spec : specs) {
    switch (spec.type) {
      case StrategySpec::Type::random:
        chain.push_back(random_strategy());
        break;
      case StrategySpec::Type::binpack:
        chain.push_back(binpack_strategy(spec.field == "cpu" ? BinpackField::cpu : BinpackField::memory));
        break;
      case StrategySpec::Type::spread:
        if (spec.field == "instanceId") {
          chain.push_back(spread_over_instances());
        } else if (spec.field == kZone) {
          chain.push_back(spread_over_zones());
        } else {
          chain.push_back(spread_over_attribute(names.intern(std::string_view{spec.field}.substr(kAttribute.size()))));
        }
        break;
    }
  }
  return chain;
}

std::vector<StrategySpec> read_strategies(Object& object) {
  std::vector<StrategySpec> out;
  const auto items = object.list("placementStrategy");
  if (items.size() > kMaxStrategies) {
    object.error("placementStrategy", "ECS takes at most " + std::to_string(kMaxStrategies) + " placement strategies");
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    Object item(items[i], object.diagnostics(), document::join_path(object.path_of("placementStrategy"), i));
    const auto type = item.text("type");
    const auto field = item.text("field");
    if (!type) {
      if (!item.has("type")) item.missing("type", "random, binpack or spread");
      continue;
    }
    auto spec = make_strategy(*type, field.value_or(""));
    if (spec) {
      out.push_back(std::move(*spec.value));
    } else {
      item.error(item.has("field") ? "field" : "type", std::move(spec.error));
    }
  }
  return out;
}

std::vector<ConstraintSpec> read_constraints(Object& object, bool distinct_instance_allowed) {
  std::vector<ConstraintSpec> out;
  const auto items = object.list("placementConstraints");
  if (items.size() > kMaxConstraints) {
    object.error("placementConstraints",
                 "ECS takes at most " + std::to_string(kMaxConstraints) + " placement constraints");
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    Object item(items[i], object.diagnostics(), document::join_path(object.path_of("placementConstraints"), i));
    const auto distinct = item.choice<bool>("type", {{"distinctInstance", true}, {"memberOf", false}});
    const auto expression = item.text("expression");
    if (!distinct) {
      if (!item.has("type")) item.missing("type", "distinctInstance or memberOf");
      continue;
    }
    ConstraintSpec spec;
    spec.distinct_instance = *distinct;
    if (spec.distinct_instance) {
      if (!distinct_instance_allowed) {
        item.error("type", "a task definition takes memberOf constraints only");
        continue;
      }
      if (expression && !expression->empty()) item.error("expression", "distinctInstance takes no expression");
    } else if (!expression) {
      item.missing("expression", "memberOf needs one");
      continue;
    } else if (expression->size() > kMaxExpressionLength) {
      item.error("expression", "an expression has at most " + std::to_string(kMaxExpressionLength) + " characters");
      continue;
    } else {
      auto parsed = ClusterQuery::parse(*expression);
      if (!parsed.query) {
        item.error("expression", parsed.error.message + " (character " + std::to_string(parsed.error.position + 1) +
                                     " of the expression)");
        continue;
      }
      spec.query = std::move(parsed.query);
    }
    out.push_back(std::move(spec));
  }
  return out;
}

std::vector<ProviderShare> read_provider_strategy(Object& object) {
  std::vector<ProviderShare> out;
  if (!object.has("capacityProviderStrategy")) {
    object.ignore({"capacityProviderStrategy"});
    return out;
  }
  const auto items = object.list("capacityProviderStrategy");
  for (std::size_t i = 0; i < items.size(); ++i) {
    Object item(items[i], object.diagnostics(), document::join_path(object.path_of("capacityProviderStrategy"), i));
    out.push_back({item.text("capacityProvider").value_or(""), item.integer("weight").value_or(0),
                   item.integer("base").value_or(0)});
  }
  if (items.empty()) return out;  // an empty list is as good as none
  for (std::string& message : strategy_errors(out)) object.error("capacityProviderStrategy", std::move(message));
  return out;
}

std::optional<LaunchType> read_launch_type(Object& object) {
  return object.choice<LaunchType>("launchType", {{"EC2", LaunchType::ec2},
                                                  {"FARGATE", LaunchType::fargate},
                                                  {"EXTERNAL", LaunchType::external},
                                                  {"MANAGED_INSTANCES", LaunchType::managed_instances}});
}

std::optional<NetworkConfiguration> read_network(Object& object) {
  const Node* node = object.get("networkConfiguration");
  if (node == nullptr) return std::nullopt;
  Object outer(*node, object.diagnostics(), object.path_of("networkConfiguration"));
  const Node* inner_node = outer.get("awsvpcConfiguration");
  if (inner_node == nullptr) return std::nullopt;
  Object inner(*inner_node, object.diagnostics(), outer.path_of("awsvpcConfiguration"));
  NetworkConfiguration network;
  network.subnets = inner.texts("subnets");
  if (network.subnets.empty() && !inner.has("subnets")) inner.missing("subnets", "at least one subnet");
  network.public_ip = inner.choice<bool>("assignPublicIp", {{"ENABLED", true}, {"DISABLED", false}}).value_or(false);
  inner.ignore({"securityGroups"});
  return network;
}

}  // namespace plimsoll::ecs::api
