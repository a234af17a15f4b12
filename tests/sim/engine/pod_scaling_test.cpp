// How replica counts and sizes of pods follow each autoscaler of the EKS side in whole columns.
// Also tests: scaling_plan, scaling_reader
#include <doctest/doctest.h>

#include "models/kubernetes/metrics/prometheus.h"
#include "sim/engine/pending.h"
#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

/// One application under a wave (100 to 900 requests/s and back in three hours), or a steady load, on a node group.
std::string one_app(const std::string& scale, const std::string& more = "", const std::string& column = "",
                    const std::string& load = "trace: wave.csv, start: 30m") {
  return "apiVersion: plimsoll/v1\nseed: 3\nload: {" + load + R"(, for: 2h, warmup: 30m}
apps:
  web:
    size: 500m/1Gi
    work: 5ms
    image: 120MB
    memory: {base: 200Mi, perRequest: 20Mi}
    scale: )" +
         scale + "\n" + more +
         "platforms:\n  pods: {type: eks, capacity: {nodeGroup: {type: m5.xlarge, min: 4, max: 20}, autoscaler: "
         "cluster-autoscaler}" +
         column + "}\n";
}

struct Outcome {
  std::int64_t peak = 0, least = INT64_MAX, last = 0, changes = 0;
  std::vector<std::pair<std::int64_t, std::int64_t>> desired;  ///< minute of the window, count
  std::uint64_t hash = 0;
};

Outcome run(const scenario::Scenario& s) {
  RunOptions options;
  options.keep_events = true;
  Run r = build(s, 0, 0, options);
  r.world.run();
  Outcome out;
  WorkloadId web;
  for (const Workload& w : r.world.workloads()) {
    if (!w.system) web = w.id;
  }
  for (const FactRecord& f : r.world.log) {
    if (f.fact != Fact::desired_changed || f.workload != web) continue;
    out.peak = std::max(out.peak, f.value);
    out.least = std::min(out.least, f.value);
    ++out.changes;
    out.desired.emplace_back((f.at - r.world.window_start).count() / 60'000'000, f.value);
  }
  out.last = r.world.workload(web).desired;
  out.hash = summarise(r, s, 0, 0).trace_hash;
  return out;
}

/// `app`: further keys of the application.
Outcome run_with(const std::string& manifest, const std::string& more = "", const std::string& column = "",
                 const std::string& load = "constant: 400/s", const std::string& app = "") {
  const Folder folder;
  folder.put("scale.yaml", manifest);
  return run(read_file(folder.put("s.yaml", one_app("{}" + (app.empty() ? app : "\n    " + app),
                                                    "files: {kubernetes: [scale.yaml]}\n" + more, column, load))));
}

std::string hpa(const std::string& spec) {
  return "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec:\n  scaleTargetRef: "
         "{apiVersion: apps/v1, kind: Deployment, name: web}\n" +
         spec;
}

TEST_CASE("a target on requests goes through Prometheus") {
  const scenario::Scenario s = read_text(one_app("{requests: 50, min: 2, max: 60}"));
  const Outcome o = run(s);
  // The peak is 900/s: 18 pods, within the tolerance of a tenth.
  CHECK(o.peak >= 16);
  CHECK(o.peak <= 20);
  Run r = build(s, 0, 0, {});
  r.world.run_until(r.world.window_start + hours(1));
  const auto* prometheus = r.world.find_component<kubernetes::Prometheus>();
  REQUIRE(prometheus != nullptr);
  CHECK(prometheus->series() > 5000);
  const NameId name = r.world.names.find("prometheus-server");
  std::int64_t pods = 0;
  for (const Workload& w : r.world.workloads()) pods += w.name == name ? w.started : 0;
  CHECK(pods == 1);
}

