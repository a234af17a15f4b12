#include "models/ecs/owned_objects.h"

#include <algorithm>
#include <set>

#include "models/ecs/api/documents.h"
#include "models/ecs/container_lifecycle.h"

namespace plimsoll::ecs {

namespace {

using NameSet = std::set<std::string>;
using document::Node;

/// Adds the text under a key of an object, when there is one.
void note_text(const Node* object, std::string_view key, NameSet& out) {
  if (object == nullptr || !object->is_mapping()) return;
  const Node* value = object->find(key);
  if (value != nullptr && value->is_scalar() && !value->is_null() && !value->text().empty()) out.insert(value->text());
}

/// The object, list or value along a path of keys; null where it ends early.
const Node* along(const Node& node, std::initializer_list<std::string_view> keys) {
  const Node* at = &node;
  for (const std::string_view key : keys) {
    if (at == nullptr || !at->is_mapping()) return nullptr;
    at = at->find(key);
  }
  return at;
}

std::vector<Node> items_of(const Node* list) {
  return list != nullptr && list->is_sequence() ? list->items() : std::vector<Node>{};
}

struct Named {
  NameSet families, job_families, target_groups, listener_rules, security_groups, roles, log_groups, discovery,
      namespaces;

  void note_network(const Node& call) {
    for (const Node& group : items_of(along(call, {"networkConfiguration", "awsvpcConfiguration", "securityGroups"}))) {
      if (group.is_scalar()) security_groups.insert(group.text());
    }
  }
  void note_balancers(const Node& service) {
    for (const Node& balancer : items_of(along(service, {"loadBalancers"}))) {
      note_text(&balancer, "targetGroupArn", target_groups);
      const Node* advanced = along(balancer, {"advancedConfiguration"});
      note_text(advanced, "alternateTargetGroupArn", target_groups);
      note_text(advanced, "productionListenerRule", listener_rules);
      note_text(advanced, "testListenerRule", listener_rules);
    }
  }
  void note_service(const api::Service& s) {
    note_network(s.node);
    note_balancers(s.node);
    for (const Node& registry : items_of(along(s.node, {"serviceRegistries"}))) {
      note_text(&registry, "registryArn", discovery);
    }
    if (!s.service_connect) return;
    for (const api::ServiceConnectName& name : s.connect_names) discovery.insert("connect/" + name.discovery_name);
    note_text(along(s.node, {"serviceConnectConfiguration"}), "namespace", namespaces);
  }
  void note_definition(const api::TaskDefinition& d) {
    note_text(&d.node, "taskRoleArn", roles);
    note_text(&d.node, "executionRoleArn", roles);
    for (const api::ContainerDefinition& c : d.containers)
      note_text(along(c.node, {"logConfiguration", "options"}), "awslogs-group", log_groups);
  }
};

}  // namespace

OwnedObjects objects_of_files(const Setting& setting, std::int64_t daemon_services) {
  api::Documents documents;
  document::Diagnostics ignored;  // faults of the files were reported when they were read
  for (const ScalingDocument& d : setting.scaling) {
    if (d.side == Side::ecs) api::read_document(d.node, ignored, documents);
  }
  Named named;
  for (const WorkloadSpec& w : setting.workloads) {
    const auto service = std::find_if(documents.services.begin(), documents.services.end(),
                                      [&](const api::Service& s) { return s.name == w.name; });
    if (service != documents.services.end()) named.note_service(*service);
    const bool told = service != documents.services.end() && !service->load_balancers.empty();
    if (w.entry && !told) named.target_groups.insert("of " + w.name);
    const api::TaskDefinition* d = definition_of_app(documents, w.name);
    named.families.insert(d != nullptr ? d->family : w.name);
    if (d != nullptr) named.note_definition(*d);
  }
  for (const JobSpec& j : setting.jobs) {
    for (const api::RunTask& r : documents.run_tasks) {
      if (r.family() == j.name) named.note_network(r.node);
    }
    const api::TaskDefinition* d = definition_of_app(documents, j.name);
    named.job_families.insert(d != nullptr ? d->family : j.name);
    if (d != nullptr) named.note_definition(*d);
  }
  const auto services = static_cast<std::int64_t>(setting.workloads.size());
  OwnedObjects out = {{"ECS cluster", 1},
                      {"ECS service", services + daemon_services},
                      {"task definition", static_cast<std::int64_t>(named.families.size()) + daemon_services}};
  const auto add = [&out](const char* kind, const NameSet& names) {
    if (!names.empty()) out.emplace_back(kind, static_cast<std::int64_t>(names.size()));
  };
  add("task definition of stand-alone tasks", named.job_families);
  add("target group", named.target_groups);
  add("listener rule", named.listener_rules);
  add("security group", named.security_groups);
  add("Cloud Map namespace", named.namespaces);
  add("Cloud Map service", named.discovery);
  add("IAM role", named.roles);
  add("log group", named.log_groups);
  return out;
}

void add_balancer_objects(const Surroundings& around, OwnedObjects& out) {
  const std::int64_t alb = around.load_balancers, nlb = around.network_load_balancers,
                     clb = around.classic_load_balancers;
  if (alb > 0) out.emplace_back("Application Load Balancer", alb);
  if (nlb > 0) out.emplace_back("Network Load Balancer", nlb);
  if (clb > 0) out.emplace_back("Classic Load Balancer", clb);
  if (alb + nlb > 0) out.emplace_back("listener", alb + nlb);
  if (alb + nlb + clb > 0) out.emplace_back("DNS record of a load balancer", alb + nlb + clb);
}

void add_capacity_objects(const CapacityPlan& capacity, OwnedObjects& out) {
  std::int64_t groups = 0, hooks = 0, group_policies = 0;
  for (const CapacityProvider& p : capacity.providers) {
    groups += p.asg ? 1 : 0;
    hooks += p.asg && p.asg->managed_draining ? 1 : 0;
    if (p.asg) group_policies += static_cast<std::int64_t>(p.asg->policies.size() + p.asg->predictions.size());
  }
  for (const CapacityProvider& p : capacity.providers) {
    if (p.managed) out.emplace_back("Managed Instances capacity provider", 1);
    if (p.external) out.emplace_back("machine of your own", p.external->count);
  }
  if (groups == 0) return;
  out.emplace_back("Auto Scaling group", groups);
  out.emplace_back("launch template", groups);
  out.emplace_back("capacity provider", groups);
  out.emplace_back("instance profile", 1);
  if (group_policies > 0) out.emplace_back("scaling policy of an Auto Scaling group", group_policies);
  if (hooks > 0) out.emplace_back("lifecycle hook (managed draining)", hooks);
}

}  // namespace plimsoll::ecs
