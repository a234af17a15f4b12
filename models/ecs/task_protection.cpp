#include "models/ecs/task_protection.h"

#include <algorithm>

namespace plimsoll::ecs {

std::vector<std::pair<std::string, TaskProtection>> read_task_protection(document::Fields& column,
                                                                         const Setting& setting) {
  std::vector<std::pair<std::string, TaskProtection>> out;
  for (const document::Item& item :
       column.map("taskProtection", "apps whose tasks protect themselves from scale-in and deployments")) {
    document::Fields p(item.node, column.reader(), item.path);
    TaskProtection protection;
    protection.share = p.ratio("share", percent(100), "every task does", "of the tasks", {Ppm{}, percent(100)});
    protection.expires = minutes(p.integer("expiresInMinutes", 120, "UpdateTaskProtection default",
                                           "from a task's first traffic on", {1, 2880}));
    const bool known = std::any_of(setting.workloads.begin(), setting.workloads.end(),
                                   [&](const WorkloadSpec& w) { return w.name == item.name; });
    if (!known && !column.describing()) column.error("taskProtection", "no app '" + item.name + "'");
    out.emplace_back(item.name, protection);
  }
  return out;
}

}  // namespace plimsoll::ecs
