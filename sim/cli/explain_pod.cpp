// The life of one pod or task: times, why it waited, where it went and why there, why it ended, what it cost.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "models/aws/controllers/meters.h"
#include "sim/cli/explain.h"
#include "sim/cli/explain_log.h"
#include "sim/core/text.h"
#include "sim/policy/pending_reasons.h"
#include "sim/report/text_table.h"
#include "sim/results/summary.h"

namespace plimsoll::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostRows = 12;

struct Step {
  Time at{};
  std::string name, text;
};

struct Cost {
  double usd = 0;
  Duration billed{};
  std::string how;
  bool known = false;
};

const billing::Bill::Line* bill_line(const billing::Bill& bill, std::string_view start, bool spot,
                                     std::string_view unit) {
  for (const auto& line : bill.lines()) {
    if (!line.what.item.starts_with(start) || line.what.unit != unit) continue;
    if ((line.what.item.find("spot") != std::string::npos) == spot) return &line;
  }
  return nullptr;
}

double usd_per_hour(const billing::Bill::Line& line) { return static_cast<double>(line.what.rate.raw()) * 1e-12; }

/// A microVM is billed to its pod alone, at the rates of its own kind (Linux, ARM64, Windows, Spot): size x time from
/// the pull to the end, by the second, a minute at least (Windows: five).
Cost microvm_cost(World& world, const billing::Bill& bill, const Pod& pod) {
  Cost out;
  const Node& node = world.node(pod.node);
  const auto* meters = world.find_component<aws::Meters>();
  const aws::FargateLines* lines = meters == nullptr ? nullptr : meters->fargate_lines(pod.workload);
  if (lines == nullptr || pod.pulling == kTimeNever) return out;
  const bool spot = node.purchase == PurchaseOption::spot;
  const auto line = [&](LineItemId id) { return id.is_none() ? nullptr : &bill.lines()[id.index()]; };
  const auto* vcpu = line(spot ? lines->spot_vcpu : lines->vcpu);
  const auto* memory = line(spot ? lines->spot_memory : lines->memory);
  const auto* storage = line(lines->storage);
  if (vcpu == nullptr || memory == nullptr) return out;
  const Time end = std::min(pod.ended, world.end), start = std::max(pod.pulling, world.window_start);
  if (end <= start) return out;  // before the counted window
  out.billed = seconds((end - start + seconds(1) - microseconds(1)) / seconds(1));
  if (start == pod.pulling) out.billed = std::max(out.billed, vcpu->what.minimum);
  const double h = to_seconds(out.billed) / 3600;
  out.usd = h * (to_cores(node.capacity.cpu()) * usd_per_hour(*vcpu) +
                 static_cast<double>(node.capacity.memory().raw()) / static_cast<double>(kGiB) * usd_per_hour(*memory));
  out.how =
      fmt::format("{} / {} at {} a vCPU-hour and {} a GB-hour", to_string(node.capacity.cpu()),
                  to_string(node.capacity.memory()), usd_text(usd_per_hour(*vcpu)), usd_text(usd_per_hour(*memory)));
  if (storage != nullptr) {
    out.usd += h * static_cast<double>(lines->storage_gib) * usd_per_hour(*storage);
    out.how +=
        fmt::format(", and {} GB of storage at {} an hour", lines->storage_gib, usd_text(usd_per_hour(*storage)));
  }
  if (vcpu->what.label != "Fargate vCPU") out.how += " (" + vcpu->what.label + ")";
  out.known = true;
  return out;
}

