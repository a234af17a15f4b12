#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/aws/cloudwatch/cloudwatch.h"
#include "models/aws/eventbridge/event_pattern.h"
#include "models/ecs/controllers/policy_call.h"
#include "models/ecs/controllers/tracking_call.h"
#include "models/ecs/event_catalogue.h"
#include "models/ecs/lambda_prices.h"
#include "sim/cluster/world.h"

namespace plimsoll::ecs {

/// What a rule does when its pattern matches.
struct RuleTarget {
  enum class Kind : std::uint8_t {
    run_task,
    scale_service,
    stop_task,
    put_scaling,
    call_policy,
    invoke,  ///< a function that does nothing to the cluster
  };
  Kind kind = Kind::run_task;
  std::size_t job = 0;       ///< run_task: number at the TaskRunner
  std::int64_t count = 0;    ///< run_task: TaskCount, 0: the job's own; stop_task: at most so many
  WorkloadId workload;       ///< scale_service, stop_task, put_scaling, call_policy
  std::int64_t desired = 0;  ///< scale_service: the count, or the change
  bool is_change = false;
  std::optional<std::int64_t> minimum, maximum;  ///< put_scaling: MinCapacity and MaxCapacity, those that change
  std::size_t call = 0;                          ///< call_policy: number of the call that add_call told
  bool built_in = false;                         ///< call_policy: target tracking, not a plugin
  bool of_event = false;                         ///< stop_task: the task that the event is about, whatever its workload
  bool lambda = false;                           ///< goes through a function
  Duration lambda_duration{};                    ///< its billed duration, and so long later it acts
  std::int64_t lambda_memory = 128;              ///< MB
};

struct EventRule {
  std::string name;
  aws::EventPattern pattern;
  std::vector<RuleTarget> targets;
};

/// EventBridge rules of the default event bus: events of ECS, EC2 and CloudWatch that the column brings forth, patterns
/// over them, and actions of the user: run a job, scale a service, stop tasks, register a scalable target with other
/// bounds (the desired count follows them at once), ask target tracking or a replica scaler of a plugin once. RunTask
/// is a target of its own; the others go through a Lambda function, which takes its time and has its price (requests
/// and GB-seconds).
///
/// Events and their fields: models/ecs/event_catalogue.h. `resources` holds the ARN of what the event is about. Task
/// definitions have revision 1 at the start of a run, and one more with each deployment. Events of AWS services are
/// free.
///
/// A task's states: PROVISIONING, PENDING; of a service behind a balancer ACTIVATING when its containers run and
/// its target is registered, which takes no time here; RUNNING; behind a balancer DEACTIVATING until the
/// deregistration delay is over; STOPPING from then on, else at once; with a network interface of its own
/// DEPROVISIONING, which takes no time here; STOPPED. startedBy: of a service its deployment ("ecs-svc/NUMBER"); of
/// a job what starts it, when one rule or one schedule alone does ("events-rule/NAME", "chronos-schedule/NAME", 36
/// letters). SERVICE_STEADY_STATE: when a service without a running deployment has its desired number of healthy
/// tasks, and again every six hours. SERVICE_TASK_START_IMPAIRED: when a second task in a row ends without having
/// been RUNNING. SOURCE: ECS developer guide, "Amazon ECS task lifecycle", "Amazon ECS service action events" (told
/// again periodically; the period and the forms of startedBy are observed), "Amazon ECS service event messages"
/// (consecutive attempts: two is our reading).
/// scale_service goes to the bounds of a scaled service at most, as Application Auto Scaling would put it back; a
/// service of fixed size gets the new number, unless it is above the 5,000 tasks that a service may have: UpdateService
/// then fails and nothing changes ("Amazon ECS service quotas"). An instance of an Auto Scaling group is launched
/// successfully when it is in service; its events name the group by its capacity provider. A function alone is called
/// and paid, and changes nothing. SOURCE: ECS developer guide, "Amazon ECS events" (task, container
/// instance, service deployment and service action events); CloudWatch user guide, "Alarm events and EventBridge";
/// EventBridge user guide, "Amazon EventBridge quotas" (five targets a rule). The latency of the bus is not promised:
/// an option.
/// Left out: input transformers, archives, dead-letter queues, retries, events between buses and accounts.
class EventRules : public ComponentOf<EventRules> {
 public:
  /// What the events of one workload's tasks say beyond the world's own knowledge.
  struct TaskTraits {
    bool interface = false;   ///< has an elastic network interface
    bool never_runs = false;  ///< one of its containers waits in vain for another: it is stopped while PENDING
    std::string started_by;   ///< of a job; empty: not told
  };
  /// A capacity provider of the column.
  struct Provider {
    std::string name;           ///< capacityProviderName; empty where tasks go by launch type alone
    std::string launch_type;    ///< of its tasks
    bool auto_scaling = false;  ///< its instances are those of an Auto Scaling group; groups are numbered as lanes are
  };
  /// Where things are.
  struct Surroundings {
    HandlerId cloudwatch, runner;
    LambdaLines lambda;
    EventOrigin origin;
    std::vector<std::string> families;  ///< by workload: of its task definition
    Delay delivery;                     ///< event to target
    std::int64_t first_number = 0;      ///< of the rules in rule_triggered
    std::vector<TaskTraits> traits{};   ///< by workload; one that is not there has none
    std::vector<Provider> providers{};  ///< by lane; none: the launch type is that of the host
  };
  EventRules(std::vector<EventRule> rules, Surroundings where);

