#include "models/eks/policies.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "models/eks/cluster_autoscaler/expander.h"
#include "models/eks/cluster_autoscaler/options.h"

namespace plimsoll::eks {

TEST_CASE("every expander and every flag is listed with its default and source") {
  Registry registry;
  register_eks_policies(registry);
  const auto has = [&](std::string_view name) {
    return std::any_of(registry.policies().begin(), registry.policies().end(),
                       [&](const PolicyInfo& p) { return p.name == name; });
  };
  for (const std::string_view name : ca::expander_names()) CHECK(has(name));
  CHECK(has("karpenter"));
  const PolicyInfo& ca_info = registry.policies().front();
  CHECK(ca_info.parameters.size() == ca::flags().size() + 1);
  for (const PolicyInfo& p : registry.policies()) CHECK_FALSE(p.source.empty());
}

}  // namespace plimsoll::eks
