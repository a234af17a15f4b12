#pragma once

#include <string>

#include "sim/report/table.h"

namespace plimsoll::report {

/// The exact bill of one column's first replication, dearest line first, over the whole counted window: quantity, price
/// and amount, what the choice of platform changes apart from what is the same everywhere, and the sum. Lines of
/// nothing are left out. Empty when nothing has finished.
std::string render_bill(const results::ColumnResult& column, const TerminalStyle& style);

}  // namespace plimsoll::report
