#pragma once

#include "sim/report/table.h"

namespace plimsoll::cli {

/// Width and colour of standard output: 80 columns and no colour in a pipe, no colour with NO_COLOR.
report::TerminalStyle terminal_style();

}  // namespace plimsoll::cli
