#pragma once

#include <string>

#include "models/kubernetes/api/manifest_reader.h"
#include "models/kubernetes/api/objects.h"
#include "sim/document/diagnostics.h"

namespace plimsoll::kubernetes::api {

/// Whether the pods of the workload are endpoints of the Service: of its namespace, with every label of its selector;
/// of a StatefulSet also by the labels that its controller adds to one pod (statefulset.kubernetes.io/pod-name, and
/// apps.kubernetes.io/pod-index from 1.28 on).
bool is_endpoint(const Service& service, const Workload& workload);
/// Whether it is so of any workload of the files.
bool leads_to_pods(const Service& service, const Objects& objects);
/// Whether a controller of AWS makes a balancer for it by its type; one of another loadBalancerClass is some other
/// controller's.
bool has_own_balancer(const Service& service);

/// The application that a selector speaks of when its workload is in another file: that of the usual name labels.
std::string application_of(const TextMap& selector, const std::string& fallback);

/// The name of the balancer that an Ingress is part of: "group NAME", or "namespace/name".
std::string balancer_of(const Ingress& ingress);

/// Why the controller makes no balancer of an Ingress: a backend of it, or of another Ingress of its group, names a
/// port that its Service has not; the model of the whole group is built anew or not at all. Empty: it makes it. SOURCE:
/// AWS Load Balancer Controller, pkg/k8s/service_utils.go LookupServicePort ("unable to find port %s on service %s"),
/// which pkg/ingress/model_build_target_group.go asks of every backend; a failure of the model ends the reconcile
/// before anything is deployed (event FailedBuildModel). The name use-annotation stands for an action and no Service.
std::string why_refused(const Ingress& ingress, const Objects& objects);

/// Warns of Services that select the pods of several applications, or one pod of several: an application's load goes
/// to all of its own pods here. Warns of Services and Ingresses by which requests find no pod, of backends without
/// their port, and of Services whose loadBalancerClass is of no controller that is modelled. A Service that selects no
/// pod has no endpoints: its balancer has no target and answers 503, and inside the cluster connections to it are
/// refused. SOURCE: Kubernetes, "Service" (EndpointSlices follow the selector), kube-proxy (a Service without endpoints
/// is rejected); ALB user guide, HTTP 503 (the target groups have no registered targets). Not told where the namespace
/// has no pods among the files: they may be the scenario's own.
void check_routes(document::Diagnostics& diagnostics, const Objects& objects);

/// Why requests from outside, or calls of other pods, find no pod of the workload; see ManifestPod. It is reached when
/// a Service that selects it has a balancer of its own or of an Ingress that is made (from outside), or when any
/// selects it (inside). Else what is plainly meant for it and leads nowhere counts: an Ingress of its Services that is
/// refused; a Service without pods that has its name, or a selector of its name; from outside also an Ingress of its
/// name, a Service whose selector agrees with its labels and that stands in another namespace (where both files say
/// theirs: the selector is of the Service's own), and any published Service where it is the only application of the
/// namespace. Files that have none of these leave its way to the scenario.
void find_ways(const Workload& workload, const Objects& objects, ManifestPod& pod);

}  // namespace plimsoll::kubernetes::api
