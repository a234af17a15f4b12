#include "sim/sweep/store.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <type_traits>
#include <utility>

#include "sim/results/csv.h"
#include "sim/results/directory.h"
#include "sim/results/sqlite.h"

namespace plimsoll::sweep {

namespace fs = std::filesystem;
using results::Database;
using results::Statement;

namespace {

constexpr std::string_view kFields[] = {
    "platform",       "replication",   "window_us",      "total_nano_usd", "choice_nano_usd",  "arrived",
    "served",         "lost",          "latency_p50_us", "latency_p95_us", "latency_p99_us",   "pending_p50_us",
    "pending_p99_us", "unfinished",    "evictions",      "interruptions",  "nodes_peak",       "nodes_mean",
    "cpu_bought",     "cpu_requested", "cpu_used",       "memory_bought",  "memory_requested", "memory_used",
    "broken",         "trace_hash"};

/// Calls f with each field of a row, in the order of kFields.
template <class R, class F>
void each_field(R& r, F f) {
  f(r.platform);
  f(r.replication);
  f(r.window_us);
  f(r.total_nano_usd);
  f(r.choice_nano_usd);
  f(r.arrived);
  f(r.served);
  f(r.lost);
  f(r.latency_p50_us);
  f(r.latency_p95_us);
  f(r.latency_p99_us);
  f(r.pending_p50_us);
  f(r.pending_p99_us);
  f(r.unfinished);
  f(r.evictions);
  f(r.interruptions);
  f(r.nodes_peak);
  f(r.nodes_mean);
  f(r.cpu_bought);
  f(r.cpu_requested);
  f(r.cpu_used);
  f(r.memory_bought);
  f(r.memory_requested);
  f(r.memory_used);
  f(r.broken);
  f(r.trace_hash);
}

std::string_view sql_type(const std::string&) { return "TEXT"; }
std::string_view sql_type(std::int64_t) { return "INTEGER"; }
std::string_view sql_type(double) { return "REAL"; }

std::string csv_of(const std::string& v) { return results::csv_field(v); }
std::string csv_of(std::int64_t v) { return std::to_string(v); }
/// Shortest text that reads back as the same double.
std::string csv_of(double v) { return fmt::format("{}", v); }

std::string runs_schema() {
  std::string sql = "CREATE TABLE IF NOT EXISTS runs(point INTEGER NOT NULL";
  std::size_t i = 0;
  const Row row;
  each_field(row, [&](const auto& v) { sql += fmt::format(", {} {} NOT NULL", kFields[i++], sql_type(v)); });
  return sql + ", PRIMARY KEY(point, platform, replication))";
}

std::string insert_sql() {
  std::string sql = "INSERT INTO runs VALUES (?";
  for (std::size_t i = 0; i < std::size(kFields); ++i) sql += ", ?";
  return sql + ")";
}

void get(Statement& s, std::string& v) { v = s.text(); }
void get(Statement& s, std::int64_t& v) { v = s.integer(); }
void get(Statement& s, double& v) { v = s.real(); }

[[noreturn]] void fail(const fs::path& path, const std::string& reason) {
  throw std::runtime_error("cannot write " + path.string() + ": " + reason);
}

/// Makes the directory; true when a sweep stands in it already.
bool prepare(const fs::path& directory) {
  std::error_code error;
  if (fs::exists(directory / "sweep.sqlite", error)) return true;
  if (fs::exists(directory, error)) {
    if (!fs::is_directory(directory, error)) fail(directory, "it is a file");
    if (!fs::is_empty(directory, error) || error) {
      fail(directory, error ? error.message() : "it holds something that is not a sweep");
    }
    return false;
  }
  fs::create_directories(directory, error);
  if (error) fail(directory, error.message());
  return false;
}

}  // namespace

struct Store::Files {
  explicit Files(const std::string& path) : database(path, Database::Mode::create) {}
  Database database;
  std::ofstream csv;
};

std::string csv_header(const Design& design) {
  std::string out = "point";
  for (const Axis& axis : design.axes) out += "," + results::csv_field(axis.path);
  for (const std::string_view field : kFields) out += "," + std::string(field);
  return out;
}

std::string csv_line(const Design& design, const Row& row) {
  std::string out = std::to_string(row.point);
  const std::vector<std::size_t> at = design.coordinates(static_cast<std::size_t>(row.point));
  for (std::size_t i = 0; i < design.axes.size(); ++i) out += "," + results::csv_field(design.axes[i].texts[at[i]]);
  each_field(row, [&](const auto& v) { out += "," + csv_of(v); });
  return out;
}

Store::Store(const std::string& directory, const Design& design, const std::string& key)
    : design_(design), directory_(directory), done_(design.size(), false) {
  const fs::path path(directory);
  bool resumes = prepare(path);
  files_ = std::make_unique<Files>((path / "sweep.sqlite").string());
  Database& db = files_->database;
  db.run("PRAGMA busy_timeout = 2000");
  if (resumes) {
    // Killed before its first transaction, a sweep leaves an empty file.
    Statement tables(db, "SELECT count(*) FROM sqlite_master");
    resumes = !tables.next() || tables.integer() > 0;
  }
  if (resumes) {
    std::string found;
    try {
      Statement meta(db, "SELECT value FROM meta WHERE key = 'sweep'");
      if (meta.next()) found = meta.text();
    } catch (const std::runtime_error& e) {
      throw std::runtime_error(std::string(e.what()) + ", so it is no sweep of ours");
    }
    if (found != key) {
      throw std::runtime_error(directory +
                               " holds another sweep, or one of a changed scenario or version; name another directory");
    }
    Statement points(db, "SELECT point FROM points");
    while (points.next()) {
      const auto point = static_cast<std::size_t>(points.integer());
      if (point < done_.size()) done_[point] = true;
    }
  } else {
    db.run("BEGIN");
    db.run("CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL)");
    db.run(
        "CREATE TABLE axes(position INTEGER, path TEXT NOT NULL, item INTEGER, value TEXT NOT NULL, PRIMARY "
        "KEY(position, item))");
    db.run("CREATE TABLE points(point INTEGER PRIMARY KEY)");
    db.run(runs_schema().c_str());
    Statement meta(db, "INSERT INTO meta VALUES (?, ?)");
    meta.put(std::string_view("sweep")).put(std::string_view(key)).step();
    meta.put(std::string_view("base")).put(std::string_view(design.base)).step();
    Statement axes(db, "INSERT INTO axes VALUES (?, ?, ?, ?)");
    for (std::size_t i = 0; i < design.axes.size(); ++i) {
      const Axis& axis = design.axes[i];
      for (std::size_t j = 0; j < axis.texts.size(); ++j) {
        axes.put(static_cast<std::int64_t>(i)).put(std::string_view(axis.path)).put(static_cast<std::int64_t>(j));
        axes.put(std::string_view(axis.texts[j])).step();
      }
    }
    db.run("COMMIT");
  }
  rewrite_csv();
}

Store::~Store() = default;

void Store::append(std::size_t point, const std::vector<Row>& rows) {
  Database& db = files_->database;
  db.run("BEGIN");
  {
    Statement insert(db, insert_sql());
    for (const Row& row : rows) {
      insert.put(row.point);
      each_field(row, [&](const auto& v) {
        if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::string>) {
          insert.put(std::string_view(v));
        } else {
          insert.put(v);
        }
      });
      insert.step();
    }
    Statement mark(db, "INSERT INTO points VALUES (?)");
    mark.put(static_cast<std::int64_t>(point)).step();
  }
  db.run("COMMIT");
  done_[point] = true;
  for (const Row& row : rows) files_->csv << csv_line(design_, row) << '\n';
  files_->csv.flush();
  if (!files_->csv) fail(fs::path(directory_) / "sweep.csv", std::strerror(errno));
}

std::vector<Row> Store::rows() {
  std::vector<Row> out;
  Statement select(files_->database, "SELECT * FROM runs ORDER BY point, rowid");
  while (select.next()) {
    Row row;
    row.point = select.integer();
    each_field(row, [&](auto& v) { get(select, v); });
    out.push_back(std::move(row));
  }
  return out;
}

void Store::rewrite_csv() {
  const fs::path path = fs::path(directory_) / "sweep.csv";
  std::string text = csv_header(design_) + "\n";
  for (const Row& row : rows()) text += csv_line(design_, row) + "\n";
  if (files_->csv.is_open()) files_->csv.close();
  results::write_file(path, text);
  files_->csv.open(path, std::ios::app | std::ios::binary);
  if (!files_->csv) fail(path, std::strerror(errno));
}

}  // namespace plimsoll::sweep
