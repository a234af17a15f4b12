#include "sim/report/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "sim/report/standing.h"

namespace plimsoll::report {

namespace {

using results::ColumnResult;
using results::RunResult;

constexpr double kHourUs = 3.6e9;
constexpr double kHoursPerMonth = 730;
constexpr std::int64_t kWeekSeconds = 7 * 86'400;

double usd(Money m) { return static_cast<double>(m.raw()) * 1e-9; }

/// Window in hours; at least one second, so that an empty window divides nothing by zero.
double window_hours(const RunResult& r) {
  return static_cast<double>(std::max<std::int64_t>(r.window_us, 1'000'000)) / kHourUs;
}

double per_day(const RunResult& r, Money m) { return usd(m) / window_hours(r) * 24; }

using Measure = std::function<std::optional<double>(const RunResult&)>;

Estimate over(const ColumnResult& column, const Measure& measure) {
  std::vector<double> values;
  for (const RunResult& r : column.replications) {
    if (const auto v = measure(r)) values.push_back(*v);
  }
  return results::estimate(values);
}

std::optional<double> share(double part, double whole) {
  if (whole <= 0) return std::nullopt;
  return 100 * part / whole;
}

std::optional<double> when(bool there, double value) { return there ? std::optional(value) : std::nullopt; }

std::vector<BrokenPromise> broken_promises(const ColumnResult& column) {
  std::vector<BrokenPromise> out;
  const auto n = static_cast<std::int64_t>(column.replications.size());
  for (const RunResult& r : column.replications) {
    for (const results::ExpectationResult& e : r.expectations) {
      if (e.kept) continue;
      auto it = std::find_if(out.begin(), out.end(), [&](const BrokenPromise& b) { return b.text == e.text; });
      if (it == out.end()) it = out.insert(out.end(), {e.text, e.measured, r.replication, 0, n});
      ++it->broken_in;
    }
  }
  return out;
}

}  // namespace

std::string BrokenPromise::outcome() const {
  if (replications == 1) return fmt::format("in 1 of 1 ({})", measured);
  return fmt::format("in {} of {} (replication {}: {})", broken_in, replications, replication, measured);
}

namespace {

ColumnFigures column_figures(const ColumnResult& column, std::int64_t window_s) {
  ColumnFigures f;
  f.name = column.name;
  f.type = column.type;
  f.pod_word = column.pod_word.empty() ? "pod" : column.pod_word;
  f.replications = static_cast<std::int64_t>(column.replications.size());
  f.usd_per_hour = over(column, [](const RunResult& r) { return per_day(r, r.total) / 24; });
  f.usd_per_day = over(column, [](const RunResult& r) { return per_day(r, r.total); });
  f.choice_usd_per_day = over(column, [](const RunResult& r) { return per_day(r, r.choice); });
  f.same_usd_per_day = over(column, [](const RunResult& r) { return per_day(r, r.same); });
  f.usd_per_1000 = over(column, [](const RunResult& r) {
    const std::int64_t good = r.served - r.failed;
    return when(good > 0, usd(r.total) * 1e9 / static_cast<double>(std::max<std::int64_t>(good, 1)));
  });
  if (window_s >= kWeekSeconds) {
    f.usd_per_month = over(column, [](const RunResult& r) { return usd(r.total) / window_hours(r) * kHoursPerMonth; });
  }
  const auto seconds_of = [](std::int64_t us) { return static_cast<double>(us) * 1e-6; };
  f.pending_p50_s =
      over(column, [&](const RunResult& r) { return when(r.pending_count > 0, seconds_of(r.pending_p50_us)); });
  f.pending_p99_s =
      over(column, [&](const RunResult& r) { return when(r.pending_count > 0, seconds_of(r.pending_p99_us)); });
  f.latency_p50_ms =
      over(column, [&](const RunResult& r) { return when(r.served > 0, 1e3 * seconds_of(r.latency_p50_us)); });
  f.latency_p99_ms =
      over(column, [&](const RunResult& r) { return when(r.served > 0, 1e3 * seconds_of(r.latency_p99_us)); });
  f.lost_percent = over(
      column, [](const RunResult& r) { return share(static_cast<double>(r.lost), static_cast<double>(r.arrived)); });
  f.failed_percent = over(column, [](const RunResult& r) {
    return share(static_cast<double>(r.lost + r.failed), static_cast<double>(r.arrived));
  });
  const auto counted = [&](std::int64_t RunResult::*member) {
    return over(column, [member](const RunResult& r) { return static_cast<double>(r.*member); });
  };
  f.evictions = counted(&RunResult::evictions);
  f.interruptions = counted(&RunResult::interruptions);
  f.unfinished = counted(&RunResult::unfinished);
  f.launches_refused = counted(&RunResult::launches_refused);
  f.rollouts = counted(&RunResult::rollouts);
  f.rollouts_failed = counted(&RunResult::rollouts_failed);
  f.container_failures = counted(&RunResult::container_failures);
  f.nodes_lost = counted(&RunResult::nodes_lost);
  const auto jobs = [&](std::int64_t results::WorkloadResult::*member) {
    return over(column, [member](const RunResult& r) -> std::optional<double> {
      std::int64_t sum = 0;
      bool any = false;
      for (const results::WorkloadResult& w : r.workloads) {
        any = any || w.runs_to_completion;
        if (w.runs_to_completion) sum += w.*member;
      }
      return any ? std::optional<double>(static_cast<double>(sum)) : std::nullopt;
    });
  };
  f.jobs_completed = jobs(&results::WorkloadResult::jobs_completed);
  f.jobs_failed = jobs(&results::WorkloadResult::jobs_failed);
  f.starts_missed = jobs(&results::WorkloadResult::starts_missed);
  f.nodes_peak = counted(&RunResult::nodes_peak);
  f.nodes_low = counted(&RunResult::nodes_low);
  f.nodes_mean = over(column, [](const RunResult& r) { return r.nodes_mean; });
  f.cpu_requested_percent = over(column, [](const RunResult& r) { return share(r.cpu_requested, r.cpu_bought); });
  f.cpu_used_percent = over(column, [](const RunResult& r) { return share(r.cpu_used, r.cpu_bought); });
  f.memory_requested_percent =
      over(column, [](const RunResult& r) { return share(r.memory_requested, r.memory_bought); });
  // Nobody uses no memory at all: zero means that the scenario does not say.
  f.memory_used_percent = over(column, [](const RunResult& r) {
    return r.memory_used > 0 ? share(r.memory_used, r.memory_bought) : std::nullopt;
  });
  f.promises = broken_promises(column);
  f.not_serving = not_serving(column);
  f.limits = binding_limits(column);
  f.broken = std::any_of(f.promises.begin(), f.promises.end(),
                         [](const BrokenPromise& b) { return 2 * b.broken_in > b.replications; });
  return f;
}

Difference difference(const ColumnResult& a, const ColumnResult& b, Money RunResult::*money) {
  std::vector<double> values, base;
  for (const RunResult& x : a.replications) {
    for (const RunResult& y : b.replications) {
      if (x.replication != y.replication) continue;
      // One subtraction of exact amounts when the windows agree, so that equal bills differ by exactly nothing.
      values.push_back(x.window_us == y.window_us ? per_day(x, x.*money - y.*money)
                                                  : per_day(x, x.*money) - per_day(y, y.*money));
      base.push_back(per_day(y, y.*money));
    }
  }
  Difference d;
  d.per_day = results::estimate(values);
  const double cheapest = results::estimate(base).mean;
  d.percent = cheapest > 0 ? 100 * d.per_day.mean / cheapest : 0;
  d.significant = d.per_day.has_interval() && std::abs(d.per_day.mean) > d.per_day.half_width;
  return d;
}

std::string money(double v) { return fmt::format("${:.2f}", v); }

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  return text;
}

std::string nothing_ranked(const Figures& f, bool broken, bool idle) {
  if (!broken && !idle) return "Nothing has finished yet.";
  if (f.columns.size() == 1) {
    const ColumnFigures& c = f.columns.front();
    return c.name + (c.broken ? " does not keep its promises." : " " + c.not_serving + ".");
  }
  return fmt::format("No platform {}{}{}, so none is ranked.", idle ? "serves its load" : "",
                     idle && broken ? " and " : "", broken ? "keeps its promises" : "");
}

std::string replications_text(std::int64_t n) {
  return n == 1 ? "one replication, so no interval" : fmt::format("{} paired replications", n);
}

}  // namespace

