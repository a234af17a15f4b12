#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/kubernetes/controllers/client_rate.h"
#include "models/kubernetes/controllers/replica_set_controller.h"
#include "models/kubernetes/version.h"
#include "models/kubernetes/workloads/job.h"
#include "models/kubernetes/workloads/pod_failure_policy.h"
#include "sim/cluster/world.h"

namespace plimsoll::kubernetes {

/// The Jobs that one template makes: one for a Job, many for a CronJob.
struct JobTemplate {
  JobSpec spec;
  std::vector<PodFailureRule> failure_rules;
  bool restart_on_failure = false;  ///< restartPolicy OnFailure
};

/// Jobs: pods are created in slow-start batches (1, 2, 4, ...) under the client's rate limit, at most 500 a sync, until
/// as many run as `parallelism` and the missing completions ask for; the next ones wait out a back-off after failures;
/// a Job is complete, or fails by backoffLimit, activeDeadlineSeconds or a rule of its podFailurePolicy, and then its
/// pods are deleted. Pods taken away from outside (evicted, preempted, gone with their node) are replaced as soon as
/// they terminate, and count as failures since 1.26 unless a rule ignores DisruptionTarget; 1.20 forgets them. A pod
/// whose instance ended under it is missed only when the pod garbage collector has deleted it (ReplicaSetParameters).
/// Records Fact::job_started, job_completed and job_failed with the number of the Job.
/// SOURCE: kubernetes/kubernetes pkg/controller/job/job_controller.go, backoff_utils.go (1.20.2 to current; since 1.26
/// the syncs that pods bring are gathered for 1 s), pkg/controller/controller_utils.go.
/// Left out: completion indexes as such (each index is tried again until it succeeds, so the counts are those of
/// NonIndexed), backoffLimitPerIndex, successPolicy, suspending a Job that runs. ttlSecondsAfterFinished removes only
/// finished objects, which hold no resources and cost nothing.
class JobController : public ComponentOf<JobController>, public ControlPlaneProcess {
 public:
  explicit JobController(ReplicaSetParameters parameters)
      : parameters_(parameters), rate_(parameters.qps, parameters.burst) {}

  void manage(WorkloadId workload, const JobTemplate& jobs);
  /// Who is asked before pods are created: an Admission. A refused creation ends the sync with its batch; it is tried
  /// again after the back-off of the API calls (1 s to 60 s; 1.20: 10 s to 6 min).
  void admit_through(HandlerId admission) { admission_ = admission; }
  /// The ApiServer that its calls wait for.
  void call_through(HandlerId api_server) { api_server_ = api_server; }
  /// One Job begins at this instant of the simulation.
  void start_at(WorkloadId workload, Time at) { planned_.push_back({workload, at}); }

  /// Creates a Job now; answers its number.
  std::uint32_t create(World& world, WorkloadId workload);
  /// Deletes a Job that runs, with its pods.
  void remove(World& world, WorkloadId workload, std::uint32_t number, plimsoll::Reason reason);
  /// Numbers of the Jobs that have not finished, in the order of creation.
  std::vector<std::uint32_t> active(WorkloadId workload) const;

  void replace(World& world, const ControlPlaneRelease& release) override;
  void set_rates(const ClientRates& rates) override {
    rate_ = ClientRate(rates.controllers_qps, rates.controllers_burst);
  }

  bool watches() const override { return true; }
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  enum : std::uint64_t { kSync, kCreate, kBatch, kMissed, kBegin };
  enum class End : std::uint8_t { none, complete, failed };
  struct Job {
    Time started{};
    std::vector<PodId> pods;  ///< that it waits for, in creation order
    std::int64_t succeeded = 0, failed = 0, counted_failures = 0;
    std::int64_t failures_in_row = 0;  ///< since the last success
    Time last_failure{};
    std::int64_t creating = 0, left = 0, batch = 1;
    std::int64_t unmissed = 0;
    std::int64_t refusals = 0;  ///< syncs in a row whose creations were refused
    bool refused = false;       ///< in the sync that creates now
    bool sync_pending = false, fail_now = false, finished = false;
    Time look_at = kTimeNever;  ///< pending look at a deadline or back-off
  };
  struct Managed {
    bool managed = false;
    JobTemplate jobs;
    std::vector<Job> all;
    std::vector<std::uint32_t> job_of_pod;  ///< by the pod's ordinal
  };
  struct Planned {
    WorkloadId workload;
    Time at;
  };
  void sync_in(World& world, WorkloadId id, std::uint32_t number, Duration delay);
  void look_at(World& world, WorkloadId id, std::uint32_t number, Time at);
  void sync(World& world, WorkloadId id, std::uint32_t number);
  void finish_job(World& world, WorkloadId id, std::uint32_t number, End end, plimsoll::Reason reason);
  void begin_batch(World& world, WorkloadId id, std::uint32_t number);
  void create_one(World& world, WorkloadId id, std::uint32_t number);
  void count_failure(World& world, Job& job, const Managed& m, std::optional<std::int64_t> exit_code);
  Duration batch_period() const;

  ReplicaSetParameters parameters_;
  HandlerId admission_, api_server_;
  ClientRate rate_;
  std::vector<Managed> workloads_;
  std::vector<Planned> planned_;
};

}  // namespace plimsoll::kubernetes
