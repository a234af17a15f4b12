#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "sim/report/diff.h"
#include "sim/report/text_table.h"
#include "sim/results/summary.h"

namespace plimsoll::report {

namespace {

using Json = nlohmann::ordered_json;

constexpr char kKey[] = "+ added   - removed   ~ changed";

std::string amount_text(double v, bool money) {
  if (money) return fmt::format("{:.2f}", v);
  const double size = std::abs(v);
  if (std::abs(v - std::round(v)) < 1e-9 && size < 1e6) return fmt::format("{:.0f}", v);
  return size >= 1000  ? fmt::format("{:.0f}", v)
         : size >= 100 ? fmt::format("{:.1f}", v)
         : size >= 1   ? fmt::format("{:.2f}", v)
                       : fmt::format("{:.3f}", v);
}

std::string signed_text(double v, bool money) {
  const std::string text = amount_text(std::abs(v), money);
  const bool nothing = text.find_first_not_of("0.") == std::string::npos;
  return (nothing ? "" : v < 0 ? "-" : "+") + text;
}

std::string side(const std::optional<double>& v, bool money) { return v ? amount_text(*v, money) : "none"; }

std::string percent_text(const Change& c) {
  if (c.is_noise()) return "n.s.";
  const auto p = c.percent();
  return p ? fmt::format("{:+.1f} %", std::round(*p * 10) / 10 + 0.0) : "";
}

std::string interval_text(const Change& c, bool money) {
  return c.difference.has_interval() ? "±" + amount_text(c.difference.half_width, money) : "";
}

/// "pod_bound ui-7 on i-00012", with what else tells two facts apart.
std::string fact_text(const std::optional<results::EventRow>& e) {
  if (!e) return "nothing more";
  std::string text = e->fact;
  if (!e->pod.empty()) text += " " + e->pod;
  if (e->pod.empty() && !e->workload.empty()) text += " " + e->workload;
  if (!e->node.empty()) text += (e->pod.empty() ? " " : " on ") + e->node;
  if (!e->instance_type.empty() || !e->zone.empty())
    text += " (" + e->instance_type + (e->instance_type.empty() || e->zone.empty() ? "" : ", ") + e->zone + ")";
  if (e->pod.empty() && e->node.empty() && !e->group.empty()) text += " " + e->group;
  if (e->fact == "desired_changed" || e->fact == "group_resized" || e->fact == "launch_refused" ||
      e->fact == "decision")
    text += " to " + std::to_string(e->value);
  if (!e->reason.empty()) text += " (" + e->reason + ")";
  return text;
}

struct Style {
  int width = 80;
  bool colour = false;
  std::string line(const std::string& text, Paint paint) const { return painted(text, paint, colour) + "\n"; }
};

Paint paint_of(const Change& c, bool less_is_better) {
  if (!less_is_better || c.is_noise()) return Paint::plain;
  return c.amount() > 0 ? Paint::bad : c.amount() < 0 ? Paint::good : Paint::plain;
}

void add_row(TextTable& table, const Change& c, bool money, const std::string& indent, bool less_is_better) {
  table.rows.push_back(
      {{fmt::format("{}{} {}", indent, c.symbol(), c.label), side(c.before, money), "->", side(c.after, money),
        signed_text(c.amount(), money), interval_text(c, money), percent_text(c)},
       paint_of(c, less_is_better)});
}

bool is_worse_when_more(const std::string& key) {
  return !key.starts_with("cpu_") && !key.starts_with("memory_") && !key.starts_with("nodes_");
}

std::string promise_text(const PromiseChange& p) {
  const auto state = [](std::int64_t broken, std::int64_t of) {
    if (of == 0) return std::string("not asked");
    if (broken == 0) return std::string("kept");
    return of == 1 ? std::string("broken") : fmt::format("broken in {} of {}", broken, of);
  };
  return state(p.broken_before, p.replications_before) + " -> " + state(p.broken_after, p.replications_after);
}

std::string column_text(const Diff& d, const ColumnDiff& c, const Style& style) {
  const std::string name = c.other_name.empty() ? c.name : c.name + " -> " + c.other_name;
  if (c.symbol == '+' || c.symbol == '-') {
    const double usd = c.total.after.value_or(c.total.before.value_or(0));
    return style.line(fmt::format("{} {}: ${:.2f} a day", c.symbol, name, usd), Paint::bold) + "\n";
  }
  std::string out = style.line(fmt::format("{} {}", c.symbol == '~' ? '~' : ' ', name), Paint::bold);
  if (c.symbol == '=') return out + "  nothing changed\n\n";
  TextTable table;
  table.heads = {{""}, {"before"}, {""}, {"after"}, {"change"}, {""}, {"%"}};
  if (std::abs(c.total.amount()) > 0 || !c.lines.empty()) {
    Change bill = c.total;
    bill.label = "bill, $ a day";
    add_row(table, bill, true, "  ", true);
    table.rows.back().paint = Paint::bold;
  }
  for (const Change& line : c.lines) add_row(table, line, true, "    ", true);
  for (const Change& f : c.figures) add_row(table, f, false, "  ", is_worse_when_more(f.key));
  const auto drop = [&table](std::size_t column) {
    table.heads.erase(table.heads.begin() + static_cast<std::ptrdiff_t>(column));
    for (auto& row : table.rows) row.cells.erase(row.cells.begin() + static_cast<std::ptrdiff_t>(column));
  };
  const bool has_interval =
      std::any_of(table.rows.begin(), table.rows.end(), [](const auto& r) { return !r.cells[5].empty(); });
  if (!has_interval) drop(5);
  if (!table.rows.empty()) out += table.render(static_cast<std::size_t>(style.width), style.colour);
  if (c.unchanged_lines > 0)
    out += style.line(
        fmt::format("    {} {} of the bill unchanged", c.unchanged_lines, c.unchanged_lines == 1 ? "line" : "lines"),
        Paint::dim);
  for (const PromiseChange& p : c.promises) {
    out += style.line("  ~ promise " + p.text + ": " + promise_text(p),
                      p.broken_after * std::max<std::int64_t>(p.replications_before, 1) >
                              p.broken_before * std::max<std::int64_t>(p.replications_after, 1)
                          ? Paint::bad
                          : Paint::good);
  }
  if (c.first) {
    const std::string place = clock_text(c.first->at_us - c.window_start_us);
    out += fmt::format("  first difference at {}, after {} equal facts:\n", place, c.first->equal);
    const auto told = [&](const std::string& who, const std::optional<results::EventRow>& e) {
      const std::string when = e ? clock_text(e->at_us - c.window_start_us) + "  " : "";
      out += "    " + wrapped(who + ": " + when + fact_text(e), static_cast<std::size_t>(style.width) - 4, 6) + "\n";
    };
    told(d.before_name, c.first->before);
    told(d.after_name, c.first->after);
  }
  return out + "\n";
}

std::string scenario_text(const ScenarioChange& c) {
  const auto shown = [](const std::optional<std::string>& t) { return t ? shortened(*t, 60) : std::string("none"); };
  const char symbol = !c.before ? '+' : !c.after ? '-' : '~';
  if (symbol == '~') return fmt::format("~ {}: {} -> {}", c.path, shown(c.before), shown(c.after));
  return fmt::format("{} {}: {}", symbol, c.path, shown(symbol == '+' ? c.after : c.before));
}

constexpr std::size_t kMostScenarioLines = 30;

std::string render_text(const Diff& d, const TerminalStyle& terminal) {
  const Style style{std::max(terminal.width, 60), terminal.colour};
  const auto width = static_cast<std::size_t>(style.width);
  std::string out = style.line("Key: " + std::string(kKey), Paint::dim) + "\n";
  if (!d.scenario.empty()) {
    out += style.line("Scenario", Paint::bold);
    for (std::size_t i = 0; i < d.scenario.size() && i < kMostScenarioLines; ++i)
      out += "  " + wrapped(scenario_text(d.scenario[i]), width - 2, 4) + "\n";
    if (d.scenario.size() > kMostScenarioLines)
      out += fmt::format("  ... and {} more\n", d.scenario.size() - kMostScenarioLines);
    out += "\n";
  }
  for (const ColumnDiff& c : d.columns) out += column_text(d, c, style);
  for (const std::string& r : d.remarks) out += wrapped("Note: " + r + ".", width, 2) + "\n";
  if (!d.remarks.empty()) out += "\n";
  out += wrapped(d.summary, width, 0) + "\n";
  const auto noise = [](const std::vector<Change>& all) {
    return std::any_of(all.begin(), all.end(), [](const Change& c) { return c.is_noise(); });
  };
  if (std::any_of(d.columns.begin(), d.columns.end(),
                  [&](const ColumnDiff& c) { return c.total.is_noise() || noise(c.lines) || noise(c.figures); }))
    out += style.line("n.s.: the 95 % interval of the change covers zero.", Paint::dim);
  out += style.line("Failed: lost or answered with an error.", Paint::dim);
  out += style.line("Key: " + std::string(kKey) + ". Means over replications, a day.", Paint::dim);
  return out;
}

Json number(const std::optional<double>& v) { return v ? Json(*v) : Json(nullptr); }
Json usd(const std::optional<double>& v) { return v ? Json(fmt::format("{:.9f}", *v)) : Json(nullptr); }

Json change_json(const Change& c, bool money) {
  const auto of = [&](const std::optional<double>& v) { return money ? usd(v) : number(v); };
  Json j = {{"key", c.key}, {"label", c.label}, {"change", std::string(1, c.symbol())}};
  j["before"] = of(c.before);
  j["after"] = of(c.after);
  j["difference"] = of(c.amount());
  j["half_width"] = c.difference.has_interval() ? of(c.difference.half_width) : Json(nullptr);
  j["percent"] = number(c.percent());
  j["significant"] = c.difference.has_interval() ? Json(!c.is_noise()) : Json(nullptr);
  return j;
}

Json event_json(const std::optional<results::EventRow>& e) {
  if (!e) return nullptr;
  return {{"at_us", e->at_us}, {"fact", e->fact},         {"reason", e->reason},    {"node", e->node},
          {"pod", e->pod},     {"workload", e->workload}, {"node_group", e->group}, {"instance_type", e->instance_type},
          {"zone", e->zone},   {"value", e->value}};
}

std::string render_json(const Diff& d) {
  const auto head = [](const std::string& name, const Comparison& c) {
    return Json{{"name", name},
                {"scenario", c.scenario},
                {"plimsoll_version", c.version},
                {"seed", c.seed},
                {"hash", results::hash_hex(c.hash)},
                {"window_s", c.window_s}};
  };
  Json platforms = Json::object();
  for (const ColumnDiff& c : d.columns) {
    Json j = {{"change", std::string(1, c.symbol)}};
    if (!c.other_name.empty()) j["after_name"] = c.other_name;
    j["usd_per_day"] = change_json(c.total, true);
    Json lines = Json::array(), figures = Json::array(), promises = Json::array();
    for (const Change& line : c.lines) lines.push_back(change_json(line, true));
    for (const Change& f : c.figures) figures.push_back(change_json(f, false));
    for (const PromiseChange& p : c.promises) {
      promises.push_back({{"text", p.text},
                          {"broken_before", p.broken_before},
                          {"of_before", p.replications_before},
                          {"broken_after", p.broken_after},
                          {"of_after", p.replications_after}});
    }
    j["lines_usd_per_day"] = std::move(lines);
    j["lines_unchanged"] = c.unchanged_lines;
    j["figures"] = std::move(figures);
    j["promises"] = std::move(promises);
    j["first_difference"] = nullptr;
    if (c.first) {
      j["first_difference"] = {{"at_us", c.first->at_us},
                               {"equal_facts", c.first->equal},
                               {"before", event_json(c.first->before)},
                               {"after", event_json(c.first->after)}};
    }
    platforms[c.name] = std::move(j);
  }
  Json scenario = Json::array();
  for (const ScenarioChange& c : d.scenario) {
    scenario.push_back({{"path", c.path},
                        {"before", c.before ? Json(*c.before) : Json(nullptr)},
                        {"after", c.after ? Json(*c.after) : Json(nullptr)}});
  }
  const Json out = {{"format_version", results::kFormatVersion},
                    {"currency", "USD"},
                    {"before", head(d.before_name, *d.before)},
                    {"after", head(d.after_name, *d.after)},
                    {"summary", d.summary},
                    {"largest_growth_percent", d.largest_growth()},
                    {"notes", d.remarks},
                    {"scenario", std::move(scenario)},
                    {"platforms", std::move(platforms)}};
  return out.dump(1) + "\n";
}

std::string cell(std::string text) {
  std::string out;
  for (const char c : text) out += c == '|' ? "\\|" : std::string(1, c);
  return out;
}

std::string render_markdown(const Diff& d) {
  std::string out = "**" + d.summary + "**\n";
  if (!d.scenario.empty()) {
    out += "\n```diff\n";
    for (const ScenarioChange& c : d.scenario) {
      if (c.before) out += "- " + c.path + ": " + *c.before + "\n";
      if (c.after) out += "+ " + c.path + ": " + *c.after + "\n";
    }
    out += "```\n";
  }
  for (const ColumnDiff& c : d.columns) {
    const std::string name = c.other_name.empty() ? c.name : c.name + " -> " + c.other_name;
    if (c.symbol != '~') {
      out += fmt::format("\n### {} {}\n", c.symbol, name);
      continue;
    }
    out += fmt::format("\n### {}\n\n| | | before | after | change | % |\n|---|---|---:|---:|---:|---:|\n", name);
    const auto row = [&](const Change& x, bool money, const std::string& label) {
      const std::string interval = interval_text(x, money);
      out += fmt::format("| {} | {} | {} | {} | {}{} | {} |\n", x.symbol(), cell(label), side(x.before, money),
                         side(x.after, money), signed_text(x.amount(), money), interval.empty() ? "" : " " + interval,
                         percent_text(x));
    };
    row(c.total, true, "**bill, $ a day**");
    for (const Change& line : c.lines) row(line, true, line.label);
    for (const Change& f : c.figures) row(f, false, f.label);
    if (!c.promises.empty() || c.first) out += "\n";
    for (const PromiseChange& p : c.promises) out += "* promise `" + p.text + "`: " + promise_text(p) + "\n";
    if (c.first) {
      out += fmt::format("* first difference at {}: {} | {}\n", clock_text(c.first->at_us - c.window_start_us),
                         fact_text(c.first->before), fact_text(c.first->after));
    }
  }
  if (!d.remarks.empty()) out += "\n";
  for (const std::string& r : d.remarks) out += "Note: " + r + ".\n";
  return out;
}

}  // namespace

std::string render(const Diff& d, Format format, const TerminalStyle& style) {
  switch (format) {
    case Format::json:
      return render_json(d);
    case Format::markdown:
      return render_markdown(d);
    default:
      return render_text(d, style);
  }
}

}  // namespace plimsoll::report
