#include "models/ecs/task_reservation.h"

#include "models/aws/fargate/task_size.h"

namespace plimsoll::ecs {
namespace {

/// No host comes near it; keeps sums far from overflow.
constexpr std::int64_t kMostSize = 1'000'000'000;

Parsed<std::int64_t> size_or_error(std::optional<std::int64_t> value, std::string_view text,
                                   std::string_view examples) {
  if (value && *value <= kMostSize) return {value, {}};
  return {std::nullopt, "'" + std::string(text) + "' is not a size; ECS takes " + std::string(examples)};
}

std::string quoted(const std::string& name) { return "container '" + name + "'"; }

}  // namespace

Parsed<std::int64_t> parse_task_cpu(std::string_view text) {
  return size_or_error(aws::parse_task_cpu_units(text), text, "CPU units such as 256 or vCPUs such as .25 vCPU");
}

Parsed<std::int64_t> parse_task_memory(std::string_view text) {
  return size_or_error(aws::parse_task_memory_mib(text), text, "MiB such as 512 or GB such as 0.5 GB");
}

TaskReservation task_reservation(const TaskSize& size) {
  TaskReservation r;
  for (const ContainerSize& c : size.containers) {
    r.cpu += c.cpu;
    r.memory += c.memory_reservation ? *c.memory_reservation : c.memory.value_or(0);
  }
  if (size.cpu) r.cpu = *size.cpu;
  if (size.memory) r.memory = *size.memory;
  return r;
}

std::vector<SizeError> size_errors(const TaskSize& size) {
  std::vector<SizeError> errors;
  if (size.containers.empty()) errors.push_back({std::nullopt, "containerDefinitions", "a task needs a container"});
  std::int64_t cpu = 0;
  std::int64_t memory = 0;
  bool essential = false;
  for (std::size_t i = 0; i < size.containers.size(); ++i) {
    const ContainerSize& c = size.containers[i];
    essential = essential || c.essential;
    cpu += c.cpu;
    memory += c.memory_reservation ? *c.memory_reservation : c.memory.value_or(0);
    if (c.cpu < 0) errors.push_back({i, "cpu", "cpu of " + quoted(c.name) + " must not be negative"});
    if (!size.memory && !c.memory && !c.memory_reservation) {
      errors.push_back(
          {i, "memory",
           "Invalid setting for " + quoted(c.name) +
               ": at least one of 'memory' or 'memoryReservation' must be specified when the task has no memory"});
    }
    // Docker 20.10 and later; 4 MiB before.
    if (c.memory && *c.memory < 6) {
      errors.push_back({i, "memory", "memory of " + quoted(c.name) + " must be at least 6 MiB"});
    }
    if (c.memory_reservation && *c.memory_reservation < 6) {
      errors.push_back({i, "memoryReservation", "memoryReservation of " + quoted(c.name) + " must be at least 6 MiB"});
    }
    if (c.memory && c.memory_reservation && *c.memory < *c.memory_reservation) {
      errors.push_back({i, "memory", "memory of " + quoted(c.name) + " must not be below its memoryReservation"});
    }
    if (size.memory && c.memory && *c.memory > *size.memory) {
      errors.push_back({i, "memory", "memory of " + quoted(c.name) + " is above that of the task"});
    }
  }
  if (!essential && !size.containers.empty()) {
    errors.push_back({std::nullopt, "containerDefinitions", "a task needs at least one essential container"});
  }
  if (size.cpu && cpu > *size.cpu) {
    errors.push_back({std::nullopt, "cpu",
                      "the containers ask for " + std::to_string(cpu) + " CPU units together, the task has " +
                          std::to_string(*size.cpu)});
  }
  if (size.memory && memory > *size.memory) {
    errors.push_back({std::nullopt, "memory",
                      "the containers ask for " + std::to_string(memory) + " MiB together, the task has " +
                          std::to_string(*size.memory)});
  }
  return errors;
}

std::optional<std::int64_t> task_memory_limit(const TaskSize& size) {
  if (size.memory) return size.memory;
  std::int64_t sum = 0;
  for (const ContainerSize& c : size.containers) {
    if (!c.memory) return std::nullopt;
    sum += *c.memory;
  }
  return sum;
}

}  // namespace plimsoll::ecs
