#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/aws/controllers/meters.h"
#include "models/eks/controllers/karpenter.h"
#include "models/eks/plan.h"
#include "sim/document/node.h"

namespace plimsoll::eks {

/// How a column sets Karpenter up: the documents of its NodePools and EC2NodeClasses, checked when the scenario is read
/// and read again into each world (their labels are that world's names), and the prices of the types they may launch.
struct KarpenterPlan {
  std::vector<document::Node> documents;
  karpenter::Release release;

  /// The controller; adds the bill's lines for each type that some pool can launch.
  std::unique_ptr<Karpenter> build(BuildContext& context, const EksPlan& plan,
                                   const kubernetes::DisruptionBudgets& budgets, const std::vector<ShapeId>& daemons,
                                   aws::Meters& meters) const;
};

}  // namespace plimsoll::eks
