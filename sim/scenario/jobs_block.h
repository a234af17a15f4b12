#pragma once

#include <string>
#include <vector>

#include "sim/document/fields.h"
#include "sim/policy/readers.h"

namespace plimsoll::scenario {

/// What read_jobs found out.
struct Jobs {
  std::vector<JobSpec> jobs;  ///< those without a fault, in the order written
  std::vector<std::string> assumed;
};

/// Reads `jobs`: work that runs to completion, completed by the Jobs and CronJobs of the real files (`facts`) of the
/// same names. A name that an app has too, a Job of the files that no entry names and a schedule on a clock that nobody
/// knows are reported. Whether the schedule itself can be read is for each side to say.
Jobs read_jobs(document::Fields& scenario, const std::vector<ManifestFacts>& facts,
               const std::vector<std::string>& apps);

}  // namespace plimsoll::scenario
