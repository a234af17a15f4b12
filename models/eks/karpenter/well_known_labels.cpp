#include "models/eks/karpenter/well_known_labels.h"

#include <algorithm>
#include <array>

namespace plimsoll::eks::karpenter {

namespace {

constexpr std::string_view kKarpenterDomain = "karpenter.k8s.aws/";
constexpr std::string_view kAutoModeDomain = "eks.amazonaws.com/";

constexpr std::array<std::string_view, 9> kEverywhere{
    "karpenter.sh/nodepool",
    "karpenter.sh/capacity-type",
    "topology.kubernetes.io/zone",
    "topology.kubernetes.io/region",
    "topology.k8s.aws/zone-id",
    "node.kubernetes.io/instance-type",
    "kubernetes.io/arch",
    "kubernetes.io/os",
    "node.kubernetes.io/windows-build",
};

constexpr std::array<std::string_view, 23> kOfInstances{
    "instance-hypervisor",
    "instance-encryption-in-transit-supported",
    "instance-category",
    "instance-capability-flex",
    "instance-family",
    "instance-generation",
    "instance-size",
    "instance-local-nvme",
    "instance-cpu",
    "instance-cpu-manufacturer",
    "instance-cpu-sustained-clock-speed-mhz",
    "instance-memory",
    "instance-ebs-bandwidth",
    "instance-network-bandwidth",
    "instance-gpu-name",
    "instance-gpu-manufacturer",
    "instance-gpu-count",
    "instance-gpu-memory",
    "instance-accelerator-name",
    "instance-accelerator-manufacturer",
    "instance-accelerator-count",
    "capacity-reservation-id",
    "capacity-reservation-type",
};

constexpr std::array<std::string_view, 4> kOfKarpenterOnly{"instance-tenancy", "capacity-reservation-interruptible",
                                                           "placement-group-id", "placement-group-partition"};

}  // namespace

WellKnownLabels::WellKnownLabels(Names& names, bool auto_mode)
    : nodepool(names.intern("karpenter.sh/nodepool")),
      capacity_type(names.intern("karpenter.sh/capacity-type")),
      zone(names.intern("topology.kubernetes.io/zone")),
      region(names.intern("topology.kubernetes.io/region")),
      zone_id(names.intern("topology.k8s.aws/zone-id")),
      instance_type(names.intern("node.kubernetes.io/instance-type")),
      arch(names.intern("kubernetes.io/arch")),
      os(names.intern("kubernetes.io/os")),
      hostname(names.intern("kubernetes.io/hostname")),
      node_class(names.intern(auto_mode ? "eks.amazonaws.com/nodeclass" : "karpenter.k8s.aws/ec2nodeclass")),
      spot(names.intern("spot")),
      on_demand(names.intern("on-demand")),
      reserved(names.intern("reserved")),
      auto_mode_(auto_mode),
      domain_(auto_mode ? kAutoModeDomain : kKarpenterDomain),
      aliases_(names) {
  for (const std::string_view key : kEverywhere) keys_.push_back(names.intern(key));
  for (const std::string_view name : kOfInstances) keys_.push_back(names.intern(instance_label(name)));
  if (auto_mode) {
    keys_.push_back(names.intern(instance_label("compute-type")));
  } else {
    for (const std::string_view name : kOfKarpenterOnly) keys_.push_back(names.intern(instance_label(name)));
  }
  std::sort(keys_.begin(), keys_.end());
}

bool WellKnownLabels::contains(NameId key) const { return std::binary_search(keys_.begin(), keys_.end(), key); }

bool is_restricted_label(std::string_view key, bool auto_mode) {
  const std::size_t slash = key.find('/');
  if (slash == std::string_view::npos) return false;
  if (key == "kubernetes.io/hostname") return true;
  const std::string_view domain = key.substr(0, slash);
  const auto within = [domain](std::string_view whole) { return domain.ends_with(whole); };
  for (const std::string_view free : {"kops.k8s.io", "node.kubernetes.io", "node-restriction.kubernetes.io"}) {
    if (within(free)) return false;
  }
  for (const std::string_view restricted : {"kubernetes.io", "k8s.io", "karpenter.sh", "karpenter.k8s.aws"}) {
    if (within(restricted)) return true;
  }
  return auto_mode && within("eks.amazonaws.com");
}

}  // namespace plimsoll::eks::karpenter
