#include "models/eks/karpenter/api/node_class_reader.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "models/eks/karpenter/api/node_pool_reader.h"
#include "sim/document/loader.h"

namespace plimsoll::eks::karpenter {

TEST_CASE("an EC2NodeClass gives volume, density and image family") {
  document::Diagnostics diagnostics;
  const auto documents = document::load_text(R"(
apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {name: default}
spec:
  role: KarpenterNodeRole
  amiSelectorTerms: [{alias: bottlerocket@latest}]
  kubelet: {maxPods: 42, podsPerCore: 8, kubeReserved: {memory: 1Gi}}
  blockDeviceMappings:
    - deviceName: /dev/xvda
      ebs: {volumeSize: 4Gi}
    - deviceName: /dev/xvdb
      ebs: {volumeSize: 80Gi, volumeType: gp3, iops: 5000, throughput: 250}
)",
                                             "class.yaml", diagnostics);
  REQUIRE(documents.size() == 1);
  CHECK(is_node_class(documents[0]));
  const NodeClass c = read_node_class(documents[0], diagnostics);
  CAPTURE(diagnostics.text());
  CHECK(diagnostics.empty());
  CHECK(c.ami_family == "Bottlerocket");
  CHECK(c.max_pods == 42);
  CHECK(c.kubelet.pods_per_core == 8);
  CHECK(c.kubelet.kube_memory == gibibytes(1));
  CHECK(c.root_volume == gibibytes(80));  // Bottlerocket keeps pods and images on its second disk
  REQUIRE(c.volumes.size() == 2);
  CHECK(c.volumes[0].gib == 4);
  CHECK(c.volumes[0].paid_iops() == 0);
  CHECK(c.volumes[1].gib == 80);
  CHECK(c.volumes[1].paid_iops() == 2000);
  CHECK(c.volumes[1].paid_mibps() == 125);
}

/// The class with these volumes, and what is said of them.
std::pair<NodeClass, std::string> class_of(const std::string& spec,
                                           const std::string& api = "karpenter.k8s.aws/v1\nkind: EC2NodeClass") {
  document::Diagnostics diagnostics;
  const auto documents = document::load_text("apiVersion: " + api + "\nmetadata: {name: default}\nspec: " + spec + "\n",
                                             "class.yaml", diagnostics);
  REQUIRE(documents.size() == 1);
  NodeClass c = read_node_class(documents[0], diagnostics);
  return {c, diagnostics.text()};
}

TEST_CASE("capacity reservations are passed over with a word") {
  const std::string terms = "{capacityReservationSelectorTerms: [{id: cr-123}]}";
  for (const char* api : {"karpenter.k8s.aws/v1\nkind: EC2NodeClass", "eks.amazonaws.com/v1\nkind: NodeClass"}) {
    const std::string told = class_of(terms, api).second;
    CAPTURE(told);
    CHECK(told.find("warning") != std::string::npos);
    CHECK(told.find("capacity reservations are not simulated") != std::string::npos);
  }
  CHECK(class_of("{role: x}").second == "");
}

TEST_CASE("which of its volumes a node's pods are on, and what a volume may be") {
  const auto root = [](const std::string& spec) { return class_of(spec).first.root_volume; };
  CHECK(root("{}") == gibibytes(20));
  CHECK(default_volumes(class_of("{}").first).size() == 1);
  CHECK(default_volumes(class_of("{amiSelectorTerms: [{alias: bottlerocket@latest}]}").first).size() == 2);
  CHECK(root("{blockDeviceMappings: [{deviceName: /dev/xvda, ebs: {volumeSize: 50Gi}}]}") == gibibytes(50));
  // Another device is one more disk.
  CHECK(root("{blockDeviceMappings: [{deviceName: /dev/sdf, ebs: {volumeSize: 50Gi}}]}") == gibibytes(20));
  CHECK(root("{blockDeviceMappings: [{deviceName: /dev/xvda, ebs: {volumeSize: 8Gi}},"
             " {deviceName: /dev/sdf, rootVolume: true, ebs: {volumeSize: 70Gi}}]}") == gibibytes(70));
  const auto of_type = [](const std::string& type) {
    return class_of("{blockDeviceMappings: [{deviceName: /dev/xvda, ebs: {volumeType: " + type + "}}]}").second;
  };
  CHECK(of_type("gp2") == "");
  CHECK(of_type("io2").find("io2 (Provisioned IOPS) is not priced as a node's volume") != std::string::npos);
  CHECK(of_type("io2").find("hint: gp3 with the same iops") != std::string::npos);
  CHECK(of_type("st1").find("st1 is a magnetic volume") != std::string::npos);
  CHECK(of_type("gp33").find("did you mean 'gp3'?") != std::string::npos);
  CHECK(class_of("{blockDeviceMappings: [{deviceName: /dev/xvda, ebs: {volumeSize: 20Gi, iops: 20000}}]}")
            .second.find("500 IOPS for each GiB") != std::string::npos);
}

