#include "sim/results/store.h"

#include <charconv>
#include <map>
#include <stdexcept>

#include "sim/results/sqlite.h"
#include "sim/results/summary.h"

namespace plimsoll::results {

namespace {

constexpr char kSchema[] = R"(
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE input(ord INTEGER PRIMARY KEY, path TEXT NOT NULL, content BLOB NOT NULL);
CREATE TABLE note(kind TEXT NOT NULL, ord INTEGER NOT NULL, text TEXT NOT NULL);
CREATE TABLE traffic(minute INTEGER PRIMARY KEY, requests_per_s REAL NOT NULL);
CREATE TABLE platform(ord INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, pod_word TEXT NOT NULL);
CREATE TABLE platform_note(platform INTEGER NOT NULL, kind TEXT NOT NULL, ord INTEGER NOT NULL, text TEXT NOT NULL,
  count INTEGER NOT NULL);
CREATE TABLE run(platform INTEGER NOT NULL, replication INTEGER NOT NULL, seed TEXT NOT NULL, trace_hash TEXT NOT NULL,
  window_start_us INTEGER, window_us INTEGER, total_nano_usd INTEGER, choice_nano_usd INTEGER, same_nano_usd INTEGER,
  arrived INTEGER, served INTEGER, lost INTEGER, in_flight INTEGER,
  latency_p50_us INTEGER, latency_p95_us INTEGER, latency_p99_us INTEGER,
  pending_p50_us INTEGER, pending_p99_us INTEGER, pending_count INTEGER, unfinished INTEGER, evictions INTEGER,
  interruptions INTEGER, nodes_peak INTEGER, nodes_low INTEGER, nodes_launched INTEGER, nodes_ended INTEGER,
  launches_refused INTEGER, rollouts INTEGER, rollouts_failed INTEGER, container_failures INTEGER,
  container_restarts INTEGER, nodes_lost INTEGER, nodes_mean REAL,
  cpu_bought REAL, cpu_requested REAL, cpu_system REAL, cpu_used REAL,
  memory_bought REAL, memory_requested REAL, memory_system REAL, memory_used REAL);
CREATE TABLE line(platform INTEGER NOT NULL, replication INTEGER NOT NULL, ord INTEGER NOT NULL, item TEXT NOT NULL,
  label TEXT, block TEXT, unit TEXT, rate_pico_usd INTEGER, quantity TEXT, amount_nano_usd INTEGER, service TEXT,
  category TEXT, resource_type TEXT, sku TEXT, hourly TEXT);
CREATE TABLE workload(platform INTEGER NOT NULL, replication INTEGER NOT NULL, ord INTEGER NOT NULL, name TEXT NOT NULL,
  system INTEGER, replicas_mean REAL, replicas_peak INTEGER, at_maximum_share REAL, evictions INTEGER,
  interruptions INTEGER, created INTEGER, pending_p50_us INTEGER, pending_p99_us INTEGER, pending_count INTEGER,
  arrived INTEGER, served INTEGER, lost INTEGER, cpu_used_cores_mean REAL);
CREATE TABLE failed(platform INTEGER NOT NULL, replication INTEGER NOT NULL, workload TEXT NOT NULL,
  requests INTEGER NOT NULL);
CREATE TABLE job(platform INTEGER NOT NULL, replication INTEGER NOT NULL, workload TEXT NOT NULL, started INTEGER,
  completed INTEGER, failed INTEGER, starts_missed INTEGER, pods_succeeded INTEGER, pods_failed INTEGER,
  p50_us INTEGER, p99_us INTEGER);
CREATE TABLE refused(platform INTEGER NOT NULL, replication INTEGER NOT NULL, workload TEXT NOT NULL,
  creations INTEGER NOT NULL);
CREATE TABLE revision(platform INTEGER NOT NULL, replication INTEGER NOT NULL, ord INTEGER NOT NULL,
  workload TEXT NOT NULL, revision INTEGER NOT NULL, arrived INTEGER, served INTEGER, lost INTEGER, failed INTEGER,
  p50_us INTEGER, p99_us INTEGER);
CREATE TABLE binding(platform INTEGER NOT NULL, replication INTEGER NOT NULL, ord INTEGER NOT NULL,
  name TEXT NOT NULL, share REAL NOT NULL);
CREATE TABLE expectation(platform INTEGER NOT NULL, replication INTEGER NOT NULL, ord INTEGER NOT NULL, text TEXT,
  kept INTEGER, share REAL, measured TEXT);
CREATE TABLE latency(platform INTEGER NOT NULL, replication INTEGER NOT NULL, at_s INTEGER NOT NULL, p50_us INTEGER,
  p95_us INTEGER, p99_us INTEGER);
CREATE TABLE series(platform INTEGER NOT NULL, ord INTEGER NOT NULL, name TEXT NOT NULL, unit TEXT NOT NULL,
  samples TEXT NOT NULL);
CREATE TABLE event(platform INTEGER NOT NULL, ord INTEGER NOT NULL, at_us INTEGER NOT NULL, fact TEXT NOT NULL,
  reason TEXT, node TEXT, pod TEXT, workload TEXT, node_group TEXT, instance_type TEXT, zone TEXT, purchase TEXT,
  host TEXT, cpu_ticks INTEGER, memory_bytes INTEGER, value INTEGER);
CREATE VIEW sample AS SELECT p.name AS platform, s.name AS name, s.unit AS unit, v.key AS minute, v.value AS value
  FROM series s JOIN platform p ON p.ord = s.platform, json_each(s.samples) v;
)";

std::string number(std::uint64_t v) { return std::to_string(v); }
const char* yes_no(bool b) { return b ? "true" : "false"; }

std::string array(const std::vector<std::int64_t>& values) {
  std::string out = "[";
  char digits[24];
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += ',';
    out.append(digits, std::to_chars(digits, digits + sizeof digits, values[i]).ptr);
  }
  return out + "]";
}