/// Its part of its instance's price by what it reserves, idle capacity shared in proportion: nine parts a vCPU, one a
/// GB, as AWS's split cost allocation weighs them.
Cost share_cost(const World& world, const billing::Bill& bill, const Pod& pod) {
  Cost out;
  const Node& node = world.node(pod.node);
  const auto* price = bill_line(bill, "ec2/" + std::string(world.names.text(node.instance_type)) + "/",
                                node.purchase == PurchaseOption::spot, "Hours");
  if (price == nullptr) return out;
  const Time from = std::max(pod.bound, world.window_start), to = std::min(pod.ended, world.end);
  const double vcpu = to_cores(node.capacity.cpu());
  const double gb = static_cast<double>(node.capacity.memory().raw()) / static_cast<double>(kGiB);
  const double of_cpu = 9 * vcpu / (9 * vcpu + gb);
  std::vector<std::pair<PodId, const ResourceVector*>> here;
  double cpu = 0, memory = 0, hours_share = 0;
  Time since = from;
  const ResourceVector& mine = world.workload(pod.workload).requests;
  const auto advance = [&](Time t) {
    const Time until = std::clamp(t, from, std::max(from, to));
    if (until > since && cpu > 0 && memory > 0) {
      const double part = of_cpu * static_cast<double>(mine.cpu().raw()) / cpu +
                          (1 - of_cpu) * static_cast<double>(mine.memory().raw()) / memory;
      hours_share += part * to_seconds(until - since) / 3600;
      out.billed += until - since;
    }
    since = std::max(since, until);
  };
  for (const FactRecord& f : world.log) {
    if (f.node != pod.node || (f.fact != Fact::pod_bound && f.fact != Fact::pod_ended)) continue;
    advance(f.at);
    const double sign = f.fact == Fact::pod_bound ? 1 : -1;
    const ResourceVector& r = world.workload(f.workload).requests;
    cpu += sign * static_cast<double>(r.cpu().raw());
    memory += sign * static_cast<double>(r.memory().raw());
  }
  advance(to);
  out.usd = hours_share * usd_per_hour(*price);
  out.how = fmt::format("its part of {} ({} an hour) by what it reserves, idle shared; without the disk",
                        world.names.text(node.name), usd_text(usd_per_hour(*price)));
  out.known = true;
  return out;
}

Cost pod_cost(Subject& s, const Pod& pod) {
  if (pod.node.is_none()) return {};
  const auto& bill = dynamic_cast<const billing::Bill&>(s.world().component(s.run().bill));
  return s.world().node(pod.node).host == HostKind::fargate ? microvm_cost(s.world(), bill, pod)
                                                            : share_cost(s.world(), bill, pod);
}

/// What led to a pod's creation: the last change of its workload before it.
std::string created_because(const Subject& s, const DecisionLog& log, const Pod& pod) {
  const World& w = s.world();
  const FactRecord* cause = nullptr;
  std::int64_t before = -1;
  for (const FactRecord& f : w.log) {
    if (f.fact == Fact::pod_created && f.pod == pod.id) break;
    if (f.workload != pod.workload) continue;
    if (f.fact == Fact::job_started) {
      cause = &f;
    } else if (f.fact == Fact::desired_changed) {
      before = cause != nullptr && cause->fact == Fact::desired_changed ? cause->value : before;
      cause = &f;
    } else if ((f.fact == Fact::pod_stopping || f.fact == Fact::pod_ended) && f.reason != Reason::scale_in &&
               f.reason != Reason::none) {
      cause = &f;
    }
  }
  if (cause == nullptr) return "with the workload";
  if (cause->fact == Fact::job_started) return "a run of the job began";
  if (cause->fact != Fact::desired_changed && cause->reason == Reason::completed)
    return fmt::format("the next of its job, after {} completed", s.name(cause->pod));
  if (cause->fact != Fact::desired_changed)
    return fmt::format("in the place of {} ({})", s.name(cause->pod), reason_text(cause->reason));
  for (auto r = log.scalings.rbegin(); r != log.scalings.rend(); ++r) {
    if (r->workload == pod.workload && r->at == cause->at && r->changed)
      return fmt::format("{} replicas wanted instead of {} ({})", r->wanted, r->before, r->why);
  }
  return fmt::format("{} replicas wanted", cause->value);
}

