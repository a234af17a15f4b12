#include "models/aws/as_of.h"

#include <doctest/doctest.h>

using namespace plimsoll;
using namespace plimsoll::aws;

TEST_CASE("dates are months, days or today") {
  CHECK(parse_date("2020-12") == Date{2020, 12, 1});
  CHECK(parse_date("2020-02-29") == Date{2020, 2, 29});
  CHECK(parse_date("today") == kToday);
  for (const char* bad : {"", "2020", "2020-13", "2019-02-29", "2020-1-01", "20x0-01", "2020-12-", "2020/12"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_date(bad).has_value());
  }
  CHECK(to_string(Date{2020, 2, 9}) == "2020-02-09");
}

TEST_CASE("the EKS fee halves on 2020-01-21") {
  CHECK(as_of({2019, 2, 1}).eks_control_plane_hour == Rate{200'000'000'000});
  CHECK(as_of({2020, 1, 20}).eks_control_plane_hour == Rate{200'000'000'000});
  CHECK(as_of({2020, 1, 21}).eks_control_plane_hour == Rate{100'000'000'000});
  CHECK(as_of(kToday).eks_extended_support_hour == Rate{600'000'000'000});
  CHECK_FALSE(as_of({2024, 3, 31}).eks_extended_support_hour.has_value());
}

TEST_CASE("features and quotas are those of the date") {
  const AsOf y2019 = as_of({2019, 2, 1}), y2020 = as_of({2020, 12, 1}), y2022 = as_of({2022, 4, 1}),
             now = as_of(kToday);
  CHECK_FALSE(y2019.eks_fargate);
  CHECK_FALSE(y2019.ecs_capacity_providers);
  CHECK(y2020.eks_fargate);
  CHECK(y2020.fargate_launch_burst == 10);
  CHECK(y2020.fargate_launch_per_second == Ppm{1'000'000});
  CHECK(y2020.ecs_provisioning_limit == 100);
  CHECK(y2020.public_ipv4_hour == Rate{0});
  CHECK(y2022.fargate_launch_burst == 100);
  CHECK(y2022.fargate_launch_per_second == Ppm{20'000'000});
  CHECK(y2022.ecs_provisioning_limit == 300);
  CHECK(y2022.ecs_service_launch_per_minute_ec2 == 250);
  CHECK(y2022.fargate_max_vcpu == 4);
  CHECK_FALSE(y2022.eks_auto_mode);
  CHECK(now.ecs_provisioning_limit == 500);
  CHECK(now.public_ipv4_hour == Rate{5'000'000'000});
  CHECK(now.eks_auto_mode);
  CHECK(now.fargate_max_vcpu == 32);
}

TEST_CASE("every preset can be written as a date or its name") {
  for (const AsOfPreset& p : as_of_presets()) CHECK(parse_date(p.name) == p.date);
}
