// Also tests: policy_call, tracking_call, lambda_prices
#include "models/ecs/controllers/event_rules.h"

#include <doctest/doctest.h>

#include <functional>

#include "models/ecs/controllers/task_runner.h"
#include "sim/billing/bill.h"
#include "sim/document/loader.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::ecs {
namespace {

using namespace plimsoll::testing;

/// A service "web" of three tasks, a job "report", and one rule whose events arrive after a second.
struct Bench {
  using Change = std::function<void(EventRules::Surroundings&)>;
  explicit Bench(const std::string& pattern, RuleTarget target, const Change& change = {}, Duration span = hours(1))
      : world(small_world(span)) {
    const HandlerId bill = world.attach(std::make_unique<billing::Bill>(kTimeZero, world.end));
    web = add_workload(world, "web", 500, 512, 3);
    world.edit_workload(web).maximum = 8;
    job = add_workload(world, "report", 250, 256);
    world.edit_workload(job).maximum = 0;
    auto runner = std::make_unique<TaskRunner>(0);
    runner->add(job, {.parallelism = 1, .completions = 1, .retries = 0});
    EventRules::Surroundings where;
    where.lambda.bill = bill;
    where.runner = world.attach(std::move(runner));
    where.origin = {"us-east-1", "123456789012", "default", {}};
    where.families = {"shop-web"};  // that of the service; the job's is its name
    where.delivery = Delay::constant(seconds(1));
    where.first_number = 7;
    auto& b = dynamic_cast<billing::Bill&>(world.component(bill));
    billing::LineItem line;
    line.per_hour = false;
    line.item = "lambda/requests";
    where.lambda.requests = b.line(line);
    line.item = "lambda/duration";
    where.lambda.gb_seconds = b.line(line);
    if (change) change(where);
    document::Diagnostics diagnostics;
    const auto docs = document::load_text(pattern, "p.yaml", diagnostics);
    auto parsed = aws::EventPattern::parse(docs[0], diagnostics, "eventPattern");
    INFO(diagnostics.text());
    REQUIRE(parsed);
    target.workload = target.kind == RuleTarget::Kind::run_task ? WorkloadId{} : web;
    std::vector<EventRule> rules(1);
    rules[0] = {"rule", std::move(*parsed), {target}};
    rules_handler = world.attach(std::make_unique<EventRules>(std::move(rules), std::move(where)));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
    ready_node(world, 8000, 16384);
    for (int i = 0; i < 3; ++i) world.bind_pod(world.create_pod(web), NodeId{0});
  }
  __int128 accrued(std::string_view item) const {
    for (const auto& line :
         dynamic_cast<const billing::Bill&>(const_cast<World&>(world).component(HandlerId{0})).lines()) {
      if (line.what.item == item) return line.accrued;
    }
    return -1;
  }

