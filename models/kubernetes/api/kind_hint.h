#pragma once

#include <string>

namespace plimsoll::kubernetes::api {

/// The kind that may have been meant by one that is not known: another spelling, or the same in another API group.
std::string kind_hint(const std::string& kind);

}  // namespace plimsoll::kubernetes::api
