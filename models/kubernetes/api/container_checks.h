#pragma once

#include <string>

#include "sim/document/diagnostics.h"
#include "sim/document/node.h"

namespace plimsoll::kubernetes::api {

/// Rules of the API server about fields of a container that change nothing here, or nothing but how long it lives:
/// command and arguments, environment, the handlers of probes and hooks, resize policies, the security context, mounts.
/// A probe that names a port which the container does not have earns a warning: the kubelet throws its answer away, so
/// that the pod is never ready. Fields that may be anything are left out. SOURCE: pkg/apis/core/validation
/// (ValidateEnv, validateEnvVarValueFrom, ValidateEnvFrom, validateHandler, validateHTTPGetAction, validateExecAction,
/// validateContainerCommon, validateResizePolicy, ValidateSecurityContext, ValidateVolumeMounts), pkg/apis/core/pods
/// (ConvertDownwardAPIFieldLabel), pkg/kubelet/prober/worker.go (doProbe).
void check_container_fields(const document::Node& container, const std::string& path,
                            document::Diagnostics& diagnostics);

/// As much of a pod: host names and aliases, namespaces of the host, names of other objects, sources of volumes (of
/// which an unknown one earns a warning).
/// SOURCE: pkg/apis/core/validation (ValidatePodSpec, ValidateHostAliases, ValidatePodSecurityContext,
/// validateHostUsers, validatePodDNSConfig, ValidateVolumes, validateEmptyDirVolumeSource,
/// validateHostPathVolumeSource).
void check_pod_fields(const document::Node& spec, const std::string& path, document::Diagnostics& diagnostics);

/// The cost of deleting a pod is a whole number of 32 bits, written without sign or leading zero.
/// SOURCE: pkg/apis/core/validation ValidatePodSpecificAnnotations, pkg/apis/core/helper
/// GetDeletionCostFromPodAnnotations.
void check_deletion_cost(const document::Node& metadata, const std::string& path, document::Diagnostics& diagnostics);

/// Whether a volume of a pod says of which type it is; without one it is an emptyDir.
bool has_volume_type(const document::Node& volume);

/// Whether the text is an IP address, of version 4 or 6.
bool is_ip_address(const std::string& text);

}  // namespace plimsoll::kubernetes::api
