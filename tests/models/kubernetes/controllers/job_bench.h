#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "models/kubernetes/controllers/cron_job_controller.h"
#include "models/kubernetes/controllers/job_controller.h"
#include "sim/cluster/host_agent.h"
#include "tests/sim/cluster/small_world.h"

/// A big node, the host's agent, and whatever is created is placed at once: a pod runs 2.5 s later.
namespace plimsoll::kubernetes::testing {

using namespace plimsoll::testing;

class Binder : public ComponentOf<Binder> {
 public:
  bool watches() const override { return true; }
  void on_fact(World& world, const FactRecord& f) override {
    if (f.fact == Fact::pod_created) world.wake(handler, world.now(), Phase::facts, f.pod.value());
  }
  void handle(World& world, const Event& event) override {
    const PodId pod{static_cast<std::uint32_t>(event.payload)};
    if (world.pod(pod).state != PodState::pending) return;
    // The youngest node that takes it.
    for (std::size_t i = world.nodes().size(); i-- > 0;) {
      if (world.bind_pod(pod, world.nodes()[i].id) == Applied::yes) return;
    }
  }
};

struct JobBench {
  explicit JobBench(const RunToCompletion& run, const JobTemplate& jobs = {},
                    KubernetesVersion version = KubernetesVersion::current, Duration span = hours(2))
      : world(small_world(span)) {
    world.host_profiles.assign(2, plain_host());
    work = add_workload(world, "work", 100, 64);
    if (!jobs.restart_on_failure) {
      world.edit_workload(work).restart = RestartRule{};
    } else {
      RestartRule rule;
      rule.kind = RestartRule::Kind::backoff;
      world.edit_workload(work).restart = rule;
    }
    auto agent = std::make_unique<HostAgent>();
    agent->run_to_completion(work, run);
    world.attach(std::move(agent));
    ReplicaSetParameters parameters;
    parameters.version = version;
    auto controller = std::make_unique<JobController>(parameters);
    JobTemplate known = jobs;
    known.ends_with_pods = jobs.ends_with_pods && version == KubernetesVersion::current;
    controller->manage(work, known);
    job_controller = world.attach(std::move(controller));
    auto s = std::make_unique<Script>();
    script = s.get();
    world.attach(std::move(s));
    world.attach(std::make_unique<Binder>());
    ready_node(world, 64'000, 65'536);
  }
  JobController& controller() { return dynamic_cast<JobController&>(world.component(job_controller)); }
  Time created(std::uint32_t pod) const { return world.pod(PodId{pod}).created; }
  Time ended(std::uint32_t pod) const { return world.pod(PodId{pod}).ended; }
  /// Instants of a fact.
  std::vector<Time> times(Fact fact) const {
    std::vector<Time> out;
    for (const FactRecord& f : world.log) {
      if (f.fact == fact) out.push_back(f.at);
    }
    return out;
  }

  World world;
  HandlerId job_controller;
  Script* script = nullptr;
  WorkloadId work;
};

inline RunToCompletion run_of(Duration work, Ppm fails = {}) {
  RunToCompletion run;
  run.work = Delay::constant(work);
  run.fails = fails;
  return run;
}

inline JobTemplate job_of(std::int64_t completions, std::int64_t parallelism, std::int64_t backoff_limit = 6) {
  JobTemplate out;
  out.spec.completions = completions;
  out.spec.parallelism = parallelism;
  out.spec.backoff_limit = backoff_limit;
  return out;
}

}  // namespace plimsoll::kubernetes::testing
