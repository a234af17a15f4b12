#include "models/ecs/ecs_metrics.h"

namespace plimsoll::ecs {

std::optional<double> metric_percent(std::int64_t amount, std::int64_t base) {
  if (base <= 0) return std::nullopt;
  return 100.0 * static_cast<double>(amount) / static_cast<double>(base);
}

std::optional<double> service_utilization(std::int64_t used, std::int64_t per_task, std::int64_t running_tasks) {
  return metric_percent(used, per_task * running_tasks);
}

std::int64_t displayed_percent(std::int64_t amount, std::int64_t base) {
  return base > 0 ? div_floor(100 * amount, base) : 0;
}

std::optional<std::int64_t> registered_memory_mib(std::int64_t mem_total_bytes, std::int64_t reserved_mib) {
  const std::int64_t mib = mem_total_bytes / kMiB - reserved_mib;
  if (mib < 0) return std::nullopt;
  return mib;
}

std::int64_t estimated_mem_total_mib(std::int64_t nominal_mib, Ppm share) {
  return nominal_mib * share.raw() / percent(100).raw();
}

}  // namespace plimsoll::ecs
