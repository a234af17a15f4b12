#include "sim/policy/unholdable.h"

#include <utility>

namespace plimsoll {

Unholdable& add_unholdable(std::vector<Unholdable>& out, const document::Fields& column, std::string workload,
                           std::string message, std::string hint) {
  document::Diagnostics said;
  {
    document::Fields f(column.node(), said);
    f.allow_unknown();
    f.error("capacity", std::move(message), std::move(hint));
  }
  out.push_back({std::move(workload), said.sorted().front()});
  out.back().fault.key_path = column.path_of("capacity");
  return out.back();
}

std::vector<Unholdable> together(std::initializer_list<const std::vector<Unholdable>*> lists) {
  std::vector<Unholdable> out;
  for (const std::vector<Unholdable>* list : lists) out.insert(out.end(), list->begin(), list->end());
  return out;
}

}  // namespace plimsoll