Figures figures(const Comparison& comparison) {
  Figures out;
  for (const ColumnResult& column : comparison.columns)
    out.columns.push_back(column_figures(column, comparison.window_s));
  auto& columns = out.columns;
  const auto ranked = [&](std::size_t i) { return columns[i].ranked(); };
  for (std::size_t i = 0; i < columns.size(); ++i) out.order.push_back(i);
  std::stable_sort(out.order.begin(), out.order.end(), [&](std::size_t a, std::size_t b) {
    if (ranked(a) != ranked(b)) return ranked(a);
    return columns[a].usd_per_day.mean < columns[b].usd_per_day.mean;
  });
  out.ranked = std::count_if(out.order.begin(), out.order.end(), ranked);
  if (out.ranked == 0) return out;
  const std::size_t best = out.order.front();
  out.reference = best;
  columns[best].reference = true;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i == best || columns[i].replications == 0) continue;
    columns[i].whole = difference(comparison.columns[i], comparison.columns[best], &RunResult::total);
    columns[i].choice = difference(comparison.columns[i], comparison.columns[best], &RunResult::choice);
    if (ranked(i) && !columns[i].whole.significant) out.tied.push_back(i);
  }
  const bool all_ran = std::all_of(columns.begin(), columns.end(), [](const auto& c) { return c.replications > 0; });
  if (out.tied.empty() && columns.size() > 1 && all_ran) out.winner = best;
  return out;
}

