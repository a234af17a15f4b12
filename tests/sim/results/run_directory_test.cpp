#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "sim/results/csv.h"
#include "sim/results/directory.h"
#include "sim/results/focus.h"
#include "sim/results/store.h"
#include "sim/results/summary.h"
#include "tests/sim/report/sample_comparison.h"

using namespace plimsoll;
namespace fs = std::filesystem;

namespace {

/// A directory of its own for each test, gone afterwards.
struct Scratch {
  fs::path path;
  Scratch() {
    std::string name = (fs::temp_directory_path() / "plimsoll-results-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Scratch() {
    std::error_code error;
    fs::permissions(path, fs::perms::owner_all, error);
    fs::remove_all(path, error);
  }
};

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string reason_of(const auto& action) {
  try {
    action();
  } catch (const std::runtime_error& e) {
    return e.what();
  }
  return "";
}

std::vector<std::vector<std::string>> csv_rows(const std::string& text) {
  std::vector<std::vector<std::string>> rows(1, std::vector<std::string>(1));
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '"' && i + 1 < text.size() && text[i + 1] == '"')
        rows.back().back() += text[++i];
      else if (c == '"')
        quoted = false;
      else
        rows.back().back() += c;
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      rows.back().emplace_back();
    } else if (c == '\n') {
      rows.emplace_back(1);
    } else {
      rows.back().back() += c;
    }
  }
  rows.pop_back();
  return rows;
}

/// "12.3456" in nano-dollars.
std::int64_t nano(const std::string& text) {
  const bool negative = text.starts_with('-');
  const std::size_t point = text.find('.');
  std::string digits = text.substr(point + 1);
  digits.resize(9, '0');
  const std::int64_t v = std::abs(std::stoll(text.substr(0, point))) * 1'000'000'000 + std::stoll(digits);
  return negative ? -v : v;
}

}  // namespace

TEST_CASE("summary.json holds each platform's exact bill as decimal strings") {
  const results::Comparison c = sample::comparison();
  const auto json = nlohmann::json::parse(results::summary_json(c));
  CHECK(json.at("format_version") == "1.0");
  REQUIRE(json.at("platforms").size() == 5);
  for (const auto& column : c.columns) {
    const auto& p = json.at("platforms").at(column.name);
    for (const char* key : {"cost", "utilization", "latency", "pending", "disturbance", "nodes", "trace_hash"})
      CHECK(p.contains(key));
    std::int64_t sum = 0;
    for (const auto& line : p.at("cost").at("lines")) {
      sum += nano(line.at("usd").get<std::string>());
      std::int64_t hours = 0;
      for (const auto& h : line.at("hourly_usd")) hours += nano(h.get<std::string>());
      CHECK(hours == nano(line.at("usd").get<std::string>()));
    }
    CHECK(sum == nano(p.at("cost").at("total_usd").get<std::string>()));
    CHECK(sum == column.replications.front().total.raw());
    CHECK(p.at("replications").size() == 10);
  }
  CHECK(json.at("hash") == "7c3f10a9d2e4b586");
}

TEST_CASE("the store gives back what was put in") {
  const Scratch scratch;
  const results::Comparison c = sample::comparison(3);
  results::write_store(c, (scratch.path / "result.sqlite").string());
  const results::Comparison back = results::read_store((scratch.path / "result.sqlite").string());
  CHECK(results::summary_json(back) == results::summary_json(c));
  CHECK(results::series_csv(back) == results::series_csv(c));
  CHECK(results::events_csv(back) == results::events_csv(c));
  CHECK(results::focus_csv(back) == results::focus_csv(c));
  CHECK(back.resolved_yaml == c.resolved_yaml);
  CHECK(back.request_rate == c.request_rate);
  CHECK(back.columns.back().objects == c.columns.back().objects);
  REQUIRE(back.columns[2].replications.size() == 3);
  const auto& a = back.columns[2].replications[2];
  const auto& b = c.columns[2].replications[2];
  CHECK(a.latency.size() == b.latency.size());
  CHECK(a.latency.back().p99_us == b.latency.back().p99_us);
  CHECK(a.trace_hash == b.trace_hash);
  CHECK(a.memory_used == b.memory_used);
  CHECK(a.expectations.front().measured == b.expectations.front().measured);
}

