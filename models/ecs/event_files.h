#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "models/ecs/api/event_bridge.h"
#include "models/ecs/controllers/event_rules.h"
#include "models/ecs/controllers/task_runner.h"
#include "sim/document/fields.h"
#include "sim/policy/platform.h"

namespace plimsoll::ecs {

/// The rules, targets and schedules among a scenario's real files, as what the column's own blocks `schedules` and
/// `eventRules` would make of them. Task definitions are the scenario's jobs of the same name. What has no counterpart
/// (a task definition that is no job, a function whose deeds no file tells, a target that is no task, targets without
/// their rule) is one warning at its place.
class EventFiles {
 public:
  /// Faults of the files themselves were reported when they were read.
  static EventFiles read(const Setting& setting);

  /// Account and cluster of the first cluster ARN that a pattern, or else a target, names; empty without any.
  std::pair<std::string, std::string> account_and_cluster() const;
  /// Appends create-schedule and scheduled rules, but those of names that `out` has already: the column's stand above.
  /// A schedule that calls UpdateService sets the desired count of the app of that name.
  void add_schedules(const document::Fields& column, const std::vector<JobSpec>& jobs, std::vector<RunSchedule>& out,
                     const std::vector<WorkloadSpec>& apps = {}) const;
  /// Rules with a pattern, and what each runs: `add` gets the rule without targets and its targets. Those for which
  /// `said` holds are left out: the column says what they do. Warns of patterns that never match.
  void add_rules(const document::Fields& column, const std::vector<JobSpec>& jobs, const EventOrigin& origin,
                 const std::function<bool(const std::string&)>& said,
                 const std::function<void(EventRule, std::vector<RuleTarget>)>& add) const;

 private:
  std::vector<const api::EventTarget*> targets_of(const std::string& rule) const;

  api::EventDocuments documents_;
};

}  // namespace plimsoll::ecs
