#include "models/aws/controllers/meters.h"

#include <doctest/doctest.h>

#include "sim/cluster/host_agent.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::aws {
namespace {

using namespace plimsoll::testing;

constexpr std::int64_t kDollar = 1'000'000'000;
constexpr std::int64_t kPicoDollar = 1'000'000'000'000;

billing::LineItem item(const char* name, std::int64_t pico, bool per_hour = true) {
  billing::LineItem line;
  line.item = line.label = name;
  line.rate = Rate{pico};
  line.per_hour = per_hour;
  line.minimum = per_hour ? seconds(60) : Duration{};
  return line;
}

/// A world whose window opens after ten minutes and lasts an hour.
struct Bench {
  Bench() : world(1, at_s(600), at_s(4200)) {
    for (const char* z : {"a", "b"}) world.add_zone(z);
    world.host_profiles.assign(2, plain_host());
    bill_id = world.attach(std::make_unique<billing::Bill>(world.window_start, world.end));
    auto m = std::make_unique<Meters>(bill_id);
    meters = m.get();
    world.attach(std::move(m));
    world.attach(std::make_unique<HostAgent>());
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
    web = add_workload(world, "web", 500, 1024);
  }
  billing::Bill& bill() { return dynamic_cast<billing::Bill&>(world.component(bill_id)); }
  Money of(LineItemId line) { return bill().amount(bill().lines()[line.index()]); }

