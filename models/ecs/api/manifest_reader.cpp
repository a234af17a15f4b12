#include "models/ecs/api/manifest_reader.h"

#include <algorithm>
#include <string>
#include <utility>

#include "models/ecs/api/scaling_rules.h"
#include "models/ecs/api/service_cluster.h"
#include "models/ecs/api/service_rules.h"
#include "models/ecs/api/workload.h"
#include "models/ecs/container_lifecycle.h"
#include "models/ecs/placement_rules.h"
#include "sim/core/text.h"
#include "sim/policy/machine_needs.h"

namespace plimsoll::ecs::api {

namespace {

using document::Node;

ContainerFacts facts_of(const ContainerDefinition& c) {
  ContainerFacts f;
  f.name = c.size.name;
  f.image = c.image;
  // CPU of a container is a share: no limit. memoryReservation is what is reserved when both are there.
  if (c.size.cpu > 0) f.cpu_request = cpu_ecs_units(c.size.cpu);
  if (c.size.memory) f.memory_limit = mebibytes(*c.size.memory);
  if (c.size.memory_reservation) {
    f.memory_request = mebibytes(*c.size.memory_reservation);
  } else {
    f.memory_request = f.memory_limit;
  }
  if (c.health_check) {
    f.probes.push_back({"health check", c.health_check->start_period, c.health_check->interval, c.health_check->timeout,
                        c.health_check->retries});
  }
  return f;
}

std::string launch_of(const TaskDefinition& d) {
  return d.compatibilities.size() == 1 ? std::string(to_string(d.compatibilities.front())) : "";
}

ManifestFacts blank(std::string_view kind, const Node& node) {
  ManifestFacts f;
  f.side = Side::ecs;
  f.kind = std::string(kind);
  f.file = node.mark().path();
  return f;
}

ManifestFacts facts_of(const TaskDefinition& d) {
  ManifestFacts f = blank("task definition", d.node);
  f.name = d.family;
  f.size = pod_size(d);
  for (const ContainerDefinition& c : d.containers) f.containers.push_back(facts_of(c));
  f.stop_grace = d.stop_timeout();
  f.launch_type = launch_of(d);
  auto pod = std::make_shared<PodWithNeeds>();
  pod->needs.gpus = d.gpus();
  pod->needs.windows = d.windows();
  f.pod = std::move(pod);
  return f;
}

EcsRollout rollout_of(const Service& s) {
  EcsRollout r;
  // What the file does not write is what the API makes of it: 100 and 200, of a daemon 0 and 100.
  r.minimum_healthy_percent = s.minimum_healthy_percent;
  r.maximum_percent = s.maximum_percent;
  r.breaker = s.breaker.enable;
  r.breaker_rollback = s.breaker.rollback;
  r.threshold = s.breaker.type == BreakerThreshold::bounded_percent     ? EcsRollout::Threshold::bounded_percent
                : s.breaker.type == BreakerThreshold::unbounded_percent ? EcsRollout::Threshold::unbounded_percent
                                                                        : EcsRollout::Threshold::count;
  r.threshold_value = s.breaker.value;
  r.reset_on_healthy_task = s.breaker.reset_on_healthy_task;
  const bool canary = s.strategy == DeploymentStrategy::canary;
  r.strategy = canary                                         ? EcsRollout::Strategy::canary
               : s.strategy == DeploymentStrategy::linear     ? EcsRollout::Strategy::linear
               : s.strategy == DeploymentStrategy::blue_green ? EcsRollout::Strategy::blue_green
                                                              : EcsRollout::Strategy::rolling;
  r.bake = s.bake;
  if (s.step_percent) (canary ? r.canary : r.step) = Ppm{static_cast<std::int64_t>(*s.step_percent * 10'000 + 0.5)};
  r.alarms = s.alarms;
  r.alarms_rollback = s.alarms_rollback;
  r.hooks = s.hooks;
  r.step_bake = s.step_bake.value_or(minutes(canary ? 10 : 6));
  if (s.zone_rebalancing_written) r.zone_rebalancing = s.zone_rebalancing;
  return r;
}

ManifestFacts facts_of(const Service& s) {
  ManifestFacts f = blank("service", s.node);
  f.name = s.name;
  f.definition = s.family();
  f.scheduling_strategy = s.daemon ? "DAEMON" : "REPLICA";
  if (!s.daemon) f.replicas = s.desired_count;
  if (s.node.find("deploymentConfiguration") != nullptr) {
    f.max_unavailable = percent(std::max<std::int64_t>(100 - s.minimum_healthy_percent, 0));
  }
  f.ecs_rollout = rollout_of(s);
  if (s.node.find("healthCheckGracePeriodSeconds") != nullptr) f.grace = s.health_check_grace;
  f.behind_balancer = !s.load_balancers.empty();
  f.service_connect = s.service_connect;
  f.spread_zones = s.placement.empty() || s.rebalance().first_strategy_spreads_zones;
  if (s.launch_type) f.launch_type = std::string(to_string(*s.launch_type));
  if (!s.launch_type && !s.capacity_providers.empty()) f.launch_type = s.on_fargate() ? "FARGATE" : "EC2";
  return f;
}

/// Half-up to a whole millionth.
Ppm ppm_of_percent(double value) { return Ppm{static_cast<std::int64_t>(value * 10'000 + 0.5)}; }

/// Of each family the revision that a service runs, or else the newest: the others are history, and among equals the
/// last is what register-task-definition would have made the newest.
void keep_newest(Documents& documents, document::Diagnostics& diagnostics) {
  const std::vector<TaskDefinition>& all = documents.task_definitions;
  std::vector<const TaskDefinition*> run;
  for (const Service& s : documents.services) run.push_back(documents.definition_of(s));
  const auto is_run = [&](const TaskDefinition& d) { return std::find(run.begin(), run.end(), &d) != run.end(); };
  std::vector<TaskDefinition> kept;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::int64_t mine = all[i].revision.value_or(0);
    bool keep = true;
    for (std::size_t k = 0; k < all.size() && !is_run(all[i]); ++k) {
      if (k == i || all[k].family != all[i].family) continue;
      const std::int64_t other = all[k].revision.value_or(0);
      keep = keep && !is_run(all[k]) && (other < mine || (other == mine && k < i));
    }
    const auto twin = std::find_if(all.begin() + static_cast<std::ptrdiff_t>(i) + 1, all.end(), [&](const auto& d) {
      return d.family == all[i].family && d.revision.value_or(0) == mine;
    });
    if (twin != all.end())
      diagnostics.warning(all[i].node, "task definition '" + all[i].family + "' stands again at " +
                                           to_string(twin->node.mark()) + ": that one counts, as the newer revision");
    if (keep) kept.push_back(all[i]);
  }
  documents.task_definitions = std::move(kept);
}

class DocumentReader final : public ManifestReader {
 public:
  Side side() const override { return Side::ecs; }
  bool accepts(const Node& document) const override {
    return document.find("apiVersion") == nullptr && detect(document) != DocumentKind::unknown;
  }
  void read(const Node& document, const document::Reader& reader, std::vector<ManifestFacts>& out) const override {
    read_all({document}, reader, out);
  }
  void read_all(const std::vector<Node>& nodes, const document::Reader& reader,
                std::vector<ManifestFacts>& out) const override {
    Documents documents;
    std::vector<ManifestFacts> scaling;
    Documents all;
    document::Diagnostics ignored;  // faults are reported below
    for (const Node& node : nodes) read_document(node, ignored, all);
    for (const Node& node : nodes) {
      const std::size_t targets = documents.scalable_targets.size(), policies = documents.scaling_policies.size();
      const std::size_t scheduled = documents.scheduled.size(), alarms = documents.alarms.size();
      const std::size_t filters = documents.filters.size(), actions = documents.group_actions.size();
      const std::size_t composites = documents.composites.size();
      read_document(node, *reader.diagnostics, documents);
      for (std::size_t i = targets; i < documents.scalable_targets.size(); ++i) {
        ManifestFacts f = scaling_of(to_string(DocumentKind::scalable_target), node);
        const ScalableTarget& t = documents.scalable_targets[i];
        if (is_elsewhere(t, all.services, node, *reader.diagnostics)) continue;
        f.name = t.service;
        f.scale_minimum = t.minimum;
        f.scale_maximum = t.maximum;
        scaling.push_back(std::move(f));
      }
      for (std::size_t i = policies; i < documents.scaling_policies.size(); ++i) {
        if (is_elsewhere(documents.scaling_policies[i], all.services, node, *reader.diagnostics)) continue;
        add_policy(documents.scaling_policies[i], node, *reader.diagnostics, scaling);
      }
      for (std::size_t i = scheduled; i < documents.scheduled.size(); ++i) {
        if (is_elsewhere(documents.scheduled[i], all.services, node, *reader.diagnostics)) continue;
        ManifestFacts f = scaling_of(to_string(DocumentKind::scheduled_scaling), node);
        f.name = documents.scheduled[i].service;
        scaling.push_back(std::move(f));
      }
      // An alarm is about a policy, by whose name the column finds it.
      for (std::size_t i = alarms; i < documents.alarms.size(); ++i) {
        scaling.push_back(scaling_of(to_string(DocumentKind::metric_alarm), node));
      }
      if (documents.composites.size() > composites && documents.alarms.size() == alarms)
        scaling.push_back(scaling_of(to_string(DocumentKind::composite_alarm), node));
      for (std::size_t i = filters; i < documents.filters.size(); ++i) {
        scaling.push_back(scaling_of(to_string(DocumentKind::metric_filter), node));
      }
      // One node may hold several: the column reads it whole.
      if (documents.group_actions.size() > actions)
        scaling.push_back(scaling_of(to_string(DocumentKind::group_action), node));
    }
    check(documents, *reader.diagnostics);
    keep_newest(documents, *reader.diagnostics);
    // Containers with their dependencies, checks and restarts, network modes and placement have no neutral word: the
    // column reads them from the documents.
    for (const TaskDefinition& d : documents.task_definitions)
      scaling.push_back(scaling_of(to_string(DocumentKind::task_definition), d.node));
    for (const Service& s : documents.services) {
      if (!s.daemon) scaling.push_back(scaling_of(to_string(DocumentKind::service), s.node));
    }
    for (const RunTask& r : documents.run_tasks) {
      if (has_placement(r) || r.launch_type || !r.capacity_providers.empty())
        scaling.push_back(scaling_of(to_string(DocumentKind::run_task), r.node));
    }
    for (ManifestFacts& f : to_facts(documents)) out.push_back(std::move(f));
    for (ManifestFacts& f : scaling) out.push_back(std::move(f));
  }

 private:
  /// Scaling of a service of that name in another cluster than the one that the service's own file says is left out.
  template <class Scaling>
  static bool is_elsewhere(const Scaling& about, const std::vector<Service>& services, const Node& node,
                           document::Diagnostics& diagnostics) {
    const std::string cluster = cluster_of_service(services, about.service);
    if (about.service.empty() || cluster.empty() || about.cluster == cluster) return false;
    diagnostics.warning(node, "this is for service/" + about.cluster + "/" + about.service + ", and the file of " +
                                  about.service + " says the cluster '" + cluster + "': it is left out");
    return true;
  }

  /// A document may hold several objects: the column reads it whole, once.
  static ManifestFacts scaling_of(std::string_view kind, const Node& node) {
    ManifestFacts f = blank(kind, node);
    f.scaling = node;
    return f;
  }

  static void add_policy(const ScalingPolicy& p, const Node& node, document::Diagnostics& diagnostics,
                         std::vector<ManifestFacts>& out) {
    ManifestFacts f = scaling_of("scaling policy", node);
    f.name = p.service;
    if (p.service.empty()) {
      diagnostics.warning(node, "this scaling policy names no service and has no effect",
                          "give the whole put-scaling-policy with its ResourceId");
      f.scaling.reset();
    } else if (p.target_tracking && p.target_tracking->metric == ScalingMetric::cpu) {
      f.scale_cpu = ppm_of_percent(p.target_tracking->target);
    } else if (p.target_tracking && p.target_tracking->metric == ScalingMetric::memory) {
      f.scale_memory = ppm_of_percent(p.target_tracking->target);
    }
    out.push_back(std::move(f));
  }

  static void check(const Documents& documents, document::Diagnostics& diagnostics) {
    for (const TaskDefinition& d : documents.task_definitions) check_task_definition(d, diagnostics);
    std::vector<std::string_view> families;
    for (const TaskDefinition& d : documents.task_definitions) families.push_back(d.family);
    for (const Service& s : documents.services) {
      check_service_alone(s, diagnostics);
      if (const TaskDefinition* d = documents.definition_of(s)) {
        check_service(s, *d, diagnostics);
        check_service_with(s, *d, diagnostics);
      } else if (!families.empty() && !s.task_definition.empty()) {
        const std::string near = nearest(s.family(), families);
        diagnostics.warning(
            s.node,
            "service '" + s.name + "' runs the task definition '" + s.family() + "', which is not among the files",
            near.empty() ? "" : "did you mean '" + near + "'?");
      }
    }
    for (const RunTask& r : documents.run_tasks) {
      for (const TaskDefinition& d : documents.task_definitions) {
        if (r.task_definition == d.family) with_overrides(d, r, diagnostics);
        if (r.family() == d.family) check_run_task(r, d, diagnostics);
      }
    }
    check_scaling(documents, diagnostics);
  }
};

/// Whether all services that run the definition are daemons: one task an instance, which is no application.
bool runs_as_daemon(const Documents& documents, const TaskDefinition& definition) {
  bool daemon = false;
  for (const Service& s : documents.services) {
    if (documents.definition_of(s) != &definition) continue;
    if (!s.daemon) return false;
    daemon = true;
  }
  return daemon;
}

/// What is not about an application stays nameless; the column reads the document itself.
ManifestFacts for_the_column(ManifestFacts f, const Node& document) {
  f.name.clear();
  f.definition.clear();
  f.scaling = document;
  return f;
}

}  // namespace

std::vector<ManifestFacts> to_facts(const Documents& documents) {
  std::vector<ManifestFacts> out;
  for (const TaskDefinition& d : documents.task_definitions) {
    out.push_back(runs_as_daemon(documents, d) ? for_the_column(facts_of(d), d.node) : facts_of(d));
  }
  for (const Service& s : documents.services)
    out.push_back(s.daemon ? for_the_column(facts_of(s), s.node) : facts_of(s));
  for (const RunTask& r : documents.run_tasks) {
    ManifestFacts f = blank("run-task", r.node);
    f.name = r.family();
    f.definition = f.name;
    f.replicas = r.count;
    for (const TaskDefinition& d : documents.task_definitions) {
      document::Diagnostics told;  // when the documents were checked
      if (d.family == f.name) f.size = pod_size(with_overrides(d, r, told));
    }
    if (r.launch_type) f.launch_type = std::string(to_string(*r.launch_type));
    out.push_back(std::move(f));
  }
  return out;
}

std::unique_ptr<ManifestReader> ecs_manifest_reader() { return std::make_unique<DocumentReader>(); }

}  // namespace plimsoll::ecs::api
