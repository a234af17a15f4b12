#include "models/kubernetes/vpa/recommender.h"

#include <algorithm>

namespace plimsoll::kubernetes {

namespace {

constexpr double kLeastSampleWeight = 0.1;
constexpr double kMinuteSamplesADay = 60 * 24;

template <class Q>
Q clamp_quantity(double value, Q least, const std::optional<Q>& low, const std::optional<Q>& high) {
  Q q{std::max(static_cast<std::int64_t>(value), least.raw())};
  if (high && q > *high) q = *high;
  if (low && q < *low) q = *low;
  return q;
}

}  // namespace

Recommender::Recommender(RecommenderParameters parameters)
    : parameters_(parameters),
      cpu_(cpu_scale(), parameters.cpu_half_life),
      memory_(memory_scale(), parameters.memory_half_life) {}

void Recommender::add_cpu(double cores, double request_cores, std::int64_t pods, Time at) {
  if (pods <= 0) return;
  cpu_.add(cores, std::max(request_cores, kLeastSampleWeight) * static_cast<double>(pods), at);
  if (!first_) first_ = at;
  samples_ += pods;
}

void Recommender::add_memory(double bytes, std::int64_t pods, Time at) {
  if (pods <= 0) return;
  // Each interval counts once, with its peak: a higher value takes the place of the one before.
  if (at >= interval_end_) {
    const Duration length = parameters_.memory_interval;
    interval_end_ += length * ((at - interval_end_) / length + 1);
    peak_ = peak_weight_ = 0;
  }
  if (bytes <= peak_) return;
  if (peak_weight_ > 0) memory_.subtract(peak_, peak_weight_, peak_at_);
  peak_ = bytes;
  peak_weight_ = static_cast<double>(pods);
  // Weighed by the end of its interval, so that taking it back is exact.
  peak_at_ = interval_end_;
  memory_.add(peak_, peak_weight_, peak_at_);
}

void Recommender::add_out_of_memory(double bytes, Time at) {
  add_memory(std::max(bytes + 100.0 * 1024 * 1024, bytes * 1.2), 1, at);
}

std::optional<VerticalRecommendation> Recommender::recommend(const ResourcePolicy& policy, Time now) const {
  if (!first_ || cpu_.empty() || memory_.empty()) return std::nullopt;
  const RecommenderParameters& p = parameters_;
  // Days of life, but no more than the samples of one pod a minute would fill.
  const double days = std::min(static_cast<double>((now - *first_).count()) / static_cast<double>(hours(24).count()),
                               static_cast<double>(samples_) / kMinuteSamplesADay);
  const double margin = 1.0 + p.safety_margin;
  const double widen = days > 0 ? 1.0 + 1.0 / days : 1e6;
  const double narrow_once = days > 0 ? 1.0 / (1.0 + 0.001 / days) : 0.0;
  const double narrow = narrow_once * narrow_once;
  const auto sized = [&](double cpu, double memory, double factor) {
    PodResources r;
    // A bound that is not known yet is as good as none.
    const double cpu_ticks = std::min(cpu * margin * factor * static_cast<double>(kCpuTicksPerVcpu), 1e15);
    const double bytes = std::min(memory * margin * factor, 1e15);
    r.cpu = clamp_quantity(cpu_ticks, p.least_cpu, policy.least_cpu, policy.most_cpu);
    r.memory = clamp_quantity(bytes, p.least_memory, policy.least_memory, policy.most_memory);
    // Whole milliCPU, as a quantity of the API.
    r.cpu = cpu_millis(to_millis_ceil(r.cpu));
    return r;
  };
  VerticalRecommendation out;
  out.target = sized(cpu_.percentile(p.target_cpu), memory_.percentile(p.target_memory), 1.0);
  out.lower = sized(cpu_.percentile(p.lower_cpu), memory_.percentile(p.lower_memory), narrow);
  out.upper = sized(cpu_.percentile(p.upper_cpu), memory_.percentile(p.upper_memory), widen);
  return out;
}

}  // namespace plimsoll::kubernetes
