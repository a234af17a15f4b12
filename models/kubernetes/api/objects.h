#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/kubernetes/api/object.h"
#include "models/kubernetes/hpa/behavior.h"
#include "models/kubernetes/hpa/decision.h"
#include "models/kubernetes/workloads/cronjob.h"
#include "models/kubernetes/workloads/int_or_percent.h"
#include "models/kubernetes/workloads/pod_failure_policy.h"
#include "models/kubernetes/workloads/success_policy.h"
#include "sim/cluster/constraints.h"
#include "sim/core/time.h"
#include "sim/core/units.h"

/// Kubernetes objects as their files have them, defaults filled in, names still text. What cannot change scheduling,
/// scaling, lifetime or cost is left out. Source of fields and defaults: Kubernetes API reference (apps/v1, batch/v1,
/// core/v1, autoscaling/v1 .. v2, policy/v1), pkg/apis/*/v1/defaults.go.
namespace plimsoll::kubernetes::api {

struct MatchExpression {
  std::string key;
  SelectorOp op = SelectorOp::in;
  std::vector<std::string> values;
};

/// matchLabels stand as In expressions of one value. Absent matches nothing, empty everything.
struct Selector {
  bool present = false;
  std::vector<MatchExpression> expressions;
};

struct NodeTerm {
  std::vector<MatchExpression> expressions, fields;
};
struct PreferredTerm {
  std::int32_t weight = 1;
  NodeTerm term;
};
struct PodTerm {
  Selector selector;
  std::string topology_key;
  std::vector<std::string> namespaces;
  Selector namespace_selector;
  std::vector<std::string> match_label_keys, mismatch_label_keys;
};
struct WeightedPodTerm {
  std::int32_t weight = 1;
  PodTerm term;
};
struct SpreadConstraint {
  std::int32_t max_skew = 1;
  std::string topology_key;
  WhenUnsatisfiable when = WhenUnsatisfiable::do_not_schedule;
  Selector selector;
  std::optional<std::int32_t> min_domains;
  InclusionPolicy node_affinity_policy = InclusionPolicy::honor;
  InclusionPolicy node_taints_policy = InclusionPolicy::ignore;
  std::vector<std::string> match_label_keys;
};
struct TolerationSpec {
  std::string key, value;
  bool exists = false;
  std::optional<TaintEffect> effect;
  std::optional<Duration> seconds;
};

struct Probe {
  Duration initial_delay{}, period = seconds(10), timeout = seconds(1);
  std::int64_t success_threshold = 1, failure_threshold = 3;
  std::optional<Duration> termination_grace;
  bool grpc = false;  // by gRPC
};

struct ContainerPort {
  std::string name;
  std::int64_t port = 0, host_port = 0;
  std::string protocol = "TCP", host_ip;
};

/// Amounts of one container under requests or limits.
struct ResourceAmountsSpec {
  std::optional<Cpu> cpu;
  std::optional<Bytes> memory, ephemeral_storage;
  std::vector<std::pair<std::string, std::int64_t>> extended;  // in the order of the file
};

enum class ImagePullPolicy : std::uint8_t { if_not_present, always, never };

struct Container {
  std::string name, image;
  ImagePullPolicy pull = ImagePullPolicy::if_not_present;
  ResourceAmountsSpec requests, limits;  // a limit without a request is the request too
  std::vector<ContainerPort> ports;
  std::optional<Probe> readiness, liveness, startup;
  bool sidecar = false;  // an init container with restartPolicy Always
  bool has_pre_stop = false;
  Duration pre_stop_sleep{};  // of a sleep action, or of a command that sleeps
  bool sleep_action = false;
  bool privileged = false;  // securityContext.privileged
};

/// A PersistentVolumeClaim, or the template of one.
struct VolumeClaim {
  std::string name, storage_class;
  Bytes size;
  std::string namespace_name = "default";
  bool once = true;         ///< every access mode of it is ReadWriteOnce or ReadWriteOncePod
  bool once_pod = false;    ///< ReadWriteOncePod
  std::string volume_name;  ///< of a volume that exists already
  document::Mark mark;
};

struct StorageClass {
  std::string name, provisioner, type;       ///< type: parameters.type of EBS, "gp3"
  bool immediate = false;                    ///< volumeBindingMode Immediate
  bool is_default = false;                   ///< annotation storageclass.kubernetes.io/is-default-class
  std::vector<NodeTerm> allowed_topologies;  ///< one of which a node must meet; empty: volumes are made anywhere
};

/// Volumes that matter to cost or memory; configuration and secrets are left out.
struct Volume {
  enum class Kind : std::uint8_t { empty_dir, memory, host_path, claim, other, ephemeral } kind = Kind::other;
  std::string name, claim;
  std::optional<Bytes> size_limit;
  VolumeClaim made;  ///< ephemeral: its volumeClaimTemplate
};

enum class RestartPolicy : std::uint8_t { always, on_failure, never };

struct PodTemplate {
  TextMap labels, annotations;
  std::vector<Container> containers, init_containers;
  std::vector<Volume> volumes;
  TextMap node_selector;
  std::optional<std::vector<NodeTerm>> node_required;
  std::vector<PreferredTerm> node_preferred;
  std::vector<PodTerm> pod_required, anti_required;
  std::vector<WeightedPodTerm> pod_preferred, anti_preferred;
  std::vector<SpreadConstraint> spread;
  std::vector<TolerationSpec> tolerations;
  ResourceAmountsSpec overhead;
  ResourceAmountsSpec requests, limits;  // of the pod as a whole (spec.resources)
  Duration termination_grace = seconds(30);
  RestartPolicy restart = RestartPolicy::always;
  std::string node_name, priority_class, scheduler_name = "default-scheduler";
  std::optional<std::int32_t> priority;
  bool preempts = true;
  bool host_network = false;
  std::vector<std::string> readiness_gates;  // conditionType
  std::size_t scheduling_gates = 0;
  std::string runtime_class;  // runtimeClassName
  std::string rejected;       // why an admission plug-in of the API server takes no pod of it; empty: it does
  bool has_deadline = false;  // activeDeadlineSeconds
  std::optional<Duration> active_deadline;
  std::string service_account;  // serviceAccountName; empty: "default"
};

enum class WorkloadKind : std::uint8_t { deployment, replica_set, stateful_set, daemon_set, job, cron_job, pod };
std::string_view kind_text(WorkloadKind kind);

struct JobFields {
  std::int64_t parallelism = 1;
  std::optional<std::int64_t> completions;  // absent: a work queue
  std::int64_t backoff_limit = 6;
  std::optional<Duration> active_deadline, ttl_after_finished;
  bool indexed = false, suspend = false;
  std::vector<PodFailureRule> failure_rules;  // podFailurePolicy
  std::optional<std::int64_t> backoff_limit_per_index, max_failed_indexes;
  std::vector<SuccessRule> success_rules;  // successPolicy
  bool replace_when_failed = false;        // podReplacementPolicy: Failed
  std::string managed_by;                  // a controller other than the built-in one; empty: that
};

struct CronFields {
  std::string schedule, time_zone;
  ConcurrencyPolicy concurrency = ConcurrencyPolicy::allow;
  std::optional<Duration> starting_deadline;
  bool suspend = false;
  std::int64_t successful_history = 3, failed_history = 1;
};

/// Whatever owns pods. `update` fields are of the kinds that roll.
struct Workload {
  WorkloadKind kind = WorkloadKind::deployment;
  std::string name, namespace_name = "default";
  bool namespace_said = false;  // else the command line gives it
  TextMap labels;
  std::int64_t replicas = 1;
  Selector selector;
  PodTemplate pod;
  enum class Update : std::uint8_t { rolling, recreate, on_delete } update = Update::rolling;
  IntOrPercent max_surge{25, true}, max_unavailable{25, true};
  std::int64_t partition = 0;          // StatefulSet
  bool parallel_management = false;    // StatefulSet
  std::int64_t revision_history = 10;  // revisionHistoryLimit
  Duration min_ready{}, progress_deadline = seconds(600);
  bool paused = false;                      // Deployment
  std::vector<VolumeClaim> claims;          // StatefulSet
  bool claims_deleted_when_scaled = false;  // persistentVolumeClaimRetentionPolicy.whenScaled: Delete
  std::optional<JobFields> job;             // Job, CronJob
  std::optional<CronFields> cron;           // CronJob
  document::Mark mark;
};

struct MetricTarget {
  enum class Type : std::uint8_t { utilization, value, average_value } type = Type::utilization;
  std::int64_t amount = 0;  // percent, or thousandths
};

struct MetricSpec {
  MetricKind kind = MetricKind::resource;
  std::string name, container;
  MetricTarget target;
};

struct HorizontalPodAutoscaler {
  std::string name, namespace_name = "default";
  bool namespace_said = false;
  std::string target_kind, target_name;
  std::int64_t min = 1, max = 1;
  std::vector<MetricSpec> metrics;
  std::optional<ScalingBehavior> behavior;
  document::Mark mark;
  document::Node node;
};

struct DisruptionBudget {
  std::string name, namespace_name = "default";
  Selector selector;
  std::optional<IntOrPercent> min_available, max_unavailable;
  bool unready_always_allowed = false;
  bool empty_selects_all = true;  // policy/v1; the empty selector of policy/v1beta1 selects nothing
  document::Mark mark;
};

/// A namespace and the labels of its file.
struct NamespaceLabels {
  std::string name;
  TextMap labels;
};

/// node.k8s.io RuntimeClass: what it adds to the pods that name it.
struct RuntimeClass {
  std::string name;
  ResourceAmountsSpec overhead;             // overhead.podFixed
  TextMap node_selector;                    // scheduling.nodeSelector
  std::vector<TolerationSpec> tolerations;  // scheduling.tolerations
  document::Mark mark;
};

struct PriorityClass {
  std::string name;
  std::int32_t value = 0;
  bool global_default = false, preempts = true;
};

struct Service {
  std::string name, namespace_name = "default";
  bool namespace_said = false;  ///< else the command line gives it
  TextMap selector;
  bool load_balancer = false, headless = false;
  std::string load_balancer_class;  ///< spec.loadBalancerClass
  std::string balancer_type;        ///< annotation service.beta.kubernetes.io/aws-load-balancer-type
  std::string scheme;               ///< annotation service.beta.kubernetes.io/aws-load-balancer-scheme
  bool publish_not_ready = false;   ///< spec.publishNotReadyAddresses
  std::vector<std::int64_t> ports;
  std::vector<std::string> port_names;  ///< of each of `ports`; empty: it has none
  document::Mark mark;
};

/// backend.service of an Ingress: by the number of the Service's port, or by its name.
struct IngressBackend {
  std::string service, port_name;
  std::optional<std::int64_t> port;  ///< neither: "use-annotation", which names an action and no Service
  document::Mark mark;
};

/// An Ingress. One of the AWS Load Balancer Controller's class asks for a load balancer; those of one group share it.
struct Ingress {
  std::string name, namespace_name = "default", group;
  std::string scheme;                           ///< annotation alb.ingress.kubernetes.io/scheme
  std::optional<std::string> class_name;        ///< spec.ingressClassName
  std::optional<std::string> class_annotation;  ///< annotation kubernetes.io/ingress.class
  std::vector<std::string> services;
  std::vector<IngressBackend> backends;  ///< those of `services`, each as often as it stands there
  document::Mark mark;
};

/// networking.k8s.io IngressClass.
struct IngressClass {
  std::string name, controller;
  std::string parameters;   ///< of the kind IngressClassParams: their name; empty: none
  bool is_default = false;  ///< annotation ingressclass.kubernetes.io/is-default-class
};

/// IngressClassParams of elbv2.k8s.aws or eks.amazonaws.com: what they say for every Ingress of their class.
struct IngressClassParams {
  std::string name, group, scheme;
  Selector namespaces;  ///< namespaceSelector; absent: all
};

/// Everything that a set of files holds.
struct Objects {
  std::vector<Workload> workloads;
  std::vector<HorizontalPodAutoscaler> autoscalers;
  std::vector<DisruptionBudget> budgets;
  std::vector<PriorityClass> priority_classes;
  std::vector<RuntimeClass> runtime_classes;
  std::vector<Service> services;
  std::vector<Ingress> ingresses;
  std::vector<IngressClass> ingress_classes;
  std::vector<IngressClassParams> ingress_class_params;
  std::vector<VolumeClaim> claims;  // PersistentVolumeClaims
  std::vector<StorageClass> storage_classes;
  std::vector<std::pair<std::string, std::string>> service_accounts;  // ServiceAccounts: namespace, name
  std::vector<document::Node> admission;                              // Namespace, ResourceQuota, LimitRange
  std::vector<std::string> unknown_kinds;                             // "kind/name", each once

  /// The workload that an autoscaler scales: of its kind and name, in its namespace. Null when it is not among the
  /// files, or of a kind without the scale subresource.
  const Workload* target_of(const HorizontalPodAutoscaler& autoscaler) const;
};

/// Whether a scaleTargetRef of an object in `namespace_name` means this workload. Files that leave their namespace to
/// the command line go with any other.
bool is_target(const Workload& workload, std::string_view kind, std::string_view name, std::string_view namespace_name,
               bool namespace_said);

/// Whether a document is an object of the Kubernetes API that belongs here (Karpenter's belong elsewhere).
bool is_kubernetes_object(const document::Node& node);
/// Reads one document; a List (DeploymentList) adds its items. An object of a kind or version that is not known is one
/// warning, objects that cannot matter
/// (ServiceAccount, ConfigMap, Secret, roles) none. What the API server would reject is an error with its rule and
/// path.
void read_object(const document::Node& node, document::Diagnostics& diagnostics, Objects& out);

}  // namespace plimsoll::kubernetes::api
