#include "models/eks/karpenter/instance_types.h"

#include <algorithm>
#include <limits>
#include <string>

#include "models/aws/devices.h"
#include "models/aws/gpus.h"
#include "models/eks/karpenter/instance_labels.h"
#include "models/eks/node/kube_reserved.h"
#include "models/eks/node/vpc_cni.h"

namespace plimsoll::eks::karpenter {

namespace {

constexpr double kNotOnOffer = std::numeric_limits<double>::infinity();

}  // namespace

std::string_view to_string(CapacityType type) {
  switch (type) {
    case CapacityType::reserved:
      return "reserved";
    case CapacityType::spot:
      return "spot";
    case CapacityType::on_demand:
      return "on-demand";
  }
  return "";
}

std::optional<std::size_t> InstanceTypes::find(NameId name) const {
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (types[i].name == name) return i;
  }
  return std::nullopt;
}

OfferingMask InstanceTypes::mask(const Requirements& r, const WellKnownLabels& known, const Names& names) const {
  const KeyRequirement* zone = r.find(known.zone);
  const KeyRequirement* zone_id = r.find(known.zone_id);
  const KeyRequirement* capacity = r.find(known.capacity_type);
  OfferingMask kinds = 0;
  const NameId ids[] = {known.reserved, known.spot, known.on_demand};
  for (unsigned k = 0; k < 3; ++k) {
    if (capacity == nullptr || capacity->has(ids[k], names)) kinds |= OfferingMask{1} << k;
  }
  OfferingMask out = 0;
  for (unsigned z = 0; z < zones.size(); ++z) {
    if (zone != nullptr && !zone->has(zones[z], names)) continue;
    if (zone_id != nullptr && z < zone_ids.size() && !zone_id->has(zone_ids[z], names)) continue;
    out |= kinds << (z * 3);
  }
  return out;
}

bool InstanceTypes::has_offering(std::size_t type, OfferingMask mask) const {
  return std::any_of(types[type].offerings.begin(), types[type].offerings.end(),
                     [&](const Offering& o) { return o.available && in_mask(o, mask); });
}

double InstanceTypes::cheapest(std::size_t type, OfferingMask mask) const {
  double best = kNotOnOffer;
  for (const Offering& o : types[type].offerings) {
    if (o.available && in_mask(o, mask)) best = std::min(best, o.usd());
  }
  return best;
}

double InstanceTypes::worst_launch_price(std::size_t type, OfferingMask mask) const {
  for (const CapacityType kind : {CapacityType::reserved, CapacityType::spot, CapacityType::on_demand}) {
    double worst = -1;
    for (const Offering& o : types[type].offerings) {
      if (o.available && o.capacity_type == kind && in_mask(o, mask)) worst = std::max(worst, o.usd());
    }
    if (worst >= 0) return worst;
  }
  return kNotOnOffer;
}

const Offering* InstanceTypes::offering(std::size_t type, std::size_t zone, CapacityType capacity_type) const {
  for (const Offering& o : types[type].offerings) {
    if (o.zone == zone && o.capacity_type == capacity_type) return &o;
  }
  return nullptr;
}

void InstanceTypes::order_by_price(std::vector<std::uint32_t>& list, OfferingMask mask) const {
  std::vector<std::pair<double, std::uint32_t>> keyed;
  keyed.reserve(list.size());
  for (const std::uint32_t t : list) keyed.emplace_back(cheapest(t, mask), t);
  // Types are sorted by name, so the index breaks ties.
  std::sort(keyed.begin(), keyed.end());
  for (std::size_t i = 0; i < list.size(); ++i) list[i] = keyed[i].second;
}

