// Also tests: unholdable
#include "sim/scenario/unholdable_workloads.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/policy/unholdable.h"

namespace plimsoll::scenario {
namespace {

class CrampedPlan final : public PlatformPlan {
 public:
  explicit CrampedPlan(std::vector<Unholdable> list) : list_(std::move(list)) {}
  void build(BuildContext&) const override {}
  std::string_view pod_word() const override { return "pod"; }
  std::vector<Unholdable> unholdable() const override { return list_; }

 private:
  std::vector<Unholdable> list_;
};

/// What is said of columns that cannot hold these workloads; with "!" before it, their API refuses it.
document::Diagnostics judged(const std::vector<std::vector<std::string>>& columns) {
  std::vector<Column> all;
  document::Diagnostics diagnostics;
  for (const std::vector<std::string>& names : columns) {
    std::vector<Unholdable> list;
    for (const std::string& name : names) {
      const bool refused = name[0] == '!';
      const std::string workload = refused ? name.substr(1) : name;
      document::Diagnostics unused;
      document::Fields f(document::Node::null(), unused, "platforms.p" + std::to_string(all.size()));
      add_unholdable(list, f, workload, "nothing holds " + workload, "take more").refused = refused;
    }
    all.emplace_back();
    all.back().plan = std::make_unique<CrampedPlan>(std::move(list));
  }
  judge_unholdable(all, diagnostics);
  return diagnostics;
}

TEST_CASE("a workload is a fault where no column holds it or one refuses it, and a warning where it will wait") {
  struct Row {
    std::vector<std::vector<std::string>> columns;
    std::size_t errors, warnings;
  };
  const Row rows[] = {
      {{{}, {}}, 0, 0},
      {{{"web"}}, 1, 0},           // the only column
      {{{"web"}, {"web"}}, 2, 0},  // each says why
      {{{"web"}, {}}, 0, 1},
      {{{"web"}, {"api"}}, 0, 2},
      {{{"web", "api"}, {"api"}}, 2, 1},
      {{{"!web"}, {}}, 1, 0},  // the API of one takes no such pod
      {{{"!web"}, {"web"}, {}}, 1, 1},
  };
  for (const Row& row : rows) {
    CAPTURE(&row - rows);
    const document::Diagnostics d = judged(row.columns);
    CAPTURE(d.text());
    CHECK(d.error_count() == row.errors);
    CHECK(d.warning_count() == row.warnings);
  }
  const std::string text = judged({{"web"}, {}}).text();
  CHECK(text.find("warning: nothing holds web; such pods wait there for ever (at platforms.p0.capacity)") !=
        std::string::npos);
  CHECK(text.find("hint: take more") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::scenario
