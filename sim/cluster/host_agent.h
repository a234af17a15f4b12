#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "sim/cluster/image_pulls.h"
#include "sim/cluster/run_to_completion.h"
#include "sim/cluster/world.h"

namespace plimsoll {

/// What stands between the images of a pod and the containers of its application, beside its PodTemplate.
struct PodPreparation {
  /// Containers that are started one after another before the others: each takes the time to start a container and then
  /// this long (an init container: until it exits; a sidecar: until it counts as started).
  std::vector<Delay> before;
  std::vector<NameId> rechecked;  ///< images that are asked for at their registry when on disk (imagePullPolicy Always)
  std::vector<NameId> never_pulled;  ///< images that have to be on the host already (imagePullPolicy Never)
  /// Behind a balancer: Ready only once its target there is healthy (a readiness gate of Kubernetes).
  bool ready_with_target = false;
  /// No Service or balancer leads to it: it gets ready, and nobody's requests.
  bool without_endpoints = false;
  /// Killed, as failed, so long after its host has taken it on (activeDeadlineSeconds of a pod).
  std::optional<Duration> active_deadline;
};

/// What a pod waits for on its host before its images are pulled: volumes that have to be attached and mounted.
class MountGate {
 public:
  virtual ~MountGate() = default;
  /// True: nothing is missing. False: HostAgent::mounted is called when that is so.
  virtual bool mounts(World& world, PodId pod) = 0;
};

/// How long a container that exited waits before it is started again, when it failed so often in a row before:
/// at once, then first, 2 first, 4 first ... up to longest. For RestartRule::Kind::backoff.
Duration restart_delay(const RestartRule& rule, std::uint32_t failures_before);

/// The path of a placed pod to traffic and back, on any host: kubelet, ECS agent and Fargate differ in the data of
/// their HostProfile and PodTemplate, not in the steps. Network interface and sandbox; image pulls (serial or side by
/// side, cached or not; one that fails is retried with back-off, or ends the pod); container start; application start
/// = CPU work on the cores it is granted, plus a wait; startup, readiness and liveness probes; endpoints and balancer;
/// containers that exit, exceed their memory or fail their checks, with what follows by the RestartRule; and on the way
/// out the drain and the stop. Probes that change nothing are no events: the instants at which they pass or give up
/// are computed.
///
/// A pod of a workload that runs to completion works instead of becoming ready, on the cores it is granted at its
/// start: it ends as completed, or fails and is started again or ends by the RestartRule. Its probes are not looked at.
///
/// On a host that has failed nothing goes on; its pods get requests until health checks or endpoints notice.
///
/// All images of a pod are pulled before its first container starts, one after another, or side by side where the
/// profile of its host says so. Pulls side by side have slots: as many as the host has cores (unpacking an image keeps
/// one busy), or the agent's own limit when that is lower; they share the host's network (ImagePulls). A pull that has
/// begun goes on when its pod goes.
///
/// Left out: restarts of one container beside others that run on, init containers that run again or fail, the removal
/// of unused images, an application that recovers from failed checks by itself.
class HostAgent : public ComponentOf<HostAgent> {
 public:
  /// Pods of this workload end by themselves.
  void run_to_completion(WorkloadId workload, const RunToCompletion& run);
  void prepare(WorkloadId workload, PodPreparation preparation);
  /// Most images that a host of this kind pulls side by side; 0: no limit beside its cores. Hosts that pull one after
  /// another (HostProfile::serial_pulls) keep to that; without a call each pull goes on as if it were alone.
  void limit_pulls(HostKind host, std::int64_t most);
  /// The networks that pulls side by side share; without a call a host's pulls share the rate of one.
  void share_network(std::shared_ptr<const NetworkRates> networks) { networks_ = std::move(networks); }
  /// This image is a layer beneath others: pulling it costs no `pull_overhead` of its own.
  void add_layer(NameId image);
  /// Who is asked for the volumes of a pod once its network is set up: a component that is a MountGate.
  void mount_through(HandlerId gate) { gate_ = gate; }
  /// The volumes of a pod that waited for them are mounted now.
  void mounted(World& world, PodId pod);
  /// A container of the pod has outgrown its memory limit: killed with exit code 137, and what follows by its
  /// RestartRule. @pre starting, ready or serving.
  void kill_for_memory(World& world, PodId pod);

  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;
  bool watches() const override { return true; }

 private:
  enum class Step : std::uint8_t {
    pull,
    start,
    init_done,
    probe,
    serve,
    end,
    fail,
    restart,
    unready,
    kill,
    shift,
    target_removed,
    exit_error,
    done,
    transfer,
    deadline
  };
  struct WaitingPod {
    PodId pod;
    std::uint32_t epoch = 0;
    Duration owed{};  ///< requests to the registry about images that are there
  };
  /// Pulls side by side on one node, and the pods that wait for their images.
  struct NodePulls {
    std::optional<ImagePulls> pulls;
    std::vector<WaitingPod> waiting;
    std::uint32_t turn = 0;  ///< a wake of another turn is void
  };
  void schedule_target_removal(World& world, const Pod& pod, Time lost);
  void schedule(World& world, const Pod& pod, Step step, Time at);
  void begin_pull(World& world, PodId pod);
  void begin_run(World& world, PodId pod);
  void begin_work(World& world, PodId pod, const RunToCompletion& run);
  void after_init(World& world, PodId pod);
  void publish(World& world, const Pod& pod, Time broken);
  void fail(World& world, PodId pod, Reason reason, std::int64_t exit_code);
  static void shift_traffic(World& world, WorkloadId workload);
  bool shares_pulls(const World& world, const Node& node) const;
  NodePulls& pulls_of(const World& world, const Node& node);
  /// Asks for the images of a pod that are not there; it starts when all of them are.
  void pull_side_by_side(World& world, PodId pod);
  void advance_pulls(World& world, NodeId node);
  Duration overhead_of(const World& world, const Pod& pod, NameId image) const;
  bool asks_registry(const World& world, const Pod& pod, NameId image) const;
  /// An image that is never pulled and not on the host: the pod is tried again. False: nothing is missing.
  bool lacks_image(World& world, PodId pod);
  /// Ends a pod that has run for longer than its activeDeadlineSeconds.
  static void exceed_deadline(World& world, PodId pod);
  /// Nobody's requests come to the pod, whatever its state.
  bool lacks_endpoints(const Pod& pod) const;
  const PodPreparation* preparation_for(const Pod& pod) const;
  bool waits_for_target(const World& world, const Pod& pod) const;
  void start_after(World& world, const Pod& pod, Time images_there);
  Duration preparation_time(const World& world, const Pod& pod) const;

  std::vector<PodPreparation> preparations_;  ///< by workload, as far as there is one
  HandlerId gate_;
  std::vector<NameId> layers_;
  std::array<std::int64_t, 2> most_pulls_{-1, -1};  ///< by HostKind; -1: never limited, 0: by cores
  std::shared_ptr<const NetworkRates> networks_;
  std::vector<NodePulls> pulls_;                      ///< by node
  std::vector<std::optional<RunToCompletion>> runs_;  ///< by workload
};

}  // namespace plimsoll
