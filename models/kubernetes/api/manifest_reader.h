#pragma once

#include <memory>
#include <vector>

#include "models/kubernetes/api/objects.h"
#include "models/kubernetes/api/persistent_volume_reader.h"
#include "models/kubernetes/workloads/disruption_budget.h"
#include "sim/policy/machine_needs.h"
#include "sim/policy/readers.h"

namespace plimsoll::kubernetes::api {

/// What the files say, in neutral words: one entry a workload, one an autoscaler, one a disruption budget. A Service of
/// type LoadBalancer and an Ingress mark the workloads that they lead to; one whose workload is not among the objects
/// is an entry of its own, under the application that its selector names.
std::vector<ManifestFacts> to_facts(const Objects& objects, const std::vector<PersistentVolume>& volumes = {});

/// The pod as a whole: sums over its containers (and sidecars), or its own; a limit only when every container has one.
PodSize pod_size(const PodTemplate& pod);

/// A PodDisruptionBudget that selects the pods of a workload; it may select those of others too.
struct SelectingBudget {
  std::string name, namespace_name;
  Selector selector;
  DisruptionBudgetSpec spec;
};

/// The workload as its file has it, with the priority classes that its set of files defines.
struct ManifestPod final : PodWithNeeds {
  Workload workload;
  std::vector<PriorityClass> classes;
  /// What leads to it from outside the cluster: load balancers by the Ingress or Ingress group that they serve, and
  /// Services of type LoadBalancer, by namespace and name. Ingresses that share one balancer are one name.
  std::vector<std::string> ingress_balancers, service_balancers;
  /// Those of the Services that name neither a class nor a type: whose they are, the cluster's controllers tell.
  std::vector<std::string> unclassed_balancers;
  /// Services of type LoadBalancer of its set of files that lead to no pod among them: each is made and billed.
  std::vector<std::string> unselected_balancers;
  std::vector<std::string> internal_balancers;  ///< of all those, the ones of the scheme internal
  /// Those of Ingresses that the controller refuses: it makes none. Named as in `ingress_balancers`.
  std::vector<std::string> refused_balancers;
  /// Why requests from outside the cluster, and calls of other pods, find no pod of it; empty: they do.
  std::string no_way_from_outside, no_way_inside;
  std::vector<VolumeClaim> claims;  ///< the PersistentVolumeClaims and classes of its set of files
  std::vector<StorageClass> storage_classes;
  std::vector<PersistentVolume> volumes;  ///< that exist already
  std::vector<Service> services;          ///< that select its pods
  std::vector<SelectingBudget> budgets;   ///< the PodDisruptionBudgets that select its pods
};

/// Reads objects of the Kubernetes API (Karpenter's excepted).
class ObjectReader final : public ManifestReader {
 public:
  Side side() const override { return Side::kubernetes; }
  bool accepts(const document::Node& document) const override { return is_kubernetes_object(document); }
  void read(const document::Node& document, const document::Reader& reader,
            std::vector<ManifestFacts>& out) const override;
  /// A disruption budget, a Service or an Ingress may stand in another document than the pods that it selects.
  void read_all(const std::vector<document::Node>& documents, const document::Reader& reader,
                std::vector<ManifestFacts>& out) const override;
};

std::unique_ptr<ManifestReader> kubernetes_manifest_reader();

}  // namespace plimsoll::kubernetes::api
