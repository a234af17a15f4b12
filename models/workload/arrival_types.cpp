#include "models/workload/arrival_types.h"

#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/workload/shapes.h"
#include "models/workload/trace_reader.h"
#include "sim/core/text.h"
#include "sim/document/files.h"
#include "sim/load/rate_series.h"

namespace plimsoll::workload {

namespace {

using document::Fields;
using Arrivals = std::shared_ptr<const ArrivalProcess>;

constexpr std::string_view kRateForms = "a rate such as 200/s or 12000/min";

Duration whole(const ArrivalType::Window& window) { return window.warmup + window.span; }

Arrivals arrivals_of(const load::RateSeries& series, const ArrivalType::Window& window) {
  return std::make_shared<load::SeriesArrivals>(window.scale == 1 ? series : series.scaled(window.scale));
}

/// A window of no length has no arrivals at all.
Arrivals no_arrivals() { return std::make_shared<load::SeriesArrivals>(constant_rate(0, seconds(1))); }

std::optional<double> read_rate(const document::Node& node, const document::Reader& reader, const std::string& path) {
  const Parsed<double> rate =
      node.is_scalar() ? parse_request_rate(node.text()) : Parsed<double>{std::nullopt, "a list or mapping"};
  if (rate) return *rate.value;
  const std::string shown = node.is_scalar() ? "'" + node.text() + "'" : "this";
  reader.diagnostics->error(node, shown + " is not a request rate: " + rate.error, "write " + std::string(kRateForms),
                            path);
  return std::nullopt;
}

std::optional<double> read_rate(Fields& f, std::string_view key, std::string_view doc, bool required) {
  const auto node = f.any(key, kRateForms, doc);
  if (f.describing()) return std::nullopt;
  if (!node) {
    if (required) f.error("", "'" + std::string(key) + "' is missing", "add '" + std::string(key) + ": 200/s'");
    return std::nullopt;
  }
  return read_rate(*node, f.reader(), f.path_of(key));
}

class Constant final : public ArrivalType {
 public:
  std::string_view key() const override { return "constant"; }
  Arrivals parse(Fields& f, const Window& window) const override {
    const auto rate = read_rate(f, key(), "the same rate throughout", true);
    if (!rate) return nullptr;
    if (whole(window).count() == 0) return no_arrivals();
    return arrivals_of(constant_rate(*rate, whole(window)), window);
  }
};

class Diurnal final : public ArrivalType {
 public:
  std::string_view key() const override { return "diurnal"; }
  Arrivals parse(Fields& load, const Window& window) const override {
    Fields f =
        load.child(key(), "days and weeks; the window begins at load.start, counted from midnight of the first day");
    const auto peak = read_rate(f, "peak", "rate at the day's peak", true);
    const auto trough = read_rate(f, "trough", "rate at the day's lowest; 40 % of the peak when left out", false);
    DiurnalShape shape;
    shape.daily_peak = f.duration("peakAt", hours(15), "afternoon", "time of day of the peak", {Duration{}, hours(24)});
    const Ppm second = f.ratio("second", Ppm{}, "one peak a day", "a second wave of two peaks a day, over the mean",
                               {Ppm{}, percent(100)});
    shape.half_daily_amplitude = static_cast<double>(second.raw()) * 1e-6;
    shape.half_daily_peak =
        f.duration("secondAt", hours(12), "noon", "time of day of the second wave's peak", {Duration{}, hours(24)});
    const Ppm weekend =
        f.ratio("weekend", percent(100), "no weekend", "factor of days six and seven", {Ppm{}, percent(1000)});
    shape.weekday[5] = shape.weekday[6] = static_cast<double>(weekend.raw()) * 1e-6;
    f.finish();
    if (!peak) return nullptr;
    const double low = trough.value_or(0.4 * *peak);
    if (low > *peak) {
      f.error("trough", "the trough is above the peak");
      return nullptr;
    }
    shape.mean = (*peak + low) / 2;
    shape.daily_amplitude = *peak + low > 0 ? (*peak - low) / (*peak + low) : 0;
    if (whole(window).count() == 0) return no_arrivals();
    const Duration week = hours(24 * 7);
    const Duration offset = ((window.start - window.warmup) % week + week) % week;
    return arrivals_of(diurnal_rates(shape, offset + whole(window)).slice(Time(offset), whole(window)), window);
  }
};

class FlashCrowd final : public ArrivalType {
 public:
  std::string_view key() const override { return "flashCrowd"; }
  Arrivals parse(Fields& load, const Window& window) const override {
    Fields f = load.child(key(), "a crowd: a ramp to a multiple of the base, a plateau, and its slow end");
    FlashCrowdShape shape;
    const auto base = read_rate(f, "base", "rate before and after", true);
    const document::Range<Duration> any{Duration{}, hours(24 * 366)};
    shape.at = f.duration("at", shape.at, "one hour into the window",
                          "begin of the ramp, counted from the window's begin", any) +
               window.warmup;
    shape.ramp = f.duration("ramp", shape.ramp, "ten minutes", "length of the ramp", any);
    shape.peak_factor = f.number("factor", shape.peak_factor, "tenfold", "peak over base", {1.0, 10'000.0});
    shape.hold = f.duration("hold", shape.hold, "half an hour", "length of the plateau", any);
    shape.decay =
        f.duration("decay", shape.decay, "twenty minutes", "time constant of the end", {seconds(1), hours(24 * 366)});
    f.finish();
    if (!base) return nullptr;
    shape.base = *base;
    if (whole(window).count() == 0) return no_arrivals();
    return arrivals_of(flash_crowd_rates(shape, whole(window)), window);
  }
};

class Steps final : public ArrivalType {
 public:
  std::string_view key() const override { return "steps"; }
  Arrivals parse(Fields& f, const Window& window) const override {
    std::vector<std::pair<Duration, double>> steps;
    bool good = true;
    const auto fail = [&](const document::Item& item, std::string message, std::string hint) {
      f.reader().diagnostics->error(item.mark, std::move(message), std::move(hint), item.path);
      good = false;
    };
    const std::vector<document::Item> items =
        f.map(key(), "rates by the time that they begin at, counted from the window's begin: {0s: 100/s, 1h: 400/s}");
    if (f.describing()) {
      if (!items.empty()) document::read_value<std::string>(items[0].node, f.reader(), items[0].path, kRateForms);
      return nullptr;
    }
    for (const document::Item& item : items) {
      const Parsed<Duration> at = item.name == "0" ? Parsed<Duration>{Duration{}, ""} : parse_duration(item.name);
      const auto rate = read_rate(item.node, f.reader(), item.path);
      if (!at) {
        fail(item, "'" + item.name + "' is not a duration: " + at.error, "write {0s: 100/s, 1h: 400/s}");
      } else if (steps.empty() && at.value->count() != 0 && good) {
        fail(item, "the first step begins at " + item.name + ", not at 0s",
             "the first rate also holds during the warm-up");
      } else if (!steps.empty() && *at.value + window.warmup <= steps.back().first) {
        fail(item, "step " + item.name + " is not after the one before", "write the steps in order of time");
      } else if (*at.value >= window.span && at.value->count() > 0) {
        fail(item, "step " + item.name + " is not within the window of " + plimsoll::to_string(window.span),
             "make `for` longer, or remove it");
      } else if (rate) {
        steps.emplace_back(steps.empty() ? Duration{} : *at.value + window.warmup, *rate);
      }
      good = good && rate.has_value();
    }
    if (items.empty()) f.error(key(), "there must be at least one step", "write {0s: 100/s, 1h: 400/s}");
    if (!good || steps.empty()) return nullptr;
    if (whole(window).count() == 0) return no_arrivals();
    return arrivals_of(step_rates(steps, whole(window)), window);
  }
};

class Trace final : public ArrivalType {
 public:
  std::string_view key() const override { return "trace"; }
  Arrivals parse(Fields& load, const Window& window) const override {
    const auto node = load.any(key(), "a CSV file (or .csv.gz), or {file: ..., time: ..., value: ...}",
                               "request rates over time; the window begins at load.start");
    TraceOptions options;
    bool says_counts = false;
    document::Node file = node.value_or(document::Node());
    if (load.describing() || file.is_mapping()) {
      Fields f(file, load.reader(), load.path_of(key()));
      f.required_text("file", "CSV, plain or gzip");
      options.time_column =
          f.text("time", "", "t_s, time, timestamp, ts, date, or the first column", "name of the time column");
      options.value_column =
          f.text("value", "", "rate_rps, value, sum, or the only other column", "name of the value column");
      says_counts = f.has("counts");
      options.value_is_count =
          f.boolean("counts", false, "requests per second", "values are requests in the step, not per second");
      options.fill_gaps = f.boolean("fillGaps", false, "a gap is an error", "the last value holds through gaps");
      f.finish();
      if (load.describing() || file.find("file") == nullptr) return nullptr;
      file = *file.find("file");
    }
    const std::vector<std::string> found = document::find_files(file, *load.reader().diagnostics, load.path_of(key()));
    if (found.empty()) return nullptr;
    if (found.size() > 1) {
      load.error(key(), "one file, " + std::to_string(found.size()) + " match");
      return nullptr;
    }
    const TraceResult trace = read_trace(found[0], options);
    std::string gap_hint = "write trace: {file: " + file.text() + ", fillGaps: true} to let the last value hold";
    for (const TraceFault& fault : trace.faults) {
      document::Diagnostic d;
      d.file = found[0];
      d.line = static_cast<std::int32_t>(fault.row);
      d.column = 1;
      d.message = fault.message;
      if (fault.message.ends_with("(a gap)")) d.hint = std::exchange(gap_hint, {});
      load.reader().diagnostics->add(std::move(d));
    }
    if (!trace.ok()) return nullptr;
    const std::string name = to_lower(trace.value_column);
    if (!says_counts && (name == "sum" || name == "requestcount")) {
      load.warning(key(), "column '" + trace.value_column + "' is read as requests per second",
                   "CloudWatch's Sum counts the requests of a period: write trace: {file: " + file.text() +
                       ", counts: true}, or counts: false when it is a rate");
    }
    return cut(load, trace.series, window);
  }

 private:
  static Arrivals cut(Fields& load, const load::RateSeries& series, const Window& window) {
    if (window.start < window.warmup) {
      load.error("start",
                 "the trace begins at 0s: nothing comes before it to warm up for " + plimsoll::to_string(window.warmup),
                 "write start: " + plimsoll::to_string(window.warmup) + " or later, or warmup: 0s");
      return nullptr;
    }
    const Duration end = window.start + window.span;
    if (end > series.end() - kTimeZero) {
      load.error("for",
                 "the window ends at " + plimsoll::to_string(end) + ", the trace at " +
                     plimsoll::to_string(series.end() - kTimeZero),
                 "make `for` shorter or `start` earlier");
      return nullptr;
    }
    if (whole(window).count() == 0) return no_arrivals();
    return arrivals_of(series.slice(kTimeZero + (window.start - window.warmup), whole(window)), window);
  }
};

}  // namespace

Parsed<double> parse_request_rate(std::string_view text) {
  text = trim(text);
  const std::size_t slash = text.find('/');
  std::string_view number = trim(text.substr(0, slash));
  double factor = 1;
  if (!number.empty() && (number.back() == 'k' || number.back() == 'M')) {
    factor = number.back() == 'k' ? 1e3 : 1e6;
    number.remove_suffix(1);
  }
  double value = 0;
  const auto [end, code] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (code != std::errc{} || end != number.data() + number.size() || !(value >= 0 && value * factor <= 1e7)) {
    return {std::nullopt, value < 0              ? "it is negative"
                          : value * factor > 1e7 ? "it is above 10M"
                                                 : "it does not begin with a number"};
  }
  if (slash == text.npos) {
    if (value == 0) return {0.0, ""};
    return {std::nullopt, "it has no unit"};
  }
  const std::string_view unit = trim(text.substr(slash + 1));
  if (unit == "min" || unit == "m") {
    factor /= 60;
  } else if (unit == "h") {
    factor /= 3600;
  } else if (unit != "s") {
    return {std::nullopt, "'" + std::string(unit) + "' is none of s, min, h"};
  }
  return {value * factor, ""};
}

void register_workload(Registry& registry) {
  registry.add_arrivals(std::make_unique<Trace>());
  registry.add_arrivals(std::make_unique<Constant>());
  registry.add_arrivals(std::make_unique<Diurnal>());
  registry.add_arrivals(std::make_unique<FlashCrowd>());
  registry.add_arrivals(std::make_unique<Steps>());
}

}  // namespace plimsoll::workload
