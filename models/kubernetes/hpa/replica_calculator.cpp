#include "models/kubernetes/hpa/replica_calculator.h"

#include <algorithm>
#include <cmath>

namespace plimsoll::kubernetes {

/// Pods by what the calculator makes of them, with the sums that the ratios need.
struct ReplicaCalculator::Groups {
  std::int64_t ready = 0, unready = 0, missing = 0;
  std::int64_t ready_usage = 0, ready_request = 0, unready_request = 0, missing_request = 0;
};

ReplicaCalculator::Groups ReplicaCalculator::group(std::span<const MeasuredPod> pods, bool is_cpu, Time now) const {
  Groups g;
  for (const MeasuredPod& pod : pods) {
    const std::int64_t request = pod.request_milli.value_or(0);
    if (pod.deleting || pod.phase == PodPhase::failed) continue;
    bool unready = pod.phase == PodPhase::pending;
    if (!unready) {
      if (!pod.metric) {
        g.missing += pod.count;
        g.missing_request += request * pod.count;
        continue;
      }
      if (is_cpu) {
        if (pod.ready == ReadyCondition::absent || !pod.start) {
          unready = true;
        } else if (*pod.start + settings_.cpu_initialization > now) {
          unready = pod.ready == ReadyCondition::no || pod.metric->at < pod.ready_transition + pod.metric->window;
        } else {
          unready =
              pod.ready == ReadyCondition::no && *pod.start + settings_.initial_readiness_delay > pod.ready_transition;
        }
      }
    }
    if (unready) {
      g.unready += pod.count;
      g.unready_request += request * pod.count;
    } else {
      g.ready += pod.count;
      g.ready_usage += pod.metric->milli * pod.count;
      g.ready_request += request * pod.count;
    }
  }
  return g;
}

namespace {

/// ReplicaCalculator::group counts it as ready, whatever it measures: the usual case of pods that are all alike.
bool is_settled(const MeasuredPod& pod, Duration cpu_initialization, Time now) {
  return pod.phase == PodPhase::running && pod.ready == ReadyCondition::yes && !pod.deleting && pod.metric &&
         pod.request_milli && pod.start && *pod.start + cpu_initialization <= now;
}

bool has_samples(std::span<const MeasuredPod> pods, StrayMetrics stray) {
  return stray.count > 0 ||
         std::any_of(pods.begin(), pods.end(), [](const MeasuredPod& p) { return p.metric.has_value(); });
}

std::int64_t ceil_to_integer(double x) { return static_cast<std::int64_t>(std::ceil(x)); }

std::int64_t percent_of(std::int64_t usage, std::int64_t request) {
  std::int64_t product = 0;
  if (!__builtin_mul_overflow(usage, std::int64_t{100}, &product)) return product / request;
  return static_cast<std::int64_t>(static_cast<__int128>(usage) * 100 / request);
}

}  // namespace

ReplicaProposal ReplicaCalculator::utilization_of_alike(std::int64_t current, std::int64_t target_percent,
                                                        std::int64_t count, std::int64_t milli,
                                                        std::int64_t request_milli) const {
  ReplicaProposal out;
  if (request_milli == 0) {
    out.error = ReplicaError::disjoint;
    return out;
  }
  out.utilization = percent_of(milli * count, request_milli * count);
  out.raw_average_milli = milli;
  const double ratio = static_cast<double>(out.utilization) / static_cast<double>(target_percent);
  out.replicas = settings_.tolerance.holds(ratio, settings_.version)
                     ? current
                     : ceil_to_integer(ratio * static_cast<double>(count));
  return out;
}

ReplicaProposal ReplicaCalculator::utilization(std::int64_t current, std::int64_t target_percent, bool is_cpu,
                                               std::span<const MeasuredPod> pods, StrayMetrics stray, Time now) const {
  ReplicaProposal out;
  const auto fail = [&](ReplicaError error) {
    out.error = error;
    return out;
  };
  if (pods.size() == 1 && stray.count == 0 && is_settled(pods.front(), settings_.cpu_initialization, now)) {
    const MeasuredPod& pod = pods.front();
    return utilization_of_alike(current, target_percent, pod.count, pod.metric->milli, *pod.request_milli);
  }
  if (!has_samples(pods, stray)) return fail(ReplicaError::no_samples);
  if (pods.empty()) return fail(ReplicaError::no_pods);
  for (const MeasuredPod& pod : pods) {
    if (!pod.request_milli) return fail(ReplicaError::missing_request);
  }
  const Groups g = group(pods, is_cpu, now);
  if (g.ready + stray.count == 0) return fail(ReplicaError::no_metrics);
  if (g.ready_request == 0) return fail(ReplicaError::disjoint);
  const auto ratio_of = [&](std::int64_t percentage) {
    return static_cast<double>(percentage) / static_cast<double>(target_percent);
  };
  out.utilization = percent_of(g.ready_usage, g.ready_request);
  out.raw_average_milli = g.ready_usage / g.ready;
  const double ratio = ratio_of(out.utilization);
  const auto answer = [&](std::int64_t replicas) {
    out.replicas = replicas;
    return out;
  };
  const bool count_unready = g.unready > 0 && ratio > 1.0;
  if (!count_unready && g.missing == 0) {
    if (settings_.tolerance.holds(ratio, settings_.version)) return answer(current);
    return answer(ceil_to_integer(ratio * static_cast<double>(g.ready)));
  }
  std::int64_t usage = g.ready_usage, request = g.ready_request, metrics = g.ready + stray.count;
  if (g.missing > 0 && ratio != 1.0) {
    metrics += g.missing;
    request += g.missing_request;
    if (ratio < 1.0) {
      // Missing pods are taken to use their whole request, in newer releases at least the target.
      const bool current_rules = settings_.version == KubernetesVersion::current;
      const std::int64_t fallback = current_rules ? std::max<std::int64_t>(100, target_percent) : 100;
      if (fallback == 100) {
        usage += g.missing_request;
      } else {
        for (const MeasuredPod& pod : pods) {
          const bool missing =
              !pod.deleting && pod.phase != PodPhase::failed && pod.phase != PodPhase::pending && !pod.metric;
          if (missing) usage += *pod.request_milli * fallback / 100 * pod.count;
        }
      }
    }
  }
  if (count_unready) {
    metrics += g.unready;
    request += g.unready_request;
  }
  const double again = ratio_of(percent_of(usage, request));
  if (settings_.tolerance.holds(again, settings_.version) || (ratio < 1.0 && again > 1.0) ||
      (ratio > 1.0 && again < 1.0)) {
    return answer(current);
  }
  const std::int64_t replicas = ceil_to_integer(again * static_cast<double>(metrics));
  if ((again < 1.0 && replicas > current) || (again > 1.0 && replicas < current)) return answer(current);
  return answer(replicas);
}

ReplicaProposal ReplicaCalculator::average_value(std::int64_t current, std::int64_t target_milli, bool is_cpu,
                                                 std::span<const MeasuredPod> pods, StrayMetrics stray,
                                                 Time now) const {
  ReplicaProposal out;
  if (!has_samples(pods, stray) || pods.empty()) {
    out.error = has_samples(pods, stray) ? ReplicaError::no_pods : ReplicaError::no_samples;
    return out;
  }
  const Groups g = group(pods, is_cpu, now);
  std::int64_t usage = g.ready_usage + stray.milli, metrics = g.ready + stray.count;
  if (metrics == 0) {
    out.error = ReplicaError::no_metrics;
    return out;
  }
  const auto ratio_of = [&](std::int64_t mean) {
    return static_cast<double>(mean) / static_cast<double>(target_milli);
  };
  out.utilization = usage / metrics;
  const double ratio = ratio_of(out.utilization);
  const auto answer = [&](std::int64_t replicas) {
    out.replicas = replicas;
    return out;
  };
  const bool count_unready = g.unready > 0 && ratio > 1.0;
  if (!count_unready && g.missing == 0) {
    if (settings_.tolerance.holds(ratio, settings_.version)) return answer(current);
    return answer(ceil_to_integer(ratio * static_cast<double>(g.ready)));
  }
  metrics += g.missing;
  if (ratio < 1.0) usage += g.missing * target_milli;
  if (count_unready) metrics += g.unready;
  const double again = ratio_of(usage / metrics);
  if (settings_.tolerance.holds(again, settings_.version) || (ratio < 1.0 && again > 1.0) ||
      (ratio > 1.0 && again < 1.0)) {
    return answer(current);
  }
  const std::int64_t replicas = ceil_to_integer(again * static_cast<double>(metrics));
  if (settings_.version == KubernetesVersion::current &&
      ((again < 1.0 && replicas > current) || (again > 1.0 && replicas < current))) {
    return answer(current);
  }
  return answer(replicas);
}

ReplicaProposal ReplicaCalculator::value(std::int64_t current, std::int64_t target_milli, std::int64_t value_milli,
                                         std::span<const MeasuredPod> pods) const {
  ReplicaProposal out;
  out.utilization = value_milli;
  const double ratio = static_cast<double>(value_milli) / static_cast<double>(target_milli);
  if (current == 0) {
    out.replicas = ceil_to_integer(ratio);
    return out;
  }
  if (settings_.tolerance.holds(ratio, settings_.version)) {
    out.replicas = current;
    return out;
  }
  if (pods.empty()) {
    out.error = ReplicaError::no_pods;
    return out;
  }
  std::int64_t ready = 0;
  for (const MeasuredPod& pod : pods) {
    if (pod.phase == PodPhase::running && pod.ready == ReadyCondition::yes) ready += pod.count;
  }
  out.replicas = ceil_to_integer(ratio * static_cast<double>(ready));
  return out;
}

ReplicaProposal ReplicaCalculator::value_per_pod(std::int64_t status_replicas, std::int64_t target_milli,
                                                 std::int64_t value_milli) const {
  ReplicaProposal out;
  const double value = static_cast<double>(value_milli), target = static_cast<double>(target_milli);
  const double replicas = static_cast<double>(status_replicas);
  out.replicas = status_replicas;
  const double ratio = value / (target * replicas);  // without pods: infinite, or no number for a value of 0
  if (std::isnan(ratio)) return out;
  if (!settings_.tolerance.holds(ratio, settings_.version)) out.replicas = ceil_to_integer(value / target);
  out.utilization = status_replicas == 0 ? 0 : ceil_to_integer(value / replicas);
  return out;
}

}  // namespace plimsoll::kubernetes
