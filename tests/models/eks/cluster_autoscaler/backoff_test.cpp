#include "models/eks/cluster_autoscaler/backoff.h"

#include <doctest/doctest.h>

namespace plimsoll::eks::ca {

namespace {
Time at(std::int64_t s) { return kTimeZero + seconds(s); }
}  // namespace

TEST_CASE("back-off doubles after each window that ended, up to half an hour") {
  Backoff b;
  const NodeGroupId g{3};
  CHECK_FALSE(b.is_backed_off(g, at(0)));
  CHECK(b.fail(g, at(100)) == at(400));
  CHECK(b.is_backed_off(g, at(399)));
  CHECK_FALSE(b.is_backed_off(g, at(400)));
  CHECK(b.fail(g, at(500)) == at(1100));
  CHECK(b.fail(g, at(2000)) == at(3200));
  CHECK(b.fail(g, at(4000)) == at(5800));  // 2400 s is more than 1800
  CHECK_FALSE(b.is_backed_off(NodeGroupId{4}, at(4000)));
}

TEST_CASE("a failure inside the window starts the same window again") {
  Backoff b;
  CHECK(b.fail(NodeGroupId{0}, at(0)) == at(300));
  CHECK(b.fail(NodeGroupId{0}, at(200)) == at(500));
  CHECK(b.fail(NodeGroupId{0}, at(500)) == at(800));  // the very last instant still belongs to it
}

TEST_CASE("a registration and three quiet hours forget the failures") {
  Backoff b;
  b.fail(NodeGroupId{0}, at(0));
  b.remove(NodeGroupId{0});
  CHECK_FALSE(b.is_backed_off(NodeGroupId{0}, at(10)));
  b.fail(NodeGroupId{0}, at(0));
  b.remove_stale(at(10'800));
  CHECK(b.fail(NodeGroupId{0}, at(10'800)) == at(10'800 + 600));
  b.remove_stale(at(21'601));
  CHECK(b.fail(NodeGroupId{0}, at(21'601)) == at(21'601 + 300));
}

}  // namespace plimsoll::eks::ca
