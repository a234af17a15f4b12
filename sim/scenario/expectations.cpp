#include "sim/scenario/expectations.h"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "sim/core/text.h"
#include "sim/core/units.h"

namespace plimsoll::scenario {

namespace {

using Metric = Expectation::Metric;

constexpr std::array<std::pair<std::string_view, Metric>, 6> kMetrics = {{
    {"latency.p50", Metric::latency_p50},
    {"latency.p95", Metric::latency_p95},
    {"latency.p99", Metric::latency_p99},
    {"requests.lost", Metric::requests_lost},
    {"pending.p50", Metric::pending_p50},
    {"pending.p99", Metric::pending_p99},
}};

bool is_latency(Metric m) { return m == Metric::latency_p50 || m == Metric::latency_p95 || m == Metric::latency_p99; }

/// One promise; `fail` reports what is wrong with it.
class Parser {
 public:
  Parser(const document::Item& item, document::Diagnostics& diagnostics, const std::string& entry,
         const std::vector<std::string>& apps)
      : item_(item), diagnostics_(diagnostics), entry_(entry), apps_(apps) {}

  std::optional<Expectation> run() {
    Expectation e;
    const bool key_ok = key(e.metric);
    if (!item_.node.is_scalar()) {
      fail("must be a text such as \"< 500ms in 99% of 5min\"", "");
      return std::nullopt;
    }
    e.text = item_.name + " " + item_.node.text();
    std::string_view rest = trim(item_.node.text());
    if (rest.empty() || (rest[0] != '<' && rest[0] != '>')) {
      fail("'" + item_.node.text() + "' does not begin with <, <=, > or >=",
           key_ok ? example(e.metric) : "write \"< 500ms in 99% of 5min\"");
      return std::nullopt;
    }
    e.less = rest[0] == '<';
    rest.remove_prefix(1);
    e.inclusive = rest.starts_with('=');
    if (e.inclusive) rest.remove_prefix(1);
    const std::size_t in = rest.find(" in ");
    const bool limit_ok = key_ok && limit(trim(rest.substr(0, in)), e);
    const bool share_ok = in == rest.npos || share(trim(rest.substr(in + 4)), e, key_ok);
    if (!key_ok || !limit_ok || !share_ok) return std::nullopt;
    return e;
  }

 private:
  void fail(std::string message, std::string hint) {
    diagnostics_.error(item_.node, std::move(message), std::move(hint), item_.path);
  }

  bool key(Metric& metric) {
    std::string_view name = item_.name;
    for (const auto& [text, m] : kMetrics) {
      if (is_latency(m) ? name.ends_with("." + std::string(text)) : name == text) {
        metric = m;
        if (!is_latency(m)) return true;
        const std::string app(name.substr(0, name.size() - text.size() - 1));
        if (app == entry_ || entry_.empty()) return true;
        std::string hint = "write " + entry_ + "." + std::string(text);
        for (const std::string& a : apps_) {
          if (a == app) {
            diagnostics_.error(item_.mark, "latency is measured where requests enter, at '" + entry_ + "'", hint,
                               item_.path);
            return false;
          }
        }
        diagnostics_.error(item_.mark, "no app '" + app + "'", hint, item_.path);
        return false;
      }
    }
    std::vector<std::string> known;
    const std::string app = !entry_.empty() ? entry_ : apps_.empty() ? "ui" : apps_.front();
    for (const auto& [text, m] : kMetrics) {
      known.push_back(is_latency(m) ? app + "." + std::string(text) : std::string(text));
    }
    const std::vector<std::string_view> views(known.begin(), known.end());
    const std::string near = nearest(name, views);
    std::string hint = "did you mean '" + near + "'?";
    if (near.empty()) {
      hint = "known:";
      for (std::size_t i = 0; i < known.size(); ++i) hint += (i > 0 ? ", " : " ") + known[i];
    }
    diagnostics_.error(item_.mark, "unknown promise '" + item_.name + "'", hint, item_.path);
    return false;
  }

  /// A promise of the kind of metric, as an example.
  static std::string example(Metric metric) {
    if (is_latency(metric)) return "write \"< 500ms in 99% of 5min\"";
    return metric == Metric::requests_lost ? "write \"< 0.1%\"" : "write \"< 5min\"";
  }

  bool limit(std::string_view text, Expectation& e) {
    if (e.metric == Metric::requests_lost) {
      const Parsed<Ppm> share_of_all = parse_ratio(text);
      if (!share_of_all || text.find('%') == text.npos) {
        fail("'" + std::string(text) + "' is not a percentage", "write \"< 0.1%\"");
        return false;
      }
      e.limit = share_of_all.value->raw();
      return true;
    }
    const Parsed<Duration> time = parse_duration(text);
    if (!time) {
      fail("'" + std::string(text) + "' is not a duration", "write \"< 500ms\"");
      return false;
    }
    e.limit = time.value->count();
    return true;
  }

  bool share(std::string_view text, Expectation& e, bool key_ok) {
    if (key_ok && !is_latency(e.metric)) {
      fail("'in ... of ...' is for latency; this promise is kept or broken over the whole span", "");
      return false;
    }
    const std::size_t of = text.find(" of ");
    const Parsed<Ppm> part = parse_ratio(trim(text.substr(0, of)));
    if (of == text.npos || !part || part.value->raw() > percent(100).raw()) {
      fail("'" + std::string(text) + "' is not a share of windows", "write \"in 99% of 5min\"");
      return false;
    }
    const Parsed<Duration> window = parse_duration(trim(text.substr(of + 4)));
    if (!window || *window.value != minutes(5)) {
      fail("latency is judged over windows of 5min", "write \"in 99% of 5min\"");
      return false;
    }
    e.share = *part.value;
    return true;
  }

  const document::Item& item_;
  document::Diagnostics& diagnostics_;
  const std::string& entry_;
  const std::vector<std::string>& apps_;
};

}  // namespace

std::vector<Expectation> read_expectations(document::Fields& scenario, const std::string& entry,
                                           const std::vector<std::string>& apps) {
  std::vector<Expectation> out;
  for (const document::Item& item :
       scenario.map("expect", "promises; a column that breaks one is listed and never ranked")) {
    if (scenario.describing()) {
      document::read_value<std::string>(item.node, scenario.reader(), item.path, "such as < 500ms in 99% of 5min");
      continue;
    }
    if (auto e = Parser(item, *scenario.reader().diagnostics, entry, apps).run()) out.push_back(*std::move(e));
    if (scenario.reader().effective != nullptr && item.node.is_scalar()) {
      scenario.reader().effective->add(
          {item.path, item.node.text(), item.node.mark().path() + ":" + std::to_string(item.node.mark().line), false});
    }
  }
  return out;
}

}  // namespace plimsoll::scenario
