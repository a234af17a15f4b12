#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "bench/bench.h"
#include "bench/clock.h"
#include "models/aws/autoscaling/allocation_strategy.h"
#include "models/aws/autoscaling/termination_policy.h"
#include "models/ecs/placement.h"
#include "models/eks/cluster_autoscaler/expander.h"
#include "models/kubernetes/scheduler/framework.h"
#include "sim/cli/verbs.h"
#include "sim/cluster/names.h"
#include "sim/core/hash.h"

namespace plimsoll::bench {

namespace {

constexpr const char* kUsage =
    "usage: plimsoll-bench policies [-o json]\n"
    "\n"
    "Every policy of `plimsoll policies` that can be asked without a world around it: nanoseconds of CPU for one\n"
    "decision. The others are listed; plimsoll-bench macro measures them at work. A policy that is neither is an\n"
    "error.\n";

/// Interfaces whose policies decide over a world and its past.
constexpr std::string_view kAtWork[] = {"replica scaler", "alarm",  "node scaler",
                                        "pod sizer",      "metric", "container agent"};

struct Row {
  std::string interface_name, policy, input;
  double nanoseconds = 0;
  std::int64_t decisions = 0;
  std::uint64_t hash = 0;  ///< of the decisions
};

// --- ECS placement strategies ---

constexpr std::size_t kInstances = 5'000;
constexpr std::size_t kPlacements = 5'000;

std::vector<std::pair<std::string, ecs::StrategyPtr>> strategies(std::string_view name) {
  if (name == "random") return {{"random", ecs::random_strategy()}};
  if (name == "binpack") {
    return {{"binpack(cpu)", ecs::binpack_strategy(ecs::BinpackField::cpu)},
            {"binpack(memory)", ecs::binpack_strategy(ecs::BinpackField::memory)}};
  }
  if (name == "spread") {
    return {{"spread(zone)", ecs::spread_over_zones()}, {"spread(instance)", ecs::spread_over_instances()}};
  }
  return {};
}

/// Tasks of 250m and 512 MiB on instances of 4 vCPU and 16 GiB, each reserved for as it is placed.
Row time_placement(const std::string& name, const ecs::StrategyPtr& strategy) {
  std::vector<std::int64_t> cpu(kInstances, cpu_cores(4).raw()), memory(kInstances, gibibytes(16).raw()),
      enis(kInstances, 20);
  std::vector<std::uint8_t> usable(kInstances, 1);
  std::vector<std::uint32_t> zone(kInstances), tasks(kInstances, 0);
  for (std::size_t i = 0; i < kInstances; ++i) zone[i] = static_cast<std::uint32_t>(i % 3);
  ecs::InstanceColumns columns;
  columns.free_cpu = cpu;
  columns.free_memory = memory;
  columns.free_enis = enis;
  columns.usable = usable;
  columns.zone = zone;
  columns.zone_count = 3;
  columns.group_tasks = tasks;
  ecs::TaskNeed need;
  need.cpu = cpu_millis(250);
  need.memory = mebibytes(512);
  need.enis = 1;
  const ecs::StrategyChain chain{strategy};
  ecs::PlacementScratch scratch;
  const Stream stream(1, "bench/policies", Purpose::tie_break);
  TraceHash hash;
  const double start = cpu_seconds();
  for (std::size_t i = 0; i < kPlacements; ++i) {
    const ecs::PlacementAnswer answer = ecs::place(columns, need, chain, scratch);
    const std::uint32_t at = answer.best[stream.below(answer.best.size(), i)];
    cpu[at] -= need.cpu.raw();
    memory[at] -= need.memory.raw();
    --enis[at];
    ++tasks[at];
    hash.add(at);
  }
  return {"placement strategy",
          name,
          fmt::format("{} instances", kInstances),
          (cpu_seconds() - start) * 1e9 / static_cast<double>(kPlacements),
          kPlacements,
          hash.value()};
}

// --- expanders of Cluster Autoscaler ---

std::optional<Row> time_expander(const std::string& name) {
  constexpr std::size_t kGroups = 100;
  constexpr std::int64_t kChoices = 2'000;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kGroups; ++i) names.push_back(fmt::format("group-{:03}", i));
  std::vector<eks::ca::ExpansionOption> options(kGroups);
  for (std::size_t i = 0; i < kGroups; ++i) {
    const auto k = static_cast<std::int64_t>(i);
    options[i].group = i;
    options[i].group_id = names[i];
    options[i].nodes = 1 + k % 7;
    options[i].pods = 10 + k % 13;
    options[i].requested.set_cpu(cpu_millis(500 + 10 * (k % 13)));
    options[i].requested.set_memory(mebibytes(1'000 + 17 * (k % 11)));
    options[i].node_capacity.set_cpu(cpu_cores(4 + 4 * (k % 3)));
    options[i].node_capacity.set_memory(gibibytes(16 + 16 * (k % 5)));
  }
  std::string error;
  const auto chain = eks::ca::make_expanders(name, {{10, {".*-01.*"}}, {50, {"group-0[45].*"}}}, error);
  if (chain == nullptr) return std::nullopt;
  const Stream stream(1, "bench/policies", Purpose::tie_break);
  TraceHash hash;
  const double start = cpu_seconds();
  for (std::int64_t i = 0; i < kChoices; ++i) {
    hash.add(static_cast<std::uint64_t>(chain->choose(options, &stream, static_cast<std::uint64_t>(i))));
  }
  return Row{"expander",
             name,
             fmt::format("{} groups", kGroups),
             (cpu_seconds() - start) * 1e9 / static_cast<double>(kChoices),
             kChoices,
             hash.value()};
}

// --- Auto Scaling groups ---

/// Twenty types in a zone, whose use and depth change with each launch.
std::optional<Row> time_allocation(const std::string& name) {
  const auto strategy = aws::allocation_strategy(name);
  if (!strategy) return std::nullopt;
  constexpr std::size_t kOffers = 20;
  constexpr std::int64_t kLaunches = 20'000;
  std::vector<aws::PoolOffer> offers(kOffers);
  for (std::size_t i = 0; i < kOffers; ++i) {
    offers[i].option = i;
    offers[i].price = Rate{static_cast<std::int64_t>(40'000'000'000 + 1'000'000'000 * (i * 7 % kOffers))};
    offers[i].depth = static_cast<double>(i * 11 % kOffers);
  }
  TraceHash hash;
  const double start = cpu_seconds();
  for (std::int64_t i = 0; i < kLaunches; ++i) {
    const std::size_t first = aws::rank_offers(offers, *strategy).front();
    ++offers[first].used;
    offers[first].depth = offers[first].depth > 0 ? offers[first].depth - 1 : static_cast<double>(kOffers);
    hash.add(static_cast<std::uint64_t>(first));
  }
  return Row{"allocation strategy",
             name,
             fmt::format("{} offers", kOffers),
             (cpu_seconds() - start) * 1e9 / static_cast<double>(kLaunches),
             kLaunches,
             hash.value()};
}

/// A group of 300 instances in three zones that is scaled in to nothing.
std::optional<Row> time_termination(const std::string& name) {
  const auto policy = aws::termination_policy(name);
  if (!policy) return std::nullopt;
  constexpr std::size_t kGroup = 300;
  const std::string_view zones[] = {"us-east-1a", "us-east-1b", "us-east-1c"};
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < kGroup; ++i) ids.push_back(fmt::format("i-{:04}", i));
  std::vector<aws::GroupInstance> group(kGroup);
  for (std::size_t i = 0; i < kGroup; ++i) {
    const auto k = static_cast<std::int64_t>(i);
    group[i].id = ids[i];
    group[i].zone = zones[i % 3];
    group[i].launch_version = 1 + k % 4;
    group[i].uses_launch_configuration = k % 10 == 0;
    group[i].age = minutes(k * 37 % 1'000);
    group[i].to_next_billing_hour = minutes(60 - k * 37 % 60);
    group[i].spot = k % 2 == 0;
  }
  const aws::TerminationPolicy policies[] = {*policy};
  TraceHash hash;
  const double start = cpu_seconds();
  while (!group.empty()) {
    const auto chosen =
        aws::choose_termination(group, policies, aws::SurplusSide::spot, [](std::size_t equals) { return equals / 2; });
    hash.add(static_cast<std::uint64_t>(*chosen));
    group.erase(group.begin() + static_cast<std::ptrdiff_t>(*chosen));
  }
  return Row{"termination policy",
             name,
             fmt::format("{} instances", kGroup),
             (cpu_seconds() - start) * 1e9 / static_cast<double>(kGroup),
             static_cast<std::int64_t>(kGroup),
             hash.value()};
}

// --- kube-scheduler ---

/// The basic mix: nodes of 4 vCPU, 32 GiB and 110 pods; pods of 100m and 500 MiB without rules; placed one by one.
/// Shapes of SOURCE kubernetes/kubernetes test/integration/scheduler_perf config templates node-default, pod-default.
Row time_scheduler(std::size_t nodes, std::size_t pods, kubernetes::Path path) {
  Names names;
  ShapeTable shapes;
  Snapshot snapshot;
  const NameId zone_key = names.intern("topology.kubernetes.io/zone");
  const NameId host_key = names.intern("kubernetes.io/hostname");
  for (std::size_t i = 0; i < nodes; ++i) {
    SnapshotNode node;
    node.id = NodeId{i};
    node.name = names.intern(fmt::format("node-{:05}", i));
    node.capacity.set_cpu(cpu_cores(4));
    node.capacity.set_memory(gibibytes(32));
    node.capacity[Resource::pods] = 110;
    node.allocatable = node.capacity;
    node.labels.set(zone_key, names.intern(fmt::format("zone-{}", i % 3)));
    node.labels.set(host_key, node.name);
    snapshot.add_node(std::move(node));
  }
  PodShape pod;
  pod.namespace_name = names.intern("default");
  pod.requests.set_cpu(cpu_millis(100));
  pod.requests.set_memory(mebibytes(500));
  pod.requests[Resource::pods] = 1;
  pod.requests_anything = true;
  pod.nonzero_cpu = pod.requests.cpu().raw();
  pod.nonzero_memory = pod.requests.memory().raw();
  const ShapeId shape = shapes.intern(pod);
  const kubernetes::Framework framework(kubernetes::default_profile(kubernetes::KubernetesVersion::current), names);
  kubernetes::Scratch scratch;
  kubernetes::SearchState search;
  TraceHash hash;
  const double start = cpu_seconds();
  for (std::size_t i = 0; i < pods; ++i) {
    const kubernetes::TieDraw draw{Stream(1, static_cast<std::uint64_t>(i), Purpose::tie_break), 0};
    const kubernetes::Decision d =
        framework.schedule_one({snapshot, shapes, names}, shape, search, draw, scratch, path);
    hash.add(d.row);
    if (d.placed()) snapshot.add_pod(d.row, {PodId{i}, shape, 0, false, kTimeZero}, shapes[shape]);
  }
  return {"scheduler",
          path == kubernetes::Path::fast ? "kube-scheduler" : "kube-scheduler (plain path)",
          fmt::format("{} nodes", nodes),
          (cpu_seconds() - start) * 1e9 / static_cast<double>(pods),
          static_cast<std::int64_t>(pods),
          hash.value()};
}

}  // namespace

int run_policies(int argc, char** argv) {
  bool json = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option == "--help" || option == "-h") {
      std::fputs(kUsage, stdout);
      return 0;
    }
    if (option == "-o" && i + 1 < argc && std::string_view(argv[i + 1]) == "json") {
      json = true;
      ++i;
    } else {
      std::fputs(kUsage, stderr);
      return 2;
    }
  }
  const Registry registry = cli::make_registry();
  std::vector<Row> rows;
  std::vector<std::string> others, unknown;
  bool same = true;
  for (const PolicyInfo& policy : registry.policies()) {
    const std::string& interface_name = policy.interface_name;
    const std::size_t before = rows.size();
    std::optional<Row> row;
    if (interface_name == "placement strategy") {
      for (const auto& [name, strategy] : strategies(policy.name)) rows.push_back(time_placement(name, strategy));
    } else if (interface_name == "expander") {
      row = time_expander(policy.name);
    } else if (interface_name == "allocation strategy") {
      row = time_allocation(policy.name);
    } else if (interface_name == "termination policy") {
      row = time_termination(policy.name);
    } else if (interface_name == "scheduler" && policy.name == "kube-scheduler") {
      for (const std::size_t nodes : {std::size_t{1'000}, std::size_t{5'000}}) {
        rows.push_back(time_scheduler(nodes, 10'000, kubernetes::Path::fast));
        const Row plain = time_scheduler(nodes, 500, kubernetes::Path::plain);
        same = same && plain.hash == time_scheduler(nodes, 500, kubernetes::Path::fast).hash;
        rows.push_back(plain);
      }
    }
    if (row) rows.push_back(std::move(*row));
    if (rows.size() > before) continue;
    const bool at_work = std::find(std::begin(kAtWork), std::end(kAtWork), interface_name) != std::end(kAtWork);
    (at_work ? others : unknown).push_back(interface_name + " " + policy.name);
  }
  for (const std::string& policy : unknown) fmt::print(stderr, "error: nothing measures {}\n", policy);
  if (json) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const Row& r : rows) {
      list.push_back({{"interface", r.interface_name},
                      {"policy", r.policy},
                      {"input", r.input},
                      {"ns_per_decision", r.nanoseconds},
                      {"decisions", r.decisions},
                      {"hash", fmt::format("{:016x}", r.hash)}});
    }
    const nlohmann::ordered_json all = {
        {"benchmark", "policies"}, {"rows", list}, {"in_macro_only", others}, {"paths_agree", same}};
    fmt::print("{}\n", all.dump(2));
  } else {
    fmt::print("{:<20} {:<30} {:<16} {:>12} {:>10}  {}\n", "interface", "policy", "input", "ns/decision", "decisions",
               "hash");
    for (const Row& r : rows) {
      fmt::print("{:<20} {:<30} {:<16} {:>12.0f} {:>10}  {:016x}\n", r.interface_name, r.policy, r.input, r.nanoseconds,
                 r.decisions, r.hash);
    }
    fmt::print("kube-scheduler: fast and plain path {}\n", same ? "decide the same" : "DIFFER");
    for (const std::string& other : others) fmt::print("only in macro: {}\n", other);
  }
  return same && unknown.empty() ? 0 : 1;
}

}  // namespace plimsoll::bench
