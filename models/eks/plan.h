#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/aws/autoscaling/group_fields.h"
#include "models/aws/controllers/auto_scaling_group.h"
#include "models/aws/controllers/fargate_launcher.h"
#include "models/aws/controllers/meters.h"
#include "models/aws/image_layers.h"
#include "models/aws/price_book.h"
#include "models/aws/surroundings.h"
#include "models/eks/cluster_autoscaler/expander.h"
#include "models/eks/cluster_autoscaler/options.h"
#include "models/eks/container_insights.h"
#include "models/eks/control_plane.h"
#include "models/eks/controllers/cluster_autoscaler.h"
#include "models/eks/fargate_profiles.h"
#include "models/eks/hybrid_nodes.h"
#include "models/eks/load_balancers.h"
#include "models/eks/node/system_pods.h"
#include "models/eks/node_groups.h"
#include "models/eks/scaling_plan.h"
#include "models/kubernetes/api/admission.h"
#include "models/kubernetes/controllers/kube_scheduler.h"
#include "models/kubernetes/controllers/node_lifecycle.h"
#include "models/kubernetes/controllers/replica_set_controller.h"
#include "models/kubernetes/controllers/stateful_set_controller.h"
#include "models/kubernetes/kubelet/configuration.h"
#include "models/kubernetes/kubelet/init_containers.h"
#include "sim/policy/platform.h"

namespace plimsoll::eks {

struct ClusterAutoscalerPlan {
  ca::Options options;
  std::shared_ptr<const ca::ExpanderChain> expanders;
  AutoscalerComputeTime compute;
};

struct KarpenterPlan;

/// Where the logs of containers go. SOURCE: EKS user guide, "Send control plane logs", "Start Fargate logging".
enum class Logging : std::uint8_t {
  none,    ///< nowhere: no agent, no ingestion
  agent,   ///< a DaemonSet to CloudWatch Logs
  router,  ///< Fargate's built-in log router to CloudWatch Logs
};

/// The validated configuration of an EKS column.
class EksPlan : public PlatformPlan {
 public:
  void build(BuildContext& context) const override;
  std::string_view pod_word() const override { return "pod"; }
  /// Whether a pod of this shape, which is no DaemonSet's, runs on Fargate.
  bool on_fargate(const PodShape& pod, const Names& names) const {
    return fargate || selects(fargate_profiles, pod, names);
  }
  PlatformNotes notes() const override;
  std::vector<Unholdable> unholdable() const override { return too_large; }

  std::shared_ptr<aws::PriceBook> prices;
  aws::SurroundingPrices around;
  bool addons = true;
  bool ebs_csi = false;
  ContainerInsights container_insights;
  Logging logging = Logging::agent;
  ControlPlane control_plane;
  std::vector<NodeGroupPlan> groups;
  std::optional<HybridNodes> hybrid;
  NodeDefaults node_defaults;
  std::optional<ClusterAutoscalerPlan> autoscaler;
  std::shared_ptr<const KarpenterPlan> karpenter;
  bool fargate = false;                          ///< all pods run on Fargate
  std::vector<FargateProfile> fargate_profiles;  ///< else: which do
  aws::FargateParameters fargate_parameters;
  Rate fargate_vcpu, fargate_gb, fargate_storage_gb;
  aws::InstanceDelays delays;
  HostProfile ec2_host, fargate_host;
  kubernetes::KubeletConfiguration kubelet;
  kubernetes::InitContainerTimes init_containers;
  aws::ImageLayers image_layers;
  LoadBalancers load_balancers;  ///< of the manifests
  std::vector<std::pair<std::string, std::string>> dns_names;
  std::int64_t bare_replica_sets = 0, bare_pods = 0;  ///< among the applications
  kubernetes::KubeSchedulerParameters scheduler;
  std::vector<std::string> remarks;             ///< beside the column's figures
  std::vector<Unholdable> too_large;            ///< applications and jobs
  kubernetes::api::AdmissionObjects admission;  ///< of the manifests
  kubernetes::ReplicaSetParameters replica_sets;
  kubernetes::NodeLifecycleParameters node_lifecycle;
  ScalingPlan scaling;
  std::size_t workloads = 0, stateful_sets = 0, jobs = 0, cron_jobs = 0;
  std::size_t daemon_applications = 0, daemon_sets = 0;  ///< apps that are DaemonSets, and those beside them
  std::int64_t unix_at_zero = 0;                         ///< UTC seconds at simulated zero

 private:
  struct Parts;
  void add_applications(BuildContext& context, Parts& parts) const;
  void add_jobs(BuildContext& context, Parts& parts) const;
  void add_system_pods(BuildContext& context, Parts& parts) const;
  void add_system_pod(BuildContext& context, Parts& parts, const SystemPod& pod) const;
  void add_groups(BuildContext& context, Parts& parts) const;
  bool runs(const SystemPod& pod) const;
  /// Keys of taints that something takes off once a node has started: of NodePools, and of node groups where Cluster
  /// Autoscaler is told that they are such. Each once.
  std::vector<NameId> startup_taints(Names& names) const;
  static void run_daemon_set(World& world, Parts& parts, WorkloadId id, const WorkloadSpec& spec);
};

}  // namespace plimsoll::eks
