#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cluster/entities.h"
#include "sim/cluster/names.h"
#include "sim/cluster/pod_shape.h"
#include "sim/cluster/snapshot.h"
#include "sim/core/event_queue.h"
#include "sim/core/hash.h"
#include "sim/core/random.h"
#include "sim/core/sliding_vector.h"
#include "sim/core/statistics.h"

namespace plimsoll {

class ServiceModel;
class World;

/// One fact of a run. Facts are what the trace hash, the event log and the recount are made of.
enum class Fact : std::uint8_t {
  node_requested,
  node_running,
  node_ready,
  node_draining,
  node_terminating,
  node_terminated,
  pod_created,
  pod_bound,
  pod_pulling,
  pod_started,
  pod_ready,
  pod_serving,
  pod_stopping,
  pod_ended,
  desired_changed,    ///< value = new desired count
  launch_refused,     ///< capacity error; value = how many
  group_resized,      ///< value = new desired capacity of the node group
  decision,           ///< a policy's decision; value = its code
  node_lost,          ///< nothing on it runs any more; it is billed until its instance is terminated
  zone_lost,          ///< value = index of the zone
  zone_restored,      ///< launches work again in it; value = index of the zone
  revision_changed,   ///< value = the revision wanted now
  pod_unready,        ///< fails its readiness check, or its host does not answer; value = 1: it took traffic until now
  pod_failed,         ///< its containers ended; reason says how, value = exit code
  pod_restarted,      ///< its containers run again; value = how often by now
  rollout_started,    ///< value = the revision
  rollout_completed,  ///< likewise
  rollout_stalled,    ///< no progress within the deadline
  rollout_failed,     ///< given up
  pod_unhealthy,      ///< its health check failed for good
  traffic_shifted,    ///< value = the revision that alone takes traffic from now on; 0: all
  node_unreachable,   ///< its cluster has lost it: takes no new pods
  spot_notice,        ///< two-minute notice; value = the instant of the end, us
  rebalance_recommended,  ///< elevated risk of interruption
  target_removed,         ///< callers of a pod that ended with its host have noticed
  image_changed,          ///< a new machine image for nodes is out; value = its number
  node_stopped,           ///< its instance is stopped: not paid, but its disks are; it may run again
  rule_triggered,         ///< an event rule or a schedule acts; value = its number in the column's list
  tasks_refused,          ///< RunTask answered with failures; value = how many tasks were not started
  job_started,            ///< work that runs to completion was begun; value = its number among those of its workload
  job_completed,          ///< value = its number
  job_failed,             ///< given up; value = its number
  starts_missed,          ///< starts of a schedule that will not be made up for; value = how many
  creation_refused,       ///< the API refused to create pods (quota, limits); value = how many
  traffic_weighted,       ///< value = ppm of the requests that the weighted revision gets; none weighted: 0
  hook_called,            ///< a deployment calls its lifecycle hooks; value = the DeploymentStage
  volume_in_use,          ///< a volume of the pod is attached to another node: its containers are not started yet
  index_failed,           ///< an index of an Indexed Job is given up; value = the index
  images_removed,         ///< its agent has cleaned up the disk of a node; value = how many images
  retirement_notice,      ///< a release of the Fargate platform is retired; value = when its tasks are stopped, us
  control_plane_update,   ///< an update of the control plane to another release begins; value = its minor version
  control_plane_updated,  ///< the control plane runs it from now on; value = its minor version
  control_plane_refused,  ///< an update was refused, reason says why; value = the minor version asked for
  control_plane_resized,  ///< value = API requests that it serves at once from now on (seats)
  refresh_failed,         ///< an instance refresh of the group was given up; value = 1: it is rolled back
};

struct FactRecord {
  Time at{};
  Fact fact{};
  Reason reason = Reason::none;
  NodeId node{};
  PodId pod{};
  WorkloadId workload{};
  NodeGroupId group{};
  std::int64_t value = 0;
};

/// What a policy looked at when it decided: counts, alternatives, timers. Each controller derives its own, made only
/// while somebody listens (World::is_explained) and never part of the hash. What it points to lives during the call.
struct Detail {
  virtual ~Detail() = default;
};

/// A part of a platform with timers and state: controllers, agents, the load, the meters. Owned by the world by value
/// (clone is a deep copy); it refers to entities and to other components by id only.
class Component {
 public:
  virtual ~Component() = default;
  virtual std::unique_ptr<Component> clone() const = 0;
  /// Once, at time zero, in the order of attachment.
  virtual void start(World& world) { static_cast<void>(world); }
  virtual void handle(World& world, const Event& event) = 0;
  /// Called at once for every fact when `watches()`; must not change the cluster, only note and schedule.
  virtual void on_fact(World& world, const FactRecord& fact) {
    static_cast<void>(world);
    static_cast<void>(fact);
  }
  virtual bool watches() const { return false; }
  /// Of the component that details are told to; must change nothing but itself.
  virtual void on_detail(World& world, const Detail& detail) {
    static_cast<void>(world);
    static_cast<void>(detail);
  }
  /// After the last event, in the reverse order of attachment: close what is open.
  virtual void finish(World& world) { static_cast<void>(world); }
  /// Itself, where the component is a model of traffic; World::service() asks it of the one named to set_service().
  virtual ServiceModel* service_model() { return nullptr; }

