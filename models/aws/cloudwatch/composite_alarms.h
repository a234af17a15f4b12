#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/aws/cloudwatch/alarm_rule.h"
#include "models/aws/cloudwatch/cloudwatch.h"
#include "sim/cluster/world.h"

namespace plimsoll::aws {

/// Composite alarms: each is in ALARM while its rule over the states of other alarms holds, and OK while it does not;
/// INSUFFICIENT_DATA before its first evaluation, at the start of the run. A rule is evaluated when one of its children
/// changes its state, at the same instant. A child may be a composite alarm that was added before. SOURCE: CloudWatch
/// API, PutCompositeAlarm; CloudWatch user guide, "Composite alarms". Left out: ActionsSuppressor.
class CompositeAlarms : public ComponentOf<CompositeAlarms> {
 public:
  /// `cloudwatch`: where the alarms are.
  explicit CompositeAlarms(HandlerId cloudwatch) : cloudwatch_(cloudwatch) {}

  /// The alarm becomes one of `cloudwatch`, by this name. @pre CloudWatch has the alarms that the rule names.
  AlarmId add(CloudWatch& cloudwatch, std::string name, AlarmRule rule);
  /// Has CloudWatch tell of the children's states; once, when this has been attached and has all its alarms.
  void watch(CloudWatch& cloudwatch) const;

  void start(World& world) override;
  void handle(World& world, const Event& event) override;

 private:
  struct Composite {
    AlarmId id;
    AlarmRule rule;
    std::vector<AlarmId> children;  ///< by the rule's alarms
    bool evaluated = false;
  };
  HandlerId cloudwatch_;
  std::vector<Composite> composites_;  // children before those that read them
};

}  // namespace plimsoll::aws
