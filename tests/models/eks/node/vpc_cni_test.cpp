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

}  // namespace plimsoll::eks
