#include "sim/report/bill_table.h"

#include <doctest/doctest.h>

#include <sstream>

#include "sim/report/text_table.h"
#include "tests/sim/report/sample_comparison.h"

using namespace plimsoll;
using namespace plimsoll::report;

namespace {

results::BillLine line(const char* label, billing::Block block, std::int64_t cents, const char* quantity) {
  results::BillLine out;
  out.label = label;
  out.block = block;
  out.unit = "Hours";
  out.rate = Rate{100'000'000'000};  // $0.10
  out.quantity = quantity;
  out.amount = Money{cents * 10'000'000};
  return out;
}

}  // namespace

TEST_CASE("the bill is told dearest first, by what the choice changes and what it does not") {
  results::ColumnResult column;
  CHECK(render_bill(column, {80, false}).empty());
  results::RunResult run;
  using billing::Block;
  run.lines = {line("small", Block::choice, 25, "2.5"), line("shared", Block::same, 100, "10.0"),
               line("nothing", Block::choice, 0, "0.0"), line("large", Block::choice, 240, "24.000000001"),
               line("tiny", Block::choice, 1, "0.001")};
  run.choice = Money{2'660'000'000};
  run.same = Money{1'000'000'000};
  run.total = Money{3'660'000'000};
  column.replications = {run};
  std::istringstream in(render_bill(column, {80, false}));
  std::vector<std::string> words;
  for (std::string row; std::getline(in, row);) {
    std::istringstream cells(row);
    std::string first, last;
    cells >> first;
    while (cells >> last) {
    }
    words.push_back(first + " " + last);
  }
  // 2.40 + 0.25 + 0.01 = 2.66; with 1.00 that is the same everywhere 3.66
  CHECK(words == std::vector<std::string>{"bill $", "large 2.40", "small 0.25", "tiny 0.01", "what 2.66", "shared 1.00",
                                          "the 1.00", "in 3.66"});
  CHECK(render_bill(column, {80, false}).find("<0.01") != std::string::npos);
  CHECK(render_bill(column, {80, false}).find("nothing") == std::string::npos);
}

TEST_CASE("the bill of a real column fits 80 columns") {
  for (const results::ColumnResult& column : sample::comparison().columns) {
    std::istringstream in(render_bill(column, {80, false}));
    for (std::string row; std::getline(in, row);) CHECK(display_width(row) <= 80);
  }
}
