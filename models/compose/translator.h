#pragma once

#include "sim/policy/registry.h"

namespace plimsoll::compose {

/// Docker Compose files as documents of either side.
std::unique_ptr<ManifestTranslator> compose_translator();

void register_compose(Registry& registry);

}  // namespace plimsoll::compose
