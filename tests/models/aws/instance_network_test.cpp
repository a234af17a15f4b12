#include "models/aws/instance_network.h"

#include <doctest/doctest.h>

namespace plimsoll::aws {
namespace {

TEST_CASE("the network of an instance type is the catalogue's, in bytes a second") {
  const InstanceNetworks networks(std::shared_ptr<const Catalogue>(std::shared_ptr<void>(), &Catalogue::built_in()));
  // 0.75 and up to 10 Gbit/s; 10 and 10 Gbit/s.
  CHECK(networks.of("m5.large").baseline == 93'750'000);
  CHECK(networks.of("m5.large").burst == 1'250'000'000);
  CHECK(networks.of("m5.8xlarge").baseline == 1'250'000'000);
  CHECK(networks.of("m5.8xlarge").burst == 1'250'000'000);
  CHECK(networks.of("somebody's own").baseline == 0);
}

}  // namespace
}  // namespace plimsoll::aws
