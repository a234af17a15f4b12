#pragma once

#include "sim/cluster/world.h"

namespace plimsoll::aws {

/// Instances that break: each at a time drawn from an exponential law when it begins to run, named by its pool and
/// launch ordinal. A broken host stays broken; whether and when it is noticed and replaced is for the health checks of
/// its group and cluster. SOURCE: a scenario's input (`faults.nodeFailures`). Left out: microVMs, failures that grow
/// with age.
class HostFailures : public ComponentOf<HostFailures> {
 public:
  /// `a_year`: the share of instances that break in a year, below 100 %.
  explicit HostFailures(Ppm a_year) : a_year_(a_year) {}

  bool watches() const override { return true; }
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  Ppm a_year_;
};

}  // namespace plimsoll::aws
