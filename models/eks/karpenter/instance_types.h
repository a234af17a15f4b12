#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/aws/catalogue.h"
#include "models/eks/karpenter/requirements.h"
#include "models/eks/node/kubelet_reserves.h"
#include "models/eks/node/node_image.h"
#include "models/eks/node/vpc_cni.h"
#include "sim/cluster/names.h"
#include "sim/cluster/resources.h"
#include "sim/core/units.h"

namespace plimsoll::eks::karpenter {

enum class CapacityType : std::uint8_t { reserved, spot, on_demand };
std::string_view to_string(CapacityType type);

/// A way to buy one instance type.
struct Offering {
  std::uint8_t zone = 0;  ///< index into InstanceTypes::zones
  CapacityType capacity_type = CapacityType::on_demand;
  Rate price{};           ///< per hour
  bool available = true;  ///< false for three minutes after an InsufficientCapacity answer
  /// Karpenter compares prices as floating dollars.
  double usd() const { return static_cast<double>(price.raw()) / 1e12; }
};

struct InstanceType {
  NameId name;
  Requirements labels;  ///< what a node of the type may carry, zones and capacity types included
  ResourceVector capacity, allocatable;
  ExtendedResources extended;
  std::vector<Offering> offerings;            ///< by zone, then capacity type
  const aws::InstanceType* source = nullptr;  ///< null for types that no catalogue knows
  std::uint16_t class_index = 0;              ///< of the node class whose settings made its sizes
};

/// Which zones and capacity types a set of requirements leaves, as bits zone * 3 + capacity type.
using OfferingMask = std::uint64_t;

/// The types that a cluster can launch. At most 21 zones.
struct InstanceTypes {
  std::vector<InstanceType> types;  ///< sorted by name
  std::vector<NameId> zones;
  std::vector<NameId> zone_ids;  ///< of the zones, topology.k8s.aws/zone-id; empty where nothing asks for them

  const InstanceType& operator[](std::size_t i) const { return types[i]; }
  std::optional<std::size_t> find(NameId name) const;
  OfferingMask mask(const Requirements& r, const WellKnownLabels& known, const Names& names) const;
  static bool in_mask(const Offering& o, OfferingMask mask) {
    return (mask >> (o.zone * 3u + static_cast<unsigned>(o.capacity_type)) & 1u) != 0;
  }
  bool has_offering(std::size_t type, OfferingMask mask) const;
  /// Price in dollars of the cheapest available offering in the mask; infinity when there is none.
  double cheapest(std::size_t type, OfferingMask mask) const;
  /// What the launch could cost at worst: the dearest available offering of the first class of reserved, spot,
  /// on-demand that has any in the mask; infinity when there is none.
  double worst_launch_price(std::size_t type, OfferingMask mask) const;
  const Offering* offering(std::size_t type, std::size_t zone, CapacityType capacity_type) const;
  /// Sorts indices by cheapest, then name. SOURCE: core pkg/cloudprovider/types.go OrderByPrice.
  void order_by_price(std::vector<std::uint32_t>& list, OfferingMask mask) const;
  /// The distinct values of each minValues key over the list, taken in order: how many types are needed to satisfy all,
  /// or none when even all do not.
  std::optional<std::size_t> types_for_min_values(std::span<const std::uint32_t> list, const Requirements& r) const;
};

struct InstanceTypeOptions {
  Ppm vm_memory_overhead{75'000};  ///< vm-memory-overhead-percent 0.075
  std::int64_t reserved_enis = 0;  ///< reserved-enis
  std::int64_t max_pods = 0;       ///< kubelet.maxPods of the node class; 0 = the ENI table, at most 110 without one
  KubeletReserves kubelet;         ///< what else kubelet of the node class says
  Bytes root_volume = gibibytes(20);
  bool instance_store = false;  ///< instanceStorePolicy RAID0: the type's own disks instead, where it has any
  bool spot = true;             ///< offer spot
  NodeImage image = NodeImage::al2023;
  VpcCni cni;
  std::uint16_t class_index = 0;
};

/// Every type of the catalogue that is sold in the region, with its labels, what a node would report and offer, and one
/// offering for each zone and capacity type at list prices. `spot_price(type, zone)` replaces the Spot Advisor mean.
/// SOURCE: aws/karpenter-provider-aws v1.14.1 pkg/providers/instancetype/types.go and offering.
InstanceTypes make_instance_types(
    const aws::Catalogue& catalogue, std::string_view region, std::span<const std::string> zones,
    const InstanceTypeOptions& options, const WellKnownLabels& known, Names& names,
    const std::function<std::optional<Rate>(const aws::InstanceType&, std::size_t zone)>& spot_price = nullptr);

}  // namespace plimsoll::eks::karpenter
