#include "models/eks/cluster_autoscaler/similar_groups.h"

#include <algorithm>
#include <array>

namespace plimsoll::eks::ca {

namespace {

constexpr std::array<std::string_view, 7> kIgnored{
    "kubernetes.io/hostname",
    "failure-domain.beta.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region",
    "topology.kubernetes.io/zone",
    "topology.kubernetes.io/region",
    "kops.k8s.io/instancegroup",
    "beta.kubernetes.io/fluentd-ds-ready",
};

constexpr std::array<std::string_view, 7> kIgnoredOnAws{
    "alpha.eksctl.io/instance-id",
    "alpha.eksctl.io/nodegroup-name",
    "eks.amazonaws.com/nodegroup",
    "k8s.amazonaws.com/eniConfig",
    "lifecycle",
    "topology.ebs.csi.aws.com/zone",
    "topology.k8s.aws/zone-id",
};

/// Both in thousandths of the unit, as the original compares them.
bool within(std::int64_t a, std::int64_t b, double ratio, double scale) {
  const double larger = static_cast<double>(std::max(a, b)) * scale;
  const double smaller = static_cast<double>(std::min(a, b)) * scale;
  return larger - smaller <= larger * ratio;
}

double milli_scale(Resource r) { return r == Resource::cpu ? 1.0 : 1000.0; }

bool same_names(const ExtendedResources& a, const ExtendedResources& b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](const auto& x, const auto& y) { return x.first == y.first; });
}

std::int64_t quantity(const ExtendedResources& list, NameId name) {
  for (const auto& [key, value] : list) {
    if (key == name) return value;
  }
  return 0;
}

}  // namespace

bool is_ignored_label(std::string_view key, bool aws_labels) {
  return std::find(kIgnored.begin(), kIgnored.end(), key) != kIgnored.end() ||
         (aws_labels && std::find(kIgnoredOnAws.begin(), kIgnoredOnAws.end(), key) != kIgnoredOnAws.end());
}

bool are_similar(const GroupTemplate& a, const GroupTemplate& b, const Names& names, const SimilarityParams& params) {
  for (std::size_t i = 0; i < kResourceCount; ++i) {
    const auto r = static_cast<Resource>(i);
    const bool equal = r == Resource::memory
                           ? within(a.capacity[r], b.capacity[r], params.memory_difference_ratio, milli_scale(r))
                           : a.capacity[r] == b.capacity[r];
    if (!equal) return false;
    if (!within(a.allocatable[r], b.allocatable[r], params.max_allocatable_difference_ratio, milli_scale(r)))
      return false;
    if (!within(a.allocatable[r] - a.requested[r], b.allocatable[r] - b.requested[r], params.max_free_difference_ratio,
                milli_scale(r))) {
      return false;
    }
  }
  if (!same_names(a.extended, b.extended)) return false;
  for (const auto& [name, value] : a.extended) {
    const std::int64_t other = quantity(b.extended, name);
    if (value != other) return false;
    if (!within(value - quantity(a.extended_requested, name), other - quantity(b.extended_requested, name),
                params.max_free_difference_ratio, 1000.0)) {
      return false;
    }
  }

  if (!params.only_labels.empty()) {
    return std::all_of(params.only_labels.begin(), params.only_labels.end(),
                       [&](NameId key) { return a.labels.find(key) == b.labels.find(key); });
  }
  const auto ignored = [&](NameId key) {
    return is_ignored_label(names.text(key), params.aws_labels) ||
           std::find(params.extra_ignored_labels.begin(), params.extra_ignored_labels.end(), key) !=
               params.extra_ignored_labels.end();
  };
  const auto covered = [&](const Labels& of, const Labels& by) {
    return std::all_of(of.pairs().begin(), of.pairs().end(),
                       [&](const auto& pair) { return by.find(pair.first) == pair.second || ignored(pair.first); });
  };
  return covered(a.labels, b.labels) && covered(b.labels, a.labels);
}

}  // namespace plimsoll::eks::ca
