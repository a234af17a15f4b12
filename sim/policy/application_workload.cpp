#include "sim/policy/application_workload.h"

namespace plimsoll {

void describe_application(const WorkloadSpec& spec, const PodBounds& bounds, Names& names, Workload& workload) {
  workload.minimum = spec.minimum;
  workload.maximum = spec.maximum;
  workload.images = {{names.intern(spec.image_name.empty() ? spec.name : spec.image_name), spec.image}};
  workload.start_cpu_seconds = spec.start_cpu_seconds;
  workload.start_cores = spec.start_cores;
  workload.start_wait = spec.start_wait;
  workload.idle_cores = to_cores(spec.idle_cpu);
  workload.memory_used = bounds.resident;
  workload.memory_per_request = bounds.per_request;
  workload.memory_limit = bounds.memory_limit;
}

}  // namespace plimsoll
