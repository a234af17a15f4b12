#include "sim/cli/explain_replacement.h"

#include <doctest/doctest.h>

#include "sim/billing/bill.h"
#include "tests/sim/cluster/small_world.h"

namespace plimsoll::cli {
namespace {

using namespace plimsoll::testing;

/// Two nodes of four cores and two groups, small (2 cores, $0.10) and large (8 cores, $0.30).
struct Groups {
  Groups() : world(small_world()) {
    auto bill = std::make_unique<billing::Bill>(world.window_start, world.end);
    for (const auto& [type, cents] : {std::pair("small", 10), std::pair("large", 30)}) {
      billing::LineItem line;
      line.item = "ec2/" + std::string(type) + "/on-demand";
      line.rate = Rate{cents * 10'000'000'000};
      bill->line(line);
    }
    world.attach(std::move(bill));
    web = add_workload(world, "web", 1'500, 512);
    node = ready_node(world, 4'000, 16'384);
    ready_node(world, 4'000, 16'384);
    for (const auto& [type, cores] : {std::pair("large", 8), std::pair("small", 2)}) {
      eks::ca::NodeGroup g;
      g.name = std::string(type) + "-group";
      g.node.name = world.names.intern(type);
      g.node.labels.set(world.names.intern("node.kubernetes.io/instance-type"), g.node.name);
      g.node.capacity.set_cpu(cpu_cores(cores));
      g.node.capacity.set_memory(gibibytes(16));
      g.node.capacity[Resource::pods] = 110;
      g.node.allocatable = g.node.capacity;
      groups.push_back(std::move(g));
    }
  }
  void place(int count, NodeId where) {
    for (int i = 0; i < count; ++i) {
      const PodId id = world.create_pod(web);
      world.bind_pod(id, where);
      if (where == node) pods.push_back(id);
    }
  }
  template <class Ask>
  auto ask(const Ask& question) {
    const kubernetes::Framework framework(eks::simulation_profile(kubernetes::KubernetesVersion::current), world.names);
    kubernetes::Scratch scratch;
    std::uint64_t simulated = 0;
    const eks::Simulation sim{world.placement, framework, scratch, world.shapes, world.names, simulated};
    const eks::ca::Options options;
    eks::ca::ScaleDownInput input;
    input.options = &options;
    eks::ScaleDownDetail detail;
    detail.groups = groups;
    detail.input = &input;
    detail.sim = &sim;
    return question(detail);
  }
  std::optional<GroupReplacement> cheapest() {
    return ask([&](const eks::ScaleDownDetail& d) { return cheapest_group(world, d, node, pods); });
  }

  World world;
  WorkloadId web;
  NodeId node;
  std::vector<PodId> pods;
  std::vector<eks::ca::NodeGroup> groups;
};

TEST_CASE("pods that fit alone may not fit together") {
  Groups g;
  g.place(2, g.node);
  g.place(1, NodeId{1});  // leaves 2.5 cores: one of the two
  const auto left = g.ask([&](const eks::ScaleDownDetail& d) { return without_place(g.world, d, g.node, g.pods); });
  CHECK(left == std::vector<PodId>{g.pods[1]});
}

TEST_CASE("the cheapest group is the one whose nodes cost least together") {
  Groups two;
  two.place(2, two.node);  // two small nodes for $0.20, or a large one for $0.30
  REQUIRE(two.cheapest().has_value());
  CHECK(two.cheapest()->group == "small-group");
  CHECK(two.cheapest()->nodes == 2);
  CHECK(two.cheapest()->usd_per_hour == doctest::Approx(0.20));
  Groups big;
  big.web = add_workload(big.world, "big", 3'500, 512);
  big.place(1, big.node);  // no small node holds it
  REQUIRE(big.cheapest().has_value());
  CHECK(big.cheapest()->type == "large");
  CHECK(big.cheapest()->usd_per_hour == doctest::Approx(0.30));
  Groups none;
  none.place(2, none.node);
  none.groups.clear();
  CHECK_FALSE(none.cheapest().has_value());
}

TEST_CASE("the question leaves no trace") {
  Groups g;
  g.place(2, g.node);
  g.cheapest();  // the names that a scheduler knows are in the world from here on
  const std::uint64_t before = g.world.placement.version();
  const NameId next = g.world.names.intern("the next name");
  g.cheapest();
  CHECK(g.world.placement.version() == before);
  CHECK(g.world.names.intern("the name after it").index() == next.index() + 1);
}

}  // namespace
}  // namespace plimsoll::cli
