#include "models/kubernetes/scheduler/custom_score.h"

#include <doctest/doctest.h>

#include "tests/models/kubernetes/scheduler/plugin_fixture.h"

namespace plimsoll::kubernetes {
namespace {

/// What the pod leaves free, in per cent of the node.
void left(const plimsoll_pod* pod, const plimsoll_nodes* nodes, std::int64_t* scores) {
  for (std::uint32_t i = 0; i < nodes->count; ++i) {
    const std::int64_t room = nodes->cpu_allocatable_milli[i];
    scores[i] = (room - nodes->cpu_requested_milli[i] - pod->cpu_milli) * 100 / room;
  }
}

void too_much(const plimsoll_pod*, const plimsoll_nodes* nodes, std::int64_t* scores) {
  for (std::uint32_t i = 0; i < nodes->count; ++i) scores[i] = 101;
}

Profile profile_with(plimsoll_kubernetes_score call) {
  plimsoll_policy table{};
  table.size = sizeof table;
  table.kind = PLIMSOLL_KUBERNETES_SCORE;
  table.name = "left";
  table.call.score = call;
  Profile p = default_profile(KubernetesVersion::current);
  p.scores.clear();
  p.custom_scores = {{std::make_shared<CustomPolicy>(&table, "test.so", nullptr), 3}};
  return p;
}

TEST_CASE("a score plugin of one's own is weighted like any other and sees the pods that are there") {
  PluginFixture f;
  f.snapshot.add_node(f.node("", 4000));
  f.snapshot.add_node(f.node("", 2000));
  f.put(0, f.pod("b", 1000));
  // (4000 - 1000 - 500) / 4000 = 62 %, (2000 - 500) / 2000 = 75 %; weight 3.
  CHECK(f.ask(profile_with(left), f.pod("a", 500)).totals == std::vector<std::int64_t>{186, 225});
}

TEST_CASE("a score out of range is an error with the policy's name") {
  PluginFixture f;
  f.snapshot.add_node(f.node("", 4000));
  CHECK_THROWS_WITH(f.ask(profile_with(too_much), f.pod("a", 500)),
                    "policy 'left' of plugin test.so answered 101; expected: a score from 0 to 100 for every node");
}

}  // namespace
}  // namespace plimsoll::kubernetes
