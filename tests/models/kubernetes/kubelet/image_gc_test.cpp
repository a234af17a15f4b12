#include "models/kubernetes/kubelet/image_gc.h"

#include <doctest/doctest.h>

#include "tests/sim/cluster/small_world.h"

namespace plimsoll::kubernetes {
namespace {

using namespace plimsoll::testing;

ImageRecord image(std::int64_t size, Time detected, Time last_used, bool in_use = false) {
  return {NameId{1}, Bytes{size}, detected, last_used, in_use};
}

TEST_CASE("above the high threshold the images that were used longest ago go until the low one is reached") {
  // A disk of 1,000; in use 870, so 70 are to be freed to come down to 800.
  const std::vector<ImageRecord> images = {image(50, at_s(0), at_s(900)), image(50, at_s(0), at_s(300)),
                                           image(300, at_s(0), at_s(0), true), image(50, at_s(0), at_s(600)),
                                           image(50, at_s(1190), at_s(0))};
  const auto removed = [&](std::int64_t available) {
    return images_to_remove({}, images, Bytes{1000}, Bytes{available}, at_s(1200));
  };
  CHECK(removed(130) == std::vector<std::size_t>{1, 3});
  CHECK(removed(150) == std::vector<std::size_t>{1});  // exactly 85 %: 50 to free
  CHECK(removed(159) == std::vector<std::size_t>{1});  // the share that is available is cut to 15 %
  CHECK(removed(160).empty());
}

TEST_CASE("an unused image of less than the minimum age, or one in use, stays whatever is needed") {
  const std::vector<ImageRecord> images = {image(50, at_s(1100), at_s(0)), image(50, at_s(0), at_s(0), true),
                                           image(50, at_s(1080), at_s(0))};
  CHECK(unused_images({}, images, at_s(1200)) == std::vector<std::size_t>{2});
  CHECK(images_to_remove({}, images, Bytes{1000}, Bytes{0}, at_s(1200)) == std::vector<std::size_t>{2});
}

}  // namespace
}  // namespace plimsoll::kubernetes
