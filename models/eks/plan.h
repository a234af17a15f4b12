#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/aws/controllers/auto_scaling_group.h"
#include "models/aws/controllers/fargate_launcher.h"
#include "models/aws/controllers/meters.h"
#include "models/aws/price_book.h"
#include "models/aws/surroundings.h"
#include "models/eks/cluster_autoscaler/expander.h"
#include "models/eks/cluster_autoscaler/options.h"
#include "models/eks/node/system_pods.h"
#include "models/kubernetes/controllers/horizontal_pod_autoscaler.h"
#include "models/kubernetes/controllers/kube_scheduler.h"
#include "models/kubernetes/controllers/replica_set_controller.h"
#include "sim/policy/platform.h"

namespace plimsoll::eks {

/// A managed node group of one instance type.
struct NodeGroupPlan {
  std::string name;
  const aws::InstanceType* type = nullptr;
  std::int64_t minimum = 0, maximum = 0;
  Rate on_demand, spot;
  ResourceVector capacity, allocatable;
};

struct ClusterAutoscalerPlan {
  ca::Options options;
  std::shared_ptr<const ca::ExpanderChain> expanders;
};

struct KarpenterPlan;

/// The validated configuration of an EKS column.
class EksPlan : public PlatformPlan {
 public:
  void build(BuildContext& context) const override;
  std::string_view pod_word() const override { return "pod"; }
  PlatformNotes notes() const override;

  std::shared_ptr<aws::PriceBook> prices;
  aws::SurroundingPrices around;
  Rate control_plane_hour;
  bool addons = true;
  bool log_agent = true;
  std::vector<NodeGroupPlan> groups;
  std::optional<ClusterAutoscalerPlan> autoscaler;
  std::shared_ptr<const KarpenterPlan> karpenter;
  bool fargate = false;
  aws::FargateParameters fargate_parameters;
  Rate fargate_vcpu, fargate_gb;
  aws::InstanceDelays delays;
  std::int64_t volume_gib = 20;
  HostProfile ec2_host, fargate_host;
  kubernetes::KubeSchedulerParameters scheduler;
  kubernetes::ReplicaSetParameters replica_sets;
  kubernetes::MetricsPipeline metrics;
  kubernetes::HpaParameters hpa;
  std::size_t workloads = 0, scaled = 0;

 private:
  struct Parts;
  void add_applications(BuildContext& context, Parts& parts) const;
  void add_system_pods(BuildContext& context, Parts& parts) const;
  void add_groups(BuildContext& context, Parts& parts) const;
  bool runs(const SystemPod& pod) const;
};

}  // namespace plimsoll::eks
