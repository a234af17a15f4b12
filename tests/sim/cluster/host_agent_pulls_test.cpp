// Also tests: host_agent
#include <doctest/doctest.h>

#include "tests/sim/cluster/agent_bench.h"

namespace plimsoll {
namespace {

using namespace testing;

TEST_CASE("an image on disk is not pulled again, one on its way is waited for") {
  AgentBench b;
  const WorkloadId web = b.app("web", 200);
  b.place_at(0, web);   // pulls 2.0 .. 4.5, starts 5.0
  b.place_at(1, web);   // prepared at 3.0, waits until 4.5, starts 5.0
  b.place_at(60, web);  // prepared at 62.0, starts 62.5
  b.world.run_until(at_s(300));
  CHECK(b.world.pod(PodId{0}).started == at_ms(5'000));
  CHECK(b.world.pod(PodId{1}).started == at_ms(5'000));
  CHECK(b.world.pod(PodId{2}).started == at_ms(62'500));
}

TEST_CASE("serial pulls queue on a host, parallel ones do not") {
  for (const bool serial : {true, false}) {
    CAPTURE(serial);
    AgentBench b;
    b.world.host_profiles[0].serial_pulls = serial;
    const WorkloadId web = b.app("web", 200), api = b.app("api", 100);
    b.place_at(0, web);  // 2.0 .. 4.5
    b.place_at(0, api);  // serial: 4.5 .. 6.0; parallel: 2.0 .. 3.5
    b.world.run_until(at_s(300));
    CHECK(b.world.pod(PodId{0}).started == at_ms(5'000));
    CHECK(b.world.pod(PodId{1}).started == at_ms(serial ? 6'500 : 4'000));
  }
}

TEST_CASE("without a cache every pod pulls") {
  AgentBench b;
  b.world.host_profiles[0].image_cache = false;
  const WorkloadId web = b.app("web", 200);
  b.place_at(0, web);
  b.place_at(60, web);
  b.world.run_until(at_s(300));
  CHECK(b.world.pod(PodId{1}).started == at_ms(65'000));
}

/// Every machine's network, bytes/s.
class OneNetwork : public NetworkRates {
 public:
  explicit OneNetwork(std::int64_t rate) : rate_(rate) {}
  NetworkRate of(std::string_view) const override { return {rate_, rate_}; }

 private:
  std::int64_t rate_;
};

TEST_CASE("pulls side by side share the network of their host; serial ones have the whole rate in turn") {
  struct Row {
    bool serial;
    std::int64_t network_mb;  // 0: not known
    std::int64_t web_ms, api_ms;
  };
  // 200 and 100 MB from 2 s on, 0.5 s of requests each, 100 MB/s at most, 0.5 s to start. Shared 100 MB/s: 50 each
  // until 4.5 s, when the smaller is there; the larger has 100 MB left: 5.5 s. 150: 75 each, 3.833 s and 4.833 s.
  for (const Row row : {Row{false, 0, 6'000, 5'000}, Row{false, 100, 6'000, 5'000}, Row{false, 150, 5'333, 4'333},
                        Row{false, 1'000, 5'000, 4'000}, Row{true, 100, 5'000, 6'500}}) {
    CAPTURE(row.serial);
    CAPTURE(row.network_mb);
    AgentBench b;
    b.world.host_profiles[0].serial_pulls = row.serial;
    agent_of(b).limit_pulls(HostKind::ec2, 0);
    if (row.network_mb > 0) agent_of(b).share_network(std::make_shared<OneNetwork>(row.network_mb * 1'000'000));
    b.place_at(0, b.app("web", 200));
    b.place_at(0, b.app("api", 100));
    b.world.run_until(at_s(300));
    CHECK((b.world.pod(PodId{0}).started - kTimeZero) / milliseconds(1) == row.web_ms);
    CHECK((b.world.pod(PodId{1}).started - kTimeZero) / milliseconds(1) == row.api_ms);
  }
}

TEST_CASE("pods that want one image wait for the one pull, whatever it shares the network with") {
  AgentBench b;
  b.world.host_profiles[0].serial_pulls = false;
  agent_of(b).limit_pulls(HostKind::ec2, 0);
  const WorkloadId web = b.app("web", 200), api = b.app("api", 100);
  b.place_at(0, web);
  b.place_at(0, api);
  b.place_at(1, web);   // as above: the image is there at 5.5 s
  b.place_at(60, web);  // and is not pulled again: 62.0, 0.5 s to start
  b.world.run_until(at_s(300));
  CHECK(b.world.pod(PodId{0}).started == at_s(6));
  CHECK(b.world.pod(PodId{2}).started == at_s(6));
  CHECK(b.world.pod(PodId{3}).started == at_ms(62'500));
}

TEST_CASE("the images of one pod come one after another, or side by side with the layers of each one by one") {
  struct Row {
    bool side_by_side, layered;
    std::int64_t started_ms;
  };
  // 200 MB and 100 MB from 2 s on, 0.5 s of requests each, 100 MB/s each; 0.5 s to start. In turn: 2.5 s and 1.5 s.
  // Side by side the larger counts. With its 100 MB as a layer of their own, which needs no request: 2.5 s, 1 s.
  for (const Row row :
       {Row{false, false, 6'500}, Row{true, false, 5'000}, Row{false, true, 6'000}, Row{true, true, 6'000}}) {
    CAPTURE(row.side_by_side);
    CAPTURE(row.layered);
    AgentBench b;
    b.world.host_profiles[0].serial_pulls = false;
    b.world.host_profiles[0].images_side_by_side = row.side_by_side;
    agent_of(b).limit_pulls(HostKind::ec2, 0);
    agent_of(b).share_network(std::make_shared<OneNetwork>(1'000'000'000));
    const WorkloadId web = b.app("web", 200);
    const NameId second = b.world.names.intern("second");
    b.world.edit_workload(web).images.emplace_back(second, Bytes{100'000'000});
    if (row.layered) agent_of(b).add_layer(second);
    b.place_at(0, web);
    b.world.run_until(at_s(300));
    CHECK((b.world.pod(PodId{0}).started - kTimeZero) / milliseconds(1) == row.started_ms);
  }
}

TEST_CASE("a pull goes on when its pod goes, and ends with its host") {
  for (const bool host : {false, true}) {
    CAPTURE(host);
    AgentBench b;
    b.world.host_profiles[0].serial_pulls = false;
    agent_of(b).limit_pulls(HostKind::ec2, 0);
    const WorkloadId web = b.app("web", 200);
    b.place_at(0, web);
    b.script->at(at_s(3), [host](World& w) {
      if (host) w.lose_node(NodeId{0}, Reason::node_lost);
      if (!host) w.stop_pod(PodId{0}, Reason::scale_in);
    });
    b.world.run_until(at_s(300));
    CHECK(b.world.pod(PodId{0}).started == kTimeNever);
    REQUIRE(b.world.node(NodeId{0}).image_cache.size() == 1);
    CHECK(b.world.node(NodeId{0}).image_cache[0].second == (host ? kTimeNever : at_ms(4'500)));
  }
}

TEST_CASE("pulls side by side have as many slots as the host has cores, or fewer when it is told so") {
  struct Row {
    std::int64_t most;
    std::int64_t third_starts_ms;
  };
  // Three images of 200 MB, 2.5 s each with the request to the registry, from 2 s on; the host has four cores.
  for (const Row row : {Row{0, 5'000}, Row{3, 5'000}, Row{2, 7'500}, Row{1, 10'000}}) {
    CAPTURE(row.most);
    AgentBench b;
    b.world.host_profiles[0].serial_pulls = false;
    agent_of(b).limit_pulls(HostKind::ec2, row.most);
    agent_of(b).share_network(std::make_shared<OneNetwork>(1'000'000'000));
    for (const char* name : {"a", "b", "c"}) b.place_at(0, b.app(name, 200));
    b.world.run_until(at_s(300));
    CHECK(b.world.pod(PodId{2}).started == at_ms(row.third_starts_ms));
  }
  AgentBench b;  // five images on four cores: the fifth waits for the first
  b.world.host_profiles[0].serial_pulls = false;
  agent_of(b).limit_pulls(HostKind::ec2, 0);
  agent_of(b).share_network(std::make_shared<OneNetwork>(1'000'000'000));
  for (const char* name : {"a", "b", "c", "d", "e"}) b.place_at(0, b.app(name, 200));
  b.world.run_until(at_s(300));
  CHECK(b.world.pod(PodId{3}).started == at_ms(5'000));
  CHECK(b.world.pod(PodId{4}).started == at_ms(7'500));
}

TEST_CASE("a layer that is on the host is not pulled again, and costs no request of its own") {
  AgentBench b;
  const WorkloadId web = b.app("web", 100), api = b.app("api", 50);
  const NameId layer = b.world.names.intern("layer base");
  agent_of(b).add_layer(layer);
  for (const WorkloadId w : {web, api}) b.world.edit_workload(w).images.emplace_back(layer, Bytes{200'000'000});
  b.place_at(0, web);   // 2.0 + 0.5 + 1.0 (own) + 2.0 (base) = 5.5
  b.place_at(60, api);  // 62.0 + 0.5 + 0.5 (own) = 63.0
  b.world.run_until(at_s(300));
  CHECK(b.world.pod(PodId{0}).started == at_ms(6'000));
  CHECK(b.world.pod(PodId{1}).started == at_ms(63'500));
}

TEST_CASE("the pull policy Always asks the registry for an image that is there") {
  AgentBench b;
  const WorkloadId web = b.app("web", 200);
  PodPreparation always;
  always.rechecked = {b.world.workload(web).images[0].first};
  agent_of(b).prepare(web, always);
  b.place_at(0, web);
  b.place_at(60, web);
  b.world.run_until(at_s(300));
  CHECK(b.world.pod(PodId{1}).started == at_ms(63'000));  // 62.0, 0.5 s for the request, 0.5 s to start
}

}  // namespace
}  // namespace plimsoll
