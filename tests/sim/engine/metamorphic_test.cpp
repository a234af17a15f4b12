// What must follow from a change of the input, whatever the figures are.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "tests/sim/engine/columns.h"
#include "tests/source_dir.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

/// Twice a decimal, exactly.
std::string doubled(const std::string& text) {
  const std::size_t point = text.find('.');
  const std::size_t digits = point == std::string::npos ? 0 : text.size() - point - 1;
  std::string whole = text;
  if (point != std::string::npos) whole.erase(point, 1);
  std::string out = std::to_string(2 * std::stoll(whole));
  if (digits > 0) {
    if (out.size() <= digits) out.insert(0, digits + 1 - out.size(), '0');
    out.insert(out.size() - digits, ".");
  }
  return out;
}

/// The built-in tables with one column of every row doubled.
void double_prices(const std::string& to, const std::string& name, std::size_t column) {
  std::ifstream in(std::string(PLIMSOLL_SOURCE_DIR) + "/models/aws/data/" + name);
  std::ofstream out(to + "/" + name);
  std::string line;
  bool head = true;
  while (std::getline(in, line)) {
    if (!head) {
      std::size_t from = 0;
      for (std::size_t k = 0; k < column; ++k) from = line.find(',', from) + 1;
      const std::size_t length = line.find(',', from) - from;
      line.replace(from, length, doubled(line.substr(from, length)));
    }
    head = false;
    out << line << '\n';
  }
}

TEST_CASE("prices doubled double every line and nothing else") {
  const Folder folder;
  const std::string data = std::string(PLIMSOLL_SOURCE_DIR) + "/models/aws/data/";
  for (const char* name : {"ec2_instance_types.csv", "ec2_spot_advisor_linux.csv", "billing_rules.json"}) {
    std::filesystem::copy_file(data + name, folder.path() + "/" + name);
  }
  double_prices(folder.path(), "ec2_on_demand_linux.csv", 2);
  double_prices(folder.path(), "service_prices.csv", 3);
  const std::vector<std::string> sets = {"load.for=2h", "load.warmup=30m"};
  const scenario::Scenario plain = read_file(retail_store(), sets);
  const scenario::Scenario twice = read_file(retail_store(), sets, {}, folder.path());
  for (std::size_t c = 0; c < plain.columns.size(); ++c) {
    CAPTURE(plain.columns[c].name);
    const results::RunResult a = run_one(plain, c, 0, {}), b = run_one(twice, c, 0, {});
    REQUIRE(a.lines.size() == b.lines.size());
    CHECK(a.total > Money{});
    for (std::size_t i = 0; i < a.lines.size(); ++i) {
      CAPTURE(a.lines[i].item);
      CHECK(a.lines[i].item == b.lines[i].item);
      CHECK(a.lines[i].quantity == b.lines[i].quantity);
      CHECK(b.lines[i].rate.raw() == 2 * a.lines[i].rate.raw());
      // Each amount is rounded once, so twice the smaller is off by a nano-dollar at most.
      CHECK(std::abs(b.lines[i].amount.raw() - 2 * a.lines[i].amount.raw()) <= 1);
    }
    CHECK(a.served == b.served);
    CHECK(a.pending_p99_us == b.pending_p99_us);
  }
}

TEST_CASE("nodes that take twice as long to come keep pods pending for longer") {
  const auto run = [](const std::string& column, const char* pending, const char* join) {
    const std::string delays = "platforms." + column + (column == "nodes" ? ".delays." : ".capacity.asg.");
    const scenario::Scenario s =
        read_text(kTwoApps, {delays + "pending=" + pending, delays + "join=" + join}, {column});
    return run_one(s, 0, 0, {.keep_events = true});
  };
  // Waits of all pods together: one that waits for something else can be the longest in both.
  const auto waited = [](const results::RunResult& r) {
    std::map<std::string, std::int64_t> created;
    std::int64_t sum = 0;
    for (const results::EventRow& e : r.events) {
      if (e.fact == "pod_created") created[std::string(e.pod)] = e.at_us;
      if (e.fact == "pod_started" && created.count(std::string(e.pod)) > 0)
        sum += e.at_us - created[std::string(e.pod)];
    }
    return sum;
  };
  for (const char* column : {"nodes", "instances"}) {
    CAPTURE(column);
    const results::RunResult quick = run(column, "15s", "45s"), slow = run(column, "30s", "90s");
    CHECK(quick.nodes_launched > 0);
    CHECK(slow.pending_p99_us >= quick.pending_p99_us);
    CHECK(waited(slow) > waited(quick));
  }
}

