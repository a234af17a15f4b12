#include "models/kubernetes/workloads/completion_indexes.h"

#include <doctest/doctest.h>

namespace plimsoll::kubernetes {
namespace {

constexpr auto kNow = KubernetesVersion::current;

Time at_second(std::int64_t s) { return kTimeZero + seconds(s); }

TEST_CASE("the lowest indexes that miss a pod come first") {
  CompletionIndexes all(5, std::nullopt);
  for (const std::int64_t i : {0, 1, 2}) all.pod_created(i);
  CHECK(all.to_create(5, true, kTimeZero, kNow).indexes == std::vector<std::int64_t>{3, 4});
  all.pod_gone(1, false);
  all.succeed(1);
  all.pod_gone(0, false);
  CHECK_FALSE(all.fail(0, true, false, at_second(1)));  // no limit of its own: tried again at once
  CHECK(all.to_create(2, true, at_second(1), kNow).indexes == std::vector<std::int64_t>{0, 3});
  CHECK(all.succeeded() == 1);
  CHECK(all.failed() == 0);
}

TEST_CASE("a pod that is asked to stop is missed, or not before it has ended") {
  CompletionIndexes all(2, std::nullopt);
  all.pod_created(0);
  all.pod_created(1);
  all.pod_terminating(0);
  CHECK(all.to_create(2, true, kTimeZero, kNow).indexes == std::vector<std::int64_t>{0});
  CHECK(all.to_create(2, false, kTimeZero, kNow).indexes.empty());
  all.pod_gone(0, true);
  CHECK(all.to_create(2, false, kTimeZero, kNow).indexes == std::vector<std::int64_t>{0});
}

TEST_CASE("with a limit each index waits for itself and is given up by itself") {
  CompletionIndexes all(3, 1);
  all.pod_created(0);
  all.pod_gone(0, false);
  CHECK_FALSE(all.fail(0, true, false, at_second(100)));
  // Two are asked for, of 0, 1, 2 the lowest two: 0 waits 10 s, so that only 1 is made now.
  CHECK(all.to_create(2, true, at_second(101), kNow).indexes == std::vector<std::int64_t>{1});
  all.pod_created(1);
  all.pod_created(2);
  const IndexesToCreate waits = all.to_create(1, true, at_second(101), kNow);
  CHECK(waits.indexes.empty());
  CHECK(waits.wait_until == at_second(110));
  CHECK(all.to_create(1, true, at_second(110), kNow).indexes == std::vector<std::int64_t>{0});
  all.pod_created(0);
  all.pod_gone(0, false);
  CHECK(all.fail(0, true, false, at_second(120)));  // the second failure is beyond the limit of one
  CHECK(all.failed() == 1);
  CHECK(all.to_create(3, true, at_second(900), kNow).indexes.empty());
}

TEST_CASE("FailIndex ends an index at once; an ignored failure only makes it wait") {
  CompletionIndexes all(2, 5);
  CHECK(all.fail(0, true, true, at_second(1)));
  CHECK_FALSE(all.fail(1, false, false, at_second(1)));
  CHECK_FALSE(all.fail(1, false, false, at_second(2)));
  // Two failures, both ignored: 20 s after the last.
  CHECK(all.to_create(1, true, at_second(3), kNow).wait_until == at_second(22));
}

}  // namespace
}  // namespace plimsoll::kubernetes
