#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "models/aws/controllers/meters.h"
#include "models/eks/controllers/karpenter.h"
#include "models/eks/plan.h"
#include "sim/document/node.h"

namespace plimsoll::eks {

/// Karpenter's own settings. SOURCE: chart karpenter v1.14 values.yaml (settings), by their names there.
struct KarpenterSettings {
  karpenter::BatchParams batch;             ///< batchIdleDuration, batchMaxDuration
  Ppm vm_memory_overhead{75'000};           ///< vmMemoryOverheadPercent
  std::int64_t reserved_enis = 0;           ///< reservedENIs
  bool spot_to_spot_consolidation = false;  ///< featureGates.spotToSpotConsolidation
  bool node_repair = false;                 ///< featureGates.nodeRepair
  Duration simulation = milliseconds(900);  ///< KarpenterConfig::simulation_per_thousand_nodes
  Duration scheduling = microseconds(100);  ///< KarpenterConfig::scheduling_try
};

/// How a column sets Karpenter up: the documents of its NodePools and node classes, checked when the scenario is read
/// and read again into each world (their labels are that world's names), and the prices of the types they may launch.
struct KarpenterPlan {
  /// NodePools that are edited at an instant after the start of the window.
  struct Edit {
    Duration at{};
    std::vector<document::Node> documents;  ///< all of the column's, as they are from then on
  };
  std::vector<document::Node> documents;
  std::vector<Edit> edits;
  karpenter::Release release;
  KarpenterSettings settings;
  bool auto_mode = false;               ///< run by EKS: another fee, fewer daemons
  std::vector<std::string> launchable;  ///< names of the types that some pool admits

  /// Keys of the startup taints of all NodePools, edited ones too; each once.
  std::vector<NameId> startup_taints(Names& names) const;

  /// The controller; adds the bill's lines for each type that some pool can launch.
  std::unique_ptr<Karpenter> build(BuildContext& context, const EksPlan& plan,
                                   const kubernetes::DisruptionBudgets& budgets, const AnnotationTable& annotations,
                                   const std::vector<ShapeId>& daemons, aws::Meters& meters, HandlerId pools) const;
};

/// The pools and the types that they may launch, of one world.
struct KarpenterWorld {
  std::vector<karpenter::NodePool> pools;
  std::vector<karpenter::NodeClass> classes;
  karpenter::InstanceTypes types;  ///< types of several classes stand side by side
};

/// Reads the documents: those of the beginning, or as one edit leaves them. A pool whose class is not among them has
/// the defaults (one class in all: that one).
KarpenterWorld read_karpenter(const KarpenterPlan& karpenter, std::span<const document::Node> documents,
                              const EksPlan& plan, const Setting& setting, const document::Reader& reader,
                              const karpenter::WellKnownLabels& known, Names& names);

/// The built-in NodePool of EKS Auto Mode ("general-purpose", "system"); empty when there is none of that name.
/// SOURCE: EKS user guide, "Enable or disable built-in NodePools" and "Create a node pool for EKS Auto Mode".
std::string_view built_in_pool(std::string_view name);

}  // namespace plimsoll::eks
