#include "models/ecs/placement_rules.h"

#include <algorithm>

#include "models/ecs/api/documents.h"
#include "models/ecs/container_lifecycle.h"
#include "sim/core/text.h"

namespace plimsoll::ecs {

namespace {

constexpr std::string_view kAttribute = "attribute:";

/// A list, or one of them: distinctInstance, or an expression for memberOf.
void read_said(document::Fields& column, const document::Item& item, PlacementRules& rules) {
  const std::vector<document::Node> items =
      item.node.is_sequence() ? item.node.items() : std::vector<document::Node>{item.node};
  for (const document::Node& one : items) {
    if (one.text() == "distinctInstance") {
      rules.distinct_instance = true;
      continue;
    }
    const QueryParse parsed = ClusterQuery::parse(one.text());
    if (parsed.query) {
      rules.member_of.push_back(*parsed.query);
    } else {
      column.reader().diagnostics->error(
          one.mark(),
          parsed.error.message + " (character " + std::to_string(parsed.error.position + 1) + " of the expression)",
          "distinctInstance, or an expression of the cluster query language such as attribute:ecs.instance-type =~ "
          "m5.*",
          item.path);
    }
  }
}

/// Attributes of ECS's own name space that no instance of a run has, or whose values no scenario tells.
void warn_of_attributes(document::Fields& column, const std::string& app, const std::vector<ClusterQuery>& queries) {
  std::vector<std::string_view> known(kKnownAttributes.begin(), kKnownAttributes.end());
  known.insert(known.end(), kCapabilities.begin(), kCapabilities.end());
  known.push_back("ecs.capability.external");
  for (const ClusterQuery& q : queries) {
    for (const std::string& name : q.attributes()) {
      if (!name.starts_with("ecs.") || std::find(known.begin(), known.end(), name) != known.end()) continue;
      const bool real =
          std::find(kUnknownAttributes.begin(), kUnknownAttributes.end(), name) != kUnknownAttributes.end();
      const std::string near = nearest(name, known);
      column.warning("",
                     "the constraint of " + app + " asks for attribute:" + name +
                         (real ? ", whose value no scenario tells: it counts as missing on every instance"
                               : ", which no container instance has"),
                     real           ? "say it of the group: asg: {attributes: {" + name + ": ...}}"
                     : near.empty() ? "a custom attribute: asg: {attributes: {NAME: value}}"
                                    : "did you mean '" + near + "'?");
    }
  }
}

}  // namespace

ColumnPlace ColumnPlace::read(document::Fields& f, const Setting& setting) {
  ColumnPlace out;
  const std::vector<std::string> texts = f.texts(
      "place", "placement strategies in order: random, binpack(cpu|memory), spread(zone|instance|attribute:NAME)");
  const document::Node* list = f.node().find("place");
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string& text = texts[i];
    const auto open = text.find('(');
    const std::string type = text.substr(0, open);
    const bool closed = open != std::string::npos && text.size() > open + 1 && text.back() == ')';
    const std::string field = closed ? text.substr(open + 1, text.size() - open - 2) : "";
    const bool good =
        (type == "random" && open == std::string::npos) ||
        (type == "binpack" && (field == "cpu" || field == "memory")) ||
        (type == "spread" &&
         (field == "zone" || field == "instance" ||
          (field.starts_with("attribute:") && field.size() > 10 && field.find_first_of("() ") == std::string::npos)));
    const CustomPolicyPtr plugin = find_custom(setting.custom, CustomPolicy::Kind::ecs_placement, text);
    if (!good && plugin != nullptr) {
      out.custom.push_back(plugin);
      out.strategies.emplace_back("custom", text);
    } else if (!good) {
      const std::string_view built_in[] = {"random", "binpack(cpu)", "binpack(memory)", "spread(zone)",
                                           "spread(instance)"};
      const std::string near = nearest(text, built_in);
      const bool one_of_several = list != nullptr && list->is_sequence() && i < list->size();
      f.reader().diagnostics->error(
          one_of_several ? list->at(i).mark() : f.mark_of("place"), "unknown placement strategy '" + text + "'",
          near.empty() ? "allowed: random, binpack(cpu), binpack(memory), spread(zone), spread(instance), "
                         "spread(attribute:NAME), or a strategy out of a --plugin library"
                       : "did you mean '" + near + "'?",
          one_of_several ? document::join_path(f.path_of("place"), i) : f.path_of("place"));
    } else {
      // The zone under its attribute's name, as files of services write it, is the zone.
      out.strategies.emplace_back(type, field == "attribute:ecs.availability-zone" ? "zone" : field);
    }
  }
  return out;
}

StrategyChain ColumnPlace::chain(Names& names) const {
  StrategyChain out;
  for (const auto& [type, field] : strategies) {
    if (type == "random") out.push_back(random_strategy());
    if (type == "binpack") out.push_back(binpack_strategy(field == "cpu" ? BinpackField::cpu : BinpackField::memory));
    if (type == "custom") out.push_back(custom_strategy(find_custom(custom, CustomPolicy::Kind::ecs_placement, field)));
    if (type == "spread" && field.starts_with(kAttribute)) {
      out.push_back(spread_over_attribute(names.intern(std::string_view(field).substr(kAttribute.size()))));
    } else if (type == "spread") {
      out.push_back(field == "zone" ? spread_over_zones() : spread_over_instances());
    }
  }
  return out;
}

