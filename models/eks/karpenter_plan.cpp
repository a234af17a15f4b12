#include "models/eks/karpenter_plan.h"

#include <algorithm>
#include <tuple>

#include "models/aws/billing/orchestrator_fee.h"
#include "models/eks/karpenter/api/node_pool_reader.h"
#include "models/eks/node/image_support.h"
#include "models/eks/node/simulation.h"

namespace plimsoll::eks {

namespace {

/// SOURCE: EKS user guide, NodeClass of Auto Mode: ephemeralStorage.size 80Gi.
constexpr Bytes kAutoModeDisk = gibibytes(80);
/// No instance of Auto Mode lives longer, whatever its NodePool says. SOURCE: EKS user guide, "Automate cluster
/// infrastructure with EKS Auto Mode".
constexpr Duration kAutoModeLifetime = hours(21 * 24);
/// Auto Mode holds at most this many pods on a node.
constexpr std::int64_t kAutoModePods = 110;

constexpr std::string_view kGeneralPurpose = R"(apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: general-purpose}
spec:
  disruption:
    budgets: [{nodes: 10%}]
    consolidateAfter: 30s
    consolidationPolicy: WhenEmptyOrUnderutilized
  template:
    spec:
      expireAfter: 336h
      terminationGracePeriod: 24h
      nodeClassRef: {group: eks.amazonaws.com, kind: NodeClass, name: default}
      requirements:
        - {key: karpenter.sh/capacity-type, operator: In, values: [on-demand]}
        - {key: eks.amazonaws.com/instance-category, operator: In, values: [c, m, r]}
        - {key: eks.amazonaws.com/instance-generation, operator: Gt, values: ["4"]}
        - {key: kubernetes.io/arch, operator: In, values: [amd64]}
        - {key: kubernetes.io/os, operator: In, values: [linux]}
)";

constexpr std::string_view kSystem = R"(apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: system}
spec:
  disruption:
    budgets: [{nodes: 10%}]
    consolidateAfter: 30s
    consolidationPolicy: WhenEmptyOrUnderutilized
  template:
    spec:
      expireAfter: 336h
      terminationGracePeriod: 24h
      nodeClassRef: {group: eks.amazonaws.com, kind: NodeClass, name: default}
      taints: [{key: CriticalAddonsOnly, effect: NoSchedule}]
      requirements:
        - {key: karpenter.sh/capacity-type, operator: In, values: [on-demand]}
        - {key: eks.amazonaws.com/instance-category, operator: In, values: [c, m, r]}
        - {key: eks.amazonaws.com/instance-generation, operator: Gt, values: ["4"]}
        - {key: kubernetes.io/arch, operator: In, values: [amd64, arm64]}
        - {key: kubernetes.io/os, operator: In, values: [linux]}
)";

/// What Auto Mode costs an hour on top of the on-demand price.
Rate auto_mode_fee(const aws::PriceBook& prices, const aws::InstanceType& type, Rate on_demand) {
  const aws::ServicePrice* row = prices.catalogue().service_price("eks", "auto_mode_fee_pct", prices.region());
  const Ppm standard{row != nullptr ? row->rate.raw() / 1'000'000 : 120'000};
  const Ppm share = aws::charges::managed_node_share(standard, type, prices.as_of().date);
  return Rate{static_cast<std::int64_t>(
      div_round(static_cast<__int128>(on_demand.raw()) * share.raw(), static_cast<__int128>(1'000'000)))};
}

}  // namespace

std::string_view built_in_pool(std::string_view name) {
  return name == "general-purpose" ? kGeneralPurpose : name == "system" ? kSystem : std::string_view{};
}

