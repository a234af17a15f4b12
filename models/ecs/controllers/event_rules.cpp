#include "models/ecs/controllers/event_rules.h"

#include <algorithm>

#include "models/ecs/controllers/task_runner.h"

namespace plimsoll::ecs {

namespace {

constexpr std::string_view kExternalType = "external";  // of the nodes of ECS Anywhere
constexpr std::string_view kEcs = "aws.ecs", kEc2 = "aws.ec2", kCloudWatch = "aws.cloudwatch", kHealth = "aws.health";
constexpr std::string_view kTask = "ECS Task State Change", kInstance = "ECS Container Instance State Change",
                           kDeployment = "ECS Deployment State Change", kAction = "ECS Service Action",
                           kAlarmChange = "CloudWatch Alarm State Change",
                           kSpot = "EC2 Spot Instance Interruption Warning",
                           kRebalance = "EC2 Instance Rebalance Recommendation", kHealthEvent = "AWS Health Event";

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

bool EventRules::task_event(const World& world, const FactRecord& f) {
  std::string_view status;
  switch (f.fact) {
    case Fact::pod_created:
      status = "PROVISIONING";
      break;
    case Fact::pod_bound:
      status = "PENDING";
      break;
    case Fact::pod_started:
    case Fact::pod_serving:
    case Fact::pod_unhealthy:
      status = "RUNNING";
      break;
    case Fact::pod_stopping:
      status = world.workload(f.workload).behind_balancer ? "DEACTIVATING" : "STOPPING";
      break;
    case Fact::pod_ended:
      status = "STOPPED";
      break;
    default:
      return false;
  }
  if (!begin(kEcs, kTask)) return false;
  const Pod& task = world.pod(f.pod);
  const Workload& w = world.workload(f.workload);
  const std::string name(world.names.text(w.name));
  const bool leaves = f.fact == Fact::pod_stopping || f.fact == Fact::pod_ended;
  const auto add = [this](std::string_view path, const std::string& text) { event_.add(path, std::string_view(text)); };
  const std::string task_arn = where_.origin.arn("task", name + "-" + std::to_string(task.ordinal));
  add("resources", task_arn);
  add("detail.clusterArn", where_.origin.cluster_arn());
  add("detail.taskArn", task_arn);
  const std::size_t workload = f.workload.index();
  const bool known = workload < where_.families.size() && !where_.families[workload].empty();
  add("detail.taskDefinitionArn",
      where_.origin.definition_arn(known ? where_.families[workload] : name, std::max(task.revision, 1u)));
  add("detail.cpu", std::to_string(w.requests.cpu().raw() / kCpuTicksPerEcsUnit));
  add("detail.memory", std::to_string(w.requests.memory().raw() / kMiB));
  event_.add("detail.group", std::string_view((w.maximum > 0 || w.daemon ? "service:" : "family:") + name));
  event_.add("detail.lastStatus", status);
  event_.add("detail.desiredStatus", std::string_view(leaves ? "STOPPED" : "RUNNING"));
  const bool healthy = f.fact == Fact::pod_serving;
  event_.add("detail.healthStatus", std::string_view(healthy                         ? "HEALTHY"
                                                     : f.fact == Fact::pod_unhealthy ? "UNHEALTHY"
                                                                                     : "UNKNOWN"));
  if (!task.node.is_none()) {
    const Node& node = world.node(task.node);
    const bool external = !node.instance_type.is_none() && world.names.text(node.instance_type) == kExternalType;
    event_.add("detail.launchType", std::string_view(node.host == HostKind::fargate ? "FARGATE"
                                                     : external                     ? "EXTERNAL"
                                                                                    : "EC2"));
    if (node.host == HostKind::ec2)
      add("detail.containerInstanceArn", where_.origin.arn("container-instance", world.names.text(node.name)));
    event_.add("detail.availabilityZone", world.names.text(world.zones()[node.zone.index()]));
  }
  if (!leaves) return true;
  event_.add("detail.stopCode", stop_code(task.end_reason));
  event_.add("detail.stoppedReason", stopped_reason(task.end_reason));
  const auto code = exit_code(task.end_reason);
  if (code && f.fact == Fact::pod_ended) event_.add("detail.containers.exitCode", *code);
  return true;
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

bool EventRules::service_event(const World& world, const FactRecord& f) {
  const std::string_view name = world.names.text(world.workload(f.workload).name);
  const auto make = [&](std::string_view type, std::string_view event_name, std::string_view level) {
    if (!begin(kEcs, type)) return false;
    event_.add("resources", std::string_view(where_.origin.arn("service", name)));
    if (type == kAction) event_.add("detail.clusterArn", std::string_view(where_.origin.cluster_arn()));
    event_.add("detail.eventName", event_name);
    event_.add("detail.eventType", level);
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
      if (task_event(world, f)) publish(world, f.pod);
      break;
    case Fact::node_ready:
    case Fact::node_draining:
    case Fact::node_unreachable:
    case Fact::node_terminated:
    case Fact::spot_notice:
    case Fact::rebalance_recommended:
      if (instance_event(world, f)) publish(world, {});
      break;
    case Fact::rollout_started:
    case Fact::rollout_completed:
    case Fact::rollout_failed:
    case Fact::desired_changed:
    case Fact::launch_refused:
      if (!f.workload.is_none() && service_event(world, f)) publish(world, {});
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
  act(world, target, pending.task);
}

void EventRules::act(World& world, const RuleTarget& target, PodId task) {
  switch (target.kind) {
    case RuleTarget::Kind::run_task:
      world.wake(where_.runner, world.now(), Phase::controllers, TaskRunner::start_payload(target.job, target.count));
      break;
    case RuleTarget::Kind::scale_service: {
      const Workload& w = world.workload(target.workload);
      const std::int64_t wanted = std::max<std::int64_t>(target.desired + (target.is_change ? w.desired : 0), 0);
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
    case RuleTarget::Kind::call_policy:
      world.set_desired(target.workload,
                        target.built_in ? trackings_[target.call].ask(world) : calls_[target.call].ask(world));
      break;
    case RuleTarget::Kind::stop_task: {
      if (target.of_event) {
        if (!task.is_none()) world.stop_pod(task, Reason::user_initiated);
        break;
      }
      std::int64_t left = target.count;
      const std::vector<PodId> tasks = world.workload(target.workload).pods;  // oldest first
      for (const PodId id : tasks) {
        if (left > 0 && world.stop_pod(id, Reason::user_initiated) == Applied::yes) --left;
      }
      break;
    }
  }
}

}  // namespace plimsoll::ecs
