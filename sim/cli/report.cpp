#include <cstdio>
#include <filesystem>

#include "sim/cli/terminal.h"
#include "sim/cli/verbs.h"
#include "sim/report/page_data.h"
#include "sim/report/table.h"
#include "sim/results/directory.h"
#include "sim/results/perfetto.h"

namespace plimsoll::cli {

int run_report(const ReportArguments& a) {
  results::Comparison comparison;
  try {
    comparison = results::read_run_directory(a.directory);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "error: %s\n", e.what());
    return kBadInput;
  }
  const std::string text = a.format == "html" ? report::report_html(comparison)
                           : a.format == "perfetto"
                               ? results::perfetto_json(comparison)
                               : report::render(comparison, *report::parse_format(a.format), terminal_style());
  if (a.out.empty()) {
    std::fputs(text.c_str(), stdout);
    return kDone;
  }
  try {
    results::write_file(a.out, text);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "error: %s\n", e.what());
    return kBadInput;
  }
  return kDone;
}

}  // namespace plimsoll::cli
