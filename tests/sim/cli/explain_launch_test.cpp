// Also tests: explain_refusal, explain_log_nodes, explain_instant, explain_pod
#include "sim/cli/explain_launch.h"

#include "tests/sim/engine/columns.h"

using namespace plimsoll;
using namespace plimsoll::cli;
using namespace plimsoll::engine::testing;

namespace {

constexpr const char* kPoolOfTeamA = R"(apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: default}
spec:
  template:
    metadata: {labels: {team: a}}
    spec:
      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
      requirements:
        - {key: karpenter.sh/capacity-type, operator: In, values: [on-demand]}
)";

/// Two pods with a node selector that nothing satisfies.
struct RefusalStory {
  RefusalStory(const std::string& selector, const std::string& capacity, const std::string& pool = "") {
    folder.put("pool.yaml", pool);
    folder.put("web.yaml", R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      nodeSelector: )" + selector +
                               R"(
      containers:
      - {name: c, image: nginx, resources: {requests: {cpu: 500m, memory: 1Gi}}}
)");
    scenario = folder.put("s.yaml", R"(apiVersion: plimsoll/v1
load: {constant: 0/s, for: 40m, warmup: 0s}
sizes: as-written
replications: 1
files: {kubernetes: [web.yaml]}
apps:
  web: {work: 1ms, image: 50MB}
platforms:
  k:
    type: eks
    capacity: )" + capacity + "\n");
  }
  std::string told(Explanation (*explain)(Subject&, const ExplainArguments&, const report::TerminalStyle&),
                   ExplainArguments a) const {
    a.subject = scenario;
    Subject subject(registry(), a);
    std::string plain;
    for (const char c : explain(subject, a, {80, false}).text) {
      const char d = c == '\n' ? ' ' : c;
      if (d != ' ' || plain.empty() || plain.back() != ' ') plain += d;
    }
    return plain;
  }
  std::string scale_up() const {
    ExplainArguments a;
    a.scale_up = "20m";
    return told(explain_scale_up, a);
  }
  std::string pod() const {
    ExplainArguments a;
    a.pod = "web-0";
    return told(explain_pod, a);
  }
  std::string instant() const {
    ExplainArguments a;
    a.at = "20m";
    return told(explain_instant, a);
  }

  Folder folder;
  std::string scenario;
};

}  // namespace

TEST_CASE("Karpenter that launches nothing says why: by --scale-up, for the pod, and at an instant") {
  const RefusalStory story("{team: b}", "{bootstrap: {type: m5.large, count: 2}, nodePools: [pool.yaml]}",
                           kPoolOfTeamA);
  const std::string why = "NodePool default: incompatible requirements, key team, team In [b] not in team In [a]";
  const std::string up = story.scale_up();
  CAPTURE(up);
  CHECK(up.find("no scale-up at 00:20:00 or after on k") != std::string::npos);
  CHECK(up.find("nothing is launched for 2 pods (web-0, web-1): " + why) != std::string::npos);
  const std::string pod = story.pod();
  CAPTURE(pod);
  CHECK(pod.find("Failed to schedule pod, " + why) != std::string::npos);
  const std::string instant = story.instant();
  CAPTURE(instant);
  CHECK(instant.find("Karpenter launches nothing for web-0, web-1: " + why) != std::string::npos);
}

TEST_CASE("Cluster Autoscaler's 'no pod fits' names the predicate") {
  const RefusalStory story("{disk: ssd}",
                           "{nodeGroup: {type: m5.xlarge, min: 1, max: 10}, autoscaler: cluster-autoscaler}");
  const std::string why = "node(s) didn't match Pod's node affinity/selector";
  const std::string up = story.scale_up();
  CAPTURE(up);
  CHECK(up.find("default: web-0, web-1: " + why) != std::string::npos);
  // The answer of the pass before 00:20 stands until the end.
  CHECK(up.find(", and the same answer until 00:") != std::string::npos);
  const std::string pod = story.pod();
  CAPTURE(pod);
  CHECK(pod.find("pod didn't trigger scale-up: 1 " + why) != std::string::npos);
  const std::string instant = story.instant();
  CAPTURE(instant);
  CHECK(instant.find("Cluster Autoscaler, default, launches nothing for web-0, web-1: " + why) != std::string::npos);
}

TEST_CASE("a column without an autoscaler has no scale-up to tell of, and says so") {
  const RefusalStory story("{}", "fargate");
  CHECK_THROWS_WITH_AS(story.scale_up(),
                       "k has neither Cluster Autoscaler nor Karpenter: nothing launches nodes for pods", ExplainError);
}

TEST_CASE("lists of names") {
  const std::vector<std::string> types = {"t4g.medium", "m5.large", "t4g.medium"};
  CHECK(counted_names(types) == "m5.large, 2 t4g.medium");
  CHECK(listed(types) == "t4g.medium, m5.large, t4g.medium");
  CHECK(listed(std::vector<std::string>(12, "a")) == "a, a, a, a, a, a, a, a, a, a and 2 more");
  CHECK(method_text("multi") == "multi-node consolidation");
  CHECK(method_text("empty") == "emptiness");
  CHECK(method_text("drift") == "drift");
}
