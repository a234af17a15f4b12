#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/aws/price_book.h"
#include "models/kubernetes/version.h"

namespace plimsoll::eks {

/// One Kubernetes version on EKS. SOURCE: EKS user guide, "Amazon EKS Kubernetes release calendar" (2026; months are
/// the calendar's, a day may be off for the oldest).
struct EksVersion {
  std::string_view name;  ///< "1.33"
  aws::Date released, standard_until, extended_until;
};
std::span<const EksVersion> eks_versions();
/// Null when the calendar does not have it.
const EksVersion* find_eks_version(std::string_view name);
/// 33 of "1.33"; 0 when it is no such name.
int minor_of(std::string_view version);
std::string version_name(int minor);

enum class SupportTier : std::uint8_t { standard, extended };
/// By the calendar; none before the release and when extended support is over (EKS upgrades such a cluster itself).
std::optional<SupportTier> support_on(const EksVersion& version, aws::Date date);

/// The set of checked rules that a minor version is nearest to: those of 1.20 up to 1.22, of 1.26 up to 1.31, the
/// newest from 1.32 on (queueing hints, the grace period of 50 s). SOURCE: changelogs of Kubernetes.
kubernetes::KubernetesVersion rules_of(int minor);
/// --node-monitor-grace-period of a release: 40 s, from 1.32 on 50 s.
Duration node_monitor_grace(kubernetes::KubernetesVersion version);
/// Most minor versions that a kubelet may lag behind the API server: 3 from 1.28 on, before that 2.
/// SOURCE: Kubernetes version skew policy; EKS user guide, "Update existing cluster to new Kubernetes version".
constexpr int kubelet_skew(int minor) { return minor >= 28 ? 3 : 2; }

/// What one size of a control plane can do.
struct ControlPlaneCapacity {
  std::int64_t seats = 0;       ///< API requests served at once
  std::int64_t scheduling = 0;  ///< pods a second: the scheduler's client limit
};

/// One scaling tier of EKS Provisioned Control Plane. SOURCE: EKS user guide, "Amazon EKS Provisioned Control Plane"
/// (tables of 1.28 and 1.29, 1.30 to 1.33, 1.34 and later).
struct ScalingTier {
  std::string_view name;   ///< as in controlPlaneScalingConfig.tier
  std::string_view price;  ///< item of the price list
  std::int64_t seats = 0, seats_from_34 = 0, scheduling = 0;
  aws::Date offered;
  ControlPlaneCapacity capacity(int minor) const {
    return {minor >= 34 ? seats_from_34 : seats, minor <= 29 ? 100 : scheduling};
  }
};
/// tier-xl to tier-8xl.
std::span<const ScalingTier> scaling_tiers();

/// Sizes that the standard mode grows through, the smallest first. SOURCE: kube-apiserver's and kube-scheduler's
/// defaults on two API servers for the first; the largest is like the lowest tier, up to which the standard mode
/// "can occasionally scale" (EKS user guide, first edition of the page on tiers); the one between is assumed.
std::array<ControlPlaneCapacity, 3> standard_sizes(int minor);

/// The managed control plane of a column: API servers and etcd over three zones, replaced by EKS when a zone is lost,
/// scaled by EKS with the load on the API. What it costs is the fee; what it leaves to the user are nodes, add-ons and
/// the upgrades of both. How it runs, grows and is updated: controllers/cluster_control_plane.h.
/// SOURCE: EKS user guide, "Understand resilience in Amazon EKS clusters", "Amazon EKS control plane"; EKS best
/// practices, "Scaling the control plane".
struct ControlPlane {
  std::string version;  ///< empty: not said
  int minor = 0;        ///< 0: not said
  SupportTier tier = SupportTier::standard;
  bool tier_said = false;  ///< by the user, whatever the version
  Rate hour;
  Rate standard_hour, extended_hour;     ///< what `hour` may become with another version
  const ScalingTier* scaling = nullptr;  ///< null: standard mode
  Rate scaling_hour;
  aws::Date date;
  /// Whether the rules of scheduling and scaling follow the version: nobody has said kubernetesVersion.
  bool rules_follow = true;
  std::optional<Duration> monitor_grace;  ///< said by the user, whatever the version
  Delay update = Delay::uniform(minutes(8), minutes(12));
  Delay leader_election = Delay::uniform(seconds(2), seconds(17));
  Delay growth = Delay::uniform(minutes(6), minutes(10));
  Duration api_request = milliseconds(10);

  SupportTier tier_of(int of_minor) const;
  Rate hour_of(SupportTier of) const { return of == SupportTier::extended ? extended_hour : standard_hour; }
  /// Who looks after what, in a line of the list of objects.
  static std::string duties();
  /// What a reader must know before the bill: extended support; else empty.
  std::string remark() const;
};

/// Reads `eksVersion`, `supportTier` and `controlPlaneScalingConfig`; the fee is that of the column's date. An unknown
/// version, one that EKS does not run at that date, and extended support that does not exist yet are errors, and so is
/// a tier of a version or date that has none.
ControlPlane read_control_plane(document::Fields& column, aws::PriceBook& prices);

/// Checks the scenario's updateClusterVersion events against the version that the column begins with, and says what
/// they leave to the user. A step of more than one minor version is an error, as is a version that EKS does not offer
/// at the column's date; back one version goes within seven days of the update that brought the newer.
/// SOURCE: EKS user guide, "Update existing cluster to new Kubernetes version", "Rollback cluster to previous
/// Kubernetes version".
/// `duties`: who does what of the rest with this column's capacity.
void check_version_updates(document::Fields& column, const std::vector<TimelineEvent>& events,
                           const ControlPlane& plane, std::string_view duties, std::vector<std::string>& remarks);

}  // namespace plimsoll::eks
