#include "sim/load/replications.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "sim/core/assert.h"
#include "sim/core/math.h"

namespace plimsoll::load {

void Replications::add(const std::vector<double>& values) {
  if (measures_.empty()) measures_.resize(values.size());
  PLIMSOLL_ASSERT(values.size() == measures_.size());
  for (std::size_t i = 0; i < values.size(); ++i) measures_[i].add(values[i]);
  values_.push_back(values);
}

Replications::Interval Replications::controlled(std::size_t measure, std::size_t control, double known_mean,
                                                double confidence) const {
  const auto n = static_cast<double>(values_.size());
  PLIMSOLL_ASSERT(values_.size() >= 4);
  double product = 0;
  double squares = 0;
  for (const std::vector<double>& row : values_) {
    const double x = row[control] - mean(control);
    product += x * (row[measure] - mean(measure));
    squares += x * x;
  }
  const double slope = squares > 0 ? product / squares : 0;
  double rest = 0;
  for (const std::vector<double>& row : values_) {
    const double off = row[measure] - mean(measure) - slope * (row[control] - mean(control));
    rest += off * off;
  }
  const double away = mean(control) - known_mean;
  const double spread = squares > 0 ? away * away / squares : 0;
  const double deviation = std::sqrt(rest / (n - 2) * (1 / n + spread));
  return {mean(measure) - slope * away, math::student_t_quantile(0.5 + confidence / 2, n - 2) * deviation};
}

double Replications::half_width(std::size_t measure, double confidence) const {
  const Welford& values = measures_[measure];
  if (values.count() < 2) return std::numeric_limits<double>::infinity();
  const auto n = static_cast<double>(values.count());
  return math::student_t_quantile(0.5 + confidence / 2, n - 1) * values.deviation() / std::sqrt(n);
}

Replications replicate(const std::function<std::vector<double>(std::uint64_t)>& run,
                       const std::vector<Precision>& precision, std::uint64_t first, std::uint64_t most) {
  Replications result;
  std::uint64_t until = std::min(first, most);
  while (true) {
    while (result.count() < until) result.add(run(result.count()));
    bool narrow = true;
    for (std::size_t i = 0; i < precision.size(); ++i) {
      const Precision& asked = precision[i];
      if (asked.relative == 0 && asked.absolute == 0) continue;
      const double enough = std::max(asked.relative * std::fabs(result.mean(i)), asked.absolute);
      if (!(result.half_width(i, 0.99) <= enough)) narrow = false;
    }
    if (narrow || until >= most) return result;
    until = std::min(until + until / 2, most);
  }
}

void ValueHistogram::add(double value) {
  ++count_;
  if (value <= 0) {
    ++zeros_;
    return;
  }
  const std::uint64_t key = std::bit_cast<std::uint64_t>(value) >> 44;
  const std::size_t bucket = key <= kLowest ? 0 : std::min<std::size_t>(key - kLowest, kBuckets - 1);
  ++buckets_[bucket];
}

double ValueHistogram::quantile(double p) const {
  const double wanted = p * static_cast<double>(count_);
  double below = static_cast<double>(zeros_);
  if (count_ == 0 || wanted <= below) return 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    const auto here = static_cast<double>(buckets_[i]);
    if (below + here >= wanted) {
      const auto edge = [](std::size_t bucket) {
        return std::bit_cast<double>(static_cast<std::uint64_t>(kLowest + bucket) << 44);
      };
      return edge(i) + (edge(i + 1) - edge(i)) * (wanted - below) / here;
    }
    below += here;
  }
  return std::numeric_limits<double>::infinity();
}

double LevelShares::at_most(std::int64_t level) const {
  double sum = 0;
  for (std::size_t i = 0; i < weight_.size() && static_cast<std::int64_t>(i) <= level; ++i) sum += weight_[i];
  return sum / total_;
}

double LevelShares::mean() const {
  double sum = 0;
  for (std::size_t i = 0; i < weight_.size(); ++i) sum += weight_[i] * static_cast<double>(i);
  return sum / total_;
}

double LevelShares::variance() const {
  const double middle = mean();
  double sum = 0;
  for (std::size_t i = 0; i < weight_.size(); ++i) {
    const double off = static_cast<double>(i) - middle;
    sum += weight_[i] * off * off;
  }
  return sum / total_;
}

}  // namespace plimsoll::load
