#include "models/ecs/group_actions.h"

#include <algorithm>

#include "sim/core/text.h"

namespace plimsoll::ecs {

void add_group_actions(document::Fields& column, const api::Documents& own, const api::Documents& shared,
                       CapacityPlan& capacity) {
  std::vector<CapacityProvider*> groups;
  std::vector<std::string_view> names;
  for (CapacityProvider& p : capacity.providers) {
    if (!p.asg) continue;
    groups.push_back(&p);
    names.push_back(p.name);
  }
  const auto add = [&](const api::GroupScheduledAction& a, bool of_column) {
    // The scenario's files are everyone's: a column without such a group has nothing to do with them.
    CapacityProvider* group = groups.size() == 1 ? groups.front() : nullptr;
    for (CapacityProvider* p : groups) {
      if (p->name == a.group) group = p;
    }
    if (group == nullptr) {
      if (groups.empty() && !of_column) return;
      const std::string near = nearest(a.group, names);
      column.reader().diagnostics->warning(a.node,
                                           "the scheduled action '" + a.action.name +
                                               "' is for the Auto Scaling group '" + a.group +
                                               "', which no capacity provider of the column is called: it does nothing",
                                           near.empty() ? "" : "did you mean '" + near + "'?");
      return;
    }
    std::vector<aws::GroupAction>& schedule = group->asg->group.schedule;
    const auto twin = std::find_if(schedule.begin(), schedule.end(), [&](const aws::GroupAction& other) {
      return !other.name.empty() && other.name == a.action.name;
    });
    if (twin == schedule.end()) {
      schedule.push_back(a.action);
    } else if (of_column) {
      *twin = a.action;
    }
  };
  for (const api::GroupScheduledAction& a : shared.group_actions) add(a, false);
  for (const api::GroupScheduledAction& a : own.group_actions) add(a, true);
}

void check_refresh_alarms(document::Fields& column, const CapacityPlan& capacity,
                          const std::vector<std::string_view>& alarms) {
  for (const CapacityProvider& p : capacity.providers) {
    if (!p.asg) continue;
    for (const aws::PlannedRefresh& r : p.asg->group.refreshes) {
      for (const std::string& name : r.refresh.alarms) {
        if (std::find(alarms.begin(), alarms.end(), name) != alarms.end()) continue;
        const std::string near = nearest(name, alarms);
        column.error(
            "capacity",
            "the instance refresh of " + p.name + " watches the alarm '" + name + "', which the column does not have",
            near.empty() ? "give it among the column's `alarms`, or its put-metric-alarm under `scaling`"
                         : "did you mean '" + near + "'?");
      }
    }
  }
}

}  // namespace plimsoll::ecs
