// Also tests: explain_node, explain_node_end, explain_launch
#include "sim/cli/explain_group.h"

#include <algorithm>

#include "sim/cli/explain.h"
#include "tests/sim/engine/columns.h"

using namespace plimsoll;
using namespace plimsoll::cli;
using namespace plimsoll::engine::testing;

namespace {

/// Lines folded into one, runs of blanks as one.
std::string unfolded(const std::string& text) {
  std::string plain;
  for (const char c : text) {
    const char d = c == '\n' ? ' ' : c;
    if (d != ' ' || plain.empty() || plain.back() != ' ') plain += d;
  }
  return plain;
}

/// A managed node group of three nodes in three zones with four pods, and what is said of each of its nodes.
struct GroupStory {
  GroupStory(const std::string& events, const std::string& capacity, const std::string& budget = "",
             const std::string& span = "60m") {
    folder.put("web.yaml", R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 4
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: c, image: nginx, resources: {requests: {cpu: 500m, memory: 1Gi}}}
)" + budget);
    scenario = folder.put("s.yaml", R"(apiVersion: plimsoll/v1
load: {constant: 0/s, for: )" + span + R"(, warmup: 0s}
sizes: as-written
replications: 1
files: {kubernetes: [web.yaml]}
apps:
  web: {work: 1ms, image: 50MB}
)" + events + R"(platforms:
  k:
    type: eks
    capacity: )" + capacity + "\n");
    std::size_t nodes = 1;
    for (std::size_t i = 0; i < nodes; ++i) {
      ExplainArguments a;
      a.subject = scenario;
      a.node = "i-" + std::to_string(i);
      Subject subject(registry(), a);
      told.push_back(unfolded(explain_node(subject, a, {80, false}).text));
      nodes = subject.world().nodes().size();
    }
  }
  /// Of node i, the section under a heading.
  std::string section(std::size_t i, const std::string& heading) const {
    const auto at = told[i].find(heading);
    if (at == std::string::npos) return "";
    return told[i].substr(at, told[i].find(" Run from", at) - at);
  }
  std::string launch(std::size_t i) const {
    const std::string from = section(i, "Why it was launched");
    for (const char* next : {" What the autoscaler", " Without it", " Why it went", " Why it is going"}) {
      if (const auto at = from.find(next); at != std::string::npos) return from.substr(0, at);
    }
    return from;
  }
  std::vector<std::size_t> where(const std::string& heading, const std::string& words) const {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < told.size(); ++i) {
      const std::string text = heading == "Why it was launched" ? launch(i) : section(i, heading);
      if (text.find(words) != std::string::npos) out.push_back(i);
    }
    return out;
  }

  Folder folder;
  std::string scenario;
  std::vector<std::string> told;
};

std::string node_name(std::size_t i) { return "i-0000" + std::to_string(i); }

constexpr const char* kThreeToSix = "{nodeGroup: {type: m5.large, min: 3, max: 6}, autoscaler: cluster-autoscaler}";

}  // namespace

TEST_CASE("a zone that comes back: a launch and an end by AZ rebalancing, each of which names the other") {
  const GroupStory story("events:\n  - {at: 10m, fail: {zone: us-east-1a}, for: 20m}\n", kThreeToSix);
  // The node of the lost zone has its place filled elsewhere.
  const auto lost = story.where("Why it went", "It was lost at 00:10:00 with its zone");
  REQUIRE(lost.size() == 1);
  CHECK(story.where("Why it was launched", "default launched it in the place of " + node_name(lost[0]) +
                                               ", which was lost with its zone") == std::vector<std::size_t>{3});
  const auto came = story.where("Why it was launched", "AZ rebalancing: us-east-1a had 0 of its nodes and us-east-1");
  const auto went = story.where("Why it went", "AZ rebalancing: us-east-1");
  REQUIRE(came.size() == 1);
  REQUIRE(went.size() == 1);
  CHECK(story.launch(came[0]).find(node_name(went[0]) + " went when it was in service") != std::string::npos);
  CHECK(story.section(went[0], "Why it went").find(node_name(came[0]) + ", launched at") != std::string::npos);
  CHECK(story.section(went[0], "Why it went").find("node_drain") == std::string::npos);
  CHECK(story.where("Why it was launched", "part of the size that it began with (minimum 3)").size() == 3);
}

