#include <algorithm>
#include <array>
#include <limits>

#include "sim/load/rate_series.h"
#include "sim/load/share.h"
#include "sim/load/sharing_batch.h"
#include "sim/load/traffic.h"

namespace plimsoll::load {

namespace {

/// A host whose room is less than this part of its pods' wants is looked at in each step.
constexpr double kTight = 1.15;
/// When more than one in so many hosts is looked at only because wants were larger at the last look at all of them, all
/// are looked at anew.
constexpr std::size_t kHostsOfOneOutdated = 8;
constexpr std::int64_t kLargestDivisor = std::int64_t{1} << 60;  ///< that Divisor takes

}  // namespace

std::int64_t Traffic::want_ticks(std::uint32_t index, std::int64_t backlog, std::int64_t pods) const {
  const State& s = states_[index];
  if (pods == 0) return 0;
  const std::int64_t arrivals = pods == s.serving ? s.step_total : share(s.step_total, pods, s.serving);
  return cpu_demand(shape_of(index), arrivals + backlog, step_end_ - step_start_).raw();
}

/// The same for each pod, at most what one may use.
std::int64_t Traffic::want_each(std::uint32_t index, std::int64_t backlog, std::int64_t pods) const {
  return pods == 0 ? 0 : std::min(want_ticks(index, backlog, pods) / pods, most_[app_of(index)]);
}

void Traffic::rebalance(World& world) {
  if (step_end_ <= step_start_) return;
  settle(world);
  find_wants();
  std::fill(capacity_.begin(), capacity_.end(), 0);
  if (!paired_ || !share_few(world)) share_hosts(world);
  const bool all_alike = sets_ == apps();
  const std::int64_t span = (step_end_ - step_start_).count();
  // The laws here rather than where each is asked for, so that the processor works at several of them at once.
  constexpr std::size_t kLawsAtOnce = 32;
  std::array<SharingCase, kLawsAtOnce> cases{};
  std::array<Law*, kLawsAtOnce> laws{};
  std::array<LatencyMoments, kLawsAtOnce> latencies{};
  std::size_t count = 0;
  const auto find_latencies = [&] {
    sharing_latencies(std::span(cases).first(count), std::span(latencies).first(count));
    for (std::size_t k = 0; k < count; ++k) {
      laws[k]->latency = latencies[k];
      laws[k]->whole_us = static_cast<std::int64_t>(latencies[k].mean_us);
    }
    count = 0;
  };
  for (std::uint32_t i = 0; i < sets_; ++i) {
    State& s = states_[i];
    s.capacity = Cpu{capacity_[i]};
    if (!all_alike || s.serving <= 0 || !s.crowded.empty() || capacity_[i] <= 0) continue;
    const RequestShape& shape = plan_->workloads[i].shape;
    const std::int64_t each = shape.cpu_per_request;
    if (s.work_scale != s.serving * 1'000'000 || each > kLargestDivisor) {
      law_of(i);
      continue;
    }
    Law& law = laws_[i];
    law.expected = s.step_expected;
    law.capacity = capacity_[i];
    law.pods = s.serving;
    law.cpu = each;
    law.latency = {};
    law.whole_us = 0;
    const std::int64_t most = Divisor(each).down(law.capacity * kMicroRequests, span);
    if (most == 0) continue;
    cases[count] = {&shape, std::max(Cpu{law.capacity / law.pods}, Cpu{1}),
                    static_cast<double>(law.expected) / static_cast<double>(most)};
    laws[count] = &law;
    if (++count == kLawsAtOnce) find_latencies();
  }
  find_latencies();
}

/// What each set's pods want in this step, as want_ticks. A set without a pod elsewhere than on crowded nodes hands on
/// its backlog there; the want of one elsewhere is then that of one without.
void Traffic::find_wants() {
  const Divisor step((step_end_ - step_start_).count() * kMicroRequests);
  const std::uint32_t apps = this->apps();
  for (std::uint32_t i = 0; i < sets_; ++i) {
    State& s = states_[i];
    const std::uint32_t app = i < apps ? i : i - apps;
    std::int64_t pods = s.serving;
    if (s.crowded.empty()) {
      const std::int64_t each =
          s.work_scale == pods * 1'000'000 ? plan_->workloads[app].shape.cpu_per_request : cpu_per_request(i);
      want_all_[i] = pods == 0 ? 0 : step.up(s.step_total + s.fluid.backlog(), each);
    } else {
      const bool any = s.plain_serving() > 0;
      if (!any && s.fluid.backlog() > 0) s.crowded.front().fluid.add_backlog(s.fluid.take_backlog());
      if (any) pods = s.plain_serving();
      want_all_[i] = want_ticks(i, any ? s.fluid.backlog() : 0, pods);
    }
    want_[i] = pods == 0 ? 0 : std::min(want_all_[i] / pods, most_[app]);
  }
}

/// Keeps in mind how much more the pods of a host that is counted in pairs may want.
void Traffic::note_room(NodeId node, Host& h, double ratio) {
  if (h.tight) return;
  if (ratio >= kTight) {
    pairs_.bound(ratio);
    return;
  }
  h.tight = true;
  tight_.push_back(node);
}

/// As share_hosts does, by a look at those hosts only that are crowded or may be. False, with nothing changed, when all
/// are to be looked at.
bool Traffic::share_few(World& world) {
  if (!pairs_.follows(want_)) return false;
  look_at_.assign(crowded_.begin(), crowded_.end());
  std::size_t outdated = 0;
  std::erase_if(tight_, [&](NodeId id) {
    Host& h = hosts_[id.index()];
    h.tight = h.active && !h.crowded && !h.groups.empty();
    if (!h.tight) return true;
    std::int64_t wants = 0;
    for (const Group& g : h.groups) wants += want_[g.index] * g.serving;
    if (h.room_for_traffic() < wants) {
      look_at_.push_back(id);
      h.tight = false;
      return true;
    }
    // By the present wants first, which are known: only a host that is far from crowded may be left alone.
    if (static_cast<double>(h.room_for_traffic()) < kTight * static_cast<double>(wants)) return false;
    const double ratio = pairs_.room_over_wants(h.groups, h.room_for_traffic());
    if (ratio < kTight) {
      ++outdated;
      return false;
    }
    h.tight = false;
    pairs_.bound(ratio);
    return true;
  });
  // What crowded hosts do to a set depends on their order.
  std::sort(look_at_.begin(), look_at_.end(),
            [&](NodeId a, NodeId b) { return hosts_[a.index()].order < hosts_[b.index()].order; });
  crowded_.clear();
  std::size_t relaxed = 0;
  for (const NodeId id : look_at_) {
    Host& h = hosts_[id.index()];
    if (!h.crowded) pairs_.count_host(h.groups, h.room_for_traffic(), -1);
    share_crowded(world, id, h);
    if (h.crowded)
      crowded_.push_back(id);
    else
      look_at_[relaxed++] = id;
  }
  pairs_.add_capacities(want_, capacity_);
  look_at_.resize(relaxed);
  for (const NodeId id : look_at_) {
    Host& h = hosts_[id.index()];
    pairs_.count_host(h.groups, h.room_for_traffic(), 1);
    note_room(id, h, pairs_.room_over_wants(h.groups, h.room_for_traffic()));
  }
  if (outdated * kHostsOfOneOutdated > active_.size()) pairs_.looked(want_, 0);
  return true;
}

/// Shares the CPU of each host among its pods, and adds it up by set.
void Traffic::share_hosts(World& world) {
  pairs_.looked(want_, std::numeric_limits<double>::infinity());
  for (const NodeId id : tight_) hosts_[id.index()].tight = false;
  tight_.clear();
  crowded_.clear();
  for (const NodeId id : active_) {
    Host& h = hosts_[id.index()];
    if (h.groups.empty() && !h.crowded) continue;
    std::int64_t wants = 0;
    for (const Group& g : h.groups) wants += want_[g.index] * g.serving;
    const std::int64_t slack = h.room_for_traffic() - wants;
    if (h.crowded || slack < 0) {
      const bool was = h.crowded;
      share_crowded(world, id, h);
      if (paired_ && was != h.crowded) pairs_.count_host(h.groups, h.room_for_traffic(), was ? 1 : -1);
      if (h.crowded) crowded_.push_back(id);
    } else if (limited_) {
      for (const Group& g : h.groups)
        capacity_[g.index] += std::min(want_[g.index] + slack, most_[app_of(g.index)]) * g.serving;
    } else {
      for (const Group& g : h.groups) capacity_[g.index] += (want_[g.index] + slack) * g.serving;
    }
    if (paired_ && !h.crowded && wants > 0)
      note_room(id, h, static_cast<double>(slack + wants) / static_cast<double>(wants));
  }
}

/// A node that has no room for what its pods want, or had none in the last step.
void Traffic::share_crowded(World& world, NodeId node, Host& h) {
  const auto cohort_of = [&](State& s) {
    return std::find_if(s.crowded.begin(), s.crowded.end(), [node](const Crowded& c) { return c.node == node; });
  };
  std::int64_t total = h.system_ticks + h.starting_ticks;
  claims_.clear();
  claims_.push_back({Cpu{total}, std::max<std::int64_t>(1, total)});
  for (const Group& g : h.groups) {
    State& s = states_[g.index];
    const auto cohort = cohort_of(s);
    const std::int64_t want =
        cohort == s.crowded.end() ? want_[g.index] : want_each(g.index, cohort->fluid.backlog(), cohort->serving);
    const std::int64_t request = world.workload(plan_->workloads[app_of(g.index)].workload).requests.cpu().raw();
    claims_.push_back({Cpu{want * g.serving}, std::max<std::int64_t>(1, request * g.serving)});
    total += want * g.serving;
  }
  h.crowded = total > h.room;
  if (!h.crowded) {
    const std::int64_t slack = h.room - total;
    for (std::size_t k = 0; k < h.groups.size(); ++k) {
      const Group& g = h.groups[k];
      const std::int64_t want = claims_[k + 1].demand.raw() / g.serving;
      capacity_[g.index] += std::min(want + slack, most_[app_of(g.index)]) * g.serving;
      State& s = states_[g.index];
      const auto cohort = cohort_of(s);
      if (cohort == s.crowded.end()) continue;
      s.fluid.add_backlog(cohort->fluid.take_backlog());
      s.crowded_serving -= cohort->serving;
      s.crowded.erase(cohort);
    }
    return;
  }
  if (grants_.size() < claims_.size()) grants_.resize(claims_.size());
  share_cpu(Cpu{h.room}, claims_, std::span(grants_).first(claims_.size()));
  // Whoever got less than it wants tells the level, the grant for one unit of weight. The others may use as much for a
  // while, as the scheduler of the kernel cuts back those above their share first.
  std::size_t scarce = 0;
  while (scarce < claims_.size() && grants_[scarce] >= claims_[scarce].demand) ++scarce;
  for (std::size_t k = 0; k < h.groups.size(); ++k) {
    const Group& g = h.groups[k];
    State& s = states_[g.index];
    auto cohort = cohort_of(s);
    if (cohort == s.crowded.end()) {
      // Its pods bring their share of what waits.
      const std::int64_t waiting = s.fluid.take_backlog();
      const std::int64_t theirs = share(waiting, g.serving, s.plain_serving());
      s.fluid.add_backlog(waiting - theirs);
      s.crowded.push_back({node, g.serving, Cpu{}, {}});
      s.crowded.back().fluid.add_backlog(theirs);
      s.crowded_serving += g.serving;
      cohort = s.crowded.end() - 1;
    }
    cohort->capacity = grants_[k + 1];
    if (scarce < claims_.size() && grants_[k + 1] >= claims_[k + 1].demand) {
      const std::int64_t level = share(grants_[scarce].raw(), claims_[k + 1].weight, claims_[scarce].weight);
      const std::int64_t one = most_[app_of(g.index)];
      const std::int64_t most = one == INT64_MAX ? INT64_MAX : one * g.serving;
      cohort->capacity = std::max(cohort->capacity, Cpu{std::min(level, most)});
    }
  }
}

}  // namespace plimsoll::load
