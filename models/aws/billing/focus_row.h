#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::aws::charges {

/// A row of a cost and usage export by column name; a null is an absent value, whether its column stands there or not
/// (a mandatory column must stand there).
using FocusRow = std::map<std::string, std::optional<std::string>, std::less<>>;

/// Columns that break a normative requirement of FOCUS 1.2, sorted, each once; empty for a valid row. A rule that ties
/// two columns names the one that depends on the other.
/// SOURCE: FinOps-Open-Cost-and-Usage-Spec/FOCUS_Spec specification (1.2).
std::vector<std::string> focus_violations(const FocusRow& row);

/// The FOCUS 1.2 columns, in alphabetical order.
std::vector<std::string_view> focus_columns();

}  // namespace plimsoll::aws::charges
