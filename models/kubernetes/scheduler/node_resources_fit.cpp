#include "models/kubernetes/scheduler/node_resources_fit.h"

#include <algorithm>

#include "models/kubernetes/scheduler/least_allocated.h"

namespace plimsoll::kubernetes {

bool NodeResourcesFit::is_ignored(const Names& names, NameId resource) const {
  if (std::find(ignored_.begin(), ignored_.end(), resource) != ignored_.end()) return true;
  if (ignored_groups_.empty()) return false;
  const std::string_view text = names.text(resource);
  const std::string_view group = text.substr(0, text.find('/'));
  return std::find(ignored_groups_.begin(), ignored_groups_.end(), group) != ignored_groups_.end();
}

void NodeResourcesFit::filter(const Cycle& cycle, std::span<const Row> rows, std::span<Verdict> verdicts) const {
  struct Checked {
    Resource resource;
    Reason reason;
  };
  static constexpr Checked kChecked[] = {{Resource::cpu, Reason::insufficient_cpu},
                                         {Resource::memory, Reason::insufficient_memory},
                                         {Resource::ephemeral_storage, Reason::insufficient_ephemeral_storage},
                                         {Resource::enis, Reason::insufficient_enis},
                                         {Resource::gpus, Reason::insufficient_gpus}};
  const Snapshot& s = cycle.snapshot();
  const PodShape& pod = cycle.pod;
  const bool current = cycle.version == KubernetesVersion::current;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Verdict& verdict = verdicts[i];
    if (!verdict.ok()) continue;
    const Row row = rows[i];
    if (s.requested(Resource::pods)[row] + 1 > s.allocatable(Resource::pods)[row]) {
      verdict.fail(Code::unschedulable, id(), Reason::too_many_pods);
    }
    if (!pod.requests_anything) continue;
    bool hopeless = false;
    for (const auto& [resource, reason] : kChecked) {
      const std::int64_t wanted = pod.requests[resource];
      // A resource that the pod does not ask for is checked too before the newest releases (an overcommitted node
      // fails), but ENIs and GPUs are ours and were never.
      if (wanted == 0 && (current || resource == Resource::enis || resource == Resource::gpus)) continue;
      const std::int64_t capacity = s.allocatable(resource)[row];
      if (wanted > capacity - s.requested(resource)[row]) {
        verdict.fail(Code::unschedulable, id(), reason);
        hopeless = hopeless || wanted > capacity;
      }
    }
    for (const auto& [name, wanted] : pod.extended) {
      if (is_ignored(cycle.view.names, name) || (current && wanted == 0)) continue;
      const std::int64_t capacity = s.allocatable_extended(row, name);
      if (wanted > capacity - s.requested_extended(row, name)) {
        verdict.fail(Code::unschedulable, id(), Reason::insufficient_extended,
                     verdict.has(Reason::insufficient_extended) ? NameId{} : name);
        hopeless = hopeless || wanted > capacity;
      }
    }
    if (hopeless && current) verdict.code = Code::unresolvable;
  }
}

std::vector<NameId> NodeResourcesFit::short_extended(const Cycle& cycle, Row row) const {
  const Snapshot& s = cycle.snapshot();
  std::vector<NameId> out;
  for (const auto& [name, wanted] : cycle.pod.extended) {
    if (is_ignored(cycle.view.names, name)) continue;
    if (cycle.version == KubernetesVersion::current && wanted == 0) continue;
    if (wanted > s.allocatable_extended(row, name) - s.requested_extended(row, name)) out.push_back(name);
  }
  return out;
}

void NodeResourcesFit::score(const Cycle& cycle, std::span<const Row> rows, std::span<std::int64_t> scores) const {
  for (std::size_t i = 0; i < rows.size(); ++i) scores[i] = least_allocated_score(cycle, rows[i], resources_);
}

}  // namespace plimsoll::kubernetes
