#include "models/compose/translator.h"
#include "models/ecs/platform.h"
#include "models/eks/platform.h"
#include "models/workload/arrival_types.h"
#include "sim/cli/verbs.h"

namespace plimsoll::cli {

const char kVersion[] = "0.1.0";

std::string version_line() { return std::string("plimsoll ") + kVersion; }

Registry make_registry() {
  Registry registry;
  workload::register_workload(registry);
  compose::register_compose(registry);
  ecs::register_ecs(registry);
  eks::register_eks(registry);
  return registry;
}

}  // namespace plimsoll::cli
