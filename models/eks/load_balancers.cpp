#include "models/eks/load_balancers.h"

#include <set>
#include <string_view>

#include "models/kubernetes/api/manifest_reader.h"
#include "sim/core/hash.h"

namespace plimsoll::eks {

namespace {

std::string describe(std::int64_t application, std::int64_t network, std::int64_t classic) {
  if (classic == 0)
    return std::to_string(application) + " Application and " + std::to_string(network) + " Network Load Balancers";
  return std::to_string(application) + " Application, " + std::to_string(network) + " Network and " +
         std::to_string(classic) + " Classic Load Balancers";
}

/// By "namespace/name" or "group NAME".
struct Balancers {
  std::set<std::string> ingresses, services, classic, internal;
  bool refused = false;
};

Balancers balancers_of(const std::vector<WorkloadSpec>& workloads, bool mutates) {
  Balancers out;
  std::set<std::string> unclassed;
  for (const WorkloadSpec& w : workloads) {
    const auto* file = dynamic_cast<const kubernetes::api::ManifestPod*>(w.kubernetes_pod.get());
    if (file == nullptr) continue;
    out.ingresses.insert(file->ingress_balancers.begin(), file->ingress_balancers.end());
    out.refused = out.refused || !file->refused_balancers.empty();
    out.services.insert(file->service_balancers.begin(), file->service_balancers.end());
    out.services.insert(file->unselected_balancers.begin(), file->unselected_balancers.end());
    out.internal.insert(file->internal_balancers.begin(), file->internal_balancers.end());
    unclassed.insert(file->unclassed_balancers.begin(), file->unclassed_balancers.end());
  }
  if (mutates) return out;
  for (const std::string& name : unclassed) {
    if (out.services.erase(name) > 0) out.classic.insert(name);
  }
  return out;
}

std::string hex(std::uint64_t value, std::size_t digits) {
  std::string out;
  for (std::size_t i = 0; i < digits; ++i, value >>= 4) out += "0123456789abcdef"[value & 15];
  return out;
}

/// The letters and digits of a name, no more than `most`.
std::string shortened(std::string_view name, std::size_t most) {
  std::string out;
  for (const char c : name) {
    const bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (kept && out.size() < most) out += c;
  }
  return out;
}

std::string controller_name(const std::string& of, bool internal) {
  const std::string hash = hex(hash_text(of, hash_text(internal ? "internal" : "internet-facing")), 10);
  if (of.starts_with("group ")) return "k8s-" + shortened(std::string_view(of).substr(6), 17) + "-" + hash;
  const std::size_t slash = of.find('/');
  return "k8s-" + shortened(std::string_view(of).substr(0, slash), 8) + "-" +
         shortened(std::string_view(of).substr(slash + 1), 8) + "-" + hash;
}

}  // namespace

LoadBalancers load_balancers_of(const std::vector<WorkloadSpec>& workloads, bool mutates) {
  const Balancers b = balancers_of(workloads, mutates);
  return {static_cast<std::int64_t>(b.ingresses.size()), static_cast<std::int64_t>(b.services.size()),
          static_cast<std::int64_t>(b.classic.size()), b.refused};
}

std::vector<std::pair<std::string, std::string>> balancer_dns_names(const std::vector<WorkloadSpec>& workloads,
                                                                    bool mutates, const std::string& region) {
  std::vector<std::pair<std::string, std::string>> out;
  const Balancers b = balancers_of(workloads, mutates);
  for (const std::string& name : b.ingresses) {
    const bool internal = b.internal.contains(name);
    const std::string number = std::to_string(1'000'000'000 + hash_text(name, hash_text("alb")) % 1'000'000'000);
    out.emplace_back("Ingress " + name, std::string(internal ? "internal-" : "") + controller_name(name, internal) +
                                            "-" + number + "." + region + ".elb.amazonaws.com");
  }
  for (const std::string& name : b.services) {
    out.emplace_back("Service " + name, controller_name(name, b.internal.contains(name)) + "-" +
                                            hex(hash_text(name, hash_text("nlb")), 16) + ".elb." + region +
                                            ".amazonaws.com");
  }
  for (const std::string& name : b.classic) {
    const std::string uid = hex(hash_text(name, hash_text("uid")), 16) + hex(hash_text(name, hash_text("uid2")), 15);
    const std::string number = std::to_string(1'000'000'000 + hash_text(name, hash_text("clb")) % 1'000'000'000);
    out.emplace_back("Service " + name, std::string(b.internal.contains(name) ? "internal-" : "") + "a" + uid + "-" +
                                            number + "." + region + ".elb.amazonaws.com");
  }
  return out;
}

std::string replace_load_balancers(const LoadBalancers& files, Surroundings& around) {
  if (files.total() == 0 && !files.refused) return {};
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
