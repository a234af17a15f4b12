#include "models/eks/node/vpc_cni.h"

#include <doctest/doctest.h>

namespace plimsoll::eks {

TEST_CASE("pods follow the network interfaces") {
  CHECK(max_pods({3, 10}) == 29);    // m5.large
  CHECK(max_pods({8, 30}) == 234);   // m5.4xlarge
  CHECK(max_pods({15, 50}) == 737);  // m5.24xlarge
  CHECK(max_pods({3, 10}, IpMode::secondary_ip, true) == 20);
  CHECK(max_pods({3, 10}, IpMode::prefix_delegation) == 434);
  CHECK(max_pods({3, 10, false}, IpMode::prefix_delegation) == 29);
}

TEST_CASE("the calculator caps small instances at 110 and large ones at 250") {
  CHECK(calculator_max_pods({8, 30}, 16) == 110);
  CHECK(calculator_max_pods({8, 30}, 48) == 234);
  CHECK(calculator_max_pods({15, 50}, 96) == 250);
  CHECK(calculator_max_pods({3, 10}, 2) == 29);
}

TEST_CASE("a node's pods follow the add-on's settings") {
  const EniLimits large{3, 10};
  CHECK(node_max_pods({}, large, 2) == 29);
  CHECK(node_max_pods({}, {8, 30}, 16) == 234);  // the table itself is not capped
  VpcCni prefixes;
  prefixes.mode = IpMode::prefix_delegation;
  CHECK(node_max_pods(prefixes, large, 2) == 110);
  VpcCni custom;
  custom.custom_networking = true;
  CHECK(node_max_pods(custom, large, 2) == 20);
  CHECK(node_max_pods({}, {0, 0}, 2) == 110);
}

TEST_CASE("warm targets decide how many addresses a node takes from its subnet") {
  const EniLimits large{3, 10};
  CHECK(addresses_held({}, large, 0) == 9 + 1);    // the warm interface
  CHECK(addresses_held({}, large, 5) == 18 + 2);   // one in use, one warm
  CHECK(addresses_held({}, large, 27) == 27 + 3);  // no more than there are
  VpcCni few;
  few.warm_ips = 2;
  CHECK(addresses_held(few, large, 5) == 7 + 1);
  few.minimum_ips = 12;
  CHECK(addresses_held(few, large, 5) == 12 + 2);
  VpcCni prefixes;
  prefixes.mode = IpMode::prefix_delegation;
  CHECK(addresses_held(prefixes, large, 20) == 3 * 16 + 1);  // two prefixes used, one warm
}

}  // namespace plimsoll::eks
