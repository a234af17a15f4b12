#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "models/aws/billing/ratio.h"

namespace plimsoll::aws::charges {

/// What one Application Load Balancer carried, as means over the metered hour.
struct AlbTraffic {
  Ratio new_connections_per_s;
  Ratio active_connections;
  Ratio gb_per_hour;
  Ratio requests_per_s;
  std::int64_t rules = 0;
  bool lambda_targets = false;
  bool mutual_tls = false;
};
enum class LcuDimension : std::uint8_t { new_connections, active_connections, processed_bytes, rule_evaluations };
std::string_view to_string(LcuDimension d);

struct AlbUnits {
  std::array<Ratio, 4> by_dimension;  ///< indexed by LcuDimension
  Ratio lcu;                          ///< the largest
  LcuDimension binding = LcuDimension::new_connections;
};
/// LCU = the largest of new connections/s / 25, active connections / 3,000 (1,500 with mutual TLS), GB/h / 1 (0.4 for
/// Lambda targets), rule evaluations/s / 1,000, where rule evaluations = requests/s x max(rules - 10, 0).
/// SOURCE: Elastic Load Balancing pricing page.
AlbUnits alb_units(const AlbTraffic& traffic);

struct LoadBalancerCharge {
  Money hours{}, usage{};
  constexpr Money total() const { return hours + usage; }
};
LoadBalancerCharge alb_charge(Duration provisioned, Ratio lcu, Rate per_hour, Rate per_lcu_hour);

struct NlbProtocolTraffic {
  Ratio new_per_s;
  Ratio active;
  Ratio gb_per_hour;
};
enum class NlbProtocol : std::uint8_t { tcp, udp, tls };
/// NLCU of one protocol: the largest of new flows/s / (800, 400, 50), active flows / (100,000, 50,000, 3,000), GB/h
/// / 1. The protocols add up. SOURCE: Elastic Load Balancing pricing page.
Ratio nlb_units(NlbProtocol protocol, const NlbProtocolTraffic& traffic);
LoadBalancerCharge nlb_charge(Duration provisioned, Ratio nlcu, Rate per_hour, Rate per_nlcu_hour);

/// Classic: hours plus processed GB.
LoadBalancerCharge clb_charge(Duration provisioned, Bytes processed, Rate per_hour, Rate per_gb);

}  // namespace plimsoll::aws::charges