std::vector<std::int64_t> array(const std::string& text) {
  std::vector<std::int64_t> out;
  const char* at = text.data() + (text.empty() ? 0 : 1);
  const char* end = text.data() + text.size();
  while (at < end && *at != ']') {
    std::int64_t value = 0;
    const auto [next, error] = std::from_chars(at, end, value);
    if (error != std::errc()) throw std::runtime_error("a list of numbers in result.sqlite is damaged");
    out.push_back(value);
    at = next < end && *next == ',' ? next + 1 : next;
  }
  return out;
}

/// The plain numbers of a run, in the order of table `run` from window_start_us on.
template <class Run, class Visit, class VisitReal>
void visit_run(Run& r, Visit&& whole, VisitReal&& real) {
  whole(r.window_start_us), whole(r.window_us);
  whole(r.total), whole(r.choice), whole(r.same);
  whole(r.arrived), whole(r.served), whole(r.lost), whole(r.in_flight);
  whole(r.latency_p50_us), whole(r.latency_p95_us), whole(r.latency_p99_us);
  whole(r.pending_p50_us), whole(r.pending_p99_us), whole(r.pending_count), whole(r.unfinished), whole(r.evictions);
  whole(r.interruptions), whole(r.nodes_peak), whole(r.nodes_low), whole(r.nodes_launched), whole(r.nodes_ended);
  whole(r.launches_refused), whole(r.rollouts), whole(r.rollouts_failed), whole(r.container_failures);
  whole(r.container_restarts), whole(r.nodes_lost);
  real(r.nodes_mean), real(r.cpu_bought), real(r.cpu_requested), real(r.cpu_system), real(r.cpu_used);
  real(r.memory_bought), real(r.memory_requested), real(r.memory_system), real(r.memory_used);
}

template <class W, class Visit, class VisitReal>
void visit_workload(W& w, Visit&& whole, VisitReal&& real) {
  real(w.replicas_mean), whole(w.replicas_peak), real(w.at_maximum_share);
  whole(w.evictions), whole(w.interruptions), whole(w.created);
  whole(w.pending_p50_us), whole(w.pending_p99_us), whole(w.pending_count);
  whole(w.arrived), whole(w.served), whole(w.lost);
  real(w.cpu_used_cores_mean);
}

