#include "models/eks/cluster_autoscaler/expander.h"

namespace plimsoll::eks::ca {

namespace {

class RandomExpander final : public Expander {
 public:
  std::string_view name() const override { return "random"; }
  std::vector<std::size_t> best(std::span<const ExpansionOption> options) const override {
    std::vector<std::size_t> all(options.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    return all;
  }
};

}  // namespace

std::unique_ptr<Expander> make_random_expander() { return std::make_unique<RandomExpander>(); }

}  // namespace plimsoll::eks::ca
