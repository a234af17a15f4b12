#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace plimsoll::kubernetes::api {

/// The kind that may have been meant by one that is not known: another spelling, or the same in another API group.
std::string kind_hint(const std::string& kind);

/// Whether an API group of Kubernetes has (or had) this version: "apps/v1", not "apps/v9". Groups that are not
/// Kubernetes' own have any.
bool is_served(std::string_view api_version);

/// Of a kind in an API version of old: the minor release that serves it no more, and the version to write.
struct RemovedVersion {
  int minor = 0;
  std::string_view successor;
};
/// None while it is served. Ingresses are told of by their own reader.
/// SOURCE: kubernetes.io/docs/reference/using-api/deprecation-guide, "Removed APIs by release".
std::optional<RemovedVersion> removed_version(std::string_view api_version, std::string_view kind);

}  // namespace plimsoll::kubernetes::api
