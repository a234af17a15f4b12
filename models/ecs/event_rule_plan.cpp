#include "models/ecs/event_rule_plan.h"

#include <algorithm>
#include <string_view>

#include "models/ecs/api/documents.h"
#include "models/ecs/capacity_plan.h"
#include "models/ecs/container_lifecycle.h"
#include "models/ecs/event_files.h"
#include "models/ecs/placement_rules.h"
#include "sim/core/text.h"

namespace plimsoll::ecs {

namespace {

/// Targets of one rule. SOURCE: "Amazon EventBridge quotas".
constexpr std::size_t kMostTargets = 5;
constexpr std::int64_t kMostTasks = 10;
/// Longest startedBy. SOURCE: API RunTask.
constexpr std::size_t kStartedByLetters = 36;
/// The built-in policy that a rule may call.
constexpr std::string_view kTargetTracking = "target-tracking";

/// Index of the name among `names`; nothing after an error.
std::optional<std::size_t> find_name(document::Fields& f, std::string_view key, const char* kind,
                                     const std::string& name, const std::vector<std::string_view>& names) {
  const auto at = std::find(names.begin(), names.end(), name);
  if (at != names.end()) return static_cast<std::size_t>(at - names.begin());
  const std::string near = nearest(name, names);
  f.error(key, "no " + std::string(kind) + " '" + name + "'", near.empty() ? "" : "did you mean '" + near + "'?");
  return std::nullopt;
}

class RuleReader {
 public:
  RuleReader(const Setting& setting, const StandaloneTasks& tasks) : custom_(setting.custom) {
    for (const WorkloadSpec& w : setting.workloads) apps_.push_back(w.name);
    for (const JobSpec& j : tasks.jobs) jobs_.push_back(j.name);
  }

  std::optional<PlannedTarget> target(document::Fields& f) const {
    PlannedTarget t;
    auto lambda = f.optional_child(
        "lambda", "the function that it goes through, as all but runTask do; alone it is called and changes nothing");
    t.what.lambda = lambda.has_value();
    t.what.lambda_duration = milliseconds(300);
    if (lambda) {
      t.what.lambda_duration = lambda->duration("duration", milliseconds(300), "assumed: one call of the API",
                                                "billed duration of one call", {milliseconds(1), minutes(15)});
      t.what.lambda_memory = lambda->integer("memorySize", 128, "Lambda default", "MB", {128, 10240});
    }
    int actions = 0;
    bool good = true;
    if (auto run = f.optional_child("runTask", "starts a job of the scenario")) {
      ++actions;
      t.what.kind = RuleTarget::Kind::run_task;
      const std::string job = run->required_text("job", "its name");
      t.what.count = run->integer("taskCount", 0, "the job's own numbers", "tasks to start", {0, kMostTasks});
      const auto found = f.describing() ? std::nullopt : find_name(*run, "job", "job", job, jobs_);
      good = good && found;
      t.what.job = found.value_or(0);
    }
    if (auto scale = f.optional_child("scaleService", "sets the desired count of a service")) {
      ++actions;
      t.what.kind = RuleTarget::Kind::scale_service;
      t.what.lambda = true;
      good = read_app(*scale, "service", t) && good;
      const auto desired = scale->optional_integer("desiredCount", "to this number", {0, 5000});
      const auto change = scale->optional_integer("change", "by so many tasks", {-5000, 5000});
      if (desired.has_value() == change.has_value() && !f.describing())
        scale->error("desiredCount", "desiredCount or change, one of the two");
      t.what.is_change = change.has_value();
      t.what.desired = desired.value_or(change.value_or(0));
    }
    if (auto bounds = f.optional_child("registerScalableTarget", "other bounds of a scaled service")) {
      ++actions;
      t.what.kind = RuleTarget::Kind::put_scaling;
      t.what.lambda = true;
      good = read_app(*bounds, "service", t) && good;
      t.what.minimum = bounds->optional_integer("minCapacity", "MinCapacity from then on", {0, 5000});
      t.what.maximum = bounds->optional_integer("maxCapacity", "MaxCapacity from then on", {0, 5000});
      if (!f.describing() && !t.what.minimum && !t.what.maximum)
        bounds->error("minCapacity", "minCapacity or maxCapacity, or both");
      if (t.what.minimum && t.what.maximum && *t.what.minimum > *t.what.maximum)
        bounds->error("maxCapacity", "maxCapacity is below minCapacity");
    }
    if (auto call =
            f.optional_child("callPolicy", "asks target-tracking, or a replica scaler of a --plugin library, once")) {
      ++actions;
      t.what.kind = RuleTarget::Kind::call_policy;
      t.what.lambda = true;
      good = read_app(*call, "service", t) && good;
      const std::string name = call->required_text("policy", "its name");
      t.target_cpu = call->ratio("targetCpu", percent(50), "what the policy is told as its target",
                                 "of the service's CPU", {percent(1), percent(1000)});
      if (!f.describing() && !name.empty()) good = find_policy(*call, name, t) && good;
    }
    if (auto stop = f.optional_child("stopTask", "stops tasks")) {
      ++actions;
      t.what.kind = RuleTarget::Kind::stop_task;
      t.what.lambda = true;
      if (!stop->has("service") || f.describing()) {
        t.what.of_event = true;
        stop->optional_text("service", "of this service, the oldest; without it, the task that the event is about");
      } else {
        good = read_app(*stop, "service", t) && good;
      }
      t.what.count = stop->integer("count", 1, "one task", "at most so many tasks of the service", {1, 5000});
    }
    if (f.describing()) return std::nullopt;
    if (actions == 0 && lambda) {
      t.what.kind = RuleTarget::Kind::invoke;
      return t;
    }
    if (actions != 1) {
      f.error("", "a target is one of runTask, scaleService, stopTask, registerScalableTarget, callPolicy, lambda",
              "write one of them");
      return std::nullopt;
    }
    if (!good) return std::nullopt;
    return t;
  }

