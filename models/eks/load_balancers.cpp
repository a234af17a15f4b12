#include "models/eks/load_balancers.h"

#include <set>

#include "models/kubernetes/api/manifest_reader.h"

namespace plimsoll::eks {

namespace {

std::string describe(std::int64_t application, std::int64_t network, std::int64_t classic) {
  if (classic == 0)
    return std::to_string(application) + " Application and " + std::to_string(network) + " Network Load Balancers";
  return std::to_string(application) + " Application, " + std::to_string(network) + " Network and " +
         std::to_string(classic) + " Classic Load Balancers";
}

}  // namespace

LoadBalancers load_balancers_of(const std::vector<WorkloadSpec>& workloads, bool mutates) {
  std::set<std::string> ingresses, services, classic;
  for (const WorkloadSpec& w : workloads) {
    const auto* file = dynamic_cast<const kubernetes::api::ManifestPod*>(w.kubernetes_pod.get());
    if (file == nullptr) continue;
    ingresses.insert(file->ingress_balancers.begin(), file->ingress_balancers.end());
    services.insert(file->service_balancers.begin(), file->service_balancers.end());
    if (!mutates) classic.insert(file->unclassed_balancers.begin(), file->unclassed_balancers.end());
  }
  return {static_cast<std::int64_t>(ingresses.size()), static_cast<std::int64_t>(services.size() - classic.size()),
          static_cast<std::int64_t>(classic.size())};
}

std::string replace_load_balancers(const LoadBalancers& files, Surroundings& around) {
  if (files.total() == 0) return {};
  if (around.load_balancers == files.application && around.network_load_balancers == files.network &&
      around.classic_load_balancers == files.classic)
    return {};
  std::string what = describe(files.application, files.network, files.classic) +
                     " of the Ingresses and Services replace " +
                     describe(around.load_balancers, around.network_load_balancers, around.classic_load_balancers) +
                     " of the scenario";
  around.load_balancers = files.application;
  around.network_load_balancers = files.network;
  around.classic_load_balancers = files.classic;
  return what;
}

}  // namespace plimsoll::eks
