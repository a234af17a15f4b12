#include "models/kubernetes/admission/resource_quota.h"

#include <algorithm>
#include <map>

#include "models/kubernetes/kubelet/eviction.h"

namespace plimsoll::kubernetes {

namespace {

using api::QuotaResource;

constexpr std::size_t index_of(QuotaResource r) { return static_cast<std::size_t>(r); }

bool scope_matches(const api::ScopeRule& rule, const QuotaPod& pod) {
  const auto listed = [&] {
    return std::find(rule.values.begin(), rule.values.end(), pod.priority_class) != rule.values.end();
  };
  switch (rule.scope) {
    case api::QuotaScope::terminating:
      return pod.terminating;
    case api::QuotaScope::not_terminating:
      return !pod.terminating;
    case api::QuotaScope::best_effort:
      return pod.best_effort;
    case api::QuotaScope::not_best_effort:
      return !pod.best_effort;
    case api::QuotaScope::priority_class:
      break;
  }
  switch (rule.op) {
    case SelectorOp::in:
      return listed();
    case SelectorOp::not_in:
      return !listed();
    case SelectorOp::does_not_exist:
      return pod.priority_class.empty();
    default:
      return !pod.priority_class.empty();
  }
}

}  // namespace

QuotaPod quota_pod(const api::Workload& workload) {
  QuotaPod out;
  out.namespace_name = workload.namespace_name;
  out.priority_class = workload.pod.priority_class;
  out.terminating = workload.pod.has_deadline;
  out.best_effort = qos_class(workload.pod) == QosClass::best_effort;
  const auto amounts_of = [&](const api::Container& c) {
    QuotaAmounts a{};
    const auto note = [&](QuotaResource r, bool named, std::int64_t amount) {
      a[index_of(r)] = amount;
      if (!named) out.unnamed[index_of(r)].push_back(c.name);
    };
    note(QuotaResource::requests_cpu, c.requests.cpu.has_value(), to_millis_ceil(c.requests.cpu.value_or(Cpu{})));
    note(QuotaResource::requests_memory, c.requests.memory.has_value(), c.requests.memory.value_or(Bytes{}).raw());
    note(QuotaResource::limits_cpu, c.limits.cpu.has_value(), to_millis_ceil(c.limits.cpu.value_or(Cpu{})));
    note(QuotaResource::limits_memory, c.limits.memory.has_value(), c.limits.memory.value_or(Bytes{}).raw());
    return a;
  };
  QuotaAmounts sidecars{};
  for (const api::Container& c : workload.pod.containers) {
    const QuotaAmounts a = amounts_of(c);
    for (std::size_t r = 0; r < a.size(); ++r) out.amounts[r] += a[r];
  }
  QuotaAmounts peak{};
  for (const api::Container& c : workload.pod.init_containers) {
    const QuotaAmounts a = amounts_of(c);
    for (std::size_t r = 0; r < a.size(); ++r) {
      if (c.sidecar) sidecars[r] += a[r];
      peak[r] = std::max(peak[r], c.sidecar ? sidecars[r] : sidecars[r] + a[r]);
    }
  }
  for (std::size_t r = 0; r < peak.size(); ++r) out.amounts[r] = std::max(out.amounts[r] + sidecars[r], peak[r]);
  out.amounts[index_of(QuotaResource::pods)] = 1;
  return out;
}

bool quota_matches(const api::ResourceQuota& quota, const QuotaPod& pod) {
  return quota.namespace_name == pod.namespace_name &&
         std::all_of(quota.scopes.begin(), quota.scopes.end(),
                     [&](const api::ScopeRule& rule) { return scope_matches(rule, pod); });
}

std::string quota_fault(const api::ResourceQuota& quota, const QuotaAmounts& used, const QuotaPod& pod) {
  std::map<std::string, std::string> missing;
  for (const api::QuotaLimit& limit : quota.hard) {
    if (index_of(limit.resource) >= pod.unnamed.size() || pod.unnamed[index_of(limit.resource)].empty()) continue;
    std::string containers;
    for (const std::string& name : pod.unnamed[index_of(limit.resource)])
      containers += (containers.empty() ? "" : ",") + name;
    missing[limit.name] = containers;
  }
  if (!missing.empty()) {
    std::string out = "failed quota: " + quota.name + ": must specify ";
    bool first = true;
    for (const auto& [resource, containers] : missing) {
      out += (first ? "" : "; ") + resource + " for: " + containers;
      first = false;
    }
    return out;
  }
  std::string requested, taken, limited;
  const auto add = [](std::string& text, const api::QuotaLimit& limit, std::int64_t amount) {
    text += (text.empty() ? "" : ",") + limit.name + "=" + api::quantity_text(limit.resource, amount);
  };
  for (const api::QuotaLimit& limit : quota.hard) {
    const std::size_t r = index_of(limit.resource);
    // Only what the pod asks more of can be refused.
    if (limit.resource == QuotaResource::object || pod.amounts[r] <= 0 || used[r] + pod.amounts[r] <= limit.hard)
      continue;
    add(requested, limit, pod.amounts[r]);
    add(taken, limit, used[r]);
    add(limited, limit, limit.hard);
  }
  if (requested.empty()) return {};
  return "exceeded quota: " + quota.name + ", requested: " + requested + ", used: " + taken + ", limited: " + limited;
}

}  // namespace plimsoll::kubernetes
