#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/kubernetes/controllers/volume_claims.h"
#include "sim/cluster/host_agent.h"
#include "sim/policy/pending_reasons.h"

namespace plimsoll::kubernetes {

struct VolumeAttachmentParameters {
  /// AttachVolume, the appearance of the device and the mount of an EBS volume; unmount and DetachVolume. Assumed.
  Delay attach = Delay::uniform(seconds(5), seconds(15)), detach = Delay::uniform(seconds(5), seconds(15));
  /// A node that does not say that it has unmounted a volume is given so long before the volume is taken from it.
  Duration force_detach = minutes(6);
};

/// The attach/detach controller and the kubelet's volume manager: the containers of a pod are not started before its
/// block volumes are attached to its node. One that is attached to another node is waited for: as long as a pod there
/// uses it (Multi-Attach error; the pod stays ContainerCreating), then until it is detached, which takes six minutes
/// when the node died under its pod.
/// SOURCE: kubernetes/kubernetes pkg/controller/volume/attachdetach (reconciler.go: isMultiAttachForbidden,
/// ReconcilerMaxWaitForUnmountDuration 6 min), pkg/kubelet/volumemanager WaitForAttachAndMount.
/// Left out: the out-of-service taint, volumes of several EBS volumes at once (the longest of their attachments counts
/// as one), the limit of EC2's AttachVolume calls.
class VolumeAttachments : public ComponentOf<VolumeAttachments>, public MountGate, public PendingReasons {
 public:
  /// `claims`: the VolumeClaims that know ordinals.
  explicit VolumeAttachments(HandlerId claims, const VolumeAttachmentParameters& parameters = {})
      : parameters_(parameters), claims_(claims) {}
  /// The HostAgent that waits.
  void tell(HandlerId agent) { agent_ = agent; }

  /// The node whose pods use the volume of a claim, namespace/name; none: nobody does.
  NodeId user_of(World& world, NameId claim) const;

  bool mounts(World& world, PodId pod) override;
  /// Of a placed pod whose volume another node has: the event that its user is shown. Empty for any other.
  std::string why_pending(World& world, PodId pod) override;

  bool watches() const override { return true; }
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  enum : std::uint64_t { kMounted, kFree };
  /// A volume that one pod after another may have: of a named claim, or of an ordinal of a StatefulSet.
  struct Volume {
    NameId claim;
    WorkloadId set;
    std::size_t ordinal = 0;
    NodeId node;            ///< that it is attached to
    std::int64_t pods = 0;  ///< there that use it
    Time free_at{};         ///< without pods: detached from then on
  };
  struct Use {
    PodId pod;
    std::size_t volume = 0;
  };
  std::size_t volume_of(NameId claim, WorkloadId set, std::size_t ordinal);
  /// Those of a pod; `own`: it has others beside them, which nobody else can have.
  std::vector<std::size_t> volumes_of(World& world, PodId pod, bool& own);

  VolumeAttachmentParameters parameters_;
  HandlerId claims_, agent_;
  std::vector<Volume> volumes_;
  std::vector<Use> uses_;
  std::vector<PodId> waiting_;  ///< in the order in which they came
};

}  // namespace plimsoll::kubernetes
