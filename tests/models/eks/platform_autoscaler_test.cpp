#include "models/eks/platform_autoscaler.h"

#include <doctest/doctest.h>

#include <string>

#include "sim/document/loader.h"

namespace plimsoll::eks {
namespace {

/// A capacity block of Cluster Autoscaler with these lines, as it is read.
struct AutoscalerReading {
  explicit AutoscalerReading(const std::string& lines) {
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

}  // namespace
}  // namespace plimsoll::eks
