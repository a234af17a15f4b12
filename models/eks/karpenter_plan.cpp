#include "models/eks/karpenter_plan.h"

#include <algorithm>

#include "models/eks/karpenter/api/node_pool_reader.h"
#include "models/eks/node/kube_reserved.h"
#include "models/eks/node/simulation.h"

namespace plimsoll::eks {

namespace {

/// What a real node of the type reports: firmware and kernel keep 2.5 %, as on a managed node group. Karpenter's plans
/// use its own 7.5 %.
ResourceVector real_allocatable(const aws::InstanceType& type) {
  NodeSizeInput input;
  input.vcpu = type.vcpu;
  input.memory = type.memory;
  input.eni_max_pods = type.eks_max_pods;
  input.memory_overhead = Ppm{25'000};
  return node_size(input).allocatable;
}

}  // namespace

std::unique_ptr<Karpenter> KarpenterPlan::build(BuildContext& context, const EksPlan& plan,
                                                const kubernetes::DisruptionBudgets& budgets,
                                                const std::vector<ShapeId>& daemons, aws::Meters& meters) const {
  World& world = context.world;
  document::Diagnostics ignored;  // every fault was reported when the scenario was read
  const document::Reader reader(ignored);
  std::vector<karpenter::NodePool> pools;
  karpenter::NodeClass node_class;
  for (const document::Node& document : documents) {
    if (karpenter::is_node_pool(document)) pools.push_back(karpenter::read_node_pool(document, reader, world.names));
    if (karpenter::is_node_class(document)) node_class = karpenter::read_node_class(document, reader);
  }
  karpenter::WellKnownLabels known(world.names);
  karpenter::InstanceTypeOptions options;
  options.max_pods = node_class.max_pods;
  options.root_volume = node_class.root_volume;
  karpenter::InstanceTypes types = karpenter::make_instance_types(plan.prices->catalogue(), context.setting.region,
                                                                  context.setting.zones, options, known, world.names);
  // Types that no pool admits would only be filtered out again in every plan.
  std::erase_if(types.types, [&](const karpenter::InstanceType& type) {
    return std::none_of(pools.begin(), pools.end(), [&](const karpenter::NodePool& pool) {
      return type.labels.intersects(pool.requirements, world.names);
    });
  });
  std::vector<ResourceVector> allocatable;
  const std::int64_t volume_gib = node_class.root_volume.raw() / kGiB;
  for (const karpenter::InstanceType& type : types.types) {
    allocatable.push_back(real_allocatable(*type.source));
    const Rate on_demand = plan.prices->catalogue().on_demand(context.setting.region, *type.source).value_or(Rate{});
    meters.add(aws::instance_lines(context, *type.source, on_demand, plan.prices->spot(*type.source),
                                   plan.around.gp3_gb_month, volume_gib));
  }
  kubernetes::Framework framework(karpenter::karpenter_profile(plan.scheduler.version), world.names);
  auto config = std::make_shared<KarpenterConfig>(KarpenterConfig{
      std::move(types), std::move(pools), known, daemons, release, {}, plan.delays, std::move(allocatable)});
  return std::make_unique<Karpenter>(std::move(config), std::move(framework), budgets);
}

}  // namespace plimsoll::eks
