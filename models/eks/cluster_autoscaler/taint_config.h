#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/eks/cluster_autoscaler/options.h"
#include "sim/cluster/names.h"
#include "sim/cluster/snapshot.h"

namespace plimsoll::eks::ca {

/// Taints that the autoscaler takes for passing states of a node. A node with a startup taint counts as not ready yet;
/// one with a status taint is as ready as any. Neither kind is expected on the next node of a group, and no more are
/// the taints of node conditions and the autoscaler's own. SOURCE: kubernetes/autoscaler
/// cluster-autoscaler/utils/taints/taints.go (SanitizeTaints, FilterOutNodesWithStartupTaints); FAQ, "How does CA treat
/// nodes with startup and status taints?".
class TaintConfig {
 public:
  explicit TaintConfig(const Options& options);
  TaintConfig() : TaintConfig(Options{}) {}

  /// By --startup-taint, --ignore-taint, --startup-taint-prefix, or the prefixes that always hold.
  bool is_startup(std::string_view key) const;
  /// By --status-taint or the prefix that always holds.
  bool is_status(std::string_view key) const;
  /// Whether a template keeps it.
  bool is_kept(std::string_view key) const;
  bool has_startup(const std::vector<Taint>& taints, const Names& names) const;
  void sanitize(std::vector<Taint>& taints, const Names& names) const;

 private:
  std::vector<std::string> startup_, status_, prefixes_;
};

}  // namespace plimsoll::eks::ca
