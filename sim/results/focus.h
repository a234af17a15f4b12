#pragma once

#include <string>

#include "sim/results/run_result.h"

namespace plimsoll::results {

/// costs.focus.csv: the bill of replication 0 of each column as FOCUS 1.2 rows, one for each line and hour that cost
/// something. A null is an empty field. Rows are dated from the scenario's `calendar`, the instant at which the counted
/// window begins; a scenario that says none begins at 2026-01-05T00:00:00Z, its default.
/// Lines add up many resources, so ResourceId, ResourceName and ResourceType are null; the kind stands in
/// x_ResourceType. The column of the comparison is the sub-account. PricingQuantity is BilledCost / ListUnitPrice to
/// twelve digits, so that an hour's row multiplies out; the costs of all rows sum exactly to the bill.
/// SOURCE: FinOps-Open-Cost-and-Usage-Spec/FOCUS_Spec specification (1.2).
std::string focus_csv(const Comparison& comparison);

}  // namespace plimsoll::results
