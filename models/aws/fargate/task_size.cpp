#include "models/aws/fargate/task_size.h"

#include <algorithm>
#include <array>

#include "models/aws/data/pack.h"

namespace plimsoll::aws {
namespace {

/// Memory of one vCPU step, MiB: either a short list, or from..to by step.
struct SizeStep {
  std::int64_t units;
  std::int64_t from, to, step;
};
// 0.25 vCPU has 512, 1024 and 2048 MiB only, 32 vCPU 60, 120 and 244 GiB.
constexpr SizeStep kSteps[] = {{512, 1024, 4096, 1024},   {1024, 2048, 8192, 1024},   {2048, 4096, 16384, 1024},
                               {4096, 8192, 30720, 1024}, {8192, 16384, 61440, 4096}, {16384, 32768, 122880, 8192}};
constexpr std::int64_t kQuarter[] = {512, 1024, 2048};
constexpr std::int64_t kThirtyTwo[] = {61440, 122880, 249856};

/// Calls visit(units, mib) in order of size until it answers true.
template <class Visit>
bool for_each_size(std::int64_t max_vcpu, Visit visit) {
  for (const std::int64_t mib : kQuarter) {
    if (visit(256, mib)) return true;
  }
  for (const SizeStep& s : kSteps) {
    if (s.units > max_vcpu * 1024) return false;
    for (std::int64_t mib = s.from; mib <= s.to; mib += s.step) {
      if (visit(s.units, mib)) return true;
    }
  }
  if (max_vcpu >= 32) {
    for (const std::int64_t mib : kThirtyTwo) {
      if (visit(32768, mib)) return true;
    }
  }
  return false;
}

std::string lower_without_spaces(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ') out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

/// "1", ".5", "0.25" times `scale`, whole.
std::optional<std::int64_t> scaled(std::string_view text, std::int64_t scale) {
  std::int64_t micro = 0;
  if (!data::parse_fixed(text, 6, micro) || micro < 0 || micro > INT64_MAX / scale) return std::nullopt;
  if (micro * scale % 1'000'000 != 0) return std::nullopt;
  return micro * scale / 1'000'000;
}

}  // namespace

bool is_fargate_size(Cpu cpu, Bytes memory, std::int64_t max_vcpu) {
  return for_each_size(max_vcpu, [&](std::int64_t units, std::int64_t mib) {
    return cpu_ecs_units(units) == cpu && mebibytes(mib) == memory;
  });
}

std::optional<FargateSize> smallest_fargate_size(Cpu cpu, Bytes memory, std::int64_t max_vcpu) {
  std::optional<FargateSize> found;
  for_each_size(max_vcpu, [&](std::int64_t units, std::int64_t mib) {
    if (cpu_ecs_units(units) < cpu || mebibytes(mib) < memory) return false;
    found = FargateSize{cpu_ecs_units(units), mebibytes(mib)};
    return true;
  });
  return found;
}

std::string fargate_size_fault(Cpu cpu, Bytes memory, const AsOf& as_of) {
  if (is_fargate_size(cpu, memory, as_of.fargate_max_vcpu)) return {};
  const auto size = smallest_fargate_size(cpu, memory, as_of.fargate_max_vcpu);
  if (!size) return "no Fargate size is as large on " + to_string(as_of.date);
  return "not a Fargate size; the next one is " + to_string(size->cpu) + " vCPU with " + to_string(size->memory);
}

std::optional<FargateSize> eks_fargate_pod_size(Cpu containers_cpu, Bytes containers_memory, Cpu largest_init_cpu,
                                                Bytes largest_init_memory, Bytes overhead) {
  return smallest_fargate_size(std::max(containers_cpu, largest_init_cpu),
                               std::max(containers_memory, largest_init_memory) + overhead);
}

std::optional<std::int64_t> parse_task_cpu_units(std::string_view text) {
  std::string t = lower_without_spaces(text);
  if (t.ends_with("vcpu")) return scaled(std::string_view(t).substr(0, t.size() - 4), 1024);
  std::int64_t units = 0;
  if (!data::parse_fixed(t, 0, units) || units < 0 || t.find('.') != std::string::npos) return std::nullopt;
  return units;
}

std::optional<std::int64_t> parse_task_memory_mib(std::string_view text) {
  std::string t = lower_without_spaces(text);
  if (t.ends_with("gb")) return scaled(std::string_view(t).substr(0, t.size() - 2), 1024);
  std::int64_t mib = 0;
  if (!data::parse_fixed(t, 0, mib) || mib < 0 || t.find('.') != std::string::npos) return std::nullopt;
  return mib;
}

std::string fargate_task_error(const FargateTaskFields& f, std::int64_t max_vcpu) {
  if (f.network_mode != "awsvpc") return "Fargate only supports network mode awsvpc";
  if (!f.cpu || !f.memory) return "Fargate requires task-level cpu and memory";
  const auto units = parse_task_cpu_units(*f.cpu);
  if (!units) return "cpu \"" + *f.cpu + "\" is neither CPU units nor a number of vCPU";
  const auto mib = parse_task_memory_mib(*f.memory);
  if (!mib) return "memory \"" + *f.memory + "\" is neither MiB nor a number of GB";
  constexpr std::int64_t kWindowsMaxUnits = 4096, kWindowsMinUnits = 1024;
  if (f.windows && (*units < kWindowsMinUnits || *units > kWindowsMaxUnits)) {
    return "Fargate on Windows has 1, 2 and 4 vCPU";
  }
  if (!is_fargate_size(cpu_ecs_units(*units), mebibytes(*mib), max_vcpu)) {
    return "no Fargate size has " + std::to_string(*units) + " CPU units with " + std::to_string(*mib) + " MiB";
  }
  if (f.ephemeral_gib) {
    constexpr std::int64_t kLeast = 21, kMost = 200;
    if (f.windows) return "Fargate on Windows has no ephemeralStorage setting";
    if (*f.ephemeral_gib < kLeast || *f.ephemeral_gib > kMost) {
      return "ephemeralStorage.sizeInGiB must be from 21 to 200";
    }
  }
  return {};
}

}  // namespace plimsoll::aws
