#include "models/eks/node_groups.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "models/aws/devices.h"
#include "models/aws/gpus.h"
#include "models/eks/cluster_autoscaler/template_node.h"
#include "models/eks/node/image_support.h"
#include "models/eks/node/node_labels.h"
#include "models/eks/node/volume_attach_limit.h"
#include "models/kubernetes/api/name_rules.h"
#include "models/kubernetes/api/quantity.h"
#include "sim/core/text.h"

namespace plimsoll::eks {

namespace {

using document::Fields;
using document::Item;

constexpr std::string_view kTagPrefix = "k8s.io/cluster-autoscaler/node-template/";
constexpr std::string_view kOptionKeys[] = {"scaledownutilizationthreshold", "scaledowngpuutilizationthreshold",
                                            "scaledownunneededtime",         "scaledownunreadytime",
                                            "maxnodeprovisiontime",          "maxnodestartuptime",
                                            "ignoredaemonsetsutilization"};

std::optional<TaintEffect> effect_of(std::string_view text) {
  if (text == "NoSchedule" || text == "NO_SCHEDULE") return TaintEffect::no_schedule;
  if (text == "PreferNoSchedule" || text == "PREFER_NO_SCHEDULE") return TaintEffect::prefer_no_schedule;
  if (text == "NoExecute" || text == "NO_EXECUTE") return TaintEffect::no_execute;
  return std::nullopt;
}

std::optional<double> decimal(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

/// The most that a tag may promise of one node.
constexpr std::int64_t kLargestAmount = 1'000'000'000'000'000;
constexpr Cpu kMostCores = cpu_cores(1'000'000);

/// A Kubernetes quantity in a tag resources/<name>.
std::optional<std::int64_t> tag_amount(std::string_view text) {
  const Parsed<std::int64_t> amount = kubernetes::api::parse_quantity(text, 0);
  if (!amount || *amount.value < 0 || *amount.value > kLargestAmount) return std::nullopt;
  return *amount.value;
}

/// One tag autoscaling-options/<key>; what is wrong, or empty.
std::string set_option(ca::GroupOptions& options, std::string_view key, std::string_view value) {
  const auto set_ratio = [&](std::optional<double>& out) -> std::string {
    out = decimal(value);
    return out && *out >= 0 ? "" : "'" + std::string(value) + "' is not a finite number from 0 up";
  };
  const auto set_duration = [&](std::optional<Duration>& out) -> std::string {
    const Parsed<Duration> parsed = parse_duration(value);
    if (!parsed) return parsed.error;
    out = *parsed.value;
    return {};
  };
  if (key == kOptionKeys[0]) return set_ratio(options.scale_down_utilization_threshold);
  if (key == kOptionKeys[1]) return set_ratio(options.scale_down_gpu_utilization_threshold);
  if (key == kOptionKeys[2]) return set_duration(options.scale_down_unneeded_time);
  if (key == kOptionKeys[3]) return set_duration(options.scale_down_unready_time);
  if (key == kOptionKeys[4]) return set_duration(options.max_node_provision_time);
  if (key == kOptionKeys[5]) return set_duration(options.max_node_startup_time);
  if (key == kOptionKeys[6]) {
    if (value != "true" && value != "false") return "'" + std::string(value) + "' is neither true nor false";
    options.ignore_daemonsets_utilization = value == "true";
    return {};
  }
  std::string fault = "Cluster Autoscaler reads no option '" + std::string(key) + "' from a tag";
  if (const std::string near = nearest(key, kOptionKeys); !near.empty()) fault += "; did you mean '" + near + "'?";
  return fault;
}

void read_tags(Fields& f, NodeGroupPlan& group) {
  for (const Item& tag : f.map("tags", "tags of the Auto Scaling group; k8s.io/cluster-autoscaler/node-template/...")) {
    std::string_view key = tag.name;
    if (!key.starts_with(kTagPrefix)) continue;
    key.remove_prefix(kTagPrefix.size());
    const std::size_t slash = key.find('/');
    const std::string_view kind = key.substr(0, slash);
    const std::string_view rest = slash == std::string_view::npos ? std::string_view{} : key.substr(slash + 1);
    const std::string value = tag.node.text();
    std::string fault;
    if (rest.empty()) {
      fault = "a tag of Cluster Autoscaler needs a name after " + std::string(kTagPrefix) + std::string(kind);
    } else if (kind == "label") {
      group.tag_labels.emplace_back(rest, value);
    } else if (kind == "resources") {
      group.tag_resources.emplace_back(rest, value);
      const bool cpu = rest == "cpu";
      const bool bytes = rest == "memory" || rest == "ephemeral-storage";
      const auto cores = parse_cpu(value);
      const auto size = parse_bytes(value);
      if (cpu && !(cores && *cores.value <= kMostCores)) fault = "'" + value + "' is no amount of CPU of one node";
      if (bytes && !(size && size.value->raw() <= kLargestAmount))
        fault = "'" + value + "' is no number of bytes of one node";
      if (!cpu && !bytes && !tag_amount(value))
        fault = "'" + value + "' is no amount of " + std::string(rest) + ": a whole number from 0 up";
    } else if (kind == "taint") {
      const std::size_t colon = value.rfind(':');
      const auto effect =
          colon == std::string::npos ? std::nullopt : effect_of(std::string_view(value).substr(colon + 1));
      if (effect) {
        group.tag_taints.push_back({std::string(rest), value.substr(0, colon), *effect});
      } else {
        fault = "a taint tag has the value VALUE:EFFECT with NoSchedule, PreferNoSchedule or NoExecute";
      }
    } else if (kind == "autoscaling-options") {
      fault = set_option(group.options, rest, value);
    } else {
      fault = "Cluster Autoscaler knows label, taint, resources and autoscaling-options tags, not '" +
              std::string(kind) + "'";
    }
    if (!fault.empty()) f.reader().diagnostics->error(tag.node, fault, "", tag.path);
  }
}

void read_taints(Fields& f, NodeGroupPlan& group) {
  for (const Item& item : f.list("taints", "taints of the nodes: {key, value, effect}")) {
    Fields t(item.node, f.reader(), item.path);
    GroupTaint taint;
    taint.key = t.required_text("key", "taint key");
    taint.value = t.text("value", "", "none", "taint value");
    if (const std::string fault = kubernetes::api::label_key_fault(taint.key); !taint.key.empty() && !fault.empty())
      t.error("key", fault);
    if (const std::string fault = kubernetes::api::label_value_fault(taint.value); !fault.empty())
      t.error("value", fault);
    const std::string effect = t.required_text("effect", "NoSchedule, PreferNoSchedule or NoExecute");
    if (const auto known = effect_of(effect)) {
      taint.effect = *known;
    } else if (!effect.empty() && !t.describing()) {
      t.error("effect", "unknown taint effect '" + effect + "'", "NoSchedule, PreferNoSchedule or NoExecute");
    }
    group.taints.push_back(std::move(taint));
  }
}

void read_update(Fields& f, NodeGroupPlan& group) {
  if (!group.managed && f.has("updateConfig") && !f.describing())
    f.error("updateConfig", "EKS updates no self-managed node group", "leave selfManaged out, or updateConfig");
  Fields u = f.child("updateConfig", "how a managed node group is updated to a new image");
  constexpr std::string_view kSource = "EKS default";
  if (u.has("maxUnavailable") && u.has("maxUnavailablePercentage"))
    u.error("maxUnavailablePercentage", "maxUnavailable and maxUnavailablePercentage exclude each other");
  group.update.max_unavailable = u.integer("maxUnavailable", 1, kSource, "nodes replaced at once", {1, 100});
  group.update.max_unavailable_percent =
      u.optional_integer("maxUnavailablePercentage", "the same as a share of the nodes, percent", {1, 100}).value_or(0);
  group.update.minimal = u.choice<bool>("updateStrategy", {{"DEFAULT", false}, {"MINIMAL", true}}, false, kSource,
                                        "DEFAULT launches first, MINIMAL terminates first");
  group.update.force = u.boolean("force", false, kSource, "go on where pods cannot be evicted in 15 minutes");
}

/// Keys of the EKS API and of eksctl for what has another name here.
void explain_api_keys(Fields& f) {
  if (f.describing()) return;
  constexpr std::pair<std::string_view, std::string_view> kKeys[] = {
      {"minSize", "min"},         {"maxSize", "max"},
      {"desiredSize", "desired"}, {"desiredCapacity", "desired"},
      {"instanceTypes", "types"}, {"instanceType", "type"},
      {"diskSize", "volumeGiB"},  {"volumeSize", "volumeGiB"},
      {"nodegroupName", "name"},  {"availabilityZones", "zones"}};
  for (const auto& [theirs, ours] : kKeys) {
    if (!f.has(theirs)) continue;
    f.ignore(theirs);
    f.error(theirs, "unknown key '" + std::string(theirs) + "'", "did you mean '" + std::string(ours) + "'?");
  }
  if (!f.has("scalingConfig")) return;
  f.ignore("scalingConfig");
  f.error("scalingConfig", "unknown key 'scalingConfig'", "write min, max and desired");
}

/// What EKS refuses of the warm pool of a managed group. SOURCE: EKS user guide, "Decrease latency for applications
/// with long boot times using warm pools with managed node groups", considerations.
void check_warm_pool(Fields& f, const NodeGroupPlan& group) {
  if (!group.managed || !group.scaling.warm_pool || f.describing()) return;
  const aws::WarmPoolConfig& pool = *group.scaling.warm_pool;
  const document::Node* type = f.node().find("amiType");
  if (type != nullptr && type->is_scalar() && type->text() == "CUSTOM")
    f.error("warmPool", "a managed node group with an image of its own (amiType CUSTOM) has no warm pool",
            "take an image of EKS, or selfManaged: true");
  if (group.image != NodeImage::bottlerocket) return;
  if (pool.state == aws::WarmPoolState::hibernated)
    f.error("warmPool", "Bottlerocket does not hibernate", "poolState: Stopped or Running");
  if (pool.reuse_on_scale_in)
    f.error("warmPool", "Bottlerocket nodes do not go back to the warm pool", "leave reuseOnScaleIn out");
}

/// EKS's own word for what `spot` says here; no key is said twice.
void explain_capacity_type(Fields& f) {
  if (f.describing() || !f.has("capacityType")) return;
  f.ignore("capacityType");
  const document::Node& value = *f.node().find("capacityType");
  const std::string text = value.is_scalar() ? value.text() : "";
  f.error("capacityType", "unknown key 'capacityType'",
          text == "SPOT"        ? "write spot: true"
          : text == "ON_DEMAND" ? "leave it out: a group is on demand without spot: true"
                                : "Spot instances are spot: true; without it a group is on demand");
}

void read_zones(Fields& f, const Setting& setting, NodeGroupPlan& group) {
  group.zones = f.texts("zones", "availability zones of the group; default all of the scenario");
  for (const std::string& zone : group.zones) {
    if (std::find(setting.zones.begin(), setting.zones.end(), zone) != setting.zones.end()) continue;
    const std::vector<std::string_view> known(setting.zones.begin(), setting.zones.end());
    const std::string near = nearest(zone, known);
    f.error("zones", "the scenario has no zone '" + zone + "'", near.empty() ? "" : "did you mean '" + near + "'?");
  }
}

/// `extendedResources`: what device plugins and pre-allocated huge pages add to each node of the group.
std::vector<std::pair<std::string, std::int64_t>> read_extended(Fields& f) {
  std::vector<std::pair<std::string, std::int64_t>> out;
  for (const Item& item : f.map("extendedResources", "what each node offers beside CPU and memory, by resource name")) {
    const bool named = item.name.find('/') != std::string::npos || item.name.starts_with("hugepages-");
    const Parsed<std::int64_t> amount =
        item.node.is_scalar() ? kubernetes::api::parse_quantity(item.node.text(), 0) : Parsed<std::int64_t>{};
    if (!named || item.name == "nvidia.com/gpu") {
      f.reader().diagnostics->error(
          item.node, "'" + item.name + "' is no extended resource of a node",
          named ? "GPUs come with the instance type" : "write example.com/foo or hugepages-2Mi", item.path);
    } else if (!amount || *amount.value < 0) {
      f.reader().diagnostics->error(item.node, "how much of " + item.name + " does a node have?", "write 4 or 1Gi",
                                    item.path);
    } else {
      out.emplace_back(item.name, *amount.value);
    }
  }
  return out;
}

void read_types(Fields& f, aws::PriceBook& prices, const NodeDefaults& defaults, std::int64_t max_pods,
                NodeGroupPlan& group) {
  const auto more = read_extended(f);
  const auto one = f.optional_text("type", "EC2 instance type");
  const std::vector<std::string> several = f.texts("types", "several instance types, by priority, instead of type");
  if (f.describing()) return;
  if (one.has_value() == !several.empty()) {
    f.error(one ? "types" : "type",
            one ? "type and types exclude each other" : "'type' is missing: which EC2 instance type?",
            "write type: m5.xlarge, or types: [m5.xlarge, m5a.xlarge]");
    return;
  }
  for (const std::string& name : one ? std::vector<std::string>{*one} : several) {
    const std::string_view key = one ? "type" : "types";
    NodeGroupType t;
    t.type = prices.type(f, key, name);
    if (t.type == nullptr) continue;
    t.on_demand = prices.on_demand(f, key, *t.type);
    t.spot = prices.spot(*t.type);
    t.capacity.set_cpu(cpu_cores(t.type->vcpu));
    t.capacity.set_memory(t.type->memory);
    t.capacity[Resource::gpus] = aws::nvidia_gpus(*t.type);
    t.allocatable = node_allocatable(*t.type, group.image, defaults.cni, max_pods, group.volume_gib);
    t.extended = node_extended(*t.type, defaults.cni, more);
    if (!group.types.empty() && group.types.front().type->arch != t.type->arch) {
      f.error(key, "one image cannot run on " + std::string(group.types.front().type->name) + " and on " + name,
              "give each architecture a node group of its own");
    }
    if (!starts_on(group.image, *t.type)) {
      f.error(key, "AL2023 does not start on " + name + " (it needs Graviton 2 or later): no node would join",
              "take another type, or ami: AL2");
    }
    group.types.push_back(t);
  }
  for (const char* key : {"amiType", "ami"}) {
    const document::Node* said = f.node().find(key);
    if (said == nullptr || !said->is_scalar() || group.types.empty()) continue;
    if (const std::string fault = ami_type_fault(said->text(), *group.types.front().type); !fault.empty())
      f.error(key, fault, "take the image of the other architecture, or types that it runs on");
  }
}

/// Labels and taints as the API server takes them.
void check_syntax(Fields& f, const Item& item, const std::string& key, const std::string& value) {
  std::string fault = kubernetes::api::label_key_fault(key);
  if (fault.empty()) fault = kubernetes::api::label_value_fault(value);
  if (!fault.empty()) f.reader().diagnostics->error(item.node, key + ": " + fault, "", item.path);
}

}  // namespace

std::vector<aws::NodeVolume> NodeGroupPlan::volumes() const {
  if (volume_gib == 0) return {};
  return {{volume_gib, aws::charges::VolumeKind::gp3, volume_iops, volume_mibps}};
}

NodeGroupPlan read_node_group(Fields& f, std::string name, const Setting& setting, aws::PriceBook& prices,
                              const NodeDefaults& defaults) {
  NodeGroupPlan group;
  group.name = std::move(name);
  group.managed = !f.boolean("selfManaged", false, "a managed node group", "an Auto Scaling group of one's own");
  group.image = read_node_image(f);
  group.volume_gib =
      f.integer("volumeGiB", defaults.volume_gib, "as the column", "root volume of a node, GiB gp3", {0, 16384});
  group.volume_iops = f.integer("volumeIOPS", group.volume_iops, "included in gp3", "IOPS of the root volume");
  group.volume_mibps = f.integer("volumeThroughput", group.volume_mibps, "included in gp3", "MiB/s of the root volume");
  for (const aws::NodeVolume& volume : group.volumes()) {
    if (const std::string fault = fault_of(volume); !fault.empty()) f.error("volumeIOPS", fault);
  }
  const std::int64_t max_pods = f.integer("maxPods", 0, "what the VPC CNI can give addresses to",
                                          "kubelet maxPods; 0: by the VPC CNI", {0, 1000});
  read_types(f, prices, defaults, max_pods, group);
  group.minimum = f.integer("min", 1, "EKS console default", "least nodes", {0, 5000});
  group.maximum = f.integer("max", 100, "no common default; 100 here", "most nodes", {1, 5000});
  group.desired = f.integer("desired", group.minimum, "as min", "nodes at the start", {0, 5000});
  // A managed group of Spot instances has capacity rebalancing on. SOURCE: EKS user guide, managed node group capacity
  // types.
  explain_capacity_type(f);
  explain_api_keys(f);
  const document::Node* spot = f.node().find("spot");
  const bool rebalances = group.managed && spot != nullptr && spot->is_scalar() && spot->text() == "true";
  group.scaling = aws::GroupFields::read(f, aws::AllocationStrategy::price_capacity_optimized, rebalances);
  if (group.scaling.warm_pool && group.types.size() > 1 && !f.describing())
    f.error("warmPool", "a group of several instance types cannot have a warm pool", "give it one type");
  check_warm_pool(f, group);
  if (!group.scaling.weights.empty() && group.managed)
    f.error("weightedCapacity", "a managed node group takes no instance weights", "selfManaged: true, or no weights");
  for (const auto& [weighed, units] : group.scaling.weights) {
    const bool known =
        std::any_of(group.types.begin(), group.types.end(),
                    [n = std::string_view(weighed)](const NodeGroupType& t) { return t.type->name == n; });
    if (!known) f.error("weightedCapacity", "'" + weighed + "' is no type of the group");
  }
  for (const aws::PlannedRefresh& r : group.scaling.refreshes) {
    if (!r.refresh.alarms.empty())
      f.error("instanceRefresh", "this column has no CloudWatch alarms that a refresh could watch",
              "leave alarms out: autoRollback still undoes a refresh whose launches fail");
  }
  group.spot = group.scaling.distribution.on_demand_percent == 0 && group.scaling.distribution.on_demand_base == 0;
  if (group.minimum > group.maximum) {
    f.error("min", "min " + std::to_string(group.minimum) + " is above max " + std::to_string(group.maximum));
  } else if (group.desired < group.minimum || group.desired > group.maximum) {
    f.error("desired", "desired " + std::to_string(group.desired) + " is not between min " +
                           std::to_string(group.minimum) + " and max " + std::to_string(group.maximum));
  }
  read_zones(f, setting, group);
  for (const Item& label : f.map("labels", "labels of the nodes")) {
    check_syntax(f, label, label.name, label.node.text());
    group.labels.emplace_back(label.name, label.node.text());
  }
  read_taints(f, group);
  read_tags(f, group);
  read_update(f, group);
  return group;
}

ResourceVector node_allocatable(const aws::InstanceType& type, NodeImage image, const VpcCni& cni,
                                std::int64_t max_pods, std::int64_t volume_gib, const KubeletReserves& kubelet) {
  NodeSizeInput input;
  input.vcpu = type.vcpu;
  input.memory = type.memory;
  input.ephemeral_storage = gibibytes(volume_gib);
  input.eni_max_pods = type.eks_max_pods;
  input.max_pods = max_pods > 0 ? max_pods : node_max_pods(cni, {type.max_enis, type.ipv4_per_eni, true}, type.vcpu);
  input.memory_overhead = Ppm{25'000};
  input.image = image;
  NodeSize size = node_size(input);
  size.capacity[Resource::pods] = kubelet.limit_pods(size.capacity[Resource::pods], type.vcpu, image);
  const std::int64_t reserved_for =
      image == NodeImage::bottlerocket ? size.capacity[Resource::pods] : input.eni_max_pods;
  ResourceVector out = kubelet.allocatable(size.capacity, kube_reserved(type.vcpu, reserved_for), image, false);
  out[Resource::gpus] = aws::nvidia_gpus(type);
  return out;
}

std::vector<std::pair<std::string, std::int64_t>> node_extended(
    const aws::InstanceType& type, const VpcCni& cni, const std::vector<std::pair<std::string, std::int64_t>>& more) {
  std::vector<std::pair<std::string, std::int64_t>> out = more;
  for (const auto& [name, count] : aws::device_resources(type)) {
    const bool said = std::any_of(more.begin(), more.end(), [n = name](const auto& e) { return e.first == n; });
    if (!said) out.emplace_back(name, count);
  }
  out.emplace_back(kEbsAttachLimit, volume_attach_limit(type, cni));
  return out;
}

ExtendedResources to_extended(const std::vector<std::pair<std::string, std::int64_t>>& named, Names& names) {
  ExtendedResources out;
  for (const auto& [name, amount] : named) out.emplace_back(names.intern(name), amount);
  std::sort(out.begin(), out.end());
  return out;
}

namespace {

void set_labels(SnapshotNode& node, const std::vector<std::pair<std::string, std::string>>& labels, Names& names) {
  for (const auto& [key, value] : labels) node.labels.set(names.intern(key), names.intern(value));
}

void set_taints(std::vector<Taint>& out, const std::vector<GroupTaint>& taints, Names& names) {
  for (const GroupTaint& t : taints) {
    out.push_back({names.intern(t.key), t.value.empty() ? NameId{} : names.intern(t.value), t.effect});
  }
}

/// Labels that EKS puts on the nodes of its groups.
void set_managed_labels(const NodeGroupPlan& group, Labels& labels, Names& names) {
  if (!group.managed) return;
  labels.set(names.intern("eks.amazonaws.com/nodegroup"), names.intern(group.name));
  labels.set(names.intern("eks.amazonaws.com/capacityType"), names.intern(group.spot ? "SPOT" : "ON_DEMAND"));
}

}  // namespace

NodeSpec node_spec_of(const NodeGroupPlan& group, const NodeGroupType& type, std::string_view region, Names& names) {
  NodeSpec spec;
  spec.instance_type = names.intern(type.type->name);
  spec.purchase = group.spot ? PurchaseOption::spot : PurchaseOption::on_demand;
  spec.capacity = type.capacity;
  spec.allocatable = type.allocatable;
  spec.extended = to_extended(type.extended, names);
  SnapshotNode node = ca::template_from_type(*type.type, region, "", names);
  NormalizedLabels(names).add_old_names(node.labels);
  set_managed_labels(group, node.labels, names);
  set_labels(node, group.labels, names);
  spec.labels = node.labels;
  set_taints(spec.taints, group.taints, names);
  return spec;
}

std::vector<std::pair<NameId, std::vector<NameId>>> zone_labels(const Setting& setting, Names& names) {
  std::vector<NameId> zones, ids;
  for (const std::string& zone : setting.zones) {
    ids.push_back(names.intern(zone_id_of(setting.region, zone, zones.size())));
    zones.push_back(names.intern(zone));
  }
  return {{names.intern("failure-domain.beta.kubernetes.io/zone"), zones},
          {names.intern("topology.ebs.csi.aws.com/zone"), zones},
          {names.intern("topology.k8s.aws/zone-id"), ids}};
}

SnapshotNode group_template(const NodeGroupPlan& group, const Setting& setting, int minor, Names& names) {
  const std::string& zone = group.zones.empty() ? setting.zones.front() : group.zones.front();
  SnapshotNode node = ca::template_from_type(*group.types.front().type, setting.region, zone, names);
  if (group.managed && minor >= 24) {
    set_managed_labels(group, node.labels, names);
    set_labels(node, group.labels, names);
    set_taints(node.taints, group.taints, names);
  }
  set_labels(node, group.tag_labels, names);
  set_taints(node.taints, group.tag_taints, names);
  for (const auto& [name, value] : group.tag_resources) {
    if (name == "cpu") {
      node.capacity.set_cpu(*parse_cpu(value).value);
    } else if (name == "memory") {
      node.capacity.set_memory(*parse_bytes(value).value);
    } else if (name == "ephemeral-storage") {
      node.capacity[Resource::ephemeral_storage] = parse_bytes(value).value->raw();
    } else if (name == "pods") {
      node.capacity[Resource::pods] = *tag_amount(value);
    } else {
      node.extended.emplace_back(names.intern(name), *tag_amount(value));
    }
  }
  std::sort(node.extended.begin(), node.extended.end());
  node.allocatable = node.capacity;
  return node;
}

}  // namespace plimsoll::eks