std::string interruption(const Comparison& comparison) {
  if (!comparison.interrupted) return {};
  std::size_t least = SIZE_MAX, most = 0;
  for (const ColumnResult& c : comparison.columns) {
    least = std::min(least, c.replications.size());
    most = std::max(most, c.replications.size());
  }
  if (least != most || most == 0) return "Interrupted: only what had finished is counted.";
  return fmt::format("Interrupted after {} of {} replications: {} by {} alone.", most, comparison.replications_wanted,
                     comparison.columns.size() == 1 ? "it is judged" : "all columns are judged",
                     most == 1 ? "that one" : "these");
}

bool fails_many(const ColumnFigures& c) { return !c.failed_percent.empty() && c.failed_percent.mean >= 1; }

/// A bill for requests that got no answer is no saving: the ranked columns that fail a hundredth of them or more, where
/// no promise says how many may. Empty when there are none.
std::string failing_sentence(const Comparison& comparison, const Figures& f) {
  for (const ColumnResult& c : comparison.columns) {
    for (const RunResult& r : c.replications) {
      const bool promised = std::any_of(r.expectations.begin(), r.expectations.end(),
                                        [](const auto& e) { return e.text.starts_with("requests.lost"); });
      if (promised) return {};
    }
  }
  std::vector<std::string> names;
  for (const std::size_t i : f.order) {
    const ColumnFigures& c = f.columns[i];
    if (c.ranked() && fails_many(c)) names.push_back(fmt::format("{} fails {:.1f} %", c.name, c.failed_percent.mean));
  }
  if (names.empty()) return {};
  return fmt::format(
      "{} of the requests and {} ranked all the same: no promise forbids it (expect: {{requests.lost: "
      "\"< 0.1%\"}}).",
      listed(names), names.size() == 1 ? "is" : "are");
}

