#pragma once

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "sim/cli/verbs.h"
#include "sim/engine/engine.h"
#include "sim/scenario/scenario.h"
#include "tests/source_dir.h"

/// Real columns for tests of whole runs.
namespace plimsoll::engine::testing {

inline const Registry& registry() {
  static const Registry all = cli::make_registry();
  return all;
}

/// A folder that goes when the test ends.
class Folder {
 public:
  Folder() {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("plimsoll-engine-" + std::to_string(getpid()) + "-" + std::to_string(count++));
    std::filesystem::create_directories(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string put(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return path_ / name;
  }
  std::string path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline scenario::Scenario read_file(const std::string& file, std::vector<std::string> sets = {},
                                    std::vector<std::string> platforms = {}, const std::string& catalogue = {}) {
  document::Diagnostics diagnostics;
  scenario::ReadOptions options;
  options.sets = std::move(sets);
  options.platforms = std::move(platforms);
  options.catalogue_dir = catalogue;
  auto s = scenario::read_scenario(file, registry(), options, diagnostics);
  INFO(diagnostics.text());
  REQUIRE(s.has_value());
  return std::move(*s);
}

inline scenario::Scenario read_text(const std::string& text, std::vector<std::string> sets = {},
                                    std::vector<std::string> platforms = {}) {
  const Folder folder;
  // Up from 100/s to 900/s and down again every three hours.
  std::string wave = "t_s,rate_rps\n";
  for (int minute = 0; minute < 480; ++minute) {
    const int phase = minute % 180;
    wave +=
        std::to_string(minute * 60) + "," + std::to_string(100 + 800 * (phase < 90 ? phase : 180 - phase) / 90) + "\n";
  }
  folder.put("wave.csv", wave);
  return read_file(folder.put("s.yaml", text), std::move(sets), std::move(platforms));
}

inline std::string retail_store() { return std::string(PLIMSOLL_SOURCE_DIR) + "/scenarios/retail-store.yaml"; }

/// Two applications under a wave of three hours, on one column of each kind. Read with read_text.
inline const std::string kTwoApps = R"(apiVersion: plimsoll/v1
seed: 3
load: {trace: wave.csv, start: 30m, for: 2h, warmup: 30m, to: web}
apps:
  web:
    size: 500m/1Gi
    work: 5ms
    start: {cpu: 5s, wait: 1s}
    image: 120MB
    scale: {cpu: 60%, min: 2, max: 60}
    calls: {api: 0.5}
  api: {size: 250m/512Mi, work: 4ms, start: {cpu: 2s}, image: 80MB, scale: {cpu: 60%, min: 2, max: 60}}
around: {nat: 1, reply: 10KB, logs: 200B}
platforms:
  tasks: {type: ecs, capacity: fargate}
  instances: {type: ecs, capacity: {asg: {type: m5.large, min: 2, max: 30}}, eniTrunking: true}
  nodes: {type: eks, capacity: {nodeGroup: {type: m5.large, min: 2, max: 30}, autoscaler: cluster-autoscaler}}
  pods: {type: eks, capacity: fargate}
)";

inline bool same(const FactRecord& a, const FactRecord& b) {
  return a.at == b.at && a.fact == b.fact && a.reason == b.reason && a.node == b.node && a.pod == b.pod &&
         a.workload == b.workload && a.group == b.group && a.value == b.value;
}

/// How many records two logs have in common from the start.
inline std::size_t common_prefix(const std::vector<FactRecord>& a, const std::vector<FactRecord>& b) {
  std::size_t n = 0;
  while (n < a.size() && n < b.size() && same(a[n], b[n])) ++n;
  return n;
}

inline std::int64_t count(const World& world, Fact fact) {
  std::int64_t n = 0;
  for (const FactRecord& f : world.log) n += f.fact == fact ? 1 : 0;
  return n;
}

}  // namespace plimsoll::engine::testing
