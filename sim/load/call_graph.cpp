#include "sim/load/call_graph.h"

#include <algorithm>
#include <cmath>

#include "sim/core/assert.h"
#include "sim/core/math.h"

namespace plimsoll::load {

double Call::attempts() const {
  if (failure_probability == 0) return 1;
  return (1 - math::pow(failure_probability, max_retries + 1)) / (1 - failure_probability);
}

double Call::final_failure() const {
  return failure_probability == 0 ? 0 : math::pow(failure_probability, max_retries + 1);
}

std::string CallGraph::describe(const Cycle& cycle) const {
  std::string text;
  for (const std::uint32_t service : cycle) text += names_[service] + " -> ";
  return text + names_[cycle.front()];
}

void CallGraph::end_to_end(std::span<const LatencyMoments> own, std::span<LatencyMoments> total) const {
  const std::size_t n = size();
  PLIMSOLL_ASSERT(own.size() == n && total.size() == n);
  // 1.3 calls a request are one call always and a second with probability 0.3; whether it is made adds variance.
  const auto by_chance = [&](std::size_t c) {
    const double mean = total[calls_[c].to].mean_us;
    return chance_[c] * mean * mean;
  };
  if (cycles_.empty()) {
    for (auto service = order_.rbegin(); service != order_.rend(); ++service) {
      LatencyMoments sum = own[*service];
      for (std::uint32_t c = first_call_[*service]; c < first_call_[*service + 1]; ++c) {
        const LatencyMoments& callee = total[calls_[c].to];
        sum += {times_[c] * callee.mean_us, times_[c] * callee.variance_us2 + by_chance(c)};
      }
      total[*service] = sum;
    }
    return;
  }
  for (std::size_t i = 0; i < n; ++i) {
    total[i] = {};
    for (std::size_t j = 0; j < n; ++j) total[i].mean_us += inverse_[i * n + j] * own[j].mean_us;
  }
  std::vector<double> variance(n);
  for (std::size_t i = 0; i < n; ++i) variance[i] = own[i].variance_us2;
  for (std::size_t c = 0; c < calls_.size(); ++c) variance[calls_[c].from] += by_chance(c);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) total[i].variance_us2 += inverse_[i * n + j] * variance[j];
  }
}

void CallGraph::spread(std::span<const double> external, std::span<const double> passed,
                       std::span<double> visits) const {
  PLIMSOLL_ASSERT(external.size() == size() && passed.size() == size() && visits.size() == size());
  std::vector<double> next(size());
  std::fill(visits.begin(), visits.end(), 0.0);
  const int most = cycles_.empty() ? 1 : 1000;
  for (int round = 0; round < most; ++round) {
    std::copy(external.begin(), external.end(), next.begin());
    // With callers first, what a caller of this round has is complete when it is passed on; in a ring, last round's is.
    for (const std::uint32_t i : order_) {
      for (std::uint32_t c = first_call_[i]; c < first_call_[i + 1]; ++c) {
        const Call& call = calls_[c];
        const double from = cycles_.empty() ? next[i] : visits[i];
        next[call.to] += call.per_request * call.attempts() * passed[i] * from;
      }
    }
    double moved = 0;
    for (std::size_t i = 0; i < size(); ++i) {
      next[i] = std::max(0.0, next[i]);
      moved = std::max(moved, std::abs(next[i] - visits[i]));
      visits[i] = next[i];
    }
    if (moved <= 1e-9) break;
  }
}

void CallGraph::failures(std::span<const double> own, std::span<const double> passed, std::span<double> failed) const {
  PLIMSOLL_ASSERT(own.size() == size() && passed.size() == size() && failed.size() == size());
  const auto is = [](double value) { return [value](double x) { return x == value; }; };
  if (!calls_fail_ && std::all_of(own.begin(), own.end(), is(0)) && std::all_of(passed.begin(), passed.end(), is(1))) {
    std::fill(failed.begin(), failed.end(), 0.0);
    return;
  }
  std::copy(own.begin(), own.end(), failed.begin());
  const int most = cycles_.empty() ? 1 : 1000;
  for (int round = 0; round < most; ++round) {
    double moved = 0;
    for (auto service = order_.rbegin(); service != order_.rend(); ++service) {
      double good = 1 - own[*service];
      for (std::uint32_t c = first_call_[*service]; c < first_call_[*service + 1]; ++c) {
        const Call& call = calls_[c];
        const double fails = 1 - passed[call.to] * (1 - failed[call.to]) * (1 - call.final_failure());
        const double whole = std::floor(call.per_request);
        for (double made = 0; made < whole && good > 0; made += 1) good *= 1 - fails;
        good *= 1 - (call.per_request - whole) * fails;
      }
      moved = std::max(moved, std::abs(1 - good - failed[*service]));
      failed[*service] = 1 - good;
    }
    if (moved <= 1e-9) break;
  }
}

std::vector<std::uint32_t> CallGraph::critical_path(std::uint32_t from, std::span<const LatencyMoments> own) const {
  std::vector<LatencyMoments> total(size());
  end_to_end(own, total);
  std::vector<std::uint32_t> path{from};
  while (true) {
    const std::uint32_t at = path.back();
    double most = 0;
    std::uint32_t next = at;
    for (std::uint32_t c = first_call_[at]; c < first_call_[at + 1]; ++c) {
      const Call& call = calls_[c];
      const double part = call.per_request * call.attempts() * total[call.to].mean_us;
      if (part > most) {
        most = part;
        next = call.to;
      }
    }
    if (most == 0 || std::find(path.begin(), path.end(), next) != path.end()) return path;
    path.push_back(next);
  }
}

}  // namespace plimsoll::load