/// What a workload that runs to completion has beside, in the order of table `job` from started on.
template <class W, class Visit>
void visit_jobs(W& w, Visit&& whole) {
  whole(w.jobs_started), whole(w.jobs_completed), whole(w.jobs_failed), whole(w.starts_missed);
  whole(w.pods_succeeded), whole(w.pods_failed), whole(w.job_p50_us), whole(w.job_p99_us);
}

std::string insert(const char* table, int columns) {
  std::string sql = std::string("INSERT INTO ") + table + " VALUES(?";
  for (int i = 1; i < columns; ++i) sql += ",?";
  return sql + ")";
}

class StoreWriter {
 public:
  StoreWriter(Database& db, const Comparison& c) : db_(db), c_(c) {}

  void write() {
    header();
    for (std::size_t p = 0; p < c_.columns.size(); ++p) platform(static_cast<std::int64_t>(p), c_.columns[p]);
  }

 private:
  void header() {
    const std::map<std::string, std::string> meta = {{"format_version", kFormatVersion},
                                                     {"scenario", c_.scenario},
                                                     {"resolved_yaml", c_.resolved_yaml},
                                                     {"load", c_.load},
                                                     {"seed", number(c_.seed)},
                                                     {"replications_wanted", std::to_string(c_.replications_wanted)},
                                                     {"region", c_.region},
                                                     {"as_of", c_.as_of},
                                                     {"calendar", std::to_string(c_.calendar)},
                                                     {"window_s", std::to_string(c_.window_s)},
                                                     {"warmup_s", std::to_string(c_.warmup_s)},
                                                     {"sizes_matched", yes_no(c_.sizes_matched)},
                                                     {"hash", hash_hex(c_.hash)},
                                                     {"version", c_.version},
                                                     {"catalogue_hash", hash_hex(c_.catalogue_hash)},
                                                     {"input_scenario", c_.inputs.scenario},
                                                     {"input_catalogue", c_.inputs.catalogue},
                                                     {"interrupted", yes_no(c_.interrupted)}};
    Statement m(db_, insert("meta", 2));
    for (const auto& [key, value] : meta) m.put(key).put(value).step();
    Statement n(db_, insert("note", 3));
    const auto notes = [&](std::string_view kind, const std::vector<std::string>& texts) {
      for (std::size_t i = 0; i < texts.size(); ++i) n.put(kind).put(static_cast<std::int64_t>(i)).put(texts[i]).step();
    };
    notes("assumed", c_.assumed);
    notes("remark", c_.remarks);
    notes("set", c_.inputs.sets);
    notes("only", c_.inputs.platforms);
    Statement f(db_, insert("input", 3));
    for (std::size_t i = 0; i < c_.inputs.files.size(); ++i) {
      const auto& [file, content] = c_.inputs.files[i];
      f.put(static_cast<std::int64_t>(i)).put(file).put_bytes(content).step();
    }
    Statement t(db_, insert("traffic", 2));
    for (std::size_t i = 0; i < c_.request_rate.size(); ++i)
      t.put(static_cast<std::int64_t>(i)).put(c_.request_rate[i]).step();
  }

  void platform(std::int64_t p, const ColumnResult& column) {
    platform_.put(p).put(column.name).put(column.type).put(column.pod_word).step();
    const auto notes = [&](std::string_view kind, const std::vector<std::string>& texts) {
      for (std::size_t i = 0; i < texts.size(); ++i) {
        platform_note_.put(p).put(kind).put(static_cast<std::int64_t>(i)).put(texts[i]).put(std::int64_t{0}).step();
      }
    };
    notes("remark", column.remarks);
    notes("low_confidence", column.low_confidence);
    for (std::size_t i = 0; i < column.objects.size(); ++i) {
      const auto& [kind, count] = column.objects[i];
      platform_note_.put(p).put("object").put(static_cast<std::int64_t>(i)).put(kind).put(count).step();
    }
    std::vector<std::string> names;
    for (const auto& [what, name] : column.dns_names) names.push_back(what + ": " + name);
    notes("dns_name", names);
    for (const RunResult& run : column.replications) replication(p, run);
    if (!column.replications.empty()) full(p, column.replications.front());
  }