TEST_CASE("the store keeps requests answered with an error and revisions told apart") {
  const Scratch scratch;
  results::Comparison c = sample::comparison(2);
  results::RunResult& run = c.columns[1].replications[1];
  run.failed = 17'000'000;
  run.workloads[2].failed = 5'000'001;
  run.limits = {{"the maximum of node group nodes", 0.25}, {"the launch quota of Fargate", 0.015625}};
  run.revisions = {{"ui", 1, 10, 9, 1, 2, 3'000, 4'000}, {"ui", 2, 20, 19, 1, 0, 5'000, 6'000}};
  results::write_store(c, (scratch.path / "result.sqlite").string());
  const results::Comparison back = results::read_store((scratch.path / "result.sqlite").string());
  CHECK(results::summary_json(back) == results::summary_json(c));
  const results::RunResult& read = back.columns[1].replications[1];
  CHECK(read.failed == 17'000'000);
  CHECK(read.workloads[2].failed == 5'000'001);
  CHECK(read.workloads[1].failed == 0);
  REQUIRE(read.limits.size() == 2);
  CHECK(read.limits[0].name == "the maximum of node group nodes");
  CHECK(read.limits[1].share == 0.015625);
  REQUIRE(read.revisions.size() == 2);
  CHECK(read.revisions[1].revision == 2);
  CHECK(read.revisions[1].served == 19);
  CHECK(read.revisions[0].p99_us == 4'000);
}

TEST_CASE("the store keeps jobs and pods refused by a quota") {
  const Scratch scratch;
  results::Comparison c = sample::comparison(2);
  results::WorkloadResult& w = c.columns[1].replications[1].workloads[3];
  w.runs_to_completion = true;
  w.jobs_started = 9;
  w.jobs_completed = 6;
  w.jobs_failed = 2;
  w.starts_missed = 1;
  w.pods_succeeded = 24;
  w.pods_failed = 5;
  w.job_p50_us = 120'000'000;
  w.job_p99_us = 300'000'001;
  c.columns[2].replications[0].workloads[0].creations_refused = 7;
  results::write_store(c, (scratch.path / "result.sqlite").string());
  const results::Comparison back = results::read_store((scratch.path / "result.sqlite").string());
  CHECK(results::summary_json(back) == results::summary_json(c));
  const results::WorkloadResult& read = back.columns[1].replications[1].workloads[3];
  CHECK(read.runs_to_completion);
  CHECK(read.jobs_started == 9);
  CHECK(read.jobs_completed == 6);
  CHECK(read.jobs_failed == 2);
  CHECK(read.starts_missed == 1);
  CHECK(read.pods_succeeded == 24);
  CHECK(read.pods_failed == 5);
  CHECK(read.job_p50_us == 120'000'000);
  CHECK(read.job_p99_us == 300'000'001);
  CHECK_FALSE(back.columns[1].replications[0].workloads[3].runs_to_completion);
  CHECK(back.columns[2].replications[0].workloads[0].creations_refused == 7);
}

TEST_CASE("equal results are equal bytes") {
  const Scratch scratch;
  results::write_run_directory(sample::comparison(2), scratch.path / "a", {});
  results::write_run_directory(sample::comparison(2), scratch.path / "b", {});
  for (const char* name : {"summary.json", "result.sqlite", "series.csv", "events.csv", "costs.focus.csv"}) {
    CAPTURE(name);
    CHECK(slurp(scratch.path / "a" / name) == slurp(scratch.path / "b" / name));
    CHECK(slurp(scratch.path / "a" / name).find(scratch.path.string()) == std::string::npos);
  }
}

TEST_CASE("a run directory is replaced by the next run and read back") {
  const Scratch scratch;
  const fs::path out = scratch.path / "deep" / "out";
  results::write_run_directory(sample::comparison(2), out / "", {{"report.html", "<p>"}});
  CHECK(slurp(out / "report.html") == "<p>");
  results::write_run_directory(sample::comparison(1), out, {});
  CHECK_FALSE(fs::exists(out / "report.html"));
  CHECK(results::read_run_directory(out).columns.front().replications.size() == 1);
  // Nothing else is left beside it.
  CHECK(std::distance(fs::directory_iterator(out.parent_path()), fs::directory_iterator()) == 1);
}

TEST_CASE("what the user has put into a run directory survives the next run") {
  const Scratch scratch;
  const fs::path out = scratch.path / "out";
  results::write_run_directory(sample::comparison(2), out, {{"report.html", "<p>"}});
  fs::create_directory(out / "sub");
  std::ofstream(out / "sub" / "notes.md") << "precious";
  std::ofstream(out / "thesis.docx") << "dear";
  results::write_run_directory(sample::comparison(1), out, {});
  CHECK(slurp(out / "sub" / "notes.md") == "precious");
  CHECK(slurp(out / "thesis.docx") == "dear");
  CHECK_FALSE(fs::exists(out / "report.html"));  // the earlier run's own
  CHECK(results::read_run_directory(out).columns.front().replications.size() == 1);
  CHECK(std::distance(fs::directory_iterator(scratch.path), fs::directory_iterator()) == 1);

  // Killed between the two renames: the earlier directory stands beside, and comes back.
  fs::rename(out, scratch.path / ".out.old");
  results::check_writable(out);
  CHECK(slurp(out / "sub" / "notes.md") == "precious");
  CHECK(results::read_run_directory(out).columns.size() == 5);
  // Killed before the user's files had moved.
  fs::create_directory(scratch.path / ".out.old");
  std::ofstream(scratch.path / ".out.old" / "late.md") << "late";
  std::ofstream(scratch.path / ".out.old" / "series.csv") << "";
  results::write_run_directory(sample::comparison(1), out, {});
  CHECK(slurp(out / "late.md") == "late");
  CHECK(slurp(out / "thesis.docx") == "dear");
  CHECK(std::distance(fs::directory_iterator(scratch.path), fs::directory_iterator()) == 1);
}

TEST_CASE("a folder that has the name of a run's file is no part of a run") {
  const Scratch scratch;
  const fs::path out = scratch.path / "out";
  results::write_run_directory(sample::comparison(1), out, {});
  fs::create_directory(out / "report.html");
  CHECK(reason_of([&] { results::write_run_directory(sample::comparison(1), out, {}); }) ==
        "cannot write " + (out / "report.html").string() + ": it is not a file of an earlier run");
  CHECK(fs::is_directory(out / "report.html"));
}

TEST_CASE("a run directory behind a link is replaced, not the link") {
  const Scratch scratch;
  results::write_run_directory(sample::comparison(2), scratch.path / "real", {});
  fs::create_directory_symlink("real", scratch.path / "link");
  results::write_run_directory(sample::comparison(1), scratch.path / "link", {});
  CHECK(fs::is_symlink(scratch.path / "link"));
  CHECK(results::read_run_directory(scratch.path / "real").columns.front().replications.size() == 1);
}

TEST_CASE("a file goes through a pipe and a link, and does not take their place") {
  const Scratch scratch;
  const fs::path pipe = scratch.path / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
  REQUIRE(reader >= 0);
  results::write_file(pipe, "through");
  char text[16] = {};
  CHECK(::read(reader, text, sizeof text) == 7);
  CHECK(std::string(text) == "through");
  ::close(reader);
  CHECK(fs::is_fifo(pipe));

  std::ofstream(scratch.path / "file") << "old";
  fs::create_symlink("file", scratch.path / "link");
  fs::create_symlink("none", scratch.path / "dangling");
  results::write_file(scratch.path / "link", "new");
  results::write_file(scratch.path / "dangling", "made");
  CHECK(fs::is_symlink(scratch.path / "link"));
  CHECK(slurp(scratch.path / "file") == "new");
  CHECK(fs::is_symlink(scratch.path / "dangling"));
  CHECK(slurp(scratch.path / "none") == "made");
  CHECK(reason_of([&] { results::write_file(scratch.path, "x"); }) ==
        "cannot write " + scratch.path.string() + ": it is a directory");
}

TEST_CASE("a directory that holds something else is left alone") {
  const Scratch scratch;
  std::ofstream(scratch.path / "thesis.txt") << "precious";
  const std::string reason = reason_of([&] { results::write_run_directory(sample::comparison(1), scratch.path, {}); });
  CHECK(reason ==
        "cannot write " + scratch.path.string() + ": the directory holds something else than the results of a run");
  CHECK(slurp(scratch.path / "thesis.txt") == "precious");
}

TEST_CASE("a place that cannot be written gives one clear error and leaves nothing") {
  // A file where a directory is wanted refuses root as well.
  const Scratch scratch;
  std::ofstream(scratch.path / "file") << "x";
  CHECK(reason_of([&] { results::write_run_directory(sample::comparison(1), scratch.path / "file", {}); }) ==
        "cannot write " + (scratch.path / "file").string() + ": it is not a directory");
  const std::string below = reason_of([&] { results::check_writable(scratch.path / "file" / "out"); });
  CHECK(below.starts_with("cannot write " + (scratch.path / "file" / "out").string() + ": "));
  CHECK(std::distance(fs::directory_iterator(scratch.path), fs::directory_iterator()) == 1);
  if (::geteuid() != 0) {
    fs::permissions(scratch.path, fs::perms::owner_read | fs::perms::owner_exec);
    CHECK(reason_of([&] { results::check_writable(scratch.path / "out"); }).find("ermission denied") !=
          std::string::npos);
  }
}

TEST_CASE("a full disk is an error with its reason") {
  if (!fs::exists("/dev/full")) return;
  const Scratch scratch;
  fs::create_symlink("/dev/full", scratch.path / ".page.html.partial");
  const std::string reason = reason_of([&] { results::write_file(scratch.path / "page.html", "text"); });
  CHECK(reason == "cannot write " + (scratch.path / "page.html").string() + ": No space left on device");
  CHECK_FALSE(fs::exists(scratch.path / "page.html"));
}

TEST_CASE("what is no run directory cannot be read") {
  const Scratch scratch;
  CHECK(reason_of([&] { results::read_run_directory(scratch.path / "no"); }).find("no such directory") !=
        std::string::npos);
  CHECK(reason_of([&] { results::read_run_directory(scratch.path); }).find("no result.sqlite") != std::string::npos);
  std::ofstream(scratch.path / "result.sqlite")
      << "this is not a database, however long it may be, and it never was one";
  CHECK(reason_of([&] { results::read_run_directory(scratch.path); }).find("not a database") != std::string::npos);
}

TEST_CASE("events.csv quotes what must be quoted and keeps microseconds") {
  const auto rows = csv_rows(results::events_csv(sample::comparison(1)));
  REQUIRE(rows.size() == 1 + 5 * 2);
  for (const auto& row : rows) CHECK(row.size() == 15);
  CHECK(rows[0][0] == "platform");
  CHECK(rows[2][1] == "7260500001");
  CHECK(rows[2][5] == "cart, \"x\"-7");
  CHECK(rows[2][12] == "512000");
}

TEST_CASE("series.csv has a row a minute and a column for each series of each platform") {
  const auto rows = csv_rows(results::series_csv(sample::comparison(1)));
  REQUIRE(rows.size() == 1 + 1441);
  CHECK(rows[0][2] == "ecs-fargate:cost_rate (nano-USD/h)");
  CHECK(rows[1][1] == "7200000000");
  CHECK(rows[1441][1] == std::to_string(7'200'000'000 + 1440LL * 60'000'000));
  for (const auto& row : rows) CHECK(row.size() == rows[0].size());
}

TEST_CASE("FOCUS rows sum to the bill and multiply out") {
  const results::Comparison c = sample::comparison(1);
  const auto rows = csv_rows(results::focus_csv(c));
  const auto column = [&](const std::string& name) {
    const auto it = std::find(rows[0].begin(), rows[0].end(), name);
    REQUIRE(it != rows[0].end());
    return static_cast<std::size_t>(it - rows[0].begin());
  };
  for (const char* mandatory :
       {"BilledCost",         "BillingAccountId", "BillingAccountName", "BillingCurrency",   "BillingPeriodEnd",
        "BillingPeriodStart", "ChargeCategory",   "ChargeClass",        "ChargeDescription", "ChargePeriodEnd",
        "ChargePeriodStart",  "ContractedCost",   "EffectiveCost",      "InvoiceIssuerName", "ListCost",
        "PricingQuantity",    "PricingUnit",      "ProviderName",       "PublisherName",     "ServiceCategory",
        "ServiceName"}) {
    column(mandatory);
  }
  const std::size_t usd = column("BilledCost"), quantity = column("PricingQuantity"), price = column("ListUnitPrice");
  std::int64_t sum = 0, bill = 0;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    REQUIRE(rows[i].size() == rows[0].size());
    sum += nano(rows[i][usd]);
    CHECK(std::stod(rows[i][quantity]) * std::stod(rows[i][price]) ==
          doctest::Approx(std::stod(rows[i][usd])).epsilon(1e-9));
  }
  for (const auto& p : c.columns) bill += p.replications.front().total.raw();
  CHECK(sum == bill);
  CHECK(rows[1][column("ChargePeriodStart")] == "2026-03-01T00:00:00Z");
  CHECK(rows[1][column("ChargePeriodEnd")] == "2026-03-01T01:00:00Z");
  CHECK(rows[1][column("BillingPeriodEnd")] == "2026-04-01T00:00:00Z");
  CHECK(rows[24][column("ChargePeriodEnd")] == "2026-03-02T00:00:00Z");
  CHECK(rows[1][column("ResourceId")].empty());
}

TEST_CASE("FOCUS rows follow the scenario's calendar over the end of a year") {
  results::Comparison c = sample::comparison(1);
  c.calendar = 1'735'630'200;  // 2024-12-31T07:30:00Z
  const auto rows = csv_rows(results::focus_csv(c));
  const auto column = [&](const std::string& name) {
    return static_cast<std::size_t>(std::find(rows[0].begin(), rows[0].end(), name) - rows[0].begin());
  };
  CHECK(rows[1][column("ChargePeriodStart")] == "2024-12-31T07:30:00Z");
  CHECK(rows[1][column("BillingPeriodStart")] == "2024-12-01T00:00:00Z");
  CHECK(rows[1][column("BillingPeriodEnd")] == "2025-01-01T00:00:00Z");
  CHECK(rows[24][column("ChargePeriodStart")] == "2025-01-01T06:30:00Z");
  CHECK(rows[24][column("BillingPeriodStart")] == "2025-01-01T00:00:00Z");
  CHECK(rows[24][column("BillingPeriodEnd")] == "2025-02-01T00:00:00Z");
  CHECK(results::utc_text(-1) == "1969-12-31T23:59:59Z");
  CHECK(results::utc_text(951'782'400) == "2000-02-29T00:00:00Z");
}
