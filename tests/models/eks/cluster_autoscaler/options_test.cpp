#include "models/eks/cluster_autoscaler/options.h"

#include <doctest/doctest.h>

namespace plimsoll::eks::ca {

TEST_CASE("defaults follow the release") {
  CHECK(options_for_version(32).expander == "random");
  CHECK(options_for_version(33).expander == "least-waste");
  CHECK_FALSE(options_for_version(34).frequent_loops_enabled);
  CHECK(options_for_version(35).frequent_loops_enabled);
  CHECK(options_for_version(35).scale_down_unneeded_time == minutes(10));
}

TEST_CASE("every flag is set from the text that it prints") {
  const Options defaults = options_for_version(kDefaultMinor);
  for (const FlagInfo& flag : flags()) {
    Options copy = defaults;
    CAPTURE(flag.name);
    if (kDefaultMinor < flag.since || kDefaultMinor > flag.until) continue;
    CHECK(set_flag(copy, flag.name, flag_value(defaults, flag.name)) == "");
    CHECK(copy == defaults);
  }
}

TEST_CASE("flags are read and mistakes are explained") {
  Options o;
  CHECK(set_flag(o, "--scale-down-unneeded-time", "3m") == "");
  CHECK(o.scale_down_unneeded_time == minutes(3));
  CHECK(set_flag(o, "max-graceful-termination-sec", "120") == "");
  CHECK(o.max_graceful_termination == seconds(120));
  CHECK(set_flag(o, "cores-total", "4:64") == "");
  CHECK(o.cores_total_max == 64);
  CHECK(set_flag(o, "balancing-ignore-label", "a, b") == "");
  CHECK(o.balancing_ignore_label == std::vector<std::string>{"a", "b"});
  Options old = options_for_version(32);
  CHECK(set_flag(old, "max-empty-bulk-delete", "3") == "");
  CHECK(old.max_scale_down_parallelism == 3);
  CHECK(set_flag(o, "scale-down-unneded-time", "3m").find("scale-down-unneeded-time") != std::string::npos);
  CHECK(set_flag(o, "scale-down-enabled", "yes") != "");
  CHECK(set_flag(o, "cores-total", "9:4") != "");
  CHECK(set_flag(o, "expander", "cheapest") != "");
  CHECK(set_flag(o, "max-nodes-total", "-1") != "");
}

TEST_CASE("a ratio is a finite number") {
  Options o;
  for (const std::string_view value : {"nan", "inf", "-inf", "-0.1", "1e999", ""}) {
    CAPTURE(value);
    CHECK(set_flag(o, "scale-down-utilization-threshold", value).find("a finite number from 0 up") !=
          std::string::npos);
  }
  CHECK(o == Options{});
}

TEST_CASE("flags that were once passed over are read, and their values checked") {
  Options o = options_for_version(37);
  CHECK(set_flag(o, "startup-taint", "a/b,c") == "");
  CHECK(o.startup_taint == std::vector<std::string>{"a/b", "c"});
  CHECK(set_flag(o, "status-taint", "hot") == "");
  CHECK(set_flag(o, "ignore-taint", "old") == "");
  CHECK(set_flag(o, "startup-taint-prefix", "wait/") == "");
  CHECK(set_flag(o, "nodes", "1:10:web,0:3:batch") == "");
  CHECK(o.nodes.size() == 2);
  CHECK(set_flag(o, "nodes", "10:1:web") ==
        "'10:1:web' is not a value of nodes: write min:max:NAME-OF-A-NODE-GROUP, max above 0 and not below min");
  CHECK(set_flag(o, "gpu-total", "nvidia-tesla-t4:0:8") == "");
  CHECK(set_flag(o, "gpu-total", "nvidia-tesla-t4").find("TYPE:min:max") != std::string::npos);
  CHECK(set_flag(o, "drain-priority-config", "10000:20,0:60") == "");
  CHECK(set_flag(o, "drain-priority-config", "20s").find("priority:seconds") != std::string::npos);
  CHECK(set_flag(o, "max-binpacking-time", "2m") == "");
  CHECK(set_flag(o, "max-nodegroup-binpacking-duration", "1s") == "");
  CHECK(o.max_nodegroup_binpacking_duration == seconds(1));
  CHECK(set_flag(o, "salvo-scale-up", "true") == "");
  CHECK(set_flag(o, "salvo-scale-up-budget", "30s") == "");
  CHECK(set_flag(o, "fastpath-binpacking-enabled", "true") == "");
  CHECK(set_flag(o, "bypassed-scheduler-names", "default-scheduler") == "");
  CHECK(set_flag(o, "force-ds", "true") == "");
  CHECK(o.force_ds);
  Options old = options_for_version(28);
  CHECK(set_flag(old, "startup-taint", "a").find("it is in 1.29 to") != std::string::npos);
  CHECK(set_flag(old, "ignore-taint", "a") == "");
}

TEST_CASE("a release has its own flags") {
  Options o = options_for_version(35);
  CHECK(set_flag(o, "max-empty-bulk-delete", "3") ==
        "Cluster Autoscaler 1.35 has no flag 'max-empty-bulk-delete': it is in 1.20 to 1.32");
  Options old = options_for_version(28);
  CHECK(set_flag(old, "max-node-startup-time", "10m") != "");
  CHECK(set_flag(old, "parallel-drain", "false") == "");
  CHECK(set_flag(old, "max-drain-parallelism", "2") == "");
  Options oldest = options_for_version(25);
  CHECK(set_flag(oldest, "max-drain-parallelism", "2") ==
        "Cluster Autoscaler 1.25 has no flag 'max-drain-parallelism': it is in 1.26 to 1.37");
  CHECK(set_flag(oldest, "enforce-node-group-min-size", "true").find("1.26 to") != std::string::npos);
  CHECK(set_flag(old, "scale-down-delay-type-local", "true").find("1.29 to") != std::string::npos);
  // Nodes were deleted without a wait after the taint until there was a flag for it.
  CHECK(oldest.node_delete_delay_after_taint == Duration{});
  CHECK(old.node_delete_delay_after_taint == seconds(5));
}

TEST_CASE("real flags that are not simulated are named, and may have their default") {
  Options o;
  CHECK(
      set_flag(o, "--grpc-expander-url", "localhost:7000") ==
      "the flag grpc-expander-url of Cluster Autoscaler is not simulated (take an expander of its own): leave it out");
  CHECK(set_flag(o, "scheduler-config-file", "x.yaml").find("is not simulated") != std::string::npos);
  CHECK(set_flag(o, "scheduler-config-file", "") == "");
  CHECK(set_flag(o, "enable-proactive-scaleup", "true") == "");
  o.enable_proactive_scaleup = false;
  CHECK(set_flag(o, "estimator", "binpacking") == "");
  CHECK(o == Options{});
  CHECK(set_flag(o, "salvo-scaleup", "true").find("'salvo-scale-up'") != std::string::npos);
}

/// The flags that cluster-autoscaler/config/flags/flags.go of 1.35 defines, less those of this table's tests above.
TEST_CASE("every flag of the real program is known") {
  for (const std::string_view name : {"async-node-groups",
                                      "bypassed-scheduler-names",
                                      "capacity-buffer-controller-enabled",
                                      "check-capacity-batch-processing",
                                      "clusterapi-cloud-config-authoritative",
                                      "daemonset-eviction-for-empty-nodes",
                                      "dynamic-node-delete-delay-after-taint-enabled",
                                      "enable-csi-node-aware-scheduling",
                                      "enable-dynamic-resource-allocation",
                                      "enable-proactive-scaleup",
                                      "enable-provisioning-requests",
                                      "force-delete-failed-nodes",
                                      "force-ds",
                                      "gce-concurrent-refreshes",
                                      "gpu-total",
                                      "grpc-expander-url",
                                      "kube-client-qps",
                                      "node-deletion-candidate-ttl",
                                      "parallel-scale-up",
                                      "pod-injection-limit",
                                      "predicate-parallelism",
                                      "provisioning-request-max-backoff-time",
                                      "regional",
                                      "scale-from-unschedulable",
                                      "scheduler-config-file",
                                      "startup-taint",
                                      "status-taint",
                                      "user-agent",
                                      "write-status-configmap"}) {
    CAPTURE(name);
    Options o;
    CHECK(set_flag(o, name, "x").find("has no flag") == std::string::npos);
  }
}

TEST_CASE("real flags that decide nothing are let pass") {
  Options o;
  CHECK(set_flag(o, "--v", "4") == "");
  CHECK(set_flag(o, "parallel-scale-up", "true") == "");
  CHECK(set_flag(o, "force-delete-unregistered-nodes", "true") == "");
  CHECK(o == Options{});
  CHECK(set_flag(o, "leader-elct", "true").find("'leader-elect'") != std::string::npos);
}

}  // namespace plimsoll::eks::ca
