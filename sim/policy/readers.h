#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/document/fields.h"
#include "sim/document/node.h"
#include "sim/policy/interfaces.h"
#include "sim/policy/job_spec.h"
#include "sim/policy/workload_spec.h"

namespace plimsoll {

/// A kind of load: a trace file, a constant, a day's curve. Named by its key in the scenario's `load` block.
class ArrivalType {
 public:
  virtual ~ArrivalType() = default;
  /// "trace", "constant", "diurnal", "flashCrowd", "steps".
  virtual std::string_view key() const = 0;
  /// Reads the value under `key` of the load block. The result covers [0, span) of simulated time, warm-up included:
  /// for a trace, simulated zero is `start` minus the warm-up. `scale` multiplies every rate.
  /// Null after an error, which has been reported.
  struct Window {
    Duration start{};  ///< place in the trace where the counted window begins
    Duration warmup{};
    Duration span{};  ///< counted window
    double scale = 1;
  };
  virtual std::shared_ptr<const ArrivalProcess> parse(document::Fields& load, const Window& window) const = 0;
};

enum class Side : std::uint8_t { ecs, kubernetes };

/// One container as its real file has it.
struct ContainerFacts {
  std::string name, image;
  std::optional<Cpu> cpu_request, cpu_limit;
  std::optional<Bytes> memory_request, memory_limit;
  std::vector<ProbeFacts> probes;
  bool init = false;  ///< runs before the others
};

/// What a real file says of one workload, in neutral words.
struct ManifestFacts {
  Side side = Side::kubernetes;
  std::string kind;            ///< "Deployment", "service", "task definition", "HorizontalPodAutoscaler", ...
  std::string name;            ///< of the workload it is about (an HPA: of its target)
  std::string namespace_name;  ///< Kubernetes: of the object; empty where there is none
  std::string definition;      ///< of an ECS service: the family of the task definition that it runs
  std::string file;
  std::optional<PodSize> size;  ///< of one pod: sums over containers, or the task's own
  std::vector<ContainerFacts> containers;
  std::optional<std::int64_t> replicas;
  std::optional<std::int64_t> scale_minimum, scale_maximum;
  std::optional<Ppm> scale_cpu, scale_memory;
  std::optional<document::Node> scaling;    ///< the document itself, when it says how replicas are scaled
  std::optional<document::Node> admission;  ///< the document itself, when it bounds what a namespace may hold
  std::optional<Duration> grace;            ///< healthCheckGracePeriodSeconds
  std::optional<Duration> stop_grace;       ///< terminationGracePeriodSeconds, stopTimeout
  bool behind_balancer = false;
  bool service_connect = false;
  bool spread_zones = false;
  std::optional<KubernetesRollout> kubernetes_rollout;
  std::optional<EcsRollout> ecs_rollout;
  std::optional<Duration> pre_stop;      ///< sleep of a preStop hook
  std::optional<Ppm> max_unavailable;    ///< from a PDB or 100 % - minimumHealthyPercent
  std::string launch_type;               ///< "FARGATE", "EC2" or empty
  std::string scheduling_strategy;       ///< of an ECS service: "REPLICA" or "DAEMON"
  std::shared_ptr<const VendorPod> pod;  ///< of a workload: what only its vendor's models read
  std::optional<JobSpec> job;            ///< of work that runs to completion: its parallelism, schedule and the like
};

/// Reads one document of a real file: told by apiVersion and kind, or by the keys of the ECS API.
class ManifestReader {
 public:
  virtual ~ManifestReader() = default;
  virtual Side side() const = 0;
  virtual bool accepts(const document::Node& document) const = 0;
  /// Appends what the document says (a List: several). Faults go to the reader's diagnostics.
  virtual void read(const document::Node& document, const document::Reader& reader,
                    std::vector<ManifestFacts>& out) const = 0;
  /// The same for all documents of a set of files that this reader accepts, where one may refer to another.
  virtual void read_all(const std::vector<document::Node>& documents, const document::Reader& reader,
                        std::vector<ManifestFacts>& out) const {
    for (const document::Node& document : documents) read(document, reader, out);
  }
};

/// Files of another tool that stand for documents of either side: Docker Compose.
class ManifestTranslator {
 public:
  virtual ~ManifestTranslator() = default;
  virtual bool accepts(const document::Node& document) const = 0;
  /// The documents of the side that the file amounts to, with marks in the file. What the tool itself would refuse is
  /// reported to `diagnostics`, and nothing is returned; each thing that the side has no word for is one sentence in
  /// `lossy`.
  virtual std::vector<document::Node> translate(const document::Node& document, Side side,
                                                document::Diagnostics& diagnostics,
                                                std::vector<std::string>& lossy) const = 0;
};

}  // namespace plimsoll
