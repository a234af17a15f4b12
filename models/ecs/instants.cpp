#include "models/ecs/instants.h"

#include <algorithm>

namespace plimsoll::ecs {

std::vector<Duration> read_instants(document::Fields& block, std::string_view key, std::string_view doc) {
  std::vector<Duration> out;
  const auto said = block.any(key, "a duration since the beginning of the window, or a list of them", doc);
  if (!said || block.describing()) return out;
  const bool list = said->is_sequence();
  for (std::size_t i = 0; i < (list ? said->size() : 1); ++i) {
    const std::string path = list ? document::join_path(block.path_of(key), i) : block.path_of(key);
    const auto at = document::read_value<Duration>(list ? said->at(i) : *said, block.reader(), path, doc,
                                                   {Duration{}, hours(24 * 3660)});
    if (at) out.push_back(*at);
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace plimsoll::ecs
