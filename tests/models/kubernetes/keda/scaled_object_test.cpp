#include "models/kubernetes/keda/scaled_object.h"

#include <doctest/doctest.h>

#include "sim/core/units.h"
#include "sim/document/loader.h"

namespace plimsoll::kubernetes {
namespace {

document::Node yaml(const std::string& text) {
  document::Diagnostics d;
  const auto nodes = document::load_text(text, "test.yaml", d);
  REQUIRE_MESSAGE(!nodes.empty(), d.text());
  return nodes.front();
}

const std::string kHead = "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: web}\nspec:\n";

TEST_CASE("defaults and triggers") {
  document::Diagnostics d;
  const document::Node node = yaml(kHead + R"(  scaleTargetRef: {name: web}
  advanced:
    horizontalPodAutoscalerConfig:
      behavior: {scaleDown: {stabilizationWindowSeconds: 60}}
  triggers:
  - type: prometheus
    metadata:
      serverAddress: http://prometheus:9090
      query: sum(rate(http_requests_total{app="web"}[3m]))
      threshold: '100'
      activationThreshold: '5.5'
  - type: cron
    metadata: {timezone: Europe/Berlin, start: 0 8 * * 1-5, end: 0 18 * * 1-5, desiredReplicas: "10"}
  - type: cpu
    metricType: Utilization
    metadata: {value: "60"}
  - type: memory
    metadata: {type: AverageValue, value: 300Mi}
)");
  CHECK(is_scaled_object(node));
  const auto s = read_scaled_object(node, d);
  CHECK_MESSAGE(d.empty(), d.text());
  REQUIRE(s.has_value());
  CHECK(s->target_name == "web");
  CHECK(s->polling_interval == seconds(30));
  CHECK(s->cooldown == seconds(300));
  CHECK(s->minimum == 0);
  CHECK(s->maximum == 100);
  REQUIRE(s->behavior.has_value());
  CHECK(s->behavior->down.stabilization == seconds(60));
  REQUIRE(s->triggers.size() == 4);
  CHECK(s->triggers[0].threshold == 100);
  CHECK(s->triggers[0].activation_threshold == 5.5);
  CHECK(s->triggers[0].range == minutes(3));
  CHECK(s->triggers[1].desired_replicas == 10);
  CHECK(s->triggers[1].zone == "Europe/Berlin");
  CHECK(s->triggers[2].metric == ScaledTrigger::Metric::utilization);
  CHECK(s->triggers[2].threshold == 60);
  CHECK(s->triggers[3].metric == ScaledTrigger::Metric::average_value);
  CHECK(s->triggers[3].threshold == static_cast<double>(300 * kMiB));
}

TEST_CASE("annotations that pause: true and what is no boolean do, false does not") {
  struct Row {
    std::string annotations;
    bool paused, scale_in, scale_out, force;
    std::optional<std::int64_t> replicas;
    bool warned = false;
  };
  const Row rows[] = {
      {"{}", false, false, false, false, {}},
      {"{autoscaling.keda.sh/paused: 'true'}", true, false, false, false, {}},
      {"{autoscaling.keda.sh/paused: 'yes'}", true, false, false, false, {}},
      {"{autoscaling.keda.sh/paused: 'false'}", false, false, false, false, {}},
      {"{autoscaling.keda.sh/paused: 'F'}", false, false, false, false, {}},
      {"{autoscaling.keda.sh/paused: 'false', autoscaling.keda.sh/paused-replicas: '4'}", true, false, false, false, 4},
      {"{autoscaling.keda.sh/paused-replicas: '0'}", true, false, false, false, 0},
      {"{autoscaling.keda.sh/paused-replicas: many}", true, false, false, false, {}, true},
      {"{autoscaling.keda.sh/paused-scale-in: 'true'}", false, true, false, false, {}},
      {"{autoscaling.keda.sh/paused-scale-out: 'true'}", false, false, true, false, {}},
      {"{autoscaling.keda.sh/force-activation: 'true'}", false, false, false, true, {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.annotations);
    document::Diagnostics d;
    const auto s = read_scaled_object(
        yaml("apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: web, annotations: " + row.annotations +
             "}\nspec: {scaleTargetRef: {name: web}, triggers: [{type: cron, metadata: {timezone: UTC, start: 0 8 * * "
             "*, "
             "end: 0 9 * * *, desiredReplicas: '3'}}]}\n"),
        d);
    REQUIRE(s.has_value());
    CHECK(s->paused == row.paused);
    CHECK(s->paused_scale_in == row.scale_in);
    CHECK(s->paused_scale_out == row.scale_out);
    CHECK(s->force_activation == row.force);
    CHECK(s->paused_replicas == row.replicas);
    CHECK(d.empty() == !row.warned);
  }
}

TEST_CASE("what the webhook refuses is refused by its rule") {
  const auto faults = [](const std::string& spec) {
    document::Diagnostics d;
    read_scaled_object(yaml(kHead + spec), d);
    return d.text();
  };
  const auto has = [](const std::string& text, const char* part) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
  };
  const std::string target = "  scaleTargetRef: {name: web}\n";
  const std::string cpu = "  triggers: [{type: cpu, metricType: Utilization, metadata: {value: '60'}}]\n";
  has(faults(cpu), "Required value: name");
  has(faults(target), "at least one trigger");
  has(faults(target + cpu), "cannot scale from zero");
  has(faults(target + "  minReplicaCount: 5\n  maxReplicaCount: 2\n" + cpu), "greater than or equal");
  has(faults(target + "  minReplicaCount: 2\n  idleReplicaCount: 2\n" + cpu), "less than minReplicaCount");
  has(faults(target + "  triggers: [{type: cron, metadata: {timezone: Europe/Berln, start: 0 8 * * *, end: 0 9 * * *, "
                      "desiredReplicas: '3'}}]\n"),
      "did you mean \"Europe/Berlin\"?");
  has(faults(target + "  triggers: [{type: cron, metadata: {timezone: UTC, start: 0 25 * * *, end: 0 9 * * *, "
                      "desiredReplicas: '3'}}]\n"),
      "start");
  const std::string cron = "type: cron, metadata: {timezone: UTC, start: 0 8 * * *, desiredReplicas: '3', end: ";
  has(faults(target + "  triggers: [{" + cron + "0 8 * * *}}]\n"),
      "start and end can not have exactly same time input");
  has(faults(target + "  triggers: [{name: a, " + cron + "0 9 * * *}}, {name: a, " + cron + "0 9 * * *}}]\n"),
      "trigger name \"a\" is defined multiple times");
  CHECK(faults(target + "  triggers: [{" + cron + "0 9 * * *}}, {" + cron + "0 10 * * *}}]\n").empty());
  has(faults(target + "  triggers: [{type: redis, metadata: {listName: t}}]\n"), "'redis' is not modelled");
  has(faults(target + "  triggers: [{type: cron, metadata: {timezone: UTC, start: 0 8 * * *, end: 0 9 * * *, "
                      "desiredReplicas: 3}}]\n"),
      "must be a string (quote it) (at spec.triggers[0].metadata.desiredReplicas)");
  has(faults(target + "  triggers: [{type: kafka, metadata: {topic: t, consumerGroup: g}}]\n"),
      "spec.triggers[0].metadata.bootstrapServers");
  has(faults(target + "  triggers: [{type: aws-sqs-queue, metadata: {queueURL: q}}]\n"),
      "spec.triggers[0].metadata.awsRegion");
  has(faults(target + "  triggers: [{type: aws-sqs-queue, metadata: {awsRegion: r}}]\n"),
      "queueURL or queueURLFromEnv");
}

TEST_CASE("triggers of queues and topics have the defaults of KEDA's scalers") {
  document::Diagnostics d;
  const auto s = read_scaled_object(
      yaml(kHead +
           std::string("  scaleTargetRef: {name: web}\n  triggers:\n"
                       "  - {type: aws-sqs-queue, metadata: {queueURL: 'https://sqs.eu-west-1.amazonaws.com/1/orders', "
                       "awsRegion: eu-west-1}}\n"
                       "  - {type: aws-sqs-queue, metadata: {queueURL: plain, awsRegion: eu-west-1, queueLength: '20', "
                       "activationQueueLength: '3'}}\n"
                       "  - {type: kafka, metadata: {bootstrapServers: 'k:9092', consumerGroup: g, topic: clicks}}\n")),
      d);
  CHECK_MESSAGE(d.empty(), d.text());
  REQUIRE(s.has_value());
  REQUIRE(s->triggers.size() == 3);
  for (const ScaledTrigger& t : s->triggers) {
    CHECK(t.type == ScaledTrigger::Type::queue);
    CHECK(t.metric == ScaledTrigger::Metric::average_value);
  }
  CHECK(s->triggers[0].metric_name == "orders");
  CHECK(s->triggers[0].threshold == 5);
  CHECK(s->triggers[0].activation_threshold == 0);
  CHECK(s->triggers[1].metric_name == "plain");
  CHECK(s->triggers[1].threshold == 20);
  CHECK(s->triggers[1].activation_threshold == 3);
  CHECK(s->triggers[2].metric_name == "clicks");
  CHECK(s->triggers[2].threshold == 10);
}

}  // namespace
}  // namespace plimsoll::kubernetes
