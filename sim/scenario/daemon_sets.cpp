#include "sim/scenario/daemon_sets.h"

#include <algorithm>

namespace plimsoll::scenario {

namespace {

constexpr Bytes kAgentImage = Bytes{50'000'000};
constexpr Duration kAgentStart = seconds(2);
constexpr std::int64_t kAgentUsePercent = 20;

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

bool is_daemon_set(const ManifestFacts& fact) { return fact.side == Side::kubernetes && fact.kind == "DaemonSet"; }

std::vector<WorkloadSpec> read_daemon_sets(const std::vector<ManifestFacts>& facts,
                                           const std::vector<std::string>& apps) {
  std::vector<WorkloadSpec> out;
  for (const ManifestFacts& fact : facts) {
    if (!is_daemon_set(fact) || has(apps, fact.name)) continue;
    WorkloadSpec w;
    w.name = fact.name;
    w.kubernetes = w.ecs = fact.size.value_or(PodSize{});
    w.kubernetes_file = fact.file;
    w.image = kAgentImage;
    w.start_wait = kAgentStart;
    w.idle_cpu = Cpu{w.kubernetes.cpu.raw() * kAgentUsePercent / 100};
    w.spread_zones = false;
    w.replicas = w.minimum = w.maximum = 0;
    w.kubernetes_rollout = fact.kubernetes_rollout.value_or(KubernetesRollout{});
    w.kubernetes_stop_grace = fact.stop_grace;
    w.pre_stop = fact.pre_stop.value_or(Duration{});
    w.kubernetes_pod = fact.pod;
    if (!fact.containers.empty()) {
      w.image_name = fact.containers[0].image;
      w.kubernetes_probes = fact.containers[0].probes;
    }
    out.push_back(std::move(w));
  }
  return out;
}

std::vector<std::string> daemon_names(const std::vector<ManifestFacts>& facts, const std::vector<std::string>& apps) {
  std::vector<std::string> out;
  for (const ManifestFacts& fact : facts) {
    std::string name = is_daemon_set(fact) ? fact.name : "";
    if (fact.scheduling_strategy == "DAEMON" && fact.scaling) {
      const document::Node* service = fact.scaling->find("serviceName");
      if (service != nullptr && service->is_scalar()) name = service->text();
    }
    if (!name.empty() && !has(apps, name) && !has(out, name)) out.push_back(name);
  }
  return out;
}

}  // namespace plimsoll::scenario
