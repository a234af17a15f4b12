#include "models/kubernetes/api/feature_gates.h"

#include <algorithm>

namespace plimsoll::kubernetes::api {

namespace {

bool sizes_pod(const ResourceAmountsSpec& amounts) { return amounts.cpu || amounts.memory; }

}  // namespace

std::vector<DroppedField> drop_disabled_fields(ManifestPod& pod, int minor) {
  std::vector<DroppedField> out;
  Workload& w = pod.workload;
  const auto drop = [&](std::string_view name, int since, bool present, auto&& take) {
    if (minor >= since || !present) return;
    out.push_back({name, since, {}});
    take();
  };
  const auto bounded = [](const SpreadConstraint& c) { return c.min_domains.has_value(); };
  drop("minDomains", 27, std::any_of(w.pod.spread.begin(), w.pod.spread.end(), bounded), [&] {
    for (SpreadConstraint& c : w.pod.spread) c.min_domains.reset();
  });
  const auto stays = [](const Container& c) { return c.sidecar; };
  drop("restartPolicy", 29, std::any_of(w.pod.init_containers.begin(), w.pod.init_containers.end(), stays), [&] {
    std::string& names = out.back().containers;
    for (Container& c : w.pod.init_containers) {
      if (c.sidecar) names += (names.empty() ? "" : ", ") + c.name;
      c.sidecar = false;
    }
  });
  drop("spec.resources", 34, sizes_pod(w.pod.requests) || sizes_pod(w.pod.limits), [&] {
    w.pod.requests = {};
    w.pod.limits = {};
  });
  const bool stateful = w.kind == WorkloadKind::stateful_set;
  drop("minReadySeconds", 23, stateful && w.min_ready.count() > 0, [&] { w.min_ready = {}; });
  drop("persistentVolumeClaimRetentionPolicy", 27, w.claims_deleted_when_scaled,
       [&] { w.claims_deleted_when_scaled = false; });
  const auto lenient = [](const SelectingBudget& b) { return b.spec.unready_always_allowed; };
  drop("unhealthyPodEvictionPolicy", 27, std::any_of(pod.budgets.begin(), pod.budgets.end(), lenient), [&] {
    for (SelectingBudget& b : pod.budgets) b.spec.unready_always_allowed = false;
  });
  return out;
}

}  // namespace plimsoll::kubernetes::api
