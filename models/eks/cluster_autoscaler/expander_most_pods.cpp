#include <algorithm>

#include "models/eks/cluster_autoscaler/expander.h"

namespace plimsoll::eks::ca {

namespace {

class MostPodsExpander final : public Expander {
 public:
  std::string_view name() const override { return "most-pods"; }
  double score(const ExpansionOption& option) const override { return -static_cast<double>(option.pods); }
  std::vector<std::size_t> best(std::span<const ExpansionOption> options) const override {
    std::int64_t most = 0;
    for (const ExpansionOption& o : options) most = std::max(most, o.pods);
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < options.size(); ++i) {
      if (options[i].pods == most) out.push_back(i);
    }
    return out;
  }
};

}  // namespace

std::unique_ptr<Expander> make_most_pods_expander() { return std::make_unique<MostPodsExpander>(); }

}  // namespace plimsoll::eks::ca
