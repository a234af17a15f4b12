#include "models/kubernetes/kubelet/eviction.h"

#include <doctest/doctest.h>

#include <vector>

namespace plimsoll::kubernetes {
namespace {

api::Container container(std::int64_t request_m, std::int64_t limit_m, std::int64_t request_mib,
                         std::int64_t limit_mib) {
  api::Container c;
  if (request_m > 0) c.requests.cpu = cpu_millis(request_m);
  if (limit_m > 0) c.limits.cpu = cpu_millis(limit_m);
  if (request_mib > 0) c.requests.memory = mebibytes(request_mib);
  if (limit_mib > 0) c.limits.memory = mebibytes(limit_mib);
  return c;
}

TEST_CASE("QoS class by requests and limits of all containers") {
  struct Row {
    std::vector<api::Container> containers, init;
    QosClass wanted;
  };
  const api::Container full = container(100, 100, 64, 64), none = container(0, 0, 0, 0);
  const Row rows[] = {
      {{full}, {}, QosClass::guaranteed},
      {{full, full}, {full}, QosClass::guaranteed},
      {{none}, {}, QosClass::best_effort},
      {{none, none}, {none}, QosClass::best_effort},
      {{full, none}, {}, QosClass::burstable},                   // one container without limits
      {{full}, {none}, QosClass::burstable},                     // init containers count
      {{container(100, 200, 64, 64)}, {}, QosClass::burstable},  // CPU request below its limit
      {{container(100, 100, 64, 0)}, {}, QosClass::burstable},   // no memory limit
      {{container(0, 0, 64, 0)}, {}, QosClass::burstable},
      {{container(0, 100, 0, 64)}, {}, QosClass::guaranteed},  // a limit alone is the request too
  };
  for (const Row& row : rows) {
    CAPTURE(&row - rows);
    api::PodTemplate pod;
    pod.containers = row.containers;
    pod.init_containers = row.init;
    CHECK(qos_class(pod) == row.wanted);
  }
}

TEST_CASE("who goes first when a node runs out of memory") {
  struct Row {
    std::vector<EvictionCandidate> pods;
    PodId wanted;
  };
  const Row rows[] = {
      {{}, PodId{}},
      // Above its request before the others, even at a higher priority.
      {{{PodId{1}, 0, 100, 90}, {PodId{2}, 1000, 100, 101}}, PodId{2}},
      // Both above: the lower priority, though it is less above.
      {{{PodId{1}, 10, 100, 500}, {PodId{2}, 5, 100, 101}}, PodId{2}},
      // Both above, one priority: the one furthest above.
      {{{PodId{1}, 0, 100, 150}, {PodId{2}, 0, 10, 90}, {PodId{3}, 0, 400, 460}}, PodId{2}},
      // None above: priority, then the one nearest to its request.
      {{{PodId{1}, 1, 100, 99}, {PodId{2}, 0, 100, 50}, {PodId{3}, 0, 200, 190}}, PodId{3}},
      // Usage equal to the request is not above.
      {{{PodId{1}, 0, 100, 100}, {PodId{2}, 7, 0, 1}}, PodId{2}},
      // Critical pods stay, whatever they use.
      {{{PodId{1}, kSystemCriticalPriority, 10, 900}, {PodId{2}, 0, 100, 5}}, PodId{2}},
      {{{PodId{1}, 2'000'001'000, 10, 900}}, PodId{}},
      // Equals: the older.
      {{{PodId{5}, 0, 10, 20}, {PodId{4}, 0, 10, 20}}, PodId{4}},
  };
  for (const Row& row : rows) {
    CAPTURE(&row - rows);
    CHECK(first_evicted(row.pods) == row.wanted);
  }
}

}  // namespace
}  // namespace plimsoll::kubernetes
