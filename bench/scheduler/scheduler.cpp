#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "bench/bench.h"
#include "bench/clock.h"
#include "bench/scheduler/mixes.h"
#include "models/kubernetes/scheduler/framework.h"

namespace plimsoll::bench {

namespace {

constexpr const char* kUsage =
    "usage: plimsoll-bench scheduler [--nodes N] [--pods N] [--plain N] [--mix basic|spread|affinity|shapes] [-o "
    "json]\n"
    "\n"
    "Pods placed one by one by kube-scheduler's default profile (newest rules). Timed: creating the pod, the "
    "decision,\n"
    "the ledger of the node, the facts, and the decision's row. Each mix runs with all nodes scored and the lowest "
    "name\n"
    "first among equals, and with the real sampling and its random draw; each on the fast path, which keeps what did\n"
    "not change, and on the plain path, which asks every plugin about every node again. Both must place alike.\n"
    "\n"
    "  --nodes N   one size (default: 500 sampled only, 1000 and 5000)\n"
    "  --pods N    pods to place (default 50000)\n"
    "  --plain N   how many of them the plain path places too (default 5000); 0 leaves it out\n";

/// The real kube-scheduler's own time a pod, for the ratio. SOURCE: measured with 1.20.2, GOMAXPROCS=1, algorithm only,
/// uniform pods: its sampling at 500 nodes 0.678 ms (zone spread 0.996 ms), all nodes scored at 5,000 nodes 14.3 ms.
constexpr double kRealSampled500 = 678e3, kRealSpread500 = 996e3, kRealAll5000 = 14.3e6;

/// What is kept of a decision.
struct DecisionRow {
  PodId pod;
  NodeId node, runner_up;
  std::int64_t total = 0, runner_up_total = 0;
  std::uint32_t looked_at = 0, feasible = 0;
};

struct Outcome {
  double seconds = 0;
  std::size_t placed = 0, unplaced = 0, considered = 0;
  std::uint64_t hash = 0;
};

struct Line {
  std::string mix;
  std::size_t nodes = 0, pods = 0, plain_pods = 0;
  bool sampled = false;
  Outcome fast, fast_prefix, plain;
  bool agree() const { return plain_pods == 0 || fast_prefix.hash == plain.hash; }
  double plain_seconds_per_pod() const { return plain.seconds / static_cast<double>(plain_pods); }
};

Outcome place(std::string_view mix, std::size_t nodes, std::size_t pods, bool sampled, kubernetes::Path path) {
  World world = scheduler_world(mix, nodes);
  const std::vector<WorkloadId> arrivals = scheduler_arrivals(world, mix, nodes, pods);
  kubernetes::Profile profile = kubernetes::default_profile(kubernetes::KubernetesVersion::current);
  profile.percentage_of_nodes_to_score = sampled ? 0 : 100;
  profile.tie = sampled ? kubernetes::Tie::random : kubernetes::Tie::first;
  const kubernetes::Framework framework(profile, world.names);
  kubernetes::Scratch scratch;
  kubernetes::SearchState search;
  std::vector<DecisionRow> rows;
  rows.reserve(pods);
  Outcome out;
  TraceHash hash;
  const double start = cpu_seconds();
  for (const WorkloadId workload : arrivals) {
    const PodId id = world.create_pod(workload);
    const Pod& pod = world.pod(id);
    const kubernetes::TieDraw draw{world.stream(world.entity(pod), Purpose::tie_break), 0};
    const kubernetes::Decision d =
        framework.schedule_one({world.placement, world.shapes, world.names}, pod.shape, search, draw, scratch, path);
    const NodeId node = d.placed() ? world.placement.node(d.row).id : NodeId{};
    const NodeId next = d.runner_up == kNoRow ? NodeId{} : world.placement.node(d.runner_up).id;
    rows.push_back({id, node, next, d.total, d.runner_up_total, d.looked_at, d.feasible});
    hash.add(node.value());
    out.considered += d.looked_at;
    if (d.placed() && world.bind_pod(id, node) == Applied::yes) {
      ++out.placed;
    } else {
      ++out.unplaced;
      world.stop_pod(id, Reason::unschedulable);
    }
  }
  out.seconds = cpu_seconds() - start;
  out.hash = hash.value();
  return out;
}

Line measure(std::string_view mix, std::size_t nodes, std::size_t pods, std::size_t plain_pods, bool sampled) {
  Line line;
  line.mix = mix;
  line.nodes = nodes;
  line.pods = pods;
  line.plain_pods = std::min(plain_pods, pods);
  line.sampled = sampled;
  line.fast = place(mix, nodes, pods, sampled, kubernetes::Path::fast);
  if (line.plain_pods > 0) {
    line.plain = place(mix, nodes, line.plain_pods, sampled, kubernetes::Path::plain);
    line.fast_prefix =
        line.plain_pods == pods ? line.fast : place(mix, nodes, line.plain_pods, sampled, kubernetes::Path::fast);
  }
  return line;
}

double per_pod_ns(const Line& l) { return l.fast.seconds * 1e9 / static_cast<double>(l.pods); }

/// How many times slower the real code is on the like of this line; 0 when it was not measured.
double real_ratio(const Line& l) {
  if (l.sampled && l.nodes == 500 && l.mix == "basic") return kRealSampled500 / per_pod_ns(l);
  if (l.sampled && l.nodes == 500 && l.mix == "spread") return kRealSpread500 / per_pod_ns(l);
  if (!l.sampled && l.nodes == 5000 && l.mix == "basic") return kRealAll5000 / per_pod_ns(l);
  return 0;
}

void print_text(const std::vector<Line>& lines) {
  fmt::print("{:<9} {:>6} {:<8} {:>7} {:>8} {:>10} {:>9} {:>10} {:>10} {:>7} {:>7}  {:<16} {}\n", "mix", "nodes",
             "nodes", "placed", "unplaced", "pods/s", "us/pod", "ns/node", "plain us", "plain/x", "real/x", "hash",
             "paths");
  for (const Line& l : lines) {
    const double ratio = real_ratio(l);
    const double plain = l.plain_pods == 0 ? 0 : l.plain_seconds_per_pod();
    const std::string plain_us = l.plain_pods == 0 ? "-" : fmt::format("{:.1f}", plain * 1e6);
    const std::string plain_ratio =
        l.plain_pods == 0 ? "-" : fmt::format("{:.0f}", plain * static_cast<double>(l.pods) / l.fast.seconds);
    fmt::print("{:<9} {:>6} {:<8} {:>7} {:>8} {:>10.0f} {:>9.2f} {:>10.3f} {:>10} {:>7} {:>7}  {:016x} {}\n", l.mix,
               l.nodes, l.sampled ? "sampled" : "all", l.fast.placed, l.fast.unplaced,
               static_cast<double>(l.pods) / l.fast.seconds, per_pod_ns(l) / 1e3,
               l.fast.seconds * 1e9 / static_cast<double>(l.fast.considered), plain_us, plain_ratio,
               ratio == 0 ? "-" : fmt::format("{:.0f}", ratio), l.fast.hash,
               l.plain_pods == 0 ? "-"
               : l.agree()       ? "agree"
                                 : "DIFFER");
  }
}

void print_json(const std::vector<Line>& lines) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Line& l : lines) {
    nlohmann::ordered_json row = {
        {"mix", l.mix},
        {"nodes", l.nodes},
        {"scored", l.sampled ? "sampled" : "all"},
        {"tie", l.sampled ? "random" : "first"},
        {"pods", l.pods},
        {"placed", l.fast.placed},
        {"unplaced", l.fast.unplaced},
        {"seconds", l.fast.seconds},
        {"pods_per_second", static_cast<double>(l.pods) / l.fast.seconds},
        {"ns_per_pod", per_pod_ns(l)},
        {"ns_per_node_considered", l.fast.seconds * 1e9 / static_cast<double>(l.fast.considered)},
        {"placement_hash", fmt::format("{:016x}", l.fast.hash)}};
    if (l.plain_pods > 0) {
      row["plain"] = {{"pods", l.plain_pods},
                      {"seconds", l.plain.seconds},
                      {"pods_per_second", static_cast<double>(l.plain_pods) / l.plain.seconds},
                      {"ns_per_node_considered", l.plain.seconds * 1e9 / static_cast<double>(l.plain.considered)},
                      {"placement_hash", fmt::format("{:016x}", l.plain.hash)},
                      {"fast_placement_hash", fmt::format("{:016x}", l.fast_prefix.hash)}};
    }
    row["paths_agree"] = l.agree();
    if (real_ratio(l) > 0) row["times_faster_than_kube_scheduler_1_20_2"] = real_ratio(l);
    list.push_back(row);
  }
  const nlohmann::ordered_json all = {{"benchmark", "scheduler"}, {"rows", list}};
  fmt::print("{}\n", all.dump(2));
}

