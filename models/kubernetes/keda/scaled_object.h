#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/kubernetes/hpa/behavior.h"
#include "sim/core/time.h"
#include "sim/document/diagnostics.h"
#include "sim/document/node.h"

namespace plimsoll::kubernetes {

/// One trigger of a ScaledObject.
struct ScaledTrigger {
  enum class Type : std::uint8_t { cron, prometheus, cpu, memory, queue } type = Type::cron;
  enum class Metric : std::uint8_t { average_value, value, utilization } metric = Metric::average_value;
  double threshold = 0;             ///< prometheus, cpu and memory (percent, or cores and bytes)
  double activation_threshold = 0;  ///< prometheus and queue: active above it
  std::string query, metric_name;   ///< prometheus; of a queue metric_name is the queue or topic
  bool null_is_error = false;       ///< prometheus: ignoreNullValues false; else an empty answer is 0
  std::string container;            ///< cpu and memory: containerName; empty: the whole pod
  std::optional<Duration> range;    ///< of the query's rate: "[2m]"
  std::string start, end, zone;     ///< cron
  std::int64_t desired_replicas = 1;
  document::Mark mark;
};

/// keda.sh/v1alpha1 ScaledObject. SOURCE: KEDA documentation, "ScaledObject specification" and the pages of its
/// scalers (2.15).
/// Annotations: paused (a value that is no boolean pauses too) and paused-replicas leave it without HPA and scale loop;
/// paused-scale-in and paused-scale-out disable one side of the HPA and of the scale loop; force-activation counts as
/// an active trigger. SOURCE: kedacore/keda controllers/keda/{scaledobject_controller,hpa}.go (needsToPause,
/// newHPAForScaledObject), pkg/scaling/executor/scale_scaledobjects.go, apis/keda/v1alpha1/scaledobject_types.go.
struct ScaledObject {
  std::string name, namespace_name = "default", target_kind = "Deployment", target_name;
  bool namespace_said = false;
  Duration polling_interval = seconds(30), cooldown = seconds(300), initial_cooldown{};
  std::optional<std::int64_t> idle;
  std::int64_t minimum = 0, maximum = 100;
  std::optional<ScalingBehavior> behavior;
  std::vector<ScaledTrigger> triggers;
  struct Fallback {
    std::int64_t failure_threshold = 0, replicas = 0;
  };
  std::optional<Fallback> fallback;
  bool paused = false;  ///< autoscaling.keda.sh/paused, or paused-replicas
  std::optional<std::int64_t> paused_replicas;
  bool paused_scale_in = false, paused_scale_out = false, force_activation = false;
  document::Mark mark;
};

bool is_scaled_object(const document::Node& node);
/// Nothing when it has no target. Triggers: cron, prometheus, cpu, memory; of aws-sqs-queue and kafka what waits in the
/// queue or topic is a metric of the scenario under its name, which stands for the messages that KEDA counts (of SQS:
/// visible, in flight, delayed, as the trigger says) or for the lag of the consumer group; the column reads it as it
/// reads a Prometheus gauge, a scrape behind. A trigger of another type is a warning. Left out of kafka: that no more
/// pods are asked for than the topic has partitions (write min(..., partitions x lagThreshold) in the metric).
/// SOURCE: kedacore/keda v2.15 pkg/scalers/aws_sqs_queue_scaler.go (queueLength 5, activationQueueLength 0),
/// kafka_scaler.go (lagThreshold 10, activationLagThreshold 0); "AWS SQS Queue", "Apache Kafka" of its documentation.
std::optional<ScaledObject> read_scaled_object(const document::Node& node, document::Diagnostics& diagnostics);

}  // namespace plimsoll::kubernetes
