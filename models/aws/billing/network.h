#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/aws/billing/ratio.h"

namespace plimsoll::aws::charges {

struct NatCharge {
  Money hours{}, data{};
  constexpr Money total() const { return hours + data; }
};
/// Hours provisioned plus GB processed in either direction. SOURCE: Amazon VPC pricing page, NAT gateway.
NatCharge nat_gateway_charge(Duration provisioned, Bytes processed, Rate per_hour, Rate per_gb);

/// Public IPv4 addresses, attached or not, from allocation to release; by the second begun, 60 s each.
/// SOURCE: Amazon VPC pricing page, public IPv4 address; the minimum is not confirmed by a stored source.
Money public_ipv4_charge(std::int64_t addresses, Duration each, Rate per_hour);

/// One step of a tiered price; the last has no size.
struct Tier {
  std::optional<Ratio> gb;
  Rate per_gb{};
};
/// 1 TB of a tier is 1,024 GB. Splits a month's volume over the tiers; one amount a tier.
/// SOURCE: Amazon EC2 data transfer pricing; tiers start at zero for each account, region and month.
std::vector<Money> tiered_charge(Ratio gb, std::span<const Tier> tiers);
/// The price of moving from `before` to `before + gb` in a month: what an hour adds to a tiered line.
Money tiered_increment(Ratio before, Ratio gb, std::span<const Tier> tiers);

/// Bytes between zones are charged at both ends. SOURCE: Amazon EC2 data transfer pricing.
Money cross_zone_charge(Ratio gb, Rate per_gb_each_direction);

}  // namespace plimsoll::aws::charges
