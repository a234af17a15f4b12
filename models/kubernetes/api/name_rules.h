#pragma once

#include <string>
#include <string_view>

namespace plimsoll::kubernetes::api {

/// Each answers why the API server refuses the text, as "Invalid value: ..."; empty when it takes it.
/// SOURCE: k8s.io/apimachinery pkg/util/validation (IsDNS1123Label, IsDNS1123Subdomain, IsDNS1035Label,
/// IsQualifiedName, IsValidLabelValue, IsValidPortName), pkg/apis/batch/validation (names of CronJobs).

/// Containers, namespaces, volumes: at most 63 of a-z, 0-9 and '-'.
std::string label_name_fault(std::string_view text);
/// Most objects: labels with '.' between them, at most `most` characters (253; a CronJob's name 52).
std::string subdomain_name_fault(std::string_view text, std::size_t most = 253);
/// Services: a label that begins with a letter.
std::string service_name_fault(std::string_view text);
/// Ports of containers: at most 15, a letter among them, no "--".
std::string port_name_fault(std::string_view text);
/// Keys of labels and of topology: [prefix/]name.
std::string label_key_fault(std::string_view text);
/// The same where a key must be given: "Required value" of none.
std::string required_label_key_fault(std::string_view text);
/// Keys of annotations: those of labels, read in small letters.
/// SOURCE: k8s.io/apimachinery pkg/api/validation/objectmeta.go ValidateAnnotations.
std::string annotation_key_fault(std::string_view text);
/// Values of labels: empty, or at most 63 of letters, digits, '-', '_' and '.'.
std::string label_value_fault(std::string_view text);

}  // namespace plimsoll::kubernetes::api
