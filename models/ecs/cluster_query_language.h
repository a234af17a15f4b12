#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plimsoll::ecs {

/// A container instance as a query sees it.
struct QueryInstance {
  std::span<const std::pair<std::string_view, std::string_view>> attributes;  ///< name, value; names once
  std::string_view agent_version;                                             ///< "1.105.1"
  bool agent_connected = true;
  std::string_view ec2_instance_id;
  std::int64_t registered_at = 0;  ///< microseconds since 1970, UTC; of a query by_calendar: since its zero
  std::int64_t running_tasks = 0;
  std::span<const std::string_view> task_groups;  ///< groups with at least one task on the instance
};

struct QueryError {
  std::size_t position = 0;  ///< offset in the expression, 0-based
  std::string message;
};

struct QueryParse;

/// An expression of the cluster query language: the argument of memberOf constraints and of instance filters.
///     expr := or;  or := and {("||" | "or") and};  and := unary {("&&" | "and") unary}
///     unary := ("!" | "not") unary | "(" expr ")" | subject operator [argument]
/// Source: Amazon ECS Developer Guide, "Cluster query language"; documented: subjects, operators, operators a subject
/// takes, argument lists, date formats, no parentheses inside one condition. Our reading: not binds before and, and
/// before or; task:group takes == != in !in =~ !~; a missing attribute makes ==, in, =~, <, > false and !=, !in, !~
/// true; a pattern matches the whole value; < and > on an attribute compare numbers when both sides are numbers, else
/// text. Patterns are read as ECMAScript: what java.util.regex has beyond that (possessive quantifiers, look-behind,
/// \p{...}, inline flags) is an error of parsing.
class ClusterQuery {
 public:
  static QueryParse parse(std::string_view expression);

  bool matches(const QueryInstance& instance) const;
  /// Whether an instance with these attributes can match at some time of its life: what depends on its tasks, its
  /// agent, its id and the time of its registration is taken for possible either way.
  bool could_match(const QueryInstance& instance) const;
  /// True when the answer for an instance can change while it lives (task:group, runningTasksCount, agentConnected,
  /// agentVersion): a mask made once must then be made again.
  bool depends_on_state() const { return depends_on_state_; }
  /// Whether a condition names this attribute ("ecs.availability-zone").
  bool mentions_attribute(std::string_view name) const;
  /// The attributes that its conditions name, each once, in order.
  std::vector<std::string> attributes() const;
  const std::string& text() const { return text_; }
  /// The same query about instances whose registered_at counts from a calendar's time zero, in Unix seconds.
  ClusterQuery by_calendar(std::int64_t zero) const;

 private:
  struct Tree;
  friend class QueryParser;
  std::shared_ptr<const Tree> tree_;  // immutable, shared by copies
  std::string text_;
  bool depends_on_state_ = false;
};

struct QueryParse {
  std::optional<ClusterQuery> query;
  QueryError error;  ///< when there is no query
};

/// mask[i] &= query matches instance i: the conjunction of several memberOf constraints. @pre equal sizes.
void member_of_mask(const ClusterQuery& query, std::span<const QueryInstance> instances, std::span<std::uint8_t> mask);

/// "2018-06-18T22:28:28+00:00", "...Z", without zone (UTC), or the date only: microseconds since 1970; nothing
/// otherwise.
std::optional<std::int64_t> parse_registered_at(std::string_view text);

}  // namespace plimsoll::ecs
