#include "bench/hold/hold.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <system_error>

#include "bench/bench.h"
#include "sim/core/text.h"

namespace plimsoll::bench {

namespace {

constexpr std::array<const char*, 3> kStepNames{"exponential", "constant", "ties"};
constexpr const char* kOurs = "agenda (ladder)";
constexpr const char* kPriorityQueue = "std::priority_queue";
constexpr double kTargetBytes = 256;

/// One structure under test. Other simulators get fewer holds, with exponential steps only, and no repeats where a run
/// takes seconds.
struct Structure {
  std::string name;
  std::function<HoldOutput(const HoldInput&)> run;
  bool peer = false;
  std::size_t most_repeated = SIZE_MAX;  ///< pending; one run above
  std::size_t most_pending = SIZE_MAX;
};

struct Skipped {
  std::string structure, why;
};

/// Least of the repeats.
struct Row {
  std::size_t pending = 0;
  HoldSteps steps{};
  std::string structure;
  HoldOutput best;
};

/// How far ahead of another structure the agenda shall be, with exponential steps.
struct Target {
  std::size_t pending = 0;
  std::string over;
  double ratio = 0, least = 0;
  bool met() const { return ratio >= least; }
};

struct Results {
  std::vector<Row> rows;
  std::vector<Target> targets;
  std::vector<Skipped> skipped;
  bool same_order = true;
  bool bytes_kept = true;
  bool met() const {
    return bytes_kept && std::all_of(targets.begin(), targets.end(), [](const Target& t) { return t.met(); });
  }
};

/// Another simulator in a process of its own, so that its libraries are not loaded here: a program that prints CPU
/// nanoseconds per hold and a checksum (0: none). Zeros when it fails.
HoldOutput ask(const std::string& command) {
  HoldOutput out;
  std::FILE* pipe = popen((command + " 2>/dev/null").c_str(), "r");
  if (pipe == nullptr) return out;
  std::array<char, 128> line{};
  const bool any = std::fgets(line.data(), static_cast<int>(line.size()), pipe) != nullptr;
  if (pclose(pipe) != 0 || !any) return out;
  char* rest = nullptr;
  out.nanoseconds = std::strtod(line.data(), &rest);
  out.checksum = std::strtoull(rest, nullptr, 10);
  return out;
}

/// The simulators whose packages were found when this was built, as programs beside this one, and SimPy.
void add_peers(std::vector<Structure>& out, std::vector<Skipped>& skipped) {
  const auto add = [&](const char* name, const char* program, const char* package, const char* variant) {
    std::error_code failed;
    const auto path = std::filesystem::read_symlink("/proc/self/exe", failed).parent_path() / program;
    if (!std::filesystem::exists(path, failed)) {
      skipped.push_back({name, std::string(package) + " was not found when this was built"});
      return;
    }
    const auto run = [command = fmt::format("'{}' '{}'", path.string(), variant)](const HoldInput& i) {
      return ask(fmt::format("{} {} {}", command, i.pending, i.holds));
    };
    out.push_back({name, run, true, 100'000});
  };
  add("ns-3 map", "plimsoll-bench-ns3", "libns3-dev", "ns3::MapScheduler");
  add("ns-3 priority queue", "plimsoll-bench-ns3", "libns3-dev", "ns3::PriorityQueueScheduler");
  add("SimGrid timers", "plimsoll-bench-simgrid", "libsimgrid-dev", "timers");
  const auto simpy = [](std::size_t pending, std::uint64_t holds) {
    return ask(
        fmt::format("/usr/bin/python3 '{}' {} {} {}", PLIMSOLL_BENCH_SIMPY, pending, holds, kHoldMeanStep * 1e-6));
  };
  if (simpy(10, 10).nanoseconds == 0) {
    skipped.push_back({"SimPy", "python3-simpy is not installed"});
    return;
  }
  // A million processes would need gigabytes.
  const auto run = [simpy](const HoldInput& i) {
    return simpy(i.pending, std::min<std::uint64_t>(i.holds, std::max<std::uint64_t>(i.pending, 50'000)));
  };
  out.push_back({"SimPy", run, true, 10'000, 200'000});
}

/// Repeats go round all structures, so that a disturbance of the machine does not fall on one of them. Short runs are
/// repeated more often: one that nothing disturbed is among them.
void measure(std::size_t pending, HoldSteps steps, const std::vector<Structure>& all, int repeats, Results& results) {
  const HoldInput input = make_input(pending, std::max<std::uint64_t>(400'000, 2 * pending), steps);
  HoldInput shorter = input;
  shorter.holds = std::max<std::uint64_t>(200'000, pending);
  std::vector<Row> rows;
  std::vector<const Structure*> taking_part;
  for (const Structure& s : all) {
    if (s.peer && (steps != HoldSteps::exponential || pending > s.most_pending)) continue;
    taking_part.push_back(&s);
    rows.push_back({pending, steps, s.name, {}});
  }
  for (int turn = 0; turn < (pending <= 10'000 ? 5 * repeats : repeats); ++turn) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Structure& s = *taking_part[i];
      if (turn > 0 && (pending > s.most_repeated || (s.peer && turn >= repeats))) continue;
      const HoldOutput out = s.run(s.peer ? shorter : input);
      if (turn == 0 || out.nanoseconds < rows[i].best.nanoseconds) rows[i].best = out;
    }
  }
  const bool peers = std::any_of(taking_part.begin(), taking_part.end(), [](const Structure* s) { return s->peer; });
  const std::uint64_t of_peers = peers ? hold_event_queue(shorter).checksum : 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::uint64_t expected = taking_part[i]->peer ? of_peers : rows[0].best.checksum;
    if (rows[i].best.checksum != 0 && rows[i].best.checksum != expected) results.same_order = false;
  }
  results.rows.insert(results.rows.end(), rows.begin(), rows.end());
  if (rows[0].best.bytes_per_event > kTargetBytes) results.bytes_kept = false;
}

/// Compares with the best of the structures whose names begin so, where there is a target for this size.
void compare(std::size_t pending, std::string_view name, const std::array<double, 3>& least, Results& results) {
  constexpr std::array<std::size_t, 3> kSizes{1'000, 100'000, 1'000'000};
  const auto size = std::find(kSizes.begin(), kSizes.end(), pending);
  if (size == kSizes.end()) return;
  double ours = 0, theirs = 0;
  for (const Row& r : results.rows) {
    const double taken = r.best.nanoseconds;
    if (r.pending != pending || r.steps != HoldSteps::exponential || taken == 0) continue;
    if (r.structure == kOurs) ours = taken;
    if (r.structure.starts_with(name) && (theirs == 0 || taken < theirs)) theirs = taken;
  }
  if (ours == 0 || theirs == 0) return;
  results.targets.push_back(
      {pending, std::string(name), theirs / ours, least[static_cast<std::size_t>(size - kSizes.begin())]});
}

void print_rows(std::size_t pending, HoldSteps steps, const Results& results) {
  fmt::print("\n{} pending, {} steps\n  {:<22} {:>10} {:>13} {:>12}\n", pending,
             kStepNames[static_cast<std::size_t>(steps)], "structure", "ns/hold", "bytes/event", "against ours");
  double ours = 0;
  for (const Row& r : results.rows) {
    if (r.pending != pending || r.steps != steps) continue;
    if (r.structure == kOurs) ours = r.best.nanoseconds;
    if (r.best.nanoseconds == 0) {
      fmt::print("  {:<22} {:>10}\n", r.structure, "failed");
      continue;
    }
    fmt::print("  {:<22} {:>10.1f} {:>13} {:>11.2f}x\n", r.structure, r.best.nanoseconds,
               r.best.bytes_per_event > 0 ? fmt::format("{:.0f}", r.best.bytes_per_event) : "-",
               r.best.nanoseconds / ours);
  }
}

void print_json(const Results& results) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array(), targets = rows, skipped = rows;
  for (const Row& r : results.rows) {
    rows.push_back({{"pending", r.pending},
                    {"steps", kStepNames[static_cast<std::size_t>(r.steps)]},
                    {"structure", r.structure},
                    {"ns_per_hold", r.best.nanoseconds},
                    {"bytes_per_event", r.best.bytes_per_event}});
  }
  for (const Target& t : results.targets) {
    targets.push_back(
        {{"pending", t.pending}, {"over", t.over}, {"ratio", t.ratio}, {"target", t.least}, {"met", t.met()}});
  }
  for (const Skipped& s : results.skipped) skipped.push_back({{"structure", s.structure}, {"why", s.why}});
  const nlohmann::ordered_json all = {{"benchmark", "hold"}, {"rows", rows},
                                      {"targets", targets},  {"bytes_target", kTargetBytes},
                                      {"skipped", skipped},  {"same_order", results.same_order}};
  fmt::print("{}\n", all.dump(2));
}

constexpr const char* kUsage =
    "usage: plimsoll-bench hold [--pending N,N,...] [--repeats N] [--no-peers] [--check] [-o json]\n"
    "\n"
    "N events wait; one hold pops the earliest and schedules it again a step later. Prints process CPU nanoseconds\n"
    "per hold (least of the repeats) and the ratio to the agenda. Heaps and ns-3 pop the same events as the agenda,\n"
    "and a checksum proves the order; SimGrid keeps dates as doubles and SimPy draws its own steps, so they are timed\n"
    "only. Other simulators are those whose Debian packages (libns3-dev, libsimgrid-dev, python3-simpy) are "
    "installed;\n"
    "they make fewer holds, with exponential steps, and large ones are not repeated.\n"
    "  --pending    sizes, default 1000,100000,1000000\n"
    "  --repeats    default 5; five times as many up to 10000 pending\n"
    "  --no-peers   leave out other simulators\n"
    "  --check      exit 1 when the agenda misses a target\n"
    "  -o json      the numbers as JSON\n";

}  // namespace

int run_hold(int argc, char** argv) {
  std::vector<std::size_t> sizes{1'000, 100'000, 1'000'000};
  int repeats = 5;
  bool peers = true, check = false, json = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : nullptr;
    if (option == "--help" || option == "-h") {
      std::fputs(kUsage, stdout);
      return 0;
    } else if (option == "--no-peers") {
      peers = false;
    } else if (option == "--check") {
      check = true;
    } else if (option == "-o" && value != nullptr && std::string_view(value) == "json") {
      json = true;
      ++i;
    } else if (option == "--repeats" && value != nullptr) {
      repeats = std::max(1, std::atoi(value));
      ++i;
    } else if (option == "--pending" && value != nullptr) {
      sizes.clear();
      std::string_view rest = value;
      while (!rest.empty()) {
        const std::size_t comma = rest.find(',');
        const Parsed<std::int64_t> count = parse_count(rest.substr(0, comma));
        if (!count || *count.value < 1 || *count.value > 10'000'000) {
          std::fprintf(stderr, "plimsoll-bench hold: --pending takes numbers from 1 to 10M\n");
          return 2;
        }
        sizes.push_back(static_cast<std::size_t>(*count.value));
        rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
      }
      ++i;
    } else {
      std::fputs(kUsage, stderr);
      return 2;
    }
  }
#ifndef NDEBUG
  std::fputs("note: this is not a release build; the numbers mean little\n", stderr);
#endif
  Results results;
  std::vector<Structure> all{{kOurs, hold_event_queue},
                             {"agenda (heap)", hold_heap_event_set},
                             {kPriorityQueue, hold_priority_queue},
                             {"boost d_ary_heap<4>", hold_boost_heap}};
  if (peers) add_peers(all, results.skipped);
  for (const Skipped& s : results.skipped) {
    if (!json) fmt::print("{}: skipped, {}\n", s.structure, s.why);
  }
  for (const std::size_t pending : sizes) {
    for (const HoldSteps steps : {HoldSteps::exponential, HoldSteps::constant, HoldSteps::ties}) {
      measure(pending, steps, all, repeats, results);
      if (!json) print_rows(pending, steps, results);
      if (steps != HoldSteps::exponential) continue;
      const std::size_t before = results.targets.size();
      compare(pending, kPriorityQueue, {3, 2, 1.8}, results);
      compare(pending, "ns-3", {4, 3, 3}, results);
      compare(pending, "SimGrid", {10, 10, 10}, results);
      for (std::size_t i = before; i < results.targets.size() && !json; ++i) {
        const Target& t = results.targets[i];
        fmt::print("  target: {:.1f}x {}: {} ({:.2f}x)\n", t.least, t.over, t.met() ? "met" : "behind", t.ratio);
      }
    }
  }
  if (json) {
    print_json(results);
  } else {
    fmt::print("\ntarget: at most {:.0f} bytes an event: {}\norder: {}\n", kTargetBytes,
               results.bytes_kept ? "met" : "behind",
               results.same_order ? "all structures popped the same events in the same order" : "WRONG");
  }
  return !results.same_order || (check && !results.met()) ? 1 : 0;
}

}  // namespace plimsoll::bench