  void replication(std::int64_t p, const RunResult& r) {
    const std::int64_t k = r.replication;
    const std::string seed = number(r.seed), hash = hash_hex(r.trace_hash);
    run_.put(p).put(k).put(seed).put(hash);
    visit_run(r, Put{run_}, Put{run_});
    run_.step();
    for (std::size_t i = 0; i < r.lines.size(); ++i) {
      const BillLine& l = r.lines[i];
      std::vector<std::int64_t> hours;
      for (const Money m : l.hourly) hours.push_back(m.raw());
      const std::string hourly = array(hours);
      line_.put(p).put(k).put(static_cast<std::int64_t>(i)).put(l.item).put(l.label);
      line_.put(l.block == billing::Block::choice ? "choice" : "same").put(l.unit).put(l.rate.raw()).put(l.quantity);
      line_.put(l.amount.raw()).put(l.service).put(l.category).put(l.resource_type).put(l.sku).put(hourly).step();
    }
    for (std::size_t i = 0; i < r.workloads.size(); ++i) {
      const WorkloadResult& w = r.workloads[i];
      workload_.put(p).put(k).put(static_cast<std::int64_t>(i)).put(w.name).put(std::int64_t{w.system});
      visit_workload(w, Put{workload_}, Put{workload_});
      workload_.step();
    }
    if (r.failed != 0) failed_.put(p).put(k).put("").put(r.failed).step();
    for (const WorkloadResult& w : r.workloads) {
      if (w.failed != 0) failed_.put(p).put(k).put(w.name).put(w.failed).step();
      if (w.creations_refused != 0) refused_.put(p).put(k).put(w.name).put(w.creations_refused).step();
      if (!w.runs_to_completion) continue;
      job_.put(p).put(k).put(w.name);
      visit_jobs(w, Put{job_});
      job_.step();
    }
    for (std::size_t i = 0; i < r.revisions.size(); ++i) {
      const RevisionResult& v = r.revisions[i];
      revision_.put(p).put(k).put(static_cast<std::int64_t>(i)).put(v.workload).put(v.revision);
      revision_.put(v.arrived).put(v.served).put(v.lost).put(v.failed).put(v.p50_us).put(v.p99_us).step();
    }
    for (std::size_t i = 0; i < r.limits.size(); ++i)
      binding_.put(p).put(k).put(static_cast<std::int64_t>(i)).put(r.limits[i].name).put(r.limits[i].share).step();
    for (std::size_t i = 0; i < r.expectations.size(); ++i) {
      const ExpectationResult& e = r.expectations[i];
      expectation_.put(p).put(k).put(static_cast<std::int64_t>(i)).put(e.text).put(std::int64_t{e.kept}).put(e.share);
      expectation_.put(e.measured).step();
    }
    for (const LatencyPoint& l : r.latency)
      latency_.put(p).put(k).put(l.at_s).put(l.p50_us).put(l.p95_us).put(l.p99_us).step();
  }

  void full(std::int64_t p, const RunResult& r) {
    for (std::size_t i = 0; i < r.series.size(); ++i) {
      const std::string samples = array(r.series[i].values);
      series_.put(p).put(static_cast<std::int64_t>(i)).put(r.series[i].name).put(r.series[i].unit).put(samples).step();
    }
    std::int64_t ord = 0;
    for (const EventRow& e : r.events) {
      event_.put(p)
          .put(ord++)
          .put(e.at_us)
          .put(e.fact)
          .put(e.reason)
          .put(e.node)
          .put(e.pod)
          .put(e.workload)
          .put(e.group);
      event_.put(e.instance_type).put(e.zone).put(e.purchase).put(e.host).put(e.cpu_ticks).put(e.memory_bytes);
      event_.put(e.value).step();
    }
  }

  struct Put {
    Statement& s;
    void operator()(std::int64_t v) { s.put(v); }
    void operator()(double v) { s.put(v); }
    void operator()(Money v) { s.put(v.raw()); }
  };