  World world;
  Script* script = nullptr;
  HandlerId rules_handler;
  WorkloadId web, job;
};

RuleTarget run_report(std::int64_t count = 0) {
  RuleTarget t;
  t.kind = RuleTarget::Kind::run_task;
  t.count = count;
  return t;
}

TEST_CASE("a task that stops with an error starts a job a second later") {
  Bench b("{source: [aws.ecs], detail: {group: ['service:web'], containers: {exitCode: [{anything-but: [0, 143]}]}}}",
          run_report(2));
  b.script->at(at_s(100), [](World& w) { w.pod_ended(PodId{0}, Reason::container_exit); });
  b.script->at(at_s(200), [](World& w) { w.pod_ended(PodId{1}, Reason::scale_in); });
  b.world.run();
  CHECK(count_facts(b.world, Fact::rule_triggered) == 1);
  CHECK(first_fact(b.world, Fact::rule_triggered) == at_s(101));
  CHECK(first_fact(b.world, Fact::job_started) == at_s(101));
  CHECK(b.world.workload(b.job).created == 2);
  for (const FactRecord& f : b.world.log) {
    if (f.fact == Fact::rule_triggered) CHECK(f.value == 7);  // after seven schedules
  }
  CHECK(b.accrued("lambda/requests") == 0);  // RunTask is a target of its own
}

TEST_CASE("what a job's task does is of its family, and does not set off a rule about services") {
  Bench b("{detail-type: [ECS Task State Change], detail: {group: ['family:report'], lastStatus: [STOPPED]}}",
          run_report());
  b.script->at(at_s(100), [](World& w) { w.pod_ended(PodId{0}, Reason::container_exit); });
  b.world.run();
  CHECK(count_facts(b.world, Fact::rule_triggered) == 0);
}

TEST_CASE("tasks and instances are told with the ARNs of their cluster, definition and instance") {
  const auto triggered = [](const std::string& detail) {
    Bench b("{source: [aws.ecs], detail: " + detail + "}", run_report());
    b.script->at(at_s(100), [](World& w) { w.pod_ended(PodId{0}, Reason::container_exit); });
    b.world.run();
    return count_facts(b.world, Fact::rule_triggered);
  };
  const std::string ecs = "arn:aws:ecs:us-east-1:123456789012:";
  const std::string stopped = "lastStatus: [STOPPED], ";
  CHECK(triggered("{" + stopped + "clusterArn: ['" + ecs + "cluster/default']}") == 1);
  CHECK(triggered("{" + stopped + "clusterArn: ['" + ecs + "cluster/prod']}") == 0);
  CHECK(triggered("{" + stopped + "taskDefinitionArn: ['" + ecs + "task-definition/shop-web:1']}") == 1);
  CHECK(triggered("{" + stopped + "taskDefinitionArn: ['" + ecs + "task-definition/shop-web:2']}") == 0);
  CHECK(triggered("{" + stopped + "cpu: ['512'], memory: ['512'], taskArn: ['" + ecs + "task/default/web-0']}") == 1);
  CHECK(triggered("{" + stopped + "containerInstanceArn: [{prefix: '" + ecs + "container-instance/default/'}]}") == 1);
  CHECK(triggered("{status: [ACTIVE], clusterArn: ['" + ecs + "cluster/default']}") == 1);  // its instance joined
}

TEST_CASE("a service is scaled through a function that takes its time and costs") {
  RuleTarget scale;
  scale.kind = RuleTarget::Kind::scale_service;
  scale.desired = 2;
  scale.is_change = true;
  scale.lambda = true;
  scale.lambda_duration = microseconds(250'300);
  scale.lambda_memory = 256;
  Bench b("{detail-type: [ECS Deployment State Change], detail: {eventName: [SERVICE_DEPLOYMENT_FAILED]}}", scale);
  b.script->at(at_s(100), [id = b.web](World& w) { w.set_rollout(id, Rollout::progressing); });
  b.script->at(at_s(200), [id = b.web](World& w) { w.set_rollout(id, Rollout::failed); });
  b.world.run();
  CHECK(b.world.workload(b.web).desired == 5);
  CHECK(first_fact(b.world, Fact::desired_changed) == at_s(201) + microseconds(250'300));
  CHECK(b.accrued("lambda/requests") == 1);
  CHECK(b.accrued("lambda/duration") == 251 * 256);  // ms are rounded up
}

TEST_CASE("a scalable target gets other bounds, and the desired count follows them") {
  RuleTarget bounds;
  bounds.kind = RuleTarget::Kind::put_scaling;
  bounds.minimum = 5;
  Bench b("{detail: {lastStatus: [STOPPED]}}", bounds);
  b.script->at(at_s(100), [](World& w) { w.pod_ended(PodId{0}, Reason::container_exit); });
  b.world.run();
  CHECK(b.world.workload(b.web).minimum == 5);
  CHECK(b.world.workload(b.web).maximum == 8);  // as it was
  CHECK(b.world.workload(b.web).desired == 5);
  bounds.minimum = 9;  // above the maximum of 8: refused
  Bench refused("{detail: {lastStatus: [STOPPED]}}", bounds);
  refused.script->at(at_s(100), [](World& w) { w.pod_ended(PodId{0}, Reason::container_exit); });
  refused.world.run();
  CHECK(refused.world.workload(refused.web).minimum == 3);
  CHECK(refused.world.workload(refused.web).desired == 3);
}

/// Twice as many at each call, and one more for each call before: the state is kept between them.
std::int64_t twice(const plimsoll_replicas* seen, const plimsoll_draws*, plimsoll_state* state) {
  CHECK(seen->target_cpu_percent == 70);
  CHECK(seen->minimum == 3);
  return 2 * seen->desired + state->bytes[0]++;
}

TEST_CASE("a replica scaler is asked once for each event, and its answer stays within the bounds") {
  plimsoll_policy table{};
  table.size = sizeof table;
  table.kind = PLIMSOLL_REPLICA_SCALER;
  table.name = "twice";
  table.call.scaler = twice;
  RuleTarget call;
  call.kind = RuleTarget::Kind::call_policy;
  Bench b("{detail-type: [ECS Deployment State Change], detail: {eventName: [SERVICE_DEPLOYMENT_FAILED]}}", call);
  auto& rules = dynamic_cast<EventRules&>(b.world.component(b.rules_handler));
  rules.add_call(PolicyCall(std::make_shared<CustomPolicy>(&table, "test.so", nullptr), b.web, percent(70)));
  const auto fail = [id = b.web](World& w) { w.set_rollout(id, Rollout::failed); };
  const auto start = [id = b.web](World& w) { w.set_rollout(id, Rollout::progressing); };
  b.script->at(at_s(100), start);
  b.script->at(at_s(200), fail);
  b.script->at(at_s(250), [id = b.web](World& w) { CHECK(w.workload(id).desired == 6); });  // 2 x 3 + 0
  b.script->at(at_s(300), start);
  b.script->at(at_s(400), fail);
  b.world.run();
  CHECK(b.world.workload(b.web).desired == 8);  // 2 x 6 + 1, within 8
}

TEST_CASE("a scaled service stays within its bounds, one of fixed size gets the number") {
  RuleTarget scale;
  scale.kind = RuleTarget::Kind::scale_service;
  scale.desired = 100;
  for (const bool fixed : {false, true}) {
    Bench b("{detail: {lastStatus: [STOPPED]}}", scale);
    if (fixed) b.world.edit_workload(b.web).maximum = 3;
    b.script->at(at_s(100), [](World& w) { w.pod_ended(PodId{0}, Reason::container_exit); });
    b.world.run();
    CHECK(b.world.workload(b.web).desired == (fixed ? 100 : 8));
  }
}

TEST_CASE("a function stops the task of the event, or the oldest of a service") {
  RuleTarget stop;
  stop.kind = RuleTarget::Kind::stop_task;
  stop.of_event = true;
  {
    Bench b("{detail: {healthStatus: [UNHEALTHY]}}", stop);
    b.script->at(at_s(100),
                 [](World& w) { w.pod_pulling(PodId{1}), w.pod_started(PodId{1}), w.pod_unhealthy(PodId{1}); });
    b.world.run();
    CHECK(b.world.pod(PodId{1}).end_reason == Reason::user_initiated);
    CHECK(b.world.pod(PodId{0}).stopping == kTimeNever);
  }
  stop.of_event = false;
  stop.count = 2;
  {
    Bench b("{detail-type: [ECS Container Instance State Change], detail: {status: [DRAINING]}}", stop);
    b.script->at(at_s(100), [](World& w) { w.drain_node(NodeId{0}, Reason::scale_down); });
    b.world.run();
    CHECK(b.world.pod(PodId{0}).stopping == at_s(101));
    CHECK(b.world.pod(PodId{1}).stopping == at_s(101));
    CHECK(b.world.pod(PodId{2}).stopping == kTimeNever);
  }
}

TEST_CASE("the interruption warning of an instance is an event") {
  Bench b("{source: [aws.ec2], detail-type: [EC2 Spot Instance Interruption Warning]}", run_report());
  b.script->at(at_s(100), [](World& w) { w.give_spot_notice(NodeId{0}, at_s(220)); });
  b.world.run();
  CHECK(first_fact(b.world, Fact::job_started) == at_s(101));
}

TEST_CASE("target tracking is asked once, about the time since it was asked before") {
  RuleTarget call;
  call.kind = RuleTarget::Kind::call_policy;
  call.built_in = true;
  call.lambda = true;
  call.lambda_duration = milliseconds(500);
  Bench b("{detail-type: [ECS Deployment State Change], detail: {eventName: [SERVICE_DEPLOYMENT_FAILED]}}", call);
  b.world.edit_workload(b.web).minimum = 1;
  auto& rules = dynamic_cast<EventRules&>(b.world.component(b.rules_handler));
  CHECK(rules.add_call(TrackingCall(b.web, percent(50))) == 0);
  // 90 % of what three tasks reserve, then 20 % of what five do.
  const auto use = [&](std::int64_t s, std::int64_t percent_used) {
    b.script->at(at_s(s), [id = b.web, percent_used](World& w) {
      Usage& u = w.usage[id.index()];
      u.cpu_reserved += 1'000'000'000;
      u.cpu_serving += 10'000'000 * percent_used;
      w.set_rollout(id, Rollout::progressing);
      w.set_rollout(id, Rollout::failed);
    });
  };
  use(100, 90);
  use(200, 20);
  b.world.run_until(at_s(150));
  CHECK(b.world.workload(b.web).desired == 6);  // ceil(3 x 90 / 50)
  CHECK(first_fact(b.world, Fact::desired_changed) == at_s(101) + milliseconds(500));
  b.world.run_until(at_s(250));
  CHECK(b.world.workload(b.web).desired == 3);  // ceil(6 x 20 / 50)
}

/// When a rule on a detail of task events is triggered; `act` is what happens to the world.
std::vector<std::int64_t> told_at(const std::string& detail, const Bench::Change& change,
                                  const std::function<void(Bench&)>& act) {
  Bench b("{source: [aws.ecs], detail-type: [ECS Task State Change], detail: " + detail + "}", run_report(), change);
  b.script->at(at_s(0), [](World& w) {
    // A minute of deregistration delay before SIGTERM, and two seconds after it.
    for (HostProfile& p : w.host_profiles) {
      p.stop_plain = seconds(2);
      p.stop_balanced = seconds(62);
    }
  });
  act(b);
  b.world.run();
  std::vector<std::int64_t> out;
  for (const FactRecord& f : b.world.log) {
    if (f.fact == Fact::rule_triggered)
      out.push_back(to_microseconds(f.at) / 1'000'000 - 1);  // delivered a second later
  }
  return out;
}

TEST_CASE("a task goes through the states of the life cycle") {
  for (const bool balanced : {true, false}) {
    const auto change = [](EventRules::Surroundings& where) { where.traits = {{true, false, ""}}; };
    const auto act = [balanced](Bench& b) {
      b.world.edit_workload(b.web).behind_balancer = balanced;
      b.script->at(at_s(100), [](World& w) {
        w.edit_pod(PodId{0}).started = w.now();
        w.edit_pod(PodId{0}).state = PodState::serving;
        w.record({.at = w.now(), .fact = Fact::pod_started, .pod = PodId{0}, .workload = w.pod(PodId{0}).workload});
      });
      b.script->at(at_s(500), [](World& w) {
        w.edit_pod(PodId{0}).state = PodState::stopping;
        w.record({.at = w.now(), .fact = Fact::pod_stopping, .pod = PodId{0}, .workload = w.pod(PodId{0}).workload});
      });
      b.script->at(at_s(700), [](World& w) { w.pod_ended(PodId{0}, Reason::scale_in); });
    };
    using At = std::vector<std::int64_t>;
    const std::pair<const char*, At> rows[] = {
        {"ACTIVATING", balanced ? At{100} : At{}},
        {"RUNNING", {100}},
        {"DEACTIVATING", balanced ? At{500} : At{}},
        {"STOPPING", {balanced ? 560 : 500}},
        {"DEPROVISIONING", {700}},
        {"STOPPED", {700}},
    };
    for (const auto& [status, at] : rows) {
      CAPTURE(status);
      CAPTURE(balanced);
      CHECK(told_at("{lastStatus: [" + std::string(status) + "]}", change, act) == at);
    }
  }
}

TEST_CASE("tasks say who started them and by which capacity provider") {
  const auto change = [](EventRules::Surroundings& where) {
    where.traits = {{}, {true, false, "chronos-schedule/nightly"}};
    where.providers = {{"spot-nodes", "EC2"}};
  };
  const auto act = [](Bench& b) { b.script->at(at_s(100), [](World& w) { w.pod_ended(PodId{0}, Reason::scale_in); }); };
  const auto count = [&](const std::string& detail) {
    return told_at("{lastStatus: [STOPPED], " + detail + "}", change, act).size();
  };
  CHECK(count("startedBy: [{prefix: ecs-svc/}]") == 1);
  CHECK(count("startedBy: ['" + EventOrigin::deployment_id("web", 1) + "']") == 1);
  CHECK(count("startedBy: ['" + EventOrigin::deployment_id("web", 2) + "']") == 0);
  CHECK(count("capacityProviderName: [spot-nodes], launchType: [EC2]") == 1);
  CHECK(count("capacityProviderName: [FARGATE]") == 0);
  const auto job = [](Bench& b) { b.script->at(at_s(100), [&b](World& w) { w.create_pod(b.job); }); };
  CHECK(told_at("{lastStatus: [PROVISIONING], startedBy: [chronos-schedule/nightly]}", change, job).front() == 100);
}

TEST_CASE("a service tells of its steady state when it reaches it, and every six hours") {
  Bench b("{detail-type: [ECS Service Action], detail: {eventName: [SERVICE_STEADY_STATE]}}", run_report(), {},
          hours(14));
  const auto all = [](PodState state) {
    return [state](World& w) {
      for (std::uint32_t i = 0; i < 3; ++i) {
        w.edit_pod(PodId{i}).state = state;
        w.record({.at = w.now(), .fact = Fact::pod_ready, .pod = PodId{i}, .workload = w.pod(PodId{i}).workload});
        w.record({.at = w.now(), .fact = Fact::pod_serving, .pod = PodId{i}, .workload = w.pod(PodId{i}).workload});
      }
    };
  };
  b.script->at(at_s(100), all(PodState::serving));
  // Four are wanted from then on, and three are there; an hour later three again.
  b.script->at(at_s(7 * 3600), [&b](World& w) { w.set_desired(b.web, 4); });
  b.script->at(at_s(8 * 3600), [&b](World& w) { w.set_desired(b.web, 3); });
  b.world.run();
  std::vector<std::int64_t> at;
  for (const FactRecord& f : b.world.log) {
    if (f.fact == Fact::rule_triggered) at.push_back(to_microseconds(f.at) / 1'000'000 - 1);
  }
  CHECK(at == std::vector<std::int64_t>{100, 100 + 6 * 3600, 8 * 3600});
}

TEST_CASE("a second task in a row that never runs impairs the start of its service") {
  Bench b("{detail: {eventName: [SERVICE_TASK_START_IMPAIRED], eventType: [WARN]}}", run_report());
  for (std::uint32_t i = 0; i < 3; ++i)
    b.script->at(at_s(100 * (i + 1)), [i](World& w) { w.pod_ended(PodId{i}, Reason::image_pull); });
  b.world.run();
  CHECK(count_facts(b.world, Fact::rule_triggered) == 1);
  CHECK(first_fact(b.world, Fact::rule_triggered) == at_s(201));
}

TEST_CASE("a task whose containers wait in vain is never RUNNING") {
  const auto never = [](EventRules::Surroundings& where) { where.traits = {{true, true, ""}}; };
  const auto act = [](Bench& b) {
    b.script->at(at_s(100), [](World& w) {
      w.record({.at = w.now(), .fact = Fact::pod_started, .pod = PodId{0}, .workload = w.pod(PodId{0}).workload});
    });
    for (std::uint32_t i = 0; i < 2; ++i)
      b.script->at(at_s(200 + i), [i](World& w) { w.pod_ended(PodId{i}, Reason::start_timeout); });
  };
  CHECK(told_at("{lastStatus: [RUNNING]}", never, act).empty());
  CHECK(told_at("{lastStatus: [STOPPED], stopCode: [TaskFailedToStart]}", never, act).size() == 2);
}

TEST_CASE("instances of an Auto Scaling group tell of their launch and end, those of other capacity do not") {
  const auto triggered = [](const std::string& pattern, bool auto_scaling) {
    // Beside Fargate, which has no group.
    const auto change = [&](EventRules::Surroundings& where) {
      where.providers = {{"FARGATE", "FARGATE"}, {"nodes", "EC2", auto_scaling}, {{}, "EC2", true}};
    };
    Bench b(pattern, run_report(), change);
    const NodeGroupId group = b.world.add_group(
        {.id = {}, .name = b.world.names.intern("nodes"), .minimum = 0, .maximum = 5, .desired = 1, .launches = 0});
    b.script->at(at_s(100), [group](World& w) {
      w.edit_node(NodeId{0}).group = group;
      w.record({.at = w.now(), .fact = Fact::node_ready, .node = NodeId{0}});
      w.record({.at = w.now(), .fact = Fact::launch_refused, .group = group, .value = 1});
      w.record({.at = w.now(), .fact = Fact::node_terminated, .node = NodeId{0}});
    });
    b.world.run();
    return count_facts(b.world, Fact::rule_triggered);
  };
  const auto of_type = [](const std::string& type) {
    return "{source: [aws.autoscaling], detail-type: [" + type + "]}";
  };
  for (const char* type :
       {"EC2 Instance Launch Successful", "EC2 Instance Launch Unsuccessful", "EC2 Instance Terminate Successful"}) {
    CAPTURE(type);
    CHECK(triggered(of_type(type), true) == 1);
    CHECK(triggered(of_type(type), false) == 0);
  }
  const std::string group = "{source: [aws.autoscaling], detail: {AutoScalingGroupName: [";
  CHECK(triggered(group + "nodes]}}", true) == 3);
  CHECK(triggered(group + "others]}}", true) == 0);
  CHECK(triggered("{detail-type: [EC2 Instance State-change Notification], detail: {state: [terminated]}}", false) ==
        1);
}

TEST_CASE("a service is not scaled beyond the 5,000 tasks that one may have") {
  const auto desired_after = [](std::int64_t change, bool fixed) {
    RuleTarget scale;
    scale.kind = RuleTarget::Kind::scale_service;
    scale.desired = change;
    scale.is_change = true;
    Bench b("{detail: {eventName: [SERVICE_DEPLOYMENT_FAILED]}}", scale);
    Workload& w = b.world.edit_workload(b.web);
    w.minimum = fixed ? 3 : 1;
    w.maximum = fixed ? 3 : 9000;
    b.script->at(at_s(100), [id = b.web](World& world) {
      world.set_rollout(id, Rollout::progressing);
      world.set_rollout(id, Rollout::failed);
    });
    b.world.run();
    return b.world.workload(b.web).desired;
  };
  for (const bool fixed : {true, false}) {
    CHECK(desired_after(4997, fixed) == 5000);
    CHECK(desired_after(4998, fixed) == 3);  // refused
  }
}

TEST_CASE("a function alone is called and paid, and changes nothing") {
  RuleTarget notify;
  notify.kind = RuleTarget::Kind::invoke;
  notify.lambda = true;
  notify.lambda_duration = milliseconds(200);
  notify.lambda_memory = 512;
  Bench b("{detail: {eventName: [SERVICE_DEPLOYMENT_FAILED]}}", notify);
  b.script->at(at_s(100), [id = b.web](World& w) {
    w.set_rollout(id, Rollout::progressing);
    w.set_rollout(id, Rollout::failed);
  });
  b.world.run();
  CHECK(count_facts(b.world, Fact::rule_triggered) == 1);
  CHECK(count_facts(b.world, Fact::desired_changed) == 0);
  CHECK(b.accrued("lambda/requests") == 1);
  CHECK(b.accrued("lambda/duration") == 200 * 512);
}

}  // namespace
}  // namespace plimsoll::ecs
