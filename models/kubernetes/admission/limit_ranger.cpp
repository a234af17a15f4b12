#include "models/kubernetes/admission/limit_ranger.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <vector>

namespace plimsoll::kubernetes {

namespace {

/// One resource of a container or pod, in units that both sides share.
struct Amounts {
  std::optional<std::int64_t> request, limit;
};

struct Bound {
  const char* resource;
  const char* per;  ///< "Container", "Pod"
  std::optional<std::int64_t> min, max, ratio;
  bool is_cpu = false;
};

template <class T>
std::optional<std::int64_t> raw(const std::optional<T>& amount) {
  return amount ? std::optional(amount->raw()) : std::nullopt;
}

std::string text_of(const Bound& b, std::int64_t amount) {
  return b.is_cpu ? api::quantity_text(Cpu{amount}) : api::quantity_text(Bytes{amount});
}

std::string ratio_text(std::int64_t thousandths) {
  return thousandths % 1000 == 0 ? std::to_string(thousandths / 1000) : std::to_string(thousandths) + "m";
}

void check(const Bound& b, const Amounts& a, std::vector<std::string>& faults) {
  const std::string usage = " " + std::string(b.resource) + " usage per " + b.per + " is ";
  if (b.min) {
    const std::string text = "minimum" + usage + text_of(b, *b.min);
    if (!a.request) {
      faults.push_back(text + ".  No request is specified");
    } else if (*a.request < *b.min) {
      faults.push_back(text + ", but request is " + text_of(b, *a.request));
    } else if (a.limit && *a.limit < *b.min) {
      faults.push_back(text + ", but limit is " + text_of(b, *a.limit));
    }
  }
  if (b.max) {
    const std::string text = "maximum" + usage + text_of(b, *b.max);
    if (!a.limit) {
      faults.push_back(text + ".  No limit is specified");
    } else if (*a.limit > *b.max) {
      faults.push_back(text + ", but limit is " + text_of(b, *a.limit));
    } else if (a.request && *a.request > *b.max) {
      faults.push_back(text + ", but request is " + text_of(b, *a.request));
    }
  }
  if (!b.ratio) return;
  const std::string text =
      std::string(b.resource) + " max limit to request ratio per " + b.per + " is " + ratio_text(*b.ratio) + ", but ";
  if (!a.request || *a.request == 0) {
    faults.push_back(text + "no request is specified or request is 0");
  } else if (!a.limit || *a.limit == 0) {
    faults.push_back(text + "no limit is specified or limit is 0");
  } else if (static_cast<__int128>(*a.limit) * 1000 > static_cast<__int128>(*a.request) * *b.ratio) {
    char ratio[32];
    std::snprintf(ratio, sizeof ratio, "%f", static_cast<double>(*a.limit) / static_cast<double>(*a.request));
    faults.push_back(text + "provided ratio is " + ratio);
  }
}

/// Requests or limits of a whole pod: the sum of its containers and sidecars, or its largest init container. A resource
/// that no container names is absent. SOURCE: the same file, podRequests and podLimits.
template <class Pick>
std::optional<std::int64_t> sum_of(const api::PodTemplate& pod, const Pick& pick) {
  std::optional<std::int64_t> sum;
  for (const api::Container& c : pod.containers) {
    if (const auto amount = pick(c)) sum = sum.value_or(0) + *amount;
  }
  for (const api::Container& c : pod.init_containers) {
    const auto amount = pick(c);
    if (!amount) continue;
    sum = c.sidecar ? sum.value_or(0) + *amount : std::max(sum.value_or(0), *amount);
  }
  return sum;
}

}  // namespace

void apply_defaults(std::span<const api::LimitRange> ranges, const std::string& namespace_name, api::PodTemplate& pod) {
  const auto fill = [](auto& amount, const auto& fallback) {
    if (!amount) amount = fallback;
  };
  for (const api::LimitRange& range : ranges) {
    if (range.namespace_name != namespace_name) continue;
    for (const api::LimitRangeItem& item : range.items) {
      if (item.type != api::LimitRangeItem::Type::container) continue;
      for (auto* containers : {&pod.containers, &pod.init_containers}) {
        for (api::Container& c : *containers) {
          fill(c.requests.cpu, item.default_request.cpu);
          fill(c.requests.memory, item.default_request.memory);
          fill(c.limits.cpu, item.default_limit.cpu);
          fill(c.limits.memory, item.default_limit.memory);
        }
      }
    }
  }
}

std::string range_fault(std::span<const api::LimitRange> ranges, const std::string& namespace_name,
                        const api::PodTemplate& pod) {
  std::vector<std::string> faults;
  for (const api::LimitRange& range : ranges) {
    if (range.namespace_name != namespace_name) continue;
    for (const api::LimitRangeItem& item : range.items) {
      const bool of_pod = item.type == api::LimitRangeItem::Type::pod;
      const char* per = of_pod ? "Pod" : "Container";
      const Bound cpu{"cpu", per, raw(item.min.cpu), raw(item.max.cpu), item.cpu_ratio, true};
      const Bound memory{"memory", per, raw(item.min.memory), raw(item.max.memory), item.memory_ratio, false};
      const auto cpu_request = [](const api::Container& c) { return raw(c.requests.cpu); };
      const auto cpu_limit = [](const api::Container& c) { return raw(c.limits.cpu); };
      const auto memory_request = [](const api::Container& c) { return raw(c.requests.memory); };
      const auto memory_limit = [](const api::Container& c) { return raw(c.limits.memory); };
      if (of_pod) {
        check(cpu, {sum_of(pod, cpu_request), sum_of(pod, cpu_limit)}, faults);
        check(memory, {sum_of(pod, memory_request), sum_of(pod, memory_limit)}, faults);
        continue;
      }
      for (const auto* containers : {&pod.containers, &pod.init_containers}) {
        for (const api::Container& c : *containers) {
          check(cpu, {cpu_request(c), cpu_limit(c)}, faults);
          check(memory, {memory_request(c), memory_limit(c)}, faults);
        }
      }
    }
  }
  if (faults.size() == 1) return faults[0];
  std::string out;
  for (const std::string& f : faults) out += (out.empty() ? "[" : ", ") + f;
  return out.empty() ? out : out + "]";
}

}  // namespace plimsoll::kubernetes