std::string ended_because(const Subject& s, const Pod& pod) {
  const World& w = s.world();
  std::string text = reason_text(pod.end_reason);
  const bool by_node = pod.end_reason == Reason::node_drain || pod.end_reason == Reason::consolidation ||
                       pod.end_reason == Reason::scale_down || pod.end_reason == Reason::expired ||
                       pod.end_reason == Reason::spot_interruption;
  if (by_node && !pod.node.is_none()) {
    const Node& n = w.node(pod.node);
    if (n.end_reason != Reason::none && n.end_reason != pod.end_reason) text += ", for " + reason_key(n.end_reason);
  }
  return text;
}

/// What keeps a pod that waits at the end of the run from being placed; empty when it does not wait.
std::string waits_because(Subject& s, const Pod& pod) {
  std::string why;
  if (pod.state != PodState::pending) return why;
  s.world().each_component<PendingReasons>([&](PendingReasons& placer) {
    if (why.empty()) why = placer.why_pending(s.world(), pod.id);
  });
  if (!why.empty() && why.back() == '.') why.pop_back();
  return why;
}

std::vector<Step> life_of(const Subject& s, const DecisionLog& log, const Pod& pod) {
  const World& w = s.world();
  std::vector<Step> life;
  const auto add = [&](Time at, std::string name, std::string text) {
    if (at != kTimeNever) life.push_back({at, std::move(name), std::move(text)});
  };
  add(pod.created, "created", "created: " + created_because(s, log, pod));
  if (!pod.node.is_none() && w.node(pod.node).host == HostKind::fargate)
    add(w.node(pod.node).requested, "launch_requested", "microVM asked for (launch quota passed)");
  if (!pod.node.is_none()) add(pod.bound, "bound", "placed on " + s.name(pod.node) + ", " + s.described(pod.node));
  add(pod.pulling, "pulling", "image pull begins");
  add(pod.started, "started", "containers run");
  add(pod.ready, "ready", "ready");
  add(pod.serving, "serving", "takes traffic");
  add(pod.stopping, "stopping", "asked to stop: " + ended_because(s, pod));
  add(pod.ended, "ended",
      pod.stopping == kTimeNever && pod.end_reason != Reason::none ? "ended: " + ended_because(s, pod) : "ended");
  // What else befell it: probes, restarts.
  for (const FactRecord& f : w.log) {
    if (f.pod != pod.id || f.fact <= Fact::decision) continue;
    const std::string fact = engine::event_row(w, f).fact;
    if (f.fact == Fact::volume_in_use) {
      add(f.at, fact, "waits for a volume that is attached to " + s.name(NodeId{static_cast<std::uint32_t>(f.value)}));
      continue;
    }
    add(f.at, fact, fact + (f.reason == Reason::none ? "" : ": " + reason_key(f.reason)));
  }
  std::stable_sort(life.begin(), life.end(), [](const Step& a, const Step& b) { return a.at < b.at; });
  return life;
}

/// Failed attempts with the same words, one after the other, are one entry.
struct Wait {
  Time from{}, to{};
  std::size_t attempts = 0;
  std::string message;
};
std::vector<Wait> waits_of(const DecisionLog& log) {
  std::vector<Wait> out;
  for (const Attempt& a : log.attempts) {
    if (a.placed) continue;
    if (out.empty() || out.back().message != a.message) out.push_back({a.at, a.at, 0, a.message});
    out.back().to = a.at;
    ++out.back().attempts;
  }
  return out;
}

/// "PodTopologySpread" over several lines of a head.
std::vector<std::string> head_of(const std::string& plugin, std::int64_t weight) {
  std::vector<std::string> out;
  for (const char c : plugin) {
    if (out.empty() || (c >= 'A' && c <= 'Z')) out.emplace_back();
    out.back() += c;
  }
  out.push_back("x" + std::to_string(weight));
  return out;
}

