#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/policy/workload_spec.h"

namespace plimsoll::eks {

/// The load balancers that the manifests of a column's applications make: an Application Load Balancer for each Ingress
/// group (an Ingress without group.name is one of its own), a Network Load Balancer for each Service of type
/// LoadBalancer, each with its DNS name. From 2.5 on the AWS Load Balancer Controller takes every such Service; with
/// its webhook off (`mutates` false) those that name neither loadBalancerClass nor aws-load-balancer-type are left to
/// the cloud provider's controller, which makes Classic Load Balancers. SOURCE: AWS Load Balancer Controller,
/// "Installation" (enableServiceMutatorWebhook) and "Network Load Balancer"; EKS user guide, "Route TCP and UDP traffic
/// with Network Load Balancers".
struct LoadBalancers {
  std::int64_t application = 0, network = 0, classic = 0;
  bool refused = false;  ///< there are Ingresses of which the controller makes none
  std::int64_t total() const { return application + network + classic; }
};
/// A Service of type LoadBalancer that leads to no pod of the files has its balancer all the same.
LoadBalancers load_balancers_of(const std::vector<WorkloadSpec>& workloads, bool mutates = true);

/// What each of them stands before ("Ingress web/front", "Ingress group shop", "Service web/api") and its DNS name, by
/// the naming of its controller. The parts that AWS draws, and the controller's hash of the cluster and the object's
/// uid, are hashes of the object's name here. SOURCE: AWS Load Balancer Controller pkg/ingress and pkg/service
/// buildLoadBalancerName (k8s-NAMESPACE-NAME-HASH of 8, 8 and 10 characters, k8s-GROUP-HASH of 17 and 10); Elastic Load
/// Balancing user guides, "DNS name" (internal- before those of an internal Application or Classic Load Balancer).
std::vector<std::pair<std::string, std::string>> balancer_dns_names(const std::vector<WorkloadSpec>& workloads,
                                                                    bool mutates, const std::string& region);

/// Puts them in the place of the scenario's number; nothing without any Ingress or Service that asks for one. Answers
/// what was replaced, "" when nothing.
std::string replace_load_balancers(const LoadBalancers& files, Surroundings& around);

}  // namespace plimsoll::eks
