#include "models/workload/trace_reader.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>
#include <utility>

#include "sim/core/text.h"
#include "sim/document/input_files.h"

namespace plimsoll::workload {

namespace {

constexpr std::size_t kMaxFaults = 20;
constexpr std::int64_t kMaxBytes = std::int64_t{4} << 30;

class Faults {
 public:
  explicit Faults(std::vector<TraceFault>& list) : list_(list) {}
  void add(std::int64_t row, std::string message) {
    ++count_;
    if (count_ <= kMaxFaults) list_.push_back({row, std::move(message)});
    if (count_ == kMaxFaults + 1) first_unlisted_ = row;
  }
  void finish() {
    if (count_ > kMaxFaults)
      list_.push_back({first_unlisted_, fmt::format("... and {} more faults", count_ - kMaxFaults)});
  }
  bool empty() const { return count_ == 0; }

 private:
  std::vector<TraceFault>& list_;
  std::size_t count_ = 0;
  std::int64_t first_unlisted_ = 0;
};

/// Fields of one line; quoted fields lose their quotes, doubled quotes become one.
void split_line(std::string_view line, char separator, std::vector<std::string>& out) {
  out.clear();
  std::string field;
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted) {
      if (c != '"') {
        field += c;
      } else if (i + 1 < line.size() && line[i + 1] == '"') {
        field += c;
        ++i;
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == separator) {
      out.emplace_back(trim(field));
      field.clear();
    } else {
      field += c;
    }
  }
  out.emplace_back(trim(field));
}

/// A decimal number as a whole number of millionths, exactly where it has at most six decimals, else to the nearest.
std::optional<std::int64_t> parse_micro(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (!(value > -9e12 && value < 9e12)) return std::nullopt;
  const double scaled = value * 1e6;
  return static_cast<std::int64_t>(scaled + (scaled < 0 ? -0.5 : 0.5));
}

bool is_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return end == text.data() + text.size() && !text.empty() &&
         (error == std::errc::result_out_of_range || std::isfinite(value));
}

std::optional<std::int64_t> parse_digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  std::int64_t value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

/// Days since 1970-01-01 of a Gregorian date.
std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day) {
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(year)},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  return date.ok() ? std::chrono::sys_days{date}.time_since_epoch().count() : -1'000'000'000;
}

/// Microseconds since 1970 of "2024-05-01T12:00:00.5Z" and its variants.
std::optional<std::int64_t> parse_iso(std::string_view text) {
  const auto year = parse_digits(text, 0, 4);
  const auto month = parse_digits(text, 5, 2);
  const auto day = parse_digits(text, 8, 2);
  if (!year || !month || !day || (text[4] != '-' && text[4] != '/') || text[7] != text[4]) return std::nullopt;
  const std::int64_t days = days_of(*year, *month, *day);
  if (days == -1'000'000'000) return std::nullopt;
  std::int64_t micro = days * 86'400'000'000;
  std::size_t at = 10;
  if (at == text.size()) return micro;
  if (text[at] != 'T' && text[at] != ' ') return std::nullopt;
  const auto hour = parse_digits(text, 11, 2);
  const auto minute = parse_digits(text, 14, 2);
  if (!hour || !minute || text[13] != ':' || *hour > 24 || *minute > 59) return std::nullopt;
  micro += *hour * 3'600'000'000 + *minute * 60'000'000;
  at = 16;
  if (at < text.size() && text[at] == ':') {
    const auto second = parse_digits(text, 17, 2);
    if (!second || *second > 60) return std::nullopt;
    micro += *second * 1'000'000;
    at = 19;
    if (at < text.size() && (text[at] == '.' || text[at] == ',')) {
      ++at;
      std::int64_t unit = 100'000;
      const std::size_t first = at;
      for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10) micro += (text[at] - '0') * unit;
      if (at == first) return std::nullopt;
    }
  }
  if (at < text.size() && text[at] == ' ') ++at;
  const std::string_view zone = text.substr(std::min(at, text.size()));
  if (zone.empty() || zone == "Z" || zone == "z" || zone == "UTC") return micro;
  if (zone[0] != '+' && zone[0] != '-') return std::nullopt;
  const auto offset_hours = parse_digits(zone, 1, 2);
  const bool colon = zone.size() > 3 && zone[3] == ':';
  const auto offset_minutes = zone.size() == 3 ? std::optional<std::int64_t>(0) : parse_digits(zone, colon ? 4 : 3, 2);
  if (!offset_hours || !offset_minutes || (zone.size() != 3 && zone.size() != (colon ? 6u : 5u))) return std::nullopt;
  const std::int64_t offset = (*offset_hours * 60 + *offset_minutes) * 60'000'000;
  return zone[0] == '+' ? micro - offset : micro + offset;
}

/// How many microseconds one unit of a numeric time column is; the unit is told by the size of the first value.
double time_unit(double first) {
  if (first >= 1e17) return 1e-3;  // Unix nanoseconds
  if (first >= 1e14) return 1.0;   // Unix microseconds
  if (first >= 1e11) return 1e3;   // Unix milliseconds
  return 1e6;                      // seconds
}

