// Also tests: explain_node
#include "sim/cli/explain_node_end.h"

#include "tests/sim/engine/columns.h"

using namespace plimsoll;
using namespace plimsoll::cli;
using namespace plimsoll::engine::testing;

namespace {

constexpr const char* kLeaveAlone = "{consolidationPolicy: WhenEmpty, consolidateAfter: Never}";

/// A column under Karpenter with one application of four pods, and what is said of its first node beside the two that
/// Karpenter runs on.
struct NodeStory {
  NodeStory(const std::string& requirements, const std::string& more, const std::string& events,
            const std::string& node = "i-2", const std::string& disruption = kLeaveAlone) {
    folder.put("pool.yaml", R"(apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: default}
spec:
  disruption: )" + disruption + R"(
  template:
    spec:
)" + more + R"(      requirements:
)" + requirements + R"(      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
)");
    ExplainArguments a;
    a.subject = folder.put("s.yaml", R"(apiVersion: plimsoll/v1
load: {constant: 0/s, for: 2h, warmup: 0s}
sizes: matched
replications: 1
apps:
  fill: {size: 850m/3Gi, replicas: 4, work: 1ms, image: 50MB, spread: none}
)" + events + R"(platforms:
  k:
    type: eks
    capacity: {bootstrap: {type: m5.large, count: 2}, nodePools: [pool.yaml]}
)");
    a.node = node;
    Subject subject(registry(), a);
    told = explain_node(subject, a, {80, false}).text;
    for (char& c : told) {
      if (c == '\n') c = ' ';
    }
  }
  /// What stands under "Why it went".
  std::string why() const {
    const auto at = told.find("Why it went");
    return at == told.npos ? "" : told.substr(at);
  }
  static bool has(const std::string& text, std::string_view what) {
    // Lines are folded: runs of blanks count as one.
    std::string plain;
    for (const char c : text) {
      if (c != ' ' || plain.empty() || plain.back() != ' ') plain += c;
    }
    return plain.find(what) != plain.npos;
  }

  Folder folder;
  std::string told;
};

constexpr const char* kOneType =
    "        - {key: karpenter.sh/capacity-type, operator: In, values: [on-demand]}\n"
    "        - {key: node.kubernetes.io/instance-type, operator: In, values: [m5.xlarge]}\n";

}  // namespace

TEST_CASE("a Spot node that was emptied ahead of its end went because of the notice, not of a word on consolidation") {
  const NodeStory story(
      "        - {key: karpenter.sh/capacity-type, operator: In, values: [spot, on-demand]}\n"
      "        - {key: karpenter.k8s.aws/instance-category, operator: In, values: [c, m, r]}\n",
      "",
      "events: [{at: 10m, scale: fill, replicas: 20}]\n"
      "faults: {reclaims: [{at: 30m, share: 100%, dry: 10m}]}\n");
  CHECK(NodeStory::has(story.told, "shut down: node_drain"));
  CHECK(NodeStory::has(story.why(), "EC2 wanted it back: a Spot interruption, notice at 00:30:00"));
  CHECK_FALSE(NodeStory::has(story.why(), "spot-to-spot consolidation is off"));
}

TEST_CASE("a node at the end of its lifetime says so") {
  const NodeStory story(kOneType, "      expireAfter: 30m\n", "");
  CHECK(NodeStory::has(story.told, "draining: expired"));
  CHECK(NodeStory::has(story.why(), "Its lifetime was over: it was told to go 30 min after it was asked for"));
  CHECK_FALSE(NodeStory::has(story.why(), "being deleted"));
}

