#include "models/eks/platform_karpenter.h"

#include "models/eks/karpenter/api/node_pool_reader.h"
#include "models/eks/karpenter_plan.h"
#include "sim/document/files.h"
#include "sim/document/loader.h"

namespace plimsoll::eks {

void parse_karpenter(document::Fields& c, const Setting& setting, EksPlan& plan) {
  if (auto g = c.optional_child("bootstrap", "the node group on which Karpenter itself runs")) {
    NodeGroupPlan group;
    group.name = "bootstrap";
    const std::string type = g->required_text("type", "EC2 instance type");
    if (!type.empty()) read_group_type(*g, type, plan, group);
    group.minimum = g->integer("count", 2, "Karpenter getting started: two nodes", "nodes, always", {1, 100});
    group.maximum = group.minimum;
    plan.groups.push_back(std::move(group));
  }
  const std::vector<document::Item> files = c.list("nodePools", "files with NodePools and EC2NodeClasses");
  const std::int64_t minor = c.integer("karpenterMinor", 14, "Karpenter 1.14", "release 1.x of Karpenter", {0, 14});
  if (files.empty() || c.describing()) return;
  auto karpenter_plan = std::make_shared<KarpenterPlan>();
  karpenter_plan->release = {1, static_cast<int>(minor)};
  document::Diagnostics& diagnostics = *c.reader().diagnostics;
  const document::Reader reader(diagnostics);
  Names names;
  std::vector<karpenter::NodePool> pools;
  for (const document::Item& item : files) {
    for (const std::string& path : document::find_files(item.node, diagnostics, item.path)) {
      for (const document::Node& document : document::load_file(path, diagnostics)) {
        if (karpenter::is_node_pool(document)) {
          pools.push_back(karpenter::read_node_pool(document, reader, names));
        } else if (karpenter::is_node_class(document)) {
          static_cast<void>(karpenter::read_node_class(document, reader));
        } else {
          diagnostics.error(document, "neither a NodePool nor an EC2NodeClass", "take it out of nodePools", item.path);
          continue;
        }
        karpenter_plan->documents.push_back(document);
      }
    }
  }
  if (pools.empty()) c.error("nodePools", "the files hold no NodePool");
  if (plan.groups.empty()) {
    c.error("bootstrap", "Karpenter needs a node group to run on", "add bootstrap: {type: m5.large, count: 2}");
  }
  if (diagnostics.has_errors()) return;
  // Pools that can never launch anything.
  karpenter::WellKnownLabels known(names);
  const karpenter::InstanceTypes types =
      karpenter::make_instance_types(plan.prices->catalogue(), setting.region, setting.zones, {}, known, names);
  Snapshot snapshot;
  const kubernetes::Framework framework(karpenter::karpenter_profile(plan.scheduler.version), names);
  kubernetes::Scratch scratch;
  ShapeTable shapes;
  std::uint64_t simulated = 0;
  const Simulation sim{snapshot, framework, scratch, shapes, names, simulated};
  const karpenter::Cluster cluster{sim, types, pools, known, {}, {}};
  for (const std::string& problem : karpenter::pool_problems(cluster, karpenter::PoolTemplates(cluster))) {
    c.error("nodePools", problem);
  }
  plan.karpenter = std::move(karpenter_plan);
}

}  // namespace plimsoll::eks
