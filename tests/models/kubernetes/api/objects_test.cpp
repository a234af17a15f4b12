// Also tests: autoscaler, pod_shape, pod_template, toleration_reader
#include "models/kubernetes/api/objects.h"

#include <doctest/doctest.h>

#include "models/kubernetes/api/manifest_reader.h"
#include "models/kubernetes/api/pod_shape.h"
#include "sim/document/loader.h"

namespace plimsoll::kubernetes::api {
namespace {

struct Read {
  document::Diagnostics diagnostics;
  Objects objects;
  explicit Read(std::string_view text) {
    for (const document::Node& node : document::load_text(text, "test.yaml", diagnostics)) {
      read_object(node, diagnostics, objects);
    }
  }
  std::string text() const { return diagnostics.text(); }
};

constexpr const char* kDeployment = R"(
apiVersion: apps/v1
kind: Deployment
metadata: {name: ui, labels: {team: shop}}
spec:
  replicas: 3
  selector: {matchLabels: {app: ui}}
  strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 10%}}
  template:
    metadata: {labels: {app: ui}}
    spec:
      priorityClassName: high
      nodeSelector: {disk: ssd}
      terminationGracePeriodSeconds: 45
      tolerations: [{key: spot, operator: Exists}]
      topologySpreadConstraints:
        - {maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: ScheduleAnyway,
           labelSelector: {matchLabels: {app: ui}}}
      affinity:
        podAntiAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
            - weight: 50
              podAffinityTerm: {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: ui}}}
      initContainers:
        - {name: proxy, image: envoy, restartPolicy: Always, resources: {requests: {cpu: 100m, memory: 64Mi}}}
        - {name: migrate, image: tool:1, securityContext: {privileged: true, runAsUser: 0},
           resources: {requests: {cpu: "1", memory: 100Mi}}}
      containers:
        - name: web
          image: shop/ui:1.2
          ports: [{containerPort: 8080}]
          resources: {requests: {cpu: 250m, memory: 1.5Gi}, limits: {memory: 2Gi, nvidia.com/gpu: 1}}
          readinessProbe: {httpGet: {path: /, port: 8080}, initialDelaySeconds: 5}
          lifecycle: {preStop: {exec: {command: [sh, -c, sleep 7]}}}
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: high}
value: 1000
)";

TEST_CASE("a deployment is read with its defaults and becomes a shape") {
  const Read r(kDeployment);
  CHECK(r.text() == "");
  REQUIRE(r.objects.workloads.size() == 1);
  const Workload& w = r.objects.workloads[0];
  CHECK(w.kind == WorkloadKind::deployment);
  CHECK(w.namespace_name == "default");
  CHECK(w.replicas == 3);
  CHECK(w.max_surge == IntOrPercent{1, false});
  CHECK(w.max_unavailable == IntOrPercent{10, true});
  CHECK(w.progress_deadline == seconds(600));
  CHECK(w.pod.termination_grace == seconds(45));
  const Container& web = w.pod.containers[0];
  CHECK(web.pull == ImagePullPolicy::if_not_present);
  CHECK(w.pod.init_containers[0].pull == ImagePullPolicy::always);  // no tag is :latest
  CHECK(w.pod.init_containers[1].privileged);
  CHECK_FALSE(web.privileged);
  CHECK(web.readiness->initial_delay == seconds(5));
  CHECK(web.readiness->failure_threshold == 3);
  CHECK(web.pre_stop_sleep == seconds(7));
  Names names;
  const PodShape s = make_shape(w, r.objects.priority_classes, names);
  // Running: 250m + 100m; starting: 1 beside the sidecar's 100m.
  CHECK(s.requests.cpu() == cpu_millis(1100));
  CHECK(s.requests.memory() == mebibytes(1600));
  CHECK(s.priority == 1000);
  REQUIRE(s.extended.size() == 1);
  CHECK(s.extended[0].second == 1);  // a limit alone is the request
  CHECK(names.text(s.images[0]) == "shop/ui:1.2");
  CHECK(s.spread.size() == 1);
  CHECK(s.anti_preferred[0].weight == 50);
  CHECK(s.tolerations.size() == 3);  // with not-ready and unreachable
  CHECK(s.owner_selector.present);
}

