// A provider FARGATE or FARGATE_SPOT: what the strategy gave to it, what it launched, and what held it back.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "models/aws/controllers/fargate_launcher.h"
#include "sim/cli/explain.h"
#include "sim/report/text_table.h"
#include "sim/results/summary.h"

namespace plimsoll::cli {

namespace {

using FargateJson = nlohmann::ordered_json;

constexpr std::size_t kMostMinutes = 60;
/// With an instant: this much before and after.
constexpr Duration kAroundMinute = minutes(15);

/// What became of a service's tasks, by provider.
struct ServiceSplit {
  std::int64_t here = 0, elsewhere = 0;
};

struct FargateMinute {
  Time at{};
  std::int64_t asked = 0, launched = 0, refused = 0, waiting = 0;
};

}  // namespace

std::optional<Explanation> explain_fargate_provider(Subject& s, const ExplainArguments& a,
                                                    const report::TerminalStyle& terminal) {
  const bool spot = a.capacity_provider == "FARGATE_SPOT";
  if (!spot && a.capacity_provider != "FARGATE") return std::nullopt;
  const aws::FargateLauncher* launcher = nullptr;
  s.world().each_component<aws::FargateLauncher>([&](const aws::FargateLauncher& l) {
    if (launcher == nullptr && l.parameters().spot == spot) launcher = &l;
  });
  if (launcher == nullptr) return std::nullopt;
  const bool all = !a.at.empty();
  const Time at = all ? s.instant(a.at) : kTimeZero;
  const Time from = all ? std::max(kTimeZero, at - kAroundMinute) : kTimeZero;
  const Time to = all ? std::min(s.world().end, at + kAroundMinute) : s.world().end;
  all&& to < s.world().end ? s.run_until(to) : s.run_to_end();

  const World& w = s.world();
  const aws::FargateParameters& p = launcher->parameters();
  const auto ours = [&](PodId id) {
    const Pod& pod = w.pod(id);
    return launcher->serves(pod.workload) && (!p.lane || pod.lane == *p.lane);
  };
  std::vector<ServiceSplit> split(w.workloads().size());
  for (const Pod& pod : w.pods()) {
    if (!launcher->serves(pod.workload)) continue;
    ServiceSplit& of = split[pod.workload.index()];
    ++(ours(pod.id) ? of.here : of.elsewhere);
  }
  std::vector<FargateMinute> minutes_seen;
  std::int64_t waiting = 0;
  const auto minute_of = [&](Time t) -> FargateMinute& {
    const Time minute = kTimeZero + minutes((t - kTimeZero) / minutes(1));
    if (minutes_seen.empty() || minutes_seen.back().at != minute) minutes_seen.push_back({.at = minute});
    return minutes_seen.back();
  };
  std::vector<std::uint8_t> queued(w.pods().size(), 0);
  const auto leaves_queue = [&](PodId id) {
    if (queued[id.index()] == 0) return false;
    queued[id.index()] = 0;
    --waiting;
    return true;
  };
  for (const FactRecord& f : w.log) {
    if (f.at > to) break;
    if (f.fact == Fact::pod_created && ours(f.pod)) {
      ++minute_of(f.at).asked;
      queued[f.pod.index()] = 1;
      ++waiting;
    } else if (f.fact == Fact::node_requested && w.node(f.node).host == HostKind::fargate) {
      const PodId pod{static_cast<std::uint32_t>(w.node(f.node).tag)};
      if (pod.index() >= w.pods().size() || !ours(pod) || !leaves_queue(pod)) continue;
      ++minute_of(f.at).launched;
    } else if (f.fact == Fact::pod_ended && ours(f.pod)) {
      static_cast<void>(leaves_queue(f.pod));
    } else if (f.fact == Fact::launch_refused && !f.workload.is_none() && launcher->serves(f.workload)) {
      minute_of(f.at).refused += f.value;
    } else {
      continue;
    }
    minute_of(f.at).waiting = waiting;
  }

  const double rate = static_cast<double>(p.quota.per_second.raw()) * 1e-6;
  std::string text = fmt::format("capacity provider {} on {}: a bucket of {} launches, {:g} more a second{}\n\n",
                                 a.capacity_provider, s.platform(), p.quota.burst, rate,
                                 p.vcpu_quota ? fmt::format("; {} vCPUs at most", *p.vcpu_quota) : "");
  report::TextTable shares;
  shares.heads = {{"service"}, {"tasks", "here"}, {"by other", "providers"}, {"share", "%"}};
  FargateJson split_json = FargateJson::array();
  for (std::size_t i = 0; i < split.size(); ++i) {
    const ServiceSplit& of = split[i];
    if (of.here + of.elsewhere == 0) continue;
    const double share = 100.0 * static_cast<double>(of.here) / static_cast<double>(of.here + of.elsewhere);
    const std::string name = s.name(WorkloadId{i});
    split_json.push_back(
        {{"service", name}, {"tasks", of.here}, {"elsewhere", of.elsewhere}, {"share_percent", share}});
    shares.rows.push_back({{name, std::to_string(of.here), std::to_string(of.elsewhere), fmt::format("{:.0f}", share)},
                           report::Paint::plain});
  }
  const auto width = static_cast<std::size_t>(std::max(terminal.width, 60));
  text += "what the strategy gave to it over the run\n" + shares.render(width, terminal.colour) + "\n";

  report::TextTable table;
  table.heads = {{"minute"}, {"tasks", "new"}, {"launched"}, {"waiting", "at its end"}, {"refused"}};
  FargateJson rows = FargateJson::array();
  std::size_t matching = 0;
  for (const FargateMinute& m : minutes_seen) {
    if (m.at + minutes(1) < from || m.at > to) continue;
    ++matching;
    rows.push_back({{"at_us", to_microseconds(m.at)},
                    {"tasks", m.asked},
                    {"launched", m.launched},
                    {"waiting", m.waiting},
                    {"refused", m.refused}});
    if (table.rows.size() >= kMostMinutes) continue;
    table.rows.push_back({{s.clock(m.at), std::to_string(m.asked), std::to_string(m.launched),
                           std::to_string(m.waiting), m.refused > 0 ? std::to_string(m.refused) : ""},
                          m.refused > 0 || m.waiting > 0 ? report::Paint::bold : report::Paint::plain});
  }
  text += table.rows.empty() ? "It launched nothing in this span.\n" : table.render(width, terminal.colour);
  if (matching > table.rows.size())
    text += fmt::format("  ... {} of {} minutes; give an instant with --at for others\n", table.rows.size(), matching);
  FargateJson limits = FargateJson::array();
  for (const BindingLimits::Limit& limit : launcher->binding_limits(w)) {
    text += folded(fmt::format("Held back by {} for {:.1f} % of the span.", limit.name, 100 * limit.share), width, 2) +
            "\n";
    limits.push_back({{"limit", limit.name}, {"share_percent", 100 * limit.share}});
  }
  if (limits.empty()) text += "No quota has held it back.\n";
  text += "\n" + folded(s.check_text(), width, 0) + "\n";
  FargateJson j = {{"format_version", results::kFormatVersion},
                   {"platform", s.platform()},
                   {"window_start_us", to_microseconds(w.window_start)},
                   {"capacity_provider", a.capacity_provider},
                   {"burst", p.quota.burst},
                   {"per_second", rate}};
  if (p.vcpu_quota) j["vcpu_quota"] = *p.vcpu_quota;
  j["split"] = std::move(split_json);
  j["minutes"] = std::move(rows);
  j["limits"] = std::move(limits);
  j["check"] = s.check_text();
  return Explanation{text, j.dump(1) + "\n"};
}

}  // namespace plimsoll::cli
