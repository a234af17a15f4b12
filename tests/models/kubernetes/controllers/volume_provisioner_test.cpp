#include "models/kubernetes/controllers/volume_provisioner.h"

#include <doctest/doctest.h>

#include <string>

namespace plimsoll::kubernetes {
namespace {

TEST_CASE("a claim's volume goes where the FNV-1 hash of its name says") {
  // FNV-1 of 32 bits: "a" is 0x050c5d7e = 84,696,446, "foobar" 0x31f0b262 = 837,857,890.
  CHECK(topology_of_claim("a", 1'000'000) == 696'446);
  CHECK(topology_of_claim("foobar", 1'000'000) == 857'890);
  CHECK(topology_of_claim("foobar", 1) == 0);
}

TEST_CASE("volumes of a set go round the topologies by ordinal, those of one pod stay together") {
  // Only the set's name is hashed, and the ordinal added.
  CHECK(topology_of_claim("data-foobar-0", 1'000'000) == 857'890);
  CHECK(topology_of_claim("data-foobar-7", 1'000'000) == 857'897);
  CHECK(topology_of_claim("logs-foobar-7", 1'000'000) == 857'897);
  CHECK(topology_of_claim("foobar-7", 1'000'000) == 857'897);
  for (std::size_t i = 0; i < 3; ++i) {
    const std::size_t before = topology_of_claim("data-foobar-" + std::to_string(i), 3);
    CHECK(topology_of_claim("data-foobar-" + std::to_string(i + 1), 3) == (before + 1) % 3);
  }
  // What follows the last dash is no ordinal: the whole name counts.
  CHECK(topology_of_claim("data-foobar", 1'000'000) != 857'890);
  CHECK(topology_of_claim("foobar-", 1'000'000) != 857'890);
}

}  // namespace
}  // namespace plimsoll::kubernetes
