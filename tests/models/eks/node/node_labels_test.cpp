#include "models/eks/node/node_labels.h"

#include <doctest/doctest.h>

namespace plimsoll::eks {

TEST_CASE("old names of labels mean the new ones, and a node has both") {
  Names names;
  const NormalizedLabels normalized(names);
  const auto of = [&](const char* key) { return names.text(normalized.of(names.intern(key))); };
  CHECK(of("beta.kubernetes.io/arch") == "kubernetes.io/arch");
  CHECK(of("beta.kubernetes.io/os") == "kubernetes.io/os");
  CHECK(of("beta.kubernetes.io/instance-type") == "node.kubernetes.io/instance-type");
  CHECK(of("failure-domain.beta.kubernetes.io/zone") == "topology.kubernetes.io/zone");
  CHECK(of("failure-domain.beta.kubernetes.io/region") == "topology.kubernetes.io/region");
  CHECK(of("topology.ebs.csi.aws.com/zone") == "topology.kubernetes.io/zone");
  CHECK(of("kubernetes.io/arch") == "kubernetes.io/arch");
  CHECK(of("team") == "team");
  Labels labels;
  labels.set(names.intern("topology.kubernetes.io/zone"), names.intern("z1"));
  labels.set(names.intern("team"), names.intern("web"));
  normalized.add_old_names(labels);
  const auto value = [&](const char* key) { return labels.find(names.intern(key)); };
  CHECK(value("failure-domain.beta.kubernetes.io/zone") == names.find("z1"));
  CHECK(value("topology.ebs.csi.aws.com/zone") == names.find("z1"));
  CHECK(value("beta.kubernetes.io/arch").is_none());  // the node says nothing of it
  CHECK(labels.pairs().size() == 4);
}

TEST_CASE("ids of zones") {
  CHECK(zone_id_of("us-east-1", "us-east-1a", 0) == "use1-az1");
  CHECK(zone_id_of("us-east-1", "us-east-1f", 0) == "use1-az6");
  CHECK(zone_id_of("eu-central-1", "eu-central-1b", 0) == "euc1-az2");
  CHECK(zone_id_of("ap-southeast-2", "ap-southeast-2c", 0) == "apse2-az3");
  CHECK(zone_id_of("ap-northeast-1", "ap-northeast-1a", 0) == "apne1-az1");
  CHECK(zone_id_of("us-gov-west-1", "us-gov-west-1a", 0) == "usgw1-az1");
  CHECK(zone_id_of("us-east-1", "left", 0) == "use1-az1");
  CHECK(zone_id_of("us-east-1", "right", 1) == "use1-az2");
}

}  // namespace plimsoll::eks