KarpenterWorld read_karpenter(const KarpenterPlan& karpenter_plan, std::span<const document::Node> documents,
                              const EksPlan& plan, const Setting& setting, const document::Reader& reader,
                              const karpenter::WellKnownLabels& known, Names& names) {
  KarpenterWorld out;
  for (const document::Node& document : documents) {
    if (karpenter::is_node_pool(document)) {
      out.pools.push_back(karpenter::read_node_pool(document, reader, names, karpenter_plan.release));
    }
    if (karpenter::is_node_class(document)) out.classes.push_back(karpenter::read_node_class(document, reader));
  }
  // EKS makes the class "default" of Auto Mode, which its built-in pools name, beside the user's own.
  const bool has_default = std::any_of(out.classes.begin(), out.classes.end(),
                                       [](const karpenter::NodeClass& c) { return c.name == "default"; });
  if (out.classes.empty() || (karpenter_plan.auto_mode && !has_default)) {
    out.classes.emplace_back();
    if (karpenter_plan.auto_mode) out.classes.back().root_volume = kAutoModeDisk;
  }
  // A v1beta1 pool with a kubelet block of its own has types of its own.
  for (karpenter::NodePool& pool : out.pools) {
    if (karpenter_plan.auto_mode)
      pool.expire_after = std::min(pool.expire_after.value_or(kAutoModeLifetime), kAutoModeLifetime);
    if (!pool.kubelet) continue;
    const auto at = std::find_if(out.classes.begin(), out.classes.end(),
                                 [&](const karpenter::NodeClass& c) { return c.name == pool.node_class; });
    if (at == out.classes.end()) continue;
    karpenter::NodeClass own = *at;
    own.name += " with the kubelet of " + pool.name;
    std::tie(own.max_pods, own.kubelet) = *pool.kubelet;
    pool.node_class = own.name;
    out.classes.push_back(std::move(own));
  }
  for (std::size_t c = 0; c < out.classes.size(); ++c) {
    const karpenter::NodeClass& node_class = out.classes[c];
    karpenter::InstanceTypeOptions options;
    options.vm_memory_overhead = karpenter_plan.settings.vm_memory_overhead;
    options.reserved_enis = karpenter_plan.settings.reserved_enis;
    options.max_pods = node_class.max_pods;
    options.kubelet = node_class.kubelet;
    options.root_volume = node_class.root_volume;
    options.instance_store = node_class.instance_store;
    options.cni = plan.node_defaults.cni;
    options.class_index = static_cast<std::uint16_t>(c);
    find_node_image(node_class.ami_family, options.image);
    karpenter::InstanceTypes types =
        karpenter::make_instance_types(plan.prices->catalogue(), setting.region, setting.zones, options, known, names);
    out.types.zones = types.zones;
    out.types.zone_ids = types.zone_ids;
    for (karpenter::InstanceType& t : types.types) {
      if (karpenter_plan.auto_mode) {
        t.capacity[Resource::pods] = std::min(t.capacity[Resource::pods], kAutoModePods);
        t.allocatable[Resource::pods] = t.capacity[Resource::pods];
      }
      out.types.types.push_back(std::move(t));
    }
  }
  std::stable_sort(out.types.types.begin(), out.types.types.end(),
                   [&](const auto& a, const auto& b) { return names.text(a.name) < names.text(b.name); });
  for (karpenter::NodePool& pool : out.pools) {
    const auto at = std::find_if(out.classes.begin(), out.classes.end(),
                                 [&](const karpenter::NodeClass& c) { return c.name == pool.node_class; });
    if (at == out.classes.end()) continue;
    pool.class_index = static_cast<std::uint16_t>(at - out.classes.begin());
    pool.image_pinned = at->ami_pinned;
    pool.image_by_id = at->ami_by_id;
    if (at->zones.empty()) continue;
    std::vector<NameId> zones;
    for (const std::string& zone : at->zones) zones.push_back(names.intern(zone));
    pool.requirements.add(karpenter::KeyRequirement::in(known.zone, std::move(zones)), names);
  }
  return out;
}

std::vector<NameId> KarpenterPlan::startup_taints(Names& names) const {
  std::vector<NameId> out;
  document::Diagnostics ignored;
  const auto collect = [&](const std::vector<document::Node>& from) {
    for (const document::Node& document : from) {
      if (!karpenter::is_node_pool(document)) continue;
      for (const Taint& t : karpenter::read_node_pool(document, document::Reader(ignored), names).startup_taints) {
        if (std::find(out.begin(), out.end(), t.key) == out.end()) out.push_back(t.key);
      }
    }
  };
  collect(documents);
  for (const Edit& edit : edits) collect(edit.documents);
  return out;
}