TEST_CASE("a slower boot of microVMs delays every task by as much") {
  const auto run = [](const char* provision) {
    return run_one(
        read_text(kTwoApps, {std::string("platforms.tasks.delays.fargateProvision=") + provision}, {"tasks"}), 0, 0,
        {});
  };
  const results::RunResult quick = run("20s"), slow = run("40s");
  CHECK(quick.pending_count > 0);
  // About as much: later tasks change what is asked for next, and so which tasks there are.
  CHECK(slow.pending_p50_us - quick.pending_p50_us > 18'000'000);
  CHECK(slow.pending_p50_us - quick.pending_p50_us < 26'000'000);
}

TEST_CASE("no traffic leaves the minimum of replicas and of nodes") {
  std::string text = kTwoApps;
  const std::size_t from = text.find("load:"), to = text.find('\n', from);
  text.replace(from, to - from, "load: {constant: 0/s, for: 2h, warmup: 30m, to: web}");
  const scenario::Scenario s = read_text(text);
  for (std::size_t c = 0; c < s.columns.size(); ++c) {
    CAPTURE(s.columns[c].name);
    Run run = build(s, c, 0, {});
    run.world.run();
    const results::RunResult r = summarise(run, s, c, 0);
    CHECK(r.arrived == 0);
    CHECK(r.served == 0);
    CHECK(r.lost == 0);
    CHECK(r.unfinished == 0);
    CHECK(r.total > Money{});
    for (const Workload& w : run.world.workloads()) {
      if (w.system) continue;
      CHECK(w.desired == 2);
      CHECK(w.serving == 2);
      CHECK(w.pods.size() == 2);
    }
    for (const NodeGroup& g : run.world.groups()) CHECK(g.desired == g.minimum);
    // Whatever is billed by traffic costs nothing.
    for (const auto& line : r.lines) CHECK(line.unit != "Requests");
  }
}

TEST_CASE("twice the span of a constant load costs about twice") {
  std::string text = kTwoApps;
  const std::size_t from = text.find("load:"), to = text.find('\n', from);
  text.replace(from, to - from, "load: {constant: 300/s, for: 2h, warmup: 1h, to: web}");
  const scenario::Scenario one = read_text(text), two = read_text(text, {"load.for=4h"});
  for (std::size_t c = 0; c < one.columns.size(); ++c) {
    CAPTURE(one.columns[c].name);
    const results::RunResult a = run_one(one, c, 0, {}), b = run_one(two, c, 0, {});
    CHECK(static_cast<double>(b.total.raw()) == doctest::Approx(2 * static_cast<double>(a.total.raw())).epsilon(0.1));
    CHECK(static_cast<double>(b.served) == doctest::Approx(2 * static_cast<double>(a.served)).epsilon(0.02));
  }
}

TEST_CASE("hourly rows sum to their line and lines to the bill, also when the span ends inside an hour") {
  for (const char* span : {"load.for=2h", "load.for=90m", "load.for=20m"}) {
    CAPTURE(span);
    const scenario::Scenario s = read_text(kTwoApps, {span});
    for (std::size_t c = 0; c < s.columns.size(); ++c) {
      const results::RunResult r = run_one(s, c, 0, {});
      Money total, choice;
      for (const auto& line : r.lines) {
        CAPTURE(line.item);
        Money rows;
        for (const Money m : line.hourly) rows += m;
        CHECK(rows == line.amount);
        total += line.amount;
        if (line.block == billing::Block::choice) choice += line.amount;
      }
      CHECK(total == r.total);
      CHECK(choice == r.choice);
      CHECK(r.choice + r.same == r.total);
    }
  }
}

TEST_CASE("more expensive requests need more replicas") {
  for (const char* column : {"tasks", "instances", "nodes", "pods"}) {
    const auto mean = [&](const char* work) {
      const results::RunResult r =
          run_one(read_text(kTwoApps, {std::string("apps.web.work=") + work}, {column}), 0, 0, {});
      const auto web =
          std::find_if(r.workloads.begin(), r.workloads.end(), [](const auto& w) { return w.name == "web"; });
      return web->replicas_mean;
    };
    CHECK(mean("8ms") > mean("4ms") * 1.3);
  }
}

}  // namespace
}  // namespace plimsoll::engine