TEST_CASE("without such a metric no Prometheus runs, unless it is asked for") {
  const auto runs = [](const std::string& column) {
    const scenario::Scenario s = read_text(one_app("{cpu: 60%, min: 2, max: 60}", "", column));
    Run r = build(s, 0, 0, {});
    return r.world.find_component<kubernetes::Prometheus>() != nullptr;
  };
  CHECK_FALSE(runs(""));
  CHECK(runs(", prometheus: {scrapeInterval: 30s}"));
}

TEST_CASE("an HPA file scales whole: several metrics, behaviour, bounds") {
  // 400/s of 5 ms are 2 vCPU: at 50 % of 500m 8 pods; at 25/s a pod 16. The larger wins.
  const std::string both = hpa(R"(  minReplicas: 3
  maxReplicas: 40
  metrics:
  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}
  - {type: Pods, pods: {metric: {name: rps}, target: {type: AverageValue, averageValue: "25"}}}
)");
  const Outcome o = run_with(both, "metrics: {rps: web.arrived}\n");
  CHECK(o.last >= 15);
  CHECK(o.last <= 17);
  // One pod in five minutes: from 3 to at most 3 + 150 min / 5.
  const Outcome slow =
      run_with(both + "  behavior: {scaleUp: {policies: [{type: Pods, value: 1, periodSeconds: 300}]}}\n",
               "metrics: {rps: web.arrived}\n");
  REQUIRE(slow.changes > 3);
  for (std::size_t i = 1; i < slow.desired.size(); ++i) {
    CHECK(slow.desired[i].second - slow.desired[i - 1].second <= 1);
    CHECK(slow.desired[i].first - slow.desired[i - 1].first >= 4);
  }
}

TEST_CASE("memory targets and container resources") {
  // 200 MiB of 1 GiB are a fifth: at 10 % twice as many pods, and again, up to the most.
  const Outcome o = run_with(hpa(R"(  maxReplicas: 12
  metrics: [{type: Resource, resource: {name: memory, target: {type: Utilization, averageUtilization: 10}}}]
)"));
  CHECK(o.last == 12);
  const Outcome c = run_with(hpa(R"(  maxReplicas: 40
  metrics:
  - type: ContainerResource
    containerResource: {name: cpu, container: web, target: {type: AverageValue, averageValue: 250m}}
)"));
  CHECK(c.last >= 7);
  CHECK(c.last <= 9);
}

TEST_CASE("a container's share is of its own request, beside a sidecar") {
  const std::string deployment = R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 4
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: web, resources: {requests: {cpu: 200m, memory: 512Mi}}}
      - {name: proxy, image: proxy, resources: {requests: {cpu: 300m, memory: 512Mi}}}
---
)";
  const auto target = [&](const std::string& container) {
    return deployment + hpa("  maxReplicas: 40\n  metrics:\n  - type: ContainerResource\n    containerResource: {name: "
                            "cpu, container: " +
                            container + ", target: {type: Utilization, averageUtilization: 50}}\n");
  };
  // 2 vCPU in all. Nobody says whose: by the requests, so that each container is as busy as the pod, 8 pods at half.
  for (const char* container : {"web", "proxy"}) {
    const Outcome o = run_with(target(container));
    CHECK(o.last >= 7);
    CHECK(o.last <= 9);
  }
  // All of it is web's: at half of its 200m 20 pods. A quarter is: 0.5 vCPU of 100m each, 5; the proxy's 1.5 of 150m
  // each 10.
  const auto share = [&](const std::string& container, const std::string& web) {
    return run_with(target(container), "", "", "constant: 400/s", "containers: {web: {cpu: " + web + "}}").last;
  };
  CHECK(share("web", "100%") >= 18);
  CHECK(share("web", "100%") <= 22);
  CHECK(share("web", "25%") >= 4);
  CHECK(share("web", "25%") <= 6);
  CHECK(share("proxy", "25%") >= 9);
  CHECK(share("proxy", "25%") <= 11);
  const Folder folder;
  folder.put("scale.yaml", target("wep"));
  document::Diagnostics d;
  const std::string text = one_app("{}", "files: {kubernetes: [scale.yaml]}\n", "", "constant: 400/s");
  CHECK_FALSE(scenario::read_scenario(folder.put("s.yaml", text), registry(), {}, d).has_value());
  CHECK(d.text().find("no container 'wep'") != std::string::npos);
  CHECK(d.text().find("did you mean 'web'?") != std::string::npos);
}

