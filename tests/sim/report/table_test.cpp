#include "sim/report/table.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "sim/report/page_data.h"
#include "sim/report/text_table.h"
#include "sim/results/differing_sizes.h"
#include "tests/sim/report/sample_comparison.h"

using namespace plimsoll;
using namespace plimsoll::report;

namespace {

std::size_t widest(const std::string& text) {
  std::istringstream in(text);
  std::string line;
  std::size_t most = 0;
  while (std::getline(in, line)) most = std::max(most, display_width(line));
  return most;
}

}  // namespace

TEST_CASE("a name gives way in the middle") {
  CHECK(shortened("eks-cluster-autoscaler", 22) == "eks-cluster-autoscaler");
  CHECK(shortened("eks-cluster-autoscaler", 11) == "eks-c…caler");
  CHECK(display_width("±1.20 …") == 7);
}

TEST_CASE("words wrap inside the width") { CHECK(wrapped("one two three four", 9, 2) == "one two\n  three\n  four"); }

TEST_CASE("the table fits 80 columns and 160") {
  const results::Comparison c = sample::comparison();
  CHECK(widest(render_table(c, {80, false})) <= 80);
  CHECK(widest(render_table(c, {160, false})) <= 160);
  CHECK(render_table(c, {80, false}).find('\x1b') == std::string::npos);
  CHECK(render_table(c, {80, true}).find("\x1b[32m") != std::string::npos);
  // Both of them stacked at 80, one at 160.
  const auto count = [](const std::string& text) {
    std::size_t n = 0;
    for (std::size_t at = 0; (at = text.find("\nplatform", at)) != std::string::npos; ++at) ++n;
    return n;
  };
  CHECK(count(render_table(c, {80, false})) == 2);
  CHECK(count(render_table(c, {160, false})) == 1);
}

