#include "models/kubernetes/kubelet/pod_template.h"

#include "models/kubernetes/api/manifest_reader.h"

namespace plimsoll::kubernetes {

namespace {

ContainerProbe probe_of(const ProbeFacts& facts) {
  return {facts.start, facts.period, facts.failures, facts.successes, facts.stop_grace};
}

/// Without a readiness probe a container is ready when it runs, which the kubelet sees at its next relist (every
/// second), and stays ready. Behind a balancer its target fails the checks of that: two, 15 s apart.
ContainerProbe no_readiness_probe(bool behind_balancer) {
  return {Duration{}, seconds(1), behind_balancer ? 30 : 1'000'000'000, 1};
}

IntOrPercent amount_of(const Amount& a) { return {a.value, a.is_percent}; }

}  // namespace

void fill_template(const WorkloadSpec& spec, plimsoll::PodTemplate& out) {
  for (const ProbeFacts& facts : spec.kubernetes_probes) {
    if (facts.kind == "startup") out.startup = probe_of(facts);
    if (facts.kind == "readiness") out.readiness = probe_of(facts);
    if (facts.kind == "liveness") out.liveness = probe_of(facts);
  }
  if (!out.readiness && dynamic_cast<const api::ManifestPod*>(spec.kubernetes_pod.get()) != nullptr)
    out.readiness = no_readiness_probe(spec.entry);
  out.pre_stop = spec.pre_stop;
  out.stop_grace = spec.kubernetes_stop_grace;
}

bool is_target_health(std::string_view gate) {
  return gate.starts_with("target-health.elbv2.k8s.aws") || gate.starts_with("target-health.alb.ingress.k8s.aws");
}

DeploymentStrategy deployment_strategy(const KubernetesRollout& rollout) {
  DeploymentStrategy s;
  s.recreate = rollout.recreate;
  s.max_surge = amount_of(rollout.max_surge);
  s.max_unavailable = amount_of(rollout.max_unavailable);
  s.min_ready = rollout.min_ready;
  s.progress_deadline = rollout.progress_deadline;
  if (rollout.kind == "ReplicaSet") s.owner = PodOwner::replica_set;
  if (rollout.kind == "Pod") s.owner = PodOwner::none;
  return s;
}

DeploymentStrategy deployment_strategy(const WorkloadSpec& spec) {
  DeploymentStrategy s = deployment_strategy(spec.kubernetes_rollout);
  const auto* file = dynamic_cast<const api::ManifestPod*>(spec.kubernetes_pod.get());
  s.paused = file != nullptr && file->workload.paused;
  return s;
}

StatefulSetStrategy stateful_set_strategy(const KubernetesRollout& rollout) {
  StatefulSetStrategy s;
  s.parallel = rollout.parallel;
  s.partition = rollout.partition;
  s.on_delete = rollout.on_delete;
  s.min_ready = rollout.min_ready;
  return s;
}

DaemonSetStrategy daemon_set_strategy(const KubernetesRollout& rollout) {
  return {rollout.on_delete, amount_of(rollout.max_surge), amount_of(rollout.max_unavailable), rollout.min_ready};
}

}  // namespace plimsoll::kubernetes