  Database& db_;
  const Comparison& c_;
  Statement platform_{db_, insert("platform", 4)}, platform_note_{db_, insert("platform_note", 5)};
  Statement run_{db_, insert("run", 41)}, line_{db_, insert("line", 15)}, workload_{db_, insert("workload", 18)};
  Statement failed_{db_, insert("failed", 4)}, revision_{db_, insert("revision", 11)};
  Statement binding_{db_, insert("binding", 5)};
  Statement job_{db_, insert("job", 11)}, refused_{db_, insert("refused", 4)};
  Statement expectation_{db_, insert("expectation", 7)}, latency_{db_, insert("latency", 6)};
  Statement series_{db_, insert("series", 5)}, event_{db_, insert("event", 16)};
};

class StoreReader {
 public:
  explicit StoreReader(Database& db) : db_(db) {}

  Comparison read() {
    header();
    platforms();
    runs();
    return std::move(c_);
  }

 private:
  struct Get {
    Statement& s;
    void operator()(std::int64_t& v) { v = s.integer(); }
    void operator()(double& v) { v = s.real(); }
    void operator()(Money& v) { v = Money{s.integer()}; }
  };

  static std::uint64_t unsigned_of(const std::string& text, int base) {
    std::uint64_t v = 0;
    std::from_chars(text.data(), text.data() + text.size(), v, base);
    return v;
  }

  void header() {
    std::map<std::string, std::string> meta;
    Statement m(db_, "SELECT key, value FROM meta");
    while (m.next()) {
      std::string key = m.text();
      meta[std::move(key)] = m.text();
    }
    const std::string format = meta["format_version"];
    if (unsigned_of(format, 10) != kFormatMajor) {
      throw std::runtime_error("results of format " + (format.empty() ? "unknown" : format) + "; this program reads " +
                               kFormatVersion);
    }
    c_.scenario = meta["scenario"];
    c_.resolved_yaml = meta["resolved_yaml"];
    c_.load = meta["load"];
    c_.seed = unsigned_of(meta["seed"], 10);
    c_.replications_wanted = static_cast<std::int64_t>(unsigned_of(meta["replications_wanted"], 10));
    c_.region = meta["region"];
    c_.as_of = meta["as_of"];
    const std::string& calendar = meta["calendar"];
    std::from_chars(calendar.data(), calendar.data() + calendar.size(), c_.calendar);
    c_.window_s = static_cast<std::int64_t>(unsigned_of(meta["window_s"], 10));
    c_.warmup_s = static_cast<std::int64_t>(unsigned_of(meta["warmup_s"], 10));
    c_.sizes_matched = meta["sizes_matched"] == "true";
    c_.hash = unsigned_of(meta["hash"], 16);
    c_.version = meta["version"];
    c_.catalogue_hash = unsigned_of(meta["catalogue_hash"], 16);
    c_.inputs.scenario = meta["input_scenario"];
    c_.inputs.catalogue = meta["input_catalogue"];
    c_.interrupted = meta["interrupted"] == "true";
    Statement n(db_, "SELECT kind, text FROM note ORDER BY kind, ord");
    while (n.next()) {
      const std::string kind = n.text();
      auto& texts = kind == "assumed" ? c_.assumed
                    : kind == "set"   ? c_.inputs.sets
                    : kind == "only"  ? c_.inputs.platforms
                                      : c_.remarks;
      texts.push_back(n.text());
    }
    Statement f(db_, "SELECT path, content FROM input ORDER BY ord");
    while (f.next()) {
      std::string path = f.text();
      c_.inputs.files.emplace_back(std::move(path), f.bytes());
    }
    Statement t(db_, "SELECT requests_per_s FROM traffic ORDER BY minute");
    while (t.next()) c_.request_rate.push_back(t.real());
  }

