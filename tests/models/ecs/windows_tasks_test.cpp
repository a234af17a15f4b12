#include "models/ecs/windows_tasks.h"

#include <doctest/doctest.h>

#include "sim/billing/bill.h"
#include "tests/models/ecs/column_text.h"

namespace plimsoll::ecs {
namespace {

struct Read {
  WindowsTasks tasks;
  std::string complaints;
};

Read read(const std::string& capacity, std::int64_t vcpu, bool windows = true) {
  testing::ColumnText column(cpu_cores(vcpu), gibibytes(2 * vcpu));
  Read out;
  out.complaints = column.read(capacity, [&](document::Fields& f, aws::PriceBook& prices, const CapacityPlan& plan) {
    std::vector<ContainerLifecycle> lifecycles(1);
    lifecycles[0].windows = windows;
    out.tasks = WindowsTasks::read(f, column.setting, prices, plan, lifecycles);
  });
  return out;
}

TEST_CASE("Windows tasks run on Fargate in three sizes, and nowhere else") {
  const auto says = [](const Read& r, std::string_view what) { return r.complaints.find(what) != std::string::npos; };
  CHECK(read("capacity: fargate\n", 2).complaints == "");
  CHECK(says(read("capacity: fargate\n", 8), "1, 2 or 4 vCPU"));
  CHECK(says(read("capacity: fargate-spot\n", 2), "Fargate Spot runs Linux only"));
  CHECK(says(read("capacity: {asg: {type: m5.2xlarge}}\n", 2), "container instances of this column run Linux"));
  const Read linux_task = read("capacity: {asg: {type: m5.2xlarge}}\n", 2, false);
  CHECK(linux_task.complaints == "");
  CHECK_FALSE(linux_task.tasks.any());
}

TEST_CASE("a short Windows task is billed five minutes with its licence") {
  const Read r = read("capacity: fargate\n", 2);
  REQUIRE(r.tasks.any());
  World world(1, kTimeZero, kTimeZero + hours(1));
  const HandlerId handler = world.attach(std::make_unique<billing::Bill>(kTimeZero, world.end));
  auto& bill = dynamic_cast<billing::Bill&>(world.component(handler));
  Setting setting;
  BuildContext context{world, bill, setting};
  const aws::FargateLines lines = r.tasks.lines(context);
  const billing::MeterId vcpu = bill.open(lines.vcpu, cpu_cores(2).raw(), kTimeZero + minutes(10));
  const billing::MeterId memory = bill.open(lines.memory, gibibytes(4).raw(), kTimeZero + minutes(10));
  bill.close(vcpu, kTimeZero + minutes(11));
  bill.close(memory, kTimeZero + minutes(11));
  // 5 min = 1/12 h: 2 x (0.09148 + 0.046) / 12 = 0.0229133..., 4 x 0.01005 / 12 = 0.00335 dollars.
  CHECK(bill.amount(bill.lines()[0]).raw() == 22'913'333);
  CHECK(bill.amount(bill.lines()[1]).raw() == 3'350'000);
}

}  // namespace
}  // namespace plimsoll::ecs