TEST_CASE("external metrics scale to zero and back where the gate is open") {
  // The metric is zero but for forty minutes, where it is 900 - 300, give or take the noise of arrivals.
  const std::string file = hpa(R"(  minReplicas: 0
  maxReplicas: 10
  metrics: [{type: External, external: {metric: {name: load}, target: {type: AverageValue, averageValue: "100"}}}]
)");
  const std::string metric = "metrics: {load: \"max(web.arrived - 300, 0)\"}\n";
  const Outcome o =
      run_with(file, metric, ", featureGates: {HPAScaleToZero: true}", "steps: {0s: 100/s, 40m: 900/s, 80m: 100/s}");
  CHECK(o.least == 0);
  CHECK(o.peak >= 6);  // 600 / 100
  CHECK(o.peak <= 7);
  CHECK(o.last == 0);
  const Folder folder;
  folder.put("scale.yaml", file);
  document::Diagnostics d;
  const std::string text = one_app("{}", "files: {kubernetes: [scale.yaml]}\n" + metric, "", "constant: 400/s");
  CHECK_FALSE(scenario::read_scenario(folder.put("s.yaml", text), registry(), {}, d).has_value());
  CHECK(d.text().find("HPAScaleToZero") != std::string::npos);
}

TEST_CASE("a metric that nothing measures fails, as in a cluster, which is warned of and told at the end") {
  const Folder folder;
  folder.put("scale.yaml", hpa(R"(  maxReplicas: 10
  metrics: [{type: External, external: {metric: {name: queue_dept}, target: {type: Value, value: "100"}}}]
)"));
  document::Diagnostics d;
  const std::string text =
      one_app("{}", "files: {kubernetes: [scale.yaml]}\nmetrics: {queue_depth: web.backlog}\n", "", "constant: 400/s");
  const auto s = scenario::read_scenario(folder.put("s.yaml", text), registry(), {}, d);
  REQUIRE(s.has_value());
  CHECK(d.text().find("warning: HorizontalPodAutoscaler") != std::string::npos);
  CHECK(d.text().find("did you mean 'queue_depth'") != std::string::npos);
  CHECK(run(*s).last == 1);  // nothing moves it
  Run made = build(*s, 0, 0, RunOptions{true, true});
  made.world.run();
  std::string told;
  for (const std::string& remark : pending_remarks(made.world, "pod")) told += remark + "\n";
  CHECK(told.find("ScalingActive False and only keeps it within 1 and 10: FailedGetExternalMetric") !=
        std::string::npos);
}

TEST_CASE("two autoscalers of one target read no metrics from 1.27 on, and keep it within the bounds of both") {
  const Folder folder;
  const std::string resource =
      "  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]\n";
  std::string second = hpa("  minReplicas: 3\n  maxReplicas: 20\n" + resource);
  folder.put("scale.yaml", hpa("  minReplicas: 2\n  maxReplicas: 40\n" + resource) + "---\n" + second);
  const std::string text = one_app("{}", "files: {kubernetes: [scale.yaml]}\n", "", "constant: 400/s");
  document::Diagnostics d;
  const auto s = scenario::read_scenario(folder.put("s.yaml", text), registry(), {}, d);
  CAPTURE(d.text());
  REQUIRE(s.has_value());
  CHECK(d.text().find("AmbiguousSelector") != std::string::npos);
  CHECK(run(*s).last == 3);
}

TEST_CASE("the scenario's own word stands above the files, and a column's file above all") {
  const Folder folder;
  folder.put("scale.yaml", hpa(R"(  maxReplicas: 40
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]
)"));
  const auto last = [&](const std::string& scale, const std::string& column) {
    const std::string text = one_app(scale, "files: {kubernetes: [scale.yaml]}\n", column, "constant: 400/s");
    return run(read_file(folder.put("s.yaml", text))).last;
  };
  const std::int64_t from_file = last("{}", "");
  CHECK(from_file >= 7);
  CHECK(from_file <= 9);
  CHECK(last("{max: 6}", "") == 6);
  CHECK(last("{cpu: 20%, min: 2, max: 60}", "") >= 18);
  folder.put("own.yaml", hpa(R"(  maxReplicas: 5
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 20}}}]
)"));
  CHECK(last("{cpu: 20%, min: 2, max: 60}", ", hpa: own.yaml") == 5);
}

