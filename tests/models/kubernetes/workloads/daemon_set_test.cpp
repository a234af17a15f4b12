#include "models/kubernetes/workloads/daemon_set.h"

#include <doctest/doctest.h>

namespace plimsoll::kubernetes {
namespace {

using Places = std::vector<std::size_t>;
using NodeList = std::vector<DaemonNode>;

constexpr DaemonNode kDone{true, true, false, false, false}, kComing{true, false, false, false, false};
constexpr DaemonNode kBefore{false, false, true, true, false}, kBroken{false, false, true, false, false};
constexpr DaemonNode kNothing{}, kBoth{true, false, true, true, false}, kReplaced{true, true, true, true, false};

DaemonStep step_of(const DaemonSetStrategy& s, const NodeList& nodes,
                   KubernetesVersion version = KubernetesVersion::current) {
  return daemon_rolling_step(s, version, nodes);
}

TEST_CASE("one node at a time by default: the next when the new pod is available") {
  const DaemonSetStrategy one;
  CHECK(step_of(one, {kBefore, kBefore, kBefore}).stop_old == Places{0});
  CHECK(step_of(one, {kNothing, kBefore, kBefore}).stop_old.empty());
  CHECK(step_of(one, {kComing, kBefore, kBefore}).stop_old.empty());
  CHECK(step_of(one, {kDone, kBefore, kBefore}).stop_old == Places{1});
  CHECK(step_of(one, {kDone, kDone, kDone}).stop_old.empty());
  CHECK(step_of(one, {kBefore}).create.empty());
}

TEST_CASE("maxUnavailable in percent rounds up; zero of a share is one") {
  DaemonSetStrategy s;
  s.max_unavailable = {34, true};  // of three: ceil(1.02) = 2
  CHECK(step_of(s, {kBefore, kBefore, kBefore}).stop_old == Places{0, 1});
  s.max_unavailable = {0, true};
  CHECK(step_of(s, {kBefore, kBefore, kBefore}).stop_old == Places{0});
}

TEST_CASE("an old pod that is not available is replaced at once, and counts only in 1.20") {
  const DaemonSetStrategy one;
  CHECK(step_of(one, {kBefore, kBroken, kBroken}).stop_old == Places{1, 2, 0});
  CHECK(step_of(one, {kBefore, kBroken, kBroken}, KubernetesVersion::v1_20).stop_old == Places{1, 2});
}

TEST_CASE("with surge the new pod comes first and the old one goes when it is available") {
  DaemonSetStrategy s;
  s.max_surge = {2, false};
  s.max_unavailable = {0, false};
  DaemonStep step = step_of(s, {kBefore, kBefore, kBefore});
  CHECK(step.create == Places{0, 1});
  CHECK(step.stop_old.empty());
  step = step_of(s, {kBoth, kReplaced, kBefore});
  CHECK(step.stop_old == Places{1});
  CHECK(step.create == Places{2});
  CHECK(step_of(s, {kBoth, kBoth, kBefore}).create.empty());
  CHECK(step_of(s, {kBoth, kBoth, kBroken}).create == Places{2});
  CHECK(step_of(s, {kDone, kDone, kNothing}).create.empty());  // whoever keeps one pod a node sees to it
  // Where 1.20 drops it, one node at a time is what is left.
  s.max_surge = {0, false};
  CHECK(step_of(s, {kBefore, kBefore}, KubernetesVersion::v1_20).stop_old == Places{0});
}

}  // namespace
}  // namespace plimsoll::kubernetes
