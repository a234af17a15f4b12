// Auto Scaling groups with a warm pool or with weights.
#include <doctest/doctest.h>

#include <functional>

#include "models/aws/controllers/auto_scaling_group.h"
#include "models/aws/controllers/meters.h"
#include "tests/models/aws/controllers/group_bench.h"

namespace plimsoll::aws {
namespace {

using namespace plimsoll::testing;

constexpr std::int64_t kPicoDollar = 1'000'000'000'000;

billing::LineItem item(const char* name, std::int64_t pico) {
  billing::LineItem line;
  line.item = line.label = name;
  line.rate = Rate{pico};
  line.minimum = seconds(60);
  return line;
}

/// Out of the pool: 4 s to run and 6 s to join. An instance costs $0.001 a second, its disk $0.00002.
struct Bench : testing::GroupBench {
  using Change = std::function<void(AutoScalingGroupConfig&, World&)>;
  Bench(std::int64_t desired, const Change& change) {
    bill_id = world.attach(std::make_unique<billing::Bill>(world.window_start, world.end));
    auto meters = std::make_unique<Meters>(bill_id);
    InstanceLines lines;
    lines.type = world.names.intern("test.large");
    lines.on_demand = lines.spot = vm = bill().line(item("vm", 36 * kPicoDollar / 10));
    lines.volume = disk = bill().line(item("disk", 36 * kPicoDollar / 10'000));
    lines.volume_gib = 20;
    meters->add(lines);
    world.attach(std::move(meters));
    AutoScalingGroupConfig config = add_group(desired);
    if (change) change(config, world);
    finish(std::move(config));
  }
  billing::Bill& bill() { return dynamic_cast<billing::Bill&>(world.component(bill_id)); }
  std::int64_t nano(LineItemId line) { return bill().amount(bill().lines()[line.index()]).raw(); }
  std::int64_t in_group() const {
    std::int64_t n = 0;
    for (const NodeId id : world.live_nodes()) n += world.node(id).group == group ? 1 : 0;
    return n;
  }

  HandlerId bill_id;
  LineItemId vm, disk;
};

Bench::Change pool(WarmPoolState state, std::int64_t prepared, bool reuse = false) {
  return [=](AutoScalingGroupConfig& c, World&) {
    c.warm_pool = WarmPoolConfig{state, 0, prepared, reuse, Delay::constant(seconds(4)), Delay::constant(seconds(6))};
  };
}

TEST_CASE("stopped instances are prepared outside the cluster and join ten seconds after they are wanted") {
  Bench b(1, pool(WarmPoolState::stopped, 3));
  b.want_at(200, 2);
  b.world.run_until(at_s(100));
  // One in the group, two in the pool, a zone each; the two ran for 30 s and are stopped.
  REQUIRE(b.world.nodes().size() == 3);
  CHECK(b.node(0).state == NodeState::ready);
  for (const std::uint32_t i : {1u, 2u}) {
    CHECK(b.node(i).group.is_none());
    CHECK(b.node(i).zone == ZoneId{i});
    CHECK(b.node(i).state == NodeState::requested);
  }
  CHECK(b.in_group() == 1);
  CHECK(first_fact(b.world, Fact::node_stopped) == at_s(40));
  b.world.run();
  // Wanted at 200, asked for at 202, runs at 206, ready at 212; a new one would have been ready at 242.
  CHECK(b.node(1).running == at_s(206));
  CHECK(b.node(1).ready == at_s(212));
  CHECK(b.node(1).group == b.group);
  // Prepared together: three. Two are in the group, so the pool keeps one, and nothing more was launched.
  CHECK(b.world.nodes().size() == 3);
  // Seconds that are paid: node 0 from 10, nodes 1 and 2 30 s each to be prepared, with the minimum of a minute; node 1
  // again from 206. (3600 - 10) + 2 x 60 + (3600 - 206) = 7104; disks 3 x 3590 s.
  CHECK(b.nano(b.vm) == 7'104'000'000);
  CHECK(b.nano(b.disk) == 3LL * 3590 * 20'000);
}

TEST_CASE("running instances are paid all the time and only have to join") {
  Bench b(1, pool(WarmPoolState::running, 2));
  b.want_at(200, 2);
  b.world.run();
  CHECK(b.node(1).running == at_s(10));
  CHECK(b.node(1).ready == at_s(208));
  CHECK(count_facts(b.world, Fact::node_stopped) == 0);
  CHECK(b.nano(b.vm) == 2LL * 3590 * 1'000'000);
}

TEST_CASE("what the pool cannot give is launched anew") {
  Bench b(1, pool(WarmPoolState::stopped, 2));
  b.want_at(200, 3);
  b.world.run();
  REQUIRE(b.world.nodes().size() == 3);
  CHECK(b.node(1).ready == at_s(212));
  CHECK(b.node(2).ready == at_s(242));
}

TEST_CASE("a scale-in ends instances, or returns them to the pool, and the next scale-out takes them") {
  for (const bool reuse : {false, true}) {
    CAPTURE(reuse);
    Bench b(2, pool(WarmPoolState::stopped, 2, reuse));
    b.want_at(200, 1);
    b.want_at(600, 2);
    b.world.run();
    CHECK(b.in_group() == 2);
    REQUIRE(b.world.nodes().size() == 3);
    // Returned, it is prepared at once. Otherwise the pool launches one in its place: it runs at 212.
    CHECK(b.node(2).group == b.group);
    CHECK(b.node(2).ready == at_s(612));
    std::int64_t prepared = 0;
    for (const FactRecord& f : b.world.log) {
      if (f.fact == Fact::node_stopped && f.at > at_s(100)) prepared = (f.at - kTimeZero).count() / 1'000'000;
    }
    CHECK(prepared == (reuse ? 202 : 242));
  }
}

TEST_CASE("the pool shrinks with what may be prepared") {
  Bench b(1, [](AutoScalingGroupConfig& c, World& w) {
    pool(WarmPoolState::stopped, 4)(c, w);
    c.schedule.push_back({seconds(300), {}, std::nullopt, std::nullopt, 4});
  });
  b.world.run();
  CHECK(b.in_group() == 4);
  CHECK(b.world.live_nodes().size() == 4);
  CHECK(b.world.nodes().size() == 4);
}

TEST_CASE("with weights the sizes of a group count units") {
  Bench b(7, [](AutoScalingGroupConfig& c, World& w) {
    c.options = {{c.node, Rate{100}, Rate{40}, 1}, {c.node, Rate{150}, Rate{60}, 2}};
    c.options[1].node.instance_type = w.names.intern("test.2xlarge");
    c.distribution.on_demand_strategy = AllocationStrategy::lowest_price;  // 75 a unit against 100
  });
  b.want_at(200, 5);
  b.want_at(400, 4);
  b.world.run_until(at_s(150));
  CHECK(b.in_group() == 4);  // 4 x 2 units: one more than was asked for
  b.world.run_until(at_s(350));
  CHECK(b.in_group() == 3);  // 8 - 5 = 3 units too many; one instance of two goes, a second would leave too few
  b.world.run();
  CHECK(b.in_group() == 2);
}

}  // namespace
}  // namespace plimsoll::aws
