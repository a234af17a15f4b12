#include "models/ecs/fargate_tasks.h"

#include <doctest/doctest.h>

#include "models/aws/surroundings.h"
#include "sim/billing/bill.h"
#include "sim/document/loader.h"

namespace plimsoll::ecs {
namespace {

struct FargateRead {
  FargateTasks tasks;
  CapacityPlan capacity;
  std::string complaints;
};

FargateRead read_kinds(const std::string& capacity, bool arm64, std::int64_t storage_gib,
                       const std::string& region = "us-east-1") {
  Setting setting;
  setting.region = region;
  setting.as_of = "today";
  WorkloadSpec w;
  w.name = "web";
  w.ecs = {cpu_cores(2), gibibytes(4), {}, {}};
  setting.workloads.push_back(w);
  document::Diagnostics diagnostics;
  FargateRead out;
  {
    const document::Node root = document::load_text(capacity, "s.yaml", diagnostics).front();
    document::Fields f(root, diagnostics, "platforms.a");
    const auto prices = aws::PriceBook::open(f, setting);
    REQUIRE(prices != nullptr);
    out.capacity = CapacityPlan::read(f, *prices, setting);
    std::vector<ContainerLifecycle> lifecycles(1);
    lifecycles[0].arm64 = arm64;
    lifecycles[0].ephemeral_gib = storage_gib;
    out.tasks = FargateTasks::read(f, *prices, out.capacity, lifecycles);
  }
  out.complaints = diagnostics.text();
  return out;
}

/// What an hour of one task of 2 vCPU and 4 GiB costs, in nano-dollars, line by line.
std::vector<std::pair<std::string, std::int64_t>> hour_of(const FargateRead& r, bool spot) {
  World world(1, kTimeZero, kTimeZero + hours(2));
  const HandlerId handler = world.attach(std::make_unique<billing::Bill>(kTimeZero, world.end));
  auto& bill = dynamic_cast<billing::Bill&>(world.component(handler));
  Setting setting;
  BuildContext context{world, bill, setting};
  const aws::FargateLines lines = r.tasks.lines(context, usual_fargate_lines(context, r.capacity), 0);
  std::vector<billing::MeterId> meters = {
      bill.open(spot ? lines.spot_vcpu : lines.vcpu, cpu_cores(2).raw(), kTimeZero),
      bill.open(spot ? lines.spot_memory : lines.memory, gibibytes(4).raw(), kTimeZero)};
  if (!lines.storage.is_none()) meters.push_back(bill.open(lines.storage, lines.storage_gib, kTimeZero));
  for (const billing::MeterId m : meters) bill.close(m, kTimeZero + hours(1));
  std::vector<std::pair<std::string, std::int64_t>> out;
  for (const auto& line : bill.lines()) {
    if (bill.amount(line).raw() != 0) out.emplace_back(line.what.item, bill.amount(line).raw());
  }
  return out;
}

using Amounts = std::vector<std::pair<std::string, std::int64_t>>;

TEST_CASE("a task as usual is billed as usual") {
  const FargateRead r = read_kinds("capacity: fargate\n", false, 20);
  CHECK(r.complaints == "");
  // 2 x 0.04048, 4 x 0.004445.
  CHECK(hour_of(r, false) == Amounts{{"fargate/vcpu", 80'960'000}, {"fargate/memory", 17'780'000}});
}

TEST_CASE("ARM64 has rates of its own") {
  // 2 x 0.03238, 4 x 0.00356.
  CHECK(hour_of(read_kinds("capacity: fargate\n", true, 20), false) ==
        Amounts{{"fargate/vcpu/arm64", 64'760'000}, {"fargate/memory/arm64", 14'240'000}});
  // The list has no Spot rate of ARM64 there; x86_64 is 0.0127 for 0.04048: 2 x 0.03238 x 0.0127 / 0.04048 = 0.0203175,
  // and memory as much: 4 x 0.00356 x 0.0127 / 0.04048 = 0.0044676.
  const Amounts spot = hour_of(read_kinds("capacity: fargate-spot\n", true, 20), true);
  REQUIRE(spot.size() == 2);
  CHECK(spot[0].first == "fargate/vcpu/arm64/spot");
  CHECK(static_cast<double>(spot[0].second) == doctest::Approx(20'317'490).epsilon(1e-6));
  CHECK(static_cast<double>(spot[1].second) == doctest::Approx(4'467'589).epsilon(1e-5));
  // Where it has one, that counts: 2 x 0.01870297.
  const Amounts listed = hour_of(read_kinds("capacity: fargate-spot\n", true, 20, "sa-east-1"), true);
  CHECK(listed.front().second == 37'405'940);
}

TEST_CASE("ephemeral storage beyond 20 GiB is paid, at one rate with Spot") {
  // 30 GiB beyond at 0.000111.
  for (const bool spot : {false, true}) {
    const FargateRead r = read_kinds(spot ? "capacity: fargate-spot\n" : "capacity: fargate\n", false, 50);
    CHECK(hour_of(r, spot).back() == std::pair<std::string, std::int64_t>{"fargate/storage", 3'330'000});
  }
  CHECK(hour_of(read_kinds("capacity: fargate\n", false, 21), false).back().second == 111'000);
}

TEST_CASE("ARM64 is priced in other regions too") {
  const FargateRead r = read_kinds("capacity: fargate\n", true, 20, "eu-central-1");
  CHECK(r.complaints == "");
  // 2 x 0.03725, 4 x 0.00409.
  CHECK(hour_of(r, false) == Amounts{{"fargate/vcpu/arm64", 74'500'000}, {"fargate/memory/arm64", 16'360'000}});
}

}  // namespace
}  // namespace plimsoll::ecs