  /// Payload by which CloudWatch tells of an alarm that entered a state.
  static std::uint64_t alarm_payload(aws::AlarmId alarm, aws::AlarmState state) {
    return kAlarm | (static_cast<std::uint64_t>(state) << 8) | (static_cast<std::uint64_t>(alarm.value()) << 32);
  }
  bool wants_alarms() const;
  /// A policy that call_policy targets ask; returns its number.
  std::size_t add_call(PolicyCall call) {
    calls_.push_back(std::move(call));
    return calls_.size() - 1;
  }
  std::size_t add_call(const TrackingCall& call) {
    trackings_.push_back(call);
    return trackings_.size() - 1;
  }

  bool watches() const override { return true; }
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  enum : std::uint64_t { kDeliver = 0, kAct = 1, kAlarm = 2, kStopping = 3, kSteady = 4 };
  /// Whether a service has been found in its steady state, and when that was told last.
  struct Steady {
    bool is = false, pending = false;
    Time told = kTimeNever;
    std::int64_t start_failures = 0;  ///< in a row
  };
  /// A target on its way.
  struct Pending {
    std::size_t rule = 0, target = 0;
    PodId task;
  };
  bool anyone_wants(std::string_view source, std::string_view detail_type) const;
  bool begin(std::string_view source, std::string_view detail_type);
  void task_changed(World& world, const FactRecord& fact);
  void tell_task(World& world, PodId task, std::string_view status, std::string_view health = "UNKNOWN");
  void tell_running(World& world, PodId task);
  TaskTraits traits_of(WorkloadId workload) const;
  static bool is_service(const Workload& workload) { return workload.maximum > 0 || workload.daemon; }
  void look_at_service(World& world, WorkloadId workload);
  void check_steady(World& world, WorkloadId workload);
  void note_start(World& world, const FactRecord& fact);
  /// A service action of its own making.
  void tell_service(World& world, WorkloadId service, std::string_view event_name, std::string_view level);
  bool instance_event(const World& world, const FactRecord& fact);
  bool group_event(const World& world, const FactRecord& fact);
  bool instance_state_event(const World& world, const FactRecord& fact);
  bool service_event(const World& world, const FactRecord& fact);
  void publish(World& world, PodId task);
  /// Returns how many tasks it stopped.
  std::int64_t act(World& world, const RuleTarget& target, PodId task);
  void act_and_tell(World& world, const Pending& pending);

  std::vector<EventRule> rules_;
  Surroundings where_;
  aws::CloudEvent event_;               // the one that is being made
  std::vector<Pending> pending_;        // by number in the payload
  std::vector<std::uint32_t> free_;     // of them
  std::vector<aws::AlarmState> alarm_;  // state before, by alarm
  std::vector<Steady> steady_;          // by workload
  std::vector<PolicyCall> calls_;
  std::vector<TrackingCall> trackings_;
  std::uint64_t published_ = 0;
};

}  // namespace plimsoll::ecs
