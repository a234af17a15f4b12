#pragma once

#include <vector>

#include "models/kubernetes/admission/resource_quota.h"
#include "sim/cluster/world.h"
#include "sim/policy/binding_limits.h"
#include "sim/policy/creation_refusals.h"

namespace plimsoll::kubernetes {

/// The API server's admission of pods: RuntimeClass, LimitRanger and ResourceQuota. Controllers ask before each
/// creation; a refused one is recorded as Fact::creation_refused, by the latter two with Reason::quota. A pod is
/// charged when it is created and no longer when it has ended and the quota controller has heard of it (its
/// replenishment, taken as two watch hops). What a pod asks for comes from its shape, so that resized pods are charged
/// what they ask. SOURCE: models/kubernetes/admission; pkg/controller/resourcequota/resource_quota_controller.go; the
/// order of the plug-ins: pkg/kubeapiserver/options/plugins.go. Left out: count/pods of finished pods that are not yet
/// deleted, quotas that change during a run.
class Admission : public ComponentOf<Admission>, public CreationRefusals, public BindingLimits {
 public:
  explicit Admission(std::vector<api::ResourceQuota> quotas) : quotas_(std::move(quotas)), used_(quotas_.size()) {}

  /// `range_fault`: why the LimitRanger refuses every pod of it; empty: it takes them. `rejected`: why a plug-in before
  /// it does.
  void manage(WorkloadId workload, QuotaPod pod, std::string range_fault, std::string rejected = {});
  /// Whether the API server takes one more pod of the workload now; if not, it is recorded.
  bool admit(World& world, WorkloadId workload);
  /// What the pods of a quota take now, by the order given.
  const QuotaAmounts& used(std::size_t quota) const { return used_[quota]; }

  const Refusal* refused(WorkloadId workload) const override;
  /// Quotas, each for a workload: it binds from a refusal to the next creation that is taken.
  std::vector<Limit> binding_limits(const World& world) const override;
  bool watches() const override { return true; }
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  struct Managed {
    bool managed = false;
    QuotaPod pod;
    std::string range_fault, rejected;
    std::vector<std::size_t> quotas;  ///< that count its pods
    Refusal refusal;
    std::vector<LimitClock> binding;  ///< as `quotas`; empty until one refuses
  };
  static QuotaPod pod_of(const World& world, const Managed& m, ShapeId shape);

  std::vector<api::ResourceQuota> quotas_;
  std::vector<QuotaAmounts> used_;
  std::vector<Managed> workloads_;
  std::vector<QuotaAmounts> charged_;  ///< by pod; all zero: not charged
};

/// Whether the component behind the handle admits the pod; without one everything is admitted.
bool admitted(World& world, HandlerId admission, WorkloadId workload);

}  // namespace plimsoll::kubernetes
