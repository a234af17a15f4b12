#include "models/ecs/controllers/policy_call.h"

#include <utility>

namespace plimsoll::ecs {

PolicyCall::PolicyCall(CustomPolicyPtr policy, WorkloadId service, Ppm target_cpu)
    : call_(std::move(policy), service, target_cpu, hash_text("event-rule-policy")) {}

}  // namespace plimsoll::ecs
