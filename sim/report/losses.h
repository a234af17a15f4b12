#pragma once

#include <string>
#include <vector>

#include "sim/report/compare.h"

namespace plimsoll::report {

/// What one application did with its requests, summed over the replications of a column.
struct ApplicationLosses {
  std::string name;
  std::int64_t arrived = 0, served = 0, lost = 0, failed = 0;  ///< micro-requests; failed of those served
  double lost_percent() const;
  double failed_percent() const;  ///< lost, or answered with an error
};

/// The applications of a column that had requests, in the order of the scenario.
std::vector<ApplicationLosses> losses(const results::ColumnResult& column);

/// One sentence on the applications that lost a hundredth of their requests or more, worst first; empty when none did.
/// It says what became of the user's requests: a request fails with the call that it makes.
std::string losses_remark(const results::ColumnResult& column);

/// "carts: 22,711,363 requests, lost 100 %": a table of the applications for the terminal; empty when none failed.
std::string render_losses(const results::ColumnResult& column, int width, bool colour);

/// Revisions whose requests were told apart, with what each lost and how long it took; empty without any.
std::string render_revisions(const results::ColumnResult& column, int width, bool colour);

}  // namespace plimsoll::report
