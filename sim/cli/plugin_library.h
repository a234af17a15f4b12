#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/document/diagnostics.h"
#include "sim/policy/registry.h"

namespace plimsoll::cli {

/// Loads a shared library of policies (sim/policy/plimsoll_plugin.h) into the registry. What is wrong with it (not a
/// library, a missing symbol, another ABI number, a policy without a name or call, a name taken twice) is one error
/// that names the file and what was expected; nothing of it is then registered.
void load_plugin(const std::string& path, Registry& registry, document::Diagnostics& diagnostics);

}  // namespace plimsoll::cli
