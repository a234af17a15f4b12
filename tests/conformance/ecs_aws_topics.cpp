#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "models/aws/application_auto_scaling/step_scaling.h"
#include "models/aws/application_auto_scaling/target_tracking.h"
#include "models/aws/autoscaling/mixed_instances.h"
#include "models/aws/autoscaling/termination_policy.h"
#include "models/aws/catalogue.h"
#include "models/aws/cloudwatch/alarm.h"
#include "models/aws/data/pack.h"
#include "models/aws/elb/target_health.h"
#include "models/aws/eni_density.h"
#include "models/aws/eventbridge/schedule.h"
#include "models/aws/fargate/launch_rate.h"
#include "models/aws/fargate/task_size.h"
#include "tests/conformance/conformance.h"

namespace plimsoll::conformance {

void register_ecs_aws(std::vector<Topic>& topics);

namespace {

using namespace plimsoll::aws;

std::int64_t integer(const Json& object, const char* key, std::int64_t fallback) {
  return object.contains(key) && !object.at(key).is_null() ? object.at(key).get<std::int64_t>() : fallback;
}

/// A decimal in millionths.
std::int64_t millionths(const Json& v) {
  return v.is_number_integer() ? v.get<std::int64_t>() * kMetricScale : std::llround(v.get<double>() * 1e6);
}

/// A whole number of millionths as the number it is.
Json from_millionths(std::int64_t v) {
  if (v % kMetricScale == 0) return v / kMetricScale;
  return static_cast<double>(v) / static_cast<double>(kMetricScale);
}

/// The keys that are asked for, in nested objects too.
Json only_asked(const Json& expected, const Json& answer) {
  if (!expected.is_object() || !answer.is_object()) return answer;
  Json out = Json::object();
  for (const auto& [key, value] : answer.items()) {
    if (expected.contains(key)) out[key] = only_asked(expected.at(key), value);
  }
  return out;
}

/// In what the rule's text calls invalid the wording is ours: a phrase of ordinary characters stands for any other.
bool is_phrase(const Json& v) {
  return v.is_string() && !v.get_ref<const std::string&>().empty() &&
         v.get_ref<const std::string&>().find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
             "0123456789 ?#*/,.;:()<>='\"_-") == std::string::npos;
}

// --- CloudWatch

std::string alarm_answer(const std::vector<AlarmPoint>& points, std::int64_t n, std::int64_t m, MissingData treat) {
  const auto state = evaluate_alarm(points, n, m, treat);
  return state ? std::string(to_string(*state)) : "RETAIN";
}

Json alarm_missing_data(const Json& in, const Json& expected) {
  std::vector<AlarmPoint> points;
  for (const char c : in.at("datapoints").get<std::string>()) {
    points.push_back(c == '-' ? AlarmPoint::absent : c == '0' ? AlarmPoint::ok : AlarmPoint::breaching);
  }
  const std::int64_t n = integer(in, "evaluationPeriods", 1), m = integer(in, "datapointsToAlarm", n);
  constexpr std::pair<const char*, MissingData> kTreatments[] = {{"missing", MissingData::missing},
                                                                 {"ignore", MissingData::ignore},
                                                                 {"breaching", MissingData::breaching},
                                                                 {"notBreaching", MissingData::not_breaching}};
  Json all = Json::object();
  for (const auto& [name, treatment] : kTreatments) all[name] = alarm_answer(points, n, m, treatment);
  for (const char* key : {"treat", "treatMissingData"}) {
    if (!in.contains(key)) continue;
    all["state"] = all.at(in.at(key).get<std::string>());
    if (expected.contains("not")) return Json{{"state", all.at("state")}};
  }
  return only_asked(expected, all);
}

bool same_state(const Json& expected, const Json& actual) {
  const Json states = {"OK", "ALARM", "INSUFFICIENT_DATA", "RETAIN"};
  if (expected.contains("not")) {
    const bool known = std::find(states.begin(), states.end(), expected.at("not")) != states.end();
    return known && actual.at("state") != expected.at("not");
  }
  return expected == actual;
}

Json alarm_window(const Json& in, const Json& expected) {
  const Duration period = seconds(integer(in, "period", 60));
  const std::int64_t n = integer(in, "evaluationPeriods", 1);
  AlarmDefinition alarm;
  alarm.period = period;
  alarm.evaluation_periods = n;
  if (in.contains("datapointsToAlarm")) alarm.datapoints_to_alarm = integer(in, "datapointsToAlarm", n);
  const std::string fault = alarm_error(alarm);
  Json answer = {{"evaluation_interval_s", to_microseconds(evaluation_interval(period, n)) / 1'000'000},
                 {"evaluated_every_s", to_microseconds(evaluation_cadence(period)) / 1'000'000},
                 {"valid", fault.empty()}};
  if (!fault.empty()) answer["error"] = fault;
  if (in.contains("evaluated_at_minute")) {
    answer["uses_minutes"] = minutes_in_window(period, n, in.at("evaluated_at_minute").get<std::int64_t>());
  }
  return only_asked(expected, answer);
}

// --- Application Auto Scaling

StepScalingPolicy step_policy(const Json& p) {
  StepScalingPolicy policy;
  const std::string type = p.at("type");
  policy.type = type == "ChangeInCapacity" ? AdjustmentType::change_in_capacity
                : type == "ExactCapacity"  ? AdjustmentType::exact_capacity
                                           : AdjustmentType::percent_change_in_capacity;
  for (const Json& s : p.at("steps")) {
    StepAdjustment step;
    if (s.contains("lower") && !s.at("lower").is_null()) step.lower = millionths(s.at("lower"));
    if (s.contains("upper") && !s.at("upper").is_null()) step.upper = millionths(s.at("upper"));
    step.adjustment = s.at("adjustment").get<std::int64_t>();
    policy.steps.push_back(step);
  }
  for (const char* key : {"minAdjustmentMagnitude", "MinAdjustmentMagnitude", "minMagnitude"}) {
    if (p.contains(key)) policy.minimum_magnitude = p.at(key).get<std::int64_t>();
  }
  return policy;
}

/// Two adjustments, the second within the cooldown of the first: after a scale-out what was added counts, after a
/// scale-in nothing more goes until the cooldown ends, but a scale-out happens at once.
Json cooldown_answer(const Json& in, const Json& expected) {
  const std::int64_t start = in.at("start").get<std::int64_t>(), first = in.at("firstAdjustment").get<std::int64_t>();
  const std::int64_t second = in.at("secondAdjustmentDuringCooldown").get<std::int64_t>(), after = start + first;
  std::int64_t then = 0;
  if (in.at("cooldown") == "scale-out") {
    then = scale_out_during_cooldown(after, first, second);
  } else if (in.at("cooldown") == "scale-in" && first < 0) {
    TrackingCooldown cooldown(seconds(300), seconds(300));
    cooldown.note(start, after, kTimeZero);
    then = second == 0 ? after : cooldown.decide(after, after + second, kTimeZero + seconds(1)).value_or(after);
  } else {
    throw Unsupported("cooldown of another kind");
  }
  return only_asked(expected, {{"after_first", after}, {"after_second", then}});
}

Json step_scaling(const Json& in, const Json& expected) {
  if (in.contains("rounding_of")) {
    return only_asked(expected, {{"rounded", round_percent_change(millionths(in.at("rounding_of")), kMetricScale)}});
  }
  if (in.contains("cooldown")) return cooldown_answer(in, expected);
  const Json& p = in.at("policy");
  const BreachSide side = p.value("dir", "out") == "out" ? BreachSide::above : BreachSide::below;
  const std::int64_t minimum = integer(in, "min", integer(p, "min", 0));
  const std::int64_t maximum = integer(in, "max", integer(p, "max", INT64_MAX));
  return only_asked(
      expected, {{"desired", step_scaling_desired(step_policy(p), side, in.at("current"), millionths(in.at("metric")),
                                                  millionths(in.at("threshold")), minimum, maximum)}});
}

Json alarm_json(const AlarmDefinition& a) {
  constexpr const char* kComparison[] = {"GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold",
                                         "LessThanOrEqualToThreshold"};
  return {{"comparison", kComparison[static_cast<std::size_t>(a.comparison)]},
          {"threshold", from_millionths(a.threshold)},
          {"period", to_microseconds(a.period) / 1'000'000},
          {"evaluationPeriods", a.evaluation_periods}};
}

Json target_tracking(const Json& in, const Json& expected) {
  if (in.contains("rounding_of")) {
    const std::int64_t v = millionths(in.at("rounding_of"));
    return only_asked(expected, {{"rounded", -div_floor(-v, kMetricScale)}});
  }
  if (in.contains("cooldown")) return cooldown_answer(in, expected);
  if (in.contains("alarms_for_target")) {
    const std::int64_t target = millionths(in.at("alarms_for_target"));
    const std::string service = in.value("service", "ecs");
    if (service != "ecs" && service != "ecs-capacity-provider") throw Unsupported("alarms of " + service);
    const TrackingAlarms alarms = service == "ecs" ? ecs_service_alarms(target) : capacity_provider_alarms(target);
    return only_asked(expected, {{"high", alarm_json(alarms.high)}, {"low", alarm_json(alarms.low)}});
  }
  if (in.contains("policies")) {
    std::vector<PolicyWish> wishes;
    for (const Json& p : in.at("policies")) {
      PolicyWish wish;
      if (p.contains("wants") && !p.at("wants").is_null()) wish.wants = p.at("wants").get<std::int64_t>();
      wish.scale_in_disabled = p.value("disableScaleIn", false);
      wishes.push_back(wish);
    }
    return only_asked(expected, {{"desired", combine_wishes(in.at("current"), wishes)}});
  }
  // Without data the alarms are INSUFFICIENT_DATA, and nothing is scaled.
  PolicyWish wish;
  if (in.contains("metric") && !in.at("metric").is_null()) {
    wish.wants = target_tracking_desired(in.at("current"), millionths(in.at("metric")), millionths(in.at("target")),
                                         integer(in, "min", 0), integer(in, "max", INT64_MAX));
  }
  wish.scale_in_disabled = in.value("disableScaleIn", false);
  return only_asked(expected, {{"desired", combine_wishes(in.at("current"), std::span(&wish, 1))}});
}

// --- Auto Scaling groups

Json mixed_instances(const Json& in, const Json& expected) {
  const PurchaseSplit s = split_purchase_options(in.at("capacity"), integer(in, "onDemandBaseCapacity", 0),
                                                 integer(in, "onDemandPercentageAboveBaseCapacity", 100));
  return only_asked(expected, {{"onDemand", s.on_demand}, {"spot", s.spot}});
}

/// Dollars with three decimals, halves up, as the guide prints them.
std::string three_decimals(Rate rate) {
  const std::string thousandths = std::to_string(static_cast<std::int64_t>(div_round(rate.raw(), 1'000'000'000)));
  const std::string padded = std::string(4 - std::min<std::size_t>(thousandths.size(), 4), '0') + thousandths;
  return padded.substr(0, padded.size() - 3) + "." + padded.substr(padded.size() - 3);
}

Json instance_weighting(const Json& in, const Json& expected) {
  if (in.contains("spotPrice")) {
    std::int64_t pico = 0;
    const Json& price = in.at("spotPrice");
    if (!data::parse_fixed(price.is_string() ? price.get<std::string>() : price.dump(), 12, pico)) {
      throw Unsupported("not a price");
    }
    const Rate unit = price_per_unit(Rate{pico}, in.at("weight").get<std::int64_t>());
    return only_asked(expected, {{"pricePerUnit", three_decimals(unit)}});
  }
  for (const char* key : {"remaining", "remainingUnits", "unitsRemaining", "remainingCapacity"}) {
    if (!in.contains(key)) continue;
    const std::int64_t over = weighted_overage(in.at(key), in.at("weight"));
    Json answer = Json::object();
    for (const char* name : {"overage", "overshoot", "exceeds", "exceededBy", "exceedsBy", "excess"}) {
      answer[name] = over;
    }
    return only_asked(expected, answer);
  }
  const std::int64_t desired = in.at("desired");
  if (in.contains("policyDecrement")) {
    const bool acts = weighted_decrement_acts(desired, in.at("current"), in.at("policyDecrement"));
    return only_asked(expected, {{"action", acts ? "terminate" : "none"}});
  }
  std::int64_t largest = 0;
  for (const char* key : {"largestWeight", "maxWeight"}) largest = integer(in, key, largest);
  for (const Json& w : in.value("weights", Json::array())) largest = std::max(largest, w.get<std::int64_t>());
  if (largest > 0) {
    const std::int64_t limit = weighted_capacity_limit(desired, largest);
    Json answer = Json::object();
    for (const char* key : {"maxCapacity", "limit", "hardCap", "hardLimit", "max", "cap"}) answer[key] = limit;
    return only_asked(expected, answer);
  }
  throw Unsupported("a question about weights that has no rule here");
}

Json warm_pool(const Json& in, const Json& expected) {
  if (in.contains("forecast")) {
    return only_asked(expected, {{"effectiveMax", predictive_maximum(in.at("forecast"), in.at("maxCapacity"),
                                                                     integer(in, "maxCapacityBufferPercent", 0))}});
  }
  const std::int64_t prepared = integer(in, "maxGroupPreparedCapacity", integer(in, "maxSize", 0));
  return only_asked(expected, {{"size", warm_pool_size(prepared, in.at("desired"), integer(in, "minSize", 0))}});
}

Json termination_policy_topic(const Json& in, const Json& expected) {
  if (in.value("rebalance", false)) {
    const std::int64_t maximum = in.at("maxSize");
    // The margin is there for a group at its maximum only.
    return only_asked(expected, {{"temporaryMax", in.value("atMax", true) ? rebalance_maximum(maximum) : maximum}});
  }
  std::vector<TerminationPolicy> policies;
  for (const Json& p : in.value("policies", Json::array({"Default"}))) {
    const auto policy = termination_policy(p.get_ref<const std::string&>());
    if (!policy) throw Unsupported("policy " + p.dump());
    policies.push_back(*policy);
  }
  std::vector<GroupInstance> instances;
  for (const Json& i : in.at("instances")) {
    GroupInstance g;
    g.id = i.at("id").get_ref<const std::string&>();
    g.zone = i.at("az").get_ref<const std::string&>();
    g.is_protected = i.value("protected", false);
    g.uses_launch_configuration = i.contains("launchConfiguration") && !i.at("launchConfiguration").is_null();
    g.launch_version = integer(i, "launchTemplateVersion", 1);
    g.age = seconds(integer(i, "ageSeconds", 0));
    g.to_next_billing_hour = seconds(integer(i, "secondsToNextBillingHour", 0));
    g.spot = i.value("spot", false) || i.value("purchase", "") == "spot";
    instances.push_back(g);
  }
  const auto chosen = choose_termination(instances, policies, SurplusSide::none, [](std::size_t) { return 0; });
  return only_asked(expected, {{"terminate", chosen ? Json(instances[*chosen].id) : Json()}});
}

// --- load balancer, network interfaces

Json alb_health(const Json& in, const Json& expected) {
  HealthCheck check;
  check.interval = seconds(integer(in, "interval", 30));
  check.healthy_threshold = integer(in, "healthyThreshold", 5);
  check.unhealthy_threshold = integer(in, "unhealthyThreshold", 2);
  check.deregistration_delay = seconds(integer(in, "deregistrationDelay", 300));
  if (!in.contains("state") && !in.contains("event")) {
    const auto in_seconds = [](Duration d) { return to_microseconds(d) / 1'000'000; };
    return only_asked(expected, {{"seconds_unhealthy_to_healthy", in_seconds(unhealthy_to_healthy(check))},
                                 {"seconds_healthy_to_unhealthy", in_seconds(healthy_to_unhealthy(check))}});
  }
  TargetState start = TargetState::initial;
  for (const TargetState s : {TargetState::healthy, TargetState::unhealthy, TargetState::draining}) {
    if (in.value("state", "") == to_string(s)) start = s;
  }
  TargetHealth target(check, start);
  for (const char* event : {"deregistered", "deregister", "deregistration"}) {
    if (in.value("event", "") == event) target.deregister(kTimeZero);
  }
  const std::int64_t failures = integer(in, "consecutiveFailures", integer(in, "failures", 0));
  const std::int64_t passes = integer(in, "consecutivePasses", integer(in, "passes", 0));
  for (std::int64_t i = 0; i < failures; ++i) target.on_check(false);
  for (std::int64_t i = 0; i < passes; ++i) target.on_check(true);
  return only_asked(expected, {{"state", std::string(to_string(target.state()))}});
}

Json eni_density(const Json& in, const Json& expected) {
  const InstanceType* type = Catalogue::built_in().find_type(in.at("instanceType").get_ref<const std::string&>());
  if (type == nullptr) throw Unsupported("an instance type that the catalogue lacks");
  const auto trunk = awsvpc_task_limit(*type, true);
  return only_asked(expected, {{"awsvpcTasks", *awsvpc_task_limit(*type, false)},
                               {"awsvpcTasksTrunking", trunk ? Json(*trunk) : Json()}});
}

// --- schedules

Json cron(const Json& in, const Json& expected) {
  const ParsedSchedule parsed = parse_schedule(in.at("expression").get_ref<const std::string&>());
  if (!parsed.schedule) return only_asked(expected, {{"valid", false}, {"reason", parsed.error}});
  Json answer = {{"valid", true}};
  if (const auto* rate = std::get_if<RateSchedule>(&*parsed.schedule)) {
    answer["period_s"] = to_microseconds(rate->period) / 1'000'000;
  }
  const auto* schedule = std::get_if<CronSchedule>(&*parsed.schedule);
  if (schedule != nullptr && in.contains("after") && expected.contains("next")) {
    EpochSeconds t = 0;
    if (!data::parse_instant(in.at("after").get<std::string>(), t)) throw Unsupported("a time in another format");
    Json next = Json::array();
    while (next.size() < expected.at("next").size()) {
      const auto run = schedule->next(t);
      if (!run) break;
      t = *run;
      const CivilTime c = to_civil(t);
      char text[32];
      std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02dZ", c.year, c.month, c.day, c.hour, c.minute);
      next.push_back(text);
    }
    answer["next"] = next;
  }
  return only_asked(expected, answer);
}

bool same_schedule(const Json& expected, const Json& actual) {
  if (!expected.contains("reason")) return equal_within(expected, actual);
  return expected.value("valid", true) == actual.value("valid", true) && actual.contains("reason") &&
         is_phrase(expected.at("reason"));
}

// --- Fargate

Json fargate_size(const Json& in, const Json& expected) {
  FargateTaskFields f;
  if (in.contains("cpu") && !in.at("cpu").is_null()) {
    f.cpu = in.at("cpu").is_string() ? in.at("cpu").get<std::string>() : in.at("cpu").dump();
  }
  if (in.contains("memory") && !in.at("memory").is_null()) {
    f.memory = in.at("memory").is_string() ? in.at("memory").get<std::string>() : in.at("memory").dump();
  }
  if (in.contains("networkMode") && !in.at("networkMode").is_null()) f.network_mode = in.at("networkMode");
  if (in.contains("ephemeralStorage") && !in.at("ephemeralStorage").is_null()) {
    f.ephemeral_gib = in.at("ephemeralStorage").at("sizeInGiB").get<std::int64_t>();
  }
  const Json platform = in.value("runtimePlatform", Json::object());
  f.windows = platform.value("operatingSystemFamily", in.value("os", "LINUX")).rfind("WINDOWS", 0) == 0;
  const Json requires_list = in.value("requiresCompatibilities", Json::array({"FARGATE"}));
  if (std::find(requires_list.begin(), requires_list.end(), "FARGATE") == requires_list.end()) {
    throw Unsupported("not a Fargate task");
  }
  return only_asked(expected, {{"valid", fargate_task_error(f).empty()}});
}

Json fargate_launch_rate(const Json& in, const Json& expected) {
  const std::int64_t request = integer(in, "request_at_0", 0);
  const Ppm per_second{millionths(in.at("refill_per_s"))};
  LaunchRate bucket(in.at("bucket").get<std::int64_t>(), per_second);
  const Time last = LaunchRate(bucket).when_all_launched(request, kTimeZero);
  Json answer = {{"launched_at_0", LaunchRate(bucket).take(request, kTimeZero)},
                 {"all_launched_after_s", to_seconds(last)}};
  // launched_at_3, launched_by_60: how many have gone by that second.
  for (const auto& [key, value] : expected.items()) {
    for (const char* prefix : {"launched_at_", "launched_by_", "launched_after_"}) {
      if (key.rfind(prefix, 0) != 0) continue;
      const Time at = kTimeZero + from_seconds(std::strtod(key.c_str() + std::string(prefix).size(), nullptr));
      answer[key] = LaunchRate(bucket).launched_by(request, kTimeZero, at);
    }
  }
  return only_asked(expected, answer);
}

}  // namespace

void register_ecs_aws(std::vector<Topic>& topics) {
  topics.push_back({"ecs", "alarm_missing_data", alarm_missing_data, same_state});
  topics.push_back({"ecs", "alarm_window", alarm_window, nullptr});
  topics.push_back({"ecs", "step_scaling", step_scaling, nullptr});
  topics.push_back({"ecs", "target_tracking", target_tracking, nullptr});
  topics.push_back({"ecs", "mixed_instances", mixed_instances, nullptr});
  topics.push_back({"ecs", "instance_weighting", instance_weighting, nullptr});
  topics.push_back({"ecs", "warm_pool", warm_pool, nullptr});
  topics.push_back({"ecs", "termination_policy", termination_policy_topic, nullptr});
  topics.push_back({"ecs", "alb_health", alb_health, nullptr});
  topics.push_back({"ecs", "eni_density", eni_density, nullptr});
  topics.push_back({"ecs", "cron", cron, same_schedule});
  topics.push_back({"ecs", "fargate_size", fargate_size, nullptr});
  topics.push_back({"ecs", "fargate_launch_rate", fargate_launch_rate, nullptr});
}

}  // namespace plimsoll::conformance