  World world;
  HandlerId bill_id;
  Meters* meters = nullptr;
  Script* script = nullptr;
  WorkloadId web;
};

TEST_CASE("an instance is billed from running to shutting down, with its volume") {
  Bench b;
  InstanceLines lines;
  lines.type = b.world.names.intern("test.large");
  lines.on_demand = b.bill().line(item("vm", 36 * kPicoDollar / 10));  // $0.001 a second
  lines.spot = b.bill().line(item("spot", 36 * kPicoDollar / 100));
  lines.volume = b.bill().line(item("disk", 36 * kPicoDollar / 10'000));  // $0.000001 a GiB-second
  lines.volume_gib = 20;
  b.meters->add(lines);
  b.script->at(at_s(1000), [](World& w) { w.request_node(node_spec(w, 2000, 4096)); });
  b.script->at(at_s(1010), [](World& w) { w.node_running(NodeId{0}); });
  b.script->at(at_s(1050), [](World& w) { w.node_ready(NodeId{0}); });
  b.script->at(at_s(1110), [](World& w) { w.terminate_node(NodeId{0}, Reason::scale_down); });
  b.script->at(at_s(1150), [](World& w) { w.node_terminated(NodeId{0}); });
  b.script->at(at_s(2000), [](World& w) {
    NodeSpec spec = node_spec(w, 2000, 4096);
    spec.purchase = PurchaseOption::spot;
    w.node_running(w.request_node(spec));
  });
  b.script->at(at_s(2200), [](World& w) { w.terminate_node(NodeId{1}, Reason::spot_interruption); });
  // One that never runs is never billed.
  b.script->at(at_s(3000), [](World& w) { w.request_node(node_spec(w, 2000, 4096)); });
  b.script->at(at_s(3005), [](World& w) { w.terminate_node(NodeId{2}, Reason::scale_down); });
  b.world.run();
  CHECK(b.of(lines.on_demand) == Money{100 * kDollar / 1000});
  CHECK(b.of(lines.spot) == Money{200 * kDollar / 10'000});
  CHECK(b.of(lines.volume) == Money{20 * 300 * kDollar / 1'000'000});
}

TEST_CASE("instances of one type have the disks of their group, or of the pool that a label names") {
  Bench b;
  const NameId type = b.world.names.intern("test.large"), pool = b.world.names.intern("pool");
  const auto lines = [&](const char* disk, std::int64_t gib) {
    InstanceLines l;
    l.type = type;
    l.on_demand = l.spot = b.bill().line(item("vm", 36 * kPicoDollar / 10));
    l.volume = b.bill().line(item(disk, 36 * kPicoDollar / 10'000));  // $0.000001 a GiB-second
    l.volume_gib = gib;
    return l;
  };
  const NodeGroupId own = b.world.add_group({.id = {}, .name = b.world.names.intern("own")});
  InstanceLines of_group = lines("group", 100), of_pool = lines("pool", 50);
  of_group.group = own;
  of_group.more_volumes.emplace_back(b.bill().line(item("iops", 36 * kPicoDollar / 10'000)), 3000);
  of_pool.label = pool;
  of_pool.label_values = {b.world.names.intern("fast")};
  const InstanceLines any = lines("any", 20);
  for (const InstanceLines& l : {of_group, of_pool, any}) b.meters->add(l);
  b.script->at(at_s(1000), [&](World& w) {
    for (int i = 0; i < 3; ++i) {
      NodeSpec spec = node_spec(w, 2000, 4096);
      if (i == 0) spec.group = own;
      if (i == 1) spec.labels.set(pool, w.names.intern("fast"));
      if (i == 2) spec.labels.set(pool, w.names.intern("slow"));
      w.node_running(w.request_node(spec));
    }
  });
  b.script->at(at_s(1100), [](World& w) {
    for (int i = 0; i < 3; ++i) w.terminate_node(NodeId{i}, Reason::scale_down);
  });
  b.world.run();
  const auto gib_seconds = [](std::int64_t n) { return Money{n * kDollar / 1'000'000}; };
  CHECK(b.of(of_group.volume) == gib_seconds(100 * 100));
  CHECK(b.of(of_group.more_volumes[0].first) == gib_seconds(3000 * 100));
  CHECK(b.of(of_pool.volume) == gib_seconds(50 * 100));
  CHECK(b.of(any.volume) == gib_seconds(20 * 100));
}

TEST_CASE("a machine that waits beside its group has that group's disk") {
  Bench b;
  InstanceLines l;
  l.type = b.world.names.intern("test.large");
  l.on_demand = l.spot = b.bill().line(item("vm", 36 * kPicoDollar / 10));
  l.volume = b.bill().line(item("disk", 36 * kPicoDollar / 10'000));
  l.volume_gib = 20;
  l.group = b.world.add_group({.id = {}, .name = b.world.names.intern("own")});
  b.meters->add(l);
  b.script->at(at_s(1000), [](World& w) { w.node_running(w.request_node(node_spec(w, 2000, 4096))); });
  b.script->at(at_s(1100), [](World& w) { w.terminate_node(NodeId{0}, Reason::scale_down); });
  b.world.run();
  CHECK(b.of(l.volume) == Money{20 * 100 * kDollar / 1'000'000});
}

TEST_CASE("a microVM is billed from the image pull to the end of its pod, by its size") {
  Bench b;
  billing::LineItem vcpu = item("vcpu", 36 * kPicoDollar / 10), memory = item("memory", 36 * kPicoDollar / 100);
  vcpu.scale = kCpuTicksPerVcpu;
  memory.scale = kGiB;
  FargateLines lines;
  lines.vcpu = b.bill().line(vcpu);
  lines.memory = b.bill().line(memory);
  lines.storage = b.bill().line(item("storage", 36 * kPicoDollar / 1'000));
  lines.storage_gib = 5;
  b.meters->add(b.web, lines);
  b.script->at(at_s(1000), [id = b.web](World& w) {
    NodeSpec spec = node_spec(w, 500, 1024);
    spec.host = HostKind::fargate;
    const NodeId vm = w.request_node(spec);
    w.node_running(vm);
    w.node_ready(vm);
    CHECK(w.bind_pod(w.create_pod(id), vm) == Applied::yes);
  });
  b.script->at(at_s(1200), [](World& w) { w.pod_ended(PodId{0}, Reason::scale_in); });
  b.world.run();
  // Bound at 1000, prepared in 2 s: 198 s of half a vCPU and 1 GiB.
  CHECK(b.of(lines.vcpu) == Money{198 * kDollar / 2000});
  CHECK(b.of(lines.memory) == Money{198 * kDollar / 10'000});
  CHECK(b.of(lines.storage) == Money{5 * 198 * kDollar / 100'000});
}

TEST_CASE("what is fixed runs for the whole window") {
  Bench b;
  const LineItemId line = b.bill().line(item("gateway", 45 * kPicoDollar / 1000));
  b.meters->add_fixed(line, 3);
  b.world.run();
  CHECK(b.of(line) == Money{3 * 45 * kDollar / 1000});
}

TEST_CASE("pulled bytes are billed once an image and host") {
  Bench b;
  const LineItemId line = b.bill().line(item("pulls", kPicoDollar / 1'000'000, false));  // $0.000001 a byte
  b.meters->bill_pulls(line);
  b.world.edit_workload(b.web).images.emplace_back(b.world.names.intern("web:1"), Bytes{1'000'000});
  for (const std::int64_t s : {700, 800, 900}) {
    b.script->at(at_s(s), [s, id = b.web](World& w) {
      // Two on the first node, the third on another.
      const NodeId node = s == 800 ? NodeId{0} : ready_node(w, 4000, 8192);
      CHECK(w.bind_pod(w.create_pod(id), node) == Applied::yes);
    });
  }
  b.world.run();
  CHECK(b.of(line) == Money{2 * kDollar});
}

TEST_CASE("traffic is billed by whole served requests of the window") {
  Bench b;
  const LineItemId line = b.bill().line(item("bytes", kPicoDollar / 1'000'000, false));
  b.meters->add(TrafficLine{b.web, line, 1000});  // a thousand bytes a request
  b.script->at(at_s(599), [id = b.web](World& w) { w.usage[id.index()].served = 500'400'000; });  // before the window
  b.script->at(at_s(4000), [id = b.web](World& w) { w.usage[id.index()].served = 1'500'900'000; });
  b.world.run();
  CHECK(b.of(line) == Money{1000 * kDollar / 1000});  // 1,000.5 requests: 1,000 whole ones
  Money rows;
  for (const Money m : b.bill().lines()[line.index()].hourly) rows += m;
  CHECK(rows == b.of(line));
}

TEST_CASE("a Spot instance that AWS takes back in its first hour is free, its disk is not") {
  for (const Reason reason : {Reason::spot_interruption, Reason::scale_down}) {
    Bench b;
    InstanceLines lines;
    lines.type = b.world.names.intern("test.large");
    lines.on_demand = b.bill().line(item("vm", 36 * kPicoDollar / 10));
    lines.spot = b.bill().line(item("spot", 36 * kPicoDollar / 100));
    lines.volume = b.bill().line(item("disk", 36 * kPicoDollar / 10'000));
    lines.volume_gib = 20;
    b.meters->add(lines);
    b.script->at(at_s(1000), [](World& w) {
      NodeSpec spec = node_spec(w, 2000, 4096);
      spec.purchase = PurchaseOption::spot;
      w.node_running(w.request_node(spec));
    });
    b.script->at(at_s(2880), [](World& w) { w.give_spot_notice(NodeId{0}, at_s(3000)); });
    b.script->at(at_s(3000), [reason](World& w) { w.terminate_node(NodeId{0}, reason); });
    b.world.run();
    // 2,000 s at $0.0001 = $0.2, or nothing.
    CHECK(b.of(lines.spot).raw() == (reason == Reason::spot_interruption ? 0 : kDollar / 5));
    CHECK(b.of(lines.volume).raw() == 2000 * 20 * kDollar / 1'000'000);
    CHECK(b.of(lines.on_demand).raw() == 0);
  }
}

}  // namespace
}  // namespace plimsoll::aws