std::vector<api::StrategySpec> ColumnPlace::spreads() const {
  std::vector<api::StrategySpec> out;
  for (const auto& [type, field] : strategies) {
    if (type == "spread") out.push_back({api::StrategySpec::Type::spread, field});
  }
  return out;
}

bool PlacementRules::zones_first() const {
  return strategies.empty() || (strategies.front().type == api::StrategySpec::Type::spread &&
                                strategies.front().field == "attribute:ecs.availability-zone");
}

TaskConstraints PlacementRules::constraints(const std::vector<api::StrategySpec>& chain, Names& names) const {
  TaskConstraints out;
  out.distinct_instance = distinct_instance;
  out.member_of = member_of;
  out.host_ports = host_ports;
  for (const api::StrategySpec& s : chain) {
    const std::string_view field = s.field;
    if (s.type == api::StrategySpec::Type::spread && field.starts_with(kAttribute) &&
        field != "attribute:ecs.availability-zone")
      out.spread_attributes.push_back(names.intern(field.substr(kAttribute.size())));
  }
  return out;
}

bool has_placement(const api::RunTask& run) { return !run.placement.empty() || !run.constraints.empty(); }

PlacementRules read_constraints(document::Fields& block, std::string_view key) {
  PlacementRules out;
  const auto said = block.any(key, "distinctInstance, an expression of the cluster query language, or a list of them",
                              "placement constraints");
  if (!said || block.describing()) return out;
  document::Item item;
  item.node = *said;
  item.path = block.path_of(key);
  read_said(block, item, out);
  return out;
}

std::vector<PlacementRules> read_placement_rules(document::Fields& column, const Setting& setting,
                                                 const std::vector<std::string>& names,
                                                 const std::vector<bool>& on_fargate) {
  api::Documents documents;
  document::Diagnostics ignored;  // faults of the files were reported when they were read
  for (const ScalingDocument& d : setting.scaling) {
    if (d.side == Side::ecs) api::read_document(d.node, ignored, documents);
  }
  const std::vector<document::Item> said = column.map(
      "placementConstraints",
      "constraints by app: distinctInstance, an expression of the cluster query language, or a list of them");
  std::vector<PlacementRules> out(names.size());
  if (column.describing()) return out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!on_fargate[i] || std::none_of(said.begin(), said.end(), [&](const auto& s) { return s.name == names[i]; }))
      continue;
    column.error("placementConstraints", "Placement constraints are not supported with FARGATE.",
                 "remove placementConstraints of " + names[i] + ", or use capacity: {asg: ...}");
    break;
  }
  for (const document::Item& item : said) {
    if (std::find(names.begin(), names.end(), item.name) != names.end()) continue;
    const std::string near = nearest(item.name, std::vector<std::string_view>(names.begin(), names.end()));
    column.error("placementConstraints", "no app '" + item.name + "'",
                 near.empty() ? "" : "did you mean '" + near + "'?");
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (on_fargate[i]) continue;
    PlacementRules& rules = out[i];
    const auto own = std::find_if(said.begin(), said.end(), [&](const auto& item) { return item.name == names[i]; });
    const auto add = [&](const std::vector<api::ConstraintSpec>& constraints) {
      for (const api::ConstraintSpec& c : constraints) {
        rules.distinct_instance = rules.distinct_instance || c.distinct_instance;
        if (c.query) rules.member_of.push_back(*c.query);
      }
    };
    for (const api::Service& s : documents.services) {
      if (s.name != names[i]) continue;
      rules.strategies = s.placement;
      if (own == said.end()) add(s.constraints);
    }
    for (const api::RunTask& r : documents.run_tasks) {
      if (r.family() != names[i]) continue;
      rules.strategies = r.placement;
      if (own == said.end()) add(r.constraints);
    }
    if (own != said.end()) read_said(column, *own, rules);
    const api::TaskDefinition* definition = definition_of_app(documents, names[i]);
    if (definition != nullptr) add(definition->constraints);
    warn_of_attributes(column, names[i], rules.member_of);
    for (ClusterQuery& q : rules.member_of) q = q.by_calendar(setting.calendar);
    if (definition == nullptr) continue;
    // One that was written for Fargate has its network mode.
    rules.awsvpc = definition->enis() > 0;
    rules.host_ports = definition->host_ports();
    for (const PortKey port : rules.host_ports) {
      if (is_reserved_port(port))
        column.warning("",
                       "no task of " + names[i] + " can be placed: its hostPort " + std::to_string(port & 0xffffu) +
                           " is one that every container instance keeps (22, 2375, 2376, 51678, 51679)",
                       "take another hostPort, or none: a dynamic one");
    }
  }
  return out;
}

}  // namespace plimsoll::ecs