std::optional<std::size_t> column_of(const std::vector<std::string>& header, const std::string& asked,
                                     std::span<const std::string_view> usual) {
  const auto find = [&](std::string_view name) -> std::optional<std::size_t> {
    for (std::size_t i = 0; i < header.size(); ++i) {
      if (to_lower(header[i]) == to_lower(name)) return i;
    }
    return std::nullopt;
  };
  if (!asked.empty()) return find(asked);
  for (const std::string_view name : usual) {
    if (const auto at = find(name)) return at;
  }
  return std::nullopt;
}

std::string columns_text(const std::vector<std::string>& header) {
  std::string text;
  for (const std::string& name : header) text += (text.empty() ? "" : ", ") + name;
  return text;
}

struct Table {
  std::vector<std::int64_t> times;   ///< microseconds
  std::vector<std::int64_t> values;  ///< millionths
  std::vector<std::int64_t> rows;
  std::string value_column;
  std::vector<bool> after_fault;  ///< a faulty row before it was left out: its distance says nothing
};

struct Columns {
  std::size_t time = 0, value = 0, count = 0;
};

std::optional<Columns> find_columns(const std::vector<std::string>& header, std::int64_t row,
                                    const TraceOptions& options, Faults& faults) {
  constexpr std::array<std::string_view, 7> kTimeNames = {"t_s", "time", "timestamp", "ts", "date", "datetime", "t"};
  constexpr std::array<std::string_view, 5> kValueNames = {"rate_rps", "rate", "value", "sum", "requestcount"};
  if (header.size() < 2) {
    faults.add(row, "a trace needs a header line and at least two columns");
    return std::nullopt;
  }
  auto time = column_of(header, options.time_column, kTimeNames);
  if (!time && options.time_column.empty()) time = 0;
  auto value = column_of(header, options.value_column, kValueNames);
  if (!value && options.value_column.empty() && header.size() == 2) value = 1 - *time;
  if (!time) faults.add(row, fmt::format("no column '{}'; there are: {}", options.time_column, columns_text(header)));
  if (!value) {
    faults.add(row, options.value_column.empty()
                        ? fmt::format("which column holds the rate? Name it; there are: {}", columns_text(header))
                        : fmt::format("no column '{}'; there are: {}", options.value_column, columns_text(header)));
  }
  if (!time || !value) return std::nullopt;
  return Columns{*time, *value, header.size()};
}

Table read_rows(std::string_view text, const TraceOptions& options, Faults& faults) {
  Table table;
  std::vector<std::string> fields;
  std::optional<Columns> columns;
  char separator = ',';
  double unit = 0;
  bool iso = false;
  std::int64_t row = 0;
  if (text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);  // byte order mark
  bool left_out = false;
  while (!text.empty()) {
    ++row;
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty() || (!columns && line.front() == '#')) continue;
    if (!columns) {
      separator = line.find(',') != line.npos ? ',' : line.find(';') != line.npos ? ';' : '\t';
      split_line(line, separator, fields);
      if (fields.size() > 1 && std::all_of(fields.begin(), fields.end(), is_number)) {
        faults.add(row, "the first line holds numbers: a trace begins with a header such as t_s,rate_rps");
        return table;
      }
      columns = find_columns(fields, row, options, faults);
      if (!columns) return table;
      table.value_column = fields[columns->value];
      continue;
    }
    split_line(line, separator, fields);
    if (fields.size() != columns->count) {
      faults.add(row, fmt::format("{} column{} where the header has {}", fields.size(), fields.size() == 1 ? "" : "s",
                                  columns->count));
      left_out = true;
      continue;
    }
    const std::string& time_text = fields[columns->time];
    const std::string& value_text = fields[columns->value];
    double number = 0;
    const auto [stop, error] = std::from_chars(time_text.data(), time_text.data() + time_text.size(), number);
    const bool numeric =
        error == std::errc{} && stop == time_text.data() + time_text.size() && number > -9e12 && number < 9e18;
    if (unit == 0) {
      unit = numeric ? time_unit(number) : 1;
      iso = !numeric;
    }
    std::optional<std::int64_t> time;
    if (iso) {
      time = parse_iso(time_text);
    } else if (numeric) {
      const double scaled = number * unit;
      if (scaled < 9e18) time = static_cast<std::int64_t>(scaled + (scaled < 0 ? -0.5 : 0.5));
    }
    if (!time) {
      faults.add(row, fmt::format("'{}' is not a time", time_text));
      left_out = true;
      continue;
    }
    // A row with a bad rate keeps its time, so that no gap is reported after it.
    auto value = parse_micro(value_text);
    if (!value) {
      faults.add(row, value_text.empty()      ? "no value"
                      : is_number(value_text) ? fmt::format("the rate {} is above 9e12", value_text)
                                              : fmt::format("'{}' is not a number", value_text));
      value = 0;
    } else if (*value < 0) {
      faults.add(row, fmt::format("negative rate {}", value_text));
      value = 0;
    }
    if (!table.times.empty() && *time <= table.times.back()) {
      faults.add(row, fmt::format("time {} is not after that of row {}", time_text, table.rows.back()));
      left_out = true;
      continue;
    }
    table.times.push_back(*time);
    table.values.push_back(*value);
    table.rows.push_back(row);
    table.after_fault.push_back(std::exchange(left_out, false));
  }
  if (!columns) faults.add(0, "the file is empty");
  return table;
}

