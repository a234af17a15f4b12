#include "models/kubernetes/scheduler/node_volume_limits.h"

#include <algorithm>

namespace plimsoll::kubernetes {

namespace {

/// Volumes of one driver: claims by name, once each, and those that every pod has for itself.
struct Attached {
  std::vector<NameId> claims;
  std::int64_t own = 0;
  void add(const PodShape& pod, NameId driver) {
    for (const PodVolume& v : pod.volumes) {
      if (v.driver != driver) continue;
      if (v.claim.is_none()) {
        ++own;
      } else if (std::find(claims.begin(), claims.end(), v.claim) == claims.end()) {
        claims.push_back(v.claim);
      }
    }
  }
  std::int64_t count() const { return own + static_cast<std::int64_t>(claims.size()); }
};

}  // namespace

void NodeVolumeLimits::filter(const Cycle& cycle, std::span<const Row> rows, std::span<Verdict> verdicts) const {
  constexpr std::string_view kPrefix = "attachable-volumes-csi-";
  const Snapshot& s = cycle.snapshot();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!verdicts[i].ok()) continue;
    for (const auto& [resource, limit] : s.node(rows[i]).extended) {
      const std::string_view name = cycle.view.names.text(resource);
      if (!name.starts_with(kPrefix)) continue;
      const std::string_view driver = name.substr(kPrefix.size());
      const auto mine = std::find_if(cycle.pod.volumes.begin(), cycle.pod.volumes.end(), [&](const PodVolume& v) {
        return !v.driver.is_none() && cycle.view.names.text(v.driver) == driver;
      });
      if (mine == cycle.pod.volumes.end()) continue;
      Attached before;
      for (const PodOnNode& there : s.pods(rows[i])) before.add(cycle.view.shapes[there.shape], mine->driver);
      Attached after = before;
      after.add(cycle.pod, mine->driver);
      // A pod that attaches nothing new is welcome on a full node.
      if (after.count() > before.count() && after.count() > limit) {
        verdicts[i].fail(Code::unschedulable, id(), Reason::too_many_volumes);
        break;
      }
    }
  }
}

}  // namespace plimsoll::kubernetes
