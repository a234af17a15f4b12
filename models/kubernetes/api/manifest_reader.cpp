#include "models/kubernetes/api/manifest_reader.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "models/kubernetes/admission/limit_ranger.h"
#include "models/kubernetes/api/admission.h"
#include "models/kubernetes/api/ingress_class.h"
#include "models/kubernetes/api/pod_checks.h"
#include "models/kubernetes/api/runtime_class_reader.h"
#include "models/kubernetes/api/service_accounts.h"
#include "models/kubernetes/api/service_routes.h"
#include "models/kubernetes/api/target_ports.h"
#include "models/kubernetes/api/volume_claim_reader.h"
#include "models/kubernetes/api/workload_checks.h"
#include "models/kubernetes/api/yaml_booleans.h"
#include "sim/document/object_list.h"

namespace plimsoll::kubernetes::api {

namespace {

ContainerFacts facts_of(const Container& c, bool init) {
  ContainerFacts f;
  f.name = c.name;
  f.image = c.image;
  f.cpu_request = c.requests.cpu;
  f.cpu_limit = c.limits.cpu;
  f.memory_request = c.requests.memory;
  f.memory_limit = c.limits.memory;
  f.init = init && !c.sidecar;
  const auto add = [&](const char* kind, const std::optional<Probe>& probe) {
    if (probe)
      f.probes.push_back({kind, probe->initial_delay, probe->period, probe->timeout, probe->failure_threshold,
                          probe->success_threshold, probe->termination_grace});
  };
  add("startup", c.startup);
  add("readiness", c.readiness);
  add("liveness", c.liveness);
  return f;
}

Amount amount_of(const IntOrPercent& v) { return {v.value, v.is_percent}; }

KubernetesRollout rollout_of(const Workload& w) {
  KubernetesRollout r;
  r.kind = std::string(kind_text(w.kind));
  r.recreate = w.update == Workload::Update::recreate;
  r.max_surge = amount_of(w.max_surge);
  r.max_unavailable = amount_of(w.max_unavailable);
  r.min_ready = w.min_ready;
  r.progress_deadline = w.progress_deadline;
  r.parallel = w.parallel_management;
  r.partition = w.partition;
  r.on_delete = w.update == Workload::Update::on_delete;
  return r;
}

plimsoll::JobSpec job_of(const Workload& w) {
  plimsoll::JobSpec out;
  out.parallelism = w.job->parallelism;
  out.completions = w.job->completions;
  KubernetesJob& job = out.kubernetes_job;
  job.backoff_limit = w.job->backoff_limit;
  job.backoff_limit_per_index = w.job->backoff_limit_per_index;
  job.max_failed_indexes = w.job->max_failed_indexes;
  job.replace_when_failed = w.job->replace_when_failed;
  job.active_deadline = w.job->active_deadline;
  job.ttl_after_finished = w.job->ttl_after_finished;
  job.indexed = w.job->indexed;
  job.suspend = w.job->suspend;
  job.restart_on_failure = w.pod.restart == RestartPolicy::on_failure;
  if (!w.cron) return out;
  out.schedule = w.cron->schedule;
  if (!w.cron->time_zone.empty()) out.zone = w.cron->time_zone;
  job.starting_deadline = w.cron->starting_deadline;
  job.schedule_suspended = w.cron->suspend;
  using Concurrency = KubernetesJob::Concurrency;
  job.concurrency = w.cron->concurrency == ConcurrencyPolicy::forbid    ? Concurrency::forbid
                    : w.cron->concurrency == ConcurrencyPolicy::replace ? Concurrency::replace
                                                                        : Concurrency::allow;
  job.successful_history = w.cron->successful_history;
  job.failed_history = w.cron->failed_history;
  return out;
}

bool is_percentage(const DisruptionBudget& b) {
  return (b.max_unavailable && b.max_unavailable->is_percent) || (b.min_available && b.min_available->is_percent);
}

/// What a budget lets go of so many replicas, as a share of them.
std::optional<Ppm> share_of(const DisruptionBudget& b, std::int64_t replicas) {
  if (b.max_unavailable && b.max_unavailable->is_percent) return percent(b.max_unavailable->value);
  if (b.min_available && b.min_available->is_percent) return percent(100 - b.min_available->value);
  const std::int64_t of = std::max<std::int64_t>(replicas, 1);
  if (b.max_unavailable) return Ppm{b.max_unavailable->of_ceil(of) * 1'000'000 / of};
  if (b.min_available) return Ppm{std::max<std::int64_t>(0, of - b.min_available->of_ceil(of)) * 1'000'000 / of};
  return std::nullopt;
}

bool selects(const Selector& selector, const TextMap& labels) {
  return !selector.expressions.empty() && matches(selector, labels);
}

/// Whether a budget speaks of the workload's pods. Of policy/v1 the empty selector means all of its namespace.
bool selects(const DisruptionBudget& b, const Workload& w) {
  if (b.namespace_name != w.namespace_name) return false;
  if (b.selector.present && b.selector.expressions.empty()) return b.empty_selects_all;
  return selects(b.selector, w.pod.labels);
}

bool spreads_zones(const PodTemplate& pod) {
  const auto zone = [](const std::string& key) {
    return key == "topology.kubernetes.io/zone" || key == "failure-domain.beta.kubernetes.io/zone";
  };
  return std::any_of(pod.spread.begin(), pod.spread.end(),
                     [&](const SpreadConstraint& c) { return zone(c.topology_key); }) ||
         std::any_of(pod.anti_required.begin(), pod.anti_required.end(),
                     [&](const PodTerm& t) { return zone(t.topology_key); }) ||
         std::any_of(pod.anti_preferred.begin(), pod.anti_preferred.end(),
                     [&](const WeightedPodTerm& t) { return zone(t.term.topology_key); });
}

TextMap equalities(const Selector& selector) {
  TextMap out;
  for (const MatchExpression& e : selector.expressions) {
    if (e.op == SelectorOp::in && e.values.size() == 1) out.emplace_back(e.key, e.values[0]);
  }
  return out;
}

/// The balancer that a Service has by its type, into `list`.
void add_own_balancer(const Service& service, std::vector<std::string>& list, ManifestPod& pod) {
  const std::string& of = service.load_balancer_class;
  const bool by_class = of == "service.k8s.aws/nlb" || of == "eks.amazonaws.com/nlb";
  if (!has_own_balancer(service)) return;
  const bool by_type =
      service.balancer_type == "nlb" || service.balancer_type == "nlb-ip" || service.balancer_type == "external";
  list.push_back(service.namespace_name + "/" + service.name);
  if (!by_class && !by_type) pod.unclassed_balancers.push_back(list.back());
  if (service.scheme == "internal") pod.internal_balancers.push_back(list.back());
}

/// The balancers that a Service gets by its type and its Ingresses. SOURCE: AWS Load Balancer Controller, "Ingress
/// annotations" (group.name: all Ingresses of a group are one Application Load Balancer, each other has its own) and
/// "Network Load Balancer" (one for each Service of type LoadBalancer, by its class, its annotation or neither); a
/// Service of another class is some other controller's.
void add_balancers(const Service& service, const Objects& objects, ManifestPod& pod) {
  add_own_balancer(service, pod.service_balancers, pod);
  for (const Ingress& i : objects.ingresses) {
    if (i.namespace_name != service.namespace_name) continue;
    if (std::find(i.services.begin(), i.services.end(), service.name) == i.services.end()) continue;
    if (!why_refused(i, objects).empty()) {
      pod.refused_balancers.push_back(balancer_of(i));
      continue;
    }
    pod.ingress_balancers.push_back(balancer_of(i));
    // internal is the default; of a group one member says it for all.
    const bool facing = i.scheme == "internet-facing" ||
                        std::any_of(objects.ingresses.begin(), objects.ingresses.end(), [&](const Ingress& other) {
                          return !i.group.empty() && other.group == i.group && other.scheme == "internet-facing";
                        });
    if (!facing) pod.internal_balancers.push_back(pod.ingress_balancers.back());
  }
}

/// An extended resource of the pod: what its containers and sidecars take together, or an init container with the
/// sidecars before it, whichever is more. SOURCE: Kubernetes, "Resource sharing within containers".
std::int64_t extended_amount(const PodTemplate& pod, const std::string& resource) {
  const auto of = [&](const Container& c) -> std::int64_t {
    for (const auto& [name, amount] : c.requests.extended) {
      if (name == resource) return amount;
    }
    return 0;
  };
  std::int64_t sidecars = 0, peak = 0, stays = 0;
  for (const Container& c : pod.init_containers) {
    peak = std::max(peak, sidecars + of(c));
    if (c.sidecar) sidecars += of(c);
  }
  for (const Container& c : pod.containers) stays += of(c);
  return std::max(peak, sidecars + stays);
}

MachineNeeds needs_of(const PodTemplate& pod) {
  MachineNeeds out;
  std::vector<std::string> names;
  for (const std::vector<Container>* list : {&pod.containers, &pod.init_containers}) {
    for (const Container& c : *list) {
      for (const auto& [name, amount] : c.requests.extended) {
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
      }
    }
  }
  for (const std::string& name : names) {
    const std::int64_t amount = extended_amount(pod, name);
    if (name == "nvidia.com/gpu") {
      out.gpus = amount;
    } else if (amount > 0) {
      out.others.emplace_back(name, amount);
    }
  }
  for (const auto& [key, value] : pod.node_selector)
    out.windows = out.windows || (key == "kubernetes.io/os" && value == "windows");
  return out;
}

/// Every claim that will exist: those of the files, and those that StatefulSets make for their pods (without a size:
/// they are provisioned and paid for as the set's own).
std::vector<VolumeClaim> claims_of(const Objects& objects) {
  std::vector<VolumeClaim> out = objects.claims;
  for (const Workload& w : objects.workloads) {
    for (const VolumeClaim& made : w.claims) {
      for (std::int64_t i = 0; i < w.replicas && i < 1'000; ++i) {
        VolumeClaim claim = made;
        claim.name += "-" + w.name + "-" + std::to_string(i);
        claim.namespace_name = w.namespace_name;
        claim.size = Bytes{};
        out.push_back(std::move(claim));
      }
    }
  }
  return out;
}

/// Warns of claims that do not exist, whose pods will wait, and of those that are no EBS volumes.
void check_claims(document::Diagnostics& diagnostics, const Objects& objects) {
  const std::vector<VolumeClaim> claims = claims_of(objects);
  for (const Workload& w : objects.workloads) {
    const std::string what = std::string(kind_text(w.kind)) + " '" + w.name + "'";
    const auto check_own = [&](const VolumeClaim& made, const std::string& name) {
      if (!is_block_volume(made, objects.storage_classes))
        diagnostics.warning(w.mark, "the volumes '" + name + "' of " + what +
                                        " are no EBS volumes: they bind to no zone, and are not on the bill");
    };
    for (const VolumeClaim& made : w.claims) check_own(made, made.name);
    for (const Volume& v : w.pod.volumes) {
      if (v.kind == Volume::Kind::ephemeral) check_own(v.made, v.name);
      if (v.kind != Volume::Kind::claim) continue;
      const VolumeClaim* claim = find_claim(claims, w.namespace_name, v.claim);
      if (claim == nullptr) {
        diagnostics.warning(w.mark,
                            what + " mounts the claim '" + v.claim +
                                "', which is not among the files: its pods will wait (persistentvolumeclaim \"" +
                                v.claim + "\" not found)",
                            "add the file of the PersistentVolumeClaim");
      } else if (!is_block_volume(*claim, objects.storage_classes)) {
        diagnostics.warning(w.mark, "the claim '" + v.claim + "' of " + what +
                                        " is no EBS volume: it binds to no zone, and is not on the bill");
      }
    }
  }
}

/// Whether the target that the files do not have would be theirs: a workload of this name is among them.
bool names_workload(const Objects& objects, const HorizontalPodAutoscaler& h) {
  return std::any_of(objects.workloads.begin(), objects.workloads.end(),
                     [&](const Workload& w) { return w.name == h.target_name; });
}

/// SOURCE: pkg/controller/podautoscaler/horizontal.go reconcileAutoscaler: a scaleTargetRef is looked up by group, kind
/// and name in the autoscaler's own namespace; without a scale subresource of it the event is FailedGetScale.
void check_targets(document::Diagnostics& diagnostics, const Objects& objects) {
  for (const HorizontalPodAutoscaler& h : objects.autoscalers) {
    if (objects.target_of(h) != nullptr || !names_workload(objects, h)) continue;
    const Workload* there = nullptr;
    for (const Workload& w : objects.workloads) {
      if (w.name == h.target_name && there == nullptr) there = &w;
    }
    const std::string has = std::string(kind_text(there->kind)) + " of the namespace '" + there->namespace_name + "'";
    const bool of_kind = kind_text(there->kind) == h.target_kind && there->namespace_name == h.namespace_name;
    diagnostics.warning(h.mark,
                        "HorizontalPodAutoscaler '" + h.name + "' scales nothing (FailedGetScale): " +
                            (of_kind ? "a " + h.target_kind + " has no scale subresource"
                                     : "no " + h.target_kind + " '" + h.target_name + "' is in the namespace '" +
                                           h.namespace_name + "'; the files have a " + has),
                        of_kind ? "" : "correct scaleTargetRef or metadata.namespace", "spec.scaleTargetRef");
  }
}

/// Two workloads of one kind, namespace and name are one object, applied twice: kubectl apply ends with the last.
void keep_last(document::Diagnostics& diagnostics, std::vector<Workload>& workloads) {
  const auto same = [](const Workload& a, const Workload& b) {
    return a.kind == b.kind && a.namespace_name == b.namespace_name && a.name == b.name;
  };
  std::vector<Workload> kept;
  for (std::size_t i = 0; i < workloads.size(); ++i) {
    const auto later = std::find_if(workloads.begin() + static_cast<std::ptrdiff_t>(i) + 1, workloads.end(),
                                    [&](const Workload& w) { return same(workloads[i], w); });
    if (later == workloads.end()) {
      kept.push_back(workloads[i]);
    } else {
      diagnostics.warning(workloads[i].mark, std::string(kind_text(workloads[i].kind)) + " '" + workloads[i].name +
                                                 "' stands again at " + to_string(later->mark) +
                                                 ": that one counts, as with kubectl apply");
    }
  }
  workloads = std::move(kept);
}

}  // namespace

PodSize pod_size(const PodTemplate& pod) {
  PodSize size;
  size.cpu_limit = Cpu{};
  size.memory_limit = Bytes{};
  const auto add = [&](const Container& c) {
    size.cpu += c.requests.cpu.value_or(Cpu{});
    size.memory += c.requests.memory.value_or(Bytes{});
    if (!c.limits.cpu) size.cpu_limit.reset();
    if (!c.limits.memory) size.memory_limit.reset();
    if (size.cpu_limit) *size.cpu_limit += *c.limits.cpu;
    if (size.memory_limit) *size.memory_limit += *c.limits.memory;
  };
  for (const Container& c : pod.containers) add(c);
  for (const Container& c : pod.init_containers) {
    if (c.sidecar) add(c);
  }
  // What is said of the pod as a whole stands for its containers.
  size.cpu = pod.requests.cpu.value_or(size.cpu);
  size.memory = pod.requests.memory.value_or(size.memory);
  if (pod.limits.cpu) size.cpu_limit = pod.limits.cpu;
  if (pod.limits.memory) size.memory_limit = pod.limits.memory;
  return size;
}

std::vector<ManifestFacts> to_facts(const Objects& objects, const std::vector<PersistentVolume>& volumes) {
  std::vector<ManifestFacts> out;
  for (const Workload& w : objects.workloads) {
    ManifestFacts f;
    f.kind = std::string(kind_text(w.kind));
    f.name = w.name;
    f.namespace_name = w.namespace_name;
    f.file = w.mark.path();
    f.size = pod_size(w.pod);
    // The main container first: its image stands for the workload.
    for (const Container& c : w.pod.containers) f.containers.push_back(facts_of(c, false));
    for (const Container& c : w.pod.init_containers) f.containers.push_back(facts_of(c, true));
    if (w.kind != WorkloadKind::daemon_set && !w.job) f.replicas = w.replicas;
    f.stop_grace = w.pod.termination_grace;
    if (!w.pod.containers.empty() && w.pod.containers[0].has_pre_stop) f.pre_stop = w.pod.containers[0].pre_stop_sleep;
    if (w.job) {
      f.job = job_of(w);
    } else {
      f.kubernetes_rollout = rollout_of(w);
    }
    f.spread_zones = spreads_zones(w.pod);
    auto pod = std::make_shared<ManifestPod>();
    pod->workload = w;
    pod->needs = needs_of(w.pod);
    pod->classes = objects.priority_classes;
    pod->claims = claims_of(objects);
    pod->storage_classes = objects.storage_classes;
    pod->volumes = volumes;
    for (const Service& s : objects.services) {
      if (!is_endpoint(s, w)) continue;
      pod->services.push_back(s);
      add_balancers(s, objects, *pod);
      const bool led_to = std::any_of(objects.ingresses.begin(), objects.ingresses.end(), [&](const Ingress& i) {
        return std::find(i.services.begin(), i.services.end(), s.name) != i.services.end();
      });
      f.behind_balancer = f.behind_balancer || s.load_balancer || led_to;
    }
    find_ways(w, objects, *pod);
    for (const Service& s : objects.services) {
      if (!leads_to_pods(s, objects)) add_own_balancer(s, pod->unselected_balancers, *pod);
    }
    for (const DisruptionBudget& b : objects.budgets) {
      if (!selects(b, w)) continue;
      pod->budgets.push_back({b.name, b.namespace_name, b.selector,
                              DisruptionBudgetSpec{b.min_available, b.max_unavailable, b.unready_always_allowed}});
    }
    f.pod = std::move(pod);
    out.push_back(std::move(f));
  }
  for (const HorizontalPodAutoscaler& h : objects.autoscalers) {
    const Workload* target = objects.target_of(h);
    if (target == nullptr && names_workload(objects, h)) continue;
    ManifestFacts f;
    f.kind = "HorizontalPodAutoscaler";
    f.name = h.target_name;
    f.namespace_name = target != nullptr ? target->namespace_name : h.namespace_name;
    f.file = h.mark.path();
    f.scale_minimum = h.min;
    f.scale_maximum = h.max;
    f.scaling = h.node;
    for (const MetricSpec& m : h.metrics) {
      if (m.kind != MetricKind::resource || m.target.type != MetricTarget::Type::utilization) continue;
      if (m.name == "cpu") f.scale_cpu = percent(m.target.amount);
      if (m.name == "memory") f.scale_memory = percent(m.target.amount);
    }
    out.push_back(std::move(f));
  }
  for (const Service& s : objects.services) {
    if (leads_to_pods(s, objects) || !s.load_balancer || s.selector.empty()) continue;
    const bool has_namesake = std::any_of(objects.workloads.begin(), objects.workloads.end(), [&](const Workload& w) {
      return w.name == s.name && w.namespace_name == s.namespace_name;
    });
    if (has_namesake) continue;  // that is whom it fails to lead to
    ManifestFacts f;
    f.kind = "Service";
    f.name = application_of(s.selector, s.name);
    f.namespace_name = s.namespace_name;
    f.behind_balancer = true;
    out.push_back(std::move(f));
  }
  for (const Ingress& i : objects.ingresses) {
    for (const std::string& service : i.services) {
      const bool known = std::any_of(objects.services.begin(), objects.services.end(),
                                     [&](const Service& s) { return s.name == service; });
      if (known) continue;
      ManifestFacts f;
      f.kind = "Ingress";
      f.name = service;
      f.namespace_name = i.namespace_name;
      f.behind_balancer = true;
      out.push_back(std::move(f));
    }
  }
  for (const DisruptionBudget& b : objects.budgets) {
    ManifestFacts f;
    f.kind = "PodDisruptionBudget";
    f.name = application_of(equalities(b.selector), b.name);
    f.namespace_name = b.namespace_name;
    f.file = b.mark.path();
    for (const Workload& w : objects.workloads) {
      if (!selects(b, w)) continue;
      f.name = w.name;
      f.max_unavailable = share_of(b, w.replicas);
    }
    if (!f.max_unavailable && is_percentage(b)) f.max_unavailable = share_of(b, 1);
    out.push_back(std::move(f));
  }
  return out;
}

void ObjectReader::read(const document::Node& document, const document::Reader& reader,
                        std::vector<ManifestFacts>& out) const {
  read_all({document}, reader, out);
}

void ObjectReader::read_all(const std::vector<document::Node>& given, const document::Reader& reader,
                            std::vector<ManifestFacts>& out) const {
  const std::vector<document::Node> documents = with_yaml_booleans(document::without_lists(given));
  if (documents.empty()) return;
  Objects objects;
  for (const document::Node& document : documents) read_object(document, *reader.diagnostics, objects);
  keep_last(*reader.diagnostics, objects.workloads);
  keep_managed_ingresses(objects, *reader.diagnostics);
  check_claims(*reader.diagnostics, objects);
  check_targets(*reader.diagnostics, objects);
  check_routes(*reader.diagnostics, objects);
  check_target_ports(*reader.diagnostics, documents, objects);
  check_service_accounts(*reader.diagnostics, objects);
  AdmissionObjects admission;
  for (const document::Node& node : objects.admission) read_admission(node, *reader.diagnostics, admission);
  check_priorities(objects, documents, *reader.diagnostics);
  check_budgets(objects, *reader.diagnostics);
  apply_runtime_classes(objects.runtime_classes, *reader.diagnostics, objects.workloads);
  for (Workload& w : objects.workloads) apply_defaults(admission.ranges, w.namespace_name, w.pod);
  check_object_counts(objects, admission, *reader.diagnostics);
  for (const PriorityClass& c : objects.priority_classes) {
    const bool used =
        c.global_default || std::any_of(objects.workloads.begin(), objects.workloads.end(),
                                        [&](const Workload& w) { return w.pod.priority_class == c.name; });
    if (!used)
      reader.diagnostics->warning(documents.front(),
                                  "PriorityClass '" + c.name + "' is the class of no pod among the files");
  }
  std::vector<PersistentVolume> volumes;
  for (const document::Node& document : documents) {
    if (is_persistent_volume(document)) volumes.push_back(read_persistent_volume(document, *reader.diagnostics));
  }
  for (ManifestFacts& f : to_facts(objects, volumes)) out.push_back(std::move(f));
  for (const document::Node& node : objects.admission) {
    ManifestFacts f;
    f.kind = node.find("kind")->text();
    f.file = node.mark().path();
    f.admission = node;
    out.push_back(std::move(f));
  }
}

std::unique_ptr<ManifestReader> kubernetes_manifest_reader() { return std::make_unique<ObjectReader>(); }

}  // namespace plimsoll::kubernetes::api
