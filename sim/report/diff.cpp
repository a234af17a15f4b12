#include "sim/report/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "sim/document/loader.h"

namespace plimsoll::report {

namespace {

using results::ColumnResult;
using results::EventRow;
using results::RunResult;

using Measure = std::function<std::optional<double>(const RunResult&)>;

double per_day(const RunResult& r, Money m) {
  const double us = static_cast<double>(std::max<std::int64_t>(r.window_us, 1'000'000));
  return static_cast<double>(m.raw()) * 1e-9 / us * 86'400e6;
}

/// A figure of a column before and after, its difference pair by pair. None when both are the same in every
/// replication.
std::optional<Change> change(std::string key, std::string label, const ColumnResult& a, const ColumnResult& b,
                             const Measure& measure) {
  Change out{std::move(key), std::move(label), {}, {}, {}};
  std::vector<double> before, after, pairs;
  const auto collect = [&](const ColumnResult& column, std::vector<double>& values) {
    for (const RunResult& r : column.replications) {
      if (const auto v = measure(r)) values.push_back(*v);
    }
  };
  collect(a, before);
  collect(b, after);
  for (const RunResult& x : a.replications) {
    for (const RunResult& y : b.replications) {
      if (x.replication != y.replication) continue;
      const auto v = measure(x), w = measure(y);
      if (v || w) pairs.push_back(w.value_or(0) - v.value_or(0));
    }
  }
  if (before.empty() && after.empty()) return std::nullopt;
  if (before == after) return std::nullopt;
  if (!before.empty()) out.before = results::estimate(before).mean;
  if (!after.empty()) out.after = results::estimate(after).mean;
  out.difference = results::estimate(pairs);
  return out;
}

const results::BillLine* line_of(const RunResult& r, const std::string& item) {
  const auto at = std::find_if(r.lines.begin(), r.lines.end(), [&](const auto& l) { return l.item == item; });
  return at == r.lines.end() ? nullptr : &*at;
}

void diff_lines(const ColumnResult& a, const ColumnResult& b, ColumnDiff& out) {
  std::vector<std::pair<std::string, std::string>> items;  // in the order of the bills, the first one's first
  for (const ColumnResult* column : {&a, &b}) {
    for (const RunResult& r : column->replications) {
      for (const auto& line : r.lines) {
        const bool known = std::any_of(items.begin(), items.end(), [&](const auto& i) { return i.first == line.item; });
        if (!known) items.emplace_back(line.item, line.label);
      }
    }
  }
  for (const auto& [item, label] : items) {
    // A line that some replications lack is nothing there, but one that all lack is not on the bill.
    const auto somewhere = [&, key = item](const ColumnResult& column) {
      return std::any_of(column.replications.begin(), column.replications.end(),
                         [&](const RunResult& r) { return line_of(r, key) != nullptr; });
    };
    const bool in_a = somewhere(a), in_b = somewhere(b);
    auto c = change(item, label, a, b, [&, key = item](const RunResult& r) -> std::optional<double> {
      const auto* line = line_of(r, key);
      return line == nullptr ? 0 : per_day(r, line->amount);
    });
    if (!c) {
      ++out.unchanged_lines;
      continue;
    }
    if (!in_a) c->before.reset();
    if (!in_b) c->after.reset();
    out.lines.push_back(std::move(*c));
  }
  std::stable_sort(out.lines.begin(), out.lines.end(),
                   [](const Change& x, const Change& y) { return std::abs(x.amount()) > std::abs(y.amount()); });
}

void diff_figures(const ColumnResult& a, const ColumnResult& b, ColumnDiff& out) {
  const auto seconds = [](std::int64_t us) { return static_cast<double>(us) * 1e-6; };
  const auto add = [&](const char* key, std::string label, const Measure& measure) {
    if (auto c = change(key, std::move(label), a, b, measure)) out.figures.push_back(std::move(*c));
  };
  const auto counted = [](std::int64_t RunResult::*member) {
    return [member](const RunResult& r) -> std::optional<double> { return static_cast<double>(r.*member); };
  };
  const auto waited = [&](std::int64_t RunResult::*member) {
    return [=](const RunResult& r) -> std::optional<double> {
      return r.pending_count > 0 ? std::optional(seconds(r.*member)) : std::nullopt;
    };
  };
  const auto served = [&](std::int64_t RunResult::*member) {
    return [=](const RunResult& r) -> std::optional<double> {
      return r.served > 0 ? std::optional(1e3 * seconds(r.*member)) : std::nullopt;
    };
  };
  const std::string pods = out.pod_word + "s";
  add("pending_p50_s", "pending p50, s", waited(&RunResult::pending_p50_us));
  add("pending_p99_s", "pending p99, s", waited(&RunResult::pending_p99_us));
  add("unfinished", pods + " without a place at the end", counted(&RunResult::unfinished));
  add("latency_p50_ms", "latency p50, ms", served(&RunResult::latency_p50_us));
  add("latency_p99_ms", "latency p99, ms", served(&RunResult::latency_p99_us));
  add("requests_lost_percent", "requests lost, %", [](const RunResult& r) -> std::optional<double> {
    if (r.arrived <= 0) return std::nullopt;
    return 100 * static_cast<double>(r.lost) / static_cast<double>(r.arrived);
  });
  add("requests_failed_percent", "requests failed, %", [](const RunResult& r) -> std::optional<double> {
    if (r.arrived <= 0) return std::nullopt;
    return 100 * static_cast<double>(r.lost + r.failed) / static_cast<double>(r.arrived);
  });
  add("evictions", "evictions", counted(&RunResult::evictions));
  add("interruptions", "interruptions", counted(&RunResult::interruptions));
  add("nodes_mean", "nodes, mean", [](const RunResult& r) -> std::optional<double> { return r.nodes_mean; });
  add("nodes_peak", "nodes, peak", counted(&RunResult::nodes_peak));
  add("nodes_launched", "nodes launched", counted(&RunResult::nodes_launched));
  add("launches_refused", "launches refused", counted(&RunResult::launches_refused));
  add("nodes_lost", "nodes lost", counted(&RunResult::nodes_lost));
  add("rollouts", "rollouts finished", counted(&RunResult::rollouts));
  add("rollouts_failed", "rollouts failed", counted(&RunResult::rollouts_failed));
  add("container_failures", "containers failed", counted(&RunResult::container_failures));
  const auto jobs = [](std::int64_t results::WorkloadResult::*member) {
    return [member](const RunResult& r) -> std::optional<double> {
      std::optional<double> sum;
      for (const results::WorkloadResult& w : r.workloads) {
        if (w.runs_to_completion) sum = sum.value_or(0) + static_cast<double>(w.*member);
      }
      return sum;
    };
  };
  add("jobs_completed", "jobs completed", jobs(&results::WorkloadResult::jobs_completed));
  add("jobs_failed", "jobs failed", jobs(&results::WorkloadResult::jobs_failed));
  add("starts_missed", "starts missed", jobs(&results::WorkloadResult::starts_missed));
  const auto share = [](double RunResult::*part, double RunResult::*whole) {
    return [=](const RunResult& r) -> std::optional<double> {
      return r.*whole > 0 ? std::optional(100 * r.*part / r.*whole) : std::nullopt;
    };
  };
  add("cpu_requested_percent", "CPU requested of bought, %", share(&RunResult::cpu_requested, &RunResult::cpu_bought));
  add("cpu_used_percent", "CPU used of bought, %", share(&RunResult::cpu_used, &RunResult::cpu_bought));
  add("memory_requested_percent", "memory requested of bought, %",
      share(&RunResult::memory_requested, &RunResult::memory_bought));
}

void diff_promises(const ColumnResult& a, const ColumnResult& b, ColumnDiff& out) {
  std::vector<PromiseChange> all;
  const auto count = [&](const ColumnResult& column, std::int64_t PromiseChange::*broken,
                         std::int64_t PromiseChange::*replications) {
    for (const RunResult& r : column.replications) {
      for (const auto& e : r.expectations) {
        auto at = std::find_if(all.begin(), all.end(), [&](const PromiseChange& p) { return p.text == e.text; });
        if (at == all.end()) {
          PromiseChange p;
          p.text = e.text;
          at = all.insert(all.end(), p);
        }
        ++((*at).*replications);
        if (!e.kept) ++((*at).*broken);
      }
    }
  };
  count(a, &PromiseChange::broken_before, &PromiseChange::replications_before);
  count(b, &PromiseChange::broken_after, &PromiseChange::replications_after);
  for (PromiseChange& p : all) {
    const bool same = p.broken_before * std::max<std::int64_t>(p.replications_after, 1) ==
                          p.broken_after * std::max<std::int64_t>(p.replications_before, 1) &&
                      (p.replications_before > 0) == (p.replications_after > 0);
    if (!same) out.promises.push_back(std::move(p));
  }
}

bool same(const EventRow& x, const EventRow& y) {
  return x.at_us == y.at_us && x.fact == y.fact && x.reason == y.reason && x.node == y.node && x.pod == y.pod &&
         x.workload == y.workload && x.group == y.group && x.instance_type == y.instance_type && x.zone == y.zone &&
         x.purchase == y.purchase && x.value == y.value;
}

void diff_events(const ColumnResult& a, const ColumnResult& b, ColumnDiff& out) {
  if (a.replications.empty() || b.replications.empty()) return;
  const auto& x = a.replications.front().events;
  const auto& y = b.replications.front().events;
  std::size_t n = 0;
  while (n < x.size() && n < y.size() && same(x[n], y[n])) ++n;
  if (n == x.size() && n == y.size()) return;
  FirstDifference first;
  first.equal = n;
  if (n < x.size()) first.before = x[n];
  if (n < y.size()) first.after = y[n];
  first.at_us = std::min(first.before ? first.before->at_us : INT64_MAX, first.after ? first.after->at_us : INT64_MAX);
  out.first = std::move(first);
}

void flatten(const document::Node& node, const std::string& path, std::map<std::string, std::string>& out) {
  if (node.is_mapping() && node.size() > 0) {
    for (const document::Entry& e : node.entries()) flatten(e.value, document::join_path(path, e.key), out);
  } else if (node.is_sequence() && node.size() > 0) {
    for (std::size_t i = 0; i < node.size(); ++i) flatten(node.at(i), document::join_path(path, i), out);
  } else {
    out[path] = node.is_scalar() ? (node.is_null() ? "null" : node.text()) : node.is_mapping() ? "{}" : "[]";
  }
}

std::map<std::string, std::string> leaves(const std::string& yaml) {
  document::Diagnostics ignored;
  std::map<std::string, std::string> out;
  for (const document::Node& root : document::load_text(yaml, "scenario.yaml", ignored)) flatten(root, "", out);
  return out;
}

std::vector<ScenarioChange> diff_scenario(const Comparison& before, const Comparison& after) {
  const auto a = leaves(before.resolved_yaml), b = leaves(after.resolved_yaml);
  std::vector<ScenarioChange> out;
  auto x = a.begin();
  auto y = b.begin();
  while (x != a.end() || y != b.end()) {
    if (y == b.end() || (x != a.end() && x->first < y->first)) {
      out.push_back({x->first, x->second, std::nullopt});
      ++x;
    } else if (x == a.end() || y->first < x->first) {
      out.push_back({y->first, std::nullopt, y->second});
      ++y;
    } else {
      if (x->second != y->second) out.push_back({x->first, x->second, y->second});
      ++x, ++y;
    }
  }
  return out;
}

ColumnDiff diff_column(const ColumnResult& a, const ColumnResult& b) {
  ColumnDiff out;
  out.name = a.name;
  if (b.name != a.name) out.other_name = b.name;
  out.pod_word = b.pod_word.empty() ? "pod" : b.pod_word;
  if (!b.replications.empty()) out.window_start_us = b.replications.front().window_start_us;
  const Measure total = [](const RunResult& r) -> std::optional<double> { return per_day(r, r.total); };
  if (auto c = change("total", "bill", a, b, total)) {
    out.total = std::move(*c);
    out.symbol = '~';
  } else if (!a.replications.empty()) {
    out.total.before = out.total.after = per_day(a.replications.front(), a.replications.front().total);
  }
  diff_lines(a, b, out);
  diff_figures(a, b, out);
  diff_promises(a, b, out);
  diff_events(a, b, out);
  if (!out.lines.empty() || !out.figures.empty() || !out.promises.empty() || out.first) out.symbol = '~';
  return out;
}

/// A column that only one result has.
ColumnDiff diff_alone(const ColumnResult& column, bool added) {
  ColumnDiff out;
  out.name = column.name;
  out.symbol = added ? '+' : '-';
  std::vector<double> values;
  for (const RunResult& r : column.replications) values.push_back(per_day(r, r.total));
  (added ? out.total.after : out.total.before) = results::estimate(values).mean;
  return out;
}

std::string signed_percent(double p) { return fmt::format("{}{:.1f} %", p < 0 ? "-" : "+", std::abs(p)); }

/// "eks-karpenter costs $7.65 a day less (-7.4 %)".
std::string sentence_of(const ColumnDiff& c) {
  const double amount = c.total.amount();
  if (std::abs(amount) < 0.005) return c.name + " costs the same";
  const auto percent = c.total.percent();
  std::string text = fmt::format("{} costs ${:.2f} a day {}{}", c.name, std::abs(amount), amount > 0 ? "more" : "less",
                                 percent ? " (" + signed_percent(*percent) + ")" : std::string());
  const Estimate& d = c.total.difference;
  if (d.has_interval() && std::abs(d.mean) <= d.half_width) text += ", within the noise";
  return text;
}

std::string summary_of(const Diff& d) {
  std::vector<const ColumnDiff*> changed;
  std::int64_t newly_broken = 0, mended = 0, added = 0, removed = 0;
  for (const ColumnDiff& c : d.columns) {
    if (c.symbol == '~') changed.push_back(&c);
    added += c.symbol == '+' ? 1 : 0;
    removed += c.symbol == '-' ? 1 : 0;
    for (const PromiseChange& p : c.promises) {
      newly_broken += p.broken_before == 0 && p.broken_after > 0 ? 1 : 0;
      mended += p.broken_before > 0 && p.broken_after == 0 ? 1 : 0;
    }
  }
  std::string text;
  if (changed.empty()) {
    text = added + removed == 0
               ? fmt::format("Nothing changed in {} {}", d.columns.size(), d.columns.size() == 1 ? "column" : "columns")
               : "No column that both hold changed";
  } else if (changed.size() <= 3) {
    for (std::size_t i = 0; i < changed.size(); ++i) {
      if (i > 0) text += i + 1 == changed.size() ? " and " : ", ";
      text += sentence_of(*changed[i]);
    }
  } else {
    const auto [least, most] = std::minmax_element(changed.begin(), changed.end(), [](const auto* x, const auto* y) {
      return x->total.amount() < y->total.amount();
    });
    text = fmt::format("{} of {} columns changed, from {} to {}", changed.size(), d.columns.size(),
                       sentence_of(**least), sentence_of(**most));
  }
  if (added > 0) text += fmt::format("; {} added", added);
  if (removed > 0) text += fmt::format("; {} removed", removed);
  if (newly_broken > 0)
    text += fmt::format("; {} {} newly broken", newly_broken, newly_broken == 1 ? "promise" : "promises");
  if (mended > 0) text += fmt::format("; {} {} kept again", mended, mended == 1 ? "promise" : "promises");
  return text + ".";
}

}  // namespace

std::optional<double> Change::percent() const {
  if (!before || std::abs(*before) < 1e-12) return std::nullopt;
  return 100 * amount() / *before;
}

bool Change::is_noise() const {
  return difference.has_interval() && std::abs(difference.mean) <= difference.half_width;
}

double Diff::largest_growth() const {
  double most = 0;
  for (const ColumnDiff& c : columns) {
    if (c.symbol != '~') continue;
    if (const auto p = c.total.percent()) most = std::max(most, *p);
  }
  return most;
}

std::string clock_text(std::int64_t us) {
  const std::int64_t tenths = (std::abs(us) + 50'000) / 100'000;
  const std::int64_t s = tenths / 10, days = s / 86'400;
  std::string text = us < 0 && tenths > 0 ? "-" : "";
  if (days > 0) text += fmt::format("{}d ", days);
  text += fmt::format("{:02}:{:02}:{:02}", s / 3600 % 24, s / 60 % 60, s % 60);
  if (tenths % 10 != 0) text += fmt::format(".{}", tenths % 10);
  return text;
}

Diff diff(const Comparison& before, std::string before_name, const Comparison& after, std::string after_name) {
  Diff d;
  d.before = &before;
  d.after = &after;
  d.before_name = std::move(before_name);
  d.after_name = std::move(after_name);
  d.scenario = diff_scenario(before, after);
  const auto remark = [&](bool differs, std::string text) {
    if (differs) d.remarks.push_back(std::move(text));
  };
  remark(before.seed != after.seed,
         fmt::format("the seeds differ ({} and {}): the pairs share no random numbers", before.seed, after.seed));
  remark(before.window_s != after.window_s,
         fmt::format("the counted spans differ: {} s and {} s", before.window_s, after.window_s));
  remark(before.catalogue_hash != after.catalogue_hash, "instance types or prices differ");
  remark(before.version != after.version,
         fmt::format("the programs differ: plimsoll {} and {}", before.version, after.version));
  remark(before.interrupted || after.interrupted, "a result was interrupted; what had finished is compared");
  if (before.columns.size() == 1 && after.columns.size() == 1) {
    d.columns.push_back(diff_column(before.columns[0], after.columns[0]));
  } else {
    const auto find = [](const Comparison& c, const std::string& name) {
      return std::find_if(c.columns.begin(), c.columns.end(), [&](const ColumnResult& x) { return x.name == name; });
    };
    for (const ColumnResult& a : before.columns) {
      const auto b = find(after, a.name);
      d.columns.push_back(b == after.columns.end() ? diff_alone(a, false) : diff_column(a, *b));
    }
    for (const ColumnResult& b : after.columns) {
      if (find(before, b.name) == before.columns.end()) d.columns.push_back(diff_alone(b, true));
    }
  }
  d.summary = summary_of(d);
  return d;
}

}  // namespace plimsoll::report
