#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/document/fields.h"
#include "sim/policy/readers.h"

namespace plimsoll::scenario {

/// What the real files of one app say on one side.
struct SideFacts {
  std::optional<PodSize> size;
  std::string size_file, image, launch_type;
  bool any = false, service_connect = false;
  std::shared_ptr<const VendorPod> pod;
  std::vector<ProbeFacts> probes;  ///< of the main container
  std::optional<Duration> stop_grace, pre_stop;
  std::optional<KubernetesRollout> kubernetes_rollout;
  std::optional<EcsRollout> ecs_rollout;
};

inline bool ends_with_name(std::string_view family, std::string_view app) {
  return family.size() > app.size() && family.ends_with(app) &&
         (family[family.size() - app.size() - 1] == '-' || family[family.size() - app.size() - 1] == '_');
}

/// Which real files belong to which app: by the workload's name, or by name and namespace ("web.staging"); a task
/// definition also by the service that runs it, or by a family that ends in "-app".
class FileIndex {
 public:
  FileIndex(const std::vector<ManifestFacts>& facts, const std::vector<std::string>& apps)
      : facts_(facts), owner_(facts.size()) {
    for (std::size_t i = 0; i < facts.size(); ++i) {
      const ManifestFacts& fact = facts[i];
      const std::string qualified = fact.name + "." + fact.namespace_name;
      if (is_app(apps, fact.name)) owner_[i] = fact.name;
      if (!fact.namespace_name.empty() && is_app(apps, qualified)) owner_[i] = qualified;
      if (!owner_[i].empty() || fact.side != Side::ecs) continue;
      for (const ManifestFacts& service : facts) {
        if (!service.definition.empty() && service.definition == fact.name && is_app(apps, service.name)) {
          owner_[i] = service.name;
          break;
        }
      }
      for (const std::string& app : apps) {
        // The longest app name wins: "-dark-ui" before "-ui".
        if (ends_with_name(fact.name, app) && app.size() > owner_[i].size() && !runs_for_other(fact.name, app))
          owner_[i] = app;
      }
    }
  }

  std::vector<const ManifestFacts*> of(const std::string& app) const {
    std::vector<const ManifestFacts*> out;
    for (std::size_t i = 0; i < facts_.size(); ++i) {
      if (owner_[i] == app) out.push_back(&facts_[i]);
    }
    return out;
  }
  /// Workloads of the files that no app names.
  std::vector<const ManifestFacts*> strangers() const {
    std::vector<const ManifestFacts*> out;
    for (std::size_t i = 0; i < facts_.size(); ++i) {
      if (owner_[i].empty() && !facts_[i].name.empty()) out.push_back(&facts_[i]);
    }
    return out;
  }

 private:
  static bool is_app(const std::vector<std::string>& apps, const std::string& name) {
    return std::find(apps.begin(), apps.end(), name) != apps.end();
  }
  bool runs_for_other(const std::string& family, const std::string& app) const {
    for (const ManifestFacts& service : facts_) {
      if (service.definition == family && !service.definition.empty() && service.name != app) return true;
    }
    return false;
  }

  const std::vector<ManifestFacts>& facts_;
  std::vector<std::string> owner_;
};

/// Workloads of one name in two namespaces, or of two kinds: only one of them is the app.
inline void warn_of_namesakes(const document::Item& item, const std::vector<const ManifestFacts*>& facts,
                              document::Diagnostics& diagnostics) {
  const ManifestFacts* first = nullptr;
  for (const ManifestFacts* fact : facts) {
    if (fact->side != Side::kubernetes || !fact->size) continue;
    if (first == nullptr) {
      first = fact;
      continue;
    }
    const bool apart = fact->namespace_name != first->namespace_name;
    const auto where = [&](const ManifestFacts& f) {
      return f.kind + " of " + f.file + (apart ? " in the namespace '" + f.namespace_name + "'" : "");
    };
    diagnostics.warning(item.mark,
                        "the files have two workloads '" + item.name + "': the " + where(*first) + " is the app, the " +
                            where(*fact) + " is left out",
                        apart ? "an app named '" + fact->name + "." + fact->namespace_name + "' runs it too"
                              : "give one of them another name",
                        item.path);
  }
}

inline SideFacts on_side(const std::vector<const ManifestFacts*>& facts, Side side) {
  SideFacts out;
  for (const ManifestFacts* fact : facts) {
    if (fact->side != side) continue;
    out.any = true;
    if (fact->size && !out.size) {
      out.size = fact->size;
      out.size_file = fact->file;
    }
    if (out.image.empty() && !fact->containers.empty()) out.image = fact->containers[0].image;
    if (out.launch_type.empty()) out.launch_type = fact->launch_type;
    if (!out.pod) out.pod = fact->pod;
    out.service_connect = out.service_connect || fact->service_connect;
    if (out.probes.empty() && !fact->containers.empty()) out.probes = fact->containers[0].probes;
    if (!out.stop_grace) out.stop_grace = fact->stop_grace;
    if (!out.pre_stop) out.pre_stop = fact->pre_stop;
    if (!out.kubernetes_rollout) out.kubernetes_rollout = fact->kubernetes_rollout;
    if (!out.ecs_rollout) out.ecs_rollout = fact->ecs_rollout;
  }
  return out;
}

}  // namespace plimsoll::scenario
