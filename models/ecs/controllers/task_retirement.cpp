#include "models/ecs/controllers/task_retirement.h"

#include <algorithm>

#include "models/ecs/instants.h"

namespace plimsoll::ecs {

TaskRetirementPlan TaskRetirementPlan::read(document::Fields& column, bool on_fargate) {
  TaskRetirementPlan out;
  if (!on_fargate && column.has("fargatePlatform") && !column.describing())
    column.error("fargatePlatform", "no task of this column runs on Fargate", "remove fargatePlatform");
  document::Fields f = column.child("fargatePlatform", "retirement of revisions of the Fargate platform version");
  out.retired_after = read_instants(f, "retiredAfter", "when AWS retires the revision that is in use then");
  out.wait = hours(24 * f.choice<std::int64_t>("fargateTaskRetirementWaitPeriod", {{"0", 0}, {"7", 7}, {"14", 14}}, 7,
                                               "account setting's default", "days from the notice to the retirement"));
  return out;
}

void TaskRetirement::start(World& world) {
  for (std::size_t i = 0; i < plan_.retired_after.size(); ++i) {
    const Time notice = world.window_start + plan_.retired_after[i];
    if (notice > world.end) continue;
    world.wake(handler, notice, Phase::facts, (i << 8) | kNotice);
    if (notice + plan_.wait <= world.end)
      world.wake(handler, notice + plan_.wait, Phase::controllers, (i << 8) | kRetire);
  }
}

void TaskRetirement::handle(World& world, const Event& event) {
  const Time notice = world.window_start + plan_.retired_after[event.payload >> 8];
  if ((event.payload & 0xffu) == kRetire) {
    retire(world, notice);
  } else {
    world.record({.at = world.now(),
                  .fact = Fact::retirement_notice,
                  .reason = Reason::retired,
                  .value = to_microseconds(notice + plan_.wait)});
  }
}

void TaskRetirement::retire(World& world, Time launched_before) {
  const std::vector<NodeId> hosts(world.live_nodes().begin(), world.live_nodes().end());
  for (const NodeId id : hosts) {
    const Node& host = world.node(id);
    if (host.host != HostKind::fargate || host.state != NodeState::ready || host.requested >= launched_before) continue;
    const PodId task{static_cast<std::uint32_t>(host.tag)};
    if (std::find(services_.begin(), services_.end(), world.pod(task).workload) != services_.end()) {
      world.drain_node(id, Reason::retired);
    } else {
      world.stop_pod(task, Reason::retired);
    }
  }
}

}  // namespace plimsoll::ecs
