#include "models/ecs/service_quotas.h"

#include <doctest/doctest.h>

#include <string>

#include "sim/document/loader.h"

namespace plimsoll::ecs {
namespace {

std::string read_quotas(const std::string& text, bool on_fargate, ServiceQuotas& out, bool beside = false) {
  document::Diagnostics d;
  {
    const document::Node root = document::load_text("type: ecs\n" + text, "s.yaml", d).front();
    document::Fields f(root, d, "platforms.a");
    f.allow_unknown();
    out = ServiceQuotas::read(f, aws::AsOf{}, on_fargate, beside);
  }
  return d.text();
}

TEST_CASE("quotas are those of the large Regions today, or what the column says") {
  ServiceQuotas q;
  CHECK(read_quotas("", true, q) == "");
  CHECK(q.fargate.burst == 100);
  CHECK(q.fargate.per_second == Ppm{20'000'000});
  CHECK(q.tasks_per_service_per_minute == 500);
  CHECK(read_quotas("quotas: {fargateBurst: 25, fargatePerSecond: 5, tasksPerServicePerMinute: 125}\n", true, q) == "");
  CHECK(q.fargate.burst == 25);
  CHECK(q.fargate.per_second == Ppm{5'000'000});
  CHECK(q.tasks_per_service_per_minute == 125);
  CHECK(read_quotas("quotas: {provisioningTasks: 900}\n", false, q) == "");
  CHECK(q.provisioning_tasks == 900);
  // The bucket of RunTask: 100 calls and 40 a second; on Fargate 20 a second.
  CHECK(q.run_task.burst == 100);
  CHECK(q.run_task.per_second == Ppm{40'000'000});
  CHECK(read_quotas("quotas: {runTaskBurst: 7, runTaskPerSecond: 0.5}\n", false, q) == "");
  CHECK(q.run_task.burst == 7);
  CHECK(q.run_task.per_second == Ppm{500'000});
  CHECK(read_quotas("", true, q) == "");
  CHECK(q.run_task.burst == 20);
  CHECK(q.run_task.per_second == Ppm{20'000'000});
}

TEST_CASE("a quota that does not bind the column's capacity is no key of it") {
  ServiceQuotas q;
  CHECK(read_quotas("quotas: {fargateBurst: 25}\n", false, q).find("fargateBurst") != std::string::npos);
  CHECK(read_quotas("quotas: {provisioningTasks: 900}\n", true, q).find("provisioningTasks") != std::string::npos);
  // Where some tasks run on Fargate beside instances, both bind; RunTask has the rates of EC2.
  CHECK(read_quotas("quotas: {fargateBurst: 25, provisioningTasks: 900}\n", false, q, true) == "");
  CHECK(q.fargate.burst == 25);
  CHECK(q.provisioning_tasks == 900);
  CHECK(q.run_task.burst == 100);
}

}  // namespace
}  // namespace plimsoll::ecs
