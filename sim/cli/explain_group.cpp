#include "sim/cli/explain_group.h"

#include <algorithm>

namespace plimsoll::cli {

namespace {

/// A place that nothing refuses is filled sooner.
constexpr Duration kLongestFill = minutes(10);

/// Reasons of ends that the group, or who scales it, chose.
bool is_choice(Reason reason) {
  return reason == Reason::node_drain || reason == Reason::scale_down || reason == Reason::scale_in;
}

}  // namespace

GroupHistory::GroupHistory(const World& world, NodeGroupId group) : world_(world), group_(group) {
  // What it began with is what it asked for at the first instant.
  std::int64_t first = 0;
  bool resized = false;
  Time began = kTimeNever;
  for (const FactRecord& f : world.log) {
    if (f.group != group) continue;
    if (f.fact != Fact::node_requested && f.fact != Fact::launch_refused && f.fact != Fact::group_resized) continue;
    if (began == kTimeNever) began = f.at;
    if (f.at != began || f.fact == Fact::group_resized) break;
    first += f.fact == Fact::launch_refused ? f.value : 1;
  }
  for (const FactRecord& f : world.log) resized = resized || (f.fact == Fact::group_resized && f.group == group);
  desired_ = resized ? first : std::max(first, world.group(group).desired);
  for (std::int64_t i = 0; i < desired_; ++i) places_.push_back({Cause::first, nullptr, 0, {}});
  for (const FactRecord& f : world.log) {
    const bool warns = f.fact == Fact::rebalance_recommended || f.fact == Fact::spot_notice;
    if (warns && world.node(f.node).group == group) warning_ = &f;
    if (f.group != group) continue;
    if (f.fact == Fact::group_resized) resize(f);
    if (f.fact == Fact::node_requested) come(f.node);
    if (f.fact == Fact::node_draining || f.fact == Fact::node_terminating) leave(f);
  }
  if (!adds_up()) by_resizes_alone();
}

bool GroupHistory::adds_up() const {
  if (places_.empty()) return true;
  Time last = kTimeZero;
  for (const FactRecord& f : world_.log) {
    const bool waits = f.fact == Fact::launch_refused || f.fact == Fact::group_resized ||
                       f.fact == Fact::node_draining || f.fact == Fact::node_terminating;
    if (f.group == group_ && waits) last = f.at;
  }
  return world_.now() - last < kLongestFill;
}

void GroupHistory::by_resizes_alone() {
  for (auto& [node, why] : launches_) {
    const Move last = last_resize(world_.node(node).requested, true);
    why = last.resize != nullptr ? last : Move{Cause::first, nullptr, 0, {}};
  }
  for (auto& [node, why] : ends_) {
    const Move last = last_resize(left_.at(node), false);
    why = last.resize != nullptr && left_.at(node) - last.resize->at < kLongestFill ? last : Move{};
  }
}

GroupHistory::Move GroupHistory::last_resize(Time until, bool up) const {
  Move out;
  std::int64_t before = -1;
  for (const FactRecord& f : world_.log) {
    if (f.at > until) break;
    if (f.fact != Fact::group_resized || f.group != group_) continue;
    if (before < 0 ? up : (f.value > before) == up) out = {Cause::resized, &f, std::max<std::int64_t>(before, 0), {}};
    before = f.value;
  }
  return out;
}

void GroupHistory::resize(const FactRecord& fact) {
  for (std::int64_t i = desired_; i < fact.value; ++i) {
    // One more wanted is one less to go.
    if (!surplus_.empty() && surplus_.back().cause == Cause::resized) {
      surplus_.pop_back();
    } else {
      places_.push_back({Cause::resized, &fact, desired_, {}});
    }
  }
  for (std::int64_t i = fact.value; i < desired_; ++i) {
    const Move down{Cause::resized, &fact, desired_, {}};
    if (places_.empty()) {
      surplus_.push_back(down);
      continue;
    }
    // An autoscaler ends the node first and takes its place away in the same breath.
    if (places_.back().cause == Cause::replacement) ends_[places_.back().other] = down;
    places_.pop_back();
  }
  desired_ = fact.value;
}

void GroupHistory::come(NodeId node) {
  if (places_.empty()) {
    launches_[node] = {Cause::ahead, nullptr, 0, {}};
    if (warning_ != nullptr && warning_->at == world_.node(node).requested) warned_[node] = warning_->node;
    surplus_.push_back({Cause::ahead, nullptr, 0, node});
    return;
  }
  launches_[node] = places_.front();
  places_.pop_front();
}

void GroupHistory::leave(const FactRecord& fact) {
  // Those that an autoscaler or a notice drains are the group's own until they end.
  const bool stays = fact.fact == Fact::node_draining &&
                     (fact.reason == Reason::scale_down || fact.reason == Reason::spot_interruption);
  if (stays || !left_.emplace(fact.node, fact.at).second) return;
  const auto at = surplus_for(fact);
  if (at == surplus_.end()) {
    ends_[fact.node] = {Cause::alone, nullptr, 0, {}};
    places_.push_back({Cause::replacement, nullptr, 0, fact.node});
    return;
  }
  const Move why = *at;
  surplus_.erase(at);
  // What was lost anyway was nobody's choice, though one less is to go now.
  ends_[fact.node] = why.cause == Cause::resized && !is_choice(fact.reason) ? Move{} : why;
  if (why.cause == Cause::ahead) launches_[why.other].other = fact.node;
}

std::deque<GroupHistory::Move>::iterator GroupHistory::surplus_for(const FactRecord& fact) {
  const auto first = [&](auto&& is) { return std::find_if(surplus_.begin(), surplus_.end(), is); };
  // What is launched ahead takes its place at the instant at which it is in service; a warning names whom it is for.
  const auto own = first([&](const Move& m) {
    if (m.cause != Cause::ahead) return false;
    const auto warned = warned_.find(m.other);
    return warned != warned_.end() ? warned->second == fact.node : world_.node(m.other).ready == fact.at;
  });
  if (own != surplus_.end()) return own;
  const auto resized = first([](const Move& m) { return m.cause == Cause::resized; });
  if (resized != surplus_.end() || !is_choice(fact.reason)) return resized;
  return first([&](const Move& m) { return world_.node(m.other).ready < fact.at; });
}

std::optional<GroupHistory::Move> GroupHistory::launch_of(NodeId node) const {
  const auto at = launches_.find(node);
  return at == launches_.end() ? std::nullopt : std::optional(at->second);
}

std::optional<GroupHistory::Move> GroupHistory::end_of(NodeId node) const {
  const auto at = ends_.find(node);
  return at == ends_.end() ? std::nullopt : std::optional(at->second);
}

std::int64_t GroupHistory::members_in(ZoneId zone, Time at) const {
  std::int64_t count = 0;
  for (const auto& [node, why] : launches_) {
    const Node& n = world_.node(node);
    const auto gone = left_.find(node);
    if (n.zone == zone && n.requested < at && (gone == left_.end() || gone->second > at)) ++count;
  }
  return count;
}

}  // namespace plimsoll::cli
