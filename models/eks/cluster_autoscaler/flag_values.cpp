#include "models/eks/cluster_autoscaler/flag_values.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace plimsoll::eks::ca {

namespace {

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view take_part(std::string_view& text) {
  const std::size_t colon = text.find(':');
  const std::string_view part = text.substr(0, colon);
  text = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
  return part;
}

}  // namespace

std::optional<NodeGroupSpec> parse_node_group_spec(std::string_view text) {
  const auto minimum = number(take_part(text));
  const auto maximum = number(take_part(text));
  if (!minimum || !maximum || *minimum < 0 || *maximum < 1 || *maximum < *minimum || text.empty()) return std::nullopt;
  return NodeGroupSpec{*minimum, *maximum, std::string(text)};
}

ManagedBounds managed_bounds(const std::vector<std::string>& nodes, const std::vector<std::string>& discovery,
                             std::string_view group) {
  for (const std::string& text : nodes) {
    const std::optional<NodeGroupSpec> spec = parse_node_group_spec(text);
    if (spec && spec->name == group) return {true, spec};
  }
  return {nodes.empty() || !discovery.empty(), std::nullopt};
}

std::optional<GpuLimit> parse_gpu_limit(std::string_view text) {
  if (std::count(text.begin(), text.end(), ':') != 2) return std::nullopt;
  const std::string_view type = take_part(text);
  const auto minimum = number(take_part(text)), maximum = number(text);
  if (type.empty() || !minimum || !maximum || *minimum < 0 || *maximum < *minimum) return std::nullopt;
  return GpuLimit{std::string(type), *minimum, *maximum};
}

std::vector<DrainPriority> parse_drain_priorities(std::string_view text) {
  std::vector<DrainPriority> out;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    std::string_view pair = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    if (std::count(pair.begin(), pair.end(), ':') != 1) return {};
    const auto priority = number(take_part(pair)), grace = number(pair);
    using Limits = std::numeric_limits<std::int32_t>;
    if (!priority || !grace || *priority < Limits::min() || *priority > Limits::max() || *grace < 0 ||
        *grace > Limits::max())
      return {};
    out.push_back({static_cast<std::int32_t>(*priority), seconds(*grace)});
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const DrainPriority& a, const DrainPriority& b) { return a.priority < b.priority; });
  return out;
}

std::size_t drain_group(const std::vector<DrainPriority>& priorities, std::int32_t priority) {
  const auto above = std::upper_bound(priorities.begin(), priorities.end(), priority,
                                      [](std::int32_t p, const DrainPriority& d) { return p < d.priority; });
  if (above == priorities.begin()) return 0;
  // Of equal ones the first, as the real search finds it.
  const auto last = above - 1;
  const auto first = std::lower_bound(priorities.begin(), above, last->priority,
                                      [](const DrainPriority& d, std::int32_t p) { return d.priority < p; });
  return static_cast<std::size_t>((last->priority == priority ? first : last) - priorities.begin());
}

}  // namespace plimsoll::eks::ca
