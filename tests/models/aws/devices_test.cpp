#include "models/aws/devices.h"

#include <doctest/doctest.h>

namespace plimsoll::aws {
namespace {

using Devices = std::vector<std::pair<std::string_view, std::int64_t>>;

Devices devices_of(std::string_view type) {
  const InstanceType* t = Catalogue::built_in().find_type(type);
  REQUIRE(t != nullptr);
  return device_resources(*t);
}

TEST_CASE("Neuron chips and their cores, and fabric adapters, come with the instance type") {
  CHECK(devices_of("m5.large").empty());
  CHECK(devices_of("inf1.6xlarge") == Devices{{"aws.amazon.com/neuron", 4}, {"aws.amazon.com/neuroncore", 16}});
  CHECK(devices_of("inf2.xlarge") == Devices{{"aws.amazon.com/neuron", 1}, {"aws.amazon.com/neuroncore", 2}});
  CHECK(devices_of("trn1.32xlarge") ==
        Devices{{"aws.amazon.com/neuron", 16}, {"aws.amazon.com/neuroncore", 32}, {"vpc.amazonaws.com/efa", 8}});
  CHECK(devices_of("g4ad.8xlarge") == Devices{{"amd.com/gpu", 2}});
  CHECK(devices_of("p5.48xlarge") == Devices{{"vpc.amazonaws.com/efa", 32}});
}

}  // namespace
}  // namespace plimsoll::aws
