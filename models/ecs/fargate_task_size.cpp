#include "models/ecs/fargate_task_size.h"

#include <algorithm>
#include <array>

namespace plimsoll::ecs {
namespace {

struct Row {
  std::int64_t cpu, first, last, step;  // step 0: three memories, not evenly spaced
  bool windows;
};
constexpr std::array<Row, 8> kRows{{{256, 512, 2048, 0, false},
                                    {512, 1024, 4096, 1024, false},
                                    {1024, 2048, 8192, 1024, true},
                                    {2048, 4096, 16384, 1024, true},
                                    {4096, 8192, 30720, 1024, true},
                                    {8192, 16384, 61440, 4096, false},
                                    {16384, 32768, 122880, 8192, false},
                                    {32768, 61440, 249856, 0, false}}};
constexpr std::array<std::int64_t, 3> kSmallest{512, 1024, 2048};
constexpr std::array<std::int64_t, 3> kLargest{61440, 122880, 249856};

std::vector<std::int64_t> memories(const Row& row) {
  if (row.step == 0) {
    const auto& odd = row.cpu == 256 ? kSmallest : kLargest;
    return {odd.begin(), odd.end()};
  }
  std::vector<std::int64_t> out;
  for (std::int64_t m = row.first; m <= row.last; m += row.step) out.push_back(m);
  return out;
}

}  // namespace

bool is_fargate_size(const FargateSize& size, bool windows) {
  for (const Row& row : kRows) {
    if (row.cpu != size.cpu || (windows && !row.windows)) continue;
    const auto m = memories(row);
    return std::find(m.begin(), m.end(), size.memory) != m.end();
  }
  return false;
}

std::vector<FargateSize> nearest_fargate_sizes(const FargateSize& size, bool windows) {
  std::vector<FargateSize> out;
  const auto add = [&out](FargateSize s) {
    if (std::find(out.begin(), out.end(), s) == out.end() && out.size() < 3) out.push_back(s);
  };
  const Row* at_cpu = nullptr;
  bool holds_both = false;
  for (const Row& row : kRows) {
    if ((windows && !row.windows) || row.cpu < size.cpu) continue;
    if (at_cpu == nullptr) at_cpu = &row;
    const auto m = memories(row);
    const auto enough = std::lower_bound(m.begin(), m.end(), size.memory);
    if (enough != m.end() && !holds_both) {
      add({row.cpu, *enough});
      holds_both = true;
    }
  }
  if (at_cpu == nullptr) {  // more CPU than there is
    for (const Row& row : kRows) {
      if (!windows || row.windows) at_cpu = &row;
    }
  }
  const auto m = memories(*at_cpu);
  const auto above = std::lower_bound(m.begin(), m.end(), size.memory);
  if (above != m.begin()) add({at_cpu->cpu, *(above - 1)});
  if (above != m.end()) add({at_cpu->cpu, *above});
  return out;
}

std::string fargate_memory_choices(std::int64_t cpu, bool windows) {
  for (const Row& row : kRows) {
    if (row.cpu != cpu || (windows && !row.windows)) continue;
    const std::string head = std::to_string(cpu) + " CPU units with ";
    if (row.step != 0) {
      return head + std::to_string(row.first) + " to " + std::to_string(row.last) + " MiB in steps of " +
             std::to_string(row.step);
    }
    const auto m = memories(row);
    return head + std::to_string(m[0]) + ", " + std::to_string(m[1]) + " or " + std::to_string(m[2]) + " MiB";
  }
  return {};
}

}  // namespace plimsoll::ecs
