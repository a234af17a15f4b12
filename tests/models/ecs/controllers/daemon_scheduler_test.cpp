#include "models/ecs/controllers/daemon_scheduler.h"

#include <doctest/doctest.h>

#include "models/aws/cloudwatch/cloudwatch.h"
#include "sim/cluster/host_agent.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::ecs {
namespace {

using namespace plimsoll::testing;

/// A daemon of 250m/256Mi whose scheduler reacts after two seconds.
struct Bench {
  explicit Bench(std::int64_t minimum_healthy = 0) : world(small_world()) {
    world.host_profiles.assign(2, plain_host());
    agent = add_workload(world, "log-agent", 250, 256);
    world.edit_workload(agent).daemon = true;
    DaemonSchedulerParameters parameters;
    parameters.reaction = Delay::constant(seconds(2));
    auto daemons = std::make_unique<DaemonScheduler>(parameters);
    daemons->manage(agent, minimum_healthy);
    world.attach(std::make_unique<HostAgent>());
    world.attach(std::move(daemons));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
  }
  void nodes_at(std::int64_t s, int count, std::int64_t cpu_m = 1000) {
    script->at(at_s(s), [count, cpu_m](World& w) {
      for (int i = 0; i < count; ++i) ready_node(w, cpu_m, 4096, i % 3);
    });
  }
  std::int64_t running(std::uint32_t revision = 0) const {
    std::int64_t n = 0;
    for (const PodId id : world.workload(agent).pods) {
      const Pod& p = world.pod(id);
      n += p.state == PodState::serving && (revision == 0 || p.revision == revision) ? 1 : 0;
    }
    return n;
  }

