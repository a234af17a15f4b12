#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/cluster/constraints.h"
#include "sim/cluster/names.h"

namespace plimsoll::eks {

/// Old and vendor names of labels, which mean the well-known one in requirements of pods and NodePools. A node carries
/// both. SOURCE: kubernetes-sigs/karpenter pkg/apis/v1/labels.go (NormalizedLabels); aws/karpenter-provider-aws
/// pkg/operator/operator.go adds topology.ebs.csi.aws.com/zone; kubelet and the cloud controller manager set the beta
/// names to this day.
class NormalizedLabels {
 public:
  explicit NormalizedLabels(Names& names);
  /// The name that counts for a key.
  NameId of(NameId key) const;
  /// Gives the labels of a node their other names too.
  void add_old_names(Labels& labels) const;

 private:
  std::vector<std::pair<NameId, NameId>> pairs_;  // other name, name
};

/// The id of an availability zone (topology.k8s.aws/zone-id): "use1-az1" of us-east-1a. Which zone of an account has
/// which id differs from account to account; here letters and numbers go alike. `index` counts for a zone whose name is
/// not the region's with a letter.
/// SOURCE: AWS RAM user guide, "Availability Zone IDs for your AWS resources".
std::string zone_id_of(std::string_view region, std::string_view zone, std::size_t index);

}  // namespace plimsoll::eks