  void platforms() {
    Statement p(db_, "SELECT name, type, pod_word FROM platform ORDER BY ord");
    while (p.next()) {
      ColumnResult& column = c_.columns.emplace_back();
      column.name = p.text();
      column.type = p.text();
      column.pod_word = p.text();
    }
    Statement n(db_, "SELECT platform, kind, text, count FROM platform_note ORDER BY platform, kind, ord");
    while (n.next()) {
      ColumnResult& column = c_.columns.at(static_cast<std::size_t>(n.integer()));
      const std::string kind = n.text();
      std::string text = n.text();
      if (kind == "object") {
        column.objects.emplace_back(std::move(text), n.integer());
      } else if (kind == "dns_name") {
        const std::size_t colon = text.rfind(": ");
        if (colon == std::string::npos) continue;
        column.dns_names.emplace_back(text.substr(0, colon), text.substr(colon + 2));
      } else {
        (kind == "remark" ? column.remarks : column.low_confidence).push_back(std::move(text));
      }
    }
  }

  /// The run that the first two columns of a row name.
  RunResult& run_of(Statement& s) {
    ColumnResult& column = c_.columns.at(static_cast<std::size_t>(s.integer()));
    const std::int64_t k = s.integer();
    for (RunResult& r : column.replications) {
      if (r.replication == k) return r;
    }
    throw std::runtime_error("a row of result.sqlite belongs to no run");
  }

  void runs() {
    Statement r(db_, "SELECT * FROM run ORDER BY rowid");
    while (r.next()) {
      ColumnResult& column = c_.columns.at(static_cast<std::size_t>(r.integer()));
      RunResult& run = column.replications.emplace_back();
      run.platform = column.name;
      run.type = column.type;
      run.pod_word = column.pod_word;
      run.replication = r.integer();
      run.seed = unsigned_of(r.text(), 10);
      run.trace_hash = unsigned_of(r.text(), 16);
      visit_run(run, Get{r}, Get{r});
    }
    Statement l(db_,
                "SELECT platform, replication, item, label, block, unit, rate_pico_usd, quantity, amount_nano_usd, "
                "service, category, resource_type, sku, hourly FROM line ORDER BY rowid");
    while (l.next()) {
      BillLine& line = run_of(l).lines.emplace_back();
      line.item = l.text();
      line.label = l.text();
      line.block = l.text() == "choice" ? billing::Block::choice : billing::Block::same;
      line.unit = l.text();
      line.rate = Rate{l.integer()};
      line.quantity = l.text();
      line.amount = Money{l.integer()};
      line.service = l.text();
      line.category = l.text();
      line.resource_type = l.text();
      line.sku = l.text();
      for (const std::int64_t v : array(l.text())) line.hourly.push_back(Money{v});
    }
    Statement w(db_,
                "SELECT platform, replication, name, system, replicas_mean, replicas_peak, at_maximum_share, "
                "evictions, interruptions, created, pending_p50_us, pending_p99_us, pending_count, arrived, served, "
                "lost, cpu_used_cores_mean FROM workload ORDER BY rowid");
    while (w.next()) {
      WorkloadResult& workload = run_of(w).workloads.emplace_back();
      workload.name = w.text();
      workload.system = w.integer() != 0;
      visit_workload(workload, Get{w}, Get{w});
    }
    answers();
    jobs();
    Statement e(db_, "SELECT platform, replication, text, kept, share, measured FROM expectation ORDER BY rowid");
    while (e.next()) {
      ExpectationResult& x = run_of(e).expectations.emplace_back();
      x.text = e.text();
      x.kept = e.integer() != 0;
      x.share = e.real();
      x.measured = e.text();
    }
    Statement y(db_, "SELECT platform, replication, at_s, p50_us, p95_us, p99_us FROM latency ORDER BY rowid");
    while (y.next()) {
      LatencyPoint& point = run_of(y).latency.emplace_back();
      point.at_s = y.integer();
      point.p50_us = y.integer();
      point.p95_us = y.integer();
      point.p99_us = y.integer();
    }
    Statement s(db_, "SELECT platform, name, unit, samples FROM series ORDER BY platform, ord");
    while (s.next()) {
      SeriesColumn& series = first(s).series.emplace_back();
      series.name = s.text();
      series.unit = s.text();
      series.values = array(s.text());
    }
    Statement v(db_,
                "SELECT platform, at_us, fact, reason, node, pod, workload, node_group, instance_type, zone, purchase, "
                "host, cpu_ticks, memory_bytes, value FROM event ORDER BY platform, ord");
    while (v.next()) {
      EventRow& event = first(v).events.emplace_back();
      event.at_us = v.integer();
      for (std::string* text : {&event.fact, &event.reason, &event.node, &event.pod, &event.workload, &event.group,
                                &event.instance_type, &event.zone, &event.purchase, &event.host}) {
        *text = v.text();
      }
      event.cpu_ticks = v.integer();
      event.memory_bytes = v.integer();
      event.value = v.integer();
    }
  }

