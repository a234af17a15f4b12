#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/kubernetes/controllers/disruption.h"
#include "models/kubernetes/vpa/recommender.h"
#include "sim/cluster/world.h"
#include "sim/document/diagnostics.h"
#include "sim/document/node.h"
#include "sim/policy/workload_reading.h"

namespace plimsoll::kubernetes {

enum class UpdateMode : std::uint8_t { off, initial, recreate };

/// autoscaling.k8s.io/v1 VerticalPodAutoscaler; Auto is Recreate, and so is InPlaceOrRecreate. SOURCE: VPA API
/// reference.
struct VerticalPodAutoscaler {
  std::string name, namespace_name = "default", target_kind, target_name;
  bool namespace_said = false;
  UpdateMode mode = UpdateMode::recreate;
  std::optional<std::int64_t> min_replicas;
  ResourcePolicy policy;  ///< of the container that stands for the pod
  /// resourcePolicy.containerPolicies by containerName; `off`: the container is left alone.
  struct ContainerPolicy {
    std::string container;
    bool off = false;
    ResourcePolicy policy;
  };
  std::vector<ContainerPolicy> policies;
  document::Mark mark;

  bool left_alone = false;  ///< by the policy of that container
  /// Takes the policy of this container, else that of '*'.
  void choose_policy(std::string_view container);
};

bool is_vertical_pod_autoscaler(const document::Node& node);
std::optional<VerticalPodAutoscaler> read_vertical_pod_autoscaler(const document::Node& node,
                                                                  document::Diagnostics& diagnostics);

/// Flags of the updater with their defaults. SOURCE: docs/flags.md (1.x); pkg/updater/priority.
struct UpdaterParameters {
  Duration interval = seconds(60);  ///< --recommender-interval and --updater-interval
  double eviction_tolerance = 0.5;  ///< --eviction-tolerance: share of the replicas away at once
  std::int64_t min_replicas = 2;    ///< --min-replicas
  double least_change = 0.1;        ///< defaultUpdateThreshold
  Duration long_lived = hours(12);  ///< podLifetimeUpdateThreshold
};

/// Recommender, updater and admission controller for Deployments. Each minute it samples every running pod, recommends
/// a size, gives it to pods that are created from then on (Initial, Recreate) and evicts pods whose size lies outside
/// the bounds, or that differs by a tenth and more and is half a day old (Recreate), within the eviction tolerance. A
/// container that is killed for its memory counts as a sample a fifth above what it had. Limits keep their proportion
/// to requests (pkg/admission-controller/resource/pod/recommendation). Left out: sizes of single containers (the first
/// one stands for its pod); in-place resizing; limits of pods that run already, which follow at once.
class VerticalPodAutoscalers : public ComponentOf<VerticalPodAutoscalers> {
 public:
  VerticalPodAutoscalers(UpdaterParameters updater, RecommenderParameters recommender, DisruptionBudgets budgets)
      : updater_(updater), recommender_(recommender), budgets_(std::move(budgets)) {}
  void manage(WorkloadId workload, const VerticalPodAutoscaler& autoscaler);

  /// The newest recommendation of a workload; none while there is none.
  std::optional<VerticalRecommendation> recommendation(WorkloadId workload) const;

  bool watches() const override { return true; }
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  struct Managed {
    WorkloadId workload;
    VerticalPodAutoscaler autoscaler;
    Recommender recommender;
    WorkloadReading before;
    std::optional<VerticalRecommendation> newest;
    double limit_share = 0;         ///< CPU limit over request at the start; 0: no limit
    double memory_limit_share = 0;  ///< the same of memory
  };
  void sample(World& world, Managed& m);
  void admit(World& world, Managed& m);
  void update(World& world, Managed& m);

  UpdaterParameters updater_;
  RecommenderParameters recommender_;
  DisruptionBudgets budgets_;
  std::vector<Managed> managed_;
};

}  // namespace plimsoll::kubernetes
