#include "models/ecs/deployment_hooks.h"

#include <doctest/doctest.h>

namespace plimsoll::ecs {
namespace {

using Verdict = HookLook::Verdict;
using Answer = DeploymentHook::Answer;

Time hook_time(std::int64_t s) { return kTimeZero + seconds(s); }

DeploymentHook smoke_test(std::vector<Answer> answers,
                          std::vector<DeploymentStage> stages = {DeploymentStage::post_test_traffic_shift}) {
  DeploymentHook h;
  h.name = "smoke-test";
  h.stages = std::move(stages);
  h.duration = seconds(10);
  h.answers = std::move(answers);
  return h;
}

TEST_CASE("a stage without hooks passes at once") {
  DeploymentHooks hooks;
  const HookLook look = hooks.look({smoke_test({Answer::failed})}, DeploymentStage::pre_scale_up, hook_time(0));
  CHECK(look.verdict == Verdict::passed);
  CHECK_FALSE(look.began);
}

TEST_CASE("a function that succeeds lets the deployment through when it ends, once") {
  const std::vector hooks_of{smoke_test({Answer::succeeded})};
  const auto stage = DeploymentStage::post_test_traffic_shift;
  DeploymentHooks hooks;
  HookLook look = hooks.look(hooks_of, stage, hook_time(100));
  CHECK(look.verdict == Verdict::waiting);
  CHECK(look.began);
  CHECK(look.next == hook_time(110));
  CHECK(look.calls.empty());
  look = hooks.look(hooks_of, stage, hook_time(105));
  CHECK(look.verdict == Verdict::waiting);
  CHECK_FALSE(look.began);
  look = hooks.look(hooks_of, stage, hook_time(110));
  CHECK(look.verdict == Verdict::passed);
  CHECK(look.calls == std::vector<std::size_t>{0});
  look = hooks.look(hooks_of, stage, hook_time(200));
  CHECK(look.verdict == Verdict::passed);
  CHECK(look.calls.empty());
  hooks.repeat(stage);
  CHECK(hooks.look(hooks_of, stage, hook_time(300)).began);
  hooks.begin();
  CHECK(hooks.look(hooks_of, stage, hook_time(400)).began);
}

TEST_CASE("a function in progress is called again thirty seconds after its answer") {
  // Calls end at 10 s, 10 + 30 + 10 = 50 s and 90 s.
  const std::vector hooks_of{smoke_test({Answer::in_progress, Answer::in_progress, Answer::succeeded})};
  const auto stage = DeploymentStage::post_test_traffic_shift;
  DeploymentHooks hooks;
  hooks.look(hooks_of, stage, hook_time(0));
  HookLook look = hooks.look(hooks_of, stage, hook_time(10));
  CHECK(look.verdict == Verdict::waiting);
  CHECK(look.next == hook_time(50));
  // A late look makes up for what lies between.
  look = hooks.look(hooks_of, stage, hook_time(90));
  CHECK(look.verdict == Verdict::passed);
  CHECK(look.calls == std::vector<std::size_t>{0, 0});
}

TEST_CASE("FAILED fails the deployment, whatever the other hooks say") {
  const std::vector hooks_of{smoke_test({Answer::succeeded}), smoke_test({Answer::in_progress, Answer::failed})};
  const auto stage = DeploymentStage::post_test_traffic_shift;
  DeploymentHooks hooks;
  hooks.look(hooks_of, stage, hook_time(0));
  CHECK(hooks.look(hooks_of, stage, hook_time(10)).verdict == Verdict::waiting);
  CHECK(hooks.look(hooks_of, stage, hook_time(49)).verdict == Verdict::waiting);
  CHECK(hooks.look(hooks_of, stage, hook_time(50)).verdict == Verdict::failed);
}

TEST_CASE("a function that never ends its work runs out of time: back, or on") {
  std::vector hooks_of{smoke_test({Answer::in_progress})};
  hooks_of[0].timeout = seconds(60);  // between the answers at 50 s and 90 s
  const auto stage = DeploymentStage::post_test_traffic_shift;
  for (const bool goes_on : {false, true}) {
    hooks_of[0].continues_on_timeout = goes_on;
    DeploymentHooks hooks;
    hooks.look(hooks_of, stage, hook_time(0));
    const HookLook before = hooks.look(hooks_of, stage, hook_time(50));
    CHECK(before.verdict == Verdict::waiting);
    CHECK(before.next == hook_time(60));
    CHECK(hooks.look(hooks_of, stage, hook_time(60)).verdict == (goes_on ? Verdict::passed : Verdict::failed));
  }
}

TEST_CASE("a pause lasts until it is continued, calls nothing, and ends with its time-out at the latest") {
  DeploymentHook pause = smoke_test({});
  pause.pause = true;
  pause.duration = minutes(20);
  const auto stage = DeploymentStage::post_test_traffic_shift;
  DeploymentHooks hooks;
  hooks.look({pause}, stage, hook_time(0));
  CHECK(hooks.look({pause}, stage, hook_time(1199)).verdict == Verdict::waiting);
  const HookLook look = hooks.look({pause}, stage, hook_time(1200));
  CHECK(look.verdict == Verdict::passed);
  CHECK(look.calls.empty());
  pause.timeout = minutes(10);
  DeploymentHooks late;
  late.look({pause}, stage, hook_time(0));
  CHECK(late.look({pause}, stage, hook_time(600)).verdict == Verdict::failed);
}

}  // namespace
}  // namespace plimsoll::ecs
