#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/cluster/constraints.h"
#include "sim/cluster/resources.h"
#include "sim/cluster/snapshot.h"
#include "sim/core/distributions.h"
#include "sim/core/id.h"
#include "sim/core/time.h"
#include "sim/core/units.h"

namespace plimsoll {

/// What carries a pod. A Fargate microVM is a host that serves one pod; it is never counted as a node.
enum class HostKind : std::uint8_t { ec2, fargate };
enum class PurchaseOption : std::uint8_t { on_demand, spot };

enum class NodeState : std::uint8_t {
  requested,    ///< asked of the cloud, not yet running; free
  running,      ///< instance state running (paid from here), not yet joined the cluster
  ready,        ///< joined; pods may be placed
  draining,     ///< takes no new pods; those on it are leaving
  terminating,  ///< shutting down (no longer paid)
  terminated,
};

enum class PodState : std::uint8_t {
  pending,    ///< created, not placed
  preparing,  ///< placed: network interface, sandbox, image pull
  starting,   ///< containers run, the application initialises, or its readiness check fails
  backoff,    ///< a container exited and is started again after a delay
  ready,      ///< passes its readiness check, not yet a target of traffic
  serving,    ///< receives traffic (for pods that serve none: same as ready)
  stopping,   ///< deletion asked for: leaves the balancers, finishes, is stopped
  ended,
};

/// Why something ended or was taken away. Text is made in the report.
enum class Reason : std::uint8_t {
  none,
  scale_in,       ///< the workload wants fewer replicas
  rollout,        ///< replaced by a newer revision
  node_drain,     ///< evicted: its node is being emptied
  consolidation,  ///< the node is empty or cheaper replaced
  scale_down,     ///< the node was unneeded
  expired,        ///< node lifetime over
  spot_interruption,
  node_lost,
  launch_failed,
  unschedulable,  ///< given up
  completed,
  host_ended,          ///< the microVM goes with its pod
  container_exit,      ///< a container that should run exited
  out_of_memory,       ///< it used more memory than its limit
  unhealthy,           ///< its health check failed
  image_pull,          ///< its image cannot be had
  zone_lost,           ///< its availability zone failed
  rollback,            ///< replaced by an older revision
  zone_rebalance,      ///< moved to an emptier zone
  start_timeout,       ///< waited too long for a place or for another container
  preempted,           ///< made room for a pod of higher priority
  rebalance,           ///< moved away from capacity at risk, or by AZRebalance
  resized,             ///< evicted to come back with other requests
  drifted,             ///< the node is no longer what its pool asks for
  node_repair,         ///< the node stayed unhealthy for longer than is tolerated
  warm_pool,           ///< the instance waits, prepared, beside its group
  user_initiated,      ///< stopped on somebody's wish: a StopTask call
  deadline,            ///< its job ran for longer than it may
  job_failed,          ///< too many runs of its job have failed
  replaced,            ///< the next run of its schedule takes its place
  quota,               ///< refused: beyond the quota of its namespace
  evicted,             ///< its node ran short of memory or disk
  alarm,               ///< an alarm that watches the deployment went off
  lifecycle_hook,      ///< a hook of the deployment answered FAILED, or ran out of time
  pod_failure_policy,  ///< a rule of its job's podFailurePolicy: FailJob
  max_failed_indexes,  ///< more indexes of its job failed than may
  failed_indexes,      ///< its job ran all of its indexes, and some of them failed
  success_policy,      ///< its job has succeeded by its successPolicy without it
  retired,             ///< the release of the Fargate platform beneath it is retired
  version_skew,        ///< nodes run a kubelet too old, or too new, for the release asked for
  in_progress,         ///< another update of the same thing runs
  vcpu_limit,          ///< refused: beyond the vCPUs that the account may run
  image_never_pull,    ///< its image is not on the host, and is never to be pulled
};

/// How the containers of a revision fail.
enum class FailureKind : std::uint8_t {
  none,
  exit,    ///< exits with an error
  memory,  ///< grows beyond its memory limit and is killed (exit code 137)
  health,  ///< runs on, but fails its health checks
  pull,    ///< never starts: the image cannot be pulled
};

/// A fault that a revision brings along. Each start of the pod's containers draws anew.
struct Failure {
  FailureKind kind = FailureKind::none;
  Ppm share{};       ///< of starts that fail so
  Duration after{};  ///< from the start of the containers to the failure
};

/// A check of a container at a fixed period. Checks before `initial_delay` do not count.
struct ContainerProbe {
  Duration initial_delay{}, period = seconds(10);
  std::int64_t failures = 3;   ///< in a row until it counts as failed
  std::int64_t successes = 1;  ///< in a row until it counts as passed
  /// Of a container that it gives up: from SIGTERM to the kill; none: the pod's own.
  std::optional<Duration> stop_grace{};
};

/// What a host's agent does when a container that should run has exited.
struct RestartRule {
  enum class Kind : std::uint8_t {
    never,         ///< the pod ends
    backoff,       ///< again at once, then after delays that double
    once_a_period  ///< again at once, but only after it has run for `period`; else the pod ends
  };
  Kind kind = Kind::never;
  Duration first = seconds(10), longest = seconds(300);  ///< backoff
  Duration reset_after = minutes(10);                    ///< a run so long is forgiven
  Duration sync{};                                       ///< the agent looks again at most so much later; drawn
  Duration period = seconds(300);
  std::vector<std::int64_t> final_exit_codes;  ///< after an exit with one of them the pod ends (once_a_period)
};

/// Where the replacement of a workload's pods by those of another revision stands.
enum class Rollout : std::uint8_t {
  none,         ///< all pods are of the wanted revision
  progressing,  ///< pods are being replaced
  stalled,      ///< no progress within the deadline; it may still go on
  failed,       ///< given up
};

/// Whether a pod that ended without being asked to went with its host: nobody told its callers.
constexpr bool is_host_loss(Reason r) {
  return r == Reason::spot_interruption || r == Reason::node_lost || r == Reason::zone_lost ||
         r == Reason::scale_down || r == Reason::consolidation || r == Reason::expired || r == Reason::rebalance ||
         r == Reason::drifted || r == Reason::node_repair;
}

enum class EntityKind : std::uint8_t { node, pod };

/// Time stamps are kTimeNever until the thing happened.
struct Node {
  NodeId id;
  NameId name;
  HostKind host = HostKind::ec2;
  PurchaseOption purchase = PurchaseOption::on_demand;
  NodeState state = NodeState::requested;
  Reason end_reason = Reason::none;
  NameId instance_type;  ///< Fargate: none
  ZoneId zone;
  NodeGroupId group;  ///< Auto Scaling group or node pool it belongs to; none for a microVM
  PoolId pool;        ///< capacity pool the launch came from
  ResourceVector capacity, allocatable;
  Labels labels;
  std::vector<Taint> taints;
  Row row = kNoRow;  ///< in the placement snapshot while ready or draining
  Time requested = kTimeNever, running = kTimeNever, ready = kTimeNever, draining = kTimeNever,
       terminating = kTimeNever, terminated = kTimeNever;
  Time lost = kTimeNever;             ///< nothing on it runs any more; the control plane may not know yet
  Time notice_deadline = kTimeNever;  ///< spot: when the instance is taken
  std::vector<std::pair<NameId, Time>> image_cache;  ///< images on disk, and since when
  Time pull_free = kTimeZero;                        ///< when the serial puller is next free
  std::uint32_t pod_count = 0;                       ///< pods placed here and not ended
  std::uint32_t app_pod_count = 0;                   ///< of these, not daemons
  PodId sole_pod;                                    ///< microVM: its pod
  std::uint64_t tag = 0;                             ///< for the owner's use (index into its own table)
  std::uint32_t image = 1;                           ///< release of the machine image that it was launched with
  ExtendedResources extended;                        ///< allocatable: devices, and how many volumes may be attached
  bool is_lost() const { return lost != kTimeNever; }
};

struct Pod {
  PodId id;
  WorkloadId workload;
  std::uint32_t ordinal = 0;  ///< n-th pod ever created by its workload: names the pod's random streams
  std::uint32_t revision = 0;
  std::int32_t index = -1;  ///< completion index of an Indexed Job; -1: none
  ShapeId shape;
  PodState state = PodState::pending;
  Reason end_reason = Reason::none;
  NodeId node;
  bool daemon = false;
  bool in_snapshot = false;
  bool healthy_once = false;
  std::uint32_t restarts = 0;  ///< of its containers
  Time running = kTimeNever;   ///< the present run of its containers began
  Time failed = kTimeNever;    ///< its containers last failed
  std::uint32_t crashes = 0;   ///< failures in a row, for the back-off
  bool unhealthy = false;      ///< its health check failed for good; whoever owns it replaces it
  bool registered = false;     ///< endpoints and balancers know it: it serves when its revision may
  std::uint8_t lane = 0;       ///< ECS: the capacity provider, an index into its cluster's strategy
  Duration stop_after{};       ///< how long it goes on after `stopping` began
  Time created = kTimeNever, bound = kTimeNever, pulling = kTimeNever, started = kTimeNever, ready = kTimeNever,
       serving = kTimeNever, stopping = kTimeNever, ended = kTimeNever;
  std::uint32_t epoch = 0;  ///< grows when pending events of the pod become void
};

/// Where the parameters of one host's path come from: every delay between placement and traffic.
/// Each platform fills one a host kind, with its own sources.
struct HostProfile {
  Delay prepare = Delay::constant(seconds(2));  ///< network interface and sandbox
  Delay container_start = Delay::constant(milliseconds(500));
  Duration pull_overhead = milliseconds(500);   ///< per image: manifest, unpack start
  std::int64_t pull_bytes_per_s = 100'000'000;  ///< download and unpack together
  bool serial_pulls = true;                     ///< one image at a time on a host
  bool image_cache = true;
  Duration probe_period = seconds(10);  ///< readiness is seen at the next probe
  bool probe_phase_random = true;
  Delay endpoint_propagation = Delay::constant(seconds(1));    ///< ready to traffic inside the cluster
  Delay balancer_registration = Delay::constant(seconds(10));  ///< ready to healthy target, workloads behind a balancer
  /// A new target's share of the requests rises linearly over it; the pod counts as in traffic from its middle on,
  /// which leaves out as much of its capacity.
  Duration slow_start{};
  Duration stop_plain = seconds(2);              ///< from stopping to ended, no balancer
  Duration stop_balanced = seconds(2);           ///< the same for workloads behind a balancer
  Duration stop_leaves_after = milliseconds(0);  ///< from stopping until no new request arrives
  RestartRule restart;
  Duration pull_retry_first = seconds(10), pull_retry_longest = seconds(300);  ///< when pods wait for their image
  bool failed_pull_ends_pod = false;        ///< an image that cannot be pulled ends the pod
  bool liveness_restarts = true;            ///< a failed liveness probe restarts; false: the pod is reported unhealthy
  bool images_side_by_side = false;         ///< the images of one pod are pulled side by side, its layers one by one
  bool cached_image_asks_registry = false;  ///< a cached image still costs `pull_overhead`
  /// From the silent death of the host until its pods get no more requests: health checks of the balancer, and what
  /// callers inside the cluster go by.
  Delay lost_target_balanced = Delay::uniform(seconds(35), seconds(65));
  Delay lost_target_plain = Delay::uniform(seconds(40), seconds(57));
};

/// What the pods of one revision are made of, as far as revisions differ.
struct PodTemplate {
  std::vector<std::pair<NameId, Bytes>> images;
  double start_cpu_seconds = 0;  ///< core-seconds of work before the application can be ready
  Duration start_wait{};         ///< waiting that no CPU shortens
  double start_cores = 1;        ///< parallelism of the start-up work
  std::optional<ContainerProbe> startup, readiness, liveness;  ///< none: the host's own period, nothing gives up
  std::optional<RestartRule> restart;                          ///< none: the host's
  Duration pre_stop{};                                         ///< before the application is told to end
  std::optional<Duration> stop_grace;                          ///< from the wish to the kill; none: it ends in time
  Failure fails;
  Ppm work_scale = percent(100);  ///< CPU time of a request in parts of what the application says
  Ppm errors{};                   ///< of the requests that it serves: answered with an error
  std::uint32_t replaces = 0;     ///< the revision that was wanted when this one came; 0: none
};

/// A controller's set of equal pods: an ECS service, a Deployment, a DaemonSet. Its own template is revision 1.
struct Workload : PodTemplate {
  WorkloadId id;
  NameId name;
  bool system = false;  ///< part of the platform, not of the application
  bool daemon = false;
  bool behind_balancer = false;
  /// Its callers are sent to every pod that has an address, ready or not (publishNotReadyAddresses).
  bool publish_not_ready = false;
  ShapeId shape;
  ResourceVector requests;
  Cpu cpu_limit{};  ///< hard cap of one pod; 0 = none
  std::int64_t desired = 0, minimum = 0, maximum = 0;
  std::uint32_t created = 0;       ///< pods ever created
  std::uint32_t revision = 1;      ///< wanted
  std::vector<PodTemplate> later;  ///< revisions 2, 3, ...
  Rollout rollout = Rollout::none;
  std::uint32_t traffic_revision = 0;  ///< only pods of this revision take traffic; 0: all
  /// Traffic weights of two target groups: pods of this revision together get `weight` of the requests, all others the
  /// rest. 0: every pod gets the same.
  std::uint32_t weighted_revision = 0;
  Ppm weight{};
  Bytes memory_limit{};  ///< of one pod; 0 = none
  // One application:
  Duration extra_work{};       ///< CPU time the platform adds to a request (sidecar proxies)
  double idle_cores = 0;       ///< use of a running pod without traffic
  Bytes memory_used{};         ///< resident set of a running pod
  Bytes memory_per_request{};  ///< on top of it, for each request that the pod works on
  std::vector<PodId> pods;     ///< not ended, in creation order
  std::uint32_t bound = 0, started = 0, serving = 0, stopping = 0;  ///< stopping are not in the other counts
  std::uint32_t ready = 0;                                          ///< ready or serving

  std::uint32_t newest_revision() const { return static_cast<std::uint32_t>(later.size()) + 1; }
  const PodTemplate& template_of(std::uint32_t number) const { return number <= 1 ? *this : later[number - 2]; }
  /// Whether pods are being replaced: ECS suspends scale-in by Application Auto Scaling meanwhile.
  bool rolling_out() const { return rollout == Rollout::progressing || rollout == Rollout::stalled; }
};

}  // namespace plimsoll
