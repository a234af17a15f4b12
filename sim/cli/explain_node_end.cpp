#include "sim/cli/explain_node_end.h"

#include <fmt/format.h>

#include <algorithm>

namespace plimsoll::cli {

namespace {

/// A drain that took less needs no word.
constexpr Duration kShortDrain = minutes(1);

const FactRecord* first_fact(const Subject& s, const Node& n, Fact fact) {
  for (const FactRecord& f : s.world().log) {
    if (f.fact == fact && f.node == n.id) return &f;
  }
  return nullptr;
}

/// When it was told to go.
Time told_to_go(const Node& n) { return std::min(n.draining, n.terminating); }

std::string held_text(const Node& n) {
  if (n.draining == kTimeNever || n.terminating == kTimeNever || n.terminating - n.draining < kShortDrain) return ".";
  return "; its pods held it another " + span_text(n.terminating - n.draining) + ".";
}

}  // namespace

std::string fate_of(const Subject& s, const Node& n) {
  const FactRecord* notice = first_fact(s, n, Fact::spot_notice);
  switch (n.end_reason) {
    case Reason::node_lost:
    case Reason::zone_lost: {
      const FactRecord* lost = first_fact(s, n, Fact::node_lost);
      if (lost == nullptr) return "It was lost.";
      return "It was lost at " + s.clock(lost->at) +
             (lost->reason == Reason::zone_lost ? " with its zone, " + s.zone(n.id) + "." : ".");
    }
    case Reason::spot_interruption:
      return "EC2 took it back: a Spot interruption" +
             (notice == nullptr ? std::string(".") : ", notice at " + s.clock(notice->at) + ".");
    case Reason::node_drain:
      // Emptied ahead of the end that the notice had set: no interruption to the bill, but nothing else made it go.
      if (notice == nullptr || notice->at > told_to_go(n)) return "";
      return "EC2 wanted it back: a Spot interruption, notice at " + s.clock(notice->at) +
             "; it was drained and ended before its two minutes were over.";
    case Reason::expired:
      return "Its lifetime was over: it was told to go " + span_text(told_to_go(n) - n.requested) +
             " after it was asked for, as expireAfter says" + held_text(n);
    case Reason::node_repair: {
      const FactRecord* unreachable = first_fact(s, n, Fact::node_unreachable);
      return "Node repair: it stayed NotReady for longer than is tolerated" +
             (unreachable == nullptr ? std::string(".") : ", since " + s.clock(unreachable->at) + ".");
    }
    case Reason::launch_failed:
      return "Its launch failed.";
    case Reason::rebalance:
      return "It was moved away from capacity at risk, or from a zone that had too many.";
    case Reason::rollout:
      return "It was replaced by a node of a newer machine image or launch template.";
    case Reason::user_initiated:
      return "Somebody ended it.";
    default:
      return "";
  }
}

std::string drift_cause(const Subject& s, const Node& n) {
  if (n.end_reason != Reason::drifted) return "";
  const FactRecord* newest = nullptr;
  for (const FactRecord& f : s.world().log) {
    const bool images = f.fact == Fact::control_plane_updated || f.fact == Fact::image_changed;
    if (images && f.at > n.requested && f.at <= n.draining) newest = &f;
  }
  if (newest == nullptr) return "It had drifted from its NodePool, which was edited.";
  const std::string since = s.clock(newest->at);
  return newest->fact == Fact::image_changed
             ? "It had drifted: a newer machine image was out since " + since + "."
             : fmt::format("It had drifted: the control plane ran 1.{} since {}, which has images of its own.",
                           newest->value, since);
}

}  // namespace plimsoll::cli
