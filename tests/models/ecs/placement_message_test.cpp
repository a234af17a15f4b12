#include "models/ecs/placement_message.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace plimsoll::ecs {
namespace {

/// Three instances: full CPU, full memory, no free ENI; all usable.
struct Cluster {
  std::vector<std::int64_t> cpu{cpu_millis(100).raw(), cpu_millis(4000).raw(), cpu_millis(4000).raw()};
  std::vector<std::int64_t> memory{mebibytes(8192).raw(), mebibytes(100).raw(), mebibytes(8192).raw()};
  std::vector<std::int64_t> enis{2, 2, 0};
  std::vector<std::uint8_t> usable{1, 1, 1};
  std::vector<std::uint32_t> zone{0, 1, 2}, tasks{0, 0, 0};

  InstanceColumns columns(std::size_t n) const {
    InstanceColumns c;
    c.free_cpu = std::span(cpu).first(n);
    c.free_memory = std::span(memory).first(n);
    c.free_enis = std::span(enis).first(n);
    c.usable = std::span(usable).first(n);
    c.zone = std::span(zone).first(n);
    c.zone_count = 3;
    c.group_tasks = std::span(tasks).first(n);
    return c;
  }
};

std::string message(const Cluster& cluster, std::size_t n) {
  TaskNeed need;
  need.cpu = cpu_millis(500);
  need.memory = mebibytes(512);
  need.enis = 1;
  return unable_to_place("web", cluster.columns(n), need, [](std::uint32_t i) { return "i-" + std::to_string(i); });
}

std::string unable(const std::string& rest) {
  std::string text =
      "service web was unable to place a task because no container instance met all of its requirements. ";
  text += rest;
  return text;
}

TEST_CASE("the closest match is the instance that passes most of the checks") {
  Cluster c;
  CHECK(message(c, 1) == unable("The closest matching (container-instance i-0) has insufficient CPU units available "
                                "(1 instance: 1 RESOURCE:CPU)"));
  CHECK(message(c, 2) == unable("The closest matching (container-instance i-1) has insufficient memory available "
                                "(2 instances: 1 RESOURCE:CPU, 1 RESOURCE:MEMORY)"));
  CHECK(message(c, 3) == unable("The closest matching (container-instance i-2) encountered error \"RESOURCE:ENI\" "
                                "(3 instances: 1 RESOURCE:CPU, 1 RESOURCE:MEMORY, 1 RESOURCE:ENI)"));
  c.usable = {0, 0, 0};
  CHECK(message(c, 1) == unable("The closest matching (container-instance i-0) encountered error \"AGENT\" "
                                "(1 instance: 1 AGENT)"));
}

TEST_CASE("AGENT is a lost agent; instances that drain or are of another provider are not spoken of") {
  Cluster c;
  c.usable = {0, 0, 0};
  std::vector<NoCandidate> why{NoCandidate::not_active, NoCandidate::other_provider, NoCandidate::no};
  TaskNeed need;
  need.cpu = cpu_millis(500);
  const auto told = [&](std::size_t n) {
    InstanceColumns columns = c.columns(n);
    columns.no_candidate = std::span(why).first(n);
    return unable_to_place("web", columns, need, [](std::uint32_t i) { return "i-" + std::to_string(i); });
  };
  CHECK(told(2) == unable("Reason: No Container Instances were found in your cluster"));
  CHECK(told(3) == unable("The closest matching (container-instance i-2) encountered error \"AGENT\" "
                          "(1 instance: 1 AGENT)"));
  InstanceColumns columns = c.columns(3);
  columns.no_candidate = why;
  CHECK(first_failure(columns, need, 0) == PlacementReason::not_active);
  CHECK(first_failure(columns, need, 1) == PlacementReason::other_provider);
}

TEST_CASE("an empty cluster is told as one") {
  CHECK(message({}, 0) == unable("Reason: No Container Instances were found in your cluster"));
}

}  // namespace
}  // namespace plimsoll::ecs
