#include "sim/sweep/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

#include "sim/core/hash.h"
#include "sim/core/text.h"
#include "sim/document/loader.h"
#include "sim/engine/engine.h"
#include "sim/results/directory.h"
#include "sim/sweep/store.h"
#include "sim/sweep/summary.h"

namespace plimsoll::sweep {

namespace {

using scenario::Scenario;

std::optional<Scenario> read(const Design& design, const Registry& registry, const Options& options,
                             std::vector<std::pair<std::string, document::Node>> overrides,
                             document::Diagnostics& diagnostics) {
  scenario::ReadOptions read_options;
  read_options.sets = options.sets;
  read_options.platforms = options.platforms;
  read_options.overrides = std::move(overrides);
  read_options.catalogue_dir = options.catalogue_dir;
  return scenario::read_scenario(design.base, registry, read_options, diagnostics);
}

/// A path that leads to an app, platform or job that the base has not would make a new one, of which all else is
/// missing: an error with the nearest path.
bool names_nothing(const Axis& axis, const document::Node& base, document::Diagnostics& diagnostics) {
  for (const std::string_view list : {"apps", "platforms", "jobs"}) {
    if (!axis.path.starts_with(std::string(list) + ".")) continue;
    const std::string_view rest = std::string_view(axis.path).substr(list.size() + 1);
    const std::string_view name = rest.substr(0, rest.find('.'));
    const document::Node* have = base.find(list);
    if (have == nullptr || name.empty() || name.find_first_of("*\"'[") != std::string_view::npos) return false;
    // Names with dots may stand without quotes.
    for (const document::Entry& e : have->entries()) {
      if (rest == e.key || rest.starts_with(e.key + ".")) return false;
    }
    std::vector<std::string_view> names;
    for (const document::Entry& e : have->entries()) names.push_back(e.key);
    std::string near = nearest(name, names);
    if (near.empty() && names.size() == 1) near = names.front();
    std::string hint = "did you mean '" + std::string(list) + "." + near + std::string(rest.substr(name.size())) + "'?";
    if (near.empty()) {
      hint = std::string(list) + " of the base:";
      for (std::size_t i = 0; i < names.size(); ++i) hint += (i > 0 ? ", " : " ") + std::string(names[i]);
    }
    const document::Node& at = axis.values.front();
    diagnostics.error(at, "the base has no '" + std::string(name) + "' under " + std::string(list), std::move(hint),
                      document::join_path("vary", axis.path));
    return true;
  }
  return false;
}

/// Tells one sweep from another: the base scenario as it is resolved, the axes, and the version.
std::string key_of(const Design& design, const Options& options, const Scenario& base) {
  TraceHash hash;
  hash.add(base.resolved);
  hash.add(options.version);
  hash.add(options.catalogue_dir);
  for (const std::string& name : options.platforms) hash.add(name);
  hash.add(design.replications ? design.replications->text() : std::string());
  for (const Axis& axis : design.axes) {
    hash.add(axis.path);
    for (const std::string& text : axis.texts) hash.add(text);
    hash.add(static_cast<std::uint64_t>(axis.texts.size()));
  }
  return fmt::format("{:016x}", hash.value());
}

/// Threads take points in order; whoever finishes the next one in line writes it and those that wait behind it.
class Runner {
 public:
  Runner(const Design& design, const Registry& registry, const Options& options, Store& store)
      : design_(design), registry_(registry), options_(options), store_(store) {
    for (std::size_t i = 0; i < design.size(); ++i) {
      if (!store.done()[i]) todo_.push_back(i);
    }
    finished_ = design.size() - todo_.size();
  }

  void run() {
    if (options_.jobs <= 1) {
      work();
    } else {
      std::vector<std::jthread> threads;
      for (int i = 0; i < options_.jobs; ++i) threads.emplace_back([this] { work(); });
    }
    if (failure_ != nullptr) std::rethrow_exception(failure_);
    // Stopped: points that wait behind one that was given up are finished all the same.
    for (const auto& [i, rows] : waiting_) {
      store_.append(todo_[i], rows);
      ++finished_;
    }
  }
  std::size_t finished() const { return finished_; }

 private:
  bool stopped() const { return failed_.load() || (options_.stop != nullptr && options_.stop->load()); }

