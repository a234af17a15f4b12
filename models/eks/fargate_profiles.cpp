#include "models/eks/fargate_profiles.h"

#include <algorithm>
#include <string_view>

namespace plimsoll::eks {

namespace {

constexpr std::size_t kMostSelectors = 5;

bool matches_wildcards(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool matches_selector(const FargateSelector& s, const PodShape& pod, const Names& names) {
  if (!matches_wildcards(s.namespace_name, names.text(pod.namespace_name))) return false;
  return std::all_of(s.labels.begin(), s.labels.end(), [&](const auto& wanted) {
    const auto own = pod.labels.pairs();
    return std::any_of(own.begin(), own.end(), [&](const auto& label) {
      return matches_wildcards(wanted.first, names.text(label.first)) &&
             matches_wildcards(wanted.second, names.text(label.second));
    });
  });
}

}  // namespace

std::vector<FargateProfile> read_fargate_profiles(document::Fields& c) {
  std::vector<FargateProfile> out;
  for (const document::Item& item : c.list("fargateProfiles", "pods that run on Fargate beside the nodes")) {
    document::Fields f(item.node, c.reader(), item.path);
    FargateProfile profile;
    profile.name = f.text("name", "fargate-" + std::to_string(out.size()), "numbered", "name of the profile");
    for (const document::Item& selector : f.required_list("selectors", "which pods: {namespace, labels}")) {
      document::Fields s(selector.node, f.reader(), selector.path);
      FargateSelector one;
      one.namespace_name = s.required_text("namespace", "namespace of the pods; * and ? are wildcards");
      for (const document::Item& label : s.map("labels", "labels of the pods, all of them"))
        one.labels.emplace_back(label.name, label.node.text());
      profile.selectors.push_back(std::move(one));
    }
    if (profile.selectors.size() > kMostSelectors && !f.describing())
      f.error("selectors", "a Fargate profile has at most five selectors", "make a second profile");
    const bool again =
        std::any_of(out.begin(), out.end(), [&](const FargateProfile& p) { return p.name == profile.name; });
    if (again && !f.describing()) f.error("name", "two Fargate profiles have the name '" + profile.name + "'");
    out.push_back(std::move(profile));
  }
  return out;
}

bool selects(std::span<const FargateProfile> profiles, const PodShape& pod, const Names& names) {
  return std::any_of(profiles.begin(), profiles.end(), [&](const FargateProfile& p) {
    return std::any_of(p.selectors.begin(), p.selectors.end(),
                       [&](const FargateSelector& s) { return matches_selector(s, pod, names); });
  });
}

}  // namespace plimsoll::eks
