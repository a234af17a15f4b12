#include "sim/cli/explain_managed_instances.h"

#include <algorithm>

#include "models/ecs/controllers/managed_instances_provider.h"

namespace plimsoll::cli {

bool is_managed_instances(Subject& s, NodeGroupId group) {
  bool out = false;
  s.world().each_component<ecs::ManagedInstancesProvider>(
      [&](const ecs::ManagedInstancesProvider& p) { out = out || p.group() == group; });
  return out;
}

std::string managed_launch_text() {
  return "Managed Instances: tasks waited that had no room on what there was or came; AWS chose the type, the cheapest "
         "that holds them.";
}

std::string managed_end_text(const Subject& s, const Node& n) {
  switch (n.end_reason) {
    case Reason::scale_down: {
      Time idle = n.ready;
      for (const FactRecord& f : s.world().log) {
        if (f.fact == Fact::pod_ended && f.node == n.id && f.at <= n.terminating) idle = f.at;
      }
      return "Managed Instances ended it: it had no task since " + s.clock(idle) + " (scaleInAfter).";
    }
    case Reason::consolidation:
      return "Managed Instances drained it at " + s.clock(n.draining) +
             ": it was underused, and its tasks had room on the other instances.";
    case Reason::expired:
      return "Managed Instances drained it when it was " + span_text(n.draining - n.running) +
             " old: instances are replaced after 14 days.";
    default:
      return "";
  }
}

std::vector<InstanceStep> instance_steps(const Subject& s, NodeGroupId group, Time from, Time to) {
  std::vector<InstanceStep> out;
  for (const Node& n : s.world().nodes()) {
    if (n.group != group) continue;
    const std::string reason = reason_key(n.end_reason);
    for (const auto& [at, what] :
         {std::pair(n.requested, std::string("asked for")), std::pair(n.draining, "draining: " + reason),
          std::pair(n.terminating, "shut down: " + reason)}) {
      if (at != kTimeNever && at >= from && at <= to) out.push_back({at, n.id, what});
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  return out;
}

}  // namespace plimsoll::cli