std::unique_ptr<Karpenter> KarpenterPlan::build(BuildContext& context, const EksPlan& plan,
                                                const kubernetes::DisruptionBudgets& budgets,
                                                const AnnotationTable& annotations, const std::vector<ShapeId>& daemons,
                                                aws::Meters& meters, HandlerId pools) const {
  World& world = context.world;
  document::Diagnostics ignored;  // every fault was reported when the scenario was read
  const document::Reader reader(ignored);
  const karpenter::WellKnownLabels known(world.names, auto_mode);
  KarpenterWorld read = read_karpenter(*this, documents, plan, context.setting, reader, known, world.names);
  std::vector<karpenter::NodePool> ever = read.pools;
  std::vector<NodePoolEdit> edited;
  for (const Edit& edit : edits) {
    std::vector<karpenter::NodePool> pools_then =
        read_karpenter(*this, edit.documents, plan, context.setting, reader, known, world.names).pools;
    ever.insert(ever.end(), pools_then.begin(), pools_then.end());
    edited.push_back({world.window_start + edit.at, std::move(pools_then)});
  }
  // Types that no pool admits would only be filtered out again in every plan.
  std::erase_if(read.types.types, [&](const karpenter::InstanceType& type) {
    return std::none_of(ever.begin(), ever.end(), [&](const karpenter::NodePool& pool) {
      return type.class_index == pool.class_index && type.labels.intersects(pool.requirements, world.names);
    });
  });
  std::vector<ResourceVector> allocatable;
  std::vector<ExtendedResources> extended;
  std::vector<std::uint8_t> never_joins;
  for (const karpenter::InstanceType& type : read.types.types) {
    const karpenter::NodeClass& node_class = read.classes[type.class_index];
    const std::int64_t volume_gib = node_class.disk(*type.source).raw() / kGiB;
    NodeImage image = NodeImage::al2023;
    find_node_image(node_class.ami_family, image);
    never_joins.push_back(starts_on(image, *type.source) ? 0 : 1);
    // What a real node reports: Karpenter's plans use its own guess of 7.5 % less memory.
    ResourceVector real = node_allocatable(*type.source, image, plan.node_defaults.cni, node_class.max_pods, volume_gib,
                                           node_class.kubelet);
    real[Resource::pods] = std::min(real[Resource::pods], type.capacity[Resource::pods]);
    allocatable.push_back(real);
    extended.push_back(to_extended(node_extended(*type.source, plan.node_defaults.cni, {}), world.names));
    const Rate on_demand = plan.prices->catalogue().on_demand(context.setting.region, *type.source).value_or(Rate{});
    aws::InstanceLines lines =
        aws::instance_lines(context, *type.source, on_demand, plan.prices->spot(*type.source), plan.around,
                            node_class.volumes.empty() ? karpenter::default_volumes(node_class) : node_class.volumes);
    // The disks are its class's, which a node tells by its pool.
    lines.label = world.names.intern("karpenter.sh/nodepool");
    for (const karpenter::NodePool& pool : ever) {
      if (pool.class_index == type.class_index) lines.label_values.push_back(pool.name_id);
    }
    if (auto_mode) {
      billing::LineItem fee;
      fee.item = "eks/auto-mode/" + std::string(type.source->name);
      fee.label = "EKS Auto Mode fee " + std::string(type.source->name);
      fee.rate = auto_mode_fee(*plan.prices, *type.source, on_demand);
      fee.unit = "Hours";
      fee.minimum = seconds(60);
      fee.service = "Amazon Elastic Kubernetes Service";
      fee.category = "Compute";
      fee.resource_type = "Instance";
      fee.sku = "EKS-Auto:" + std::string(type.source->name);
      lines.fees.push_back(context.bill.line(fee));
    }
    meters.add(lines);
  }
  kubernetes::Framework framework(karpenter::karpenter_profile(plan.scheduler.version), world.names);
  auto config = std::make_shared<KarpenterConfig>(KarpenterConfig{
      std::move(read.types), std::move(read.pools), known, daemons, release, settings.batch, plan.delays,
      std::move(allocatable), settings.spot_to_spot_consolidation, context.setting.calendar, settings.simulation});
  config->scheduling_try = settings.scheduling;
  config->node_extended = std::move(extended);
  config->never_joins = std::move(never_joins);
  config->capacity = pools;
  config->node_repair = settings.node_repair || auto_mode;  // Auto Mode repairs its nodes by default
  config->edits = std::move(edited);
  return std::make_unique<Karpenter>(std::move(config), std::move(framework), budgets, annotations);
}

}  // namespace plimsoll::eks
