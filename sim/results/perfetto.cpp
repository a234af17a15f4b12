#include "sim/results/perfetto.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

namespace plimsoll::results {

namespace {

/// One phase of the life of a node or a pod.
struct Phase {
  const char* name = nullptr;
  std::int64_t begin = 0;
};

/// A node or a pod between its first fact and its last.
struct Life {
  std::string name, process, detail;
  std::vector<Phase> phases;
  std::string reason;  ///< of its end
  std::int64_t end = -1;
};

/// The phase that a fact begins; null: it begins none. "" ends the life.
const char* node_phase(const std::string& fact) {
  if (fact == "node_requested") return "requested";
  if (fact == "node_running") return "booting";
  if (fact == "node_ready") return "ready";
  if (fact == "node_draining") return "draining";
  if (fact == "node_lost") return "lost";
  if (fact == "node_stopped") return "stopped";
  if (fact == "node_terminating") return "shutting down";
  if (fact == "node_terminated") return "";
  return nullptr;
}

const char* pod_phase(const std::string& fact) {
  if (fact == "pod_created") return "pending";
  if (fact == "pod_bound") return "bound";
  if (fact == "pod_pulling") return "pulling";
  if (fact == "pod_started" || fact == "pod_restarted") return "starting";
  if (fact == "pod_ready") return "ready";
  if (fact == "pod_serving") return "serving";
  if (fact == "pod_unready") return "not ready";
  if (fact == "pod_failed") return "failed";
  if (fact == "pod_stopping") return "stopping";
  if (fact == "pod_ended") return "";
  return nullptr;
}

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// Writes the events of one column; numbers of processes go on from column to column.
class ColumnTrace {
 public:
  ColumnTrace(std::string& out, int& processes, const ColumnResult& column, const RunResult& run)
      : out_(out), processes_(processes), column_(column.name), run_(run) {}

  void write() {
    end_ = run_.window_start_us + run_.window_us;
    process_of("");  // the column itself comes first
    for (const EventRow& e : run_.events) on_event(e);
    for (auto* lives : {&nodes_, &pods_}) {
      for (auto& [name, life] : *lives) finish(life, end_);
    }
    std::stable_sort(done_.begin(), done_.end(),
                     [](const Life& a, const Life& b) { return a.phases.front().begin < b.phases.front().begin; });
    for (const Life& life : done_) slices(life);
    counters();
  }

 private:
  /// A process with its tracks: free_[k] is the instant from which track k + 1 is free.
  struct Process {
    int id = 0;
    std::vector<std::int64_t> free;
  };

  Process& process_of(const std::string& name) {
    const auto [at, fresh] = by_name_.try_emplace(name);
    if (fresh) {
      at->second.id = ++processes_;
      const std::string title = name.empty() ? column_ : column_ + " " + name;
      append(R"({{"ph":"M","pid":{},"name":"process_name","args":{{"name":{}}}}})", at->second.id, quoted(title));
      append(R"({{"ph":"M","pid":{0},"name":"process_sort_index","args":{{"sort_index":{0}}}}})", at->second.id);
    }
    return at->second;
  }

  template <typename... T>
  void append(fmt::format_string<T...> format, T&&... values) {
    out_ += ",\n";
    fmt::format_to(std::back_inserter(out_), format, std::forward<T>(values)...);
  }

  void on_event(const EventRow& e) {
    end_ = std::max(end_, e.at_us);
    if (const char* phase = node_phase(e.fact)) {
      step(nodes_, e.node, phase, e, e.host == "fargate" ? "Fargate" : e.node);
    } else if (const char* of_pod = pod_phase(e.fact)) {
      step(pods_, e.pod, of_pod, e, "");
    } else {
      const std::string& subject = !e.pod.empty()     ? e.pod
                                   : !e.node.empty()  ? e.node
                                   : !e.group.empty() ? e.group
                                                      : e.workload;
      append(R"({{"ph":"i","s":"p","pid":{},"tid":0,"ts":{},"name":{},"args":{{"of":{},"reason":{},"value":{}}}}})",
             process_of("").id, e.at_us, quoted(e.fact), quoted(subject), quoted(e.reason), e.value);
    }
  }

