#pragma once

#include <string>
#include <vector>

#include "models/ecs/placement.h"

namespace plimsoll::ecs {

/// Columns that a test fills row by row.
struct Cluster {
  std::vector<std::int64_t> cpu, memory, enis, gpus;
  std::vector<std::uint8_t> usable;
  std::vector<std::uint32_t> zone, tasks, rack;
  std::vector<std::vector<PortKey>> ports;
  std::vector<AttributeColumn> attributes;
  std::uint32_t zones = 0;

  void add(std::uint32_t in_zone, std::int64_t cpu_units, std::int64_t mib, std::uint32_t group_tasks,
           std::uint32_t in_rack = kNoValue) {
    cpu.push_back(cpu_ecs_units(cpu_units).raw());
    memory.push_back(mebibytes(mib).raw());
    enis.push_back(2);
    gpus.push_back(0);
    usable.push_back(1);
    zone.push_back(in_zone);
    tasks.push_back(group_tasks);
    rack.push_back(in_rack);
    ports.emplace_back();
    if (in_zone >= zones) zones = in_zone + 1;
  }
  static constexpr NameId kRack{7};
  InstanceColumns view() {
    attributes = {{kRack, rack, 3}};
    InstanceColumns v;
    v.free_cpu = cpu;
    v.free_memory = memory;
    v.free_enis = enis;
    v.free_gpus = gpus;
    v.usable = usable;
    v.zone = zone;
    v.zone_count = zones;
    v.group_tasks = tasks;
    v.used_ports = ports;
    v.attributes = attributes;
    return v;
  }
};

inline TaskNeed need_of(std::int64_t cpu_units, std::int64_t mib) {
  TaskNeed n;
  n.cpu = cpu_ecs_units(cpu_units);
  n.memory = mebibytes(mib);
  return n;
}

using Rows = std::vector<std::uint32_t>;

inline Rows best_of(Cluster& c, const TaskNeed& need, const StrategyChain& chain) {
  PlacementScratch scratch;
  const auto answer = place(c.view(), need, chain, scratch);
  return {answer.best.begin(), answer.best.end()};
}

inline Rows stops_of(Cluster& c, const StrategyChain& chain, const std::vector<std::uint32_t>& stoppable = {}) {
  PlacementScratch scratch;
  const auto best = choose_scale_in(c.view(), need_of(256, 512), chain, stoppable, scratch);
  return {best.begin(), best.end()};
}

}  // namespace plimsoll::ecs
