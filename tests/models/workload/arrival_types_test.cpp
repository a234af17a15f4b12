#include "models/workload/arrival_types.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "sim/document/loader.h"
#include "tests/source_dir.h"

namespace plimsoll::workload {
namespace {

using Window = ArrivalType::Window;

struct Parsed_ {
  std::shared_ptr<const ArrivalProcess> arrivals;
  std::string complaints;
  double at(Duration t) const { return arrivals->mean_rate(kTimeZero + t, kTimeZero + t + minutes(1)); }
};

Parsed_ parse(const std::string& text, const Window& window) {
  Registry registry;
  register_workload(registry);
  document::Diagnostics diagnostics;
  const document::Node root = document::load_text(text, "s.yaml", diagnostics).at(0);
  Parsed_ out;
  {
    document::Fields f(root, diagnostics, "load");
    f.allow_unknown();
    for (const auto& type : registry.arrivals()) {
      if (f.has(type->key())) out.arrivals = type->parse(f, window);
    }
  }
  out.complaints = diagnostics.text();
  return out;
}

TEST_CASE("rates carry a unit") {
  CHECK(*parse_request_rate("200/s").value == 200);
  CHECK(*parse_request_rate(" 12000 / min ").value == 200);
  CHECK(*parse_request_rate("7.2k/h").value == 2);
  CHECK(*parse_request_rate("0").value == 0);
  CHECK(parse_request_rate("200").error == "it has no unit");
  CHECK(parse_request_rate("-2/s").error == "it is negative");
  CHECK(parse_request_rate("2/day").error == "'day' is none of s, min, h");
  CHECK(parse_request_rate("fast").error == "it does not begin with a number");
  CHECK(parse_request_rate("11M/s").error == "it is above 10M");
}

TEST_CASE("five kinds are entered, each under the key that users write") {
  Registry registry;
  register_workload(registry);
  std::string keys;
  for (const auto& type : registry.arrivals()) keys += std::string(type->key()) + " ";
  CHECK(keys == "trace constant diurnal flashCrowd steps ");
}

TEST_CASE("a constant rate is scaled") {
  const Parsed_ p = parse("constant: 200/s", {.start = {}, .warmup = minutes(5), .span = hours(1), .scale = 1.5});
  CHECK(p.at({}) == 300);
  CHECK(p.at(minutes(64)) == 300);
}

TEST_CASE("steps count from the window's begin, and the first also holds during the warm-up") {
  const Window w{.start = {}, .warmup = minutes(10), .span = hours(1), .scale = 1};
  const Parsed_ p = parse("steps: {0s: 10/s, 30m: 40/s}", w);
  CHECK(p.complaints == "");
  CHECK(p.at({}) == 10);
  CHECK(p.at(minutes(39)) == 10);  // warm-up 10 min, then 29 min
  CHECK(p.at(minutes(40)) == 40);
  CHECK(parse("steps: {5m: 10/s}", w).complaints ==
        "s.yaml:1:9: error: the first step begins at 5m, not at 0s (at load.steps.5m)\n  hint: the first rate also "
        "holds during the warm-up\n");
  CHECK(parse("steps: {0s: 10/s, 2h: 3/s}", w).complaints ==
        "s.yaml:1:19: error: step 2h is not within the window of 1h (at load.steps.2h)\n  hint: make `for` longer, or "
        "remove it\n");
  CHECK(parse("steps: {0s: 10/s, 20m: 3/s, 10m: 4/s}", w).complaints ==
        "s.yaml:1:29: error: step 10m is not after the one before (at load.steps.10m)\n  hint: write the steps in "
        "order of time\n");
}

TEST_CASE("a day has its peak and its trough where they are asked for, also when the window begins elsewhere") {
  const Window midnight{.start = {}, .warmup = hours(2), .span = hours(24), .scale = 1};
  const Parsed_ p = parse("diurnal: {peak: 400/s, trough: 100/s, peakAt: 15h}", midnight);
  CHECK(p.complaints == "");
  // Simulated zero is 22:00 of the day before; 15:00 is 17 h later.
  CHECK(p.at(hours(17)) == doctest::Approx(400).epsilon(1e-4));
  CHECK(p.at(hours(5)) == doctest::Approx(100).epsilon(1e-4));
  const Parsed_ noon = parse("diurnal: {peak: 400/s, trough: 100/s, peakAt: 15h}",
                             {.start = hours(12), .warmup = {}, .span = hours(6), .scale = 1});
  CHECK(noon.at(hours(3)) == doctest::Approx(400).epsilon(1e-4));
  // Days six and seven have half the traffic.
  const Parsed_ weekend = parse("diurnal: {peak: 400/s, weekend: 50%}",
                                {.start = hours(24 * 5), .warmup = {}, .span = hours(24), .scale = 1});
  CHECK(weekend.at(hours(15)) == doctest::Approx(200).epsilon(1e-4));
  CHECK(parse("diurnal: {trough: 100/s}", midnight).complaints ==
        "s.yaml:1:10: error: 'peak' is missing (at load.diurnal)\n  hint: add 'peak: 200/s'\n");
  CHECK(parse("diurnal: {peak: 50/s, trough: 100/s}", midnight).complaints ==
        "s.yaml:1:31: error: the trough is above the peak (at load.diurnal.trough)\n");
}

TEST_CASE("a crowd comes at its time of the window") {
  const Parsed_ p = parse("flashCrowd: {base: 50/s, at: 1h, ramp: 10m, factor: 8, hold: 20m}",
                          {.start = {}, .warmup = minutes(30), .span = hours(4), .scale = 1});
  CHECK(p.complaints == "");
  CHECK(p.at(minutes(89)) == doctest::Approx(50));    // 30 min of warm-up and 59 of the window
  CHECK(p.at(minutes(105)) == doctest::Approx(400));  // on the plateau
}

TEST_CASE("a trace is cut so that simulated zero is the start less the warm-up") {
  const std::string trace = std::string(PLIMSOLL_SOURCE_DIR) + "/scenarios/traces/web_wc98_1min.csv.gz";
  const Window w{.start = hours(24 * 47), .warmup = hours(2), .span = hours(24), .scale = 1};
  const Parsed_ p = parse("trace: " + trace, w);
  CHECK(p.complaints == "");
  REQUIRE(p.arrivals != nullptr);
  CHECK(p.arrivals->mean_rate(kTimeZero + hours(2), kTimeZero + hours(26)) ==
        doctest::Approx(438.185452).epsilon(1e-6));
  const Parsed_ named = parse("trace: {file: " + trace + ", time: t_s, value: rate_rps}", w);
  CHECK(named.at(hours(9)) == p.at(hours(9)));
  CHECK(parse("trace: {file: " + trace + ", valeu: rate_rps}", w).complaints.find("unknown key 'valeu'") !=
        std::string::npos);
  CHECK(parse("trace: {file: " + trace + ", value: rates}", w).complaints.find("rates") != std::string::npos);
}

TEST_CASE("a trace of CloudWatch: sums are asked about, gaps have a way out") {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "plimsoll_arrival_types_test";
  std::filesystem::create_directories(folder);
  const auto put = [&](const std::string& name, const std::string& text) {
    std::ofstream(folder / name) << text;
    return (folder / name).string();
  };
  const std::string sums = put("sums.csv", "timestamp,Sum\n0,600\n300,900\n600,300\n");
  const Window w{.start = {}, .warmup = {}, .span = minutes(15), .scale = 1};
  const Parsed_ plain = parse("trace: " + sums, w);
  CHECK(plain.complaints.find("warning: column 'Sum' is read as requests per second") != std::string::npos);
  CHECK(plain.at(minutes(2)) == doctest::Approx(600));
  const Parsed_ counts = parse("trace: {file: " + sums + ", counts: true}", w);
  CHECK(counts.complaints == "");
  CHECK(counts.at(minutes(2)) == doctest::Approx(2));  // 600 in 300 s
  CHECK(parse("trace: {file: " + sums + ", counts: false}", w).complaints == "");
  const std::string gaps = put("gaps.csv", "timestamp,rate\n0,6\n300,9\n900,3\n1200,4\n1800,1\n");
  const std::string told = parse("trace: " + gaps, w).complaints;
  const std::size_t hint = told.find("fillGaps: true} to let the last value hold");
  CHECK(hint != std::string::npos);
  CHECK(told.find("fillGaps", hint + 1) == std::string::npos);  // said once
  CHECK(parse("trace: {file: " + gaps + ", fillGaps: true}", w).complaints == "");
  std::filesystem::remove_all(folder);
}

TEST_CASE("a window of no length is legal") {
  for (const char* text : {"constant: 5/s", "steps: {0s: 5/s}", "diurnal: {peak: 5/s}", "flashCrowd: {base: 5/s}"}) {
    CAPTURE(text);
    const Parsed_ p = parse(text, {});
    CHECK(p.complaints == "");
    CHECK(p.arrivals != nullptr);
  }
}

}  // namespace
}  // namespace plimsoll::workload
