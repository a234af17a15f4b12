#include "models/eks/control_plane.h"

#include <doctest/doctest.h>

#include "sim/document/loader.h"

namespace plimsoll::eks {
namespace {

struct Reading {
  explicit Reading(const std::string& text, const std::string& as_of = "today") {
    setting.region = "us-east-1";
    setting.as_of = as_of;
    const auto nodes = document::load_text(text, "column.yaml", diagnostics);
    document::Fields f(nodes.empty() ? document::Node() : nodes.front(), diagnostics, "c");
    const auto prices = aws::PriceBook::open(f, setting);
    REQUIRE(prices != nullptr);
    plane = read_control_plane(f, *prices);
    f.finish();
  }
  bool says(const std::string& text) const { return diagnostics.text().find(text) != std::string::npos; }
  Setting setting;
  document::Diagnostics diagnostics;
  ControlPlane plane;
};

Rate dollars_per_hour(std::int64_t cents) { return Rate{cents * 10'000'000'000}; }

TEST_CASE("standard support costs 0.10 $/h, extended support 0.60 $/h") {
  CHECK(Reading("{}").plane.hour == dollars_per_hour(10));
  CHECK(Reading("{supportTier: extended}").plane.hour == dollars_per_hour(60));
  // On the date of the newest price list (2026-10-01) 1.34 is in standard and 1.31 in extended support.
  CHECK(Reading("{eksVersion: '1.34'}").plane.hour == dollars_per_hour(10));
  CHECK(Reading("{eksVersion: '1.35'}").plane.hour == dollars_per_hour(10));
  Reading old("{eksVersion: '1.31'}");
  CHECK(old.diagnostics.text() == "");
  CHECK(old.plane.hour == dollars_per_hour(60));
  CHECK(old.plane.remark().find("version 1.31 is in extended support") != std::string::npos);
  CHECK(Reading("{eksVersion: '1.34'}").plane.remark() == "");
  CHECK(ControlPlane::duties().find("yours: nodes, add-ons") != std::string::npos);
}

TEST_CASE("the calendar decides what EKS runs at a date") {
  CHECK(Reading("{eksVersion: '1.31'}", "2025-01").plane.tier == SupportTier::standard);
  CHECK(Reading("{eksVersion: '1.28'}").says("EKS does not run 1.28 on 2026-10-01"));
  CHECK(Reading("{eksVersion: '1.34'}", "2024-01").says("it did from 2025-10-02"));
  CHECK(Reading("{eksVersion: '1.43'}").says("no version '1.43'"));
  // 0.20 $/h until January 2020, and no extended support before April 2024.
  CHECK(Reading("{}", "2019-02").plane.hour == dollars_per_hour(20));
  CHECK(Reading("{eksVersion: '1.23'}", "2023-12").plane.hour == dollars_per_hour(10));
}

TEST_CASE("a scaling tier costs beside the cluster's fee and has the capacity of its release") {
  const Reading xl("{controlPlaneScalingConfig: {tier: tier-xl}}");
  REQUIRE(xl.plane.scaling != nullptr);
  CHECK(xl.plane.hour == dollars_per_hour(10));
  CHECK(xl.plane.scaling_hour == dollars_per_hour(165));
  CHECK(Reading("{controlPlaneScalingConfig: {tier: standard}}").plane.scaling == nullptr);
  // The user guide's tables: seats before and from 1.34 on, scheduling up to 1.29 and from 1.30 on.
  CHECK(xl.plane.scaling->capacity(29).seats == 1700);
  CHECK(xl.plane.scaling->capacity(29).scheduling == 100);
  CHECK(xl.plane.scaling->capacity(33).seats == 1700);
  CHECK(xl.plane.scaling->capacity(33).scheduling == 167);
  CHECK(xl.plane.scaling->capacity(34).seats == 2000);
  CHECK(scaling_tiers().back().capacity(35).seats == 16'000);
  CHECK(scaling_tiers().back().capacity(35).scheduling == 400);
  CHECK(Reading("{controlPlaneScalingConfig: {tier: tier-xxl}}").says("tier-xl"));
  CHECK(Reading("{controlPlaneScalingConfig: {tier: tier-xl}}", "2025-06").says("it exists from 2025-11-27"));
  // The standard mode begins with the defaults of two API servers and never shrinks on its way.
  const auto sizes = standard_sizes(33);
  CHECK(sizes.front().seats == 1200);
  CHECK(sizes.front().scheduling == 50);
  CHECK(sizes.back().seats == 1700);
  for (std::size_t i = 1; i < sizes.size(); ++i) {
    CHECK(sizes[i].seats > sizes[i - 1].seats);
    CHECK(sizes[i].scheduling >= sizes[i - 1].scheduling);
  }
}

/// What is said of these updates, at hours 1, 2, ..., of a column that begins with a version.
std::string updates(const std::string& from, const std::vector<std::string>& to, Duration apart = hours(1)) {
  Reading column(from.empty() ? "{}" : "{eksVersion: '" + from + "'}");
  std::vector<TimelineEvent> events;
  for (const std::string& v : to) {
    TimelineEvent e;
    e.at = apart * static_cast<std::int64_t>(events.size() + 1);
    e.what = ControlPlaneUpdate{v};
    events.push_back(std::move(e));
  }
  document::Diagnostics diagnostics;
  const auto nodes = document::load_text(from.empty() ? "{}" : "{eksVersion: '" + from + "'}", "c.yaml", diagnostics);
  document::Fields f(nodes.front(), diagnostics, "c");
  std::vector<std::string> remarks;
  check_version_updates(f, events, from.empty() ? ControlPlane{} : column.plane, "yours stay the nodes", remarks);
  return diagnostics.text() + (remarks.empty() ? "" : remarks.front());
}

TEST_CASE("updates go one minor version at a time, to what EKS offers, and back within a week") {
  const auto says = [](const std::string& text, const char* part) { return text.find(part) != std::string::npos; };
  CHECK(says(updates("1.33", {"1.34"}), "the control plane is updated to 1.34; yours stay the nodes"));
  CHECK(says(updates("1.33", {"1.34", "1.35"}), "updated to 1.35"));
  CHECK(says(updates("1.33", {"1.35"}), "unsupported Kubernetes minor version update from 1.33 to 1.35"));
  CHECK(says(updates("1.33", {"1.35"}), "first to 1.34"));
  CHECK(says(updates("1.33", {"1.33"}), "unsupported Kubernetes minor version update from 1.33 to 1.33"));
  CHECK(says(updates("1.35", {"1.36"}), "EKS does not offer 1.36 on 2026-10-01"));
  CHECK(says(updates("1.33", {"1.32"}), "no way back from 1.33 to 1.32"));
  CHECK(says(updates("1.33", {"1.34", "1.33"}), "updated to 1.33"));
  CHECK(says(updates("1.33", {"1.34", "1.33"}, hours(24 * 8)), "within 7 days"));
  CHECK(says(updates("1.33", {"1.34", "1.33", "1.32"}), "no way back from 1.33 to 1.32"));
  CHECK(says(updates("", {"1.34"}), "from which version?"));
  CHECK(updates("1.33", {}) == "");
}

TEST_CASE("a version has the rules of the nearest set, and its skew") {
  using kubernetes::KubernetesVersion;
  CHECK(rules_of(22) == KubernetesVersion::v1_20);
  CHECK(rules_of(23) == KubernetesVersion::v1_26);
  CHECK(rules_of(31) == KubernetesVersion::v1_26);
  CHECK(rules_of(32) == KubernetesVersion::current);
  CHECK(node_monitor_grace(rules_of(31)) == seconds(40));
  CHECK(node_monitor_grace(rules_of(32)) == seconds(50));
  CHECK(kubelet_skew(27) == 2);
  CHECK(kubelet_skew(28) == 3);
  CHECK(minor_of("1.34") == 34);
  CHECK(minor_of("2.1") == 0);
  CHECK(minor_of("1.3x") == 0);
}

TEST_CASE("versions follow one another, with 14 months of standard and 12 of extended support") {
  const auto months = [](aws::Date d) { return d.year * 12 + d.month; };
  for (const EksVersion& v : eks_versions()) {
    CAPTURE(v.name);
    CHECK(months(v.standard_until) - months(v.released) >= 13);
    CHECK(months(v.standard_until) - months(v.released) <= 15);
    CHECK(months(v.extended_until) - months(v.standard_until) == 12);
  }
}

}  // namespace
}  // namespace plimsoll::eks
