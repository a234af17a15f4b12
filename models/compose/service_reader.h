#pragma once

#include <string>

#include "models/compose/project.h"
#include "sim/document/fields.h"

namespace plimsoll::compose {

/// Reads one service of a Compose file; faults go to the reader. What concerns several services is left to the caller.
Service read_service(const document::Item& item, const document::Reader& reader);

}  // namespace plimsoll::compose
