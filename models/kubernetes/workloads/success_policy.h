#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace plimsoll::kubernetes {

/// Ranges of completion indexes, both ends included: "0,2-4" is {0, 0}, {2, 4}.
using IndexRanges = std::vector<std::pair<std::int64_t, std::int64_t>>;

/// The ranges of a succeededIndexes text: numbers and ranges that grow, none at or beyond `completions`. None when the
/// API server would refuse it. SOURCE: kubernetes/kubernetes pkg/apis/batch/validation/validation.go
/// validateIndexesFormat.
std::optional<IndexRanges> parse_indexes(std::string_view text, std::int64_t completions);

/// One rule of successPolicy: met when so many of the indexes have succeeded.
struct SuccessRule {
  std::optional<IndexRanges> indexes;  ///< none: all
  std::optional<std::int64_t> count;   ///< none: every one of `indexes`
};

/// Whether a rule is met. `succeeded`: by index. SOURCE: kubernetes/kubernetes pkg/controller/job/success_policy.go
/// matchSuccessPolicy (beta, on since 1.31).
bool meets_success_policy(std::span<const SuccessRule> rules, const std::vector<bool>& succeeded);

}  // namespace plimsoll::kubernetes