  World world;
  Script* script = nullptr;
  WorkloadId agent;
};

TEST_CASE("every instance gets one task at the instant it registers, and no other counts on it") {
  Bench b;
  b.nodes_at(10, 3);
  b.nodes_at(200, 2);
  b.world.run_until(at_s(300));
  CHECK(b.world.pods().size() == 5);
  std::vector<int> per_node(5, 0);
  for (const Pod& p : b.world.pods()) {
    ++per_node[p.node.index()];
    CHECK(p.bound == b.world.node(p.node).ready);
    CHECK(p.daemon);
  }
  CHECK(per_node == std::vector<int>{1, 1, 1, 1, 1});
  for (const Node& n : b.world.nodes()) CHECK(n.app_pod_count == 0);
}

TEST_CASE("a daemon that stays on some groups leaves the instances of others alone") {
  Bench b;
  NodeGroup here, there;
  here.name = b.world.names.intern("od");
  there.name = b.world.names.intern("mi");
  const NodeGroupId groups[] = {b.world.add_group(here), b.world.add_group(there)};
  b.world.find_component<DaemonScheduler>()->stay_on(b.agent, {here.name});
  std::vector<NodeId> nodes;
  for (const NodeGroupId group : groups) {
    NodeSpec spec = node_spec(b.world, 1000, 4096);
    spec.group = group;
    nodes.push_back(b.world.request_node(spec));
    b.world.node_running(nodes.back());
    b.world.node_ready(nodes.back());
  }
  b.world.run_until(at_s(300));
  REQUIRE(b.world.pods().size() == 1);
  CHECK(b.world.pod(PodId{0}).node == nodes[0]);
}

TEST_CASE("a task that stopped is replaced on its own instance") {
  Bench b;
  b.nodes_at(10, 2);
  b.script->at(at_s(100), [](World& w) { w.pod_ended(PodId{1}, Reason::container_exit); });
  b.world.run_until(at_s(200));
  REQUIRE(b.world.pods().size() == 3);
  CHECK(b.world.pod(PodId{2}).node == b.world.pod(PodId{1}).node);
  CHECK(b.world.pod(PodId{2}).created == at_s(102));
}

TEST_CASE("an instance without room is tried again when a task on it has ended") {
  Bench b;
  const WorkloadId web = add_workload(b.world, "web", 900, 512);
  // Undrained with its task lost and its room taken: the daemon waits for the other task.
  b.nodes_at(10, 1);
  b.script->at(at_s(50), [](World& w) { w.pod_ended(PodId{0}, Reason::container_exit); });
  b.script->at(at_s(51), [web](World& w) { w.bind_pod(w.create_pod(web), NodeId{0}); });
  b.script->at(at_s(150), [](World& w) { w.pod_ended(PodId{1}, Reason::completed); });
  b.world.run_until(at_s(140));
  CHECK(b.world.pods().size() == 2);  // tried at 52 s: 1000 - 900 < 250
  b.world.run_until(at_s(300));
  REQUIRE(b.world.pods().size() == 3);
  CHECK(b.world.pod(PodId{2}).workload == b.agent);
  CHECK(b.world.pod(PodId{2}).bound == at_s(152));
}

TEST_CASE("a draining instance keeps its task and gets no other") {
  Bench b;
  b.nodes_at(10, 2);
  b.script->at(at_s(100), [](World& w) { w.drain_node(NodeId{0}, Reason::scale_down); });
  b.script->at(at_s(110), [](World& w) { w.pod_ended(PodId{1}, Reason::container_exit); });
  b.world.run_until(at_s(200));
  CHECK(b.world.pod(PodId{0}).state == PodState::serving);
  REQUIRE(b.world.pods().size() == 3);
  CHECK(b.world.pod(PodId{2}).node == NodeId{1});
}

TEST_CASE("a new revision replaces tasks while enough are healthy") {
  for (const std::int64_t minimum : {0, 50}) {
    CAPTURE(minimum);
    Bench b(minimum);
    b.nodes_at(10, 4);
    std::int64_t least = 4;
    b.script->at(at_s(100), [id = b.agent](World& w) { w.deploy(id, PodTemplate{}); });
    for (int s = 101; s < 400; ++s) {
      b.world.run_until(at_s(s));
      least = std::min(least, b.running());
    }
    CHECK(least == (minimum == 0 ? 0 : 2));  // ceil(4 x 50 %) stay
    CHECK(b.running(2) == 4);
    CHECK(b.world.workload(b.agent).rollout == Rollout::none);
    CHECK(count_facts(b.world, Fact::rollout_completed) == 1);
  }
}

TEST_CASE("with minimumHealthyPercent 100 a deployment hangs") {
  Bench b(100);
  b.nodes_at(10, 4);
  b.script->at(at_s(100), [id = b.agent](World& w) { w.deploy(id, PodTemplate{}); });
  b.world.run_until(at_s(1000));
  CHECK(b.running(1) == 4);
  CHECK(b.world.workload(b.agent).rollout == Rollout::progressing);
}

TEST_CASE("a daemon service with memberOf runs on the instances that meet it, and leaves those that do no longer") {
  World world = small_world();
  world.host_profiles.assign(2, plain_host());
  const WorkloadId agent = add_workload(world, "gpu-agent", 250, 256);
  world.edit_workload(agent).daemon = true;
  world.edit_workload(agent).maximum = 0;
  DaemonSchedulerParameters parameters;
  parameters.reaction = Delay::constant(seconds(2));
  auto daemons = std::make_unique<DaemonScheduler>(parameters);
  const QueryParse parsed = ClusterQuery::parse("attribute:stack == prod");
  REQUIRE(parsed.query);
  daemons->manage(agent, 0, {*parsed.query});
  world.attach(std::make_unique<HostAgent>());
  world.attach(std::move(daemons));
  auto script = std::make_unique<Script>();
  std::vector<NodeId> nodes;
  script->at(at_s(10), [&nodes](World& w) {
    for (const char* stack : {"prod", "test", "prod"}) {
      NodeSpec spec = node_spec(w, 1000, 4096);
      spec.labels.set(w.names.intern("stack"), w.names.intern(stack));
      nodes.push_back(w.request_node(spec));
      w.node_running(nodes.back());
      w.node_ready(nodes.back());
    }
  });
  script->at(at_s(100), [&nodes, agent](World& w) {
    w.edit_node(nodes[0]).labels.set(w.names.intern("stack"), w.names.intern("test"));
    w.deploy(agent, w.workload(agent));  // the scheduler looks again
  });
  world.attach(std::move(script));
  world.run_until(at_s(90));
  REQUIRE(world.pods().size() == 2);
  CHECK(world.pod(PodId{0}).node == nodes[0]);
  CHECK(world.pod(PodId{1}).node == nodes[2]);
  world.run_until(at_s(300));
  REQUIRE(world.workload(agent).pods.size() == 1);
  CHECK(world.pod(world.workload(agent).pods[0]).node == nodes[2]);
  CHECK(world.pod(PodId{0}).end_reason == Reason::scale_in);
  CHECK(world.workload(agent).rollout == Rollout::none);
}

/// Four instances, whose provider ends what is drained a minute later and puts another in its place.
struct ManagedBench {
  explicit ManagedBench(const ManagedDaemon& managed, bool deploys = true) : world(small_world()) {
    world.host_profiles.assign(2, plain_host());
    agent = add_workload(world, "agent", 250, 256);
    world.edit_workload(agent).daemon = true;
    DaemonSchedulerParameters parameters;
    parameters.reaction = Delay::constant(seconds(2));
    auto daemons = std::make_unique<DaemonScheduler>(parameters);
    daemons->manage(agent, 0);
    daemons->manage_instances(agent, managed);
    if (deploys) daemons->deploy_at(agent, at_s(100));
    world.attach(std::make_unique<HostAgent>());
    world.attach(std::move(daemons));
    auto s = std::make_unique<Script>();
    s->at(at_s(10), [](World& w) {
      for (int i = 0; i < 4; ++i) ready_node(w, 1000, 4096);
    });
    for (int t = 70; t < 3000; t += 30) {
      s->at(at_s(t), [](World& w) {
        const std::vector<NodeId> live(w.live_nodes().begin(), w.live_nodes().end());
        for (const NodeId id : live) {
          if (w.node(id).state != NodeState::draining || w.now() - w.node(id).draining < minutes(1)) continue;
          w.terminate_node(id, Reason::rollout);
          w.node_terminated(id);
          ready_node(w, 1000, 4096);
        }
      });
    }
    script = s.get();
    world.attach(std::move(s));
  }
  std::int64_t draining() const {
    std::int64_t n = 0;
    for (const NodeId id : world.live_nodes()) n += world.node(id).state == NodeState::draining ? 1 : 0;
    return n;
  }
  World world;
  Script* script = nullptr;
  WorkloadId agent;
};

TEST_CASE("a deployment of a managed daemon drains its part of the instances at a time, and bakes at the end") {
  ManagedBench b({.drain = percent(50), .bake = minutes(5), .critical = true});
  std::int64_t most = 0;
  for (int t = 90; t < 1000; t += 1) {
    b.world.run_until(at_s(t));
    most = std::max(most, b.draining());
  }
  CHECK(most == 2);
  CHECK(b.world.nodes().size() == 8);
  REQUIRE(b.world.workload(b.agent).pods.size() == 4);
  for (const PodId pod : b.world.workload(b.agent).pods) CHECK(b.world.pod(pod).revision == 2);
  // Drained at 102 s and ended at 190 s; the next two at 192 s and 280 s. The bake ends five minutes after 282 s.
  CHECK(first_fact(b.world, Fact::rollout_completed) == at_s(582));
}

TEST_CASE("a critical managed daemon's failure drains the instance, another's does not") {
  for (const bool critical : {true, false}) {
    ManagedBench b({.drain = percent(25), .bake = {}, .critical = critical});
    b.script->at(at_s(60), [](World& w) { w.pod_ended(PodId{0}, Reason::container_exit); });
    b.world.run_until(at_s(65));
    CHECK(b.draining() == (critical ? 1 : 0));
    CHECK(b.world.pods().size() == (critical ? 4 : 5));
  }
}

TEST_CASE("tasks of a daemon service that never start are tried less and less often, until a new revision comes") {
  Bench b;
  for (HostProfile& host : b.world.host_profiles) host.failed_pull_ends_pod = true;
  b.world.edit_workload(b.agent).fails = {FailureKind::pull, percent(100), {}};
  b.nodes_at(10, 1);
  b.script->at(at_s(1001), [agent = b.agent](World& w) {
    PodTemplate mended(w.workload(agent));
    mended.fails = {};
    w.deploy(agent, std::move(mended));
  });
  b.world.run_until(at_s(1000));
  // 1, 2, 4, ... 256 s after each failure, the last at about 520 s and the next after 512 s more; without the throttle
  // one every few seconds.
  CHECK(b.world.pods().size() >= 8);
  CHECK(b.world.pods().size() <= 11);
  const std::size_t before = b.world.pods().size();
  b.world.run_until(at_s(1100));
  CHECK(b.world.pods().size() == before + 1);
  CHECK(b.running(2) == 1);
}

TEST_CASE("a managed daemon's revision whose tasks fail is rolled back by its circuit breaker") {
  for (const bool critical : {true, false}) {
    CAPTURE(critical);
    ManagedBench b({.drain = percent(25), .bake = {}, .critical = critical}, false);
    b.script->at(at_s(99), [agent = b.agent](World& w) {
      PodTemplate broken(w.workload(agent));
      broken.fails = {FailureKind::exit, percent(100), seconds(5)};
      w.deploy(agent, std::move(broken));
    });
    b.world.run_until(at_s(3000));
    CHECK(count_facts(b.world, Fact::rollout_failed) == 1);
    CHECK(b.world.workload(b.agent).revision == 1);
    CHECK(b.world.workload(b.agent).rollout == Rollout::none);
    std::int64_t failures = 0;
    for (const Pod& p : b.world.pods()) failures += p.revision == 2 && p.end_reason == Reason::container_exit ? 1 : 0;
    CHECK(failures >= 3);  // half of the four active instances, three at least
    for (const PodId pod : b.world.workload(b.agent).pods) CHECK(b.world.pod(pod).revision == 1);
    CHECK(b.draining() == 0);
  }
}

TEST_CASE("a DAEMON service's deployment fails and rolls back as its deploymentCircuitBreaker says") {
  struct Row {
    bool enable, rollback;
  };
  for (const Row row : {Row{true, true}, Row{true, false}, Row{false, false}}) {
    CAPTURE(row.enable);
    CAPTURE(row.rollback);
    Bench b;
    DaemonDeploymentGuard guard;
    guard.breaker.enable = row.enable;
    guard.breaker.rollback = row.rollback;
    b.world.find_component<DaemonScheduler>()->guard_deployments(b.agent, guard);
    b.nodes_at(10, 4);
    b.script->at(at_s(100), [agent = b.agent](World& w) {
      PodTemplate broken(w.workload(agent));
      broken.fails = {FailureKind::exit, percent(100), {}};  // before its checks pass
      w.deploy(agent, std::move(broken));
    });
    b.world.run_until(at_s(1000));
    CHECK(count_facts(b.world, Fact::rollout_failed) == (row.enable ? 1 : 0));
    CHECK(b.world.workload(b.agent).revision == (row.rollback ? 1 : 2));
    CHECK(b.running(1) == (row.rollback ? 4 : 0));
    const std::size_t tasks = b.world.pods().size();
    b.world.run_until(at_s(1500));
    CHECK((b.world.pods().size() == tasks) == row.enable);  // else tried again for ever
  }
}

TEST_CASE("an alarm that goes off during a deployment of a managed daemon brings the old revision back") {
  for (const bool before : {false, true}) {
    CAPTURE(before);
    ManagedBench b({.drain = percent(25), .bake = {}, .critical = true, .alarms = {"errors"}});
    aws::CloudWatchParameters parameters;
    parameters.publication_delay = seconds(10);
    auto cloudwatch = std::make_unique<aws::CloudWatch>(parameters);
    aws::CloudWatch* cw = cloudwatch.get();
    aws::MetricSource source;
    source.name = aws::MetricName::pushed;
    source.label = "errors";
    const aws::MetricId metric = cw->metric(source);
    aws::AlarmDefinition definition;
    definition.threshold = 10;
    definition.treat_missing = aws::MissingData::not_breaching;
    cw->add_alarm("errors", metric, definition, aws::Statistic::average);
    b.world.attach(std::move(cloudwatch));
    // In ALARM some minutes after the deployment began at 100 s, or before it did: then nothing is watched.
    for (std::int64_t s = before ? 1 : 190; s < (before ? 600 : 300); s += 60)
      b.script->at(at_s(s), [cw, metric](World&) { cw->put(metric, 50); });
    b.world.run_until(at_s(3000));
    CHECK(count_facts(b.world, Fact::rollout_failed) == (before ? 0 : 1));
    for (const FactRecord& f : b.world.log) {
      if (f.fact == Fact::rollout_failed) CHECK(f.reason == Reason::alarm);
    }
    CHECK(b.world.workload(b.agent).revision == (before ? 2 : 1));
    for (const PodId pod : b.world.workload(b.agent).pods) CHECK(b.world.pod(pod).revision == (before ? 2 : 1));
    CHECK(b.world.workload(b.agent).rollout == Rollout::none);
  }
}

TEST_CASE("a daemon waits where a task holds its host port, and is never started on one that the agent keeps") {
  Bench b;
  const WorkloadId web = add_workload(b.world, "web", 100, 64);
  auto& daemons = *b.world.find_component<DaemonScheduler>();
  const std::vector<PortKey> port{port_key(9100, PortProtocol::tcp)};
  daemons.hold_ports(b.agent, port);
  daemons.hold_ports(web, port);
  b.script->at(at_s(5), [web](World& w) {
    // Both instances are there; a task of web has the port of the first before the daemon is looked at.
    ready_node(w, 1000, 4096, 0);
    ready_node(w, 1000, 4096, 1);
    w.bind_pod(w.create_pod(web), NodeId{0});
  });
  b.script->at(at_s(100), [](World& w) { w.pod_ended(PodId{0}, Reason::completed); });
  b.world.run_until(at_s(50));
  CHECK(b.world.workload(b.agent).pods.size() == 1);
  b.world.run_until(at_s(200));
  CHECK(b.world.workload(b.agent).pods.size() == 2);  // the port is free again

  Bench reserved;
  reserved.world.find_component<DaemonScheduler>()->hold_ports(reserved.agent, {port_key(22, PortProtocol::tcp)});
  reserved.nodes_at(5, 2);
  reserved.world.run_until(at_s(100));
  CHECK(reserved.world.workload(reserved.agent).pods.empty());
}

}  // namespace
}  // namespace plimsoll::ecs
