#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/aws/billing/ratio.h"

namespace plimsoll::aws::charges {

/// Normalised units of an instance size: nano 0.25, micro 0.5, small 1, medium 2, large 4, xlarge 8, Nxlarge 8 N.
/// None for sizes without units (metal). SOURCE: How Reserved Instance discounts apply (EC2 user guide).
std::optional<Ratio> normalised_units(std::string_view size);

/// Instances of one type running through one hour.
struct TypeUsage {
  std::string type;
  std::int64_t count = 0;
  Rate on_demand{};
};
struct ReservedInstances {
  std::string type;
  std::int64_t count = 0;
  Rate effective_per_hour{};
};
struct ReservedCoverage {
  Ratio covered_units;
  Ratio uncovered_units;
  Money total{};  ///< the reservation, used or not, plus the rest on demand
};
/// A regional Linux reservation over `hours` of constant use: flexible inside its family, smallest size first; not for
/// G, P, Inf and Trn families, where only the same type is covered.
/// SOURCE: How Reserved Instance discounts apply (EC2 user guide).
ReservedCoverage apply_regional_reservation(const ReservedInstances& reserved, std::span<const TypeUsage> usage,
                                            Ratio hours);

struct SavingsPlanUsage {
  std::string name;
  Ratio quantity;  ///< instances, vCPU-hours or GB-hours in the hour
  Rate on_demand{};
  Rate plan_rate{};
};
struct SavingsPlanLine {
  std::string name;
  Ratio covered_fraction;
  Money plan{};
  Money on_demand{};
};
struct SavingsPlanHour {
  std::vector<SavingsPlanLine> lines;  ///< in the order of application
  Money unused{};
  Money total{};  ///< the commitment plus what is left on demand
};
/// One hour of a Savings Plan: highest discount first, ties by the lowest plan rate, then in the order given; what is
/// unused in the hour is lost. SOURCE: How Savings Plans apply to your usage (Savings Plans user guide).
SavingsPlanHour apply_savings_plan(Money commitment, std::span<const SavingsPlanUsage> usage);

}  // namespace plimsoll::aws::charges
