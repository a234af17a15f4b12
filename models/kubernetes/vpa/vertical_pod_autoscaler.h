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
#include "sim/policy/workload_spec.h"

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
  /// The policy of this container, else that of '*', else `policy`.
  ContainerPolicy policy_of(std::string_view container) const;
  /// Takes it.
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
/// to requests (pkg/admission-controller/resource/pod/recommendation). Each container of a pod has its recommendation,
/// by its policy and its part of the usage; a pod is evicted when its requests together lie outside the bounds of its
/// containers together. Left out: bounds of single containers; in-place resizing; limits of pods that run already,
/// which follow at once; whose memory kill it was (the first container that is scaled has the sample).
class VerticalPodAutoscalers : public ComponentOf<VerticalPodAutoscalers> {
 public:
  VerticalPodAutoscalers(UpdaterParameters updater, RecommenderParameters recommender, DisruptionBudgets budgets)
      : updater_(updater), recommender_(recommender), budgets_(std::move(budgets)) {}
  /// `containers`: those of its pods that stay; fewer than two: the pod is one container under `autoscaler.policy`.
  void manage(WorkloadId workload, const VerticalPodAutoscaler& autoscaler,
              const std::vector<ContainerUsage>& containers = {});

  /// The newest recommendation of a workload; none while there is none.
  std::optional<VerticalRecommendation> recommendation(WorkloadId workload) const;

  bool watches() const override { return true; }
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  struct Container {
    bool off = false;
    ResourcePolicy policy;
    double cpu = 1, growth = 1;  ///< parts of the pod's CPU, and of its memory above `memory`
    Bytes memory;                ///< without requests
    PodResources request;        ///< of its file
    Recommender recommender;
  };
  struct Managed {
    WorkloadId workload;
    VerticalPodAutoscaler autoscaler;
    std::vector<Container> containers;
    WorkloadReading before;
    std::optional<VerticalRecommendation> newest;
    double limit_share = 0;         ///< CPU limit over request at the start; 0: no limit
    double memory_limit_share = 0;  ///< the same of memory
  };
  /// Of all containers together; none while one that is scaled has none.
  std::optional<VerticalRecommendation> recommend(const Managed& m, Time now) const;
  void sample(World& world, Managed& m);
  void admit(World& world, Managed& m);
  void update(World& world, Managed& m);

  UpdaterParameters updater_;
  RecommenderParameters recommender_;
  DisruptionBudgets budgets_;
  std::vector<Managed> managed_;
};

}  // namespace plimsoll::kubernetes
