#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "sim/document/fields.h"
#include "sim/policy/platform.h"

namespace plimsoll {

/// Adds what Fields::error would say at `capacity` of the column, without saying it: whether it is a fault, the other
/// columns of the scenario decide.
Unholdable& add_unholdable(std::vector<Unholdable>& out, const document::Fields& column, std::string workload,
                           std::string message, std::string hint = {});

std::vector<Unholdable> together(std::initializer_list<const std::vector<Unholdable>*> lists);

}  // namespace plimsoll
