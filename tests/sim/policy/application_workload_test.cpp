#include "sim/policy/application_workload.h"

#include <doctest/doctest.h>

namespace plimsoll {
namespace {

TEST_CASE("an application becomes the same workload on both sides") {
  WorkloadSpec spec;
  spec.name = "web";
  spec.minimum = 2;
  spec.maximum = 9;
  spec.image = mebibytes(300);
  spec.start_cpu_seconds = 4;
  spec.start_cores = 1.5;
  spec.start_wait = seconds(7);
  spec.idle_cpu = cpu_millis(250);
  PodBounds bounds;
  bounds.cpu_limit = cpu_millis(800);
  bounds.memory_limit = mebibytes(512);
  bounds.resident = mebibytes(100);
  bounds.per_request = Bytes{65'536};
  Names names;
  Workload made;
  describe_application(spec, bounds, names, made);
  CHECK(made.minimum == 2);
  CHECK(made.maximum == 9);
  REQUIRE(made.images.size() == 1);
  CHECK(names.text(made.images[0].first) == "web");
  CHECK(made.images[0].second == mebibytes(300));
  CHECK(made.start_cpu_seconds == 4);
  CHECK(made.start_cores == 1.5);
  CHECK(made.start_wait == seconds(7));
  CHECK(made.idle_cores == 0.25);
  CHECK(made.memory_used == mebibytes(100));
  CHECK(made.memory_per_request == Bytes{65'536});
  CHECK(made.memory_limit == mebibytes(512));
  CHECK(made.cpu_limit == Cpu{});  // the side's own rule

  spec.image_name = "shop/web:2";
  describe_application(spec, bounds, names, made);
  REQUIRE(made.images.size() == 1);  // in place of the other
  CHECK(names.text(made.images[0].first) == "shop/web:2");
}

}  // namespace
}  // namespace plimsoll
