#include "models/kubernetes/workloads/replicaset_victims.h"

#include <doctest/doctest.h>

namespace plimsoll::kubernetes {
namespace {

constexpr Time kNow{hours(10)};

DeletionCandidate ready_pod(Time since, std::string_view uid) {
  DeletionCandidate c;
  c.node = NodeId{1};
  c.ready = true;
  c.ready_since = c.created = since;
  c.uid = uid;
  return c;
}

TEST_CASE("pods that do least go first") {
  std::vector<DeletionCandidate> pods(5, ready_pod(kTimeZero, "e"));
  pods[1].node = NodeId{};
  pods[2].phase = PodPhase::pending;
  pods[3].ready = false;
  pods[4].related = 2;
  CHECK(deletion_order(pods, kNow, KubernetesVersion::v1_26) == std::vector<std::size_t>{1, 2, 3, 4, 0});
}

TEST_CASE("similar ages are told apart by uid since 1.22, by age before") {
  // 4.5 h and 4 h lie between the same powers of two: 1.62e13 and 1.44e13 ns, 2^43 to 2^44.
  const std::vector<DeletionCandidate> pods = {ready_pod(kNow - minutes(270), "a"), ready_pod(kNow - hours(4), "b")};
  CHECK(deletion_order(pods, kNow, KubernetesVersion::v1_20) == std::vector<std::size_t>{1, 0});
  CHECK(deletion_order(pods, kNow, KubernetesVersion::v1_26) == std::vector<std::size_t>{0, 1});
}

TEST_CASE("a lower deletion cost goes first, and 1.20 does not know it") {
  std::vector<DeletionCandidate> pods = {ready_pod(kNow - hours(5), "a"), ready_pod(kNow - hours(1), "b")};
  pods[0].deletion_cost = -5;
  CHECK(deletion_order(pods, kNow, KubernetesVersion::current)[0] == 0);
  CHECK(deletion_order(pods, kNow, KubernetesVersion::v1_20)[0] == 1);
}

}  // namespace
}  // namespace plimsoll::kubernetes
