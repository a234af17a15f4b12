#include "models/eks/cluster_autoscaler/unneeded.h"

#include <doctest/doctest.h>

namespace plimsoll::eks::ca {

namespace {
Time at(std::int64_t s) { return kTimeZero + seconds(s); }
const auto kReady = [](NodeId) { return NodeState{}; };
}  // namespace

TEST_CASE("a node must be unneeded for longer than ten minutes without a break") {
  UnneededNodes state;
  const std::vector<UnneededNode> one{{NodeId{1}, false, false}};
  state.update(one, at(0));
  state.update(one, at(300));
  CHECK(state.removable_at(at(600), {{5, 0, 0}}, kReady).empty.empty());
  CHECK(state.removable_at(at(601), {{5, 0, 0}}, kReady).empty.size() == 1);
  state.update({}, at(610));
  state.update(one, at(620));
  CHECK(state.removable_at(at(1220), {{5, 0, 0}}, kReady).waiting.at(0).second == WaitReason::not_unneeded_long_enough);
  CHECK(state.removable_at(at(1221), {{5, 0, 0}}, kReady).empty.size() == 1);
}

TEST_CASE("groups keep their minimum, counting deletions in progress and the nodes already chosen") {
  UnneededNodes state;
  const std::vector<UnneededNode> nodes{{NodeId{1}, true, false}, {NodeId{2}, false, false}, {NodeId{3}, false, false}};
  state.update(nodes, at(0));
  const auto out = state.removable_at(at(700), {{4, 1, 1}}, kReady);
  CHECK(out.empty.size() == 2);
  CHECK(out.drain.empty());
  CHECK(out.waiting.at(0) == std::pair{NodeId{1}, WaitReason::group_min_size_reached});
}

TEST_CASE("unready nodes wait for their own time and annotated ones for ever") {
  UnneededNodes state;
  const std::vector<UnneededNode> nodes{{NodeId{1}, false, false}, {NodeId{2}, false, false}};
  state.update(nodes, at(0));
  const auto state_of = [](NodeId id) {
    NodeState s;
    s.ready = false;
    s.scale_down_disabled = id == NodeId{2};
    return s;
  };
  CHECK(state.removable_at(at(1200), {{5, 0, 0}}, state_of).empty.empty());
  CHECK(state.removable_at(at(1201), {{5, 0, 0}}, state_of).empty.size() == 1);
}

}  // namespace plimsoll::eks::ca
