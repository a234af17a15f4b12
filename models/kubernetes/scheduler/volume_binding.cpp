#include "models/kubernetes/scheduler/volume_binding.h"

#include <algorithm>

#include "models/kubernetes/scheduler/match.h"

namespace plimsoll::kubernetes {

NameId zone_of(const SnapshotNode& node, const WellKnown& keys) {
  const NameId zone = node.labels.find(keys.zone);
  return zone.is_none() ? node.labels.find(keys.beta_zone) : zone;
}

void VolumeBinding::filter(const Cycle& cycle, std::span<const Row> rows, std::span<Verdict> verdicts) const {
  const auto& volumes = cycle.pod.volumes;
  const bool waits = std::any_of(volumes.begin(), volumes.end(), [](const PodVolume& v) { return v.unbound; });
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!verdicts[i].ok()) continue;
    if (waits) {
      verdicts[i].fail(Code::unresolvable, id(), Reason::unbound_claim);
      continue;
    }
    const NameId zone = zone_of(cycle.snapshot().node(rows[i]), cycle.keys);
    const bool reachable = std::all_of(volumes.begin(), volumes.end(), [&](const PodVolume& v) {
      return v.zone.is_none() || v.zone_is_label || v.zone == zone;
    });
    if (!reachable) verdicts[i].fail(Code::unresolvable, id(), Reason::volume_node_affinity);
    const SnapshotNode& node = cycle.snapshot().node(rows[i]);
    const bool can_be_made = std::all_of(volumes.begin(), volumes.end(), [&](const PodVolume& v) {
      return v.allowed.empty() || std::any_of(v.allowed.begin(), v.allowed.end(), [&](const NodeSelectorTerm& term) {
               return matches(term, node, cycle.view.names);
             });
    });
    if (!can_be_made) verdicts[i].fail(Code::unresolvable, id(), Reason::no_volume_to_bind);
  }
}

}  // namespace plimsoll::kubernetes
