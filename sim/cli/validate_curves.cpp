// plimsoll validate-curves: simulated scale-out against curves measured on the real systems.
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "sim/cli/long_run.h"
#include "sim/cli/scale_out_curve.h"
#include "sim/cli/terminal.h"
#include "sim/cli/verbs.h"
#include "sim/document/fields.h"
#include "sim/document/files.h"
#include "sim/document/loader.h"
#include "sim/engine/engine.h"
#include "sim/report/text_table.h"
#include "sim/scenario/document_kind.h"
#include "sim/scenario/scenario.h"

namespace plimsoll::cli {

namespace {

constexpr std::int64_t kShares[] = {10, 25, 50, 75, 90};  // per cent of the target

struct Curve {
  std::string name;
  scenario::Scenario scenario;  // of one column
  MeasuredCurve measured;
  std::int64_t target = 0;
};

struct Point {
  std::string curve;
  std::int64_t share = 0, containers = 0;
  std::optional<double> measured_s, simulated_s;
  /// Simulated over measured, less one; none when one of them never gets there.
  std::optional<double> error() const {
    if (!measured_s || !simulated_s || *measured_s <= 0) return std::nullopt;
    return *simulated_s / *measured_s - 1;
  }
  /// A point that the measurement reached has to be reached too; one beyond its end says nothing.
  bool within(double tolerance) const { return !measured_s || (error() && std::fabs(*error()) <= tolerance); }
};

std::optional<Curve> read_curve(const document::Item& item, const Registry& registry,
                                const std::vector<std::string>& sets, document::Diagnostics& diagnostics) {
  document::Fields f(item.node, diagnostics, item.path);
  Curve out;
  out.name = item.name;
  const std::string file = f.required_text("scenario", "scenario of the set-up, relative to this file");
  const std::string platform = f.required_text("platform", "its column");
  const std::string measured = f.required_text("measured", "CSV file: time_s, then one column a curve");
  const std::string column = f.required_text("column", "column of the CSV file");
  out.target = f.required_integer("target", "containers wanted in the end", {1, 10'000'000});
  f.finish();
  if (file.empty() || platform.empty() || measured.empty() || column.empty() || out.target < 1) return std::nullopt;
  const auto curve = read_measured(document::resolve_path(f.mark_of("measured"), measured), column,
                                   *item.node.find("column"), diagnostics);
  scenario::ReadOptions options;
  options.platforms = {platform};
  options.sets = sets;
  auto scenario =
      scenario::read_scenario(document::resolve_path(f.mark_of("scenario"), file), registry, options, diagnostics);
  if (!curve || !scenario) return std::nullopt;
  out.measured = *curve;
  out.scenario = std::move(*scenario);
  return out;
}

/// Means over the replications that get there; none unless all do.
std::vector<Point> simulate(const Curve& curve, const std::function<void()>& done_one) {
  std::vector<Point> out;
  for (const std::int64_t share : kShares) {
    Point p;
    p.curve = curve.name;
    p.share = share;
    p.containers = curve.target * share / 100;
    p.measured_s = curve.measured.reaches(static_cast<double>(p.containers));
    p.simulated_s = 0;
    out.push_back(p);
  }
  engine::RunOptions options;
  options.keep_events = true;
  for (std::int64_t replication = 0; replication < curve.scenario.replications; ++replication) {
    const results::RunResult run = engine::run_one(curve.scenario, 0, replication, options);
    for (Point& p : out) {
      const auto at = simulated_time(run, p.containers);
      if (at && p.simulated_s) {
        *p.simulated_s += static_cast<double>(*at) / 1e6 / static_cast<double>(curve.scenario.replications);
      } else {
        p.simulated_s.reset();
      }
    }
    done_one();
  }
  return out;
}

std::string seconds_text(const std::optional<double>& s) { return s ? fmt::format("{:.0f}", *s) : "-"; }

std::string error_text(const Point& p) { return p.error() ? fmt::format("{:+.1f}", *p.error() * 100) : "-"; }

void print_json(const std::vector<Point>& points, double tolerance) {
  nlohmann::ordered_json out;
  out["format_version"] = "1.0";
  out["tolerance"] = tolerance;
  out["points"] = nlohmann::ordered_json::array();
  for (const Point& p : points) {
    nlohmann::ordered_json row{{"curve", p.curve}, {"share_percent", p.share}, {"containers", p.containers}};
    row["measured_s"] = p.measured_s ? nlohmann::ordered_json(*p.measured_s) : nlohmann::ordered_json();
    row["simulated_s"] = p.simulated_s ? nlohmann::ordered_json(*p.simulated_s) : nlohmann::ordered_json();
    row["error"] = p.error() ? nlohmann::ordered_json(*p.error()) : nlohmann::ordered_json();
    row["within"] = p.within(tolerance);
    out["points"].push_back(std::move(row));
  }
  fmt::print("{}\n", out.dump(2));
}

void print_table(const std::vector<Point>& points, double tolerance, const report::TerminalStyle& style) {
  report::TextTable table;
  table.heads = {{"", "curve"},     {"", "share", "%"}, {"containers", "running"},
                 {"measured", "s"}, {"simulated", "s"}, {"error", "%"}};
  std::int64_t good = 0, judged = 0;
  std::string last;
  for (const Point& p : points) {
    report::TextTable::Row row;
    row.cells = {p.curve == last ? "" : p.curve, std::to_string(p.share),     std::to_string(p.containers),
                 seconds_text(p.measured_s),     seconds_text(p.simulated_s), error_text(p)};
    if (!p.within(tolerance)) row.paint = report::Paint::bad;
    if (p.measured_s) {
      ++judged;
      good += p.within(tolerance) ? 1 : 0;
    }
    last = p.curve;
    table.rows.push_back(std::move(row));
  }
  fmt::print("Seconds from the change of the desired count until a share of the containers runs.\n\n{}\n",
             table.render(style.width, style.colour));
  fmt::print("{} of {} points within {:.0f} %; a dash is a point that the curve does not reach.\n", good, judged,
             tolerance * 100);
}

}  // namespace

int run_validate_curves(const Registry& registry, const ValidateCurvesArguments& a) {
  document::Diagnostics diagnostics;
  const document::Node root = document::load_single(a.file, diagnostics);
  std::vector<Curve> curves;
  double tolerance = 0;
  if (!diagnostics.has_errors() &&
      !scenario::is_of_another_kind(root, scenario::DocumentKind::curves, a.file, diagnostics)) {
    document::Fields f(root, diagnostics);
    constexpr std::string_view kVersions[] = {"plimsoll/v1"};
    f.required_one_of("apiVersion", kVersions, "of this format");
    tolerance =
        static_cast<double>(
            f.ratio("tolerance", percent(15), "what a prediction is worth", "allowed difference", {Ppm{}, {}}).raw()) /
        1e6;
    for (const document::Item& item : f.required_map("curves", "set-ups and what was measured")) {
      if (auto curve = read_curve(item, registry, a.sets, diagnostics)) curves.push_back(std::move(*curve));
    }
  }
  std::fputs(diagnostics.text().c_str(), stderr);
  if (diagnostics.has_errors()) return kBadInput;
  std::size_t done = 0, total = 0;
  for (const Curve& c : curves) total += static_cast<std::size_t>(c.scenario.replications);
  Progress progress(a.quiet, "runs");
  std::vector<Point> points;
  for (const Curve& curve : curves) {
    for (Point& p : simulate(curve, [&] { progress.show(++done, total); })) points.push_back(std::move(p));
  }
  if (a.format == "json") {
    print_json(points, tolerance);
  } else if (a.format == "csv") {
    fmt::print("curve,share_percent,containers,measured_s,simulated_s,error_percent\n");
    for (const Point& p : points) {
      fmt::print("{},{},{},{},{},{}\n", p.curve, p.share, p.containers, p.measured_s ? seconds_text(p.measured_s) : "",
                 p.simulated_s ? seconds_text(p.simulated_s) : "", p.error() ? error_text(p) : "");
    }
  } else {
    print_table(points, tolerance, terminal_style());
  }
  for (const Point& p : points) {
    if (!p.within(tolerance)) return kPromiseBroken;
  }
  return kDone;
}

}  // namespace plimsoll::cli
