#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include "sim/cli/explain.h"
#include "sim/cli/inputs.h"
#include "sim/core/text.h"
#include "sim/report/diff.h"
#include "sim/report/text_table.h"
#include "sim/results/directory.h"
#include "sim/results/summary.h"

namespace plimsoll::cli {

namespace fs = std::filesystem;

struct Subject::State {
  std::optional<results::Comparison> stored;
  std::unique_ptr<KeptScenario> kept;
  std::optional<scenario::Scenario> scenario;
  std::size_t column = 0;
  std::optional<engine::Run> run;
  const results::RunResult* before = nullptr;  ///< the stored run of the column
  std::size_t checked = 0;                     ///< facts found equal
  bool finished = false;
  std::uint64_t catalogue = 0;

  void check_facts();
  [[noreturn]] void differs(const std::string& where) const;
};

namespace {

/// "a pod of ui bound to i-00012"-like, short.
std::string fact_text(const results::EventRow& e) {
  std::string text = e.fact;
  if (!e.pod.empty()) text += " " + e.pod;
  if (e.pod.empty() && !e.workload.empty()) text += " " + e.workload;
  if (!e.node.empty()) text += (e.pod.empty() ? " " : " on ") + e.node;
  if (e.value != 0) text += " (" + std::to_string(e.value) + ")";
  return text;
}

bool same(const results::EventRow& a, const results::EventRow& b) {
  return a.at_us == b.at_us && a.fact == b.fact && a.reason == b.reason && a.node == b.node && a.pod == b.pod &&
         a.workload == b.workload && a.group == b.group && a.value == b.value;
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& known, const std::string& what) {
  const std::vector<std::string_view> views(known.begin(), known.end());
  const std::string near = nearest(word, views);
  if (!near.empty()) return "did you mean '" + near + "'?";
  std::string text = "the " + what + " are";
  for (std::size_t i = 0; i < known.size() && i < 12; ++i) text += (i == 0 ? " " : ", ") + known[i];
  return known.empty() ? "there are none" : text + (known.size() > 12 ? ", ..." : "");
}

/// Which column is meant.
std::size_t choose_column(const std::vector<std::string>& names, const std::string& wanted) {
  if (names.empty()) throw ExplainError("there is no column that could be run");
  if (wanted.empty()) {
    if (names.size() == 1) return 0;
    std::string all;
    for (const std::string& n : names) all += (all.empty() ? "" : ", ") + n;
    throw ExplainError("there are several columns: " + all, "add --platform NAME");
  }
  const auto at = std::find(names.begin(), names.end(), wanted);
  if (at == names.end()) throw ExplainError("no platform '" + wanted + "'", did_you_mean(wanted, names, "platforms"));
  return static_cast<std::size_t>(at - names.begin());
}

}  // namespace

void Subject::State::differs(const std::string& where) const {
  const std::string made = fmt::format(
      "the run was made by plimsoll {} with prices {}, this is plimsoll {} with prices {}", stored->version,
      results::hash_hex(stored->catalogue_hash).substr(0, 8), kVersion, results::hash_hex(catalogue).substr(0, 8));
  const bool same_names = stored->version == kVersion && stored->catalogue_hash == catalogue;
  throw ExplainError("the replay does not lead to the stored run: " + where,
                     made + (same_names ? "; the rules have changed in between" : "") + ": run the scenario again");
}

void Subject::State::check_facts() {
  if (before == nullptr) return;
  const World& world = run->world;
  for (; checked < world.log.size(); ++checked) {
    const results::EventRow now = engine::event_row(world, world.log[checked]);
    const std::string at = report::clock_text(now.at_us - before->window_start_us);
    if (checked >= before->events.size())
      differs(fmt::format("at {} it goes on with {}, the run has nothing more", at, fact_text(now)));
    const results::EventRow& then = before->events[checked];
    if (!same(then, now)) {
      differs(fmt::format("the run has {} at {}, the replay {} at {}", fact_text(then),
                          report::clock_text(then.at_us - before->window_start_us), fact_text(now), at));
    }
  }
}

Subject::Subject(const Registry& registry, const ExplainArguments& a) : state_(std::make_unique<State>()) {
  State& s = *state_;
  document::Diagnostics diagnostics;
  std::error_code error;
  std::vector<std::string> names;
  const bool is_run = fs::is_directory(a.subject, error);
  const auto refuse = [&] {
    const std::string text = diagnostics.text();
    std::fputs(text.c_str(), stderr);
    throw ExplainError("");
  };
  if (is_run) {
    try {
      s.stored = results::read_run_directory(a.subject);
    } catch (const std::runtime_error& e) {
      throw ExplainError(e.what());
    }
    for (const auto& column : s.stored->columns) {
      if (!column.replications.empty()) names.push_back(column.name);
    }
    if (!a.sets.empty()) throw ExplainError("--set changes a scenario, not a finished run", "name the scenario file");
    const std::string chosen = names[choose_column(names, a.platform)];
    for (const auto& column : s.stored->columns) {
      if (column.name == chosen) s.before = &column.replications.front();
    }
    s.kept = std::make_unique<KeptScenario>(*s.stored, registry, diagnostics);
    if (!s.kept->scenario || diagnostics.has_errors()) refuse();
    s.catalogue = s.kept->catalogue;
    s.scenario = std::move(s.kept->scenario);
  } else {
    scenario::ReadOptions options;
    options.sets = a.sets;
    options.catalogue_dir = a.catalogue_dir;
    s.scenario = scenario::read_scenario(a.subject, registry, options, diagnostics);
    if (!s.scenario || diagnostics.has_errors()) refuse();
  }
  names.clear();
  for (const auto& column : s.scenario->columns) names.push_back(column.name);
  s.column = choose_column(names, is_run ? s.before->platform : a.platform);
  // As `compare --out` ran it: series change where the load is settled.
  s.run = engine::build(*s.scenario, s.column, 0, {.keep_series = true, .keep_events = true});
}

Subject::~Subject() = default;

World& Subject::world() { return state_->run->world; }
const World& Subject::world() const { return state_->run->world; }
engine::Run& Subject::run() { return *state_->run; }
const scenario::Scenario& Subject::scenario() const { return *state_->scenario; }
const std::string& Subject::platform() const { return state_->scenario->columns[state_->column].name; }
bool Subject::is_ecs() const { return state_->scenario->columns[state_->column].type == "ecs"; }
std::string Subject::pod_word() const {
  return std::string(state_->scenario->columns[state_->column].plan->pod_word());
}

void Subject::run_until(Time until) {
  world().run_until(std::min(until, world().end));
  state_->check_facts();
}

void Subject::run_to_end() {
  State& s = *state_;
  s.run->world.run();
  s.check_facts();
  s.finished = true;
  if (s.before == nullptr) return;
  const results::RunResult now = engine::summarise(*s.run, *s.scenario, s.column, 0);
  if (s.checked < s.before->events.size()) {
    s.differs(fmt::format("it ends after {} facts, the run has {}", s.checked, s.before->events.size()));
  }
  if (now.trace_hash != s.before->trace_hash) {
    s.differs(fmt::format("all facts are equal, but traffic or bill are not (hash {} and {})",
                          results::hash_hex(s.before->trace_hash), results::hash_hex(now.trace_hash)));
  }
}

std::string Subject::check_text() const {
  const State& s = *state_;
  if (s.before == nullptr)
    return "Run from the scenario, seed " + std::to_string(s.scenario->seed) + ", replication 0.";
  return fmt::format("Replication 0, made again up to {}: {} facts{} equal to the stored run's.",
                     clock(s.run->world.now()), s.checked, s.finished ? " and the trace hash" : "");
}

std::string Subject::clock(Time t) const { return report::clock_text((t - state_->run->world.window_start).count()); }

Time Subject::instant(const std::string& text) const {
  std::string_view rest = trim(text);
  const auto wrong = [&] {
    return ExplainError("'" + text + "' is not an instant of the run",
                        "write 09:31, 09:31:05, 1d 09:31 or 571m, counted from the start of the window");
  };
  const bool negative = !rest.empty() && rest.front() == '-';
  if (negative) rest.remove_prefix(1);
  std::int64_t us = 0;
  if (rest.find(':') == rest.npos) {
    const auto d = parse_duration(rest);
    if (!d) throw wrong();
    us = d.value->count();
  } else {
    const auto day = rest.find('d');
    const auto number = [&](std::string_view part) {
      if (part.empty() || part.size() > 4 || part.find_first_not_of("0123456789") != part.npos) throw wrong();
      return std::stoll(std::string(part));
    };
    if (day != rest.npos) {
      us += number(rest.substr(0, day)) * 86'400'000'000;
      rest = trim(rest.substr(day + 1));
    }
    const auto colon = rest.find(':');
    us += number(rest.substr(0, colon)) * 3'600'000'000;
    rest.remove_prefix(colon + 1);
    const auto second = rest.find(':');
    us += number(rest.substr(0, second)) * 60'000'000;
    if (second != rest.npos) {
      rest.remove_prefix(second + 1);
      const auto point = std::min(rest.find('.'), rest.size());
      us += number(rest.substr(0, point)) * 1'000'000;
      std::int64_t unit = 100'000;
      for (std::size_t i = point + 1; i < rest.size(); ++i, unit /= 10) {
        if (rest[i] < '0' || rest[i] > '9' || unit == 0) throw wrong();
        us += (rest[i] - '0') * unit;
      }
    }
  }
  const World& w = world();
  const Time t = w.window_start + Duration{negative ? -us : us};
  if (t < kTimeZero || t > w.end) {
    throw ExplainError("'" + text + "' is outside the run", "it goes from " + clock(kTimeZero) + " to " + clock(w.end));
  }
  return t;
}

WorkloadId Subject::workload(const std::string& wanted) const {
  std::vector<std::string> known;
  for (const bool system : {false, true}) {
    for (const Workload& w : world().workloads()) {
      if (w.system != system) continue;
      if (world().names.text(w.name) == wanted) return w.id;
      known.emplace_back(world().names.text(w.name));
    }
  }
  throw ExplainError("no workload '" + wanted + "' on " + platform(), did_you_mean(wanted, known, "workloads"));
}

std::string Subject::name(WorkloadId id) const { return std::string(world().names.text(world().workload(id).name)); }
std::string Subject::name(PodId id) const {
  const Pod& p = world().pod(id);
  return name(p.workload) + "-" + std::to_string(p.ordinal);
}
std::string Subject::name(NodeId id) const { return std::string(world().names.text(world().node(id).name)); }
std::string Subject::name(NodeGroupId id) const { return std::string(world().names.text(world().group(id).name)); }
std::string Subject::zone(NodeId id) const {
  const ZoneId z = world().node(id).zone;
  return z.is_none() ? "" : std::string(world().names.text(world().zones()[z.index()]));
}
std::string Subject::instance_type(NodeId id) const {
  const NameId t = world().node(id).instance_type;
  return t.is_none() ? "" : std::string(world().names.text(t));
}

std::string Subject::described(NodeId id) const {
  const Node& n = world().node(id);
  if (n.host == HostKind::fargate)
    return "microVM of " + to_string(n.capacity.cpu()) + " / " + to_string(n.capacity.memory()) + " in " + zone(id);
  return instance_type(id) + " in " + zone(id) + (n.purchase == PurchaseOption::spot ? ", spot" : ", on-demand");
}

// --- words ---

std::string requests_text(const ResourceVector& requests) {
  const Bytes memory = requests.memory();
  const Bytes told = memory.raw() % kMiB == 0 ? memory : mebibytes(div_ceil(memory.raw(), kMiB));
  return to_string(requests.cpu()) + " / " + to_string(told);
}

std::string span_text(Duration d) {
  const std::int64_t us = std::abs(d.count());
  const std::string sign = d.count() < 0 ? "-" : "";
  if (us < 1'000'000) return sign + fmt::format("{} ms", us / 1000);
  if (us < 60'000'000) return sign + fmt::format("{:.1f} s", static_cast<double>(us) * 1e-6);
  const std::int64_t s = (us + 500'000) / 1'000'000;
  if (s < 3600) return sign + fmt::format("{} min", s / 60) + (s % 60 > 0 ? fmt::format(" {} s", s % 60) : "");
  const std::int64_t m = (s + 30) / 60;
  return sign + fmt::format("{} h", m / 60) + (m % 60 > 0 ? fmt::format(" {} min", m % 60) : "");
}

std::string usd_text(double usd) {
  const double size = std::abs(usd);
  return (usd < 0 ? "-$" : "$") + (size >= 1 ? fmt::format("{:.2f}", size) : fmt::format("{:.3g}", size));
}

std::string reason_key(Reason reason) { return std::string(engine::reason_name(reason)); }

std::string reason_text(Reason reason) {
  switch (reason) {
    case Reason::none:
      return "";
    case Reason::scale_in:
      return "fewer replicas are wanted";
    case Reason::rollout:
      return "replaced by a newer revision";
    case Reason::node_drain:
      return "evicted: its node is being emptied";
    case Reason::consolidation:
      return "its node is empty or cheaper replaced";
    case Reason::scale_down:
      return "its node was not needed";
    case Reason::expired:
      return "its node had reached its lifetime";
    case Reason::spot_interruption:
      return "its spot node was taken back";
    case Reason::node_lost:
      return "its node was lost";
    case Reason::launch_failed:
      return "its launch failed";
    case Reason::unschedulable:
      return "it was given up unplaced";
    case Reason::completed:
      return "it had finished";
    case Reason::container_exit:
      return "a container that should run exited";
    case Reason::out_of_memory:
      return "it used more memory than its limit (exit code 137)";
    case Reason::quota:
      return "refused: beyond the quota of its namespace";
    case Reason::evicted:
      return "evicted: its node ran short of memory or disk";
    case Reason::unhealthy:
      return "its health check failed";
    case Reason::image_pull:
      return "its image could not be pulled";
    case Reason::image_never_pull:
      return "its image is not on the node, and its pull policy is Never (ErrImageNeverPull)";
    case Reason::zone_lost:
      return "its availability zone failed";
    case Reason::rollback:
      return "replaced by an older revision";
    case Reason::zone_rebalance:
      return "moved to an emptier zone";
    case Reason::start_timeout:
      return "it waited too long for a place";
    case Reason::host_ended:
      return "it goes with its host";
    case Reason::deadline:
      return "it, or its job, ran for longer than it may (DeadlineExceeded)";
    case Reason::job_failed:
      return "too many runs of its job have failed (BackoffLimitExceeded)";
    case Reason::pod_failure_policy:
      return "a rule of its job's podFailurePolicy fails the job (PodFailurePolicy)";
    case Reason::max_failed_indexes:
      return "more indexes of its job failed than may (MaxFailedIndexesExceeded)";
    case Reason::success_policy:
      return "its job has succeeded by its successPolicy without it (SuccessPolicy)";
    case Reason::retired:
      return "ECS is performing maintenance on the underlying infrastructure hosting the task";
    case Reason::preempted:
      return "it made room for a pod of higher priority";
    case Reason::rebalance:
      return "it was moved away from capacity at risk, or to another zone";
    case Reason::resized:
      return "evicted to come back with other requests";
    case Reason::drifted:
      return "its node had drifted from its NodePool";
    case Reason::node_repair:
      return "its node stayed unhealthy and was repaired";
    case Reason::user_initiated:
      return "somebody stopped it";
    case Reason::replaced:
      return "the next run of its schedule takes its place";
    case Reason::failed_indexes:
      return "its job ran all of its indexes, and some of them failed (FailedIndexes)";
    default:
      return reason_key(reason);
  }
}

std::string folded(std::string_view text, std::size_t width, std::size_t indent) {
  const std::size_t front = std::min(text.find_first_not_of(' '), text.size());
  std::string out(front, ' ');
  std::size_t column = front;
  text.remove_prefix(front);
  bool first = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t length = report::display_width(word);
    if (!first && column + 1 + length > width) {
      out.erase(out.find_last_not_of(' ') + 1);
      out += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (!first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += length;
    first = false;
  }
  return out;
}

std::string counted(std::int64_t n, const std::string& word) {
  return std::to_string(n) + " " + word + (n == 1 ? "" : "s");
}

}  // namespace plimsoll::cli
