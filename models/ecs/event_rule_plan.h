#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "models/aws/price_book.h"
#include "models/ecs/controllers/event_rules.h"
#include "models/ecs/standalone_tasks.h"
#include "sim/document/fields.h"
#include "sim/policy/platform.h"

namespace plimsoll::ecs {

class EventFiles;
struct CapacityPlan;
struct ContainerLifecycle;
struct PlacementRules;

/// What the column knows of its tasks; the lists are by app, then by job.
struct TaskSetting {
  const CapacityPlan& capacity;
  const std::vector<PlacementRules>& placement;
  const std::vector<ContainerLifecycle>& lifecycles;
};

/// A target before the world exists: applications by their index in Setting::workloads.
struct PlannedTarget {
  RuleTarget what;
  std::size_t app = 0;
  bool has_app = false;
  CustomPolicyPtr policy{};  ///< call_policy
  Ppm target_cpu{};
};

/// The EventBridge rules of a column: `eventRules`, and those of the real files that it does not name.
struct EventRulePlan {
  std::vector<EventRule> rules;                     ///< without targets
  std::vector<std::vector<PlannedTarget>> targets;  ///< by rule
  EventOrigin origin;
  std::vector<std::pair<std::string, std::string>> families;  ///< of an app or job, by name: of its task definition
  Delay delivery;
  std::int64_t first_number = 0;
  LambdaPrices lambda;
  std::vector<std::pair<std::size_t, std::string>> starters;  ///< of a job, by number: startedBy of its tasks

  /// Faults go to the fields. Prices are read only when some target is a function. A job without a schedule that a rule
  /// starts is started by nothing else.
  static EventRulePlan read(document::Fields& column, const Setting& setting, aws::PriceBook& prices,
                            StandaloneTasks& tasks);
  std::int64_t functions() const;
  /// Attaches the rules to a world that has its CloudWatch and whose workloads begin with the apps and the jobs;
  /// `runner`: of the stand-alone tasks, may be none.
  void build(BuildContext& context, const std::vector<WorkloadId>& apps, HandlerId runner,
             const TaskSetting& tasks) const;

 private:
  /// What the events of tasks say of their workloads and capacity providers.
  void describe_tasks(const TaskSetting& tasks, std::size_t apps, EventRules::Surroundings& where) const;
  /// `accountId` and `cluster`, and the families of the task definitions.
  void read_origin(document::Fields& column, const Setting& setting, const EventFiles& files);
};

}  // namespace plimsoll::ecs
