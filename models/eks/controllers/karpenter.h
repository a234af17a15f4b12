#pragma once
#include <vector>
#include "models/aws/controllers/auto_scaling_group.h"
#include "models/aws/controllers/meters.h"
#include "models/kubernetes/controllers/disruption.h"
#include "models/kubernetes/scheduler/framework.h"
#include "sim/policy/platform.h"
namespace plimsoll::eks {
struct KarpenterPlan {};
inline void add_karpenter(BuildContext&, const KarpenterPlan&, const kubernetes::Framework&, const kubernetes::DisruptionBudgets&,
                   const std::vector<ShapeId>&, const aws::InstanceDelays&, Rate, std::int64_t, aws::Meters&) {}
}
