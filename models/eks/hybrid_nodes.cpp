#include "models/eks/hybrid_nodes.h"

#include <algorithm>
#include <string>

#include "models/eks/node/kube_reserved.h"

namespace plimsoll::eks {

namespace {

constexpr std::array<std::string_view, HybridNodes::kTiers> kItems{
    "hybrid_nodes_first_576000", "hybrid_nodes_next_576000", "hybrid_nodes_next_4608000", "hybrid_nodes_next_5760000",
    "hybrid_nodes_over_11520000"};

/// Kubelet default; nodeadm sets none on hybrid nodes.
constexpr std::int64_t kMaxPods = 110;
/// Assumed: the disk of such a machine does not bind.
constexpr Bytes kDisk = gibibytes(1024);

}  // namespace

Bytes hybrid_kube_reserved_memory(Bytes memory) {
  const std::int64_t g = memory.raw() / kGiB;
  if (g < 1) return mebibytes(255);
  // Hundredths of a GiB.
  const std::int64_t kept = g < 4      ? 25 * g
                            : g < 8    ? 100 + 20 * (g - 4)
                            : g < 16   ? 180 + 10 * (g - 8)
                            : g <= 128 ? 260 + 6 * (g - 16)
                                       : 932 + 2 * (g - 128);
  return gibibytes((kept + 50) / 100);
}

std::array<std::int64_t, HybridNodes::kTiers> HybridNodes::split() const {
  std::array<std::int64_t, kTiers> out{};
  std::int64_t left = count * vcpu;
  for (std::size_t t = 0; t < kTiers; ++t) {
    out[t] = t < kTierVcpus.size() ? std::min(left, kTierVcpus[t]) : left;
    left -= out[t];
  }
  return out;
}

void HybridNodes::add_fee(BuildContext& context, aws::Meters& meters) const {
  const auto vcpus = split();
  for (std::size_t t = 0; t < kTiers && vcpus[t] > 0; ++t) {
    billing::LineItem fee;
    fee.item = "eks/hybrid-nodes" + (t == 0 ? "" : "/tier-" + std::to_string(t + 1));
    fee.label = "EKS Hybrid Nodes fee" + (t == 0 ? "" : ", tier " + std::to_string(t + 1));
    fee.rate = vcpu_hour[t];
    fee.unit = "vCPU-Hours";
    fee.service = "Amazon Elastic Kubernetes Service";
    fee.category = "Compute";
    fee.resource_type = "Node";
    fee.sku = "EKS-Hybrid-Nodes-vCPU-Hours";
    meters.add_fixed(context.bill.line(fee), vcpus[t]);
  }
}

std::unique_ptr<Component> HybridNodes::build(World& world) const {
  NodeGroup group;
  group.name = world.names.intern("hybrid-nodes");
  group.minimum = group.maximum = group.desired = count;
  NodeSpec spec;
  spec.name_prefix = "mi";  // the id that Systems Manager gives to a machine that is none of EC2
  spec.instance_type = world.names.intern("hybrid");
  spec.zone = ZoneId{0};
  spec.group = world.add_group(group);
  spec.capacity = capacity;
  spec.allocatable = allocatable;
  spec.labels.set(world.names.intern("eks.amazonaws.com/compute-type"), world.names.intern("hybrid"));
  return std::make_unique<aws::ExternalInstances>(std::move(spec), count);
}

HybridNodes read_hybrid_nodes(document::Fields& column, document::Fields& f, aws::PriceBook& prices) {
  HybridNodes out;
  out.count = f.integer("count", 1, "one", "machines of your own", {1, 5000});
  const Cpu cpu = f.required_cpu("cpu", "of one machine");
  const Bytes memory = f.required_bytes("memory", "of one machine");
  const std::int64_t pods = f.integer("maxPods", kMaxPods, "kubelet default", "kubelet maxPods", {1, 1000});
  if (f.describing()) return out;
  out.vcpu = (cpu.raw() + kCpuTicksPerVcpu - 1) / kCpuTicksPerVcpu;
  out.capacity.set_cpu(cpu);
  out.capacity.set_memory(memory);
  out.capacity[Resource::pods] = pods;
  out.capacity[Resource::ephemeral_storage] = kDisk.raw();
  out.allocatable = out.capacity;
  const Cpu kept = kube_reserved(out.vcpu, pods).cpu;
  out.allocatable[Resource::cpu] = std::max<std::int64_t>(0, (cpu - kept).raw());
  out.allocatable[Resource::memory] =
      std::max<std::int64_t>(0, (memory - hybrid_kube_reserved_memory(memory) - kEvictionHardMemory).raw());
  const auto vcpus = out.split();
  for (std::size_t t = 0; t < HybridNodes::kTiers; ++t) {
    // Steps that are not reached have no line and need no price.
    if (vcpus[t] > 0) out.vcpu_hour[t] = prices.service(column, "eks", kItems[t]);
  }
  return out;
}

}  // namespace plimsoll::eks
