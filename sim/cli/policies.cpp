#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "sim/cli/terminal.h"
#include "sim/cli/verbs.h"
#include "sim/report/text_table.h"

namespace plimsoll::cli {

namespace {

/// Breaks at blanks where a line would be longer than `width`; the alignment inside the first line is kept.
std::string hanging(std::string line, std::size_t width, std::size_t indent) {
  std::string out;
  while (report::display_width(line) > width) {
    const std::size_t cut = line.rfind(' ', width);
    if (cut == line.npos || line.find_first_not_of(' ') > cut || cut <= (out.empty() ? 0 : indent)) break;
    out += line.substr(0, cut) + '\n';
    line = std::string(indent, ' ') + line.substr(cut + 1);
  }
  return out + line;
}

}  // namespace

int run_policies(const Registry& registry, const std::string& format) {
  if (format == "json") {
    nlohmann::ordered_json out;
    out["format_version"] = "1.0";
    for (const auto& p : registry.policies()) {
      nlohmann::ordered_json row{
          {"interface", p.interface_name}, {"name", p.name}, {"summary", p.summary}, {"source", p.source}};
      row["parameters"] = nlohmann::ordered_json::array();
      for (const auto& q : p.parameters) {
        row["parameters"].push_back({{"name", q.name},
                                     {"unit", q.unit},
                                     {"range", q.range},
                                     {"default", q.default_value},
                                     {"source", q.source}});
      }
      out["policies"].push_back(std::move(row));
    }
    fmt::print("{}\n", out.dump(2));
    return kDone;
  }
  // On a terminal long texts go on under their column; in a pipe a line stays a line, for grep.
  const bool terminal = isatty(STDOUT_FILENO) != 0;
  const auto width = static_cast<std::size_t>(terminal_style().width);
  const auto print = [&](const std::string& line, std::size_t indent) {
    const std::size_t blanks = line.find_first_not_of(' ');
    const bool fits = !terminal || report::display_width(line) <= width || width < indent + 20;
    if (fits) return fmt::print("{}\n", line);
    const std::string margin(blanks, ' ');
    std::string text = margin;
    for (const char c : hanging(line.substr(blanks), width - blanks, indent - blanks))
      text += c == '\n' ? "\n" + margin : std::string(1, c);
    fmt::print("{}\n", text);
  };
  std::string heading;
  for (const auto& p : registry.policies()) {
    if (p.interface_name != heading) {
      heading = p.interface_name;
      fmt::print("{}\n", heading);
    }
    print(fmt::format("  {:<26} {}", p.name, p.summary), 29);
    print(fmt::format("  {:<26} source: {}", "", p.source), 29);
    for (const auto& q : p.parameters) {
      print(fmt::format("    {:<38} {:<9} default {:<12} {}", q.name, q.unit, q.default_value, q.range), 53);
    }
  }
  return kDone;
}

}  // namespace plimsoll::cli
