#include "models/eks/control_plane.h"

#include <array>

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

std::int64_t key(aws::Date d) { return (static_cast<std::int64_t>(d.year) * 100 + d.month) * 100 + d.day; }

}  // namespace

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
              "did you mean '" + nearest(*version, names) + "'? Known: 1.23 to 1.35");
    } else if (const auto tier = support_on(*known, as_of.date)) {
      out.version = *version;
      out.tier = *tier;
    } else {
      f.error("eksVersion", "EKS does not run " + *version + " on " + aws::to_string(as_of.date),
              "it did from " + aws::to_string(known->released) + " to " + aws::to_string(known->extended_until));
    }
  }
  const std::string_view tiers[] = {"standard", "extended"};
  if (const auto tier = f.optional_one_of("supportTier", tiers, "support of the control plane, instead of by version"))
    out.tier = *tier == 1 ? SupportTier::extended : SupportTier::standard;
  if (f.describing()) return out;
  // The dated fee while it was another one; since then what the catalogue says, so that a catalogue of one's own
  // counts.
  const Rate since_2020 = aws::as_of({2020, 1, 21}).eks_control_plane_hour;
  out.hour = as_of.eks_control_plane_hour == since_2020 ? prices.service(f, "eks", "control_plane_standard")
                                                        : as_of.eks_control_plane_hour;
  // Until extended support had a price, an old version cost nothing more.
  if (out.tier == SupportTier::extended && as_of.eks_extended_support_hour)
    out.hour = prices.service(f, "eks", "control_plane_extended_support");
  return out;
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
