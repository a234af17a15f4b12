#pragma once

#include <string>

#include "sim/cli/explain.h"
#include "sim/cli/explain_log.h"
#include "sim/report/text_table.h"

namespace plimsoll::cli {

/// Both ends are in it.
struct ExplainSpan {
  Time from = kTimeZero, to = kTimeNever;
  bool has(Time t) const { return t >= from && t <= to; }
};

/// `json` of these: an array of the rows, empty when there are none.
///
/// Calls of the lifecycle hooks of a service's deployments, and how a deployment that a hook has failed went on.
std::string hooks_text(Subject& s, WorkloadId id, const ExplainSpan& span, const report::TerminalStyle& style,
                       std::string& json);

/// What event rules and schedules did to the service or the job; empty when nothing.
std::string rules_text(Subject& s, const DecisionLog& log, WorkloadId id, const ExplainSpan& span,
                       const report::TerminalStyle& style, std::string& json);

/// The deployment that failed because its alarm, evaluated at this instant, was in ALARM, and whether it was rolled
/// back: "web: deployment of revision 2 failed, rolled back to 1". Empty when none. Deployments look at their alarms
/// each minute, so it follows an evaluation by less than the time to the next one.
std::string rollback_text(Subject& s, const DecisionLog& log, aws::AlarmId alarm, Time at);

}  // namespace plimsoll::cli
