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
