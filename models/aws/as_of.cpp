#include "models/aws/as_of.h"

#include <charconv>

namespace plimsoll::aws {
namespace {

constexpr Rate milli_dollars(std::int64_t n) { return Rate{n * 1'000'000'000}; }

bool read_number(std::string_view text, std::int32_t& value) {
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
  }
  return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc{};
}

std::int32_t days_in_month(std::int32_t year, std::int32_t month) {
  constexpr std::int32_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return kDays[month - 1] + (leap && month == 2 ? 1 : 0);
}

}  // namespace

std::optional<Date> parse_date(std::string_view text) {
  if (text == "today") return kToday;
  Date d;
  const bool with_day = text.size() == 10;
  if ((text.size() != 7 && !with_day) || text[4] != '-' || (with_day && text[7] != '-')) return std::nullopt;
  if (!read_number(text.substr(0, 4), d.year) || !read_number(text.substr(5, 2), d.month)) return std::nullopt;
  if (with_day && !read_number(text.substr(8, 2), d.day)) return std::nullopt;
  if (d.month < 1 || d.month > 12 || d.day < 1 || d.day > days_in_month(d.year, d.month)) return std::nullopt;
  return d;
}

std::string to_string(Date date) {
  const auto two = [](std::int32_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  std::string year = std::to_string(date.year);
  while (year.size() < 4) year.insert(0, "0");
  return year + "-" + two(date.month) + "-" + two(date.day);
}

AsOf as_of(Date date) {
  const auto since = [&](std::int32_t y, std::int32_t m, std::int32_t d) { return date >= Date{y, m, d}; };
  AsOf world;
  world.date = date;
  world.eks_control_plane_hour = since(2020, 1, 21) ? milli_dollars(100) : milli_dollars(200);
  if (since(2024, 4, 1)) world.eks_extended_support_hour = milli_dollars(600);
  world.eks_fargate = since(2019, 12, 3);
  world.eks_auto_mode = since(2024, 12, 1);
  world.ecs_capacity_providers = since(2019, 12, 3);
  world.fargate_spot = since(2019, 12, 3);
  world.ecs_managed_instances = since(2025, 9, 30);
  world.fargate_arm = since(2021, 11, 23);
  world.fargate_max_vcpu = since(2026, 1, 1) ? 32 : since(2022, 9, 16) ? 16 : 4;
  world.fargate_max_ephemeral_gib = since(2021, 4, 1) ? 200 : 20;
  world.public_ipv4_hour = since(2024, 2, 1) ? milli_dollars(5) : Rate{0};

  // Launch rates: one task a second after a burst of 10 until the rise announced in February 2022.
  const bool fast_fargate = since(2022, 2, 1);
  world.fargate_launch_burst = fast_fargate ? 100 : 10;
  world.fargate_launch_per_second = Ppm{(fast_fargate ? 20 : 1) * 1'000'000};
  world.fargate_launch_burst_eks_only = fast_fargate ? 20 : 10;
  if (fast_fargate && !since(2023, 1, 1)) world.eks_fargate_observed_per_minute = 530;
  // One service was measured at 23 tasks a minute in 2020.
  world.ecs_service_launch_per_minute_fargate = fast_fargate ? 500 : 23;
  world.ecs_service_launch_per_minute_ec2 = since(2023, 5, 1) ? 500 : 250;
  world.ecs_provisioning_limit = since(2023, 5, 1) ? 500 : since(2022, 4, 1) ? 300 : 100;
  world.ecs_cas_binpacks_many_zones = since(2020, 10, 1);
  world.ecs_circuit_breaker_minimum = since(2023, 6, 1) ? 3 : 10;
  world.ecs_throttle_max_minutes = since(2025, 1, 1) ? 27 : 15;
  world.ecs_zone_rebalancing_default = since(2025, 9, 5);
  return world;
}

std::span<const AsOfPreset> as_of_presets() {
  static constexpr AsOfPreset kPresets[] = {
      {"2019-02", {2019, 2, 1}, "EKS at $0.20 an hour, no Fargate for EKS, no capacity providers"},
      {"2020-12", {2020, 12, 1}, "EKS at $0.10 an hour, Fargate at 1 launch a second after a burst of 10"},
      {"2022-04", {2022, 4, 1}, "Fargate at 20 launches a second after a burst of 100, 300 provisioning tasks"},
      {"today", kToday, "the newest prices, quotas and features that ship with the program"}};
  return kPresets;
}

}  // namespace plimsoll::aws
