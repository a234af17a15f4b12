// Whole EKS columns: volumes are made in the zones that their StorageClass allows, and nodes are bought there.
// Also tests: persistent_volumes, application_shape
#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/engine/columns.h"

namespace plimsoll::engine {
namespace {

using namespace testing;

/// Three pods with a volume each, of a class that allows one zone (or all, when `zone` is empty).
struct VolumeColumn {
  VolumeColumn(const std::string& mode, const std::string& zone, const std::string& capacity,
               const std::string& provisioner = "ebs.csi.aws.com",
               const std::string& key = "topology.ebs.csi.aws.com/zone") {
    folder.put("db.yaml",
               "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec:\n  replicas: 3\n"
               "  serviceName: db\n  podManagementPolicy: Parallel\n  selector: {matchLabels: {app: db}}\n"
               "  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: 'db:1', "
               "resources: {requests: {cpu: 1200m, memory: 1Gi}}}]}}\n"
               "  volumeClaimTemplates: [{metadata: {name: data}, spec: {storageClassName: s, accessModes: "
               "[ReadWriteOnce], resources: {requests: {storage: 20Gi}}}}]\n---\n"
               "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: s}\n"
               "provisioner: " +
                   provisioner + "\nvolumeBindingMode: " + mode + "\n" +
                   (zone.empty() ? ""
                                 : "allowedTopologies: [{matchLabelExpressions: [{key: " + key + ", values: [" + zone +
                                       "]}]}]\n"));
    folder.put("pool.yaml",
               "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: default}\nspec:\n  template:\n"
               "    spec:\n      requirements: [{key: node.kubernetes.io/instance-type, operator: In, values: "
               "[m5.large]}]\n      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}\n");
    setup.emplace(
        read_file(folder.put("s.yaml",
                             "apiVersion: plimsoll/v1\nseed: 3\nload: {constant: 20/s, for: 30m, warmup: 10m}\n"
                             "files: {kubernetes: db.yaml}\napps: {db: {work: 2ms, image: 120MB}}\nplatforms:\n"
                             "  only: {type: eks, capacity: " +
                                 capacity + "}\n")));
    run.emplace(build(*setup, 0, 0, {.keep_events = true}));
    run->world.run();
  }
  /// Pods that run at the end, by zone.
  std::map<std::string, int> zones() const {
    std::map<std::string, int> out;
    const World& world = run->world;
    for (const Pod& p : world.pods()) {
      if (world.names.text(world.workload(p.workload).name) != "db" || p.state == PodState::ended) continue;
      ++out[p.node.is_none() ? std::string("pending")
                             : std::string(world.names.text(world.zones()[world.node(p.node).zone.index()]))];
    }
    return out;
  }

  Folder folder;
  std::optional<scenario::Scenario> setup;
  std::optional<Run> run;
};

constexpr const char* kSixNodes = "{nodeGroup: {type: m5.large, min: 6, max: 6}}";
constexpr const char* kPool = "{bootstrap: {type: m5.large, count: 2}, nodePools: [pool.yaml]}";
constexpr const char* kFromZero =
    "{nodeGroups: {a: {type: m5.large, min: 1, max: 4, zones: [us-east-1a]}, b: {type: m5.large, min: 0, max: 4, "
    "zones: [us-east-1b]}}, autoscaler: cluster-autoscaler}";
constexpr const char* kGroups =
    "{nodeGroups: {a: {type: m5.large, min: 1, max: 4, zones: [us-east-1a]}, b: {type: m5.large, min: 1, max: 4, "
    "zones: [us-east-1b]}}, autoscaler: cluster-autoscaler}";

TEST_CASE("pods are placed only where the class of their volumes allows one") {
  using Zones = std::map<std::string, int>;
  // Six nodes in three zones hold one pod each: two of a zone have room.
  for (const char* mode : {"WaitForFirstConsumer", "Immediate"}) {
    CAPTURE(mode);
    CHECK(VolumeColumn(mode, "us-east-1b", kSixNodes).zones() == Zones{{"us-east-1b", 2}, {"pending", 1}});
  }
  // FNV-1 of "db" is 1,836,525,763 = 1 (mod 3): the zones are gone round, from the second on.
  CHECK(VolumeColumn("Immediate", "", kSixNodes).zones() ==
        Zones{{"us-east-1a", 1}, {"us-east-1b", 1}, {"us-east-1c", 1}});
  CHECK(VolumeColumn("WaitForFirstConsumer", "us-west-2z", kSixNodes).zones() == Zones{{"pending", 3}});
}

TEST_CASE("a class of volumes that stand already makes none: without them its pods wait") {
  for (const char* mode : {"WaitForFirstConsumer", "Immediate"}) {
    CAPTURE(mode);
    CHECK(VolumeColumn(mode, "", kSixNodes, "kubernetes.io/no-provisioner").zones() ==
          std::map<std::string, int>{{"pending", 3}});
  }
}

TEST_CASE("Karpenter and Cluster Autoscaler buy nodes in the zone that the volumes need") {
  using Zones = std::map<std::string, int>;
  for (const char* mode : {"WaitForFirstConsumer", "Immediate"}) {
    for (const char* capacity : {kPool, kGroups}) {
      CAPTURE(mode);
      CAPTURE(capacity);
      CHECK(VolumeColumn(mode, "us-east-1b", capacity).zones() == Zones{{"us-east-1b", 3}});
    }
  }
}

TEST_CASE("a group without nodes is imagined without the label of the EBS CSI driver") {
  using Zones = std::map<std::string, int>;
  // SOURCE: kubernetes/autoscaler issues 3845 and 3230 (buildGenericLabels has the well-known zone only).
  const auto zones = [](const char* key) {
    return VolumeColumn("WaitForFirstConsumer", "us-east-1b", kFromZero, "ebs.csi.aws.com", key).zones();
  };
  CHECK(zones("topology.kubernetes.io/zone") == Zones{{"us-east-1b", 3}});
  CHECK(zones("topology.ebs.csi.aws.com/zone") == Zones{{"pending", 3}});
}

TEST_CASE("the class of EKS Auto Mode allows nodes of its own compute type") {
  // SOURCE: EKS user guide, "Create a storage class" of Auto Mode.
  const auto zones = [](const char* capacity) {
    return VolumeColumn("WaitForFirstConsumer", "auto", capacity, "ebs.csi.eks.amazonaws.com",
                        "eks.amazonaws.com/compute-type")
        .zones();
  };
  CHECK_FALSE(zones("{autoMode: {}}").contains("pending"));
  CHECK(zones(kSixNodes) == std::map<std::string, int>{{"pending", 3}});
}

}  // namespace
}  // namespace plimsoll::engine
