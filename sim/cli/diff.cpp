#include "sim/report/diff.h"

#include <cstdio>
#include <filesystem>

#include "sim/cli/terminal.h"
#include "sim/cli/verbs.h"
#include "sim/core/text.h"
#include "sim/results/directory.h"

namespace plimsoll::cli {

namespace {

/// The folder's own name; the path as given when that would call both alike.
std::string called(const std::string& path) {
  std::filesystem::path p = std::filesystem::path(path).lexically_normal();
  if (!p.has_filename()) p = p.parent_path();
  return p.filename().string();
}

/// Keeps the columns asked for; false and a message for a name that neither result has.
bool keep_platforms(const std::vector<std::string>& wanted, results::Comparison& a, results::Comparison& b) {
  if (wanted.empty()) return true;
  std::vector<std::string_view> known;
  for (const auto* c : {&a, &b}) {
    for (const auto& column : c->columns) known.push_back(column.name);
  }
  for (const std::string& name : wanted) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string near = nearest(name, known);
    std::fprintf(stderr, "error: no platform '%s'%s\n", name.c_str(),
                 near.empty() ? "" : (", did you mean '" + near + "'?").c_str());
    return false;
  }
  for (auto* c : {&a, &b}) {
    std::erase_if(c->columns, [&](const auto& column) {
      return std::find(wanted.begin(), wanted.end(), column.name) == wanted.end();
    });
  }
  return true;
}

}  // namespace

int run_diff(const DiffArguments& a) {
  double limit = -1;
  if (!a.fail_above.empty()) {
    Parsed<Ppm> parsed = parse_ratio(a.fail_above);
    // A bare 5 would be five times the bill.
    if (parsed && !a.fail_above.ends_with('%')) parsed.error = "'" + a.fail_above + "' has no unit";
    if (!parsed.error.empty() || !parsed) {
      std::fprintf(stderr, "error: --fail-above: %s\n  hint: write a percentage, such as 5%%\n", parsed.error.c_str());
      return kBadInput;
    }
    limit = static_cast<double>(parsed.value->raw()) / 10'000;
  }
  results::Comparison before, after;
  try {
    before = results::read_run_directory(a.before);
    after = results::read_run_directory(a.after);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "error: %s\n", e.what());
    return kBadInput;
  }
  if (!keep_platforms(a.platforms, before, after)) return kBadInput;
  const bool alike = called(a.before) == called(a.after);
  const report::Diff d =
      report::diff(before, alike ? a.before : called(a.before), after, alike ? a.after : called(a.after));
  std::fputs(report::render(d, *report::parse_format(a.format), terminal_style()).c_str(), stdout);
  if (limit >= 0 && d.largest_growth() > limit) {
    std::fprintf(stderr, "a bill grows by %.1f %%, which is above --fail-above %s\n", d.largest_growth(),
                 a.fail_above.c_str());
    return kPromiseBroken;
  }
  return kDone;
}

}  // namespace plimsoll::cli