  HandlerId handler;  ///< set by World::attach
};

/// CRTP help: clone by copy construction.
template <class Derived>
class ComponentOf : public Component {
 public:
  std::unique_ptr<Component> clone() const override {
    return std::make_unique<Derived>(static_cast<const Derived&>(*this));
  }
};

/// Owning pointer that copies what it owns.
class ComponentPtr {
 public:
  explicit ComponentPtr(std::unique_ptr<Component> p) : p_(std::move(p)) {}
  ComponentPtr(const ComponentPtr& o) : p_(o.p_ ? o.p_->clone() : nullptr) {}
  ComponentPtr& operator=(const ComponentPtr& o) {
    if (this != &o) p_ = o.p_ ? o.p_->clone() : nullptr;
    return *this;
  }
  ComponentPtr(ComponentPtr&&) = default;
  ComponentPtr& operator=(ComponentPtr&&) = default;
  Component* get() const { return p_.get(); }
  Component* operator->() const { return p_.get(); }

 private:
  std::unique_ptr<Component> p_;
};

/// Running totals of one workload, written by the load model and read by metric pipelines. All are cumulative since
/// time zero; a pipeline takes differences. CPU is in tick-microseconds (Cpu ticks x us).
struct Usage {
  __int128 cpu_serving = 0;                                     ///< used by serving pods
  __int128 cpu_starting = 0;                                    ///< used by application start-up
  __int128 cpu_reserved = 0;                                    ///< requests of started pods x time
  __int128 serving_time = 0;                                    ///< serving pods x us
  __int128 started_time = 0;                                    ///< started pods, not stopping, x us
  __int128 in_flight = 0;                                       ///< micro-requests served x us spent in their pod
  std::int64_t arrived = 0, served = 0, lost = 0, backlog = 0;  ///< micro-requests
  /// Of those served, micro-requests answered with an error: the revision's own, or a call that it made failed.
  std::int64_t failed = 0;
};

/// What one revision of a workload has done while its requests were told apart from those of the others. Cumulative.
struct RevisionUsage {
  WorkloadId workload;
  std::uint32_t revision = 0;
  std::int64_t arrived = 0, served = 0, lost = 0, failed = 0;  ///< micro-requests; failed of those served
  __int128 in_flight = 0;                                      ///< micro-requests served x us spent in their pod
};

/// What a model of traffic offers to the rest. Implemented by a Component (sim/load) that overrides service_model().
class ServiceModel {
 public:
  virtual ~ServiceModel() = default;
  /// Brings World::usage up to the present instant.
  virtual void settle(World& world) = 0;
  /// Cores that the start-up work of this pod is granted now.
  virtual double start_cores(World& world, PodId pod) = 0;
  /// Those revisions whose requests have been told apart, in the order of their first request.
  virtual std::span<const RevisionUsage> revisions() const { return {}; }
  /// From now on the end-to-end times of the requests from outside are kept for take_response_times().
  virtual void keep_response_times() {}
  /// Those answered since the last call, in whole steps of the load: microseconds, weights in micro-requests. There is
  /// one reader.
  virtual LogLinearHistogram take_response_times() { return {}; }
};

/// Answer of a command: the world may have moved on since the snapshot that the decision was made on.
enum class Applied : std::uint8_t { yes, stale, rejected };

/// What a new node is made of.
struct NodeSpec {
  std::string name_prefix = "i";
  HostKind host = HostKind::ec2;
  PurchaseOption purchase = PurchaseOption::on_demand;
  NameId instance_type;
  ZoneId zone;
  NodeGroupId group;
  PoolId pool;
  ResourceVector capacity, allocatable;
  Labels labels;
  std::vector<Taint> taints;
  std::uint64_t tag = 0;
  ExtendedResources extended;  ///< allocatable, sorted by name id
};

struct NodeGroup {
  NodeGroupId id;
  NameId name;
  std::int64_t minimum = 0, maximum = 0, desired = 0;
  std::uint32_t launches = 0;  ///< instances ever asked for
};

/// The whole state of one simulated platform, by value: a copy runs on to the same hash. Entities live in vectors in
/// creation order under dense ids. Commands check what they are asked for and record facts; who decides is outside.
class World {
 public:
  World(std::uint64_t seed, Time window_start, Time end);

