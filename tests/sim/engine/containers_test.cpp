// What several containers of a pod use, in whole columns: limits of each, memory of each.
// Also tests: container_usage
#include <doctest/doctest.h>

#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

/// A server with a proxy beside it; the proxy's limits are what differs.
std::string deployment_of(const std::string& proxy_limits) {
  return R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      initContainers:
      - {name: proxy, image: proxy, restartPolicy: Always, resources: {requests: {cpu: 100m, memory: 64Mi}, limits: )" +
         proxy_limits + R"(}}
      containers:
      - {name: web, image: web, resources: {requests: {cpu: 400m, memory: 256Mi}, limits: {memory: 512Mi}}}
)";
}

struct Seen {
  std::int64_t killed = 0;
  double cores = 0, lost_share = 0;
};

Seen run_pod(const std::string& limits, const std::string& containers) {
  const Folder folder;
  folder.put("k8s.yaml", deployment_of(limits));
  const std::string text =
      "apiVersion: plimsoll/v1\nseed: 3\nload: {constant: 300/s, for: 1h, warmup: 15m, to: web}\n"
      "files: {kubernetes: k8s.yaml}\nsizes: as-written\napps:\n  web: {work: 5ms, image: 50MB" +
      containers +
      "}\nplatforms:\n  pods: {type: eks, capacity: {nodeGroup: {type: m5.xlarge, min: 2, max: "
      "2}}}\n";
  const scenario::Scenario s = read_file(folder.put("s.yaml", text));
  Run r = build(s, 0, 0, {});
  r.world.keep_log = true;
  r.world.run();
  Seen out;
  for (const FactRecord& f : r.world.log)
    out.killed += f.fact == Fact::pod_failed && f.reason == Reason::out_of_memory ? 1 : 0;
  const results::RunResult result = summarise(r, s, 0, 0);
  for (const Workload& w : r.world.workloads()) {
    if (r.world.names.text(w.name) != "web") continue;
    out.cores = to_cores(w.cpu_limit);
    const Usage& u = r.world.usage[w.id.index()];
    out.lost_share = static_cast<double>(u.lost) / static_cast<double>(std::max<std::int64_t>(u.arrived, 1));
  }
  return out;
}

TEST_CASE("a proxy at its CPU limit holds the whole pod up, once it is said what it uses") {
  // What is lost before the first pods run is 1.6 % of all. 1.5 vCPU of work on two pods, 0.75 each. A proxy of 100m
  // that does a third of it stops each pod at 0.3.
  const Seen assumed = run_pod("{cpu: 100m, memory: 64Mi}", "");
  CHECK(assumed.cores == 0);  // not every container has a limit: the pod has none
  CHECK(assumed.lost_share < 0.03);
  const Seen said = run_pod("{cpu: 100m, memory: 64Mi}", ", containers: {proxy: {cpu: 33.3333%}}");
  CHECK(said.cores == doctest::Approx(0.3).epsilon(0.01));
  CHECK(said.lost_share > 0.3);
  CHECK(run_pod("{cpu: 400m, memory: 64Mi}", ", containers: {proxy: {cpu: 33.3333%}}").lost_share < 0.03);
}

TEST_CASE("a sidecar over its own memory limit is killed, however much room its pod has") {
  CHECK(run_pod("{memory: 64Mi}", ", containers: {proxy: {memory: 60Mi}}").killed == 0);
  CHECK(run_pod("{memory: 64Mi}", ", containers: {proxy: {memory: 70Mi}}").killed > 5);
  CHECK(run_pod("{memory: 64Mi}", ", containers: {web: {memory: 500Mi}}").killed == 0);
  CHECK(run_pod("{memory: 64Mi}", ", containers: {web: {memory: 520Mi}}").killed > 5);
}

}  // namespace
}  // namespace plimsoll::engine
