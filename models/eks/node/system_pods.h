#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "sim/cluster/names.h"
#include "sim/cluster/pod_shape.h"
#include "sim/core/units.h"

namespace plimsoll::eks {

/// When a system component is part of a cluster.
enum class SystemPodUse : std::uint8_t {
  always,         ///< every cluster with EC2 nodes
  every_cluster,  ///< also where all pods run on Fargate
  with_load_balancer,
  with_autoscaling,  ///< HorizontalPodAutoscaler needs metrics-server
  cluster_autoscaler,
  karpenter,
  with_ebs,              ///< volumes
  with_logs,             ///< log agent chosen
  prometheus,            ///< metrics beyond CPU and memory
  keda,                  ///< ScaledObjects
  vertical_autoscaling,  ///< VerticalPodAutoscalers
};

/// The pod whose requests a column may set.
inline constexpr std::string_view kPrometheusPod = "prometheus-server";

/// A component that EKS or the usual set-up runs in the cluster, and what one pod of it asks for.
struct SystemPod {
  std::string_view name;  ///< as kubectl shows its owner
  std::string_view namespace_name;
  bool daemon = false;        ///< one pod a node; else a Deployment
  std::int32_t replicas = 1;  ///< of a Deployment
  Cpu cpu;                    ///< request of the pod, all containers
  Bytes memory;
  Bytes memory_limit;  ///< 0 = none
  std::int32_t containers = 1;
  bool host_network = false;   ///< uses no pod address
  std::int32_t priority = 0;   ///< system-node-critical 2000001000, system-cluster-critical 2000000000
  bool tolerates_all = false;  ///< toleration operator Exists
  bool spread_hosts = false;   ///< prefers or requires different hosts
  bool has_pdb = false;
  SystemPodUse use = SystemPodUse::always;
  bool verified = true;  ///< false: the request of the EKS build was not found in a source that could be read
  std::string_view source;
};

/// In the order in which a cluster is set up.
std::span<const SystemPod> system_pods();
/// Labels of its pods: its own (k8s-app or app.kubernetes.io/name, as its manifest or chart has them) and app=<name>,
/// by which its owner knows them here.
Labels labels_of(const SystemPod& pod, Names& names);
/// Null when unknown.
const SystemPod* find_system_pod(std::string_view name);

}  // namespace plimsoll::eks
