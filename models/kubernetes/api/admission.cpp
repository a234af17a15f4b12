#include "models/kubernetes/api/admission.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "models/kubernetes/api/name_rules.h"
#include "models/kubernetes/api/pod_template.h"
#include "models/kubernetes/api/quantity.h"
#include "sim/core/text.h"

namespace plimsoll::kubernetes::api {

using document::Diagnostics;
using document::Node;

namespace {

using Item = LimitRangeItem;

constexpr std::int64_t kThousand = 1000;

/// Standard resources that a quota may name and that nothing here uses up.
constexpr std::string_view kOtherResources[] = {
    "ephemeral-storage", "requests.ephemeral-storage", "limits.ephemeral-storage",
    "requests.storage",  "persistentvolumeclaims",     "replicationcontrollers",
    "resourcequotas",    "services.nodeports",         "secrets",
    "configmaps"};

/// hugepages-2Mi, requests.hugepages-2Mi. SOURCE: pkg/apis/core/helper
/// IsQuotaHugePageResourceName.
bool is_huge_pages(std::string_view name) {
  return name.starts_with("hugepages-") || name.starts_with("requests.hugepages-");
}

std::pair<std::string, std::string> read_name(Object& o, bool is_namespace = false) {
  std::pair<std::string, std::string> out{"", "default"};
  const Node* node = o.get("metadata");
  if (node == nullptr) {
    o.error("metadata", "Required value");
    return out;
  }
  Object meta(*node, o.diagnostics(), o.path_of("metadata"));
  meta.allow_unknown();
  out.first = meta.text_or("name", "");
  if (out.first.empty()) {
    meta.error("name", "Required value: name or generateName is required");
  } else if (const std::string fault = is_namespace ? label_name_fault(out.first) : subdomain_name_fault(out.first);
             !fault.empty()) {
    meta.error("name", fault);
  }
  if (is_namespace) return out;
  out.second = meta.text_or("namespace", "default");
  if (const std::string fault = label_name_fault(out.second); !fault.empty()) meta.error("namespace", fault);
  return out;
}

QuotaResource resource_of(std::string_view name) {
  if (name == "cpu" || name == "requests.cpu") return QuotaResource::requests_cpu;
  if (name == "memory" || name == "requests.memory") return QuotaResource::requests_memory;
  if (name == "limits.cpu") return QuotaResource::limits_cpu;
  if (name == "limits.memory") return QuotaResource::limits_memory;
  if (name == "pods" || name == "count/pods") return QuotaResource::pods;
  return QuotaResource::object;
}

/// The kinds whose objects are counted, by the names of their resources.
std::string counted_name(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> kCounted[] = {
      {"services", "services"},
      {"count/services", "services"},
      {"services.loadbalancers", "services.loadbalancers"},
      {"count/deployments.apps", "deployments.apps"},
      {"count/replicasets.apps", "replicasets.apps"},
      {"count/statefulsets.apps", "statefulsets.apps"},
      {"count/daemonsets.apps", "daemonsets.apps"},
      {"count/jobs.batch", "jobs.batch"},
      {"count/cronjobs.batch", "cronjobs.batch"},
      {"count/ingresses.networking.k8s.io", "ingresses.networking.k8s.io"},
      {"count/horizontalpodautoscalers.autoscaling", "horizontalpodautoscalers.autoscaling"}};
  for (const auto& [written, counted] : kCounted) {
    if (written == name) return std::string(counted);
  }
  return {};
}

std::optional<std::int64_t> read_hard(Object& hard, const std::string& key, QuotaResource resource) {
  const auto text = hard.scalar(key);
  if (!text) return std::nullopt;
  const bool is_cpu = resource == QuotaResource::requests_cpu || resource == QuotaResource::limits_cpu;
  const bool is_memory = resource == QuotaResource::requests_memory || resource == QuotaResource::limits_memory;
  const auto amount = parse_quantity(*text, is_cpu ? 3 : 0);
  if (!amount) {
    hard.error(key, amount.error);
    return std::nullopt;
  }
  if (*amount.value < 0) {
    hard.error(key, "Invalid value: \"" + *text + "\": must be greater than or equal to 0");
    return std::nullopt;
  }
  const auto thousandths = parse_quantity(*text, 3);
  if (!is_cpu && !is_memory && thousandths && *thousandths.value % kThousand != 0) {
    hard.error(key, "Invalid value: \"" + *text + "\": must be an integer");
    return std::nullopt;
  }
  return *amount.value;
}

void read_hard_limits(Object& spec, ResourceQuota& out) {
  const Node* node = spec.get("hard");
  if (node == nullptr) return;
  Object hard(*node, spec.diagnostics(), spec.path_of("hard"));
  if (!node->is_mapping()) return;
  for (const document::Entry& entry : node->entries()) {
    const std::string& key = entry.key;
    const QuotaResource resource = resource_of(key);
    const bool other =
        std::find(std::begin(kOtherResources), std::end(kOtherResources), key) != std::end(kOtherResources) ||
        key.find('/') != std::string::npos || is_huge_pages(key);
    if (resource == QuotaResource::object && counted_name(key).empty()) {
      if (other) {
        hard.not_modelled(key, "a quota of " + key);
      } else {
        hard.ignore({key});
        hard.error(key, "Invalid value: \"" + key + "\": must be a standard resource for quota");
      }
      continue;
    }
    if (const auto amount = read_hard(hard, key, resource)) out.hard.push_back({key, resource, *amount});
  }
  std::sort(out.hard.begin(), out.hard.end(), [](const QuotaLimit& a, const QuotaLimit& b) { return a.name < b.name; });
}

constexpr std::pair<std::string_view, QuotaScope> kScopes[] = {{"Terminating", QuotaScope::terminating},
                                                               {"NotTerminating", QuotaScope::not_terminating},
                                                               {"BestEffort", QuotaScope::best_effort},
                                                               {"NotBestEffort", QuotaScope::not_best_effort},
                                                               {"PriorityClass", QuotaScope::priority_class}};

std::optional<QuotaScope> scope_of(std::string_view name) {
  for (const auto& [text, scope] : kScopes) {
    if (text == name) return scope;
  }
  return std::nullopt;
}

/// A scope that is named: known ones are answered. `path` is where it stands.
std::optional<QuotaScope> check_scope(const Node& at, const std::string& name, Diagnostics& diagnostics,
                                      const std::string& path) {
  const auto scope = scope_of(name);
  if (scope) return scope;
  if (name == "CrossNamespacePodAffinity" || name == "VolumeAttributesClass") {
    diagnostics.warning(at, "the quota scope " + name + " is not modelled: no pod matches it", {}, path);
  } else {
    diagnostics.error(at, "Invalid value: \"" + name + "\": unsupported scope", {}, path);
  }
  return std::nullopt;
}

/// False when the quota can match no pod here.
bool read_scopes(Object& spec, ResourceQuota& out) {
  bool can_match = true;
  for (const Node& item : spec.list("scopes")) {
    const auto scope =
        check_scope(item, item.is_string() ? item.text() : "", spec.diagnostics(), spec.path_of("scopes"));
    can_match = can_match && scope.has_value();
    if (scope) out.scopes.push_back({*scope, SelectorOp::exists, {}});
  }
  const Node* selector_node = spec.get("scopeSelector");
  if (selector_node == nullptr) return can_match;
  Object selector(*selector_node, spec.diagnostics(), spec.path_of("scopeSelector"));
  std::size_t index = 0;
  for (const Node& item : selector.list("matchExpressions")) {
    Object e(item, spec.diagnostics(), document::join_path(selector.path_of("matchExpressions"), index++));
    const std::string name = e.text_or("scopeName", "");
    if (name.empty()) {
      e.error("scopeName", "Required value");
      e.ignore({"operator", "values"});
      continue;
    }
    const auto scope = check_scope(*e.get("scopeName"), name, spec.diagnostics(), e.path_of("scopeName"));
    ScopeRule rule;
    rule.op = e.choice<SelectorOp>("operator", {{"In", SelectorOp::in},
                                                {"NotIn", SelectorOp::not_in},
                                                {"Exists", SelectorOp::exists},
                                                {"DoesNotExist", SelectorOp::does_not_exist}})
                  .value_or(SelectorOp::exists);
    rule.values = e.texts("values");
    const bool wants_values = rule.op == SelectorOp::in || rule.op == SelectorOp::not_in;
    if (wants_values && rule.values.empty())
      e.error("values",
              "Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope "
              "selector");
    if (!wants_values && !rule.values.empty())
      e.error("values",
              "Invalid value: must be no value when `operator` is 'Exists' or 'DoesNotExist' for scope "
              "selector");
    if (scope && *scope != QuotaScope::priority_class && rule.op != SelectorOp::exists)
      e.error("operator",
              "Invalid value: must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, "
              "ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort and "
              "ResourceQuotaScopeNotBestEffort");
    can_match = can_match && scope.has_value();
    if (!scope) continue;
    rule.scope = *scope;
    out.scopes.push_back(std::move(rule));
  }
  return can_match;
}

/// A scope narrows what a quota can count, and two of a pair exclude each other.
void check_scopes(Object& spec, const ResourceQuota& quota) {
  const auto has = [&](QuotaScope s) {
    return std::any_of(quota.scopes.begin(), quota.scopes.end(), [s](const ScopeRule& r) { return r.scope == s; });
  };
  if ((has(QuotaScope::best_effort) && has(QuotaScope::not_best_effort)) ||
      (has(QuotaScope::terminating) && has(QuotaScope::not_terminating)))
    spec.error("scopes", "Invalid value: conflicting scopes");
  for (const QuotaLimit& limit : quota.hard) {
    const bool of_pods = limit.resource != QuotaResource::object;
    const bool fits = has(QuotaScope::best_effort) ? limit.resource == QuotaResource::pods : of_pods;
    if (!quota.scopes.empty() && !fits)
      spec.error("scopes", "Invalid value: unsupported scope applied to resource " + limit.name);
  }
}

void read_quota(Object& o, AdmissionObjects& out) {
  ResourceQuota quota;
  std::tie(quota.name, quota.namespace_name) = read_name(o);
  bool can_match = true;
  if (const Node* node = o.get("spec")) {
    Object spec(*node, o.diagnostics(), o.path_of("spec"));
    read_hard_limits(spec, quota);
    can_match = read_scopes(spec, quota);
    check_scopes(spec, quota);
  }
  if (can_match) out.quotas.push_back(std::move(quota));
}

// --- LimitRange ---

/// The names of the resources that a part of an item bounds, for its faults.
RangeAmounts read_range(Object& item, std::string_view key) {
  RangeAmounts out;
  const Node* node = item.get(key);
  if (node == nullptr) return out;
  Object o(*node, item.diagnostics(), item.path_of(key));
  if (const auto text = o.scalar("cpu")) {
    const auto amount = parse_cpu_quantity(*text);
    if (amount) {
      out.cpu = *amount.value;
    } else {
      o.error("cpu", amount.error);
    }
  }
  if (const auto text = o.scalar("memory")) {
    const auto amount = parse_bytes_quantity(*text);
    if (amount) {
      out.memory = *amount.value;
    } else {
      o.error("memory", amount.error);
    }
  }
  for (const char* other : {"ephemeral-storage", "storage"}) o.not_modelled(other, std::string("a range of ") + other);
  o.allow_unknown();
  return out;
}

std::optional<std::int64_t> read_ratio(Object& ratios, std::string_view key) {
  const auto text = ratios.scalar(key);
  if (!text) return std::nullopt;
  const auto amount = parse_quantity(*text, 3);
  if (!amount) {
    ratios.error(key, amount.error);
    return std::nullopt;
  }
  if (*amount.value < kThousand)
    ratios.error(key, "Invalid value: \"" + *text + "\": ratio " + *text + " is less than 1");
  return *amount.value;
}

template <class T>
void check_order(Object& item, const char* resource, const std::optional<T>& min, const std::optional<T>& max,
                 const std::optional<T>& request, const std::optional<T>& limit) {
  const auto check = [&](const char* key, const char* low_name, const std::optional<T>& low, const char* high_name,
                         const std::optional<T>& high) {
    if (!low || !high || *low <= *high) return;
    const std::string low_text = quantity_text(*low), high_text = quantity_text(*high);
    item.error(key, "Invalid value: \"" + low_text + "\": " + low_name + " value " + low_text + " is greater than " +
                        high_name + " value " + high_text + " (" + resource + ")");
  };
  check("min", "min", min, "max", max);
  check("defaultRequest", "min", min, "default request", request);
  check("defaultRequest", "default request", request, "max", max);
  check("defaultRequest", "default request", request, "default limit", limit);
  check("default", "min", min, "default", limit);
  check("default", "default", limit, "max", max);
}

template <class T>
void fill_defaults(const std::optional<T>& min, const std::optional<T>& max, std::optional<T>& limit,
                   std::optional<T>& request) {
  if (!limit) limit = max;
  if (!request) request = limit;
  if (!request) request = min;
}

void read_range_item(Object& o, LimitRange& out, std::vector<std::string>& types) {
  Item item;
  const std::string type = o.text_or("type", "");
  if (type.empty()) o.error("type", "Required value");
  if (!type.empty() && std::find(types.begin(), types.end(), type) != types.end())
    o.error("type", "Duplicate value: \"" + type + "\"");
  types.push_back(type);
  if (type == "PersistentVolumeClaim") {
    o.ignore({"min", "max", "default", "defaultRequest", "maxLimitRequestRatio"});
    o.warning("type", "a range of claims is not modelled and has no effect");
    return;
  }
  if (type != "Container" && type != "Pod" && !type.empty())
    o.error("type", "Invalid value: \"" + type + "\": must be a standard limit type or fully qualified");
  item.type = type == "Pod" ? Item::Type::pod : Item::Type::container;
  item.min = read_range(o, "min");
  item.max = read_range(o, "max");
  for (const char* key : {"default", "defaultRequest"}) {
    if (item.type == Item::Type::pod && o.has(key))
      o.error(key, "Forbidden: may not be specified when `type` is 'Pod'");
  }
  item.default_limit = read_range(o, "default");
  item.default_request = read_range(o, "defaultRequest");
  if (const Node* node = o.get("maxLimitRequestRatio")) {
    Object ratios(*node, o.diagnostics(), o.path_of("maxLimitRequestRatio"));
    item.cpu_ratio = read_ratio(ratios, "cpu");
    item.memory_ratio = read_ratio(ratios, "memory");
    ratios.allow_unknown();
  }
  if (item.type == Item::Type::container) {
    fill_defaults(item.min.cpu, item.max.cpu, item.default_limit.cpu, item.default_request.cpu);
    fill_defaults(item.min.memory, item.max.memory, item.default_limit.memory, item.default_request.memory);
  }
  check_order(o, "cpu", item.min.cpu, item.max.cpu, item.default_request.cpu, item.default_limit.cpu);
  check_order(o, "memory", item.min.memory, item.max.memory, item.default_request.memory, item.default_limit.memory);
  out.items.push_back(item);
}

void read_limit_range(Object& o, AdmissionObjects& out) {
  LimitRange range;
  std::tie(range.name, range.namespace_name) = read_name(o);
  if (const Node* node = o.get("spec")) {
    Object spec(*node, o.diagnostics(), o.path_of("spec"));
    std::vector<std::string> types;
    std::size_t index = 0;
    for (const Node& item : spec.list("limits")) {
      Object i(item, o.diagnostics(), document::join_path(spec.path_of("limits"), index++));
      read_range_item(i, range, types);
    }
  } else {
    o.error("spec", "Required value");
  }
  out.ranges.push_back(std::move(range));
}

std::string decimal_text(std::int64_t amount, std::string_view suffixes) {
  // suffixes[0] is the unit of the amount: 'm' for thousandths, ' ' for whole numbers.
  std::size_t i = 0;
  while (amount != 0 && amount % kThousand == 0 && i + 1 < suffixes.size()) {
    amount /= kThousand;
    ++i;
  }
  return std::to_string(amount) + (amount == 0 || suffixes[i] == ' ' ? "" : std::string(1, suffixes[i]));
}

}  // namespace

std::string quantity_text(Cpu amount) { return decimal_text(to_millis_ceil(amount), "m kMG"); }

std::string quantity_text(Bytes amount) {
  constexpr std::string_view kUnits[] = {"", "Ki", "Mi", "Gi", "Ti", "Pi"};
  std::int64_t n = amount.raw();
  std::size_t i = 0;
  while (n != 0 && n % 1024 == 0 && i + 1 < std::size(kUnits)) {
    n /= 1024;
    ++i;
  }
  return std::to_string(n) + std::string(kUnits[i]);
}

std::string quantity_text(QuotaResource resource, std::int64_t amount) {
  switch (resource) {
    case QuotaResource::requests_cpu:
    case QuotaResource::limits_cpu:
      return decimal_text(amount, "m kMG");
    case QuotaResource::requests_memory:
    case QuotaResource::limits_memory:
      return quantity_text(Bytes{amount});
    default:
      return decimal_text(amount, " kMG");
  }
}

bool is_admission_object(const Node& node) {
  const Node* version = node.find("apiVersion");
  const Node* kind = node.find("kind");
  if (version == nullptr || kind == nullptr || !version->is_string() || !kind->is_string()) return false;
  return version->text() == "v1" &&
         (kind->text() == "Namespace" || kind->text() == "ResourceQuota" || kind->text() == "LimitRange");
}

void read_admission(const Node& node, Diagnostics& diagnostics, AdmissionObjects& out) {
  Object o(node, diagnostics, "");
  o.ignore({"apiVersion", "kind", "status"});
  const std::string& kind = node.find("kind")->text();
  if (kind == "Namespace") {
    o.ignore({"spec"});
    NamespaceLabels labels;
    labels.name = read_name(o, true).first;
    if (const Node* meta = o.get("metadata")) {
      Object metadata(*meta, o.diagnostics(), o.path_of("metadata"));
      metadata.allow_unknown();
      labels.labels = metadata.map("labels");
      check_labels(metadata);
    }
    out.labels.push_back(std::move(labels));
    ++out.namespaces;
  } else if (kind == "ResourceQuota") {
    read_quota(o, out);
  } else {
    read_limit_range(o, out);
  }
}

void check_object_counts(const Objects& objects, const AdmissionObjects& admission, Diagnostics& diagnostics) {
  struct Counted {
    std::string resource, name, namespace_name;
    document::Mark mark;
  };
  std::vector<Counted> all;
  constexpr std::string_view kKinds[] = {"deployments.apps", "replicasets.apps", "statefulsets.apps",
                                         "daemonsets.apps",  "jobs.batch",       "cronjobs.batch"};
  for (const Workload& w : objects.workloads) {
    if (w.kind != WorkloadKind::pod)
      all.push_back({std::string(kKinds[static_cast<std::size_t>(w.kind)]), w.name, w.namespace_name, w.mark});
  }
  for (const Service& s : objects.services) {
    all.push_back({"services", s.name, s.namespace_name, s.mark});
    if (s.load_balancer) all.push_back({"services.loadbalancers", s.name, s.namespace_name, s.mark});
  }
  for (const HorizontalPodAutoscaler& h : objects.autoscalers)
    all.push_back({"horizontalpodautoscalers.autoscaling", h.name, h.namespace_name, h.mark});
  for (const ResourceQuota& quota : admission.quotas) {
    if (!quota.scopes.empty()) continue;
    for (const QuotaLimit& limit : quota.hard) {
      if (limit.resource != QuotaResource::object) continue;
      const std::string counted = counted_name(limit.name);
      std::int64_t used = 0;
      for (const Counted& c : all) {
        if (c.resource != counted || c.namespace_name != quota.namespace_name || ++used <= limit.hard) continue;
        const std::string kind = counted.starts_with("services") ? "services" : counted;
        diagnostics.error(c.mark, kind + " \"" + c.name + "\" is forbidden: exceeded quota: " + quota.name +
                                      ", requested: " + limit.name + "=1, used: " + limit.name + "=" +
                                      std::to_string(limit.hard) + ", limited: " + limit.name + "=" +
                                      std::to_string(limit.hard));
      }
    }
  }
}

}  // namespace plimsoll::kubernetes::api
