#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/core/time.h"
#include "sim/core/units.h"
#include "sim/policy/rollout_spec.h"

namespace plimsoll {

/// What one pod asks for on one side of the comparison.
struct PodSize {
  Cpu cpu;  ///< request (Kubernetes), task size (ECS)
  Bytes memory;
  std::optional<Cpu> cpu_limit;  ///< none: bursts into the node's slack
  std::optional<Bytes> memory_limit;
};

/// One container of a pod: what its file asks for, and what it uses.
struct ContainerUsage {
  std::string name;
  PodSize size;                ///< its own requests and limits
  Ppm cpu{};                   ///< share of the CPU that the pod uses; those of a pod sum up to 100 %
  Bytes memory{};              ///< resident, without requests
  Bytes per_request{};         ///< on top of it, for each request that the pod works on
  std::optional<Bytes> image;  ///< compressed size of its image, where the scenario says it
};

/// A health check of ECS, or a probe of Kubernetes.
struct ProbeFacts {
  std::string kind;  ///< "health check", "startup", "readiness", "liveness"
  Duration start{};  ///< startPeriod, initialDelaySeconds
  Duration period{}, timeout{};
  std::int64_t failures = 3;             ///< retries, failureThreshold
  std::int64_t successes = 1;            ///< successThreshold
  std::optional<Duration> stop_grace{};  ///< terminationGracePeriodSeconds of the probe
};

struct CallSpec {
  std::string to;
  double per_request = 1;
};

/// A change of the bounds of a scaled application at times of the day.
struct ScheduledBounds {
  std::string at;    ///< five cron fields
  std::string zone;  ///< IANA name
  std::optional<std::int64_t> minimum, maximum;
};

/// The pod template of one vendor's file as a whole, for that vendor's models; everybody else passes it on.
struct VendorPod {
  virtual ~VendorPod() = default;
};

/// One application in neutral words: what a scenario says of it together with what its real files say. Both sides are
/// built from this.
struct WorkloadSpec {
  std::string name;
  PodSize ecs, kubernetes;                ///< equal when sizes are matched
  std::string ecs_file, kubernetes_file;  ///< where the sizes come from; empty = the scenario
  std::int64_t replicas = 1;              ///< at the start
  Duration work{};                        ///< CPU time of one core a request
  double cores_per_request = 1;           ///< parallelism inside one request
  double pod_threads = 0;                 ///< most cores one pod can use; 0 = as many as it gets
  double start_cpu_seconds = 0;
  double start_cores = 1;
  Duration start_wait{};
  Bytes image;
  std::string image_name;
  Cpu idle_cpu{};             ///< use of a pod without traffic
  Bytes resident{};           ///< resident memory of a pod; 0 = 80 % of the request
  Bytes per_request{};        ///< memory on top, for each request that a pod works on
  Ppm scale_cpu{};            ///< autoscaling target on CPU; 0 = no such target
  Ppm scale_memory{};         ///< the same on memory
  double scale_requests = 0;  ///< target of requests a second for each replica; 0 = no such target
  /// Targets for each replica on metrics of the scenario: index into Setting::metrics, target.
  std::vector<std::pair<std::size_t, double>> scale_metrics;
  std::vector<ScheduledBounds> scale_schedule;
  bool scale_said = false;   ///< the scenario itself says how it is scaled, which replaces what real files say
  bool bounds_said = false;  ///< likewise its least or most replicas
  std::int64_t minimum = 1, maximum = 1;
  std::string scaler;   ///< a user's replica scaler that takes the place of the platform's own; empty: none
  Ppm scaler_target{};  ///< scale.cpu as that scaler is told it; scale_cpu is then 0
  Duration scaler_period{};
  bool spread_zones = true;
  /// maxUnavailable of a PodDisruptionBudget of its own, where its files have none; none: no such budget.
  std::optional<Ppm> max_disruption;
  Duration grace{};  ///< load-balancer health-check grace after start
  std::vector<CallSpec> calls;
  bool entry = false;            ///< behind the load balancer
  bool service_connect = false;  ///< its ECS service has a Service Connect sidecar
  KubernetesRollout kubernetes_rollout;
  EcsRollout ecs_rollout;
  std::vector<ProbeFacts> kubernetes_probes, ecs_probes;          ///< of its main container, as its files have them
  std::optional<Duration> kubernetes_stop_grace, ecs_stop_grace;  ///< terminationGracePeriodSeconds, stopTimeout
  Duration pre_stop{};                                            ///< sleep of its preStop hook
  std::vector<std::pair<std::string, std::string>> annotations;   ///< of its Kubernetes pods
  std::string ecs_launch_type;                                    ///< as its ECS file has it: "FARGATE", "EC2" or empty
  std::shared_ptr<const VendorPod> kubernetes_pod;                ///< of its Kubernetes file; null without one
  /// The containers of its files that stay (sidecars too, init containers not), the main one first; empty without a
  /// file. `containers_said`: the scenario says what they use, so that each is held to its own limits.
  std::vector<ContainerUsage> kubernetes_containers, ecs_containers;
  bool containers_said = false;

  /// Whether any target moves its number of replicas (a schedule alone moves its bounds).
  bool scaled() const {
    return scale_cpu.raw() > 0 || scale_memory.raw() > 0 || scale_requests > 0 || !scale_metrics.empty() ||
           !scale_schedule.empty();
  }
};

/// Resident memory of one pod of this size: what the scenario says, else 80 % of the request (assumed).
inline Bytes resident_memory(const WorkloadSpec& spec, const PodSize& size) {
  return spec.resident.raw() > 0 ? spec.resident : Bytes{size.memory.raw() / 5 * 4};
}

/// What stands around the cluster on every column.
struct Surroundings {
  std::int64_t load_balancers = 1;
  std::int64_t network_load_balancers = 0;
  Duration slow_start{};  ///< of the target group; 0 or 30 to 900 s
  std::int64_t nat_gateways = 0;
  Bytes reply{};                      ///< to the client, a request of the entry workload
  Bytes call{};                       ///< one internal call, both ways
  Bytes logs{};                       ///< application log bytes a request of the entry workload
  std::string images = "ecr-public";  ///< where pulls come from: ecr-public (through NAT), ecr-endpoint (not)
  std::string metrics = "basic";
  Rate node_fee{};  ///< per EC2 node and hour: agents and licences counted by host
  Duration deregistration_delay = seconds(300);
  std::int64_t requests_per_connection = 10;
  Duration connection_lifetime = seconds(60);
  std::int64_t classic_load_balancers = 0;
  /// Whether the entry is behind a Network Load Balancer: it is unless there is an Application Load Balancer.
  bool entry_on_network() const { return load_balancers == 0 && network_load_balancers > 0; }
  /// Whether it is behind a Classic Load Balancer: only when there is no other.
  bool entry_on_classic() const {
    return load_balancers == 0 && network_load_balancers == 0 && classic_load_balancers > 0;
  }
};

}  // namespace plimsoll