std::optional<std::size_t> InstanceTypes::types_for_min_values(std::span<const std::uint32_t> list,
                                                               const Requirements& r) const {
  struct Want {
    const KeyRequirement* requirement;
    std::vector<NameId> seen;
  };
  std::vector<Want> wants;
  for (const KeyRequirement& k : r.entries()) {
    if (k.min_values) wants.push_back({&k, {}});
  }
  if (wants.empty()) return 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    bool all = true;
    for (Want& w : wants) {
      if (const KeyRequirement* own = types[list[i]].labels.find(w.requirement->key);
          own != nullptr && !own->complement) {
        for (const NameId v : own->values) {
          const auto at = std::lower_bound(w.seen.begin(), w.seen.end(), v);
          if (at == w.seen.end() || *at != v) w.seen.insert(at, v);
        }
      }
      all = all && static_cast<std::int64_t>(w.seen.size()) >= *w.requirement->min_values;
    }
    if (all) return i + 1;
  }
  return std::nullopt;
}

InstanceTypes make_instance_types(
    const aws::Catalogue& catalogue, std::string_view region, std::span<const std::string> zones,
    const InstanceTypeOptions& options, const WellKnownLabels& known, Names& names,
    const std::function<std::optional<Rate>(const aws::InstanceType&, std::size_t zone)>& spot_price) {
  InstanceTypes out;
  for (const std::string& z : zones) {
    out.zone_ids.push_back(names.intern(zone_id_of(region, z, out.zones.size())));
    out.zones.push_back(names.intern(z));
  }
  for (const aws::InstanceType& source : catalogue.types()) {
    const std::optional<Rate> on_demand = catalogue.on_demand(region, source);
    if (!on_demand) continue;
    InstanceType t;
    t.source = &source;
    t.name = names.intern(source.name);
    const bool arm = source.arch == aws::Architecture::arm64;
    const EniLimits enis{source.max_enis > 0 ? std::max<std::int64_t>(1, source.max_enis - options.reserved_enis) : 0,
                         source.ipv4_per_eni, true};
    const std::int64_t eni_pods = enis.enis > 0 ? max_pods(enis) : kDefaultMaxPods;
    const std::int64_t pods = options.kubelet.limit_pods(
        options.max_pods > 0 ? options.max_pods : node_max_pods(options.cni, enis, source.vcpu), source.vcpu,
        options.image);
    // AL2 and AL2023 reserve memory for the pods of the plain table, Bottlerocket for those it has.
    const KubeReserved kept = kube_reserved(source.vcpu, options.image == NodeImage::bottlerocket ? pods : eni_pods);
    t.capacity.set_cpu(cpu_cores(source.vcpu));
    t.capacity.set_memory(karpenter_memory_capacity(source.memory, arm, options.vm_memory_overhead));
    t.capacity[Resource::ephemeral_storage] = options.instance_store && source.local_nvme_gb > 0
                                                  ? source.local_nvme_gb * 1'000'000'000
                                                  : options.root_volume.raw();
    t.capacity[Resource::pods] = pods;
    t.capacity[Resource::gpus] = aws::nvidia_gpus(source);
    for (const auto& [device, count] : aws::device_resources(source))
      t.extended.emplace_back(names.intern(device), count);
    std::sort(t.extended.begin(), t.extended.end());
    t.allocatable = options.kubelet.allocatable(t.capacity, kept, options.image, true);

    add_instance_labels(t.labels, source, region, known, names);
    t.labels.add(KeyRequirement::in(known.zone, out.zones), names);
    t.labels.add(KeyRequirement::in(known.zone_id, out.zone_ids), names);
    std::vector<NameId> kinds{known.on_demand};
    for (std::size_t z = 0; z < zones.size(); ++z) {
      const auto spot = options.spot ? spot_price ? spot_price(source, z) : catalogue.spot_price(region, source)
                                     : std::optional<Rate>{};
      if (spot) {
        t.offerings.push_back({static_cast<std::uint8_t>(z), CapacityType::spot, *spot, true});
        kinds.push_back(known.spot);
      }
      t.offerings.push_back({static_cast<std::uint8_t>(z), CapacityType::on_demand, *on_demand, true});
    }
    t.labels.add(KeyRequirement::in(known.capacity_type, kinds), names);
    t.class_index = options.class_index;
    out.types.push_back(std::move(t));
  }
  return out;
}

}  // namespace plimsoll::eks::karpenter
