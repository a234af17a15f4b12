#include "models/kubernetes/api/persistent_volume_reader.h"

#include <doctest/doctest.h>

#include <string>

#include "sim/document/loader.h"

namespace plimsoll::kubernetes::api {
namespace {

PersistentVolume volume_of(const std::string& metadata, const std::string& spec, std::string& said) {
  document::Diagnostics diagnostics;
  const auto documents = document::load_text(
      "apiVersion: v1\nkind: PersistentVolume\nmetadata: {" + metadata + "}\nspec: {" + spec + "}\n", "pv.yaml",
      diagnostics);
  REQUIRE(documents.size() == 1);
  REQUIRE(is_persistent_volume(documents[0]));
  const PersistentVolume out = read_persistent_volume(documents[0], diagnostics);
  said = diagnostics.text();
  return out;
}

TEST_CASE("the zone of a volume is that of its node affinity, else of its label") {
  std::string said;
  const std::string size = "capacity: {storage: 20Gi}, accessModes: [ReadWriteOnce], storageClassName: gp3";
  const std::string disk = ", csi: {driver: ebs.csi.aws.com, volumeHandle: vol-1}";
  const PersistentVolume bound = volume_of(
      "name: pv-1, labels: {topology.kubernetes.io/zone: us-east-1a}",
      size + disk +
          ", claimRef: {name: data, namespace: shop}, "
          "nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: topology.ebs.csi.aws.com/zone, "
          "operator: In, values: [us-east-1c]}]}]}}",
      said);
  CHECK(said == "");
  CHECK(bound.zone == "us-east-1c");
  CHECK_FALSE(bound.zone_is_label);
  CHECK(bound.claim == "data");
  CHECK(bound.claim_namespace == "shop");
  const PersistentVolume labelled =
      volume_of("name: pv-1, labels: {topology.kubernetes.io/zone: us-east-1a}", size + disk, said);
  CHECK(labelled.zone == "us-east-1a");
  CHECK(labelled.zone_is_label);
  CHECK(volume_of("name: pv-1", size + disk, said).zone.empty());
  CHECK(said == "");
}

TEST_CASE("a volume without a name or a size is refused") {
  std::string said;
  volume_of("labels: {a: b}", "accessModes: [ReadWriteOnce]", said);
  CHECK(said.find("name or generateName is required") != std::string::npos);
  CHECK(said.find("spec.capacity.storage") != std::string::npos);
  CHECK(said.find("must specify a volume type") != std::string::npos);
  volume_of("name: a", "capacity: {storage: 1Gi}, nfs: {server: s, path: /}", said);
  CHECK(said.find("Required value (at spec.accessModes)") != std::string::npos);
  CHECK(said.find("volume type") == std::string::npos);
}

}  // namespace
}  // namespace plimsoll::kubernetes::api