TEST_CASE("a schedule patches the bounds") {
  const Outcome o = run(read_text(one_app("{cpu: 60%, min: 2, max: 60, schedule: [{at: \"30 9 * * *\", min: 25}]}",
                                          "calendar: 2026-01-05T09:00:00Z\n", "", "constant: 400/s")));
  for (const auto& [minute, count] : o.desired) {
    if (minute < 30) CHECK(count < 25);
  }
  CHECK(o.last == 25);
}

TEST_CASE("a ScaledObject follows its cron trigger from zero and back") {
  const Outcome o = run_with(R"(apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: web}
spec:
  scaleTargetRef: {name: web}
  maxReplicaCount: 20
  advanced: {horizontalPodAutoscalerConfig: {behavior: {scaleDown: {stabilizationWindowSeconds: 0}}}}
  triggers:
  - {type: cron, metadata: {timezone: UTC, start: 30 9 * * *, end: 30 10 * * *, desiredReplicas: "8"}}
)",
                             "calendar: 2026-01-05T09:00:00Z\n");
  CHECK(o.peak == 8);
  CHECK(o.last == 0);
  // Down to zero in the warm-up; up at 30 min in at most half a minute; to zero five minutes after 90 min.
  std::int64_t up = 0, down = 0;
  for (const auto& [minute, count] : o.desired) {
    if (count > 0 && up == 0 && minute > 0) up = minute;
    if (count == 0) down = minute;
  }
  CHECK(up == 30);
  CHECK(down >= 94);
  CHECK(down <= 96);
}

TEST_CASE("a paused ScaledObject scales nothing, to its paused replicas, or in one direction only") {
  struct Row {
    const char* annotation;
    std::int64_t peak, last;
  };
  // Of 3 replicas; the trigger wants 8 from minute 30 to 90, else 1, and nothing waits to scale down.
  const Row rows[] = {{"autoscaling.keda.sh/paused: 'false'", 8, 2},
                      {"autoscaling.keda.sh/paused: 'true'", 3, 3},
                      {"autoscaling.keda.sh/paused-replicas: '5'", 5, 5},
                      {"autoscaling.keda.sh/paused-scale-in: 'true'", 8, 8},
                      {"autoscaling.keda.sh/paused-scale-out: 'true'", 3, 2}};
  for (const Row& row : rows) {
    CAPTURE(row.annotation);
    const Outcome o = run_with(std::string(R"(apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: web, annotations: {)") +
                                   row.annotation +
                                   R"(}}
spec:
  scaleTargetRef: {name: web}
  minReplicaCount: 2
  maxReplicaCount: 20
  advanced: {horizontalPodAutoscalerConfig: {behavior: {scaleDown: {stabilizationWindowSeconds: 0}}}}
  triggers:
  - {type: cron, metadata: {timezone: UTC, start: 30 9 * * *, end: 30 10 * * *, desiredReplicas: "8"}}
)",
                               "calendar: 2026-01-05T09:00:00Z\n", "", "constant: 40/s", "replicas: 3");
    CHECK(std::max<std::int64_t>(o.peak, 3) == row.peak);
    CHECK(o.last == row.last);
  }
}