TEST_CASE("fees of Managed Instances and ECS Anywhere are told as what they are") {
  results::Comparison c = sample::comparison();
  results::BillLine line;
  line.category = "Compute";
  line.service = "Amazon Elastic Container Service";
  line.amount = Money{1'000'000'000};
  for (const char* item : {"fargate/vcpu", "ecs-managed-instances/m5.large", "ecs-anywhere/instances"}) {
    line.item = item;
    c.columns.front().replications.front().lines.push_back(line);
  }
  const std::string said = included_lines(c).front();
  for (const char* what : {"Fargate", "Managed Instances fees", "ECS Anywhere"}) {
    CAPTURE(said);
    CHECK(said.find(what) != std::string::npos);
  }
}

TEST_CASE("what happened here and there gets a table of its own before lines are too long") {
  results::Comparison c = sample::comparison();
  for (auto& column : c.columns) {
    for (auto& run : column.replications) {
      run.rollouts = 3;
      run.container_failures = 1;
      run.nodes_lost = 2;
      run.workloads[1].runs_to_completion = true;
      run.workloads[1].jobs_completed = 24;
    }
  }
  const std::string text = render_table(c, {80, false});
  CHECK(widest(text) <= 80);
  CHECK(text.find("\neks-cluster-autoscaler ") != std::string::npos);  // a whole name
  std::size_t tables = 0;
  for (std::size_t at = 0; (at = text.find("\nplatform", at)) != std::string::npos; ++at) ++tables;
  CHECK(tables == 3);
  CHECK(text.find("24/0") != std::string::npos);
}

TEST_CASE("a promise that was broken more than once names the replication that it quotes") {
  CHECK(BrokenPromise{"p", "lost 0.2 %", 2, 3, 10}.outcome() == "in 3 of 10 (replication 2: lost 0.2 %)");
  CHECK(BrokenPromise{"p", "lost 0.2 %", 0, 1, 1}.outcome() == "in 1 of 1 (lost 0.2 %)");
}

TEST_CASE("the table says what a reader needs to reproduce and to trust it") {
  const std::string text = render_table(sample::comparison(), {100, false});
  CHECK(text.ends_with("seed 42  hash 7c3f10a9d2e4b586  plimsoll 0.1.0\n"));
  for (const char* part :
       {"eks-karpenter is cheapest", "not ranked", "Included:", "Not included:", "Assumed", "ui.cpuPerRequest",
        "carts: maximum of 120", "ui latency p99 < 500ms", "in 10 of 10", "Prices of low confidence", "±"}) {
    CAPTURE(part);
    CHECK(text.find(part) != std::string::npos);
  }
}

TEST_CASE("formats are known by name") {
  CHECK(parse_format("md") == Format::markdown);
  CHECK(parse_format("json") == Format::json);
  CHECK_FALSE(parse_format("xml").has_value());
}

TEST_CASE("JSON has a format version, money as strings and the verdict") {
  const auto json = nlohmann::json::parse(render(sample::comparison(), Format::json));
  CHECK(json.at("format_version") == "1.0");
  CHECK(json.at("verdict").at("winner") == "eks-karpenter");
  CHECK(json.at("verdict").at("broken") == nlohmann::json{"eks-fargate"});
  const auto& figures = json.at("platforms").at("ecs-ec2").at("figures");
  CHECK(figures.at("usd_per_day").at("mean").is_string());
  CHECK(figures.at("to_cheapest").at("whole_bill").at("significant") == true);
  CHECK(json.at("platforms").at("ecs-ec2").at("cost").at("total_usd").is_string());
}

TEST_CASE("CSV has one row a column of equal length") {
  std::istringstream in(render(sample::comparison(), Format::csv));
  std::string line;
  std::vector<std::ptrdiff_t> commas;
  while (std::getline(in, line)) commas.push_back(std::count(line.begin(), line.end(), ','));
  CHECK(commas.size() == 6);
  for (const auto n : commas) CHECK(n == commas.front());
}

TEST_CASE("a single column is compared with nothing") {
  results::Comparison c = sample::comparison();
  c.columns.resize(1);
  for (const Format format : {Format::table, Format::markdown}) {
    const std::string text = render(c, format);
    CHECK(text.find("to cheapest") == std::string::npos);
    CHECK(text.find("lowest mean") == std::string::npos);
  }
  CHECK(render_table(sample::comparison(), {}).find("to cheapest") != std::string::npos);
}

TEST_CASE("sizes that differ stand above the results") {
  results::Comparison c = sample::comparison();
  c.sizes_matched = false;
  c.remarks = {std::string(results::kDifferingSizes), "ui: 1000m/2Gi, 250m/1536Mi", "something else"};
  const std::string text = render_table(c, {});
  const std::size_t row = text.find("1000m/2Gi  250m/1536Mi");
  REQUIRE(row != std::string::npos);
  CHECK(row < text.find("to cheapest"));
  CHECK(text.find("! ui: ") == std::string::npos);
  CHECK(text.find("! something else") != std::string::npos);
  CHECK(render_markdown(c).find("| ui | 1000m/2Gi | 250m/1536Mi |") < render_markdown(c).find("to cheapest"));
  const auto page = nlohmann::json::parse(page_json(c));
  CHECK(page.at("sizes").at(0) == nlohmann::json({"ui", "1000m/2Gi", "250m/1536Mi"}));
  CHECK(page.at("notes").size() == 1);
  CHECK(page.at("alerts").size() == 1);
}

TEST_CASE("Markdown has two tables of five rows") {
  const std::string text = render(sample::comparison(), Format::markdown);
  CHECK(std::count(text.begin(), text.end(), '\n') > 20);
  CHECK(text.find("| **eks-karpenter** |") != std::string::npos);
}

TEST_CASE("an interruption within the first replication does not speak of none") {
  results::Comparison c = sample::comparison(1);
  c.columns.back().replications.clear();
  c.interrupted = true;
  CHECK(render_table(c, {160, false}).find("warm-up, no whole replication, us-east-1") != std::string::npos);
  for (auto& column : c.columns) column.replications.clear();
  CHECK(render_table(c, {160, false}).find("warm-up, 0 replications, us-east-1") != std::string::npos);
}

TEST_CASE("an interrupted comparison of nothing still prints") {
  results::Comparison c = sample::comparison(1);
  c.interrupted = true;
  for (auto& column : c.columns) column.replications.clear();
  CHECK(render_table(c, {}).find("Nothing has finished yet") != std::string::npos);
  CHECK(nlohmann::json::parse(page_json(c)).at("platforms").size() == 5);
  CHECK(nlohmann::json::parse(render_json(c)).at("platforms").size() == 5);
  CHECK_FALSE(render_csv(c).empty());
}

TEST_CASE("the page's lines of a platform sum to its dollars a day") {
  const results::Comparison c = sample::comparison();
  const auto json = nlohmann::json::parse(page_json(c));
  for (const auto& platform : json.at("platforms")) {
    double sum = 0;
    for (const auto& line : platform.at("lines")) sum += line.at("usd_per_day").get<double>();
    CHECK(sum == doctest::Approx(platform.at("metrics").at("usd_per_day").at("mean").get<double>()));
  }
  CHECK(json.at("series").at("length") == 1441);
  CHECK(json.at("series").at("columns").size() > 40);
}

TEST_CASE("a week is thinned to what a chart can show") {
  results::Comparison c = sample::comparison(1);
  for (auto& column : c.columns) {
    for (auto& s : column.replications[0].series) s.values.resize(10'081, 1);
  }
  const auto json = nlohmann::json::parse(page_json(c));
  CHECK(json.at("series").at("step_s") == 240);
  CHECK(json.at("series").at("length") == 2'521);
}

TEST_CASE("the report is one file that fetches nothing") {
  const std::string html = report_html(sample::comparison());
  for (const char* outside : {"src=\"http", "href=\"http", "@import", "url(http"})
    CHECK(html.find(outside) == std::string::npos);
  CHECK(html.find("@DATA@") == std::string::npos);
  CHECK(html.ends_with("</html>\n"));
  // For looking at it: PLIMSOLL_SAMPLE_REPORT=page.html tests_sim_report
  if (const char* path = std::getenv("PLIMSOLL_SAMPLE_REPORT")) std::ofstream(path) << html;
}
