#include "models/kubernetes/metrics/metrics_server.h"

namespace plimsoll::kubernetes {

namespace {

/// a / b, as long as both fit by a division of 64 bits, which costs a small part of one of 128.
std::int64_t wide_quotient(__int128 a, std::int64_t b) {
  const auto small = static_cast<std::int64_t>(a);
  return small == a ? small / b : static_cast<std::int64_t>(a / b);
}

}  // namespace

void MetricsServer::read_counters(const World& world) {
  latest_.resize(world.workloads().size());
  for (std::size_t i = 0; i < latest_.size(); ++i) {
    const Usage& u = world.usage[i];
    latest_[i] = {world.now(), u.cpu_serving, u.serving_time, u.in_flight};
  }
}

void MetricsServer::scrape(const World& world) {
  scraped_.resize(latest_.size());
  metrics_.resize(latest_.size());
  scrapes_[0] = scrapes_[1];
  scrapes_[1] = world.now();
  for (std::size_t i = 0; i < latest_.size(); ++i) {
    const Reading& now = latest_[i];
    Reading& before = scraped_[i];
    Metric& m = metrics_[i];
    if (now.time > before.time) {
      const Workload& w = world.workloads()[i];
      m.valid = true;
      const auto time = static_cast<std::int64_t>(now.time - before.time);
      m.milli = wide_quotient(now.cpu - before.cpu, time) / kCpuTicksPerMilli;
      m.idle_memory_milli = w.memory_used.raw() * 1000;
      // Requests in one pod, in millionths, times what each takes.
      m.memory_milli = m.idle_memory_milli;
      if (const std::int64_t request = w.memory_per_request.raw(); request != 0) {
        const __int128 each = wide_quotient(now.in_flight - before.in_flight, time);
        m.memory_milli += static_cast<std::int64_t>(each * request / 1000);
      }
    } else {
      m.valid = false;
    }
    m.at = now.at;
    m.window = now.at - before.at;
    before = now;
  }
}

}  // namespace plimsoll::kubernetes
