#include "sim/load/call_graph.h"

#include <doctest/doctest.h>

using namespace plimsoll;
using namespace plimsoll::load;

namespace {

enum : std::uint32_t { ui, catalog, carts, checkout, orders };

Parsed<CallGraph> retail(std::vector<Call> extra = {}) {
  std::vector<Call> calls = {
      {ui, catalog, 0.8}, {ui, carts, 0.3}, {ui, checkout, 0.06}, {ui, orders, 0.01}, {checkout, orders, 0.5}};
  calls.insert(calls.end(), extra.begin(), extra.end());
  return CallGraph::build({"ui", "catalog", "carts", "checkout", "orders"}, std::move(calls), {1, 0, 0, 0, 0});
}

}  // namespace

TEST_CASE("visits of the retail store follow from its calls") {
  const auto graph = retail();
  REQUIRE(graph);
  const auto& visits = graph.value->visits();
  CHECK(visits[ui] == 1);
  CHECK(visits[catalog] == doctest::Approx(0.8));
  CHECK(visits[carts] == doctest::Approx(0.3));
  CHECK(visits[checkout] == doctest::Approx(0.06));
  CHECK(visits[orders] == doctest::Approx(0.01 + 0.06 * 0.5));
  CHECK(graph.value->order() == std::vector<std::uint32_t>{ui, catalog, carts, checkout, orders});
  CHECK(graph.value->cycles().empty());
  CHECK(graph.value->spectral_radius() == 0);
}

TEST_CASE("requests that a service drops make no calls, and their calls none either") {
  const auto graph = retail();
  REQUIRE(graph);
  std::vector<double> visits(5);
  graph.value->spread(std::vector<double>{1, 0, 0, 0, 0}, std::vector<double>(5, 1.0), visits);
  for (std::size_t i = 0; i < 5; ++i) CHECK(visits[i] == doctest::Approx(graph.value->visits()[i]));
  // Half pass at ui, a tenth at checkout: orders gets 0.5 x 0.01 + 0.5 x 0.06 x 0.1 x 0.5.
  graph.value->spread(std::vector<double>{1, 0, 0, 0, 0}, std::vector<double>{0.5, 1, 1, 0.1, 1}, visits);
  CHECK(visits[ui] == 1);
  CHECK(visits[catalog] == doctest::Approx(0.4));
  CHECK(visits[checkout] == doctest::Approx(0.03));
  CHECK(visits[orders] == doctest::Approx(0.005 + 0.0015));
  // In a ring a -> b -> a with halves: v_a = 1 + 0.5 v_b, v_b = 0.5 v_a; when b drops half: v_a = 1 + 0.25 v_b.
  const auto ring = CallGraph::build({"a", "b"}, {{0, 1, 0.5}, {1, 0, 0.5}}, {1, 0});
  REQUIRE(ring);
  std::vector<double> two(2);
  ring.value->spread(std::vector<double>{1, 0}, std::vector<double>{1, 0.5}, two);
  CHECK(two[0] == doctest::Approx(1 / (1 - 0.125)));
  CHECK(two[1] == doctest::Approx(0.5 / (1 - 0.125)));
}

TEST_CASE("a request fails with a call that it makes") {
  const auto graph = retail();
  REQUIRE(graph);
  std::vector<double> failed(5);
  // carts and orders lose all: checkout fails in 0.5 of its requests; ui survives carts in 0.7, checkout in
  // 1 - 0.06 x 0.5 = 0.97, orders in 0.99: 1 - 0.7 x 0.97 x 0.99 = 0.32779.
  graph.value->failures(std::vector<double>(5, 0.0), std::vector<double>{1, 1, 0, 1, 0}, failed);
  CHECK(failed[ui] == doctest::Approx(0.32779));
  CHECK(failed[checkout] == doctest::Approx(0.5));
  CHECK(failed[catalog] == 0);
  CHECK(failed[carts] == 0);  // what it serves is right; it serves nothing
  // Answers of catalog that are wrong by themselves, a tenth of them: ui fails in 0.08; its own 5 % come on top.
  graph.value->failures(std::vector<double>{0.05, 0.1, 0, 0, 0}, std::vector<double>(5, 1.0), failed);
  CHECK(failed[catalog] == doctest::Approx(0.1));
  CHECK(failed[ui] == doctest::Approx(1 - 0.95 * 0.92));
  // Where nothing goes wrong nothing fails, whatever was there before.
  graph.value->failures(std::vector<double>(5, 0.0), std::vector<double>(5, 1.0), failed);
  CHECK(failed == std::vector<double>(5, 0.0));
  // 2.5 calls, each of which fails in half: 0.5 x 0.5 x 0.75 get through.
  const auto pair = CallGraph::build({"a", "b"}, {{0, 1, 2.5}}, {1, 0});
  std::vector<double> two(2);
  pair.value->failures(std::vector<double>{0, 0}, std::vector<double>{1, 0.5}, two);
  CHECK(two[0] == doctest::Approx(1 - 0.1875));
  // A ring a -> b -> a with halves, b wrong in 0.2: x = 0.5 y, y = 1 - 0.8 (1 - 0.5 x): x = 0.125, y = 0.25.
  const auto ring = CallGraph::build({"a", "b"}, {{0, 1, 0.5}, {1, 0, 0.5}}, {1, 0});
  ring.value->failures(std::vector<double>{0, 0.2}, std::vector<double>{1, 1}, two);
  CHECK(two[0] == doctest::Approx(0.125));
  CHECK(two[1] == doctest::Approx(0.25));
  // With retries only what fails in the end counts: 1/16 of each call.
  const auto again = CallGraph::build({"a", "b"}, {{0, 1, 1, 0.5, 3}}, {1, 0});
  again.value->failures(std::vector<double>{0, 0}, std::vector<double>{1, 1}, two);
  CHECK(two[0] == doctest::Approx(0.0625));
}

