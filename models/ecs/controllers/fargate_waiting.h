#pragma once

#include <utility>
#include <vector>

#include "models/aws/controllers/fargate_launcher.h"
#include "sim/policy/pending_reasons.h"

namespace plimsoll::ecs {

/// Asks the launchers of a cluster's Fargate providers why a task has no microVM.
class FargateWaiting : public ComponentOf<FargateWaiting>, public PendingReasons {
 public:
  explicit FargateWaiting(std::vector<HandlerId> launchers) : launchers_(std::move(launchers)) {}

  void handle(World&, const Event&) override {}
  std::string why_pending(World& world, PodId task) override {
    for (const HandlerId id : launchers_) {
      std::string why = dynamic_cast<const aws::FargateLauncher&>(world.component(id)).why_waiting(world, task);
      if (!why.empty()) return why;
    }
    return {};
  }

 private:
  std::vector<HandlerId> launchers_;
};

}  // namespace plimsoll::ecs
