#include "models/eks/platform_autoscaler.h"

#include <doctest/doctest.h>

#include <string>

#include "sim/document/loader.h"

namespace plimsoll::eks {
namespace {

/// A capacity block of Cluster Autoscaler with these lines, as it is read.
struct AutoscalerReading {
  explicit AutoscalerReading(const std::string& lines) {
    NodeGroupPlan group;
    group.name = "web";
    group.maximum = 10;
    plan.groups.push_back(group);
    const auto nodes = document::load_text("autoscaler: cluster-autoscaler\n" + lines, "s.yaml", diagnostics);
    REQUIRE(nodes.size() == 1);
    document::Fields f(nodes.front(), diagnostics, "capacity");
    parse_autoscaler(f, plan);
  }
  bool says(std::string_view what) const { return diagnostics.text().find(what) != std::string::npos; }
  document::Diagnostics diagnostics;
  EksPlan plan;
};

TEST_CASE("a flag has one value; one that may be given several times may be a list") {
  const AutoscalerReading labels("flags: {balancing-ignore-label: [a, b]}\n");
  CHECK(labels.diagnostics.text() == "");
  REQUIRE(labels.plan.autoscaler.has_value());
  CHECK(labels.plan.autoscaler->options.balancing_ignore_label == std::vector<std::string>{"a", "b"});
  const AutoscalerReading chain("flags: {expander: [priority, least-waste]}\n");
  CHECK(chain.says("s.yaml:2:"));
  CHECK(chain.says("the flag expander has one value"));
  CHECK(chain.says("write expander: priority,least-waste"));
  CHECK(AutoscalerReading("flags: {scan-interval: {a: 1}}\n").says("the flag scan-interval has one value"));
}

TEST_CASE("an expression that is none is told where it stands") {
  const AutoscalerReading wrong("flags: {expander: priority}\npriorities:\n  50: [\".*spot.*\"]\n  10: [\"(\", [a]]\n");
  CHECK(wrong.says("s.yaml:5:8: error: '(' is not a regular expression"));
  CHECK(wrong.says("a regular expression is one text"));
  CHECK(wrong.diagnostics.error_count() == 2);
  CHECK(AutoscalerReading("flags: {expander: priority}\npriorities: {50: [\"(?i)SPOT\"]}\n").diagnostics.text() == "");
}

TEST_CASE("priorities and their expander belong together") {
  const AutoscalerReading unread("priorities: {50: [\".*\"]}\n");
  CHECK(unread.says("warning: they have no effect: only --expander=priority reads them"));
  CHECK_FALSE(unread.diagnostics.has_errors());
  CHECK(unread.plan.autoscaler.has_value());
  const AutoscalerReading blind("flags: {expander: \"priority,least-waste\"}\n");
  CHECK(blind.says("warning: --expander=priority has no priorities to go by"));
  CHECK_FALSE(blind.diagnostics.has_errors());
}

TEST_CASE("flags may stand as in a manifest's command") {
  const AutoscalerReading r(
      "flags: [./cluster-autoscaler, --v=4, --expander=least-waste, --balance-similar-node-groups, "
      "\"--nodes=1:4:web\", \"--balancing-ignore-label=a\", \"--balancing-ignore-label=b\"]\n");
  CHECK(r.diagnostics.text() == "");
  REQUIRE(r.plan.autoscaler.has_value());
  CHECK(r.plan.autoscaler->options.expander == "least-waste");
  CHECK(r.plan.autoscaler->options.balance_similar_node_groups);
  CHECK(r.plan.autoscaler->options.nodes == std::vector<std::string>{"1:4:web"});
  CHECK(r.plan.autoscaler->options.balancing_ignore_label == std::vector<std::string>{"a", "b"});
  CHECK(AutoscalerReading("flags: [--expandr=random]\n").says("did you mean 'expander'?"));
  CHECK(AutoscalerReading("flags: [expander=random]\n").says("a flag of the command is one text with -- before it"));
  CHECK(AutoscalerReading("flags: [--]\n").says("a flag of the command is one text with -- before it"));
  CHECK(AutoscalerReading("flags: [--scan-interval=soon]\n").says("(at capacity.flags[0])"));
}

TEST_CASE("flags speak of the groups that there are") {
  CHECK(AutoscalerReading("flags: {nodes: [\"1:4:web\"]}\n").diagnostics.text() == "");
  const AutoscalerReading unknown("flags: {nodes: [\"1:4:wbe\"]}\n");
  CHECK(unknown.says("s.yaml:2:"));
  CHECK(unknown.says("there is no node group 'wbe'"));
  CHECK(unknown.says("did you mean 'web'?"));
  const AutoscalerReading beyond("flags: {nodes: \"1:40:web\"}\n");
  CHECK(beyond.says("EC2 Auto Scaling refuses sizes outside the group's own bounds, 1 to 10"));
  CHECK(AutoscalerReading("flags: {nodes: \"1-4-web\"}\n").says("is not a value of nodes"));
}

TEST_CASE("flags that exclude each other are refused together") {
  const AutoscalerReading drain("flags: {drain-priority-config: \"0:60\", max-graceful-termination-sec: 60}\n");
  CHECK(drain.says("drain-priority-config and max-graceful-termination-sec exclude each other"));
  const AutoscalerReading labels("flags: {balancing-label: [a], balancing-ignore-label: [b]}\n");
  CHECK(labels.says("balancing-label and balancing-ignore-label exclude each other"));
  CHECK(AutoscalerReading("flags: {drain-priority-config: \"0:60\"}\npackingCheck: 1ms\n").diagnostics.text() == "");
}

}  // namespace
}  // namespace plimsoll::eks
