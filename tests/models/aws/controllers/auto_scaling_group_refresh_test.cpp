#include <doctest/doctest.h>

#include <algorithm>

#include "models/aws/cloudwatch/cloudwatch.h"
#include "tests/models/aws/controllers/group_bench.h"

namespace plimsoll::aws {
namespace {

using plimsoll::testing::at_s;

/// A group of six whose machine image changes at 200 s, an alarm on a pushed metric (above 1 for a minute), and a
/// refresh at 300 s that launches two ahead.
struct RefreshBench : testing::GroupBench {
  explicit RefreshBench(InstanceRefresh refresh, Duration span = hours(2)) : GroupBench(span) {
    CloudWatchParameters parameters;
    parameters.publication_delay = seconds(30);
    auto c = std::make_unique<CloudWatch>(parameters);
    cw = c.get();
    MetricSource source;
    source.name = MetricName::pushed;
    source.label = "errors";
    metric = cw->metric(source);
    AlarmDefinition d;
    d.threshold = 1;
    cw->add_alarm("errors", metric, d, Statistic::average);
    world.attach(std::move(c));
    AutoScalingGroupConfig config = add_group(6);
    config.refreshes = {{seconds(300), std::move(refresh)}};
    finish(std::move(config));
    script->at(at_s(200), [](World& w) { w.release_image(); });
  }
  void errors_at(std::int64_t s) {
    script->at(at_s(s), [this](World&) { cw->put(metric, 5); });
  }
  /// Instances in service with this image.
  std::int64_t with_image(std::uint32_t image) const {
    return std::count_if(world.nodes().begin(), world.nodes().end(),
                         [&](const Node& n) { return n.state == NodeState::ready && n.image == image; });
  }
  const FactRecord* failure() const {
    for (const FactRecord& f : world.log) {
      if (f.fact == Fact::refresh_failed) return &f;
    }
    return nullptr;
  }

  CloudWatch* cw = nullptr;
  MetricId metric;
};

InstanceRefresh watched(bool rollback) {
  InstanceRefresh r;
  r.max_healthy_percent = 134;  // two of six ahead
  r.auto_rollback = rollback;
  r.alarms = {"errors"};
  return r;
}

TEST_CASE("without an alarm every instance gets the new image") {
  RefreshBench b(watched(true));
  b.world.run();
  CHECK(b.failure() == nullptr);
  CHECK(b.with_image(2) == 6);
  CHECK(b.world.nodes().size() == 12);
}

TEST_CASE("an alarm undoes the refresh, or stops it where nobody asked for a rollback") {
  for (const bool rollback : {true, false}) {
    CAPTURE(rollback);
    RefreshBench b(watched(rollback));
    // Two are launched at 300 s and in service 40 s later, then the next two, and at 380 s the last. The datapoint of
    // [300, 360) is published at 390 s: the alarm.
    b.errors_at(350);
    b.world.run_until(at_s(389));
    CHECK(b.with_image(2) == 2 * 2);
    b.world.run();
    REQUIRE(b.failure() != nullptr);
    CHECK(b.failure()->at == at_s(390));
    CHECK(b.failure()->reason == Reason::alarm);
    CHECK(b.failure()->value == (rollback ? 1 : 0));
    CHECK_FALSE(b.groups->refreshing(b.group));
    // Those that were replaced by then keep the new image, or get the old one again.
    CHECK(b.with_image(1) + b.with_image(2) == 6);
    CHECK(b.with_image(2) == (rollback ? 0 : 4));
  }
}

TEST_CASE("a group whose refresh may be undone launches the old image until the refresh, and after a rollback again") {
  RefreshBench b(watched(true));
  b.want_at(230, 7);
  b.errors_at(350);
  b.want_at(2000, 8);
  b.world.run_until(at_s(295));
  CHECK(b.with_image(1) == 7);
  b.world.run();
  CHECK(b.with_image(1) == 8);
}

TEST_CASE("an alarm that is on when the refresh begins keeps it from beginning") {
  RefreshBench b(watched(true));
  // Datapoints of [120, 180) and [180, 240): ALARM at 210 s, again at 270 s, and nothing newer at 300 s.
  b.errors_at(170);
  b.errors_at(230);
  b.world.run();
  REQUIRE(b.failure() != nullptr);
  CHECK(b.failure()->at == at_s(300));
  CHECK(b.failure()->value == 0);
  CHECK(b.world.nodes().size() == 6);
}

TEST_CASE("while it bakes a refresh can still fail") {
  InstanceRefresh r = watched(true);
  r.bake_time = minutes(30);
  for (const std::int64_t at : {1200, 3000}) {
    CAPTURE(at);
    RefreshBench b(r);
    b.errors_at(at);  // the six are replaced within 300 s of the start; 30 min later it is over
    b.world.run();
    CHECK((b.failure() != nullptr) == (at == 1200));
    CHECK(b.with_image(at == 1200 ? 1 : 2) == 6);
  }
}

TEST_CASE("a refresh that has not ended is told with how far it came, and one that has is not") {
  RefreshBench b(InstanceRefresh{});
  std::vector<std::string> during;
  b.script->at(at_s(310), [&](World& w) { during = b.groups->unfinished_refreshes(w); });
  b.world.run();
  REQUIRE(during.size() == 1);
  CHECK(during[0].ends_with(" has not ended after 10s: 1 of 6 instances are replaced"));
  CHECK(b.groups->unfinished_refreshes(b.world).empty());
}

}  // namespace
}  // namespace plimsoll::aws
