#include "models/ecs/controllers/event_rules.h"

#include <algorithm>
#include <utility>

#include "models/ecs/controllers/rule_action.h"
#include "models/ecs/controllers/task_runner.h"

namespace plimsoll::ecs {

namespace {

constexpr std::string_view kExternalType = "external";  // of the nodes of ECS Anywhere
constexpr std::string_view kEcs = "aws.ecs", kEc2 = "aws.ec2", kCloudWatch = "aws.cloudwatch", kHealth = "aws.health";
constexpr std::string_view kTask = "ECS Task State Change", kInstance = "ECS Container Instance State Change",
                           kDeployment = "ECS Deployment State Change", kAction = "ECS Service Action",
                           kAlarmChange = "CloudWatch Alarm State Change",
                           kSpot = "EC2 Spot Instance Interruption Warning",
                           kRebalance = "EC2 Instance Rebalance Recommendation", kHealthEvent = "AWS Health Event",
                           kState = "EC2 Instance State-change Notification", kAutoScaling = "aws.autoscaling";

/// Tasks of one service. SOURCE: "Amazon ECS service quotas".
constexpr std::int64_t kMostTasksOfService = 5000;

/// So many tasks in a row that never run impair the start of a service.
constexpr std::int64_t kImpairedAfter = 2;
/// A service in its steady state says so again after so long.
constexpr Duration kSteadyAgain = hours(6);

/// SOURCE: ECS developer guide, "Stopped tasks error codes" and API Task (stopCode).
std::string_view stop_code(Reason reason) {
  switch (reason) {
    case Reason::completed:
    case Reason::container_exit:
    case Reason::out_of_memory:
      return "EssentialContainerExited";
    case Reason::image_pull:
    case Reason::start_timeout:
    case Reason::unschedulable:
      return "TaskFailedToStart";
    case Reason::user_initiated:
      return "UserInitiated";
    case Reason::spot_interruption:
      return "SpotInterruption";
    case Reason::node_lost:
    case Reason::zone_lost:
    case Reason::scale_down:
      return "TerminationNotice";
    default:
      return "ServiceSchedulerInitiated";
  }
}

std::string_view stopped_reason(Reason reason) {
  switch (reason) {
    case Reason::completed:
    case Reason::container_exit:
      return "Essential container in task exited";
    case Reason::out_of_memory:
      return "OutOfMemoryError: Container killed due to memory usage";
    case Reason::image_pull:
      return "CannotPullContainerError";
    case Reason::unhealthy:
      return "Task failed container health checks";
    case Reason::spot_interruption:
      return "Your Spot Task was interrupted.";
    case Reason::user_initiated:
      return "Task stopped by user";
    case Reason::retired:
      return "ECS is performing maintenance on the underlying infrastructure hosting the task";
    default:
      return "Scaling activity initiated by deployment";
  }
}

std::optional<std::int64_t> exit_code(Reason reason) {
  switch (reason) {
    case Reason::completed:
      return 0;
    case Reason::container_exit:
      return 1;
    case Reason::out_of_memory:
      return 137;
    case Reason::image_pull:
    case Reason::start_timeout:
    case Reason::unschedulable:
      return std::nullopt;  // no container has run
    default:
      return 143;
  }
}

}  // namespace

EventRules::EventRules(std::vector<EventRule> rules, Surroundings where)
    : rules_(std::move(rules)), where_(std::move(where)) {}

bool EventRules::anyone_wants(std::string_view source, std::string_view detail_type) const {
  return std::any_of(rules_.begin(), rules_.end(),
                     [&](const EventRule& r) { return r.pattern.may_match(source, detail_type); });
}

bool EventRules::wants_alarms() const { return anyone_wants(kCloudWatch, kAlarmChange); }

/// Begins an event; false when no rule could match it.
bool EventRules::begin(std::string_view source, std::string_view detail_type) {
  if (!anyone_wants(source, detail_type)) return false;
  event_.clear();
  event_.add("source", source);
  event_.add("detail-type", detail_type);
  event_.add("account", std::string_view(where_.origin.account));
  event_.add("region", std::string_view(where_.origin.region));
  return true;
}

EventRules::TaskTraits EventRules::traits_of(WorkloadId workload) const {
  return workload.index() < where_.traits.size() ? where_.traits[workload.index()] : TaskTraits{};
}

void EventRules::tell_task(World& world, PodId id, std::string_view status, std::string_view health) {
  if (!begin(kEcs, kTask)) return;
  const Pod& task = world.pod(id);
  const Workload& w = world.workload(task.workload);
  const std::string name(world.names.text(w.name));
  const bool over = status == "DEPROVISIONING" || status == "STOPPED";
  const bool leaves = over || status == "DEACTIVATING" || status == "STOPPING";
  const auto add = [this](std::string_view path, const std::string& text) { event_.add(path, std::string_view(text)); };
  const std::string task_arn = where_.origin.arn("task", name + "-" + std::to_string(task.ordinal));
  add("resources", task_arn);
  add("detail.clusterArn", where_.origin.cluster_arn());
  add("detail.taskArn", task_arn);
  const std::size_t workload = task.workload.index();
  const bool known = workload < where_.families.size() && !where_.families[workload].empty();
  const std::uint32_t revision = std::max(task.revision, 1u);
  add("detail.taskDefinitionArn", where_.origin.definition_arn(known ? where_.families[workload] : name, revision));
  add("detail.cpu", std::to_string(w.requests.cpu().raw() / kCpuTicksPerEcsUnit));
  add("detail.memory", std::to_string(w.requests.memory().raw() / kMiB));
  add("detail.group", (is_service(w) ? "service:" : "family:") + name);
  const std::string by =
      is_service(w) ? EventOrigin::deployment_id(name, revision) : traits_of(task.workload).started_by;
  if (!by.empty()) add("detail.startedBy", by);
  event_.add("detail.lastStatus", status);
  event_.add("detail.desiredStatus", std::string_view(leaves ? "STOPPED" : "RUNNING"));
  event_.add("detail.healthStatus", health);
  if (task.lane < where_.providers.size()) {
    const Provider& provider = where_.providers[task.lane];
    if (!provider.name.empty()) add("detail.capacityProviderName", provider.name);
    add("detail.launchType", provider.launch_type);
  }
  if (!task.node.is_none()) {
    const Node& node = world.node(task.node);
    const bool external = !node.instance_type.is_none() && world.names.text(node.instance_type) == kExternalType;
    if (where_.providers.empty())
      event_.add("detail.launchType", std::string_view(node.host == HostKind::fargate ? "FARGATE"
                                                       : external                     ? "EXTERNAL"
                                                                                      : "EC2"));
    if (node.host == HostKind::ec2)
      add("detail.containerInstanceArn", where_.origin.arn("container-instance", world.names.text(node.name)));
    event_.add("detail.availabilityZone", world.names.text(world.zones()[node.zone.index()]));
  }
  if (leaves) {
    event_.add("detail.stopCode", stop_code(task.end_reason));
    event_.add("detail.stoppedReason", stopped_reason(task.end_reason));
    const auto code = exit_code(task.end_reason);
    if (code && over) event_.add("detail.containers.exitCode", *code);
  }
  publish(world, id);
}

void EventRules::tell_running(World& world, PodId id) {
  const Workload& w = world.workload(world.pod(id).workload);
  if (w.behind_balancer) tell_task(world, id, "ACTIVATING");
  tell_task(world, id, "RUNNING");
}

void EventRules::task_changed(World& world, const FactRecord& f) {
  if (!anyone_wants(kEcs, kTask)) return;
  const Pod& task = world.pod(f.pod);
  switch (f.fact) {
    case Fact::pod_created:
      tell_task(world, f.pod, "PROVISIONING");
      break;
    case Fact::pod_bound:
      tell_task(world, f.pod, "PENDING");
      break;
    case Fact::pod_started:
      if (!traits_of(f.workload).never_runs) tell_running(world, f.pod);
      break;
    case Fact::pod_serving:
      tell_task(world, f.pod, "RUNNING", "HEALTHY");
      break;
    case Fact::pod_unhealthy:
      tell_task(world, f.pod, "RUNNING", "UNHEALTHY");
      break;
    case Fact::pod_stopping: {
      if (!world.workload(f.workload).behind_balancer || task.started == kTimeNever) {
        tell_task(world, f.pod, "STOPPING");
        break;
      }
      tell_task(world, f.pod, "DEACTIVATING");
      const HostProfile& host = world.host_profiles[static_cast<std::size_t>(world.node(task.node).host)];
      world.wake(handler, world.now() + std::max(host.stop_balanced - host.stop_plain, Duration{}), Phase::controllers,
                 kStopping | (static_cast<std::uint64_t>(f.pod.value()) << 32));
      break;
    }
    case Fact::pod_ended:
      if (!task.node.is_none() && traits_of(f.workload).interface) tell_task(world, f.pod, "DEPROVISIONING");
      tell_task(world, f.pod, "STOPPED");
      break;
    default:
      break;
  }
}

void EventRules::tell_service(World& world, WorkloadId id, std::string_view event_name, std::string_view level) {
  if (!begin(kEcs, kAction)) return;
  const std::string_view name = world.names.text(world.workload(id).name);
  event_.add("resources", std::string_view(where_.origin.arn("service", name)));
  event_.add("detail.clusterArn", std::string_view(where_.origin.cluster_arn()));
  event_.add("detail.eventName", event_name);
  event_.add("detail.eventType", level);
  publish(world, {});
}

/// Counts tasks of a service that end before they have run.
void EventRules::note_start(World& world, const FactRecord& f) {
  if (!is_service(world.workload(f.workload)) || !anyone_wants(kEcs, kAction)) return;
  if (steady_.size() <= f.workload.index()) steady_.resize(f.workload.index() + 1);
  std::int64_t& failures = steady_[f.workload.index()].start_failures;
  if (f.fact == Fact::pod_started && !traits_of(f.workload).never_runs) failures = 0;
  if (f.fact != Fact::pod_ended || (f.reason != Reason::image_pull && f.reason != Reason::start_timeout)) return;
  if (++failures == kImpairedAfter) tell_service(world, f.workload, "SERVICE_TASK_START_IMPAIRED", "WARN");
}

/// Has the service looked at when this instant is over.
void EventRules::look_at_service(World& world, WorkloadId id) {
  if (id.is_none() || !is_service(world.workload(id)) || !anyone_wants(kEcs, kAction)) return;
  if (steady_.size() <= id.index()) steady_.resize(id.index() + 1);
  if (std::exchange(steady_[id.index()].pending, true)) return;
  world.wake(handler, world.now(), Phase::scheduler, kSteady | (static_cast<std::uint64_t>(id.value()) << 32));
}

void EventRules::check_steady(World& world, WorkloadId id) {
  Steady& s = steady_[id.index()];
  s.pending = false;
  const Workload& w = world.workload(id);
  const auto healthy = [&](PodId pod) {
    const Pod& p = world.pod(pod);
    return !p.unhealthy && (p.state == PodState::serving || (p.state == PodState::ready && !w.behind_balancer));
  };
  const bool was = s.is;
  s.is = !w.rolling_out() && static_cast<std::int64_t>(w.pods.size()) == w.desired &&
         std::all_of(w.pods.begin(), w.pods.end(), healthy);
  if (!s.is || (was && world.now() < s.told + kSteadyAgain)) return;
  s.told = world.now();
  tell_service(world, id, "SERVICE_STEADY_STATE", "INFO");
  if (world.now() + kSteadyAgain <= world.end)
    world.wake(handler, world.now() + kSteadyAgain, Phase::scheduler,
               kSteady | (static_cast<std::uint64_t>(id.value()) << 32));
}

bool EventRules::instance_event(const World& world, const FactRecord& f) {
  const Node& node = world.node(f.node);
  if (node.host != HostKind::ec2) return false;
  const std::string_view name = world.names.text(node.name);
  if (f.fact == Fact::spot_notice || f.fact == Fact::rebalance_recommended) {
    if (!begin(kEc2, f.fact == Fact::spot_notice ? kSpot : kRebalance)) return false;
    event_.add("detail.instance-id", name);
    if (f.fact == Fact::spot_notice) event_.add("detail.instance-action", std::string_view("terminate"));
    return true;
  }
  if (!begin(kEcs, kInstance)) return false;
  const bool gone = f.fact == Fact::node_terminated;
  const std::string instance_arn = where_.origin.arn("container-instance", name);
  event_.add("resources", std::string_view(instance_arn));
  event_.add("detail.clusterArn", std::string_view(where_.origin.cluster_arn()));
  event_.add("detail.containerInstanceArn", std::string_view(instance_arn));
  event_.add("detail.ec2InstanceId", name);
  event_.add("detail.status", std::string_view(f.fact == Fact::node_draining ? "DRAINING"
                                               : gone                        ? "INACTIVE"
                                                                             : "ACTIVE"));
  event_.add("detail.agentConnected", std::string_view(gone || f.fact == Fact::node_unreachable ? "false" : "true"));
  return true;
}

/// SOURCE: EC2 Auto Scaling user guide, "Amazon EC2 Auto Scaling event reference".
bool EventRules::group_event(const World& world, const FactRecord& f) {
  const bool refused = f.fact == Fact::launch_refused;
  const NodeGroupId group = refused ? f.group : world.node(f.node).group;
  if (group.is_none()) return false;
  // Groups are numbered in the order of the lanes, of which those of Fargate have none.
  std::size_t before = group.index();
  const auto of_group = std::find_if(where_.providers.begin(), where_.providers.end(),
                                     [&](const Provider& p) { return p.launch_type != "FARGATE" && before-- == 0; });
  if (of_group == where_.providers.end() || !of_group->auto_scaling) return false;
  if (!begin(kAutoScaling, refused                           ? "EC2 Instance Launch Unsuccessful"
                           : f.fact == Fact::node_terminated ? "EC2 Instance Terminate Successful"
                                                             : "EC2 Instance Launch Successful"))
    return false;
  event_.add("detail.AutoScalingGroupName", world.names.text(world.group(group).name));
  event_.add("detail.StatusCode", std::string_view(refused ? "Failed" : "InProgress"));
  if (!refused) event_.add("detail.EC2InstanceId", world.names.text(world.node(f.node).name));
  return true;
}

/// SOURCE: EC2 user guide, "State change events for your instances".
bool EventRules::instance_state_event(const World& world, const FactRecord& f) {
  const Node& node = world.node(f.node);
  if (node.host != HostKind::ec2 || !begin(kEc2, kState)) return false;
  event_.add("detail.instance-id", world.names.text(node.name));
  event_.add("detail.state", std::string_view(f.fact == Fact::node_requested     ? "pending"
                                              : f.fact == Fact::node_running     ? "running"
                                              : f.fact == Fact::node_terminating ? "shutting-down"
                                                                                 : "terminated"));
  return true;
}

bool EventRules::service_event(const World& world, const FactRecord& f) {
  const std::string_view name = world.names.text(world.workload(f.workload).name);
  const auto make = [&](std::string_view type, std::string_view event_name, std::string_view level) {
    if (!begin(kEcs, type)) return false;
    event_.add("resources", std::string_view(where_.origin.arn("service", name)));
    if (type == kAction) event_.add("detail.clusterArn", std::string_view(where_.origin.cluster_arn()));
    event_.add("detail.eventName", event_name);
    event_.add("detail.eventType", level);
    if (type == kDeployment)
      event_.add("detail.deploymentId",
                 std::string_view(EventOrigin::deployment_id(name, static_cast<std::uint32_t>(f.value))));
    return true;
  };
  switch (f.fact) {
    case Fact::rollout_started:
      return make(kDeployment, "SERVICE_DEPLOYMENT_IN_PROGRESS", "INFO");
    case Fact::rollout_completed:
      return make(kDeployment, "SERVICE_DEPLOYMENT_COMPLETED", "INFO");
    case Fact::rollout_failed:
      return make(kDeployment, "SERVICE_DEPLOYMENT_FAILED", "ERROR");
    case Fact::desired_changed:
      return make(kAction, "SERVICE_DESIRED_COUNT_UPDATED", "INFO");
    case Fact::launch_refused:
      return make(kAction, "SERVICE_TASK_PLACEMENT_FAILURE", "ERROR");
    default:
      return false;
  }
}

void EventRules::on_fact(World& world, const FactRecord& f) {
  switch (f.fact) {
    case Fact::pod_created:
    case Fact::pod_bound:
    case Fact::pod_started:
    case Fact::pod_serving:
    case Fact::pod_unhealthy:
    case Fact::pod_stopping:
    case Fact::pod_ended:
      task_changed(world, f);
      note_start(world, f);
      look_at_service(world, f.workload);
      break;
    case Fact::pod_unready:
      look_at_service(world, f.workload);
      break;
    case Fact::node_ready:
    case Fact::node_draining:
    case Fact::node_unreachable:
    case Fact::node_terminated:
    case Fact::spot_notice:
    case Fact::rebalance_recommended:
      if (instance_event(world, f)) publish(world, {});
      if ((f.fact == Fact::node_ready || f.fact == Fact::node_terminated) && group_event(world, f)) publish(world, {});
      if (f.fact == Fact::node_terminated && instance_state_event(world, f)) publish(world, {});
      break;
    case Fact::node_requested:
    case Fact::node_running:
    case Fact::node_terminating:
      if (instance_state_event(world, f)) publish(world, {});
      break;
    case Fact::rollout_started:
    case Fact::rollout_completed:
    case Fact::rollout_failed:
    case Fact::desired_changed:
    case Fact::launch_refused:
      if (!f.workload.is_none() && service_event(world, f)) publish(world, {});
      if (f.fact == Fact::launch_refused && group_event(world, f)) publish(world, {});
      look_at_service(world, f.workload);
      break;
    case Fact::retirement_notice:
      if (!begin(kHealth, kHealthEvent)) break;
      event_.add("detail.service", std::string_view("ECS"));
      event_.add("detail.eventTypeCode", std::string_view("AWS_ECS_TASK_PATCHING_RETIREMENT"));
      event_.add("detail.eventTypeCategory", std::string_view("scheduledChange"));
      publish(world, {});
      break;
    default:
      break;
  }
}

/// Sends the event to the targets of every rule that it matches.
void EventRules::publish(World& world, PodId task) {
  for (std::size_t r = 0; r < rules_.size(); ++r) {
    if (!rules_[r].pattern.matches(event_)) continue;
    const Stream stream = world.stream(hash_text(rules_[r].name, hash_text("event-rule")), Purpose::api_latency);
    const Time arrives = world.now() + where_.delivery.sample(stream, published_++);
    for (std::size_t t = 0; t < rules_[r].targets.size(); ++t) {
      std::size_t slot = pending_.size();
      if (free_.empty()) {
        pending_.push_back({r, t, task});
      } else {
        slot = free_.back();
        free_.pop_back();
        pending_[slot] = {r, t, task};
      }
      world.wake(handler, arrives, Phase::controllers, kDeliver | (static_cast<std::uint64_t>(slot) << 32));
    }
  }
}

void EventRules::handle(World& world, const Event& event) {
  const auto number = static_cast<std::uint32_t>(event.payload >> 32);
  const std::uint64_t what = event.payload & 0xffu;
  if (what == kAlarm) {
    const auto state = static_cast<aws::AlarmState>((event.payload >> 8) & 0xffu);
    if (alarm_.size() <= number) alarm_.resize(number + 1, aws::AlarmState::insufficient_data);
    const auto& cw = dynamic_cast<const aws::CloudWatch&>(world.component(where_.cloudwatch));
    if (begin(kCloudWatch, kAlarmChange)) {
      event_.add("detail.alarmName", std::string_view(cw.name(aws::AlarmId{number})));
      event_.add("detail.state.value", aws::to_string(state));
      event_.add("detail.previousState.value", aws::to_string(alarm_[number]));
      publish(world, {});
    }
    alarm_[number] = state;
    return;
  }
  if (what == kSteady) {
    check_steady(world, WorkloadId{number});
    return;
  }
  if (what == kStopping) {
    if (world.pod(PodId{number}).state == PodState::stopping) tell_task(world, PodId{number}, "STOPPING");
    return;
  }
  const Pending pending = pending_[number];
  const RuleTarget& target = rules_[pending.rule].targets[pending.target];
  if (what == kDeliver) {
    world.record({.at = world.now(),
                  .fact = Fact::rule_triggered,
                  .workload = target.workload,
                  .value = where_.first_number + static_cast<std::int64_t>(pending.rule)});
    if (target.lambda) {
      where_.lambda.call(world, target.lambda_duration, target.lambda_memory);
      world.wake(handler, world.now() + target.lambda_duration, Phase::controllers,
                 kAct | (static_cast<std::uint64_t>(number) << 32));
      return;
    }
  }
  free_.push_back(number);
  act_and_tell(world, pending);
}

void EventRules::act_and_tell(World& world, const Pending& pending) {
  constexpr std::string_view kActions[] = {"run tasks", "scale", "stop tasks", "put scaling", "call policy", "invoke"};
  const RuleTarget& target = rules_[pending.rule].targets[pending.target];
  RuleActionDetail told;
  if (target.kind == RuleTarget::Kind::run_task) {
    told.workload = dynamic_cast<const TaskRunner&>(world.component(where_.runner)).workload_of(target.job);
  } else if (target.of_event) {
    if (!pending.task.is_none()) told.workload = world.pod(pending.task).workload;
  } else if (target.kind != RuleTarget::Kind::invoke) {
    told.workload = target.workload;
  }
  if (!told.workload.is_none()) told.before = world.workload(told.workload).desired;
  told.tasks = act(world, target, pending.task);
  if (!world.is_explained()) return;
  if (!told.workload.is_none()) told.after = world.workload(told.workload).desired;
  told.rule = "rule " + rules_[pending.rule].name;
  told.function = target.lambda;
  told.action = kActions[static_cast<std::size_t>(target.kind)];
  world.explain(told);
}

std::int64_t EventRules::act(World& world, const RuleTarget& target, PodId task) {
  switch (target.kind) {
    case RuleTarget::Kind::run_task:
      world.wake(where_.runner, world.now(), Phase::controllers, TaskRunner::start_payload(target.job, target.count));
      break;
    case RuleTarget::Kind::scale_service: {
      const Workload& w = world.workload(target.workload);
      const std::int64_t wanted = std::max<std::int64_t>(target.desired + (target.is_change ? w.desired : 0), 0);
      if (wanted > kMostTasksOfService) break;
      if (w.minimum == w.maximum) {
        if (wanted != w.desired) world.set_bounds(target.workload, wanted, wanted);
      } else {
        world.set_desired(target.workload, std::clamp(wanted, w.minimum, w.maximum));
      }
      break;
    }
    case RuleTarget::Kind::put_scaling: {
      const Workload& w = world.workload(target.workload);
      const std::int64_t least = target.minimum.value_or(w.minimum), most = target.maximum.value_or(w.maximum);
      // A maximum below the minimum is refused, and nothing changes.
      if (least <= most) world.set_bounds(target.workload, least, most);
      break;
    }
    case RuleTarget::Kind::invoke:
      break;
    case RuleTarget::Kind::call_policy:
      world.set_desired(target.workload,
                        target.built_in ? trackings_[target.call].ask(world) : calls_[target.call].ask(world));
      break;
    case RuleTarget::Kind::stop_task: {
      if (target.of_event) {
        return !task.is_none() && world.stop_pod(task, Reason::user_initiated) == Applied::yes ? 1 : 0;
      }
      std::int64_t left = target.count;
      const std::vector<PodId> tasks = world.workload(target.workload).pods;  // oldest first
      for (const PodId id : tasks) {
        if (left > 0 && world.stop_pod(id, Reason::user_initiated) == Applied::yes) --left;
      }
      return target.count - left;
    }
  }
  return 0;
}

}  // namespace plimsoll::ecs
