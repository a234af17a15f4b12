#include "models/eks/cluster_autoscaler/expander.h"

#include <array>

#include "sim/core/text.h"

namespace plimsoll::eks::ca {

namespace {
constexpr std::array<std::string_view, 5> kNames{"random", "most-pods", "least-nodes", "least-waste", "priority"};
}

std::size_t ExpanderChain::choose(std::span<const ExpansionOption> options, const Stream* tie,
                                  std::uint64_t draw) const {
  std::vector<std::size_t> left(options.size());
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = i;
  for (const auto& expander : expanders_) {
    if (left.size() == 1) break;
    std::vector<ExpansionOption> offered;
    for (const std::size_t i : left) offered.push_back(options[i]);
    std::vector<std::size_t> kept;
    for (const std::size_t i : expander->best(offered)) kept.push_back(left[i]);
    if (!kept.empty()) left = std::move(kept);
  }
  return left.size() == 1 || tie == nullptr ? left.front() : left[tie->below(left.size(), draw)];
}

bool has_expander(std::string_view list, std::string_view name) {
  while (true) {
    const std::size_t comma = list.find(',');
    if (trim(list.substr(0, comma)) == name) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

std::span<const std::string_view> expander_names() { return kNames; }

std::unique_ptr<ExpanderChain> make_expanders(std::string_view list, const PriorityConfig& priorities,
                                              std::string& error) {
  std::vector<std::unique_ptr<Expander>> out;
  while (true) {
    const std::size_t comma = list.find(',');
    const std::string_view name = trim(list.substr(0, comma));
    if (name == "random") {
      out.push_back(make_random_expander());
    } else if (name == "most-pods") {
      out.push_back(make_most_pods_expander());
    } else if (name == "least-nodes") {
      out.push_back(make_least_nodes_expander());
    } else if (name == "least-waste") {
      out.push_back(make_least_waste_expander());
    } else if (name == "priority") {
      out.push_back(make_priority_expander(priorities));
    } else if (name == "price") {
      error = "expander 'price' needs a pricing model, which Cluster Autoscaler does not have on AWS";
      return nullptr;
    } else if (name == "grpc") {
      error = "expander 'grpc' is an external process, which is not simulated";
      return nullptr;
    } else {
      error = "unknown expander '" + std::string(name) + "'";
      if (const std::string near = nearest(name, kNames); !near.empty()) error += "; did you mean '" + near + "'?";
      return nullptr;
    }
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  return std::make_unique<ExpanderChain>(std::move(out));
}

}  // namespace plimsoll::eks::ca
