#include "models/eks/cluster_autoscaler/taint_config.h"

#include <algorithm>

namespace plimsoll::eks::ca {

namespace {

constexpr std::string_view kStartupPrefixes[] = {"ignore-taint.cluster-autoscaler.kubernetes.io/",
                                                 "startup-taint.cluster-autoscaler.kubernetes.io/"};
constexpr std::string_view kStatusPrefix = "status-taint.cluster-autoscaler.kubernetes.io/";
constexpr std::string_view kPassing[] = {"ToBeDeletedByClusterAutoscaler",
                                         "DeletionCandidateOfClusterAutoscaler",
                                         "node.kubernetes.io/not-ready",
                                         "node.kubernetes.io/unreachable",
                                         "node.kubernetes.io/unschedulable",
                                         "node.kubernetes.io/memory-pressure",
                                         "node.kubernetes.io/disk-pressure",
                                         "node.kubernetes.io/network-unavailable",
                                         "node.kubernetes.io/pid-pressure",
                                         "node.cloudprovider.kubernetes.io/uninitialized",
                                         "node.cloudprovider.kubernetes.io/shutdown",
                                         "NodeWithImpairedVolumes"};

bool holds(const std::vector<std::string>& keys, std::string_view key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

}  // namespace

TaintConfig::TaintConfig(const Options& options)
    : startup_(options.startup_taint), status_(options.status_taint), prefixes_(options.startup_taint_prefix) {
  startup_.insert(startup_.end(), options.ignore_taint.begin(), options.ignore_taint.end());
}

bool TaintConfig::is_startup(std::string_view key) const {
  const auto starts = [key](std::string_view prefix) { return key.starts_with(prefix); };
  return holds(startup_, key) || std::any_of(std::begin(kStartupPrefixes), std::end(kStartupPrefixes), starts) ||
         std::any_of(prefixes_.begin(), prefixes_.end(), starts);
}

bool TaintConfig::is_status(std::string_view key) const {
  return holds(status_, key) || key.starts_with(kStatusPrefix);
}

bool TaintConfig::is_kept(std::string_view key) const {
  return !is_startup(key) && !is_status(key) &&
         std::find(std::begin(kPassing), std::end(kPassing), key) == std::end(kPassing);
}

bool TaintConfig::has_startup(const std::vector<Taint>& taints, const Names& names) const {
  return std::any_of(taints.begin(), taints.end(), [&](const Taint& t) { return is_startup(names.text(t.key)); });
}

void TaintConfig::sanitize(std::vector<Taint>& taints, const Names& names) const {
  std::erase_if(taints, [&](const Taint& t) { return !is_kept(names.text(t.key)); });
}

}  // namespace plimsoll::eks::ca