std::string marked(const Subject& s, const PlacementTable& t, NodeId node) {
  return (node == t.chosen ? "> " : node == t.runner_up ? "~ " : "  ") + s.name(node);
}

std::string refusals_text(const Subject& s, const PlacementTable& t, std::size_t width) {
  std::vector<std::pair<std::string, std::vector<NodeId>>> groups;
  for (const auto& row : t.rows) {
    if (row.verdict.empty()) continue;
    const std::string what = row.plugin.empty() ? row.verdict : row.plugin + ": " + row.verdict;
    auto at = std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.first == what; });
    if (at == groups.end()) at = groups.insert(groups.end(), {what, {}});
    at->second.push_back(row.node);
  }
  std::string out;
  for (const auto& [what, nodes] : groups) {
    std::string line = fmt::format("  {}  {}:", what,
                                   counted(static_cast<std::int64_t>(nodes.size()), s.is_ecs() ? "instance" : "node"));
    for (std::size_t i = 0; i < nodes.size() && i < 8; ++i) line += " " + s.name(nodes[i]);
    if (nodes.size() > 8) line += " ...";
    out += folded(line, width, 4) + "\n";
  }
  return out;
}

std::string kubernetes_table(const Subject& s, const PlacementTable& t, const report::TerminalStyle& style) {
  std::vector<const PlacementTable::Row*> valid;
  for (const auto& row : t.rows) {
    if (row.verdict.empty()) valid.push_back(&row);
  }
  std::stable_sort(valid.begin(), valid.end(), [&](const auto* a, const auto* b) {
    const auto rank = [&](const auto* r) { return r->node == t.chosen ? 0 : r->node == t.runner_up ? 1 : 2; };
    return rank(a) != rank(b) ? rank(a) < rank(b) : a->total > b->total;
  });
  // What weighs the same on every node decides nothing: one line is enough for it.
  std::vector<std::size_t> telling;
  std::string equal;
  for (std::size_t p = 0; p < t.plugins.size(); ++p) {
    const bool same = std::all_of(valid.begin(), valid.end(), [&](const auto* r) {
      return r->scores[p].weighted == valid.front()->scores[p].weighted;
    });
    if (!same) telling.push_back(p);
    if (!same || valid.empty()) continue;
    const auto& score = valid.front()->scores[p];
    const bool raw =
        std::all_of(valid.begin(), valid.end(), [&](const auto* r) { return r->scores[p].raw == score.raw; });
    equal += fmt::format("{}{} ", equal.empty() ? "" : ", ", t.plugins[p].first);
    equal +=
        raw ? fmt::format("{} > {} > {}", score.raw, score.normalized, score.weighted) : std::to_string(score.weighted);
  }
  // Raw, normalised and weighted in one cell of a wide terminal, under each other in a narrow one.
  const bool wide = style.width >= 120;
  report::TextTable table;
  table.heads = {{"node"}, {"filters"}, {"total"}};
  for (const std::size_t p : telling) table.heads.push_back(head_of(t.plugins[p].first, t.plugins[p].second));
  for (std::size_t i = 0; i < valid.size() && i < kMostRows; ++i) {
    report::TextTable::Row row{{marked(s, t, valid[i]->node), "passed", std::to_string(valid[i]->total)},
                               i == 0 ? report::Paint::bold : report::Paint::plain};
    report::TextTable::Row raw{{"    raw", "", ""}, report::Paint::plain};
    report::TextTable::Row normalized{{"    0..100", "", ""}, report::Paint::plain};
    for (const std::size_t p : telling) {
      const auto& score = valid[i]->scores[p];
      row.cells.push_back(wide ? fmt::format("{} > {} > {}", score.raw, score.normalized, score.weighted)
                               : std::to_string(score.weighted));
      raw.cells.push_back(std::to_string(score.raw));
      normalized.cells.push_back(std::to_string(score.normalized));
    }
    table.rows.push_back(std::move(row));
    if (wide || telling.empty()) continue;
    table.rows.push_back(std::move(raw));
    table.rows.push_back(std::move(normalized));
  }
  std::string out;
  if (!valid.empty()) {
    out += table.render(static_cast<std::size_t>(style.width), style.colour);
    if (valid.size() > kMostRows) out += fmt::format("  ... and {} more that would do\n", valid.size() - kMostRows);
    if (t.nominated) {
      out += "  Preemption had made room for it there: it is the first node asked.\n";
    } else if (t.equal > 1) {
      out += fmt::format("  {} had the highest total; {}.\n", t.equal,
                         t.by_name ? "the first of them by name was taken" : "one of them was drawn");
    }
    if (!equal.empty())
      out += folded("  The same on every one: " + equal + ".", static_cast<std::size_t>(style.width), 2) + "\n";
    out += wide || telling.empty()
               ? "  Scores: raw > normalised to 0..100 > weighted. > chosen, ~ the next best.\n"
               : "  Scores: weighted, and under it raw and normalised to 0..100.\n  > chosen, ~ the next best.\n";
  }
  return out + refusals_text(s, t, static_cast<std::size_t>(style.width));
}

