#pragma once

#include "models/kubernetes/api/objects.h"

namespace plimsoll::kubernetes::api {

/// metadata.labels and .annotations of the template, and its spec. `path` is that of the pod template
/// ("spec.template"). `claims_follow`: of a StatefulSet, whose mounts may name its volumeClaimTemplates.
PodTemplate read_pod_template(const document::Node& node, document::Diagnostics& diagnostics, const std::string& path,
                              bool claims_follow = false);

Selector read_selector(const document::Node* node, document::Diagnostics& diagnostics, const std::string& path);

/// Keys and values of metadata.labels by the rules of name_rules.h; faults are reported.
void check_labels(Object& metadata);

/// "25%" or 3; errors are reported.
std::optional<IntOrPercent> read_int_or_percent(Object& object, std::string_view key);
std::optional<Duration> read_seconds(Object& object, std::string_view key, std::int64_t minimum = 0);

}  // namespace plimsoll::kubernetes::api
