#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sim/core/units.h"

namespace plimsoll::aws {

/// A day of the Gregorian calendar, UTC.
struct Date {
  std::int32_t year = 0;
  std::int32_t month = 1;  ///< 1 to 12
  std::int32_t day = 1;
  friend constexpr auto operator<=>(const Date&, const Date&) = default;
};
/// "2020-12" (the first of the month), "2020-12-31", or "today" (the date of the newest price table). None when
/// malformed.
std::optional<Date> parse_date(std::string_view text);
/// "2020-12-31".
std::string to_string(Date date);
/// The date that "today" stands for: that of the newest table shipped, never the wall clock.
inline constexpr Date kToday{2026, 10, 1};

/// Prices, quotas and features of the platform on one date, so that an old article or benchmark can be checked against
/// the world it was written in. Values are list values for large regions; each field names its source.
struct AsOf {
  Date date = kToday;

  /// EKS control plane per cluster-hour: 0.20 before 2020-01-21, 0.10 after (AWS News Blog, EKS price reduction 50 %).
  Rate eks_control_plane_hour{};
  /// Extended support exists from 2024-04-01 (AWS Containers blog, Amazon EKS extended support pricing); total per
  /// hour.
  std::optional<Rate> eks_extended_support_hour;
  /// Pods on Fargate exist from 2019-12-03 (AWS News Blog, Amazon EKS on AWS Fargate).
  bool eks_fargate = true;
  /// EKS Auto Mode exists from 2024-12-01 (re:Invent 2024).
  bool eks_auto_mode = true;
  /// ECS capacity providers with managed scaling exist from 2019-12-03.
  bool ecs_capacity_providers = true;
  /// FARGATE_SPOT exists from 2019-12-03.
  bool fargate_spot = true;
  /// ECS Managed Instances exist from 2025-09-30.
  bool ecs_managed_instances = true;
  /// Arm on Fargate (ECS) exists from 2021-11-23.
  bool fargate_arm = true;
  /// 8 and 16 vCPU on Fargate exist from 2022-09-16; the 32 vCPU size from 2026.
  std::int64_t fargate_max_vcpu = 16;
  /// Largest ephemeral disk of a Fargate task; 20 GiB, not settable, before 2021-04.
  std::int64_t fargate_max_ephemeral_gib = 200;
  /// Charge for a public IPv4 address in use, from 2024-02-01 (AWS News Blog, public IPv4 address charge).
  Rate public_ipv4_hour{};

  /// Account-wide Fargate launches: size of the token bucket, and its refill a second. 2020: 10 burst and 1/s
  /// (Vlad Ionescu, Scaling containers on AWS, 2020); from 2022: 100 and 20 (Amazon ECS service quotas).
  std::int64_t fargate_launch_burst = 100;
  Ppm fargate_launch_per_second = Ppm{20'000'000};  ///< in millionths of a launch a second
  /// Burst of accounts that run only EKS pods on Fargate.
  std::int64_t fargate_launch_burst_eks_only = 20;
  /// Pods on Fargate seen to start a minute in an EKS cluster of 2022 (no published quota explains it: observed
  /// preset).
  std::optional<std::int64_t> eks_fargate_observed_per_minute;
  /// Tasks that one service launches a minute on Fargate and on EC2 (Amazon ECS service quotas).
  std::int64_t ecs_service_launch_per_minute_fargate = 500;
  std::int64_t ecs_service_launch_per_minute_ec2 = 500;
  /// Tasks waiting in PROVISIONING in one cluster: 100 (2019-20), 300 (2022-04), 500 now.
  std::int64_t ecs_provisioning_limit = 500;
  /// Cluster auto scaling sizes several zones or types by bin packing from 2020-10; before, N + minimum step
  /// (aws/containers-roadmap issue 960).
  bool ecs_cas_binpacks_many_zones = true;
  /// Circuit breaker: least number of failures; 10 until 2023, 3 since (ECS developer guide).
  std::int64_t ecs_circuit_breaker_minimum = 3;
  /// Longest pause between attempts of a failing task: 15 min until 2025, 27 min since.
  std::int64_t ecs_throttle_max_minutes = 27;
  /// Zone rebalancing is on for new services from 2025-09-05.
  bool ecs_zone_rebalancing_default = true;
};

/// The world on a date. Any date is accepted; before 2018-06 (general availability of EKS) it is that of 2018-06.
AsOf as_of(Date date);

/// A date that scenarios name often.
struct AsOfPreset {
  std::string_view name;  ///< "2019-02", "2020-12", "2022-04", "today"
  Date date;
  std::string_view summary;
};
std::span<const AsOfPreset> as_of_presets();

}  // namespace plimsoll::aws
