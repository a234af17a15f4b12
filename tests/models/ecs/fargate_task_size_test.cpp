#include "models/ecs/fargate_task_size.h"

#include <doctest/doctest.h>

using namespace plimsoll::ecs;
using Sizes = std::vector<FargateSize>;

TEST_CASE("sizes that Fargate has") {
  for (const FargateSize s : Sizes{{256, 512}, {256, 2048}, {512, 1024}, {512, 4096}, {1024, 3072}, {2048, 16384},
                                   {4096, 30720}, {8192, 20480}, {8192, 61440}, {16384, 40960}, {16384, 122880},
                                   {32768, 61440}, {32768, 249856}}) {
    CAPTURE(s.cpu);
    CAPTURE(s.memory);
    CHECK(is_fargate_size(s));
  }
}

TEST_CASE("sizes that Fargate has not") {
  for (const FargateSize s : Sizes{{256, 1536}, {256, 4096}, {512, 512}, {512, 1536}, {1024, 1024}, {1024, 9216},
                                   {2048, 17408}, {4096, 7168}, {4096, 31744}, {8192, 18432}, {16384, 36864},
                                   {16384, 131072}, {32768, 65536}, {3072, 8192}, {0, 0}}) {
    CAPTURE(s.cpu);
    CAPTURE(s.memory);
    CHECK_FALSE(is_fargate_size(s));
  }
}

TEST_CASE("Windows has the sizes of one to four vCPUs") {
  CHECK(is_fargate_size({1024, 2048}, true));
  CHECK(is_fargate_size({4096, 30720}, true));
  CHECK_FALSE(is_fargate_size({512, 1024}, true));
  CHECK_FALSE(is_fargate_size({8192, 16384}, true));
}

TEST_CASE("the nearest sizes hold the wrong one first, then surround it") {
  CHECK(nearest_fargate_sizes({512, 512}) == Sizes{{512, 1024}});
  CHECK(nearest_fargate_sizes({256, 1536}) == Sizes{{256, 2048}, {256, 1024}});
  CHECK(nearest_fargate_sizes({256, 3000}) == Sizes{{512, 3072}, {256, 2048}});
  CHECK(nearest_fargate_sizes({1000, 2000}) == Sizes{{1024, 2048}});
  CHECK(nearest_fargate_sizes({3072, 8192}) == Sizes{{4096, 8192}});
  CHECK(nearest_fargate_sizes({65536, 300'000}) == Sizes{{32768, 249856}});
}

TEST_CASE("choices of memory are said in words") {
  CHECK(fargate_memory_choices(256) == "256 CPU units with 512, 1024 or 2048 MiB");
  CHECK(fargate_memory_choices(1024) == "1024 CPU units with 2048 to 8192 MiB in steps of 1024");
  CHECK(fargate_memory_choices(256, true).empty());
  CHECK(fargate_memory_choices(300).empty());
}
