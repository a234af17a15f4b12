#include "models/kubernetes/scheduler/volume_zone.h"

#include <algorithm>

#include "models/kubernetes/scheduler/volume_binding.h"

namespace plimsoll::kubernetes {

void VolumeZone::filter(const Cycle& cycle, std::span<const Row> rows, std::span<Verdict> verdicts) const {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!verdicts[i].ok()) continue;
    const NameId zone = zone_of(cycle.snapshot().node(rows[i]), cycle.keys);
    // A node without any zone label is not asked.
    const bool conflict =
        !zone.is_none() && std::any_of(cycle.pod.volumes.begin(), cycle.pod.volumes.end(), [&](const PodVolume& v) {
          return v.zone_is_label && !v.zone.is_none() && v.zone != zone;
        });
    if (conflict) verdicts[i].fail(Code::unresolvable, id(), Reason::volume_zone);
  }
}

}  // namespace plimsoll::kubernetes
