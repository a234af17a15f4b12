#include "models/ecs/deployment_hooks.h"

#include <algorithm>

namespace plimsoll::ecs {

HookLook DeploymentHooks::look(const std::vector<DeploymentHook>& hooks, DeploymentStage stage, Time now) {
  HookLook out;
  if ((passed_ & bit(stage)) != 0) return out;
  if (!running_ || stage_ != stage) {
    running_ = true;
    stage_ = stage;
    active_.clear();
    for (std::size_t i = 0; i < hooks.size(); ++i) {
      const DeploymentHook& h = hooks[i];
      if (std::find(h.stages.begin(), h.stages.end(), stage) == h.stages.end()) continue;
      active_.push_back({i, 0, now + h.duration, now + h.timeout, false});
    }
    out.began = !active_.empty();
  }
  bool failed = false;
  for (Active& a : active_) {
    const DeploymentHook& h = hooks[a.hook];
    while (!a.done && !failed) {
      const bool answered = a.answers <= a.deadline;
      const Time at = answered ? a.answers : a.deadline;
      if (at > now) {
        out.next = std::min(out.next, at);
        break;
      }
      if (!answered) {
        a.done = h.continues_on_timeout;
        failed = !a.done;
        break;
      }
      if (!h.pause) out.calls.push_back(a.hook);
      using Answer = DeploymentHook::Answer;
      const Answer answer =
          h.pause || h.answers.empty() ? Answer::succeeded : h.answers[std::min(a.call, h.answers.size() - 1)];
      a.done = answer == Answer::succeeded;
      failed = answer == Answer::failed;
      ++a.call;
      a.answers += h.call_back + h.duration;
    }
    if (failed) break;
  }
  if (failed) {
    out.verdict = HookLook::Verdict::failed;
    running_ = false;
  } else if (std::all_of(active_.begin(), active_.end(), [](const Active& a) { return a.done; })) {
    passed_ |= bit(stage);
    running_ = false;
  } else {
    out.verdict = HookLook::Verdict::waiting;
  }
  return out;
}

}  // namespace plimsoll::ecs
