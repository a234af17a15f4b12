#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/kubernetes/controllers/client_rate.h"
#include "models/kubernetes/controllers/replica_set_controller.h"
#include "models/kubernetes/version.h"
#include "models/kubernetes/workloads/completion_indexes.h"
#include "models/kubernetes/workloads/job.h"
#include "models/kubernetes/workloads/pod_failure_policy.h"
#include "models/kubernetes/workloads/success_policy.h"
#include "sim/cluster/world.h"

namespace plimsoll::kubernetes {

/// The Jobs that one template makes: one for a Job, many for a CronJob.
struct JobTemplate {
  JobSpec spec;
  std::vector<PodFailureRule> failure_rules;
  bool restart_on_failure = false;  ///< restartPolicy OnFailure
  bool suspend = false;             ///< Jobs are created, count as active, and have no pods
  bool indexed = false;             ///< completionMode Indexed
  std::optional<std::int64_t> backoff_limit_per_index, max_failed_indexes;
  std::vector<SuccessRule> success_rules;
  bool replace_when_failed = false;  ///< only once the old pod has ended: podReplacementPolicy Failed
  bool ends_with_pods = true;        ///< it has ended when its pods have: from 1.31 on
  std::string container;             ///< the name of the container whose exit code a run has; empty: not known
};

/// The Job without what depends on fields that it does not have: indexes without completions, limits of indexes without
/// them. Fields that a release does not know are dropped before (api/feature_gates.h).
JobTemplate settled_job(JobTemplate job);

/// Jobs: pods are created in slow-start batches (1, 2, 4, ...) under the client's rate limit, at most 500 a sync, until
/// as many run as `parallelism` and the missing completions ask for; the next ones wait out a back-off after failures;
/// a Job is complete, or fails by backoffLimit, activeDeadlineSeconds, a rule of its podFailurePolicy or too many
/// failed indexes, and then its pods are deleted; it has ended when they are gone (from 1.31 on; before, at once). Pods
/// of an Indexed Job have the lowest indexes that are missing; with backoffLimitPerIndex each index has failures and a
/// back-off of its own, and one that is given up is not tried again; a rule of successPolicy ends the Job early.
///
/// Pods taken away from outside (evicted, preempted, drained, gone with their node) are failures since 1.26, unless a
/// rule ignores DisruptionTarget; 1.20 forgets them but for those that its kubelet evicted. They are replaced as soon
/// as they are asked to stop; with podReplacementPolicy Failed, which is what a Job with a podFailurePolicy has
/// from 1.28 on, only once they have ended. A pod whose instance ended under it is missed only when the pod garbage
/// collector has deleted it (ReplicaSetParameters). Records Fact::job_started, job_completed and job_failed with the
/// number of the Job, index_failed with the index. SOURCE: kubernetes/kubernetes pkg/controller/job/job_controller.go,
/// backoff_utils.go, indexed_job_utils.go, success_policy.go (1.20.2 to 1.34; since 1.26 the syncs that pods bring are
/// gathered for 1 s), pkg/controller/controller_utils.go. Left out: suspending a Job that runs. ttlSecondsAfterFinished
/// removes only finished objects, which hold no resources and cost nothing.
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
  /// What the Job remembers of one of its pods.
  struct PodRecord {
    std::uint32_t job = 0;
    std::int32_t index = -1;
    std::optional<std::int64_t> exit_code{};
    bool terminating = false;  ///< asked to stop
    bool counted = false;      ///< as a failure
  };
  /// A pod that went with its instance, until the API server forgets it.
  struct Lost {
    Time until;
    std::uint32_t ordinal = 0;
  };
  struct Job {
    Time started{};
    std::vector<PodId> pods;  ///< that have not ended, in creation order
    std::vector<Lost> lost;
    CompletionIndexes indexes;            ///< of an Indexed Job
    std::vector<std::int64_t> to_create;  ///< indexes of the creations under way
    std::size_t next_index = 0;           ///< of to_create
    std::vector<std::int64_t> given_up;   ///< indexes, since the last sync
    End end = End::none;                  ///< decided; it waits for its pods to go
    plimsoll::Reason end_reason = plimsoll::Reason::none;
    std::int64_t succeeded = 0, failed = 0, counted_failures = 0;
    std::int64_t failures_in_row = 0;  ///< since the last success
    Time last_failure{};
    std::int64_t creating = 0, left = 0, batch = 1;
    std::int64_t refusals = 0;                                      ///< syncs in a row whose creations were refused
    bool refused = false;                                           ///< in the sync that creates now
    bool sync_pending = false, fail_now = false, finished = false;  ///< fail_now: FailJob
    Time look_at = kTimeNever;                                      ///< pending look at a deadline or back-off
  };
  struct Managed {
    bool managed = false;
    JobTemplate jobs;
    std::vector<Job> all;
    std::vector<PodRecord> pods;  ///< by ordinal
  };
  struct Planned {
    WorkloadId workload;
    Time at;
  };
  void sync_in(World& world, WorkloadId id, std::uint32_t number, Duration delay);
  void look_at(World& world, WorkloadId id, std::uint32_t number, Time at);
  void sync(World& world, WorkloadId id, std::uint32_t number);
  /// The Job is over: its pods are deleted, and it has ended once they are gone.
  void end_job(World& world, WorkloadId id, std::uint32_t number, End end, plimsoll::Reason reason);
  std::pair<End, plimsoll::Reason> end_of(const JobTemplate& jobs, const Job& job, JobOutcome outcome) const;
  void finish_job(World& world, WorkloadId id, std::uint32_t number, End end, plimsoll::Reason reason);
  void begin_batch(World& world, WorkloadId id, std::uint32_t number);
  void create_one(World& world, WorkloadId id, std::uint32_t number);
  /// `deleted`: the pod's object goes with it, so that 1.20 never hears of a failure.
  void count_failure(World& world, WorkloadId id, PodRecord& pod, std::optional<std::int64_t> exit_code, bool deleted);
  void pod_is_gone(World& world, WorkloadId id, PodRecord& pod, plimsoll::Reason reason);
  Duration batch_period() const;

  ReplicaSetParameters parameters_;
  HandlerId admission_, api_server_;
  ClientRate rate_;
  std::vector<Managed> workloads_;
  std::vector<Planned> planned_;
};

}  // namespace plimsoll::kubernetes