  void work() {
    while (!stopped()) {
      const std::size_t i = next_.fetch_add(1);
      if (i >= todo_.size()) return;
      try {
        std::optional<std::vector<Row>> rows = point(todo_[i]);
        if (!rows) return;
        const std::lock_guard lock(mutex_);
        waiting_.emplace(i, *std::move(rows));
        write_line();
      } catch (...) {
        const std::lock_guard lock(mutex_);
        if (failure_ == nullptr) failure_ = std::current_exception();
        failed_.store(true);
        return;
      }
    }
  }

  /// Nothing when it was stopped half-way.
  std::optional<std::vector<Row>> point(std::size_t index) {
    document::Diagnostics diagnostics;
    const std::optional<Scenario> s = read(design_, registry_, options_, design_.overrides(index), diagnostics);
    if (!s)
      throw std::runtime_error("point " + std::to_string(index) + " of the sweep is at fault:\n" + diagnostics.text());
    std::vector<Row> rows;
    for (std::int64_t r = 0; r < s->replications; ++r) {
      for (std::size_t c = 0; c < s->columns.size(); ++c) {
        if (stopped()) return std::nullopt;
        rows.push_back(row_of(index, options_.run ? options_.run(*s, c, r) : engine::run_one(*s, c, r, {})));
      }
    }
    return rows;
  }

  void write_line() {
    for (auto it = waiting_.find(written_); it != waiting_.end(); it = waiting_.find(written_)) {
      store_.append(todo_[written_], it->second);
      waiting_.erase(it);
      ++written_;
      ++finished_;
      if (options_.progress) options_.progress(finished_, design_.size());
    }
  }

  const Design& design_;
  const Registry& registry_;
  const Options& options_;
  Store& store_;
  std::vector<std::size_t> todo_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  std::map<std::size_t, std::vector<Row>> waiting_;
  std::size_t written_ = 0, finished_ = 0;
  std::exception_ptr failure_;
};

}  // namespace

bool check(const Design& design, const Registry& registry, const Options& options, document::Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  const auto base = read(design, registry, options, {}, diagnostics);
  if (!base) return false;
  document::Diagnostics of_text;
  const std::vector<document::Node> tree = document::load_text(base->resolved, "base.yaml", of_text);
  for (const Axis& axis : design.axes) {
    if (!tree.empty() && names_nothing(axis, tree.front(), diagnostics)) continue;
    std::vector<std::string> told;  // a fault of the path is one of each of its values
    for (const document::Node& value : axis.values) {
      document::Diagnostics found;
      read(design, registry, options, {{axis.path, value}}, found);
      const std::vector<document::Diagnostic> all = found.sorted();
      if (!found.has_errors()) {
        const auto of_axis = std::find_if(all.begin(), all.end(), [&](const document::Diagnostic& d) {
          return d.severity == document::Severity::warning && d.file == "vary " + axis.path;
        });
        if (of_axis != all.end() && &value == &axis.values.front()) diagnostics.add(*of_axis);
        continue;
      }
      for (const document::Diagnostic& d : all) {
        const std::string what = d.key_path + "\n" + d.message;
        if (std::find(told.begin(), told.end(), what) != told.end()) continue;
        told.push_back(what);
        diagnostics.add(d);
      }
    }
  }
  return diagnostics.error_count() == errors;
}

Outcome run(const Design& design, const Registry& registry, const Options& options) {
  document::Diagnostics diagnostics;
  const std::optional<Scenario> base = read(design, registry, options, {}, diagnostics);
  if (!base) throw std::runtime_error(diagnostics.text());
  Store store(options.out, design, key_of(design, options, *base));
  Outcome out;
  out.points = design.size();
  for (const bool done : store.done()) out.found += done ? 1 : 0;
  Runner runner(design, registry, options, store);
  runner.run();
  out.finished = runner.finished();
  out.interrupted = out.finished < out.points;

  store.rewrite_csv();  // an interrupted sweep may have left a hole that was filled later
  const std::vector<Row> rows = store.rows();
  const std::vector<Point> points = summarise(design, rows);
  results::write_file(std::filesystem::path(options.out) / "means.csv", means_csv(design, points));
  out.text = table(design, points);
  if (out.interrupted) {
    out.text += fmt::format("Interrupted: {} of {} points; the same command goes on.\n", out.finished, out.points);
  }
  out.text += fmt::format("content hash {:016x}\n", content_hash(design, rows));
  return out;
}

}  // namespace plimsoll::sweep
