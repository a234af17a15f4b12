#include "models/ecs/task_protection.h"

#include <doctest/doctest.h>

#include "tests/models/ecs/column_text.h"

namespace plimsoll::ecs {
namespace {

TEST_CASE("apps whose tasks protect themselves") {
  testing::ColumnText column(cpu_millis(500), gibibytes(1));
  std::vector<std::pair<std::string, TaskProtection>> out;
  const auto read = [&](const std::string& text) {
    return column.read("capacity: fargate\n" + text, [&](document::Fields& f, aws::PriceBook&, const CapacityPlan&) {
      out = read_task_protection(f, column.setting);
    });
  };
  CHECK(read("taskProtection: {web: {share: 25%}}\n") == "");
  REQUIRE(out.size() == 1);
  CHECK(out[0].first == "web");
  CHECK(out[0].second.share == percent(25));
  CHECK(out[0].second.expires == minutes(120));
  CHECK(read("taskProtection: {wbe: {}}\n").find("no app 'wbe'") != std::string::npos);
  CHECK(read("taskProtection: {web: {expiresInMinutes: 2881}}\n").find("between 1 and 2880") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::ecs
