#pragma once

#include <algorithm>
#include <cstdint>

#include "sim/core/time.h"

namespace plimsoll::kubernetes {

/// Client-side limit of calls to the API server: a token bucket of `burst` tokens refilled at `qps` a second.
/// SOURCE: k8s.io/client-go util/flowcontrol (token bucket); defaults of the components in kubernetes.md of their
/// configuration types: kube-scheduler 50/100, kube-controller-manager 20/30.
class ClientRate {
 public:
  ClientRate(std::int64_t qps, std::int64_t burst) : qps_(qps), burst_us_(burst * kToken), tokens_us_(burst * kToken) {}

  /// Takes one token and tells when the call goes out: now, or when the tokens owed have come in.
  Time take(Time now) {
    refill(now);
    tokens_us_ -= kToken;
    last_ = tokens_us_ >= 0 ? now : now + Duration{(-tokens_us_ + qps_ - 1) / qps_};
    return last_;
  }
  /// When the latest call goes or went out.
  Time last() const { return last_; }

 private:
  static constexpr std::int64_t kToken = 1'000'000;
  void refill(Time now) {
    if (now <= at_) return;
    const std::int64_t full = (burst_us_ - tokens_us_ + qps_ - 1) / qps_;  // us until the bucket is full
    tokens_us_ = (now - at_).count() >= full ? burst_us_ : tokens_us_ + (now - at_).count() * qps_;
    at_ = now;
  }

  std::int64_t qps_, burst_us_, tokens_us_;  // tokens in millionths
  Time at_{}, last_{};
};

}  // namespace plimsoll::kubernetes
