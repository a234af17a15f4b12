#include "sim/results/differing_sizes.h"

#include <algorithm>

namespace plimsoll::results {

std::vector<DifferingSize> take_differing_sizes(std::vector<std::string>& remarks) {
  std::vector<DifferingSize> out;
  const auto head = std::find(remarks.begin(), remarks.end(), kDifferingSizes);
  if (head == remarks.end()) return out;
  auto end = head + 1;
  for (; end != remarks.end(); ++end) {
    const std::size_t colon = end->rfind(": "), comma = end->rfind(", ");
    const bool is_row = colon != end->npos && comma != end->npos && comma > colon &&
                        std::count(end->begin() + static_cast<std::ptrdiff_t>(colon), end->end(), ' ') == 2;
    if (!is_row) break;
    out.push_back({end->substr(0, colon), end->substr(colon + 2, comma - colon - 2), end->substr(comma + 2)});
  }
  remarks.erase(head, end);
  return out;
}

}  // namespace plimsoll::results