  void step(std::map<std::string, Life>& lives, const std::string& name, const char* phase, const EventRow& e,
            const std::string& process) {
    Life& life = lives[name];
    if (*phase == '\0') {
      if (life.phases.empty()) life.phases.push_back({"ends", e.at_us});
      if (life.reason.empty()) life.reason = e.reason;
      finish(life, e.at_us);
      lives.erase(name);
      return;
    }
    if (life.name.empty()) {
      life.name = name;
      life.process = process;
    }
    // The wait for a place is a life of its own, on the column's tracks: its node is not known before.
    if (e.fact == "pod_bound") {
      finish(life, e.at_us);
      life.name = name;
      life.process = e.host == "fargate" ? "Fargate" : e.node;
    }
    if (e.fact == "node_requested") {
      life.detail = fmt::format("{}{}{} {}", e.instance_type, e.instance_type.empty() ? "" : " ", e.zone, e.purchase);
    }
    if (!e.reason.empty()) life.reason = e.reason;
    life.phases.push_back({phase, e.at_us});
  }

  void finish(Life& life, std::int64_t at) {
    if (life.phases.empty()) return;
    life.end = at;
    done_.push_back(std::move(life));
    life = {};
  }

  void slices(const Life& life) {
    Process& process = process_of(life.process);
    const std::int64_t begin = life.phases.front().begin;
    auto track = std::find_if(process.free.begin(), process.free.end(), [&](std::int64_t f) { return f <= begin; });
    if (track == process.free.end()) track = process.free.insert(track, 0);
    *track = std::max(life.end, begin + 1);
    const auto tid = track - process.free.begin() + 1;
    append(R"({{"ph":"X","pid":{},"tid":{},"ts":{},"dur":{},"name":{},"args":{{"detail":{},"reason":{}}}}})",
           process.id, tid, begin, life.end - begin, quoted(life.name), quoted(life.detail), quoted(life.reason));
    for (std::size_t k = 0; k < life.phases.size(); ++k) {
      const std::int64_t until = k + 1 < life.phases.size() ? life.phases[k + 1].begin : life.end;
      append(R"({{"ph":"X","pid":{},"tid":{},"ts":{},"dur":{},"name":"{}"}})", process.id, tid, life.phases[k].begin,
             until - life.phases[k].begin, life.phases[k].name);
    }
  }

  void counters() {
    const int process = process_of("").id;
    for (const SeriesColumn& series : run_.series) {
      const std::string name = quoted(series.name), unit = quoted(series.unit);
      for (std::size_t k = 0; k < series.values.size(); ++k) {
        // A counter holds its value until the next sample.
        if (k > 0 && series.values[k] == series.values[k - 1]) continue;
        append(R"({{"ph":"C","pid":{},"ts":{},"name":{},"args":{{{}:{}}}}})", process,
               run_.window_start_us + static_cast<std::int64_t>(k) * 60'000'000, name, unit, series.values[k]);
      }
    }
  }

  std::string& out_;
  int& processes_;
  const std::string& column_;
  const RunResult& run_;
  std::int64_t end_ = 0;
  std::map<std::string, Process> by_name_;
  std::map<std::string, Life> nodes_, pods_;
  std::vector<Life> done_;
};

}  // namespace

std::string perfetto_json(const Comparison& comparison) {
  std::string out = fmt::format(R"({{"displayTimeUnit":"ms","otherData":{{"scenario":{},"seed":"{}","version":{}}},)",
                                quoted(comparison.scenario), comparison.seed, quoted(comparison.version));
  out += "\n\"traceEvents\":[\n";
  const std::size_t first = out.size();
  int processes = 0;
  for (const ColumnResult& column : comparison.columns) {
    if (!column.replications.empty()) ColumnTrace(out, processes, column, column.replications.front()).write();
  }
  if (out.size() > first) out.erase(first, 2);  // no comma before the first
  out += "\n]}\n";
  return out;
}

}  // namespace plimsoll::results
