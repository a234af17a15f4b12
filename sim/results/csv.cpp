#include "sim/results/csv.h"

#include <algorithm>
#include <charconv>

namespace plimsoll::results {

namespace {

void append(std::string& out, std::int64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

void append(std::string& out, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

const RunResult* first(const ColumnResult& column) {
  return column.replications.empty() ? nullptr : &column.replications.front();
}

}  // namespace

std::string csv_field(std::string_view text) {
  std::string out;
  append(out, text);
  return out;
}

std::string series_csv(const Comparison& comparison) {
  std::string out = "minute,at_us";
  std::vector<const std::vector<std::int64_t>*> columns;
  std::size_t rows = 0;
  std::int64_t start = 0;
  for (const ColumnResult& column : comparison.columns) {
    const RunResult* run = first(column);
    if (run == nullptr) continue;
    start = run->window_start_us;
    for (const SeriesColumn& series : run->series) {
      out += ',';
      append(out, column.name + ":" + series.name + " (" + series.unit + ")");
      columns.push_back(&series.values);
      rows = std::max(rows, series.values.size());
    }
  }
  out += '\n';
  for (std::size_t row = 0; row < rows; ++row) {
    append(out, static_cast<std::int64_t>(row));
    out += ',';
    append(out, start + static_cast<std::int64_t>(row) * 60'000'000);
    for (const auto* values : columns) {
      out += ',';
      if (row < values->size()) append(out, (*values)[row]);
    }
    out += '\n';
  }
  return out;
}

std::string events_csv(const Comparison& comparison) {
  std::string out = kEventsHeader;
  out += '\n';
  for (const ColumnResult& column : comparison.columns) {
    const RunResult* run = first(column);
    if (run == nullptr) continue;
    out.reserve(out.size() + run->events.size() * 128);
    for (const EventRow& e : run->events) {
      append(out, column.name);
      out += ',';
      append(out, e.at_us);
      for (const std::string* text : {&e.fact, &e.reason, &e.node, &e.pod, &e.workload, &e.group, &e.instance_type,
                                      &e.zone, &e.purchase, &e.host}) {
        out += ',';
        append(out, *text);
      }
      for (const std::int64_t value : {e.cpu_ticks, e.memory_bytes, e.value}) {
        out += ',';
        append(out, value);
      }
      out += '\n';
    }
  }
  return out;
}

}  // namespace plimsoll::results
