#include "models/kubernetes/api/published_services.h"

#include <algorithm>

namespace plimsoll::kubernetes::api {

bool publishes_not_ready(const std::vector<Service>& selecting) {
  const bool addressed = std::any_of(selecting.begin(), selecting.end(), [](const Service& s) { return !s.headless; });
  return !selecting.empty() && std::all_of(selecting.begin(), selecting.end(), [&](const Service& s) {
    return s.publish_not_ready || (addressed && s.headless);
  });
}

}  // namespace plimsoll::kubernetes::api