TEST_CASE("callers come before callees whatever the indices say") {
  const auto graph = CallGraph::build({"a", "b", "c", "d"}, {{3, 1, 1}, {1, 0, 1}, {1, 2, 1}, {2, 0, 1}}, {0, 0, 0, 1});
  REQUIRE(graph);
  CHECK(graph.value->order() == std::vector<std::uint32_t>{3, 1, 2, 0});
  CHECK(graph.value->visits()[0] == doctest::Approx(2));
}

TEST_CASE("retries multiply the calls") {
  // p = 0.5, R = 3: 1 + 1/2 + 1/4 + 1/8 = 1.875 attempts, 1/16 fail in the end
  const Call call{0, 1, 2, 0.5, 3};
  CHECK(call.attempts() == doctest::Approx(1.875));
  CHECK(call.final_failure() == doctest::Approx(0.0625));
  const auto graph = CallGraph::build({"a", "b"}, {call}, {1, 0});
  CHECK(graph.value->visits()[1] == doctest::Approx(3.75));
}

TEST_CASE("a ring that dies out is solved, one that does not is named") {
  // ui -> checkout -> orders -> ui with r new rounds of ui each: visits of ui are 1 / (1 - (0.06 * 0.5 + 0.01) * r)
  const auto mild = retail({{orders, ui, 5}});
  REQUIRE(mild);
  CHECK(mild.value->visits()[ui] == doctest::Approx(1 / (1 - 0.04 * 5)));
  CHECK(mild.value->cycles().size() == 1);
  CHECK(mild.value->describe(mild.value->cycles()[0]) == "ui -> orders -> ui");
  CHECK(mild.value->spectral_radius() < 1);
  const auto wild = retail({{orders, checkout, 3}});
  REQUIRE(!wild);
  CHECK(wild.error.find("checkout -> orders -> checkout") != std::string::npos);
  CHECK(wild.error.find("1.22") != std::string::npos);  // sqrt(0.5 * 3)
  const auto self = CallGraph::build({"a"}, {{0, 0, 1}}, {1});
  REQUIRE(!self);
  CHECK(self.error.find("a -> a") != std::string::npos);
}

TEST_CASE("wrong numbers are refused with the pair they belong to") {
  CHECK(retail({{ui, carts, -1}}).error == "the number of calls from 'ui' to 'carts' is not a number >= 0");
  CHECK(retail({{ui, 9, 1}}).error == "a call names a service that does not exist");
  CHECK(!retail({{ui, carts, 1, 1.0, 1}}));
}

TEST_CASE("latencies add along the calls, and the critical path is the dearest one") {
  const auto graph = retail();
  const std::vector<LatencyMoments> own = {{10'000, 1e6}, {2'000, 4e4}, {5'000, 1e5}, {50'000, 1e7}, {8'000, 1e6}};
  std::vector<LatencyMoments> total(5);
  graph.value->end_to_end(own, total);
  CHECK(total[checkout].mean_us == doctest::Approx(50'000 + 4'000));
  // a call with probability 1/2: 0.5 * 1e6 + 0.25 * 8000^2
  CHECK(total[checkout].variance_us2 == doctest::Approx(1e7 + 5e5 + 0.25 * 64e6));
  // 10,000 + 0.8 * 2,000 + 0.3 * 5,000 + 0.06 * 54,000 + 0.01 * 8,000
  CHECK(total[ui].mean_us == doctest::Approx(16'420));
  CHECK(graph.value->critical_path(ui, own) == std::vector<std::uint32_t>{ui, checkout, orders});
}

TEST_CASE("end-to-end times with a ring satisfy their own equations") {
  const auto graph = CallGraph::build({"a", "b", "c"}, {{0, 1, 0.9}, {1, 2, 1}, {2, 0, 0.5}, {2, 1, 0.2}}, {1, 0, 0});
  REQUIRE(graph);
  const std::vector<LatencyMoments> own = {{100, 10}, {200, 20}, {300, 30}};
  std::vector<LatencyMoments> total(3);
  graph.value->end_to_end(own, total);
  CHECK(total[0].mean_us == doctest::Approx(100 + 0.9 * total[1].mean_us));
  CHECK(total[1].mean_us == doctest::Approx(200 + total[2].mean_us));
  CHECK(total[2].mean_us == doctest::Approx(300 + 0.5 * total[0].mean_us + 0.2 * total[1].mean_us));
  CHECK(total[1].variance_us2 == doctest::Approx(20 + total[2].variance_us2));
  CHECK(graph.value->critical_path(0, own) == std::vector<std::uint32_t>{0, 1, 2});
}
