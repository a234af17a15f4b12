#include "models/kubernetes/controllers/api_server.h"

#include <doctest/doctest.h>

#include <memory>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::kubernetes {
namespace {

using namespace plimsoll::testing;

struct ApiBench {
  explicit ApiBench(const ApiServerParameters& parameters) : world(small_world(seconds(100))) {
    web = add_workload(world, "web", 100, 128);
    auto server = std::make_unique<ApiServer>(parameters);
    api = server.get();
    world.attach(std::move(server));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
  }
  World world;
  WorkloadId web;
  ApiServer* api = nullptr;
  Script* script = nullptr;
};

TEST_CASE("what the seats hold at once waits for nothing, what is beyond waits for a seat") {
  // Ten seats of a second each. A pod that is created is worth two requests.
  ApiBench b({.seats = 10, .request = seconds(1)});
  Duration five{}, ten{}, later{}, emptied{};
  b.script->at(at_s(10), [&](World& w) {
    for (int i = 0; i < 5; ++i) w.create_pod(b.web);
    five = b.api->wait(w);
    CHECK(b.api->seats_in_use(w) == 10);
    for (int i = 0; i < 5; ++i) w.create_pod(b.web);
    ten = b.api->wait(w);
    CHECK(b.api->seats_in_use(w) == 10);
  });
  b.script->at(at_ms(10'500), [&](World& w) { later = b.api->wait(w); });
  b.script->at(at_s(12), [&](World& w) {
    emptied = b.api->wait(w);
    CHECK(b.api->seats_in_use(w) == 0);
  });
  b.world.run();
  CHECK(five == Duration{});  // 10 requests, 10 seats
  CHECK(ten == seconds(1));   // 20 requests: two rounds of a second
  CHECK(later == milliseconds(500));
  CHECK(emptied == Duration{});
  // Requests waited from 10 s to 11 s, of a window of 100 s.
  const auto limits = b.api->binding_limits(b.world);
  REQUIRE(limits.size() == 1);
  CHECK(limits[0].name.find("10 seats") != std::string::npos);
  CHECK(limits[0].share == doctest::Approx(0.01));
}

TEST_CASE("more seats serve what waits at once; nodes hold seats by their leases") {
  ApiBench b({.seats = 10, .request = seconds(1)});
  int asked = 0;
  b.script->at(at_s(10), [&](World& w) {
    for (int i = 0; i < 20; ++i) w.create_pod(b.web);
    CHECK(b.api->wait(w) == seconds(3));  // 40 requests in four rounds
    b.api->set_seats(w, 40);
    CHECK(b.api->wait(w) == Duration{});
    ++asked;
  });
  b.script->at(at_s(20), [&](World& w) {
    ++asked;
    // Twenty nodes hold 20 x 0.15 requests/s x 1 s = 3 seats, once what they joined with is done.
    for (int i = 0; i < 20; ++i) ready_node(w, 2000, 4096);
  });
  b.script->at(at_s(60), [&](World& w) {
    CHECK(b.api->seats_in_use(w) == 3);
    ++asked;
  });
  b.world.run();
  CHECK(asked == 3);
}

TEST_CASE("without an API server nothing waits") {
  World w = small_world();
  CHECK(api_wait(w, {}) == Duration{});
}

}  // namespace
}  // namespace plimsoll::kubernetes