std::string ecs_table(const Subject& s, const PlacementTable& t, const report::TerminalStyle& style) {
  report::TextTable table;
  table.heads = {{"instance"}, {"zone"}};
  for (const std::string& name : t.fact_names) table.heads.push_back({name});
  for (const std::string& name : t.strategies) table.heads.push_back({name});
  std::vector<const PlacementTable::Row*> valid;
  for (const auto& row : t.rows) {
    if (row.verdict.empty()) valid.push_back(&row);
  }
  std::stable_sort(valid.begin(), valid.end(), [&](const auto* a, const auto* b) {
    if ((a->node == t.chosen) != (b->node == t.chosen)) return a->node == t.chosen;
    return a->steps > b->steps;
  });
  for (std::size_t i = 0; i < valid.size() && i < kMostRows; ++i) {
    report::TextTable::Row row{{marked(s, t, valid[i]->node), s.zone(valid[i]->node)},
                               i == 0 && !t.chosen.is_none() ? report::Paint::bold : report::Paint::plain};
    row.cells.insert(row.cells.end(), valid[i]->facts.begin(), valid[i]->facts.end());
    for (std::size_t k = 0; k < t.strategies.size(); ++k) row.cells.push_back(valid[i]->steps > k ? "kept" : "out");
    table.rows.push_back(std::move(row));
  }
  std::string out;
  if (!valid.empty()) {
    out += table.render(static_cast<std::size_t>(style.width), style.colour);
    if (valid.size() > kMostRows) out += fmt::format("  ... and {} more valid ones\n", valid.size() - kMostRows);
    if (t.equal > 1) out += fmt::format("  {} were equal at the end; one of them was drawn.\n", t.equal);
  }
  return out + refusals_text(s, t, static_cast<std::size_t>(style.width));
}

Json placement_json(const Subject& s, const PlacementTable& t) {
  Json nodes = Json::array();
  for (const auto& row : t.rows) {
    Json j = {{"node", s.name(row.node)}, {"zone", s.zone(row.node)}, {"valid", row.verdict.empty()}};
    if (!row.verdict.empty()) j["reason"] = row.verdict;
    if (!row.plugin.empty()) j["filter"] = row.plugin;
    if (!row.scores.empty()) {
      Json scores = Json::object();
      for (std::size_t i = 0; i < row.scores.size(); ++i) {
        scores[t.plugins[i].first] = {{"weight", t.plugins[i].second},
                                      {"raw", row.scores[i].raw},
                                      {"normalized", row.scores[i].normalized},
                                      {"weighted", row.scores[i].weighted}};
      }
      j["scores"] = std::move(scores);
      j["total"] = row.total;
    }
    for (std::size_t i = 0; i < row.facts.size(); ++i) j[t.fact_names[i]] = row.facts[i];
    if (!t.strategies.empty() && row.verdict.empty()) j["strategies_survived"] = row.steps;
    nodes.push_back(std::move(j));
  }
  Json out = {{"at_us", to_microseconds(t.at)}};
  out["chosen"] = t.chosen.is_none() ? Json(nullptr) : Json(s.name(t.chosen));
  out["runner_up"] = t.runner_up.is_none() ? Json(nullptr) : Json(s.name(t.runner_up));
  out["equal"] = t.equal;
  if (!t.strategies.empty()) out["strategies"] = t.strategies;
  out["nodes"] = std::move(nodes);
  return out;
}

