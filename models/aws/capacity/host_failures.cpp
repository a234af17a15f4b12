#include "models/aws/capacity/host_failures.h"

#include <string>

#include "sim/core/math.h"

namespace plimsoll::aws {

namespace {

constexpr double kHoursPerYear = 8766;

}  // namespace

void HostFailures::on_fact(World& world, const FactRecord& fact) {
  if (fact.fact != Fact::node_running) return;
  const Node& node = world.node(fact.node);
  if (node.host != HostKind::ec2) return;
  const double hazard = -math::log1p(-static_cast<double>(a_year_.raw()) / 1e6) / kHoursPerYear;
  std::string path = "host/";
  path += world.names.text(node.instance_type);
  path += '/';
  path += world.names.text(world.zones()[node.zone.index()]);
  const Stream stream = world.stream(mix64(hash_text(path) + node.tag), Purpose::host_failure);
  const double hours_left = draw::exponential(stream, 0, 1 / hazard);
  if (hours_left < to_seconds(world.end - world.now()) / 3600)
    world.wake(handler, world.now() + from_seconds(hours_left * 3600), Phase::facts, fact.node.value());
}

void HostFailures::handle(World& world, const Event& event) {
  world.lose_node(NodeId{static_cast<std::uint32_t>(event.payload)});
}

}  // namespace plimsoll::aws
