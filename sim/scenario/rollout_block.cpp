#include "sim/scenario/rollout_block.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "sim/core/text.h"

namespace plimsoll::scenario {

namespace {

using document::Fields;
using Strategy = EcsRollout::Strategy;

/// "25%" or a whole number.
std::optional<Amount> read_amount(Fields& f, std::string_view key, std::string_view doc) {
  const auto text = f.optional_text(key, doc);
  if (!text || f.describing()) return std::nullopt;
  std::string_view digits = trim(*text);
  Amount out;
  out.is_percent = digits.ends_with('%');
  if (out.is_percent) digits.remove_suffix(1);
  bool good = !digits.empty() && digits.size() < 8;
  for (const char c : digits) {
    good = good && c >= '0' && c <= '9';
    out.value = out.value * 10 + (c - '0');
  }
  if (good) return out;
  f.error(key, "'" + *text + "' is neither a whole number nor a percentage", "write 25% or 1");
  return std::nullopt;
}

/// SOURCE of names and defaults: API DeploymentLifecycleHook; ECS developer guide, "Lifecycle hooks for Amazon ECS
/// service deployments".
DeploymentHook read_hook(Fields& f) {
  using Answer = DeploymentHook::Answer;
  constexpr std::array<std::string_view, 3> kAnswers = {"SUCCEEDED", "FAILED", "IN_PROGRESS"};
  const auto index_of = [&](std::string_view key, const std::string& name, std::span<const std::string_view> names) {
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) {
      std::string all;
      for (const std::string_view n : names) all += (all.empty() ? "" : ", ") + std::string(n);
      const std::string near = nearest(name, names);
      f.error(key, "'" + name + "' is none of " + all, near.empty() ? "" : "did you mean '" + near + "'?");
      return std::size_t{0};
    }
    return static_cast<std::size_t>(at - names.begin());
  };
  DeploymentHook hook;
  hook.pause = f.choice<bool>("targetType", {{"AWS_LAMBDA", false}, {"PAUSE", true}}, false, "ECS API default",
                              "a function, or a pause until somebody continues the deployment");
  hook.name = f.text("hookTargetArn", "", "a function without a name", "the function");
  const std::vector<std::string> stages =
      f.texts("lifecycleStages",
              "RECONCILE_SERVICE, PRE_SCALE_UP, POST_SCALE_UP, TEST_TRAFFIC_SHIFT, "
              "POST_TEST_TRAFFIC_SHIFT, PRE_PRODUCTION_TRAFFIC_SHIFT, PRODUCTION_TRAFFIC_SHIFT, "
              "POST_PRODUCTION_TRAFFIC_SHIFT: at which of them it runs");
  for (const std::string& name : stages) {
    const auto stage = static_cast<DeploymentStage>(index_of("lifecycleStages", name, kDeploymentStageNames));
    if (hook.pause &&
        (stage == DeploymentStage::test_traffic_shift || stage == DeploymentStage::production_traffic_shift))
      f.error("lifecycleStages", "a PAUSE hook cannot run at " + name);
    hook.stages.push_back(stage);
  }
  if (stages.empty() && !f.describing())
    f.error("lifecycleStages", "'lifecycleStages' is missing: when does the hook run?", "[POST_TEST_TRAFFIC_SHIFT]");
  hook.timeout = minutes(f.integer("timeoutInMinutes", 1'440, "ECS API default: 24 hours",
                                   "longest time for the hooks of a stage", {1, 20'160}));
  hook.duration =
      f.duration("duration", seconds(1), "assumed", "of one call; of a pause: until somebody continues the deployment",
                 {Duration{}, hours(336)});
  if (!hook.pause && hook.duration > minutes(15)) f.error("duration", "a Lambda function runs 15 minutes at most");
  const std::vector<std::string> answers =
      f.texts("hookStatus",
              "what the calls within a stage answer, in order, the last again and again: SUCCEEDED (without the "
              "key), FAILED, IN_PROGRESS");
  if (!answers.empty()) hook.answers.clear();
  for (const std::string& answer : answers)
    hook.answers.push_back(static_cast<Answer>(index_of("hookStatus", answer, kAnswers)));
  hook.call_back = seconds(
      f.integer("callBackDelay", 30, "ECS API default", "seconds from IN_PROGRESS to the next call", {1, 86'400}));
  hook.continues_on_timeout = f.choice<bool>("timeoutAction", {{"ROLLBACK", false}, {"CONTINUE", true}}, false,
                                             "ECS API default", "when the time is over");
  hook.memory = f.integer("memorySize", 128, "Lambda default", "MB", {128, 10'240});
  return hook;
}

}  // namespace

void RolloutKeys::apply(KubernetesRollout& k, EcsRollout& e) const {
  k.recreate = recreate.value_or(k.recreate);
  k.max_surge = max_surge.value_or(k.max_surge);
  k.max_unavailable = max_unavailable.value_or(k.max_unavailable);
  if (min_ready_seconds) k.min_ready = seconds(*min_ready_seconds);
  if (progress_deadline_seconds) k.progress_deadline = seconds(*progress_deadline_seconds);
  if (minimum_healthy_percent) e.minimum_healthy_percent = minimum_healthy_percent;
  if (maximum_percent) e.maximum_percent = maximum_percent;
  e.breaker = breaker.value_or(e.breaker);
  e.breaker_rollback = breaker_rollback.value_or(e.breaker_rollback);
  if (strategy) {
    e.strategy = *strategy;
    e.step = percent(10);
    e.canary = percent(5);
    e.step_bake = minutes(*strategy == Strategy::canary ? 10 : 6);
  }
  e.step = step.value_or(e.step);
  e.canary = canary.value_or(e.canary);
  if (alarms) e.alarms = *alarms;
  e.alarms_rollback = alarms_rollback.value_or(e.alarms_rollback);
  if (hooks) e.hooks = *hooks;
  if (step_bake_minutes) e.step_bake = minutes(*step_bake_minutes);
  if (bake_minutes) e.bake = minutes(*bake_minutes);
  if (zone_rebalancing) e.zone_rebalancing = zone_rebalancing;
}

RolloutKeys read_rollout(Fields& app) {
  RolloutKeys out;
  Fields f = app.child("rollout",
                       "how a new revision replaces the old one: Kubernetes strategy, ECS "
                       "deploymentConfiguration, by their own names");
  constexpr std::array<std::string_view, 2> kTypes = {"RollingUpdate", "Recreate"};
  if (const auto type = f.optional_one_of("type", kTypes, "Deployment strategy.type; RollingUpdate without it"))
    out.recreate = *type == 1;
  out.max_surge = read_amount(f, "maxSurge", "Deployment: pods above the wanted number; 25% without it");
  out.max_unavailable = read_amount(f, "maxUnavailable", "Deployment: pods below it; 25% without it");
  const document::Range<std::int64_t> count{0, 1'000'000};
  out.min_ready_seconds = f.optional_integer("minReadySeconds", "Deployment: ready for so long counts; 0", count);
  out.progress_deadline_seconds =
      f.optional_integer("progressDeadlineSeconds", "Deployment: stalled after so long without progress; 600", count);
  out.minimum_healthy_percent = f.optional_integer(
      "minimumHealthyPercent", "ECS: of the desired count; 100, or 100 % - maxDisruption where that is said", {0, 100});
  out.maximum_percent = f.optional_integer("maximumPercent", "ECS: of the desired count; 200", {0, 1'000});
  {
    Fields breaker = f.child("deploymentCircuitBreaker", "ECS: gives up a deployment whose tasks fail");
    out.breaker = breaker.optional_boolean("enable", "off by default");
    out.breaker_rollback = breaker.optional_boolean("rollback", "and goes back to the last completed revision");
  }
  constexpr std::array<std::string_view, 4> kStrategies = {"ROLLING", "BLUE_GREEN", "LINEAR", "CANARY"};
  if (const auto strategy = f.optional_one_of("strategy", kStrategies, "ECS deployment strategy; ROLLING"))
    out.strategy = static_cast<Strategy>(*strategy);
  const document::Range<std::int64_t> day{0, 1'440};
  out.bake_minutes =
      f.optional_integer("bakeTimeInMinutes", "ECS blue/green: both revisions stay so long after the shift; 0", day);
  out.step_bake_minutes =
      f.optional_integer("stepBakeTimeInMinutes", "ECS LINEAR: after each step (6); CANARY: of the canary (10)", day);
  out.step = f.optional_ratio("stepPercent", "ECS LINEAR: traffic of a step (10%)", {percent(3), percent(100)});
  out.canary = f.optional_ratio("canaryPercent", "ECS CANARY: traffic of the canary (5%)", {Ppm{1'000}, percent(100)});
  {
    Fields alarms = f.child("alarms", "ECS: CloudWatch alarms, any of which fails a deployment");
    const std::vector<std::string> names =
        alarms.texts("alarmNames", "by the names of their put-metric-alarm files; those of a column under `scaling`");
    if (!names.empty()) out.alarms = names;
    out.alarms_rollback = alarms.optional_boolean("rollback", "and goes back to the last completed revision");
  }
  std::vector<DeploymentHook> hooks;
  for (const document::Item& item :
       f.list("lifecycleHooks",
              "ECS blue/green, LINEAR and CANARY: what runs between the stages of a deployment; "
              "replaces the hooks of its files")) {
    Fields h(item.node, f.reader(), item.path);
    hooks.push_back(read_hook(h));
  }
  if (f.has("lifecycleHooks") && !f.describing()) {
    if (out.strategy == Strategy::rolling && !hooks.empty())
      f.warning("lifecycleHooks", "hooks run in BLUE_GREEN, LINEAR and CANARY deployments: none is called");
    out.hooks = std::move(hooks);
  }
  constexpr std::array<std::string_view, 2> kSwitch = {"ENABLED", "DISABLED"};
  if (const auto zones = f.optional_one_of("availabilityZoneRebalancing", kSwitch,
                                           "ECS: keeps the zones even; as new services have it on the date"))
    out.zone_rebalancing = *zones == 0;
  if (out.max_surge && out.max_unavailable && out.max_surge->value == 0 && out.max_unavailable->value == 0) {
    f.error("maxUnavailable", "maxSurge and maxUnavailable must not both be 0");
  }
  if (out.minimum_healthy_percent && *out.minimum_healthy_percent >= 100 && out.maximum_percent &&
      *out.maximum_percent <= 100) {
    f.warning("maximumPercent",
              "minimumHealthyPercent 100 with maximumPercent 100 leaves no room: deployments will hang, and draining "
              "instances never empty",
              "write maximumPercent: 200, or a lower minimumHealthyPercent");
  }
  return out;
}

}  // namespace plimsoll::scenario
