#include "models/eks/platform.h"

#include <algorithm>

#include "models/aws/availability.h"
#include "models/aws/elb/network_targets.h"
#include "models/eks/accepted_setting.h"
#include "models/eks/admission_of.h"
#include "models/eks/application_shape.h"
#include "models/eks/bare_pods.h"
#include "models/eks/daemon_sets.h"
#include "models/eks/idle_parts.h"
#include "models/eks/job_workloads.h"
#include "models/eks/karpenter_plan.h"
#include "models/eks/machine_needs.h"
#include "models/eks/node/fargate_pod_size.h"
#include "models/eks/persistent_volumes.h"
#include "models/eks/plan.h"
#include "models/eks/platform_autoscaler.h"
#include "models/eks/platform_karpenter.h"
#include "models/eks/platform_scheduler.h"
#include "models/eks/pod_remarks.h"
#include "models/kubernetes/kubelet/crash_loop_backoff.h"
#include "sim/core/text.h"
#include "sim/policy/unholdable.h"

namespace plimsoll::eks {

namespace {

/// Root volume of the EKS-optimised image and Karpenter's default. SOURCE: EKS user guide, managed node groups (20
/// GiB).
constexpr std::int64_t kRootVolumeGib = 20;

std::string room_text(const ResourceVector& room) {
  return to_string(room.cpu()) + " / " + to_string(mebibytes(room.memory().raw() / kMiB));
}

/// Whether a type that some NodePool admits could hold the pod, on its real node.
bool some_type_holds(const EksPlan& plan, const ResourceVector& asked) {
  const auto& names = plan.karpenter->launchable;
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    const aws::InstanceType* type = plan.prices->catalogue().find_type(name);
    if (type == nullptr) return false;
    const ResourceVector room =
        node_allocatable(*type, NodeImage::al2023, plan.node_defaults.cni, 0, plan.node_defaults.volume_gib);
    return asked.cpu() <= room.cpu() && asked.memory() <= room.memory();
  });
}

std::string largest_type(const EksPlan& plan) {
  const aws::InstanceType* largest = nullptr;
  for (const std::string& name : plan.karpenter->launchable) {
    const aws::InstanceType* type = plan.prices->catalogue().find_type(name);
    if (type != nullptr && (largest == nullptr || std::pair(type->vcpu, type->memory.raw()) >
                                                      std::pair(largest->vcpu, largest->memory.raw())))
      largest = type;
  }
  return largest == nullptr ? "none" : std::string(largest->name);
}

/// Who brings the rest of a cluster to the release that its control plane is updated to. SOURCE: EKS user guide,
/// "Update existing cluster to new Kubernetes version", step 4.
std::string_view update_duties(const EksPlan& plan) {
  if (plan.fargate) return "pods that run keep their release, new ones have it; yours stay the add-ons";
  if (plan.karpenter != nullptr && plan.karpenter->auto_mode) return "EKS replaces the nodes; yours stay your add-ons";
  if (plan.karpenter != nullptr)
    return "Karpenter replaces its nodes; yours stay the other nodes (upgrade: nodes), the add-ons and Karpenter "
           "itself";
  return "yours stay the nodes (upgrade: nodes), the add-ons and the autoscaler's release";
}

/// What Fargate costs and how fast it starts pods.
void read_fargate(document::Fields& f, const Setting& setting, EksPlan& plan) {
  const aws::AsOf& as_of = plan.prices->as_of();
  if (!as_of.eks_fargate)
    f.error("capacity", "EKS had no Fargate on " + aws::to_string(as_of.date), "it exists from 2019-12-03");
  plan.fargate_vcpu = plan.prices->service(f, "fargate", "linux_x86_64_vcpu");
  plan.fargate_gb = plan.prices->service(f, "fargate", "linux_x86_64_mem");
  // Of one region only in the price list; elsewhere that one's stands for it.
  for (const std::string_view region : {std::string_view("us-east-1"), std::string_view(setting.region)}) {
    if (const auto* row = plan.prices->catalogue().service_price("fargate", "ephemeral_storage_over_20gb", region))
      plan.fargate_storage_gb = row->rate;
  }
  plan.fargate_parameters.quota = {as_of.fargate_launch_burst_eks_only, as_of.fargate_launch_per_second};
  if (as_of.eks_fargate_observed_per_minute) {
    const Ppm seen{*as_of.eks_fargate_observed_per_minute * 1'000'000 / 60};
    plan.fargate_parameters.quota.per_second = std::min(seen, plan.fargate_parameters.quota.per_second);
  }
}

