#include "sim/scenario/unholdable_workloads.h"

#include <algorithm>
#include <string>

namespace plimsoll::scenario {

void judge_unholdable(const std::vector<Column>& columns, document::Diagnostics& diagnostics) {
  std::vector<std::vector<Unholdable>> by_column;
  std::vector<std::string> pods;  // in the words of the column
  for (const Column& c : columns) {
    if (c.plan == nullptr) continue;
    by_column.push_back(c.plan->unholdable());
    pods.push_back(std::string(c.plan->pod_word()) + "s");
  }
  const auto cannot_hold = [](const std::vector<Unholdable>& column, const std::string& workload) {
    return std::any_of(column.begin(), column.end(), [&](const Unholdable& u) { return u.workload == workload; });
  };
  for (std::size_t i = 0; i < by_column.size(); ++i) {
    for (const Unholdable& u : by_column[i]) {
      document::Diagnostic d = u.fault;
      const bool nowhere = u.refused || std::all_of(by_column.begin(), by_column.end(),
                                                    [&](const auto& other) { return cannot_hold(other, u.workload); });
      if (!nowhere) {
        d.severity = document::Severity::warning;
        d.message += "; such " + pods[i] + " wait there for ever";
      }
      diagnostics.add(std::move(d));
    }
  }
}

}  // namespace plimsoll::scenario
