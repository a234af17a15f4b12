#include "models/aws/gpus.h"

#include <doctest/doctest.h>

namespace plimsoll::aws {
namespace {

TEST_CASE("GPUs of NVIDIA count, and a type that has enough is named") {
  const Catalogue& c = Catalogue::built_in();
  const auto of = [&](std::string_view name) {
    const InstanceType* type = c.find_type(name);
    REQUIRE(type != nullptr);
    return nvidia_gpus(*type);
  };
  CHECK(of("m5.xlarge") == 0);
  CHECK(of("g4dn.xlarge") == 1);
  CHECK(of("g4dn.12xlarge") == 4);
  CHECK(of("g4ad.16xlarge") == 0);  // four Radeon Pro V520
  CHECK(of("dl1.24xlarge") == 0);   // eight Gaudi
  const std::string four = type_with_gpus(c, "us-east-1", 4);
  REQUIRE(four.starts_with("such as "));
  CHECK(of(four.substr(8)) >= 4);
  CHECK(type_with_gpus(c, "us-east-1", 1000).empty());
}

}  // namespace
}  // namespace plimsoll::aws
