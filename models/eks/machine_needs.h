#pragma once

#include "models/eks/plan.h"
#include "sim/policy/platform.h"

namespace plimsoll::eks {

/// Reports pods that no machine of the column can run for what their files ask of it beyond CPU and memory: GPUs on
/// Fargate (SOURCE: EKS user guide, "AWS Fargate considerations": GPUs are not available) and on node groups without a
/// type that has so many; other accelerators that no node offers (Neuron devices come with their types); pods of
/// Windows, since nodes run Linux. Karpenter may choose among all types of the region. Any other extended resource that
/// no node has is a warning: the API server takes such pods, and they wait.
///
/// What Fargate's scheduler never starts is refused too where Fargate gets the pod: hostNetwork, hostPort and
/// privileged containers (SOURCE: the same page; aws-efs-csi-driver issue 1179), hostPath volumes (SOURCE: pachyderm
/// issue 4522, "volumes not supported"), an architecture other than amd64 (SOURCE: aws/containers-roadmap issue 1629,
/// open), more than 175 GiB of ephemeral storage (SOURCE: AWS containers blog, "larger ephemeral volumes"). Pods that
/// ask for more GPUs than a node has go into `too_large`.
void check_machine_needs(document::Fields& column, const Setting& setting, const EksPlan& plan,
                         std::vector<Unholdable>& too_large);

}  // namespace plimsoll::eks
