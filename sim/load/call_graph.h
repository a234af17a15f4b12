#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/core/units.h"
#include "sim/load/processor_sharing.h"

namespace plimsoll::load {

/// One kind of call: how often a request of `from` calls `to`, by index into the services.
struct Call {
  std::uint32_t from = 0, to = 0;
  double per_request = 1;          ///< calls per request, >= 0
  double failure_probability = 0;  ///< of one attempt, independent, [0, 1)
  std::int32_t max_retries = 0;    ///< further attempts after a failure

  /// Attempts per call: (1 - p^(R+1)) / (1 - p).
  double attempts() const;
  /// Probability that the call fails in the end: p^(R+1).
  double final_failure() const;
};

/// A group of services that call each other in a ring, by index, in the order of the ring (the first one not repeated).
using Cycle = std::vector<std::uint32_t>;

/// Who calls whom, solved: how often each service is visited per external request, and in which order to add latencies.
/// Retries and rings are allowed as long as the traffic equations v = e + P'v converge (spectral radius of P below 1).
class CallGraph {
 public:
  /// `entry_share[i]`: part of the external requests that arrive at service i (usually 1 for one and 0 elsewhere).
  /// The error names what is wrong: an unknown index, a negative count, or a ring (its services in order) that
  /// multiplies its own calls. @pre names and entry_share have equal sizes.
  static Parsed<CallGraph> build(std::vector<std::string> names, std::vector<Call> calls,
                                 std::vector<double> entry_share);

  std::size_t size() const { return names_.size(); }
  const std::vector<std::string>& names() const { return names_; }
  const std::vector<Call>& calls() const { return calls_; }
  /// Mean visits of each service per external request.
  const std::vector<double>& visits() const { return visits_; }
  /// Services with callers before callees; members of a ring stand together. Ties: the lower index first.
  const std::vector<std::uint32_t>& order() const { return order_; }
  /// The rings there are (strongly connected groups), in order of their first service. Empty for an acyclic graph.
  const std::vector<Cycle>& cycles() const { return cycles_; }
  /// 0 for an acyclic graph.
  double spectral_radius() const { return spectral_radius_; }
  /// "a -> b -> a".
  std::string describe(const Cycle& cycle) const;

  /// Time of a request of each service with everything it calls, one call after another: its own part plus the sum of
  /// its callees' times attempts per request. Means add; variances add (independent calls), with f (1 - f) mean^2 for
  /// the fraction f of a call that is made by chance. Solved exactly with rings.
  /// @pre sizes equal size(); own and total do not overlap.
  void end_to_end(std::span<const LatencyMoments> own, std::span<LatencyMoments> total) const;

  /// Visits when only the part `passed[i]` of the requests of service i gets so far as to make its calls:
  /// v = external + P' (passed v), `external` being what comes from outside. Callers first; rings are gone round until
  /// nothing moves by more than 1e-9 of a visit (at most 1,000 times).
  /// @pre sizes equal size(); visits does not overlap the others.
  void spread(std::span<const double> external, std::span<const double> passed, std::span<double> visits) const;

  /// Part of the requests of each service that is answered with an error. A request fails by itself (`own[i]` of those
  /// that service i serves) or because one of the calls that it makes fails: the callee lost it (all but `passed[j]`),
  /// answered it with an error, or the call's last attempt failed. 1.3 calls a request are one always and a second with
  /// probability 0.3. Calls fail independently of each other. Callees first; rings as in spread().
  /// @pre sizes equal size(); failed does not overlap the others.
  void failures(std::span<const double> own, std::span<const double> passed, std::span<double> failed) const;

  /// The chain of calls that adds most to the time of `from`: each step goes to the callee with the largest
  /// attempts x end-to-end mean; ends at a service that calls nothing, or before a service comes twice.
  std::vector<std::uint32_t> critical_path(std::uint32_t from, std::span<const LatencyMoments> own) const;

 private:
  std::vector<std::string> names_;
  std::vector<Call> calls_;
  std::vector<double> visits_;
  std::vector<std::uint32_t> order_;
  std::vector<Cycle> cycles_;
  double spectral_radius_ = 0;
  std::vector<std::uint32_t> first_call_;  ///< calls_ sorted by caller: the calls of i are [first_call_[i], [i + 1])
  std::vector<double> inverse_;            ///< (I - P)^-1 by rows, only with rings
  std::vector<double> times_;              ///< by call: attempts per request
  std::vector<double> chance_;             ///< by call: f (1 - f) of the fraction f that is made by chance
  bool calls_fail_ = false;                ///< some call's last attempt may fail
};

}  // namespace plimsoll::load
