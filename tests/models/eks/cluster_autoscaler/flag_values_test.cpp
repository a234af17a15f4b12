#include "models/eks/cluster_autoscaler/flag_values.h"

#include <doctest/doctest.h>

namespace plimsoll::eks::ca {

TEST_CASE("nodes=min:max:name") {
  const auto spec = parse_node_group_spec("1:10:web");
  REQUIRE(spec);
  CHECK(spec->minimum == 1);
  CHECK(spec->maximum == 10);
  CHECK(spec->name == "web");
  CHECK(parse_node_group_spec("0:1:a:b")->name == "a:b");
  for (const char* wrong : {"", "1:10", "1:10:", "10:1:web", "-1:3:web", "0:0:web", "a:3:web", "1::web"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_node_group_spec(wrong));
  }
}

TEST_CASE("gpu-total=type:min:max") {
  const auto limit = parse_gpu_limit("nvidia-tesla-t4:1:8");
  REQUIRE(limit);
  CHECK(limit->type == "nvidia-tesla-t4");
  CHECK(limit->minimum == 1);
  CHECK(limit->maximum == 8);
  for (const char* wrong : {"", "t4", "t4:1", "t4:8:1", "t4:-1:1", "t4:1:2:3", ":1:2", "t4:x:2"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_gpu_limit(wrong));
  }
}

TEST_CASE("drain priorities in ascending order, and the group of a pod") {
  const auto groups = parse_drain_priorities("10000:20,1000:100,0:60");
  REQUIRE(groups.size() == 3);
  CHECK(groups[0].priority == 0);
  CHECK(groups[0].grace == seconds(60));
  CHECK(groups[2].grace == seconds(20));
  struct Row {
    std::int32_t priority;
    std::size_t group;
  };
  for (const Row& row :
       {Row{-5, 0}, Row{0, 0}, Row{999, 0}, Row{1000, 1}, Row{9999, 1}, Row{10'000, 2}, Row{2'000'000'000, 2}}) {
    CAPTURE(row.priority);
    CHECK(drain_group(groups, row.priority) == row.group);
  }
  for (const char* wrong : {"", "5", "5:", "a:5", "5:6:7", "1:2,", "1:-2", "3000000000:1"}) {
    CAPTURE(wrong);
    const bool last_comma = std::string_view(wrong) == "1:2,";
    CHECK(parse_drain_priorities(wrong).empty() != last_comma);
  }
}

TEST_CASE("which groups are resized, and within which bounds") {
  CHECK(managed_bounds({}, {}, "a").managed);
  CHECK_FALSE(managed_bounds({}, {}, "a").given);
  const std::vector<std::string> nodes{"1:4:a", "0:2:b"};
  REQUIRE(managed_bounds(nodes, {}, "b").given);
  CHECK(managed_bounds(nodes, {}, "b").given->maximum == 2);
  CHECK_FALSE(managed_bounds(nodes, {}, "c").managed);
  const ManagedBounds found = managed_bounds(nodes, {"asg:tag=k8s.io/cluster-autoscaler/enabled"}, "c");
  CHECK(found.managed);
  CHECK_FALSE(found.given);
}

}  // namespace plimsoll::eks::ca
