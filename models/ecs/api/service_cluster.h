#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/ecs/api/service.h"

namespace plimsoll::ecs::api {

/// The name of the cluster that the file of a service says (create-service: `cluster`, a name or an ARN;
/// describe-services: `clusterArn`); empty when none does, or two differ.
inline std::string cluster_of_service(const std::vector<Service>& services, std::string_view name) {
  std::string out;
  for (const Service& s : services) {
    if (s.name != name) continue;
    for (const char* key : {"cluster", "clusterArn"}) {
      const document::Node* said = s.node.find(key);
      if (said == nullptr || !said->is_string()) continue;
      const std::string text(said->text());
      const std::string cluster = text.substr(text.rfind('/') + 1);  // the whole of a name
      if (!out.empty() && out != cluster) return {};
      out = cluster;
    }
  }
  return out;
}

}  // namespace plimsoll::ecs::api
