#include "models/kubernetes/metrics/metrics_server.h"

namespace plimsoll::kubernetes {

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
      m.milli = static_cast<std::int64_t>((now.cpu - before.cpu) / (now.time - before.time) / kCpuTicksPerMilli);
      m.idle_memory_milli = w.memory_used.raw() * 1000;
      // Requests in one pod, in millionths, times what each takes.
      const __int128 each = (now.in_flight - before.in_flight) / (now.time - before.time);
      m.memory_milli = m.idle_memory_milli + static_cast<std::int64_t>(each * w.memory_per_request.raw() / 1000);
    } else {
      m.valid = false;
    }
    m.at = now.at;
    m.window = now.at - before.at;
    before = now;
  }
}

}  // namespace plimsoll::kubernetes
