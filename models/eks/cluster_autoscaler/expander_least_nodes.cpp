#include <algorithm>

#include "models/eks/cluster_autoscaler/expander.h"

namespace plimsoll::eks::ca {

namespace {

class LeastNodesExpander final : public Expander {
 public:
  std::string_view name() const override { return "least-nodes"; }
  double score(const ExpansionOption& option) const override { return static_cast<double>(option.nodes); }
  std::vector<std::size_t> best(std::span<const ExpansionOption> options) const override {
    std::int64_t least = INT64_MAX;
    for (const ExpansionOption& o : options) {
      if (o.nodes > 0) least = std::min(least, o.nodes);
    }
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < options.size(); ++i) {
      if (options[i].nodes == least) out.push_back(i);
    }
    return out;
  }
};

}  // namespace

std::unique_ptr<Expander> make_least_nodes_expander() { return std::make_unique<LeastNodesExpander>(); }

}  // namespace plimsoll::eks::ca
