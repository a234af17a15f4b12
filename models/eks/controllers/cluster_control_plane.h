#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/eks/control_plane.h"
#include "models/kubernetes/controllers/control_plane_process.h"
#include "sim/billing/bill.h"
#include "sim/cluster/timeline.h"
#include "sim/cluster/world.h"
#include "sim/policy/platform.h"

namespace plimsoll::eks {

/// Lines of the bill that the control plane opens: its fee by support tier, and that of its scaling tier.
struct ControlPlaneLines {
  HandlerId bill;
  LineItemId standard, extended;  ///< none: no version of the run has it
  LineItemId scaling;             ///< none in standard mode
};

/// Makes them; a tier of support that only an update brings has a line of its own.
ControlPlaneLines control_plane_lines(BuildContext& context, const ControlPlane& plane);

/// The control plane of a cluster while it runs: its fee, its capacity, its version.
///
/// An update (UpdateClusterVersion) takes some minutes, in which the API answers all the while. When it is done the
/// processes of the new release take over: scheduling and the controllers stand still until a new leader is elected,
/// what they kept in memory is gone (queues and back-offs, stabilization windows), their rules are the new release's,
/// and the fee follows the version's support. It is refused while another runs, and when a node's kubelet would lag
/// behind by more than the skew policy allows, or, on the way back, be ahead. Nodes keep the release of the image that
/// they were launched with: that of their group's last update (the event upgrade: nodes), on Karpenter, Auto Mode and
/// Fargate that of the control plane at their launch.
///
/// In standard mode the capacity grows one size at a time when in each of five minutes on end half of the scheduler's
/// time, or seven tenths of the API's seats, are used up, or when the nodes pass 500 or 2,000; the new size is there
/// after some minutes. A burst that is over sooner, such as a hundred nodes' pods at the start, leaves it as it is: a
/// new cluster's control plane is not at once what hundreds of nodes need. A provisioned tier stays what it is.
/// SOURCE: EKS user guide, "Update existing cluster to new Kubernetes version" (several minutes; rolling, the endpoint
/// stays accessible), "Amazon EKS Provisioned Control Plane"; AWS containers blog, "Amazon EKS improves control plane
/// scaling and update speed by up to 4x" (grows with nodes, size of etcd and use, in 10 minutes or less); EKS best
/// practices, "Kubernetes control plane" (limits to how fast it scales; no thresholds are published, these are
/// assumed); kube-scheduler and kube-controller-manager leader election (lease 15 s, retry 2 s). Left out: shrinking of
/// the standard mode, the size of etcd, updates of the tier, upgrade insights, a second release's feature gates; rules
/// that stay as of the beginning are schedules of CronJobs, a KubeSchedulerConfiguration's file, and those of Karpenter
/// and Cluster Autoscaler, which are programs of their own.
class ClusterControlPlane : public ComponentOf<ClusterControlPlane>, public ManagedControlPlane {
 public:
  /// `version`: whose rules the processes begin with.
  ClusterControlPlane(ControlPlane plane, const ControlPlaneLines& lines, kubernetes::KubernetesVersion version,
                      HandlerId api_server)
      : plane_(std::move(plane)),
        lines_(lines),
        rules_(version),
        api_server_(api_server),
        minor_(plane_.minor),
        template_minor_(plane_.minor) {}

  void update_version(World& world, const std::string& version) override;
  int minor() const { return minor_; }
  /// The release whose feature gates are on now.
  int gates() const;
  ControlPlaneCapacity capacity() const;

  bool watches() const override { return true; }
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;

 private:
  enum : std::uint64_t { kUpdated = 0, kResized = 1 };
  void open_fee(World& world);
  void updated(World& world);
  void apply_capacity(World& world);
  void look_at_load(World& world);
  /// Lowest and highest minor version of the kubelets that are there; the control plane's own without nodes.
  std::pair<int, int> kubelets(const World& world) const;
  void refuse(World& world, int target, Reason reason) const;

  ControlPlane plane_;
  ControlPlaneLines lines_;
  kubernetes::KubernetesVersion rules_;
  HandlerId api_server_;
  std::optional<billing::MeterId> fee_;
  SupportTier fee_tier_ = SupportTier::standard;
  int minor_ = 0, template_minor_ = 0;  ///< of the control plane, and of the images of node groups
  int target_ = 0;                      ///< of the update that runs; 0: none
  std::uint64_t updates_ = 0, growths_ = 0;
  std::vector<std::uint8_t> kubelet_;  ///< by node
  std::size_t size_ = 0;               ///< of the standard sizes
  bool growing_ = false;
  int busy_looks_ = 0;  ///< the latest looks that found it busy, without one between that did not
  std::int64_t nodes_ = 0;
  Time looked_{};
  Duration held_{};
};

}  // namespace plimsoll::eks
