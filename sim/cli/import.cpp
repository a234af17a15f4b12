#include <cstdio>

#include "sim/cli/verbs.h"

namespace plimsoll::cli {

int run_import(const Registry&, const ImportArguments&) { return kDone; }

}  // namespace plimsoll::cli
