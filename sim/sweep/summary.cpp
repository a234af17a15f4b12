#include "sim/sweep/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "sim/core/hash.h"
#include "sim/results/csv.h"
#include "sim/sweep/store.h"

namespace plimsoll::sweep {

namespace {

using results::Estimate;

constexpr std::size_t kFullTable = 40;

std::size_t metric_index(std::string_view name) {
  return static_cast<std::size_t>(find_metric(name) - metrics().data());
}

bool mostly_broken(const std::vector<const Row*>& runs) {
  std::map<std::string, std::size_t> counts;
  for (const Row* r : runs) {
    for (std::size_t begin = 0; begin < r->broken.size();) {
      const std::size_t end = std::min(r->broken.find("; ", begin), r->broken.size());
      ++counts[r->broken.substr(begin, end - begin)];
      begin = end + 2;
    }
  }
  return std::any_of(counts.begin(), counts.end(), [&](const auto& c) { return 2 * c.second > runs.size(); });
}

/// A bill for nothing is no price.
bool mostly_idle(const std::vector<const Row*>& runs) {
  const auto idle = std::count_if(runs.begin(), runs.end(), [](const Row* r) { return r->served == 0 && r->lost > 0; });
  return 2 * static_cast<std::size_t>(idle) > runs.size();
}

bool may_win(const Design& design, const Cell& cell) {
  return !cell.idle && (design.winner == Winner::cheapest || !cell.broken);
}

/// Whether the mean difference of pairs is larger than its half width.
bool differs(const std::vector<const Row*>& a, const std::vector<const Row*>& b) {
  const Metric& cost = *find_metric("cost.choice");
  std::vector<double> differences;
  for (const Row* x : a) {
    for (const Row* y : b) {
      if (x->replication == y->replication) differences.push_back(cost.value(*x) - cost.value(*y));
    }
  }
  const Estimate d = results::estimate(differences);
  const double size = d.mean < 0 ? -d.mean : d.mean;
  return d.has_interval() && size > d.half_width;
}

void judge(const Design& design, Point& point, const std::vector<std::vector<const Row*>>& runs) {
  const std::size_t cost = metric_index("cost.choice");
  for (std::size_t i = 0; i < point.cells.size(); ++i) {
    if (!may_win(design, point.cells[i])) continue;
    if (!point.best || point.cells[i].estimates[cost].mean < point.cells[*point.best].estimates[cost].mean)
      point.best = i;
  }
  if (!point.best) return;
  for (std::size_t i = 0; i < point.cells.size(); ++i) {
    if (i == *point.best || !may_win(design, point.cells[i])) continue;
    if (!differs(runs[i], runs[*point.best])) point.tied.push_back(i);
  }
}

std::string shown(const Metric& metric, const Estimate& e) {
  std::string out = fmt::format("{:.{}f}", e.mean, metric.decimals);
  if (e.has_interval()) out += fmt::format(" ±{:.{}f}", e.half_width, metric.decimals);
  return out;
}

/// Padded by what is seen: ± is two bytes and one column.
std::string padded(const std::string& text, std::size_t width) {
  std::size_t seen = 0;
  for (const char c : text) seen += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return std::string(width > seen ? width - seen : 0, ' ') + text;
}

std::string where(const Design& design, std::size_t point, std::optional<std::size_t> without = std::nullopt) {
  const std::vector<std::size_t> at = design.coordinates(point);
  std::string out;
  for (std::size_t i = 0; i < at.size(); ++i) {
    if (i == without) continue;
    out += (out.empty() ? "" : "  ") + design.axes[i].path + "=" + design.axes[i].texts[at[i]];
  }
  return out;
}

std::string winner_text(const Point& point) {
  if (!point.best) return "none";
  std::string out = point.cells[*point.best].platform;
  for (const std::size_t i : point.tied) out += " ~ " + point.cells[i].platform;
  return out;
}

std::string metric_head(const Design& design) {
  std::string out;
  for (const std::string& name : design.metrics) {
    const Metric& m = *find_metric(name);
    out += padded(std::string(m.name) + (m.unit.empty() ? "" : " " + std::string(m.unit)), 22);
  }
  return out;
}

void full_table(const Design& design, const std::vector<Point>& points, std::string& out) {
  std::size_t width = 8;
  for (const Point& p : points) {
    for (const Cell& c : p.cells) width = std::max(width, c.platform.size());
  }
  out += fmt::format("  {:{}}{}\n", "platform", width, metric_head(design));
  for (const Point& p : points) {
    const std::string at = where(design, p.index);
    out += at.empty() ? "" : at + "\n";
    for (std::size_t i = 0; i < p.cells.size(); ++i) {
      const Cell& c = p.cells[i];
      out += fmt::format("  {:{}}", c.platform, width);
      for (const std::string& name : design.metrics)
        out += padded(shown(*find_metric(name), c.estimates[metric_index(name)]), 22);
      const bool tied = std::find(p.tied.begin(), p.tied.end(), i) != p.tied.end();
      if (p.best == i) out += p.tied.empty() ? "  cheapest" : "  n.s.";
      if (tied) out += "  n.s.";
      if (c.broken) out += "  breaks a promise";
      if (c.idle) out += "  serves nothing";
      out += "\n";
    }
  }
}

void short_table(const Design& design, const std::vector<Point>& points, std::string& out) {
  out += fmt::format("{:>6}{}  winner, and where\n", "point", metric_head(design));
  for (const Point& p : points) {
    out += fmt::format("{:>6}", p.index);
    for (const std::string& name : design.metrics) {
      out += padded(p.best ? shown(*find_metric(name), p.cells[*p.best].estimates[metric_index(name)]) : "-", 22);
    }
    out += "  " + winner_text(p) + "  " + where(design, p.index) + "\n";
  }
}

/// For every setting of the other axes: who wins from which value on.
void flips(const Design& design, const std::vector<Point>& points, std::string& out) {
  const std::size_t axis = *design.flips;
  std::vector<std::pair<std::string, std::vector<const Point*>>> groups;
  std::map<std::string, std::size_t> known;
  for (const Point& p : points) {
    const std::string key = where(design, p.index, axis);
    const auto [it, is_new] = known.emplace(key, groups.size());
    if (is_new) groups.emplace_back(key, std::vector<const Point*>{});
    groups[it->second].second.push_back(&p);
  }
  out += "\nWho wins along " + design.axes[axis].path + ":\n";
  for (const auto& [key, group] : groups) {
    out += "  " + (key.empty() ? std::string("all") : key) + "\n    ";
    std::string last;
    for (const Point* p : group) {
      const std::string now = winner_text(*p);
      if (now == last) continue;
      out += (last.empty() ? "" : ", ") + now + " from " + design.axes[axis].texts[design.coordinates(p->index)[axis]];
      last = now;
    }
    out += "\n";
  }
}

}  // namespace

std::vector<Point> summarise(const Design& design, const std::vector<Row>& rows) {
  std::vector<Point> out;
  for (std::size_t begin = 0; begin < rows.size();) {
    std::size_t end = begin;
    while (end < rows.size() && rows[end].point == rows[begin].point) ++end;
    Point point;
    point.index = static_cast<std::size_t>(rows[begin].point);
    std::vector<std::vector<const Row*>> runs;
    for (std::size_t i = begin; i < end; ++i) {
      std::size_t c = 0;
      while (c < point.cells.size() && point.cells[c].platform != rows[i].platform) ++c;
      if (c == point.cells.size()) {
        point.cells.push_back({rows[i].platform, {}, false, false});
        runs.emplace_back();
      }
      runs[c].push_back(&rows[i]);
    }
    for (std::size_t c = 0; c < runs.size(); ++c) {
      for (const Metric& m : metrics()) {
        std::vector<double> values;
        for (const Row* r : runs[c]) values.push_back(m.value(*r));
        point.cells[c].estimates.push_back(results::estimate(values));
      }
      point.cells[c].broken = mostly_broken(runs[c]);
      point.cells[c].idle = mostly_idle(runs[c]);
    }
    judge(design, point, runs);
    out.push_back(std::move(point));
    begin = end;
  }
  return out;
}

std::string table(const Design& design, const std::vector<Point>& points) {
  std::string out;
  points.size() <= kFullTable ? full_table(design, points, out) : short_table(design, points, out);
  if (design.flips && !points.empty()) flips(design, points, out);
  out += "Means over replications with the half width of their 95 % interval; the winner is the ";
  out += design.winner == Winner::cheapest ? "cheapest\n" : "cheapest that keeps its promises\n";
  out += "by cost.choice. ~ and n.s.: the paired difference is within its half width.\n";
  return out;
}

std::string means_csv(const Design& design, const std::vector<Point>& points) {
  std::string out = "point";
  for (const Axis& axis : design.axes) out += "," + results::csv_field(axis.path);
  out += ",platform,replications,outcome";
  for (const Metric& m : metrics()) {
    const std::string head = std::string(m.name) + (m.unit.empty() ? "" : " (" + std::string(m.unit) + ")");
    out += "," + results::csv_field(head) + "," + results::csv_field(head + " half width");
  }
  out += "\n";
  for (const Point& p : points) {
    const std::vector<std::size_t> at = design.coordinates(p.index);
    for (std::size_t i = 0; i < p.cells.size(); ++i) {
      const Cell& c = p.cells[i];
      out += std::to_string(p.index);
      for (std::size_t a = 0; a < at.size(); ++a) out += "," + results::csv_field(design.axes[a].texts[at[a]]);
      const bool tied = std::find(p.tied.begin(), p.tied.end(), i) != p.tied.end();
      out += "," + results::csv_field(c.platform) + "," + std::to_string(c.estimates[0].count) + ",";
      out += c.broken                                   ? "breaks a promise"
             : c.idle                                   ? "serves nothing"
             : tied || (p.best == i && !p.tied.empty()) ? "tied"
             : p.best == i                              ? "wins"
                                                        : "";
      for (const Estimate& e : c.estimates) {
        out += fmt::format(",{}", e.mean);
        out += e.has_interval() ? fmt::format(",{}", e.half_width) : ",";
      }
      out += "\n";
    }
  }
  return out;
}

std::uint64_t content_hash(const Design& design, const std::vector<Row>& rows) {
  TraceHash hash;
  hash.add(csv_header(design));
  for (const Row& row : rows) hash.add(csv_line(design, row));
  return hash.value();
}

}  // namespace plimsoll::sweep
