// The pricing rules that are held against AWS's worked examples (models/aws/billing) and the meters that bill a column
// are written apart: here the same lives go through both.
#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "models/aws/billing/cloudwatch.h"
#include "models/aws/billing/ebs.h"
#include "models/aws/billing/ec2.h"
#include "models/aws/billing/elb.h"
#include "models/aws/billing/fargate.h"
#include "models/aws/billing/network.h"
#include "models/aws/price_book.h"
#include "models/aws/surroundings.h"
#include "sim/cluster/host_agent.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::aws {
namespace {

using namespace plimsoll::testing;

constexpr Duration kMonth = hours(730);    // what a column's monthly prices are divided by
constexpr Duration kPrepare = seconds(2);  // of plain_host(): from the placement to the image pull

/// Lives on both sides of the minimum, of a whole second and of an hour.
const std::vector<Duration> kLives = {
    milliseconds(1), milliseconds(59'200), seconds(60),    milliseconds(60'001),        seconds(61),
    seconds(3'600),  minutes(137),         seconds(7'199), microseconds(3'599'999'999), hours(5)};

/// A column in the making, whose window is a day.
struct Column {
  Column() : world(small_world(hours(24))) {
    setting.region = "us-east-1";
    setting.as_of = "today";
    setting.zones = {"a", "b", "c"};
    fields = std::make_unique<document::Fields>(document::Node::null(), diagnostics, "platforms.x");
    fields->allow_unknown();
    book = PriceBook::open(*fields, setting);
    bill_id = world.attach(std::make_unique<billing::Bill>(world.window_start, world.end));
    meters = std::make_unique<Meters>(bill_id);
    web = add_workload(world, "web", 500, 1024);
  }
  Rate price(const char* service, const char* item) { return book->service(*fields, service, item); }
  billing::Bill& bill() { return dynamic_cast<billing::Bill&>(world.component(bill_id)); }
  Money of(LineItemId line) { return bill().amount(bill().lines()[line.index()]); }
  Money of(std::string_view item) {
    Money sum;
    for (const auto& line : bill().lines()) sum += line.what.item == item ? bill().amount(line) : Money{};
    return sum;
  }
  BuildContext context() { return {world, bill(), setting}; }
  /// So many requests a second from the first second to the last, counted in the middle of each.
  void serve(std::int64_t a_second) {
    WorkloadSpec spec;
    spec.name = "web";
    spec.entry = true;
    setting.workloads = {spec};
    auto script = std::make_unique<Script>();
    for (Time at = kTimeZero + milliseconds(500); at < world.end; at += seconds(1)) {
      script->at(at, [web = web, a_second](World& w) { w.usage[web.index()].served += a_second * 1'000'000; });
    }
    world.attach(std::move(script));
  }
  /// Begins and ends a life of each length, the first after five minutes, the next ones twenty minutes apart.
  template <class Begin, class End>
  void run(Begin begin, End end) {
    world.host_profiles.assign(2, plain_host());
    world.attach(std::move(meters));
    world.attach(std::make_unique<HostAgent>());
    auto script = std::make_unique<Script>();
    Time at = kTimeZero + minutes(5);
    for (std::size_t k = 0; k < kLives.size(); ++k) {
      script->at(at, begin);
      script->at(at + kPrepare + kLives[k], [end, k](World& w) { end(w, k); });
      at += minutes(20);
    }
    world.attach(std::move(script));
    world.run();
  }

  document::Diagnostics diagnostics;
  Setting setting;
  std::unique_ptr<document::Fields> fields;
  std::shared_ptr<PriceBook> book;
  World world;
  HandlerId bill_id;
  std::unique_ptr<Meters> meters;
  WorkloadId web;
};

}  // namespace

TEST_CASE("microVMs of a column cost what the rules of Fargate charge for their lives") {
  Column c;
  const charges::FargateRates rates{c.price("fargate", "linux_x86_64_vcpu"), c.price("fargate", "linux_x86_64_mem"),
                                    c.price("fargate", "ephemeral_storage_over_20gb")};
  BuildContext context = c.context();
  FargateLines lines = fargate_lines(context, rates.vcpu_hour, rates.gb_hour, "AWS Fargate", "Task");
  add_fargate_storage(context, lines, rates.ephemeral_gb_hour, 50, "AWS Fargate", "Task");
  c.meters->add(c.web, lines);
  c.run(
      [web = c.web](World& w) {
        NodeSpec spec = node_spec(w, 500, 1024);
        spec.host = HostKind::fargate;
        const NodeId vm = w.request_node(spec);
        w.node_running(vm);
        w.node_ready(vm);
        CHECK(w.bind_pod(w.create_pod(web), vm) == Applied::yes);
      },
      [](World& w, std::size_t k) { w.pod_ended(PodId{k}, Reason::scale_in); });
  Money vcpu, memory, storage;
  for (const Duration life : kLives) {
    const auto charge = charges::fargate_charge(cpu_millis(500), mebibytes(1024), gibibytes(50), life, 1, rates);
    vcpu += charge.vcpu;
    memory += charge.memory;
    storage += charge.storage;
  }
  // A life of its own is rounded to a nano-dollar, the column's line once for all of them.
  const Money rounding{static_cast<std::int64_t>(kLives.size())};
  const auto close = [&](Money a, Money b) { return a - b <= rounding && b - a <= rounding; };
  CHECK(vcpu > Money{});
  CHECK(close(c.of(lines.vcpu), vcpu));
  CHECK(close(c.of(lines.memory), memory));
  CHECK(close(c.of(lines.storage), storage));
}

TEST_CASE("instances of a column and their volumes cost what the rules of EC2 and EBS charge for their lives") {
  Column c;
  const InstanceType* type = c.book->type(*c.fields, "type", "m5.large");
  REQUIRE(type != nullptr);
  const Rate hour = c.book->on_demand(*c.fields, "type", *type);
  SurroundingPrices prices = SurroundingPrices::read(*c.book, *c.fields, c.setting);
  BuildContext context = c.context();
  const InstanceLines lines = instance_lines(context, *type, hour, Rate{}, prices, 20);
  c.meters->add(lines);
  c.run(
      [](World& w) {
        NodeSpec spec = node_spec(w, 2000, 8192);
        spec.instance_type = w.names.intern("m5.large");
        w.node_running(w.request_node(spec));
      },
      [](World& w, std::size_t k) { w.terminate_node(NodeId{k}, Reason::scale_down); });
  const charges::EbsRates gp3{prices.gp3_gb_month, Rate{}, Rate{}};
  std::vector<Duration> lives;
  Money disks;
  for (const Duration life : kLives) {
    lives.push_back(kPrepare + life);
    disks +=
        charges::ebs_charge(charges::VolumeKind::gp3, gibibytes(20), 3'000, 125, lives.back(), kMonth / seconds(1), gp3)
            .storage;
  }
  const Money rounding{static_cast<std::int64_t>(kLives.size())};
  CHECK(c.of(lines.on_demand) == charges::ec2_on_demand_charge(hour, lives).total);
  CHECK(c.of(lines.volume) - disks <= rounding);
  CHECK(disks - c.of(lines.volume) <= rounding);
}

TEST_CASE("gateways and addresses of a column cost what the rules of a VPC charge for its day") {
  Column c;
  c.setting.around.nat_gateways = 2;
  c.setting.around.load_balancers = 0;
  c.setting.around.network_load_balancers = 0;
  SurroundingPrices prices = SurroundingPrices::read(*c.book, *c.fields, c.setting);
  BuildContext context = c.context();
  add_surroundings(context, *c.meters, prices, {});
  c.run([](World&) {}, [](World&, std::size_t) {});
  Money nat, addresses;
  for (const auto& line : c.bill().lines()) {
    if (line.what.item == "nat/hours") nat = c.bill().amount(line);
    if (line.what.item == "ipv4/hours") addresses = c.bill().amount(line);
  }
  const Money one = charges::nat_gateway_charge(hours(24), Bytes{}, prices.nat_hour, prices.nat_gb).total();
  CHECK(nat == one + one);
  CHECK(addresses == charges::public_ipv4_charge(2, hours(24), prices.ipv4_hour));
}

TEST_CASE("capacity units of a column cost what the rules of Elastic Load Balancing charge for its traffic") {
  constexpr std::int64_t kASecond = 100;
  const struct {
    std::int64_t reply, requests_per_connection;
    Duration lifetime;
    bool network;
  } cases[] = {
      {50'000, 10, seconds(60), false},  // bytes bind: 50 KB against 1.2 KB of new and 0.6 KB of active connections
      {8'000, 1, seconds(60), false},    // new connections bind: 2^30 / 90,000 = 11.9 KB
      {8'000, 1, seconds(300), false},   // active ones bind: 2^30 x 300 / 10,800,000 = 29.8 KB
      {8'000, 1, seconds(60), true},     // a Network Load Balancer: bytes again
      {100, 1, seconds(600), true},      // active flows: 2^30 x 600 / 360,000,000 = 1.8 KB
  };
  for (const auto& x : cases) {
    CAPTURE(x.reply);
    CAPTURE(x.network);
    Column c;
    Surroundings& around = c.setting.around;
    around.load_balancers = x.network ? 0 : 1;
    around.network_load_balancers = x.network ? 1 : 0;
    around.reply = Bytes{x.reply};
    around.requests_per_connection = x.requests_per_connection;
    around.connection_lifetime = x.lifetime;
    const SurroundingPrices prices = SurroundingPrices::read(*c.book, *c.fields, c.setting);
    c.serve(kASecond);
    BuildContext context = c.context();
    add_surroundings(context, *c.meters, prices, {c.web});
    c.run([](World&) {}, [](World&, std::size_t) {});
    const charges::Ratio connections{kASecond, x.requests_per_connection};
    const charges::Ratio active = connections * charges::Ratio{x.lifetime / seconds(1)};
    const charges::Ratio gb_per_hour = charges::in_gb(Bytes{kASecond * 3'600 * x.reply});
    charges::LoadBalancerCharge charge;
    if (x.network) {
      charge = charges::nlb_charge(hours(24),
                                   charges::nlb_units(charges::NlbProtocol::tcp, {connections, active, gb_per_hour}),
                                   prices.nlb_hour, prices.nlb_nlcu);
    } else {
      charges::AlbTraffic traffic;
      traffic.new_connections_per_s = connections;
      traffic.active_connections = active;
      traffic.gb_per_hour = gb_per_hour;
      charge = charges::alb_charge(hours(24), charges::alb_units(traffic).lcu, prices.alb_hour, prices.alb_lcu);
    }
    CHECK(c.of(x.network ? "nlb/hours" : "alb/hours") == charge.hours);
    // The meter counts whole bytes a request: less than a byte of at least 1,700 is lost.
    const Money billed = c.of(x.network ? "nlb/nlcu" : "alb/lcu");
    CHECK(charge.usage > Money{});
    CHECK(billed <= charge.usage);
    CHECK(Money{charge.usage.raw() - charge.usage.raw() / 1'700 - 1} <= billed);
  }
}

TEST_CASE("a column's logs, their way through the gateways, and its alarms cost what the rules charge") {
  Column c;
  c.setting.around.nat_gateways = 1;
  c.setting.around.logs = Bytes{300};
  SurroundingPrices prices = SurroundingPrices::read(*c.book, *c.fields, c.setting);
  prices.read_alarms(*c.book, *c.fields);
  c.serve(50);
  BuildContext context = c.context();
  add_surroundings(context, *c.meters, prices, {c.web});
  add_alarms(context, *c.meters, prices, 7);
  c.run([](World&) {}, [](World&, std::size_t) {});
  const Bytes written{50 * 86'400 * 300LL};
  CHECK(c.of("cloudwatch/logs") ==
        charges::cloudwatch_logs_charge(charges::in_gb(written), 0, 0, prices.logs_gb, Rate{}, Rate{}).ingest);
  CHECK(c.of("nat/logs") == charges::nat_gateway_charge(Duration{}, written, prices.nat_hour, prices.nat_gb).data);
  // Seven alarms for 24 of a month's 730 hours.
  CHECK(c.of("cloudwatch/alarms") == charges::cloudwatch_alarm_charge(charges::Ratio{7 * 24, 730}, prices.alarm_month));
  CHECK(c.of("cloudwatch/logs") > Money{});
  CHECK(c.of("nat/logs") > Money{});
  CHECK(c.of("cloudwatch/alarms") > Money{});
}

TEST_CASE("images that a column pulls through its gateways cost what the rules charge for their bytes") {
  Column c;
  c.setting.around.nat_gateways = 1;
  const SurroundingPrices prices = SurroundingPrices::read(*c.book, *c.fields, c.setting);
  BuildContext context = c.context();
  add_surroundings(context, *c.meters, prices, {});
  c.world.edit_workload(c.web).images = {{c.world.names.intern("web"), Bytes{123'456'789}}};
  c.run(
      [web = c.web](World& w) {
        NodeSpec spec = node_spec(w, 500, 1024);
        spec.host = HostKind::fargate;
        const NodeId vm = w.request_node(spec);
        w.node_running(vm);
        w.node_ready(vm);
        CHECK(w.bind_pod(w.create_pod(web), vm) == Applied::yes);
      },
      [](World& w, std::size_t k) { w.pod_ended(PodId{k}, Reason::scale_in); });
  // A microVM keeps no image: each of them pulls.
  const Bytes pulled{123'456'789 * static_cast<std::int64_t>(kLives.size())};
  CHECK(c.of("nat/image-pulls") == charges::nat_gateway_charge(Duration{}, pulled, Rate{}, prices.nat_gb).data);
}

}  // namespace plimsoll::aws
