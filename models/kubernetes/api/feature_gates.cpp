#include "models/kubernetes/api/feature_gates.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "models/kubernetes/api/volume_claim_reader.h"

namespace plimsoll::kubernetes::api {

namespace {

constexpr std::array kGates{
    FeatureGate{Feature::pod_affinity_namespace_selector, "PodAffinityNamespaceSelector", 22},
    FeatureGate{Feature::daemon_set_update_surge, "DaemonSetUpdateSurge", 22},
    FeatureGate{Feature::suspend_job, "SuspendJob", 22},
    FeatureGate{Feature::indexed_job, "IndexedJob", 22},
    FeatureGate{Feature::stateful_set_min_ready_seconds, "StatefulSetMinReadySeconds", 23},
    FeatureGate{Feature::grpc_container_probe, "GRPCContainerProbe", 24},
    FeatureGate{Feature::cron_job_time_zone, "CronJobTimeZone", 25},
    FeatureGate{Feature::probe_termination_grace_period, "ProbeTerminationGracePeriod", 25},
    FeatureGate{Feature::node_inclusion_policy, "NodeInclusionPolicyInPodTopologySpread", 26},
    FeatureGate{Feature::job_pod_failure_policy, "JobPodFailurePolicy", 26},
    FeatureGate{Feature::min_domains, "MinDomainsInPodTopologySpread", 27},
    FeatureGate{Feature::match_label_keys_in_spread, "MatchLabelKeysInPodTopologySpread", 27},
    FeatureGate{Feature::pod_scheduling_readiness, "PodSchedulingReadiness", 27},
    FeatureGate{Feature::read_write_once_pod, "ReadWriteOncePod", 27},
    FeatureGate{Feature::stateful_set_auto_delete_pvc, "StatefulSetAutoDeletePVC", 27},
    FeatureGate{Feature::pdb_unhealthy_pod_eviction_policy, "PDBUnhealthyPodEvictionPolicy", 27},
    FeatureGate{Feature::hpa_container_metrics, "HPAContainerMetrics", 27},
    FeatureGate{Feature::sidecar_containers, "SidecarContainers", 29},
    FeatureGate{Feature::job_backoff_limit_per_index, "JobBackoffLimitPerIndex", 29},
    FeatureGate{Feature::job_pod_replacement_policy, "JobPodReplacementPolicy", 29},
    FeatureGate{Feature::pod_lifecycle_sleep_action, "PodLifecycleSleepAction", 30},
    FeatureGate{Feature::match_label_keys_in_affinity, "MatchLabelKeysInPodAffinity", 31},
    FeatureGate{Feature::job_success_policy, "JobSuccessPolicy", 31},
    FeatureGate{Feature::job_managed_by, "JobManagedBy", 32},
    FeatureGate{Feature::pod_level_resources, "PodLevelResources", 34},
    FeatureGate{Feature::max_unavailable_stateful_set, "MaxUnavailableStatefulSet", 35},
    FeatureGate{Feature::hpa_configurable_tolerance, "HPAConfigurableTolerance", 35},
};

constexpr std::int64_t kNoLimit = INT32_MAX;  // of backoffLimit beside backoffLimitPerIndex
constexpr std::int64_t kUsualBackoffLimit = 6;

/// The fields that one release drops from one object.
class Drops {
 public:
  explicit Drops(int minor) : minor_(minor) {}

  /// `take` removes the field and may answer the names of the containers that had it.
  template <class Take>
  void drop(Feature feature, std::string_view name, bool present, Take&& take) {
    if (!present || is_on(feature, minor_)) return;
    out_.push_back({name, gate_of(feature).on_since, {}});
    take(out_.back().containers);
  }
  std::vector<DroppedField> take() { return std::move(out_); }

