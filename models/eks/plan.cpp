#include "models/eks/plan.h"

#include <algorithm>

#include "models/aws/instance_network.h"
#include "models/aws/spot/attach.h"
#include "models/eks/accepted_setting.h"
#include "models/eks/admission_of.h"
#include "models/eks/application_shape.h"
#include "models/eks/controllers/cluster_control_plane.h"
#include "models/eks/controllers/startup_taints.h"
#include "models/eks/controllers/vpc_addresses.h"
#include "models/eks/job_workloads.h"
#include "models/eks/karpenter_plan.h"
#include "models/eks/namespaces.h"
#include "models/eks/node/fargate_pod_size.h"
#include "models/eks/persistent_volumes.h"
#include "models/eks/pod_annotations.h"
#include "models/eks/pod_path.h"
#include "models/kubernetes/api/manifest_reader.h"
#include "models/kubernetes/api/published_services.h"
#include "models/kubernetes/controllers/api_server.h"
#include "models/kubernetes/controllers/daemon_set_controller.h"
#include "models/kubernetes/controllers/disruption.h"
#include "models/kubernetes/controllers/node_drain.h"
#include "models/kubernetes/controllers/revision_history_limit.h"
#include "models/kubernetes/controllers/volume_attachments.h"
#include "models/kubernetes/kubelet/memory_pressure.h"
#include "models/kubernetes/kubelet/pod_template.h"
#include "models/kubernetes/scheduler/image_locality.h"
#include "sim/cluster/host_agent.h"
#include "sim/cluster/memory_limits.h"
#include "sim/core/assert.h"
#include "sim/policy/application_workload.h"
#include "sim/policy/container_usage.h"

