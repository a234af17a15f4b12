#include "models/kubernetes/controllers/revision_history_limit.h"

#include <algorithm>

namespace plimsoll::kubernetes {

void RevisionHistoryLimit::manage(WorkloadId workload, std::int64_t limit) {
  if (workloads_.size() <= workload.index()) workloads_.resize(workload.index() + 1);
  workloads_[workload.index()].managed = true;
  workloads_[workload.index()].limit = limit;
}

bool RevisionHistoryLimit::can_roll_back(const World& world, WorkloadId workload, std::uint32_t revision) {
  if (workload.index() >= workloads_.size() || !workloads_[workload.index()].managed) return true;
  const History& h = workloads_[workload.index()];
  if (revision == h.wanted || std::find(h.old.begin(), h.old.end(), revision) != h.old.end()) return true;
  refused_.push_back({world.now(), workload, revision});
  return false;
}

std::vector<std::string> RevisionHistoryLimit::refused_rollbacks(const World& world) const {
  std::vector<std::string> out;
  for (const Refused& r : refused_) {
    out.push_back(std::string(world.names.text(world.workload(r.workload).name)) + ": its rollback at " +
                  to_string(r.at - world.window_start) + " does nothing: unable to find specified revision " +
                  std::to_string(r.revision) + " in history (revisionHistoryLimit " +
                  std::to_string(workloads_[r.workload.index()].limit) + ")");
  }
  return out;
}

void RevisionHistoryLimit::on_fact(World& /*world*/, const FactRecord& f) {
  if (f.fact != Fact::revision_changed && f.fact != Fact::rollout_completed) return;
  if (f.workload.index() >= workloads_.size() || !workloads_[f.workload.index()].managed) return;
  History& h = workloads_[f.workload.index()];
  if (f.fact == Fact::revision_changed) {
    const auto wanted = static_cast<std::uint32_t>(f.value);
    if (wanted == h.wanted) return;
    std::erase(h.old, wanted);
    h.old.push_back(h.wanted);
    h.wanted = wanted;
    return;
  }
  const auto kept = static_cast<std::size_t>(h.limit);
  if (h.old.size() > kept) h.old.erase(h.old.begin(), h.old.end() - static_cast<std::ptrdiff_t>(kept));
}

}  // namespace plimsoll::kubernetes
