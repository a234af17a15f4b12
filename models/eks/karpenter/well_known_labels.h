#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/eks/node/node_labels.h"
#include "sim/cluster/names.h"

namespace plimsoll::eks::karpenter {

/// Keys that a NodePool need not define because Karpenter or the cloud provider gives every node a value, or none has
/// one: each instance type says which. EKS Auto Mode has those of instances under eks.amazonaws.com, not
/// karpenter.k8s.aws, and a compute-type of its own.
/// SOURCE: pkg/apis/v1/labels.go (core) and aws/karpenter-provider-aws v1.14.1 pkg/apis/v1/labels.go; EKS user guide,
/// "Create a Node Pool for EKS Auto Mode" (supported labels), and the labels that `kubectl get nodes --show-labels`
/// tells of Auto Mode's nodes.
class WellKnownLabels {
 public:
  explicit WellKnownLabels(Names& names, bool auto_mode = false);
  bool contains(NameId key) const;
  /// All of them, by id.
  std::span<const NameId> keys() const { return keys_; }
  NameId normalized(NameId key) const { return aliases_.of(key); }
  const NormalizedLabels& aliases() const { return aliases_; }
  /// The name of an instance's label: "instance-family" with the domain that this kind of cluster has.
  std::string instance_label(std::string_view name) const { return std::string(domain_) + std::string(name); }
  bool auto_mode() const { return auto_mode_; }

  NameId nodepool, capacity_type, zone, region, zone_id, instance_type, arch, os, hostname;
  NameId node_class;  ///< label of a node with the name of its class; every claim defines it
  NameId spot, on_demand, reserved;

 private:
  bool auto_mode_;
  std::string_view domain_;
  NormalizedLabels aliases_;
  std::vector<NameId> keys_;  // sorted
};

/// Whether Karpenter refuses a requirement on the key unless it is well known: the domain belongs to Kubernetes or to
/// Karpenter. SOURCE: kubernetes-sigs/karpenter pkg/apis/v1/labels.go (IsRestrictedLabel, RestrictedLabelDomains,
/// LabelDomainExceptions); in EKS Auto Mode eks.amazonaws.com as well.
bool is_restricted_label(std::string_view key, bool auto_mode);

}  // namespace plimsoll::eks::karpenter
