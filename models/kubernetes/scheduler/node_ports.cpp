#include "models/kubernetes/scheduler/node_ports.h"

namespace plimsoll::kubernetes {

bool host_ports_clash(const HostPort& a, const HostPort& b, const WellKnown& keys) {
  const auto protocol = [&](const HostPort& p) { return p.protocol.is_none() ? keys.tcp : p.protocol; };
  const auto ip = [&](const HostPort& p) { return p.ip.is_none() ? keys.any_ip : p.ip; };
  if (a.port <= 0 || b.port <= 0 || a.port != b.port || protocol(a) != protocol(b)) return false;
  return ip(a) == ip(b) || ip(a) == keys.any_ip || ip(b) == keys.any_ip;
}

void NodePorts::filter(const Cycle& cycle, std::span<const Row> rows, std::span<Verdict> verdicts) const {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!verdicts[i].ok()) continue;
    const auto taken = [&] {
      for (const PodOnNode& there : cycle.snapshot().pods(rows[i])) {
        for (const HostPort& used : cycle.view.shapes[there.shape].host_ports) {
          for (const HostPort& wanted : cycle.pod.host_ports) {
            if (host_ports_clash(used, wanted, cycle.keys)) return true;
          }
        }
      }
      return false;
    };
    if (taken()) verdicts[i].fail(Code::unschedulable, id(), Reason::host_ports);
  }
}

}  // namespace plimsoll::kubernetes