TEST_CASE("a ScaledObject follows a Prometheus query by the scenario's metric in it") {
  const Outcome o = run_with(R"(apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: web}
spec:
  scaleTargetRef: {name: web}
  minReplicaCount: 1
  maxReplicaCount: 30
  triggers:
  - type: prometheus
    metadata: {serverAddress: "http://p:9090", query: 'sum(rate(http_requests_total{app="web"}[2m]))', threshold: "40"}
)",
                             "metrics: {http_requests_total: web.arrived}\n");
  CHECK(o.last >= 9);  // 400 / 40, within the tolerance
  CHECK(o.last <= 11);
}

TEST_CASE("a ScaledObject follows what waits in a queue or topic that the scenario has a metric for") {
  const char* const triggers[] = {
      "{type: aws-sqs-queue, metadata: {queueURL: 'https://sqs.us-east-1.amazonaws.com/123456789012/orders', "
      "queueLength: \"40\", awsRegion: us-east-1}}",
      "{type: kafka, metadata: {bootstrapServers: 'k:9092', consumerGroup: g, topic: orders, lagThreshold: \"40\"}}"};
  for (const char* trigger : triggers) {
    CAPTURE(trigger);
    const std::string text = std::string(R"(apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: web}
spec:
  scaleTargetRef: {name: web}
  minReplicaCount: 1
  maxReplicaCount: 30
  triggers: [)") + trigger + "]\n";
    const Outcome o = run_with(text, "metrics: {orders: web.arrived}\n");
    CHECK(o.last >= 9);  // 400 / 40, within the tolerance
    CHECK(o.last <= 11);
  }
}

TEST_CASE("a VerticalPodAutoscaler gives pods the size that they use") {
  const Folder folder;
  folder.put("vpa.yaml", R"(apiVersion: autoscaling.k8s.io/v1
kind: VerticalPodAutoscaler
metadata: {name: web}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  resourcePolicy: {containerPolicies: [{containerName: "*", maxAllowed: {cpu: 200m, memory: 400Mi}}]}
)");
  std::string text = one_app("{}", "files: {kubernetes: [vpa.yaml]}\n", "", "constant: 100/s");
  text.replace(text.find("    scale:"), 0, "    replicas: 6\n");
  const scenario::Scenario s = read_file(folder.put("s.yaml", text));
  Run r = build(s, 0, 0, {true, true});
  r.world.run();
  std::int64_t resized = 0;
  for (const FactRecord& f : r.world.log)
    resized += f.fact == Fact::pod_stopping && f.reason == Reason::resized ? 1 : 0;
  CHECK(resized >= 6);
  for (const Workload& w : r.world.workloads()) {
    if (w.system) continue;
    CHECK(w.requests.cpu() <= cpu_millis(200));
    for (const PodId id : w.pods) CHECK(r.world.shapes[r.world.pod(id).shape].requests.cpu() <= cpu_millis(200));
  }
  // What the ledger and the totals think of the pods agrees, though their size has changed.
  const results::RunResult result = summarise(r, s, 0, 0);
  CHECK(result.cpu_requested > 0);
  CHECK(result.cpu_requested < 3.0);
}

TEST_CASE("a copy of the world runs on to the same hash") {
  const scenario::Scenario s = read_text(
      one_app("{cpu: 60%, requests: 60, memory: 40%, min: 2, max: 60, schedule: [{at: \"30 9 * * *\", min: 5}]}",
              "calendar: 2026-01-05T09:00:00Z\n"));
  Run r = build(s, 0, 0, {});
  r.world.run_until(r.world.window_start + minutes(40));
  World copy = r.world;
  copy.run();
  r.world.run();
  CHECK(copy.hash.value() == r.world.hash.value());
  CHECK(run(s).hash == run(s).hash);
}

}  // namespace
}  // namespace plimsoll::engine
