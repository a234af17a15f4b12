#include "models/ecs/task_images.h"

#include <algorithm>

namespace plimsoll::ecs {

const api::ContainerDefinition& main_container(const api::TaskDefinition& definition) {
  const auto main = std::find_if(definition.containers.begin(), definition.containers.end(),
                                 [](const api::ContainerDefinition& c) { return c.size.essential && !c.log_router; });
  return main == definition.containers.end() ? definition.containers.front() : *main;
}

std::vector<std::pair<std::string, std::string>> further_images(const api::TaskDefinition& definition) {
  if (definition.containers.empty()) return {};
  const std::string& main = main_container(definition).image;
  std::vector<std::pair<std::string, std::string>> out;
  for (const api::ContainerDefinition& c : definition.containers) {
    const bool listed = std::any_of(out.begin(), out.end(), [&](const auto& known) { return known.second == c.image; });
    if (c.image != main && !listed && !c.image.empty()) out.emplace_back(c.size.name, c.image);
  }
  return out;
}

TaskImages TaskImages::read(document::Fields& column) {
  TaskImages out;
  out.sidecar = column.bytes("sidecarImage", out.sidecar, "assumed: a small tool image",
                             "compressed image of a container beside the main one, with an image of its own");
  return out;
}

void TaskImages::add(const std::vector<std::pair<std::string, std::string>>& images,
                     const std::vector<ContainerUsage>& containers, Workload& workload, Names& names) const {
  for (const auto& [container, image] : images) {
    const auto said = std::find_if(containers.begin(), containers.end(), [name = container](const ContainerUsage& c) {
      return c.name == name && c.image.has_value();
    });
    workload.images.emplace_back(names.intern(image), said == containers.end() ? sidecar : *said->image);
  }
}

}  // namespace plimsoll::ecs
