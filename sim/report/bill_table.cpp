#include "sim/report/bill_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "sim/report/text_table.h"

namespace plimsoll::report {

namespace {

using results::BillLine;

std::string cents(Money m) { return fmt::format("{:.2f}", static_cast<double>(m.raw()) * 1e-9); }

/// "24", "62.75": a quantity as a reader needs it; the exact one stands in costs.focus.csv.
std::string rounded(const std::string& quantity) {
  const std::size_t point = quantity.find('.');
  if (point == std::string::npos) return quantity;
  std::string out = quantity.substr(0, std::min(quantity.size(), point + 3));
  while (out.back() == '0') out.pop_back();
  if (out.back() == '.') out.pop_back();
  return out == "0" || out == "-0" ? "<0.01" : out;
}

}  // namespace

std::string render_bill(const results::ColumnResult& column, const TerminalStyle& style) {
  if (column.replications.empty()) return {};
  const results::RunResult& run = column.replications.front();
  std::vector<const BillLine*> lines;
  for (const BillLine& line : run.lines) {
    if (line.amount.raw() != 0) lines.push_back(&line);
  }
  const auto block = [](const BillLine* l) { return l->block == billing::Block::choice ? 0 : 1; };
  std::stable_sort(lines.begin(), lines.end(), [&](const BillLine* a, const BillLine* b) {
    return block(a) != block(b) ? block(a) < block(b) : a->amount > b->amount;
  });
  TextTable table;
  table.heads = {{"bill"}, {"quantity"}, {"unit"}, {"$ per unit"}, {"$"}};
  const auto sum = [&](const char* name, Money amount, Paint paint) {
    table.rows.push_back({{name, "", "", "", cents(amount)}, paint});
  };
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const BillLine& l = *lines[i];
    table.rows.push_back({{l.label, rounded(l.quantity), l.unit, to_string(l.rate), cents(l.amount)}, Paint::plain});
    const bool last = i + 1 == lines.size();
    if (block(lines[i]) == 0 && (last || block(lines[i + 1]) == 1))
      sum("what the choice changes", run.choice, Paint::dim);
    if (block(lines[i]) == 1 && last) sum("the same on every column", run.same, Paint::dim);
  }
  sum("in all", run.total, Paint::bold);
  std::string out = table.render(static_cast<std::size_t>(std::max(style.width, 60)), style.colour);
  if (column.replications.size() > 1) {
    out += painted(fmt::format("The exact bill of replication {}, of {}; the means stand above.", run.replication,
                               column.replications.size()),
                   Paint::dim, style.colour) +
           '\n';
  }
  return out;
}

}  // namespace plimsoll::report
