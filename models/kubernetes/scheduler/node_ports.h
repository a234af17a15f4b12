#pragma once

#include "models/kubernetes/scheduler/plugin.h"

namespace plimsoll::kubernetes {

/// Whether two containers want the same port of a host: same port and protocol (TCP unless named), on the same address
/// or on 0.0.0.0 (also the address that is not named), which stands for all.
bool host_ports_clash(const HostPort& a, const HostPort& b, const WellKnown& keys);

/// Host ports: same port and protocol clash on the same address, and 0.0.0.0 clashes with every address.
/// Source: pkg/scheduler/framework/plugins/nodeports, framework/types.go HostPortInfo (1.20.2 .. 1.34).
class NodePorts final : public Plugin {
 public:
  PluginId id() const override { return PluginId::node_ports; }
  Scope scope() const override { return Scope::node_and_pods; }
  bool filters(const Cycle& cycle) const override { return !cycle.pod.host_ports.empty(); }
  void filter(const Cycle& cycle, std::span<const Row> rows, std::span<Verdict> verdicts) const override;
};

}  // namespace plimsoll::kubernetes
