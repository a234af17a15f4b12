#include "sim/engine/pending.h"

#include <algorithm>

#include "sim/cluster/host_agent.h"
#include "sim/cluster/revision_history.h"
#include "sim/policy/creation_refusals.h"
#include "sim/policy/group_updates.h"
#include "sim/policy/inactive_scalers.h"
#include "sim/policy/pending_reasons.h"

namespace plimsoll::engine {

namespace {

constexpr Duration kLong = minutes(5);
/// By then whatever adds nodes has looked, also by a metric of one minute: with none on its way, nothing would change.
constexpr Duration kSettled = minutes(2);

bool instance_on_its_way(const World& world) {
  const auto nodes = world.live_nodes();
  return std::any_of(nodes.begin(), nodes.end(), [&](NodeId id) {
    const NodeState state = world.node(id).state;
    return state == NodeState::requested || state == NodeState::running;
  });
}

struct Waiting {
  WorkloadId workload;
  std::string why;
  std::int64_t count = 0;
  Time oldest{};
};

}  // namespace

std::vector<std::string> pending_remarks(World& world, std::string_view pod_word) {
  std::vector<Waiting> waiting;
  const Duration least = instance_on_its_way(world) ? kLong : kSettled;
  for (const PodId id : world.pending_pods()) {
    const Pod& pod = world.pod(id);
    // Of the platform's own pods only those that belong on one node: another node does not help them.
    if ((world.workload(pod.workload).system && !pod.daemon) || world.now() - pod.created < least) continue;
    std::string why;
    world.each_component<PendingReasons>([&](PendingReasons& reasons) {
      if (why.empty()) why = reasons.why_pending(world, id);
    });
    const auto at = std::find_if(waiting.begin(), waiting.end(),
                                 [&](const Waiting& w) { return w.workload == pod.workload && w.why == why; });
    // In order of creation: the first of a group is its oldest.
    if (at == waiting.end()) {
      waiting.push_back({pod.workload, std::move(why), 1, pod.created});
    } else {
      ++at->count;
    }
  }
  std::vector<std::string> out;
  // Placed, but kept from starting by what its node has to bring first.
  for (const Pod& pod : world.pods()) {
    if (pod.state != PodState::preparing || pod.bound == kTimeNever || world.now() - pod.bound < kLong) continue;
    const auto tell = [&](const std::string& why) {
      if (why.empty()) return;
      const auto waited = seconds((world.now() - pod.bound).count() / 1'000'000);
      out.push_back(std::string(world.names.text(world.workload(pod.workload).name)) + ": a " + std::string(pod_word) +
                    " on its node is not started at the end, for " + to_string(waited) + ": " + why);
    };
    // Looked for and not found, and nothing was pulled.
    if (pod.pulling == kTimeNever && pod.crashes > 0)
      tell("its image is not there, and its pull policy is Never (ErrImageNeverPull)");
    world.each_component<PendingReasons>([&](PendingReasons& reasons) {
      tell(dynamic_cast<MountGate*>(&reasons) != nullptr ? reasons.why_pending(world, pod.id) : "");
    });
  }
  world.each_component<CreationRefusals>([&](const CreationRefusals& refusals) {
    for (const Workload& w : world.workloads()) {
      const CreationRefusals::Refusal* r = refusals.refused(w.id);
      if (r == nullptr) continue;
      const auto span = seconds((world.now() - r->first).count() / 1'000'000);
      out.push_back(std::string(world.names.text(w.name)) + ": its controller wants more " + std::string(pod_word) +
                    "s at the end than it gets, refused " + std::to_string(r->count) +
                    (r->count == 1 ? " time in " : " times in ") + to_string(span) + ": " + r->message);
    }
  });
  world.each_component<RevisionHistory>([&](const RevisionHistory& history) {
    for (std::string& refused : history.refused_rollbacks(world)) out.push_back(std::move(refused));
  });
  world.each_component<GroupUpdates>([&](const GroupUpdates& updates) {
    for (const GroupUpdates::Failure& f : updates.failed_updates()) {
      out.push_back("the update of node group " + std::string(world.names.text(world.group(f.group).name)) +
                    " failed: " + f.message + "; " + std::to_string(f.left.size()) +
                    (f.left.size() == 1 ? " node was left" : " nodes were left") + " on the older image");
    }
  });
  world.each_component<InactiveScalers>([&](const InactiveScalers& scalers) {
    for (const InactiveScaler& s : scalers.inactive_scalers(world))
      out.push_back(std::string(world.names.text(world.workload(s.workload).name)) + ": " + s.why);
  });
  world.each_component<InstanceRefreshes>([&](const InstanceRefreshes& refreshes) {
    for (std::string& unfinished : refreshes.unfinished_refreshes(world)) out.push_back(std::move(unfinished));
  });
  for (const Waiting& w : waiting) {
    const auto waited = seconds((world.now() - w.oldest).count() / 1'000'000);
    std::string text = std::string(world.names.text(world.workload(w.workload).name)) + ": " + std::to_string(w.count) +
                       " " + std::string(pod_word) + (w.count == 1 ? " waits" : "s wait") +
                       " for a place at the end, " + (w.count == 1 ? "for " : "the oldest for ") + to_string(waited);
    if (!w.why.empty()) text += ": " + w.why;
    out.push_back(std::move(text));
  }
  return out;
}

}  // namespace plimsoll::engine