  bool has(const char* table) {
    Statement t(db_, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?");
    t.put(table);
    return t.next() && t.integer() > 0;
  }

  /// Requests answered with an error, revisions told apart and limits that bound; files of the first programs do not
  /// have them.
  void answers() {
    if (has("binding")) {
      Statement b(db_, "SELECT platform, replication, name, share FROM binding ORDER BY rowid");
      while (b.next()) {
        LimitResult& limit = run_of(b).limits.emplace_back();
        limit.name = b.text();
        limit.share = b.real();
      }
    }
    if (!has("failed") || !has("revision")) return;
    Statement f(db_, "SELECT platform, replication, workload, requests FROM failed ORDER BY rowid");
    while (f.next()) {
      RunResult& run = run_of(f);
      const std::string name = f.text();
      const std::int64_t requests = f.integer();
      if (name.empty()) run.failed = requests;
      for (WorkloadResult& w : run.workloads) {
        if (w.name == name) w.failed = requests;
      }
    }
    Statement v(db_,
                "SELECT platform, replication, workload, revision, arrived, served, lost, failed, p50_us, p99_us "
                "FROM revision ORDER BY rowid");
    while (v.next()) {
      RevisionResult& revision = run_of(v).revisions.emplace_back();
      revision.workload = v.text();
      for (std::int64_t* number : {&revision.revision, &revision.arrived, &revision.served, &revision.lost,
                                   &revision.failed, &revision.p50_us, &revision.p99_us}) {
        *number = v.integer();
      }
    }
  }

  /// The workload that the first three columns of a row name.
  WorkloadResult& workload_of(Statement& s) {
    RunResult& run = run_of(s);
    const std::string name = s.text();
    for (WorkloadResult& w : run.workloads) {
      if (w.name == name) return w;
    }
    throw std::runtime_error("a row of result.sqlite belongs to no workload");
  }

  /// Work that runs to completion, and pods refused by a quota; files of the first programs do not have them.
  void jobs() {
    if (!has("job") || !has("refused")) return;
    Statement j(db_,
                "SELECT platform, replication, workload, started, completed, failed, starts_missed, pods_succeeded, "
                "pods_failed, p50_us, p99_us FROM job ORDER BY rowid");
    while (j.next()) {
      WorkloadResult& w = workload_of(j);
      w.runs_to_completion = true;
      visit_jobs(w, Get{j});
    }
    Statement r(db_, "SELECT platform, replication, workload, creations FROM refused ORDER BY rowid");
    while (r.next()) {
      WorkloadResult& w = workload_of(r);
      w.creations_refused = r.integer();
    }
  }

  RunResult& first(Statement& s) {
    ColumnResult& column = c_.columns.at(static_cast<std::size_t>(s.integer()));
    if (column.replications.empty()) throw std::runtime_error("a row of result.sqlite belongs to no run");
    return column.replications.front();
  }

  Database& db_;
  Comparison c_;
};

}  // namespace

void write_store(const Comparison& comparison, const std::string& path) {
  Database db(path, Database::Mode::create);
  db.run(
      "PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA encoding = 'UTF-8'; BEGIN");
  db.run(kSchema);
  StoreWriter(db, comparison).write();
  db.run("COMMIT");
  db.close();
}

Comparison read_store(const std::string& path) {
  Database db(path, Database::Mode::read);
  try {
    return StoreReader(db).read();
  } catch (const std::out_of_range&) {
    throw std::runtime_error(path + ": a row belongs to no platform");
  } catch (const std::runtime_error& e) {
    const std::string text = e.what();
    throw std::runtime_error(text.starts_with(path) ? text : path + ": " + text);
  }
}

}  // namespace plimsoll::results