  // --- time and events ---
  Time now() const { return queue.now(); }
  /// Runs every event up to `until` (inclusive). The first call starts the components.
  void run_until(Time until);
  /// run_until(end), then finish() of every component, the last attached first.
  void run();
  HandlerId attach(std::unique_ptr<Component> component);
  template <class T>
  T* find_component() {
    for (auto& c : components_) {
      if (auto* t = dynamic_cast<T*>(c.get())) return t;
    }
    return nullptr;
  }
  /// Calls `f` with each component that is a T, in the order of attachment.
  template <class T, class F>
  void each_component(F&& f) {
    for (auto& c : components_) {
      if (auto* t = dynamic_cast<T*>(c.get())) f(*t);
    }
  }
  Component& component(HandlerId id) { return *components_[id.index()].get(); }
  void wake(HandlerId handler, Time at, Phase phase, std::uint64_t payload = 0) {
    queue.schedule(at, phase, handler, payload);
  }

  // --- commands ---
  WorkloadId add_workload(Workload workload);
  NodeGroupId add_group(NodeGroup group);
  ZoneId add_zone(std::string_view name);
  void set_desired(WorkloadId workload, std::int64_t desired);
  /// Bounds of the replicas; desired moves into them.
  void set_bounds(WorkloadId workload, std::int64_t minimum, std::int64_t maximum);
  /// Adds a revision after the newest and makes it the wanted one. Who replaces the pods are the controllers.
  std::uint32_t deploy(WorkloadId workload, PodTemplate pods);
  /// Makes an existing revision the wanted one. @pre 1 <= revision <= newest_revision().
  void set_revision(WorkloadId workload, std::uint32_t revision, Reason reason = Reason::none);
  void set_rollout(WorkloadId workload, Rollout rollout, Reason reason = Reason::none);
  /// Only pods of this revision take traffic from now on (0: of all revisions); the agents follow.
  void direct_traffic(WorkloadId workload, std::uint32_t revision);
  /// Pods of this revision together get so much of the requests from now on; revision 0: no weights any more.
  void weight_traffic(WorkloadId workload, std::uint32_t revision, Ppm weight);
  void set_group_desired(NodeGroupId group, std::int64_t desired);
  /// Sets the given bounds of a group; a desired capacity outside them moves to the nearer bound.
  void set_group_sizes(NodeGroupId group, std::optional<std::int64_t> minimum, std::optional<std::int64_t> maximum,
                       std::optional<std::int64_t> desired);
  /// The most nodes of a group; its desired capacity stays.
  void set_group_maximum(NodeGroupId group, std::int64_t maximum) { groups_[group.index()].maximum = maximum; }
  /// A new machine image is out: nodes that are asked for from now on have it.
  void release_image();
  std::uint32_t image() const { return image_; }