TEST_CASE("what the API server refuses is refused with its rule and path") {
  struct Bad {
    const char* find;
    const char* replace;
    const char* message;
    const char* path;
  };
  const Bad all[] = {
      {"cpu: 250m, memory: 1.5Gi", "cpu: 250m, memory: 3Gi", "must be less than or equal to memory limit",
       "spec.template.spec.containers[0].resources.requests"},
      {"cpu: 250m", "cpu: 250MB", "must be a quantity", "spec.template.spec.containers[0].resources.requests.cpu"},
      {"labels: {app: ui}}\n    spec", "labels: {app: other}}\n    spec", "`selector` does not match template `labels`",
       "spec.template"},
      {"operator: Exists", "operator: Sometimes", "Unsupported value: \"Sometimes\"",
       "spec.template.spec.tolerations[0].operator"},
      {"replicas: 3", "replicas: -1", "must be greater than or equal to 0", "spec.replicas"},
      {"replicas: 3", "replicas: three", "must be an integer", "spec.replicas"},
      {"maxSurge: 1, maxUnavailable: 10%", "maxSurge: 0, maxUnavailable: 0", "may not be 0 when `maxSurge` is 0",
       "spec.strategy.rollingUpdate.maxUnavailable"},
      {"priorityClassName: high", "restartPolicy: Never", "supported values: \"Always\"", "spec.template"},
      {"weight: 50", "weight: 500", "must be less than or equal to 100", "weight"},
      {"metadata: {name: ui,", "metadata: {name: My_UI,", "lowercase RFC 1123 subdomain", "metadata.name"},
      {"labels: {team: shop}", "labels: {team: 'the shop'}", "a label's value must be", "metadata.labels.team"},
      {"- name: web", "- name: web.1", "lowercase RFC 1123 label", "spec.template.spec.containers[0].name"},
      {"- name: web", "- name: migrate", "Duplicate value: \"migrate\"", "spec.template.spec.containers[0].name"},
      {"ports: [{containerPort: 8080}]", "ports: [{name: h, containerPort: 80}, {name: h, containerPort: 81}]",
       "Duplicate value: \"h\"", "spec.template.spec.containers[0].ports[1].name"},
      {"ports: [{containerPort: 8080}]", "ports: [{name: a-name-that-is-long, containerPort: 80}]",
       "no more than 15 characters", "spec.template.spec.containers[0].ports[0].name"},
      {"ports: [{containerPort: 8080}]", "ports: [{containerPort: 80800}]", "must be less than or equal to 65535",
       "spec.template.spec.containers[0].ports[0].containerPort"},
      {"initialDelaySeconds: 5", "periodSeconds: -1", "must be greater than or equal to 0",
       "spec.template.spec.containers[0].readinessProbe.periodSeconds"},
      {"httpGet: {path: /, port: 8080}, ", "", "must specify a handler type",
       "spec.template.spec.containers[0].readinessProbe"},
      {"{maxSkew: 1, topologyKey", "{maxSkew: 0, topologyKey", "must be greater than or equal to 1",
       "spec.template.spec.topologySpreadConstraints[0].maxSkew"},
      {"whenUnsatisfiable: ScheduleAnyway", "whenUnsatisfiable: Whenever", "Unsupported value: \"Whenever\"",
       "spec.template.spec.topologySpreadConstraints[0].whenUnsatisfiable"},
  };
  for (const Bad& bad : all) {
    CAPTURE(bad.replace);
    std::string text = kDeployment;
    const std::size_t at = text.find(bad.find);
    REQUIRE(at != std::string::npos);
    text.replace(at, std::string_view(bad.find).size(), bad.replace);
    const Read r(text);
    CHECK(r.diagnostics.has_errors());
    CHECK(r.text().find(bad.message) != std::string::npos);
    CHECK(r.text().find(bad.path) != std::string::npos);
  }
}

