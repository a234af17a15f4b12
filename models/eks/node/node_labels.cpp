#include "models/eks/node/node_labels.h"

#include <algorithm>

namespace plimsoll::eks {

namespace {

constexpr std::pair<std::string_view, std::string_view> kOtherNames[] = {
    {"beta.kubernetes.io/arch", "kubernetes.io/arch"},
    {"beta.kubernetes.io/os", "kubernetes.io/os"},
    {"beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type"},
    {"failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"},
    {"failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"},
    {"topology.ebs.csi.aws.com/zone", "topology.kubernetes.io/zone"},
};

/// "us-east-1" is "use1", "ap-southeast-2" "apse2", "us-gov-west-1" "usgw1".
std::string region_code(std::string_view region) {
  std::string out;
  bool first = true;
  while (!region.empty()) {
    const std::size_t dash = region.find('-');
    const std::string_view word = region.substr(0, dash);
    region = dash == std::string_view::npos ? std::string_view{} : region.substr(dash + 1);
    if (first || (!word.empty() && word[0] >= '0' && word[0] <= '9')) {
      out += word;
    } else {
      // Two points of the compass: north-east, south-west.
      out += word.substr(0, 1);
      for (const std::string_view side : {"east", "west"}) {
        if (word.size() > side.size() && word.ends_with(side)) out += side.substr(0, 1);
      }
    }
    first = false;
  }
  return out;
}

}  // namespace

NormalizedLabels::NormalizedLabels(Names& names) {
  for (const auto& [other, name] : kOtherNames) pairs_.emplace_back(names.intern(other), names.intern(name));
}

NameId NormalizedLabels::of(NameId key) const {
  const auto at = std::find_if(pairs_.begin(), pairs_.end(), [key](const auto& p) { return p.first == key; });
  return at != pairs_.end() ? at->second : key;
}

void NormalizedLabels::add_old_names(Labels& labels) const {
  for (const auto& [other, name] : pairs_) {
    if (const NameId value = labels.find(name); !value.is_none()) labels.set(other, value);
  }
}

std::string zone_id_of(std::string_view region, std::string_view zone, std::size_t index) {
  const bool lettered =
      zone.size() == region.size() + 1 && zone.starts_with(region) && zone.back() >= 'a' && zone.back() <= 'z';
  const std::size_t number = lettered ? static_cast<std::size_t>(zone.back() - 'a') + 1 : index + 1;
  return region_code(region) + "-az" + std::to_string(number);
}

}  // namespace plimsoll::eks
