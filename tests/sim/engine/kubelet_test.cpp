// Whole EKS columns: what stands in a manifest's pod beside its application reaches its nodes and the bill.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "models/kubernetes/kubelet/memory_pressure.h"
#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

/// One application of a Deployment whose pod template has `pod` in it, with `keys` in the app and `column` in the
/// column; `documents` follow the Deployment.
scenario::Scenario one(const std::string& pod, const std::string& column, const std::string& documents = {},
                       const std::string& keys = {}, const std::string& more = {}) {
  const Folder folder;
  folder.put("web.yaml",
             "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n"
             "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n"
             "    spec:\n      containers: [{name: web, image: 'web:1'}]\n" +
                 pod + documents);
  return read_file(folder.put("s.yaml",
                              "apiVersion: plimsoll/v1\nseed: 3\nload: {constant: 100/s, for: 30m, warmup: 30m}\n"
                              "files: {kubernetes: [web.yaml]}\n"
                              "apps: {web: {size: 500m/1Gi, work: 5ms, image: 120MB, replicas: 4" +
                                  keys + "}}\n" + more +
                                  "platforms:\n  nodes: {type: eks, capacity: {nodeGroup: {type: m5.large, min: 3, "
                                  "max: 6, desired: 3}}" +
                                  column + "}\n"));
}

/// Of the application's pods that came to traffic: the shortest and longest time from the first pull to the start.
std::pair<Duration, Duration> preparing(const World& world) {
  std::pair<Duration, Duration> out{hours(1), Duration{}};
  for (const Pod& p : world.pods()) {
    if (world.workload(p.workload).system || p.started == kTimeNever) continue;
    out.first = std::min(out.first, p.started - p.pulling);
    out.second = std::max(out.second, p.started - p.pulling);
  }
  return out;
}

std::int64_t lost_of(World& world) {
  if (world.service() != nullptr) world.service()->settle(world);
  std::int64_t sum = 0;
  for (const Usage& u : world.usage) sum += u.lost;
  return sum;
}

constexpr const char* kInit =
    "      initContainers: [{name: proxy, image: 'envoy:1', restartPolicy: Always}, {name: migrate, image: 'web:1'}]\n";

TEST_CASE("init containers and sidecars delay every pod of their manifest by what the column says") {
  const scenario::Scenario plain = one("", ""), first = one(kInit, ", initContainers: {run: 60s, started: 5s}");
  Run a = build(plain, 0, 0, {}), b = build(first, 0, 0, {});
  a.world.run();
  b.world.run();
  // An image of 120 MB at 40 MB/s takes 3.5 s; then 1 s for each container.
  CHECK(preparing(a.world).second < seconds(15));
  CHECK(preparing(b.world).first >= seconds(60 + 5 + 3));
  CHECK(preparing(b.world).second < seconds(60 + 5 + 20));
}

TEST_CASE("a Service of type LoadBalancer is a Network Load Balancer that is paid by the hour") {
  const std::string service =
      "---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
      "spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}\n";
  const scenario::Scenario s = one("", "", service);
  const PlatformNotes notes = s.columns[0].plan->notes();
  const auto counted = [&](const std::string& kind) {
    const auto at =
        std::find_if(notes.objects.begin(), notes.objects.end(), [&](const auto& o) { return o.first == kind; });
    return at == notes.objects.end() ? 0 : at->second;
  };
  CHECK(counted("Service of type LoadBalancer") == 1);
  CHECK(counted("Ingress") == 0);
  REQUIRE(notes.overrides.size() == 1);
  CHECK(notes.overrides[0].find("1 Network Load Balancers") != std::string::npos);
  CHECK(one("", "").columns[0].plan->notes().overrides.empty());
}

TEST_CASE("scaling in loses requests unless a preStop hook covers the time until the balancer knows") {
  const auto lost = [](const std::string& pod, const std::string& column) {
    const scenario::Scenario s = one(pod, column, {}, {}, "events: [{at: 10m, scale: web, replicas: 2}]\n");
    Run r = build(s, 0, 0, {});
    r.world.run_until(r.world.window_start + minutes(9));
    const std::int64_t before = lost_of(r.world);
    r.world.run();
    return static_cast<double>(lost_of(r.world) - before) / 1e6;
  };
  // Two of four pods go at once: of 100/s half is lost for 5 s.
  CHECK(lost("", "") == doctest::Approx(250).epsilon(0.2));
  CHECK(lost("", ", delays: {deregistration: 2s}") == doctest::Approx(100).epsilon(0.25));
  CHECK(lost("", ", onSigterm: serve") == 0);
  CHECK(lost(std::string("      terminationGracePeriodSeconds: 60\n"), ", delays: {preStop: 10s}") == 0);
}

TEST_CASE("memory that grows with the load brings the components that watch it, and only then") {
  const scenario::Scenario plain = one("", ""), growing = one("", "", {}, ", memory: {base: 200Mi, perRequest: 1Mi}");
  Run a = build(plain, 0, 0, {}), b = build(growing, 0, 0, {});
  CHECK(a.world.find_component<kubernetes::MemoryPressure>() == nullptr);
  CHECK(b.world.find_component<kubernetes::MemoryPressure>() != nullptr);
}

}  // namespace
}  // namespace plimsoll::engine
