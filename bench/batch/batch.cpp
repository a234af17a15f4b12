#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "bench/bench.h"
#include "bench/clock.h"
#include "sim/core/distributions.h"
#include "sim/core/event_queue.h"
#include "sim/core/hash.h"

namespace plimsoll::bench {

namespace {

constexpr const char* kUsage =
    "usage: plimsoll-bench batch [--hosts N] [--tasks N] [--repeats N] [-o json]\n"
    "\n"
    "Tasks of 1 to 4 vCPU arrive over 1,000 s, go to the first host with room (16 vCPU, promised twice) and run out\n"
    "there, sharing its cores in proportion to their size. The agenda and a tree over hosts against a plain program\n"
    "that looks at every host for every event; both must give every task the same host and the same end.\n";

constexpr double kHostCores = 16;
constexpr std::int64_t kHostPromised = 32;

struct Task {
  std::int64_t arrival = 0;  ///< us
  std::int64_t vcpus = 1;
  double work = 0;  ///< seconds, alone
};

struct Outcome {
  double seconds = 0;  ///< CPU
  std::int64_t placed = 0, unplaced = 0, finished = 0;
  std::int64_t last_end = 0;  ///< us
  std::uint64_t hash = 0;     ///< of host and end of every task
};

std::vector<Task> make_tasks(std::size_t count) {
  const Stream stream(1, "bench/batch", Purpose::work);
  std::vector<Task> tasks(count);
  for (std::size_t i = 0; i < count; ++i) {
    tasks[i].arrival = static_cast<std::int64_t>(stream.below(1'000'000'000, i, 0));
    tasks[i].vcpus = 1 + static_cast<std::int64_t>(stream.below(4, i, 1));
    tasks[i].work = draw::exponential(stream, i, 300.0, 2);
  }
  std::sort(tasks.begin(), tasks.end(), [](const Task& a, const Task& b) { return a.arrival < b.arrival; });
  return tasks;
}

/// A host's tasks share its cores in proportion to their vCPUs, none above its own: `served` is the seconds that each
/// has had of its size, the same for all, so a task ends when `served` reaches its value at arrival plus its work.
struct Sharing {
  double served = 0;
  std::int64_t vcpus = 0;
  std::int64_t at = 0;  ///< us

  double rate() const {
    return static_cast<double>(vcpus) > kHostCores ? kHostCores / static_cast<double>(vcpus) : 1.0;
  }
  void advance(std::int64_t now) {
    served += static_cast<double>(now - at) * 1e-6 * rate();
    at = now;
  }
  std::int64_t end_of(double goal) const {
    return at + std::max<std::int64_t>(0, static_cast<std::int64_t>(std::ceil((goal - served) / rate() * 1e6)));
  }
};

struct Running {
  double goal = 0;
  std::uint32_t task = 0;
  friend bool operator<(const Running& a, const Running& b) {
    return a.goal != b.goal ? a.goal > b.goal : a.task > b.task;  // the heap's top is the first to end
  }
};

/// Ends are rounded up to a microsecond: what is due within its rounding is over.
bool is_over(double goal, double served) { return goal <= served + 1e-9; }

std::uint64_t hash_of(const std::vector<std::uint32_t>& host, const std::vector<std::int64_t>& end) {
  TraceHash hash;
  for (std::size_t i = 0; i < host.size(); ++i) {
    hash.add(host[i]);
    hash.add(end[i]);
  }
  return hash.value();
}

/// The largest room below each inner node, so that the first host with room is found in log time.
class FirstFit {
 public:
  explicit FirstFit(std::size_t hosts) : leaves_(std::bit_ceil(hosts)), room_(2 * leaves_, -1) {
    for (std::size_t i = 0; i < hosts; ++i) room_[leaves_ + i] = kHostPromised;
    for (std::size_t i = leaves_ - 1; i > 0; --i) room_[i] = std::max(room_[2 * i], room_[2 * i + 1]);
  }
  bool fits(std::int64_t want) const { return room_[1] >= want; }
  std::size_t first(std::int64_t want) const {
    std::size_t i = 1;
    while (i < leaves_) i = room_[2 * i] >= want ? 2 * i : 2 * i + 1;
    return i - leaves_;
  }
  void add(std::size_t host, std::int64_t delta) {
    std::size_t i = leaves_ + host;
    room_[i] += delta;
    for (i /= 2; i > 0; i /= 2) room_[i] = std::max(room_[2 * i], room_[2 * i + 1]);
  }

 private:
  std::size_t leaves_;
  std::vector<std::int64_t> room_;
};

Outcome run_agenda(const std::vector<Task>& tasks, std::size_t hosts) {
  struct Host {
    Sharing sharing;
    std::vector<Running> running;  ///< heap
    EventHandle next;
  };
  constexpr HandlerId kEnd{0u}, kArrival{1u};
  Outcome out;
  const double start = cpu_seconds();
  std::vector<Host> all(hosts);
  FirstFit fit(hosts);
  EventQueue queue;
  std::vector<std::uint32_t> host_of(tasks.size(), 0);
  std::vector<std::int64_t> end_of(tasks.size(), 0);
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    queue.schedule(Time{Duration{tasks[i].arrival}}, Phase::controllers, kArrival, i);
  }
  const auto plan = [&](std::size_t h) {
    Host& host = all[h];
    queue.cancel(host.next);
    host.next = {};
    if (host.running.empty()) return;
    const std::int64_t at = host.sharing.end_of(host.running.front().goal);
    host.next = queue.schedule_cancellable(Time{Duration{at}}, Phase::facts, kEnd, h);
  };
  Event event;
  while (queue.pop_until(kTimeNever, event)) {
    if (event.handler == kArrival.value()) {
      const Task& task = tasks[event.payload];
      if (!fit.fits(task.vcpus)) {
        ++out.unplaced;
        continue;
      }
      const std::size_t h = fit.first(task.vcpus);
      fit.add(h, -task.vcpus);
      Host& host = all[h];
      host.sharing.advance(event.when);
      host.sharing.vcpus += task.vcpus;
      host.running.push_back({host.sharing.served + task.work, static_cast<std::uint32_t>(event.payload)});
      std::push_heap(host.running.begin(), host.running.end());
      host_of[event.payload] = static_cast<std::uint32_t>(h);
      ++out.placed;
      plan(h);
      continue;
    }
    const std::size_t h = event.payload;
    Host& host = all[h];
    host.sharing.advance(event.when);
    while (!host.running.empty() && is_over(host.running.front().goal, host.sharing.served)) {
      const std::uint32_t task = host.running.front().task;
      std::pop_heap(host.running.begin(), host.running.end());
      host.running.pop_back();
      host.sharing.vcpus -= tasks[task].vcpus;
      fit.add(h, tasks[task].vcpus);
      end_of[task] = event.when;
      ++out.finished;
    }
    out.last_end = event.when;
    plan(h);
  }
  out.seconds = cpu_seconds() - start;
  out.hash = hash_of(host_of, end_of);
  return out;
}

/// The same without agenda, heaps or tree.
Outcome run_plain(const std::vector<Task>& tasks, std::size_t hosts) {
  struct Host {
    Sharing sharing;
    std::vector<Running> running;
    std::int64_t end = std::numeric_limits<std::int64_t>::max();
  };
  Outcome out;
  const double start = cpu_seconds();
  std::vector<Host> all(hosts);
  std::vector<std::uint32_t> host_of(tasks.size(), 0);
  std::vector<std::int64_t> end_of(tasks.size(), 0);
  const auto plan = [&](Host& host) {
    host.end = std::numeric_limits<std::int64_t>::max();
    for (const Running& r : host.running) host.end = std::min(host.end, host.sharing.end_of(r.goal));
  };
  std::size_t next = 0;
  while (true) {
    Host* first = nullptr;
    for (Host& host : all) {
      if (!host.running.empty() && (first == nullptr || host.end < first->end)) first = &host;
    }
    if (first == nullptr && next == tasks.size()) break;
    if (first != nullptr && (next == tasks.size() || first->end <= tasks[next].arrival)) {
      const std::int64_t now = first->end;
      first->sharing.advance(now);
      for (std::size_t i = 0; i < first->running.size();) {
        const Running r = first->running[i];
        if (!is_over(r.goal, first->sharing.served)) {
          ++i;
          continue;
        }
        first->running.erase(first->running.begin() + static_cast<std::ptrdiff_t>(i));
        first->sharing.vcpus -= tasks[r.task].vcpus;
        end_of[r.task] = now;
        ++out.finished;
      }
      out.last_end = now;
      plan(*first);
      continue;
    }
    const Task& task = tasks[next];
    const auto at = std::find_if(all.begin(), all.end(),
                                 [&](const Host& host) { return host.sharing.vcpus + task.vcpus <= kHostPromised; });
    if (at == all.end()) {
      ++out.unplaced;
    } else {
      at->sharing.advance(task.arrival);
      at->sharing.vcpus += task.vcpus;
      at->running.push_back({at->sharing.served + task.work, static_cast<std::uint32_t>(next)});
      host_of[next] = static_cast<std::uint32_t>(at - all.begin());
      ++out.placed;
      plan(*at);
    }
    ++next;
  }
  out.seconds = cpu_seconds() - start;
  out.hash = hash_of(host_of, end_of);
  return out;
}

constexpr double kGoalSeconds = 0.02;

}  // namespace

int run_batch(int argc, char** argv) {
  std::size_t hosts = 1'000, tasks = 10'000;
  int repeats = 5;
  bool json = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : nullptr;
    if (option == "--help" || option == "-h") {
      std::fputs(kUsage, stdout);
      return 0;
    }
    const long long number = value != nullptr ? std::atoll(value) : 0;
    if (option == "-o" && value != nullptr && std::string_view(value) == "json") {
      json = true;
    } else if (option == "--hosts" && number > 0 && number <= 1'000'000) {
      hosts = static_cast<std::size_t>(number);
    } else if (option == "--tasks" && number > 0 && number <= 10'000'000) {
      tasks = static_cast<std::size_t>(number);
    } else if (option == "--repeats" && number > 0 && number <= 1'000) {
      repeats = static_cast<int>(number);
    } else {
      std::fputs(kUsage, stderr);
      return 2;
    }
    ++i;
  }
  const std::vector<Task> work = make_tasks(tasks);
  Outcome ours = run_agenda(work, hosts);
  for (int i = 1; i < repeats; ++i) ours.seconds = std::min(ours.seconds, run_agenda(work, hosts).seconds);
  const Outcome plain = run_plain(work, hosts);
  const bool same = ours.hash == plain.hash && ours.finished == plain.finished;
  if (json) {
    const nlohmann::ordered_json all = {{"benchmark", "batch"},
                                        {"hosts", hosts},
                                        {"tasks", tasks},
                                        {"cpu_s", ours.seconds},
                                        {"plain_cpu_s", plain.seconds},
                                        {"ratio", plain.seconds / ours.seconds},
                                        {"placed", ours.placed},
                                        {"unplaced", ours.unplaced},
                                        {"unfinished", ours.placed - ours.finished},
                                        {"goal_s", kGoalSeconds},
                                        {"hash", fmt::format("{:016x}", ours.hash)},
                                        {"same", same}};
    fmt::print("{}\n", all.dump(2));
  } else {
    fmt::print("{} hosts, {} tasks; the last ends after {:.0f} s\n", hosts, tasks,
               static_cast<double>(ours.last_end) * 1e-6);
    fmt::print("  agenda   {:>9.2f} ms of CPU (least of {})\n  plain    {:>9.2f} ms of CPU, {:.1f} times as long\n",
               ours.seconds * 1e3, repeats, plain.seconds * 1e3, plain.seconds / ours.seconds);
    fmt::print("  placed {}, unplaced {}, unfinished {}, hash {:016x}: {}\n", ours.placed, ours.unplaced,
               ours.placed - ours.finished, ours.hash, same ? "the same in both" : "NOT the same in both");
    if (hosts == 1'000 && tasks == 10'000) {
      fmt::print("  goal {:.0f} ms: {}\n", kGoalSeconds * 1e3, ours.seconds <= kGoalSeconds ? "met" : "behind");
    }
  }
  return same ? 0 : 1;
}

}  // namespace plimsoll::bench
