#pragma once

#include <cstdint>

#include "sim/core/time.h"
#include "sim/core/units.h"

namespace plimsoll::aws {

/// The account-wide token bucket of Fargate launches: one token a task or pod, `burst` tokens at most, refilled
/// continuously. On-demand and Spot launches have a bucket each; the on-demand one is shared by ECS tasks and EKS pods.
/// Also right for the other API buckets of ECS (burst and sustained rate). Exact: tokens are counted in 1e-12ths.
/// SOURCE: AWS Fargate throttling quotas (Amazon ECS developer guide): 100 burst, 20 a second.
class LaunchRate {
 public:
  /// Full at the start. @pre burst >= 1, per_second > 0 (millionths of a token a second).
  LaunchRate(std::int64_t burst, Ppm per_second, Time start = kTimeZero);

  /// Whole tokens at `now`. Time must not go back between calls.
  std::int64_t available(Time now);
  /// Takes up to `wanted` tokens and says how many.
  std::int64_t take(std::int64_t wanted, Time now);
  /// The first instant, not before `now`, at which `count` tokens are there, if none is taken meanwhile and the bucket
  /// is large enough.
  Time when_available(std::int64_t count, Time now);
  /// The instant at which the last of `count` launches asked for at `now` goes, when nobody else launches.
  Time when_all_launched(std::int64_t count, Time now);
  /// How many of `count` launches asked for at `now` have gone by `later`, when nobody else launches.
  std::int64_t launched_by(std::int64_t count, Time now, Time later);

 private:
  static constexpr std::int64_t kToken = 1'000'000'000'000;
  void refill(Time now);

  std::int64_t capacity_;    // 1e-12 tokens
  std::int64_t per_second_;  // 1e-6 tokens a second = 1e-12 tokens a microsecond
  std::int64_t tokens_;
  Time last_;
};

}  // namespace plimsoll::aws