 private:
  bool read_app(document::Fields& f, std::string_view key, PlannedTarget& t) const {
    const std::string name = f.required_text(key, "an app");
    if (f.describing() || name.empty()) return false;
    const auto found = find_name(f, key, "app", name, apps_);
    t.has_app = found.has_value();
    t.app = found.value_or(0);
    return t.has_app;
  }

  bool find_policy(document::Fields& f, const std::string& name, PlannedTarget& t) const {
    t.what.built_in = name == kTargetTracking;
    t.policy = find_custom(custom_, CustomPolicy::Kind::replica_scaler, name);
    if (t.policy != nullptr || t.what.built_in) return true;
    std::vector<std::string_view> known{kTargetTracking};
    for (const CustomPolicyPtr& p : custom_) {
      if (p->kind() == CustomPolicy::Kind::replica_scaler) known.push_back(p->name());
    }
    const std::string near = nearest(name, known);
    f.error("policy", "no replica scaler '" + name + "'",
            near.empty() ? "write target-tracking, or give the library that has it with --plugin FILE"
                         : "did you mean '" + near + "'?");
    return false;
  }

  std::vector<std::string_view> apps_, jobs_;
  const std::vector<CustomPolicyPtr>& custom_;
};

}  // namespace

EventRulePlan EventRulePlan::read(document::Fields& column, const Setting& setting, aws::PriceBook& prices,
                                  StandaloneTasks& tasks) {
  EventRulePlan plan;
  plan.first_number = static_cast<std::int64_t>(tasks.schedules.size());
  plan.delivery = column.delay("eventDelivery", Delay::uniform(milliseconds(100), milliseconds(500)),
                               "assumed: EventBridge promises no latency; half a second is its usual order",
                               "event to target of a rule");
  const EventFiles files = EventFiles::read(setting);
  plan.read_origin(column, setting, files);
  const RuleReader reader(setting, tasks);
  std::vector<std::string> said;
  for (const document::Item& item :
       column.map("eventRules", "EventBridge rules: events of ECS and CloudWatch that set off actions, by name")) {
    document::Fields f(item.node, column.reader(), item.path);
    EventRule rule;
    rule.name = item.name;
    said.push_back(item.name);
    const auto pattern = f.any("eventPattern", "an EventBridge event pattern", "as PutRule takes it");
    const bool enabled =
        f.choice<bool>("state", {{"ENABLED", true}, {"DISABLED", false}}, true, "PutRule default", "whether it acts");
    std::vector<PlannedTarget> targets;
    const auto items = f.required_list("targets", "what it does, up to five");
    if (f.describing()) {
      document::Fields t(document::Node::null(), column.reader(), f.path_of("targets"));
      static_cast<void>(reader.target(t));
      continue;
    }
    for (const document::Item& target : items) {
      document::Fields t(target.node, column.reader(), target.path);
      if (auto planned = reader.target(t)) targets.push_back(std::move(*planned));
    }
    if (items.size() > kMostTargets) f.error("targets", "a rule has at most five targets");
    if (!pattern) {
      f.error("eventPattern", "eventPattern is missing", "{source: [aws.ecs], detail-type: [ECS Task State Change]}");
      continue;
    }
    auto parsed = aws::EventPattern::parse(*pattern, *column.reader().diagnostics, f.path_of("eventPattern"));
    if (!parsed || !enabled) continue;
    check_event_pattern(*pattern, plan.origin, *column.reader().diagnostics, f.path_of("eventPattern"));
    rule.pattern = std::move(*parsed);
    plan.rules.push_back(std::move(rule));
    plan.targets.push_back(std::move(targets));
  }
  if (!column.describing()) {
    files.add_rules(
        column, tasks.jobs, plan.origin,
        [&](const std::string& name) { return std::find(said.begin(), said.end(), name) != said.end(); },
        [&](EventRule rule, const std::vector<RuleTarget>& targets) {
          plan.rules.push_back(std::move(rule));
          plan.targets.emplace_back();
          for (const RuleTarget& target : targets)
            plan.targets.back().push_back({.what = target, .app = 0, .has_app = false, .policy = {}, .target_cpu = {}});
        });
  }
  for (const auto& of_rule : plan.targets) {
    for (const PlannedTarget& t : of_rule) {
      if (t.what.kind == RuleTarget::Kind::run_task)
        std::erase_if(tasks.once, [&](const auto& start) { return start.first == t.what.job; });
    }
  }
  for (const RunSchedule& s : tasks.schedules) {
    if (s.update) continue;
    plan.starters.emplace_back(s.job, (s.rule ? "events-rule/" : "chronos-schedule/") + s.name);
  }
  for (std::size_t i = 0; i < plan.rules.size(); ++i) {
    for (const PlannedTarget& t : plan.targets[i]) {
      if (t.what.kind == RuleTarget::Kind::run_task)
        plan.starters.emplace_back(t.what.job, "events-rule/" + plan.rules[i].name);
    }
  }
  if (plan.functions() > 0) plan.lambda = LambdaPrices::read(prices, column);
  return plan;
}

void EventRulePlan::read_origin(document::Fields& column, const Setting& setting, const EventFiles& files) {
  const auto [account, cluster] = files.account_and_cluster();
  origin.region = setting.region;
  origin.account = column.text("accountId", account.empty() ? "123456789012" : account,
                               account.empty() ? "the account of AWS's own examples" : "the event rules' files",
                               "account in the ARNs of events");
  origin.cluster = column.text("cluster", cluster.empty() ? "default" : cluster,
                               cluster.empty() ? "ECS API default" : "the event rules' files",
                               "name of the cluster in the ARNs of events");
  if (column.describing()) return;
  api::Documents documents;
  document::Diagnostics ignored;  // faults of the files were reported when they were read
  for (const ScalingDocument& d : setting.scaling) {
    if (d.side == Side::ecs) api::read_document(d.node, ignored, documents);
  }
  const auto add = [&](const std::string& name) {
    const api::TaskDefinition* definition = definition_of_app(documents, name);
    families.emplace_back(name, definition != nullptr ? definition->family : name);
    origin.families.push_back(families.back().second);
  };
  for (const WorkloadSpec& w : setting.workloads) add(w.name);
  for (const JobSpec& j : setting.jobs) add(j.name);
}

std::int64_t EventRulePlan::functions() const {
  std::int64_t n = 0;
  for (const auto& of_rule : targets) {
    n += std::count_if(of_rule.begin(), of_rule.end(), [](const PlannedTarget& t) { return t.what.lambda; });
  }
  return n;
}

void EventRulePlan::describe_tasks(const TaskSetting& tasks, std::size_t apps, EventRules::Surroundings& where) const {
  for (std::size_t i = 0; i < tasks.lifecycles.size(); ++i) {
    EventRules::TaskTraits traits;
    traits.interface = tasks.capacity.fargate(i) || tasks.placement[i].awsvpc;
    traits.never_runs = !tasks.lifecycles[i].never_starts.empty();
    const auto mine = [&](const auto& s) { return s.first + apps == i; };
    if (std::count_if(starters.begin(), starters.end(), mine) == 1)
      traits.started_by = std::find_if(starters.begin(), starters.end(), mine)->second.substr(0, kStartedByLetters);
    where.traits.push_back(std::move(traits));
  }
  for (const CapacityProvider& p : tasks.capacity.providers) {
    // A lone Fargate, and a group without managed scaling, stand for the launch type.
    const bool by_type = tasks.capacity.providers.size() == 1 && !tasks.capacity.has_plain() &&
                         (p.kind == ProviderKind::fargate || p.external || (p.asg && !p.asg->managed_scaling));
    std::string name = p.kind == ProviderKind::fargate        ? "FARGATE"
                       : p.kind == ProviderKind::fargate_spot ? "FARGATE_SPOT"
                                                              : p.name;
    if (by_type) name.clear();
    where.providers.push_back({std::move(name),
                               is_fargate_provider(p.name) ? "FARGATE"
                               : p.managed                 ? "MANAGED_INSTANCES"
                               : p.external                ? "EXTERNAL"
                                                           : "EC2",
                               p.asg.has_value()});
  }
  if (tasks.capacity.has_plain()) where.providers.push_back({{}, "EC2", true});  // the lane behind the providers
}

void EventRulePlan::build(BuildContext& context, const std::vector<WorkloadId>& apps, HandlerId runner,
                          const TaskSetting& tasks) const {
  if (rules.empty()) return;
  World& world = context.world;
  EventRules::Surroundings where;
  where.runner = runner;
  where.origin = origin;
  for (const Workload& w : world.workloads()) {
    const std::string_view name = world.names.text(w.name);
    const auto known = std::find_if(families.begin(), families.end(), [&](const auto& f) { return f.first == name; });
    where.families.push_back(known != families.end() ? known->second : std::string(name));
  }
  describe_tasks(tasks, apps.size(), where);
  where.delivery = delivery;
  where.first_number = first_number;
  if (functions() > 0) where.lambda = lambda.lines(context);
  auto* cloudwatch = world.find_component<aws::CloudWatch>();
  if (cloudwatch != nullptr) where.cloudwatch = cloudwatch->handler;
  std::vector<EventRule> built = rules;
  std::vector<PolicyCall> calls;
  std::vector<TrackingCall> trackings;
  for (std::size_t i = 0; i < built.size(); ++i) {
    for (const PlannedTarget& t : targets[i]) {
      RuleTarget target = t.what;
      if (t.has_app) target.workload = apps[t.app];
      if (target.built_in) {
        target.call = trackings.size();
        trackings.emplace_back(target.workload, t.target_cpu);
      } else if (t.policy != nullptr) {
        target.call = calls.size();
        calls.emplace_back(t.policy, target.workload, t.target_cpu);
      }
      built[i].targets.push_back(target);
    }
  }
  auto component = std::make_unique<EventRules>(std::move(built), std::move(where));
  for (PolicyCall& call : calls) component->add_call(std::move(call));
  for (const TrackingCall& call : trackings) component->add_call(call);
  const bool alarms = component->wants_alarms() && cloudwatch != nullptr;
  const HandlerId handler = world.attach(std::move(component));
  for (std::size_t i = 0; alarms && i < cloudwatch->alarm_count(); ++i) {
    for (const aws::AlarmState state :
         {aws::AlarmState::ok, aws::AlarmState::alarm, aws::AlarmState::insufficient_data}) {
      cloudwatch->notify(aws::AlarmId{i}, state, handler, EventRules::alarm_payload(aws::AlarmId{i}, state), false);
    }
  }
}

}  // namespace plimsoll::ecs