TEST_CASE("zeros of a probe and empty words are unset, and take the API server's defaults") {
  const auto with = [](std::string_view find, std::string_view replace) {
    std::string text = kDeployment;
    const std::size_t at = text.find(find);
    REQUIRE(at != std::string::npos);
    text.replace(at, find.size(), replace);
    return Read(text);
  };
  const Read zeros =
      with("initialDelaySeconds: 5", "periodSeconds: 0, timeoutSeconds: 0, successThreshold: 0, failureThreshold: 0");
  CHECK(zeros.text() == "");
  const Probe& probe = *zeros.objects.workloads.at(0).pod.containers[0].readiness;
  CHECK(probe.period == seconds(10));
  CHECK(probe.timeout == seconds(1));
  CHECK(probe.success_threshold == 1);
  CHECK(probe.failure_threshold == 3);
  CHECK(with("ports: [{containerPort: 8080}]",
             "imagePullPolicy: ''\n          ports: [{containerPort: 80, protocol: ''}]")
            .text() == "");
  CHECK(with("priorityClassName: high", "restartPolicy: ''").text() == "");
  CHECK(with("strategy: {rollingUpdate", "strategy: {type: '', rollingUpdate").text() == "");
}

TEST_CASE("rollingUpdate beside OnDelete is not looked at for a DaemonSet, and refused of a StatefulSet") {
  const auto said = [](const std::string& kind) {
    return Read("apiVersion: apps/v1\nkind: " + kind +
                "\nmetadata: {name: w}\nspec:\n  selector: {matchLabels: {app: w}}\n"
                "  updateStrategy: {type: OnDelete, rollingUpdate: {maxUnavailable: 1}}\n"
                "  template:\n    metadata: {labels: {app: w}}\n    spec: {containers: [{name: c, image: 'i:1'}]}\n")
        .text();
  };
  CHECK(said("DaemonSet") == "");
  CHECK(said("StatefulSet").find("is not RollingUpdate") != std::string::npos);
}

