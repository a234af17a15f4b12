#include "sim/report/page_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "sim/report/compare.h"
#include "sim/report/losses.h"
#include "sim/report/page.h"
#include "sim/report/table.h"
#include "sim/results/differing_sizes.h"
#include "sim/results/directory.h"
#include "sim/results/summary.h"

namespace plimsoll::report {

namespace {

using Json = nlohmann::ordered_json;
using results::BillLine;
using results::ColumnResult;
using results::RunResult;

constexpr std::size_t kMostPoints = 3'000;

struct Group {
  const char* key;
  const char* label;
};
/// In the order of the bars; what no other group takes is "other".
constexpr Group kGroups[] = {{"ec2", "EC2 on-demand"},
                             {"spot", "EC2 spot"},
                             {"fargate", "Fargate"},
                             {"orchestrator", "control plane and orchestrator fees"},
                             {"disks", "node disks"},
                             {"gateways", "load balancer, NAT and address hours"},
                             {"bytes", "image pulls and cross-zone bytes"},
                             {"observability", "alarms, metrics, agents"},
                             {"other", "other"},
                             {"same", "same everywhere: LCU, egress, application logs"}};

const char* group_of(const BillLine& line) {
  const std::string& item = line.item;
  const auto starts = [&](const char* prefix) { return item.starts_with(prefix); };
  if (line.block == billing::Block::same) return "same";
  if (starts("ec2/")) return item.ends_with("/spot") ? "spot" : "ec2";
  if (starts("cpu-credits/")) return "ec2";
  if (starts("fargate/")) return "fargate";
  if (starts("ebs/")) return "disks";
  if (starts("eks/") || starts("ecs/")) return "orchestrator";
  if (starts("ecs-managed-instances/") || starts("ecs-anywhere/")) return "orchestrator";
  if (item == "nat/image-pulls" || starts("transfer/") || starts("ecr/")) return "bytes";
  if (starts("alb/") || starts("nlb/") || starts("nat/") || starts("ipv4/") || starts("vpc/")) return "gateways";
  if (starts("cloudwatch/") || starts("amp/")) return "observability";
  return "other";
}

Json estimate_json(const Estimate& e) {
  if (e.empty()) return nullptr;
  Json out = {{"mean", e.mean}};
  if (e.has_interval()) out["half_width"] = e.half_width;
  return out;
}

Json metrics(const ColumnFigures& c) {
  Json m = {{"usd_per_hour", estimate_json(c.usd_per_hour)},
            {"usd_per_day", estimate_json(c.usd_per_day)},
            {"usd_per_1000_requests", estimate_json(c.usd_per_1000)},
            {"pending_p50_s", estimate_json(c.pending_p50_s)},
            {"pending_p99_s", estimate_json(c.pending_p99_s)},
            {"latency_p50_ms", estimate_json(c.latency_p50_ms)},
            {"latency_p99_ms", estimate_json(c.latency_p99_ms)},
            {"requests_failed_percent", estimate_json(c.failed_percent)},
            {"evictions", estimate_json(c.evictions)},
            {"cpu_requested_percent", estimate_json(c.cpu_requested_percent)},
            {"cpu_used_percent", estimate_json(c.cpu_used_percent)},
            {"memory_requested_percent", estimate_json(c.memory_requested_percent)},
            {"memory_used_percent", estimate_json(c.memory_used_percent)},
            {"nodes_peak", c.nodes_peak.mean > 0 ? estimate_json(c.nodes_peak) : Json(nullptr)},
            {"nodes_least", c.nodes_peak.mean > 0 ? estimate_json(c.nodes_low) : Json(nullptr)}};
  if (c.usd_per_month) m["usd_per_month"] = estimate_json(*c.usd_per_month);
  if (c.reference) {
    m["delta_usd_per_day"] = {{"mean", 0.0}, {"reference", true}};
  } else if (!c.whole.per_day.empty()) {
    Json delta = estimate_json(c.whole.per_day);
    delta["significant"] = c.whole.significant;
    delta["percent"] = c.whole.percent;
    delta["choice_percent"] = c.choice.percent;
    m["delta_usd_per_day"] = std::move(delta);
  }
  return m;
}

/// Lines of all replications, each the mean of its dollars a day.
Json mean_lines(const ColumnResult& column) {
  std::vector<std::pair<BillLine, double>> lines;
  for (const RunResult& run : column.replications) {
    const double days = std::max(static_cast<double>(run.window_us), 1e6) / 86'400e6;
    for (const BillLine& line : run.lines) {
      auto it = std::find_if(lines.begin(), lines.end(), [&](const auto& l) { return l.first.item == line.item; });
      if (it == lines.end()) it = lines.insert(lines.end(), {line, 0.0});
      it->second +=
          static_cast<double>(line.amount.raw()) * 1e-9 / days / static_cast<double>(column.replications.size());
    }
  }
  Json out = Json::array();
  for (const auto& [line, usd] : lines) {
    if (usd == 0) continue;
    out.push_back({{"item", line.item},
                   {"label", line.label},
                   {"group", group_of(line)},
                   {"block", line.block == billing::Block::choice ? "choice" : "same"},
                   {"usd_per_day", usd}});
  }
  return out;
}

std::string base64(const std::vector<float>& values) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  bytes.reserve(values.size() * 4);
  for (const float v : values) {
    const auto bits = std::bit_cast<std::uint32_t>(v);
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(bits >> shift & 0xff);
  }
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t word = 0;
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < 3; ++k) word = word << 8 | (k < n ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += k <= n ? kDigits[word >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

/// Series of replication 0 on one grid of `length` points, `step` minutes apart.
class SeriesWriter {
 public:
  explicit SeriesWriter(const Comparison& c) {
    std::size_t longest = c.request_rate.size();
    for (const ColumnResult& column : c.columns) {
      if (column.replications.empty()) continue;
      for (const auto& s : column.replications.front().series) longest = std::max(longest, s.values.size());
    }
    step_ = std::max<std::size_t>(1, (longest + kMostPoints - 1) / kMostPoints);
    length_ = (longest + step_ - 1) / step_;
    if (longest == 0) return;
    if (!c.request_rate.empty()) add(-1, "request_rate", c.request_rate, false);
    for (std::size_t p = 0; p < c.columns.size(); ++p) {
      if (!c.columns[p].replications.empty()) platform(static_cast<int>(p), c.columns[p].replications.front());
    }
  }

  Json json() && {
    if (length_ == 0) return nullptr;
    return {{"length", length_},
            {"step_s", step_ * 60},
            {"start_of_day_s", 0},
            {"replication_label", "replication (the first)"},
            {"columns", std::move(columns_)}};
  }

 private:
  void platform(int p, const RunResult& run) {
    for (const auto& s : run.series) {
      std::vector<double> values(s.values.begin(), s.values.end());
      const auto scale = [&](double by) {
        for (double& v : values) v *= by;
      };
      if (s.name == "cost_rate") {
        scale(1e-9);
        add(p, s.name, hourly_mean(values), false);
      } else if (s.name == "bought_cpu" || s.name == "requested_cpu" || s.name == "used_cpu") {
        scale(1e-3);
        add(p, s.name, values, false);
      } else if (s.name == "pending" || s.name.starts_with("nodes/") || s.name.starts_with("replicas/")) {
        add(p, s.name, values, true);
      }
    }
    if (run.latency.empty()) return;
    std::vector<double> latency(length_ * step_, std::numeric_limits<double>::quiet_NaN());
    std::int64_t from = 0;
    for (const auto& point : run.latency) {
      const std::int64_t until = std::min<std::int64_t>(point.at_s / 60, static_cast<std::int64_t>(latency.size()));
      for (std::int64_t m = from; m < until; ++m)
        latency[static_cast<std::size_t>(m)] = static_cast<double>(point.p99_us) * 1e-3;
      from = std::max(from, until);
    }
    add(p, "latency_p99_ms", latency, false);
  }

  /// Money is metered by the minute, traffic by the hour: the mean over an hour is what the bill runs at. Sample 0 has
  /// nothing before it; the first hour all show its mean.
  static std::vector<double> hourly_mean(const std::vector<double>& rate) {
    if (rate.size() < 2) return rate;
    std::vector<double> sums(rate.size() + 1, 0.0);
    for (std::size_t i = 0; i < rate.size(); ++i) sums[i + 1] = sums[i] + rate[i];
    std::vector<double> out(rate.size());
    for (std::size_t i = 0; i < rate.size(); ++i) {
      const std::size_t last = std::min(std::max<std::size_t>(i, 60), rate.size() - 1);
      const std::size_t first = last > 60 ? last - 59 : 1;
      out[i] = (sums[last + 1] - sums[first]) / static_cast<double>(last - first + 1);
    }
    return out;
  }

  /// Each point stands for `step_` minutes: their highest or their mean; a point without values is a gap.
  void add(int platform, const std::string& name, const std::vector<double>& minutes, bool highest) {
    std::vector<float> points(length_, std::numeric_limits<float>::quiet_NaN());
    for (std::size_t i = 0; i < length_; ++i) {
      double sum = 0, most = 0;
      std::size_t n = 0;
      for (std::size_t k = i * step_; k < std::min((i + 1) * step_, minutes.size()); ++k) {
        if (std::isnan(minutes[k])) continue;
        sum += minutes[k];
        most = n == 0 ? minutes[k] : std::max(most, minutes[k]);
        ++n;
      }
      if (n > 0) points[i] = static_cast<float>(highest ? most : sum / static_cast<double>(n));
    }
    columns_.push_back({{"platform", platform}, {"name", name}, {"data", base64(points)}});
  }

  std::size_t step_ = 1, length_ = 0;
  Json columns_ = Json::array();
};

/// The exact bill of replication 0, line by line.
Json bill(const ColumnResult& column) {
  Json rows = Json::array();
  if (column.replications.empty()) return rows;
  const RunResult& run = column.replications.front();
  for (const BillLine& line : run.lines) {
    if (line.amount.raw() == 0) continue;
    rows.push_back({{"label", line.label},
                    {"block", line.block == billing::Block::choice ? "choice" : "same"},
                    {"quantity", line.quantity},
                    {"unit", line.unit},
                    {"rate", to_string(line.rate)},
                    {"usd", to_string(line.amount)}});
  }
  return {{"rows", std::move(rows)},
          {"choice", to_string(run.choice)},
          {"same", to_string(run.same)},
          {"total", to_string(run.total)}};
}

/// A table with one column for each platform; `cell` is empty where a platform has nothing to say.
template <class Cell>
Json by_platform(const Comparison& c, const std::string& title, const std::vector<std::string>& keys, Cell&& cell) {
  Json heads = {""};
  for (const ColumnResult& column : c.columns) heads.push_back(column.name);
  Json rows = Json::array();
  for (const std::string& key : keys) {
    Json row = {key};
    for (const ColumnResult& column : c.columns) {
      const std::string text = cell(column, key);
      row.push_back(text.empty() ? "–" : text);
    }
    rows.push_back(std::move(row));
  }
  return {{"title", title}, {"wide", true}, {"heads", std::move(heads)}, {"rows", std::move(rows)}};
}

void note_new(std::vector<std::string>& keys, const std::string& key) {
  if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
}

std::string short_percent(double v) { return fmt::format("{:.{}f}", v, v < 1 ? 3 : 1); }
std::string short_number(double v) { return fmt::format("{:.{}f}", v, v < 10 ? 1 : 0); }

/// Means over replications of work that runs to completion; nothing when the scenario has none.
void add_jobs(const Comparison& c, const std::vector<std::string>& applications, Json& out) {
  std::vector<std::string> names;
  for (const std::string& name : applications) {
    for (const ColumnResult& column : c.columns) {
      for (const RunResult& run : column.replications) {
        for (const auto& w : run.workloads) {
          if (w.name == name && w.runs_to_completion) note_new(names, name);
        }
      }
    }
  }
  if (names.empty()) return;
  const auto mean = [](const ColumnResult& column, const std::string& name) {
    double completed = 0, failed = 0, missed = 0, n = 0;
    for (const RunResult& run : column.replications) {
      for (const auto& w : run.workloads) {
        if (w.name != name || !w.runs_to_completion) continue;
        completed += static_cast<double>(w.jobs_completed);
        failed += static_cast<double>(w.jobs_failed);
        missed += static_cast<double>(w.starts_missed);
        ++n;
      }
    }
    return n == 0 ? std::string()
                  : fmt::format("{} / {} / {}", short_number(completed / n), short_number(failed / n),
                                short_number(missed / n));
  };
  out.push_back(by_platform(c, "Jobs completed / failed / starts missed", names, mean));
}

Json tables(const Comparison& c) {
  Json out = Json::array();
  if (!c.assumed.empty()) {
    Json rows = Json::array();
    for (const std::string& text : c.assumed) {
      const std::size_t at = text.find(" = ");
      rows.push_back(at == std::string::npos ? Json{text} : Json{text.substr(0, at), text.substr(at + 3)});
    }
    out.push_back(
        {{"title", "Assumed: no file gives these"}, {"wide", true}, {"flow", true}, {"rows", std::move(rows)}});
  }
  std::vector<std::string> low;
  Json remarks = Json::array();
  for (const ColumnResult& column : c.columns) {
    for (const std::string& row : column.low_confidence) note_new(low, row);
    for (const std::string& text : column.remarks) remarks.push_back({column.name, text});
  }
  if (!remarks.empty()) out.push_back({{"title", "Remarks"}, {"rows", std::move(remarks)}});
  if (!low.empty()) {
    Json rows = Json::array();
    for (const std::string& row : low) rows.push_back(Json{row});
    out.push_back({{"title", "Prices of low confidence"}, {"rows", std::move(rows)}});
  }
  std::vector<std::string> kinds, applications, system;
  for (const ColumnResult& column : c.columns) {
    for (const auto& [kind, count] : column.objects) note_new(kinds, kind);
    if (column.replications.empty()) continue;
    for (const auto& w : column.replications.front().workloads) note_new(w.system ? system : applications, w.name);
  }
  if (!kinds.empty()) {
    out.push_back(
        by_platform(c, "What each side makes you own", kinds, [](const ColumnResult& column, const std::string& kind) {
          for (const auto& [name, count] : column.objects) {
            if (name == kind) return std::to_string(count);
          }
          return std::string();
        }));
  }
  Json names = Json::array();
  for (const ColumnResult& column : c.columns) {
    for (const auto& [what, name] : column.dns_names) names.push_back({column.name, what, name});
  }
  if (!names.empty()) out.push_back({{"title", "DNS names of load balancers"}, {"rows", std::move(names)}});
  applications.insert(applications.end(), system.begin(), system.end());
  if (!applications.empty()) {
    const auto replicas = [](const ColumnResult& column, const std::string& name) {
      if (column.replications.empty()) return std::string();
      for (const auto& w : column.replications.front().workloads) {
        if (w.name == name) return fmt::format("{} / {}", short_number(w.replicas_mean), w.replicas_peak);
      }
      return std::string();
    };
    out.push_back(by_platform(c, "Replicas, mean / peak", applications, replicas));
    add_jobs(c, applications, out);
    const auto lost = [](const ColumnResult& column, const std::string& name) {
      for (const ApplicationLosses& a : losses(column)) {
        if (a.name == name && a.lost + a.failed > 0)
          return fmt::format("{} / {}", short_percent(a.lost_percent()), short_percent(a.failed_percent()));
      }
      return std::string();
    };
    const std::vector<std::string> own(applications.begin(),
                                       applications.end() - static_cast<std::ptrdiff_t>(system.size()));
    out.push_back(by_platform(c, "Requests lost / failed with their calls, %", own, lost));
  }
  return out;
}

std::string hours_text(std::int64_t s) {
  return s % 3600 == 0 ? fmt::format("{} h", s / 3600) : fmt::format("{} min", s / 60);
}

Json facts(const Comparison& c, const Figures& f) {
  std::int64_t n = f.columns.empty() ? 0 : f.columns.front().replications;
  for (const ColumnFigures& column : f.columns) n = std::min(n, column.replications);
  Json out = Json::array();
  const auto fact = [&](const char* label, const std::string& value) {
    if (!value.empty()) out.push_back({{"label", label}, {"value", value}});
  };
  fact("load", c.load);
  fact("span", hours_text(c.window_s) + " after " + hours_text(c.warmup_s) + " of warm-up");
  fact("replications",
       n < c.replications_wanted ? fmt::format("{} of {}", n, c.replications_wanted) : std::to_string(n));
  fact("region", c.region);
  fact("prices", c.as_of);
  fact("sizes", c.sizes_matched ? "matched" : "as written, they differ");
  return out;
}

}  // namespace

std::string page_json(const Comparison& c) {
  const Figures f = figures(c);
  const Verdict v = verdict(c, f);
  Json platforms = Json::array(), bills = Json::array();
  for (std::size_t i = 0; i < c.columns.size(); ++i) {
    const ColumnFigures& column = f.columns[i];
    Json broken = Json::array(), notes = Json::array();
    if (!column.not_serving.empty()) broken.push_back(column.not_serving);
    for (const std::string& text : column.limits) notes.push_back(text);
    for (const BrokenPromise& b : column.promises) {
      const std::string text = fmt::format("{}: broken {}", b.text, b.outcome());
      (column.broken ? broken : notes).push_back(text);
    }
    const std::string lost = losses_remark(c.columns[i]);
    if (!lost.empty()) notes.push_back(lost);
    for (const std::string& text : c.columns[i].remarks) {
      if (text.find(" % of the span") != std::string::npos) notes.push_back(text);
    }
    platforms.push_back({{"name", column.name},
                         {"type", column.type},
                         {"winner", f.winner == i},
                         {"tag", column.broken ? "promise broken, not ranked" : "not ranked"},
                         {"broken", std::move(broken)},
                         {"notes", std::move(notes)},
                         {"metrics", metrics(column)},
                         {"lines", mean_lines(c.columns[i])},
                         {"bill", bill(c.columns[i])}});
  }
  Json groups = Json::array();
  for (const Group& g : kGroups) {
    groups.push_back(
        {{"key", g.key}, {"label", g.label}, {"block", std::string_view(g.key) == "same" ? "same" : "choice"}});
  }
  Json alerts = Json::array(), notes = Json::array(), sizes = Json::array();
  if (!c.sizes_matched)
    alerts.push_back("The sizes of the applications differ between the columns: no comparison of like with like.");
  if (const std::string cut = interruption(c); !cut.empty()) alerts.push_back(cut);
  std::vector<std::string> remarks = c.remarks;
  for (const auto& s : results::take_differing_sizes(remarks)) sizes.push_back({s.app, s.ecs, s.kubernetes});
  for (const std::string& text : remarks) notes.push_back(text);
  const Json out = {
      {"title", c.scenario},
      {"subtitle", fmt::format("{} platforms, {}", c.columns.size(), c.region)},
      {"verdict", {{"winner", f.winner.has_value()}, {"headline", v.headline}, {"detail", v.detail}}},
      {"facts", facts(c, f)},
      {"alerts", std::move(alerts)},
      {"sizes", std::move(sizes)},
      {"notes", std::move(notes)},
      {"table_lead",
       "Means over replications, with the half width of their 95 % interval. Utilisation is of what is paid for; "
       "a node that boots or drains is paid for."},
      {"legend", included_lines(c)},
      {"platforms", std::move(platforms)},
      {"groups", std::move(groups)},
      {"series", SeriesWriter(c).json()},
      {"inputs_lead", "Everything else comes from the files of the scenario and the price list."},
      {"tables", tables(c)},
      {"footer", {fmt::format("seed {}  hash {}  plimsoll {}", c.seed, results::hash_hex(c.hash), c.version)}}};
  return out.dump();
}

std::string report_html(const Comparison& comparison) { return html_page(page_json(comparison)); }

void publish(const Comparison& comparison, const std::filesystem::path& directory) {
  results::write_run_directory(comparison, directory, {{"report.html", report_html(comparison)}});
}

}  // namespace plimsoll::report
