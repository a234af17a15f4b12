#include "models/eks/karpenter/api/document_fault.h"

#include <string_view>

#include "models/eks/karpenter/api/node_class_reader.h"

namespace plimsoll::eks::karpenter {

namespace {

/// What an object of the alpha API became; empty for another kind.
std::string_view successor_of(std::string_view kind) {
  if (kind == "Provisioner" || kind == "NodePool") return "NodePool";
  if (kind == "AWSNodeTemplate" || kind == "EC2NodeClass") return "EC2NodeClass";
  if (kind == "Machine") return "NodeClaim";
  return {};
}

}  // namespace

std::pair<std::string, std::string> document_fault(const document::Node& document) {
  const std::string kind(scalar_under(document, "kind"));
  const std::string version(scalar_under(document, "apiVersion"));
  const std::size_t slash = version.find('/');
  const std::string_view group = std::string_view(version).substr(0, slash);
  const std::string_view number =
      slash == std::string::npos ? std::string_view{} : std::string_view(version).substr(slash + 1);
  const bool ours = group == "karpenter.sh" || group == "karpenter.k8s.aws";
  const std::string_view successor = successor_of(kind);
  if (ours && number.starts_with("v1alpha") && !successor.empty()) {
    const std::string now = successor == "EC2NodeClass" ? "karpenter.k8s.aws/v1" : "karpenter.sh/v1";
    return {version + " of " + kind + " is the alpha API, which Karpenter no longer has since 0.33",
            successor == "NodeClaim" ? "Karpenter makes its NodeClaims itself: take it out of nodePools"
                                     : "write it as " + now + ", kind " + std::string(successor)};
  }
  if ((kind == "NodePool" || kind == "EC2NodeClass" || kind == "NodeClass") && !version.empty()) {
    const std::string known = kind == "NodePool"       ? "karpenter.sh/v1"
                              : kind == "EC2NodeClass" ? "karpenter.k8s.aws/v1"
                                                       : "eks.amazonaws.com/v1";
    return {"there is no " + kind + " of " + version, "write apiVersion: " + known};
  }
  return {"neither a NodePool nor an EC2NodeClass", "take it out of nodePools"};
}

std::string node_class_reference_fault(const document::Node& node_pool, bool auto_mode) {
  const document::Node* at = &node_pool;
  for (const char* key : {"spec", "template", "spec", "nodeClassRef"}) {
    at = at->is_mapping() ? at->find(key) : nullptr;
    if (at == nullptr) return {};
  }
  if (!at->is_mapping()) return {};
  const std::string_view kind = scalar_under(*at, "kind");
  std::string_view group = scalar_under(*at, "group");
  // v1beta1 says the group with a version.
  if (group.empty()) group = scalar_under(*at, "apiVersion").substr(0, scalar_under(*at, "apiVersion").find('/'));
  const std::string_view wanted_kind = auto_mode ? "NodeClass" : "EC2NodeClass";
  const std::string_view wanted_group = auto_mode ? "eks.amazonaws.com" : "karpenter.k8s.aws";
  if ((kind.empty() || kind == wanted_kind) && (group.empty() || group == wanted_group)) return {};
  return "nodeClassRef is " + std::string(kind.empty() ? wanted_kind : kind) + " of " +
         std::string(group.empty() ? wanted_group : group) + ": " + (auto_mode ? "EKS Auto Mode" : "Karpenter") +
         " has " + std::string(wanted_kind) + " of " + std::string(wanted_group);
}

}  // namespace plimsoll::eks::karpenter