std::string seconds_text(std::int64_t micro) {
  return micro % 1'000'000 == 0 ? fmt::format("{} s", micro / 1'000'000)
                                : fmt::format("{} s", static_cast<double>(micro) * 1e-6);
}

/// The text of a gzip file of any number of members, or what is no gzip file as it is. False when it is damaged or cut
/// off; stops soon after kMaxBytes.
bool inflated(std::string bytes, std::string& out) {
  if (bytes.size() < 2 || bytes[0] != '\x1f' || bytes[1] != '\x8b') {
    out = std::move(bytes);
    return true;
  }
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) return false;
  std::array<char, 1 << 16> buffer{};
  std::size_t taken = 0;
  int state = Z_OK;
  while (static_cast<std::int64_t>(out.size()) <= kMaxBytes) {
    const std::size_t some = std::min<std::size_t>(bytes.size() - taken, std::size_t{1} << 30);
    stream.next_in = reinterpret_cast<Bytef*>(bytes.data() + taken);
    stream.avail_in = static_cast<uInt>(some);
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    state = inflate(&stream, Z_NO_FLUSH);
    taken += some - stream.avail_in;
    out.append(buffer.data(), buffer.size() - stream.avail_out);
    if (state == Z_STREAM_END) {
      // Another member, or nothing that matters.
      if (bytes.size() - taken < 2 || bytes[taken] != '\x1f' || bytes[taken + 1] != '\x8b') break;
      state = inflateReset(&stream);
    }
    if (state != Z_OK) break;
  }
  inflateEnd(&stream);
  return state == Z_STREAM_END || state == Z_OK;
}

/// Checks the spacing and closes gaps if asked.
load::RateSeries to_series(Table table, const TraceOptions& options, Faults& faults) {
  std::size_t second = 1;
  while (second + 1 < table.times.size() && table.after_fault[second]) ++second;
  const std::int64_t step = table.times[second] - table.times[second - 1];
  std::vector<std::int64_t> rates;
  rates.reserve(table.values.size());
  const auto rate_of = [&](std::int64_t value) {
    return options.value_is_count ? static_cast<std::int64_t>(div_round(static_cast<__int128>(value) * 1'000'000, step))
                                  : value;
  };
  for (std::size_t i = 0; i < table.times.size(); ++i) {
    if (i > 0) {
      const std::int64_t gap = table.times[i] - table.times[i - 1];
      if (gap != step && !table.after_fault[i]) {
        if (!options.fill_gaps || gap % step != 0) {
          faults.add(table.rows[i], fmt::format("{} after row {}, where the step is {}{}", seconds_text(gap),
                                                table.rows[i - 1], seconds_text(step), gap > step ? " (a gap)" : ""));
          continue;
        }
        rates.insert(rates.end(), static_cast<std::size_t>(gap / step - 1), rates.back());
      }
    }
    rates.push_back(rate_of(table.values[i]));
  }
  if (!faults.empty()) return {};
  return load::RateSeries::regular(kTimeZero, Duration{step}, std::move(rates));
}

}  // namespace

std::string to_string(const std::string& path, const TraceFault& fault) {
  return fault.row == 0 ? fmt::format("{}: error: {}", path, fault.message)
                        : fmt::format("{}:{}: error: {}", path, fault.row, fault.message);
}

TraceResult parse_trace(std::string_view text, const TraceOptions& options) {
  TraceResult result;
  Faults faults(result.faults);
  Table table = read_rows(text, options, faults);
  result.value_column = table.value_column;
  if (faults.empty() && table.times.size() < 2) faults.add(0, "a trace needs at least two rows");
  if (table.times.size() >= 2) {
    load::RateSeries series = to_series(std::move(table), options, faults);
    if (faults.empty()) result.series = std::move(series);
  }
  faults.finish();
  std::stable_sort(result.faults.begin(), result.faults.end(), [](const TraceFault& a, const TraceFault& b) {
    return (a.row == 0 ? INT64_MAX : a.row) < (b.row == 0 ? INT64_MAX : b.row);
  });
  return result;
}

TraceResult read_trace(const std::string& path, const TraceOptions& options) {
  std::string bytes;
  int error = 0;
  if (!document::read_input(path, kMaxBytes, bytes, error)) return {{}, {{0, "the file cannot be opened"}}};
  std::string text;
  const bool whole = inflated(std::move(bytes), text);
  if (static_cast<std::int64_t>(text.size()) > kMaxBytes) return {{}, {{0, "the file holds more than 4 GiB of text"}}};
  if (!whole) return {{}, {{0, "the file cannot be read to its end (damaged or cut off)"}}};
  return parse_trace(text, options);
}

}  // namespace plimsoll::workload
