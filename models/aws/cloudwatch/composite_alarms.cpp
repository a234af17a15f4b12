#include "models/aws/cloudwatch/composite_alarms.h"

#include "sim/core/assert.h"

namespace plimsoll::aws {

AlarmId CompositeAlarms::add(CloudWatch& cloudwatch, std::string name, AlarmRule rule) {
  Composite c;
  for (const std::string& child : rule.alarms()) {
    c.children.push_back(cloudwatch.find_alarm(child));
    PLIMSOLL_ASSERT(!c.children.back().is_none());
  }
  MetricSource source;
  source.name = MetricName::alarm_rule;
  source.label = rule.text();
  AlarmDefinition holds;
  holds.comparison = AlarmComparison::greater_or_equal;
  holds.threshold = 1'000'000;
  c.id = cloudwatch.add_owned_alarm(std::move(name), cloudwatch.metric(std::move(source)), holds);
  c.rule = std::move(rule);
  composites_.push_back(std::move(c));
  return composites_.back().id;
}

void CompositeAlarms::watch(CloudWatch& cloudwatch) const {
  for (const Composite& c : composites_) {
    for (const AlarmId child : c.children) {
      for (const AlarmState state : {AlarmState::ok, AlarmState::alarm, AlarmState::insufficient_data})
        cloudwatch.notify(child, state, handler, 0, false);
    }
  }
}

void CompositeAlarms::start(World& world) { world.wake(handler, world.now(), Phase::controllers, 0); }

void CompositeAlarms::handle(World& world, const Event& event) {
  static_cast<void>(event);
  auto& cloudwatch = dynamic_cast<CloudWatch&>(world.component(cloudwatch_));
  std::vector<AlarmState> states;
  for (Composite& c : composites_) {
    states.clear();
    for (const AlarmId child : c.children) states.push_back(cloudwatch.state(child));
    const bool holds = c.rule.evaluate(states);
    const AlarmState next = holds ? AlarmState::alarm : AlarmState::ok;
    if (c.evaluated && next == cloudwatch.state(c.id)) continue;
    c.evaluated = true;
    cloudwatch.set_state(world, c.id, holds ? 1'000'000 : 0, holds ? 1 : 0, next);
  }
}

}  // namespace plimsoll::aws