bool read_count(std::string_view text, std::size_t& out) {
  return std::from_chars(text.data(), text.data() + text.size(), out).ptr == text.data() + text.size() && !text.empty();
}

}  // namespace

int run_scheduler(int argc, char** argv) {
  std::vector<std::size_t> sizes;
  std::size_t pods = 50'000, plain = 5'000;
  std::string_view only;
  bool json = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option == "--help" || option == "-h") {
      std::fputs(kUsage, stdout);
      return 0;
    }
    const std::string_view value = i + 1 < argc ? argv[++i] : "";
    std::size_t count = 0;
    bool known = false;
    if (option == "--nodes" && read_count(value, count) && count > 0) {
      sizes = {count};
      known = true;
    } else if (option == "--pods" && read_count(value, count) && count > 0) {
      pods = count;
      known = true;
    } else if (option == "--plain" && read_count(value, count)) {
      plain = count;
      known = true;
    } else if (option == "--mix") {
      only = value;
      for (const Mix& mix : scheduler_mixes()) known = known || mix.name == value;
    } else if (option == "-o" && value == "json") {
      json = known = true;
    }
    if (!known) {
      std::fprintf(stderr, "plimsoll-bench scheduler: bad option \"%s %s\"\n", argv[i - 1], argv[i]);
      std::fputs(kUsage, stderr);
      return 2;
    }
  }
  std::vector<Line> lines;
  bool same = true;
  for (const std::size_t nodes : sizes.empty() ? std::vector<std::size_t>{500, 1'000, 5'000} : sizes) {
    for (const Mix& mix : scheduler_mixes()) {
      if (!only.empty() && mix.name != only) continue;
      for (const bool sampled : {false, true}) {
        if (sizes.empty() && nodes == 500 && !sampled) continue;
        lines.push_back(measure(mix.name, nodes, pods, plain, sampled));
        same = same && lines.back().agree();
      }
    }
  }
  json ? print_json(lines) : print_text(lines);
  if (!same) std::fprintf(stderr, "plimsoll-bench scheduler: fast and plain path placed differently\n");
  return same ? 0 : 1;
}

}  // namespace plimsoll::bench
