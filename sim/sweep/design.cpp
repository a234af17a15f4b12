#include "sim/sweep/design.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "sim/core/text.h"
#include "sim/document/emit.h"
#include "sim/document/fields.h"
#include "sim/document/files.h"
#include "sim/document/loader.h"
#include "sim/scenario/document_kind.h"
#include "sim/sweep/metrics.h"

namespace plimsoll::sweep {

namespace {

using document::Fields;
using document::Node;

/// One line: the text of a scalar, compact JSON of the rest.
std::string one_line(const Node& node) {
  if (node.is_scalar()) return node.is_null() ? "null" : node.text();
  std::string out;
  bool quoted = false;
  for (const char c : document::to_json(node)) {
    if (c == '"' && (out.empty() || out.back() != '\\')) quoted = !quoted;
    if (c == '\n' ||
        (c == ' ' && !quoted &&
         (out.empty() || out.back() == ' ' || out.back() == '[' || out.back() == '{' || out.back() == ',')))
      continue;
    out += c;
  }
  return out;
}

void read_axes(Fields& f, Design& design) {
  for (const document::Item& item : f.required_map("vary", "paths of the scenario and their values")) {
    Axis axis;
    axis.path = item.name;
    if (!item.node.is_sequence() || item.node.size() == 0) {
      f.reader().diagnostics->error(item.node, "must be a list of values", "write " + item.name + ": [a, b]",
                                    item.path);
      continue;
    }
    for (const Node& value : item.node.items()) {
      const bool again = std::any_of(axis.values.begin(), axis.values.end(),
                                     [&](const Node& before) { return same_value(before, value); });
      if (again) {
        f.reader().diagnostics->error(value,
                                      "the value " + one_line(value) + " stands twice: its points would run twice",
                                      "remove it, or ask for more replications", item.path);
        continue;
      }
      axis.values.push_back(value);
      axis.texts.push_back(one_line(value));
    }
    design.axes.push_back(std::move(axis));
  }
  std::size_t points = 1;
  for (const Axis& axis : design.axes) {
    points *= axis.values.size();
    if (points > kMostPoints) {
      f.error("vary", "the grid has more than " + std::to_string(kMostPoints) + " points");
      return;
    }
  }
}

void read_report(Fields& f, Design& design) {
  Fields report = f.child("report", "what to tell");
  std::vector<std::string_view> names;
  for (const Metric& m : metrics()) names.push_back(m.name);
  for (const std::string& name : report.texts("y", "metrics of the table")) {
    if (find_metric(name) != nullptr) {
      design.metrics.push_back(name);
      continue;
    }
    const std::string near = nearest(name, names);
    std::string hint = "did you mean '" + near + "'?";
    if (near.empty()) {
      hint = "known:";
      for (std::size_t i = 0; i < names.size(); ++i) hint += (i > 0 ? ", " : " ") + std::string(names[i]);
    }
    report.error("y", "unknown metric '" + name + "'", hint);
  }
  if (design.metrics.empty()) design.metrics = {"cost.choice", "requests.lost"};
  design.winner = report.choice<Winner>(
      "winner", {{"cheapest-keeping-expect", Winner::cheapest_keeping_expect}, {"cheapest", Winner::cheapest}},
      Winner::cheapest_keeping_expect, "a broken promise is not cheap", "which platform wins a point, by cost.choice");
  if (const auto flips = report.optional_text("flips", "the axis along which changes of the winner are told")) {
    std::vector<std::string_view> paths;
    for (std::size_t i = 0; i < design.axes.size(); ++i) {
      paths.push_back(design.axes[i].path);
      if (design.axes[i].path == *flips) design.flips = i;
    }
    const std::string near = nearest(*flips, paths);
    if (!design.flips)
      report.error("flips", "'" + *flips + "' does not vary",
                   near.empty() ? "name a path of vary" : "did you mean '" + near + "'?");
  }
}

}  // namespace

std::size_t Design::size() const {
  std::size_t points = 1;
  for (const Axis& axis : axes) points *= axis.values.size();
  return points;
}

std::vector<std::size_t> Design::coordinates(std::size_t point) const {
  std::vector<std::size_t> out(axes.size());
  for (std::size_t i = axes.size(); i-- > 0;) {
    out[i] = point % axes[i].values.size();
    point /= axes[i].values.size();
  }
  return out;
}

std::vector<std::pair<std::string, Node>> Design::overrides(std::size_t point) const {
  std::vector<std::pair<std::string, Node>> out;
  if (replications) out.emplace_back("replications", *replications);
  const std::vector<std::size_t> at = coordinates(point);
  for (std::size_t i = 0; i < axes.size(); ++i) out.emplace_back(axes[i].path, axes[i].values[at[i]]);
  return out;
}

std::optional<Design> read_design(const std::string& path, document::Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  const Node root = document::load_single(path, diagnostics);
  if (!root.is_mapping()) {
    if (diagnostics.error_count() == errors) diagnostics.error(root, "a sweep must be a mapping");
    return std::nullopt;
  }
  if (scenario::is_of_another_kind(root, scenario::DocumentKind::sweep, path, diagnostics)) return std::nullopt;
  Design design;
  design.name = std::filesystem::path(path).stem().string();
  {
    Fields f(root, diagnostics);
    constexpr std::array<std::string_view, 1> kVersions = {"plimsoll/v1"};
    f.required_one_of("apiVersion", kVersions, "of this format");
    f.optional_text("description", "for readers");
    f.required_text("base", "the scenario that is varied");
    if (const Node* base = root.find("base"); base != nullptr && base->is_scalar() && !base->is_null()) {
      const std::vector<std::string> found = document::find_files(*base, diagnostics, "base");
      if (found.size() == 1) design.base = found[0];
      if (found.size() > 1) f.error("base", "one scenario, " + std::to_string(found.size()) + " match");
    }
    constexpr std::array<std::string_view, 1> kDesigns = {"grid"};
    f.one_of("design", kDesigns, 0, "every combination", "how points are chosen");
    if (f.optional_integer("replications", "worlds at every point; the same ones", {1, 100'000})) {
      design.replications = *root.find("replications");
    }
    read_axes(f, design);
    read_report(f, design);
  }
  if (diagnostics.error_count() != errors) return std::nullopt;
  return design;
}

}  // namespace plimsoll::sweep