TEST_CASE("Jobs, CronJobs, budgets and autoscalers are refused by their own rules, all faults of a file at once") {
  const Read r(R"(apiVersion: batch/v1
kind: CronJob
metadata: {name: a-name-that-is-too-long-for-the-jobs-that-it-makes-by-far}
spec:
  schedule: "61 * * * *"
  timeZone: Europe/Nowhere
  jobTemplate:
    spec:
      podFailurePolicy: {rules: [{action: Ignore}, {action: Count, onExitCodes: {operator: In, values: [0]}}]}
      template: {spec: {restartPolicy: Always, containers: [{name: c, image: "a:1"}]}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: queue}
spec: {completionMode: Indexed, parallelism: 2, template: {spec: {containers: [{name: c, image: "a:1"}]}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: db}
spec: {minAvailable: 1, maxUnavailable: 1, selector: {matchLabels: {app: db}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 5, maxReplicas: 2}
)");
  const std::string text = r.text();
  CAPTURE(text);
  for (const char* fault : {
           "test.yaml:3:18: error: Invalid value: \"a-name-that-is-too-long-for-the-jobs-that-it-makes-by-far\"",
           "test.yaml:5:13: error: Invalid value:",
           "test.yaml:6:13: error: Invalid value: \"Europe/Nowhere\": unknown time zone Europe/Nowhere",
           "specifying one of OnExitCodes and OnPodConditions is required",
           "must not be 0 for the In operator",
           "Unsupported value: \"Always\": supported values: \"OnFailure\", \"Never\" (at "
           "spec.jobTemplate.spec.template.spec.restartPolicy)",
           "when completion mode is Indexed",
           "Required value: valid values: \"OnFailure\", \"Never\" (at spec.template.spec.restartPolicy)",
           "minAvailable and maxUnavailable cannot be both set",
           "must be greater than or equal to `minReplicas` (at spec.maxReplicas)",
       }) {
    CAPTURE(fault);
    CHECK(text.find(fault) != std::string::npos);
  }
}

TEST_CASE("metrics of an autoscaler that the API server refuses") {
  struct Row {
    const char* metric;
    const char* fault;
  };
  const Row rows[] = {
      {"type: Resource, resource: {target: {type: Utilization, averageUtilization: 50}}",
       "Required value: must specify a resource name (at spec.metrics[0].resource.name)"},
      {"type: ContainerResource, containerResource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}",
       "Required value: must specify a container (at spec.metrics[0].containerResource.container)"},
      {"type: Pods, pods: {metric: {}, target: {type: AverageValue, averageValue: 5}}",
       "Required value: must specify a metric name (at spec.metrics[0].pods.metric.name)"},
      {"type: Object, object: {metric: {name: q}, target: {type: Value, value: 5}}",
       "Required value (at spec.metrics[0].object.describedObject)"},
      {"type: Object, object: {metric: {name: q}, describedObject: {kind: Service}, target: {type: Value, value: 5}}",
       "Required value (at spec.metrics[0].object.describedObject.name)"},
      {"type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}, pods: {metric: "
       "{name: q}, target: {type: AverageValue, averageValue: 5}}",
       "Forbidden: must populate the given metric source only (at spec.metrics[0].pods)"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.metric);
    const Read r(std::string("apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec: "
                             "{scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 5, "
                             "metrics: [{") +
                 row.metric + "}]}\n");
    const std::string text = r.text();
    CAPTURE(text);
    CHECK(text.find(row.fault) != std::string::npos);
    CHECK(text.find('\n') + 1 == text.size());  // one fault, one message
  }
}

TEST_CASE("a pod failure policy becomes rules") {
  const Read r(R"(
apiVersion: batch/v1
kind: Job
metadata: {name: work}
spec:
  podFailurePolicy:
    rules:
      - {action: FailJob, onExitCodes: {operator: NotIn, values: [1, 137]}}
      - {action: Ignore, onPodConditions: [{type: DisruptionTarget}]}
  template: {spec: {restartPolicy: Never, containers: [{name: c, image: "a:1"}]}}
)");
  CHECK(r.text() == "");
  const auto& rules = r.objects.workloads.at(0).job->failure_rules;
  REQUIRE(rules.size() == 2);
  CHECK(rules[0].action == PodFailureAction::fail_job);
  CHECK_FALSE(rules[0].in);
  CHECK(rules[0].exit_codes == std::vector<std::int64_t>{1, 137});
  CHECK(rules[1].action == PodFailureAction::ignore);
  CHECK(rules[1].on_disruption);
  const auto facts = to_facts(r.objects);
  REQUIRE(facts.size() == 1);
  REQUIRE(facts[0].job.has_value());
  CHECK(facts[0].job->completions == 1);
  CHECK_FALSE(facts[0].replicas.has_value());
}

TEST_CASE("a misspelt field is a warning with the nearest name, an object of an unknown kind one warning each") {
  std::string text = kDeployment;
  text.replace(text.find("replicas: 3"), 11, "replcias: 3");
  const Read r(text);
  CHECK_FALSE(r.diagnostics.has_errors());
  CHECK(r.text().find("did you mean replicas?") != std::string::npos);
  const Read u(
      "{apiVersion: v1, kind: Widget, metadata: {name: a}}\n---\n{apiVersion: v1, kind: Widget, metadata: {name: "
      "b}}\n");
  CHECK(u.diagnostics.warning_count() == 2);
  CHECK(u.objects.unknown_kinds == std::vector<std::string>{"Widget/a", "Widget/b"});
  CHECK(u.text().find("kind Widget (v1) 'b' is not modelled and has no effect") != std::string::npos);
  const Read version("{apiVersion: apps/v9, kind: Deployment, metadata: {name: a}}");
  CHECK_FALSE(version.diagnostics.has_errors());
  CHECK(version.text().find("kind Deployment (apps/v9) 'a' is not modelled") != std::string::npos);
  CHECK(version.text().find("Deployment is read in apps/v1") != std::string::npos);
  const Read near("{apiVersion: apps/v1, kind: Deploymnet, metadata: {name: a}}");
  CHECK(near.text().find("did you mean Deployment of apps/v1?") != std::string::npos);
  const Read group("{apiVersion: app/v1, kind: Deployment, metadata: {name: a}}");
  CHECK(group.text().find("Deployment is read in apps/v1") != std::string::npos);
  const Read quiet("{apiVersion: v1, kind: ServiceAccount, metadata: {name: a}}");
  CHECK(quiet.diagnostics.empty());
}

TEST_CASE("all forms of the autoscaler say the same") {
  const char* head =
      "kind: HorizontalPodAutoscaler\nmetadata: {name: ui}\nspec:\n  scaleTargetRef: {kind: Deployment, name: ui}\n"
      "  minReplicas: 2\n  maxReplicas: 9\n";
  const std::string forms[] = {
      std::string("apiVersion: autoscaling/v1\n") + head + "  targetCPUUtilizationPercentage: 60\n",
      std::string("apiVersion: autoscaling/v2beta1\n") + head +
          "  metrics: [{type: Resource, resource: {name: cpu, targetAverageUtilization: 60}}]\n",
      std::string("apiVersion: autoscaling/v2\n") + head +
          "  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: "
          "60}}}]\n"};
  for (const std::string& form : forms) {
    CAPTURE(form);
    const Read r(form);
    const bool removed = form.find("v2beta1") != std::string::npos;
    CHECK(r.text().empty() == !removed);
    CHECK_FALSE(r.diagnostics.has_errors());
    REQUIRE(r.objects.autoscalers.size() == 1);
    const HorizontalPodAutoscaler& h = r.objects.autoscalers[0];
    CHECK(h.min == 2);
    CHECK(h.max == 9);
    REQUIRE(h.metrics.size() == 1);
    CHECK(h.metrics[0].target.amount == 60);
    CHECK_FALSE(h.behavior.has_value());
  }
  const Read v2(
      std::string("apiVersion: autoscaling/v2\n") + head +
      "  metrics:\n    - {type: Pods, pods: {metric: {name: qps}, target: {type: AverageValue, averageValue: 1500m}}}\n"
      "    - {type: External, external: {metric: {name: queue}, target: {type: Value, value: 30}}}\n"
      "  behavior: {scaleDown: {stabilizationWindowSeconds: 60, policies: [{type: Pods, value: 1, periodSeconds: "
      "30}]}}\n");
  CHECK(v2.text() == "");
  const HorizontalPodAutoscaler& h = v2.objects.autoscalers.at(0);
  CHECK(h.metrics.at(0).target.amount == 1500);
  CHECK(h.metrics.at(1).target.amount == 30'000);
  CHECK(h.behavior->down.stabilization == seconds(60));
  CHECK(h.behavior->up.policies.size() == 2);  // the default
}

TEST_CASE("lists, jobs and cron jobs, stateful sets and budgets") {
  const Read r(R"(
apiVersion: v1
kind: List
items:
  - apiVersion: batch/v1
    kind: CronJob
    metadata: {name: night, namespace: ops}
    spec:
      schedule: "0 3 * * *"
      concurrencyPolicy: Forbid
      jobTemplate:
        spec: {backoffLimit: 2, template: {spec: {restartPolicy: Never, containers: [{name: c, image: "a:1"}]}}}
  - apiVersion: batch/v1
    kind: Job
    metadata: {name: queue}
    spec: {parallelism: 4, template: {spec: {restartPolicy: OnFailure, containers: [{name: c, image: "a:1"}]}}}
  - apiVersion: apps/v1
    kind: StatefulSet
    metadata: {name: db}
    spec:
      serviceName: db
      selector: {matchLabels: {app: db}}
      podManagementPolicy: Parallel
      updateStrategy: {rollingUpdate: {partition: 1}}
      template: {metadata: {labels: {app: db}}, spec: {containers: [{name: c, image: "a:1"}]}}
  - apiVersion: policy/v1
    kind: PodDisruptionBudget
    metadata: {name: db}
    spec: {maxUnavailable: 1, selector: {matchLabels: {app: db}}}
  - apiVersion: v1
    kind: Service
    metadata: {name: db}
    spec: {type: LoadBalancer, selector: {app: db}, ports: [{port: 5432}]}
  - {apiVersion: v1, kind: Namespace, metadata: {name: ops}}
)");
  CHECK(r.text() == "");
  REQUIRE(r.objects.workloads.size() == 3);
  CHECK(r.objects.workloads[0].cron->schedule == "0 3 * * *");
  CHECK(r.objects.workloads[0].cron->concurrency == ConcurrencyPolicy::forbid);
  CHECK(r.objects.workloads[0].job->completions == 1);
  CHECK_FALSE(r.objects.workloads[1].job->completions.has_value());
  CHECK(r.objects.workloads[2].parallel_management);
  CHECK(r.objects.workloads[2].partition == 1);
  CHECK(r.objects.budgets[0].max_unavailable == IntOrPercent{1, false});
  CHECK(r.objects.admission.size() == 1);
  const auto facts = to_facts(r.objects);
  REQUIRE(facts.size() == 4);
  CHECK(facts[2].behind_balancer);
  CHECK(facts[3].name == "db");
  CHECK(facts[3].max_unavailable == percent(100));  // one of one
}

TEST_CASE("an amount given as a string is a percentage or refused") {
  const auto said = [](const std::string& available) {
    return Read(
               "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: b}\nspec: {selector: {matchLabels: "
               "{app: a}}, minAvailable: " +
               available + "}\n")
        .text();
  };
  CHECK(said("2") == "");
  CHECK(said("50%") == "");
  CHECK(said("'50%'") == "");
  CHECK(said("'2'").find("a valid percent string must be a numeric followed by an ending '%' (at spec.minAvailable)") !=
        std::string::npos);
}

TEST_CASE("ordinals of a StatefulSet that start elsewhere than at 0 are told once") {
  const auto said = [](const std::string& ordinals) {
    return Read("apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec:\n  " + ordinals +
                "selector: {matchLabels: {app: db}}\n  template:\n    metadata: {labels: {app: db}}\n"
                "    spec: {containers: [{name: c, image: 'i:1'}]}\n")
        .text();
  };
  CHECK(said("") == "");
  CHECK(said("ordinals: {start: 0}\n  ") == "");
  const std::string told = said("ordinals: {start: 5}\n  ");
  CHECK(told.find("warning: ") != std::string::npos);
  CHECK(told.find("db-0 stands for db-5") != std::string::npos);
  CHECK(told.find("spec.ordinals.start") != std::string::npos);
  CHECK(said("ordinals: {start: -1}\n  ").find("error: ") != std::string::npos);
}

TEST_CASE("facts in neutral words") {
  const Read r(kDeployment);
  const auto facts = to_facts(r.objects);
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].kind == "Deployment");
  CHECK(facts[0].name == "ui");
  CHECK(facts[0].replicas == 3);
  CHECK(facts[0].size->cpu == cpu_millis(350));  // with its sidecar
  CHECK(facts[0].spread_zones);
  CHECK(facts[0].stop_grace == seconds(45));
  REQUIRE(facts[0].containers.size() == 3);
  // The main container first, then the init containers, of which one is a sidecar that runs along.
  CHECK_FALSE(facts[0].containers[0].init);
  CHECK(facts[0].containers[0].memory_limit == gibibytes(2));
  REQUIRE(facts[0].containers[0].probes.size() == 1);
  CHECK(facts[0].containers[0].probes[0].kind == "readiness");
  CHECK(facts[0].containers[0].probes[0].start == seconds(5));
}

}  // namespace
}  // namespace plimsoll::kubernetes::api
