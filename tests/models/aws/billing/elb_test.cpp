#include "models/aws/billing/elb.h"

#include <doctest/doctest.h>

using namespace plimsoll;
using namespace plimsoll::aws::charges;

TEST_CASE("the LCU is the largest of its four dimensions") {
  AlbTraffic t;
  t.new_connections_per_s = Ratio{1};
  t.active_connections = Ratio{120};
  t.gb_per_hour = Ratio{108, 100};
  t.requests_per_s = Ratio{5};
  t.rules = 60;
  const AlbUnits u = alb_units(t);
  CHECK(u.by_dimension[0] == Ratio{4, 100});
  CHECK(u.by_dimension[1] == Ratio{4, 100});
  CHECK(u.by_dimension[3] == Ratio{1, 4});
  CHECK(u.lcu == Ratio{108, 100});
  CHECK(u.binding == LcuDimension::processed_bytes);
  // 720 h: 16.20 + 720 x 1.08 x 0.008 = 6.2208
  const LoadBalancerCharge c = alb_charge(hours(720), u.lcu, Rate{22'500'000'000}, Rate{8'000'000'000});
  CHECK(c.hours == Money{16'200'000'000});
  CHECK(c.usage == Money{6'220'800'000});
}

TEST_CASE("Lambda targets and mutual TLS have smaller units") {
  AlbTraffic t;
  t.gb_per_hour = Ratio{1};
  t.lambda_targets = true;
  CHECK(alb_units(t).lcu == Ratio{5, 2});
  t = {};
  t.active_connections = Ratio{3000};
  CHECK(alb_units(t).lcu == Ratio{1});
  t.mutual_tls = true;
  CHECK(alb_units(t).lcu == Ratio{2});
  CHECK(alb_units({}).lcu == Ratio{0});
}

TEST_CASE("network units add up over protocols") {
  const Ratio tcp = nlb_units(NlbProtocol::tcp, {Ratio{1600}, Ratio{50'000}, Ratio{3, 2}});
  const Ratio tls = nlb_units(NlbProtocol::tls, {Ratio{25}, Ratio{6000}, Ratio{1, 2}});
  const Ratio udp = nlb_units(NlbProtocol::udp, {Ratio{400}, Ratio{0}, Ratio{0}});
  CHECK(tcp == Ratio{2});
  CHECK(tls == Ratio{2});
  CHECK(udp == Ratio{1});
  CHECK(nlb_charge(hours(1), tcp + tls, Rate{22'500'000'000}, Rate{6'000'000'000}).total() == Money{46'500'000});
}

TEST_CASE("a classic balancer pays hours and gigabytes") {
  CHECK(clb_charge(hours(10), gibibytes(100), Rate{25'000'000'000}, Rate{8'000'000'000}).total() ==
        Money{1'050'000'000});
}
