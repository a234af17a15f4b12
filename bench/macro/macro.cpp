#include <cxxabi.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>
#include <typeinfo>
#include <vector>

#include "bench/bench.h"
#include "bench/clock.h"
#include "bench/macro/day.h"
#include "sim/cli/verbs.h"
#include "sim/engine/engine.h"
#include "sim/results/summary.h"

namespace plimsoll::bench {

namespace {

constexpr const char* kUsage =
    "usage: plimsoll-bench macro [--size s|m|l|xl] [--platform NAME] [--parts] [--full] [--emit] [-o json]\n"
    "\n"
    "One synthetic day (24 h and 1 h of warm-up; the trough is 40 % of the peak) on an ECS and on an EKS column, one\n"
    "after the other in one thread, reading of the scenario included.\n"
    "  --size S      s (default), m, l, xl: 100, 2000, 30000, 150000 pods at the peak\n"
    "  --platform P  only this column\n"
    "  --parts       time every event: seconds by part (costs a few per cent)\n"
    "  --full        keep series and events, as `plimsoll run --out` does\n"
    "  --emit        print the scenario and stop; `plimsoll compare` on it ends with the same hash\n"
    "  -o json       the numbers as JSON\n";

/// A scenario file for as long as it is read.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text) {
    std::string pattern = (std::filesystem::temp_directory_path() / "plimsoll-day-XXXXXX").string();
    const int descriptor = mkstemp(pattern.data());
    if (descriptor < 0) throw std::runtime_error("cannot make a file in the directory for temporary files");
    close(descriptor);
    path_ = pattern;
    std::ofstream(path_) << text;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct Part {
  std::string_view name;
  std::vector<std::string_view> classes;
};

const std::vector<Part>& parts() {
  static const std::vector<Part> kParts = {
      {"load", {"Traffic"}},
      {"scheduling", {"KubeScheduler", "TaskPlacer"}},
      {"node autoscaling", {"ClusterAutoscaler", "ManagedScaling", "AutoScalingGroups", "Karpenter"}},
      {"metrics", {"HorizontalPodAutoscalers", "ServiceAutoScaling"}},
      {"results", {"Recorder", "Bill", "Meters"}},
  };
  return kParts;
}

/// The last part of a component's class name.
std::string class_name(const Component& component) {
  int status = 0;
  char* text = abi::__cxa_demangle(typeid(component).name(), nullptr, nullptr, &status);
  std::string name = status == 0 ? text : typeid(component).name();
  std::free(text);
  const std::size_t colon = name.rfind(':');
  return colon == std::string::npos ? name : name.substr(colon + 1);
}

std::string_view part_of(std::string_view name) {
  for (const Part& p : parts()) {
    for (const std::string_view c : p.classes) {
      if (c == name) return p.name;
    }
  }
  return "workload controllers and hosts";
}

struct ColumnNumbers {
  std::string name;
  double wall = 0, user = 0;
  std::int64_t steps = 0;
  std::uint64_t events = 0;
  std::int64_t placed = 0, unplaced = 0, unfinished = 0, nodes_peak = 0, pods_peak = 0;
  std::uint64_t hash = 0;
  std::vector<std::pair<std::string, double>> seconds;  ///< by part, with --parts
};

void add_seconds(std::vector<std::pair<std::string, double>>& to, std::string_view part, double seconds) {
  for (auto& [name, total] : to) {
    if (name == part) {
      total += seconds;
      return;
    }
  }
  to.emplace_back(part, seconds);
}

/// World::run with a clock round every event.
void run_timed(World& world, std::vector<std::pair<std::string, double>>& out) {
  std::vector<double> by_handler(64, 0.0);
  world.run_until(kTimeZero);
  Event event;
  double before = wall_seconds();
  while (world.queue.pop_until(world.end, event)) {
    world.component(HandlerId{event.handler}).handle(world, event);
    const double now = wall_seconds();
    if (by_handler.size() <= event.handler) by_handler.resize(event.handler + 1, 0.0);
    by_handler[event.handler] += now - before;
    before = now;
  }
  world.run();
  for (std::size_t i = 0; i < by_handler.size(); ++i) {
    if (by_handler[i] == 0) continue;
    add_seconds(out, part_of(class_name(world.component(HandlerId{i}))), by_handler[i]);
  }
}

ColumnNumbers run_column(const scenario::Scenario& scenario, std::size_t column, bool timed, bool full) {
  ColumnNumbers n;
  n.name = scenario.columns[column].name;
  const double wall = wall_seconds(), user = cpu_seconds();
  engine::Run run = engine::build(scenario, column, 0, {full, full});
  const double built = wall_seconds();
  if (timed) {
    run_timed(run.world, n.seconds);
  } else {
    run.world.run();
  }
  const double ran = wall_seconds();
  const results::RunResult r = engine::summarise(run, scenario, column, 0);
  n.wall = wall_seconds() - wall;
  n.user = cpu_seconds() - user;
  if (timed) add_seconds(n.seconds, "build and summary", n.wall - (ran - built));
  n.steps = (scenario.load.warmup + scenario.load.span) / scenario.load.step;
  for (const Pod& p : run.world.pods()) {
    if (run.world.workload(p.workload).system) continue;
    if (p.bound == kTimeNever) {
      n.unplaced += p.state == PodState::pending ? 1 : 0;
      continue;
    }
    ++n.placed;
    n.unfinished += p.state != PodState::serving && p.state != PodState::ended ? 1 : 0;
  }
  for (const auto& w : r.workloads) n.pods_peak += w.system ? 0 : w.replicas_peak;
  n.nodes_peak = r.nodes_peak;
  n.hash = r.trace_hash;
  return n;
}

void print_text(const DaySize& size, const std::vector<ColumnNumbers>& columns, double read, double wall, double user,
                std::uint64_t hash) {
  fmt::print("size {}: {} workloads, {} nodes, {} pods at the peak; scenario read in {:.3f} s\n", size.name,
             size.workloads, size.nodes, size.pods, read);
  fmt::print("{:<24} {:>8} {:>8} {:>10} {:>9} {:>9} {:>8} {:>8} {:>10}  {}\n", "column", "wall s", "user s", "us/step",
             "nodes", "pods", "placed", "unplaced", "unfinished", "hash");
  for (const ColumnNumbers& c : columns) {
    fmt::print("{:<24} {:>8.3f} {:>8.3f} {:>10.1f} {:>9} {:>9} {:>8} {:>8} {:>10}  {}\n", c.name, c.wall, c.user,
               c.wall * 1e6 / static_cast<double>(c.steps), c.nodes_peak, c.pods_peak, c.placed, c.unplaced,
               c.unfinished, results::hash_hex(c.hash));
    for (const auto& [part, seconds] : c.seconds) fmt::print("    {:<32} {:>8.3f} s\n", part, seconds);
  }
  std::int64_t steps = 0;
  for (const ColumnNumbers& c : columns) steps += c.steps;
  fmt::print("total: wall {:.3f} s, user {:.3f} s, {:.1f} us per column-step, peak memory {:.0f} MB\n", wall, user,
             wall * 1e6 / static_cast<double>(steps), peak_megabytes());
  if (columns.size() == 2) {
    fmt::print("goal: {} s{}: {}\n", size.goal_seconds,
               size.goal_megabytes > 0 ? fmt::format(" and {} MB", size.goal_megabytes) : "",
               wall <= size.goal_seconds &&
                       (size.goal_megabytes == 0 || peak_megabytes() <= static_cast<double>(size.goal_megabytes))
                   ? "met"
                   : "behind");
  }
  fmt::print("hash {}\n", results::hash_hex(hash));
}

void print_json(const DaySize& size, const std::vector<ColumnNumbers>& columns, double read, double wall, double user,
                std::uint64_t hash) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  std::int64_t steps = 0;
  for (const ColumnNumbers& c : columns) {
    steps += c.steps;
    nlohmann::ordered_json row = {
        {"column", c.name},           {"wall_s", c.wall},
        {"user_s", c.user},           {"us_per_step", c.wall * 1e6 / static_cast<double>(c.steps)},
        {"nodes_peak", c.nodes_peak}, {"pods_peak", c.pods_peak},
        {"placed", c.placed},         {"unplaced", c.unplaced},
        {"unfinished", c.unfinished}, {"trace_hash", results::hash_hex(c.hash)}};
    for (const auto& [part, seconds] : c.seconds) row["seconds"][part] = seconds;
    rows.push_back(std::move(row));
  }
  const nlohmann::ordered_json all = {{"benchmark", "macro"},
                                      {"size", std::string(size.name)},
                                      {"read_s", read},
                                      {"wall_s", wall},
                                      {"user_s", user},
                                      {"us_per_column_step", wall * 1e6 / static_cast<double>(steps)},
                                      {"peak_mb", peak_megabytes()},
                                      {"goal_s", size.goal_seconds},
                                      {"columns", rows},
                                      {"hash", results::hash_hex(hash)}};
  fmt::print("{}\n", all.dump(2));
}

}  // namespace

