#include "sim/policy/container_usage.h"

#include <doctest/doctest.h>

namespace plimsoll {
namespace {

ContainerUsage container(const char* name, std::int64_t cpu_percent, std::int64_t mebibytes_used) {
  ContainerUsage c;
  c.name = name;
  c.cpu = percent(cpu_percent);
  c.memory = mebibytes(mebibytes_used);
  return c;
}

TEST_CASE("while nobody says what containers use, the size's own bounds hold") {
  WorkloadSpec spec;
  PodSize size{cpu_millis(500), mebibytes(1000), cpu_millis(800), mebibytes(1200)};
  std::vector<ContainerUsage> all = {container("web", 50, 100), container("proxy", 50, 900)};
  all[1].size.memory_limit = mebibytes(10);
  const PodBounds b = pod_bounds(spec, all, size, false);
  CHECK(b.cpu_limit == cpu_millis(800));
  CHECK(b.memory_limit == mebibytes(1200));
  CHECK(b.resident == mebibytes(800));  // 80 % of the request
}

TEST_CASE("the first container at its quota stops the pod") {
  WorkloadSpec spec;
  spec.containers_said = true;
  std::vector<ContainerUsage> all = {container("web", 75, 0), container("proxy", 25, 0)};
  all[0].size.cpu_limit = cpu_millis(600);  // reached when the pod uses 800m
  all[1].size.cpu_limit = cpu_millis(100);  // reached at 400m
  const PodSize sums{cpu_millis(500), Bytes{}, cpu_millis(700), {}};
  CHECK(pod_bounds(spec, all, sums, false).cpu_limit == cpu_millis(400));
  all[1].size.cpu_limit.reset();
  CHECK(pod_bounds(spec, all, sums, false).cpu_limit == cpu_millis(800));
  CHECK(pod_bounds(spec, all, sums, true).cpu_limit == cpu_millis(700));  // a task's limit holds as well
  all[1].cpu = Ppm{};
  all[1].size.cpu_limit = cpu_millis(1);  // it uses nothing
  CHECK(pod_bounds(spec, all, sums, false).cpu_limit == cpu_millis(800));
}

TEST_CASE("a pod is over its memory once one container is over its own") {
  WorkloadSpec spec;
  spec.containers_said = true;
  std::vector<ContainerUsage> all = {container("web", 50, 300), container("proxy", 50, 100)};
  const PodSize none;
  CHECK(pod_bounds(spec, all, none, false).memory_limit == Bytes{});
  CHECK(pod_bounds(spec, all, none, false).resident == mebibytes(400));
  // The proxy fits and does not grow: no bound of the pod's.
  all[1].size.memory_limit = mebibytes(128);
  CHECK(pod_bounds(spec, all, none, false).memory_limit == Bytes{});
  // 20 MiB too much: the pod of 400 MiB is over its bound from the start.
  all[1].size.memory_limit = mebibytes(80);
  CHECK(pod_bounds(spec, all, none, false).memory_limit == mebibytes(380));
  // web grows by three parts of four of what requests take: it has room for 100 MiB when the pod has grown by 133.
  all[1].size.memory_limit.reset();
  all[0].size.memory_limit = mebibytes(400);
  all[0].per_request = mebibytes(3);
  all[1].per_request = mebibytes(1);
  const PodBounds grows = pod_bounds(spec, all, none, false);
  CHECK(grows.per_request == mebibytes(4));
  CHECK(grows.memory_limit.raw() == mebibytes(400).raw() + mebibytes(100).raw() * 4 / 3);
}

}  // namespace
}  // namespace plimsoll
