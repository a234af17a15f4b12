// Whole EKS columns: whether requests find the pods of a manifest, which scheduler takes them, and pods that no node of
// a column can hold.
// Also tests: platform_scheduler, pending
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

const std::string kWebDeployment =
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 2, selector: {matchLabels: {app: "
    "web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: 'web:1', resources: "
    "{requests: {cpu: 200m, memory: 256Mi}}}]}}}\n";

/// One run of the Deployment above with more documents, its load entering by web.
struct WayRun {
  explicit WayRun(const std::string& documents, const std::string& column = "", const std::string& scheduler = "",
                  const std::string& apps = "") {
    const Folder folder;
    folder.put("k.yaml", kWebDeployment + documents);
    if (!scheduler.empty()) folder.put("scheduler.yaml", scheduler);
    const scenario::Scenario s = read_file(
        folder.put("s.yaml",
                   "apiVersion: plimsoll/v1\nload: {constant: 50/s, for: 8m, warmup: 4m, to: web}\nfiles: {kubernetes: "
                   "[k.yaml]}\napps: {web: {work: 5ms, start: {cpu: 1s}, image: 50MB}" +
                       apps +
                       "}\nplatforms: {a: {type: eks, "
                       "capacity: {nodeGroup: {type: m5.large, min: 2, max: 2}}" +
                       column + "}}\n"));
    CompareOptions options;
    options.replications = 1;
    result = compare(s, options).columns.at(0);
  }
  const results::RunResult& run() const { return result.replications.at(0); }
  bool says(const std::string& what) const {
    return std::any_of(result.remarks.begin(), result.remarks.end(),
                       [&](const std::string& r) { return r.find(what) != std::string::npos; });
  }
  bool pays_for(const std::string& item) const {
    return std::any_of(run().lines.begin(), run().lines.end(),
                       [&](const results::BillLine& l) { return l.item.starts_with(item) && l.amount.raw() > 0; });
  }
  results::ColumnResult result;
};

std::string service_for(const std::string& app, const std::string& more = "") {
  return "---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {" + more + "selector: {app: " + app +
         "}, ports: [{port: 80}]}\n";
}

std::string ingress_on(const std::string& port) {
  return "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\nspec: {ingressClassName: alb, "
         "defaultBackend: {service: {name: web, port: {number: " +
         port + "}}}}\n";
}

TEST_CASE("requests find the pods that a Service selects, and by a port that it has") {
  const WayRun good(service_for("web") + ingress_on("80"));
  CHECK(good.run().served > 0);
  CHECK(good.run().lost == 0);
  CHECK(good.pays_for("alb/"));

  const WayRun selector(service_for("wrong") + ingress_on("80"));
  CHECK(selector.run().served == 0);
  CHECK(selector.run().lost == selector.run().arrived);
  CHECK(selector.says("web: no request reaches its pods, all are lost: the Service 'web' selects no pod (app=wrong)"));
  CHECK(selector.pays_for("alb/"));  // it is there, without a target

  const WayRun network(service_for("wrong", "type: LoadBalancer, "));
  CHECK(network.run().served == 0);
  CHECK(network.pays_for("nlb/"));

  const WayRun port(service_for("web") + ingress_on("8080"));
  CHECK(port.run().served == 0);
  CHECK(port.says("unable to find port 8080 on service default/web"));
  CHECK_FALSE(port.pays_for("alb/"));  // the controller makes none
}

TEST_CASE("EKS's own scheduler takes the pods that name none, whatever profiles a second one has") {
  const std::string head = "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nprofiles:\n";
  for (const std::string& profiles : {std::string("- schedulerName: other\n"),
                                      std::string("- schedulerName: default-scheduler\n- schedulerName: other\n")}) {
    CAPTURE(profiles);
    const WayRun r("", ", schedulerConfig: scheduler.yaml", head + profiles);
    CHECK(r.run().served > 0);
    CHECK(r.run().lost == 0);
    CHECK(r.run().unfinished == 0);
  }
}

TEST_CASE("a pod whose image is never pulled does not start on a node without it, and is told") {
  const WayRun r(
      "---\napiVersion: v1\nkind: Pod\nmetadata: {name: solo}\nspec: {containers: [{name: c, image: 'own:1', "
      "imagePullPolicy: Never}]}\n",
      "", "", ", solo: {size: 100m/64Mi, work: 1ms, image: 50MB}");
  CHECK(r.says("solo: a pod on its node is not started at the end, for "));
  CHECK(r.says("its image is not there, and its pull policy is Never (ErrImageNeverPull)"));
}

TEST_CASE("a pod that no node of one column can hold waits there, and is told at the end with its reasons") {
  const scenario::Scenario s = read_text(R"(apiVersion: plimsoll/v1
load: {constant: 20/s, for: 20m, warmup: 10m, to: web}
apps:
  web: {size: 500m/1Gi, work: 5ms, replicas: 2}
  big: {size: 4/8Gi, work: 5ms, replicas: 2}
platforms:
  small: {type: eks, capacity: {nodeGroup: {type: m5.large, min: 2, max: 4}, autoscaler: cluster-autoscaler}}
  pools: {type: eks, capacity: {nodeGroup: {type: m5.large, min: 2, max: 4}, autoscaler: none}}
  tasks: {type: ecs, capacity: {asg: {type: m5.large, min: 2, max: 6}}}
  large: {type: eks, capacity: {nodeGroup: {type: m5.2xlarge, min: 2, max: 2}}}
)");
  CompareOptions options;
  options.replications = 1;
  const results::Comparison c = compare(s, options);
  for (const results::ColumnResult& column : c.columns) {
    CAPTURE(column.name);
    const bool held = column.name == "large";
    bool told = false;
    for (const std::string& remark : column.remarks) {
      CAPTURE(remark);
      told = told || remark.find("big: 2 ") == 0;
    }
    CHECK(told != held);
    CHECK(column.replications.at(0).unfinished == (held ? 0 : 2));
    CHECK(column.replications.at(0).served > 0);
  }
}

}  // namespace
}  // namespace plimsoll::engine
