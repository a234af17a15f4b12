#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cli/verbs.h"
#include "sim/engine/engine.h"
#include "sim/report/table.h"

namespace plimsoll::cli {

/// A question that has no answer as it was put: exit code 2.
struct ExplainError : std::runtime_error {
  ExplainError(const std::string& message, std::string hint_in = {})
      : std::runtime_error(message), hint(std::move(hint_in)) {}
  std::string hint;
};

/// The answer for people and for programs; they say the same.
struct Explanation {
  std::string text, json;
};

/// One column of a finished run, made again, or of a scenario, made for the first time. Against a finished run every
/// fact is compared with the stored one on the way, and the trace hash at the end.
class Subject {
 public:
  /// Reads a run directory or a scenario file and builds the column. `platform` may be empty when there is one column,
  /// or when `wanted` names an entity that only one column has.
  /// @throws ExplainError.
  Subject(const Registry& registry, const ExplainArguments& arguments);
  ~Subject();
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;

  World& world();
  const World& world() const;
  engine::Run& run();
  const scenario::Scenario& scenario() const;
  const std::string& platform() const;
  bool is_ecs() const;
  std::string pod_word() const;  ///< "task" or "pod"

  /// Runs to `until`, or to the end. @throws ExplainError where the replay leaves the stored run.
  void run_until(Time until);
  void run_to_end();
  /// "equal to the stored run in all 12,345 facts and in its hash", "first run"
  std::string check_text() const;

  /// "09:31:05" from the start of the counted window.
  std::string clock(Time t) const;
  /// "09:31", "09:31:05.5", "1d 09:31", "-00:10", "571m". @throws ExplainError when it is none or outside the run.
  Time instant(const std::string& text) const;

  /// The workload of this name that is not part of the platform, else the system's.
  /// @throws ExplainError with the nearest name.
  WorkloadId workload(const std::string& name) const;
  std::string name(WorkloadId id) const;
  std::string name(PodId id) const;
  std::string name(NodeId id) const;
  std::string name(NodeGroupId id) const;
  std::string zone(NodeId id) const;           ///< empty when it has none
  std::string instance_type(NodeId id) const;  ///< empty for a microVM
  /// "m5.xlarge in us-east-1b, on-demand"
  std::string described(NodeId id) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// --- the forms, a file each ---
Explanation explain_pod(Subject& subject, const ExplainArguments& arguments, const report::TerminalStyle& style);
Explanation explain_node(Subject& subject, const ExplainArguments& arguments, const report::TerminalStyle& style);
Explanation explain_instant(Subject& subject, const ExplainArguments& arguments, const report::TerminalStyle& style);
Explanation explain_scale_up(Subject& subject, const ExplainArguments& arguments, const report::TerminalStyle& style);
Explanation explain_service(Subject& subject, const ExplainArguments& arguments, const report::TerminalStyle& style);
Explanation explain_alarm(Subject& subject, const ExplainArguments& arguments, const report::TerminalStyle& style);
Explanation explain_capacity_provider(Subject& subject, const ExplainArguments& arguments,
                                      const report::TerminalStyle& style);
/// Of FARGATE or FARGATE_SPOT: what the strategy gave to it and what it launched, minute by minute, and which bucket or
/// quota held it back. Nothing when the argument or the column is another.
std::optional<Explanation> explain_fargate_provider(Subject& subject, const ExplainArguments& arguments,
                                                    const report::TerminalStyle& style);
Explanation explain_fit(Subject& subject, const ExplainArguments& arguments, const report::TerminalStyle& style);

// --- words that the forms share ---
/// "2 min 17 s", "850 ms", "1 h 5 min".
std::string span_text(Duration d);
/// "$0.0123": at least three digits that count.
std::string usd_text(double usd);
/// What a reason means: "fewer replicas wanted".
std::string reason_text(Reason reason);
/// As events.csv writes it: "node_drain".
std::string reason_key(Reason reason);
/// Words broken into lines of at most `width` columns; blanks at the front stay, later lines start with `indent`.
std::string folded(std::string_view text, std::size_t width, std::size_t indent);
/// "1100m / 1955Mi": what a scheduler counts for one pod (its containers or an init container, whichever asks for
/// more); memory that is no whole number of MiB is rounded up to one.
std::string requests_text(const ResourceVector& requests);
/// "1 pod", "2 pods".
std::string counted(std::int64_t n, const std::string& word);

}  // namespace plimsoll::cli
