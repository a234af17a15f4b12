#include <algorithm>

#include "models/ecs/narrow.h"
#include "models/ecs/placement.h"

namespace plimsoll::ecs {
namespace {

using Column = std::span<const std::uint32_t>;

/// Tasks of the group by value, over all instances (full and draining ones too: their tasks count). The last slot is
/// that of instances without the attribute, which share the value "" (our reading).
/// Four lanes of counts, so that neighbours of equal value do not wait for each other's sum.
void count_by_value(Column value, std::uint32_t value_count, Column tasks, std::vector<std::uint32_t>& counts) {
  const std::size_t slots = value_count + std::size_t{1};
  counts.assign(4 * slots, 0);
  const std::size_t n = value.size();
  const auto slot = [&](std::size_t i) { return std::min(value[i], value_count); };
  std::size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    counts[slot(i)] += tasks[i];
    counts[slots + slot(i + 1)] += tasks[i + 1];
    counts[2 * slots + slot(i + 2)] += tasks[i + 2];
    counts[3 * slots + slot(i + 3)] += tasks[i + 3];
  }
  for (; i < n; ++i) counts[slot(i)] += tasks[i];
  for (std::size_t k = 0; k < slots; ++k) {
    counts[k] += counts[slots + k] + counts[2 * slots + k] + counts[3 * slots + k];
  }
}

/// `counts`: tasks of the group by value.
void narrow_by_count(Column value, std::uint32_t value_count, const std::uint32_t* counts, bool stop,
                     PlacementScratch& scratch) {
  const std::int64_t sign = stop ? -1 : 1;
  keep_smallest(scratch.candidates, [=](std::uint32_t i) {
    return sign * static_cast<std::int64_t>(counts[std::min(value[i], value_count)]);
  });
}

void narrow_by_value(Column value, std::uint32_t value_count, const InstanceColumns& instances, bool stop,
                     PlacementScratch& scratch) {
  count_by_value(value, value_count, instances.group_tasks, scratch.counts);
  narrow_by_count(value, value_count, scratch.counts.data(), stop, scratch);
}

void narrow_by_zone(const InstanceColumns& instances, bool stop, PlacementScratch& scratch) {
  if (instances.zone_tasks.empty()) {
    narrow_by_value(instances.zone, instances.zone_count, instances, stop, scratch);
  } else {
    narrow_by_count(instances.zone, instances.zone_count, instances.zone_tasks.data(), stop, scratch);
  }
}

/// spread(instanceId): the instance with fewest tasks of the group; on a stop, with most.
/// Source: Amazon ECS Developer Guide, "Amazon ECS task placement strategies"; documented.
class SpreadOverInstances final : public PlacementStrategy {
 public:
  std::string_view type() const override { return "spread"; }
  ChainStep narrow_start(const InstanceColumns& instances, const TaskNeed&, PlacementScratch& scratch) const override {
    keep_smallest(scratch.candidates, [tasks = instances.group_tasks](std::uint32_t i) { return tasks[i]; });
    return ChainStep::go_on;
  }
  ChainStep narrow_stop(const InstanceColumns& instances, const TaskNeed&, PlacementScratch& scratch) const override {
    keep_smallest(scratch.candidates,
                  [tasks = instances.group_tasks](std::uint32_t i) { return -static_cast<std::int64_t>(tasks[i]); });
    return ChainStep::go_on;
  }
};

/// spread(attribute:ecs.availability-zone): the zones with fewest tasks of the group; on a stop, with most.
class SpreadOverZones final : public PlacementStrategy {
 public:
  std::string_view type() const override { return "spread"; }
  ChainStep narrow_start(const InstanceColumns& instances, const TaskNeed&, PlacementScratch& scratch) const override {
    narrow_by_zone(instances, false, scratch);
    return ChainStep::go_on;
  }
  ChainStep narrow_stop(const InstanceColumns& instances, const TaskNeed&, PlacementScratch& scratch) const override {
    narrow_by_zone(instances, true, scratch);
    return ChainStep::go_on;
  }
};

/// spread(attribute:NAME). An attribute that no instance has leaves all equal.
class SpreadOverAttribute final : public PlacementStrategy {
 public:
  explicit SpreadOverAttribute(NameId name) : name_(name) {}
  std::string_view type() const override { return "spread"; }
  ChainStep narrow_start(const InstanceColumns& instances, const TaskNeed&, PlacementScratch& scratch) const override {
    return narrow(instances, false, scratch);
  }
  ChainStep narrow_stop(const InstanceColumns& instances, const TaskNeed&, PlacementScratch& scratch) const override {
    return narrow(instances, true, scratch);
  }

 private:
  ChainStep narrow(const InstanceColumns& instances, bool stop, PlacementScratch& scratch) const {
    for (const AttributeColumn& column : instances.attributes) {
      if (column.name == name_) {
        narrow_by_value(column.value, column.value_count, instances, stop, scratch);
        break;
      }
    }
    return ChainStep::go_on;
  }
  NameId name_;
};

}  // namespace

StrategyPtr spread_over_instances() { return std::make_shared<SpreadOverInstances>(); }
StrategyPtr spread_over_zones() { return std::make_shared<SpreadOverZones>(); }
StrategyPtr spread_over_attribute(NameId attribute) { return std::make_shared<SpreadOverAttribute>(attribute); }

}  // namespace plimsoll::ecs
