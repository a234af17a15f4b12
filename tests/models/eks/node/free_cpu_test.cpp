#include "models/eks/node/free_cpu.h"

#include <doctest/doctest.h>

#include "sim/core/random.h"
#include "tests/models/eks/fixture.h"

namespace plimsoll::eks {

TEST_CASE("a search over blocks of free CPU finds what a look at every row finds") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Stream stream(seed, "free-cpu", Purpose::tie_break);
    std::uint64_t item = 0;
    const auto dice = [&](std::size_t sides) { return static_cast<std::size_t>(stream.below(sides, item++)); };
    test::Bed bed;
    const std::size_t nodes = 1 + dice(300);
    std::vector<Row> rows;
    for (std::size_t i = 0; i < nodes; ++i) {
      const Row row =
          bed.add_node("n" + std::to_string(i), test::room(static_cast<std::int64_t>(dice(3)) * 1000, 64'000), i);
      if (dice(5) != 0) rows.push_back(row);
    }
    FreeCpu cpu;
    cpu.read(bed.snapshot, rows);
    const auto free_at = [&](std::size_t at) {
      return bed.snapshot.allocatable(Resource::cpu)[rows[at]] - bed.snapshot.requested(Resource::cpu)[rows[at]];
    };
    for (int step = 0; step < 400; ++step) {
      const PodShape shape = test::shape_of(static_cast<std::int64_t>(dice(12)) * 100, 1);
      const std::size_t first = dice(rows.size() + 1), last = first + dice(rows.size() + 1 - first);
      std::size_t plain = first;
      while (plain < last && shape.requests[Resource::cpu] > 0 && free_at(plain) < shape.requests[Resource::cpu])
        ++plain;
      REQUIRE(cpu.next(first, last, shape) == plain);
      if (plain == last) continue;
      bed.place(rows[plain], shape);
      cpu.take(plain, shape);
    }
  }
}

}  // namespace plimsoll::eks
