#include "models/aws/cloudwatch/composite_alarms.h"

#include <doctest/doctest.h>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::aws {
namespace {

using namespace plimsoll::testing;

/// Names and rules.
using CompositeRules = std::vector<std::pair<std::string, std::string>>;

/// Two alarms "a" and "b" that a script sets, and composite alarms over them.
struct CompositeBench {
  explicit CompositeBench(const CompositeRules& composites) : world(small_world(hours(1))) {
    auto watch = std::make_unique<CloudWatch>(CloudWatchParameters{});
    CloudWatch& cw = *watch;
    cloudwatch = world.attach(std::move(watch));
    for (const char* name : {"a", "b"}) {
      MetricSource source;
      source.name = MetricName::pushed;
      source.label = name;
      children.push_back(cw.add_owned_alarm(name, cw.metric(std::move(source)), {}));
    }
    auto all = std::make_unique<CompositeAlarms>(cloudwatch);
    for (const auto& [name, text] : composites) ids.push_back(all->add(cw, name, *AlarmRule::parse(text).rule));
    const CompositeAlarms& attached = *all;
    world.attach(std::move(all));
    attached.watch(cw);
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
  }
  CloudWatch& cw(World& w) const { return dynamic_cast<CloudWatch&>(w.component(cloudwatch)); }
  void set_at(std::int64_t second, std::size_t child, AlarmState state) {
    script->at(at_s(second), [this, child, state](World& w) { cw(w).set_state(w, children[child], 1, 1, state); });
  }
  /// When the alarm entered a state, and which.
  std::vector<std::pair<std::int64_t, AlarmState>> changes(AlarmId id) {
    std::vector<std::pair<std::int64_t, AlarmState>> out;
    for (const CloudWatch::Change& c : cw(world).changes()) {
      if (c.alarm == id) out.emplace_back(to_microseconds(c.at) / 1'000'000, c.state);
    }
    return out;
  }

  World world;
  HandlerId cloudwatch;
  Script* script = nullptr;
  std::vector<AlarmId> children, ids;
};

using AlarmChanges = std::vector<std::pair<std::int64_t, AlarmState>>;

TEST_CASE("a composite alarm follows its children at the instant of their change") {
  CompositeBench b(CompositeRules{{"both", "ALARM(a) AND ALARM(b)"}, {"quiet", "OK(a) OR INSUFFICIENT_DATA(b)"}});
  b.set_at(60, 0, AlarmState::alarm);
  b.set_at(120, 1, AlarmState::alarm);
  b.set_at(180, 1, AlarmState::alarm);  // no change
  b.set_at(240, 0, AlarmState::ok);
  b.world.run();
  CHECK(b.changes(b.ids[0]) == AlarmChanges{{0, AlarmState::ok}, {120, AlarmState::alarm}, {240, AlarmState::ok}});
  // b has no data until 120 s; a is OK from 240 s on.
  CHECK(b.changes(b.ids[1]) == AlarmChanges{{0, AlarmState::alarm}, {120, AlarmState::ok}, {240, AlarmState::alarm}});
}

TEST_CASE("a composite alarm may be the child of another") {
  CompositeBench b(CompositeRules{{"both", "ALARM(a) AND ALARM(b)"}, {"not-both", "NOT ALARM(both)"}});
  b.set_at(60, 0, AlarmState::alarm);
  b.set_at(60, 1, AlarmState::alarm);
  b.world.run();
  CHECK(b.changes(b.ids[1]) == AlarmChanges{{0, AlarmState::alarm}, {60, AlarmState::ok}});
}

TEST_CASE("a copy of the world runs on alike") {
  CompositeBench b(CompositeRules{{"both", "ALARM(a) AND ALARM(b)"}});
  b.set_at(60, 0, AlarmState::alarm);
  b.world.run_until(at_s(30));
  World copy = b.world;
  b.world.run();
  copy.run();
  CHECK(b.cw(copy).state(b.ids[0]) == b.cw(b.world).state(b.ids[0]));
  CHECK(b.cw(copy).changes().size() == b.cw(b.world).changes().size());
}

}  // namespace
}  // namespace plimsoll::aws
