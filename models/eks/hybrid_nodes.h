#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "models/aws/controllers/external_instances.h"
#include "models/aws/controllers/meters.h"
#include "models/aws/price_book.h"
#include "sim/document/fields.h"
#include "sim/policy/platform.h"

namespace plimsoll::eks {

/// What nodeadm keeps of a hybrid node's memory, in whole GiB but for machines below 1 GiB (255 MiB): 25 % of the first
/// 4 GiB, 20 % of the next 4, 10 % of the next 8, 6 % of the next 112, 2 % of the rest, rounded to the nearest GiB.
/// SOURCE: aws/eks-hybrid internal/kubelet/config.go, withHybridReservedResources.
Bytes hybrid_kube_reserved_memory(Bytes memory);

/// Machines of one's own that join the cluster over a private connection (EKS Hybrid Nodes). They cost a fee for each
/// vCPU and hour while they are attached; the machines themselves and the connection are paid elsewhere. They are there
/// from the start and stay; no autoscaler adds or removes them, and both use what room they have. The CNI agent that
/// they need instead of aws-node (Cilium) is counted with aws-node's requests. Left out: their latency to the region.
/// SOURCE: EKS user guide, "Amazon EKS Hybrid Nodes overview"; fee: Amazon EKS pricing.
struct HybridNodes {
  /// The fee falls with a month's vCPU-hours of an account and region: after 576,000, 576,000, 4,608,000 and 5,760,000
  /// hours. Nodes stay, so whole vCPUs of a 30-day month fall into each step: 800, 800, 6,400, 8,000 and the rest.
  static constexpr std::array<std::int64_t, 4> kTierVcpus{800, 800, 6400, 8000};
  static constexpr std::size_t kTiers = kTierVcpus.size() + 1;

  std::int64_t count = 0;
  std::int64_t vcpu = 0;  ///< of one, started ones counted whole
  ResourceVector capacity, allocatable;
  std::array<Rate, kTiers> vcpu_hour{};

  /// vCPUs of all nodes that pay the fee of each step.
  std::array<std::int64_t, kTiers> split() const;
  /// Adds the lines of the fee.
  void add_fee(BuildContext& context, aws::Meters& meters) const;
  /// Adds the group "hybrid-nodes" and what puts its nodes there.
  std::unique_ptr<Component> build(World& world) const;
};

/// Reads `hybridNodes` of a capacity block: count, cpu, memory, maxPods. Prices are read only when it is there.
HybridNodes read_hybrid_nodes(document::Fields& column, document::Fields& f, aws::PriceBook& prices);

}  // namespace plimsoll::eks
