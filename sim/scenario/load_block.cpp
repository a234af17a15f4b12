#include "sim/scenario/load_block.h"

#include <algorithm>
#include <string_view>

#include "sim/core/text.h"

namespace plimsoll::scenario {

namespace {

using document::Fields;

std::string listed(const std::vector<std::string_view>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += i + 1 == names.size() ? " or " : ", ";
    out += names[i];
  }
  return out;
}

void read_entry(Fields& f, const std::vector<std::string>& apps, std::string& entry) {
  const std::vector<std::string_view> views(apps.begin(), apps.end());
  if (const auto to = f.optional_text("to", "the app that requests enter by; may be left out when there is one")) {
    if (std::find(apps.begin(), apps.end(), *to) != apps.end()) {
      entry = *to;
    } else if (!apps.empty()) {
      const std::string near = nearest(*to, views);
      f.error("to", "no app '" + *to + "'",
              near.empty() ? "the apps are " + listed(views) : "did you mean '" + near + "'?");
    }
  } else if (apps.size() == 1) {
    entry = apps[0];
    f.record("to", entry, "the only app");
  } else if (!apps.empty() && !f.describing()) {
    f.error("", "'to' is missing: which app do requests enter by?", "add 'to: ...' with " + listed(views));
  }
}

/// "47d", as the user has it, rather than "1128h".
std::string as_written(const Fields& f, std::string_view key, Duration value) {
  const document::Node* node = f.node().find(key);
  return node != nullptr && node->is_scalar() ? node->text() : to_string(value);
}

std::string described(const Fields& f, const ArrivalType& kind, const ArrivalType::Window& window) {
  std::string out(kind.key());
  const document::Node* value = f.node().find(kind.key());
  bool is_file = kind.key() == "trace";
  if (value != nullptr && value->is_mapping() && value->find("file") != nullptr) {
    value = value->find("file");
    is_file = true;
  }
  if (value != nullptr && value->is_scalar()) {
    // A file without its folders; "200/s" has none.
    const std::string& text = value->text();
    out += " " + (is_file ? text.substr(text.rfind('/') + 1) : text);  // npos + 1 is 0
  }
  if (window.start.count() > 0) out += " from " + as_written(f, "start", window.start);
  out += " for " + as_written(f, "for", window.span);
  if (window.scale != 1) out += ", x" + as_written(f, "scale", Duration{});
  return out;
}

/// Whether a key of the load was told to be a misspelling of one of these.
bool is_told(const Fields& f, const std::vector<std::string_view>& kinds) {
  const std::vector<document::Diagnostic> all = f.reader().diagnostics->sorted();
  return std::any_of(all.begin(), all.end(), [&](const document::Diagnostic& d) {
    return d.key_path.starts_with(f.path() + ".") &&
           std::any_of(kinds.begin(), kinds.end(),
                       [&](std::string_view kind) { return d.hint == "did you mean '" + std::string(kind) + "'?"; });
  });
}

}  // namespace

Load read_load(Fields& scenario, const Registry& registry, const std::vector<std::string>& apps, std::string& entry) {
  Load load;
  Fields f = scenario.required_child("load", "requests from outside");
  const bool present = scenario.has("load") && f.node().is_mapping();
  ArrivalType::Window window;
  const Duration longest = hours(24 * 366);
  window.start = f.duration("start", Duration{}, "the beginning of the trace",
                            "place in the trace where the counted window begins", {Duration{}, hours(24 * 36600)});
  if (present || f.describing()) {
    window.span = f.required_duration("for", "length of the counted window", {Duration{}, longest});
  }
  window.warmup = f.duration("warmup", minutes(30), "long enough for a cold start to settle",
                             "before the window; neither billed nor counted", {Duration{}, hours(24 * 31)});
  window.scale = f.number("scale", 1, "as the trace has it", "multiplies every rate", {0.0, 10'000.0});
  load.step = f.duration("step", load.step, "reference: fluid step of 15 s", "upper bound of the fluid step",
                         {milliseconds(100), seconds(15)});
  load.timeout = f.duration("timeout", load.timeout, "assumed: clients give up after 2 s",
                            "requests that wait longer are lost", {milliseconds(1), hours(1)});
  load.extra_scv = f.number("burstiness", 0, "Poisson arrivals",
                            "squared coefficient of variation of the rate, beyond Poisson", {0.0, 100.0});
  load.warmup = window.warmup;
  load.span = window.span;
  read_entry(f, apps, entry);

  std::vector<std::string_view> kinds;
  std::vector<const ArrivalType*> chosen;
  for (const auto& kind : registry.arrivals()) {
    kinds.push_back(kind->key());
    f.ignore(kind->key());
    if (f.has(kind->key()) || f.describing()) chosen.push_back(kind.get());
  }
  if (f.describing()) {
    for (const ArrivalType* kind : chosen) kind->parse(f, window);
    return load;
  }
  if (!present) return load;
  if (chosen.empty()) {
    f.finish();
    if (!is_told(f, kinds)) f.error("", "no arrivals", "add " + listed(kinds));
  } else if (chosen.size() > 1) {
    std::vector<std::string_view> both;
    for (const ArrivalType* kind : chosen) both.push_back(kind->key());
    f.error(chosen[1]->key(), "only one kind of load, not " + std::string(both[0]) + " and " + std::string(both[1]),
            "remove one, or set it to null");
  } else {
    // A span of nothing is a legal question (it costs nothing); the arrivals still cover the warm-up.
    load.arrivals = chosen[0]->parse(f, window);
    load.description = described(f, *chosen[0], window);
  }
  return load;
}

}  // namespace plimsoll::scenario
