#include "models/kubernetes/controllers/api_server.h"

#include <algorithm>

namespace plimsoll::kubernetes {

namespace {

/// Requests that clients make of a fact.
std::int64_t requests_of(Fact fact) {
  switch (fact) {
    case Fact::pod_created:
      return 2;  // the pod, the event of its controller
    case Fact::pod_bound:
      return 2;  // the binding, the event Scheduled
    case Fact::pod_pulling:
      return 2;  // status, Pulling
    case Fact::pod_started:
      return 4;  // status, Pulled, Created, Started
    case Fact::pod_ready:
      return 3;  // status, EndpointSlice, its owner's status
    case Fact::pod_unready:
    case Fact::pod_failed:
    case Fact::pod_restarted:
      return 2;  // status, event
    case Fact::pod_stopping:
      return 3;  // deletion, Killing, EndpointSlice
    case Fact::pod_ended:
      return 2;  // status, final deletion
    case Fact::node_ready:
      return 30;  // Node, CSINode, lease, certificate; lists of kubelet, kube-proxy, CNI and log agent
    case Fact::node_terminating:
      return 3;
    default:
      return 0;
  }
}

/// Of a node that is there, in thousandths a second: the lease every 10 s, its status and renewed watches.
constexpr std::int64_t kSteadyMilli = 150;

}  // namespace

std::int64_t ApiServer::free_milliseats() const {
  const std::int64_t all = parameters_.seats * 1000;
  const std::int64_t steady = nodes_ * kSteadyMilli * parameters_.request.count() / 1'000'000;
  return std::max(all - steady, all / 10);
}

/// What is beyond one round of requests in all seats has to wait for them.
std::int64_t ApiServer::wait_us() const {
  return std::max<std::int64_t>(backlog_ * 1000 / free_milliseats() - parameters_.request.count(), 0);
}

void ApiServer::advance(const World& world) {
  const std::int64_t passed = (world.now() - at_).count();
  if (passed <= 0) return;
  if (backlog_ > 0) {
    const Time from = std::max(at_, world.window_start);
    const Time until = std::min(at_ + Duration{std::min(passed, wait_us())}, world.end);
    bound_ += std::max(until - from, Duration{});
    const auto done = static_cast<__int128>(free_milliseats()) * passed / 1000;
    backlog_ = done >= backlog_ ? 0 : backlog_ - static_cast<std::int64_t>(done);
  }
  at_ = world.now();
}

Duration ApiServer::wait(const World& world) {
  advance(world);
  return Duration{wait_us()};
}

void ApiServer::set_seats(const World& world, std::int64_t seats) {
  advance(world);
  parameters_.seats = seats;
}

std::int64_t ApiServer::seats_in_use(const World& world) {
  advance(world);
  const std::int64_t steady = parameters_.seats - free_milliseats() / 1000;
  return std::min(parameters_.seats, steady + backlog_ / std::max<std::int64_t>(parameters_.request.count(), 1));
}

void ApiServer::on_fact(World& world, const FactRecord& fact) {
  const std::int64_t requests = requests_of(fact.fact);
  if (requests == 0) return;
  advance(world);
  backlog_ += requests * parameters_.request.count();
  if (fact.fact == Fact::node_ready && world.node(fact.node).ready == world.now()) ++nodes_;
  if (fact.fact == Fact::node_terminating && world.node(fact.node).ready != kTimeNever) --nodes_;
}

std::vector<BindingLimits::Limit> ApiServer::binding_limits(const World& world) const {
  const Duration window = world.end - world.window_start;
  if (bound_.count() == 0 || window.count() <= 0) return {};
  return {{"the API requests that the control plane serves at once (" + std::to_string(parameters_.seats) + " seats)",
           static_cast<double>(bound_.count()) / static_cast<double>(window.count())}};
}

Duration api_wait(World& world, HandlerId handler) {
  return handler.is_none() ? Duration{} : dynamic_cast<ApiServer&>(world.component(handler)).wait(world);
}

}  // namespace plimsoll::kubernetes
