#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/aws/price_book.h"

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

enum class SupportTier : std::uint8_t { standard, extended };
/// By the calendar; none before the release and when extended support is over (EKS upgrades such a cluster itself).
std::optional<SupportTier> support_on(const EksVersion& version, aws::Date date);

/// The managed control plane of a column: API servers and etcd over three zones, replaced by EKS when a zone is lost,
/// scaled by EKS with the load on the API. What it costs is the fee; what it leaves to the user are nodes, add-ons and
/// the upgrades of both. Left out: Provisioned Control Plane, throttling of the API while EKS scales it.
/// SOURCE: EKS user guide, "Understand resilience in Amazon EKS clusters", "Amazon EKS control plane"; EKS best
/// practices, "Scaling the control plane".
struct ControlPlane {
  std::string version;  ///< empty: not said
  SupportTier tier = SupportTier::standard;
  Rate hour;
  /// Who looks after what, in a line of the list of objects.
  static std::string duties();
  /// What a reader must know before the bill: extended support; else empty.
  std::string remark() const;
};

/// Reads `eksVersion` and `supportTier`; the fee is that of the column's date. An unknown version, one that EKS does
/// not run at that date, and extended support that does not exist yet are errors.
ControlPlane read_control_plane(document::Fields& column, aws::PriceBook& prices);

}  // namespace plimsoll::eks
