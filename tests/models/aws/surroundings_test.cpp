// Also tests: price_book
#include "models/aws/surroundings.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>

#include "models/aws/price_book.h"
#include "sim/document/loader.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::aws {
namespace {

using namespace plimsoll::testing;

/// A column's keys, read with prices of a region and date.
struct Desk {
  explicit Desk(const std::string& region = "us-east-1", const std::string& as_of = "today") {
    setting.region = region;
    setting.as_of = as_of;
    setting.zones = {"a", "b", "c"};
    const auto documents = document::load_text("type: ecs\n", "s.yaml", diagnostics);
    fields = std::make_unique<document::Fields>(documents.at(0), diagnostics, "platforms.x");
    fields->allow_unknown();
    book = PriceBook::open(*fields, setting);
  }

  document::Diagnostics diagnostics;
  Setting setting;
  std::unique_ptr<document::Fields> fields;
  std::shared_ptr<PriceBook> book;
};

TEST_CASE("the price book knows its region and its types") {
  Desk d;
  REQUIRE(d.book != nullptr);
  const InstanceType* type = d.book->type(*d.fields, "type", "m5.xlarge");
  REQUIRE(type != nullptr);
  CHECK(d.book->on_demand(*d.fields, "type", *type) == Rate{192'000'000'000});  // $0.192
  CHECK(d.book->spot(*type) < Rate{192'000'000'000});
  CHECK(d.book->service(*d.fields, "fargate", "linux_x86_64_vcpu") == Rate{40'480'000'000});
  CHECK(!d.diagnostics.has_errors());
  CHECK(d.book->type(*d.fields, "type", "m5.xlrge") == nullptr);
  CHECK(d.diagnostics.text().find("unknown instance type 'm5.xlrge'") != std::string::npos);
}

TEST_CASE("an unknown region or date is told once, however many columns ask") {
  Desk d("us-eest-1");
  CHECK(d.book == nullptr);
  CHECK(PriceBook::open(*d.fields, d.setting) == nullptr);
  CHECK(d.diagnostics.text() ==
        "error: unknown region 'us-eest-1' (at region)\n  hint: nearest: us-east-1, us-west-1, us-east-2\n");
  Desk date("us-east-1", "last year");
  CHECK(date.book == nullptr);
  CHECK(date.diagnostics.text().find("error: asOf 'last year' is not a date (at asOf)") == 0);
}

TEST_CASE("addresses in use cost nothing before February 2024") {
  Desk now, then("us-east-1", "2023-06");
  CHECK(SurroundingPrices::read(*now.book, *now.fields, now.setting).ipv4_hour == Rate{5'000'000'000});
  CHECK(SurroundingPrices::read(*then.book, *then.fields, then.setting).ipv4_hour == Rate{});
}

TEST_CASE("balancers, gateways and their addresses run all the time; bytes follow what was served") {
  Desk d;
  d.setting.around.nat_gateways = 3;
  d.setting.around.reply = Bytes{kGiB / 1000};
  d.setting.around.call = Bytes{kGiB / 1000};
  d.setting.around.logs = Bytes{200};
  WorkloadSpec entry, inner;
  entry.entry = true;
  d.setting.workloads = {entry, inner};
  World world = small_world(hours(2));
  const HandlerId bill_id = world.attach(std::make_unique<billing::Bill>(world.window_start, world.end));
  const std::vector<WorkloadId> ids = {add_workload(world, "ui", 100, 64), add_workload(world, "api", 100, 64)};
  auto& bill = dynamic_cast<billing::Bill&>(world.component(bill_id));
  BuildContext context{world, bill, d.setting};
  auto meters = std::make_unique<Meters>(bill_id);
  SurroundingPrices prices = SurroundingPrices::read(*d.book, *d.fields, d.setting);
  prices.read_alarms(*d.book, *d.fields);
  add_surroundings(context, *meters, prices, ids);
  add_alarms(context, *meters, prices, 4);
  world.attach(std::move(meters));
  auto script = std::make_unique<Script>();
  script->at(at_s(3000), [](World& w) {
    w.usage[0].served = 10'000'000'000;  // 10,000 requests
    w.usage[1].served = 5'000'000'000;
  });
  world.attach(std::move(script));
  world.run();
  const auto of = [&](std::string_view item) {
    for (const auto& line : bill.lines()) {
      if (line.what.item == item) return bill.amount(line);
    }
    return Money{-1};
  };
  const auto dollars_of = [](double usd) { return Money{static_cast<std::int64_t>(usd * 1e9 + 0.5)}; };
  CHECK(of("alb/hours") == dollars_of(2 * 0.0225));
  CHECK(of("nat/hours") == dollars_of(3 * 2 * 0.045));
  CHECK(of("ipv4/hours") == dollars_of(6 * 2 * 0.005));  // three gateways, and the balancer in three zones
  CHECK(of("cloudwatch/alarms") == Money{div_round(static_cast<__int128>(4) * 2 * 100'000'000, 730)});
  // 10,000 replies of a thousandth of a GiB, rounded down to whole bytes.
  const double gib = 10'000.0 * static_cast<double>(kGiB / 1000) / static_cast<double>(kGiB);
  CHECK(static_cast<double>(of("transfer/internet").raw()) == doctest::Approx(gib * 0.09e9).epsilon(1e-6));
  CHECK(static_cast<double>(of("alb/lcu").raw()) == doctest::Approx(gib * 0.008e9).epsilon(1e-6));
  // Two of three calls cross a zone, and both ends pay.
  CHECK(static_cast<double>(of("transfer/cross-zone").raw()) ==
        doctest::Approx(gib / 2 * 2 / 3 * 0.02e9).epsilon(1e-5));
  // 2,000,000 bytes of logs, which pass the gateways on their way.
  CHECK(static_cast<double>(of("nat/logs").raw()) == doctest::Approx(2e6 / static_cast<double>(kGiB) * 0.045e9));
  CHECK(bill.total(billing::Block::same) ==
        of("transfer/internet") + of("alb/lcu") + of("cloudwatch/logs") + of("nat/logs"));
}

TEST_CASE("a gp3 disk pays IOPS above 3,000 and MiB/s above 125, a gp2 disk its size") {
  Desk d;
  World world = small_world(hours(1));
  const HandlerId bill_id = world.attach(std::make_unique<billing::Bill>(world.window_start, world.end));
  auto& bill = dynamic_cast<billing::Bill&>(world.component(bill_id));
  BuildContext context{world, bill, d.setting};
  SurroundingPrices prices = SurroundingPrices::read(*d.book, *d.fields, d.setting);
  const std::vector<NodeVolume> disks = {{100, charges::VolumeKind::gp3, 5000, 250}, {10, charges::VolumeKind::gp2}};
  for (const NodeVolume& v : disks) {
    CHECK(fault_of(v).empty());
    prices.read_volume(*d.book, *d.fields, v);
  }
  CHECK(d.diagnostics.text() == "");
  auto meters = std::make_unique<Meters>(bill_id);
  meters->add(instance_lines(context, *d.book->type(*d.fields, "type", "m5.xlarge"), Rate{}, Rate{}, prices, disks));
  world.attach(std::move(meters));
  auto script = std::make_unique<Script>();
  script->at(at_s(0), [](World& w) {
    NodeSpec spec = node_spec(w, 4000, 16'384);
    spec.instance_type = w.names.intern("m5.xlarge");
    w.node_running(w.request_node(spec));
  });
  world.attach(std::move(script));
  world.run();
  const auto of = [&](std::string_view item) {
    for (const auto& line : bill.lines()) {
      if (line.what.item == item) return static_cast<double>(bill.amount(line).raw());
    }
    return -1.0;
  };
  // An hour is a 730th of a month: 100 GiB at 0.08, 2,000 IOPS at 0.005, 125 MiB/s at 0.04, 10 GiB at 0.10 $.
  CHECK(of("ebs/gp3") == doctest::Approx(100 * 0.08e9 / 730));
  CHECK(of("ebs/gp3/iops") == doctest::Approx(2000 * 0.005e9 / 730));
  CHECK(of("ebs/gp3/throughput") == doctest::Approx(125 * 0.04e9 / 730));
  CHECK(of("ebs/gp2") == doctest::Approx(10 * 0.10e9 / 730));
}

TEST_CASE("what EC2 refuses of a gp3 disk") {
  using charges::VolumeKind;
  const auto fault = [](std::int64_t gib, std::int64_t iops, std::int64_t mibps) {
    return fault_of({gib, VolumeKind::gp3, iops, mibps});
  };
  CHECK(fault(1, 3000, 125).empty());  // what is included does not go by size
  CHECK(fault(20, 10'000, 1000).empty());
  CHECK(fault(20, 10'001, 125).find("at most 500 IOPS for each GiB: 10000") != std::string::npos);
  CHECK(fault(20, 2999, 125).find("3000 to 80000") != std::string::npos);
  CHECK(fault(200, 3000, 751).find("at most 750 MiB/s") != std::string::npos);
  CHECK(fault(200, 80'000, 2001).find("125 to 2000") != std::string::npos);
}

TEST_CASE("a private registry is paid by what it keeps and by its endpoints, detailed monitoring by the instance") {
  Desk d;
  d.setting.around.images = "ecr-endpoint";
  d.setting.around.metrics = "detailed";
  WorkloadSpec one, same_image, other;
  one.name = "one";
  one.image = gibibytes(3);
  same_image = one;
  same_image.name = "two";
  one.image_name = same_image.image_name = "shop:1";
  other.name = "three";
  other.image = gibibytes(2);
  d.setting.workloads = {one, same_image, other};
  World world = small_world(hours(2));
  const HandlerId bill_id = world.attach(std::make_unique<billing::Bill>(world.window_start, world.end));
  auto& bill = dynamic_cast<billing::Bill&>(world.component(bill_id));
  BuildContext context{world, bill, d.setting};
  auto meters = std::make_unique<Meters>(bill_id);
  const SurroundingPrices prices = SurroundingPrices::read(*d.book, *d.fields, d.setting);
  CHECK(d.diagnostics.text() == "");
  add_surroundings(context, *meters, prices, {WorkloadId{0}, WorkloadId{1}, WorkloadId{2}});
  InstanceLines lines =
      instance_lines(context, *d.book->type(*d.fields, "type", "m5.xlarge"), Rate{}, Rate{}, prices, 0);
  meters->add(lines);
  lines.type = world.names.intern("external");
  lines.ec2 = false;
  meters->add(lines);
  world.attach(std::move(meters));
  auto script = std::make_unique<Script>();
  script->at(at_s(1800), [](World& w) {
    for (const char* type : {"m5.xlarge", "external"}) {
      NodeSpec spec = node_spec(w, 4000, 16'384);
      spec.instance_type = w.names.intern(type);
      w.node_running(w.request_node(spec));
    }
  });
  world.attach(std::move(script));
  world.run();
  const auto of = [&](std::string_view item) {
    for (const auto& line : bill.lines()) {
      if (line.what.item == item) return bill.amount(line);
    }
    return Money{-1};
  };
  CHECK(of("vpc/endpoint-hours") == Money{2 * 3 * 2 * 10'000'000});  // two endpoints, three zones, two hours, a cent
  // 5 GiB for two of 730 hours at ten cents; seven metrics for the rest of the window, of the EC2 instance only.
  CHECK(of("ecr/storage") == Money{div_round(static_cast<__int128>(5) * 2 * 100'000'000, 730)});
  // That is an hour and a half.
  CHECK(of("cloudwatch/detailed-monitoring") == Money{div_round(static_cast<__int128>(7) * 300'000'000 * 3, 2 * 730)});
}

TEST_CASE("a balancer's addresses are charged without a NAT gateway too") {
  Desk d;
  World world = small_world(hours(2));
  const HandlerId bill_id = world.attach(std::make_unique<billing::Bill>(world.window_start, world.end));
  auto& bill = dynamic_cast<billing::Bill&>(world.component(bill_id));
  BuildContext context{world, bill, d.setting};
  auto meters = std::make_unique<Meters>(bill_id);
  add_surroundings(context, *meters, SurroundingPrices::read(*d.book, *d.fields, d.setting), {});
  world.attach(std::move(meters));
  world.run();
  // One balancer in three zones for two hours: 3 x 2 x $0.005.
  for (const auto& line : bill.lines()) {
    if (line.what.item == "ipv4/hours") CHECK(bill.amount(line) == Money{30'000'000});
  }
  CHECK(std::any_of(bill.lines().begin(), bill.lines().end(),
                    [](const auto& line) { return line.what.item == "ipv4/hours"; }));
}

TEST_CASE("a Classic Load Balancer is paid by the hour and by the GB") {
  Desk d;
  d.setting.around.load_balancers = 0;
  d.setting.around.classic_load_balancers = 1;
  d.setting.around.reply = Bytes{kGiB / 1000};
  WorkloadSpec web;
  web.name = "web";
  web.entry = true;
  d.setting.workloads = {web};
  World world = small_world(hours(2));
  const HandlerId bill_id = world.attach(std::make_unique<billing::Bill>(world.window_start, world.end));
  const std::vector<WorkloadId> ids = {add_workload(world, "web", 100, 64)};
  auto& bill = dynamic_cast<billing::Bill&>(world.component(bill_id));
  BuildContext context{world, bill, d.setting};
  auto meters = std::make_unique<Meters>(bill_id);
  add_surroundings(context, *meters, SurroundingPrices::read(*d.book, *d.fields, d.setting), ids);
  world.attach(std::move(meters));
  auto script = std::make_unique<Script>();
  script->at(at_s(3000), [](World& w) { w.usage[0].served = 10'000'000'000; });
  world.attach(std::move(script));
  world.run();
  std::int64_t hours_paid = 0, data = 0;
  for (const auto& line : bill.lines()) {
    if (line.what.item == "clb/hours") hours_paid = bill.amount(line).raw();
    if (line.what.item == "clb/data") data = bill.amount(line).raw();
    CHECK(line.what.item != "alb/lcu");
  }
  CHECK(hours_paid == 50'000'000);  // 2 x $0.025
  // 10,000 replies of a thousandth of a GiB, less what rounding to bytes takes: ten GB at $0.008.
  CHECK(static_cast<double>(data) == doctest::Approx(80e6).epsilon(1e-5));
}

TEST_CASE("a region is asked for the prices that the scenario uses, each missing one by its name and its way out") {
  Desk d("eu-west-1");
  REQUIRE(d.book != nullptr);
  d.setting.around.reply = Bytes{1000};
  d.setting.around.logs = Bytes{1000};
  SurroundingPrices prices = SurroundingPrices::read(*d.book, *d.fields, d.setting);
  prices.read_alarms(*d.book, *d.fields);
  CHECK(d.diagnostics.text() == "");  // all of them are in the list
  CHECK(d.book->service(*d.fields, "fargate", "windows_os_licence") == Rate{});
  CHECK(d.book->service(*d.fields, "lambda", "duration_arm64") == Rate{});
  CHECK(d.book->service(*d.fields, "fargate", "windows_os_licence") == Rate{});  // asked again: no second fault
  CHECK(d.diagnostics.text() ==
        "error: the catalogue has no price of fargate/windows_os_licence in eu-west-1 (at region)\n"
        "  hint: say it under prices, as in prices: {fargate/windows_os_licence: $0.00/vCPU-hour}, or add the row to "
        "service_prices.csv of a catalogue (--catalog DIR); in us-east-1 it is $0.046/vCPU-hour\n"
        "error: the catalogue has no price of lambda/duration_arm64 in eu-west-1 (at region)\n"
        "  hint: say it under prices, as in prices: {lambda/duration_arm64: $0.00/GB-second}, or add the row to "
        "service_prices.csv of a catalogue (--catalog DIR); in us-east-1 it is $0.0000133334/GB-second\n");
}

TEST_CASE("a type that the region does not sell is told with the way out") {
  Desk d("eu-north-1");
  const InstanceType* absent = nullptr;
  for (const InstanceType& t : d.book->catalogue().types()) {
    if (!d.book->catalogue().on_demand("eu-north-1", t)) absent = &t;
  }
  REQUIRE(absent != nullptr);
  CHECK(d.book->on_demand(*d.fields, "type", *absent) == Rate{});
  const std::string name(absent->name);
  CHECK(d.diagnostics.text().find("error: instance type " + name + " is not sold in eu-north-1") != std::string::npos);
  CHECK(d.diagnostics.text().find("prices: {ec2/" + name + "/on-demand: $0.00/h}") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::aws
