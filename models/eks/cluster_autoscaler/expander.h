#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/cluster/resources.h"
#include "sim/core/id.h"
#include "sim/core/random.h"

namespace plimsoll::eks::ca {

/// What one node group would do for the pending pods, were it the only one to grow.
struct ExpansionOption {
  std::size_t group = 0;      ///< index of the group
  std::string_view group_id;  ///< name of the Auto Scaling group
  std::int64_t nodes = 0;
  std::int64_t pods = 0;
  ResourceVector requested;      ///< of the pods
  ResourceVector node_capacity;  ///< capacity (not allocatable) of the template node
};

/// Keeps the best options, in their order. SOURCE: kubernetes/autoscaler 1.28 cluster-autoscaler/expander.
class Expander {
 public:
  virtual ~Expander() = default;
  /// The name given to --expander.
  virtual std::string_view name() const = 0;
  /// Positions of the survivors, ascending. @pre options is not empty.
  virtual std::vector<std::size_t> best(std::span<const ExpansionOption> options) const = 0;
  /// Score of an option for explanations; smaller is better, 0 where the expander has none.
  virtual double score(const ExpansionOption&) const { return 0; }
};

/// expander_random.cpp: keeps all; the draw that follows every chain decides.
std::unique_ptr<Expander> make_random_expander();
/// expander_most_pods.cpp: most pods placed.
std::unique_ptr<Expander> make_most_pods_expander();
/// expander_least_nodes.cpp: fewest new nodes.
std::unique_ptr<Expander> make_least_nodes_expander();
/// expander_least_waste.cpp: smallest idle share of CPU plus idle share of memory, over capacity.
std::unique_ptr<Expander> make_least_waste_expander();

/// The ConfigMap cluster-autoscaler-priority-expander: priority and its list of regular expressions (unanchored).
using PriorityConfig = std::vector<std::pair<std::int64_t, std::vector<std::string>>>;
/// expander_priority.cpp: the highest priority with a match wins; groups without a match are left out, unless none has
/// one. A configuration with an invalid expression keeps all options, like a missing one. Expressions are those of Go
/// as far as ECMAScript's are the same, with (?i) at the front.
std::unique_ptr<Expander> make_priority_expander(const PriorityConfig& config);
/// What is wrong with one of its expressions; empty when nothing is.
std::string pattern_fault(std::string_view pattern);

/// Several expanders in a row (--expander=priority,least-waste): each filters what the one before left; what is then
/// still tied is drawn at random.
class ExpanderChain {
 public:
  explicit ExpanderChain(std::vector<std::unique_ptr<Expander>> expanders) : expanders_(std::move(expanders)) {}
  /// `tie` draws the k-th of the tied options in group order, as item `draw`; without it the first is taken.
  std::size_t choose(std::span<const ExpansionOption> options, const Stream* tie, std::uint64_t draw) const;
  const std::vector<std::unique_ptr<Expander>>& expanders() const { return expanders_; }

 private:
  std::vector<std::unique_ptr<Expander>> expanders_;
};

/// Whether the list that --expander takes has this name.
bool has_expander(std::string_view list, std::string_view name);
/// Names as --expander takes them.
std::span<const std::string_view> expander_names();
/// Reads a comma-separated list; an unknown name gives null and an error with the nearest one. "price" and "grpc" are
/// refused: AWS has no pricing model, and an external process cannot be simulated.
std::unique_ptr<ExpanderChain> make_expanders(std::string_view list, const PriorityConfig& priorities,
                                              std::string& error);

}  // namespace plimsoll::eks::ca
