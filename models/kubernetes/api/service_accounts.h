#pragma once

#include "models/kubernetes/api/objects.h"
#include "sim/document/diagnostics.h"

namespace plimsoll::kubernetes::api {

/// Warns of workloads whose serviceAccountName is no ServiceAccount of their namespace: the API server takes none of
/// their pods (`error looking up service account NAMESPACE/NAME: serviceaccount "NAME" not found`). Only where the
/// files define ServiceAccounts: else they are taken to be made elsewhere, as by eksctl; here too the pods run. The
/// account "default" is in every namespace. SOURCE: kubernetes/kubernetes
/// plugin/pkg/admission/serviceaccount/admission.go Validate; Kubernetes, "Configure Service Accounts for Pods".
void check_service_accounts(document::Diagnostics& diagnostics, const Objects& objects);

}  // namespace plimsoll::kubernetes::api