class EksType : public PlatformType {
 public:
  std::string_view name() const override { return "eks"; }
  std::unique_ptr<PlatformPlan> parse(document::Fields& f, const Setting& setting) const override;

 private:
  static void parse_capacity(document::Fields& f, document::Fields& c, const Setting& setting, EksPlan& plan);
  static void parse_delays(document::Fields& f, const Surroundings& around, EksPlan& plan);
  static void parse_scheduler(document::Fields& f, const Setting& setting, EksPlan& plan);
  static void parse_logging(document::Fields& f, EksPlan& plan);
  static void check_sizes(document::Fields& f, const Setting& setting, EksPlan& plan);
};

void EksType::parse_capacity(document::Fields& f, document::Fields& c, const Setting& setting, EksPlan& plan) {
  const std::string name = "default";
  if (auto g = c.optional_child("nodeGroup", "a managed node group")) {
    std::string own = g->text("name", name, "one node group", "name of the node group");
    plan.groups.push_back(read_node_group(*g, std::move(own), setting, *plan.prices, plan.node_defaults));
    for (const aws::NodeVolume& v : plan.groups.back().volumes()) plan.around.read_volume(*plan.prices, *g, v);
  }
  for (const document::Item& item : c.map("nodeGroups", "several node groups by name")) {
    document::Fields g(item.node, c.reader(), item.path);
    plan.groups.push_back(read_node_group(g, item.name, setting, *plan.prices, plan.node_defaults));
    for (const aws::NodeVolume& v : plan.groups.back().volumes()) plan.around.read_volume(*plan.prices, g, v);
  }
  if (c.has("nodeGroup") && c.has("nodeGroups")) c.error("nodeGroups", "nodeGroup and nodeGroups exclude each other");
  if (auto h = c.optional_child("hybridNodes", "machines of your own (EKS Hybrid Nodes)"))
    plan.hybrid = read_hybrid_nodes(f, *h, *plan.prices);
  plan.fargate_profiles = read_fargate_profiles(c);
  if (!plan.fargate_profiles.empty() && !c.describing()) read_fargate(f, setting, plan);
  parse_karpenter(c, setting, plan);
  parse_autoscaler(c, plan);
  if (plan.groups.empty() && plan.karpenter == nullptr && !plan.hybrid && !f.reader().diagnostics->has_errors()) {
    f.error("capacity", "an EKS column needs a nodeGroup, nodePools with a bootstrap group, hybridNodes, or fargate");
  }
}