/// Splits "ui-7" into workload and ordinal.
std::pair<WorkloadId, std::uint32_t> read_pod(const Subject& s, const std::string& text) {
  const auto dash = text.rfind('-');
  const std::string number = dash == text.npos ? "" : text.substr(dash + 1);
  if (number.empty() || number.size() > 9 || number.find_first_not_of("0123456789") != number.npos) {
    throw ExplainError("'" + text + "' names no " + s.pod_word(),
                       "a " + s.pod_word() + " is its workload and its number: web-0");
  }
  return {s.workload(text.substr(0, dash)), static_cast<std::uint32_t>(std::stoul(number))};
}

}  // namespace

Explanation explain_pod(Subject& s, const ExplainArguments& a, const report::TerminalStyle& style) {
  const auto [workload, ordinal] = read_pod(s, a.pod);
  DecisionLog::Focus focus;
  focus.pod = std::pair(workload, ordinal);
  const DecisionLog& log = DecisionLog::attach(s.world(), focus);
  s.run_to_end();
  if (log.pod.is_none()) {
    const auto created = s.world().workload(workload).created;
    throw ExplainError("there was no " + s.pod_word() + " " + a.pod + " on " + s.platform(),
                       created == 0 ? "the workload never had any"
                                    : fmt::format("{} had {}-0 to {}-{}", s.name(workload), s.name(workload),
                                                  s.name(workload), created - 1));
  }
  const Pod& pod = s.world().pod(log.pod);
  const std::vector<Step> life = life_of(s, log, pod);
  const std::vector<Wait> waits = waits_of(log);
  const Cost cost = pod_cost(s, pod);
  const auto width = static_cast<std::size_t>(std::max(style.width, 60));

  std::string text = fmt::format("{} {} on {}: asks for {}\n\n", s.pod_word(), s.name(log.pod), s.platform(),
                                 requests_text(s.world().shapes[pod.shape].requests));
  for (std::size_t i = 0; i < life.size(); ++i) {
    const std::string after = i == 0 ? "" : "+" + span_text(life[i].at - life[i - 1].at);
    text += folded(fmt::format("  {:<13}{:>12}  {}", s.clock(life[i].at), after, life[i].text), width, 29) + "\n";
    if (life[i].name != "created") continue;
    for (const Wait& wait : waits) {
      text += folded(fmt::format("  {:<13}{:>12}  pending, tried {}: {}", s.clock(wait.from), "",
                                 wait.attempts == 1 ? "once"
                                                    : fmt::format("{} times until {}", wait.attempts, s.clock(wait.to)),
                                 wait.message),
                     width, 29) +
              "\n";
    }
  }
  for (const PodWordRow& word : log.pod_words) {
    const std::string until = word.to > word.from ? " until " + s.clock(word.to) : "";
    text +=
        folded(fmt::format("  {:<13}{:>12}  no node launched for it{}: {}", s.clock(word.from), "", until, word.text),
               width, 29) +
        "\n";
  }
  text += "\n";
  const auto gap = [](Time from, Time to) { return from == kTimeNever || to == kTimeNever ? Duration{-1} : to - from; };
  const Duration pending = gap(pod.created, pod.bound != kTimeNever   ? pod.bound
                                            : pod.ended != kTimeNever ? pod.ended
                                                                      : s.world().end);
  const Duration way = gap(pod.bound, pod.serving);
  const Duration served = pod.serving == kTimeNever ? Duration{-1}
                                                    : (pod.stopping != kTimeNever ? pod.stopping
                                                       : pod.ended != kTimeNever  ? pod.ended
                                                                                  : s.world().end) -
                                                          pod.serving;
  std::string sum =
      "It waited " + span_text(pending) + (pod.bound == kTimeNever ? " and was never placed." : " for its place");
  if (pod.bound != kTimeNever) sum += way.count() >= 0 ? ", took " + span_text(way) + " from there to traffic" : "";
  if (served.count() >= 0)
    sum += " and served " + span_text(served) + (pod.ended == kTimeNever ? " up to the end of the run" : "");
  if (pod.bound != kTimeNever) sum += ".";
  text += folded(sum, width, 0) + "\n";
  const std::string why = log.attempts.empty() ? waits_because(s, pod) : "";
  if (!why.empty()) text += folded("At the end: " + why + ".", width, 2) + "\n";
  if (pod.bound != kTimeNever && pod.ended <= s.world().window_start)
    text += "It ended before the counted window: nothing of it is on the bill.\n";
  if (cost.known && cost.billed > Duration{})
    text +=
        folded("It cost " + usd_text(cost.usd) + " in the window: " + span_text(cost.billed) + " of " + cost.how + ".",
               width, 0) +
        "\n";
  if (log.placement) {
    const PlacementTable& t = *log.placement;
    text += t.chosen.is_none() ? fmt::format("\nThe last try, at {}\n\n", s.clock(t.at))
                               : fmt::format("\nWhy {}, at {}\n\n", s.name(t.chosen), s.clock(t.at));
    text += s.is_ecs() ? ecs_table(s, t, style) : kubernetes_table(s, t, style);
  }
  text += "\n" + folded(s.check_text(), width, 0) + "\n";

  Json j = {{"format_version", results::kFormatVersion},
            {"platform", s.platform()},
            {"pod_word", s.pod_word()},
            {"pod", s.name(log.pod)},
            {"workload", s.name(pod.workload)},
            {"window_start_us", to_microseconds(s.world().window_start)}};
  Json steps = Json::array(), pendings = Json::array();
  for (const Step& step : life)
    steps.push_back({{"at_us", to_microseconds(step.at)}, {"step", step.name}, {"text", step.text}});
  for (const Wait& wait : waits) {
    pendings.push_back({{"from_us", to_microseconds(wait.from)},
                        {"to_us", to_microseconds(wait.to)},
                        {"attempts", wait.attempts},
                        {"message", wait.message}});
  }
  j["life"] = std::move(steps);
  j["pending_us"] = pending.count();
  j["pending"] = std::move(pendings);
  if (!why.empty()) j["waits_for"] = why;
  if (!log.pod_words.empty()) {
    Json words = Json::array();
    for (const PodWordRow& word : log.pod_words) {
      words.push_back(
          {{"from_us", to_microseconds(word.from)}, {"to_us", to_microseconds(word.to)}, {"message", word.text}});
    }
    j["not_launched_for"] = std::move(words);
  }
  j["node"] = pod.node.is_none() ? Json(nullptr) : Json(s.name(pod.node));
  j["end_reason"] = pod.end_reason == Reason::none ? Json(nullptr) : Json(reason_key(pod.end_reason));
  j["cost"] = nullptr;
  if (cost.known)
    j["cost"] = {{"usd", fmt::format("{:.9f}", cost.usd)}, {"billed_us", cost.billed.count()}, {"how", cost.how}};
  j["placement"] = log.placement ? placement_json(s, *log.placement) : Json(nullptr);
  j["check"] = s.check_text();
  return {text, j.dump(1) + "\n"};
}

}  // namespace plimsoll::cli
