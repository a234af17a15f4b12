#include <algorithm>
#include <optional>
#include <regex>

#include "models/eks/cluster_autoscaler/expander.h"

namespace plimsoll::eks::ca {

namespace {

class PriorityExpander final : public Expander {
 public:
  explicit PriorityExpander(const PriorityConfig& config) {
    try {
      for (const auto& [priority, patterns] : config) {
        for (const std::string& pattern : patterns) rules_.emplace_back(priority, std::regex(pattern));
      }
    } catch (const std::regex_error&) {
      rules_.clear();
    }
  }

  std::string_view name() const override { return "priority"; }
  double score(const ExpansionOption& option) const override {
    const auto priority = priority_of(option.group_id);
    return priority ? -static_cast<double>(*priority) : 0;
  }
  std::vector<std::size_t> best(std::span<const ExpansionOption> options) const override {
    std::optional<std::int64_t> highest;
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < options.size(); ++i) {
      const auto priority = priority_of(options[i].group_id);
      if (!priority || (highest && *priority < *highest)) continue;
      if (!highest || *priority > *highest) out.clear();
      highest = priority;
      out.push_back(i);
    }
    if (out.empty()) {
      for (std::size_t i = 0; i < options.size(); ++i) out.push_back(i);
    }
    return out;
  }

 private:
  std::optional<std::int64_t> priority_of(std::string_view group) const {
    std::optional<std::int64_t> highest;
    for (const auto& [priority, pattern] : rules_) {
      if (highest && *highest >= priority) continue;
      if (std::regex_search(group.begin(), group.end(), pattern)) highest = priority;
    }
    return highest;
  }

  std::vector<std::pair<std::int64_t, std::regex>> rules_;
};

}  // namespace

std::unique_ptr<Expander> make_priority_expander(const PriorityConfig& config) {
  return std::make_unique<PriorityExpander>(config);
}

}  // namespace plimsoll::eks::ca
