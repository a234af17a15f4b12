#pragma once

#include <string>

#include "sim/document/diagnostics.h"
#include "sim/document/node.h"

/// What the API server would refuse of Services and Ingresses: an error each, with its rule and path. SOURCE:
/// pkg/apis/core/validation/validation.go ValidateService, pkg/apis/networking/validation/validation.go ValidateIngress
/// (1.34). Left out: addresses, IP families, node ports, annotations of controllers.
namespace plimsoll::kubernetes::api {

/// `spec` at `path` ("spec").
void check_service(const document::Node& spec, const std::string& path, document::Diagnostics& diagnostics);
/// `beta`: of extensions/v1beta1 or networking.k8s.io/v1beta1, with their fields.
void check_ingress(const document::Node& spec, const std::string& path, bool beta, document::Diagnostics& diagnostics);

/// The mapping under a key as labels: their keys and values.
void check_label_map(const document::Node& parent, std::string_view key, const std::string& path,
                     document::Diagnostics& diagnostics);

}  // namespace plimsoll::kubernetes::api