bool says(const std::string& spec, std::string_view what) {
  return class_of(spec).second.find(what) != std::string::npos;
}

TEST_CASE("keys that an EC2NodeClass does not have are told with the nearest that it has") {
  CHECK(class_of("{role: r, tags: {a: b}, userData: x, metadataOptions: {httpTokens: required}, detailedMonitoring: "
                 "true, securityGroupSelectorTerms: [{id: sg-1}], subnetSelectorTerms: [{tags: {a: b}}, {id: "
                 "subnet-1}], amiSelectorTerms: [{alias: al2023@v20250101}]}")
            .second == "");
  CHECK(says("{blockDeviceMapping: []}", "did you mean 'blockDeviceMappings'?"));
  CHECK(says("{blockDeviceMappings: [{ebs: {volumeSizes: 20Gi}}]}", "did you mean 'volumeSize'?"));
  CHECK(says("{blockDeviceMappings: [{deviceNames: /dev/xvda}]}", "did you mean 'deviceName'?"));
  CHECK(says("{kubelet: {maxPod: 20}}", "did you mean 'maxPods'?"));
  CHECK(says("{subnetSelectorTerms: [{tag: {a: b}}]}", "did you mean 'tags'?"));
  CHECK(says("{instanceStorePolicy: RAID1}", "RAID0"));
}

TEST_CASE("image families and their aliases") {
  CHECK(class_of("{amiSelectorTerms: [{alias: al2@latest}]}").first.ami_family == "AL2");
  CHECK(class_of("{amiSelectorTerms: [{alias: windows2022@latest}]}").first.ami_family == "Windows2022");
  CHECK(class_of("{amiFamily: Custom, amiSelectorTerms: [{id: ami-1}]}").first.ami_pinned);
  CHECK_FALSE(class_of("{amiSelectorTerms: [{alias: al2023@latest}]}").first.ami_pinned);
  CHECK(class_of("{amiSelectorTerms: [{alias: al2023@v20250101}]}").first.ami_pinned);
  CHECK(class_of("{amiFamily: AL2023, amiSelectorTerms: [{tags: {a: b}}]}").first.ami_by_id);
  CHECK(says("{amiFamily: AL2024}", "did you mean 'AL2023'?"));
  CHECK(says("{amiSelectorTerms: [{alias: al203@latest}]}", "did you mean 'al2023'?"));
  CHECK(says("{amiSelectorTerms: [{alias: al2023}]}", "write al2023@latest"));
  CHECK(says("{amiFamily: AL2, amiSelectorTerms: [{alias: al2023@latest}]}", "amiFamily says AL2"));
}

TEST_CASE("RAID0 puts pods and images on the disks of types that have some") {
  const NodeClass with = class_of("{instanceStorePolicy: RAID0}").first, without = class_of("{}").first;
  const aws::Catalogue& c = aws::Catalogue::built_in();
  CHECK(with.disk(*c.find_type("m5d.xlarge")) == Bytes{150'000'000'000});
  CHECK(with.disk(*c.find_type("m5.xlarge")) == gibibytes(20));
  CHECK(without.disk(*c.find_type("m5d.xlarge")) == gibibytes(20));
}

TEST_CASE("a NodeClass of Auto Mode has a disk of its own size, and other keys") {
  const std::string api = "eks.amazonaws.com/v1\nkind: NodeClass";
  const auto [node_class, said] = class_of(
      "{role: r, ephemeralStorage: {size: 160Gi, iops: 3000}, networkPolicy: DefaultAllow, advancedNetworking: "
      "{associatePublicIPAddress: true}}",
      api);
  CHECK(said == "");
  CHECK(node_class.root_volume == gibibytes(160));
  CHECK(node_class.associate_public_ip);
  CHECK(class_of("{ephemeralStorge: {size: 160Gi}}", api).second.find("did you mean 'ephemeralStorage'?") !=
        std::string::npos);
}

}  // namespace plimsoll::eks::karpenter