TEST_CASE("a node that Cluster Autoscaler drained: the count is of pods that move, not of its DaemonSets'") {
  // The second node comes for one of seven pods; with five left it goes, and that pod fits the first.
  const GroupStory story("events:\n  - {at: 5m, scale: web, replicas: 7}\n  - {at: 20m, scale: web, replicas: 5}\n",
                         "{nodeGroup: {type: m5.xlarge, min: 1, max: 6}, autoscaler: cluster-autoscaler}");
  REQUIRE(story.told.size() == 2);
  const std::string why = story.section(1, "Why it went");
  CAPTURE(why);
  CHECK(why.find("removed, drained of 1 pod.") != std::string::npos);
}

TEST_CASE("an update of a node group: its surge comes and goes as that, its replacements name whom they replace") {
  const GroupStory story("events:\n  - {at: 10m, upgrade: nodes}\n",
                         "{nodeGroup: {type: m5.large, min: 3, max: 6}, autoscaler: none}");
  // Three zones: a surge of 2 x 3 = 6 nodes; three old nodes are replaced one by one; then six go.
  const auto surge = story.where(
      "Why it was launched",
      "The update of default to a newer machine image began at 00:10:00 by starting 6 nodes ahead of those that it "
      "takes out: 3 to 9.");
  CHECK(surge.size() == 6);
  const auto replaced = story.where("Why it went", "It was replaced by a node of a newer machine image");
  CHECK(replaced == std::vector<std::size_t>{0, 1, 2});
  for (const std::size_t old : replaced) {
    CHECK(story
              .where("Why it was launched", "in the place of " + node_name(old) +
                                                ", which an update to a newer image "
                                                "took out")
              .size() == 1);
  }
  CHECK(story
            .where("Why it went",
                   "The update of default that began at 00:10:00 was done with the old nodes and took "
                   "back the 6 nodes that it had started ahead")
            .size() == 6);
}

TEST_CASE("a node that was drained to the end of its hook names the pods that stayed, and their budget") {
  const GroupStory story("events:\n  - {at: 10m, fail: {zone: us-east-1a}, for: 20m}\n", kThreeToSix, R"(---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {maxUnavailable: 0, selector: {matchLabels: {app: web}}}
)",
                         "90m");
  const auto went = story.where("Why it went", "AZ rebalancing");
  REQUIRE(went.size() == 1);
  const std::string why = story.section(went[0], "Why it went");
  CAPTURE(why);
  CHECK(why.find("It was drained for 30 min; then it ended although pods were left on it: web-") != std::string::npos);
  CHECK(why.find("(PodDisruptionBudget default/web)") != std::string::npos);
}

TEST_CASE(
    "an update beside a group that is rebalanced: both sides of every exchange tell of it, nobody is told of twice") {
  const scenario::Scenario s =
      read_file(std::string(PLIMSOLL_SOURCE_DIR) + "/scenarios/cluster-upgrade.yaml", {}, {"node-group"});
  engine::Run run = engine::build(s, 0, 0, {.keep_series = true, .keep_events = true});
  run.world.run();
  std::size_t ahead = 0, replaced = 0;
  for (const NodeGroup& g : run.world.groups()) {
    const GroupHistory history(run.world, g.id);
    for (const Node& n : run.world.nodes()) {
      const auto came = history.launch_of(n.id), went = history.end_of(n.id);
      CHECK(came.has_value() == (n.group == g.id));
      if (went && went->cause == GroupHistory::Cause::ahead) {
        ++ahead;
        const auto other = history.launch_of(went->other);
        REQUIRE(other.has_value());
        CHECK(other->other == n.id);
        CHECK(run.world.node(went->other).zone != n.zone);
        CHECK(n.end_reason == Reason::node_drain);
      }
      if (n.end_reason == Reason::rollout) {
        CHECK((went && went->cause == GroupHistory::Cause::alone));
        for (const Node& m : run.world.nodes()) {
          const auto why = history.launch_of(m.id);
          replaced += why && why->cause == GroupHistory::Cause::replacement && why->other == n.id ? 1 : 0;
        }
      }
    }
    // Every old node was taken out by the update or by the group, and each of the former has one in its place.
    CHECK(replaced ==
          static_cast<std::size_t>(std::count_if(run.world.nodes().begin(), run.world.nodes().end(),
                                                 [](const Node& n) { return n.end_reason == Reason::rollout; })));
  }
  CHECK(ahead > 0);
  CHECK(replaced > 0);
}
