#include "sim/report/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "sim/report/bill_table.h"
#include "sim/report/losses.h"
#include "sim/report/text_table.h"
#include "sim/results/csv.h"
#include "sim/results/differing_sizes.h"
#include "sim/results/summary.h"

namespace plimsoll::report {

namespace {

using Json = nlohmann::ordered_json;

/// About three significant digits, plain decimal, at most `most` after the point.
std::string number(double v, int most = 2) {
  const double size = std::abs(v);
  int digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : most;
  digits = std::min(digits, most);
  std::string text = fmt::format("{:.{}f}", v, digits);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

std::string of(const Estimate& e, int most = 2) { return e.empty() ? "-" : number(e.mean, most); }

std::string pair(const Estimate& a, const Estimate& b, int most = 2) {
  if (a.empty() && b.empty()) return "-";
  return of(a, most) + "/" + of(b, most);
}

/// Dollars, with the half width when there is one.
std::string money(const Estimate& e, int digits, bool interval) {
  if (e.empty()) return "-";
  std::string text = fmt::format("{:.{}f}", e.mean, digits);
  if (interval && e.has_interval()) text += fmt::format(" ±{:.{}f}", e.half_width, digits);
  return text;
}

std::string thousand(const Estimate& e) { return e.empty() ? "-" : fmt::format("{:.5f}", e.mean); }

std::string difference(const ColumnFigures& c, const Difference& d, const Figures& f) {
  if (c.reference) return f.winner ? "cheapest" : "lowest mean";
  if (d.per_day.empty()) return "-";
  std::string text = d.significant ? fmt::format("{:+.2f}", d.per_day.mean) : "n.s.";
  if (d.per_day.has_interval()) {
    text += fmt::format(" ±{:.2f}", d.per_day.half_width);
  } else {
    text = fmt::format("{:+.2f} n.s.", d.per_day.mean);
  }
  return text;
}

std::string percent(const ColumnFigures& c, const Difference& d) {
  return c.reference || !c.ranked() || d.per_day.empty() || !d.significant ? "" : fmt::format("{:+.1f}", d.percent);
}

Paint paint_of(const ColumnFigures& c, std::size_t index, const Figures& f) {
  return !c.ranked() ? Paint::dim : f.winner == index ? Paint::good : Paint::plain;
}

struct TableColumn {
  std::vector<std::string> head;
  std::string (*cell)(const ColumnFigures&, const Figures&);
};

/// `alone`: nothing to compare with.
std::vector<TableColumn> money_columns(bool month, bool alone) {
  static const TableColumn name = {{"", "platform"}, [](const ColumnFigures& c, const Figures&) { return c.name; }};
  static const TableColumn hour = {
      {"$", "/hour"}, [](const ColumnFigures& c, const Figures&) { return money(c.usd_per_hour, 3, false); }};
  static const TableColumn day = {{"$", "/day"},
                                  [](const ColumnFigures& c, const Figures&) { return money(c.usd_per_day, 2, true); }};
  static const TableColumn delta = {{"to cheapest", "$/day"}, [](const ColumnFigures& c, const Figures& f) {
                                      return !c.ranked() && c.replications > 0 ? "not ranked"
                                                                               : difference(c, c.whole, f);
                                    }};
  static const TableColumn bill = {{"of the", "bill %"},
                                   [](const ColumnFigures& c, const Figures&) { return percent(c, c.whole); }};
  static const TableColumn choice = {{"of the", "choice %"},
                                     [](const ColumnFigures& c, const Figures&) { return percent(c, c.choice); }};
  static const TableColumn requests = {{"$ per", "1,000 req"},
                                       [](const ColumnFigures& c, const Figures&) { return thousand(c.usd_per_1000); }};
  static const TableColumn monthly = {{"$", "/730 h"}, [](const ColumnFigures& c, const Figures&) {
                                        return c.usd_per_month ? money(*c.usd_per_month, 0, false) : std::string("-");
                                      }};
  std::vector<TableColumn> out = {name, hour, day};
  if (month) out.push_back(monthly);
  if (!alone) out.insert(out.end(), {delta, bill, choice});
  out.push_back(requests);
  return out;
}

constexpr std::size_t kUsualColumns = 8;  // of service_columns

/// With what happened only when it happened somewhere.
std::vector<TableColumn> service_columns(const Figures& figures) {
  std::vector<TableColumn> columns = {
      {{"", "", "platform"}, [](const ColumnFigures& c, const Figures&) { return c.name; }},
      {{"pending", "p50/p99", "s"},
       [](const ColumnFigures& c, const Figures&) { return pair(c.pending_p50_s, c.pending_p99_s, 1); }},
      {{"latency", "p50/p99", "ms"},
       [](const ColumnFigures& c, const Figures&) { return pair(c.latency_p50_ms, c.latency_p99_ms, 1); }},
      {{"failed", "req.", "%"}, [](const ColumnFigures& c, const Figures&) { return of(c.failed_percent, 3); }},
      {{"evic-", "tions", ""}, [](const ColumnFigures& c, const Figures&) { return of(c.evictions, 1); }},
      {{"CPU", "ask/use", "%"},
       [](const ColumnFigures& c, const Figures&) { return pair(c.cpu_requested_percent, c.cpu_used_percent, 0); }},
      {{"memory", "ask/use", "%"},
       [](const ColumnFigures& c, const Figures&) {
         return pair(c.memory_requested_percent, c.memory_used_percent, 0);
       }},
      {{"nodes", "peak/", "least"}, [](const ColumnFigures& c, const Figures&) {
         return c.nodes_peak.mean == 0 ? std::string("-") : pair(c.nodes_peak, c.nodes_low, 1);
       }}};
  const auto any = [&](const Estimate ColumnFigures::*member) {
    return std::any_of(figures.columns.begin(), figures.columns.end(),
                       [&](const ColumnFigures& c) { return !(c.*member).empty() && (c.*member).mean > 0; });
  };
  if (any(&ColumnFigures::rollouts) || any(&ColumnFigures::rollouts_failed)) {
    columns.push_back({{"rollouts", "done/", "failed"},
                       [](const ColumnFigures& c, const Figures&) { return pair(c.rollouts, c.rollouts_failed, 1); }});
  }
  if (any(&ColumnFigures::container_failures)) {
    columns.push_back({{"con-", "tainers", "failed"},
                       [](const ColumnFigures& c, const Figures&) { return of(c.container_failures, 1); }});
  }
  if (std::any_of(figures.columns.begin(), figures.columns.end(),
                  [](const ColumnFigures& c) { return !c.jobs_completed.empty(); })) {
    columns.push_back({{"jobs", "done/", "failed"}, [](const ColumnFigures& c, const Figures&) {
                         return pair(c.jobs_completed, c.jobs_failed, 1);
                       }});
  }
  if (any(&ColumnFigures::starts_missed)) {
    columns.push_back(
        {{"starts", "missed", ""}, [](const ColumnFigures& c, const Figures&) { return of(c.starts_missed, 1); }});
  }
  if (any(&ColumnFigures::nodes_lost)) {
    columns.push_back(
        {{"nodes", "lost", ""}, [](const ColumnFigures& c, const Figures&) { return of(c.nodes_lost, 1); }});
  }
  return columns;
}

TextTable table_of(const Figures& f, const std::vector<TableColumn>& columns) {
  TextTable table;
  for (const TableColumn& column : columns) table.heads.push_back(column.head);
  for (const std::size_t i : f.order) {
    TextTable::Row row;
    for (const TableColumn& column : columns) row.cells.push_back(column.cell(f.columns[i], f));
    row.paint = paint_of(f.columns[i], i, f);
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string broken_text(const ColumnFigures& c, const BrokenPromise& b) {
  return fmt::format("{}: broke \"{}\" {}", c.name, b.text, b.outcome());
}

std::string hours(std::int64_t s) {
  if (s % 3600 == 0) return fmt::format("{} h", s / 3600);
  return s % 60 == 0 ? fmt::format("{} min", s / 60) : fmt::format("{} s", s);
}

std::int64_t finished(const Comparison& c) {
  std::int64_t least = c.columns.empty() ? 0 : INT64_MAX;
  for (const auto& column : c.columns) least = std::min(least, static_cast<std::int64_t>(column.replications.size()));
  return least;
}

std::string span_line(const Comparison& c) {
  const std::int64_t n = finished(c);
  const bool in_part = n == 0 && std::any_of(c.columns.begin(), c.columns.end(),
                                             [](const auto& column) { return !column.replications.empty(); });
  const std::string worlds =
      in_part ? "no whole replication"
              : fmt::format("{}{} replication{}", n, c.columns.size() > 1 && n > 1 ? " paired" : "", n == 1 ? "" : "s");
  std::string text = fmt::format("{}: {} of load after {} of warm-up, {}, {}", c.scenario, hours(c.window_s),
                                 hours(c.warmup_s), worlds, c.region);
  if (!c.as_of.empty()) text += ", prices " + c.as_of;
  return text;
}

std::string last_line(const Comparison& c) {
  return fmt::format("seed {}  hash {}  plimsoll {}", c.seed, results::hash_hex(c.hash), c.version);
}

/// A dollar amount that is a mean, as text.
Json usd_text(double v) { return std::isfinite(v) ? Json(fmt::format("{:.9f}", v)) : Json(nullptr); }

Json usd(const Estimate& e) {
  if (e.empty()) return nullptr;
  return {{"mean", usd_text(e.mean)}, {"half_width", e.has_interval() ? usd_text(e.half_width) : Json(nullptr)}};
}

Json plain(const Estimate& e) {
  if (e.empty()) return nullptr;
  return {{"mean", e.mean}, {"half_width", e.has_interval() ? Json(e.half_width) : Json(nullptr)}};
}

Json delta_json(const Difference& d) {
  if (d.per_day.empty()) return nullptr;
  return {{"usd_per_day", usd(d.per_day)}, {"percent", d.percent}, {"significant", d.significant}};
}

struct Field {
  const char* name;
  const Estimate ColumnFigures::*value;
  bool money;
};
constexpr Field kFields[] = {
    {"usd_per_hour", &ColumnFigures::usd_per_hour, true},
    {"usd_per_day", &ColumnFigures::usd_per_day, true},
    {"choice_usd_per_day", &ColumnFigures::choice_usd_per_day, true},
    {"same_usd_per_day", &ColumnFigures::same_usd_per_day, true},
    {"usd_per_1000_requests", &ColumnFigures::usd_per_1000, true},
    {"pending_p50_s", &ColumnFigures::pending_p50_s, false},
    {"pending_p99_s", &ColumnFigures::pending_p99_s, false},
    {"latency_p50_ms", &ColumnFigures::latency_p50_ms, false},
    {"latency_p99_ms", &ColumnFigures::latency_p99_ms, false},
    {"requests_lost_percent", &ColumnFigures::lost_percent, false},
    {"requests_failed_percent", &ColumnFigures::failed_percent, false},
    {"evictions", &ColumnFigures::evictions, false},
    {"interruptions", &ColumnFigures::interruptions, false},
    {"unfinished", &ColumnFigures::unfinished, false},
    {"launches_refused", &ColumnFigures::launches_refused, false},
    {"rollouts", &ColumnFigures::rollouts, false},
    {"rollouts_failed", &ColumnFigures::rollouts_failed, false},
    {"container_failures", &ColumnFigures::container_failures, false},
    {"nodes_lost", &ColumnFigures::nodes_lost, false},
    {"jobs_completed", &ColumnFigures::jobs_completed, false},
    {"jobs_failed", &ColumnFigures::jobs_failed, false},
    {"starts_missed", &ColumnFigures::starts_missed, false},
    {"cpu_requested_percent", &ColumnFigures::cpu_requested_percent, false},
    {"cpu_used_percent", &ColumnFigures::cpu_used_percent, false},
    {"memory_requested_percent", &ColumnFigures::memory_requested_percent, false},
    {"memory_used_percent", &ColumnFigures::memory_used_percent, false},
    {"nodes_peak", &ColumnFigures::nodes_peak, false},
    {"nodes_least", &ColumnFigures::nodes_low, false},
    {"nodes_mean", &ColumnFigures::nodes_mean, false},
};

}  // namespace

std::optional<Format> parse_format(std::string_view text) {
  if (text == "table") return Format::table;
  if (text == "json") return Format::json;
  if (text == "csv") return Format::csv;
  if (text == "md" || text == "markdown") return Format::markdown;
  return std::nullopt;
}

std::vector<std::string> included_lines(const Comparison& c) {
  std::vector<std::string> labels;
  for (const auto& column : c.columns) {
    if (column.replications.empty()) continue;
    for (const auto& line : column.replications.front().lines) {
      std::string what = line.category == "Compute"
                             ? (line.service.find("Compute Cloud") != std::string::npos ? "EC2 nodes"
                                : line.item.starts_with("fargate/")                     ? "Fargate"
                                : line.item.starts_with("ecs-managed-instances/")       ? "Managed Instances fees"
                                : line.item.starts_with("ecs-anywhere/")                ? "ECS Anywhere"
                                                                                        : "control plane")
                         : line.category == "Storage" ? "node disks"
                                                      : line.label;
      if (line.amount.raw() != 0 && std::find(labels.begin(), labels.end(), what) == labels.end())
        labels.push_back(std::move(what));
    }
  }
  std::string included = "Included: ";
  for (std::size_t i = 0; i < labels.size(); ++i) included += (i > 0 ? ", " : "") + labels[i];
  std::vector<std::string> out;
  if (!labels.empty()) out.push_back(included + ". Idle capacity and system pods are inside.");
  out.push_back(
      "Not included: managed data stores (the same for every platform), Savings Plans and reservations, support plans, "
      "tax, free tiers, people.");
  out.push_back(
      "Pending: from the creation of a task or pod until its containers run. Failed: lost or answered with an error. "
      "Least: the fewest nodes of the span.");
  out.push_back(
      std::string("Choice: the part of the bill that the choice of platform changes. ") +
      "± is the half width of the 95 % interval; n.s. means that it covers zero. " +
      (c.window_s >= 7 * 86'400 ? "A month is 730 h." : "No month is shown: the span is shorter than a week."));
  return out;
}

std::string render_table(const Comparison& comparison, const TerminalStyle& style) {
  const Figures f = figures(comparison);
  const Verdict v = verdict(comparison, f);
  const auto width = static_cast<std::size_t>(std::max(style.width, 60));
  const bool colour = style.colour;
  std::string out = painted(wrapped(span_line(comparison), width, 2), Paint::dim, colour) + '\n';
  if (!comparison.load.empty())
    out += painted(wrapped("load: " + comparison.load, width, 2), Paint::dim, colour) + '\n';
  if (!comparison.sizes_matched) {
    out +=
        painted(
            wrapped(
                "The sizes of the applications differ between the columns, so this is no comparison of like with like.",
                width, 2),
            Paint::bad, colour) +
        '\n';
  }
  std::vector<std::string> remarks = comparison.remarks;
  if (const auto sizes = results::take_differing_sizes(remarks); !sizes.empty()) {
    TextTable table;
    table.heads = {{"application"}, {"ECS"}, {"Kubernetes"}};
    for (const auto& s : sizes) table.rows.push_back({{s.app, s.ecs, s.kubernetes}, Paint::plain});
    out += '\n' + table.render(width, colour);
  }
  out += '\n' + painted(wrapped(v.headline, width, 0), Paint::bold, colour) + '\n';
  if (!v.detail.empty()) out += wrapped(v.detail, width, 0) + '\n';
  out += '\n';

  const bool month =
      std::any_of(f.columns.begin(), f.columns.end(), [](const auto& c) { return c.usd_per_month.has_value(); });
  const bool alone = f.columns.size() == 1;
  std::vector<TableColumn> all = money_columns(month, alone);
  const std::vector<TableColumn> service = service_columns(f);
  all.insert(all.end(), service.begin() + 1, service.end());
  const TextTable one = table_of(f, all);
  if (one.width(2) <= width) {
    out += one.render(width, colour);
  } else {
    out += table_of(f, money_columns(month, alone)).render(width, colour) + '\n';
    // What happened only here and there gets a table of its own rather than lines that are too long.
    const std::size_t usual = std::min(service.size(), kUsualColumns);
    const bool split = usual < service.size() && table_of(f, service).width(1) > width;
    const auto last = split ? service.begin() + static_cast<std::ptrdiff_t>(usual) : service.end();
    out += table_of(f, {service.begin(), last}).render(width, colour);
    if (split) {
      std::vector<TableColumn> rest = {service.front()};
      rest.insert(rest.end(), last, service.end());
      out += '\n' + table_of(f, rest).render(width, colour);
    }
  }
  if (comparison.columns.size() == 1) {
    out += '\n' + render_bill(comparison.columns.front(), style);
    const std::string lost = render_losses(comparison.columns.front(), style.width, colour);
    if (!lost.empty()) out += '\n' + lost;
  }
  for (const auto& column : comparison.columns) {
    const std::string revisions = render_revisions(column, style.width, colour);
    if (!revisions.empty()) out += '\n' + painted(column.name, Paint::dim, colour) + '\n' + revisions;
  }
  out += '\n';
  for (const ColumnFigures& c : f.columns) {
    for (const std::string& limit : c.limits) out += wrapped("! " + c.name + ": " + limit, width, 2) + '\n';
    if (!c.not_serving.empty())
      out += painted(wrapped(fmt::format("✗ {}: {}", c.name, c.not_serving), width, 2), Paint::bad, colour) + '\n';
    for (const BrokenPromise& b : c.promises) {
      out += painted(wrapped((c.broken ? "✗ " : "! ") + broken_text(c, b), width, 2),
                     c.broken ? Paint::bad : Paint::plain, colour) +
             '\n';
    }
  }
  for (const auto& column : comparison.columns) {
    const std::string lost = losses_remark(column);
    if (!lost.empty()) out += painted(wrapped("! " + column.name + ": " + lost, width, 2), Paint::bad, colour) + '\n';
  }
  for (const std::string& remark : remarks) out += wrapped("! " + remark, width, 2) + '\n';
  for (const auto& column : comparison.columns) {
    for (const std::string& remark : column.remarks)
      out += wrapped("! " + column.name + ": " + remark, width, 2) + '\n';
  }
  const auto paragraph = [&](const std::string& head, const std::vector<std::string>& texts) {
    if (texts.empty()) return;
    std::string text = head;
    for (std::size_t i = 0; i < texts.size(); ++i) text += (i > 0 ? "; " : " ") + texts[i];
    out += painted(wrapped(text, width, 2), Paint::dim, colour) + '\n';
  };
  paragraph(fmt::format("Assumed, since no file gives it ({}):", comparison.assumed.size()), comparison.assumed);
  std::vector<std::string> low;
  for (const auto& column : comparison.columns) {
    for (const std::string& row : column.low_confidence) {
      if (std::find(low.begin(), low.end(), row) == low.end()) low.push_back(row);
    }
  }
  paragraph(fmt::format("Prices of low confidence ({}):", low.size()), low);
  for (const std::string& line : included_lines(comparison))
    out += painted(wrapped(line, width, 2), Paint::dim, colour) + '\n';
  return out + last_line(comparison) + '\n';
}

std::string render_json(const Comparison& comparison) {
  const Figures f = figures(comparison);
  const Verdict v = verdict(comparison, f);
  Json out = Json::parse(results::summary_json(comparison));
  Json said = {{"headline", v.headline}, {"detail", v.detail}};
  said["winner"] = f.winner ? Json(f.columns[*f.winner].name) : Json(nullptr);
  said["lowest_mean"] = f.reference ? Json(f.columns[*f.reference].name) : Json(nullptr);
  Json tied = Json::array(), order = Json::array(), broken = Json::array(), idle = Json::array();
  for (const std::size_t i : f.tied) tied.push_back(f.columns[i].name);
  for (const std::size_t i : f.order) {
    const ColumnFigures& c = f.columns[i];
    if (c.ranked()) order.push_back(c.name);
    if (c.broken) broken.push_back(c.name);
    if (!c.not_serving.empty()) idle.push_back(c.name);
  }
  said["not_significantly_dearer"] = std::move(tied);
  said["ranking"] = std::move(order);
  said["broken"] = std::move(broken);
  said["not_serving"] = std::move(idle);
  out["verdict"] = std::move(said);
  for (const ColumnFigures& c : f.columns) {
    Json& platform = out["platforms"][c.name];
    if (platform.contains("cost")) {
      for (Json& line : platform["cost"]["lines"]) line.erase("hourly_usd");
    }
    Json figures_json = Json::object();
    for (const Field& field : kFields)
      figures_json[field.name] = field.money ? usd(c.*field.value) : plain(c.*field.value);
    figures_json["usd_per_month_730h"] = c.usd_per_month ? usd(*c.usd_per_month) : Json(nullptr);
    figures_json["to_cheapest"] = {{"whole_bill", delta_json(c.whole)}, {"choice_block", delta_json(c.choice)}};
    Json promises = Json::array();
    for (const BrokenPromise& b : c.promises) {
      promises.push_back({{"text", b.text},
                          {"measured", b.measured},
                          {"replication", b.replication},
                          {"broken_in", b.broken_in},
                          {"replications", b.replications}});
    }
    figures_json["broken"] = c.broken;
    figures_json["not_serving"] = c.not_serving.empty() ? Json(nullptr) : Json(c.not_serving);
    figures_json["binding_limits"] = c.limits;
    figures_json["broken_promises"] = std::move(promises);
    platform["figures"] = std::move(figures_json);
  }
  return out.dump(1) + "\n";
}

std::string render_csv(const Comparison& comparison) {
  const Figures f = figures(comparison);
  std::string out =
      "platform,replications,ranked,reference,delta_usd_per_day,delta_usd_per_day_half_width,delta_percent,"
      "delta_significant,delta_choice_usd_per_day,delta_choice_usd_per_day_half_width,delta_choice_percent,"
      "usd_per_month_730h";
  for (const Field& field : kFields) out += fmt::format(",{0},{0}_half_width", field.name);
  out += '\n';
  const auto value = [](double v) { return std::isfinite(v) ? fmt::format("{:.9f}", v) : std::string(); };
  for (const std::size_t i : f.order) {
    const ColumnFigures& c = f.columns[i];
    const auto part = [&](const Difference& d) {
      return d.per_day.empty()
                 ? std::string(",,")
                 : fmt::format("{},{},{}", value(d.per_day.mean), value(d.per_day.half_width), value(d.percent));
    };
    out += fmt::format("{},{},{},{},{},{},{},{}", results::csv_field(c.name), c.replications, c.ranked(), c.reference,
                       part(c.whole),
                       c.whole.per_day.empty() ? ""
                       : c.whole.significant   ? "true"
                                               : "false",
                       part(c.choice), c.usd_per_month ? value(c.usd_per_month->mean) : "");
    for (const Field& field : kFields) {
      const Estimate& e = c.*field.value;
      out += e.empty() ? std::string(",,") : fmt::format(",{},{}", value(e.mean), value(e.half_width));
    }
    out += '\n';
  }
  return out;
}

std::string render_markdown(const Comparison& comparison) {
  const Figures f = figures(comparison);
  const Verdict v = verdict(comparison, f);
  std::string out = fmt::format("**{}**\n\n", v.headline);
  if (!v.detail.empty()) out += v.detail + "\n\n";
  std::vector<std::string> remarks = comparison.remarks;
  if (const auto sizes = results::take_differing_sizes(remarks); !sizes.empty()) {
    out += "The sizes of the applications differ between the columns:\n\n| application | ECS | Kubernetes |\n";
    out += "| :-- | --: | --: |\n";
    for (const auto& s : sizes) out += "| " + s.app + " | " + s.ecs + " | " + s.kubernetes + " |\n";
    out += "\n";
  }
  const bool month =
      std::any_of(f.columns.begin(), f.columns.end(), [](const auto& c) { return c.usd_per_month.has_value(); });
  const auto grid = [&](const std::vector<TableColumn>& columns) {
    std::string rule = "|";
    out += "|";
    for (std::size_t i = 0; i < columns.size(); ++i) {
      std::string head;
      for (const std::string& part : columns[i].head) {
        if (part.empty()) continue;
        const bool hyphen = head.ends_with('-');
        if (hyphen) head.pop_back();
        head += (head.empty() || hyphen || head.ends_with('/') ? "" : " ") + part;
      }
      out += " " + head + " |";
      rule += i == 0 ? " :-- |" : " --: |";
    }
    out += "\n" + rule + "\n";
    for (const std::size_t i : f.order) {
      out += "|";
      for (const TableColumn& column : columns) {
        std::string cell = column.cell(f.columns[i], f);
        for (std::size_t at = 0; (at = cell.find('|', at)) != std::string::npos; at += 2) cell.insert(at, "\\");
        out += " " + (f.winner == i && &column == &columns.front() ? "**" + cell + "**" : cell) + " |";
      }
      out += "\n";
    }
    out += "\n";
  };
  grid(money_columns(month, f.columns.size() == 1));
  grid(service_columns(f));
  for (const ColumnFigures& c : f.columns) {
    for (const std::string& limit : c.limits) out += "- " + c.name + ": " + limit + "\n";
    if (!c.not_serving.empty()) out += "- " + c.name + ": " + c.not_serving + "\n";
    for (const BrokenPromise& b : c.promises) out += "- " + broken_text(c, b) + "\n";
  }
  for (const auto& column : comparison.columns) {
    const std::string lost = losses_remark(column);
    if (!lost.empty()) out += "- " + column.name + ": " + lost + "\n";
  }
  for (const std::string& remark : remarks) out += "- " + remark + "\n";
  for (const auto& column : comparison.columns) {
    for (const std::string& remark : column.remarks) out += "- " + column.name + ": " + remark + "\n";
  }
  if (!comparison.assumed.empty()) {
    out += fmt::format("\n<details><summary>Assumed, since no file gives it ({})</summary>\n\n",
                       comparison.assumed.size());
    for (const std::string& text : comparison.assumed) out += "- `" + text + "`\n";
    out += "\n</details>\n";
  }
  out += "\n" + span_line(comparison) + "\n";
  for (const std::string& line : included_lines(comparison)) out += "\n" + line + "\n";
  return out + "\n`" + last_line(comparison) + "`\n";
}

std::string render(const Comparison& comparison, Format format, const TerminalStyle& style) {
  switch (format) {
    case Format::json:
      return render_json(comparison);
    case Format::csv:
      return render_csv(comparison);
    case Format::markdown:
      return render_markdown(comparison);
    case Format::table:
      break;
  }
  return render_table(comparison, style);
}

}  // namespace plimsoll::report
