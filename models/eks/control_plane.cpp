#include "models/eks/control_plane.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "sim/core/text.h"

namespace plimsoll::eks {

namespace {

constexpr std::array kVersions{
    EksVersion{"1.23", {2022, 8, 11}, {2023, 10, 11}, {2024, 10, 11}},
    EksVersion{"1.24", {2022, 11, 15}, {2024, 1, 31}, {2025, 1, 31}},
    EksVersion{"1.25", {2023, 2, 22}, {2024, 5, 1}, {2025, 5, 1}},
    EksVersion{"1.26", {2023, 4, 11}, {2024, 6, 11}, {2025, 6, 11}},
    EksVersion{"1.27", {2023, 5, 24}, {2024, 7, 24}, {2025, 7, 24}},
    EksVersion{"1.28", {2023, 9, 26}, {2024, 11, 26}, {2025, 11, 26}},
    EksVersion{"1.29", {2024, 1, 23}, {2025, 3, 23}, {2026, 3, 23}},
    EksVersion{"1.30", {2024, 5, 23}, {2025, 7, 23}, {2026, 7, 23}},
    EksVersion{"1.31", {2024, 9, 26}, {2025, 11, 26}, {2026, 11, 26}},
    EksVersion{"1.32", {2025, 1, 23}, {2026, 3, 23}, {2027, 3, 23}},
    EksVersion{"1.33", {2025, 5, 29}, {2026, 7, 29}, {2027, 7, 29}},
    EksVersion{"1.34", {2025, 10, 2}, {2026, 12, 2}, {2027, 12, 2}},
    EksVersion{"1.35", {2026, 1, 27}, {2027, 3, 27}, {2028, 3, 27}},
};

constexpr aws::Date kTiersSince{2025, 11, 27}, kLargestTierSince{2026, 3, 1};
constexpr std::array kScalingTiers{
    ScalingTier{"tier-xl", "provisioned_control_plane_xl", 1700, 2000, 167, kTiersSince},
    ScalingTier{"tier-2xl", "provisioned_control_plane_2xl", 3400, 4000, 283, kTiersSince},
    ScalingTier{"tier-4xl", "provisioned_control_plane_4xl", 6800, 8000, 400, kTiersSince},
    ScalingTier{"tier-8xl", "provisioned_control_plane_8xl", 13600, 16000, 400, kLargestTierSince},
};
constexpr int kTiersFromMinor = 28;

/// Two API servers with --max-requests-inflight 400 and --max-mutating-requests-inflight 200 each.
constexpr std::int64_t kSmallestSeats = 2 * (400 + 200);
constexpr std::int64_t kSmallestScheduling = 50;

std::int64_t key(aws::Date d) { return (static_cast<std::int64_t>(d.year) * 100 + d.month) * 100 + d.day; }

}  // namespace

int minor_of(std::string_view version) {
  int minor = 0;
  if (!version.starts_with("1.")) return 0;
  const auto [end, error] = std::from_chars(version.data() + 2, version.data() + version.size(), minor);
  return error == std::errc{} && end == version.data() + version.size() ? minor : 0;
}

std::string version_name(int minor) { return "1." + std::to_string(minor); }

kubernetes::KubernetesVersion rules_of(int minor) {
  using kubernetes::KubernetesVersion;
  return minor <= 22 ? KubernetesVersion::v1_20 : minor <= 31 ? KubernetesVersion::v1_26 : KubernetesVersion::current;
}

Duration node_monitor_grace(kubernetes::KubernetesVersion version) {
  return version == kubernetes::KubernetesVersion::current ? seconds(50) : seconds(40);
}

std::span<const ScalingTier> scaling_tiers() { return kScalingTiers; }

std::array<ControlPlaneCapacity, 3> standard_sizes(int minor) {
  const ControlPlaneCapacity largest = kScalingTiers.front().capacity(minor == 0 ? 34 : minor);
  const ControlPlaneCapacity middle{(kSmallestSeats + largest.seats) / 2,
                                    std::min<std::int64_t>(2 * kSmallestScheduling, largest.scheduling)};
  return {ControlPlaneCapacity{kSmallestSeats, kSmallestScheduling}, middle, largest};
}

std::span<const EksVersion> eks_versions() { return kVersions; }

const EksVersion* find_eks_version(std::string_view name) {
  for (const EksVersion& v : kVersions) {
    if (v.name == name) return &v;
  }
  return nullptr;
}

std::optional<SupportTier> support_on(const EksVersion& version, aws::Date date) {
  if (key(date) < key(version.released) || key(date) >= key(version.extended_until)) return std::nullopt;
  return key(date) < key(version.standard_until) ? SupportTier::standard : SupportTier::extended;
}

namespace {

void read_scaling_tier(document::Fields& f, aws::PriceBook& prices, ControlPlane& out) {
  document::Fields config = f.child("controlPlaneScalingConfig", "EKS Provisioned Control Plane");
  std::vector<std::string_view> names{"standard"};
  for (const ScalingTier& t : kScalingTiers) names.push_back(t.name);
  const std::size_t chosen = config.one_of("tier", names, 0, "EKS default",
                                           "standard: grows with the load; else capacity that is paid for and kept");
  if (chosen == 0 || f.describing()) return;
  const ScalingTier& tier = kScalingTiers[chosen - 1];
  const aws::Date date = prices.as_of().date;
  if (key(date) < key(tier.offered)) {
    config.error("tier", "EKS had no " + std::string(tier.name) + " on " + aws::to_string(date),
                 "it exists from " + aws::to_string(tier.offered));
  } else if (out.minor != 0 && out.minor < kTiersFromMinor) {
    config.error(
        "tier", "a provisioned control plane runs " + version_name(kTiersFromMinor) + " and later, not " + out.version);
  } else {
    out.scaling = &tier;
    out.scaling_hour = prices.service(config, "eks", tier.price);
  }
}

}  // namespace

ControlPlane read_control_plane(document::Fields& f, aws::PriceBook& prices) {
  const aws::AsOf& as_of = prices.as_of();
  ControlPlane out;
  if (const auto version = f.optional_text("eksVersion", "Kubernetes version of the cluster, for its support fee");
      version && !f.describing()) {
    const EksVersion* known = find_eks_version(*version);
    if (known == nullptr) {
      std::vector<std::string_view> names;
      for (const EksVersion& v : kVersions) names.push_back(v.name);
      f.error("eksVersion", "the calendar of EKS has no version '" + *version + "'",
              "did you mean '" + nearest(*version, names) + "'? Known: " + std::string(kVersions.front().name) +
                  " to " + std::string(kVersions.back().name));
    } else if (const auto tier = support_on(*known, as_of.date)) {
      out.version = *version;
      out.minor = minor_of(*version);
      out.tier = *tier;
    } else {
      f.error("eksVersion", "EKS does not run " + *version + " on " + aws::to_string(as_of.date),
              "it did from " + aws::to_string(known->released) + " to " + aws::to_string(known->extended_until));
    }
  }
  const std::string_view tiers[] = {"standard", "extended"};
  if (const auto tier =
          f.optional_one_of("supportTier", tiers, "support of the control plane, instead of by version")) {
    out.tier = *tier == 1 ? SupportTier::extended : SupportTier::standard;
    out.tier_said = true;
  }
  out.date = as_of.date;
  read_scaling_tier(f, prices, out);
  if (f.describing()) return out;
  // The dated fee while it was another one; since then what the catalogue says, so that a catalogue of one's own
  // counts.
  const Rate since_2020 = aws::as_of({2020, 1, 21}).eks_control_plane_hour;
  out.standard_hour = as_of.eks_control_plane_hour == since_2020 ? prices.service(f, "eks", "control_plane_standard")
                                                                 : as_of.eks_control_plane_hour;
  // Until extended support had a price, an old version cost nothing more.
  out.extended_hour = out.standard_hour;
  if (as_of.eks_extended_support_hour && (out.tier == SupportTier::extended || out.minor != 0))
    out.extended_hour = prices.service(f, "eks", "control_plane_extended_support");
  out.hour = out.hour_of(out.tier);
  return out;
}

SupportTier ControlPlane::tier_of(int of_minor) const {
  if (tier_said) return tier;
  const EksVersion* v = find_eks_version(version_name(of_minor));
  return v == nullptr ? tier : support_on(*v, date).value_or(SupportTier::extended);
}

void check_version_updates(document::Fields& f, const std::vector<TimelineEvent>& events, const ControlPlane& plane,
                           std::string_view duties, std::vector<std::string>& remarks) {
  std::vector<std::pair<Duration, const ControlPlaneUpdate*>> updates;
  for (const TimelineEvent& e : events) {
    if (const auto* update = std::get_if<ControlPlaneUpdate>(&e.what)) updates.emplace_back(e.at, update);
  }
  if (updates.empty()) return;
  std::stable_sort(updates.begin(), updates.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  if (plane.minor == 0) {
    if (!f.has("eksVersion"))
      f.error("eksVersion", "an event updates the control plane, but from which version?",
              "write eksVersion: \"" + version_name(minor_of(updates.front().second->version) - 1) + "\"");
    return;
  }
  int minor = plane.minor;
  std::optional<std::pair<int, Duration>> newer;  // what the last update brought, and when
  for (const auto& [at, update] : updates) {
    const int target = minor_of(update->version);
    const std::string step = "from " + version_name(minor) + " to " + update->version;
    const std::string when = "updateClusterVersion at " + to_string(at) + ": ";
    const EksVersion* known = find_eks_version(update->version);
    if (known == nullptr || !support_on(*known, plane.date)) {
      f.error(
          "eksVersion", when + "EKS does not offer " + update->version + " on " + aws::to_string(plane.date),
          known == nullptr
              ? "the calendar has " + std::string(kVersions.front().name) + " to " + std::string(kVersions.back().name)
              : "it did from " + aws::to_string(known->released) + " to " + aws::to_string(known->extended_until));
      return;
    }
    const bool back = target == minor - 1;
    if (target != minor + 1 && !back) {
      f.error("eksVersion", when + "unsupported Kubernetes minor version update " + step,
              "a control plane is updated one minor version at a time" +
                  (target > minor ? ": first to " + version_name(minor + 1) : std::string()));
      return;
    }
    if (back && (!newer || newer->first != minor || at - newer->second > hours(7 * 24))) {
      f.error("eksVersion", when + "no way back " + step,
              "only the update that brought " + version_name(minor) + " can be taken back, within 7 days");
      return;
    }
    if (back) {
      newer.reset();
    } else {
      newer = {target, at};
    }
    minor = target;
  }
  remarks.push_back("the control plane is updated to " + version_name(minor) + "; " + std::string(duties));
  if (!plane.rules_follow)
    remarks.emplace_back("kubernetesVersion is given: the rules stay those, whatever the update");
}

std::string ControlPlane::duties() {
  return "by EKS: API servers and etcd over three zones, their replacement when a zone is lost, their growth with the "
         "load on the API; yours: nodes, add-ons, and when to upgrade";
}

std::string ControlPlane::remark() const {
  if (tier != SupportTier::extended) return {};
  return "the control plane" + (version.empty() ? std::string() : " of version " + version) +
         " is in extended support, six times the standard fee; an upgrade ends it";
}

}  // namespace plimsoll::eks
