#include <doctest/doctest.h>

#include <algorithm>

#include "models/eks/cluster_autoscaler/expander.h"
#include "models/eks/cluster_autoscaler/options.h"
#include "models/eks/platform.h"

namespace plimsoll::eks {

TEST_CASE("every expander and every flag is listed, each policy once, with its source") {
  Registry registry;
  register_eks(registry);
  const auto count = [&](std::string_view name) {
    return std::count_if(registry.policies().begin(), registry.policies().end(),
                         [&](const PolicyInfo& p) { return p.name == name; });
  };
  for (const std::string_view name : ca::expander_names()) CHECK(count(name) == 1);
  for (const char* name : {"kube-scheduler", "karpenter", "cluster-autoscaler"}) CHECK(count(name) == 1);
  for (const PolicyInfo& p : registry.policies()) {
    INFO(p.name);
    CHECK_FALSE(p.source.empty());
    if (p.name == "cluster-autoscaler") CHECK(p.parameters.size() == ca::flags().size());
    for (const ParameterInfo& parameter : p.parameters) CHECK_FALSE(parameter.source.empty());
  }
}

}  // namespace plimsoll::eks