namespace plimsoll::eks {

namespace {

/// Use of a system pod, as a share of its request. Assumed: idle controllers and agents.
constexpr double kSystemPodUse = 0.2;
constexpr Bytes kSystemImage = Bytes{50'000'000};

ResourceVector fargate_vector(const FargatePodSize& size) {
  ResourceVector v;
  v.set_cpu(size.cpu);
  v.set_memory(size.memory);
  v[Resource::pods] = 1;
  return v;
}

/// revisionHistoryLimit of the application's file.
std::int64_t revision_history(const WorkloadSpec& spec) {
  const auto* file = dynamic_cast<const kubernetes::api::ManifestPod*>(spec.kubernetes_pod.get());
  return (file != nullptr ? file->workload : kubernetes::api::Workload{}).revision_history;
}

}  // namespace

/// The components of a cluster while it is put together.
struct EksPlan::Parts {
  std::unique_ptr<aws::Meters> meters;
  std::unique_ptr<kubernetes::ReplicaSetController> replica_sets;
  std::unique_ptr<kubernetes::StatefulSetController> stateful_sets;
  std::unique_ptr<kubernetes::DaemonSetController> daemon_sets;
  std::unique_ptr<kubernetes::JobController> jobs;
  std::unique_ptr<HostAgent> agent;
  std::unique_ptr<kubernetes::Admission> admission;  ///< null without quotas and ranges
  std::unique_ptr<kubernetes::VolumeClaims> claims;
  std::unique_ptr<kubernetes::RevisionHistoryLimit> history;
  std::vector<std::pair<WorkloadId, const JobSpec*>> scheduled;  ///< CronJobs
  std::unique_ptr<kubernetes::KubeScheduler> scheduler;
  std::unique_ptr<aws::FargateLauncher> launcher;
  std::optional<aws::FargateLines> fargate_lines;
  kubernetes::DisruptionBudgets budgets;
  AnnotationTable annotations;
  std::vector<WorkloadId> applications;
  WorkloadId prometheus;  ///< its pod; none when it does not run
  std::vector<kubernetes::NamespaceView> namespaces;
  std::vector<ShapeId> daemon_shapes;
  std::vector<NodeGroupId> groups;
  HandlerId pools;  ///< aws::CapacityPools: what every source of instances asks for capacity
};

bool EksPlan::runs(const SystemPod& pod) const {
  if (pod.daemon && fargate) return false;
  // Auto Mode runs networking, DNS, volumes, load balancing and Karpenter itself outside the user's pods.
  const bool auto_mode = karpenter != nullptr && karpenter->auto_mode;
  switch (pod.use) {
    case SystemPodUse::always:
      return !fargate && !auto_mode;
    case SystemPodUse::every_cluster:
      return !auto_mode;
    case SystemPodUse::with_load_balancer:
      return addons && !auto_mode;
    case SystemPodUse::with_autoscaling:
      return addons && scaling.uses_metrics_server();
    case SystemPodUse::prometheus:
      return scaling.uses_prometheus();
    case SystemPodUse::keda:
      return scaling.uses_keda();
    case SystemPodUse::vertical_autoscaling:
      return scaling.uses_vertical();
    case SystemPodUse::cluster_autoscaler:
      return autoscaler.has_value();
    case SystemPodUse::karpenter:
      return karpenter != nullptr && !auto_mode;
    case SystemPodUse::with_ebs:
      return ebs_csi && !auto_mode;
    case SystemPodUse::with_logs:
      return addons && logging == Logging::agent;
  }
  return false;
}

PlatformNotes EksPlan::notes() const {
  PlatformNotes n;
  n.low_confidence = prices->weak_rows();
  n.overrides = remarks;
  if (std::string extended = control_plane.remark(); !extended.empty()) n.overrides.push_back(std::move(extended));
  const auto count = static_cast<std::int64_t>(workloads);
  const std::int64_t services = load_balancers.network + load_balancers.classic;
  n.objects = {{"EKS cluster (" + control_plane.duties() + ")", 1},
               {"Deployment",
                count - static_cast<std::int64_t>(stateful_sets + daemon_applications) - bare_replica_sets - bare_pods},
               {"Service", count},
               {"PodDisruptionBudget", count},
               {"HorizontalPodAutoscaler", scaling.autoscalers() - scaling.scaled_objects()},
               {"Ingress", std::max<std::int64_t>(load_balancers.application, services > 0 ? 0 : 1)}};
  if (services > 0) n.objects.emplace_back("Service of type LoadBalancer", services);
  n.dns_names = dns_names;
  if (scaling.uses_keda()) n.objects.emplace_back("ScaledObject", scaling.scaled_objects());
  if (scaling.uses_vertical()) n.objects.emplace_back("VerticalPodAutoscaler", scaling.vertical_autoscalers());
  const auto scheduled = scaling.patches() + static_cast<std::int64_t>(cron_jobs);
  if (scheduled > 0) n.objects.emplace_back("CronJob", scheduled);
  if (jobs > 0) n.objects.emplace_back("Job", static_cast<std::int64_t>(jobs));
  std::int64_t added = 0;
  for (const SystemPod& pod : system_pods()) added += runs(pod) ? 1 : 0;
  n.objects.emplace_back("add-on or system component", added);
  const auto managed = std::count_if(groups.begin(), groups.end(), [](const NodeGroupPlan& g) { return g.managed; });
  const auto own = static_cast<std::int64_t>(groups.size()) - managed;
  if (managed > 0) n.objects.emplace_back("managed node group", managed);
  if (own > 0) n.objects.emplace_back("self-managed node group (launch template, Auto Scaling group, node role)", own);
  if (hybrid) n.objects.emplace_back("hybrid node (machine of your own)", hybrid->count);
  if (bare_replica_sets > 0) n.objects.emplace_back("ReplicaSet of its own", bare_replica_sets);
  if (bare_pods > 0) n.objects.emplace_back("Pod of its own", bare_pods);
  if (stateful_sets > 0) n.objects.emplace_back("StatefulSet", static_cast<std::int64_t>(stateful_sets));
  if (const std::size_t sets = fargate ? 0 : daemon_applications + daemon_sets; sets > 0)
    n.objects.emplace_back("DaemonSet", static_cast<std::int64_t>(sets));
  if (admission.namespaces > 0) n.objects.emplace_back("Namespace", admission.namespaces);
  const auto bounds = admission.quotas.size() + admission.ranges.size();
  if (bounds > 0) n.objects.emplace_back("ResourceQuota and LimitRange", static_cast<std::int64_t>(bounds));
  const auto profiles = static_cast<std::int64_t>(fargate ? 1 : fargate_profiles.size());
  if (profiles > 0) n.objects.emplace_back("Fargate profile", profiles);
  if (karpenter != nullptr && !karpenter->auto_mode) {
    n.objects.emplace_back("NodePool and EC2NodeClass", static_cast<std::int64_t>(karpenter->documents.size()));
  }
  return n;
}

std::vector<NameId> EksPlan::startup_taints(Names& names) const {
  std::vector<NameId> keys;
  if (karpenter != nullptr) keys = karpenter->startup_taints(names);
  if (!autoscaler) return keys;
  const ca::TaintConfig config(autoscaler->options);
  for (const NodeGroupPlan& g : groups) {
    for (const GroupTaint& taint : g.taints) {
      const NameId key = names.intern(taint.key);
      if (config.is_startup(taint.key) && std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    }
  }
  return keys;
}

/// One pod a node, of an application or of an agent that the files have beside them.
void EksPlan::run_daemon_set(World& world, Parts& parts, WorkloadId id, const WorkloadSpec& spec) {
  parts.daemon_sets->manage(id, kubernetes::daemon_set_strategy(spec.kubernetes_rollout));
  parts.scheduler->leave_out(id);
  parts.daemon_shapes.push_back(world.workload(id).shape);
}

void EksPlan::add_applications(BuildContext& context, Parts& parts) const {
  World& world = context.world;
  // Agents that run on every node stand behind the applications; Fargate has none.
  std::vector<WorkloadSpec> specs = context.setting.workloads;
  const std::size_t applications = specs.size();
  if (!fargate) specs.insert(specs.end(), context.setting.daemon_sets.begin(), context.setting.daemon_sets.end());
  for (const WorkloadSpec& spec : specs) {
    const bool agent = static_cast<std::size_t>(&spec - specs.data()) >= applications;
    const bool daemon = !fargate && spec.kubernetes_rollout.kind == "DaemonSet";
    PodShape shape = application_shape(spec, world.names);
    kubernetes::settle_affinity_terms(shape, parts.namespaces, world.names);
    const Bytes disk{shape.requests[Resource::ephemeral_storage]};
    const bool microvm = !agent && !daemon && on_fargate(shape, world.names);
    if (microvm) shape.requests[Resource::ephemeral_storage] = 0;  // its disk is as large as the pod asks
    Workload w;
    w.name = world.names.intern(spec.name);
    w.behind_balancer = spec.entry;
    const auto* file = dynamic_cast<const kubernetes::api::ManifestPod*>(spec.kubernetes_pod.get());
    w.publish_not_ready = file != nullptr && kubernetes::api::publishes_not_ready(file->services);
    w.shape = world.shapes.intern(shape);
    w.requests = shape.requests;
    // Shares of the CPU and the use that autoscalers see go by the containers that stay.
    w.requests.set_cpu(spec.kubernetes.cpu);
    w.requests.set_memory(spec.kubernetes.memory);
    const PodBounds bounds = pod_bounds(spec, spec.kubernetes_containers, spec.kubernetes, false);
    w.cpu_limit = bounds.cpu_limit;
    w.desired = spec.replicas;
    describe_application(spec, bounds, world.names, w);
    aws::split_image(image_layers, spec.name, w, world.names, *parts.agent);
    for (const auto& [image, bytes] : kubernetes::further_images(spec, init_containers))
      w.images.emplace_back(world.names.intern(image), bytes);
    kubernetes::fill_template(spec, w);
    std::optional<FargatePodSize> size;
    if (microvm) {
      size = fargate_pod_size(shape.requests.cpu(), shape.requests.memory());
      PLIMSOLL_ASSERT(size.has_value());
      if (w.cpu_limit.raw() == 0 || w.cpu_limit > size->cpu) w.cpu_limit = size->cpu;
    }
    w.system = agent;
    w.daemon = daemon;
    if (daemon) w.desired = w.minimum = w.maximum = 0;  // as many as there are nodes
    const WorkloadId id = world.add_workload(std::move(w));
    if (!agent) parts.applications.push_back(id);
    if (spec.kubernetes_rollout.kind == "StatefulSet") {
      parts.stateful_sets->manage(id, stateful_set_update(spec, scheduler.gates));
      if (const auto claims = claims_of(context, spec, around.gp3_gb_month); claims && !microvm) {
        parts.claims->manage(id, *claims);
      }
    } else if (daemon) {
      run_daemon_set(world, parts, id, spec);
    } else {
      parts.replica_sets->manage(id, kubernetes::deployment_strategy(spec));
    }
    parts.history->manage(id, revision_history(spec));
    parts.agent->prepare(id, pod_path(spec, init_containers, world.names));
    if (!microvm) add_claims(context, id, spec.kubernetes_pod.get(), around.gp3_gb_month, *parts.claims);
    if (parts.admission) admit(*parts.admission, admission, id, spec);
    if (agent) continue;
    set_budget(parts.budgets, id, spec, world.names);
    PodAnnotations annotations = pod_annotations(spec, world.names);
    annotations.fargate = microvm;
    parts.annotations.set(id, annotations);
    if (size) {
      parts.launcher->serve(id, fargate_vector(*size));
      aws::FargateLines lines = *parts.fargate_lines;
      aws::add_fargate_storage(context, lines, fargate_storage_gb, div_ceil(disk.raw(), kGiB),
                               "Amazon Elastic Kubernetes Service", "Pod");
      parts.meters->add(id, lines);
      parts.scheduler->leave_out(id);
    }
  }
}

void EksPlan::add_jobs(BuildContext& context, Parts& parts) const {
  World& world = context.world;
  for (const JobSpec& job : context.setting.jobs) {
    Workload w = job_workload(job, world, parts.namespaces);
    for (const auto& [image, bytes] : kubernetes::further_images(spec_of(job), init_containers))
      w.images.emplace_back(world.names.intern(image), bytes);
    const bool microvm = on_fargate(world.shapes[w.shape], world.names);
    std::optional<FargatePodSize> size;
    if (microvm) {
      size = fargate_pod_size(job.kubernetes.cpu, job.kubernetes.memory);
      PLIMSOLL_ASSERT(size.has_value());
      if (w.cpu_limit.raw() == 0 || w.cpu_limit > size->cpu) w.cpu_limit = size->cpu;
    }
    const WorkloadId id = world.add_workload(std::move(w));
    if (!microvm) add_claims(context, id, job.kubernetes_pod.get(), around.gp3_gb_month, *parts.claims);
    PodAnnotations annotations = pod_annotations(spec_of(job), world.names);
    annotations.controller = ControllerKind::job;
    annotations.fargate = microvm;
    parts.annotations.set(id, annotations);
    parts.jobs->manage(id, job_template(job, scheduler.gates));
    if (parts.admission) admit(*parts.admission, admission, id, spec_of(job));
    if (has_budget(spec_of(job))) set_budget(parts.budgets, id, spec_of(job), world.names);
    parts.agent->run_to_completion(id, run_of(job));
    parts.agent->prepare(id, pod_path(spec_of(job), init_containers, world.names));
    if (is_left_alone(job)) {
      // Its object is there, and nobody makes pods of it.
    } else if (!job.schedule.empty()) {
      parts.scheduled.emplace_back(id, &job);
    } else {
      parts.jobs->start_at(id, world.window_start + job.at);
    }
    if (size) {
      parts.launcher->serve(id, fargate_vector(*size));
      parts.meters->add(id, *parts.fargate_lines);
      parts.scheduler->leave_out(id);
    }
  }
}

void EksPlan::add_system_pods(BuildContext& context, Parts& parts) const {
  for (const SystemPod& listed : system_pods()) {
    if (!runs(listed)) continue;
    SystemPod pod = listed;
    const bool prometheus = pod.name == kPrometheusPod;
    if (prometheus) {
      pod.cpu = scaling.prometheus_pod.cpu;
      pod.memory = scaling.prometheus_pod.memory;
    }
    add_system_pod(context, parts, pod);
    if (!prometheus) continue;
    parts.prometheus = WorkloadId{context.world.workloads().size() - 1};
    context.world.edit_workload(parts.prometheus).memory_limit = scaling.prometheus_pod.memory_limit;
    context.world.edit_workload(parts.prometheus).memory_used = scaling.prometheus.base;
  }
}

void EksPlan::add_system_pod(BuildContext& context, Parts& parts, const SystemPod& pod) const {
  World& world = context.world;
  PodShape shape;
  shape.namespace_name = world.names.intern(pod.namespace_name);
  shape.labels = labels_of(pod, world.names);
  shape.requests.set_cpu(pod.cpu);
  shape.requests.set_memory(pod.memory);
  shape.requests[Resource::pods] = 1;
  shape.requests_anything = true;
  shape.nonzero_cpu = pod.cpu.raw() > 0 ? pod.cpu.raw() : cpu_millis(100).raw();
  shape.nonzero_memory = pod.memory.raw() > 0 ? pod.memory.raw() : mebibytes(200).raw();
  shape.priority = pod.priority;
  shape.is_daemon = pod.daemon;
  shape.container_count = static_cast<std::size_t>(pod.containers);
  const std::string image = "system/" + std::string(pod.name);
  shape.images = {world.names.intern(kubernetes::normalized_image_name(image))};
  if (pod.tolerates_all) {
    Toleration t;
    t.exists = true;
    shape.tolerations.push_back(t);
  }
  if (pod.name == "karpenter") {
    // The chart keeps Karpenter off the nodes that it manages itself.
    Requirement r;
    r.key = world.names.intern("karpenter.sh/nodepool");
    r.op = SelectorOp::does_not_exist;
    NodeSelectorTerm term;
    term.expressions = {r};
    shape.node_required = std::vector<NodeSelectorTerm>{term};
  }
  Workload w;
  w.name = world.names.intern(pod.name);
  w.system = true;
  w.daemon = pod.daemon;
  const bool microvm = !pod.daemon && on_fargate(shape, world.names);
  w.shape = world.shapes.intern(shape);
  w.requests = shape.requests;
  w.desired = pod.daemon ? 0 : pod.replicas;
  w.minimum = w.maximum = w.desired;
  w.images = {{world.names.intern(image), kSystemImage}};
  w.start_wait = seconds(2);
  w.idle_cores = to_cores(pod.cpu) * kSystemPodUse;
  w.memory_used = pod.memory;
  const WorkloadId id = world.add_workload(std::move(w));
  if (pod.daemon) {
    parts.daemon_sets->manage(id);
    parts.scheduler->leave_out(id);
    parts.daemon_shapes.push_back(world.workload(id).shape);
    return;
  }
  parts.replica_sets->manage(id);
  if (pod.has_pdb) parts.budgets.set(id, kubernetes::DisruptionBudgetSpec{{}, kubernetes::IntOrPercent{1, false}});
  if (microvm) {
    PodAnnotations annotations;
    annotations.fargate = true;
    parts.annotations.set(id, annotations);
    const auto size = fargate_pod_size(pod.cpu, pod.memory);
    PLIMSOLL_ASSERT(size.has_value());
    parts.launcher->serve(id, fargate_vector(*size));
    parts.meters->add(id, *parts.fargate_lines);
    parts.scheduler->leave_out(id);
  }
}

void EksPlan::add_groups(BuildContext& context, Parts& parts) const {
  World& world = context.world;
  auto asgs = std::make_unique<aws::AutoScalingGroups>();
  auto drain = std::make_unique<kubernetes::NodeDrain>(parts.budgets);
  for (const NodeGroupPlan& plan : groups) {
    const NodeGroupId id = world.add_group({.id = {},
                                            .name = world.names.intern(plan.name),
                                            .minimum = plan.minimum,
                                            .maximum = plan.maximum,
                                            .desired = plan.desired,
                                            .launches = 0});
    parts.groups.push_back(id);
    for (const NodeGroupType& t : plan.types) {
      aws::InstanceLines lines = aws::instance_lines(context, *t.type, t.on_demand, t.spot, around, plan.volumes());
      lines.group = id;
      parts.meters->add(lines);
    }
    aws::AutoScalingGroupConfig config;
    config.group = id;
    for (const NodeGroupType& t : plan.types)
      config.options.push_back({node_spec_of(plan, t, context.setting.region, world.names), t.on_demand, t.spot});
    for (std::size_t z = 0; z < world.zones().size(); ++z) {
      const std::string& zone = context.setting.zones[z];
      const bool mine = plan.zones.empty() || std::find(plan.zones.begin(), plan.zones.end(), zone) != plan.zones.end();
      if (mine) config.zones.emplace_back(z);
    }
    config.zone_labels = zone_labels(context.setting, world.names);
    config.delays = delays;
    config.pools = parts.pools;
    if (plan.managed) {
      // SOURCE: the Terminate-LC-Hook of managed node groups: heartbeat 1800 s, then on with it (observed).
      config.managed_draining = true;
      config.draining_limit = minutes(30);
      config.scale_in_reason = Reason::node_drain;
      drain->manage(id);
    }
    plan.scaling.apply(config, world.window_start, world.names, context.setting.calendar);
    asgs->add(std::move(config));
  }
  auto updates = std::make_unique<NodeGroupUpdates>(parts.budgets);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const std::size_t own = groups[i].zones.empty() ? context.setting.zones.size() : groups[i].zones.size();
    if (groups[i].managed) updates->manage(parts.groups[i], static_cast<std::int64_t>(own), groups[i].update);
  }
  world.attach(std::move(asgs));
  world.attach(std::move(drain));
  world.attach(std::move(updates));
}

void EksPlan::build(BuildContext& given) const {
  std::vector<std::string> told_before;
  const auto kept = accepted_by(given.setting, scheduler.gates, told_before);
  BuildContext context{given.world, given.bill, kept ? *kept : given.setting};
  World& world = context.world;
  world.host_profiles[static_cast<std::size_t>(HostKind::ec2)] = ec2_host;
  world.host_profiles[static_cast<std::size_t>(HostKind::fargate)] = fargate_host;
  Parts parts;
  std::vector<std::string_view> types;
  for (const NodeGroupPlan& plan : groups) {
    for (const NodeGroupType& t : plan.types) {
      if (std::find(types.begin(), types.end(), t.type->name) == types.end()) types.push_back(t.type->name);
    }
  }
  if (karpenter != nullptr) {
    for (const std::string& name : karpenter->launchable) {
      if (std::find(types.begin(), types.end(), name) == types.end()) types.emplace_back(name);
    }
  }
  parts.pools = aws::attach_faults(world, *prices, context.setting.faults, types);
  parts.meters = std::make_unique<aws::Meters>(context.bill.handler);
  parts.replica_sets = std::make_unique<kubernetes::ReplicaSetController>(replica_sets);
  parts.stateful_sets = std::make_unique<kubernetes::StatefulSetController>();
  parts.stateful_sets->miss_after({replica_sets.node_monitor_grace, replica_sets.cloud_node, replica_sets.pod_gc});
  parts.history = std::make_unique<kubernetes::RevisionHistoryLimit>();
  parts.claims = std::make_unique<kubernetes::VolumeClaims>(context.bill.handler);
  parts.daemon_sets = std::make_unique<kubernetes::DaemonSetController>(scheduler.version);
  parts.jobs = std::make_unique<kubernetes::JobController>(replica_sets);
  if (!admission.empty() || rejects_pods(context.setting))
    parts.admission = std::make_unique<kubernetes::Admission>(admission.quotas);
  parts.scheduler = std::make_unique<kubernetes::KubeScheduler>(scheduler, world.names);
  parts.scheduler->set_services(cluster_services(context.setting, world.names));
  aws::FargateParameters microvms = fargate_parameters;
  microvms.pools = parts.pools;
  microvms.vcpu_quota = context.setting.faults.quotas.fargate_on_demand;
  microvms.lost.reset();  // the node lifecycle controller takes pods off lost hosts
  parts.launcher = std::make_unique<aws::FargateLauncher>(microvms);
  const bool microvms_run = fargate || !fargate_profiles.empty();
  if (microvms_run) {
    parts.fargate_lines =
        aws::fargate_lines(context, fargate_vcpu, fargate_gb, "Amazon Elastic Kubernetes Service", "Pod");
  }
  const ControlPlaneLines fees = control_plane_lines(context, control_plane);
  const HandlerId api_server = world.attach(std::make_unique<kubernetes::ApiServer>(
      kubernetes::ApiServerParameters{standard_sizes(control_plane.minor).front().seats, control_plane.api_request}));
  parts.replica_sets->call_through(api_server);
  parts.jobs->call_through(api_server);
  parts.stateful_sets->call_through(api_server);
  parts.daemon_sets->call_through(api_server);
  parts.scheduler->call_through(api_server);
  world.attach(std::make_unique<ClusterControlPlane>(control_plane, fees, scheduler.version, api_server));

  parts.agent = std::make_unique<HostAgent>();
  if (!kubelet.serialize_image_pulls) parts.agent->limit_pulls(HostKind::ec2, kubelet.max_parallel_image_pulls);
  parts.agent->share_network(aws::networks_of(prices));
  parts.namespaces = cluster_namespaces(context.setting, world.names);
  add_applications(context, parts);
  add_jobs(context, parts);
  add_system_pods(context, parts);
  Setting setting = context.setting;
  replace_load_balancers(load_balancers, setting.around);
  if (logging == Logging::none) setting.around.logs = Bytes{};
  BuildContext surroundings{world, context.bill, setting};
  aws::add_surroundings(surroundings, *parts.meters, around, parts.applications);
  const auto apps = static_cast<std::int64_t>(parts.applications.size());
  const auto system = system_pods();
  container_insights.build(
      context, *parts.meters, apps,
      apps + std::count_if(system.begin(), system.end(), [&](const SystemPod& p) { return runs(p); }));
  add_groups(context, parts);
  if (hybrid) {
    hybrid->add_fee(context, *parts.meters);
    world.attach(hybrid->build(world));
  }
  aws::Meters& meters = *parts.meters;
  world.attach(std::move(parts.meters));
  const HandlerId agent = world.attach(std::move(parts.agent));
  attach_memory_limits(world, agent);
  const auto all = world.workloads();
  // The memory of Prometheus follows its series, whatever it requests.
  if (!parts.prometheus.is_none() || std::any_of(all.begin(), all.end(), kubernetes::MemoryPressure::can_exceed))
    world.attach(std::make_unique<kubernetes::MemoryPressure>(kubernetes::MemoryPressureParameters{}));
  if (!fargate) {
    auto disk = std::make_unique<kubernetes::DiskPressure>(kubelet.disk);
    disk->tell(world.attach(std::make_unique<kubernetes::NodeImages>(kubelet.status_images)));
    world.attach(std::move(disk));
  }
  const kubernetes::Framework framework = parts.scheduler->framework();
  parts.scheduler->set_budgets(parts.budgets);
  if (parts.admission) {
    const HandlerId admission_handler = world.attach(std::move(parts.admission));
    parts.replica_sets->admit_through(admission_handler);
    parts.stateful_sets->admit_through(admission_handler);
    parts.jobs->admit_through(admission_handler);
    parts.daemon_sets->admit_through(admission_handler);
  }
  if (!fargate && has_volumes(context.setting)) {
    const HandlerId claims = world.attach(std::move(parts.claims));
    parts.stateful_sets->claim_through(claims);
    auto attachments = std::make_unique<kubernetes::VolumeAttachments>(claims);
    attachments->tell(agent);
    dynamic_cast<HostAgent&>(world.component(agent)).mount_through(world.attach(std::move(attachments)));
  }
  world.attach(std::move(parts.replica_sets));
  world.attach(std::make_unique<kubernetes::NodeLifecycleController>(node_lifecycle));
  world.attach(std::move(parts.stateful_sets));
  kubernetes::DaemonSetController& daemon_controller = *parts.daemon_sets;
  const HandlerId daemon_handler = world.attach(std::move(parts.daemon_sets));
  if (!context.setting.jobs.empty()) {
    const HandlerId jobs_handler = world.attach(std::move(parts.jobs));
    auto cron = std::make_unique<kubernetes::CronJobController>(jobs_handler, scheduler.version, unix_at_zero);
    for (const auto& [id, job] : parts.scheduled)
      cron->manage(id, cron_job_spec(*job, scheduler.version), *TimeZone::find(job->zone));
    if (!parts.scheduled.empty()) world.attach(std::move(cron));
  }
  scaling.build(context, parts.applications, parts.prometheus, parts.budgets);
  const HandlerId kube_scheduler = world.attach(std::move(parts.scheduler));
  daemon_controller.schedule_through(kube_scheduler);
  world.each_component<kubernetes::UpdatesNodes>(
      [&](kubernetes::UpdatesNodes& c) { c.schedule_through(kube_scheduler); });
  if (microvms_run) world.attach(std::move(parts.launcher));
  if (autoscaler) {
    auto ca_controller = std::make_unique<ClusterAutoscaler>(autoscaler->options, autoscaler->expanders, framework,
                                                             parts.budgets, autoscaler->compute, parts.annotations);
    for (std::size_t i = 0; i < groups.size(); ++i) {
      const ca::ManagedBounds bounds =
          ca::managed_bounds(autoscaler->options.nodes, autoscaler->options.node_group_auto_discovery, groups[i].name);
      if (!bounds.managed) continue;
      AutoscaledGroup g;
      g.id = parts.groups[i];
      g.bounds = bounds.given;
      g.template_node = group_template(groups[i], context.setting, autoscaler->options.minor, world.names);
      g.options = groups[i].options;
      for (const ShapeId daemon : parts.daemon_shapes) {
        if (kubernetes::daemon_belongs_on(world.shapes[daemon], g.template_node, world.names))
          g.daemons.push_back(daemon);
      }
      ca_controller->manage(std::move(g));
    }
    world.attach(std::move(ca_controller));
  }
  if (std::vector<NameId> keys = startup_taints(world.names); !keys.empty()) {
    auto startup = std::make_unique<StartupTaints>(std::move(keys), daemon_handler);
    startup->schedule_through(kube_scheduler);
    world.attach(std::move(startup));
  }
  if (karpenter != nullptr) {
    world.attach(
        karpenter->build(context, *this, parts.budgets, parts.annotations, parts.daemon_shapes, meters, parts.pools));
  }
  const auto& events = context.setting.events;
  if (std::any_of(events.begin(), events.end(),
                  [](const TimelineEvent& e) { return std::holds_alternative<RollbackEvent>(e.what); }))
    world.attach(std::move(parts.history));
  if (!fargate && (karpenter == nullptr || !karpenter->auto_mode)) {
    world.attach(std::make_unique<VpcAddresses>(node_defaults.cni,
                                                std::shared_ptr<const aws::Catalogue>(prices, &prices->catalogue())));
  }
}

}  // namespace plimsoll::eks
