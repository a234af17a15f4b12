#include "models/kubernetes/api/service_accounts.h"

#include <algorithm>
#include <string>

namespace plimsoll::kubernetes::api {

void check_service_accounts(document::Diagnostics& diagnostics, const Objects& objects) {
  if (objects.service_accounts.empty()) return;
  for (const Workload& w : objects.workloads) {
    const std::string& name = w.pod.service_account;
    if (name.empty() || name == "default") continue;
    const bool there = std::any_of(objects.service_accounts.begin(), objects.service_accounts.end(),
                                   [&](const auto& a) { return a.first == w.namespace_name && a.second == name; });
    if (there) continue;
    const auto elsewhere = std::find_if(objects.service_accounts.begin(), objects.service_accounts.end(),
                                        [&](const auto& a) { return a.second == name; });
    diagnostics.warning(w.mark,
                        std::string(kind_text(w.kind)) + " '" + w.name + "' runs as the ServiceAccount '" + name +
                            "', which is not among the files: the API server takes none of its pods (error looking up "
                            "service account " +
                            w.namespace_name + "/" + name + ": serviceaccount \"" + name + "\" not found)",
                        elsewhere == objects.service_accounts.end()
                            ? "add the file of the ServiceAccount"
                            : "the namespace '" + elsewhere->first + "' has one of this name",
                        "spec.serviceAccountName");
  }
}

}  // namespace plimsoll::kubernetes::api
