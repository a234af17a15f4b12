#include "models/aws/billing/network.h"

#include <doctest/doctest.h>

using namespace plimsoll;
using namespace plimsoll::aws::charges;

namespace {
const std::vector<Tier> kEgress = {{Ratio{10'240}, Rate{90'000'000'000}},
                                   {Ratio{40'960}, Rate{85'000'000'000}},
                                   {Ratio{102'400}, Rate{70'000'000'000}},
                                   {std::nullopt, Rate{50'000'000'000}}};
}

TEST_CASE("egress of 157,000 GB climbs through four tiers") {
  const auto parts = tiered_charge(Ratio{157'000}, kEgress);
  CHECK(parts == std::vector<Money>{Money{921'600'000'000}, Money{3'481'600'000'000}, dollars(7168), dollars(170)});
}

TEST_CASE("increments of a month sum to the month") {
  Money sum{};
  Ratio before;
  for (int i = 0; i < 200; ++i) {
    const Ratio step{1'000 + i * 7, 3};
    sum += tiered_increment(before, step, kEgress);
    before += step;
  }
  Money whole{};
  for (const Money m : tiered_charge(before, kEgress)) whole += m;
  CHECK(sum == whole);
}

TEST_CASE("gateways, addresses and bytes between zones") {
  CHECK(nat_gateway_charge(hours(730), gibibytes(100), Rate{45'000'000'000}, Rate{45'000'000'000}).total() ==
        Money{37'350'000'000});
  CHECK(public_ipv4_charge(4, hours(730), Rate{5'000'000'000}) == Money{14'600'000'000});
  CHECK(public_ipv4_charge(1, seconds(1), Rate{3'600'000'000}) ==
        Money{60'000});  // a minute at 1 micro-dollar a second
  CHECK(cross_zone_charge(Ratio{500}, Rate{10'000'000'000}) == dollars(10));
}
