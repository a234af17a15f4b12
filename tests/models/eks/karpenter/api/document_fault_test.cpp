#include "models/eks/karpenter/api/document_fault.h"

#include <doctest/doctest.h>

#include "sim/document/loader.h"

namespace plimsoll::eks::karpenter {
namespace {

document::Node one(const std::string& text) {
  document::Diagnostics diagnostics;
  const auto documents = document::load_text(text, "x.yaml", diagnostics);
  REQUIRE(documents.size() == 1);
  return documents.front();
}

TEST_CASE("objects of the alpha API are told with what they became") {
  const auto told = [](const std::string& version, const std::string& kind) {
    const auto [fault, hint] = document_fault(one("apiVersion: " + version + "\nkind: " + kind + "\n"));
    return fault + "; " + hint;
  };
  CHECK(told("karpenter.sh/v1alpha5", "Provisioner") ==
        "karpenter.sh/v1alpha5 of Provisioner is the alpha API, which Karpenter no longer has since 0.33; write it as "
        "karpenter.sh/v1, kind NodePool");
  CHECK(told("karpenter.sh/v1alpha5", "NodePool").find("kind NodePool") != std::string::npos);
  CHECK(told("karpenter.k8s.aws/v1alpha1", "AWSNodeTemplate").find("karpenter.k8s.aws/v1, kind EC2NodeClass") !=
        std::string::npos);
  CHECK(told("karpenter.sh/v1alpha5", "Machine").find("take it out of nodePools") != std::string::npos);
  CHECK(told("karpenter.sh/v2", "NodePool") ==
        "there is no NodePool of karpenter.sh/v2; write apiVersion: karpenter.sh/v1");
  CHECK(told("v1", "ConfigMap") == "neither a NodePool nor an EC2NodeClass; take it out of nodePools");
}

TEST_CASE("a nodeClassRef is of the side that runs the pool") {
  const auto told = [](const std::string& reference, bool auto_mode) {
    return node_class_reference_fault(
        one("spec: {template: {spec: {nodeClassRef: {" + reference + "name: default}}}}\n"), auto_mode);
  };
  const std::string open = "group: karpenter.k8s.aws, kind: EC2NodeClass, ";
  const std::string managed = "group: eks.amazonaws.com, kind: NodeClass, ";
  CHECK(told(open, false) == "");
  CHECK(told(managed, true) == "");
  CHECK(told("", false) == "");
  CHECK(told("apiVersion: karpenter.k8s.aws/v1beta1, kind: EC2NodeClass, ", false) == "");
  CHECK(told(open, true) ==
        "nodeClassRef is EC2NodeClass of karpenter.k8s.aws: EKS Auto Mode has NodeClass of eks.amazonaws.com");
  CHECK(told(managed, false) ==
        "nodeClassRef is NodeClass of eks.amazonaws.com: Karpenter has EC2NodeClass of karpenter.k8s.aws");
  CHECK(told("kind: NodeClass, ", false) != "");
  CHECK(node_class_reference_fault(one("spec: {}\n"), true) == "");
}

}  // namespace
}  // namespace plimsoll::eks::karpenter
