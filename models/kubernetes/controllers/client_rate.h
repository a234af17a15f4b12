#pragma once

#include <algorithm>
#include <cstdint>

#include "sim/core/time.h"

namespace plimsoll::kubernetes {

/// Client-side limit of calls to the API server: a token bucket of `burst` tokens refilled at `qps` a second.
/// SOURCE: k8s.io/client-go util/flowcontrol (token bucket), rest/config.go (a negative qps: no limit); defaults of the
/// components in kubernetes.md of their configuration types: kube-scheduler 50/100, kube-controller-manager 20/30.
class ClientRate {
 public:
  ClientRate(std::int64_t qps, std::int64_t burst) : ClientRate(Milli{qps * 1000}, burst) {}
  /// Of thousandths of a call a second: clientConnection.qps is a float32.
  static ClientRate of_milli(std::int64_t qps_milli, std::int64_t burst) { return {Milli{qps_milli}, burst}; }

  /// Takes one token and tells when the call goes out: now, or when the tokens owed have come in.
  Time take(Time now) {
    if (qps_ < 0) return last_ = now;
    refill(now);
    tokens_ -= kToken;
    last_ = tokens_ >= 0 ? now : now + Duration{(-tokens_ + qps_ - 1) / qps_};
    return last_;
  }
  /// When the latest call goes or went out.
  Time last() const { return last_; }

 private:
  struct Milli {
    std::int64_t qps = 0;
  };
  ClientRate(Milli rate, std::int64_t burst) : qps_(rate.qps), burst_(burst * kToken), tokens_(burst * kToken) {}

  static constexpr std::int64_t kToken = 1'000'000'000;  ///< in what comes in a microsecond at a milli-call a second
  void refill(Time now) {
    if (now <= at_) return;
    const std::int64_t full = (burst_ - tokens_ + qps_ - 1) / qps_;  // us until the bucket is full
    tokens_ = (now - at_).count() >= full ? burst_ : tokens_ + (now - at_).count() * qps_;
    at_ = now;
  }

  std::int64_t qps_, burst_, tokens_;
  Time at_{}, last_{};
};

}  // namespace plimsoll::kubernetes