int run_macro(int argc, char** argv) {
  const DaySize* size = find_day("s");
  scenario::ReadOptions options;
  bool emit = false, timed = false, full = false, json = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : nullptr;
    if (option == "--help" || option == "-h") {
      std::fputs(kUsage, stdout);
      return 0;
    } else if (option == "--emit") {
      emit = true;
    } else if (option == "--parts") {
      timed = true;
    } else if (option == "--full") {
      full = true;
    } else if (option == "--size" && value != nullptr && find_day(value) != nullptr) {
      size = find_day(argv[++i]);
    } else if (option == "--platform" && value != nullptr) {
      options.platforms.emplace_back(argv[++i]);
    } else if (option == "-o" && value != nullptr && std::string_view(value) == "json") {
      json = true;
      ++i;
    } else {
      std::fputs(kUsage, stderr);
      return 2;
    }
  }
  const double wall = wall_seconds(), user = cpu_seconds();
  const std::string text = day_scenario(*size);
  if (emit) {
    std::fputs(text.c_str(), stdout);
    return 0;
  }
  const Registry registry = cli::make_registry();
  document::Diagnostics diagnostics;
  std::optional<scenario::Scenario> scenario;
  {
    const TemporaryFile file(text);
    scenario = scenario::read_scenario(file.path(), registry, options, diagnostics);
  }
  std::fputs(diagnostics.text().c_str(), stderr);
  if (!scenario || diagnostics.has_errors()) return 1;
  const double read = wall_seconds() - wall;
  std::vector<ColumnNumbers> columns;
  TraceHash hash;  // as `plimsoll compare` makes it
  for (std::size_t c = 0; c < scenario->columns.size(); ++c) {
    columns.push_back(run_column(*scenario, c, timed, full));
    hash.add(columns.back().hash);
  }
  (json ? print_json : print_text)(*size, columns, read, wall_seconds() - wall, cpu_seconds() - user, hash.value());
  return 0;
}

}  // namespace plimsoll::bench
