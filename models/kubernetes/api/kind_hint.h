#pragma once

#include <string>
#include <string_view>

namespace plimsoll::kubernetes::api {

/// The kind that may have been meant by one that is not known: another spelling, or the same in another API group.
std::string kind_hint(const std::string& kind);

/// Whether an API group of Kubernetes has (or had) this version: "apps/v1", not "apps/v9". Groups that are not
/// Kubernetes' own have any.
bool is_served(std::string_view api_version);

}  // namespace plimsoll::kubernetes::api
