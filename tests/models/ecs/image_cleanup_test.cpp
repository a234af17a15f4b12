#include "models/ecs/image_cleanup.h"

#include <doctest/doctest.h>

#include "tests/models/ecs/column_text.h"

namespace plimsoll::ecs {
namespace {

CachedImage cached(std::uint32_t name, int pulled_min, int used_min, bool in_use = false) {
  return {NameId{name}, kTimeZero + minutes(pulled_min), kTimeZero + minutes(used_min), in_use};
}

TEST_CASE("a cycle takes five images that no task has, those first whose last task went first") {
  const ImageCleanupPolicy policy;
  const Time now = kTimeZero + hours(10);
  // By number: 1 is in use, 4 was pulled 59 min ago, 6 an hour ago exactly (older is asked for).
  const std::vector<CachedImage> images = {cached(0, 10, 300),  cached(1, 10, 20, true), cached(2, 10, 290),
                                           cached(3, 10, 40),   cached(4, 541, 541),     cached(5, 20, 40),
                                           cached(6, 540, 540), cached(7, 10, 500),      cached(8, 539, 539)};
  CHECK(images_to_clean(policy, images, now) == std::vector<std::size_t>{3, 5, 2, 0, 7});
  ImageCleanupPolicy two = policy;
  two.per_cycle = 2;
  CHECK(images_to_clean(two, images, now) == std::vector<std::size_t>{3, 5});
  // What a cycle left is what the next one takes; 8 is 61 min old.
  const std::vector<CachedImage> left = {images[1], images[4], images[6], images[8]};
  CHECK(images_to_clean(policy, left, now) == std::vector<std::size_t>{3});
  CHECK(images_to_clean(policy, left, now + minutes(1)) == std::vector<std::size_t>{3, 2});
}

TEST_CASE("the agent's settings have its names and defaults") {
  testing::ColumnText column(cpu_ecs_units(256), mebibytes(512));
  const std::string asg = "capacity: {asg: {type: m5.large}}\n";
  ImageCleanupPolicy p;
  const auto read = [&](document::Fields& f, aws::PriceBook&, const CapacityPlan& c) {
    p = ImageCleanupPolicy::read(f, c.on_fargate);
  };
  CHECK(column.read(asg, read) == "");
  CHECK(p.enabled);
  CHECK(p.task_wait == hours(3));
  CHECK(p.task_jitter == Duration{});
  CHECK(p.interval == minutes(30));
  CHECK(p.minimum_age == hours(1));
  CHECK(p.per_cycle == 5);
  CHECK(column.read(asg + "containerAgent: {ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION: 10m, "
                          "ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION_JITTER: 5m, ECS_DISABLE_IMAGE_CLEANUP: true, "
                          "ECS_NUM_IMAGES_DELETE_PER_CYCLE: 1}\n",
                    read) == "");
  CHECK_FALSE(p.enabled);
  CHECK(p.task_wait == minutes(10));
  CHECK(p.task_jitter == minutes(5));
  CHECK(p.per_cycle == 1);
  // The least values of config.go.
  CHECK(column.read(asg + "containerAgent: {ECS_IMAGE_CLEANUP_INTERVAL: 9m}\n", read).find("10m") != std::string::npos);
  CHECK(column.read("capacity: fargate\ncontainerAgent: {ECS_IMAGE_CLEANUP_INTERVAL: 20m}\n", read)
            .find("the agents of Fargate are AWS's") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::ecs
