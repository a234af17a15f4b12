#include "models/ecs/api/group_action.h"

#include <utility>

#include "models/aws/autoscaling/scheduled_action.h"
#include "models/ecs/api/object.h"
#include "models/ecs/api/timestamp.h"

namespace plimsoll::ecs::api {

namespace {

constexpr std::string_view kBatch = "ScheduledUpdateGroupActions";

void read_one(Object& o, const std::string& group, std::vector<GroupScheduledAction>& out) {
  const std::size_t before = o.diagnostics().error_count();
  GroupScheduledAction s;
  s.node = o.node();
  s.group = o.text("AutoScalingGroupName").value_or(group);
  if (s.group.empty()) o.missing("AutoScalingGroupName", "the group");
  aws::GroupAction& a = s.action;
  a.on_calendar = true;
  a.name = o.text("ScheduledActionName").value_or("");
  if (a.name.empty()) o.missing("ScheduledActionName", "a scheduled action has a name");
  const auto recurrence = o.text("Recurrence");
  if (recurrence) {
    aws::ParsedRecurrence parsed = aws::parse_recurrence(*recurrence);
    if (!parsed.error.empty()) o.error("Recurrence", "'" + *recurrence + "': " + parsed.error);
    a.recurrence = std::move(parsed.schedules);
  }
  const std::string zone = o.text("TimeZone").value_or("UTC");
  if (const auto found = TimeZone::find(zone)) {
    a.zone = *found;
  } else {
    const std::string near = nearest_time_zone(zone);
    o.error("TimeZone", "unknown time zone '" + zone + "'", near.empty() ? "" : "did you mean '" + near + "'?");
  }
  a.begins = read_timestamp(o, "StartTime");
  a.ends = read_timestamp(o, "EndTime");
  // Of before 2011; the API still takes it.
  const auto time = read_timestamp(o, "Time");
  if (!a.begins) a.begins = time;
  if (!recurrence && !a.begins) o.missing("Recurrence", "a scheduled action has a Recurrence, a StartTime or both");
  a.minimum = o.integer("MinSize", 0);
  a.maximum = o.integer("MaxSize", 0);
  a.desired = o.integer("DesiredCapacity", 0);
  o.ignore({"ScheduledActionARN"});
  const std::string fault = aws::group_action_error(a);
  if (!fault.empty()) o.error(a.minimum ? "MinSize" : a.desired ? "DesiredCapacity" : "ScheduledActionName", fault);
  o.finish();
  if (o.diagnostics().error_count() == before) out.push_back(std::move(s));
}

}  // namespace

bool is_group_action(const document::Node& node) {
  const auto has = [&](std::string_view key) { return node.find(key) != nullptr; };
  if (!node.is_mapping() || has("ServiceNamespace")) return false;
  if (has("AutoScalingGroupName") && has(kBatch)) return true;
  if (!has("ScheduledActionName")) return false;
  return has("AutoScalingGroupName") || has("Recurrence") || has("MinSize") || has("MaxSize") || has("DesiredCapacity");
}

std::vector<GroupScheduledAction> read_group_actions(const document::Node& node, document::Diagnostics& diagnostics) {
  std::vector<GroupScheduledAction> out;
  Object o(node, diagnostics, "");
  if (!o.has(kBatch)) {
    read_one(o, "", out);
    return out;
  }
  const std::string group = o.text("AutoScalingGroupName").value_or("");
  const auto items = o.list(kBatch);
  for (std::size_t i = 0; i < items.size(); ++i) {
    Object item(items[i], diagnostics, document::join_path(o.path_of(kBatch), i));
    read_one(item, group, out);
  }
  return out;
}

}  // namespace plimsoll::ecs::api
