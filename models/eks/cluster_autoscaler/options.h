#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/time.h"
#include "sim/core/units.h"

namespace plimsoll::eks::ca {

/// The release whose rules are meant when a scenario does not say (Cluster Autoscaler 1.x).
inline constexpr int kDefaultMinor = 35;
inline constexpr int kOldestMinor = 20;
inline constexpr int kNewestMinor = 37;

/// Every flag that changes decisions, under its real name with underscores. `options_for_version` gives the defaults of
/// a release. SOURCE: kubernetes/autoscaler cluster-autoscaler/config/flags/flags.go and config/const.go, releases 1.20
/// to 1.37.
struct Options {
  int minor = kDefaultMinor;  ///< not a flag: the release
  Duration scan_interval = seconds(10);
  bool frequent_loops_enabled = true;
  Duration new_pod_scale_up_delay = seconds(0);
  Duration max_node_provision_time = minutes(15);
  Duration max_node_startup_time = minutes(15);
  std::string expander = "least-waste";
  bool balance_similar_node_groups = false;
  std::vector<std::string> balancing_ignore_label;
  std::vector<std::string> balancing_label;
  double memory_difference_ratio = 0.015;
  double max_allocatable_difference_ratio = 0.05;
  double max_free_difference_ratio = 0.05;
  std::int64_t max_nodes_per_scaleup = 1000;
  std::int64_t max_nodes_total = 0;
  std::int64_t cores_total_min = 0, cores_total_max = 320'000;              ///< cores-total=min:max
  std::int64_t memory_total_min_gib = 0, memory_total_max_gib = 6'400'000;  ///< memory-total=min:max, GiB
  std::int64_t expendable_pods_priority_cutoff = -10;
  Duration initial_node_group_backoff_duration = minutes(5);
  Duration max_node_group_backoff_duration = minutes(30);
  Duration node_group_backoff_reset_timeout = hours(3);
  std::int64_t ok_total_unready_count = 3;
  double max_total_unready_percentage = 45;
  bool scale_up_from_zero = true;
  std::vector<std::string> nodes;                      ///< "min:max:name"; empty: all groups, with their own bounds
  std::vector<std::string> node_group_auto_discovery;  ///< beside `nodes`: the other groups too
  std::vector<std::string> gpu_total;                  ///< "type:min:max"
  std::vector<std::string> startup_taint, status_taint, ignore_taint, startup_taint_prefix;
  std::vector<std::string> bypassed_scheduler_names;  ///< any: pods need not be 2 s old
  std::vector<std::string> allowed_scheduler_names;   ///< empty: pods of any scheduler
  bool force_ds = false;
  bool enable_proactive_scaleup = false;
  std::int64_t pod_injection_limit = 5000;
  Duration node_info_cache_expire_time = hours(87'600);
  Duration max_nodegroup_binpacking_duration = seconds(10);
  Duration max_binpacking_time = minutes(5);
  bool fastpath_binpacking_enabled = false;
  bool salvo_scale_up = false;
  Duration salvo_scale_up_budget = minutes(1);

  bool scale_down_enabled = true;
  double scale_down_utilization_threshold = 0.5;
  double scale_down_gpu_utilization_threshold = 0.5;
  Duration scale_down_unneeded_time = minutes(10);
  Duration scale_down_unready_time = minutes(20);
  Duration scale_down_delay_after_add = minutes(10);
  Duration scale_down_delay_after_delete = seconds(0);  ///< 0 = scan-interval, which waits no longer
  Duration scale_down_delay_after_failure = minutes(3);
  bool scale_down_delay_type_local = false;
  std::int64_t max_scale_down_parallelism = 10;
  std::int64_t max_drain_parallelism = 1;
  std::int64_t max_empty_bulk_delete = 10;
  bool parallel_drain = true;
  Duration scale_down_simulation_timeout = seconds(30);
  Duration unremovable_node_recheck_timeout = minutes(5);
  bool ignore_daemonsets_utilization = false;
  bool ignore_mirror_pods_utilization = false;
  bool skip_nodes_with_system_pods = true;
  bool skip_nodes_with_local_storage = true;
  bool skip_nodes_with_custom_controller_pods = true;
  std::int64_t min_replica_count = 0;
  Duration blocking_system_pod_distruption_timeout = hours(1);
  bool enforce_node_group_min_size = false;
  Duration max_graceful_termination = seconds(600);  ///< max-graceful-termination-sec
  Duration max_pod_eviction_time = minutes(2);
  Duration node_delete_delay_after_taint = seconds(5);
  bool dynamic_node_delete_delay_after_taint_enabled = false;
  std::string drain_priority_config;  ///< "priority:seconds,...": groups of pods that leave one after the other
  Duration node_deletion_batcher_interval = seconds(0);
  bool daemonset_eviction_for_empty_nodes = false;
  bool daemonset_eviction_for_occupied_nodes = true;
  bool scale_down_unready_enabled = true;
  std::int64_t max_bulk_soft_taint_count = 10;  ///< DeletionCandidate taints set or taken a loop; 0 = none
  friend bool operator==(const Options&, const Options&) = default;
};

/// Defaults of release 1.`minor`. @pre kOldestMinor <= minor <= kNewestMinor.
Options options_for_version(int minor);

/// One flag: its name on the command line, its unit and where it matters.
struct FlagInfo {
  std::string_view name;  ///< "scale-down-unneeded-time"
  std::string_view unit;  ///< "duration", "bool", "count", "ratio", "text", "list"
  std::string_view summary;
  int since = kOldestMinor, until = kNewestMinor;  ///< releases 1.x that have it
};
std::span<const FlagInfo> flags();
/// The value as the flag would print it: "10m0s" is written "10m".
std::string flag_value(const Options& options, std::string_view name);
/// Sets one flag from its text ("10m", "0.5", "true", "priority,least-waste", "0:320000"). Empty when done, else what
/// is wrong: a value that is none, a flag that release 1.`options.minor` does not have, an unknown flag with the
/// nearest one, a real flag whose decisions are not simulated unless it has its default. Real flags that change no
/// decision here (logging, leader election, other clouds) are accepted and do nothing.
std::string set_flag(Options& options, std::string_view name, std::string_view value);

}  // namespace plimsoll::eks::ca
