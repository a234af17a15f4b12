#include "models/ecs/cluster_strategy.h"

#include <algorithm>
#include <optional>

#include "models/ecs/capacity_plan.h"
#include "models/ecs/service_files.h"

namespace plimsoll::ecs {

namespace {

/// ECS Anywhere takes no part in strategies; columns name its machines as a provider all the same.
std::optional<std::string> mixed_types(const std::vector<ProviderShare>& shares,
                                       const std::vector<CapacityProvider>& providers) {
  bool groups = false, managed = false;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    groups = groups || providers[i].kind == ProviderKind::auto_scaling_group;
    managed = managed || providers[i].kind == ProviderKind::managed_instances;
  }
  if (!groups || !managed) return std::nullopt;
  return "a strategy holds either Auto Scaling group or Managed Instances providers, not both";
}

}  // namespace

void read_cluster_strategy(document::Fields& c, CapacityPlan& plan) {
  std::vector<ProviderShare> shares;
  for (const document::Item& item :
       c.list("capacityProviderStrategy", "how the tasks of a service that names no providers are split over them")) {
    document::Fields s(item.node, c.reader(), item.path);
    ProviderShare share;
    share.provider = s.required_text("capacityProvider", "FARGATE, FARGATE_SPOT or a name of capacityProviders");
    share.base = s.integer("base", 0, "ECS API default", "tasks that it takes first", {0, 100'000});
    share.weight = s.integer("weight", 0, "ECS API default", "its share of the others", {0, 1000});
    shares.push_back(std::move(share));
  }
  if (c.describing()) return;
  if (shares.empty() && plan.providers.size() == 1) {
    plan.strategy = {{plan.providers[0].name, 1, 0}};
    return;
  }
  // A cluster needs no default where its services say where they run.
  if (!shares.empty() || plan.providers.empty()) {
    for (const std::string& fault : strategy_errors(shares)) c.error("capacityProviderStrategy", fault);
  }
  std::vector<CapacityProvider> ordered;
  for (const ProviderShare& share : shares) {
    const auto known = std::find_if(plan.providers.begin(), plan.providers.end(),
                                    [&](const CapacityProvider& p) { return p.name == share.provider; });
    if (known != plan.providers.end()) {
      ordered.push_back(*known);
    } else if (is_fargate_provider(share.provider)) {
      ordered.push_back(fargate_provider(share.provider));
    } else {
      c.error("capacityProviderStrategy", "no capacity provider '" + share.provider + "'",
              "name one of capacityProviders, FARGATE or FARGATE_SPOT");
      return;
    }
  }
  if (const auto fault = mixed_types(shares, ordered)) c.error("capacityProviderStrategy", *fault);
  if (shares.size() == 1 && shares[0].weight == 0) shares[0].weight = 1;  // one item alone takes every task
  for (const CapacityProvider& p : plan.providers) {
    const bool named =
        std::any_of(ordered.begin(), ordered.end(), [&](const CapacityProvider& o) { return o.name == p.name; });
    if (named) continue;
    ordered.push_back(p);
    shares.push_back({p.name, 0, 0});
  }
  plan.providers = std::move(ordered);
  plan.strategy = std::move(shares);
}

void add_spot_of_files(CapacityPlan& plan, const std::vector<ServiceFile>& files) {
  if (!plan.has(ProviderKind::fargate) || plan.has(ProviderKind::fargate_spot)) return;
  const bool wanted = std::any_of(files.begin(), files.end(), [](const ServiceFile& file) {
    return std::any_of(file.providers.begin(), file.providers.end(), [](const ProviderShare& share) {
      return share.provider == "FARGATE_SPOT" && (share.weight > 0 || share.base > 0);
    });
  });
  if (!wanted) return;
  plan.strategy.push_back({"FARGATE_SPOT", 0, 0});
  plan.providers.push_back(fargate_provider("FARGATE_SPOT"));
}

void warn_of_idle_providers(document::Fields& f, const CapacityPlan& plan) {
  if (f.reader().diagnostics->has_errors()) return;
  for (std::size_t lane = 0; lane < plan.providers.size() && !plan.tasks.empty(); ++lane) {
    const CapacityProvider& p = plan.providers[lane];
    if (is_fargate_provider(p.name)) continue;
    const bool used =
        std::any_of(plan.tasks.begin(), plan.tasks.end(), [lane](const TaskCapacity& t) { return t.lanes[lane]; });
    if (!used)
      f.warning("capacity",
                "capacity provider '" + p.name + "' takes no task: neither the column's strategy nor a file names it",
                "add it to a strategy or leave it out");
  }
}

}  // namespace plimsoll::ecs