void EksType::parse_scheduler(document::Fields& f, const Setting& setting, EksPlan& plan) {
  using kubernetes::KubernetesVersion;
  const int minor = plan.control_plane.minor;
  const KubernetesVersion version = f.choice<KubernetesVersion>(
      "kubernetesVersion",
      {{"1.20", KubernetesVersion::v1_20}, {"1.26", KubernetesVersion::v1_26}, {"current", KubernetesVersion::current}},
      minor == 0 ? KubernetesVersion::current : rules_of(minor),
      minor == 0 ? "newest rules known" : "those nearest to eksVersion",
      "release whose rules the control plane follows");
  plan.control_plane.rules_follow = !f.has("kubernetesVersion");
  plan.scheduler.version = version;
  plan.scaling.hpa.version = version;
  const Duration grace = node_monitor_grace(version);
  plan.node_lifecycle.monitor_grace =
      f.duration("nodeMonitorGracePeriod", grace, "kube-controller-manager: 40 s, 50 s from 1.32",
                 "silence of a kubelet until its node is unreachable", {seconds(10), hours(1)});
  if (f.has("nodeMonitorGracePeriod")) plan.control_plane.monitor_grace = plan.node_lifecycle.monitor_grace;
  plan.replica_sets.node_monitor_grace = plan.node_lifecycle.monitor_grace;
  plan.replica_sets.version = version;
  plan.scheduler.tie =
      f.choice<kubernetes::Tie>("tie", {{"random", kubernetes::Tie::random}, {"first", kubernetes::Tie::first}},
                                kubernetes::Tie::random, "kube-scheduler selectHost", "who wins among equal nodes");
  for (const document::Item& item :
       f.map("scorePlugins", "score plugins out of --plugin libraries, with their weights")) {
    const auto weight = document::read_value<std::int64_t>(item.node, f.reader(), item.path, "weight", {1, 10'000});
    const CustomPolicyPtr policy = find_custom(setting.custom, CustomPolicy::Kind::kubernetes_score, item.name);
    if (policy == nullptr) {
      std::vector<std::string_view> known;
      for (const CustomPolicyPtr& p : setting.custom) {
        if (p->kind() == CustomPolicy::Kind::kubernetes_score) known.push_back(p->name());
      }
      const std::string near = nearest(item.name, known);
      f.error("scorePlugins", "no Kubernetes score plugin '" + item.name + "'",
              !near.empty() ? "did you mean '" + near + "'?" : "give the library that has it with --plugin FILE");
    } else if (weight) {
      plan.scheduler.custom_scores.push_back({policy, *weight});
    }
  }
  parse_scheduler_configuration(f, plan);
}

void EksType::parse_delays(document::Fields& f, const Surroundings& around, EksPlan& plan) {
  const bool network = around.entry_on_network();
  document::Fields d = f.child("delays", "delays of the real path; each may be a constant or a law");
  HostProfile host;
  host.prepare = d.delay("sandbox", Delay::uniform(seconds(1), seconds(3)),
                         "kubelet watch and sandbox, 1 to 3 s (estimate)", "bound to image pull");
  host.container_start =
      d.delay("containerStart", Delay::constant(seconds(1)), "assumed", "create and start of the containers");
  host.serial_pulls = plan.kubelet.serialize_image_pulls;
  host.pull_bytes_per_s =
      d.bytes("ec2PullRate", Bytes{40'000'000}, "assumed: download and unpack 40 MB/s", "bytes a second").raw();
  host.probe_period =
      d.duration("probePeriod", seconds(10), "Kubernetes default periodSeconds", "readiness probe period");
  host.endpoint_propagation = d.delay("endpoints", Delay::uniform(seconds(1), seconds(2)),
                                      "EndpointSlice and kube-proxy, 1 to 2 s", "ready to traffic, internal");
  host.balancer_registration = d.delay(
      "targetHealth", network ? aws::NetworkTargets::registration() : Delay::uniform(seconds(2), seconds(32)),
      network ? aws::NetworkTargets::kRegistrationSource : "controller 1 s, then the first of the checks every 30 s",
      "ready to traffic, behind the balancer");
  host.stop_plain =
      d.duration("stop", seconds(5), "assumed: the application ends within 5 s of SIGTERM", "SIGTERM to stopped");
  host.stop_balanced = host.stop_plain + d.duration("preStop", seconds(0), "no preStop hook in the files",
                                                    "sleep of a preStop hook behind the balancer");
  host.lost_target_balanced =
      d.delay("lostTargetHealth", network ? aws::NetworkTargets::lost() : host.lost_target_balanced,
              network ? aws::NetworkTargets::kLostSource : "ELB: two failed checks of 30 s and a time-out of 5 s",
              "death of a host until the balancer leaves its pods out");
  host.lost_target_plain = d.delay("lostEndpoint", host.lost_target_plain,
                                   "node monitor grace period less the age of the lease, and endpoints",
                                   "death of a host until other pods leave its pods out");
  const bool refuses = f.choice<bool>("onSigterm", {{"refuse", true}, {"serve", false}}, true,
                                      "assumed: a server closes its listener at SIGTERM",
                                      "what an application does with requests that still come: refuse, or serve them");
  const Duration deregistration = d.duration(
      "deregistration", network ? aws::NetworkTargets::kDeregistration : seconds(5),
      network ? aws::NetworkTargets::kDeregistrationSource : "assumed: controller, DeregisterTargets and its effect",
      "deletion of a pod until the balancer sends it nothing more");
  if (refuses) host.stop_leaves_after = std::max(deregistration, microseconds(1));
  host.restart = kubernetes::crash_loop_backoff();
  plan.ec2_host = host;
  plan.fargate_host = aws::read_fargate_host(d, host);
  plan.fargate_parameters.provision = d.delay("fargateProvision", Delay::uniform(seconds(20), seconds(40)),
                                              "first pod about 30 to 60 s with its pull", "creation to image pull");
  ControlPlane& plane = plan.control_plane;
  plane.update = d.delay("controlPlaneUpdate", plane.update, "several minutes (EKS user guide); 8 to 12 assumed",
                         "UpdateClusterVersion to the new release");
  plane.leader_election =
      d.delay("leaderElection", plane.leader_election, "lease 15 s, tried every 2 s; less when the old leader lets go",
              "end of an update until the scheduler and the controllers work again");
  plane.growth = d.delay("controlPlaneGrowth", plane.growth, "10 minutes or less; 6 to 10 assumed",
                         "load that asks for a larger control plane until it is there");
  plane.api_request = d.duration("apiRequest", plane.api_request, "assumed for a write without slow webhooks",
                                 "that a request holds its seat of an API server, admission webhooks included",
                                 {milliseconds(1), minutes(1)});
  plan.replica_sets.create_call = plane.api_request;
  plan.delays.pending =
      d.delay("pending", plan.delays.pending, "assumed: 14 s median from call to running", "launch call to running");
  plan.delays.join = d.delay("join", Delay::lognormal(seconds(40), 0.3, seconds(24)),
                             "node launch to Ready 45 to 65 s at 1,000 EKS nodes (kube.fm 2026)", "running to Ready");
}

void EksType::parse_logging(document::Fields& f, EksPlan& plan) {
  const std::string_view names[] = {"none", "agent", "router"};
  plan.logging = static_cast<Logging>(
      f.one_of("logging", names, plan.fargate ? 2 : 1, "aws-for-fluent-bit on nodes, the built-in router on Fargate",
               "where container logs go: none, agent (a DaemonSet), router (Fargate's own)"));
  if (plan.fargate && plan.logging == Logging::agent)
    f.error("logging", "Fargate runs no DaemonSets", "take router, or none");
  if (!plan.fargate && plan.logging == Logging::router && !f.describing())
    f.error("logging", "the log router is Fargate's own", "take agent, or none");
}

void EksType::check_sizes(document::Fields& f, const Setting& setting, EksPlan& plan) {
  struct Asked {
    std::string name, owner;
    ResourceVector requests;
    bool fargate;
  };
  Names names;
  const auto on_fargate = [&](const WorkloadSpec& w) {
    return plan.fargate || (!plan.fargate_profiles.empty() && w.kubernetes_rollout.kind != "DaemonSet" &&
                            plan.on_fargate(application_shape(w, names), names));
  };
  std::vector<Asked> pods;
  for (const WorkloadSpec& w : setting.workloads)
    pods.push_back({w.name, w.name, scheduled_requests(w), on_fargate(w)});
  for (const JobSpec& j : setting.jobs) {
    ResourceVector requests;
    requests.set_cpu(j.kubernetes.cpu);
    requests.set_memory(j.kubernetes.memory);
    pods.push_back({j.name, "the job " + j.name, requests, on_fargate(spec_of(j))});
  }
  // NodePools are not looked at while there are faults elsewhere: they say nothing then about what fits.
  const document::Node* capacity = f.node().find("capacity");
  const bool pools_are_meant = capacity != nullptr && capacity->is_mapping() &&
                               (capacity->find("nodePools") != nullptr || capacity->find("autoMode") != nullptr ||
                                capacity->find("bootstrap") != nullptr);
  for (const auto& [name, owner, size, microvm] : pods) {
    const std::string what = name + " (" + to_string(size.cpu()) + " / " + to_string(size.memory()) + ")";
    if (microvm) {
      if (!fargate_pod_size(size.cpu(), size.memory()))
        add_unholdable(plan.too_large, f, owner, "no Fargate size can hold a pod of " + what).refused = true;
      continue;
    }
    // A group without types has had its own fault: an unknown type, or one that is not sold there.
    const bool faulty =
        (plan.hybrid && plan.hybrid->vcpu == 0) ||
        std::any_of(plan.groups.begin(), plan.groups.end(), [](const NodeGroupPlan& g) { return g.types.empty(); });
    if (faulty || (plan.karpenter == nullptr && pools_are_meant)) continue;
    const ResourceVector& asked = size;
    const auto holds = [&asked](const ResourceVector& allocatable) {
      return asked.cpu() <= allocatable.cpu() && asked.memory() <= allocatable.memory();
    };
    const bool fits = (plan.hybrid && holds(plan.hybrid->allocatable)) ||
                      std::any_of(plan.groups.begin(), plan.groups.end(), [&](const NodeGroupPlan& g) {
                        return std::any_of(g.types.begin(), g.types.end(),
                                           [&](const NodeGroupType& t) { return holds(t.allocatable); });
                      });
    if (fits || (plan.karpenter != nullptr && some_type_holds(plan, asked))) continue;
    if (plan.karpenter != nullptr) {
      if (plan.karpenter->launchable.empty()) continue;  // its pools have had their own fault
      add_unholdable(plan.too_large, f, owner, "no instance type of the NodePools can hold a pod of " + what,
                     "loosen their requirements; the largest type is " + largest_type(plan));
      continue;
    }
    if (plan.groups.empty() && !plan.hybrid) continue;
    std::string offers;
    if (plan.hybrid) {
      offers = "a hybrid node offers " + room_text(plan.hybrid->allocatable);
    }
    for (const NodeGroupPlan& g : plan.groups) {
      for (const NodeGroupType& t : g.types) {
        offers += (offers.empty() ? "" : ", ") + std::string(t.type->name) + " offers " + room_text(t.allocatable);
      }
    }
    add_unholdable(plan.too_large, f, owner, "no node of the column can hold a pod of " + what,
                   "allocatable to pods: " + offers);
  }
}

std::unique_ptr<PlatformPlan> EksType::parse(document::Fields& f, const Setting& given) const {
  auto plan = std::make_unique<EksPlan>();
  plan->prices = aws::PriceBook::open(f, given);
  const auto capacity =
      f.any("capacity",
            "fargate, {nodeGroup: {...} or nodeGroups: {...}, autoscaler: cluster-autoscaler}, {bootstrap: {...}, "
            "nodePools: [...]}, {autoMode: {}}, or {hybridNodes: {...}}",
            "where pods run");
  if (plan->prices == nullptr) {
    f.allow_unknown();
    return nullptr;
  }
  const aws::AsOf& as_of = plan->prices->as_of();
  aws::require(f, "type", as_of, aws::Offer::eks);
  if (capacity && capacity->find("bootstrap") != nullptr) aws::require(f, "capacity", as_of, aws::Offer::karpenter);
  plan->around = aws::SurroundingPrices::read(*plan->prices, f, given);
  plan->control_plane = read_control_plane(f, *plan->prices);
  const std::string_view addons[] = {"default", "none"};
  plan->addons = f.one_of("addons", addons, 0, "what a usual cluster runs",
                          "load-balancer controller, metrics-server, log agent") == 0;
  const bool volumes = !(capacity && capacity->is_scalar()) && has_volumes(given);
  plan->ebs_csi = f.boolean("ebsCsi", volumes, "where pods have volumes", "the EBS CSI driver add-on");
  plan->container_insights = ContainerInsights::read(f, *plan->prices);
  plan->node_defaults.cni = read_vpc_cni(f);
  plan->node_defaults.volume_gib =
      f.integer("volumeGiB", kRootVolumeGib, "EKS and Karpenter default", "root volume of a node, GiB gp3", {0, 16384});
  plan->workloads = given.workloads.size();
  plan->stateful_sets =
      static_cast<std::size_t>(std::count_if(given.workloads.begin(), given.workloads.end(), [](const WorkloadSpec& w) {
        return w.kubernetes_rollout.kind == "StatefulSet";
      }));
  count_daemon_sets(f, given, capacity && capacity->is_scalar(), *plan);
  for (const JobSpec& job : given.jobs) ++(job.schedule.empty() ? plan->jobs : plan->cron_jobs);
  plan->unix_at_zero = given.calendar;
  plan->admission = admission_of(given);
  plan->kubelet = kubernetes::read_kubelet(f);
  plan->init_containers = kubernetes::read_init_containers(f);
  plan->image_layers = aws::read_image_layers(f, given);
  if (capacity && capacity->is_scalar()) {
    for (std::string& remark : claims_left_out(given)) plan->remarks.push_back(std::move(remark));
  }
  const bool mutates = f.boolean("enableServiceMutatorWebhook", true, "AWS Load Balancer Controller 2.5 chart default",
                                 "false: a Service of type LoadBalancer without class and type gets a Classic one");
  plan->load_balancers = load_balancers_of(given.workloads, mutates);
  Surroundings around = given.around;
  if (std::string replaced = replace_load_balancers(plan->load_balancers, around); !replaced.empty())
    plan->remarks.push_back(std::move(replaced));
  parse_delays(f, around, *plan);
  plan->ec2_host.slow_start = plan->fargate_host.slow_start =
      around.entry_on_network() || around.entry_on_classic() ? Duration{} : around.slow_start;
  parse_scheduler(f, given, *plan);
  const int minor = gates_minor(plan->control_plane, plan->scheduler.version);
  plan->scheduler.gates = minor;
  const auto kept = accepted_by(given, minor, plan->remarks);
  const Setting& setting = kept ? *kept : given;
  for (std::string& remark : pod_remarks(setting, capacity && capacity->is_scalar()))
    plan->remarks.push_back(std::move(remark));
  if (!capacity) {
    f.error("capacity", "'capacity' is missing",
            "write capacity: fargate, or capacity: {nodeGroup: {type: m5.xlarge, min: 3, max: 40}}");
  } else if (capacity->is_mapping()) {
    document::Fields c(*capacity, f.reader(), f.path_of("capacity"));
    parse_capacity(f, c, setting, *plan);
  } else if (capacity->is_scalar() && capacity->text() == "fargate") {
    plan->fargate = true;
    read_fargate(f, setting, *plan);
  } else {
    f.error("capacity", "capacity must be fargate or a mapping");
  }
  parse_logging(f, *plan);
  check_version_updates(f, setting.events, plan->control_plane, update_duties(*plan), plan->remarks);
  for (const WorkloadSpec& w : setting.workloads) {
    PodAnnotations ignored;
    Names texts;
    if (const std::string fault = read_annotations(w.annotations, texts, ignored); !fault.empty())
      f.error("", "annotations of " + w.name + ": " + fault);
  }
  for (const JobSpec& job : setting.jobs) {
    if (const std::string fault = job_fault(job, plan->scheduler.version, minor); !fault.empty()) f.error("", fault);
  }
  count_bare_pods(f, setting, *plan);
  plan->dns_names = balancer_dns_names(setting.workloads, mutates, setting.region);
  check_sizes(f, setting, *plan);
  if (!plan->fargate_profiles.empty()) {
    Setting selected;
    Names names;
    for (const WorkloadSpec& w : setting.workloads) {
      if (plan->on_fargate(application_shape(w, names), names)) selected.workloads.push_back(w);
    }
    for (std::string& remark : claims_left_out(selected)) plan->remarks.push_back(std::move(remark));
  }
  check_machine_needs(f, setting, *plan, plan->too_large);
  for (std::string& remark : idle_parts(*plan, setting)) plan->remarks.push_back(std::move(remark));
  if (!plan->fargate) {
    for (std::string& remark : claims_without_class(setting, minor)) plan->remarks.push_back(std::move(remark));
  }
  read_scaling(f, setting, plan->fargate, minor, plan->scaling);
  return plan;
}

}  // namespace

std::unique_ptr<PlatformType> eks_platform() { return std::make_unique<EksType>(); }

}  // namespace plimsoll::eks
