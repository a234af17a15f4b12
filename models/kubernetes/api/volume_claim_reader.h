#pragma once

#include "models/kubernetes/api/objects.h"

namespace plimsoll::kubernetes::api {

/// spec of a PersistentVolumeClaim, or of the template of one; name and namespace are left to the caller. Faults are
/// reported: no access mode, no size, an unknown mode, modes that exclude each other.
VolumeClaim read_claim_spec(const document::Node& spec, document::Diagnostics& diagnostics, const std::string& path);

/// A StorageClass: provisioner, parameters.type, volumeBindingMode, allowedTopologies. SOURCE of the rules of the
/// latter: pkg/apis/storage/validation validateAllowedTopologies, pkg/apis/core/validation
/// ValidateTopologySelectorTerm.
StorageClass read_storage_class(Object& object, std::string name, const TextMap& annotations);

/// The claim of this name that a pod of this namespace can use, null without one. Files of one application often leave
/// the namespace to the command line, so that "default" stands for any.
const VolumeClaim* find_claim(const std::vector<VolumeClaim>& claims, const std::string& namespace_name,
                              const std::string& name);

/// The class that a claim names, else the default one; null when the files do not describe it.
const StorageClass* class_of(const VolumeClaim& claim, const std::vector<StorageClass>& classes);

/// Whether the volume of a claim is taken for an EBS volume: one that a single node can have at a time, of a class of
/// the EBS CSI driver or of one that the files do not describe. Others (EFS, FSx, S3) have neither zone nor limit here.
bool is_block_volume(const VolumeClaim& claim, const std::vector<StorageClass>& classes);

/// Whether a class of the claim binds it at once, wherever its pods will be. The class named, else the default one; a
/// class that the files do not describe waits for the first consumer, as EKS's own gp2 and gp3 classes do.
bool binds_at_once(const VolumeClaim& claim, const std::vector<StorageClass>& classes);

}  // namespace plimsoll::kubernetes::api
