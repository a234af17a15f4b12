#include "models/ecs/api/event_bridge.h"

#include <algorithm>
#include <utility>

#include "models/ecs/api/object.h"
#include "sim/document/loader.h"

namespace plimsoll::ecs::api {

namespace {

using document::Diagnostics;
using document::Node;

constexpr std::size_t kMostTargets = 5;
constexpr std::int64_t kLongestWindow = 1440;  // minutes

bool has_key(const Node& node, std::string_view key) { return node.find(key) != nullptr; }

/// The whole tree at one place.
Node at_mark(const Node& node, const document::Mark& mark) {
  if (node.is_mapping()) {
    std::vector<document::Entry> entries;
    for (const document::Entry& e : node.entries()) entries.push_back({e.key, mark, at_mark(e.value, mark)});
    return Node::mapping(std::move(entries), mark);
  }
  if (node.is_sequence()) {
    std::vector<Node> items;
    for (const Node& item : node.items()) items.push_back(at_mark(item, mark));
    return Node::sequence(std::move(items), mark);
  }
  return node.with_mark(mark);
}

/// The family in a name, name:revision or ARN.
std::string family_of(std::string text) {
  if (const auto slash = text.rfind('/'); slash != std::string::npos) text = text.substr(slash + 1);
  return text.substr(0, text.find(':'));
}

std::optional<aws::EventPattern> read_pattern(Object& rule, Node& pattern) {
  const Node* node = rule.get("EventPattern");
  if (node == nullptr) return std::nullopt;
  pattern = *node;
  if (node->is_string()) {
    Diagnostics inner;
    const std::vector<Node> parsed = document::load_text(node->text(), "EventPattern.json", inner);
    if (inner.has_errors() || parsed.size() != 1) {
      const auto all = inner.sorted();
      std::string why = "it is empty";
      if (!all.empty())
        why = "line " + std::to_string(all[0].line) + ", character " + std::to_string(all[0].column) + ": " +
              all[0].message;
      rule.error("EventPattern", "Event pattern is not valid. Reason: " + why);
      return std::nullopt;
    }
    pattern = at_mark(parsed[0], node->mark());
  }
  return aws::EventPattern::parse(pattern, rule.diagnostics(), rule.path_of("EventPattern"));
}

std::optional<aws::Schedule> read_expression(Object& o) {
  const auto text = o.text("ScheduleExpression");
  if (!text || text->empty()) return std::nullopt;
  auto parsed = aws::parse_schedule(*text);
  if (!parsed.schedule)
    o.error("ScheduleExpression",
            "'" + *text + "', character " + std::to_string(parsed.position + 1) + ": " + parsed.error,
            "cron(0 8 ? * MON-FRI *), rate(5 minutes), at(2026-03-02T10:00:00)");
  return std::move(parsed.schedule);
}

bool read_state(Object& o) {
  return o
      .choice<bool>("State",
                    {{"ENABLED", true}, {"DISABLED", false}, {"ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", true}})
      .value_or(true);
}

/// Input of the universal target that calls UpdateService or RunTask; parameters are written with a capital there.
void read_call(Object& target, EventTarget& out) {
  const Node* input = target.get("Input");
  if (input == nullptr || !input->is_string()) {
    target.error("Input", "the Input of a universal target is the JSON of its call", "{\"Service\": ...}");
    return;
  }
  Diagnostics inner;
  const std::vector<Node> parsed = document::load_text(input->text(), "Input.json", inner);
  if (inner.has_errors() || parsed.size() != 1 || !parsed[0].is_mapping()) {
    target.error("Input", "the Input is not valid JSON of one object");
    return;
  }
  const auto value = [&](std::string key) {
    const Node* found = parsed[0].find(key);
    key[0] = static_cast<char>(key[0] - 'A' + 'a');
    return found != nullptr ? found : parsed[0].find(key);
  };
  const auto number = [&](const char* key, std::int64_t least, std::int64_t most) -> std::optional<std::int64_t> {
    const Node* n = value(key);
    if (n == nullptr) return std::nullopt;
    if (n->kind() == document::Kind::integer && n->as_integer() >= least && n->as_integer() <= most)
      return n->as_integer();
    target.error("Input",
                 std::string(key) + " is a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return std::nullopt;
  };
  if (out.arn.ends_with(":runTask")) {
    const Node* definition = value("TaskDefinition");
    if (definition == nullptr) return target.error("Input", "TaskDefinition is missing: what runs");
    out.family = family_of(definition->text());
    out.count = number("Count", 1, 10).value_or(1);
    return;
  }
  const Node* service = value("Service");
  if (service == nullptr) return target.error("Input", "Service is missing: what is updated");
  out.service = service->text().substr(service->text().rfind('/') + 1);
  out.desired = number("DesiredCount", 0, 5000);
  std::string others;
  for (const document::Entry& e : parsed[0].entries()) {
    std::string key = e.key;
    if (!key.empty() && key[0] >= 'a' && key[0] <= 'z') key[0] = static_cast<char>(key[0] - 'a' + 'A');
    if (key != "Service" && key != "Cluster" && key != "DesiredCount") others += (others.empty() ? "" : ", ") + key;
  }
  if (!others.empty() || !out.desired)
    target.warning("Input", "of a scheduled UpdateService only DesiredCount has an effect" +
                                (others.empty() ? std::string() : ": " + others + " is left out"));
}

EventTarget read_target(const Node& node, Diagnostics& diagnostics, const std::string& path) {
  EventTarget t;
  t.node = node;
  Object o(node, diagnostics, path);
  t.id = o.text("Id").value_or("");
  t.arn = o.text("Arn").value_or("");
  if (t.arn.empty()) o.missing("Arn", "what is invoked");
  if (const Node* ecs = o.get("EcsParameters")) {
    Object e(*ecs, diagnostics, o.path_of("EcsParameters"));
    t.family = family_of(e.text("TaskDefinitionArn").value_or(""));
    if (t.family.empty()) e.missing("TaskDefinitionArn", "what runs");
    t.count = e.integer("TaskCount", 1, 10).value_or(1);
    e.ignore({"LaunchType", "NetworkConfiguration", "PlatformVersion", "Group", "CapacityProviderStrategy",
              "EnableECSManagedTags", "EnableExecuteCommand", "PlacementConstraints", "PlacementStrategy",
              "PropagateTags", "ReferenceId", "Tags"});
  }
  if (t.arn.ends_with(":aws-sdk:ecs:updateService") || t.arn.ends_with(":aws-sdk:ecs:runTask")) read_call(o, t);
  o.not_modelled("DeadLetterConfig", "no event is lost");
  o.ignore({"RoleArn", "Input", "InputPath", "InputTransformer", "RetryPolicy", "KinesisParameters",
            "RunCommandParameters", "BatchParameters", "SqsParameters", "HttpParameters", "RedshiftDataParameters",
            "SageMakerPipelineParameters", "AppSyncParameters", "EventBridgeParameters"});
  return t;
}

void read_rule(const Node& node, Diagnostics& diagnostics, EventDocuments& out) {
  PutRule r;
  r.node = node;
  Object o(node, diagnostics, "");
  r.name = o.text("Name").value_or("");
  if (r.name.empty()) o.missing("Name", "a rule has one");
  r.pattern = read_pattern(o, r.pattern_node);
  r.schedule = read_expression(o);
  if (r.schedule && std::holds_alternative<aws::AtSchedule>(*r.schedule)) {
    o.error("ScheduleExpression", "Parameter ScheduleExpression is not valid.",
            "a rule takes cron(...) or rate(...); at(...) is for create-schedule");
    r.schedule.reset();
  }
  if (!o.has("EventPattern") && !o.has("ScheduleExpression"))
    o.error("", "Parameter(s) EventPattern or ScheduleExpression must be specified.");
  r.enabled = read_state(o);
  if (const auto bus = o.text("EventBusName"); bus && *bus != "default" && !bus->ends_with("/default"))
    o.warning("EventBusName", "only the default event bus is modelled: the rule is read as one of it");
  o.ignore({"Description", "RoleArn", "Tags", "Arn", "ManagedBy", "CreatedBy"});
  out.rules.push_back(std::move(r));
}

void read_targets(const Node& node, Diagnostics& diagnostics, EventDocuments& out) {
  PutTargets t;
  t.node = node;
  Object o(node, diagnostics, "");
  t.rule = o.text("Rule").value_or("");
  o.ignore({"EventBusName"});
  const auto items = o.list("Targets");
  if (items.size() > kMostTargets) o.error("Targets", "a rule has at most five targets");
  for (std::size_t i = 0; i < items.size(); ++i) {
    t.targets.push_back(read_target(items[i], diagnostics, document::join_path("Targets", i)));
    if (t.targets.back().id.empty())
      diagnostics.error(items[i], "'Id' is missing: each target has one", {}, document::join_path("Targets", i));
  }
  out.targets.push_back(std::move(t));
}

void read_schedule_of(const Node& node, Diagnostics& diagnostics, EventDocuments& out) {
  CreateSchedule s;
  s.node = node;
  Object o(node, diagnostics, "");
  s.name = o.text("Name").value_or("");
  if (s.name.empty()) o.missing("Name", "a schedule has one");
  s.schedule = read_expression(o);
  if (!o.has("ScheduleExpression")) o.missing("ScheduleExpression", "when it fires");
  const std::string zone = o.text("ScheduleExpressionTimezone").value_or("UTC");
  if (const auto known = TimeZone::find(zone)) {
    s.zone = *known;
  } else {
    const std::string near = nearest_time_zone(zone);
    o.error("ScheduleExpressionTimezone", "unknown time zone '" + zone + "'",
            near.empty() ? "an IANA name such as Europe/Berlin" : "did you mean '" + near + "'?");
    s.schedule.reset();
  }
  if (const Node* window = o.get("FlexibleTimeWindow")) {
    Object w(*window, diagnostics, "FlexibleTimeWindow");
    const bool flexible = w.choice<bool>("Mode", {{"OFF", false}, {"FLEXIBLE", true}}).value_or(false);
    if (!w.has("Mode")) w.missing("Mode", "OFF or FLEXIBLE");
    const auto most = w.integer("MaximumWindowInMinutes", 1, kLongestWindow);
    if (flexible && !w.has("MaximumWindowInMinutes"))
      w.missing("MaximumWindowInMinutes", "1 to 1440, for the mode FLEXIBLE");
    if (flexible) s.window = minutes(most.value_or(0));
  } else {
    o.missing("FlexibleTimeWindow", "{\"Mode\": \"OFF\"}");
  }
  s.enabled = read_state(o);
  if (const Node* target = o.get("Target")) {
    s.target = read_target(*target, diagnostics, "Target");
  } else {
    o.missing("Target", "what it invokes");
  }
  o.not_modelled("StartDate", "the schedule holds from the beginning");
  o.not_modelled("EndDate", "the schedule holds to the end");
  o.ignore({"GroupName", "Description", "KmsKeyArn", "ActionAfterCompletion", "ClientToken", "Arn", "CreationDate",
            "LastModificationDate"});
  out.schedules.push_back(std::move(s));
}

}  // namespace

std::string_view to_string(EventDocumentKind kind) {
  switch (kind) {
    case EventDocumentKind::none:
      return "none";
    case EventDocumentKind::rule:
      return "event rule";
    case EventDocumentKind::targets:
      return "event targets";
    case EventDocumentKind::schedule:
      return "schedule";
  }
  return "";
}

EventDocumentKind detect_event(const Node& node) {
  if (node.is_sequence() && node.size() > 0) return detect_event(node.at(0));
  if (!node.is_mapping() || has_key(node, "apiVersion") || has_key(node, "ScalableDimension"))
    return EventDocumentKind::none;
  if (const Node* rules = node.find("Rules"); rules != nullptr && rules->is_sequence() && rules->size() > 0)
    return detect_event(rules->at(0));
  const bool timed = has_key(node, "ScheduleExpression");
  if (timed && (has_key(node, "FlexibleTimeWindow") || has_key(node, "Target"))) return EventDocumentKind::schedule;
  if (has_key(node, "Targets") && has_key(node, "Rule")) return EventDocumentKind::targets;
  if (has_key(node, "Name") && (timed || has_key(node, "EventPattern"))) return EventDocumentKind::rule;
  return EventDocumentKind::none;
}

void read_event_document(const Node& node, Diagnostics& diagnostics, EventDocuments& out) {
  const Node* rules = node.find("Rules");
  if (node.is_sequence() || rules != nullptr) {
    for (const Node& item : (rules != nullptr ? *rules : node).items()) read_event_document(item, diagnostics, out);
    return;
  }
  switch (detect_event(node)) {
    case EventDocumentKind::rule:
      read_rule(node, diagnostics, out);
      break;
    case EventDocumentKind::targets:
      read_targets(node, diagnostics, out);
      break;
    case EventDocumentKind::schedule:
      read_schedule_of(node, diagnostics, out);
      break;
    case EventDocumentKind::none:
      diagnostics.error(node, "this is neither put-rule, put-targets nor create-schedule");
      break;
  }
}

}  // namespace plimsoll::ecs::api
