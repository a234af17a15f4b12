#include "models/aws/autoscaling/warm_pool.h"

#include <doctest/doctest.h>

#include "sim/document/fields.h"
#include "sim/document/loader.h"

namespace plimsoll::aws {
namespace {

TEST_CASE("a pool holds what the prepared capacity leaves beside the desired one, and its least size") {
  WarmPoolConfig pool;
  CHECK(warm_pool_size(pool, 6, 10) == 4);  // the examples of the user guide: 10 - 6, and 8 - 6
  pool.prepared = 8;
  CHECK(warm_pool_size(pool, 6, 10) == 2);
  CHECK(warm_pool_size(pool, 8, 10) == 0);
  CHECK(warm_pool_size(pool, 9, 10) == 0);
  pool.minimum = 3;
  CHECK(warm_pool_size(pool, 6, 10) == 3);
  CHECK(warm_pool_size(pool, 9, 10) == 3);
}

TEST_CASE("the keys of a node group's warm pool configuration") {
  document::Diagnostics diagnostics;
  const document::Node root =
      document::load_text("poolState: Hibernated\nminSize: 2\nmaxGroupPreparedCapacity: 12\nreuseOnScaleIn: true\n",
                          "s.yaml", diagnostics)
          .front();
  WarmPoolConfig pool;
  {
    document::Fields f(root, diagnostics, "warmPool");
    pool = read_warm_pool(f);
  }
  CHECK(diagnostics.text() == "");
  CHECK(pool.state == WarmPoolState::hibernated);
  CHECK(pool.minimum == 2);
  CHECK(pool.prepared == std::optional<std::int64_t>(12));
  CHECK(pool.reuse_on_scale_in);
  // Memory is read back from the disk, but nothing boots.
  CHECK(pool.start.mean() > pool.join.mean());
}

TEST_CASE("an unknown state names the nearest") {
  document::Diagnostics diagnostics;
  const document::Node root = document::load_text("poolState: Stoped\n", "s.yaml", diagnostics).front();
  {
    document::Fields f(root, diagnostics, "warmPool");
    read_warm_pool(f);
  }
  CHECK(diagnostics.text().find("Stopped") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::aws
