#include "models/workload/trace_reader.h"

#include <doctest/doctest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/source_dir.h"

using namespace plimsoll;
using namespace plimsoll::workload;

namespace {

std::string first_fault(std::string_view text, const TraceOptions& options = {}) {
  const TraceResult result = parse_trace(text, options);
  REQUIRE(!result.ok());
  CHECK(result.series.empty());
  return to_string("f.csv", result.faults.front());
}

}  // namespace

TEST_CASE("the shipped World Cup trace reads whole, and day 47 is the one that the main scenario uses") {
  const TraceResult result = read_trace(std::string(PLIMSOLL_SOURCE_DIR) + "/scenarios/traces/web_wc98_1min.csv.gz");
  REQUIRE(result.ok());
  const load::RateSeries& series = result.series;
  CHECK(series.size() == 84'960);  // 59 days of minutes
  CHECK(series.step() == minutes(1));
  CHECK(series.rates()[0] == 14'016'700);
  CHECK(series.rates()[3] == 12'516'700);
  const load::RateSeries day = series.slice(kTimeZero + hours(47 * 24), hours(24));
  CHECK(day.size() == 1'440);
  CHECK(day.start() == kTimeZero);
  CHECK(day.mean() == doctest::Approx(438).epsilon(0.002));
  CHECK(day.peak() == doctest::Approx(1383).epsilon(0.002));
}

TEST_CASE("times may be seconds, Unix times of four units or ISO 8601, and become relative") {
  const auto rates = [](std::string_view text) {
    const TraceResult result = parse_trace(text);
    REQUIRE_MESSAGE(result.ok(), (result.ok() ? "" : result.faults.front().message));
    CHECK(result.series.start() == kTimeZero);
    CHECK(result.series.step() == minutes(5));
    return std::vector<std::int64_t>(result.series.rates().begin(), result.series.rates().end());
  };
  const std::vector<std::int64_t> expected = {1'500'000, 2'000'000};
  CHECK(rates("t_s,rate_rps\n0,1.5\n300,2\n") == expected);
  CHECK(rates("t_s,rate_rps\r\n100.5,1.5\r\n400.5,2\r\n") == expected);
  CHECK(rates("# exported\ntimestamp;value\n1714564800;1.5\n1714565100;2\n") == expected);
  CHECK(rates("Time,Value\n1714564800000,1.5\n1714565100000,2\n") == expected);
  CHECK(rates("Time,Value\n1714564800000000,1.5\n1714565100000000,2\n") == expected);
  CHECK(rates("Time\tValue\n2024-05-01T12:00:00Z\t1.5\n2024-05-01T12:05:00Z\t2\n") == expected);
  CHECK(rates("\"Time\",\"Value\"\n\"2024-05-01 23:58:00\",\"1.5\"\n\"2024-05-02 00:03:00\",\"2\"\n") == expected);
  CHECK(rates("Time,sum\n2024/02/28 23:57:00.500,1.5\n2024/02/29 00:02:00.500,2\n") == expected);
  CHECK(rates("Time,sum\n2024-05-01T12:00:00+02:00,1.5\n2024-05-01T10:05:00+0000,2\n") == expected);
}

TEST_CASE("columns can be named and counts per period become rates") {
  TraceOptions options;
  options.time_column = "when";
  options.value_column = "requests";
  options.value_is_count = true;
  const TraceResult result = parse_trace("label,when,requests,other\na,0,600,1\na,60,90,2\na,120,1,3\n", options);
  REQUIRE(result.ok());
  CHECK(result.series.rates()[0] == 10'000'000);
  CHECK(result.series.rates()[1] == 1'500'000);
  CHECK(result.series.rates()[2] == 16'667);  // 1/60 = 0.016666..., nearest millionth
}

TEST_CASE("every fault names its row") {
  CHECK(first_fault("t_s,rate_rps\n0,1\n60,2\n180,3\n") ==
        "f.csv:4: error: 120 s after row 3, where the step is 60 s (a gap)");
  CHECK(first_fault("t_s,rate_rps\n0,1\n60,-2\n120,3\n") == "f.csv:3: error: negative rate -2");
  CHECK(first_fault("t_s,rate_rps\n0,1\n60,2\n30,3\n") == "f.csv:4: error: time 30 is not after that of row 3");
  CHECK(first_fault("t_s,rate_rps\n0,1\n60,2\n60,3\n") == "f.csv:4: error: time 60 is not after that of row 3");
  CHECK(first_fault("t_s,rate_rps\n0,1\n60,\n120,3\n") == "f.csv:3: error: no value");
  CHECK(first_fault("t_s,rate_rps\n0,1\n60,many\n") == "f.csv:3: error: 'many' is not a number");
  CHECK(first_fault("t_s,rate_rps\n0,1\n60,nan\n") == "f.csv:3: error: 'nan' is not a number");
  CHECK(first_fault("t_s,rate_rps\n0,1\nnoon,2\n") == "f.csv:3: error: 'noon' is not a time");
  CHECK(first_fault("t_s,rate_rps\n0,1\n60,2,3\n") == "f.csv:3: error: 3 columns where the header has 2");
  CHECK(first_fault("Time,v\n2024-02-30T00:00:00Z,1\n") == "f.csv:2: error: '2024-02-30T00:00:00Z' is not a time");
  CHECK(first_fault("") == "f.csv: error: the file is empty");
  CHECK(first_fault("t_s,rate_rps\n0,1\n60,1e15\n") == "f.csv:3: error: the rate 1e15 is above 9e12");
  CHECK(first_fault("0,1\n60,2\n120,3\n") ==
        "f.csv:1: error: the first line holds numbers: a trace begins with a header such as t_s,rate_rps");
  CHECK(first_fault("t_s,rate_rps\n0,1\n") == "f.csv: error: a trace needs at least two rows");
  CHECK(first_fault("t_s,a,b\n0,1,2\n60,1,2\n") ==
        "f.csv:1: error: which column holds the rate? Name it; there are: t_s, a, b");
  TraceOptions options;
  options.value_column = "rps";
  CHECK(first_fault("t_s,a,b\n0,1,2\n", options) == "f.csv:1: error: no column 'rps'; there are: t_s, a, b");
}

TEST_CASE("a row with a bad rate keeps its time: no gap is told after it") {
  for (const char* bad : {"-5", "nan", "many", "", "1e15"}) {
    CAPTURE(bad);
    CHECK(parse_trace("t_s,rate_rps\n0,1\n60," + std::string(bad) + "\n120,3\n").faults.size() == 1);
  }
}

TEST_CASE("a row that is left out for its fault makes no second one") {
  for (const char* bad : {"60", "60,2,3", "noon,2", "0,2"}) {
    CAPTURE(bad);
    const std::string row = std::string(bad) + "\n";
    CHECK(parse_trace("t_s,rate_rps\n0,1\n" + row + "120,3\n180,3\n").faults.size() == 1);
    CHECK(parse_trace("t_s,rate_rps\n-60,1\n0,1\n" + row + "120,3\n180,3\n").faults.size() == 1);
    // A real gap behind it is told all the same.
    const auto faults = parse_trace("t_s,rate_rps\n-60,1\n0,1\n" + row + "120,3\n300,3\n").faults;
    REQUIRE(faults.size() == 2);
    CHECK(faults[1].message == "180 s after row 5, where the step is 60 s (a gap)");
  }
}

TEST_CASE("all faults come at once, twenty at most, then their number") {
  std::string text = "t_s,rate_rps\n";
  for (int i = 0; i < 30; ++i) text += std::to_string(i * 60) + ",-1\n";
  const TraceResult result = parse_trace(text);
  REQUIRE(result.faults.size() == 21);
  CHECK(result.faults.back().message == "... and 10 more faults");
  CHECK(result.faults.back().row == 22);  // the first that is not listed: the list is sorted by row
}

TEST_CASE("a gap can be filled with the value before it") {
  TraceOptions options;
  options.fill_gaps = true;
  const TraceResult result = parse_trace("t_s,rate_rps\n0,1\n60,2\n240,3\n", options);
  REQUIRE(result.ok());
  CHECK(std::vector<std::int64_t>(result.series.rates().begin(), result.series.rates().end()) ==
        std::vector<std::int64_t>{1'000'000, 2'000'000, 2'000'000, 2'000'000, 3'000'000});
}

TEST_CASE("missing and damaged files are told apart from empty ones") {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "plimsoll_trace_reader_test";
  std::filesystem::create_directories(folder);
  CHECK(read_trace((folder / "absent.csv").string()).faults.front().message == "the file cannot be opened");
  const std::string path = (folder / "cut.csv.gz").string();
  {
    std::string text = "t_s,rate_rps\n";
    for (int i = 0; i < 5'000; ++i) text += std::to_string(i * 60) + "," + std::to_string(i * 7919 % 1000) + "\n";
    const gzFile file = gzopen(path.c_str(), "wb");
    gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    gzclose(file);
  }
  CHECK(read_trace(path).series.size() == 5'000);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  CHECK(read_trace(path).faults.front().message == "the file cannot be read to its end (damaged or cut off)");
  std::filesystem::remove_all(folder);
}
