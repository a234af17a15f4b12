#include "models/kubernetes/api/toleration_reader.h"

#include <cstdint>
#include <limits>
#include <utility>

namespace plimsoll::kubernetes::api {

std::vector<TolerationSpec> read_tolerations(Object& holder) {
  std::vector<TolerationSpec> out;
  std::size_t index = 0;
  for (const document::Node& item : holder.list("tolerations")) {
    Object o(item, holder.diagnostics(), document::join_path(holder.path_of("tolerations"), index++));
    TolerationSpec t;
    t.key = o.text_or("key", "");
    t.value = o.text_or("value", "");
    t.exists = o.choice<bool>("operator", {{"Equal", false}, {"Exists", true}}).value_or(false);
    t.effect = o.choice<TaintEffect>("effect", {{"NoSchedule", TaintEffect::no_schedule},
                                                {"PreferNoSchedule", TaintEffect::prefer_no_schedule},
                                                {"NoExecute", TaintEffect::no_execute}});
    if (const auto s = o.integer("tolerationSeconds", std::numeric_limits<std::int32_t>::min()))
      t.seconds = seconds(*s);
    if (t.key.empty() && !t.exists) o.error("operator", "operator must be Exists when `key` is empty");
    if (t.exists && !t.value.empty()) o.error("value", "value must be empty when `operator` is 'Exists'");
    out.push_back(std::move(t));
  }
  return out;
}

}  // namespace plimsoll::kubernetes::api
