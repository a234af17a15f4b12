#include <doctest/doctest.h>

#include "tests/models/ecs/placement_fixture.h"

using namespace plimsoll::ecs;

namespace {
PlacementFailures failures_of(Cluster& c, const TaskNeed& need) {
  PlacementScratch scratch;
  const auto answer = place(c.view(), need, {}, scratch);
  CHECK(answer.best.empty());
  return answer.failures;
}
}  // namespace

TEST_CASE("each resource can refuse by itself") {
  Cluster c;
  c.add(0, 1024, 2048, 0);
  CHECK(failures_of(c, need_of(2048, 512))[PlacementReason::cpu] == 1);
  CHECK(failures_of(c, need_of(256, 4096))[PlacementReason::memory] == 1);
  TaskNeed need = need_of(256, 512);
  need.enis = 1;
  c.enis[0] = 0;
  CHECK(failures_of(c, need)[PlacementReason::eni] == 1);
  need = need_of(256, 512);
  need.gpus = 1;
  CHECK(failures_of(c, need)[PlacementReason::gpu] == 1);
  CHECK(failures_of(c, need).most_frequent() == PlacementReason::gpu);
}

TEST_CASE("a static port is taken once for each protocol") {
  Cluster c;
  c.add(0, 1024, 2048, 0);
  c.ports[0] = {port_key(22, PortProtocol::tcp), port_key(8080, PortProtocol::tcp)};
  TaskNeed need = need_of(256, 512);
  const std::vector<PortKey> tcp{port_key(8080, PortProtocol::tcp)};
  const std::vector<PortKey> udp{port_key(8080, PortProtocol::udp)};
  need.host_ports = tcp;
  CHECK(failures_of(c, need)[PlacementReason::ports] == 1);
  need.host_ports = udp;
  CHECK(best_of(c, need, {}) == Rows{0});
}

TEST_CASE("distinctInstance refuses instances that run the group") {
  Cluster c;
  c.add(0, 1024, 2048, 1);
  c.add(0, 1024, 2048, 0);
  TaskNeed need = need_of(256, 512);
  need.distinct_instance = true;
  CHECK(best_of(c, need, {}) == Rows{1});
  c.tasks[1] = 1;
  CHECK(failures_of(c, need)[PlacementReason::distinct_instance] == 2);
}

TEST_CASE("masks of attributes and of memberOf bind") {
  Cluster c;
  c.add(0, 1024, 2048, 0);
  c.add(0, 1024, 2048, 0);
  TaskNeed need = need_of(256, 512);
  const std::vector<std::uint8_t> second{0, 1};
  const std::vector<std::uint8_t> first{1, 0};
  need.member_of = second;
  CHECK(best_of(c, need, {}) == Rows{1});
  need.has_attributes = first;
  const auto f = failures_of(c, need);
  CHECK(f[PlacementReason::attribute] == 1);
  CHECK(f[PlacementReason::member_of] == 1);
}

TEST_CASE("instances that are not usable are not asked") {
  Cluster c;
  c.add(0, 1024, 2048, 0);
  c.usable[0] = 0;
  const auto f = failures_of(c, need_of(256, 512));
  CHECK(f.no_active_instances);
  CHECK(f[PlacementReason::agent] == 1);
  Cluster empty;
  CHECK(failures_of(empty, need_of(256, 512)).no_active_instances);
}

TEST_CASE("reasons have the names that RunTask uses") {
  CHECK(to_string(PlacementReason::cpu) == "RESOURCE:CPU");
  CHECK(to_string(PlacementReason::memory) == "RESOURCE:MEMORY");
  CHECK(to_string(PlacementReason::ports) == "RESOURCE:PORTS");
  CHECK(to_string(PlacementReason::eni) == "RESOURCE:ENI");
  CHECK(to_string(PlacementReason::gpu) == "RESOURCE:GPU");
  CHECK(to_string(PlacementReason::agent) == "AGENT");
  CHECK(to_string(PlacementReason::attribute) == "ATTRIBUTE");
  CHECK(to_string(PlacementReason::distinct_instance) == "DISTINCT_INSTANCE");
  CHECK(to_string(PlacementReason::member_of) == "MEMBER_OF");
}
