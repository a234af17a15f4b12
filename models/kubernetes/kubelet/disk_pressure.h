#pragma once

#include <cstdint>
#include <vector>

#include "models/kubernetes/controllers/node_updates.h"
#include "models/kubernetes/kubelet/image_gc.h"
#include "sim/cluster/world.h"

namespace plimsoll::kubernetes {

/// SOURCE: pkg/kubelet/eviction/eviction_manager.go; KubeletConfiguration defaults. The EKS-optimised images set
/// evictionHard {memory.available: 100Mi, nodefs.available: 10%, nodefs.inodesFree: 5%}, which leaves out the
/// upstream imagefs.available of 15 % (amazon-eks-ami nodeadm/internal/kubelet/config.go).
struct DiskPressureParameters {
  ImageGcPolicy images;
  Duration period = seconds(10);        ///< monitoringInterval
  Duration transition = minutes(5);     ///< evictionPressureTransitionPeriod
  std::int64_t nodefs_percent = 10;     ///< evictionHard nodefs.available
  std::int64_t imagefs_percent = 0;     ///< evictionHard imagefs.available; the same disk
  Bytes system = gibibytes(4);          ///< used by the operating system; assumed
  std::int64_t unpacked_percent = 250;  ///< size of an image on disk, of its compressed size; assumed
  const char* taint = "node.kubernetes.io/disk-pressure";
};

/// Image garbage collection and disk pressure on the EC2 nodes of a cluster with one disk each. Every five minutes of a
/// node's life the kubelet removes images as image_gc.h says; an image that comes back is pulled again. When what is
/// available falls below a hard threshold, the node is tainted disk-pressure:NoSchedule until five minutes after the
/// last sign of it, every unused image goes, and if that does not do, one pod every period without grace: the one of
/// lowest priority, of equals the oldest (Reason::evicted). Critical pods stay.
///
/// A disk holds the system and the unpacked images; its size is what is allocatable, 1 GiB that kubeReserved keeps and
/// the 10 % of the eviction threshold (models/eks/node/kube_reserved). Left out: what containers write (logs, writable
/// layers, emptyDir), inodes, pulls that fail on a full disk, image volumes of their own. Nothing is looked at while a
/// disk is far from its thresholds.
class DiskPressure : public ComponentOf<DiskPressure>, public UpdatesNodes {
 public:
  explicit DiskPressure(const DiskPressureParameters& parameters) : parameters_(parameters) {}
  /// A NodeImages component: hears of images that are removed.
  void tell(HandlerId images) { node_images_ = images; }

  bool watches() const override { return true; }
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  enum : std::uint64_t { kCollect = 0, kLook = 1 };
  struct Disk {
    bool collecting = false, looking = false;  ///< wakes on their way
    Time pressed = kTimeNever;                 ///< when pressure was last seen; never: not tainted
  };
  Bytes size_of(NameId image) const;
  Bytes used(const Node& node) const;
  bool is_short(const Node& node, Bytes used) const;
  bool is_full(const Node& node, Bytes used) const;
  void watch(World& world, NodeId node);
  std::vector<ImageRecord> images_of(const World& world, NodeId node) const;
  void remove(World& world, NodeId node, const std::vector<ImageRecord>& images, const std::vector<std::size_t>& which);
  void look_at(World& world, NodeId node);

  DiskPressureParameters parameters_;
  std::vector<Bytes> compressed_;  ///< by image name
  std::vector<Disk> disks_;        ///< by node
  HandlerId node_images_;
};

}  // namespace plimsoll::kubernetes
