#include "models/aws/controllers/surplus_credits.h"

#include <doctest/doctest.h>

#include "models/aws/controllers/meters.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::aws {
namespace {

using namespace plimsoll::testing;

/// An instance that earns 24 credits an hour, 0.4 a minute (a t3.medium), from 700 s on, with one pod. The window is
/// from 600 s to 4,200 s. The pod uses one vCPU from 1,200 s to 3,600 s.
struct BurstBench {
  BurstBench() : world(1, at_s(600), at_s(4200)) {
    world.add_zone("a");
    world.host_profiles.assign(2, plain_host());
    bill_id = world.attach(std::make_unique<billing::Bill>(world.window_start, world.end));
    auto meters = std::make_unique<Meters>(bill_id);
    billing::LineItem credits;
    credits.item = credits.label = "credits";
    credits.rate = Rate{50'000'000'000};  // $0.05 a vCPU-hour
    credits.per_hour = false;
    credits.scale = kCpuTicksPerVcpu * 3'600'000'000;
    line = bill().line(credits);
    InstanceLines lines;
    lines.type = world.names.intern("test.large");
    billing::LineItem vm;
    vm.item = vm.label = "vm";
    lines.on_demand = lines.spot = bill().line(vm);
    lines.surplus = line;
    lines.credits_milli = 24'000;
    meters->add(lines);
    world.attach(std::move(meters));
    web = add_workload(world, "web", 500, 1024);
    auto s = std::make_unique<Script>();
    s->at(at_s(700), [this](World& w) {
      const NodeId busy = ready_node(w, 2000, 4096);
      ready_node(w, 2000, 4096);  // idle: earns, and owes nothing
      const PodId pod = w.create_pod(web);
      CHECK(w.bind_pod(pod, busy) == Applied::yes);
      w.pod_pulling(pod);
      w.pod_started(pod);
    });
    for (std::int64_t at = 1260; at <= 3600; at += 60) {
      s->at(at_s(at), [this](World& w) {
        w.usage[web.index()].cpu_serving += static_cast<__int128>(kCpuTicksPerVcpu) * 60'000'000;
      });
    }
    script = s.get();
    world.attach(std::move(s));
  }
  billing::Bill& bill() { return dynamic_cast<billing::Bill&>(world.component(bill_id)); }
  Money owed() { return bill().amount(bill().lines()[line.index()]); }

  World world;
  HandlerId bill_id;
  LineItemId line;
  Script* script = nullptr;
  WorkloadId web;
};

TEST_CASE("what an ended instance has borrowed beyond its earnings is charged") {
  BurstBench b;
  b.script->at(at_s(3630), [](World& w) { w.terminate_node(NodeId{0}, Reason::scale_down); });
  b.world.run();
  // Nine minutes from 720 s to 1,200 s save 3.6 credits; 40 minutes cost 0.6 more than they earn each: 24 - 3.6 = 20.4
  // vCPU-minutes at $0.05 an hour.
  CHECK(b.owed() == Money{17'000'000});
}

TEST_CASE("later earnings pay back") {
  BurstBench b;
  b.world.run();
  // Ten more minutes of 0.4: 16.4 vCPU-minutes are left at the end.
  CHECK(b.owed() == Money{13'666'667});
}

TEST_CASE("beyond a day's earnings surplus credits are charged at once") {
  World world(1, kTimeZero, at_s(600));
  world.keep_log = true;
  world.add_zone("a");
  const HandlerId bill_id = world.attach(std::make_unique<billing::Bill>(world.window_start, world.end));
  auto& bill = dynamic_cast<billing::Bill&>(world.component(bill_id));
  billing::LineItem credits;
  credits.item = credits.label = "credits";
  credits.rate = Rate{50'000'000'000};
  credits.per_hour = false;
  credits.scale = kCpuTicksPerVcpu * 3'600'000'000;
  const LineItemId line = bill.line(credits);
  SurplusCredits account;
  account.add(world.names.intern("test.large"), 24'000, line);
  const WorkloadId web = add_workload(world, "web", 500, 1024);
  const NodeId node = ready_node(world, 2000, 4096);
  const PodId pod = world.create_pod(web);
  CHECK(world.bind_pod(pod, node) == Applied::yes);
  world.pod_pulling(pod);
  world.pod_started(pod);
  for (const Fact fact : {Fact::node_running, Fact::pod_started}) {
    for (const FactRecord& f : world.log) {
      if (f.fact == fact) account.on_fact(world, f, bill);
    }
  }
  // A minute in which 700 vCPU-minutes are used: 576 (a day of 24 an hour) may be owed, 700 - 0.4 - 576 = 123.6 are
  // charged: $0.103.
  world.usage[web.index()].cpu_serving += static_cast<__int128>(kCpuTicksPerVcpu) * 60'000'000 * 700;
  account.tick(world, bill);
  CHECK(bill.amount(bill.lines()[line.index()]) == Money{103'000'000});
  // What is owed when the window opens is not the window's.
  account.open_window();
  account.finish(world, bill);
  CHECK(bill.amount(bill.lines()[line.index()]) == Money{103'000'000});
}

}  // namespace
}  // namespace plimsoll::aws