  /// Of the wanted revision, or of another.
  PodId create_pod(WorkloadId workload);
  PodId create_pod(WorkloadId workload, std::uint32_t revision);
  /// With a shape of its own instead of the workload's: a pod bound to one node, or to a volume's zone.
  PodId create_pod(WorkloadId workload, std::uint32_t revision, ShapeId shape);
  /// Places a pending pod; the host's path to traffic begins. Stale when the pod is gone or the node takes no pods,
  /// rejected when it does not fit.
  Applied bind_pod(PodId pod, NodeId node);
  /// Asks a pod to stop; it gets `at_most` so long, however long its own grace is. A pending pod ends at once.
  Applied stop_pod(PodId pod, Reason reason, std::optional<Duration> at_most = {});

  NodeId request_node(const NodeSpec& spec);
  void node_running(NodeId node);
  void node_ready(NodeId node);
  /// A running instance that has not joined is stopped, or hibernated: its state is `requested` again, and
  /// node_running() may follow. @pre state running.
  void stop_node(NodeId node, Reason reason);
  /// Puts an instance that waited outside into its group. @pre it belongs to none.
  void join_group(NodeId node, NodeGroupId group);
  void drain_node(NodeId node, Reason reason);
  void undrain_node(NodeId node);
  /// Puts a taint on a node or takes it off, by its key; no fact.
  void taint_node(NodeId node, const Taint& taint);
  void untaint_node(NodeId node, NameId key);
  /// The instance begins to shut down; pods still on it end with `reason`.
  void terminate_node(NodeId node, Reason reason);
  void node_terminated(NodeId node);
  /// A running instance dies: its pods serve no more at once, and nothing on it answers. The control plane finds out
  /// by itself (node lifecycle, instance status checks); until it terminates the node, the node keeps its state and is
  /// billed, and pods on it end only by terminate_node or pod_ended. False when it does not run or is lost already.
  bool lose_node(NodeId node, Reason reason = Reason::node_lost);
  /// Every running instance and microVM of the zone is lost, and launches in it find no capacity until `restore_zone`.
  void lose_zone(ZoneId zone);
  void restore_zone(ZoneId zone);
  bool zone_available(ZoneId zone) const { return zone_lost_[zone.index()] == 0; }
  /// The cluster has lost the node: it takes no new pods. Its state is kept.
  void mark_unreachable(NodeId node);
  void give_spot_notice(NodeId node, Time deadline);
  void recommend_rebalance(NodeId node);

  /// Pod steps, called by the host's agent (sim/cluster/host_agent).
  void pod_pulling(PodId pod);
  void pod_started(PodId pod);
  void pod_ready(PodId pod);
  void pod_serving(PodId pod);
  /// Takes traffic without being ready, as its workload publishes pods that are not. @pre starting, and
  /// publish_not_ready.
  void pod_published(PodId pod);
  /// From ready or serving back to starting: it leaves the endpoints and balancers.
  void pod_unready(PodId pod, Reason reason);
  /// Its containers ended while they should run. What follows is the agent's rule: `pod_restarted` or `pod_ended`.
  void pod_failed(PodId pod, Reason reason, std::int64_t exit_code);
  void pod_restarted(PodId pod);
  /// Its health check failed for good and nobody restarts it in place: out of traffic, until its owner replaces it.
  void pod_unhealthy(PodId pod);
  /// From serving back to ready: its revision takes no traffic for the time being.
  void pod_withdrawn(PodId pod);
  /// From any state but ended; Reason::none keeps the reason of the stop. A pod whose work is done: Reason::completed.
  void pod_ended(PodId pod, Reason reason);
  /// A pod that ended under its callers gets no more requests. @pre it has ended.
  void target_removed(PodId pod);

