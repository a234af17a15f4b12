#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "models/ecs/capacity_plan.h"
#include "sim/document/loader.h"

namespace plimsoll::ecs::testing {

/// A column's keys as text, read for one application "web".
struct ColumnText {
  ColumnText(Cpu cpu, Bytes memory) {
    setting.region = "us-east-1";
    setting.as_of = "today";
    WorkloadSpec w;
    w.name = "web";
    w.ecs = {cpu, memory, {}, {}};
    setting.workloads.push_back(w);
  }
  /// As a scenario without another column does.
  static void tell(document::Fields& f, const std::vector<Unholdable>& unholdable) {
    for (const Unholdable& u : unholdable) f.reader().diagnostics->add(u.fault);
  }
  WorkloadSpec& web() { return setting.workloads.front(); }

  /// Reads the capacity and then `more(fields, prices, plan)`; answers with everything that was complained about.
  template <class More>
  std::string read(const std::string& text, More&& more) {
    document::Diagnostics diagnostics;
    {
      const document::Node root = document::load_text(text, "s.yaml", diagnostics).front();
      document::Fields f(root, diagnostics, "platforms.a");
      const auto prices = aws::PriceBook::open(f, setting);
      REQUIRE(prices != nullptr);
      const CapacityPlan capacity = CapacityPlan::read(f, *prices, setting);
      tell(f, capacity.unholdable);
      more(f, *prices, capacity);
    }
    return diagnostics.text();
  }

  Setting setting;
};

}  // namespace plimsoll::ecs::testing