 private:
  int minor_;
  std::vector<DroppedField> out_;
};

template <class List, class Test>
bool any(const List& list, Test&& test) {
  return std::any_of(list.begin(), list.end(), test);
}

template <class Use>
void each_container(PodTemplate& pod, Use&& use) {
  for (Container& c : pod.init_containers) use(c);
  for (Container& c : pod.containers) use(c);
}

/// Calls `take` with each container that `has` it; answers their names.
template <class Has, class Take>
std::string take_of(PodTemplate& pod, Has&& has, Take&& take) {
  std::string names;
  each_container(pod, [&](Container& c) {
    if (!has(c)) return;
    names += (names.empty() ? "" : ", ") + c.name;
    take(c);
  });
  return names;
}

template <class Use>
void each_term(PodTemplate& pod, Use&& use) {
  for (PodTerm& t : pod.pod_required) use(t);
  for (PodTerm& t : pod.anti_required) use(t);
  for (WeightedPodTerm& t : pod.pod_preferred) use(t.term);
  for (WeightedPodTerm& t : pod.anti_preferred) use(t.term);
}

template <class Test>
bool any_term(PodTemplate& pod, Test&& test) {
  bool found = false;
  each_term(pod, [&](const PodTerm& t) { found = found || test(t); });
  return found;
}

bool sizes_pod(const ResourceAmountsSpec& amounts) { return amounts.cpu || amounts.memory; }

void drop_of_spread(PodTemplate& pod, Drops& drops) {
  using Constraint = SpreadConstraint;
  const auto has = [&](auto&& test) { return any(pod.spread, test); };
  const auto each = [&](auto&& change) {
    return [&pod, change](std::string&) {
      for (Constraint& c : pod.spread) change(c);
    };
  };
  drops.drop(Feature::min_domains, "minDomains", has([](const Constraint& c) { return c.min_domains.has_value(); }),
             each([](Constraint& c) { c.min_domains.reset(); }));
  drops.drop(Feature::match_label_keys_in_spread, "matchLabelKeys of topologySpreadConstraints",
             has([](const Constraint& c) { return !c.match_label_keys.empty(); }),
             each([](Constraint& c) { c.match_label_keys.clear(); }));
  drops.drop(Feature::node_inclusion_policy, "nodeAffinityPolicy",
             has([](const Constraint& c) { return c.node_affinity_policy != Constraint{}.node_affinity_policy; }),
             each([](Constraint& c) { c.node_affinity_policy = Constraint{}.node_affinity_policy; }));
  drops.drop(Feature::node_inclusion_policy, "nodeTaintsPolicy",
             has([](const Constraint& c) { return c.node_taints_policy != Constraint{}.node_taints_policy; }),
             each([](Constraint& c) { c.node_taints_policy = Constraint{}.node_taints_policy; }));
}

void drop_of_affinity(PodTemplate& pod, Drops& drops) {
  drops.drop(Feature::pod_affinity_namespace_selector, "namespaceSelector",
             any_term(pod, [](const PodTerm& t) { return t.namespace_selector.present; }),
             [&](std::string&) { each_term(pod, [](PodTerm& t) { t.namespace_selector = {}; }); });
  const auto keys = [&](std::string_view name, std::vector<std::string> PodTerm::*list) {
    drops.drop(Feature::match_label_keys_in_affinity, name,
               any_term(pod, [list](const PodTerm& t) { return !(t.*list).empty(); }),
               [&](std::string&) { each_term(pod, [list](PodTerm& t) { (t.*list).clear(); }); });
  };
  keys("matchLabelKeys of pod affinity", &PodTerm::match_label_keys);
  keys("mismatchLabelKeys of pod affinity", &PodTerm::mismatch_label_keys);
}

void drop_of_containers(PodTemplate& pod, Drops& drops) {
  const auto stays = [](const Container& c) { return c.sidecar; };
  drops.drop(Feature::sidecar_containers, "restartPolicy", any(pod.init_containers, stays),
             [&](std::string& names) { names = take_of(pod, stays, [](Container& c) { c.sidecar = false; }); });
  const auto either = [&](auto&& test) { return any(pod.containers, test) || any(pod.init_containers, test); };
  const auto sleeps = [](const Container& c) { return c.sleep_action; };
  drops.drop(Feature::pod_lifecycle_sleep_action, "preStop.sleep", either(sleeps), [&](std::string& names) {
    names = take_of(pod, sleeps, [](Container& c) {
      c.sleep_action = c.has_pre_stop = false;
      c.pre_stop_sleep = {};
    });
  });
  const auto asks = [](const std::optional<Probe>& p) { return p && p->grpc; };
  const auto asks_any = [&](const Container& c) { return asks(c.readiness) || asks(c.liveness) || asks(c.startup); };
  drops.drop(Feature::grpc_container_probe, "the grpc probe", either(asks_any), [&](std::string& names) {
    names = take_of(pod, asks_any, [&](Container& c) {
      for (std::optional<Probe>* probe : {&c.readiness, &c.liveness, &c.startup}) {
        if (asks(*probe)) probe->reset();
      }
    });
  });
  const auto grants = [](const std::optional<Probe>& p) { return p && p->termination_grace; };
  const auto grants_any = [&](const Container& c) { return grants(c.liveness) || grants(c.startup); };
  drops.drop(Feature::probe_termination_grace_period, "terminationGracePeriodSeconds of a probe", either(grants_any),
             [&](std::string& names) {
               names = take_of(pod, grants_any, [&](Container& c) {
                 for (std::optional<Probe>* probe : {&c.liveness, &c.startup}) {
                   if (*probe) (*probe)->termination_grace.reset();
                 }
               });
             });
}

/// The claims that the pods mount, or that are made for them.
template <class Use>
void each_claim(ManifestPod& pod, Use&& use) {
  Workload& w = pod.workload;
  for (VolumeClaim& claim : w.claims) use(claim);
  for (Volume& v : w.pod.volumes) {
    if (v.kind == Volume::Kind::ephemeral) use(v.made);
    if (v.kind != Volume::Kind::claim) continue;
    for (VolumeClaim& claim : pod.claims) {
      if (claim.name == v.claim && claim.namespace_name == w.namespace_name) use(claim);
    }
  }
}

void drop_of_claims(ManifestPod& pod, Drops& drops) {
  bool exclusive = false;
  each_claim(pod, [&](const VolumeClaim& claim) { exclusive = exclusive || claim.once_pod; });
  drops.drop(Feature::read_write_once_pod, "the access mode ReadWriteOncePod", exclusive,
             [&](std::string&) { each_claim(pod, [](VolumeClaim& claim) { claim.once_pod = false; }); });
}

void drop_of_job(JobFields& job, Drops& drops) {
  drops.drop(Feature::job_pod_failure_policy, "podFailurePolicy", !job.failure_rules.empty(),
             [&](std::string&) { job.failure_rules.clear(); });
  const auto of_index = [](const PodFailureRule& r) { return r.action == PodFailureAction::fail_index; };
  drops.drop(Feature::job_backoff_limit_per_index, "the action FailIndex", any(job.failure_rules, of_index),
             [&](std::string&) { std::erase_if(job.failure_rules, of_index); });
  drops.drop(Feature::job_success_policy, "successPolicy", !job.success_rules.empty(),
             [&](std::string&) { job.success_rules.clear(); });
  drops.drop(Feature::job_managed_by, "managedBy", !job.managed_by.empty(),
             [&](std::string&) { job.managed_by.clear(); });
}

}  // namespace

/// The scheduler looks at the host ports of sidecars. SOURCE: kubernetes/kubernetes pull request 132040 (NodePorts).
constexpr int kSidecarPortsSince = 34;

std::span<const FeatureGate> feature_gates() { return kGates; }

const FeatureGate& gate_of(Feature feature) { return kGates[static_cast<std::size_t>(feature)]; }

bool is_on(Feature feature, int minor) { return minor >= gate_of(feature).on_since; }

std::vector<DroppedField> drop_disabled_fields(ManifestPod& pod, int minor) {
  Drops drops(minor);
  Workload& w = pod.workload;
  drop_of_spread(w.pod, drops);
  drop_of_affinity(w.pod, drops);
  drops.drop(Feature::pod_scheduling_readiness, "schedulingGates", w.pod.scheduling_gates > 0,
             [&](std::string&) { w.pod.scheduling_gates = 0; });
  drop_of_containers(w.pod, drops);
  if (minor < kSidecarPortsSince) {
    for (Container& c : w.pod.init_containers) {
      for (ContainerPort& p : c.ports) p.host_port = 0;
    }
  }
  drops.drop(Feature::pod_level_resources, "spec.resources", sizes_pod(w.pod.requests) || sizes_pod(w.pod.limits),
             [&](std::string&) { w.pod.requests = w.pod.limits = {}; });
  const bool stateful = w.kind == WorkloadKind::stateful_set;
  drops.drop(Feature::stateful_set_min_ready_seconds, "minReadySeconds", stateful && w.min_ready.count() > 0,
             [&](std::string&) { w.min_ready = {}; });
  drops.drop(Feature::stateful_set_auto_delete_pvc, "persistentVolumeClaimRetentionPolicy",
             w.claims_deleted_when_scaled, [&](std::string&) { w.claims_deleted_when_scaled = false; });
  drops.drop(Feature::max_unavailable_stateful_set, "maxUnavailable",
             stateful && w.max_unavailable != IntOrPercent{1, false}, [&](std::string&) {
               w.max_unavailable = {1, false};
             });
  drop_of_claims(pod, drops);
  const auto lenient = [](const SelectingBudget& b) { return b.spec.unready_always_allowed; };
  drops.drop(Feature::pdb_unhealthy_pod_eviction_policy, "unhealthyPodEvictionPolicy", any(pod.budgets, lenient),
             [&](std::string&) {
               for (SelectingBudget& b : pod.budgets) b.spec.unready_always_allowed = false;
             });
  if (w.job) drop_of_job(*w.job, drops);
  return drops.take();
}

std::vector<DroppedField> drop_disabled_fields(KubernetesJob& job, int minor) {
  Drops drops(minor);
  drops.drop(Feature::indexed_job, "completionMode", job.indexed, [&](std::string&) { job.indexed = false; });
  drops.drop(Feature::suspend_job, "suspend", job.suspend, [&](std::string&) { job.suspend = false; });
  drops.drop(Feature::job_backoff_limit_per_index, "backoffLimitPerIndex", job.backoff_limit_per_index.has_value(),
             [&](std::string&) {
               job.backoff_limit_per_index.reset();
               if (job.backoff_limit == kNoLimit) job.backoff_limit = kUsualBackoffLimit;
             });
  drops.drop(Feature::job_backoff_limit_per_index, "maxFailedIndexes", job.max_failed_indexes.has_value(),
             [&](std::string&) { job.max_failed_indexes.reset(); });
  drops.drop(Feature::job_pod_replacement_policy, "podReplacementPolicy", job.replace_when_failed,
             [&](std::string&) { job.replace_when_failed = false; });
  return drops.take();
}

std::vector<DroppedField> drop_disabled_fields(KubernetesRollout& rollout, int minor) {
  Drops drops(minor);
  const bool surges = rollout.kind == "DaemonSet" && rollout.max_surge.value > 0;
  drops.drop(Feature::daemon_set_update_surge, "maxSurge", surges, [&](std::string&) {
    rollout.max_surge = {0, false};
    if (rollout.max_unavailable.value == 0) rollout.max_unavailable = {1, false};
  });
  return drops.take();
}

}  // namespace plimsoll::kubernetes::api
