#include "models/eks/cluster_autoscaler/expander.h"

namespace plimsoll::eks::ca {

namespace {

double idle_share(std::int64_t bought, std::int64_t requested) {
  return static_cast<double>(bought - requested) / static_cast<double>(bought);
}

class LeastWasteExpander final : public Expander {
 public:
  std::string_view name() const override { return "least-waste"; }
  double score(const ExpansionOption& o) const override {
    return idle_share(o.node_capacity[Resource::cpu] * o.nodes, o.requested[Resource::cpu]) +
           idle_share(o.node_capacity[Resource::memory] * o.nodes, o.requested[Resource::memory]);
  }
  /// Equal means equal to the last bit, as in the original.
  std::vector<std::size_t> best(std::span<const ExpansionOption> options) const override {
    std::vector<std::size_t> out;
    double least = 0;
    for (std::size_t i = 0; i < options.size(); ++i) {
      const double s = score(options[i]);
      if (out.empty() || s < least) {
        out.clear();
        least = s;
      } else if (s != least) {
        continue;
      }
      out.push_back(i);
    }
    return out;
  }
};

}  // namespace

std::unique_ptr<Expander> make_least_waste_expander() { return std::make_unique<LeastWasteExpander>(); }

}  // namespace plimsoll::eks::ca