Verdict verdict(const Comparison& comparison, const Figures& f) {
  Verdict v;
  std::vector<std::string> broken, idle, not_run;
  for (const std::size_t i : f.order) {
    if (f.columns[i].broken) broken.push_back(f.columns[i].name);
    if (!f.columns[i].broken && !f.columns[i].not_serving.empty()) idle.push_back(f.columns[i].name);
    if (f.columns[i].replications == 0) not_run.push_back(f.columns[i].name);
  }
  if (!f.reference) {
    v.headline = nothing_ranked(f, !broken.empty(), !idle.empty());
    return v;
  }
  if (comparison.window_s == 0) {
    v.headline = "Nothing to bill: the span has no length.";
    return v;
  }
  const ColumnFigures& best = f.columns[*f.reference];
  if (!not_run.empty()) {
    v.headline = fmt::format("No verdict: {} {} not run.", listed(not_run), not_run.size() == 1 ? "has" : "have");
  } else if (f.columns.size() == 1) {
    v.headline = fmt::format("{} costs {} a day.", best.name, money(best.usd_per_day.mean));
    v.detail = best.usd_per_day.has_interval() ? fmt::format("Mean of {} replications, ± {}.", best.replications,
                                                             money(best.usd_per_day.half_width))
                                               : "One replication, so no interval.";
  } else if (!f.tied.empty()) {
    std::vector<std::string> names{best.name};
    for (const std::size_t i : f.order) {
      if (std::find(f.tied.begin(), f.tied.end(), i) != f.tied.end()) names.push_back(f.columns[i].name);
    }
    v.headline = names.size() == 2 ? fmt::format("No winner: {} cost the same within the noise.", listed(names))
                                   : fmt::format("No winner: {} columns cost the same within the noise.", names.size());
    // An interrupted run may have more replications of one column than of another: the pairs decide.
    std::int64_t pairs = best.replications;
    for (const std::size_t i : f.tied) pairs = std::min(pairs, f.columns[i].whole.per_day.count);
    if (pairs < 2) {
      v.headline = fmt::format("No winner: one replication cannot tell {} from the others.", best.name);
    }
    v.detail = fmt::format(
        "{} has the lowest mean, {} a day; its difference to {} does not leave the 95 % interval ({}).", best.name,
        money(best.usd_per_day.mean), listed({names.begin() + 1, names.end()}), replications_text(pairs));
  } else if (f.ranked == 1) {
    v.headline = fmt::format("{}: the only one that {}, {} a day.", best.name,
                             broken.empty() ? "serves its load"
                             : idle.empty() ? "keeps its promises"
                                            : "serves its load and keeps its promises",
                             money(best.usd_per_day.mean));
  } else {
    const ColumnFigures& second = f.columns[f.order[1]];
    const std::string but =
        fails_many(best) ? fmt::format(", but fails {:.1f} % of its requests", best.failed_percent.mean) : "";
    v.headline = fmt::format("{} is cheapest{}: {} a day. {}, the next, costs {:.1f} % more.", best.name, but,
                             money(best.usd_per_day.mean), second.name, second.whole.percent);
    v.detail =
        fmt::format("The difference is {} ± {:.2f} a day ({}); of the part that the choice changes it is {:.1f} %.",
                    money(second.whole.per_day.mean), second.whole.per_day.half_width,
                    replications_text(second.whole.per_day.count), second.choice.percent);
  }
  if (const std::string failing = failing_sentence(comparison, f); !failing.empty())
    v.detail += (v.detail.empty() ? "" : " ") + failing;
  if (!broken.empty()) {
    if (!v.detail.empty()) v.detail += " ";
    v.detail += fmt::format("Not ranked, because a promise is broken: {}.", listed(broken));
  }
  if (!idle.empty()) {
    if (!v.detail.empty()) v.detail += " ";
    v.detail += fmt::format("Not ranked, because {} not serve {} load: {}.", idle.size() == 1 ? "it does" : "they do",
                            idle.size() == 1 ? "its" : "their", listed(idle));
  }
  // First of all, since it weighs on the rest.
  if (const std::string cut = interruption(comparison); !cut.empty())
    v.detail = v.detail.empty() ? cut : cut + " " + v.detail;
  return v;
}

}  // namespace plimsoll::report