TEST_CASE("pods that end anyway need no other place") {
  std::size_t ending = 0;
  for (const char* node : {"i-2", "i-3", "i-4", "i-5"}) {
    CAPTURE(node);
    const NodeStory story(kOneType, "",
                          "events: [{at: 10m, scale: fill, replicas: 20}, {at: 60m, scale: fill, replicas: 2}]\n", node,
                          "{consolidationPolicy: WhenEmptyOrUnderutilized, consolidateAfter: 0s}");
    const auto at = story.told.find("Without it");
    if (at == std::string::npos) continue;
    const std::string without = story.told.substr(at, story.told.find("Why it went") - at);
    if (NodeStory::has(without, "is ending: needs none")) ++ending;
    // No pod without a place beside the word that all have one.
    CHECK_FALSE((NodeStory::has(without, "nodes are available") && NodeStory::has(without, "all of them together")));
  }
  CHECK(ending > 0);
}

TEST_CASE("drift of a node that consolidation would leave: the command's own outcome, and all of its replacements") {
  const NodeStory story(
      "        - {key: karpenter.sh/capacity-type, operator: In, values: [on-demand]}\n"
      "        - {key: node.kubernetes.io/instance-type, operator: In, values: [t3.medium, m5.xlarge]}\n",
      "", "events: [{at: 40m, upgrade: nodes}]\n", "i-2", "{consolidationPolicy: WhenEmptyOrUnderutilized}");
  CAPTURE(story.told);
  const auto at = story.told.find("Without it");
  REQUIRE(at != std::string::npos);
  const std::string without = story.told.substr(at, story.told.find("Why it went") - at);
  CHECK(NodeStory::has(without, "It goes: drift"));
  CHECK_FALSE(NodeStory::has(without, "It stays"));
  CHECK(NodeStory::has(story.why(), "It had drifted: a newer machine image was out since 00:40:00"));
  CHECK_FALSE(NodeStory::has(story.told, "To be disrupted: drift"));  // at the same instant as "Disrupted"
}

TEST_CASE("a drain that is stuck at the end of the run says that it goes, and what holds each pod") {
  const Folder folder;
  folder.put("pool.yaml", R"(apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: default}
spec:
  template:
    spec:
      expireAfter: 20m
      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
      requirements:
        - {key: node.kubernetes.io/instance-type, operator: In, values: [m5.2xlarge]}
)");
  const auto deployment = [](const std::string& name, const std::string& annotations) {
    return R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: )" +
           name + R"(}
spec:
  replicas: 1
  selector: {matchLabels: {app: )" +
           name + R"(}}
  template:
    metadata: {labels: {app: )" +
           name + R"(}, annotations: )" + annotations + R"(}
    spec:
      containers:
      - {name: c, image: nginx, resources: {requests: {cpu: 2500m, memory: 1Gi}}}
---
)";
  };
  folder.put("web.yaml", deployment("kept", "{karpenter.sh/do-not-disrupt: \"true\"}") + deployment("web", "{}") + R"(
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: none-may-go}
spec: {maxUnavailable: 0, selector: {matchLabels: {app: web}}}
)");
  ExplainArguments a;
  a.subject = folder.put("s.yaml", R"(apiVersion: plimsoll/v1
load: {constant: 0/s, for: 40m, warmup: 0s, to: web}
sizes: as-written
replications: 1
files: {kubernetes: [web.yaml]}
apps:
  web: {work: 1ms, image: 50MB}
  kept: {work: 1ms, image: 50MB}
platforms:
  k:
    type: eks
    capacity: {bootstrap: {type: m5.large, count: 2}, nodePools: [pool.yaml]}
)");
  a.node = "i-2";
  Subject subject(registry(), a);
  const std::string told = explain_node(subject, a, {160, false}).text;
  CAPTURE(told);
  CHECK(told.find("Why it is going\n") != std::string::npos);
  CHECK(told.find("Why it went") == std::string::npos);
  CHECK(told.find("What holds it at 00:40:00\n") != std::string::npos);
  CHECK(told.find("  kept-0: has karpenter.sh/do-not-disrupt\n") != std::string::npos);
  CHECK(told.find("  web-0: its PodDisruptionBudget default/none-may-go allows no eviction\n") != std::string::npos);
}
