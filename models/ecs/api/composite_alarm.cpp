#include "models/ecs/api/composite_alarm.h"

#include <algorithm>
#include <utility>

#include "models/ecs/api/object.h"

namespace plimsoll::ecs::api {

std::optional<CompositeAlarm> read_composite_alarm(const document::Node& node, document::Diagnostics& diagnostics) {
  if (!node.is_mapping()) {
    diagnostics.error(node, "a composite alarm is an object");
    return std::nullopt;
  }
  Object o(node, diagnostics, "");
  CompositeAlarm a;
  a.node = node;
  a.name = o.text("AlarmName").value_or("");
  a.described = o.has("AlarmArn");
  if (a.name.empty()) o.missing("AlarmName", "an alarm has a name");
  const auto text = o.text("AlarmRule");
  o.boolean("ActionsEnabled");
  constexpr std::size_t kMostActionsOfComposite = 5;
  for (const char* key : {"AlarmActions", "OKActions", "InsufficientDataActions"}) {
    const std::vector<std::string> actions = o.texts(key);
    if (actions.size() > kMostActionsOfComposite) o.error(key, std::string(key) + " has at most 5 actions");
    if (std::any_of(actions.begin(), actions.end(),
                    [](const std::string& action) { return action.find(":scalingPolicy:") != std::string::npos; }))
      o.error(key, "composite alarms have no Auto Scaling actions",
              "a topic or a function; scaling policies are set off by metric alarms");
  }
  o.not_modelled("ActionsSuppressor", "the alarm's actions are never suppressed");
  for (const char* key : {"ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod"}) {
    const bool said = o.integer(key, 0).has_value();
    if (said && !o.has("ActionsSuppressor")) o.error(key, std::string(key) + " requires an ActionSuppressor");
    if (!o.has(key) && o.has("ActionsSuppressor")) o.missing(key, std::string(key) + " must not be null");
  }
  o.ignore({"AlarmDescription", "AlarmArn", "AlarmConfigurationUpdatedTimestamp", "StateValue", "StateReason",
            "StateReasonData", "StateUpdatedTimestamp", "StateTransitionedTimestamp", "Tags", "ActionsSuppressedBy",
            "ActionsSuppressedReason"});
  if (!text) {
    if (!o.has("AlarmRule")) o.missing("AlarmRule", "the expression over other alarms");
    return std::nullopt;
  }
  aws::AlarmRuleParse parsed = aws::AlarmRule::parse(*text);
  if (!parsed.rule) {
    o.error("AlarmRule", parsed.error + " (character " + std::to_string(parsed.position + 1) + " of the rule)",
            "such as ALARM(\"cpu\") AND NOT ALARM(\"deploying\")");
    return std::nullopt;
  }
  a.rule = std::move(*parsed.rule);
  const auto& children = a.rule.alarms();
  if (std::find(children.begin(), children.end(), a.name) != children.end()) {
    o.error("AlarmRule", "A composite alarm cannot have a child relation with itself via its AlarmRule.");
    return std::nullopt;
  }
  return a;
}

}  // namespace plimsoll::ecs::api
