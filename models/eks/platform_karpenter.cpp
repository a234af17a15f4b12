#include "models/eks/platform_karpenter.h"

#include <algorithm>

#include "models/eks/karpenter/api/document_fault.h"
#include "models/eks/karpenter/api/node_pool_reader.h"
#include "models/eks/karpenter_plan.h"
#include "models/eks/node/image_support.h"
#include "models/eks/node/simulation.h"
#include "sim/document/files.h"
#include "sim/document/loader.h"

namespace plimsoll::eks {

namespace {

using document::Fields;

constexpr karpenter::Release kBalancedSince{1, 14};

void read_bootstrap(Fields& g, EksPlan& plan) {
  NodeGroupPlan group;
  group.name = "bootstrap";
  const std::string type = g.required_text("type", "EC2 instance type");
  group.minimum = g.integer("count", 2, "Karpenter getting started: two nodes", "nodes, always", {1, 100});
  group.maximum = group.desired = group.minimum;
  group.volume_gib = plan.node_defaults.volume_gib;
  NodeGroupType t;
  if (!type.empty()) t.type = plan.prices->type(g, "type", type);
  if (t.type != nullptr && !starts_on(group.image, *t.type))
    g.error("type", "AL2023 does not start on " + type + " (it needs Graviton 2 or later)", "take another type");
  if (t.type != nullptr) {
    t.on_demand = plan.prices->on_demand(g, "type", *t.type);
    t.spot = plan.prices->spot(*t.type);
    t.capacity.set_cpu(cpu_cores(t.type->vcpu));
    t.capacity.set_memory(t.type->memory);
    t.allocatable = node_allocatable(*t.type, group.image, plan.node_defaults.cni, 0, group.volume_gib);
    group.types.push_back(t);
  }
  plan.groups.push_back(std::move(group));
}

KarpenterSettings read_settings(Fields& c) {
  KarpenterSettings s;
  Fields f = c.child("karpenter", "Karpenter's settings, by their names in its chart");
  constexpr std::string_view kChart = "chart karpenter v1.14, values.yaml";
  s.batch.idle = f.duration("batchIdleDuration", s.batch.idle, kChart, "a batch closes after so long without a pod");
  s.batch.maximum = f.duration("batchMaxDuration", s.batch.maximum, kChart, "a batch closes at the latest");
  s.vm_memory_overhead = f.ratio("vmMemoryOverheadPercent", s.vm_memory_overhead, kChart,
                                 "of a type's memory that no node is expected to report", {Ppm{}, percent(100)});
  s.reserved_enis = f.integer("reservedENIs", 0, kChart, "interfaces that pods cannot use", {0, 15});
  Fields gates = f.child("featureGates", "feature gates");
  s.spot_to_spot_consolidation =
      gates.boolean("spotToSpotConsolidation", false, kChart, "replace Spot nodes by cheaper Spot nodes");
  s.node_repair = gates.boolean("nodeRepair", false, kChart, "replace nodes that were NotReady for 30 minutes");
  for (const char* gate : {"reservedCapacity", "nodeOverlay", "staticCapacity"}) {
    if (gates.boolean(gate, false, kChart, "not simulated"))
      gates.error(gate, std::string("the feature gate ") + gate + " is not simulated", "leave it off");
  }
  s.simulation = f.duration("consolidationSimulation", s.simulation,
                            "kubernetes-sigs/karpenter issue 3271: about 0.9 s a candidate at 1,000 nodes",
                            "computing time of one simulation in a cluster of 1,000 nodes; grows with the nodes");
  s.scheduling = f.duration("schedulingTry", s.scheduling,
                            "kubernetes-sigs/karpenter issue 3152: 363 pods in 59 s beside 1,060 nodes",
                            "computing time of one try of a pod on a node; a provisioning run takes a minute at most");
  return s;
}

/// Documents of the pools and classes of the files under `key`.
void read_files(Fields& c, std::string_view key, const karpenter::Release& release, bool auto_mode,
                std::vector<document::Node>& out) {
  document::Diagnostics& diagnostics = *c.reader().diagnostics;
  const document::Reader reader(diagnostics);
  Names names;
  for (const document::Item& item : c.list(key, "files with NodePools and EC2NodeClasses")) {
    for (const std::string& path : document::find_files(item.node, diagnostics, item.path)) {
      for (const document::Node& document : document::load_file(path, diagnostics)) {
        if (karpenter::is_node_pool(document)) {
          const std::string name = karpenter::read_node_pool(document, reader, names, release).name;
          if (const std::string fault = karpenter::node_class_reference_fault(document, auto_mode); !fault.empty())
            diagnostics.error(document, "NodePool '" + name + "': " + fault, "", item.path);
        } else if (karpenter::is_node_class(document)) {
          const karpenter::NodeClass node_class = karpenter::read_node_class(document, reader);
          NodeImage image = NodeImage::al2023;
          if (!find_node_image(node_class.ami_family, image))
            diagnostics.error(document, "EC2NodeClass '" + node_class.name + "': " + std::string(kNoWindows), "",
                              item.path);
        } else {
          const auto [fault, hint] = karpenter::document_fault(document);
          diagnostics.error(document, fault, hint, item.path);
          continue;
        }
        out.push_back(document);
      }
    }
  }
}

/// Types that a pool may launch and on which its image does not start. Karpenter does not know: their nodes run until
/// it gives them up, and it may take the same again.
void remark_on_dead_types(const KarpenterWorld& read, const karpenter::PoolTemplates& templates,
                          std::vector<std::string>& remarks) {
  for (std::size_t p = 0; p < read.pools.size(); ++p) {
    const karpenter::NodePool& pool = read.pools[p];
    NodeImage image = NodeImage::al2023;
    find_node_image(read.classes[pool.class_index].ami_family, image);
    const auto& types = templates.of(p).types;
    const auto dead = std::find_if(types.begin(), types.end(), [&](std::uint32_t i) {
      return read.types[i].source != nullptr && !starts_on(image, *read.types[i].source);
    });
    if (dead == types.end()) continue;
    std::string told = "NodePool " + pool.name + " may launch " + std::string(read.types[*dead].source->name) +
                       ", on which AL2023 does not start (it needs Graviton 2 or later): such a node never joins; " +
                       "karpenter.k8s.aws/instance-generation Gt 1 keeps it out";
    if (std::find(remarks.begin(), remarks.end(), told) == remarks.end()) remarks.push_back(std::move(told));
  }
}

/// Pools that can never launch anything, and classes that are not there.
void check_pools(Fields& c, std::string_view key, const Setting& setting, EksPlan& plan, KarpenterPlan& karpenter_plan,
                 std::span<const document::Node> documents) {
  document::Diagnostics ignored;
  Names names;
  const karpenter::WellKnownLabels known(names, karpenter_plan.auto_mode);
  const KarpenterWorld read =
      read_karpenter(karpenter_plan, documents, plan, setting, document::Reader(ignored), known, names);
  for (const karpenter::NodeClass& k : read.classes) {
    for (const aws::NodeVolume& v : k.volumes) plan.around.read_volume(*plan.prices, c, v);
  }
  const bool has_classes = std::any_of(documents.begin(), documents.end(),
                                       [](const document::Node& d) { return karpenter::is_node_class(d); });
  for (const karpenter::NodePool& pool : read.pools) {
    const bool found = std::any_of(read.classes.begin(), read.classes.end(),
                                   [&](const karpenter::NodeClass& k) { return k.name == pool.node_class; });
    if (found || !has_classes) continue;
    std::string names_of;
    for (const karpenter::NodeClass& k : read.classes) names_of += (names_of.empty() ? "" : ", ") + k.name;
    c.error(key, "NodePool '" + pool.name + "': no node class '" + pool.node_class + "' among the files",
            "known: " + names_of);
  }
  for (std::size_t i = 0; i < read.pools.size(); ++i) {
    const karpenter::NodePool& pool = read.pools[i];
    const auto again = std::find_if(read.pools.begin(), read.pools.begin() + static_cast<std::ptrdiff_t>(i),
                                    [&](const karpenter::NodePool& other) { return other.name == pool.name; });
    if (again != read.pools.begin() + static_cast<std::ptrdiff_t>(i))
      c.error(key, "two NodePools have the name '" + pool.name + "'", "a cluster has one object of a name");
    if (pool.consolidation == karpenter::ConsolidationPolicy::balanced && karpenter_plan.release < kBalancedSince)
      c.error(key,
              "NodePool '" + pool.name + "': Karpenter 1." + std::to_string(karpenter_plan.release.minor) +
                  " has no consolidationPolicy Balanced",
              "it came with 1." + std::to_string(kBalancedSince.minor) + "; write WhenEmptyOrUnderutilized");
  }
  if (c.reader().diagnostics->has_errors()) return;
  Snapshot snapshot;
  const kubernetes::Framework framework(karpenter::karpenter_profile(plan.scheduler.version), names);
  kubernetes::Scratch scratch;
  ShapeTable shapes;
  std::uint64_t simulated = 0;
  const Simulation sim{snapshot, framework, scratch, shapes, names, simulated};
  const karpenter::Cluster cluster{sim, read.types, read.pools, known, {}, {}};
  const karpenter::PoolTemplates templates(cluster);
  for (const karpenter::PoolProblem& problem : karpenter::pool_problems(cluster, templates)) {
    const auto written =
        std::find_if(karpenter_plan.documents.begin(), karpenter_plan.documents.end(), [&](const document::Node& d) {
          const document::Node* metadata = karpenter::is_node_pool(d) ? d.find("metadata") : nullptr;
          const document::Node* name = metadata != nullptr ? metadata->find("name") : nullptr;
          return name != nullptr && name->is_scalar() && name->text() == read.pools[problem.pool].name;
        });
    const bool found = written != karpenter_plan.documents.end();
    const bool windows = problem.message.find("kubernetes.io/os in [windows") != std::string::npos;
    c.reader().diagnostics->error(found ? written->mark() : c.mark_of(key), problem.message,
                                  windows ? std::string(kNoWindows) : problem.hint, c.path_of(key));
  }
  for (const karpenter::PoolTemplates::Template& t : templates.by_weight()) {
    for (const std::uint32_t i : t.types) karpenter_plan.launchable.emplace_back(names.text(read.types[i].name));
  }
  remark_on_dead_types(read, templates, plan.remarks);
  std::sort(karpenter_plan.launchable.begin(), karpenter_plan.launchable.end());
  karpenter_plan.launchable.erase(std::unique(karpenter_plan.launchable.begin(), karpenter_plan.launchable.end()),
                                  karpenter_plan.launchable.end());
}

bool has_pool(const std::vector<document::Node>& documents) {
  return std::any_of(documents.begin(), documents.end(),
                     [](const document::Node& d) { return karpenter::is_node_pool(d); });
}

/// metadata.name of a NodePool.
std::string pool_name(const document::Node& document, const document::Reader& reader) {
  Names names;
  return karpenter::read_node_pool(document, reader, names).name;
}

/// NodePools that are edited at some instant: each edit names the pools that change.
void read_edits(Fields& c, const Setting& setting, EksPlan& plan, KarpenterPlan& karpenter_plan) {
  document::Diagnostics& diagnostics = *c.reader().diagnostics;
  document::Diagnostics ignored;
  const document::Reader quiet(ignored);
  std::vector<document::Node> now = karpenter_plan.documents;
  for (const document::Item& item : c.list("nodePoolEdits", "NodePools applied anew at given times, in their order")) {
    Fields e(item.node, c.reader(), item.path);
    KarpenterPlan::Edit edit;
    edit.at = e.required_duration("at", "after the start of the counted window", {Duration{}, std::nullopt});
    std::vector<document::Node> changed;
    read_files(e, "nodePools", karpenter_plan.release, karpenter_plan.auto_mode, changed);
    if (e.describing() || diagnostics.has_errors()) continue;
    if (!karpenter_plan.edits.empty() && edit.at <= karpenter_plan.edits.back().at)
      e.error("at", "edits stand in the order of their times");
    for (document::Node& document : changed) {
      if (!karpenter::is_node_pool(document)) {
        e.error("nodePools", "an EC2NodeClass cannot change while the column runs", "edit NodePools only");
        continue;
      }
      const std::string name = pool_name(document, quiet);
      const auto at = std::find_if(now.begin(), now.end(), [&](const document::Node& d) {
        return karpenter::is_node_pool(d) && pool_name(d, quiet) == name;
      });
      if (at == now.end()) {
        e.error("nodePools", "no NodePool '" + name + "' to edit", "an edit changes a NodePool of the column's own");
        continue;
      }
      *at = std::move(document);
    }
    if (changed.empty()) e.error("nodePools", "the edit changes no NodePool");
    edit.documents = now;
    if (!diagnostics.has_errors()) check_pools(e, "nodePools", setting, plan, karpenter_plan, edit.documents);
    karpenter_plan.edits.push_back(std::move(edit));
  }
}

void parse_auto_mode(Fields& f, const Setting& setting, EksPlan& plan) {
  auto auto_plan = std::make_shared<KarpenterPlan>();
  auto_plan->auto_mode = true;
  std::vector<std::string> built_in = f.texts("builtIn", "built-in NodePools: general-purpose, system; default both");
  if (!f.has("builtIn")) built_in = {"general-purpose", "system"};
  document::Diagnostics& diagnostics = *f.reader().diagnostics;
  for (const std::string& name : built_in) {
    const std::string_view text = built_in_pool(name);
    if (text.empty()) {
      f.error("builtIn", "EKS Auto Mode has no built-in NodePool '" + name + "'", "general-purpose, system");
      continue;
    }
    for (document::Node& d : document::load_text(text, name + ".yaml", diagnostics))
      auto_plan->documents.push_back(std::move(d));
  }
  read_files(f, "nodePools", auto_plan->release, true, auto_plan->documents);
  if (f.describing()) return;
  if (!plan.prices->as_of().eks_auto_mode) f.error("", "EKS Auto Mode did not exist then", "it exists from 2024-12-01");
  if (!has_pool(auto_plan->documents)) f.error("builtIn", "no NodePool is left: nothing could run");
  if (diagnostics.has_errors()) return;
  check_pools(f, "nodePools", setting, plan, *auto_plan, auto_plan->documents);
  plan.karpenter = std::move(auto_plan);
}

}  // namespace

void parse_karpenter(Fields& c, const Setting& setting, EksPlan& plan) {
  if (auto a = c.optional_child("autoMode", "EKS Auto Mode: nodes run by EKS, {} for its built-in NodePools")) {
    parse_auto_mode(*a, setting, plan);
    if (c.has("nodePools")) c.error("nodePools", "autoMode has nodePools of its own", "move it under autoMode");
  }
  if (auto g = c.optional_child("bootstrap", "the node group on which Karpenter itself runs")) read_bootstrap(*g, plan);
  if (!c.has("nodePools") && !c.describing()) {
    for (const char* key : {"karpenterMinor", "karpenter"}) {
      if (c.has(key))
        c.warning(key, "only Karpenter reads it, and there are no nodePools", "write nodePools: [pool.yaml]");
      c.ignore(key);
    }
    return;
  }
  const std::int64_t minor = c.integer("karpenterMinor", 14, "Karpenter 1.14", "release 1.x of Karpenter", {0, 14});
  const KarpenterSettings settings = read_settings(c);
  auto karpenter_plan = std::make_shared<KarpenterPlan>();
  karpenter_plan->release = {1, static_cast<int>(minor)};
  karpenter_plan->settings = settings;
  const std::size_t errors = c.reader().diagnostics->error_count();
  read_files(c, "nodePools", karpenter_plan->release, false, karpenter_plan->documents);
  if (c.describing()) read_edits(c, setting, plan, *karpenter_plan);
  if (c.describing()) return;
  const bool read = c.reader().diagnostics->error_count() == errors;
  if (read && !has_pool(karpenter_plan->documents)) c.error("nodePools", "the files hold no NodePool");
  if (plan.groups.empty() && plan.fargate_profiles.empty()) {
    c.error("bootstrap", "Karpenter needs a node group to run on", "add bootstrap: {type: m5.large, count: 2}");
  }
  if (c.reader().diagnostics->has_errors()) return;
  check_pools(c, "nodePools", setting, plan, *karpenter_plan, karpenter_plan->documents);
  read_edits(c, setting, plan, *karpenter_plan);
  plan.karpenter = std::move(karpenter_plan);
}

}  // namespace plimsoll::eks
