#pragma once

#include <string_view>
#include <vector>

#include "sim/cluster/constraints.h"
#include "sim/cluster/names.h"
#include "sim/cluster/resources.h"

namespace plimsoll::eks::ca {

struct SimilarityParams {
  double memory_difference_ratio = 0.015;          ///< --memory-difference-ratio, of the larger capacity
  double max_allocatable_difference_ratio = 0.05;  ///< --max-allocatable-difference-ratio
  double max_free_difference_ratio = 0.05;         ///< --max-free-difference-ratio
  bool aws_labels = true;                          ///< also ignore the labels that the AWS provider ignores
  std::vector<NameId> extra_ignored_labels;        ///< --balancing-ignore-label
  std::vector<NameId> only_labels;                 ///< --balancing-label: when not empty, only these are compared
};

/// One group's template node, with what its daemons request.
struct GroupTemplate {
  ResourceVector capacity, allocatable, requested;
  ExtendedResources extended, extended_requested;
  Labels labels;
};

/// Labels that never tell groups apart (hostname, zone and region, kops instance group, fluentd-ds-ready), and those of
/// AWS (eksctl, EKS node group, eniConfig, lifecycle, EBS and zone-id topology).
bool is_ignored_label(std::string_view key, bool aws_labels);

/// Whether two node groups may share a scale-up: the same resources, equal capacity of each but memory (1.5 %),
/// allocatable and free within 5 %, and all labels equal but the ignored. Differences are shares of the larger value.
/// SOURCE: kubernetes/autoscaler 1.28 cluster-autoscaler/processors/nodegroupset/{compare,aws}_nodegroups.go.
bool are_similar(const GroupTemplate& a, const GroupTemplate& b, const Names& names, const SimilarityParams& params);

}  // namespace plimsoll::eks::ca
