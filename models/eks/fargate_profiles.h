#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sim/cluster/names.h"
#include "sim/cluster/pod_shape.h"
#include "sim/document/fields.h"

namespace plimsoll::eks {

/// Pods of a namespace, with all of these labels. `*` stands for any characters and `?` for one, in the namespace and
/// in keys and values of labels.
struct FargateSelector {
  std::string namespace_name;
  std::vector<std::pair<std::string, std::string>> labels;
};

/// A Fargate profile beside the nodes of a column: pods that one of its selectors matches run on Fargate, whatever room
/// the nodes have; DaemonSets do not. SOURCE: EKS user guide, "Define which Pods use AWS Fargate when launched" (five
/// selectors a profile, wildcards); eksctl fargateProfiles. Left out: subnets (its pods may start in every zone).
struct FargateProfile {
  std::string name;
  std::vector<FargateSelector> selectors;
};

/// Reads `fargateProfiles` of a capacity block.
std::vector<FargateProfile> read_fargate_profiles(document::Fields& capacity);

/// Whether some profile takes a pod of this shape.
bool selects(std::span<const FargateProfile> profiles, const PodShape& pod, const Names& names);

}  // namespace plimsoll::eks
