#include "models/eks/node/volume_attach_limit.h"

#include <doctest/doctest.h>

namespace plimsoll::eks {
namespace {

std::int64_t limit_of(std::string_view type, const VpcCni& cni = {}) {
  const aws::InstanceType* t = aws::Catalogue::built_in().find_type(type);
  REQUIRE(t != nullptr);
  return volume_attach_limit(*t, cni);
}

TEST_CASE("volumes share the slots of older types with interfaces and instance store, newer types have their own") {
  CHECK(limit_of("m5.large") == 25);     // 27 - the warm interface - the root volume
  CHECK(limit_of("m5d.large") == 24);    // one NVMe disk more
  CHECK(limit_of("g4dn.xlarge") == 23);  // 25: a GPU and a disk
  CHECK(limit_of("m7i.large") == 31);    // 32 of its own - the root volume
  CHECK(limit_of("m7i.48xlarge") == 127);
  CHECK(limit_of("c5.metal") == 29);   // 31 - 1 - 1
  CHECK(limit_of("m4.large") == 38);   // Xen: 39 - 1
  CHECK(limit_of("d3.8xlarge") == 1);  // 3: its disks take the rest
}

TEST_CASE("prefixes need no warm interface, and the driver finds none") {
  VpcCni prefixes;
  prefixes.mode = IpMode::prefix_delegation;
  CHECK(limit_of("m5.large", prefixes) == 26);
  VpcCni three;
  three.warm_enis = 3;
  CHECK(limit_of("m5.large", three) == 24);  // it has three interfaces, two of them beyond the first
}

}  // namespace
}  // namespace plimsoll::eks
