#pragma once

#include <algorithm>
#include <cstdint>

#include "sim/cluster/entities.h"

namespace plimsoll::aws {

/// What differs where a Network Load Balancer carries the entry. Its targets pass through a registration that the
/// guide gives no figure for ("a few minutes"): some 120 s before the first health check were measured with IP targets
/// of Fargate tasks, and AWS support names 180 to 300 s until a target takes traffic; 90 to 180 s here. A target that
/// is deregistered still gets new connections for about 120 s, whatever its deregistration delay. Health checks: 30 s,
/// two failures, 10 s of time-out; connections stop 30 to 40 s after the target counts as unhealthy.
/// SOURCE: Elastic Load Balancing, "Health checks for Network Load Balancer target groups" and "Target groups for your
/// Network Load Balancers"; github.com/awsdocs/elb-network-load-balancers-user-guide pull 11;
/// github.com/kubernetes-sigs/aws-load-balancer-controller issues 1834 and 2366; github.com/aws/containers-roadmap
/// issue 470. Left out: flows that outlive their target's registration (they follow its end), fail open, zones
/// of the balancer (cross-zone load balancing is taken as on).
struct NetworkTargets {
  static Delay registration() { return Delay::uniform(seconds(90), seconds(180)); }
  static Delay lost() { return Delay::uniform(seconds(65), seconds(110)); }
  static constexpr Duration kDeregistration = seconds(120);
  static constexpr const char* kRegistrationSource =
      "NLB registration: 'a few minutes' (guide), about 120 s to the first check measured";
  static constexpr const char* kLostSource = "NLB: two failed checks of 30 s, and 30 to 40 s until connections stop";
  static constexpr const char* kDeregistrationSource = "NLB: new connections still come for about 120 s (measured)";

  /// How long a task leaves its Network Load Balancer's target group before it may stop: its delay, at least what
  /// the balancer takes.
  static Duration draining(Duration deregistration_delay) { return std::max(deregistration_delay, kDeregistration); }
};

/// Capacity units that one request of the entry uses, as bytes that would use as many (a unit is a GiB an hour in both
/// kinds): processed bytes, new connections and active connections, whichever binds; all three grow with the requests,
/// so that the one that binds in one hour binds in all. An Application Load Balancer's unit has 25 new connections
/// a second and 3,000 active ones, a Network Load Balancer's 800 new and 100,000 active TCP flows.
/// SOURCE: Elastic Load Balancing pricing page. Left out: rule evaluations (ten rules are free).
std::int64_t capacity_bytes(std::int64_t reply_bytes, std::int64_t requests_per_connection, Duration lifetime,
                            bool network);

}  // namespace plimsoll::aws
