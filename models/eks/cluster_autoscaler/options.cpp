#include "models/eks/cluster_autoscaler/options.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <optional>

#include "models/eks/cluster_autoscaler/expander.h"
#include "models/eks/cluster_autoscaler/flag_values.h"
#include "sim/core/text.h"

namespace plimsoll::eks::ca {

namespace {

/// A flag with the member that holds it; exactly one of the pointers is set.
struct Flag {
  FlagInfo info;
  bool Options::*boolean = nullptr;
  std::int64_t Options::*count = nullptr;
  double Options::*ratio = nullptr;
  Duration Options::*duration = nullptr;
  std::string Options::*text = nullptr;
  std::vector<std::string> Options::*list = nullptr;
  std::int64_t Options::*range_min = nullptr;
  std::int64_t Options::*range_max = nullptr;
  /// What is wrong with the text, or with an item of the list; null: nothing can be.
  std::string (*fault)(std::string_view) = nullptr;
};

std::string expander_fault(std::string_view text) {
  std::string error;
  return make_expanders(text, {}, error) == nullptr ? error : std::string();
}
std::string nodes_fault(std::string_view text) {
  return parse_node_group_spec(text) ? "" : "write min:max:NAME-OF-A-NODE-GROUP, max above 0 and not below min";
}
std::string gpu_fault(std::string_view text) {
  return parse_gpu_limit(text) ? "" : "write TYPE:min:max with min at most max, such as nvidia-tesla-t4:0:8";
}
std::string drain_fault(std::string_view text) {
  return text.empty() || !parse_drain_priorities(text).empty() ? "" : "write priority:seconds,priority:seconds";
}

Flag boolean(std::string_view name, bool Options::*m, std::string_view summary) {
  Flag f{{name, "bool", summary}};
  f.boolean = m;
  return f;
}
Flag count(std::string_view name, std::int64_t Options::*m, std::string_view summary) {
  Flag f{{name, "count", summary}};
  f.count = m;
  return f;
}
Flag ratio(std::string_view name, double Options::*m, std::string_view summary) {
  Flag f{{name, "ratio", summary}};
  f.ratio = m;
  return f;
}
Flag duration(std::string_view name, Duration Options::*m, std::string_view summary) {
  Flag f{{name, "duration", summary}};
  f.duration = m;
  return f;
}
Flag list(std::string_view name, std::vector<std::string> Options::*m, std::string_view summary,
          std::string (*fault)(std::string_view) = nullptr) {
  Flag f{{name, "list", summary}};
  f.list = m;
  f.fault = fault;
  return f;
}
Flag text(std::string_view name, std::string Options::*m, std::string_view summary,
          std::string (*fault)(std::string_view)) {
  Flag f{{name, "text", summary}};
  f.text = m;
  f.fault = fault;
  return f;
}
Flag range(std::string_view name, std::int64_t Options::*low, std::int64_t Options::*high, std::string_view summary) {
  Flag f{{name, "min:max", summary}};
  f.range_min = low;
  f.range_max = high;
  return f;
}

const std::vector<Flag>& table() {
  static const std::vector<Flag> flags = [] {
    std::vector<Flag> t;
    t.push_back(duration("scan-interval", &Options::scan_interval,
                         "from a loop to the next; at least 1 s, which a loop itself takes"));
    t.push_back(boolean("frequent-loops-enabled", &Options::frequent_loops_enabled,
                        "next loop at once after a scale-up, a deletion or a new unschedulable pod"));
    t.push_back(
        boolean("scale-up-from-zero", &Options::scale_up_from_zero, "grow while the cluster has no ready node"));
    t.push_back(duration("new-pod-scale-up-delay", &Options::new_pod_scale_up_delay, "younger pods are left out"));
    t.push_back(duration("max-node-provision-time", &Options::max_node_provision_time,
                         "a node that has not registered by then has failed"));
    t.push_back(duration("max-node-startup-time", &Options::max_node_startup_time,
                         "a registered node that is not ready by then is unready"));
    t.push_back(text("expander", &Options::expander,
                     "how a node group is chosen; several, separated by commas, filter in turn", expander_fault));
    t.push_back(boolean("balance-similar-node-groups", &Options::balance_similar_node_groups,
                        "split a scale-up over similar groups"));
    t.push_back(
        list("balancing-ignore-label", &Options::balancing_ignore_label, "labels that do not tell groups apart"));
    t.push_back(list("balancing-label", &Options::balancing_label, "compare these labels and nothing else"));
    t.push_back(ratio("memory-difference-ratio", &Options::memory_difference_ratio, "similar groups: memory capacity"));
    t.push_back(ratio("max-allocatable-difference-ratio", &Options::max_allocatable_difference_ratio,
                      "similar groups: allocatable"));
    t.push_back(ratio("max-free-difference-ratio", &Options::max_free_difference_ratio, "similar groups: free"));
    t.push_back(count("max-nodes-per-scaleup", &Options::max_nodes_per_scaleup, "nodes one estimation may add"));
    t.push_back(count("max-nodes-total", &Options::max_nodes_total, "nodes in the cluster, 0 = no limit"));
    t.push_back(range("cores-total", &Options::cores_total_min, &Options::cores_total_max, "cores in the cluster"));
    t.push_back(range("memory-total", &Options::memory_total_min_gib, &Options::memory_total_max_gib,
                      "GiB of memory in the cluster"));
    t.push_back(count("expendable-pods-priority-cutoff", &Options::expendable_pods_priority_cutoff,
                      "pods below neither cause a scale-up nor block a drain"));
    t.push_back(duration("initial-node-group-backoff-duration", &Options::initial_node_group_backoff_duration,
                         "after the first failure of a group"));
    t.push_back(
        duration("max-node-group-backoff-duration", &Options::max_node_group_backoff_duration, "longest back-off"));
    t.push_back(duration("node-group-backoff-reset-timeout", &Options::node_group_backoff_reset_timeout,
                         "failures older than this are forgotten"));
    t.push_back(count("ok-total-unready-count", &Options::ok_total_unready_count, "unready nodes that are no concern"));
    t.push_back(ratio("max-total-unready-percentage", &Options::max_total_unready_percentage,
                      "percent of unready nodes that stops everything"));
    t.push_back(boolean("scale-down-enabled", &Options::scale_down_enabled, "remove nodes at all"));
    t.push_back(ratio("scale-down-utilization-threshold", &Options::scale_down_utilization_threshold,
                      "a node at or below may be unneeded"));
    t.push_back(ratio("scale-down-gpu-utilization-threshold", &Options::scale_down_gpu_utilization_threshold,
                      "the same for GPU nodes"));
    t.push_back(duration("scale-down-unneeded-time", &Options::scale_down_unneeded_time,
                         "unneeded for longer than this before removal"));
    t.push_back(duration("scale-down-unready-time", &Options::scale_down_unready_time, "the same for unready nodes"));
    t.push_back(duration("scale-down-delay-after-add", &Options::scale_down_delay_after_add,
                         "no removal this long after a scale-up"));
    t.push_back(duration("scale-down-delay-after-delete", &Options::scale_down_delay_after_delete,
                         "no removal this long after a removal; 0 = no extra wait"));
    t.push_back(duration("scale-down-delay-after-failure", &Options::scale_down_delay_after_failure,
                         "no removal this long after a failed one"));
    t.push_back(boolean("scale-down-delay-type-local", &Options::scale_down_delay_type_local,
                        "the delays hold for the group concerned only"));
    t.push_back(
        count("max-scale-down-parallelism", &Options::max_scale_down_parallelism, "nodes being removed at once"));
    t.push_back(count("max-drain-parallelism", &Options::max_drain_parallelism, "nodes being drained at once"));
    t.push_back(count("max-empty-bulk-delete", &Options::max_empty_bulk_delete,
                      "older name of max-scale-down-parallelism, to 1.32"));
    t.push_back(boolean("parallel-drain", &Options::parallel_drain, "several drains at once"));
    t.push_back(duration("scale-down-simulation-timeout", &Options::scale_down_simulation_timeout,
                         "time for one pass of removal simulation"));
    t.push_back(duration("unremovable-node-recheck-timeout", &Options::unremovable_node_recheck_timeout,
                         "a node that could not be removed is left alone this long"));
    t.push_back(boolean("ignore-daemonsets-utilization", &Options::ignore_daemonsets_utilization,
                        "DaemonSet pods do not count as use"));
    t.push_back(boolean("ignore-mirror-pods-utilization", &Options::ignore_mirror_pods_utilization,
                        "mirror pods do not count as use"));
    t.push_back(boolean("skip-nodes-with-system-pods", &Options::skip_nodes_with_system_pods,
                        "kube-system pods without a budget keep their node"));
    t.push_back(boolean("skip-nodes-with-local-storage", &Options::skip_nodes_with_local_storage,
                        "emptyDir and hostPath keep their node"));
    t.push_back(boolean("skip-nodes-with-custom-controller-pods", &Options::skip_nodes_with_custom_controller_pods,
                        "pods of unknown controllers keep their node"));
    t.push_back(count("min-replica-count", &Options::min_replica_count, "smaller ReplicaSets keep their node"));
    t.push_back(duration("blocking-system-pod-distruption-timeout", &Options::blocking_system_pod_distruption_timeout,
                         "a kube-system pod keeps its node this long (1.33 and later)"));
    t.push_back(boolean("enforce-node-group-min-size", &Options::enforce_node_group_min_size,
                        "raise groups below their minimum"));
    t.push_back(duration("max-graceful-termination-sec", &Options::max_graceful_termination,
                         "longest wait for a pod that is stopping"));
    t.push_back(duration("max-pod-eviction-time", &Options::max_pod_eviction_time, "evictions are tried this long"));
    t.push_back(duration("node-delete-delay-after-taint", &Options::node_delete_delay_after_taint,
                         "from taint to eviction or removal"));
    t.push_back(duration("node-deletion-batcher-interval", &Options::node_deletion_batcher_interval,
                         "removals of a group collected this long"));
    t.push_back(boolean("daemonset-eviction-for-empty-nodes", &Options::daemonset_eviction_for_empty_nodes,
                        "evict DaemonSet pods from empty nodes"));
    t.push_back(boolean("daemonset-eviction-for-occupied-nodes", &Options::daemonset_eviction_for_occupied_nodes,
                        "evict DaemonSet pods from drained nodes"));
    t.push_back(
        boolean("scale-down-unready-enabled", &Options::scale_down_unready_enabled, "remove unready nodes too"));
    t.push_back(count("max-bulk-soft-taint-count", &Options::max_bulk_soft_taint_count,
                      "PreferNoSchedule taints that one loop may set on unneeded nodes"));
    t.push_back(
        list("nodes", &Options::nodes, "min:max:NAME of a node group: only those given are resized", nodes_fault));
    t.push_back(list("node-group-auto-discovery", &Options::node_group_auto_discovery,
                     "beside nodes: the other groups too, with their own bounds"));
    t.push_back(list("gpu-total", &Options::gpu_total,
                     "TYPE:min:max GPUs in the cluster, by the label k8s.amazonaws.com/accelerator", gpu_fault));
    t.push_back(list("startup-taint", &Options::startup_taint, "a node with this taint is not ready yet"));
    t.push_back(list("ignore-taint", &Options::ignore_taint, "older name of startup-taint"));
    t.push_back(list("startup-taint-prefix", &Options::startup_taint_prefix, "the same, by the start of the key"));
    t.push_back(
        list("status-taint", &Options::status_taint, "a taint that the group's next node is not expected to have"));
    t.push_back(list("bypassed-scheduler-names", &Options::bypassed_scheduler_names,
                     "schedulers whose verdict is not waited for: pods need not be 2 s old"));
    t.push_back(list("allowed-scheduler-names", &Options::allowed_scheduler_names,
                     "pods of other schedulers cause no scale-up"));
    t.push_back(boolean("enable-proactive-scaleup", &Options::enable_proactive_scaleup,
                        "pods that controllers have yet to create count as pending"));
    t.push_back(count("pod-injection-limit", &Options::pod_injection_limit, "pending pods up to which such are added"));
    t.push_back(boolean("force-ds", &Options::force_ds,
                        "DaemonSets that found no room on a group's nodes count on its next node too"));
    t.push_back(duration("node-info-cache-expire-time", &Options::node_info_cache_expire_time,
                         "an empty group is taken for what its last node was, this long"));
    t.push_back(duration("max-nodegroup-binpacking-duration", &Options::max_nodegroup_binpacking_duration,
                         "computing time after which no more nodes of one group are tried"));
    t.push_back(duration("max-binpacking-time", &Options::max_binpacking_time,
                         "computing time after which the options found so far must do"));
    t.push_back(boolean("fastpath-binpacking-enabled", &Options::fastpath_binpacking_enabled,
                        "the last group of pods is packed on one node and the rest divided"));
    t.push_back(boolean("salvo-scale-up", &Options::salvo_scale_up, "several scale-ups in one loop"));
    t.push_back(duration("salvo-scale-up-budget", &Options::salvo_scale_up_budget, "computing time for them"));
    t.push_back(text("drain-priority-config", &Options::drain_priority_config,
                     "priority:seconds,...: pods leave a drained node by priority, lowest first", drain_fault));
    t.push_back(boolean("dynamic-node-delete-delay-after-taint-enabled",
                        &Options::dynamic_node_delete_delay_after_taint_enabled,
                        "twice the latency of the taint instead of node-delete-delay-after-taint"));
    const auto lived = [&](std::string_view name, int since, int until) {
      for (Flag& f : t) {
        if (f.info.name == name) f.info.since = since, f.info.until = until;
      }
    };
    lived("frequent-loops-enabled", 31, kNewestMinor);
    lived("max-node-startup-time", 35, kNewestMinor);
    lived("blocking-system-pod-distruption-timeout", 33, kNewestMinor);
    lived("max-empty-bulk-delete", kOldestMinor, 32);
    lived("max-scale-down-parallelism", 26, kNewestMinor);
    lived("max-drain-parallelism", 26, kNewestMinor);
    lived("parallel-drain", 26, 31);
    lived("scale-down-unready-enabled", 28, kNewestMinor);
    // SOURCE: kubernetes/autoscaler pull requests 5195 and 5235 (October 2022), 5507 (March 2023), 6484 (back to 1.29);
    // the last came with the planner of parallel-drain.
    lived("enforce-node-group-min-size", 26, kNewestMinor);
    lived("node-delete-delay-after-taint", 26, kNewestMinor);
    lived("skip-nodes-with-custom-controller-pods", 27, kNewestMinor);
    lived("scale-down-delay-type-local", 29, kNewestMinor);
    lived("scale-down-simulation-timeout", 26, kNewestMinor);
    // SOURCE: pull requests 4970 (June 2022), 6132 (October 2023), 6556 (March 2024), 7145 (August 2024);
    // release notes of 1.36.
    lived("max-nodegroup-binpacking-duration", 25, kNewestMinor);
    lived("startup-taint", 29, kNewestMinor);
    lived("status-taint", 29, kNewestMinor);
    lived("max-binpacking-time", 30, kNewestMinor);
    lived("enable-proactive-scaleup", 32, kNewestMinor);
    lived("pod-injection-limit", 32, kNewestMinor);
    lived("startup-taint-prefix", 36, kNewestMinor);
    lived("fastpath-binpacking-enabled", 36, kNewestMinor);
    lived("salvo-scale-up", 36, kNewestMinor);
    lived("salvo-scale-up-budget", 36, kNewestMinor);
    return t;
  }();
  return flags;
}

const Flag* find(std::string_view name) {
  while (name.starts_with('-')) name.remove_prefix(1);
  for (const Flag& f : table()) {
    if (f.info.name == name) return &f;
  }
  return nullptr;
}

/// Flags of the real program that change nothing that is simulated: logs and metrics, other clouds, objects that a
/// scenario has not (ProvisioningRequests, capacity buffers and quotas, resource claims), cordoned nodes as templates
/// (no cordoned node is one, and what the provider makes of a launch template never is cordoned). Calls to the API of
/// EC2 Auto Scaling take no time here, so parallel-scale-up is no faster. The force-delete flags are passed on to the
/// provider, and that of AWS deletes no node below its group's minimum, as EC2 Auto Scaling refuses it: SOURCE: core/
/// static_autoscaler.go (removeOldUnregisteredNodes falls back to DeleteNodes), kubernetes/autoscaler issue 16.
constexpr std::string_view kWithoutEffect[] = {"add_dir_header",
                                               "address",
                                               "alsologtostderr",
                                               "async-node-groups",
                                               "aws-use-static-instance-list",
                                               "bulk-mig-instances-listing-enabled",
                                               "capacity-buffer-controller-enabled",
                                               "capacity-buffer-pod-dry-run-enabled",
                                               "capacity-buffer-pod-injection-enabled",
                                               "capacity-quotas-enabled",
                                               "check-capacity-batch-processing",
                                               "check-capacity-processor-instance",
                                               "check-capacity-provisioning-request-batch-timebox",
                                               "check-capacity-provisioning-request-max-batch-size",
                                               "cloud-config",
                                               "cloud-provider",
                                               "cluster-name",
                                               "cluster-snapshot-parallelism",
                                               "clusterapi-cloud-config-authoritative",
                                               "cordon-node-before-terminating",
                                               "debugging-snapshot-enabled",
                                               "emit-per-nodegroup-metrics",
                                               "enable-csi-node-aware-scheduling",
                                               "enable-dynamic-resource-allocation",
                                               "enable-provisioning-requests",
                                               "feature-gates",
                                               "force-delete-failed-nodes",
                                               "force-delete-unregistered-nodes",
                                               "gce-concurrent-refreshes",
                                               "gce-mig-instances-min-refresh-wait-time",
                                               "grpc-expander-cert",
                                               "kube-api-content-type",
                                               "kube-client-burst",
                                               "kube-client-qps",
                                               "kubeconfig",
                                               "kubernetes",
                                               "leader-elect",
                                               "leader-elect-lease-duration",
                                               "leader-elect-renew-deadline",
                                               "leader-elect-resource-lock",
                                               "leader-elect-resource-name",
                                               "leader-elect-resource-namespace",
                                               "leader-elect-retry-period",
                                               "log-flush-frequency",
                                               "log_backtrace_at",
                                               "log_dir",
                                               "log_file",
                                               "log_file_max_size",
                                               "logging-format",
                                               "logtostderr",
                                               "max-autoprovisioned-node-group-count",
                                               "max-bulk-soft-taint-time",
                                               "max-failing-time",
                                               "max-inactivity",
                                               "max-node-skip-eval-time-tracker-enabled",
                                               "max-startup-time",
                                               "namespace",
                                               "node-autoprovisioning-enabled",
                                               "node-deletion-candidate-ttl",
                                               "node-deletion-delay-timeout",
                                               "node-removal-latency-tracking-enabled",
                                               "one_output",
                                               "parallel-scale-up",
                                               "predicate-parallelism",
                                               "profiling",
                                               "provisioning-request-initial-backoff-time",
                                               "provisioning-request-max-backoff-cache-size",
                                               "provisioning-request-max-backoff-time",
                                               "record-duplicated-events",
                                               "regional",
                                               "scale-down-candidates-pool-min-count",
                                               "scale-down-candidates-pool-ratio",
                                               "scale-down-non-empty-candidates-count",
                                               "scale-from-unschedulable",
                                               "scaleup-simulation-for-skipped-node-groups-enabled",
                                               "skip_headers",
                                               "skip_log_headers",
                                               "status-config-map-name",
                                               "stderrthreshold",
                                               "user-agent",
                                               "v",
                                               "vmodule",
                                               "write-status-configmap"};

/// Flags that would change decisions and are not simulated, with the default that may be written.
struct NotSimulated {
  std::string_view name, default_value, instead;
};
constexpr NotSimulated kNotSimulated[] = {
    {"estimator", "binpacking", "there is no other"},
    {"grpc-expander-url", "", "take an expander of its own"},
    {"scheduler-config-file", "", "filters are those of kube-scheduler"},
};

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> decimal(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

/// "5m0s" is "5m".
bool is_same_duration(std::string_view a, std::string_view b) {
  const Parsed<Duration> x = parse_duration(a), y = parse_duration(b);
  return x && y && *x.value == *y.value;
}

std::string decimal_text(double value) {
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  return error == std::errc{} ? std::string(buffer, end) : std::string();
}

}  // namespace

Options options_for_version(int minor) {
  Options o;
  o.minor = minor;
  o.expander = minor >= 33 ? "least-waste" : "random";
  o.frequent_loops_enabled = minor >= 35;
  o.parallel_drain = minor >= 28;
  if (minor < 26) o.node_delete_delay_after_taint = Duration{};  // pull request 5235 made it a wait, and a flag
  // Before parallel drain one node at a time was drained and max-empty-bulk-delete empty ones removed.
  o.max_drain_parallelism = 1;
  return o;
}

std::span<const FlagInfo> flags() {
  static const std::vector<FlagInfo> infos = [] {
    std::vector<FlagInfo> out;
    for (const Flag& f : table()) out.push_back(f.info);
    return out;
  }();
  return infos;
}

std::string flag_value(const Options& options, std::string_view name) {
  const Flag* f = find(name);
  if (f == nullptr) return {};
  if (f->boolean != nullptr) return options.*f->boolean ? "true" : "false";
  if (f->count != nullptr) return std::to_string(options.*f->count);
  if (f->ratio != nullptr) return decimal_text(options.*f->ratio);
  if (f->duration != nullptr) return plimsoll::to_string(options.*f->duration);
  if (f->text != nullptr) return options.*f->text;
  if (f->range_min != nullptr)
    return std::to_string(options.*f->range_min) + ":" + std::to_string(options.*f->range_max);
  std::string out;
  for (const std::string& item : options.*f->list) out += (out.empty() ? "" : ",") + item;
  return out;
}

std::string set_flag(Options& options, std::string_view name, std::string_view value) {
  const Flag* f = find(name);
  if (f == nullptr) {
    std::string_view bare = name;
    while (bare.starts_with('-')) bare.remove_prefix(1);
    if (std::find(std::begin(kWithoutEffect), std::end(kWithoutEffect), bare) != std::end(kWithoutEffect)) return {};
    for (const NotSimulated& other : kNotSimulated) {
      if (other.name != bare) continue;
      if (value == other.default_value || is_same_duration(value, other.default_value)) return {};
      return "the flag " + std::string(bare) + " of Cluster Autoscaler is not simulated (" +
             std::string(other.instead) + "): leave it out";
    }
    std::vector<std::string_view> known(std::begin(kWithoutEffect), std::end(kWithoutEffect));
    for (const NotSimulated& other : kNotSimulated) known.push_back(other.name);
    for (const Flag& flag : table()) known.push_back(flag.info.name);
    std::string error = "Cluster Autoscaler has no flag '" + std::string(name) + "'";
    if (const std::string near = nearest(name, known); !near.empty()) error += "; did you mean '" + near + "'?";
    return error;
  }
  if (options.minor < f->info.since || options.minor > f->info.until) {
    return "Cluster Autoscaler 1." + std::to_string(options.minor) + " has no flag '" + std::string(f->info.name) +
           "': it is in 1." + std::to_string(f->info.since) + " to 1." + std::to_string(f->info.until);
  }
  const auto wrong = [&](std::string_view wanted) {
    return "'" + std::string(value) + "' is not a value of " + std::string(f->info.name) + ": " + std::string(wanted);
  };
  if (f->boolean != nullptr) {
    if (value != "true" && value != "false") return wrong("true or false");
    options.*f->boolean = value == "true";
    return {};
  }
  if (f->count != nullptr) {
    const auto n = whole(value);
    const bool may_be_negative = f->count == &Options::expendable_pods_priority_cutoff;
    if (!n || (*n < 0 && !may_be_negative)) return wrong("a whole number");
    options.*f->count = *n;
    if (f->count == &Options::max_empty_bulk_delete) options.max_scale_down_parallelism = *n;
    return {};
  }
  if (f->ratio != nullptr) {
    const auto n = decimal(value);
    if (!n || *n < 0) return wrong("a finite number from 0 up");
    options.*f->ratio = *n;
    return {};
  }
  if (f->duration != nullptr) {
    // max-graceful-termination-sec is a plain number of seconds.
    if (const auto n = whole(value); n && *n >= 0 && (f->duration == &Options::max_graceful_termination || *n == 0)) {
      options.*f->duration = seconds(*n);
      return {};
    }
    const Parsed<Duration> d = parse_duration(value);
    if (!d) return wrong("a duration such as 90s or 10m");
    options.*f->duration = *d.value;
    return {};
  }
  if (f->text != nullptr) {
    if (const std::string fault = f->fault(value); !fault.empty())
      return f->text == &Options::expander ? fault : wrong(fault);
    options.*f->text = std::string(value);
    return {};
  }
  if (f->range_min != nullptr) {
    const std::size_t colon = value.find(':');
    const auto low = whole(value.substr(0, colon));
    const auto high = colon == std::string_view::npos ? std::nullopt : whole(value.substr(colon + 1));
    if (!low || !high || *low < 0 || *high < *low) return wrong("min:max with min at most max");
    options.*f->range_min = *low;
    options.*f->range_max = *high;
    return {};
  }
  std::vector<std::string> items;
  while (!value.empty()) {
    const std::size_t comma = value.find(',');
    items.emplace_back(trim(value.substr(0, comma)));
    const std::string fault = f->fault == nullptr ? std::string() : f->fault(items.back());
    if (!fault.empty()) return "'" + items.back() + "' is not a value of " + std::string(f->info.name) + ": " + fault;
    value = comma == std::string_view::npos ? std::string_view{} : value.substr(comma + 1);
  }
  options.*f->list = std::move(items);
  return {};
}

}  // namespace plimsoll::eks::ca
