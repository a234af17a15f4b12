#include "models/kubernetes/admission/limit_ranger.h"

#include <doctest/doctest.h>

namespace plimsoll::kubernetes {
namespace {

constexpr Bytes kMebibyte{1 << 20};

api::Container container(const char* name, std::optional<std::int64_t> request, std::optional<std::int64_t> limit) {
  api::Container c;
  c.name = name;
  if (request) c.requests.cpu = cpu_millis(*request);
  if (limit) c.limits.cpu = cpu_millis(*limit);
  return c;
}

api::LimitRange range_of(const api::LimitRangeItem& item) {
  api::LimitRange r;
  r.name = "bounds";
  r.items.push_back(item);
  return r;
}

TEST_CASE("defaults fill what a container does not name, in its own namespace only") {
  api::LimitRangeItem item;
  item.default_request.cpu = cpu_millis(100);
  item.default_limit.cpu = cpu_millis(300);
  item.default_request.memory = kMebibyte;
  const std::vector<api::LimitRange> ranges = {range_of(item)};
  api::PodTemplate pod;
  pod.containers = {container("a", {}, {}), container("b", 200, {})};
  apply_defaults(ranges, "default", pod);
  CHECK(pod.containers[0].requests.cpu == cpu_millis(100));
  CHECK(pod.containers[0].limits.cpu == cpu_millis(300));
  CHECK(pod.containers[0].requests.memory == kMebibyte);
  CHECK_FALSE(pod.containers[0].limits.memory.has_value());
  CHECK(pod.containers[1].requests.cpu == cpu_millis(200));
  api::PodTemplate other;
  other.containers = {container("a", {}, {})};
  apply_defaults(ranges, "elsewhere", other);
  CHECK_FALSE(other.containers[0].requests.cpu.has_value());
}

TEST_CASE("bounds of a container, in the API server's words") {
  api::LimitRangeItem item;
  item.min.cpu = cpu_millis(100);
  item.max.cpu = cpu_millis(1000);
  item.cpu_ratio = 2000;
  const std::vector<api::LimitRange> ranges = {range_of(item)};
  const auto fault = [&](std::optional<std::int64_t> request, std::optional<std::int64_t> limit) {
    api::PodTemplate pod;
    pod.containers = {container("a", request, limit)};
    return range_fault(ranges, "default", pod);
  };
  CHECK(fault(500, 1000).empty());  // twice the request is the most
  CHECK(fault(800, 1200) == "maximum cpu usage per Container is 1, but limit is 1200m");
  CHECK(fault(400, 1000) == "cpu max limit to request ratio per Container is 2, but provided ratio is 2.500000");
  CHECK(fault(50, 100) == "minimum cpu usage per Container is 100m, but request is 50m");
  CHECK(fault({}, {}) ==
        "[minimum cpu usage per Container is 100m.  No request is specified, maximum cpu usage per Container is 1.  No "
        "limit is specified, cpu max limit to request ratio per Container is 2, but no request is specified or request "
        "is 0]");
}

TEST_CASE("bounds of a pod hold for the sum of its containers, or for its largest init container") {
  api::LimitRangeItem item;
  item.type = api::LimitRangeItem::Type::pod;
  item.max.cpu = cpu_millis(1000);
  const std::vector<api::LimitRange> ranges = {range_of(item)};
  api::PodTemplate pod;
  pod.containers = {container("a", 100, 600), container("b", 100, 400)};
  CHECK(range_fault(ranges, "default", pod).empty());
  pod.init_containers = {container("setup", 100, 1500)};
  CHECK(range_fault(ranges, "default", pod) == "maximum cpu usage per Pod is 1, but limit is 1500m");
}

}  // namespace
}  // namespace plimsoll::kubernetes
