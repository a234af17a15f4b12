#pragma once

#include <optional>
#include <string>

#include "models/kubernetes/api/objects.h"

namespace plimsoll::kubernetes::api {

/// A backend of an Ingress: service with its name and port; serviceName and servicePort, which is a number or a name,
/// of the beta versions. None for a backend that is no Service.
std::optional<IngressBackend> read_ingress_backend(const document::Node& backend, bool beta);

/// networking.k8s.io IngressClass; what the API server would refuse is an error with its rule and path.
IngressClass read_ingress_class(Object& object, const std::string& name, const TextMap& annotations);

bool is_ingress_class_params(const document::Node& node);
/// elbv2.k8s.aws/v1beta1 or eks.amazonaws.com/v1 IngressClassParams: group.name, scheme and namespaceSelector; what
/// else they say changes neither the number of balancers nor their names.
IngressClassParams read_ingress_class_params(Object& object, const std::string& name);

/// Leaves those Ingresses that the AWS Load Balancer Controller takes, with the group and the scheme that their class
/// gives them, and warns of the others: they make no load balancer.
///
/// The annotation kubernetes.io/ingress.class goes before spec.ingressClassName and must be "alb". A class is the
/// controller's when its IngressClass names ingress.k8s.aws/alb (eks.amazonaws.com/alb: EKS Auto Mode's own); the class
/// "alb" is made by the controller's chart and need not be among the files. An Ingress with neither gets the class that
/// is the default when it is made (of several the first by name); without one it is left alone, as the controller runs
/// with --ingress-class=alb. IngressClassParams that are not among the files are taken to say nothing.
/// SOURCE: AWS Load Balancer Controller, "IngressClass", pkg/ingress/{group_loader,class_loader,
/// class_annotation_matcher}.go, pkg/config/ingress_config.go (default "alb"), main.go
/// (manageIngressesWithoutIngressClass only when that is empty) and its chart (createIngressClassResource true,
/// ingressClassConfig.default false); EKS user guide, "Create an IngressClass to configure an Application Load
/// Balancer"; kubernetes/kubernetes plugin/pkg/admission/network/defaultingressclass (1.34).
/// Left out: other values of --ingress-class.
void keep_managed_ingresses(Objects& objects, document::Diagnostics& diagnostics);

}  // namespace plimsoll::kubernetes::api
