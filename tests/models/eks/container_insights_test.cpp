#include "models/eks/container_insights.h"

#include <doctest/doctest.h>

#include "sim/document/loader.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::eks {
namespace {

using namespace plimsoll::testing;

struct InsightsRead {
  ContainerInsights insights;
  std::string complaints;
};

InsightsRead read_insights(const std::string& column, const std::string& as_of = "today") {
  Setting setting;
  setting.region = "us-east-1";
  setting.as_of = as_of;
  document::Diagnostics diagnostics;
  InsightsRead out;
  {
    const document::Node root = document::load_text(column, "s.yaml", diagnostics).front();
    document::Fields f(root, diagnostics, "platforms.a");
    f.allow_unknown();
    const auto prices = aws::PriceBook::open(f, setting);
    REQUIRE(prices != nullptr);
    out.insights = ContainerInsights::read(f, *prices);
  }
  out.complaints = diagnostics.text();
  return out;
}

TEST_CASE("Container Insights is off by default and has its date") {
  CHECK_FALSE(read_insights("type: eks\n").insights.enabled);
  CHECK(read_insights("containerInsights: enabled\n").complaints == "");
  CHECK(read_insights("containerInsights: enabled\n", "2019-02").complaints.find("Container Insights") !=
        std::string::npos);
}

TEST_CASE("metrics of the cluster run throughout, those of a node while it runs") {
  const ContainerInsights insights = read_insights("containerInsights: enabled\n").insights;
  World world = small_world(hours(2));
  const HandlerId bill_id = world.attach(std::make_unique<billing::Bill>(world.window_start, world.end));
  auto& bill = dynamic_cast<billing::Bill&>(world.component(bill_id));
  Setting setting;
  BuildContext context{world, bill, setting};
  auto meters = std::make_unique<aws::Meters>(bill_id);
  insights.build(context, *meters, 2, 5);
  aws::InstanceLines lines;
  lines.type = world.names.intern("test.large");
  billing::LineItem vm;
  vm.item = vm.label = "vm";
  lines.on_demand = lines.spot = bill.line(vm);
  meters->add(lines);
  world.attach(std::move(meters));
  auto script = std::make_unique<Script>();
  script->at(at_s(5400), [](World& w) { ready_node(w, 2000, 4096); });
  world.attach(std::move(script));
  world.run();
  // 24 + 6 x 2 + 9 x 5 = 81 metrics for two hours, 8 for half an hour: 166 metric-hours at $0.30 a month of 730.
  CHECK(bill.amount(bill.lines()[0]) == Money{div_round(static_cast<__int128>(166) * 300'000'000, 730)});
}

}  // namespace
}  // namespace plimsoll::eks
