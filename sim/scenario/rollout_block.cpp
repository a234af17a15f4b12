#include "sim/scenario/rollout_block.h"

#include <array>
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
  out.minimum_healthy_percent =
      f.optional_integer("minimumHealthyPercent", "ECS: of the desired count; 100 % - maxDisruption", {0, 100});
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