  /// Records a fact: into the hash, to the log and to every watching component.
  void record(FactRecord fact);
  void record_decision(std::int64_t code, WorkloadId workload = {}, NodeGroupId group = {}, NodeId node = {});

  /// Names the component that hears the details of decisions; without one nobody makes them.
  void explain_to(HandlerId component) { explainer_ = component; }
  bool is_explained() const { return !explainer_.is_none(); }
  void explain(const Detail& detail) { components_[explainer_.index()]->on_detail(*this, detail); }

  // --- state, read by everybody, changed through commands only ---
  const Workload& workload(WorkloadId id) const { return workloads_[id.index()]; }
  Workload& edit_workload(WorkloadId id) { return workloads_[id.index()]; }
  const Pod& pod(PodId id) const { return pods_[id.index()]; }
  Pod& edit_pod(PodId id) { return pods_[id.index()]; }
  const Node& node(NodeId id) const { return nodes_[id.index()]; }
  Node& edit_node(NodeId id) { return nodes_[id.index()]; }
  const NodeGroup& group(NodeGroupId id) const { return groups_[id.index()]; }
  std::span<const Workload> workloads() const { return workloads_; }
  std::span<const Pod> pods() const { return pods_; }
  std::span<const Node> nodes() const { return nodes_; }
  std::span<const NodeGroup> groups() const { return groups_; }
  std::span<const NameId> zones() const { return zones_; }
  /// What the pod is made of.
  const PodTemplate& template_of(const Pod& pod) const { return workload(pod.workload).template_of(pod.revision); }
  /// Nodes that are not terminated, in creation order.
  std::span<const NodeId> live_nodes() const { return live_nodes_; }
  /// Grows with each change of the set of nodes, of a node's state, group, row or loss; not of its pods, labels, taints
  /// or images.
  std::uint64_t nodes_version() const { return nodes_version_; }
  /// Pods created and not placed, in creation order.
  std::span<const PodId> pending_pods() const { return pending_.view(); }
  /// Pods on a node and not ended.
  std::vector<PodId> pods_on(NodeId node) const;

  Stream stream(std::uint64_t entity, Purpose purpose) const { return {seed, entity, purpose}; }
  /// Entity of a pod's draws: "workload/<name>#<ordinal>".
  std::uint64_t entity(const Pod& pod) const;

  /// The model of traffic, of this very world; none: there is no traffic.
  ServiceModel* service() { return service_.is_none() ? nullptr : component(service_).service_model(); }
  /// @pre the component has been attached and has a service_model().
  void set_service(HandlerId component);

  std::uint64_t seed;
  Time window_start;  ///< before it is warm-up: neither billed nor counted
  Time end;
  EventQueue queue;
  Names names;
  ShapeTable shapes;
  Snapshot placement;                                                    ///< kept in step by the commands
  std::vector<Usage> usage;                                              ///< by workload
  std::vector<HostProfile> host_profiles = std::vector<HostProfile>(2);  ///< by HostKind
  bool keep_log = false;                                                 ///< whether facts are kept in `log`
  std::vector<FactRecord> log;
  TraceHash hash;

 private:
  std::vector<ComponentPtr> components_;
  std::vector<HandlerId> watchers_;
  std::vector<Workload> workloads_;
  std::vector<Pod> pods_;
  std::vector<Node> nodes_;
  std::vector<NodeGroup> groups_;
  std::vector<NameId> zones_;
  std::vector<std::uint8_t> zone_lost_;  ///< how many outages lie on it now
  std::vector<NodeId> live_nodes_;
  std::uint64_t nodes_version_ = 0;
  SlidingVector<PodId> pending_;                // ascending
  std::vector<std::uint64_t> workload_entity_;  ///< hash of "workload/<name>"
  HandlerId service_, explainer_;
  std::uint32_t image_ = 1;
  bool started_ = false;
};

}  // namespace plimsoll
