#include "models/kubernetes/api/volume_claim_reader.h"

#include <doctest/doctest.h>

#include "models/kubernetes/api/manifest_reader.h"
#include "sim/document/loader.h"

namespace plimsoll::kubernetes::api {
namespace {

struct Claims {
  explicit Claims(const std::string& yaml) {
    for (const document::Node& node : document::load_text(yaml, "volumes.yaml", diagnostics))
      read_object(node, diagnostics, objects);
  }
  document::Diagnostics diagnostics;
  Objects objects;
};

constexpr const char* kClaim = R"(apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec: {accessModes: [ReadWriteOnce], storageClassName: gp3, resources: {requests: {storage: 20Gi}}}
)";

TEST_CASE("a claim has a size, a class and access modes") {
  const Claims c(kClaim);
  CHECK(c.diagnostics.text() == "");
  REQUIRE(c.objects.claims.size() == 1);
  const VolumeClaim& claim = c.objects.claims[0];
  CHECK(claim.size == gibibytes(20));
  CHECK(claim.once);
  CHECK(!claim.once_pod);
  CHECK(find_claim(c.objects.claims, "shop", "data") == &claim);
  CHECK(find_claim(c.objects.claims, "default", "data") == &claim);  // the namespace was left to the command line
  CHECK(find_claim(c.objects.claims, "other", "data") == nullptr);
  CHECK(is_block_volume(claim, {}));
  CHECK(!binds_at_once(claim, {}));
}

TEST_CASE("a class says who makes the volume, and when") {
  const Claims c(std::string(kClaim) + R"(---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: gp3}
provisioner: ebs.csi.aws.com
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: efs}
provisioner: efs.csi.aws.com
volumeBindingMode: WaitForFirstConsumer
)");
  CHECK(c.diagnostics.text() == "");
  REQUIRE(c.objects.storage_classes.size() == 2);
  CHECK(binds_at_once(c.objects.claims[0], c.objects.storage_classes));  // Immediate is the default of a class
  VolumeClaim files = c.objects.claims[0];
  files.storage_class = "efs";
  CHECK(!is_block_volume(files, c.objects.storage_classes));
  CHECK(!binds_at_once(files, c.objects.storage_classes));
}

TEST_CASE("what the API server would refuse is refused") {
  const auto says = [](const std::string& spec, std::string_view what) {
    const Claims c("apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a}\nspec: " + spec + "\n");
    return c.diagnostics.text().find(what) != std::string::npos;
  };
  CHECK(says("{resources: {requests: {storage: 1Gi}}}", "at least 1 access mode is required"));
  CHECK(says("{accessModes: [ReadWriteOnce]}", "Required value"));
  CHECK(says("{accessModes: [ReadWriteTwice], resources: {requests: {storage: 1Gi}}}",
             "Unsupported value: \"ReadWriteTwice\""));
  CHECK(says("{accessModes: [ReadWriteOncePod, ReadWriteOnce], resources: {requests: {storage: 1Gi}}}",
             "may not use ReadWriteOncePod with other access modes"));
  CHECK(says("{accessModes: [ReadWriteOnce], resources: {requests: {storage: 0}}}", "must be greater than zero"));
  const std::string rest = "accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}";
  CHECK(says("{volumeMode: Disk, " + rest, "Unsupported value: \"Disk\""));
  CHECK(says("{storageClassName: A_b, " + rest, "Invalid value: \"A_b\""));
  CHECK(Claims("apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: s}\nprovisioner: p\n"
               "reclaimPolicy: Burn\n")
            .diagnostics.text()
            .find("Unsupported value: \"Burn\"") != std::string::npos);
}

TEST_CASE("a class says where volumes may be made, in terms of which one must hold") {
  const auto read = [](const std::string& topologies) {
    return Claims(
        "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: gp3}\n"
        "provisioner: ebs.csi.aws.com\nallowedTopologies: " +
        topologies + "\n");
  };
  const Claims c = read(
      "[{matchLabelExpressions: [{key: topology.kubernetes.io/zone, values: [z1, z2]}, {key: rack, values: [r]}]}, "
      "{matchLabelExpressions: [{key: topology.ebs.csi.aws.com/zone, values: [z3]}]}]");
  CHECK(c.diagnostics.text() == "");
  REQUIRE(c.objects.storage_classes.size() == 1);
  const std::vector<NodeTerm>& terms = c.objects.storage_classes[0].allowed_topologies;
  REQUIRE(terms.size() == 2);
  REQUIRE(terms[0].expressions.size() == 2);
  CHECK(terms[0].expressions[0].values == std::vector<std::string>{"z1", "z2"});
  CHECK(terms[1].expressions[0].key == "topology.ebs.csi.aws.com/zone");
  const auto says = [&](const std::string& term, std::string_view what) {
    return read("[{matchLabelExpressions: [" + term + "]}]").diagnostics.text().find(what) != std::string::npos;
  };
  CHECK(says("{key: zone, values: []}", "Required value (at allowedTopologies[0].matchLabelExpressions[0].values)"));
  CHECK(says("{values: [a]}", "Required value (at allowedTopologies[0].matchLabelExpressions[0].key)"));
  CHECK(says("{key: zone, values: [a, a]}", "Duplicate value: \"a\""));
  CHECK(says("{key: zone, values: [a]}, {key: zone, values: [b]}", "Duplicate value: \"zone\""));
  CHECK(says("{key: 'a b', values: [a]}", "allowedTopologies[0].matchLabelExpressions[0].key"));
}

TEST_CASE("volumes that a set makes for its pods are told when they are no EBS volumes") {
  document::Diagnostics diagnostics;
  const document::Reader reader(diagnostics);
  std::vector<ManifestFacts> facts;
  ObjectReader().read_all(document::load_text(R"(apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: 'db:1'}]}}
  volumeClaimTemplates:
    - metadata: {name: d}
      spec: {accessModes: [ReadWriteOnce], storageClassName: efs, resources: {requests: {storage: 1Gi}}}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: efs}
provisioner: efs.csi.aws.com
)",
                                              "volumes.yaml", diagnostics),
                          reader, facts);
  CHECK(diagnostics.text().find("the volumes 'd' of StatefulSet 'db' are no EBS volumes") != std::string::npos);
}

TEST_CASE("a claim that nobody makes is told once, where the pod that mounts it stands") {
  const auto told = [](const std::string& more) {
    document::Diagnostics diagnostics;
    const document::Reader reader(diagnostics);
    std::vector<ManifestFacts> facts;
    const std::string pod = R"(apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: c, image: 'w:1'}], volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]}
---
)";
    ObjectReader().read_all(document::load_text(pod + more, "volumes.yaml", diagnostics), reader, facts);
    return diagnostics.text();
  };
  CHECK(told("").find("volumes.yaml:1:1: warning: Pod 'web' mounts the claim 'data', which is not among the files") ==
        0);
  CHECK(told(kClaim) == "");
  std::string shared = kClaim;
  shared.replace(shared.find("ReadWriteOnce"), 13, "ReadWriteMany");
  CHECK(told(shared).find("the claim 'data' of Pod 'web' is no EBS volume") != std::string::npos);
  // A StatefulSet makes the claims of its pods.
  CHECK(told(R"(apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: 'db:1'}]}}
  volumeClaimTemplates:
    - metadata: {name: d}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
)")
            .find("mounts the claim 'data'") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::kubernetes::api
