#include "models/kubernetes/api/objects.h"

#include <algorithm>

#include "models/kubernetes/api/admission.h"
#include "models/kubernetes/api/autoscaler.h"
#include "models/kubernetes/api/ingress_class.h"
#include "models/kubernetes/api/job_reader.h"
#include "models/kubernetes/api/kind_hint.h"
#include "models/kubernetes/api/name_rules.h"
#include "models/kubernetes/api/persistent_volume_reader.h"
#include "models/kubernetes/api/pod_template.h"
#include "models/kubernetes/api/runtime_class_reader.h"
#include "models/kubernetes/api/service_checks.h"
#include "models/kubernetes/api/volume_claim_reader.h"
#include "models/kubernetes/api/workload_checks.h"
#include "sim/core/text.h"
#include "sim/core/time_zone.h"
#include "sim/document/object_list.h"

namespace plimsoll::kubernetes::api {

using document::Diagnostics;
using document::Node;

std::string_view kind_text(WorkloadKind kind) {
  switch (kind) {
    case WorkloadKind::deployment:
      return "Deployment";
    case WorkloadKind::replica_set:
      return "ReplicaSet";
    case WorkloadKind::stateful_set:
      return "StatefulSet";
    case WorkloadKind::daemon_set:
      return "DaemonSet";
    case WorkloadKind::job:
      return "Job";
    case WorkloadKind::cron_job:
      return "CronJob";
    case WorkloadKind::pod:
      return "Pod";
  }
  return "";
}

bool is_target(const Workload& workload, std::string_view kind, std::string_view name, std::string_view namespace_name,
               bool namespace_said) {
  if (kind_text(workload.kind) != kind || workload.name != name) return false;
  return workload.namespace_name == namespace_name || !namespace_said || !workload.namespace_said;
}

const Workload* Objects::target_of(const HorizontalPodAutoscaler& autoscaler) const {
  const Workload* found = nullptr;
  for (const Workload& w : workloads) {
    using Kind = WorkloadKind;
    if (w.kind != Kind::deployment && w.kind != Kind::replica_set && w.kind != Kind::stateful_set) continue;
    if (!is_target(w, autoscaler.target_kind, autoscaler.target_name, autoscaler.namespace_name,
                   autoscaler.namespace_said))
      continue;
    if (w.namespace_name == autoscaler.namespace_name) return &w;
    if (found == nullptr) found = &w;
  }
  return found;
}

namespace {

struct Metadata {
  std::string name, namespace_name = "default";
  bool namespace_said = false;
  TextMap labels, annotations;
};

enum class NameRule : std::uint8_t { subdomain, label, service, job, cron_job };

void check_name(Object& meta, const std::string& name, NameRule rule) {
  const std::string fault = rule == NameRule::label      ? label_name_fault(name)
                            : rule == NameRule::service  ? service_name_fault(name)
                            : rule == NameRule::cron_job ? subdomain_name_fault(name, 52)
                            : rule == NameRule::job      ? subdomain_name_fault(name, 63)  // it is a label's value
                                                         : subdomain_name_fault(name);
  if (!fault.empty()) meta.error("name", fault);
}

Metadata read_metadata(Object& o, NameRule rule = NameRule::subdomain) {
  Metadata m;
  const Node* node = o.get("metadata");
  if (node == nullptr) {
    o.error("metadata", "Required value");
    return m;
  }
  Object meta(*node, o.diagnostics(), o.path_of("metadata"));
  meta.allow_unknown();
  m.name = meta.text_or("name", "");
  if (!m.name.empty()) check_name(meta, m.name, rule);
  if (m.name.empty()) m.name = meta.text_or("generateName", "");
  if (m.name.empty()) meta.error("name", "Required value: name or generateName is required");
  m.namespace_said = meta.has("namespace");
  m.namespace_name = meta.text_or("namespace", "default");
  if (const std::string fault = label_name_fault(m.namespace_name); !fault.empty()) meta.error("namespace", fault);
  m.labels = meta.map("labels");
  check_labels(meta);
  m.annotations = meta.map("annotations");
  return m;
}

std::string annotation(const Metadata& m, std::string_view key) {
  for (const auto& [k, v] : m.annotations) {
    if (k == key) return v;
  }
  return {};
}

void check_restart(Object& spec, const Workload& w) {
  const bool job = w.kind == WorkloadKind::job || w.kind == WorkloadKind::cron_job;
  const Node* node = spec.node().find("template");
  const Node* body = node == nullptr ? nullptr : node->find("spec");
  const Node* policy = body == nullptr ? nullptr : body->find("restartPolicy");
  const Node& at = policy != nullptr ? *policy : body != nullptr ? *body : spec.node();
  const std::string path = spec.path_of("template") + ".spec.restartPolicy";
  if (job && w.pod.restart == RestartPolicy::always) {
    spec.diagnostics().error(at,
                             policy == nullptr ? "Required value: valid values: \"OnFailure\", \"Never\""
                                               : "Unsupported value: \"Always\": supported values: \"OnFailure\", "
                                                 "\"Never\"",
                             {}, path);
  }
  if (!job && w.kind != WorkloadKind::pod && w.pod.restart != RestartPolicy::always) {
    spec.diagnostics().error(at,
                             "Unsupported value: \"" + std::string(policy == nullptr ? "" : policy->text()) +
                                 "\": supported values: \"Always\"",
                             {}, path);
  }
}

/// SOURCE: pkg/apis/apps/validation (ValidatePodTemplateSpecForReplicaSet, ForStatefulSet, ValidateDaemonSetSpec).
void check_deadline(Object& spec, const Workload& w) {
  if (!w.pod.has_deadline) return;
  const Node& at = *spec.node().find("template")->find("spec")->find("activeDeadlineSeconds");
  const std::string path = spec.path_of("template") + ".spec.activeDeadlineSeconds";
  if (w.kind == WorkloadKind::job || w.kind == WorkloadKind::cron_job) return;
  const std::string kind(kind_text(w.kind == WorkloadKind::deployment ? WorkloadKind::replica_set : w.kind));
  spec.diagnostics().error(at, "Forbidden: activeDeadlineSeconds in " + kind + " is not Supported", {}, path);
}

void read_template(Object& spec, Workload& w) {
  const Node* node = spec.get("template");
  if (node == nullptr) {
    spec.error("template", "Required value");
    return;
  }
  w.pod = read_pod_template(*node, spec.diagnostics(), spec.path_of("template"), w.kind == WorkloadKind::stateful_set);
  check_restart(spec, w);
  check_deadline(spec, w);
}

void read_claims(Object& spec, Workload& w) {
  std::size_t index = 0;
  for (const Node& item : spec.list("volumeClaimTemplates")) {
    Object o(item, spec.diagnostics(), document::join_path(spec.path_of("volumeClaimTemplates"), index++));
    o.ignore({"apiVersion", "kind", "status"});
    const std::string name = read_metadata(o).name;
    VolumeClaim claim;
    if (const Node* body = o.get("spec")) claim = read_claim_spec(*body, spec.diagnostics(), o.path_of("spec"));
    claim.name = name;
    w.claims.push_back(std::move(claim));
  }
  if (!w.claims.empty()) {
    spec.warning("volumeClaimTemplates", "persistent volumes are bound and paid for on EKS columns only, as EBS gp3");
  }
  if (const Node* node = spec.get("persistentVolumeClaimRetentionPolicy")) {
    Object policy(*node, spec.diagnostics(), spec.path_of("persistentVolumeClaimRetentionPolicy"));
    w.claims_deleted_when_scaled =
        policy.choice_or_unset<bool>("whenScaled", {{"Retain", false}, {"Delete", true}}).value_or(false);
    policy.choice_or_unset<bool>("whenDeleted", {{"Retain", false}, {"Delete", true}});
  }
}

void read_rolling(Object& spec, Workload& w, std::string_view key) {
  const Node* node = spec.get(key);
  if (node == nullptr) return;
  Object o(*node, spec.diagnostics(), spec.path_of(key));
  using Update = Workload::Update;
  w.update =
      w.kind == WorkloadKind::deployment
          ? o.choice_or_unset<Update>("type", {{"RollingUpdate", Update::rolling}, {"Recreate", Update::recreate}})
                .value_or(Update::rolling)
          : o.choice_or_unset<Update>("type", {{"RollingUpdate", Update::rolling}, {"OnDelete", Update::on_delete}})
                .value_or(Update::rolling);
  const Node* rolling = o.get("rollingUpdate");
  if (rolling == nullptr) return;
  if (w.update != Update::rolling) {
    // SOURCE: pkg/apis/apps/validation ValidateDaemonSetUpdateStrategy: of OnDelete nothing more is looked at.
    if (w.kind == WorkloadKind::daemon_set) return;
    o.error("rollingUpdate", "Forbidden: may not be specified when strategy `type` is not RollingUpdate");
    return;
  }
  Object r(*rolling, spec.diagnostics(), o.path_of("rollingUpdate"));
  if (const auto v = read_int_or_percent(r, "maxUnavailable")) w.max_unavailable = *v;
  if (w.kind == WorkloadKind::stateful_set) {
    w.partition = r.integer("partition", 0).value_or(0);
    return;
  }
  if (const auto v = read_int_or_percent(r, "maxSurge")) w.max_surge = *v;
  if (w.max_surge.value == 0 && w.max_unavailable.value == 0) {
    r.error("maxUnavailable", w.kind == WorkloadKind::daemon_set ? "Required value: cannot be 0 when maxSurge is 0"
                                                                 : "Invalid value: may not be 0 when `maxSurge` is 0");
  }
  if (w.kind == WorkloadKind::daemon_set && w.max_surge.value != 0 && w.max_unavailable.value != 0)
    r.error("maxSurge", "Invalid value: may not be set when maxUnavailable is non-zero");
  if (w.max_unavailable.is_percent && w.max_unavailable.value > 100) {
    r.error("maxUnavailable", "Invalid value: must not be greater than 100%");
  }
  // SOURCE: pkg/apis/apps/validation ValidateRollingUpdateDaemonSet.
  if (w.kind == WorkloadKind::daemon_set && w.max_surge.is_percent && w.max_surge.value > 100)
    r.error("maxSurge", "Invalid value: must not be greater than 100%");
}

/// SOURCE: pkg/apis/apps/validation ValidateStatefulSetSpec (ordinals.start, from 1.27 on by default).
void read_ordinals(Object& spec, const std::string& name) {
  const Node* node = spec.get("ordinals");
  if (node == nullptr) return;
  Object ordinals(*node, spec.diagnostics(), spec.path_of("ordinals"));
  const std::int64_t start = ordinals.integer("start", 0).value_or(0);
  if (start == 0) return;
  ordinals.warning("start", "pods and their claims are numbered from 0 here, and a partition counts so: " + name +
                                "-0 stands for " + name + "-" + std::to_string(start));
}

void read_workload(Object& o, WorkloadKind kind, Objects& out) {
  Workload w;
  w.kind = kind;
  w.mark = o.mark();
  Metadata meta = read_metadata(o, kind == WorkloadKind::cron_job ? NameRule::cron_job
                                   : kind == WorkloadKind::job    ? NameRule::job
                                                                  : NameRule::subdomain);
  w.name = std::move(meta.name);
  w.namespace_name = std::move(meta.namespace_name);
  w.namespace_said = meta.namespace_said;
  w.labels = std::move(meta.labels);
  if (kind == WorkloadKind::pod) {
    o.ignore({"spec", "status"});
    w.pod = read_pod_template(o.node(), o.diagnostics(), o.path());
    out.workloads.push_back(std::move(w));
    return;
  }
  const Node* spec_node = o.get("spec");
  if (spec_node == nullptr) {
    o.error("spec", "Required value");
    return;
  }
  Object spec(*spec_node, o.diagnostics(), o.path_of("spec"));
  const bool selects = kind != WorkloadKind::job && kind != WorkloadKind::cron_job;
  if (kind != WorkloadKind::cron_job) read_template(spec, w);
  if (selects) {
    w.selector = read_selector(spec.get("selector"), o.diagnostics(), spec.path_of("selector"));
    check_selector(spec, w);
    w.revision_history = spec.integer("revisionHistoryLimit", 0).value_or(w.revision_history);
    w.min_ready = read_seconds(spec, "minReadySeconds").value_or(Duration{});
  }
  switch (kind) {
    case WorkloadKind::deployment:
      w.replicas = spec.integer("replicas", 0).value_or(1);
      read_rolling(spec, w, "strategy");
      if (const auto deadline = read_seconds(spec, "progressDeadlineSeconds")) w.progress_deadline = *deadline;
      if (w.progress_deadline <= w.min_ready)
        spec.error("progressDeadlineSeconds", "must be greater than minReadySeconds");
      w.paused = spec.boolean("paused").value_or(false);
      break;
    case WorkloadKind::replica_set:
      w.replicas = spec.integer("replicas", 0).value_or(1);
      break;
    case WorkloadKind::stateful_set:
      w.replicas = spec.integer("replicas", 0).value_or(1);
      w.max_unavailable = {1, false};
      read_rolling(spec, w, "updateStrategy");
      w.parallel_management =
          spec.choice_or_unset<bool>("podManagementPolicy", {{"OrderedReady", false}, {"Parallel", true}})
              .value_or(false);
      read_claims(spec, w);
      read_ordinals(spec, w.name);
      spec.ignore({"serviceName"});
      break;
    case WorkloadKind::daemon_set:
      w.replicas = 0;
      w.max_surge = {0, false};
      w.max_unavailable = {1, false};
      read_rolling(spec, w, "updateStrategy");
      break;
    case WorkloadKind::job:
      w.job = read_job_fields(spec, w.pod);
      check_job_selector(spec, w);
      w.replicas = w.job->parallelism;
      break;
    case WorkloadKind::cron_job: {
      CronFields cron;
      cron.schedule = spec.text_or("schedule", "");
      const auto parsed = CronSchedule::parse(cron.schedule, KubernetesVersion::current);
      if (!parsed) spec.error("schedule", "Invalid value: " + parsed.error);
      cron.time_zone = spec.text_or("timeZone", "");
      if (!cron.time_zone.empty() && !TimeZone::find(cron.time_zone))
        spec.error("timeZone", "Invalid value: \"" + cron.time_zone + "\": unknown time zone " + cron.time_zone);
      cron.concurrency =
          spec.choice_or_unset<ConcurrencyPolicy>("concurrencyPolicy", {{"Allow", ConcurrencyPolicy::allow},
                                                                        {"Forbid", ConcurrencyPolicy::forbid},
                                                                        {"Replace", ConcurrencyPolicy::replace}})
              .value_or(ConcurrencyPolicy::allow);
      cron.starting_deadline = read_seconds(spec, "startingDeadlineSeconds");
      cron.suspend = spec.boolean("suspend").value_or(false);
      cron.successful_history = spec.integer("successfulJobsHistoryLimit", 0).value_or(3);
      cron.failed_history = spec.integer("failedJobsHistoryLimit", 0).value_or(1);
      w.cron = std::move(cron);
      if (const Node* job = spec.get("jobTemplate")) {
        Object j(*job, o.diagnostics(), spec.path_of("jobTemplate"));
        j.ignore({"metadata"});
        if (const Node* body = j.get("spec")) {
          Object b(*body, o.diagnostics(), j.path_of("spec"));
          read_template(b, w);
          w.job = read_job_fields(b, w.pod);
        }
      } else {
        spec.error("jobTemplate", "Required value");
      }
      w.replicas = w.job ? w.job->parallelism : 0;
      break;
    }
    case WorkloadKind::pod:
      break;
  }
  out.workloads.push_back(std::move(w));
}

void read_budget(Object& o, std::string_view version, Objects& out) {
  DisruptionBudget b;
  b.empty_selects_all = version == "policy/v1";
  b.mark = o.mark();
  const Metadata meta = read_metadata(o);
  b.name = meta.name;
  b.namespace_name = meta.namespace_name;
  if (const Node* node = o.get("spec")) {
    Object spec(*node, o.diagnostics(), o.path_of("spec"));
    b.selector = read_selector(spec.get("selector"), o.diagnostics(), spec.path_of("selector"));
    b.min_available = read_int_or_percent(spec, "minAvailable");
    b.max_unavailable = read_int_or_percent(spec, "maxUnavailable");
    if (b.min_available && b.max_unavailable) {
      spec.error("maxUnavailable", "Invalid value: minAvailable and maxUnavailable cannot be both set");
    }
    b.unready_always_allowed =
        spec.choice<bool>("unhealthyPodEvictionPolicy", {{"IfHealthyBudget", false}, {"AlwaysAllow", true}})
            .value_or(false);
  }
  out.budgets.push_back(std::move(b));
}

void read_priority_class(Object& o, Objects& out) {
  PriorityClass p;
  p.name = read_metadata(o).name;
  p.value = static_cast<std::int32_t>(o.integer("value", INT32_MIN).value_or(0));
  if (!o.has("value")) o.error("value", "Required value");
  p.global_default = o.boolean("globalDefault").value_or(false);
  p.preempts = o.choice<bool>("preemptionPolicy", {{"PreemptLowerPriority", true}, {"Never", false}}).value_or(true);
  o.ignore({"description"});
  out.priority_classes.push_back(std::move(p));
}

void read_claim(Object& o, Objects& out) {
  const Metadata meta = read_metadata(o);
  const Node* spec = o.get("spec");
  if (spec == nullptr) {
    o.error("spec", "Required value");
    return;
  }
  VolumeClaim claim = read_claim_spec(*spec, o.diagnostics(), o.path_of("spec"));
  claim.name = meta.name;
  claim.namespace_name = meta.namespace_name;
  out.claims.push_back(std::move(claim));
}

void read_service(Object& o, Objects& out) {
  Service s;
  const Metadata meta = read_metadata(o, NameRule::service);
  s.name = meta.name;
  s.namespace_name = meta.namespace_name;
  s.namespace_said = meta.namespace_said;
  s.mark = o.mark();
  s.balancer_type = annotation(meta, "service.beta.kubernetes.io/aws-load-balancer-type");
  s.scheme = annotation(meta, "service.beta.kubernetes.io/aws-load-balancer-scheme");
  if (s.scheme.empty() && annotation(meta, "service.beta.kubernetes.io/aws-load-balancer-internal") == "true")
    s.scheme = "internal";
  if (const Node* node = o.get("spec")) {
    Object spec(*node, o.diagnostics(), o.path_of("spec"));
    spec.allow_unknown();
    s.selector = spec.map("selector");
    s.load_balancer = spec.text_or("type", "ClusterIP") == "LoadBalancer";
    s.load_balancer_class = spec.text_or("loadBalancerClass", "");
    s.headless = spec.text_or("clusterIP", "") == "None";
    s.publish_not_ready = spec.boolean("publishNotReadyAddresses").value_or(false);
    check_service(*node, spec.path(), o.diagnostics());
    for (const Node& item : spec.list("ports")) {
      Object p(item, o.diagnostics(), document::join_path(spec.path_of("ports"), s.ports.size()));
      p.allow_unknown();
      const auto port = p.integer("port", 1, 65535);
      if (!port) continue;
      s.ports.push_back(*port);
      s.port_names.push_back(p.text_or("name", ""));
    }
  }
  out.services.push_back(std::move(s));
}

/// extensions/v1beta1 and networking.k8s.io/v1beta1 have spec.backend, and serviceName and servicePort in place of
/// service. SOURCE: Kubernetes, "Deprecated API Migration Guide" (both served up to 1.21).
void read_ingress(Object& o, std::string_view version, Objects& out) {
  const bool beta = version.ends_with("/v1beta1");
  Ingress ingress;
  const Metadata meta = read_metadata(o);
  ingress.name = meta.name;
  ingress.namespace_name = meta.namespace_name;
  ingress.group = annotation(meta, "alb.ingress.kubernetes.io/group.name");
  ingress.scheme = annotation(meta, "alb.ingress.kubernetes.io/scheme");
  ingress.mark = o.mark();
  for (const auto& [key, value] : meta.annotations) {
    if (key == "kubernetes.io/ingress.class") ingress.class_annotation = value;
  }
  if (beta)
    o.warning("apiVersion",
              std::string(version) + " of Ingress is served up to Kubernetes 1.21 only: it is read as such",
              "networking.k8s.io/v1 has defaultBackend, pathType and service: {name, port}");
  // Backends: spec.defaultBackend and spec.rules[].http.paths[].backend, each with service.name.
  const auto add = [&](const Node* backend) {
    const auto read = backend == nullptr ? std::nullopt : read_ingress_backend(*backend, beta);
    if (!read) return;
    ingress.services.push_back(read->service);
    ingress.backends.push_back(*read);
  };
  if (const Node* spec = o.get("spec")) {
    check_ingress(*spec, o.path_of("spec"), beta, o.diagnostics());
    const Node* class_name = spec->find("ingressClassName");
    if (class_name != nullptr && class_name->is_string()) ingress.class_name = class_name->text();
    if (ingress.class_name && ingress.class_annotation)
      o.diagnostics().error(
          *class_name,
          "Invalid value: \"" + *ingress.class_annotation + "\": can not be set when the class field is also set", {},
          "annotations.kubernetes.io/ingress.class");
    add(spec->find(beta ? "backend" : "defaultBackend"));
    const Node* rules = spec->find("rules");
    for (const Node& rule : rules == nullptr ? std::vector<Node>{} : rules->items()) {
      const Node* http = rule.find("http");
      const Node* paths = http == nullptr ? nullptr : http->find("paths");
      for (const Node& path : paths == nullptr ? std::vector<Node>{} : paths->items()) add(path.find("backend"));
    }
  }
  out.ingresses.push_back(std::move(ingress));
}

/// The release of a column is not known here: what every release that a column can have refuses is an error, what only
/// the later ones refuse a warning.
void tell_removed(Object& o, std::string_view version, const std::string& kind) {
  const auto removed = removed_version(version, kind);
  if (!removed) return;
  constexpr int kOldest = 20;
  const bool never = removed->minor <= kOldest;
  std::string said = "no matches for kind \"" + kind + "\" in version \"" + std::string(version) +
                     "\": Kubernetes serves it up to 1." + std::to_string(removed->minor - 1);
  std::string hint = "write apiVersion: " + std::string(removed->successor);
  if (never) {
    o.error("apiVersion", std::move(said) + " only", std::move(hint));
  } else {
    o.warning("apiVersion", std::move(said) + " only; columns of later releases read it all the same", std::move(hint));
  }
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

/// "apps" of "apps/v1"; "" of "v1".
std::string_view group_of(std::string_view api_version) {
  const std::size_t slash = api_version.find('/');
  return slash == std::string_view::npos ? std::string_view() : api_version.substr(0, slash);
}

}  // namespace

bool is_kubernetes_object(const Node& node) {
  const Node* version = node.find("apiVersion");
  const Node* kind = node.find("kind");
  if (version == nullptr || kind == nullptr || !version->is_string() || !kind->is_string()) return false;
  const std::string_view group = group_of(version->text());
  return !group.starts_with("karpenter.") && group != "plimsoll";
}

void read_object(const Node& node, Diagnostics& diagnostics, Objects& out) {
  const Node* version_node = node.find("apiVersion");
  const Node* kind_node = node.find("kind");
  if (version_node == nullptr || kind_node == nullptr || !version_node->is_string() || !kind_node->is_string()) {
    diagnostics.error(node, "a Kubernetes object needs apiVersion and kind");
    return;
  }
  const std::string_view group = group_of(version_node->text());
  const std::string& kind = kind_node->text();
  Object o(node, diagnostics, "");
  o.ignore({"apiVersion", "kind", "status"});
  const bool served = is_served(version_node->text());
  tell_removed(o, version_node->text(), kind);
  const auto of = [&](std::string_view wanted_kind, std::initializer_list<std::string_view> groups) {
    return served && kind == wanted_kind && is_one_of(group, groups);
  };
  if (document::is_object_list(node)) {
    o.ignore({"metadata", "items"});
    for (const Node& item : document::listed_objects(node)) read_object(item, diagnostics, out);
  } else if (kind.ends_with("List") && o.has("items")) {
    o.ignore({"metadata"});
    for (const Node& item : o.list("items")) read_object(item, diagnostics, out);
  } else if (of("Deployment", {"apps", "extensions"})) {
    read_workload(o, WorkloadKind::deployment, out);
  } else if (of("ReplicaSet", {"apps", "extensions"})) {
    read_workload(o, WorkloadKind::replica_set, out);
  } else if (of("StatefulSet", {"apps"})) {
    read_workload(o, WorkloadKind::stateful_set, out);
  } else if (of("DaemonSet", {"apps", "extensions"})) {
    read_workload(o, WorkloadKind::daemon_set, out);
  } else if (of("Job", {"batch"})) {
    read_workload(o, WorkloadKind::job, out);
  } else if (of("CronJob", {"batch"})) {
    read_workload(o, WorkloadKind::cron_job, out);
  } else if (of("Pod", {""})) {
    read_workload(o, WorkloadKind::pod, out);
  } else if (of("HorizontalPodAutoscaler", {"autoscaling"})) {
    read_autoscaler(o, version_node->text(), out);
  } else if (of("PodDisruptionBudget", {"policy"})) {
    read_budget(o, version_node->text(), out);
  } else if (of("PriorityClass", {"scheduling.k8s.io"})) {
    read_priority_class(o, out);
  } else if (of("RuntimeClass", {"node.k8s.io"})) {
    const std::string name = read_metadata(o).name;
    out.runtime_classes.push_back(read_runtime_class(o, name));
  } else if (of("PersistentVolumeClaim", {""})) {
    read_claim(o, out);
  } else if (of("StorageClass", {"storage.k8s.io"})) {
    const Metadata meta = read_metadata(o);
    out.storage_classes.push_back(read_storage_class(o, meta.name, meta.annotations));
  } else if (of("Service", {""})) {
    read_service(o, out);
  } else if (of("Ingress", {"networking.k8s.io", "extensions"})) {
    read_ingress(o, version_node->text(), out);
  } else if (of("IngressClass", {"networking.k8s.io"})) {
    const Metadata meta = read_metadata(o);
    out.ingress_classes.push_back(read_ingress_class(o, meta.name, meta.annotations));
  } else if (is_ingress_class_params(node)) {
    const std::string name = read_metadata(o).name;
    out.ingress_class_params.push_back(read_ingress_class_params(o, name));
  } else if (served && is_admission_object(node)) {
    o.allow_unknown();
    out.admission.push_back(node);
  } else if (is_persistent_volume(node)) {
    o.allow_unknown();  // read with the claims
  } else {
    o.allow_unknown();
    if (kind == "ServiceAccount") {
      const Metadata meta = read_metadata(o);
      out.service_accounts.emplace_back(meta.namespace_name, meta.name);
      return;
    }
    if (is_one_of(kind, {"ConfigMap", "Secret", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding",
                         "CustomResourceDefinition", "NetworkPolicy", "ServiceMonitor", "PodMonitor", "Event"})) {
      return;
    }
    const Node* metadata = node.find("metadata");
    const Node* named = metadata == nullptr ? nullptr : metadata->find("name");
    const std::string name = named != nullptr && named->is_scalar() ? named->text() : "";
    if (std::find(out.unknown_kinds.begin(), out.unknown_kinds.end(), kind + "/" + name) != out.unknown_kinds.end())
      return;
    out.unknown_kinds.push_back(kind + "/" + name);
    diagnostics.warning(*kind_node,
                        "kind " + kind + " (" + version_node->text() + ")" + (name.empty() ? "" : " '" + name + "'") +
                            " is not modelled and has no effect",
                        kind_hint(kind));
  }
}

}  // namespace plimsoll::kubernetes::api
